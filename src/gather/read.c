/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"

#include <string.h>

static uint64_t count_of(const zf_gather *gather, uint32_t rank) {
    return rank < gather->counts.n_ranks ? gather->counts.rows[rank] : 0;
}

size_t zf_gather_rows(const zf_gather *gather, uint32_t rank) {
    return (size_t)count_of(gather, rank);
}

/** Fails for ranks that do not ascend, or before sealing. */
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
    const zf_merge_plan plan = {gather->runs.items, gather->runs.n, has_payload, gather->section_bytes};
    return zf_merge_open(gather, &plan, inout, error);
}

/** Decodes a row of the merge. */
static zf_status decode(const zf_gather *gather, zf_merge *merge, const zf_merge_row *row, zf_gather_row *out,
                        zf_error *error) {
    zf_bytes *texts = zf_merge_texts(merge);
    bool has_payload = row->payload != NULL && row->head->payload_n != ZF_ROW_NO_PAYLOAD;
    *out = (zf_gather_row){
        .rank = row->head->rank, .fid = row->head->fid, .ordinal = row->head->ordinal, .texts = texts};
    if (has_payload)
        out->payload = (zf_bytes){row->payload, zf_row_payload_bytes(row->head)};
    return zf_row_decode_body(gather, row->body, row->head->body_n, &out->cells, texts, error);
}

zf_status zf_gather_visit(zf_gather *gather, uint32_t rank, zf_gather_take take, void *user,
                          zf_error *error) {
    uint64_t n = count_of(gather, rank);
    zf_status st = check_order(gather, gather->visits.rank + 1, rank, error);
    if (st != ZF_OK)
        return st;
    gather->visits.rank = rank;
    st = n == 0 ? ZF_OK : open_reader(gather, gather->visits_payloads, &gather->visits.merge, error);
    for (uint64_t i = 0; st == ZF_OK && i < n; i++) {
        zf_merge_row merged;
        zf_gather_row row;
        st = zf_merge_next(gather->visits.merge, rank, rank, &merged, error);
        if (st == ZF_DONE)
            return zf_spill_changed(error);
        if (st == ZF_OK)
            st = decode(gather, gather->visits.merge, &merged, &row, error);
        if (st == ZF_OK)
            st = take(user, &row, error);
    }
    return st;
}

zf_status zf_gather_next(zf_gather *gather, uint32_t rank, zf_gather_row *out, zf_error *error) {
    zf_status st = check_order(gather, gather->reads.rank, rank, error);
    if (st != ZF_OK)
        return st;
    if (rank != gather->reads.rank)
        gather->reads.n_rows = 0;
    gather->reads.rank = rank;
    if (gather->reads.n_rows == count_of(gather, rank))
        return ZF_DONE;
    zf_merge_row row;
    st = open_reader(gather, true, &gather->reads.merge, error);
    if (st == ZF_OK)
        st = zf_merge_next(gather->reads.merge, rank, rank, &row, error);
    if (st != ZF_OK)
        return st == ZF_DONE ? zf_spill_changed(error) : st;
    gather->reads.n_rows++;
    return decode(gather, gather->reads.merge, &row, out, error);
}
