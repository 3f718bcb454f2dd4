/* SPDX-License-Identifier: MIT */
/* Footprints that are valid beyond doubt, without asking GEOS. */
#include "geometry/geometry.h"

#include "geometry/orient.h"

#include <stdint.h>

/** Every pair of edges may be looked at: larger rings are GEOS's work. */
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

/* ---- two monotone chains ---- */

/*
 * A ring that rises from its first point to its last and falls back, points ordered along one axis and, where
 * that is equal, along the other, is two chains between the same ends. It is simple if at each point between
 * the ends the other chain is surely on the same side: between two such points both chains are straight, so
 * that they cannot change sides. The order by two coordinates is that of a plane sheared a little, which has
 * the same sides; so edges across the axis are no exception.
 */

/** Which edges of a ring rise along x, and along y: bit i is edge i. */
typedef struct rises {
    uint64_t x, y;
    bool has_repeated_point;
} rises;

static rises find_rises(const ring_points *r) {
    rises all = {0, 0, false};
    for (uint32_t i = 0; i < r->n; i++) {
        double x = r->x[i], y = r->y[i], next_x = r->x[i + 1], next_y = r->y[i + 1];
        bool is_same_x = x == next_x, is_same_y = y == next_y;
        all.x |= (uint64_t)((x < next_x) | (is_same_x & (y < next_y))) << i;
        all.y |= (uint64_t)((y < next_y) | (is_same_y & (x < next_x))) << i;
        all.has_repeated_point |= is_same_x & is_same_y;
    }
    return all;
}

/** Edges that rise after one that falls: one bit in a ring of two monotone chains, at the lowest point. */
static uint64_t find_starts(uint64_t rise, uint32_t n) {
    return rise & ~(rise << 1 | rise >> (n - 1));
}

static bool is_single_bit(uint64_t bits) {
    return bits != 0 && (bits & (bits - 1)) == 0;
}

/** Points along u, then v: x, y or y, x. */
typedef struct axes {
    const double *u, *v;
} axes;

static bool precedes(axes a, uint32_t i, uint32_t k) {
    return (a.u[i] < a.u[k]) | ((a.u[i] == a.u[k]) & (a.v[i] < a.v[k]));
}

static int side_of(axes a, uint32_t from, uint32_t to, uint32_t point) {
    zf_segment s = {a.u[from], a.v[from], a.u[to], a.v[to]};
    return zf_orient(&s, a.u[point], a.v[point]);
}

/** Is each chain that begins at the lowest point surely on one side of the other? */
static bool are_chains_apart(axes a, uint32_t n, uint32_t lowest) {
    uint32_t ahead_from = lowest, ahead = lowest + 1 == n ? 0 : lowest + 1;
    uint32_t back_from = lowest, back = lowest == 0 ? n - 1 : lowest - 1;
    int low = 1, high = -1; /* sides on which the chain that goes back lies of the one that goes ahead */
    for (uint32_t i = 2; i < n; i++) {
        int side;
        if (precedes(a, ahead, back)) {
            side = -side_of(a, back_from, back, ahead);
            ahead_from = ahead;
            ahead = ahead + 1 == n ? 0 : ahead + 1;
        } else {
            side = side_of(a, ahead_from, ahead, back);
            back_from = back;
            back = back == 0 ? n - 1 : back - 1;
        }
        low = side < low ? side : low;
        high = side > high ? side : high;
    }
    return low == high && low != 0;
}

static bool is_two_chains(const ring_points *r) {
    rises rise = find_rises(r);
    uint64_t start_x = find_starts(rise.x, r->n), start_y = find_starts(rise.y, r->n);
    if (rise.has_repeated_point)
        return false;
    if (is_single_bit(start_x))
        return are_chains_apart((axes){r->x, r->y}, r->n, (uint32_t)__builtin_ctzll(start_x));
    if (is_single_bit(start_y))
        return are_chains_apart((axes){r->y, r->x}, r->n, (uint32_t)__builtin_ctzll(start_y));
    return false;
}

/* ---- every pair of edges ---- */

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
    return read_closed_ring(&ring, &points) && (is_two_chains(&points) || is_simple(&points));
}
