/* SPDX-License-Identifier: MIT */
#include "stream/partials.h"

zf_status zf_partials_create(size_t n_writers, size_t share_bytes, const char *temp_dir, zf_budget *budget,
                             zf_gather **out, zf_error *error) {
    zf_gather_options options = {
        .n_cells = 2, .share_bytes = share_bytes, .n_writers = n_writers, .temp_dir = temp_dir};
    return zf_gather_create(&options, budget, out, error);
}

/* A gather's rows differ: the pass takes the low bits of the ordinal. */
enum { PASS_BITS = 16 };

zf_status zf_partials_append(zf_gather_writer *writer, int64_t fid, uint64_t ordinal, size_t pass,
                             const zf_assignment *found, zf_error *error) {
    const zf_cell cells[2] = {{.integer = (int64_t)found->n_assigned},
                              {.integer = (int64_t)found->n_crossing}};
    zf_gather_row row = {
        .rank = 1, .fid = fid, .ordinal = ordinal << PASS_BITS | (pass & 0xffff), .cells = cells};
    return zf_gather_append(writer, &row, error);
}

void zf_partials_count(zf_run_counts *counts, size_t n_assigned, size_t n_crossing) {
    counts->buildings_in_many += n_assigned > 1;
    if (n_assigned > 0)
        counts->buildings_assigned++;
    else if (n_crossing > 0)
        counts->buildings_crossing++;
    else
        counts->buildings_outside++;
}

zf_status zf_partials_fold(zf_gather *partials, zf_run_counts *counts, zf_error *error) {
    zf_gather_row row;
    bool has_building = false;
    int64_t fid = 0;
    uint64_t ordinal = 0;
    size_t n_assigned = 0, n_crossing = 0;
    zf_status st = zf_gather_seal(partials, error);
    while (st == ZF_OK && (st = zf_gather_next(partials, 1, &row, error)) == ZF_OK) {
        if (has_building && (row.fid != fid || row.ordinal >> PASS_BITS != ordinal)) {
            zf_partials_count(counts, n_assigned, n_crossing);
            n_assigned = n_crossing = 0;
        }
        has_building = true;
        fid = row.fid;
        ordinal = row.ordinal >> PASS_BITS;
        n_assigned += (size_t)row.cells[0].integer;
        n_crossing += (size_t)row.cells[1].integer;
    }
    if (st != ZF_DONE)
        return st;
    if (has_building)
        zf_partials_count(counts, n_assigned, n_crossing);
    return ZF_OK;
}
