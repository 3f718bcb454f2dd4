/* SPDX-License-Identifier: MIT */
/* Footprints that are valid beyond doubt, without asking GEOS. */
#include "geometry/geometry.h"

#include "geometry/orient.h"

#include <string.h>

/** Every pair of edges may be looked at: larger rings are GEOS's work. */
enum { MAX_POINTS = 64 };

/** x and y side by side, compared at once: vector types of gcc and clang, as in index_internal.h. */
typedef double point __attribute__((vector_size(16), may_alias));
typedef int64_t point_mask __attribute__((vector_size(16), may_alias));

/** A closed ring and where its coordinates grow from a point to the next: bit i of below for edge i; they
 * shrink in above, and are equal in neither. */
typedef struct ring_points {
    point at[MAX_POINTS];
    uint32_t n; /**< edges: point n is point 0 again */
    point_mask below, above;
} ring_points;

static bool read_closed_ring(const zf_ring *ring, ring_points *out) {
    if (ring->n < 4 || ring->n > MAX_POINTS)
        return false;
    point_mask bit = {1, 1}, below = {0, 0}, above = {0, 0};
    const uint8_t *next = ring->xy;
    point last;
    memcpy(&last, next, sizeof last);
    out->at[0] = last;
    for (uint32_t i = 1; i < ring->n; i++) {
        point p;
        next += ring->stride_bytes;
        memcpy(&p, next, sizeof p);
        below |= (point_mask)(last < p) & bit;
        above |= (point_mask)(last > p) & bit;
        bit += bit;
        out->at[i] = last = p;
    }
    out->n = ring->n - 1;
    out->below = below;
    out->above = above;
    return out->at[0][0] == last[0] && out->at[0][1] == last[1];
}

/* ---- two monotone chains ---- */

/*
 * A ring that rises from its first point to its last and falls back, points ordered along one axis and, where
 * that is equal, along the other, is two chains between the same ends. It is simple if at each point between
 * the ends the other chain is surely on the same side: between two such points both chains are straight, so
 * that they cannot change sides. The order by two coordinates is that of a plane sheared a little, which has
 * the same sides; so edges across the axis are no exception.
 */

/** Edges that rise after one that falls: one bit in a ring of two monotone chains, at the lowest point. */
static inline uint64_t find_starts(uint64_t rise, uint32_t n) {
    return rise & ~(rise << 1 | rise >> (n - 1));
}

static inline bool is_single_bit(uint64_t bits) {
    return bits != 0 && (bits & (bits - 1)) == 0;
}

/** A point by the coordinate that orders, and the other. */
typedef struct place {
    double u, v;
} place;

static inline place place_of(const ring_points *r, uint32_t i, int axis) {
    const double *p = (const double *)&r->at[i];
    return (place){p[axis], p[1 - axis]};
}

static inline bool precedes(place a, place b) {
    return (a.u < b.u) | ((a.u == b.u) & (a.v < b.v));
}

static inline int side_of(place from, place to, place p) {
    zf_segment s = {from.u, from.v, to.u, to.v};
    return zf_orient(&s, p.u, p.v);
}

/** Is each chain that begins at the lowest point surely on one side of the other? */
static inline bool are_chains_apart(const ring_points *r, int axis, uint32_t lowest) {
    uint32_t i_ahead = lowest + 1 == r->n ? 0 : lowest + 1, i_back = lowest == 0 ? r->n - 1 : lowest - 1;
    place ahead_from = place_of(r, lowest, axis), ahead = place_of(r, i_ahead, axis);
    place back_from = ahead_from, back = place_of(r, i_back, axis);
    int low = 1, high = -1; /* sides on which the chain that goes back lies of the one that goes ahead */
    for (uint32_t i = 2; i < r->n; i++) {
        int side;
        if (precedes(ahead, back)) {
            side = -side_of(back_from, back, ahead);
            i_ahead = i_ahead + 1 == r->n ? 0 : i_ahead + 1;
            ahead_from = ahead;
            ahead = place_of(r, i_ahead, axis);
        } else {
            side = side_of(ahead_from, ahead, back);
            i_back = i_back == 0 ? r->n - 1 : i_back - 1;
            back_from = back;
            back = place_of(r, i_back, axis);
        }
        low = side < low ? side : low;
        high = side > high ? side : high;
    }
    return low == high && low != 0;
}

static bool is_two_chains(const ring_points *r) {
    uint64_t below_x = (uint64_t)r->below[0], below_y = (uint64_t)r->below[1];
    uint64_t same_x = ~(below_x | (uint64_t)r->above[0]), same_y = ~(below_y | (uint64_t)r->above[1]);
    uint64_t edges = (UINT64_C(1) << r->n) - 1;
    uint64_t start_x = find_starts((below_x | (same_x & below_y)) & edges, r->n);
    uint64_t start_y = find_starts((below_y | (same_y & below_x)) & edges, r->n);
    if ((same_x & same_y & edges) != 0) /* a repeated point */
        return false;
    if (is_single_bit(start_x))
        return are_chains_apart(r, 0, (uint32_t)__builtin_ctzll(start_x));
    return is_single_bit(start_y) && are_chains_apart(r, 1, (uint32_t)__builtin_ctzll(start_y));
}

/* ---- every pair of edges ---- */

static zf_segment edge(const ring_points *r, uint32_t i) {
    return (zf_segment){r->at[i][0], r->at[i][1], r->at[i + 1][0], r->at[i + 1][1]};
}

/** Two edges that follow each other have only their corner in common: they turn, or go on straight along an
 * axis. */
static bool is_corner_clean(const ring_points *r, uint32_t i) {
    uint32_t next = i + 1 == r->n ? 0 : i + 1;
    zf_segment s = edge(r, i);
    double x = r->at[next + 1][0], y = r->at[next + 1][1];
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
