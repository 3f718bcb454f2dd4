/* SPDX-License-Identifier: MIT */
/**
 * @file record.h
 * What a run must be able to prove: the count ledger, the rejected features, the inputs' hashes, the
 * canonical options.
 */
#ifndef ZF_OUTPUT_RECORD_H
#define ZF_OUTPUT_RECORD_H

#include "output/output.h"
#include "zonefold/run.h"

/* ---- ledger.c: the count ledger ---- */

/** Adds b to a, member by member (each thread counts for itself). */
void zf_counts_add(zf_run_counts *a, const zf_run_counts *b);
/** ZF_E_INTERNAL naming both sides when read != assigned + crossing + outside + empty + skipped, or a part
 * exceeds its whole. */
ZF_MUST_USE zf_status zf_counts_check(const zf_run_counts *counts, zf_error *error);
/** Writes run_count, one row per member, names as in zf_run_counts, in its order. */
ZF_MUST_USE zf_status zf_counts_write(const zf_run_counts *counts, zf_output *sink, zf_error *error);
/** Sets the n-th, which must be there. */
void zf_counts_set(zf_run_counts *counts, size_t n, uint64_t value);
/* zf_counts_get is in zonefold/run.h */

/* ---- rejects.c: features repaired, skipped or unusable ---- */

/** A list under the budget, beyond some thousands of entries in a temporary file; append from one thread at a
 * time. */
typedef struct zf_rejects zf_rejects;
/** temp_dir: as of a gather; borrowed for the list's life. */
ZF_MUST_USE zf_status zf_rejects_create(const char *temp_dir, zf_budget *budget, zf_rejects **out,
                                        zf_error *error);
void zf_rejects_destroy(zf_rejects *rejects);
/** Copies; `ordinal` is the feature's position in its source. */
ZF_MUST_USE zf_status zf_rejects_append(zf_rejects *rejects, const zf_rejected *rejected, uint64_t ordinal,
                                        zf_error *error);
/** Writes them sorted: zips first, then by fid, then ordinal, then order of appending. */
ZF_MUST_USE zf_status zf_rejects_write(zf_rejects *rejects, zf_output *sink, zf_error *error);
size_t zf_rejects_count(const zf_rejects *rejects);

#endif
