/* SPDX-License-Identifier: MIT */
/* Statistics of weighted numbers. */
#include "analysis/analysis_internal.h"

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

static int compare_weighed(const void *pa, const void *pb) {
    const zf_weighed *a = pa, *b = pb;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

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

/** S[k] of the definition in analysis.h, k from 0; `before` is the weight of the numbers before it. */
static double place(const facts *f, size_t k, double before) {
    return (double)k * f->sorted[k].weight + (double)(f->n - 1) * before;
}

static double percentile(const facts *f, unsigned percent) {
    size_t last = f->n - 1;
    double before = 0, weight_before_last = 0;
    for (size_t k = 0; k < last; k++)
        weight_before_last += f->sorted[k].weight;
    double wanted = place(f, last, weight_before_last) * (percent / 100.0), at = 0;
    for (size_t k = 0; k < last; k++) {
        double next = place(f, k + 1, before + f->sorted[k].weight);
        if (wanted < next) {
            double share = (wanted - at) / (next - at), low = f->sorted[k].x, high = f->sorted[k + 1].x;
            return share <= 0 ? low : zf_between((1 - share) * low + share * high, low, high);
        }
        before += f->sorted[k].weight;
        at = next;
    }
    return f->sorted[last].x;
}

static double deviation(const facts *f, double divisor) {
    return divisor > 0 ? ldexp(sqrt(f->squares / divisor), f->exponent) : NAN;
}

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
