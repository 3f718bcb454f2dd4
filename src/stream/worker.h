/* SPDX-License-Identifier: MIT */
/** One thread's share of the building stream: batches in, gathered rows and counts out. */
#ifndef ZF_STREAM_WORKER_H
#define ZF_STREAM_WORKER_H

#include "gather/gather.h"
#include "os/thread.h"
#include "output/record.h"
#include "plan/plan.h"
#include "stream/areas.h"
#include "stream/partials.h"
#include "stream/payload.h"
#include "stream/totals.h"
#include "zone/zone.h"

/** Assigned and crossing buildings of one ZIP. */
typedef struct zf_zip_count {
    uint64_t buildings;
    uint64_t crossing;
    uint64_t n_rings, n_points; /**< of the important buildings' footprints, where an analysis needs them */
    int64_t awaited; /**< buildings that the first pass saw near it and its own pass has not yet seen */
} zf_zip_count;

/** Of one ZIP, where analyses look beyond it: see halo.h. */
typedef struct zf_halo_count {
    bool has_own;                  /**< buildings of its own */
    double overhang_x, overhang_y; /**< of those not surely inside it: the widest and the highest envelope */
    uint64_t n;                    /**< rows gathered of buildings near it, own ones among them */
    uint64_t n_rings, n_points;    /**< of their footprints, where an analysis needs them */
} zf_halo_count;

/** A building of the current batch that belongs to at least one ZIP. */
typedef struct zf_kept {
    size_t row;
    size_t first_zone; /**< in zones[] */
    size_t n_zones;
    zf_bytes repaired; /**< footprint after repair, in the batch arena; NULL: the source's */
    double measures[ZF_MEASURE_KINDS];
} zf_kept;

typedef struct zf_worker {
    /* borrowed, shared */
    const zf_run_options *options;
    const zf_plan *plan;
    const zf_catalogue *catalogue;
    const zf_source_info *layer;
    const zf_callbacks *callbacks;
    zf_rejects *rejects;
    zf_mutex *rejects_lock;
    zf_budget *budget;
    const zf_inputs *inputs;
    bool has_unique_fids; /**< passes may be filtered, and positions in the source differ between them */
    /* own */
    zf_metric *metric;
    zf_expressions *select;
    zf_geos *geos;
    zf_examiner examiner;
    zf_assigner *assigner;
    zf_gather_writer *writer;   /**< when the plan has rows */
    zf_totals totals;           /**< when it has none */
    zf_gather_writer *partials; /**< see partials.h; NULL when one pass is enough */
    size_t pass;                /**< from 0 */
    bool is_known;              /**< an earlier pass looked at the current building */
    bool is_partial;            /**< another pass did or will */
    double reach_x, reach_y;    /**< sides of the largest envelope that is awaited in a later pass */
    zf_run_counts counts;
    zf_areas areas;           /**< by shares */
    zf_zip_count *zip_counts; /**< per zone number */
    zf_arena batch_arena;     /**< repaired footprints of the current batch */
    zf_kept *kept;
    size_t n_kept, cap_kept;
    uint32_t *zones; /**< zone numbers of all kept buildings, one after the other */
    size_t n_zones, cap_zones;
    uint8_t *passes;       /**< cap_kept */
    size_t first_selected; /**< of the kept ones that were last put to the expressions */
    size_t n_selected;
    uint64_t *passed;              /**< pairs, by condition */
    const zf_halo *halo;           /**< borrowed; while buildings near ZIPs of others are read; else NULL */
    zf_gather_writer *halo_writer; /**< when the plan has a halo */
    zf_halo_count *halo_counts;    /**< likewise; per zone number */
    uint64_t n_halo_invalid;       /**< that no ZIP's envelope meets */
    double half_turn;              /**< zf_crs_half_turn; INFINITY in a plane */
    uint64_t n_turned;             /**< buildings with an edge around the world */
    uint64_t turned_ordinal;       /**< of the first of them, */
    int64_t turned_fid;            /**< and its fid */
    zf_cell *cells;                /**< of a row, as plan->layout has them */
    zf_bytes *texts;               /**< plan->layout.n_texts */
    char (*text_scratch)[ZF_VALUE_SCRATCH_BYTES]; /**< plan->layout.n_texts */
    zf_payload payload;
    zf_batch *batch; /**< the current one; borrowed */
} zf_worker;

/** Takes what the worker owns. The borrowed members must be set before. On failure the worker is released. */
ZF_MUST_USE zf_status zf_worker_init(zf_worker *worker, zf_gather *gather, zf_gather *partials,
                                     zf_gather *halo, zf_error *error);
/** Abandons rows not handed over. */
void zf_worker_deinit(zf_worker *worker);

/** One batch: shape, validity, ZIPs, measures, conditions, rows. first_ordinal: position of its first
 * building in the source. */
ZF_MUST_USE zf_status zf_worker_process(zf_worker *worker, zf_batch *batch, uint64_t first_ordinal,
                                        zf_error *error);
/** Between passes. */
void zf_worker_next_pass(zf_worker *worker);
/** After the last pass: hands the gathered rows over. */
ZF_MUST_USE zf_status zf_worker_finish(zf_worker *worker, zf_error *error);

/** footprint.c: one building's usable footprint. *out_is_usable false: counted and listed, nothing more to
 * do. */
ZF_MUST_USE zf_status zf_footprint_read(zf_worker *worker, size_t row, uint64_t ordinal, zf_examined *out,
                                        bool *out_is_usable, zf_error *error);

/** The same of a building that may be near ZIPs of the current pass; they are *out_near, valid until the next
 * call on the assigner. What is wrong with one that some ZIP's envelope meets has been told. */
ZF_MUST_USE zf_status zf_footprint_read_near(zf_worker *worker, size_t row, uint64_t ordinal,
                                             zf_examined *out, zf_assignment *out_near, bool *out_is_usable,
                                             zf_error *error);

/** What worker.c and halo.c share. Keeps the building for the conditions, and then for a row per ZIP. */
ZF_MUST_USE zf_status zf_worker_keep(zf_worker *worker, size_t row, const zf_examined *footprint,
                                     const zf_assignment *assignment, zf_error *error);
/** The footprint of a building that was kept, after repair. */
ZF_MUST_USE zf_status zf_worker_wkb(zf_worker *worker, const zf_kept *kept, zf_wkb *out, zf_error *error);

#endif
