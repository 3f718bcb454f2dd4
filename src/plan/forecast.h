/* SPDX-License-Identifier: MIT */
/** What a run with these options would do: everything that is settled before the first building is assigned.
 */
#ifndef ZF_PLAN_FORECAST_H
#define ZF_PLAN_FORECAST_H

#include "plan/inputs.h"
#include "plan/plan.h"
#include "plan/shares.h"
#include "zone/zone.h"

typedef struct zf_forecast {
    zf_budget budget;
    zf_inputs inputs;
    zf_plan plan;
    zf_catalogue *catalogue;
    zf_shares shares;
    size_t n_threads;
    size_t batch_rows;
    size_t n_passes; /**< over the buildings, if they are where their layer says */
    uint64_t
        n_buildings; /**< as the layer says: a row of important_building for each, if all are in one ZIP */
    bool has_n_buildings;  /**< false: the layer does not say */
    uint64_t memory_bytes; /**< at the peak, of the limit */
    uint64_t spill_bytes;  /**< in temporary files */
    uint64_t result_bytes;
} zf_forecast;

/**
 * Reads the ZIP layer and the first buildings; writes nothing.
 * @param out deinit it after ZF_OK; released on failure. Must not be moved.
 * @return what zf_run would return for what it checks before it reads the buildings; the output is not looked
 * at.
 */
ZF_MUST_USE zf_status zf_forecast_make(const zf_run_options *options, const zf_callbacks *callbacks,
                                       zf_forecast *out, zf_error *error);
void zf_forecast_deinit(zf_forecast *forecast);

/** How many buildings a ZIP has, and how large their footprints are. */
typedef struct zf_zip_size {
    size_t n, n_others; /**< important buildings; others near it, where an analysis looks beyond the ZIP */
    size_t n_rings, n_points; /**< of the footprints of both, where an analysis needs them */
    bool has_heights;         /**< of the points: the frame is large */
} zf_zip_size;

/**
 * The most bytes that a ZIP holds at one time until it is written: its columns, then its positions and their
 * indexes, then the results of its analyses. Not counted are some KiB per ZIP, texts among the results, and
 * the tables of distinct values, whose size is known only once the ZIP is loaded.
 */
size_t zf_forecast_zip_bytes(const zf_plan *plan, const zf_zip_size *size);

#endif
