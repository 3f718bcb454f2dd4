/* SPDX-License-Identifier: MIT */
/* The Gini coefficient: how unequally a sum is distributed. */
#include "analysis/analysis_internal.h"

#include <math.h>

/** Without weights. The factors come in pairs of opposite sign and the sum is exact, so that equal numbers
 * give 0. Scaling changes no ratio. */
static double plain_gini(const double *x, size_t n, double scale) {
    zf_wide_sum above = {.sum = {.wide = NULL}}, total = {.sum = {.wide = NULL}};
    for (size_t i = 0; i < n; i++) {
        double factor = (double)(2 * i + 1) - (double)n;
        zf_wide_sum_add(&above, factor * (x[i] * scale));
        zf_wide_sum_add(&total, x[i] * scale);
    }
    return zf_wide_sum_get(&above) / ((double)n * zf_wide_sum_get(&total));
}

/** With weights: 1 minus twice the area under the Lorenz curve. */
static double weighed_gini(const zf_weighed *numbers, size_t n, double scale) {
    double reached = 0;
    zf_wide_sum area = {.sum = {.wide = NULL}}, weight = {.sum = {.wide = NULL}};
    if (numbers[0].x == numbers[n - 1].x)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double next = reached + numbers[i].weight * (numbers[i].x * scale);
        zf_wide_sum_add(&area, numbers[i].weight * (reached + next));
        zf_wide_sum_add(&weight, numbers[i].weight);
        reached = next;
    }
    return zf_between(1 - zf_wide_sum_get(&area) / (zf_wide_sum_get(&weight) * reached), 0, 1);
}

double zf_gini(const zf_sorted_numbers *numbers) {
    double smallest = zf_sorted_number(numbers, 0), largest = zf_sorted_number(numbers, numbers->n - 1);
    if (smallest < 0.0 || isinf(largest) || largest == 0.0)
        return NAN;
    double scale = ldexp(1.0, -zf_scale_exponent(largest));
    return numbers->plain != NULL ? plain_gini(numbers->plain, numbers->n, scale)
                                  : weighed_gini(numbers->weighed, numbers->n, scale);
}
