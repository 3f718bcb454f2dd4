/* SPDX-License-Identifier: MIT */
#include "stream/split.h"

/* A gather's rows differ: the pass number takes the low bits of the ordinal. */
enum { PASS_BITS = 16 };
enum { N_ASSIGNED = 0, N_CROSSING, N_CELLS };

zf_status zf_split_create(size_t n_writers, size_t share_bytes, const char *temp_dir, zf_budget *budget,
                          zf_gather **out, zf_error *error) {
    zf_gather_options options = {
        .n_cells = N_CELLS, .share_bytes = share_bytes, .n_writers = n_writers, .temp_dir = temp_dir};
    return zf_gather_create(&options, budget, out, error);
}

zf_status zf_split_append(zf_gather_writer *writer, int64_t fid, uint64_t ordinal, size_t pass_no,
                          const zf_assignment *found, zf_error *error) {
    const zf_cell cells[N_CELLS] = {[N_ASSIGNED] = {.integer = (int64_t)found->n_assigned},
                                    [N_CROSSING] = {.integer = (int64_t)found->n_crossing}};
    zf_gather_row row = {
        .rank = 1, .fid = fid, .ordinal = ordinal << PASS_BITS | (pass_no & 0xffff), .cells = cells};
    return zf_gather_append(writer, &row, error);
}

zf_status zf_split_count(zf_gather *notes, zf_tally *tally, zf_error *error) {
    zf_gather_row row;
    bool has_building = false;
    int64_t fid = 0;
    uint64_t ordinal = 0;
    size_t n_assigned = 0, n_crossing = 0;
    zf_status st = zf_gather_seal(notes, error);
    while (st == ZF_OK && (st = zf_gather_next(notes, 1, &row, error)) == ZF_OK) {
        if (has_building && (row.fid != fid || row.ordinal >> PASS_BITS != ordinal)) {
            zf_tally_count_building(tally, n_assigned, n_crossing);
            n_assigned = n_crossing = 0;
        }
        has_building = true;
        fid = row.fid;
        ordinal = row.ordinal >> PASS_BITS;
        n_assigned += (size_t)row.cells[N_ASSIGNED].integer;
        n_crossing += (size_t)row.cells[N_CROSSING].integer;
    }
    if (st != ZF_DONE)
        return st;
    if (has_building)
        zf_tally_count_building(tally, n_assigned, n_crossing);
    return ZF_OK;
}
