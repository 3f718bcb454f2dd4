/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"
#include "os/temp_file.h"
#include "os/thread.h"

#include <string.h>

enum { MIN_SHARE_BYTES = 1024 * 1024 };

static bool row_size_is_sane(const zf_gather_options *options) {
    size_t cells, texts, total;
    return zf_size_mul(options->n_cells, sizeof(zf_cell), &cells) &&
           zf_size_mul(options->n_texts, sizeof(zf_bytes), &texts) && zf_size_add(cells, texts, &total) &&
           total < UINT32_MAX / 2;
}

zf_status zf_gather_create(const zf_gather_options *options, zf_budget *budget, zf_gather **out,
                           zf_error *error) {
    if (!row_size_is_sane(options) || options->n_writers == 0)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "cannot gather rows of %zu cells and %zu texts from %zu writers",
                            options->n_cells, options->n_texts, options->n_writers);
    void *memory = NULL;
    zf_status st = zf_memory_alloc(budget, ZF_MEMORY_GATHER, sizeof(zf_gather), &memory, error);
    if (st != ZF_OK)
        return st;
    zf_gather *gather = memory;
    *gather = (zf_gather){.budget = budget,
                          .row = {.n_cells = options->n_cells, .n_texts = options->n_texts},
                          .visits_payloads = options->visits_payloads,
                          .share_bytes =
                              options->share_bytes > MIN_SHARE_BYTES ? options->share_bytes : MIN_SHARE_BYTES,
                          .n_writers = options->n_writers};
    const size_t texts_at = options->n_cells * sizeof(zf_cell);
    if (options->has_key)
        gather->row.key = (zf_row_key){texts_at, texts_at + options->n_texts * sizeof(uint32_t)};
    zf_temp_file_init(&gather->spill.file, options->temp_dir, "gathered buildings");
    zf_mutex_init(&gather->mutex);
    *out = gather;
    return ZF_OK;
}

void zf_gather_destroy(zf_gather *gather) {
    if (gather == NULL)
        return;
    zf_budget *budget = gather->budget;
    zf_merge_close(gather->visits.merge);
    zf_merge_close(gather->reads.merge);
    for (size_t r = 0; r < gather->runs.n; r++)
        zf_row_store_deinit(&gather->runs.items[r].store, budget);
    zf_memory_free(budget, ZF_MEMORY_GATHER, gather->runs.items, gather->runs.cap * sizeof(zf_sorted_run));
    zf_memory_free(budget, ZF_MEMORY_GATHER, gather->counts.rows, gather->counts.n_ranks * sizeof(uint64_t));
    zf_temp_file_deinit(&gather->spill.file);
    zf_mutex_deinit(&gather->mutex);
    zf_memory_free(budget, ZF_MEMORY_GATHER, gather, sizeof *gather);
}

/** Makes room for one more run. */
static zf_status reserve_run(zf_gather *gather, zf_error *error) {
    if (gather->runs.n < gather->runs.cap)
        return ZF_OK;
    size_t cap = gather->runs.cap == 0 ? 16 : 2 * gather->runs.cap;
    void *runs = gather->runs.items;
    zf_status st =
        zf_memory_resize(gather->budget, ZF_MEMORY_GATHER, &runs, gather->runs.cap * sizeof(zf_sorted_run),
                         cap * sizeof(zf_sorted_run), error);
    if (st != ZF_OK)
        return st;
    gather->runs.items = runs;
    gather->runs.cap = cap;
    return ZF_OK;
}

zf_status zf_gather_add_run(zf_gather *gather, const zf_sorted_run *run, zf_error *error) {
    zf_mutex_lock(&gather->mutex);
    zf_status st = reserve_run(gather, error);
    if (st == ZF_OK)
        gather->runs.items[gather->runs.n++] = *run;
    zf_mutex_unlock(&gather->mutex);
    return st;
}

/** Grows the counts up to a rank. */
static zf_status reserve_ranks(zf_gather *gather, uint32_t rank, zf_error *error) {
    if (rank < gather->counts.n_ranks)
        return ZF_OK;
    size_t n = gather->counts.n_ranks + gather->counts.n_ranks / 2;
    if (n <= rank)
        n = (size_t)rank + 1;
    void *counts = gather->counts.rows;
    zf_status st = zf_memory_resize(gather->budget, ZF_MEMORY_GATHER, &counts,
                                    gather->counts.n_ranks * sizeof(uint64_t), n * sizeof(uint64_t), error);
    if (st != ZF_OK)
        return st;
    gather->counts.rows = counts;
    memset(gather->counts.rows + gather->counts.n_ranks, 0, (n - gather->counts.n_ranks) * sizeof(uint64_t));
    gather->counts.n_ranks = n;
    return ZF_OK;
}

zf_status zf_gather_count_rows(zf_gather *gather, const zf_row_store *store, zf_error *error) {
    zf_mutex_lock(&gather->mutex);
    zf_status st = reserve_ranks(gather, zf_row_in_order(store->entries, store->n - 1)->rank, error);
    for (size_t i = 0; st == ZF_OK && i < store->n; i++)
        gather->counts.rows[store->entries[i].rank]++;
    zf_mutex_unlock(&gather->mutex);
    return st;
}
