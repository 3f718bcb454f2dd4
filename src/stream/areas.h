/* SPDX-License-Identifier: MIT */
/** The ledger of areas of a run that assigns by shares: exact sums, which threads and batches do not change.
 */
#ifndef ZF_STREAM_AREAS_H
#define ZF_STREAM_AREAS_H

#include "analysis/analysis.h"
#include "output/output.h"
#include "zone/zone.h"
#include "zonefold/run.h"

/** Zeros are none; it must not move. */
typedef struct zf_areas {
    zf_wide_sum assigned, in_zips, in_many, beyond; /**< of zf_run_areas */
    zf_wide_sum rounding;                           /**< of the overlays */
} zf_areas;

/** A building of area_m2, and how it is divided. */
void zf_areas_add(zf_areas *areas, double area_m2, const zf_assignment *assignment);
void zf_areas_merge(zf_areas *into, const zf_areas *from);
/** ZF_E_INTERNAL naming all sides when assigned = in_zips - in_many + beyond does not hold but for rounding.
 */
ZF_MUST_USE zf_status zf_areas_settle(const zf_areas *areas, zf_run_areas *out, zf_error *error);
/** Writes run_area. */
ZF_MUST_USE zf_status zf_areas_write(const zf_run_areas *areas, zf_output *output, zf_error *error);

#endif
