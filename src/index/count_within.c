/* SPDX-License-Identifier: MIT */
/*
 * How many other points lie within a radius of each point. One search counts for all points of a leaf; a
 * subtree that lies within the radius of all of them is counted as a whole.
 */
#include "index/points_internal.h"

#include <math.h>
#include <string.h>

/** The circle that is put around each point, and the tree. */
typedef struct search_circle {
    const zf_points *points;
    double limit_m2;                           /**< the largest square whose root is within the radius */
    double depth_m2;                           /**< square of the largest difference in z */
    uint32_t level_start[ZF_INDEX_MAX_LEVELS]; /**< number of the first node of each level, leaves first */
    unsigned n_levels;
} search_circle;

/** The points of one leaf, and their counts so far. */
typedef struct counted_leaf {
    const zf_point_leaf *leaf;
    unsigned n;
    zf_envelope box;
    uint32_t counts[ZF_INDEX_FANOUT];
} counted_leaf;

/** A node still to be searched. */
typedef struct pending_node {
    uint32_t number;
    unsigned level;
} pending_node;

/** The largest square whose root is at most the radius: distances are returned as roots and compared as
 * squares. */
static double largest_square(double radius_m) {
    double m2 = radius_m * radius_m;
    while (sqrt(m2) > radius_m)
        m2 = nextafter(m2, 0.0);
    while (sqrt(nextafter(m2, INFINITY)) <= radius_m)
        m2 = nextafter(m2, INFINITY);
    return m2;
}

/** The range of z. */
static double depth_of(const zf_points *points) {
    double min_z = INFINITY, max_z = -INFINITY;
    for (uint32_t leaf = 0; leaf < points->n_leaves; leaf++)
        for (unsigned i = 0; i < zf_point_leaf_count(points, leaf); i++) {
            double z = points->leaves[leaf].z[i];
            min_z = z < min_z ? z : min_z;
            max_z = z > max_z ? z : max_z;
        }
    return points->n > 0 ? max_z - min_z : 0.0;
}

/** The circle, and the number of the first node of each level. */
static search_circle circle_of(const zf_points *points, double radius_m) {
    double depth_m = depth_of(points);
    search_circle c = {.points = points, .limit_m2 = largest_square(radius_m), .depth_m2 = depth_m * depth_m};
    uint32_t start = 0, n = points->n_leaves;
    for (;; n = (n + ZF_INDEX_FANOUT - 1) / ZF_INDEX_FANOUT) {
        c.level_start[c.n_levels++] = start;
        start += n;
        if (n <= 1)
            return c;
    }
}

/** Points below a node: leaves are in the order of the nodes above them, and all but the last are full. */
static size_t count_below(const search_circle *c, pending_node node) {
    size_t width = (size_t)ZF_INDEX_FANOUT << 4 * node.level;
    size_t first = (size_t)(node.number - c->level_start[node.level]) * width;
    return c->points->n - first < width ? c->points->n - first : width;
}
_Static_assert(ZF_INDEX_FANOUT == 16, "a level is four bits");

static double square(double x) {
    return x * x;
}

/** Distance between two ranges; 0 where they meet. */
static double gap(double low, double high, double from_low, double from_high) {
    return fmax(fmax(low - from_high, from_low - high), 0.0);
}

static zf_envelope child_box(const zf_index_node *node, unsigned slot) {
    return (zf_envelope){node->min_x[slot], node->min_y[slot], node->max_x[slot], node->max_y[slot]};
}

/** Whether no point of one box is within the radius of a point of the other. */
static bool is_apart(const search_circle *c, const zf_envelope *a, const zf_envelope *b) {
    double m2 = square(gap(a->min_x, a->max_x, b->min_x, b->max_x)) +
                square(gap(a->min_y, a->max_y, b->min_y, b->max_y));
    return m2 - m2 * ZF_POINTS_SLACK > c->limit_m2;
}

/** Whether each point of one box is within the radius of each point of the other. */
static bool is_within(const search_circle *c, const zf_envelope *a, const zf_envelope *b) {
    double m2 = square(fmax(a->max_x, b->max_x) - fmin(a->min_x, b->min_x)) +
                square(fmax(a->max_y, b->max_y) - fmin(a->min_y, b->min_y)) + c->depth_m2;
    return m2 + m2 * ZF_POINTS_SLACK <= c->limit_m2;
}

/** How many points of a leaf are within the radius of one point of the group. */
static uint32_t count_in_leaf(const search_circle *c, const counted_leaf *g, unsigned item,
                              const zf_point_leaf *leaf) {
    zf_lanes x = zf_lanes_of(g->leaf->x[item]), y = zf_lanes_of(g->leaf->y[item]);
    zf_lanes z = zf_lanes_of(g->leaf->z[item]), limit_m2 = zf_lanes_of(c->limit_m2);
    zf_lane_mask bits = {0, 0};
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i += 2) {
        zf_lanes dx = zf_lanes_at(leaf->x, i) - x, dy = zf_lanes_at(leaf->y, i) - y;
        zf_lanes dz = zf_lanes_at(leaf->z, i) - z;
        bits |= zf_lanes_bits(dx * dx + dy * dy + dz * dz <= limit_m2, i);
    }
    return (uint32_t)__builtin_popcount(zf_lanes_join(bits));
}

static void count_leaf(const search_circle *c, counted_leaf *g, uint32_t number) {
    for (unsigned i = 0; i < g->n; i++)
        g->counts[i] += count_in_leaf(c, g, i, &c->points->leaves[number]);
}

/** Counts all points below a node for all points of the group. */
static void count_whole(const search_circle *c, counted_leaf *g, pending_node node) {
    uint32_t n = (uint32_t)count_below(c, node);
    for (unsigned i = 0; i < g->n; i++)
        g->counts[i] += n;
}

/** Counts what can be settled below a node; children that need a closer look go onto the stack. */
static size_t count_children(const search_circle *c, counted_leaf *g, pending_node node, pending_node *stack,
                             size_t n_pending) {
    const zf_index_node *parent = &c->points->nodes[node.number - c->points->n_leaves];
    for (unsigned i = 0; i < ZF_INDEX_FANOUT && parent->child[i] != ZF_NO_ROW; i++) {
        zf_envelope box = child_box(parent, i);
        pending_node child = {parent->child[i], node.level - 1};
        if (is_apart(c, &g->box, &box))
            continue;
        if (is_within(c, &g->box, &box))
            count_whole(c, g, child);
        else if (child.level == 0)
            count_leaf(c, g, child.number);
        else
            stack[n_pending++] = child;
    }
    return n_pending;
}

/** Counts for all points of a leaf. */
static void count_group(const search_circle *c, counted_leaf *g, uint32_t number) {
    pending_node stack[ZF_INDEX_MAX_PENDING];
    size_t n_pending = 0;
    g->leaf = &c->points->leaves[number];
    g->n = zf_point_leaf_count(c->points, number);
    g->box = zf_point_leaf_box(g->leaf, g->n);
    memset(g->counts, 0, sizeof g->counts);
    if (c->n_levels == 1)
        count_leaf(c, g, number);
    else
        stack[n_pending++] = (pending_node){c->level_start[c->n_levels - 1], c->n_levels - 1};
    while (n_pending > 0) {
        pending_node next = stack[--n_pending];
        n_pending = count_children(c, g, next, stack, n_pending);
    }
}

zf_status zf_points_count_within(const zf_points *points, double radius_m, uint32_t *out_counts,
                                 const zf_callbacks *callbacks, zf_error *error) {
    const search_circle c = circle_of(points, radius_m);
    for (uint32_t leaf = 0; leaf < points->n_leaves; leaf++) {
        zf_status status = zf_points_check_cancelled(leaf, callbacks, error);
        if (status != ZF_OK)
            return status;
        counted_leaf g;
        count_group(&c, &g, leaf);
        for (unsigned i = 0; i < g.n; i++)
            out_counts[zf_point_leaf_rows(points, leaf)[i]] = g.counts[i] - 1; /* without itself */
    }
    return ZF_OK;
}
