/* SPDX-License-Identifier: MIT */
#include "stream/areas.h"

#include <math.h>

/** Beside the rounding of overlays. */
static const double tolerance = 1e-9;

void zf_areas_add(zf_areas *areas, double area_m2, const zf_assignment *assignment) {
    if (!isfinite(area_m2)) /* overflow: the ledger could not balance */
        return;
    zf_wide_sum_add(&areas->assigned, area_m2);
    for (size_t i = 0; i < assignment->n_assigned; i++)
        zf_wide_sum_add(&areas->in_zips, assignment->shares[i] * area_m2);
    zf_wide_sum_add(&areas->in_many, assignment->repeated * area_m2);
    zf_wide_sum_add(&areas->beyond, assignment->outside * area_m2);
    zf_wide_sum_add(&areas->rounding, assignment->rounding * area_m2);
}

static void merge(zf_wide_sum *into, const zf_wide_sum *from) {
    if (into->sum.wide == NULL)
        zf_exact_widen(&into->sum, &into->wide);
    zf_exact_merge(&into->sum, &from->sum);
}

void zf_areas_merge(zf_areas *into, const zf_areas *from) {
    merge(&into->assigned, &from->assigned);
    merge(&into->in_zips, &from->in_zips);
    merge(&into->in_many, &from->in_many);
    merge(&into->beyond, &from->beyond);
    merge(&into->rounding, &from->rounding);
}

zf_status zf_areas_settle(const zf_areas *areas, zf_run_areas *out, zf_error *error) {
    *out = (zf_run_areas){zf_wide_sum_get(&areas->assigned), zf_wide_sum_get(&areas->in_zips),
                          zf_wide_sum_get(&areas->in_many), zf_wide_sum_get(&areas->beyond)};
    double found = out->in_zips_m2 - out->in_many_m2 + out->beyond_m2;
    if (out->in_many_m2 < zf_wide_sum_get(&areas->rounding)) /* ZIPs that only touch */
        out->in_many_m2 = 0;
    double allowed = tolerance * out->assigned_m2 + zf_wide_sum_get(&areas->rounding);
    if (fabs(found - out->assigned_m2) <= allowed)
        return ZF_OK;
    return zf_error_set(
        error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
        "the ledger of areas does not balance: the assigned buildings have %.17g m2, but in ZIPs "
        "%.17g - in many %.17g + beyond %.17g is %.17g; this is a bug of zonefold, please report "
        "it with the command line",
        out->assigned_m2, out->in_zips_m2, out->in_many_m2, out->beyond_m2, found);
}

zf_status zf_areas_write(const zf_run_areas *areas, zf_output *output, zf_error *error) {
    zf_status st = zf_output_write_area(output, "assigned", areas->assigned_m2, error);
    if (st == ZF_OK)
        st = zf_output_write_area(output, "in_zips", areas->in_zips_m2, error);
    if (st == ZF_OK)
        st = zf_output_write_area(output, "in_many", areas->in_many_m2, error);
    return st == ZF_OK ? zf_output_write_area(output, "beyond", areas->beyond_m2, error) : st;
}
