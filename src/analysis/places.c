/* SPDX-License-Identifier: MIT */
/* Statistics that depend on the order of the rows, and fids of extremes: rows go by in fid order. */
#include "analysis/analysis_internal.h"

#include <math.h>

/* The first of equal extremes stays. */
static void add(zf_places *places, zf_cell number, int64_t fid, bool is_below_min, bool is_above_max) {
    const zf_placed placed = {number, fid};
    if (places->n == 0)
        places->first = places->min = places->max = placed;
    else if (is_below_min)
        places->min = placed;
    else if (is_above_max)
        places->max = placed;
    places->last = placed;
    places->n++;
}

void zf_places_add_real(zf_places *places, double number, int64_t fid) {
    if (!isnan(number))
        add(places, (zf_cell){.real = number}, fid,
            number<places->min.number.real, number> places->max.number.real);
}

void zf_places_add_integer(zf_places *places, int64_t number, int64_t fid) {
    add(places, (zf_cell){.integer = number}, fid,
        number<places->min.number.integer, number> places->max.number.integer);
}

static zf_value value_of(zf_cell number, bool is_integer) {
    return is_integer ? zf_value_integer(number.integer)
                      : zf_value_real(number.real + 0.0); /* one zero, not two */
}

zf_value zf_stat_of_places(zf_stat stat, const zf_places *places, bool is_integer) {
    if (places->n == 0)
        return zf_value_null();
    switch (stat.kind) {
    case ZF_STAT_FIRST:
        return value_of(places->first.number, is_integer);
    case ZF_STAT_LAST:
        return value_of(places->last.number, is_integer);
    case ZF_STAT_ARGMIN:
        return zf_value_integer(places->min.fid);
    case ZF_STAT_ARGMAX:
        return zf_value_integer(places->max.fid);
    default:
        return zf_value_null();
    }
}
