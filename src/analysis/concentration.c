/* SPDX-License-Identifier: MIT */
/* How unequally a sum is spread. */
#include "analysis/analysis_internal.h"

#include <math.h>

enum { MAX_SCALE_BITS = 1000 };

/* Scaled so that the largest number is about 1; that of a coefficient of ratios is the same. The weights come
 * in pairs of opposite sign and the sum is exact, so that equal numbers give 0. */
double zf_gini(const double *sorted, size_t n) {
    int exponent = 0;
    double largest = sorted[n - 1];
    if (sorted[0] < 0.0 || isinf(largest) || largest == 0.0)
        return NAN;
    frexp(largest, &exponent);
    double scale = ldexp(1.0, exponent < -MAX_SCALE_BITS ? MAX_SCALE_BITS : -exponent);
    zf_exact_wide wide_above, wide_total;
    zf_exact_sum above = {.wide = NULL}, total = {.wide = NULL};
    for (size_t i = 0; i < n; i++) {
        double x = sorted[i] * scale, weight = (double)(2 * i + 1) - (double)n;
        zf_exact_add_with(&above, weight * x, &wide_above);
        zf_exact_add_with(&total, x, &wide_total);
    }
    return zf_exact_scaled(&above, 0) / ((double)n * zf_exact_scaled(&total, 0));
}
