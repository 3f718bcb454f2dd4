/* SPDX-License-Identifier: MIT */
/* Packing: every level is ordered by sort-tile-recursive and cut into nodes; the nodes' boxes are the next
 * level. */
#include "index/index_internal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 8, N_DIGITS = 64 / DIGIT_BITS, N_BINS = 1 << DIGIT_BITS };

/** Scratch of one build, large enough for its lowest level. */
typedef struct packer {
    uint64_t *key, *other_key;
    uint32_t *id, *other_id; /**< id: the order so far */
    uint32_t *group;         /**< per item: place of the first item with the same x */
    zf_envelope *boxes;      /**< boxes of the nodes made last */
} packer;

static size_t nodes_over(size_t n) {
    return n / ZF_INDEX_FANOUT + (n % ZF_INDEX_FANOUT != 0);
}

/* Unsigned integers in the order of the doubles; adding 0.0 makes both zeros one. */
static uint64_t key_of(double number) {
    uint64_t bits;
    number += 0.0;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

static unsigned digit_of(uint64_t key, unsigned digit) {
    return (unsigned)(key >> (digit * DIGIT_BITS)) & (N_BINS - 1);
}

static void scatter(packer *p, size_t n, unsigned digit, uint32_t *counts) {
    uint32_t start = 0;
    for (unsigned bin = 0; bin < N_BINS; bin++) {
        uint32_t count = counts[bin];
        counts[bin] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t to = counts[digit_of(p->key[i], digit)]++;
        p->other_key[to] = p->key[i];
        p->other_id[to] = p->id[i];
    }
    uint64_t *key = p->key;
    uint32_t *id = p->id;
    p->key = p->other_key;
    p->id = p->other_id;
    p->other_key = key;
    p->other_id = id;
}

/* Stable radix sort of id by key, least digit first; digits that all keys share cost nothing. */
static void sort_by_key(packer *p, size_t n) {
    uint32_t counts[N_DIGITS][N_BINS] = {{0}};
    for (size_t i = 0; i < n; i++) {
        for (unsigned digit = 0; digit < N_DIGITS; digit++)
            counts[digit][digit_of(p->key[i], digit)]++;
    }
    for (unsigned digit = 0; digit < N_DIGITS; digit++) {
        if (counts[digit][digit_of(p->key[0], digit)] != n)
            scatter(p, n, digit, counts[digit]);
    }
}

/* Twice the middle does as well as the middle; where it is infinite it still has its place. */
static void sort_by_x(packer *p, const zf_envelope *boxes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        p->id[i] = (uint32_t)i;
        p->key[i] = key_of(boxes[i].min_x + boxes[i].max_x);
    }
    sort_by_key(p, n);
    uint32_t first = 0;
    for (size_t i = 0; i < n; i++) {
        if (p->key[i] != p->key[first])
            first = (uint32_t)i;
        p->group[p->id[i]] = first;
    }
}

static void sort_by_y(packer *p, const zf_envelope *boxes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const zf_envelope *box = &boxes[p->id[i]];
        p->key[i] = key_of(box->min_y + box->max_y);
    }
    sort_by_key(p, n);
}

/*
 * Order the items by slice, then y. Slices hold equal numbers of items by (x, y, row): were equal x cut by
 * row alone, items on a vertical line would fall into slices that all overlap; the same for equal y, which
 * the sort by y leaves in the order of x.
 */
static void order_items(packer *p, const zf_envelope *boxes, size_t n) {
    sort_by_x(p, boxes, n);
    sort_by_y(p, boxes, n);
    size_t slice_nodes = (size_t)ceil(sqrt((double)nodes_over(n)));
    uint32_t slice_items = (uint32_t)(slice_nodes * ZF_INDEX_FANOUT);
    uint32_t *next_in_group = (uint32_t *)p->key;
    uint32_t *next_in_slice = (uint32_t *)p->other_key;
    for (size_t i = 0; i < n; i++)
        next_in_group[i] = (uint32_t)i;
    for (size_t i = 0; i * slice_items < n; i++)
        next_in_slice[i] = (uint32_t)(i * slice_items);
    for (size_t i = 0; i < n; i++) {
        uint32_t place_by_x = next_in_group[p->group[p->id[i]]]++;
        p->other_id[next_in_slice[place_by_x / slice_items]++] = p->id[i];
    }
    uint32_t *id = p->id;
    p->id = p->other_id;
    p->other_id = id;
}

/* One node needs no order. */
static void keep_order(packer *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        p->id[i] = (uint32_t)i;
}

static void set_child(zf_index_node *node, unsigned slot, const zf_envelope *box, uint32_t child) {
    node->min_x[slot] = box->min_x;
    node->min_y[slot] = box->min_y;
    node->max_x[slot] = box->max_x;
    node->max_y[slot] = box->max_y;
    node->child[slot] = child;
}

/* Cuts n ordered items into nodes; child numbers start at first_child. */
static void fill_nodes(const packer *p, const zf_envelope *boxes, size_t n, uint32_t first_child,
                       zf_index_node *nodes) {
    static const zf_envelope missing = {NAN, NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) {
        uint32_t id = p->id[i];
        set_child(&nodes[i / ZF_INDEX_FANOUT], (unsigned)(i % ZF_INDEX_FANOUT), &boxes[id], first_child + id);
    }
    for (size_t i = n; i < nodes_over(n) * ZF_INDEX_FANOUT; i++)
        set_child(&nodes[i / ZF_INDEX_FANOUT], (unsigned)(i % ZF_INDEX_FANOUT), &missing, ZF_NO_ROW);
}

/* Boxes and lowest rows of the nodes over n items, for the level above. */
static void sum_up_nodes(packer *p, const zf_index *index, uint32_t first_node, size_t n) {
    for (size_t i = 0; i < nodes_over(n); i++) {
        uint32_t number = first_node + (uint32_t)i;
        const zf_index_node *node = &index->nodes[number];
        size_t left = n - i * ZF_INDEX_FANOUT;
        size_t n_children = left < ZF_INDEX_FANOUT ? left : ZF_INDEX_FANOUT;
        uint32_t lowest = ZF_NO_ROW;
        for (size_t c = 0; c < n_children; c++) {
            uint32_t row = number < index->n_leaves ? node->child[c] : index->min_row[node->child[c]];
            lowest = row < lowest ? row : lowest;
        }
        index->min_row[number] = lowest;
        p->boxes[i] = zf_index_node_box(node, n_children);
    }
}

static void pack(packer *p, const zf_envelope *boxes, zf_index *index) {
    uint32_t first_child = 0, first_node = 0;
    const zf_envelope *level = boxes;
    for (size_t n = index->n;; n = nodes_over(n)) {
        if (n > ZF_INDEX_FANOUT)
            order_items(p, level, n);
        else
            keep_order(p, n);
        fill_nodes(p, level, n, first_child, &index->nodes[first_node]);
        sum_up_nodes(p, index, first_node, n);
        if (n <= ZF_INDEX_FANOUT)
            return;
        level = p->boxes;
        first_child = first_node;
        first_node += (uint32_t)nodes_over(n);
    }
}

static zf_status take_scratch(zf_arena *arena, size_t n, packer *out, zf_error *error) {
    const size_t counts[] = {n, n, n, n, n, nodes_over(n)};
    const size_t sizes[] = {sizeof *out->key, sizeof *out->key,   sizeof *out->id,
                            sizeof *out->id,  sizeof *out->group, sizeof *out->boxes};
    void *blocks[6] = {NULL};
    zf_status status = ZF_OK;
    for (size_t i = 0; i < 6 && status == ZF_OK; i++)
        status = zf_arena_alloc(arena, counts[i], sizes[i], &blocks[i], error);
    *out = (packer){blocks[0], blocks[1], blocks[2], blocks[3], blocks[4], blocks[5]};
    return status;
}

/* What stays: the index itself, its nodes, their lowest rows. */
static zf_status take_index(zf_arena *arena, size_t n, zf_index **out, zf_error *error) {
    size_t n_nodes = nodes_over(n);
    for (size_t level = n_nodes; level > 1; level = nodes_over(level))
        n_nodes += nodes_over(level);
    void *index = NULL, *nodes = NULL, *min_row = NULL;
    zf_status status = zf_arena_alloc(arena, 1, sizeof(zf_index), &index, error);
    if (status == ZF_OK)
        status = zf_arena_alloc(arena, n_nodes, sizeof(zf_index_node), &nodes, error);
    if (status == ZF_OK)
        status = zf_arena_alloc(arena, n_nodes, sizeof(uint32_t), &min_row, error);
    if (status != ZF_OK)
        return status;
    *out = index;
    **out = (zf_index){n, (uint32_t)nodes_over(n), (uint32_t)n_nodes, nodes, min_row};
    return ZF_OK;
}

zf_status zf_index_build(const zf_envelope *boxes, size_t n, zf_arena *arena, zf_index **out,
                         zf_error *error) {
    assert(n < ZF_NO_ROW);
    zf_arena_mark before = zf_arena_get_mark(arena);
    zf_index *index = NULL;
    packer p;
    zf_status status = take_index(arena, n, &index, error);
    zf_arena_mark packed = zf_arena_get_mark(arena);
    if (status == ZF_OK)
        status = take_scratch(arena, n, &p, error);
    if (status != ZF_OK) {
        zf_arena_rewind(arena, before);
        return zf_error_within(error, status, "spatial index of %zu boxes", n);
    }
    if (n > 0)
        pack(&p, boxes, index);
    zf_arena_rewind(arena, packed);
    *out = index;
    return ZF_OK;
}

size_t zf_index_count(const zf_index *index) {
    return index->n;
}
