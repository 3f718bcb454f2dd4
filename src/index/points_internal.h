/* SPDX-License-Identifier: MIT */
/** Shared by the files that pack points and those that search them. */
#ifndef ZF_INDEX_POINTS_INTERNAL_H
#define ZF_INDEX_POINTS_INTERNAL_H

#include "index/index_internal.h"

/** Up to 16 points, coordinate by coordinate; missing ones are NaN. Leaves overwrite the coordinates they are
 * made of. */
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
    uint32_t *min_row; /**< by number, the lowest row below: settles ties without reading the rows */
};

/** More than all rounding errors of a squared distance together, relative to it. */
#define ZF_POINTS_SLACK 0x1p-48

/** Keys of points, sorted along the curve: the row is in the low bits, and the highest bit is free. */
typedef struct zf_point_keys {
    uint64_t *keys;
    uint64_t row_mask;
} zf_point_keys;

/** Sorts the keys of n > 0 points; they stay in the scratch. ZF_E_MEMORY. (points_order.c) */
ZF_MUST_USE zf_status zf_point_keys_sort(const double *xyz_m, size_t n, zf_arena *scratch, zf_point_keys *out,
                                         zf_error *error);
/** The most scratch that it takes. */
size_t zf_point_keys_sort_bytes(size_t n);

/** Asks about cancelling at every 256th leaf. */
static inline zf_status zf_points_check_cancelled(uint32_t leaf, const zf_callbacks *callbacks,
                                                  zf_error *error) {
    enum { LEAVES_PER_CHECK = 256 };
    return leaf % LEAVES_PER_CHECK == 0 ? zf_check_cancelled(callbacks, error) : ZF_OK;
}

/** Rows of the points of a leaf. */
static inline const uint32_t *zf_point_leaf_rows(const zf_points *points, uint32_t leaf) {
    return points->rows + (size_t)leaf * ZF_INDEX_FANOUT;
}

/** Points in the leaf: the last of a tree may be short. */
static inline unsigned zf_point_leaf_count(const zf_points *points, uint32_t leaf) {
    size_t left = points->n - (size_t)leaf * ZF_INDEX_FANOUT;
    return left < ZF_INDEX_FANOUT ? (unsigned)left : ZF_INDEX_FANOUT;
}

/** The box around the n points (1 or more) of a leaf. */
static inline zf_envelope zf_point_leaf_box(const zf_point_leaf *leaf, unsigned n) {
    return zf_index_box_around(leaf->x, leaf->y, leaf->x, leaf->y, n);
}

#endif
