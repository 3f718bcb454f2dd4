/* SPDX-License-Identifier: MIT */
/*
 * Nearest other item of each item. The items of one leaf lie close together and are searched for in one walk:
 * first among themselves, then depth first through the nodes that may improve the answer of at least one of
 * them.
 */
#include "index/index_internal.h"

#include <math.h>

enum { ROWS_PER_CANCEL_CHECK = 4096, CAP_PENDING = ZF_INDEX_FANOUT * ZF_INDEX_MAX_LEVELS };

/**
 * Squares are compared first and roots only where it matters: distances count as equal when the distances
 * told are equal, and squares a few units apart can have the same root.
 */
static const double near_tie = 0x1p-49;

/** The items of one leaf and their best answers so far. */
typedef struct group {
    const zf_index *index;
    const double *xyz_m;
    const zf_index_node *leaf;
    uint32_t leaf_number;
    unsigned n;
    zf_envelope box;
    double limit_m2; /**< the largest maybe_equal_m2 */
    uint32_t best_row[ZF_INDEX_FANOUT];
    double best_m[ZF_INDEX_FANOUT];
    double surely_nearer_m2[ZF_INDEX_FANOUT]; /**< squares below give a distance below best_m */
    double maybe_equal_m2[ZF_INDEX_FANOUT];   /**< squares above give a distance above best_m */
} group;

/** A subtree still to be searched: a child of a node. */
typedef struct pending {
    double bound_m2; /**< from the group's box */
    const zf_index_node *parent;
    unsigned slot;
} pending;

/* Distance between [low, high] and [from_low, from_high], 0 when they meet; NaN stays NaN. */
static inline zf_lanes gap(zf_lanes low, zf_lanes high, zf_lanes from_low, zf_lanes from_high) {
    zf_lanes before = low - from_high, after = from_low - high;
    zf_lanes wider = zf_lanes_choose(before > after, before, after);
    return zf_lanes_choose(wider < 0.0, (zf_lanes){0.0, 0.0}, wider);
}

/* Squared planar distances from a box to the boxes of all children; NaN for missing ones. */
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

/* Which numbers are at most the limit, as bits. */
static inline uint32_t at_most(const double numbers[ZF_INDEX_FANOUT], double limit) {
    zf_lane_mask bits = {0, 0};
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2)
        bits |= zf_lanes_bits(zf_lanes_at(numbers, i) <= limit, i);
    return zf_lanes_join(bits);
}

static zf_envelope child_box(const zf_index_node *node, unsigned slot) {
    return (zf_envelope){node->min_x[slot], node->min_y[slot], node->max_x[slot], node->max_y[slot]};
}

static void consider(group *g, unsigned item, uint32_t row, double planar_m2) {
    uint32_t own_row = g->leaf->child[item];
    double dz = g->xyz_m[3 * (size_t)row + 2] - g->xyz_m[3 * (size_t)own_row + 2];
    double m2 = planar_m2 + dz * dz;
    if (row == own_row || m2 > g->maybe_equal_m2[item])
        return;
    double distance_m = sqrt(m2);
    if (distance_m < g->best_m[item] || (distance_m == g->best_m[item] && row < g->best_row[item])) {
        g->best_m[item] = distance_m;
        g->best_row[item] = row;
        g->surely_nearer_m2[item] = m2 - m2 * near_tie;
        g->maybe_equal_m2[item] = m2 + m2 * near_tie;
    }
}

static void search_leaf(group *g, unsigned item, const zf_index_node *leaf) {
    double m2[ZF_INDEX_FANOUT];
    zf_envelope point = child_box(g->leaf, item);
    measure_children(leaf, &point, m2);
    for (uint32_t near = at_most(m2, g->maybe_equal_m2[item]); near != 0; near &= near - 1) {
        int i = __builtin_ctz(near);
        consider(g, item, leaf->child[i], m2[i]);
    }
}

static void update_limit(group *g) {
    double limit_m2 = 0.0;
    for (unsigned i = 0; i < g->n; i++)
        limit_m2 = g->maybe_equal_m2[i] > limit_m2 ? g->maybe_equal_m2[i] : limit_m2;
    g->limit_m2 = limit_m2;
}

/*
 * Which items, as bits, may find something nearer in a subtree, or something as near with a lower row.
 * Without the latter half, coincident points would cost a quadratic search.
 */
static uint32_t items_in_need(const group *g, const pending *subtree) {
    double m2[ZF_INDEX_FANOUT];
    zf_envelope box = child_box(subtree->parent, subtree->slot);
    measure_children(g->leaf, &box, m2);
    zf_lane_mask near_bits = {0, 0}, tied_bits = {0, 0};
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        near_bits |= zf_lanes_bits(zf_lanes_at(m2, i) <= zf_lanes_at(g->maybe_equal_m2, i), i);
        tied_bits |= zf_lanes_bits(zf_lanes_at(m2, i) >= zf_lanes_at(g->surely_nearer_m2, i), i);
    }
    uint32_t near = zf_lanes_join(near_bits), tied = near & zf_lanes_join(tied_bits);
    uint32_t min_row = g->index->min_row[subtree->parent->child[subtree->slot]];
    for (; tied != 0; tied &= tied - 1) {
        int i = __builtin_ctz(tied);
        if (min_row >= g->best_row[i] && sqrt(m2[i]) >= g->best_m[i])
            near &= ~(UINT32_C(1) << i);
    }
    return near;
}

/* Whether a is to be searched before b: nearer, or as near with the lower row. */
static bool is_before(const group *g, const pending *a, const pending *b) {
    if (a->bound_m2 != b->bound_m2)
        return a->bound_m2 < b->bound_m2;
    return g->index->min_row[a->parent->child[a->slot]] < g->index->min_row[b->parent->child[b->slot]];
}

/* Adds the children worth a search, the most promising on top. */
static size_t push_children(const group *g, const zf_index_node *node, pending *stack, size_t n_pending) {
    double m2[ZF_INDEX_FANOUT];
    measure_children(node, &g->box, m2);
    size_t bottom = n_pending;
    for (uint32_t near = at_most(m2, g->limit_m2); near != 0; near &= near - 1) {
        unsigned i = (unsigned)__builtin_ctz(near);
        if (node->child[i] == g->leaf_number)
            continue;
        pending child = {m2[i], node, i};
        size_t at = n_pending++;
        for (; at > bottom && is_before(g, &stack[at - 1], &child); at--)
            stack[at] = stack[at - 1];
        stack[at] = child;
    }
    return n_pending;
}

static void search_tree(group *g) {
    pending stack[CAP_PENDING];
    size_t n_pending = push_children(g, &g->index->nodes[g->index->n_nodes - 1], stack, 0);
    while (n_pending > 0) {
        pending next = stack[--n_pending];
        uint32_t items = next.bound_m2 <= g->limit_m2 ? items_in_need(g, &next) : 0;
        if (items == 0)
            continue;
        uint32_t number = next.parent->child[next.slot];
        const zf_index_node *node = &g->index->nodes[number];
        if (number >= g->index->n_leaves) {
            n_pending = push_children(g, node, stack, n_pending);
            continue;
        }
        for (; items != 0; items &= items - 1)
            search_leaf(g, (unsigned)__builtin_ctz(items), node);
        update_limit(g);
    }
}

static void start_group(group *g, uint32_t leaf_number) {
    g->leaf_number = leaf_number;
    g->leaf = &g->index->nodes[leaf_number];
    g->n = 0;
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i++) {
        g->n += g->leaf->child[i] != ZF_NO_ROW;
        g->best_row[i] = ZF_NO_ROW;
        g->best_m[i] = g->surely_nearer_m2[i] = g->maybe_equal_m2[i] = INFINITY;
    }
    g->box = zf_index_node_box(g->leaf, g->n);
}

static void search_group(group *g) {
    for (unsigned i = 0; i < g->n; i++)
        search_leaf(g, i, g->leaf);
    update_limit(g);
    if (g->index->n_nodes > 1)
        search_tree(g);
}

zf_status zf_index_nearest_all(const zf_index *index, const double *xyz_m, double *out_dist_m,
                               uint32_t *out_row, const zf_callbacks *callbacks, zf_error *error) {
    group g = {.index = index, .xyz_m = xyz_m};
    for (uint32_t leaf = 0; leaf < index->n_leaves; leaf++) {
        if (leaf % (ROWS_PER_CANCEL_CHECK / ZF_INDEX_FANOUT) == 0) {
            zf_status status = zf_check_cancelled(callbacks, error);
            if (status != ZF_OK)
                return status;
        }
        start_group(&g, leaf);
        search_group(&g);
        for (unsigned i = 0; i < g.n; i++) {
            out_dist_m[g.leaf->child[i]] = g.best_m[i];
            out_row[g.leaf->child[i]] = g.best_row[i];
        }
    }
    return ZF_OK;
}
