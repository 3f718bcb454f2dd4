/* SPDX-License-Identifier: MIT */
/* Statistics of a column of numbers: exact sums, two-pass variance, ranks by partial sorting. */
#include "analysis/analysis_internal.h"

#include <assert.h>
#include <math.h>

enum { N_PERCENTS = 101, CAP_RANKS = 2 * N_PERCENTS };

/** What can be computed of a column without sorting it. */
typedef struct summary {
    zf_running running;
    double squares; /**< sum of (x - mean)^2, in units of 4^exponent */
    int exponent;
} summary;

/** The values of a column, sorted as far as the wanted percentiles need it. */
typedef struct percentiles {
    bool is_wanted[N_PERCENTS];
    bool is_sorted; /**< all of them */
    const double *values;
    size_t n;
} percentiles;

/** A compensated sum: what each addition loses is added at the end. Source: Neumaier, ZAMM 54 (1974). */
typedef struct accumulator {
    double total, lost;
} accumulator;

/** Adds a number, and keeps what the addition loses. */
static inline void add(accumulator *a, double x) {
    double next = a->total + x;
    a->lost += fabs(a->total) >= fabs(x) ? (a->total - next) + x : (x - next) + a->total;
    a->total = next;
}

double zf_sum(const double *values, size_t n) {
    zf_wide_sum sum = {.sum = {.wide = NULL}};
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            zf_wide_sum_add(&sum, values[i]);
    return zf_wide_sum_get(&sum);
}

/** Sums the squared deviations from the mean, of scaled values. */
static void sum_squares(const double *values, size_t n, summary *s) {
    const zf_running *r = &s->running;
    if (!isfinite(r->min) || !isfinite(r->max)) {
        s->squares = NAN;
        return;
    }
    s->exponent = zf_scale_exponent(fmax(fabs(r->min), fabs(r->max)));
    double scale = ldexp(1.0, -s->exponent);
    double mean =
        zf_between(zf_exact_scaled(&r->sum, s->exponent) / (double)r->n, r->min * scale, r->max * scale);
    accumulator squares = {0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        double deviation = values[i] * scale - mean;
        if (!isnan(values[i]))
            add(&squares, deviation * deviation);
    }
    s->squares = squares.total + squares.lost;
}

/** Whether a statistic needs the squared deviations from the mean. */
static bool needs_squares(zf_stat_kind kind) {
    return kind == ZF_STAT_STDDEV || kind == ZF_STAT_STDDEV_SAMPLE || kind == ZF_STAT_VARIANCE ||
           kind == ZF_STAT_CV;
}

/** Reads the column once, and once more where a statistic needs the variance. `wide` is storage for a sum
 * that leaves the window; *s refers to it then. */
static void summarise(const double *values, size_t n, const zf_stat *stats, size_t n_stats,
                      zf_exact_wide *wide, summary *s) {
    *s = (summary){.exponent = 0};
    for (size_t i = 0; i < n; i++) {
        if (zf_running_add(&s->running, values[i]))
            continue;
        zf_exact_widen(&s->running.sum, wide);
        i--; /* add it again */
    }
    for (size_t i = 0; s->running.n > 0 && i < n_stats; i++) {
        if (needs_squares(stats[i].kind)) {
            sum_squares(values, n, s);
            break;
        }
    }
}

/** The root of the mean squared deviation, with the scaling taken back. */
static double standard_deviation(const summary *s, size_t divisor) {
    return ldexp(sqrt(s->squares / (double)divisor), s->exponent);
}

/** Marks the percentiles, or the sorting, that a statistic needs; false when it needs neither. */
static bool want_order(zf_stat stat, percentiles *p) {
    unsigned percent;
    if (zf_stat_sorted_function(stat) != NULL)
        return p->is_sorted = true;
    if (stat.kind == ZF_STAT_IQR)
        return p->is_wanted[25] = p->is_wanted[75] = true;
    if (!zf_stat_percent(stat, &percent))
        return false;
    assert(percent < N_PERCENTS);
    return p->is_wanted[percent] = true;
}

/** Lists the ranks that the wanted percentiles need, ascending. */
static size_t list_ranks(const percentiles *p, size_t ranks[CAP_RANKS]) {
    size_t n_ranks = 0;
    for (unsigned percent = 0; percent < N_PERCENTS; percent++) {
        unsigned hundredths;
        if (!p->is_wanted[percent])
            continue;
        size_t at = zf_percentile_position(p->n, percent, &hundredths);
        if (n_ranks == 0 || ranks[n_ranks - 1] < at)
            ranks[n_ranks++] = at;
        if (hundredths > 0 && ranks[n_ranks - 1] < at + 1)
            ranks[n_ranks++] = at + 1;
    }
    return n_ranks;
}

/** A percentile of the sorted values. */
static double percentile(const percentiles *p, unsigned percent) {
    unsigned hundredths;
    size_t at = zf_percentile_position(p->n, percent, &hundredths);
    double low = p->values[at];
    if (hundredths == 0)
        return low;
    return zf_percentile_between(low, p->values[at + 1], hundredths);
}

/** Copies the values that are not missing and sorts them as far as the statistics need it. */
static zf_status prepare_percentiles(const double *values, size_t n, size_t n_present, zf_arena *scratch,
                                     percentiles *p, zf_error *error) {
    void *taken = NULL;
    zf_status status = zf_arena_alloc(scratch, n_present, sizeof(double), &taken, error);
    if (status != ZF_OK)
        return status;
    double *present = taken;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(values[i]))
            present[p->n++] = values[i];
    }
    size_t ranks[CAP_RANKS];
    if (p->is_sorted)
        zf_sort_numbers(present, p->n);
    else
        zf_select_ranks(present, p->n, ranks, list_ranks(p, ranks));
    p->values = present;
    return ZF_OK;
}

/** Computes what zf_running_settle() does not settle. */
static double evaluate(zf_stat stat, const summary *s, const percentiles *p) {
    size_t n = (size_t)s->running.n;
    unsigned percent;
    double mean;
    zf_stat_of_sorted *of_sorted = zf_stat_sorted_function(stat);
    assert(n > 0);
    if (of_sorted != NULL)
        return of_sorted(&(zf_sorted_numbers){.n = p->n, .plain = p->values});
    if (zf_stat_percent(stat, &percent))
        return percentile(p, percent);
    switch (stat.kind) {
    case ZF_STAT_STDDEV:
        return standard_deviation(s, n);
    case ZF_STAT_STDDEV_SAMPLE:
        return n < 2 ? NAN : standard_deviation(s, n - 1);
    case ZF_STAT_VARIANCE:
        return ldexp(s->squares / (double)n, 2 * s->exponent);
    case ZF_STAT_CV:
        mean = zf_running_mean(&s->running);
        return mean == 0.0 ? NAN : standard_deviation(s, n) / mean;
    case ZF_STAT_IQR:
        return percentile(p, 75) - percentile(p, 25);
    default:
        return zf_running_evaluate(stat.kind, &s->running);
    }
}

size_t zf_stats_scratch_bytes(size_t n, const zf_stat *stats, size_t n_stats) {
    percentiles p;
    bool has_ranks = false;
    for (size_t i = 0; i < n_stats; i++)
        has_ranks |= want_order(stats[i], &p);
    return has_ranks ? n * sizeof(double) : 0;
}

zf_status zf_stats_of_numbers(const double *values, size_t n, const zf_stat *stats, size_t n_stats,
                              zf_arena *scratch, zf_value *out, zf_error *error) {
    summary s;
    zf_exact_wide wide;
    summarise(values, n, stats, n_stats, &wide, &s);
    percentiles p = {.is_sorted = false};
    bool has_ranks = false;
    for (size_t i = 0; i < n_stats; i++)
        has_ranks |= want_order(stats[i], &p);
    zf_arena_mark mark = zf_arena_get_mark(scratch);
    if (has_ranks && s.running.n > 0) {
        zf_status status = prepare_percentiles(values, n, (size_t)s.running.n, scratch, &p, error);
        if (status != ZF_OK)
            return zf_error_within(error, status, "statistics of %zu numbers", n);
    }
    for (size_t i = 0; i < n_stats; i++)
        if (!zf_running_settle(stats[i], &s.running, n, &out[i]))
            out[i] = zf_value_real(evaluate(stats[i], &s, &p) + 0.0); /* -0 becomes 0 */
    zf_arena_rewind(scratch, mark);
    return ZF_OK;
}
