/* SPDX-License-Identifier: MIT */
/* Statistics of weighted numbers. */
#include "analysis/analysis_internal.h"
#include "geometry/double_double.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/** What the statistics of a column are computed from. Missing numbers are left out, but for their weight. */
typedef struct facts {
    size_t n;       /**< numbers */
    double present; /**< their weight */
    double missing; /**< weight of the missing ones */
    double min, max;
    double sum;               /**< of weight times number */
    double mean;              /**< of all scaled numbers */
    double squares;           /**< sum of weight times squared distance from the mean, scaled twice */
    int exponent;             /**< numbers are scaled by 2^-exponent, to below 1 */
    const zf_weighed *sorted; /**< by number, then by weight; NULL when no statistic needs the order */
} facts;

/** Whether all weights are 1, so that the statistics are those without weights. */
static bool are_all_one(const double *weights, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (weights[i] != 1)
            return false;
    return true;
}

/** Adds x * y without rounding: the rounded product, and what its rounding lost. */
static void add_product(zf_wide_sum *sum, double x, double y) {
    double product = x * y;
    zf_wide_sum_add(sum, product);
    if (isfinite(product))
        zf_wide_sum_add(sum, fma(x, y, -product));
}

/** Counts the numbers and finds their range. */
static void take_range(const double *values, size_t n, facts *f) {
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        f->min = f->n == 0 || values[i] < f->min ? values[i] : f->min;
        f->max = f->n == 0 || values[i] > f->max ? values[i] : f->max;
        f->n++;
    }
    f->exponent = f->n > 0 ? zf_scale_exponent(fmax(fabs(f->min), fabs(f->max))) : 0;
}

/** Sums weights, numbers and squared deviations. */
static void take_sums(const double *values, const double *weights, size_t n, facts *f) {
    zf_wide_sum present = {.sum = {.wide = NULL}}, missing = {.sum = {.wide = NULL}},
                sum = {.sum = {.wide = NULL}}, squares = {.sum = {.wide = NULL}};
    double scale = ldexp(1.0, -f->exponent);
    for (size_t i = 0; i < n; i++) {
        bool is_missing = isnan(values[i]);
        zf_wide_sum_add(is_missing ? &missing : &present, weights[i]);
        if (!is_missing)
            add_product(&sum, weights[i], values[i]);
    }
    f->present = zf_wide_sum_get(&present);
    f->missing = zf_wide_sum_get(&missing);
    f->sum = zf_wide_sum_get(&sum);
    f->mean = zf_between(zf_exact_scaled(&sum.sum, f->exponent) / f->present, f->min * scale, f->max * scale);
    f->squares = NAN;
    if (!isfinite(f->min) || !isfinite(f->max))
        return;
    for (size_t i = 0; i < n; i++) {
        double deviation = values[i] * scale - f->mean;
        if (!isnan(values[i]))
            zf_wide_sum_add(&squares, weights[i] * (deviation * deviation));
    }
    f->squares = zf_wide_sum_get(&squares);
}

/** Orders by number, then by weight. */
static int compare_weighed(const void *pa, const void *pb) {
    const zf_weighed *a = pa, *b = pb;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

/** Whether a statistic needs the sorted numbers. */
static bool needs_order(zf_stat stat) {
    unsigned percent;
    return zf_stat_percent(stat, &percent) || stat.kind == ZF_STAT_IQR ||
           zf_stat_sorted_function(stat) != NULL;
}

/** Sorts the numbers that are not missing, with their weights. */
static zf_status sort(const double *values, const double *weights, size_t n, zf_arena *scratch, facts *f,
                      zf_error *error) {
    zf_weighed *sorted = NULL;
    size_t n_sorted = 0;
    zf_status st = zf_arena_take(scratch, f->n, sizeof *sorted, &sorted, error);
    if (st != ZF_OK)
        return zf_error_within(error, st, "statistics of %zu numbers", n);
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            sorted[n_sorted++] = (zf_weighed){values[i], weights[i]};
    qsort(sorted, n_sorted, sizeof *sorted, compare_weighed);
    f->sorted = sorted;
    return ZF_OK;
}

/** A percentile of numbers of equal weights: definition 7 of Hyndman and Fan, as without weights. */
static double percentile_of_equals(const facts *f, unsigned percent) {
    unsigned hundredths;
    size_t at = zf_percentile_position(f->n, percent, &hundredths);
    if (hundredths == 0)
        return f->sorted[at].x;
    return zf_percentile_between(f->sorted[at].x, f->sorted[at + 1].x, hundredths);
}

/** The sum of the weights and that of their squares, with weights scaled to at most 1: ratios stay the same,
 * and no square vanishes that counts. Returns the scale. */
static double sum_weights(const facts *f, zf_dd *out_sum, zf_dd *out_squares) {
    double largest = 0;
    for (size_t i = 0; i < f->n; i++)
        largest = fmax(largest, f->sorted[i].weight);
    double scale = ldexp(1.0, -zf_scale_exponent(largest));
    *out_sum = *out_squares = zf_dd_of(0);
    for (size_t i = 0; i < f->n; i++) {
        zf_dd weight = zf_dd_of(f->sorted[i].weight * scale);
        *out_sum = zf_dd_add(*out_sum, weight);
        *out_squares = zf_dd_add(*out_squares, zf_dd_multiply(weight, weight));
    }
    return scale;
}

/**
 * A percentile p of weighted numbers: the weighted type 7 of Akinshin (2023, arXiv:2304.07265). Side by side,
 * the weights of the sorted numbers cover [0, W]. The percentile is the mean of the numbers over the interval
 * that begins at p (W - L) and has the length L = sum(w^2) / W, which is W divided by Kish's effective sample
 * size.
 */
static double percentile_of_weights(const facts *f, unsigned percent) {
    zf_dd total, squares, at = zf_dd_of(0);
    double scale = sum_weights(f, &total, &squares);
    zf_dd length = zf_dd_divide(squares, total), hundred = zf_dd_of(100), share = zf_dd_of(percent);
    zf_dd low = zf_dd_divide(zf_dd_multiply(share, zf_dd_subtract(total, length)), hundred);
    zf_dd high = zf_dd_add(low, length);
    const double least_part = 1e-25; /* what is less may be rounding, which an infinite number would show */
    zf_wide_sum sum = {.sum = {.wide = NULL}};
    size_t first = SIZE_MAX, last = 0;
    for (size_t i = 0; i < f->n; i++) {
        zf_dd next = zf_dd_add(at, zf_dd_of(f->sorted[i].weight * scale));
        zf_dd from = zf_dd_compare(at, low) > 0 ? at : low, to = zf_dd_compare(next, high) < 0 ? next : high;
        double part = zf_dd_divide(zf_dd_subtract(to, from), length).hi;
        at = next;
        if (!(part > least_part))
            continue;
        first = first == SIZE_MAX ? i : first;
        last = i;
        add_product(&sum, part, f->sorted[i].x);
    }
    first = first == SIZE_MAX ? 0 : first;
    return zf_between(zf_wide_sum_get(&sum), f->sorted[first].x, f->sorted[last].x);
}

/** A percentile; equal weights give the bits of the percentile without weights. */
static double percentile(const facts *f, unsigned percent) {
    for (size_t i = 1; i < f->n; i++)
        if (f->sorted[i].weight != f->sorted[0].weight)
            return percentile_of_weights(f, percent);
    return percentile_of_equals(f, percent);
}

/** The root of the squared deviations divided by `divisor`, with the scaling taken back. */
static double deviation(const facts *f, double divisor) {
    return divisor > 0 ? ldexp(sqrt(f->squares / divisor), f->exponent) : NAN;
}

/** A statistic of at least one number; NaN becomes NULL. */
static double evaluate(zf_stat stat, const facts *f) {
    double mean = zf_between(f->sum / f->present, f->min, f->max);
    unsigned percent;
    zf_stat_of_sorted *of_sorted = zf_stat_sorted_function(stat);
    if (of_sorted != NULL)
        return of_sorted(&(zf_sorted_numbers){.n = f->n, .weighed = f->sorted});
    if (zf_stat_percent(stat, &percent))
        return percentile(f, percent);
    switch (stat.kind) {
    case ZF_STAT_SUM:
        return f->sum;
    case ZF_STAT_MEAN:
        return isinf(f->sum) ? ldexp(f->mean, f->exponent) : mean;
    case ZF_STAT_STDDEV:
        return deviation(f, f->present);
    case ZF_STAT_STDDEV_SAMPLE:
        return deviation(f, f->present - 1);
    case ZF_STAT_VARIANCE:
        return ldexp(f->squares / f->present, 2 * f->exponent);
    case ZF_STAT_CV:
        return mean == 0 ? NAN : deviation(f, f->present) / mean;
    case ZF_STAT_IQR:
        return percentile(f, 75) - percentile(f, 25);
    default:
        return NAN;
    }
}

/** A statistic as a value; of no numbers, 0 for counts and sums and NULL for all others. */
static zf_value value_of(zf_stat stat, const facts *f) {
    if (stat.kind == ZF_STAT_COUNT)
        return zf_value_real(f->n > 0 ? f->present : 0.0);
    if (stat.kind == ZF_STAT_MISSING)
        return zf_value_real(f->missing);
    if (f->n == 0)
        return stat.kind == ZF_STAT_SUM ? zf_value_real(0.0) : zf_value_null();
    return zf_value_real(evaluate(stat, f) + 0.0); /* -0 becomes 0 */
}

/** As without weights, but for counts, which are REAL. */
static zf_status take_unweighted(const double *values, size_t n, const zf_stat *stats, size_t n_stats,
                                 zf_arena *scratch, zf_value *out, zf_error *error) {
    zf_status st = zf_stats_of_numbers(values, n, stats, n_stats, scratch, out, error);
    for (size_t i = 0; st == ZF_OK && i < n_stats; i++)
        if (out[i].kind == ZF_VALUE_INTEGER)
            out[i] = zf_value_real((double)out[i].as.integer);
    return st;
}

zf_status zf_stats_of_weighted(const double *values, const double *weights, size_t n, const zf_stat *stats,
                               size_t n_stats, zf_arena *scratch, zf_value *out, zf_error *error) {
    facts f = {.n = 0};
    bool has_order = false;
    if (are_all_one(weights, n))
        return take_unweighted(values, n, stats, n_stats, scratch, out, error);
    for (size_t i = 0; i < n_stats; i++)
        has_order |= needs_order(stats[i]);
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    take_range(values, n, &f);
    take_sums(values, weights, n, &f);
    zf_status st = has_order && f.n > 0 ? sort(values, weights, n, scratch, &f, error) : ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n_stats; i++)
        if (zf_stat_is_weighted(stats[i]))
            out[i] = value_of(stats[i], &f);
        else
            st = zf_stats_of_numbers(values, n, &stats[i], 1, scratch, &out[i], error);
    zf_arena_rewind(scratch, mark);
    return st;
}
