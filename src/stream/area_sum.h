/* SPDX-License-Identifier: MIT */
/** A sum of areas that does not depend on the order of its terms, in few bytes: there is one for each ZIP and thread. */
#ifndef ZF_STREAM_AREA_SUM_H
#define ZF_STREAM_AREA_SUM_H

#include "analysis/statistics.h"

/**
 * Square metres as a fixed-point number, in units of 2^-64. Terms of at least 2^-11 m2 are exact, smaller ones
 * lose what is below the unit. Zero-initialise.
 */
typedef struct zf_area_sum {
    uint64_t whole_m2, part;
    zf_wide_sum *large; /**< of terms beyond a million square kilometres; NULL: there is none. Owned */
} zf_area_sum;

/** Adds an area, >= 0 or NaN, which counts as 0. ZF_E_MEMORY: a large one could not be added. */
ZF_MUST_USE zf_status zf_area_sum_add(zf_area_sum *sum, double area_m2, zf_error *error);
/** Adds `from`, which becomes zero, to `into`. */
void zf_area_sum_move(zf_area_sum *into, zf_area_sum *from);
/** Rounded once. */
double zf_area_sum_get(const zf_area_sum *sum);
void zf_area_sum_deinit(zf_area_sum *sum);

#endif
