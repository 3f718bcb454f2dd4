/* SPDX-License-Identifier: MIT */
/*
 * The nearest other point of each point. The points of one leaf, which are close together, share one search:
 * first among themselves, then depth first through the nodes that may hold a nearer point for at least one of
 * them.
 */
#include "index/points_internal.h"

#include <math.h>

/**
 * Distances are compared as squares, and as roots if the squares differ by less than this, relatively:
 * squares that differ in the last bits can have the same root.
 */
static const double near_tie = 0x1p-49;

/** The points of one leaf (items), and the nearest point of each so far. */
typedef struct query_leaf {
    const zf_points *points;
    const zf_point_leaf *leaf;
    uint32_t leaf_number;
    unsigned n;
    zf_envelope box;
    double limit_m2; /**< the largest maybe_equal_m2 */
    uint32_t best_row[ZF_INDEX_FANOUT];
    double best_m[ZF_INDEX_FANOUT];
    double surely_nearer_m2[ZF_INDEX_FANOUT]; /**< squares below give a distance below best_m */
    double maybe_equal_m2[ZF_INDEX_FANOUT];   /**< squares above give a distance above best_m */
} query_leaf;

/** A subtree still to be searched: a child of a node. */
typedef struct pending_subtree {
    double bound_m2; /**< from the group's box */
    const zf_index_node *parent;
    unsigned slot;
} pending_subtree;

/** Distance between [low, high] and [from_low, from_high], 0 when they meet; NaN stays NaN. */
static inline zf_lanes gap(zf_lanes low, zf_lanes high, zf_lanes from_low, zf_lanes from_high) {
    zf_lanes before = low - from_high, after = from_low - high;
    zf_lanes wider = zf_lanes_choose(before > after, before, after);
    return zf_lanes_choose(wider < 0.0, (zf_lanes){0.0, 0.0}, wider);
}

/** Squared planar distances from a box to the boxes of all children; NaN for missing ones. */
static inline void measure_children(const zf_index_node *node, const zf_envelope *box,
                                    double out_m2[ZF_INDEX_FANOUT]) {
    zf_lanes min_x = zf_lanes_of(box->min_x), min_y = zf_lanes_of(box->min_y);
    zf_lanes max_x = zf_lanes_of(box->max_x), max_y = zf_lanes_of(box->max_y);
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        zf_lanes dx = gap(zf_lanes_at(node->min_x, i), zf_lanes_at(node->max_x, i), min_x, max_x);
        zf_lanes dy = gap(zf_lanes_at(node->min_y, i), zf_lanes_at(node->max_y, i), min_y, max_y);
        *(zf_lanes *)(out_m2 + i) = dx * dx + dy * dy;
    }
}

/** Which numbers are at most the limit, as bits. */
static inline uint32_t at_most(const double numbers[ZF_INDEX_FANOUT], double limit) {
    zf_lane_mask bits = {0, 0};
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2)
        bits |= zf_lanes_bits(zf_lanes_at(numbers, i) <= limit, i);
    return zf_lanes_join(bits);
}

/** Squared planar distances from the points of a leaf to the box of a child. */
static inline void measure_box(const zf_point_leaf *leaf, const zf_index_node *node, unsigned slot,
                               double out_m2[ZF_INDEX_FANOUT]) {
    zf_lanes min_x = zf_lanes_of(node->min_x[slot]), min_y = zf_lanes_of(node->min_y[slot]);
    zf_lanes max_x = zf_lanes_of(node->max_x[slot]), max_y = zf_lanes_of(node->max_y[slot]);
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        zf_lanes x = zf_lanes_at(leaf->x, i), y = zf_lanes_at(leaf->y, i);
        zf_lanes dx = gap(x, x, min_x, max_x), dy = gap(y, y, min_y, max_y);
        *(zf_lanes *)(out_m2 + i) = dx * dx + dy * dy;
    }
}

/** Keeps a point as the nearest of an item if it is nearer, or as near with a lower row. */
static void consider(query_leaf *g, unsigned item, uint32_t row, double m2) {
    double distance_m = sqrt(m2);
    if (distance_m < g->best_m[item] || (distance_m == g->best_m[item] && row < g->best_row[item])) {
        g->best_m[item] = distance_m;
        g->best_row[item] = row;
        g->surely_nearer_m2[item] = m2 - m2 * near_tie;
        g->maybe_equal_m2[item] = m2 + m2 * near_tie;
    }
}

/** Squared distances from an item to the points of a leaf, and the smallest; NaN for missing ones. */
static inline double measure_points(const query_leaf *g, unsigned item, const zf_point_leaf *leaf,
                                    double out_m2[ZF_INDEX_FANOUT]) {
    zf_lanes x = zf_lanes_of(g->leaf->x[item]), y = zf_lanes_of(g->leaf->y[item]);
    zf_lanes z = zf_lanes_of(g->leaf->z[item]), smallest = zf_lanes_of(INFINITY);
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        zf_lanes dx = zf_lanes_at(leaf->x, i) - x, dy = zf_lanes_at(leaf->y, i) - y;
        zf_lanes dz = zf_lanes_at(leaf->z, i) - z, m2 = dx * dx + dy * dy + dz * dz;
        *(zf_lanes *)(out_m2 + i) = m2;
        smallest = zf_lanes_choose(m2 < smallest, m2, smallest);
    }
    return smallest[0] < smallest[1] ? smallest[0] : smallest[1];
}

/** Considers the nearest points of a leaf: those whose squares may have the same root as the smallest. */
static void consider_nearest(query_leaf *g, unsigned item, const uint32_t *rows,
                             const double m2[ZF_INDEX_FANOUT], double smallest_m2) {
    if (!(smallest_m2 <= g->maybe_equal_m2[item]))
        return;
    for (uint32_t near = at_most(m2, smallest_m2 + smallest_m2 * near_tie); near != 0; near &= near - 1) {
        unsigned i = (unsigned)__builtin_ctz(near);
        consider(g, item, rows[i], m2[i]);
    }
}

/** Searches another leaf for an item. */
static void search_leaf(query_leaf *g, unsigned item, uint32_t leaf_number) {
    double m2[ZF_INDEX_FANOUT];
    double smallest_m2 = measure_points(g, item, &g->points->leaves[leaf_number], m2);
    consider_nearest(g, item, zf_point_leaf_rows(g->points, leaf_number), m2, smallest_m2);
}

/** Searches the item's own leaf, without the item itself. */
static void search_own_leaf(query_leaf *g, unsigned item) {
    double m2[ZF_INDEX_FANOUT], smallest_m2 = INFINITY;
    measure_points(g, item, g->leaf, m2);
    m2[item] = NAN;
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i++)
        smallest_m2 = m2[i] < smallest_m2 ? m2[i] : smallest_m2;
    if (g->n > 1)
        consider_nearest(g, item, zf_point_leaf_rows(g->points, g->leaf_number), m2, smallest_m2);
}

/** Computes the distance beyond which no item can find a nearer point. */
static void update_limit(query_leaf *g) {
    double limit_m2 = 0.0;
    for (unsigned i = 0; i < g->n; i++)
        limit_m2 = g->maybe_equal_m2[i] > limit_m2 ? g->maybe_equal_m2[i] : limit_m2;
    g->limit_m2 = limit_m2;
}

/**
 * Which items, as bits, may find a nearer point in a subtree, or one as near with a lower row. Without the
 * comparison of rows, coincident points would cost a quadratic search.
 */
static uint32_t items_in_need(const query_leaf *g, const pending_subtree *subtree) {
    double m2[ZF_INDEX_FANOUT];
    measure_box(g->leaf, subtree->parent, subtree->slot, m2);
    zf_lane_mask near_bits = {0, 0}, tied_bits = {0, 0};
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        near_bits |= zf_lanes_bits(zf_lanes_at(m2, i) <= zf_lanes_at(g->maybe_equal_m2, i), i);
        tied_bits |= zf_lanes_bits(zf_lanes_at(m2, i) >= zf_lanes_at(g->surely_nearer_m2, i), i);
    }
    uint32_t near = zf_lanes_join(near_bits), tied = near & zf_lanes_join(tied_bits);
    uint32_t min_row = g->points->min_row[subtree->parent->child[subtree->slot]];
    for (; tied != 0; tied &= tied - 1) {
        int i = __builtin_ctz(tied);
        if (min_row >= g->best_row[i] && sqrt(m2[i]) >= g->best_m[i])
            near &= ~(UINT32_C(1) << i);
    }
    return near;
}

/* Whether a is to be searched before b: nearer, or as near with the lower row. */
static bool is_before(const query_leaf *g, const pending_subtree *a, const pending_subtree *b) {
    if (a->bound_m2 != b->bound_m2)
        return a->bound_m2 < b->bound_m2;
    return g->points->min_row[a->parent->child[a->slot]] < g->points->min_row[b->parent->child[b->slot]];
}

/** Pushes the children that may hold a nearer point, the nearest on top. */
static size_t push_children(const query_leaf *g, const zf_index_node *node, pending_subtree *stack,
                            size_t n_pending) {
    double m2[ZF_INDEX_FANOUT];
    measure_children(node, &g->box, m2);
    size_t bottom = n_pending;
    for (uint32_t near = at_most(m2, g->limit_m2); near != 0; near &= near - 1) {
        unsigned i = (unsigned)__builtin_ctz(near);
        if (node->child[i] == g->leaf_number)
            continue;
        pending_subtree child = {m2[i], node, i};
        size_t at = n_pending++;
        for (; at > bottom && is_before(g, &stack[at - 1], &child); at--)
            stack[at] = stack[at - 1];
        stack[at] = child;
    }
    return n_pending;
}

/** Searches all other leaves. */
static void search_tree(query_leaf *g) {
    pending_subtree stack[ZF_INDEX_MAX_PENDING];
    const zf_points *points = g->points;
    size_t n_pending = push_children(g, &points->nodes[points->n_nodes - 1], stack, 0);
    while (n_pending > 0) {
        pending_subtree next = stack[--n_pending];
        uint32_t items = next.bound_m2 <= g->limit_m2 ? items_in_need(g, &next) : 0;
        if (items == 0)
            continue;
        uint32_t number = next.parent->child[next.slot];
        if (number >= points->n_leaves) {
            n_pending = push_children(g, &points->nodes[number - points->n_leaves], stack, n_pending);
            continue;
        }
        for (; items != 0; items &= items - 1)
            search_leaf(g, (unsigned)__builtin_ctz(items), number);
        update_limit(g);
    }
}

/** Takes a leaf as the group to search for. */
static void start_group(query_leaf *g, uint32_t leaf_number) {
    g->leaf_number = leaf_number;
    g->leaf = &g->points->leaves[leaf_number];
    g->n = zf_point_leaf_count(g->points, leaf_number);
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i++) {
        g->best_row[i] = ZF_NO_ROW;
        g->best_m[i] = g->surely_nearer_m2[i] = g->maybe_equal_m2[i] = INFINITY;
    }
    g->box = zf_point_leaf_box(g->leaf, g->n);
}

/** Searches the own leaf, then the rest of the tree. */
static void search_group(query_leaf *g) {
    for (unsigned i = 0; i < g->n; i++)
        search_own_leaf(g, i);
    update_limit(g);
    if (g->points->n_nodes > 0)
        search_tree(g);
}

zf_status zf_points_nearest_all(const zf_points *points, double *out_dist_m, uint32_t *out_row,
                                const zf_callbacks *callbacks, zf_error *error) {
    query_leaf g = {.points = points};
    for (uint32_t leaf = 0; leaf < points->n_leaves; leaf++) {
        zf_status status = zf_points_check_cancelled(leaf, callbacks, error);
        if (status != ZF_OK)
            return status;
        start_group(&g, leaf);
        search_group(&g);
        const uint32_t *rows = zf_point_leaf_rows(points, leaf);
        for (unsigned i = 0; i < g.n; i++) {
            out_dist_m[rows[i]] = g.best_m[i];
            if (out_row != NULL)
                out_row[rows[i]] = g.best_row[i];
        }
    }
    return ZF_OK;
}
