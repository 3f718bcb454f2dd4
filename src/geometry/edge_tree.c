/* SPDX-License-Identifier: MIT */
#include "geometry/edge_tree.h"
#include "geometry/curve.h"

#include <stdlib.h>

/** The most pairs of boxes to compare, per edge. */
enum { MAX_PAIRS_PER_EDGE = 100, MIN_RINGS_TO_SORT = 64 };

static uint32_t end_of_children(const zf_edge_tree *tree, uint32_t level, uint32_t node) {
    uint32_t end = ZF_TREE_FAN_OUT * (node + 1), n = tree->n_nodes[level - 1];
    return end < n ? end : n;
}

/* ---- building ---- */

/** Envelope of the edges [first, end). */
static zf_envelope box_of_edges(const double *xy, uint32_t first, uint32_t end) {
    const double *p = xy + 2 * (size_t)first;
    zf_envelope box = {p[0], p[1], p[0], p[1]};
    for (uint32_t i = first; i < end; i++) {
        p += 2;
        box.min_x = zf_lesser(box.min_x, p[0]);
        box.max_x = zf_greater(box.max_x, p[0]);
        box.min_y = zf_lesser(box.min_y, p[1]);
        box.max_y = zf_greater(box.max_y, p[1]);
    }
    return box;
}

/** Copies the points of a ring. */
static void read_ring(const zf_ring *ring, double *xy) {
    if (ring->stride_bytes == 2 * sizeof *xy) {
        __builtin_memcpy(xy, ring->xy, ring->n * ring->stride_bytes);
        return;
    }
    for (uint32_t i = 0; i < ring->n; i++)
        zf_ring_point(ring, i, &xy[2 * (size_t)i], &xy[2 * (size_t)i + 1]);
}

static bool is_closed(const double *xy, uint32_t n) {
    return n >= 4 && xy[0] == xy[2 * (size_t)n - 2] && xy[1] == xy[2 * (size_t)n - 1];
}

/* Leaves out points that repeat the one before; returns how many are left. */
static uint32_t drop_repeated(double *xy, uint32_t n) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        const double *p = xy + 2 * (size_t)i;
        double *last = xy + 2 * (size_t)kept;
        if (kept > 0 && p[0] == last[-2] && p[1] == last[-1])
            continue;
        last[0] = p[0], last[1] = p[1];
        kept++;
    }
    return kept;
}

/* Copies all rings; false if one is not closed or has fewer than four points. */
static bool read_rings(const zf_wkb *wkb, zf_edge_tree *tree) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    uint32_t n = 0, n_rings = 0;
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        double *xy = tree->xy + 2 * (size_t)n;
        read_ring(&ring, xy);
        uint32_t n_kept = drop_repeated(xy, ring.n);
        if (!is_closed(xy, n_kept))
            return false;
        tree->rings[n_rings++] = (zf_edge_ring){n, n + n_kept - 1, ring.polygon, ring.is_shell};
        n += n_kept;
    }
    tree->n_points = n;
    tree->n_rings = n_rings;
    return true;
}

/** Cuts each ring into leaves of up to ZF_LEAF_EDGES edges. */
static void make_leaves(zf_edge_tree *tree) {
    uint32_t n = 0;
    for (uint32_t ring = 0; ring < tree->n_rings; ring++) {
        uint32_t last = tree->rings[ring].last;
        for (uint32_t first = tree->rings[ring].first, end; first < last; first = end) {
            end = last - first > ZF_LEAF_EDGES ? first + ZF_LEAF_EDGES : last;
            tree->leaves[n] = (zf_edge_leaf){first, end, ring};
            tree->levels[0][n++] = box_of_edges(tree->xy, first, end);
        }
    }
    tree->n_nodes[0] = n;
}

/** A leaf with its place on a Z-shaped curve. */
typedef struct placed_leaf {
    zf_edge_leaf leaf;
    uint32_t place;
    zf_envelope box;
} placed_leaf;

static int compare_places(const void *pa, const void *pb) {
    const placed_leaf *a = pa, *b = pb;
    return a->place != b->place ? (a->place > b->place) - (a->place < b->place)
                                : (a->leaf.first_edge > b->leaf.first_edge) - (a->leaf.first_edge < b->leaf.first_edge);
}

/** Sorts the leaves from neighbour to neighbour: rings may come in any order. */
static zf_status sort_leaves(zf_edge_tree *tree, const zf_envelope *all, zf_arena *arena, zf_error *error) {
    placed_leaf *placed = NULL;
    zf_envelope *boxes = tree->levels[0];
    zf_arena_mark mark = zf_arena_get_mark(arena);
    zf_status st = zf_arena_take(arena, tree->n_nodes[0], sizeof *placed, &placed, error);
    if (st != ZF_OK)
        return st;
    for (uint32_t i = 0; i < tree->n_nodes[0]; i++) {
        placed[i] = (placed_leaf){tree->leaves[i], zf_curve_place(all, &boxes[i]), boxes[i]};
    }
    qsort(placed, tree->n_nodes[0], sizeof *placed, compare_places);
    for (uint32_t i = 0; i < tree->n_nodes[0]; i++) {
        tree->leaves[i] = placed[i].leaf;
        boxes[i] = placed[i].box;
    }
    zf_arena_rewind(arena, mark);
    return ZF_OK;
}

/** Computes the boxes of all levels above the leaves. */
static void make_levels(zf_edge_tree *tree) {
    uint32_t level = 0;
    while (tree->n_nodes[level] > 1) {
        uint32_t n_below = tree->n_nodes[level], n = 0;
        const zf_envelope *below = tree->levels[level];
        zf_envelope *boxes = tree->levels[level + 1] = tree->levels[level] + n_below;
        for (uint32_t i = 0; i < n_below; n++) {
            uint32_t end = n_below - i > ZF_TREE_FAN_OUT ? i + ZF_TREE_FAN_OUT : n_below;
            boxes[n] = below[i];
            while (++i < end)
                zf_envelope_add(&boxes[n], &below[i]);
        }
        tree->n_nodes[++level] = n;
    }
    tree->n_levels = level + 1;
}

zf_status zf_edge_tree_build(const zf_wkb *wkb, zf_arena *arena, zf_edge_tree *out, zf_error *error) {
    *out = (zf_edge_tree){0};
    if (wkb->n_points >= INT32_MAX)
        return ZF_DONE;
    size_t cap_leaves = wkb->n_points / ZF_LEAF_EDGES + wkb->n_rings;
    /* the levels above have a third as many nodes as leaves, and one incomplete node each */
    size_t cap_nodes = cap_leaves + cap_leaves / 3 + ZF_TREE_MAX_LEVELS;
    zf_status st = zf_arena_take(arena, 2 * wkb->n_points, sizeof *out->xy, &out->xy, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, wkb->n_rings, sizeof *out->rings, &out->rings, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, cap_leaves, sizeof *out->leaves, &out->leaves, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, cap_nodes, sizeof **out->levels, &out->levels[0], error);
    if (st != ZF_OK)
        return st;
    if (!read_rings(wkb, out))
        return ZF_DONE;
    make_leaves(out);
    if (out->n_rings > MIN_RINGS_TO_SORT)
        st = sort_leaves(out, &wkb->envelope, arena, error);
    make_levels(out);
    return st;
}

zf_status zf_edge_tree_note_rings(zf_edge_tree *tree, zf_arena *arena, zf_error *error) {
    zf_envelope *about = NULL, *of_ring = NULL;
    size_t n_nodes = 0;
    for (uint32_t level = 0; level < tree->n_levels; level++)
        n_nodes += tree->n_nodes[level];
    zf_status st = zf_arena_take(arena, n_nodes, sizeof *about, &about, error);
    zf_arena_mark mark = zf_arena_get_mark(arena);
    if (st == ZF_OK)
        st = zf_arena_take(arena, tree->n_rings, sizeof *of_ring, &of_ring, error);
    if (st != ZF_OK)
        return st;
    for (uint32_t i = 0; i < tree->n_rings; i++)
        of_ring[i] = box_of_edges(tree->xy, tree->rings[i].first, tree->rings[i].last);
    for (uint32_t i = 0; i < tree->n_nodes[0]; i++)
        about[i] = of_ring[tree->leaves[i].ring];
    tree->about = about;
    for (uint32_t level = 1; level < tree->n_levels; level++) {
        const zf_envelope *below = about;
        about += tree->n_nodes[level - 1];
        for (uint32_t i = 0; i < tree->n_nodes[level]; i++) {
            about[i] = zf_envelope_empty();
            for (uint32_t k = ZF_TREE_FAN_OUT * i; k < end_of_children(tree, level, i); k++)
                zf_envelope_add(&about[i], &below[k]);
        }
    }
    zf_arena_rewind(arena, mark);
    return ZF_OK;
}

/* ---- joining ---- */

typedef struct join {
    const zf_edge_tree *tree;
    zf_edge_meeting *meet;
    void *user;
    uint64_t pairs_left;
} join;

static inline bool boxes_meet(const zf_envelope *a, const zf_envelope *b) {
    return (a->min_x <= b->max_x) & (b->min_x <= a->max_x) & (a->min_y <= b->max_y) & (b->min_y <= a->max_y);
}

static inline bool meets_box(const zf_segment *s, const zf_envelope *b) {
    return (zf_lesser(s->ax, s->bx) <= b->max_x) & (b->min_x <= zf_greater(s->ax, s->bx)) &
           (zf_lesser(s->ay, s->by) <= b->max_y) & (b->min_y <= zf_greater(s->ay, s->by));
}

/* Counts compared pairs; false if there are too many. */
static bool spend(join *j, uint32_t pairs) {
    bool is_enough = pairs <= j->pairs_left;
    j->pairs_left -= is_enough ? pairs : 0;
    return is_enough;
}

/* Edges of a leaf that meet a box, into out; returns how many. */
static uint32_t edges_in_box(const zf_edge_tree *tree, const zf_edge_leaf *leaf, const zf_envelope *box,
                             uint32_t *out) {
    uint32_t n = 0;
    for (uint32_t e = leaf->first_edge; e < leaf->end_edge; e++) {
        zf_segment s = zf_edge_segment(tree, e);
        out[n] = e;
        n += meets_box(&s, box);
    }
    return n;
}

/* Whether two edges of one ring follow each other. */
static bool are_neighbours(const zf_edge_ring *ring, uint32_t one, uint32_t other) {
    uint32_t a = one < other ? one : other, b = one < other ? other : one;
    return b == a + 1 || (a == ring->first && b + 1 == ring->last);
}

/** Reports the pairs of edges of two leaves that meet. */
static bool join_leaves(join *j, uint32_t one, uint32_t other) {
    const zf_edge_tree *tree = j->tree;
    bool is_in_order = tree->leaves[one].first_edge < tree->leaves[other].first_edge;
    uint32_t a = is_in_order ? one : other, b = is_in_order ? other : one;
    const zf_edge_leaf *leaf_a = &tree->leaves[a], *leaf_b = &tree->leaves[b];
    const zf_envelope *box_a = &tree->levels[0][a], *box_b = &tree->levels[0][b];
    zf_envelope both = {zf_greater(box_a->min_x, box_b->min_x), zf_greater(box_a->min_y, box_b->min_y),
                        zf_lesser(box_a->max_x, box_b->max_x), zf_lesser(box_a->max_y, box_b->max_y)};
    uint32_t of_a[ZF_LEAF_EDGES], of_b[ZF_LEAF_EDGES];
    uint32_t n_a = edges_in_box(tree, leaf_a, &both, of_a);
    uint32_t n_b = n_a > 0 ? edges_in_box(tree, leaf_b, &both, of_b) : 0;
    if (!spend(j, ZF_LEAF_EDGES + n_a * n_b))
        return false;
    for (uint32_t i = 0; i < n_a; i++) {
        zf_segment s = zf_edge_segment(tree, of_a[i]); /* NOLINT(*-core.CallAndMessage): it is filled */
        for (uint32_t k = 0; k < n_b; k++) {
            zf_segment t = zf_edge_segment(tree, of_b[k]); /* NOLINT(*-core.CallAndMessage): so is this */
            if (zf_segments_meet(&s, &t) == ZF_MEETING_NONE ||
                (leaf_a->ring == leaf_b->ring &&
                 are_neighbours(&tree->rings[leaf_a->ring], of_a[i], of_b[k])))
                continue;
            if (!j->meet(j->user, tree, leaf_a, of_a[i], leaf_b, of_b[k]))
                return false;
        }
    }
    return true;
}

/* Whether the edges are monotone in x or in y: then none of them meets another. */
static bool is_monotone(const double *p, uint32_t n) {
    unsigned left = 1, right = 1, down = 1, up = 1;
    for (uint32_t i = 0; i < n; i++, p += 2) {
        left &= p[2] < p[0];
        right &= p[2] > p[0];
        down &= p[3] < p[1];
        up &= p[3] > p[1];
    }
    return (left | right | down | up) != 0;
}

/** Reports the pairs of edges of one leaf that meet. */
static bool join_leaf(join *j, uint32_t number) {
    const zf_edge_tree *tree = j->tree;
    const zf_edge_leaf *leaf = &tree->leaves[number];
    uint32_t end = leaf->end_edge;
    if (is_monotone(tree->xy + 2 * (size_t)leaf->first_edge, end - leaf->first_edge))
        return true;
    for (uint32_t a = leaf->first_edge; a + 2 < end; a++) {
        zf_segment s = zf_edge_segment(tree, a);
        for (uint32_t b = a + 2; b < end; b++) {
            zf_segment t = zf_edge_segment(tree, b);
            if (zf_segments_meet(&s, &t) != ZF_MEETING_NONE &&
                !are_neighbours(&tree->rings[leaf->ring], a, b) && !j->meet(j->user, tree, leaf, a, leaf, b))
                return false;
        }
    }
    return true;
}

/* Reports the pairs of edges below two nodes whose boxes meet. */
static bool join_nodes(join *j, uint32_t level, uint32_t a, uint32_t b) {
    if (level == 0)
        return join_leaves(j, a, b);
    const zf_envelope *below = j->tree->levels[level - 1], *box_b = &j->tree->levels[level][b];
    uint32_t end_a = end_of_children(j->tree, level, a), end_b = end_of_children(j->tree, level, b);
    if (!spend(j, ZF_TREE_FAN_OUT))
        return false;
    for (uint32_t i = ZF_TREE_FAN_OUT * a; i < end_a; i++) {
        if (!boxes_meet(&below[i], box_b))
            continue;
        for (uint32_t k = ZF_TREE_FAN_OUT * b; k < end_b; k++)
            if (boxes_meet(&below[i], &below[k]) && !join_nodes(j, level - 1, i, k))
                return false;
    }
    return true;
}

/** Reports the pairs of edges below one node that meet. */
static bool join_node(join *j, uint32_t level, uint32_t node) {
    if (level == 0)
        return join_leaf(j, node);
    const zf_envelope *below = j->tree->levels[level - 1];
    uint32_t end = end_of_children(j->tree, level, node);
    for (uint32_t i = ZF_TREE_FAN_OUT * node; i < end; i++) {
        if (!join_node(j, level - 1, i))
            return false;
        for (uint32_t k = i + 1; k < end; k++)
            if (boxes_meet(&below[i], &below[k]) && !join_nodes(j, level - 1, i, k))
                return false;
    }
    return true;
}

bool zf_edge_tree_join(const zf_edge_tree *tree, zf_edge_meeting *meet, void *user) {
    join j = {tree, meet, user, 4096 + MAX_PAIRS_PER_EDGE * (uint64_t)tree->n_points};
    return tree->n_levels == 0 || join_node(&j, tree->n_levels - 1, 0);
}

/* ---- rings about a point ---- */

typedef struct ray {
    const zf_edge_tree *tree;
    double x, y;
    uint32_t but;
    uint8_t *is_inside;
    uint32_t *rings; /* is_inside[ring] & 2 marks those listed */
    uint32_t n_rings;
} ray;

/** Flips is_inside of the ring of a leaf for each edge that the ray crosses; false if that is not sure. */
static bool shoot_leaf(ray *r, const zf_edge_leaf *leaf) {
    unsigned flips = 0;
    if (leaf->ring == r->but)
        return true;
    for (uint32_t e = leaf->first_edge; e < leaf->end_edge; e++) {
        zf_segment s = zf_edge_segment(r->tree, e);
        if ((s.ay > r->y) == (s.by > r->y))
            continue;
        int side = zf_orient(&s, r->x, r->y);
        if (side == 0)
            return false;
        flips ^= (side > 0) == (s.by > s.ay);
    }
    if (flips == 0)
        return true;
    if ((r->is_inside[leaf->ring] & 2) == 0)
        r->rings[r->n_rings++] = leaf->ring;
    r->is_inside[leaf->ring] = (uint8_t)((r->is_inside[leaf->ring] ^ 1) | 2);
    return true;
}

/** Sends the ray through all leaves below a node that it may cross. */
static bool shoot(ray *r, uint32_t level, uint32_t node) {
    const zf_edge_tree *tree = r->tree;
    const zf_envelope *box = &tree->levels[level][node];
    if (box->min_y > r->y || box->max_y < r->y || box->max_x < r->x)
        return true;
    if (tree->about != NULL) { /* a ring whose envelope the point is outside of is not about it */
        const zf_envelope *about = &tree->about[(tree->levels[level] - tree->levels[0]) + node];
        if (about->min_x > r->x || about->max_x < r->x || about->min_y > r->y || about->max_y < r->y)
            return true;
    }
    if (level == 0)
        return shoot_leaf(r, &r->tree->leaves[node]);
    uint32_t end = end_of_children(r->tree, level, node);
    bool is_sure = true;
    for (uint32_t i = ZF_TREE_FAN_OUT * node; i < end && is_sure; i++)
        is_sure = shoot(r, level - 1, i);
    return is_sure;
}

uint32_t zf_edge_tree_rings_about(const zf_edge_tree *tree, double x, double y, uint32_t but,
                                  uint8_t *is_inside, uint32_t *out_rings) {
    ray r = {tree, x, y, but, is_inside, out_rings, 0};
    bool is_sure = tree->n_levels == 0 || shoot(&r, tree->n_levels - 1, 0);
    for (uint32_t i = 0; i < r.n_rings; i++)
        is_inside[out_rings[i]] &= 1;
    return is_sure ? r.n_rings : UINT32_MAX;
}
