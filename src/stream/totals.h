/* SPDX-License-Identifier: MIT */
/** What a worker keeps of each ZIP when no rows are needed: its numbers added up as they go by. */
#ifndef ZF_STREAM_TOTALS_H
#define ZF_STREAM_TOTALS_H

#include "analysis/analysis.h"

/** One ZIP's numbers. */
typedef struct zf_zip_totals {
    uint64_t n_rows;
    zf_total columns[];
} zf_zip_totals;

typedef struct zf_totals {
    zf_arena arena;
    size_t n_zips;
    const zf_row_layout *layout; /**< borrowed */
    zf_zip_totals **zips;        /**< n_zips; NULL: no row so far. In the arena, as they are */
} zf_totals;

/** Whether n_workers of them stay within the share, should each meet each ZIP. (A column whose numbers differ
 * by more than a factor of 2^32 takes some 300 bytes more than is counted here.) */
bool zf_totals_fit(size_t n_zips, size_t n_columns, size_t n_workers, size_t share_bytes);
/** ZF_E_MEMORY leaves nothing to deinit. */
ZF_MUST_USE zf_status zf_totals_init(zf_totals *totals, zf_budget *budget, size_t n_zips,
                                     const zf_row_layout *layout, zf_error *error);
void zf_totals_deinit(zf_totals *totals);
/** The numbers of a row. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_totals_add(zf_totals *totals, size_t zip, const zf_cell *cells, zf_error *error);

/** Adds the number of a slot, with more room from the arena when its sum needs it. */
ZF_MUST_USE zf_status zf_total_add(zf_total *total, const zf_row_layout *layout, const zf_cell *cells,
                                   size_t slot, zf_arena *arena, zf_error *error);

#endif
