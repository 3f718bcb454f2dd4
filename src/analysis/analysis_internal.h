/* SPDX-License-Identifier: MIT */
/** Shared by the files of this folder. */
#ifndef ZF_ANALYSIS_ANALYSIS_INTERNAL_H
#define ZF_ANALYSIS_ANALYSIS_INTERNAL_H

#include "analysis/analysis.h"

#include <math.h>

/**
 * Rearranges values so that values[ranks[i]] is what it would be if they were sorted, for all i.
 * @param values   n numbers without NaN; -0.0 and 0.0 are equal.
 * @param ranks    n_ranks ranks below n, ascending.
 * Cost: O(n log n_ranks) expected, O(n log n) at worst. No allocation; recursion of at most 2 log2 n.
 */
void zf_select_ranks(double *values, size_t n, const size_t *ranks, size_t n_ranks);

/** Sorts n numbers without NaN. O(n log n) at worst, no allocation. */
void zf_sort_numbers(double *values, size_t n);

/** A number and its weight, above 0. */
typedef struct zf_weighed {
    double x, weight;
} zf_weighed;

/** The numbers of a column that are not missing, ascending; n > 0. Either plain or weighed is NULL. */
struct zf_sorted_numbers {
    size_t n;
    const double *plain;
    const zf_weighed *weighed; /**< equal numbers by weight */
};

/** The i-th number. */
static inline double zf_sorted_number(const zf_sorted_numbers *numbers, size_t i) {
    return numbers->plain != NULL ? numbers->plain[i] : numbers->weighed[i].x;
}

/** The weight of the i-th number; 1 without weights. */
static inline double zf_sorted_weight(const zf_sorted_numbers *numbers, size_t i) {
    return numbers->plain != NULL ? 1 : numbers->weighed[i].weight;
}

/** The function that computes a statistic from the sorted numbers; NULL for the statistics that numbers.c and
 * weighted.c compute themselves. (stat.c) */
zf_stat_of_sorted *zf_stat_sorted_function(zf_stat stat);

/** The exponent by which numbers up to `largest` are scaled down to about 1, so that their squares neither
 * overflow nor vanish; 0 when it is 0 or infinite. */
static inline int zf_scale_exponent(double largest) {
    enum { MAX_SCALE_BITS = 1000 };
    int exponent = 0;
    if (isfinite(largest) && largest > 0.0)
        (void)frexp(largest, &exponent);
    return exponent < -MAX_SCALE_BITS ? -MAX_SCALE_BITS : exponent;
}

/** Sets the percent of a statistic that is a percentile; false for others, such as the interquartile range.
 */
static inline bool zf_stat_percent(zf_stat stat, unsigned *out_percent) {
    *out_percent = stat.kind == ZF_STAT_Q1       ? 25
                   : stat.kind == ZF_STAT_MEDIAN ? 50
                   : stat.kind == ZF_STAT_Q3     ? 75
                                                 : stat.percent;
    return stat.kind == ZF_STAT_Q1 || stat.kind == ZF_STAT_MEDIAN || stat.kind == ZF_STAT_Q3 ||
           stat.kind == ZF_STAT_PERCENTILE;
}

/** Limits a mean or a percentile to the numbers it lies between; rounding may have put it outside (the mean
 * of three times 0.1). */
static inline double zf_between(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/** The position percent / 100 * (n - 1) of a percentile among n sorted numbers: returns its whole part, and
 * its hundredths. No product overflows. */
static inline size_t zf_percentile_position(size_t n, unsigned percent, unsigned *out_hundredths) {
    size_t whole = (n - 1) / 100, rest = (n - 1) % 100;
    *out_hundredths = (unsigned)(rest * percent % 100);
    return whole * percent + rest * percent / 100;
}

/** The percentile between two neighbours, by definition 7 of Hyndman and Fan, as R computes it: infinities
 * are subtracted only where the result lies between two opposite ones. */
static inline double zf_percentile_between(double low, double high, unsigned hundredths) {
    double share = (double)hundredths / 100.0;
    return zf_between((1.0 - share) * low + share * high, low, high);
}

/** A running statistic of at least one number. */
double zf_running_evaluate(zf_stat_kind kind, const zf_running *running);
/** Sets count and missing, and all statistics of no numbers. False when the statistic must be evaluated. */
bool zf_running_settle(zf_stat stat, const zf_running *running, uint64_t n_rows, zf_value *out);

/* ---- what analyses share (near.c) ---- */

typedef zf_status (*zf_row_step)(void *user, uint32_t row, zf_error *error);
/** Calls the step for each building of the ZIP until one fails; checks for cancellation in between. */
ZF_MUST_USE zf_status zf_each_row(const zf_analysis_input *input, zf_row_step step, void *user,
                                  zf_error *error);
/** Takes scratch for a column that is not part of the result. inout points to the column's pointer; nothing
 * happens unless that is NULL. */
ZF_MUST_USE zf_status zf_take_unless_kept(zf_arena *arena, size_t n, size_t size, void *inout,
                                          zf_error *error);
/** The mean of n counts; NULL when n is 0. */
zf_value zf_mean_of_counts(const uint32_t *counts, size_t n);
/** A window that holds all boxes at most radius_m from one. */
zf_envelope zf_window_around(const zf_envelope *box, double radius_m);

/** Name of the parameter of analyses that can count buildings beyond their ZIP; see zf_analysis_job_halo_m.
 */
#define ZF_HALO_NAME "halo_m"
/** The row of this parameter in an analysis's table of parameters. */
#define ZF_HALO_PARAMETER                                                                                    \
    {                                                                                                        \
        .name = ZF_HALO_NAME, .kind = ZF_PARAMETER_NUMBER, .min = 0, .max = 1e5,                             \
        .help =                                                                                              \
            "how far beyond the ZIP's own buildings to look, in metres: important buildings of other ZIPs "  \
            "or of none count as neighbours of a building if they are at most so far away; "                 \
            "by default none do"                                                                             \
    }

#endif
