/* SPDX-License-Identifier: MIT */
/* WKB as GEOS would write it, without GEOS. */
#include "geometry/wkb_internal.h"

#include <assert.h>
#include <string.h>

enum { BLOCK = 256 }; /* points transformed together */

static const size_t header_bytes = 1 + 4 + 4; /* byte order, type, count */
static const size_t count_bytes = 4;
static const size_t point_bytes = 16;

/** Whether a ring is closed and has at least four points. */
static bool is_whole_ring(const zf_ring *ring) {
    double first[2], last[2];
    if (ring->n < 4)
        return false;
    zf_ring_point(ring, 0, &first[0], &first[1]);
    zf_ring_point(ring, ring->n - 1, &last[0], &last[1]);
    return first[0] == last[0] && first[1] == last[1];
}

size_t zf_wkb_flat_bytes(const zf_wkb *wkb) {
    size_t n_bytes = wkb->is_multi ? header_bytes : 0;
    uint32_t n_polygons = 0;
    if (wkb->has_non_finite)
        return 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        if (!is_whole_ring(&ring))
            return 0;
        n_polygons += ring.is_shell;
        n_bytes += (ring.is_shell ? header_bytes : 0) + count_bytes + point_bytes * ring.n;
    }
    return n_polygons == wkb->n_polygons ? n_bytes : 0; /* no empty members */
}

/** Copies the x and y of all points. */
static void copy_points(const zf_ring *ring, uint8_t *out) {
    if (ring->stride_bytes == point_bytes) {
        memcpy(out, ring->xy, point_bytes * ring->n);
        return;
    }
    for (uint32_t i = 0; i < ring->n; i++)
        memcpy(out + point_bytes * i, ring->xy + ring->stride_bytes * i, point_bytes);
}

/* In place; the points stand at any address, so they are moved through a block. */
static zf_status transform_points(zf_transform *transform, uint8_t *points, size_t n, zf_error *error) {
    double block[2 * BLOCK];
    zf_status st = ZF_OK;
    for (size_t done = 0; done < n && st == ZF_OK; done += BLOCK) {
        size_t count = n - done < BLOCK ? n - done : BLOCK;
        memcpy(block, points + point_bytes * done, point_bytes * count);
        st = zf_transform_points(transform, block, count, error);
        memcpy(points + point_bytes * done, block, point_bytes * count);
    }
    return st;
}

zf_status zf_wkb_flatten(const zf_wkb *wkb, zf_transform *transform, uint8_t *out, zf_error *error) {
    uint8_t *at = wkb->is_multi ? zf_wkb_put_header(out, ZF_WKB_MULTIPOLYGON, wkb->n_polygons) : out;
    uint8_t *polygon = NULL;
    uint32_t n_rings = 0;
    zf_status st = ZF_OK;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; st == ZF_OK && zf_wkb_next_ring(&cursor, &ring); at += point_bytes * ring.n) {
        if (ring.is_shell) {
            polygon = at;
            n_rings = 0;
            at += header_bytes;
        }
        assert(polygon != NULL); /* a polygon's first ring is its shell */
        zf_wkb_put_header(polygon, ZF_WKB_POLYGON, ++n_rings);
        at = zf_wkb_put_u32(at, ring.n);
        copy_points(&ring, at);
        if (transform != NULL)
            st = transform_points(transform, at, ring.n, error);
    }
    return st;
}
