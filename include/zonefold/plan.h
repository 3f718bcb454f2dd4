/* SPDX-License-Identifier: MIT */
/**
 * @file plan.h
 * What a run would do with some options, without doing it.
 */
#ifndef ZONEFOLD_PLAN_H
#define ZONEFOLD_PLAN_H

#include "zonefold/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names, in order. */
typedef struct zf_names {
    const char *const *items; /**< n */
    size_t n;
} zf_names;

/** One of the two input layers. */
typedef struct zf_planned_layer {
    const char *path;
    const char *layer;
    const char *driver; /**< OGR's name */
    uint64_t file_bytes;
    int64_t n_features; /**< -1 when the layer does not say */
    size_t n_fields;
} zf_planned_layer;

/** The ZIPs that the options select. */
typedef struct zf_planned_zips {
    size_t n;
    uint64_t n_features; /**< features that were read */
    uint64_t n_vertices;
    uint32_t n_vertices_largest; /**< of the ZIP that has most */
} zf_planned_zips;

/** The CRS of everything, and how the ZIPs come into it. */
typedef struct zf_planned_crs {
    const char *name;      /**< of the buildings' CRS */
    const char *zips_name; /**< of the ZIPs' CRS */
    const char *operation; /**< PROJ's; NULL when both layers have the same CRS, as are the next two */
    const char *grids;     /**< of PROJ, that the operation uses */
    const char
        *better; /**< more accurate operations whose grids are not installed, " | " between them; or "none" */
    bool is_geodesic; /**< areas and lengths are taken on the ellipsoid, else in the plane */
} zf_planned_crs;

/** The table of one of the user's queries. */
typedef struct zf_planned_query {
    const char *name;
    zf_names columns; /**< after zip_rank and zip */
} zf_planned_query;

/** What is read and computed for each building. */
typedef struct zf_planned_columns {
    zf_names fields;           /**< of the building layer, that are read */
    zf_names measures;         /**< that are computed */
    const zf_column *computed; /**< n_computed: of `computes` */
    size_t n_computed;
    zf_names conditions;             /**< "where", then the names of `rules` */
    zf_names groups;                 /**< the fields of `by` */
    const zf_planned_query *queries; /**< n_queries: of `analysis_sqls` */
    size_t n_queries;
    const char *map_by; /**< column of zip_summary by which QGIS colours the ZIPs */
} zf_planned_columns;

/** The forecast. Bytes and rows are estimates. */
typedef struct zf_planned_cost {
    size_t n_passes; /**< over the buildings, at most */
    size_t n_batch_rows;
    size_t n_threads;
    uint64_t memory_bytes;       /**< at the peak */
    uint64_t memory_limit_bytes; /**< that the options allow */
    uint64_t temporary_bytes;    /**< in temporary files */
    uint64_t result_bytes;
} zf_planned_cost;

/** The report of zf_plan_forecast. Zero-initialised it is empty. All that it points to is its own. */
typedef struct zf_plan_report {
    zf_planned_layer zips_layer;
    zf_planned_layer buildings_layer;
    zf_planned_zips zips;
    zf_planned_crs crs;
    zf_planned_columns columns;
    zf_planned_cost cost;
    void *storage; /**< private */
} zf_plan_report;

/**
 * Forecasts a run. Reads the ZIP layer and the first buildings; writes nothing. `output` is ignored.
 *
 * @param options   of the run; borrowed for the call.
 * @param callbacks nullable.
 * @param out       required; the caller's to zf_plan_report_deinit after ZF_OK, empty after a failure.
 * @param error     nullable.
 * @return ZF_OK, or what zf_run returns for what it checks before it reads the buildings.
 * Cost: one read of the ZIP layer. Memory as in a run.
 */
ZF_API ZF_MUST_USE zf_status zf_plan_forecast(const zf_run_options *options, const zf_callbacks *callbacks,
                                              zf_plan_report *out, zf_error *error);
/** Frees what a report holds; of an empty one, nothing. */
ZF_API void zf_plan_report_deinit(zf_plan_report *report);

#ifdef __cplusplus
}
#endif
#endif
