/* SPDX-License-Identifier: MIT */
/** Shared by the packing of points (points.c) and the search for neighbours (nearest.c). */
#ifndef ZF_INDEX_POINTS_INTERNAL_H
#define ZF_INDEX_POINTS_INTERNAL_H

#include "index/index_internal.h"

/** Up to 16 points side by side; missing ones are NaN. Leaves stand where the coordinates stood. */
typedef struct zf_point_leaf {
    double x[ZF_INDEX_FANOUT];
    double y[ZF_INDEX_FANOUT];
    double z[ZF_INDEX_FANOUT];
} zf_point_leaf;
_Static_assert(sizeof(zf_point_leaf) == 3 * ZF_INDEX_FANOUT * sizeof(double), "a leaf is its coordinates");

/** Leaves, then the nodes above them, level by level; the root is the last. Leaves and nodes are numbered
 * together: node i of `nodes` is number n_leaves + i. */
struct zf_points {
    size_t n;
    uint32_t n_leaves;
    uint32_t n_nodes;      /**< without leaves */
    zf_point_leaf *leaves; /**< borrowed */
    uint32_t *rows;        /**< 16 per leaf; ZF_NO_ROW for missing ones */
    zf_index_node *nodes;
    uint32_t *min_row; /**< by number, lowest row below: settles ties without a look at the rows */
};

/** Points in the leaf: the last of a tree may be short. */
static inline unsigned zf_point_leaf_count(const zf_points *points, uint32_t leaf) {
    size_t left = points->n - (size_t)leaf * ZF_INDEX_FANOUT;
    return left < ZF_INDEX_FANOUT ? (unsigned)left : ZF_INDEX_FANOUT;
}

zf_envelope zf_point_leaf_box(const zf_point_leaf *leaf, unsigned n);

#endif
