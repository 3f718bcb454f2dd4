/* SPDX-License-Identifier: MIT */
/** One ZIP in work: what each step makes, and which arena it lives in. The folder's own. */
#ifndef ZF_PERZIP_ZIP_H
#define ZF_PERZIP_ZIP_H

#include "perzip/collect.h"
#include "perzip/perzip.h"
#include "plan/forecast.h"

/** One arena per lifetime. */
typedef struct zf_zip_arenas {
    zf_arena statistics; /**< released when the statistics are taken: number columns that only they need,
                            scratch */
    zf_arena analyses;   /**< released when the analyses are done: positions, footprints, number columns that
                            they need */
    zf_arena index;      /**< likewise: trees */
    zf_arena result; /**< released when the ZIP is written: fids, totals, and everything that is written */
} zf_zip_arenas;

/** Buildings that are indexed together: the ZIP's own important ones, or others near it. Parts that no
 * analysis needs are NULL. */
typedef struct zf_zip_buildings {
    size_t n;          /**< loaded so far */
    double *xyz_m;     /**< n x 3 centroids, in arenas.analyses; overwritten by the leaves of `points` */
    zf_points *points; /**< in arenas.index */
    zf_index *boxes;   /**< over the boxes of the footprints, in arenas.index */
} zf_zip_buildings;

/** What is written; in arenas.result. */
typedef struct zf_zip_results {
    zf_bytes polygon;        /**< of the ZIP, WKB; bytes NULL when it has no area */
    zf_value *zip_values;    /**< one per column of zip_summary */
    void **building_columns; /**< of all analyses, in the order of the plan; cells as zf_analysis_cell says */
    zf_analysis_rows *tables; /**< one per analysis; may hold temporary files */
} zf_zip_results;

/** One ZIP in work. Zeros are a ZIP that holds nothing. Not movable. */
typedef struct zf_zip_work {
    const zf_perzip *perzip;
    const zf_zone *zone;
    zf_metric *metric;
    zf_zip_size size; /**< as counted while the buildings were read */
    zf_zip_arenas arenas;
    zf_frame frame; /**< of the ZIP, where an analysis needs positions */
    zf_zip_buildings own, others;
    zf_footprints footprints; /**< of own and others, in arenas.analyses, where an analysis needs them */
    int64_t *fids;            /**< of own and others, in arenas.result; NULL where nothing needs them */
    zf_collecting collecting; /**< how its statistics are collected: points to the arenas above */
    zf_collected statistics;
    zf_zip_results results;
    size_t live_before_bytes, live_peak_bytes; /**< of the process; kept when there is a timeline */
} zf_zip_work;

/* ---- zip.c ---- */

/** The counts of a zone that its forecast depends on. The metric is that of the calling thread. */
zf_zip_size zf_zip_size_of(const zf_perzip *perzip, size_t zone, zf_metric *metric);
/** Initialises the work on a zone; takes no memory. */
void zf_zip_init(zf_zip_work *work, const zf_perzip *perzip, size_t zone, zf_metric *metric);
/** Raises live_peak_bytes to what the process has held since the last call. */
void zf_zip_sample_memory(zf_zip_work *work);
/** Adds "ZIP '02139'" to the text of a failure. */
zf_status zf_zip_within(const zf_zip_work *work, zf_status status, zf_error *error);
/** Gives every byte back; idempotent, and zeros are legal. */
void zf_zip_release(zf_zip_work *work);

/* ---- the steps, in order ---- */

/** load.c: reads the rows, or the totals that the threads have added up. In rank order, one ZIP at a time. */
ZF_MUST_USE zf_status zf_zip_load(zf_zip_work *work, zf_error *error);
/** compute.c: takes the statistics and runs the analyses. Touches nothing but the work; frees what only these
 * steps need. */
ZF_MUST_USE zf_status zf_zip_compute(zf_zip_work *work, zf_error *error);
/** zip_compute.c: fills the computed columns of zip_summary. By the writing thread. */
ZF_MUST_USE zf_status zf_zip_evaluate(zf_zip_work *work, zf_error *error);
/** write.c: writes the ZIP, its buildings and tables, and the line of the timeline; runs the user queries. In
 * rank order, one ZIP at a time. Releases the work, also on failure. */
ZF_MUST_USE zf_status zf_zip_write(zf_zip_work *work, zf_error *error);

/* ---- statistics.c ---- */

/** Takes room for all that is collected from size.n rows. */
ZF_MUST_USE zf_status zf_zip_statistics_begin(zf_zip_work *work, zf_error *error);
/** Instead of rows: merges the totals of all threads. */
ZF_MUST_USE zf_status zf_zip_statistics_merge(zf_zip_work *work, zf_error *error);
/** Bytes of the tables of distinct values, which are in no forecast. */
size_t zf_zip_classes_bytes(const zf_zip_work *work);
/** Fills the values of all statistics, from zip_values[*column] on, and advances *column. Frees what only the
 * statistics need. */
ZF_MUST_USE zf_status zf_zip_statistics_evaluate(zf_zip_work *work, size_t *column, zf_error *error);
/** Frees the tables of distinct values; idempotent. */
void zf_zip_statistics_release(zf_zip_work *work);

/* ---- groups.c ---- */

/** Writes the ZIP's rows of zip_group; nothing without groups. By the writing thread. */
ZF_MUST_USE zf_status zf_zip_write_groups(zf_zip_work *work, zf_error *error);

/* ---- analyse.c ---- */

/** Builds the indexes, runs all analyses and fills their values, from zip_values[*column] on. Frees what only
 * the analyses need. */
ZF_MUST_USE zf_status zf_zip_analyse(zf_zip_work *work, double area_m2, size_t *column, zf_error *error);

#endif
