/* SPDX-License-Identifier: MIT */
/* Statistics of 64-bit integers that are added one by one, in any order: exact, and rounded once. */
#include "analysis/analysis_internal.h"

void zf_running_integers_add(zf_running_integers *running, int64_t x) {
    running->min = running->n == 0 || x < running->min ? x : running->min;
    running->max = running->n == 0 || x > running->max ? x : running->max;
    running->sum += x;
    running->n++;
}

void zf_running_integers_merge(zf_running_integers *into, const zf_running_integers *from) {
    if (from->n == 0)
        return;
    into->min = into->n == 0 || from->min < into->min ? from->min : into->min;
    into->max = into->n == 0 || from->max > into->max ? from->max : into->max;
    into->sum += from->sum;
    into->n += from->n;
}

/** A statistic of at least one integer. */
static zf_value evaluate(zf_stat_kind kind, const zf_running_integers *r) {
    const double sum = (double)r->sum;
    switch (kind) {
    case ZF_STAT_SUM:
        return zf_value_real(sum);
    case ZF_STAT_MEAN:
        return zf_value_real(zf_between(sum / (double)r->n, (double)r->min, (double)r->max));
    case ZF_STAT_MIN:
        return zf_value_integer(r->min);
    case ZF_STAT_MAX:
        return zf_value_integer(r->max);
    case ZF_STAT_RANGE: /* in two's complement: the difference may need 64 bits */
        return zf_value_real((double)((uint64_t)r->max - (uint64_t)r->min));
    default:
        return zf_value_null();
    }
}

zf_value zf_stat_of_integers(zf_stat stat, const zf_running_integers *running, uint64_t n_rows) {
    if (stat.kind == ZF_STAT_COUNT)
        return zf_value_integer((int64_t)running->n);
    if (stat.kind == ZF_STAT_MISSING)
        return zf_value_integer((int64_t)(n_rows - running->n));
    if (running->n == 0)
        return stat.kind == ZF_STAT_SUM ? zf_value_real(0.0) : zf_value_null();
    return evaluate(stat.kind, running);
}
