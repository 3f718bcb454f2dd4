/* SPDX-License-Identifier: MIT */
/* All values of one ZIP: the columns that every zip_summary has, the statistics, the analyses. */
#include "perzip/zip.h"

#include <math.h>

/** Area of the ZIP; 0 without a usable polygon. */
static zf_status zone_area(const zf_zip_work *w, double *out_m2, zf_error *error) {
    zf_bytes polygon = w->results.polygon;
    zf_wkb wkb;
    *out_m2 = 0;
    if (polygon.bytes == NULL || zf_wkb_open(polygon.bytes, polygon.n, &wkb) != ZF_WKB_POLYGONAL)
        return ZF_OK;
    return zf_metric_area_m2(w->metric, &wkb, out_m2, error);
}

/** The value of a column that every zip_summary has. No default: the compiler reports a column without a
 * producer. */
static zf_value fixed_value(zf_zip_column column, const zf_zip_work *w, double area_m2) {
    const zf_collected *s = &w->statistics;
    const zf_zip_count *count = &w->perzip->input.counts[w->zone->rank - 1];
    bool is_weighted = w->perzip->plan->statistics.is_weighted;
    const double built_m2 = zf_area_sum_get(&count->built_m2);
    const double important_m2 =
        is_weighted ? zf_wide_sum_get(&s->shared_m2) : zf_exact_scaled(&s->totals[ZF_SLOT_AREA].reals.sum, 0);
    double n = is_weighted ? zf_wide_sum_get(&s->shares) : (double)w->own.n;
    switch (column) {
    case ZF_ZIP_PARTS:
        return zf_value_integer((int64_t)w->zone->n_parts);
    case ZF_ZIP_AREA:
        return zf_value_real(area_m2);
    case ZF_ZIP_BUILDINGS:
        return zf_value_integer((int64_t)count->buildings);
    case ZF_ZIP_IMPORTANT:
        return zf_value_integer((int64_t)w->own.n);
    case ZF_ZIP_CROSSING:
        return zf_value_integer((int64_t)count->crossing);
    case ZF_ZIP_BUILT_AREA:
        return zf_value_real(built_m2);
    case ZF_ZIP_COVERAGE:
        return zf_value_real(area_m2 > 0 ? built_m2 / area_m2 : NAN);
    case ZF_ZIP_IMPORTANT_AREA:
        return zf_value_real(important_m2);
    case ZF_ZIP_IMPORTANT_COVERAGE:
        return zf_value_real(area_m2 > 0 ? important_m2 / area_m2 : NAN);
    case ZF_ZIP_PER_KM2:
        return zf_value_real(area_m2 > 0 ? n / (area_m2 / 1e6) : NAN);
    case ZF_ZIP_FIXED:
        break;
    }
    return zf_value_null();
}

/** Fills the columns of the ZIP layer's fields; those that are computed later are NULL until then. */
static void fill_carried(zf_zip_work *w, size_t *column) {
    const zf_plan *plan = w->perzip->plan;
    for (size_t k = 0; k < plan->zips.n_fields; k++)
        w->results.zip_values[(*column)++] = w->zone->values[k];
    for (size_t k = plan->result.n_zip_columns - plan->zips.n_computes; k < plan->result.n_zip_columns; k++)
        w->results.zip_values[k] = zf_value_null();
}

zf_status zf_zip_compute(zf_zip_work *w, zf_error *error) {
    size_t column = ZF_ZIP_FIXED;
    double area_m2 = 0;
    zf_status st = zf_arena_take(&w->arenas.result, w->perzip->plan->result.n_zip_columns,
                                 sizeof *w->results.zip_values, &w->results.zip_values, error);
    if (st == ZF_OK)
        st = zone_area(w, &area_m2, error);
    if (st == ZF_OK) {
        for (unsigned i = 0; i < ZF_ZIP_FIXED; i++)
            w->results.zip_values[i] = fixed_value((zf_zip_column)i, w, area_m2);
        fill_carried(w, &column);
        st = zf_zip_statistics_evaluate(w, &column, error);
    }
    if (st == ZF_OK)
        st = zf_zip_analyse(w, area_m2, &column, error);
    zf_zip_sample_memory(w);
    return zf_zip_within(w, st, error);
}
