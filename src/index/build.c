/* SPDX-License-Identifier: MIT */
/* Packs boxes level by level: a level is ordered by sort-tile-recursive and cut into nodes, whose boxes are
 * the next level. */
#include "index/index_internal.h"

#include <assert.h>

/** Scratch of one build, large enough for its lowest level. */
typedef struct packer {
    zf_arena *arena; /**< for scratch of the ordering */
    uint32_t *order;
    zf_envelope *boxes; /**< boxes of the nodes made last */
} packer;

/** Cuts n ordered items into nodes; child numbers start at first_child. */
static void fill_nodes(const packer *p, const zf_envelope *boxes, size_t n, uint32_t first_child,
                       zf_index_node *nodes) {
    for (size_t i = 0; i < zf_index_nodes_over(n) * ZF_INDEX_FANOUT; i++) {
        zf_index_node *node = &nodes[i / ZF_INDEX_FANOUT];
        unsigned slot = (unsigned)(i % ZF_INDEX_FANOUT);
        if (i < n)
            zf_index_set_child(node, slot, &boxes[p->order[i]], first_child + p->order[i]);
        else
            zf_index_set_child(node, slot, NULL, ZF_NO_ROW);
    }
}

/** Computes the boxes of the nodes over n items, for the level above. */
static void compute_node_boxes(packer *p, const zf_index *index, uint32_t first_node, size_t n) {
    for (size_t i = 0; i < zf_index_nodes_over(n); i++) {
        size_t left = n - i * ZF_INDEX_FANOUT;
        size_t n_children = left < ZF_INDEX_FANOUT ? left : ZF_INDEX_FANOUT;
        p->boxes[i] = zf_index_node_box(&index->nodes[first_node + i], n_children);
    }
}

/** Fills the nodes of all levels. */
static zf_status pack(packer *p, const zf_envelope *boxes, zf_index *index, zf_error *error) {
    uint32_t first_child = 0, first_node = 0;
    const zf_envelope *level = boxes;
    for (size_t n = index->n;; n = zf_index_nodes_over(n)) {
        zf_status status = zf_index_order(level, n, ZF_INDEX_FANOUT, p->arena, p->order, error);
        if (status != ZF_OK)
            return status;
        fill_nodes(p, level, n, first_child, &index->nodes[first_node]);
        compute_node_boxes(p, index, first_node, n);
        if (n <= ZF_INDEX_FANOUT)
            return ZF_OK;
        level = p->boxes;
        first_child = first_node;
        first_node += (uint32_t)zf_index_nodes_over(n);
    }
}

/** Takes the buffers of one build. */
static zf_status take_scratch(zf_arena *arena, size_t n, packer *out, zf_error *error) {
    void *order = NULL, *boxes = NULL;
    zf_status status = zf_arena_alloc(arena, n, sizeof *out->order, &order, error);
    if (status == ZF_OK)
        status = zf_arena_alloc(arena, zf_index_nodes_over(n), sizeof *out->boxes, &boxes, error);
    *out = (packer){arena, order, boxes};
    return status;
}

/** Nodes over n boxes, of all levels. */
static size_t count_nodes(size_t n) {
    return zf_index_nodes_over(n) + zf_index_nodes_above(zf_index_nodes_over(n));
}

/** Takes the index and its nodes from the arena. */
static zf_status take_index(zf_arena *arena, size_t n, zf_index **out, zf_error *error) {
    size_t n_nodes = count_nodes(n);
    void *index = NULL, *nodes = NULL;
    zf_status status = zf_arena_alloc(arena, 1, sizeof(zf_index), &index, error);
    if (status == ZF_OK)
        status = zf_arena_alloc(arena, n_nodes, sizeof(zf_index_node), &nodes, error);
    if (status != ZF_OK)
        return status;
    *out = index;
    **out = (zf_index){n, (uint32_t)zf_index_nodes_over(n), (uint32_t)n_nodes, nodes};
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
    if (status == ZF_OK && n > 0)
        status = pack(&p, boxes, index, error);
    if (status != ZF_OK) {
        zf_arena_rewind(arena, before);
        return zf_error_within(error, status, "spatial index of %zu boxes", n);
    }
    zf_arena_rewind(arena, packed);
    *out = index;
    return ZF_OK;
}

size_t zf_index_bytes(size_t n) {
    return sizeof(zf_index) + count_nodes(n) * sizeof(zf_index_node);
}

size_t zf_index_build_bytes(size_t n) {
    size_t ordering = n > ZF_INDEX_FANOUT ? n * (2 * sizeof(uint64_t) + 2 * sizeof(uint32_t)) : 0;
    return zf_index_bytes(n) + n * sizeof(uint32_t) + zf_index_nodes_over(n) * sizeof(zf_envelope) + ordering;
}
