/* SPDX-License-Identifier: MIT */
/** ZIP by ZIP: load its rows, index, analyse; in rank order: write, give every byte back. */
#ifndef ZF_PERZIP_ZIPS_H
#define ZF_PERZIP_ZIPS_H

#include "perzip/zip_line.h"
#include "stream/worker.h"

typedef struct zf_zip_loop {
    const zf_run_options *options;
    const zf_plan *plan;
    const zf_catalogue *catalogue;
    const zf_zip_count *zip_counts; /**< per zone number */
    const zf_callbacks *callbacks;
    const zf_worker *workers; /**< n_workers; each thread measures with its worker's metric */
    size_t n_workers;
    zf_gather *gather;
    zf_gather *halo;                  /**< NULL when no analysis looks beyond its ZIP */
    const zf_halo_count *halo_counts; /**< per zone number, with a halo */
    size_t flight_bytes;              /**< ZIPs side by side may need so many together by forecast */
    zf_output *sink;
    zf_budget *budget;
    zf_timeline *timeline;                                                       /**< nullable */
    zf_status (*zip_done)(void *user, const zf_zip_line *line, zf_error *error); /**< nullable */
    void *zip_user;
} zf_zip_loop;

/**
 * With one worker, or with a timeline, a ZIP is finished before the next begins. Else ZIPs are prepared side
 * by side, at most two per worker and by forecast no more than one beyond the share of memory, while the
 * calling thread writes them in rank order.
 * @return ZF_E_MEMORY, before anything is loaded, when the budget has a limit that the largest ZIP by
 * forecast does not fit into; else the first failure.
 */
ZF_MUST_USE zf_status zf_zips_run(const zf_zip_loop *loop, zf_error *error);

/* ---- zip_work.c: one ZIP ---- */

/** What is noted of a field while its rows go by: of what its statistics need. */
typedef struct zf_field_notes {
    zf_places places;
    zf_classes classes;
} zf_field_notes;

/** One ZIP's work: an arena for each time at which something of it can go. */
typedef struct zf_zip_work {
    const zf_zip_loop *loop;
    const zf_zone *zone;
    zf_metric *metric;
    double area_m2, perimeter_m; /**< of the ZIP; the perimeter where an analysis needs it */
    zf_bytes polygon;            /**< its own, as WKB; bytes NULL when it has no area */
    size_t n;                    /**< important buildings (so far, while they are loaded) */
    size_t n_others;             /**< likewise, buildings near it that are not of it */
    size_t next_own;             /**< while those are loaded */

    zf_arena columns_arena; /**< until the statistics are taken */
    double **numbers;       /**< of plan->is_column: n; of plan->is_kept: until the analyses are done */

    zf_arena points_arena, index_arena; /**< until the analyses are done */
    double *xyz_m;     /**< n x 3 centroids; NULL where no analysis needs points. Later the points' leaves */
    zf_points *points; /**< the centroids, packed */
    double *other_xyz_m; /**< likewise of the others */
    zf_points *other_points;
    zf_frame frame;
    zf_footprints footprints; /**< where an analysis needs them */
    zf_value *carried;        /**< plan->n_payload: what stands before a footprint */
    zf_index *boxes;          /**< over the footprints' */
    zf_index *other_boxes;    /**< over those of the others' */

    zf_arena arena;              /**< until the ZIP is written */
    zf_running *totals;          /**< plan->n_numbers; of plan->is_added */
    zf_weight shares, shared_m2; /**< of plan->is_weighted: of all rows, and of their areas */
    zf_running_text *texts;      /**< plan->n_texts */
    zf_field_notes
        *notes;           /**< plan->n_requests; NULL when nothing is noted. Classes go with the statistics */
    int64_t *fid;         /**< n + n_others; NULL when no analysis has columns to write */
    uint64_t *ordinal;    /**< n; NULL unless needed to tell the ZIP's own among those near it */
    zf_value *zip_values; /**< plan->n_zip_columns */
    zf_analysis_rows *tables;                  /**< plan->n_analyses; of the analyses' tables */
    void **analysis_columns;                   /**< cells of important_building, in the order of the plan */
    size_t live_before_bytes, live_peak_bytes; /**< kept when there is a timeline */
} zf_zip_work;

/**
 * Bytes that a ZIP of n important buildings holds at most at one time: its columns, then its points and their
 * index, then the results of its analyses. Beside it go some KiB per ZIP, the texts that are the result of a
 * statistic, and zf_zip_classes_bytes, which nobody knows before the ZIP is loaded.
 * @param count  of the ZIP: how large its footprints are.
 * @param halo   likewise of those near it; NULL where no analysis looks beyond its ZIP.
 */
size_t zf_zip_forecast_bytes(const zf_plan *plan, size_t n, const zf_zip_count *count,
                             const zf_halo_count *halo);
/** Loads the ZIP's rows, or what was added up of them: in rank order, one at a time. */
ZF_MUST_USE zf_status zf_zip_load(zf_zip_work *work, const zf_zip_loop *loop, const zf_zone *zone,
                                  zf_metric *metric, zf_error *error);
/** Statistics, index, analyses: touches nothing but the ZIP's own. */
ZF_MUST_USE zf_status zf_zip_analyse(zf_zip_work *work, zf_error *error);
/** Writes the ZIP and its buildings, and the timeline's line: in rank order, one at a time. Releases the
 * work, also on failure. */
ZF_MUST_USE zf_status zf_zip_write(zf_zip_work *work, zf_error *error);
/** Gives every byte back; a work of zeros is legal. */
void zf_zip_release(zf_zip_work *work);

/* ---- zip_halo.c: buildings near it that are not of it ---- */

/** How many there are at most. */
size_t zf_zip_halo_rows(const zf_zip_work *work);
/** Room for them, before any of the ZIP's own n rows is taken. */
ZF_MUST_USE zf_status zf_zip_halo_begin(zf_zip_work *work, size_t n, zf_error *error);
/** Loads the others, after the ZIP's own. */
ZF_MUST_USE zf_status zf_zip_halo_load(zf_zip_work *work, zf_error *error);
/** Indexes over them. */
ZF_MUST_USE zf_status zf_zip_halo_index(zf_zip_work *work, zf_error *error);
/** zip_work.c: places (x, y, nothing) into the ZIP's metric frame. */
ZF_MUST_USE zf_status zf_zip_place(zf_zip_work *work, double *xyz_m, size_t n, zf_error *error);
/** zip_work.c: the next footprint, as WKB. */
ZF_MUST_USE zf_status zf_zip_add_footprint(zf_zip_work *work, zf_bytes wkb, zf_error *error);

/* ---- zip_fields.c: its statistics ---- */

/** Makes ready for rows. */
ZF_MUST_USE zf_status zf_zip_fields_begin(zf_zip_work *work, zf_error *error);
/** Takes a row, in fid order; work->n is its number. */
ZF_MUST_USE zf_status zf_zip_fields_take(zf_zip_work *work, const zf_gather_row *row, zf_error *error);
/** Instead of rows: what the workers added up, put together. */
ZF_MUST_USE zf_status zf_zip_fields_fold(zf_zip_work *work, zf_error *error);
/** Bytes of the tables of different values; from loading until the statistics are taken. */
size_t zf_zip_classes_bytes(const zf_zip_work *work);
/** Fills zip_values from *column on, and moves it; columns and tables go. */
ZF_MUST_USE zf_status zf_zip_fields_evaluate(zf_zip_work *work, size_t *column, zf_error *error);
/** Gives the tables back; idempotent. */
void zf_zip_fields_release(zf_zip_work *work);

#endif
