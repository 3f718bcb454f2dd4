/* SPDX-License-Identifier: MIT */
/**
 * The work on each ZIP after the buildings have been read: load its rows, take the statistics, run the
 * analyses, write. ZIPs are written in rank order, and every byte of a ZIP is given back once it is written.
 */
#ifndef ZF_PERZIP_H
#define ZF_PERZIP_H

#include "stream/stream.h"
#include "zonefold/run.h"

/** What reading the buildings left for the ZIPs. Arrays have one entry per zone number. */
typedef struct zf_perzip_input {
    zf_gather *rows;                /**< of the important buildings; NULL: their numbers were added up */
    const zf_totals *const *totals; /**< n_totals; instead of rows */
    size_t n_totals;                /**< one per thread that read buildings */
    const zf_zip_count *counts;
    zf_gather *groups; /**< rows of zf_plan_groups; NULL when there are no groups */
    zf_gather *others; /**< rows of buildings near each ZIP; NULL when no analysis looks beyond its ZIP */
    const zf_halo_count *other_counts; /**< likewise */
    bool has_unique_fids; /**< a fid alone identifies a building; else its position in the source, too */
} zf_perzip_input;

/** Where the results go. */
typedef struct zf_perzip_output {
    zf_output *file;
    zf_queries *queries;   /**< NULL: there are none */
    zf_timeline *timeline; /**< nullable */
    zf_expressions *zip_expressions; /**< computed columns of zip_summary; NULL: there are none */
    zf_unread_list *zip_unread;      /**< of them */
    /** Told of each row of zip_summary, in rank order; nullable. */
    zf_zip_done *zip_done;
    void *user;
} zf_perzip_output;

/** The same for all ZIPs of a run; borrowed for the call. */
typedef struct zf_perzip {
    const zf_run_options *options;
    const zf_plan *plan;
    const zf_catalogue *catalogue;
    const zf_callbacks *callbacks;
    zf_budget *budget;
    zf_metric *const *metrics; /**< n_threads; each thread measures with its own */
    size_t n_threads;
    size_t flight_bytes; /**< by forecast, ZIPs in progress may hold so much together */
    zf_perzip_input input;
    zf_perzip_output output;
} zf_perzip;

/**
 * Works on all ZIPs. With one thread, or with a timeline, a ZIP is finished before the next is loaded.
 * Otherwise the threads prepare ZIPs side by side, at most two per thread and by forecast within flight_bytes
 * (but always the next to be written), while the calling thread writes them in rank order.
 * @return ZF_E_MEMORY, before anything is loaded, when the largest ZIP by forecast does not fit into the
 * budget; else the first failure.
 */
ZF_MUST_USE zf_status zf_perzip_run(const zf_perzip *perzip, zf_error *error);

#endif
