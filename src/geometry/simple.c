/* SPDX-License-Identifier: MIT */
/* Footprints that are valid beyond doubt, without asking GEOS. */
#include "geometry/geometry.h"

#include "geometry/orient.h"

#include <string.h>

/** Every pair of edges is looked at: larger rings are GEOS's work. */
enum { MAX_POINTS = 64 };

typedef struct ring_points {
    double x[MAX_POINTS], y[MAX_POINTS];
    uint32_t n; /**< edges: point n is point 0 again */
} ring_points;

static bool read_closed_ring(const zf_ring *ring, ring_points *out) {
    if (ring->n < 4 || ring->n > MAX_POINTS)
        return false;
    for (uint32_t i = 0; i < ring->n; i++)
        zf_ring_point(ring, i, &out->x[i], &out->y[i]);
    out->n = ring->n - 1;
    return out->x[0] == out->x[out->n] && out->y[0] == out->y[out->n];
}

static zf_segment edge(const ring_points *r, uint32_t i) {
    return (zf_segment){r->x[i], r->y[i], r->x[i + 1], r->y[i + 1]};
}

/** Two edges that follow each other have only their corner in common: they turn, or go on straight along an
 * axis. */
static bool is_corner_clean(const ring_points *r, uint32_t i) {
    uint32_t next = i + 1 == r->n ? 0 : i + 1;
    zf_segment s = edge(r, i);
    double x = r->x[next + 1], y = r->y[next + 1];
    if (zf_orient(&s, x, y) != 0)
        return true;
    bool goes_on_x = s.ay == s.by && s.by == y && (s.bx - s.ax) * (x - s.bx) > 0;
    bool goes_on_y = s.ax == s.bx && s.bx == x && (s.by - s.ay) * (y - s.by) > 0;
    return goes_on_x || goes_on_y;
}

static bool is_simple(const ring_points *r) {
    for (uint32_t i = 0; i < r->n; i++) {
        zf_segment s = edge(r, i);
        if (!is_corner_clean(r, i))
            return false;
        for (uint32_t k = i + 2; k < r->n; k++) {
            if (i == 0 && k + 1 == r->n)
                continue; /* neighbours across the ring's start */
            zf_segment t = edge(r, k);
            if (zf_segments_meet(&s, &t) != ZF_MEETING_NONE)
                return false;
        }
    }
    return true;
}

bool zf_wkb_is_surely_valid(const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    zf_ring ring;
    ring_points points;
    if (wkb->n_rings != 1 || wkb->n_polygons != 1 || wkb->has_non_finite || !zf_wkb_next_ring(&cursor, &ring))
        return false;
    return read_closed_ring(&ring, &points) && is_simple(&points);
}
