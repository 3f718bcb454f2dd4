/* SPDX-License-Identifier: MIT */
/*
 * Packing of points: ordered along a Hilbert curve, cut into leaves, the leaves into nodes. One sort of one
 * 64-bit word per point, with the point's row in its low bits; the levels above need none.
 */
#include "index/points_internal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MAX_BUCKET_BITS = 16, SMALL = 24, MAX_KEY_BITS = 63 };

/* ---- the order ---- */

/** From coordinates to words: a place on the curve in the high bits, a row in the low ones. */
typedef struct curve {
    double min_x, min_y, cells_per_m;
    unsigned axis_bits, row_bits;
} curve;

static unsigned bits_of(uint64_t number) {
    return number == 0 ? 0 : 64 - (unsigned)__builtin_clzll(number);
}

static curve curve_over(const double *xyz_m, size_t n) {
    double min_x = INFINITY, min_y = INFINITY, max_x = -INFINITY, max_y = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double x = xyz_m[3 * i], y = xyz_m[3 * i + 1];
        min_x = x < min_x ? x : min_x;
        max_x = x > max_x ? x : max_x;
        min_y = y < min_y ? y : min_y;
        max_y = y > max_y ? y : max_y;
    }
    unsigned row_bits = bits_of(n - 1);
    unsigned axis_bits = (MAX_KEY_BITS - row_bits) / 2;
    double side_m = fmax(max_x - min_x, max_y - min_y);
    double cells = (double)UINT32_MAX;
    bool has_cells = side_m > 0.0 && isfinite(cells / side_m); /* else everything is one place */
    return (curve){min_x, min_y, has_cells ? cells / side_m : 0.0, axis_bits, row_bits};
}

/* Bits apart, with a zero above each. */
static uint64_t spread_bits(uint32_t number) {
    uint64_t x = number;
    x = (x | x << 16) & UINT64_C(0x0000FFFF0000FFFF);
    x = (x | x << 8) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x | x << 4) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    x = (x | x << 2) & UINT64_C(0x3333333333333333);
    return (x | x << 1) & UINT64_C(0x5555555555555555);
}

/* Place of a cell on the curve, for all 32 bits of both. How each level is turned follows from all levels
 * above it: a prefix scan over the bits, in five rounds, finds that for all levels at once. Source: "2D
 * Hilbert curves in O(1)", threadlocalmutex.com. */
static uint64_t place_on_curve(uint32_t x, uint32_t y) {
    uint32_t a = x ^ y, b = ~a, c = ~(x | y), d = x & ~y;
    uint32_t A = a | b >> 1, B = a >> 1 ^ a;
    uint32_t C = (c >> 1 ^ (b & d >> 1)) ^ c, D = ((a & c >> 1) ^ d >> 1) ^ d;
    for (unsigned step = 2; step <= 16; step *= 2) {
        a = A, b = B, c = C, d = D;
        A = (a & a >> step) ^ (b & b >> step);
        B = (a & b >> step) ^ (b & (a ^ b) >> step);
        C ^= (a & c >> step) ^ (b & d >> step);
        D ^= (b & c >> step) ^ ((a ^ b) & d >> step);
    }
    a = C ^ C >> 1;
    b = D ^ D >> 1;
    uint32_t low = x ^ y, high = b | ~(low | a);
    return spread_bits(high) << 1 | spread_bits(low);
}

/* What is too large for a cell's number (or not a number, where sides overflow) shares the first cell. */
static uint32_t cell_of(double offset_m, double cells_per_m) {
    double cell = offset_m * cells_per_m;
    return cell < 0x1p32 ? (uint32_t)cell : 0;
}

static void fill_keys(const curve *c, const double *xyz_m, size_t n, uint64_t *keys) {
    for (size_t i = 0; i < n; i++) {
        uint32_t x = cell_of(xyz_m[3 * i] - c->min_x, c->cells_per_m);
        uint32_t y = cell_of(xyz_m[3 * i + 1] - c->min_y, c->cells_per_m);
        keys[i] = place_on_curve(x, y) >> (64 - 2 * c->axis_bits) << c->row_bits | i;
    }
}

static void sort_by_insertion(uint64_t *keys, size_t n) {
    for (size_t i = 1; i < n; i++) {
        uint64_t moving = keys[i];
        size_t at = i;
        for (; at > 0 && keys[at - 1] > moving; at--)
            keys[at] = keys[at - 1];
        keys[at] = moving;
    }
}

/* Radix exchange: parts the words by one bit after the other, at most 64 deep. */
static void sort_by_bits(uint64_t *keys, size_t n, unsigned bits) {
    while (n > SMALL && bits > 0) {
        uint64_t bit = UINT64_C(1) << --bits;
        size_t low = 0, high = n;
        while (low < high) {
            if ((keys[low] & bit) == 0) {
                low++;
                continue;
            }
            uint64_t moving = keys[low];
            keys[low] = keys[--high];
            keys[high] = moving;
        }
        sort_by_bits(keys, low, bits);
        keys += low;
        n -= low;
    }
    sort_by_insertion(keys, n);
}

/* Keys into `sorted`: into as many buckets as there are handfuls of keys, by their high bits, then bucket by
 * bucket. `starts` has a place per bucket and one more. */
static void sort_keys(const uint64_t *keys, size_t n, unsigned key_bits, unsigned bucket_bits,
                      uint32_t *starts, uint64_t *sorted) {
    size_t n_buckets = (size_t)1 << bucket_bits;
    unsigned shift = key_bits - bucket_bits;
    memset(starts, 0, (n_buckets + 1) * sizeof *starts);
    for (size_t i = 0; i < n; i++)
        starts[(keys[i] >> shift) + 1]++;
    for (size_t b = 0; b < n_buckets; b++)
        starts[b + 1] += starts[b];
    for (size_t i = 0; i < n; i++)
        sorted[starts[keys[i] >> shift]++] = keys[i];
    for (size_t b = 0, from = 0; b < n_buckets; from = starts[b++])
        sort_by_bits(sorted + from, starts[b] - from, shift);
}

static unsigned bucket_bits_of(size_t n) {
    unsigned bits = bits_of(n / 8);
    return bits < MAX_BUCKET_BITS ? bits : MAX_BUCKET_BITS;
}

/* The words in order are what stays in the scratch. */
static zf_status order_points(const double *xyz_m, size_t n, zf_arena *scratch, uint64_t **out_sorted,
                              unsigned *out_row_bits, zf_error *error) {
    uint64_t *keys = NULL;
    uint32_t *starts = NULL;
    curve c = curve_over(xyz_m, n);
    unsigned bucket_bits = bucket_bits_of(n);
    zf_status status = zf_arena_take(scratch, n, sizeof **out_sorted, out_sorted, error);
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    if (status == ZF_OK)
        status = zf_arena_take(scratch, n, sizeof *keys, &keys, error);
    if (status == ZF_OK)
        status = zf_arena_take(scratch, ((size_t)1 << bucket_bits) + 1, sizeof *starts, &starts, error);
    if (status != ZF_OK)
        return status;
    fill_keys(&c, xyz_m, n, keys);
    sort_keys(keys, n, 2 * c.axis_bits + c.row_bits, bucket_bits, starts, *out_sorted);
    zf_arena_rewind(scratch, mark);
    *out_row_bits = c.row_bits;
    return ZF_OK;
}

/* ---- the tree ---- */

static size_t groups_of(size_t n) {
    return n / ZF_INDEX_FANOUT + (n % ZF_INDEX_FANOUT != 0);
}

static size_t count_nodes(size_t n_leaves) {
    size_t n_nodes = 0;
    for (size_t level = n_leaves; level > 1; n_nodes += level)
        level = groups_of(level);
    return n_nodes;
}

enum { PLACED_BIT = 63 };

/* Brings the points into the order of the keys, each but once, along the cycles of the permutation. The keys'
 * free bit says who has arrived. */
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

/* Sixteen points, one after the other, become a leaf in their place. */
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

zf_envelope zf_point_leaf_box(const zf_point_leaf *leaf, unsigned n) {
    zf_envelope box = {leaf->x[0], leaf->y[0], leaf->x[0], leaf->y[0]};
    for (unsigned i = 1; i < n; i++) {
        box.min_x = leaf->x[i] < box.min_x ? leaf->x[i] : box.min_x;
        box.min_y = leaf->y[i] < box.min_y ? leaf->y[i] : box.min_y;
        box.max_x = leaf->x[i] > box.max_x ? leaf->x[i] : box.max_x;
        box.max_y = leaf->y[i] > box.max_y ? leaf->y[i] : box.max_y;
    }
    return box;
}

static zf_envelope box_of(const zf_points *points, uint32_t number) {
    if (number < points->n_leaves)
        return zf_point_leaf_box(&points->leaves[number], zf_point_leaf_count(points, number));
    const zf_index_node *node = &points->nodes[number - points->n_leaves];
    unsigned n = 1;
    while (n < ZF_INDEX_FANOUT && node->child[n] != ZF_NO_ROW)
        n++;
    return zf_index_node_box(node, n);
}

static void set_child(zf_points *points, uint32_t number, unsigned slot, uint32_t child, bool is_there) {
    static const zf_envelope missing = {NAN, NAN, NAN, NAN};
    zf_index_node *node = &points->nodes[number - points->n_leaves];
    zf_envelope box = is_there ? box_of(points, child) : missing;
    node->min_x[slot] = box.min_x;
    node->min_y[slot] = box.min_y;
    node->max_x[slot] = box.max_x;
    node->max_y[slot] = box.max_y;
    node->child[slot] = is_there ? child : ZF_NO_ROW;
    if (slot == 0 || (is_there && points->min_row[child] < points->min_row[number]))
        points->min_row[number] = points->min_row[child];
}

static void fill_nodes(zf_points *points) {
    uint32_t first = 0, n = points->n_leaves, number = points->n_leaves;
    while (n > 1) { /* nodes over `n` of the level that begins at `first` */
        uint32_t level = number;
        for (uint32_t i = 0; i < n; i += ZF_INDEX_FANOUT, number++)
            for (unsigned slot = 0; slot < ZF_INDEX_FANOUT; slot++)
                set_child(points, number, slot, first + i + slot, i + slot < n);
        first = level;
        n = number - level;
    }
}

static zf_status take_tree(double *xyz_m, size_t n, zf_arena *arena, zf_points **out, zf_error *error) {
    zf_points *points = NULL;
    zf_status status = zf_arena_take(arena, 1, sizeof *points, &points, error);
    if (status != ZF_OK)
        return status;
    *points =
        (zf_points){.n = n, .n_leaves = (uint32_t)groups_of(n), .leaves = (zf_point_leaf *)(void *)xyz_m};
    points->n_nodes = (uint32_t)count_nodes(points->n_leaves);
    status = zf_arena_take(arena, zf_points_room(n), sizeof *points->rows, &points->rows, error);
    if (status == ZF_OK)
        status = zf_arena_take(arena, points->n_nodes, sizeof *points->nodes, &points->nodes, error);
    if (status == ZF_OK)
        status = zf_arena_take(arena, (size_t)points->n_leaves + points->n_nodes, sizeof *points->min_row,
                               &points->min_row, error);
    *out = points;
    return status;
}

static void fill_tree(zf_points *points, double *xyz_m, uint64_t *keys, unsigned row_bits) {
    uint64_t row_mask = (UINT64_C(1) << row_bits) - 1;
    permute(xyz_m, keys, points->n, row_mask);
    for (uint32_t leaf = 0; leaf < points->n_leaves; leaf++)
        fill_leaf(points, leaf, keys + (size_t)leaf * ZF_INDEX_FANOUT, row_mask);
    fill_nodes(points);
}

zf_status zf_points_build(double *xyz_m, size_t n, zf_arena *arena, zf_arena *scratch, zf_points **out,
                          zf_error *error) {
    assert(n < ZF_NO_ROW);
    uint64_t *keys = NULL;
    unsigned row_bits = 0;
    zf_points *points = NULL;
    zf_arena_mark before = zf_arena_get_mark(arena), scratch_before = zf_arena_get_mark(scratch);
    zf_status status = n == 0 ? ZF_OK : order_points(xyz_m, n, scratch, &keys, &row_bits, error);
    if (status == ZF_OK)
        status = take_tree(xyz_m, n, arena, &points, error);
    if (status == ZF_OK && n > 0)
        fill_tree(points, xyz_m, keys, row_bits);
    zf_arena_rewind(scratch, scratch_before);
    if (status != ZF_OK) {
        zf_arena_rewind(arena, before);
        return zf_error_within(error, status, "spatial index of %zu points", n);
    }
    *out = points;
    return ZF_OK;
}

size_t zf_points_room(size_t n) {
    return groups_of(n) * ZF_INDEX_FANOUT;
}

size_t zf_points_bytes(size_t n) {
    size_t n_leaves = groups_of(n), n_nodes = count_nodes(n_leaves);
    return sizeof(zf_points) + zf_points_room(n) * sizeof(uint32_t) + n_nodes * sizeof(zf_index_node) +
           (n_leaves + n_nodes) * sizeof(uint32_t);
}

size_t zf_points_build_bytes(size_t n) {
    size_t sorting = 2 * n * sizeof(uint64_t) + (((size_t)1 << bucket_bits_of(n)) + 1) * sizeof(uint32_t);
    size_t filling = n * sizeof(uint64_t) + zf_points_bytes(n);
    return sorting > filling ? sorting : filling;
}
