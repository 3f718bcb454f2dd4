/* SPDX-License-Identifier: MIT */
/* Statistics that depend on the order of the rows, and fids of extremes: rows go by in fid order. */
#include "analysis/analysis_internal.h"

#include <math.h>

void zf_places_add(zf_places *places, const zf_placed *placed) {
    if (isnan(placed->number))
        return;
    if (places->n == 0)
        places->first = places->min = places->max = *placed;
    else if (zf_whole_less(placed->number, placed->rest, places->min.number, places->min.rest))
        places->min = *placed;
    else if (zf_whole_less(places->max.number, places->max.rest, placed->number, placed->rest))
        places->max = *placed;
    places->last = *placed;
    places->n++;
}

static zf_value number_of(const zf_placed *placed, bool is_whole) {
    return is_whole ? zf_whole_value(placed->number, placed->rest)
                    : zf_value_real(placed->number + 0.0); /* one zero, not two */
}

zf_value zf_stat_of_places(zf_stat stat, const zf_places *places, bool is_whole) {
    if (places->n == 0)
        return zf_value_null();
    switch (stat.kind) {
    case ZF_STAT_FIRST:
        return number_of(&places->first, is_whole);
    case ZF_STAT_LAST:
        return number_of(&places->last, is_whole);
    case ZF_STAT_ARGMIN:
        return zf_value_integer(places->min.fid);
    case ZF_STAT_ARGMAX:
        return zf_value_integer(places->max.fid);
    default:
        return zf_value_null();
    }
}
