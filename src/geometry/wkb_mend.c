/* SPDX-License-Identifier: MIT */
/* Describes and closes WKB that GEOS does not accept. */
#include "geometry/wkb_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MIN_POINTS = 3 };

static const size_t header_bytes = 1 + 4 + 4; /* byte order, type, count */
static const size_t count_bytes = 4;
static const size_t point_bytes = 16;

const char *zf_wkb_unusable(const zf_wkb *wkb, char detail[ZF_WKB_DETAIL_BYTES], double *out_x,
                            double *out_y) {
    bool is_bad_found = false, is_finite = false, is_place_found = false;
    *out_x = *out_y = NAN;
    detail[0] = '\0';
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; !(is_bad_found && is_place_found) && zf_wkb_next_ring(&cursor, &ring);)
        for (uint32_t i = 0; i < ring.n && !(is_bad_found && is_place_found); i++) {
            double x, y;
            zf_ring_point(&ring, i, &x, &y);
            if (zf_wkb_is_coordinate(x) && zf_wkb_is_coordinate(y)) {
                *out_x = is_place_found ? *out_x : x;
                *out_y = is_place_found ? *out_y : y;
                is_place_found = true;
            } else if (!is_bad_found) {
                is_bad_found = true;
                is_finite = isfinite(x) && isfinite(y);
                (void)snprintf(detail, ZF_WKB_DETAIL_BYTES, "x %g, y %g", x, y);
            }
        }
    return is_finite ? "coordinate out of range" : "non-finite coordinate";
}

void zf_wkb_first_point(const zf_wkb *wkb, double *out_x, double *out_y) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    *out_x = *out_y = NAN;
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);)
        if (ring.n > 0) {
            zf_ring_point(&ring, 0, out_x, out_y);
            return;
        }
}

/** Whether the last point of a ring repeats the first. */
static bool is_closed(const zf_ring *ring) {
    double first[2], last[2];
    zf_ring_point(ring, 0, &first[0], &first[1]);
    zf_ring_point(ring, ring->n - 1, &last[0], &last[1]);
    return first[0] == last[0] && first[1] == last[1];
}

size_t zf_wkb_closed_bytes(const zf_wkb *wkb) {
    size_t n_bytes = wkb->is_multi ? header_bytes : 0;
    uint32_t n_polygons = 0;
    bool is_open = false;
    if (wkb->has_non_finite)
        return 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        if (ring.n < MIN_POINTS)
            return 0;
        is_open |= !is_closed(&ring);
        n_polygons += ring.is_shell;
        n_bytes +=
            (ring.is_shell ? header_bytes : 0) + count_bytes + point_bytes * (ring.n + !is_closed(&ring));
    }
    return is_open && n_polygons == wkb->n_polygons ? n_bytes : 0;
}

void zf_wkb_close(const zf_wkb *wkb, uint8_t *out) {
    uint8_t *at = wkb->is_multi ? zf_wkb_put_header(out, ZF_WKB_MULTIPOLYGON, wkb->n_polygons) : out;
    uint8_t *polygon = NULL;
    uint32_t n_rings = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        const uint32_t n = ring.n + !is_closed(&ring);
        if (ring.is_shell) {
            polygon = at;
            n_rings = 0;
            at += header_bytes;
        }
        assert(polygon != NULL); /* a polygon's first ring is its shell */
        zf_wkb_put_header(polygon, ZF_WKB_POLYGON, ++n_rings);
        at = zf_wkb_put_u32(at, n);
        for (uint32_t i = 0; i < n; i++, at += point_bytes)
            memcpy(at, ring.xy + ring.stride_bytes * (i < ring.n ? i : 0), point_bytes);
    }
}

size_t zf_wkb_drop_empty_rings(const zf_wkb *wkb, uint8_t *out) {
    uint8_t *at = out != NULL ? out + header_bytes : NULL, *polygon = NULL;
    size_t n_bytes = header_bytes;
    uint32_t n_polygons = 0, n_rings = 0, n_empty = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        n_empty += ring.n == 0;
        if (ring.n == 0)
            continue;
        n_bytes += (ring.is_shell ? header_bytes : 0) + count_bytes + point_bytes * ring.n;
        n_polygons += ring.is_shell;
        if (at == NULL)
            continue;
        if (ring.is_shell) {
            polygon = at;
            n_rings = 0;
            at += header_bytes;
        }
        assert(polygon != NULL); /* a valid polygon's empty shell has no holes */
        zf_wkb_put_header(polygon, ZF_WKB_POLYGON, ++n_rings);
        at = zf_wkb_put_u32(at, ring.n);
        for (uint32_t i = 0; i < ring.n; i++, at += point_bytes)
            memcpy(at, ring.xy + ring.stride_bytes * i, point_bytes);
    }
    if (out != NULL)
        (void)zf_wkb_put_header(out, ZF_WKB_MULTIPOLYGON, n_polygons);
    return n_empty > 0 ? n_bytes : 0;
}
