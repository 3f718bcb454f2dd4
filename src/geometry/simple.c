/* SPDX-License-Identifier: MIT */
/* Footprints that are valid beyond doubt, without asking GEOS. */
#include "geometry/geometry.h"

#include "geometry/orient.h"

#include <string.h>

/** Every pair of edges may be compared; larger rings are left to GEOS. */
enum { MAX_POINTS = 64 };

/** x and y side by side, compared at once: vector types of gcc and clang, as in index_internal.h. */
typedef double point __attribute__((vector_size(16), may_alias));
typedef uint64_t point_mask __attribute__((vector_size(16), may_alias));

/** A closed ring and where its coordinates grow from a point to the next: bit i of below for edge i; they
 * shrink in above, and are equal in neither. */
typedef struct ring_points {
    point at[MAX_POINTS];
    uint32_t n; /**< edges: point n is point 0 again */
    point_mask below, above;
} ring_points;

/* ---- sizes of numbers ---- */

/* Two different doubles of such sizes differ by 1e-96 or more. */
static const double smallest = 1e-80, largest = 1e100;

static bool is_ordinary(double coordinate) {
    return coordinate == 0 || (fabs(coordinate) >= smallest && fabs(coordinate) <= largest);
}

/** Whether each coordinate is of an ordinary size. */
static bool is_every_one_ordinary(const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);)
        for (uint32_t i = 0; i < ring.n; i++) {
            double x, y;
            zf_ring_point(&ring, i, &x, &y);
            if (!is_ordinary(x) || !is_ordinary(y))
                return false;
        }
    return true;
}

static inline bool is_away_from_zero(double min, double max) {
    return ((min >= smallest) & (max <= largest)) | ((max <= -smallest) & (min >= -largest));
}

/* Each number is checked only if the envelope contains an axis. */
bool zf_wkb_has_ordinary_numbers(const zf_wkb *wkb) {
    const zf_envelope *e = &wkb->envelope;
    return (is_away_from_zero(e->min_x, e->max_x) & is_away_from_zero(e->min_y, e->max_y)) ||
           is_every_one_ordinary(wkb);
}

/* ---- four corners ---- */

/** Four corners that all surely turn the same way: their turns, each below half a circle, add up to whole
 * circles, so to one, and the ring is convex. */
static bool is_convex_quadrilateral(const zf_ring *ring) {
    double x[6], y[6];
    unsigned sides = 3;
    for (uint32_t i = 0; i < 5; i++)
        zf_ring_point(ring, i, &x[i], &y[i]);
    x[5] = x[1], y[5] = y[1];
    for (uint32_t i = 0; i < 4; i++) {
        zf_segment edge = {x[i], y[i], x[i + 1], y[i + 1]};
        int side = zf_orient(&edge, x[i + 2], y[i + 2]);
        sides &= (unsigned)(side > 0) | (unsigned)(side < 0) << 1;
    }
    return (sides != 0) & (x[0] == x[4]) & (y[0] == y[4]);
}

/* ---- larger rings ---- */

/** Copies a ring of up to MAX_POINTS points; false if it is larger or not closed. */
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

/** Whether the two chains that begin at the lowest point are surely on different sides. u orders the points.
 */
static inline bool are_chains_apart(const ring_points *r, size_t u, uint32_t lowest) {
    const double *xy = (const double *)r->at; /* at the points' numbers, doubled */
    const size_t v = 1 - u, end = 2 * (size_t)r->n;
    size_t from_ahead = 2 * (size_t)lowest, from_back = from_ahead;
    size_t ahead = from_ahead + 2 == end ? 0 : from_ahead + 2, back = (from_back == 0 ? end : from_back) - 2;
    unsigned sides =
        3; /* on which the chain that goes back may lie of the one that goes ahead: 1 left, 2 right */
    for (uint32_t i = 2; i < r->n; i++) {
        /* without branches: which chain is next cannot be predicted */
        bool is_ahead = (xy[ahead + u] < xy[back + u]) |
                        ((xy[ahead + u] == xy[back + u]) & (xy[ahead + v] < xy[back + v]));
        size_t p = is_ahead ? ahead : back, from = is_ahead ? from_back : from_ahead,
               to = is_ahead ? back : ahead;
        zf_segment edge = {xy[from + u], xy[from + v], xy[to + u], xy[to + v]};
        int side = zf_orient(&edge, xy[p + u], xy[p + v]);
        side = is_ahead ? -side : side;
        sides &= (unsigned)(side > 0) | (unsigned)(side < 0) << 1;
        size_t next_ahead = ahead + 2 == end ? 0 : ahead + 2, next_back = (back == 0 ? end : back) - 2;
        from_ahead = is_ahead ? ahead : from_ahead;
        from_back = is_ahead ? from_back : back;
        ahead = is_ahead ? next_ahead : ahead;
        back = is_ahead ? back : next_back;
    }
    return sides == 1 || sides == 2;
}

/** Whether the ring consists of two monotone chains that are surely apart. */
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

static inline point choose(point_mask mask, point a, point b) {
    return (point)(((point_mask)a & mask) | ((point_mask)b & ~mask));
}

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

/** Bit k for each edge k after i + 1 whose box meets that of edge i; all boxes from low to high. */
static uint64_t find_near_edges(const ring_points *r, const point *low, const point *high, uint32_t i) {
    point_mask beyond = {0, 0}, before = {0, 0}, bit = {1, 1};
    if (i + 2 >= r->n)
        return 0;
    for (uint32_t k = i + 2; k < r->n; k++) {
        beyond |= (point_mask)(low[k] > high[i]) & bit;
        before |= (point_mask)(high[k] < low[i]) & bit;
        bit += bit;
    }
    beyond |= before;
    uint64_t apart = (uint64_t)(beyond[0] | beyond[1]) << (i + 2);
    uint64_t later = ((UINT64_C(1) << r->n) - 1) & ~((UINT64_C(4) << i) - 1);
    return later & ~apart;
}

/** Whether all pairs of edges are surely apart. */
static bool is_simple(const ring_points *r) {
    point low[MAX_POINTS], high[MAX_POINTS];
    for (uint32_t i = 0; i < r->n; i++) {
        point_mask rises = (point_mask)(r->at[i] < r->at[i + 1]);
        low[i] = choose(rises, r->at[i], r->at[i + 1]);
        high[i] = choose(rises, r->at[i + 1], r->at[i]);
    }
    for (uint32_t i = 0; i < r->n; i++) {
        zf_segment s = edge(r, i);
        if (!is_corner_clean(r, i))
            return false;
        uint64_t near = find_near_edges(r, low, high, i);
        if (i == 0)
            near &= ~(UINT64_C(1) << (r->n - 1)); /* neighbours across the ring's start */
        for (; near != 0; near &= near - 1) {
            zf_segment t = edge(r, (uint32_t)__builtin_ctzll(near));
            if (!zf_segments_are_apart(&s, &t))
                return false;
        }
    }
    return true;
}

bool zf_wkb_is_surely_valid(const zf_wkb *wkb) {
    const zf_ring *ring = &wkb->only;
    ring_points points;
    if (wkb->n_rings != 1 || wkb->n_polygons != 1 || wkb->has_non_finite || !zf_wkb_has_ordinary_numbers(wkb))
        return false;
    if (ring->n == 5 && is_convex_quadrilateral(ring))
        return true;
    return read_closed_ring(ring, &points) && (is_two_chains(&points) || is_simple(&points));
}
