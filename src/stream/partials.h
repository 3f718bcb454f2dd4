/* SPDX-License-Identifier: MIT */
/**
 * Buildings that lie near ZIPs of several passes: each pass notes what it found, and when all are over each
 * building is counted once, as a run of one pass counts it.
 */
#ifndef ZF_STREAM_PARTIALS_H
#define ZF_STREAM_PARTIALS_H

#include "gather/gather.h"
#include "output/record.h"
#include "zone/zone.h"

/** A gather of notes: (1, fid, ordinal) with two numbers. */
ZF_MUST_USE zf_status zf_partials_create(size_t n_writers, size_t share_bytes, const char *temp_dir,
                                         zf_budget *budget, zf_gather **out, zf_error *error);
/** What one pass found for a building. ordinal: below 2^48 and the same in each pass, or 0 where fids are
 * unique. */
ZF_MUST_USE zf_status zf_partials_append(zf_gather_writer *writer, int64_t fid, uint64_t ordinal, size_t pass,
                                         const zf_assignment *found, zf_error *error);
/** Seals the gather and counts its buildings; the writers must be closed. */
ZF_MUST_USE zf_status zf_partials_fold(zf_gather *partials, zf_run_counts *counts, zf_error *error);
/** Counts one building of whom all is known. */
void zf_partials_count(zf_run_counts *counts, size_t n_assigned, size_t n_crossing);

#endif
