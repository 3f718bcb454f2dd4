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

#endif
