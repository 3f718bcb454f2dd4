/* SPDX-License-Identifier: MIT */
/* Gini's coefficient: how unequally a sum is distributed. */
#include "analysis/analysis_internal.h"

#include <math.h>

/* Scaling changes no ratio. The weights come in pairs of opposite sign and the sum is exact, so that equal
 * numbers give 0. */
double zf_gini(const double *sorted, size_t n) {
    double largest = sorted[n - 1];
    if (sorted[0] < 0.0 || isinf(largest) || largest == 0.0)
        return NAN;
    double scale = ldexp(1.0, -zf_scale_exponent(largest));
    zf_wide_sum above = {.sum = {.wide = NULL}}, total = {.sum = {.wide = NULL}};
    for (size_t i = 0; i < n; i++) {
        double x = sorted[i] * scale, weight = (double)(2 * i + 1) - (double)n;
        zf_wide_sum_add(&above, weight * x);
        zf_wide_sum_add(&total, x);
    }
    return zf_wide_sum_get(&above) / ((double)n * zf_wide_sum_get(&total));
}
