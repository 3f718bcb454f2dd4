/* SPDX-License-Identifier: MIT */
/* Integers of 64 bits among doubles: the nearest double and the rest. */
#include "analysis/analysis_internal.h"

#include <assert.h>
#include <math.h>

#define TWO_TO_63 0x1p63

double zf_whole_rest(const zf_value *value) {
    if (value->kind != ZF_VALUE_INTEGER)
        return 0.0;
    int64_t integer = value->as.integer;
    double nearest = (double)integer;
    if (nearest == TWO_TO_63) /* what no int64_t holds */
        return -((double)(INT64_MAX - integer) + 1.0);
    return (double)(integer - (int64_t)nearest);
}

/* In two's complement, so that 2^63 and a negative rest meet again below it. */
static uint64_t bits_of(double nearest, double rest) {
    uint64_t bits = nearest == TWO_TO_63 ? UINT64_C(1) << 63 : (uint64_t)(int64_t)nearest;
    return bits + (uint64_t)(int64_t)rest;
}

zf_value zf_whole_value(double nearest, double rest) {
    return isnan(nearest) ? zf_value_null() : zf_value_integer((int64_t)bits_of(nearest, rest));
}

bool zf_running_add_whole(zf_running *running, zf_running *rests, double nearest, double rest) {
    if (isnan(nearest))
        return true;
    bool is_least = running->n == 0 || zf_whole_less(nearest, rest, running->min, rests->min),
         is_greatest = running->n == 0 || zf_whole_less(running->max, rests->max, nearest, rest);
    if (!zf_running_add(running, nearest))
        return false;
    rests->min = is_least ? rest : rests->min;
    rests->max = is_greatest ? rest : rests->max;
    bool fits = zf_exact_add(&rests->sum, rest); /* rests are of at most 11 bits: no window is left */
    assert(fits);
    (void)fits;
    return true;
}

void zf_running_merge_wholes(zf_running *into, zf_running *into_rests, const zf_running *from,
                             const zf_running *from_rests) {
    if (from->n == 0)
        return;
    if (into->n == 0 || zf_whole_less(from->min, from_rests->min, into->min, into_rests->min))
        into_rests->min = from_rests->min;
    if (into->n == 0 || zf_whole_less(into->max, into_rests->max, from->max, from_rests->max))
        into_rests->max = from_rests->max;
    zf_running_merge(into, from);
    zf_exact_merge(&into_rests->sum, &from_rests->sum);
}

static double sum_of(const zf_running *running, const zf_running *rests) {
    zf_exact_wide wide;
    zf_exact_sum sum = {.wide = NULL};
    zf_exact_widen(&sum, &wide);
    zf_exact_merge(&sum, &running->sum);
    zf_exact_merge(&sum, &rests->sum);
    return zf_exact_scaled(&sum, 0);
}

bool zf_stat_of_wholes(zf_stat stat, const zf_running *running, const zf_running *rests, zf_value *out) {
    if (running->n == 0)
        return false;
    switch (stat.kind) {
    case ZF_STAT_SUM:
        *out = zf_value_real(sum_of(running, rests));
        return true;
    case ZF_STAT_MEAN:
        *out = zf_value_real(
            zf_between(sum_of(running, rests) / (double)running->n, running->min, running->max));
        return true;
    case ZF_STAT_MIN:
        *out = zf_whole_value(running->min, rests->min);
        return true;
    case ZF_STAT_MAX:
        *out = zf_whole_value(running->max, rests->max);
        return true;
    case ZF_STAT_RANGE:
        *out = zf_value_real((double)(bits_of(running->max, rests->max) - bits_of(running->min, rests->min)));
        return true;
    default:
        return false;
    }
}
