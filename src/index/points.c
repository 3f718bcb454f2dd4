/* SPDX-License-Identifier: MIT */
/* Packing of points: in the order of a Hilbert curve they are cut into leaves, and those into nodes, level by
 * level. */
#include "index/points_internal.h"

#include <assert.h>
#include <string.h>

enum { PLACED_BIT = 63 };

/** Moves the points into the order of the keys, each once, along the cycles of the permutation. The keys'
 * free bit marks places that are filled. */
static void permute(double *xyz_m, uint64_t *keys, size_t n, uint64_t row_mask) {
    for (size_t start = 0; start < n; start++) {
        double first[3];
        if (keys[start] >> PLACED_BIT)
            continue;
        memcpy(first, xyz_m + 3 * start, sizeof first);
        for (size_t at = start;;) {
            size_t from = (size_t)(keys[at] & row_mask);
            keys[at] |= UINT64_C(1) << PLACED_BIT;
            if (from == start) {
                memcpy(xyz_m + 3 * at, first, sizeof first);
                break;
            }
            memcpy(xyz_m + 3 * at, xyz_m + 3 * from, sizeof first);
            at = from;
        }
    }
}

/** Turns sixteen consecutive points into a leaf, in place. */
static void fill_leaf(zf_points *points, uint32_t number, const uint64_t *keys, uint64_t row_mask) {
    double xyz_m[3 * ZF_INDEX_FANOUT];
    zf_point_leaf *leaf = &points->leaves[number];
    uint32_t *rows = points->rows + (size_t)number * ZF_INDEX_FANOUT, min_row = ZF_NO_ROW;
    unsigned n = zf_point_leaf_count(points, number);
    memcpy(xyz_m, leaf, n * 3 * sizeof *xyz_m);
    for (unsigned i = 0; i < ZF_INDEX_FANOUT; i++) {
        leaf->x[i] = i < n ? xyz_m[3 * i] : NAN;
        leaf->y[i] = i < n ? xyz_m[3 * i + 1] : NAN;
        leaf->z[i] = i < n ? xyz_m[3 * i + 2] : NAN;
        rows[i] = i < n ? (uint32_t)(keys[i] & row_mask) : ZF_NO_ROW;
        min_row = rows[i] < min_row ? rows[i] : min_row;
    }
    points->min_row[number] = min_row;
}

/** The box of a leaf or node. */
static zf_envelope box_of(const zf_points *points, uint32_t number) {
    if (number < points->n_leaves)
        return zf_point_leaf_box(&points->leaves[number], zf_point_leaf_count(points, number));
    const zf_index_node *node = &points->nodes[number - points->n_leaves];
    unsigned n = 1;
    while (n < ZF_INDEX_FANOUT && node->child[n] != ZF_NO_ROW)
        n++;
    return zf_index_node_box(node, n);
}

/** Fills a node over n_children children, numbered from first_child on. */
static void fill_node(zf_points *points, uint32_t number, uint32_t first_child, uint32_t n_children) {
    zf_index_node *node = &points->nodes[number - points->n_leaves];
    uint32_t min_row = ZF_NO_ROW;
    for (unsigned slot = 0; slot < ZF_INDEX_FANOUT; slot++) {
        uint32_t child = first_child + slot;
        if (slot >= n_children) {
            zf_index_set_child(node, slot, NULL, ZF_NO_ROW);
            continue;
        }
        zf_envelope box = box_of(points, child);
        zf_index_set_child(node, slot, &box, child);
        min_row = points->min_row[child] < min_row ? points->min_row[child] : min_row;
    }
    points->min_row[number] = min_row;
}

/** Fills the nodes of all levels above the leaves. */
static void fill_nodes(zf_points *points) {
    uint32_t first = 0, n = points->n_leaves, number = points->n_leaves;
    while (n > 1) { /* nodes over the n items of the level that begins at `first` */
        uint32_t level = number;
        for (uint32_t i = 0; i < n; i += ZF_INDEX_FANOUT, number++)
            fill_node(points, number, first + i, n - i);
        first = level;
        n = number - level;
    }
}

/** Takes the tree from the arena, but for its leaves. */
static zf_status take_tree(double *xyz_m, size_t n, zf_arena *arena, zf_points **out, zf_error *error) {
    zf_points *points = NULL;
    zf_status status = zf_arena_take(arena, 1, sizeof *points, &points, error);
    if (status != ZF_OK)
        return status;
    *points = (zf_points){
        .n = n, .n_leaves = (uint32_t)zf_index_nodes_over(n), .leaves = (zf_point_leaf *)(void *)xyz_m};
    points->n_nodes = (uint32_t)zf_index_nodes_above(points->n_leaves);
    status = zf_arena_take(arena, zf_points_room(n), sizeof *points->rows, &points->rows, error);
    if (status == ZF_OK)
        status = zf_arena_take(arena, points->n_nodes, sizeof *points->nodes, &points->nodes, error);
    if (status == ZF_OK)
        status = zf_arena_take(arena, (size_t)points->n_leaves + points->n_nodes, sizeof *points->min_row,
                               &points->min_row, error);
    *out = points;
    return status;
}

zf_status zf_points_build(double *xyz_m, size_t n, zf_arena *arena, zf_arena *scratch, zf_points **out,
                          zf_error *error) {
    assert(n < ZF_NO_ROW);
    zf_point_keys order = {NULL, 0};
    zf_points *points = NULL;
    zf_arena_mark before = zf_arena_get_mark(arena), scratch_before = zf_arena_get_mark(scratch);
    zf_status status = n == 0 ? ZF_OK : zf_point_keys_sort(xyz_m, n, scratch, &order, error);
    if (status == ZF_OK)
        status = take_tree(xyz_m, n, arena, &points, error);
    if (status == ZF_OK && n > 0) {
        permute(xyz_m, order.keys, n, order.row_mask);
        for (uint32_t leaf = 0; leaf < points->n_leaves; leaf++)
            fill_leaf(points, leaf, order.keys + (size_t)leaf * ZF_INDEX_FANOUT, order.row_mask);
        fill_nodes(points);
    }
    zf_arena_rewind(scratch, scratch_before);
    if (status != ZF_OK) {
        zf_arena_rewind(arena, before);
        return zf_error_within(error, status, "spatial index of %zu points", n);
    }
    *out = points;
    return ZF_OK;
}

size_t zf_points_room(size_t n) {
    return zf_index_nodes_over(n) * ZF_INDEX_FANOUT;
}

size_t zf_points_bytes(size_t n) {
    size_t n_leaves = zf_index_nodes_over(n), n_nodes = zf_index_nodes_above(n_leaves);
    return sizeof(zf_points) + zf_points_room(n) * sizeof(uint32_t) + n_nodes * sizeof(zf_index_node) +
           (n_leaves + n_nodes) * sizeof(uint32_t);
}

size_t zf_points_build_bytes(size_t n) {
    size_t sorting = zf_point_keys_sort_bytes(n);
    size_t filling = n * sizeof(uint64_t) + zf_points_bytes(n);
    return sorting > filling ? sorting : filling;
}
