/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"
#include "os/thread.h"

#include <inttypes.h>

enum { MIN_BLOCK_BYTES = 4096, MAX_BLOCK_BYTES = 1024 * 1024 };

struct zf_gather_writer {
    zf_gather *gather;
    zf_row_store store;
    size_t limit_bytes; /**< of the store */
    size_t block_bytes;
    zf_run_writer out; /**< its buffers are allocated at open, so that a writer can always spill */
};

static size_t clamp(size_t n, size_t low, size_t high) {
    return n < low ? low : n > high ? high : n;
}

static zf_status allocate(zf_gather *gather, size_t buffer_bytes, zf_gather_writer **out, zf_error *error) {
    void *writer = NULL, *buffers = NULL;
    zf_status st = zf_memory_alloc(gather->budget, ZF_MEMORY_GATHER, 2 * buffer_bytes, &buffers, error);
    if (st != ZF_OK)
        return st;
    st = zf_memory_alloc(gather->budget, ZF_MEMORY_GATHER, sizeof(zf_gather_writer), &writer, error);
    if (st != ZF_OK) {
        zf_memory_free(gather->budget, ZF_MEMORY_GATHER, buffers, 2 * buffer_bytes);
        return st;
    }
    *out = writer;
    **out = (zf_gather_writer){.gather = gather};
    (*out)->out = (zf_run_writer){.gather = gather, .buffers = buffers, .buffer_bytes = buffer_bytes};
    return ZF_OK;
}

zf_status zf_gather_writer_open(zf_gather *gather, zf_gather_writer **out, zf_error *error) {
    size_t share = gather->share_bytes / gather->n_writers;
    size_t buffer_bytes = clamp(share / 32, ZF_SECTION_MIN_BYTES, ZF_SECTION_MAX_BYTES);
    zf_mutex_lock(&gather->mutex);
    bool may_open = !gather->is_sealed && gather->n_open < gather->n_writers;
    if (may_open)
        gather->n_open++;
    zf_mutex_unlock(&gather->mutex);
    if (!may_open)
        return zf_error_set(
            error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
            "cannot open a writer of gathered rows: %zu may be open at once, and none after sealing",
            gather->n_writers);
    zf_gather_writer *writer = NULL;
    zf_status st = allocate(gather, buffer_bytes, &writer, error);
    if (st != ZF_OK) {
        zf_mutex_lock(&gather->mutex);
        gather->n_open--;
        zf_mutex_unlock(&gather->mutex);
        return st;
    }
    writer->limit_bytes = share > 2 * buffer_bytes ? share - 2 * buffer_bytes : 0;
    writer->block_bytes = clamp(share / 16, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
    *out = writer;
    return ZF_OK;
}

/** Sorts the rows and writes them as a run of the file. */
static zf_status spill(zf_gather_writer *writer, zf_error *error) {
    zf_gather *gather = writer->gather;
    zf_sorted_run run;
    zf_row_sort(writer->store.entries, writer->store.n, &gather->row.key);
    zf_status st = zf_spill_store(&writer->out, &writer->store, &run, error);
    if (st == ZF_OK)
        st = zf_gather_count_rows(gather, &writer->store, error);
    if (st == ZF_OK)
        st = zf_gather_add_run(gather, &run, error);
    if (st == ZF_OK)
        zf_row_store_clear(&writer->store);
    return st;
}

/** Reserves memory for a row; spills the rows first if the limit is reached or the budget refuses. */
static zf_status make_room(zf_gather_writer *writer, size_t n_bytes, uint8_t **out, zf_error *error) {
    zf_row_store *store = &writer->store;
    zf_budget *budget = writer->gather->budget;
    size_t growth = zf_row_store_growth(store, n_bytes, writer->block_bytes);
    size_t left = store->held_bytes < writer->limit_bytes ? writer->limit_bytes - store->held_bytes : 0;
    bool is_full = store->n == UINT32_MAX; /* entries are numbered in 32 bits */
    if (!is_full && (growth <= left || store->n == 0)) {
        bool is_last_try = store->n == 0;
        zf_status st = zf_row_store_reserve(store, budget, n_bytes, writer->block_bytes, out,
                                            is_last_try ? error : NULL);
        if (st != ZF_E_MEMORY || is_last_try)
            return st;
    }
    zf_status st = spill(writer, error);
    if (st == ZF_OK && zf_row_store_growth(store, n_bytes, writer->block_bytes) > 0)
        zf_row_store_deinit(store, budget); /* frees what is kept, since the row needs more */
    return st == ZF_OK ? zf_row_store_reserve(store, budget, n_bytes, writer->block_bytes, out, error) : st;
}

zf_status zf_gather_append(zf_gather_writer *writer, const zf_gather_row *row, zf_error *error) {
    size_t body_n = 0, total = 0;
    uint8_t *at = NULL;
    if (row->rank == 0)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "cannot gather building %" PRId64 " for rank 0: ranks begin at 1", row->fid);
    zf_status st = zf_row_measure(writer->gather, row, &body_n, &total, error);
    if (st == ZF_OK)
        st = make_room(writer, total, &at, error);
    if (st != ZF_OK)
        return st;
    zf_row_encode(writer->gather, row, body_n, at);
    zf_row_store_commit(&writer->store, &writer->gather->row.key, at, total);
    return ZF_OK;
}

/** Moves the rows, sorted, to the gather as a run in memory. */
static zf_status hand_over(zf_gather_writer *writer, zf_error *error) {
    zf_row_store *store = &writer->store;
    zf_sorted_run run = {.store = *store,
                         .n_rows = store->n,
                         .fixed_bytes = store->fixed_bytes,
                         .payload_bytes = store->payload_bytes};
    if (store->n == 0)
        return ZF_OK;
    zf_row_sort(store->entries, store->n, &writer->gather->row.key);
    zf_status st = zf_gather_count_rows(writer->gather, store, error);
    if (st == ZF_OK)
        st = zf_gather_add_run(writer->gather, &run, error);
    if (st == ZF_OK)
        *store = (zf_row_store){0};
    return st;
}

zf_status zf_gather_writer_close(zf_gather_writer *writer, zf_error *error) {
    if (writer == NULL)
        return ZF_OK;
    /* Only a row larger than the whole share exceeds the limit; it goes to the file. */
    zf_row_store_trim(&writer->store, writer->gather->budget);
    bool fits = writer->store.held_bytes <= writer->limit_bytes;
    zf_status st = fits || writer->store.n == 0 ? hand_over(writer, error) : spill(writer, error);
    zf_gather_writer_abandon(writer);
    return st;
}

void zf_gather_writer_abandon(zf_gather_writer *writer) {
    if (writer == NULL)
        return;
    zf_gather *gather = writer->gather;
    zf_row_store_deinit(&writer->store, gather->budget);
    zf_memory_free(gather->budget, ZF_MEMORY_GATHER, writer->out.buffers, 2 * writer->out.buffer_bytes);
    zf_memory_free(gather->budget, ZF_MEMORY_GATHER, writer, sizeof *writer);
    zf_mutex_lock(&gather->mutex);
    gather->n_open--;
    zf_mutex_unlock(&gather->mutex);
}
