/* SPDX-License-Identifier: MIT */
/* Statistics of numbers that are added one by one, in any order. */
#include "analysis/analysis_internal.h"

#include <math.h>

/** The mean of a sum that overflows may be finite: it is computed from the sum scaled by 2^-OVERFLOW_BITS. */
enum { OVERFLOW_BITS = 64 };

bool zf_running_add(zf_running *running, double x) {
    if (isnan(x))
        return true;
    if (!zf_exact_add(&running->sum, x))
        return false;
    running->min = running->n == 0 || x < running->min ? x : running->min;
    running->max = running->n == 0 || x > running->max ? x : running->max;
    running->n++;
    return true;
}

void zf_running_merge(zf_running *into, const zf_running *from) {
    if (from->n == 0)
        return;
    into->min = into->n == 0 || from->min < into->min ? from->min : into->min;
    into->max = into->n == 0 || from->max > into->max ? from->max : into->max;
    into->n += from->n;
    zf_exact_merge(&into->sum, &from->sum);
}

double zf_running_mean(const zf_running *running) {
    double n = (double)running->n, sum = zf_exact_scaled(&running->sum, 0);
    if (running->n == 0)
        return NAN;
    double mean =
        isinf(sum) ? ldexp(zf_exact_scaled(&running->sum, OVERFLOW_BITS) / n, OVERFLOW_BITS) : sum / n;
    return zf_between(mean, running->min, running->max);
}

double zf_running_evaluate(zf_stat_kind kind, const zf_running *running) {
    switch (kind) {
    case ZF_STAT_SUM:
        return zf_exact_scaled(&running->sum, 0);
    case ZF_STAT_MEAN:
        return zf_running_mean(running);
    case ZF_STAT_MIN:
        return running->min;
    case ZF_STAT_MAX:
        return running->max;
    case ZF_STAT_RANGE:
        return running->max - running->min;
    default:
        return NAN;
    }
}

bool zf_running_settle(zf_stat stat, const zf_running *running, uint64_t n_rows, zf_value *out) {
    if (stat.kind == ZF_STAT_COUNT)
        *out = zf_value_integer((int64_t)running->n);
    else if (stat.kind == ZF_STAT_MISSING)
        *out = zf_value_integer((int64_t)(n_rows - running->n));
    else if (running->n == 0)
        *out = stat.kind == ZF_STAT_SUM ? zf_value_real(0.0) : zf_value_null();
    else
        return false;
    return true;
}

void zf_stats_of_running(const zf_running *running, uint64_t n_rows, const zf_stat *stats, size_t n_stats,
                         zf_value *out) {
    for (size_t i = 0; i < n_stats; i++)
        if (!zf_running_settle(stats[i], running, n_rows, &out[i]))
            out[i] = zf_value_real(zf_running_evaluate(stats[i].kind, running) + 0.0); /* -0 becomes 0 */
}
