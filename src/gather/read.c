/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"

#include <string.h>

static uint64_t count_of(const zf_gather *gather, uint32_t rank) {
    return rank < gather->n_ranks ? gather->counts[rank] : 0;
}

size_t zf_gather_rows(const zf_gather *gather, uint32_t rank) {
    return (size_t)count_of(gather, rank);
}

static zf_status check_order(const zf_gather *gather, uint32_t before, uint32_t rank, zf_error *error) {
    if (gather->is_sealed && rank >= before)
        return ZF_OK;
    return zf_error_set(
        error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
        "cannot read the gathered rows of rank %u: they must be sealed and asked for in ascending order",
        rank);
}

static zf_status open_reader(zf_gather *gather, bool has_payload, zf_merge **inout, zf_error *error) {
    if (*inout != NULL)
        return ZF_OK;
    const zf_merge_plan plan = {gather->runs, gather->n_runs, has_payload, gather->stream_bytes};
    return zf_merge_open(gather, &plan, inout, error);
}

static zf_status new_columns(const zf_gather *gather, size_t n, zf_arena *arena, zf_rows *out,
                             zf_error *error) {
    void *memory = NULL;
    *out = (zf_rows){.n = n};
    zf_status st = zf_arena_alloc(arena, n, sizeof(int64_t), &memory, error);
    out->fid = memory;
    if (st == ZF_OK)
        st = zf_arena_alloc(arena, gather->n_numbers, sizeof(double *), &memory, error);
    out->numbers = memory;
    for (size_t c = 0; st == ZF_OK && c < gather->n_numbers; c++) {
        st = zf_arena_alloc(arena, n, sizeof(double), &memory, error);
        out->numbers[c] = memory;
    }
    if (st == ZF_OK)
        st = zf_arena_alloc(arena, gather->n_texts, sizeof(zf_bytes *), &memory, error);
    out->texts = memory;
    for (size_t c = 0; st == ZF_OK && c < gather->n_texts; c++) {
        st = zf_arena_alloc(arena, n, sizeof(zf_bytes), &memory, error);
        out->texts[c] = memory;
    }
    return st;
}

static zf_status copy_text(zf_arena *arena, zf_bytes text, zf_bytes *out, zf_error *error) {
    char *copy = NULL;
    zf_status st = text.bytes == NULL ? ZF_OK : zf_arena_copy(arena, text.bytes, text.n, &copy, error);
    *out = (zf_bytes){(const uint8_t *)copy, text.n};
    return st;
}

static zf_status put_row(const zf_gather *gather, const zf_merge_row *row, zf_arena *arena, zf_rows *out,
                         size_t at, zf_error *error) {
    const double *numbers = NULL;
    zf_bytes *texts = zf_merge_texts(gather->loading);
    zf_status st = zf_row_decode_body(gather, row->body, row->head->body_n, &numbers, texts, error);
    if (st != ZF_OK)
        return st;
    out->fid[at] = row->head->fid;
    for (size_t c = 0; c < gather->n_numbers; c++)
        out->numbers[c][at] = numbers[c];
    for (size_t c = 0; st == ZF_OK && c < gather->n_texts; c++)
        st = copy_text(arena, texts[c], &out->texts[c][at], error);
    return st;
}

zf_status zf_gather_load(zf_gather *gather, uint32_t rank, zf_arena *arena, zf_rows *out, zf_error *error) {
    uint64_t n = count_of(gather, rank);
    zf_status st = check_order(gather, gather->loaded_rank + 1, rank, error);
    if (st == ZF_OK && n > SIZE_MAX / sizeof(double))
        st = zf_error_memory(error, SIZE_MAX, "the rows of a ZIP");
    if (st == ZF_OK)
        st = new_columns(gather, (size_t)n, arena, out, error);
    if (st != ZF_OK)
        return st;
    gather->loaded_rank = rank;
    st = n == 0 ? ZF_OK : open_reader(gather, false, &gather->loading, error);
    for (size_t i = 0; st == ZF_OK && i < out->n; i++) {
        zf_merge_row row;
        st = zf_merge_next(gather->loading, rank, rank, &row, error);
        if (st == ZF_OK)
            st = put_row(gather, &row, arena, out, i, error);
    }
    return st == ZF_DONE ? zf_spill_changed(error) : st;
}

zf_status zf_gather_next(zf_gather *gather, uint32_t rank, zf_gather_row *out, zf_error *error) {
    zf_status st = check_order(gather, gather->reading_rank, rank, error);
    if (st != ZF_OK)
        return st;
    if (rank != gather->reading_rank)
        gather->n_read = 0;
    gather->reading_rank = rank;
    if (gather->n_read == count_of(gather, rank))
        return ZF_DONE;
    zf_merge_row row;
    st = open_reader(gather, true, &gather->reading, error);
    if (st == ZF_OK)
        st = zf_merge_next(gather->reading, rank, rank, &row, error);
    if (st != ZF_OK)
        return st == ZF_DONE ? zf_spill_changed(error) : st;
    gather->n_read++;
    zf_bytes *texts = zf_merge_texts(gather->reading);
    bool has_payload = row.head->payload_n != ZF_ROW_NO_PAYLOAD;
    *out = (zf_gather_row){.rank = rank, .fid = row.head->fid, .ordinal = row.head->ordinal, .texts = texts};
    out->payload = (zf_bytes){has_payload ? row.payload : NULL, zf_row_payload_bytes(row.head)};
    return zf_row_decode_body(gather, row.body, row.head->body_n, &out->numbers, texts, error);
}
