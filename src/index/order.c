/* SPDX-License-Identifier: MIT */
/* The order in which boxes are packed: slices by x, and within a slice by y. */
#include "index/index.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 8, N_DIGITS = 64 / DIGIT_BITS, N_BINS = 1 << DIGIT_BITS };

/** What one ordering works on. */
typedef struct sorter {
    uint64_t *key, *other_key;
    uint32_t *id, *other_id; /**< id: the order so far */
    uint32_t *group;         /**< per item: place of the first item with the same x */
} sorter;

/** Maps doubles to unsigned integers of the same order; adding 0.0 turns -0.0 into 0.0. */
static uint64_t key_of(double number) {
    uint64_t bits;
    number += 0.0;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

static unsigned digit_of(uint64_t key, unsigned digit) {
    return (unsigned)(key >> (digit * DIGIT_BITS)) & (N_BINS - 1);
}

/** Moves all items into the order of one digit; counts[bin] items have that digit. */
static void scatter(sorter *s, size_t n, unsigned digit, uint32_t *counts) {
    uint32_t start = 0;
    for (unsigned bin = 0; bin < N_BINS; bin++) {
        uint32_t count = counts[bin];
        counts[bin] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t to = counts[digit_of(s->key[i], digit)]++;
        s->other_key[to] = s->key[i];
        s->other_id[to] = s->id[i];
    }
    uint64_t *key = s->key;
    uint32_t *id = s->id;
    s->key = s->other_key;
    s->id = s->other_id;
    s->other_key = key;
    s->other_id = id;
}

/** Sorts id by key: a stable radix sort, least digit first; digits that are the same in all keys are skipped.
 */
static void sort_by_key(sorter *s, size_t n) {
    uint32_t counts[N_DIGITS][N_BINS] = {{0}};
    for (size_t i = 0; i < n; i++) {
        for (unsigned digit = 0; digit < N_DIGITS; digit++)
            counts[digit][digit_of(s->key[i], digit)]++;
    }
    for (unsigned digit = 0; digit < N_DIGITS; digit++) {
        if (counts[digit][digit_of(s->key[0], digit)] != n)
            scatter(s, n, digit, counts[digit]);
    }
}

/** Sorts by the middles in x, twice of which serve as keys; an infinite one still has its place. Numbers the
 * groups of equal ones. */
static void sort_by_x(sorter *s, const zf_envelope *boxes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        s->id[i] = (uint32_t)i;
        s->key[i] = key_of(boxes[i].min_x + boxes[i].max_x);
    }
    sort_by_key(s, n);
    uint32_t first = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->key[i] != s->key[first])
            first = (uint32_t)i;
        s->group[s->id[i]] = first;
    }
}

/** Sorts by the middles in y; equal ones keep their order. */
static void sort_by_y(sorter *s, const zf_envelope *boxes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const zf_envelope *box = &boxes[s->id[i]];
        s->key[i] = key_of(box->min_y + box->max_y);
    }
    sort_by_key(s, n);
}

/**
 * Orders the items by slice, then y. Slices are cut by (x, y, row) into equal numbers of items: cut by (x,
 * row), items on a vertical line would fall into slices that all overlap. Items of equal y stay in the order
 * of x for the same reason.
 */
static void order_items(sorter *s, const zf_envelope *boxes, size_t n, size_t n_per_node) {
    sort_by_x(s, boxes, n);
    sort_by_y(s, boxes, n);
    size_t n_nodes = n / n_per_node + (n % n_per_node != 0);
    size_t slice_nodes = (size_t)ceil(sqrt((double)n_nodes));
    uint32_t slice_items = (uint32_t)(slice_nodes * n_per_node);
    uint32_t *next_in_group = (uint32_t *)s->key;
    uint32_t *next_in_slice = (uint32_t *)s->other_key;
    for (size_t i = 0; i < n; i++)
        next_in_group[i] = (uint32_t)i;
    for (size_t i = 0; i * slice_items < n; i++)
        next_in_slice[i] = (uint32_t)(i * slice_items);
    for (size_t i = 0; i < n; i++) {
        uint32_t place_by_x = next_in_group[s->group[s->id[i]]]++;
        uint32_t slice = place_by_x / slice_items; /* NOLINT(*-core.DivideZero): 1 or more, by ceil() */
        s->other_id[next_in_slice[slice]++] = s->id[i];
    }
    uint32_t *id = s->id;
    s->id = s->other_id;
    s->other_id = id;
}

/** Takes all buffers as one block, of which an arena leaves least unused. */
static zf_status take_scratch(zf_arena *arena, size_t n, sorter *out, zf_error *error) {
    void *block = NULL;
    zf_status status = zf_arena_alloc(arena, n, 2 * sizeof *out->key + 2 * sizeof *out->id, &block, error);
    if (status != ZF_OK)
        return status;
    out->key = block;
    out->other_key = out->key + n;
    out->other_id = (uint32_t *)(out->other_key + n);
    out->group = out->other_id + n;
    return ZF_OK;
}

zf_status zf_index_order(const zf_envelope *boxes, size_t n, size_t n_per_node, zf_arena *scratch,
                         uint32_t *out_order, zf_error *error) {
    assert(n < ZF_NO_ROW && n_per_node > 0);
    if (n <= n_per_node) { /* one node needs no order */
        for (size_t i = 0; i < n; i++)
            out_order[i] = (uint32_t)i;
        return ZF_OK;
    }
    zf_arena_mark before = zf_arena_get_mark(scratch);
    sorter s = {.id = out_order};
    zf_status status = take_scratch(scratch, n, &s, error);
    if (status != ZF_OK)
        return status;
    order_items(&s, boxes, n, n_per_node);
    if (s.id != out_order) /* the buffers have changed places */
        memcpy(out_order, s.id, n * sizeof *out_order);
    zf_arena_rewind(scratch, before);
    return ZF_OK;
}
