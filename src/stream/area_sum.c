/* SPDX-License-Identifier: MIT */
#include "stream/area_sum.h"

#include <math.h>
#include <stdlib.h>

static const double largest_m2 = 1e12; /* 8 million such areas fit into 63 bits */
static const double units_per_m2 = 18446744073709551616.0;

static zf_status add_large(zf_area_sum *sum, double area_m2, zf_error *error) {
    if (sum->large == NULL)
        sum->large = calloc(1, sizeof *sum->large);
    if (sum->large == NULL)
        return zf_error_memory(error, sizeof *sum->large, "the sum of large areas");
    zf_wide_sum_add(sum->large, area_m2);
    return ZF_OK;
}

zf_status zf_area_sum_add(zf_area_sum *sum, double area_m2, zf_error *error) {
    if (!(area_m2 > 0))
        return ZF_OK;
    if (area_m2 > largest_m2)
        return add_large(sum, area_m2, error);
    const double whole = floor(area_m2);
    const uint64_t part = (uint64_t)((area_m2 - whole) * units_per_m2);
    sum->part += part;
    sum->whole_m2 += (uint64_t)whole + (sum->part < part);
    return ZF_OK;
}

void zf_area_sum_move(zf_area_sum *into, zf_area_sum *from) {
    into->part += from->part;
    into->whole_m2 += from->whole_m2 + (into->part < from->part);
    if (into->large == NULL) {
        into->large = from->large;
    } else if (from->large != NULL) {
        if (into->large->sum.wide == NULL)
            zf_exact_widen(&into->large->sum, &into->large->wide);
        zf_exact_merge(&into->large->sum, &from->large->sum);
        free(from->large);
    }
    *from = (zf_area_sum){0};
}

/** The fixed-point number, rounded to nearest: its 64 highest bits, of which the last stands for all below. */
static double fixed_m2(const zf_area_sum *sum) {
    if (sum->whole_m2 == 0)
        return (double)sum->part / units_per_m2;
    const int shift = __builtin_clzll(sum->whole_m2);
    const uint64_t below = shift == 0 ? 0 : sum->part >> (64 - shift);
    const uint64_t high = (sum->whole_m2 << shift) | below;
    const uint64_t rest = sum->part << shift;
    return ldexp((double)(high | (rest != 0)), -shift);
}

double zf_area_sum_get(const zf_area_sum *sum) {
    if (sum->large == NULL)
        return fixed_m2(sum);
    return zf_wide_sum_get(sum->large) + fixed_m2(sum);
}

void zf_area_sum_deinit(zf_area_sum *sum) {
    free(sum->large);
    *sum = (zf_area_sum){0};
}
