/* SPDX-License-Identifier: MIT */
/* K-way merge of sorted runs, in memory and in the file, by (rank, fid, ordinal), through a binary heap. */
#include "gather_internal.h"

#include <string.h>

/** Position in one run: at the row of `head`; its body and payload are not yet read. Where rows have a key, the body is. */
typedef struct zf_cursor {
    zf_row_head head;
    const uint8_t *body; /**< of rows with a key */
    zf_scratch own;      /**< takes the body of a row of the file */
    const zf_sorted_run *run;
    size_t next; /**< run in memory: number of the entry after the current one */
    zf_section_reader fixed, payload;
} zf_cursor;

struct zf_merge {
    zf_gather *gather;
    bool has_payload;
    bool is_top_spent; /**< the top row was returned; the next call advances, since its bytes are borrowed
                          until then */
    zf_cursor *cursors;
    zf_cursor **heap;
    size_t n_heap, n_cursors;
    size_t cap; /**< of cursors and heap */
    uint8_t *buffers;
    size_t buffers_bytes;
    zf_scratch fixed, payload;
    zf_bytes *texts;
};

static bool is_before(const zf_cursor *a, const zf_cursor *b, const zf_row_key *key) {
    if (a->head.rank != b->head.rank)
        return a->head.rank < b->head.rank;
    if (key->bytes_at > 0)
        return zf_row_compare_keyed(key, a->body, &a->head, b->body, &b->head) < 0;
    if (a->head.fid != b->head.fid)
        return a->head.fid < b->head.fid;
    return a->head.ordinal < b->head.ordinal;
}

static void sift_down(zf_merge *merge, size_t at) {
    const zf_row_key *key = &merge->gather->row.key;
    zf_cursor *moving = merge->heap[at];
    for (size_t child; (child = 2 * at + 1) < merge->n_heap; at = child) {
        if (child + 1 < merge->n_heap && is_before(merge->heap[child + 1], merge->heap[child], key))
            child++;
        if (!is_before(merge->heap[child], moving, key))
            break;
        merge->heap[at] = merge->heap[child];
    }
    merge->heap[at] = moving;
}

static zf_status read_head(zf_merge *merge, zf_cursor *cursor, zf_error *error) {
    const uint8_t *bytes = NULL;
    zf_status st =
        zf_section_take(merge->gather, &cursor->fixed, sizeof cursor->head, &merge->fixed, &bytes, error);
    if (st == ZF_OK)
        memcpy(&cursor->head, bytes, sizeof cursor->head);
    return st;
}

static zf_status read_lean_head(zf_merge *merge, zf_cursor *cursor, zf_error *error) {
    zf_lean_head lean;
    const uint8_t *bytes = NULL;
    zf_status st = zf_section_take(merge->gather, &cursor->fixed, sizeof lean, &merge->fixed, &bytes, error);
    if (st != ZF_OK)
        return st;
    memcpy(&lean, bytes, sizeof lean);
    cursor->head = (zf_row_head){lean.fid, lean.ordinal, ZF_ROW_NO_PAYLOAD, lean.rank,
                                 (uint32_t)(merge->gather->row.n_cells * sizeof(zf_cell))};
    return ZF_OK;
}

/** Reads the body behind the head into the cursor's own memory, and checks that its key is within. */
static zf_status read_body(zf_merge *merge, zf_cursor *cursor, zf_error *error) {
    const zf_gather *gather = merge->gather;
    const size_t n = cursor->head.body_n;
    const uint8_t *bytes = NULL;
    uint32_t n_key = 0;
    zf_status st = zf_section_take(gather, &cursor->fixed, n, &merge->fixed, &bytes, error);
    if (st == ZF_OK)
        st = zf_scratch_grow(gather, &cursor->own, n, error);
    if (st != ZF_OK)
        return st;
    if (n < gather->row.key.bytes_at)
        return zf_spill_changed(error);
    memcpy(cursor->own.bytes, bytes, n);
    cursor->body = cursor->own.bytes;
    memcpy(&n_key, cursor->body + gather->row.key.length_at, sizeof n_key);
    return n_key <= n - gather->row.key.bytes_at ? ZF_OK : zf_spill_changed(error);
}

/** Reads the next head of a run. ZF_DONE at its end. */
static zf_status step(zf_merge *merge, zf_cursor *cursor, zf_error *error) {
    const zf_row_store *store = &cursor->run->store;
    if (store->n > 0) {
        if (cursor->next == store->n)
            return ZF_DONE;
        const uint8_t *row = zf_row_in_order(store->entries, cursor->next++)->row;
        memcpy(&cursor->head, row, sizeof cursor->head);
        cursor->body = row + sizeof cursor->head;
        return ZF_OK;
    }
    if (zf_section_is_empty(&cursor->fixed))
        return ZF_DONE;
    zf_status st =
        cursor->run->is_lean ? read_lean_head(merge, cursor, error) : read_head(merge, cursor, error);
    return st == ZF_OK && merge->gather->row.key.bytes_at > 0 ? read_body(merge, cursor, error) : st;
}

/** Skips the body and payload of the current row. */
static zf_status skip_row(zf_merge *merge, zf_cursor *cursor, zf_error *error) {
    if (cursor->run->store.n > 0)
        return ZF_OK;
    const bool is_body_read = merge->gather->row.key.bytes_at > 0;
    zf_status st = is_body_read ? ZF_OK : zf_section_skip(&cursor->fixed, cursor->head.body_n, error);
    if (st == ZF_OK && merge->has_payload)
        st = zf_section_skip(&cursor->payload, zf_row_payload_bytes(&cursor->head), error);
    return st;
}

/** Reads the body and payload of the current row. */
static zf_status take_row(zf_merge *merge, zf_cursor *cursor, zf_merge_row *out, zf_error *error) {
    *out = (zf_merge_row){.head = &cursor->head};
    size_t payload_n = zf_row_payload_bytes(&cursor->head);
    if (cursor->run->store.n > 0) {
        out->body = cursor->body;
        out->payload = merge->has_payload ? out->body + cursor->head.body_n : NULL;
        return ZF_OK;
    }
    zf_status st = ZF_OK;
    if (merge->gather->row.key.bytes_at > 0)
        out->body = cursor->body;
    else
        st = zf_section_take(merge->gather, &cursor->fixed, cursor->head.body_n, &merge->fixed, &out->body, error);
    if (st == ZF_OK && merge->has_payload)
        st = zf_section_take(merge->gather, &cursor->payload, payload_n, &merge->payload, &out->payload,
                             error);
    return st;
}

/** Advances the top run by one row and restores the heap. */
static zf_status advance(zf_merge *merge, zf_error *error) {
    zf_status st = step(merge, merge->heap[0], error);
    if (st == ZF_DONE) {
        merge->heap[0] = merge->heap[--merge->n_heap];
        st = ZF_OK;
    }
    if (st == ZF_OK && merge->n_heap > 0)
        sift_down(merge, 0);
    return st;
}

zf_status zf_merge_next(zf_merge *merge, uint32_t first, uint32_t last, zf_merge_row *out, zf_error *error) {
    zf_status st = ZF_OK;
    if (merge->is_top_spent) {
        merge->is_top_spent = false;
        st = advance(merge, error);
    }
    while (st == ZF_OK && merge->n_heap > 0 && merge->heap[0]->head.rank < first) {
        st = skip_row(merge, merge->heap[0], error);
        if (st == ZF_OK)
            st = advance(merge, error);
    }
    if (st != ZF_OK)
        return st;
    if (merge->n_heap == 0 || merge->heap[0]->head.rank > last)
        return ZF_DONE;
    merge->is_top_spent = true;
    return take_row(merge, merge->heap[0], out, error);
}

zf_bytes *zf_merge_texts(zf_merge *merge) {
    return merge->texts;
}

/** Number of buffers that reading a run needs. */
static size_t buffers_of(const zf_sorted_run *run, bool has_payload) {
    return run->store.n > 0 ? 0 : has_payload ? 2 : 1;
}

/** Allocates cursors, heap, buffers and texts. */
static zf_status allocate(zf_merge *merge, const zf_merge_plan *plan, zf_error *error) {
    zf_budget *budget = merge->gather->budget;
    size_t n_buffers = 0;
    for (size_t r = 0; r < plan->n_runs; r++)
        n_buffers += buffers_of(&plan->runs[r], plan->has_payload);
    void *memory = NULL;
    merge->cap = plan->n_runs;
    zf_status st = zf_memory_alloc(budget, ZF_MEMORY_GATHER, merge->cap * sizeof(zf_cursor), &memory, error);
    if (st != ZF_OK)
        return st;
    merge->cursors = memory;
    st = zf_memory_alloc(budget, ZF_MEMORY_GATHER, merge->cap * sizeof(zf_cursor *), &memory, error);
    if (st != ZF_OK)
        return st;
    merge->heap = memory;
    st = zf_memory_alloc(budget, ZF_MEMORY_GATHER, n_buffers * plan->section_bytes, &memory, error);
    if (st != ZF_OK)
        return st;
    merge->buffers = memory;
    merge->buffers_bytes = n_buffers * plan->section_bytes;
    st = zf_memory_alloc(budget, ZF_MEMORY_GATHER, merge->gather->row.n_texts * sizeof(zf_bytes), &memory, error);
    if (st == ZF_OK)
        merge->texts = memory;
    return st;
}

/** Opens the sections of a run in the file and reads the first head. */
static zf_status open_cursor(zf_merge *merge, zf_cursor *cursor, uint8_t *buffer, size_t section_bytes,
                             zf_error *error) {
    const zf_sorted_run *run = cursor->run;
    if (run->store.n == 0) {
        cursor->fixed =
            (zf_section_reader){run->fixed_at, run->fixed_at + run->fixed_bytes, buffer, section_bytes, 0, 0};
        if (merge->has_payload)
            cursor->payload = (zf_section_reader){run->payload_at,
                                                  run->payload_at + run->payload_bytes,
                                                  buffer + section_bytes,
                                                  section_bytes,
                                                  0,
                                                  0};
    }
    return step(merge, cursor, error);
}

/** Opens all runs and builds the heap. */
static zf_status open_cursors(zf_merge *merge, const zf_merge_plan *plan, zf_error *error) {
    uint8_t *buffer = merge->buffers;
    for (size_t r = 0; r < plan->n_runs; r++) {
        zf_cursor *cursor = &merge->cursors[r];
        *cursor = (zf_cursor){.run = &plan->runs[r]};
        merge->n_cursors++;
        zf_status st = open_cursor(merge, cursor, buffer, plan->section_bytes, error);
        if (st == ZF_OK)
            merge->heap[merge->n_heap++] = cursor;
        else if (st != ZF_DONE)
            return st;
        if (buffer != NULL) /* NULL if all runs are in memory */
            buffer += buffers_of(cursor->run, plan->has_payload) * plan->section_bytes;
    }
    for (size_t at = merge->n_heap / 2; at > 0; at--)
        sift_down(merge, at - 1);
    return ZF_OK;
}

zf_status zf_merge_open(zf_gather *gather, const zf_merge_plan *plan, zf_merge **out, zf_error *error) {
    void *memory = NULL;
    zf_status st = zf_memory_alloc(gather->budget, ZF_MEMORY_GATHER, sizeof(zf_merge), &memory, error);
    if (st != ZF_OK)
        return st;
    zf_merge *merge = memory;
    *merge = (zf_merge){.gather = gather, .has_payload = plan->has_payload};
    st = allocate(merge, plan, error);
    if (st == ZF_OK)
        st = open_cursors(merge, plan, error);
    if (st != ZF_OK) {
        zf_merge_close(merge);
        return st;
    }
    *out = merge;
    return ZF_OK;
}

void zf_merge_close(zf_merge *merge) {
    if (merge == NULL)
        return;
    const zf_gather *gather = merge->gather;
    zf_budget *budget = gather->budget;
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge->payload.bytes, merge->payload.cap);
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge->fixed.bytes, merge->fixed.cap);
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge->texts, gather->row.n_texts * sizeof(zf_bytes));
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge->buffers, merge->buffers_bytes);
    for (size_t r = 0; merge->cursors != NULL && r < merge->n_cursors; r++)
        zf_memory_free(budget, ZF_MEMORY_GATHER, merge->cursors[r].own.bytes, merge->cursors[r].own.cap);
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge->heap, merge->cap * sizeof(zf_cursor *));
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge->cursors, merge->cap * sizeof(zf_cursor));
    zf_memory_free(budget, ZF_MEMORY_GATHER, merge, sizeof *merge);
}
