/* SPDX-License-Identifier: MIT */
/** Shared by the files of this folder: the layout of a node, and two comparisons at a time. */
#ifndef ZF_INDEX_INDEX_INTERNAL_H
#define ZF_INDEX_INDEX_INTERNAL_H

#include "index/index.h"

#include <math.h>

enum {
    ZF_INDEX_FANOUT_BITS = 4,
    ZF_INDEX_MAX_LEVELS = (32 + ZF_INDEX_FANOUT_BITS - 1) / ZF_INDEX_FANOUT_BITS,
    ZF_INDEX_MAX_PENDING =
        ZF_INDEX_FANOUT * ZF_INDEX_MAX_LEVELS, /**< nodes on the stack of a depth-first search */
};
_Static_assert((1 << ZF_INDEX_FANOUT_BITS) == ZF_INDEX_FANOUT, "the fan-out is a power of two");

/**
 * One node: the boxes of its children as arrays, so that all of them are tested in straight-line code.
 * Boxes of missing children are NaN, so that every comparison with them is false.
 */
typedef struct zf_index_node {
    double min_x[ZF_INDEX_FANOUT];
    double min_y[ZF_INDEX_FANOUT];
    double max_x[ZF_INDEX_FANOUT];
    double max_y[ZF_INDEX_FANOUT];
    uint32_t child[ZF_INDEX_FANOUT]; /**< a row in a leaf of boxes, a number of a node (or of a leaf of
                                        points) above; ZF_NO_ROW when missing */
} zf_index_node;

/* ---- two children at a time ---- */

/**
 * Vector types of gcc and clang, two doubles wide, as every 64-bit processor has them. The compiler does not
 * vectorise these comparisons by itself (a comparison may trap); with these types the search for neighbours
 * takes three quarters of the time.
 */
typedef double zf_lanes __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t zf_lane_mask __attribute__((vector_size(16), may_alias));

/** Doubles i and i + 1 of an array. */
static inline zf_lanes zf_lanes_at(const double *numbers, unsigned i) {
    return *(const zf_lanes *)(numbers + i);
}

static inline zf_lanes zf_lanes_of(double number) {
    return (zf_lanes){number, number};
}

/** mask ? a : b */
static inline zf_lanes zf_lanes_choose(zf_lane_mask mask, zf_lanes a, zf_lanes b) {
    return (zf_lanes)(((zf_lane_mask)a & mask) | ((zf_lane_mask)b & ~mask));
}

/** The bits i and i + 1, where the mask is set. */
static inline zf_lane_mask zf_lanes_bits(zf_lane_mask mask, unsigned i) {
    return mask & (zf_lane_mask){INT64_C(1) << i, INT64_C(2) << i};
}

static inline uint32_t zf_lanes_join(zf_lane_mask bits) {
    return (uint32_t)(bits[0] | bits[1]);
}

/** Nodes over n items of one level. */
static inline size_t zf_index_nodes_over(size_t n) {
    return n / ZF_INDEX_FANOUT + (n % ZF_INDEX_FANOUT != 0);
}

/** Nodes of all levels above a level of n nodes. */
static inline size_t zf_index_nodes_above(size_t n) {
    size_t n_nodes = 0;
    for (size_t level = n; level > 1; n_nodes += level)
        level = zf_index_nodes_over(level);
    return n_nodes;
}

/** Sets a child and its box; NULL: there is none. */
static inline void zf_index_set_child(zf_index_node *node, unsigned slot, const zf_envelope *box,
                                      uint32_t child) {
    static const zf_envelope missing = {NAN, NAN, NAN, NAN};
    const zf_envelope *b = box != NULL ? box : &missing;
    node->min_x[slot] = b->min_x;
    node->min_y[slot] = b->min_y;
    node->max_x[slot] = b->max_x;
    node->max_y[slot] = b->max_y;
    node->child[slot] = box != NULL ? child : ZF_NO_ROW;
}

/** The box around n boxes (1 or more), given by their corners. */
static inline zf_envelope zf_index_box_around(const double *min_x, const double *min_y, const double *max_x,
                                              const double *max_y, size_t n) {
    zf_envelope box = {min_x[0], min_y[0], max_x[0], max_y[0]};
    for (size_t i = 1; i < n; i++) {
        box.min_x = min_x[i] < box.min_x ? min_x[i] : box.min_x;
        box.min_y = min_y[i] < box.min_y ? min_y[i] : box.min_y;
        box.max_x = max_x[i] > box.max_x ? max_x[i] : box.max_x;
        box.max_y = max_y[i] > box.max_y ? max_y[i] : box.max_y;
    }
    return box;
}

/** The box around the first n_children (1 or more) children. */
static inline zf_envelope zf_index_node_box(const zf_index_node *node, size_t n_children) {
    return zf_index_box_around(node->min_x, node->min_y, node->max_x, node->max_y, n_children);
}

/** Nodes level by level: leaves first, in the order of the packing; the root is the last. */
struct zf_index {
    size_t n;
    uint32_t n_leaves;
    uint32_t n_nodes;
    zf_index_node *nodes;
};

#endif
