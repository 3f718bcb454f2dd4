/* SPDX-License-Identifier: MIT */
#include "geometry/wkb_internal.h"

#include <math.h>

/** Reads the header of a polygon or multipolygon; ZF_WKB_OTHER for other types. */
static zf_wkb_kind read_header(const uint8_t *bytes, size_t n_bytes, zf_wkb_header *out) {
    const zf_wkb_kind kind = zf_wkb_read_type(bytes, n_bytes, out);
    if (kind != ZF_WKB_POLYGONAL)
        return kind == ZF_WKB_CORRUPT ? kind : ZF_WKB_OTHER;
    return zf_wkb_read_count(bytes, n_bytes, out) ? kind : ZF_WKB_CORRUPT;
}

/** Widens the envelope by the points of a ring, and notes coordinates that are not finite. */
static void add_points_one_by_one(zf_wkb *wkb, const zf_ring *ring) {
    for (uint32_t i = 0; i < ring->n; i++) {
        double x, y;
        zf_ring_point(ring, i, &x, &y);
        if (zf_wkb_is_coordinate(x) && zf_wkb_is_coordinate(y))
            zf_envelope_add_point(&wkb->envelope, x, y);
        else
            wkb->has_non_finite = true;
    }
}

static inline bool is_within_range(const zf_envelope *e) {
    return zf_wkb_is_coordinate(e->min_x) && zf_wkb_is_coordinate(e->min_y) &&
           zf_wkb_is_coordinate(e->max_x) && zf_wkb_is_coordinate(e->max_y);
}

/** Adds a ring to the counts and the envelope. */
static inline void add_ring(zf_wkb *wkb, const zf_ring *ring) {
    zf_envelope envelope = wkb->envelope;
    double sum_x = 0, sum_y = 0; /* finite only if all that went in was */
    for (uint32_t i = 0; i < ring->n; i++) {
        double x, y;
        zf_ring_point(ring, i, &x, &y);
        zf_envelope_add_point(&envelope, x, y);
        sum_x += x;
        sum_y += y;
    }
    if (isfinite(sum_x) && isfinite(sum_y) && (ring->n == 0 || is_within_range(&envelope)))
        wkb->envelope = envelope;
    else
        add_points_one_by_one(wkb, ring);
    wkb->n_points += ring->n;
    wkb->n_rings++;
    wkb->only = *ring;
}

/* Steps over the polygon at *at, adding it to wkb as its polygon `number`. */
static zf_wkb_kind add_polygon(zf_wkb *wkb, uint32_t number, size_t *at) {
    zf_wkb_header polygon;
    zf_wkb_kind kind = read_header(wkb->bytes + *at, wkb->n_bytes - *at, &polygon);
    if (kind != ZF_WKB_POLYGONAL)
        return kind;
    if (polygon.type != ZF_WKB_POLYGON)
        return ZF_WKB_OTHER;
    *at += polygon.n_bytes;
    /* Held against the bytes that are there before anything is counted: no sum below can wrap. */
    if (polygon.n > (wkb->n_bytes - *at) / ZF_WKB_COUNT_BYTES)
        return ZF_WKB_CORRUPT;
    zf_ring ring = {.stride_bytes = polygon.n_dims * sizeof(double), .polygon = number};
    for (uint32_t i = 0; i < polygon.n; i++) {
        if (wkb->n_bytes - *at < ZF_WKB_COUNT_BYTES)
            return ZF_WKB_CORRUPT;
        ring.n = zf_wkb_read_u32(wkb->bytes + *at);
        *at += ZF_WKB_COUNT_BYTES;
        if (ring.n > (wkb->n_bytes - *at) / ring.stride_bytes)
            return ZF_WKB_CORRUPT;
        ring.xy = wkb->bytes + *at;
        ring.is_shell = i == 0;
        add_ring(wkb, &ring);
        *at += ring.n * ring.stride_bytes;
    }
    return ZF_WKB_POLYGONAL;
}

/** Walks over all polygons and rings, and checks their sizes. */
static zf_wkb_kind walk(zf_wkb *wkb) {
    zf_wkb_header outermost;
    zf_wkb_kind kind = read_header(wkb->bytes, wkb->n_bytes, &outermost);
    if (kind != ZF_WKB_POLYGONAL)
        return kind;
    wkb->n_dims = outermost.n_dims;
    wkb->is_multi = outermost.type == ZF_WKB_MULTIPOLYGON;
    wkb->n_polygons = wkb->is_multi ? outermost.n : 1;
    size_t at = wkb->is_multi ? outermost.n_bytes : 0;
    for (uint32_t i = 0; i < wkb->n_polygons; i++)
        if ((kind = add_polygon(wkb, i, &at)) != ZF_WKB_POLYGONAL)
            return kind;
    return wkb->n_points > 0 ? ZF_WKB_POLYGONAL : ZF_WKB_EMPTY;
}

/* Where the only ring of a plain Polygon begins, or of a MultiPolygon of one such; 0 for all else. */
static size_t find_plain_ring(const uint8_t *bytes, size_t n_bytes, bool *out_is_multi) {
    const size_t polygon_bytes = ZF_WKB_TYPE_BYTES + ZF_WKB_COUNT_BYTES;
    const uint8_t *polygon = bytes;
    size_t at = polygon_bytes;
    *out_is_multi = false;
    if (n_bytes < 2 * polygon_bytes)
        return 0;
    if (bytes[0] == 1 && zf_wkb_read_u32(bytes + 1) == ZF_WKB_MULTIPOLYGON &&
        zf_wkb_read_u32(bytes + ZF_WKB_TYPE_BYTES) == 1) {
        polygon += polygon_bytes;
        at += polygon_bytes;
        *out_is_multi = true;
    }
    bool is_plain = polygon[0] == 1 && zf_wkb_read_u32(polygon + 1) == ZF_WKB_POLYGON &&
                    zf_wkb_read_u32(polygon + ZF_WKB_TYPE_BYTES) == 1;
    return is_plain ? at : 0;
}

/* The ordinary footprint, without a walk; false when it is none. */
static bool open_plain(const uint8_t *bytes, size_t n_bytes, zf_wkb *out) {
    const size_t stride_bytes = 2 * sizeof(double);
    size_t at = find_plain_ring(bytes, n_bytes, &out->is_multi);
    if (at == 0 || n_bytes - at < ZF_WKB_COUNT_BYTES)
        return false;
    zf_ring ring = {.xy = bytes + at + ZF_WKB_COUNT_BYTES,
                    .n = zf_wkb_read_u32(bytes + at),
                    .stride_bytes = stride_bytes,
                    .is_shell = true};
    if (ring.n == 0 || ring.n > (n_bytes - at - ZF_WKB_COUNT_BYTES) / stride_bytes)
        return false;
    out->bytes = bytes;
    out->n_bytes = n_bytes;
    out->n_polygons = 1;
    out->n_rings = 0;
    out->n_points = 0;
    out->n_dims = 2;
    out->dimension = 2;
    out->envelope = zf_envelope_empty();
    out->has_non_finite = false;
    add_ring(out, &ring);
    return true;
}

zf_wkb_kind zf_wkb_open(const uint8_t *bytes, size_t n_bytes, zf_wkb *out) {
    if (open_plain(bytes, n_bytes, out))
        return ZF_WKB_POLYGONAL;
    *out = (zf_wkb){.bytes = bytes, .n_bytes = n_bytes, .dimension = 2, .envelope = zf_envelope_empty()};
    return walk(out);
}

/* Goes on to the first ring of the next polygon that has rings. */
static void enter_polygon(zf_ring_cursor *cursor) {
    const zf_wkb *wkb = cursor->wkb;
    zf_wkb_header h;
    if (cursor->at == 0 && wkb->is_multi && read_header(wkb->bytes, wkb->n_bytes, &h) == ZF_WKB_POLYGONAL)
        cursor->at = h.n_bytes;
    while (cursor->rings_left == 0 &&
           read_header(wkb->bytes + cursor->at, wkb->n_bytes - cursor->at, &h) == ZF_WKB_POLYGONAL) {
        cursor->at += h.n_bytes;
        cursor->polygon++;
        cursor->rings_left = h.n;
        cursor->stride_bytes = h.n_dims * sizeof(double);
        cursor->is_first = true;
    }
}

void zf_wkb_walk_to_ring(zf_ring_cursor *cursor, zf_ring *out) {
    enter_polygon(cursor);
    const uint8_t *at = cursor->wkb->bytes + cursor->at;
    *out = (zf_ring){.xy = at + ZF_WKB_COUNT_BYTES,
                     .n = zf_wkb_read_u32(at),
                     .stride_bytes = cursor->stride_bytes,
                     .polygon = cursor->polygon - 1,
                     .is_shell = cursor->is_first};
    cursor->at += ZF_WKB_COUNT_BYTES + out->n * out->stride_bytes;
    cursor->rings_left--;
    cursor->is_first = false;
}
