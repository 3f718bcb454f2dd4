/* SPDX-License-Identifier: MIT */
/*
 * The order in which points are packed: along a Hilbert curve. One 64-bit key per point is sorted, which has
 * the point's row in its low bits.
 */
#include "index/points_internal.h"

#include <string.h>

enum { MAX_BUCKET_BITS = 16, INSERTION_SORT_BELOW = 24, MAX_KEY_BITS = 63 };

/** How coordinates become keys: the place on the curve in the high bits, the row in the low ones. */
typedef struct curve {
    double min_x, min_y, cells_per_m;
    unsigned axis_bits, row_bits;
} curve;

static unsigned bits_of(uint64_t number) {
    return number == 0 ? 0 : 64 - (unsigned)__builtin_clzll(number);
}

/** A curve over the square around the points. */
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
    bool has_cells = side_m > 0.0 && isfinite(cells / side_m); /* else all points share one cell */
    return (curve){min_x, min_y, has_cells ? cells / side_m : 0.0, axis_bits, row_bits};
}

/** Spreads the bits of a number, with a zero above each. */
static uint64_t spread_bits(uint32_t number) {
    uint64_t x = number;
    x = (x | x << 16) & UINT64_C(0x0000FFFF0000FFFF);
    x = (x | x << 8) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x | x << 4) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    x = (x | x << 2) & UINT64_C(0x3333333333333333);
    return (x | x << 1) & UINT64_C(0x5555555555555555);
}

/** Place of a cell on the curve, for all 32 bits of both. The orientation of each level follows from all
 * levels above it: a prefix scan over the bits, in five rounds, finds it for all levels at once. Source: "2D
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

/** The cell of an offset; what is too large for a cell's number (or NaN, where sides overflow) goes to the
 * first. */
static uint32_t cell_of(double offset_m, double cells_per_m) {
    double cell = offset_m * cells_per_m;
    return cell < 0x1p32 ? (uint32_t)cell : 0;
}

/** Computes the keys of all points. */
static void fill_keys(const curve *c, const double *xyz_m, size_t n, uint64_t *keys) {
    for (size_t i = 0; i < n; i++) {
        uint32_t x = cell_of(xyz_m[3 * i] - c->min_x, c->cells_per_m);
        uint32_t y = cell_of(xyz_m[3 * i + 1] - c->min_y, c->cells_per_m);
        keys[i] = place_on_curve(x, y) >> (64 - 2 * c->axis_bits) << c->row_bits | i;
    }
}

/** Insertion sort. */
static void sort_by_insertion(uint64_t *keys, size_t n) {
    for (size_t i = 1; i < n; i++) {
        uint64_t moving = keys[i];
        size_t at = i;
        for (; at > 0 && keys[at - 1] > moving; at--)
            keys[at] = keys[at - 1];
        keys[at] = moving;
    }
}

/** Sorts by the low `bits` bits: radix exchange, one bit after the other, at most 64 deep. */
static void sort_by_bits(uint64_t *keys, size_t n, unsigned bits) {
    while (n > INSERTION_SORT_BELOW && bits > 0) {
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

/** Sorts the keys into `sorted`: first into buckets of some eight keys, by their high bits, then each bucket.
 * `starts` has one entry more than there are buckets. */
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

zf_status zf_point_keys_sort(const double *xyz_m, size_t n, zf_arena *scratch, zf_point_keys *out,
                             zf_error *error) {
    uint64_t *keys = NULL;
    uint32_t *starts = NULL;
    curve c = curve_over(xyz_m, n);
    unsigned bucket_bits = bucket_bits_of(n);
    zf_status status = zf_arena_take(scratch, n, sizeof *out->keys, &out->keys, error);
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    if (status == ZF_OK)
        status = zf_arena_take(scratch, n, sizeof *keys, &keys, error);
    if (status == ZF_OK)
        status = zf_arena_take(scratch, ((size_t)1 << bucket_bits) + 1, sizeof *starts, &starts, error);
    if (status != ZF_OK)
        return status;
    fill_keys(&c, xyz_m, n, keys);
    sort_keys(keys, n, 2 * c.axis_bits + c.row_bits, bucket_bits, starts, out->keys);
    zf_arena_rewind(scratch, mark);
    out->row_mask = (UINT64_C(1) << c.row_bits) - 1;
    return ZF_OK;
}

size_t zf_point_keys_sort_bytes(size_t n) {
    return 2 * n * sizeof(uint64_t) + (((size_t)1 << bucket_bits_of(n)) + 1) * sizeof(uint32_t);
}
