/* SPDX-License-Identifier: MIT */
/** What the files of this folder share. */
#ifndef ZF_ANALYSIS_INTERNAL_H
#define ZF_ANALYSIS_INTERNAL_H

#include "analysis/analysis.h"

/**
 * Rearranges values so that values[ranks[i]] is what it would be were they sorted, for all i.
 * @param values   n numbers without NaN; -0.0 and 0.0 are equal.
 * @param ranks    n_ranks places below n, ascending.
 * Cost: O(n log n_ranks) expected, O(n log n) at worst. No allocation; recursion of at most 2 log2 n.
 */
void zf_place_ranks(double *values, size_t n, const size_t *ranks, size_t n_ranks);

/** A mean or a percentile lies between its neighbours; rounding may have put it beside them (three times
 * 0.1).
 */
static inline double zf_between(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/** A running statistic of at least one number. */
double zf_running_evaluate(zf_stat_kind kind, const zf_running *running);
/** Counts, and everything of no numbers: what needs no evaluation. False when it does. */
bool zf_running_settle(zf_stat stat, const zf_running *running, uint64_t n_rows, zf_value *out);

#endif
