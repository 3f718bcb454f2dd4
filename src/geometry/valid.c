/* SPDX-License-Identifier: MIT */
/*
 * Polygons of any size that are surely valid, without GEOS.
 *
 * Edges that follow each other turn, or go on; all others are apart, by the filtered tests of orient.h. Rings
 * of different number may touch where both have a vertex, if neither crosses the other there; within a
 * polygon such touches must not close a chain, which could cut its inside in two. With rings that do not
 * cross, a single point tells which rings lie in which.
 */
#include "geometry/edge_tree.h"

#include <string.h>

/* The state of one check. */
typedef struct check {
    zf_edge_tree *tree;
    uint8_t *is_touched; /* n_points: another ring has this vertex too */
    uint32_t *leader;    /* n_rings: rings of a polygon that touch, directly or by others, have one leader */
    uint8_t *is_inside;  /* n_rings; false between uses, as depth is 0 */
    uint32_t *listed;    /* n_rings */
    int32_t *depth;      /* n_polygons */
} check;

/* ---- corners ---- */

/* a->b->c goes on to one side: c lies on no part of a->b. */
static inline bool goes_on(const double *a, const double *b, const double *c) {
    return (b[0] - a[0]) * (c[0] - b[0]) > 0 || (b[1] - a[1]) * (c[1] - b[1]) > 0;
}

/* Whether a->b and b->c have only b in common. */
static inline bool is_corner_clean(const double *a, const double *b, const double *c) {
    zf_segment s = {a[0], a[1], b[0], b[1]};
    return goes_on(a, b, c) || zf_orient(&s, c[0], c[1]) != 0;
}

/** Whether all corners of all rings are clean. */
static bool are_corners_clean(const zf_edge_tree *tree) {
    for (uint32_t i = 0; i < tree->n_rings; i++) {
        const double *start = tree->xy + 2 * (size_t)tree->rings[i].first;
        const double *last = tree->xy + 2 * (size_t)tree->rings[i].last;
        if (!is_corner_clean(last - 2, start, start + 2))
            return false;
        for (const double *p = start; p + 2 < last; p += 2)
            if (!is_corner_clean(p, p + 2, p + 4))
                return false;
    }
    return true;
}

/* ---- touches ---- */

static const double *point(const zf_edge_tree *tree, uint32_t i) {
    return tree->xy + 2 * (size_t)i;
}

static bool is_same_point(const double *a, const double *b) {
    return a[0] == b[0] && a[1] == b[1];
}

/* Side of q at a ring's corner: 1 to the left between its two arms, -1 to the right, 0 unsure. */
static int side_at_corner(const double *before, const double *corner, const double *after, const double *q) {
    zf_segment to_after = {corner[0], corner[1], after[0], after[1]};
    zf_segment to_before = {corner[0], corner[1], before[0], before[1]};
    int turn = zf_orient(&to_after, before[0], before[1]);
    int of_after = zf_orient(&to_after, q[0], q[1]), of_before = zf_orient(&to_before, q[0], q[1]);
    if (of_after == 0 && goes_on(after, corner, q))
        of_after = turn; /* straight behind an arm: the other arm decides */
    else if (of_before == 0 && goes_on(before, corner, q))
        of_before = -turn;
    if (turn == 0 || of_after == 0 || of_before == 0)
        return 0;
    if (turn > 0)
        return of_after > 0 && of_before < 0 ? 1 : -1;
    return of_before > 0 && of_after < 0 ? -1 : 1;
}

static const double *point_before(const zf_edge_tree *tree, const zf_edge_ring *ring, uint32_t i) {
    return point(tree, (i == ring->first ? ring->last : i) - 1);
}

static uint32_t find_leader(uint32_t *leader, uint32_t ring) {
    while (leader[ring] != ring)
        ring = leader[ring] = leader[leader[ring]];
    return ring;
}

/* Handles a vertex that two rings share, where edges a and b start; false if that may be invalid. */
static bool settle_vertex(check *c, uint32_t ring_a, uint32_t a, uint32_t ring_b, uint32_t b) {
    const zf_edge_tree *tree = c->tree;
    const zf_edge_ring *of_a = &tree->rings[ring_a], *of_b = &tree->rings[ring_b];
    const double *before = point_before(tree, of_a, a), *corner = point(tree, a), *after = point(tree, a + 1);
    int side = side_at_corner(before, corner, after, point(tree, b + 1));
    if (side == 0 || side != side_at_corner(before, corner, after, point_before(tree, of_b, b)))
        return false;
    c->is_touched[a] = c->is_touched[b] = 1;
    if (of_a->polygon != of_b->polygon)
        return true;
    uint32_t leader_a = find_leader(c->leader, ring_a), leader_b = find_leader(c->leader, ring_b);
    c->leader[leader_b] = leader_a;
    return leader_a != leader_b;
}

/* Handles two edges that meet; false unless they belong to different rings and share only an end. */
static bool settle_touch(void *user, const zf_edge_tree *tree, const zf_edge_leaf *leaf_a, uint32_t a,
                         const zf_edge_leaf *leaf_b, uint32_t b) {
    check *c = user;
    if (leaf_a->ring == leaf_b->ring)
        return false;
    for (uint32_t end = 0; end < 4; end++) {
        uint32_t at_a = a + (end & 1), at_b = b + (end >> 1);
        if (!is_same_point(point(tree, at_a), point(tree, at_b)))
            continue;
        if (!is_corner_clean(point(tree, a + 1 - (end & 1)), point(tree, at_a),
                             point(tree, b + 1 - (end >> 1))))
            return false;
        return end != 0 || settle_vertex(c, leaf_a->ring, a, leaf_b->ring, b);
    }
    return false;
}

/* ---- rings in rings ---- */

/* A vertex that no other ring has; NULL if there is none. */
static const double *own_vertex(const check *c, const zf_edge_ring *ring) {
    for (uint32_t i = ring->first; i < ring->last; i++)
        if (!c->is_touched[i])
            return point(c->tree, i);
    return NULL;
}

/* Whether a shell or hole is in its place: a hole lies in its shell and in no other hole; every ring lies
 * outside all other polygons, or in one of their holes. */
static bool is_ring_in_place(check *c, uint32_t number) {
    const zf_edge_ring *ring = &c->tree->rings[number];
    const double *p = own_vertex(c, ring);
    if (p == NULL)
        return false;
    uint32_t n = zf_edge_tree_rings_about(c->tree, p[0], p[1], number, c->is_inside, c->listed);
    if (n == UINT32_MAX)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const zf_edge_ring *about = &c->tree->rings[c->listed[i]];
        c->depth[about->polygon] += !c->is_inside[c->listed[i]] ? 0 : about->is_shell ? 1 : -1;
        c->is_inside[c->listed[i]] = 0;
    }
    bool is_ok = c->depth[ring->polygon] == (ring->is_shell ? 0 : 1);
    c->depth[ring->polygon] = 0;
    for (uint32_t i = 0; i < n; i++) {
        int32_t *depth = &c->depth[c->tree->rings[c->listed[i]].polygon];
        is_ok = is_ok && *depth == 0;
        *depth = 0;
    }
    return is_ok;
}

/** Whether all shells and holes are in their places. */
static bool are_rings_in_place(check *c) {
    for (uint32_t i = 0; i < c->tree->n_rings; i++)
        if (!is_ring_in_place(c, i))
            return false;
    return true;
}

/* ---- all of it ---- */

/** Takes and clears what is known of the rings. */
static bool prepare(check *c, const zf_wkb *wkb, zf_arena *scratch) {
    size_t n_rings = c->tree->n_rings, n_points = c->tree->n_points, n_polygons = wkb->n_polygons;
    if (zf_edge_tree_note_rings(c->tree, scratch, NULL) != ZF_OK ||
        zf_arena_take(scratch, n_points, sizeof *c->is_touched, &c->is_touched, NULL) != ZF_OK ||
        zf_arena_take(scratch, n_rings, sizeof *c->leader, &c->leader, NULL) != ZF_OK ||
        zf_arena_take(scratch, n_rings, sizeof *c->is_inside, &c->is_inside, NULL) != ZF_OK ||
        zf_arena_take(scratch, n_rings, sizeof *c->listed, &c->listed, NULL) != ZF_OK ||
        zf_arena_take(scratch, n_polygons, sizeof *c->depth, &c->depth, NULL) != ZF_OK)
        return false;
    memset(c->is_touched, 0, n_points * sizeof *c->is_touched);
    memset(c->is_inside, 0, n_rings * sizeof *c->is_inside);
    memset(c->depth, 0, n_polygons * sizeof *c->depth);
    for (uint32_t i = 0; i < n_rings; i++)
        c->leader[i] = i;
    return true;
}

/** zf_polygon_is_surely_valid without its release of the scratch. */
static bool is_surely_valid(const zf_wkb *wkb, zf_arena *scratch) {
    zf_edge_tree tree;
    check c = {.tree = &tree};
    if (zf_edge_tree_build(wkb, scratch, &tree, NULL) != ZF_OK || !are_corners_clean(&tree))
        return false;
    if (tree.n_rings > 1 && !prepare(&c, wkb, scratch))
        return false;
    return zf_edge_tree_join(&tree, settle_touch, &c) && (tree.n_rings <= 1 || are_rings_in_place(&c));
}

bool zf_polygon_is_surely_valid(const zf_wkb *wkb, zf_arena *scratch) {
    if (wkb->has_non_finite || !zf_wkb_has_ordinary_numbers(wkb))
        return false;
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    bool is_sure = is_surely_valid(wkb, scratch);
    zf_arena_rewind(scratch, mark);
    return is_sure;
}
