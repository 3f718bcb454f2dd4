/* SPDX-License-Identifier: MIT */
/* Statistics that depend on the order of the rows: the first and the last number, and the fids of the
 * extremes. */
#include "analysis/analysis_internal.h"

#include <math.h>

/** Adds a number; of equal extremes the first stays. */
static void add(zf_order_stats *stats, zf_cell number, int64_t fid, bool is_below_min, bool is_above_max) {
    const zf_ordered_number ordered = {number, fid};
    if (stats->n == 0)
        stats->first = stats->min = stats->max = ordered;
    else if (is_below_min)
        stats->min = ordered;
    else if (is_above_max)
        stats->max = ordered;
    stats->last = ordered;
    stats->n++;
}

void zf_order_stats_add_real(zf_order_stats *stats, double number, int64_t fid) {
    if (!isnan(number))
        add(stats, (zf_cell){.real = number}, fid,
            number<stats->min.number.real, number> stats->max.number.real);
}

void zf_order_stats_add_integer(zf_order_stats *stats, int64_t number, int64_t fid) {
    add(stats, (zf_cell){.integer = number}, fid,
        number<stats->min.number.integer, number> stats->max.number.integer);
}

static zf_value value_of(zf_cell number, bool is_integer) {
    return is_integer ? zf_value_integer(number.integer)
                      : zf_value_real(number.real + 0.0); /* -0 becomes 0 */
}

zf_value zf_stat_of_order(zf_stat stat, const zf_order_stats *stats, bool is_integer) {
    if (stats->n == 0)
        return zf_value_null();
    switch (stat.kind) {
    case ZF_STAT_FIRST:
        return value_of(stats->first.number, is_integer);
    case ZF_STAT_LAST:
        return value_of(stats->last.number, is_integer);
    case ZF_STAT_ARGMIN:
        return zf_value_integer(stats->min.fid);
    case ZF_STAT_ARGMAX:
        return zf_value_integer(stats->max.fid);
    default:
        return zf_value_null();
    }
}
