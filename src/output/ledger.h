/* SPDX-License-Identifier: MIT */
/** The count ledger: every feature that was read is counted in exactly one place. */
#ifndef ZF_OUTPUT_LEDGER_H
#define ZF_OUTPUT_LEDGER_H

#include "output/output.h"
#include "zonefold/run.h"

/** Adds b to a, member by member. */
void zf_counts_add(zf_run_counts *a, const zf_run_counts *b);
/** ZF_E_INTERNAL naming both sides when read != assigned + crossing + outside + empty + skipped, or a part
 * exceeds its whole. */
ZF_MUST_USE zf_status zf_counts_check(const zf_run_counts *counts, zf_error *error);
/** Writes run_count, one row per member, names as in zf_run_counts, in its order. */
ZF_MUST_USE zf_status zf_counts_write(const zf_run_counts *counts, zf_output *output, zf_error *error);
/** Sets the n-th count. n: of a count that exists. */
void zf_counts_set(zf_run_counts *counts, size_t n, uint64_t value);
/* zf_counts_get is in zonefold/run.h */

#endif
