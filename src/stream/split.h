/* SPDX-License-Identifier: MIT */
/**
 * Buildings whose ZIPs are split over several passes. Each pass notes what it found; after the last one each
 * building is counted once, as a run of one pass counts it.
 */
#ifndef ZF_STREAM_SPLIT_H
#define ZF_STREAM_SPLIT_H

#include "gather/gather.h"
#include "stream/tally.h"

/** Creates a gather of notes: rank 1, fid, ordinal, two numbers. */
ZF_MUST_USE zf_status zf_split_create(size_t n_writers, size_t share_bytes, const char *temp_dir,
                                      zf_budget *budget, zf_gather **out, zf_error *error);
/** Notes what one pass found for a building. ordinal: below 2^48 and the same in each pass, or 0 where fids
 * are unique. */
ZF_MUST_USE zf_status zf_split_append(zf_gather_writer *writer, int64_t fid, uint64_t ordinal, size_t pass_no,
                                      const zf_assignment *found, zf_error *error);
/** Seals the notes and counts their buildings; the writers must be closed. */
ZF_MUST_USE zf_status zf_split_count(zf_gather *notes, zf_tally *tally, zf_error *error);

#endif
