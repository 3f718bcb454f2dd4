/* SPDX-License-Identifier: MIT */
/** What a run reads, computes and writes, settled before the first building is touched. */
#ifndef ZF_PLAN_H
#define ZF_PLAN_H

#include "analysis/analysis.h"
#include "plan/inputs.h"
#include "sql/select.h"
#include "output/output.h"

/** Scope of expressions and statistics: column 0 is `fid`, then the measures, then the layer's fields, then
 * the computed columns. */
enum { ZF_SCOPE_FID = 0, ZF_SCOPE_MEASURES = 1, ZF_SCOPE_FIELDS = ZF_SCOPE_MEASURES + ZF_MEASURE_KINDS };

/** The statistics asked of one column. */
typedef struct zf_stat_request {
    size_t scope; /**< column of the scope */
    zf_field_type type;
    size_t slot;      /**< number (or text) column of the gathered rows */
    bool has_rest;    /**< integers whose rests (zf_whole_rest) are in the next slot */
    unsigned sources; /**< of zf_stat_source: what the statistics are taken from */
    zf_stat *stats;
    size_t n_stats;
} zf_stat_request;

typedef struct zf_plan {
    zf_arena arena;
    zf_column *scope; /**< n_scope columns; names borrowed from the source, but of the computed ones */
    size_t n_scope;
    size_t first_computed;     /**< scope column */
    zf_select_named *computes; /**< names in the arena, texts borrowed from the options */
    size_t n_computes;
    bool has_where;
    zf_select_named *rules; /**< likewise */
    size_t n_rules;
    bool *is_used;     /**< n_scope: read or computed at all */
    bool *is_hidden;   /**< n_scope: a measure of the same name stands in front */
    unsigned measures; /**< bits of the measures to compute */

    int *fields; /**< field numbers to read, in layer order */
    size_t n_fields;
    size_t *field_column; /**< n_scope: batch column of a scope column, for fields in use */

    zf_stat_request *requests;
    size_t n_requests;
    zf_analysis_job *analyses;
    size_t n_analyses;
    unsigned needs;      /**< of all analyses: ZF_NEEDS_... */
    bool has_halo;       /**< some analysis looks beyond its ZIP */
    double halo_m;       /**< as far as the one that looks farthest */
    unsigned halo_needs; /**< of those that do */

    size_t *number_scope; /**< scope column of each gathered number; the first are area and, where analyses
                             need points, centroid x and y */
    size_t n_numbers;
    bool *is_rest;   /**< n_numbers + 1: the rest of the integer in the slot before */
    bool *is_column; /**< n_numbers: a statistic needs the ZIP's numbers together; others go by and are added
                        up */
    bool *is_kept;   /**< n_numbers: those of them that an analysis sees after the statistics; nullable */
    bool *is_added;  /**< n_numbers: added up as they go by */
    bool has_notes;  /**< statistics need the order of the rows, or different values */
    size_t *text_scope; /**< scope column of each gathered text */
    size_t n_texts;

    size_t *carried; /**< scope columns written to important_building */
    size_t n_carried;
    size_t n_constant; /**< columns of important_building before the carried ones: `share`, which is 1 where
                          buildings are assigned whole */

    bool is_weighted;   /**< statistics weigh each row by its share */
    size_t weight_slot; /**< of the gathered numbers, then: the share */

    zf_question *question_texts; /**< n_questions, of --analysis-sql */
    size_t n_questions;
    zf_questions *questions; /**< owned; NULL: there are none */
    size_t *asked;           /**< n_asked scope columns that they read */
    size_t *asked_at;        /**< n_asked: where each stands in the payload */
    size_t n_asked;
    bool asks_footprints;
    size_t *payload; /**< n_payload scope columns that travel with a row: the carried ones, then those that
                        are only asked for */
    size_t n_payload;

    zf_column *zip_columns; /**< of zip_summary */
    size_t n_zip_columns;
    bool has_rows; /**< rows are gathered; else the worker adds all up, and there is nothing to gather */
    zf_column *building_columns; /**< of important_building: the constant ones, the carried ones, those of the
                                    analyses */
    size_t n_building_columns;
    zf_output_further *tables; /**< of the analyses that have one, in their order */
    size_t n_tables;
} zf_plan;

enum { ZF_NUMBER_AREA = 0, ZF_NUMBER_CENTROID_X, ZF_NUMBER_CENTROID_Y, ZF_NUMBER_FIRST_FREE };

/** Columns of zip_summary before the statistics. */
enum {
    ZF_ZIP_PARTS = 0,
    ZF_ZIP_AREA,
    ZF_ZIP_BUILDINGS,
    ZF_ZIP_IMPORTANT,
    ZF_ZIP_CROSSING,
    ZF_ZIP_BUILT_AREA,
    ZF_ZIP_COVERAGE,
    ZF_ZIP_PER_KM2,
    ZF_ZIP_FIXED
};

/**
 * Settles computed columns, conditions, statistics, analyses and fields against the building layer.
 * @return ZF_E_USAGE for anything the options name that is not there or makes no sense.
 */
ZF_MUST_USE zf_status zf_plan_make(const zf_run_options *options, const zf_source *buildings,
                                   const zf_callbacks *callbacks, zf_budget *budget, zf_plan *out,
                                   zf_error *error);
/** Conditions of the funnel: the where first, then the rules. */
static inline size_t zf_plan_n_conditions(const zf_plan *plan) {
    return plan->has_where + plan->n_rules;
}
/** "where", or the rule's own. */
const char *zf_plan_condition_name(const zf_plan *plan, size_t i);
/** Computed columns and conditions, compiled for one thread. */
ZF_MUST_USE zf_status zf_plan_compile(const zf_plan *plan, const zf_run_options *options,
                                      const zf_callbacks *callbacks, zf_select **out, zf_error *error);
/** Whether footprints travel with the rows. */
static inline bool zf_plan_has_footprints(const zf_plan *plan, const zf_run_options *options) {
    return options->buildings_out == ZF_BUILDINGS_GEOMETRY || (plan->needs & ZF_NEEDS_FOOTPRINTS) != 0 ||
           plan->asks_footprints;
}
/** Whether the columns of analyses are written. */
static inline bool zf_plan_has_analysis_columns(const zf_plan *plan) {
    return plan->n_building_columns > plan->n_constant + plan->n_carried;
}
/** Whether the fids of a ZIP's buildings are needed beside its rows. */
static inline bool zf_plan_needs_fids(const zf_plan *plan) {
    return zf_plan_has_analysis_columns(plan) || (plan->needs & ZF_NEEDS_FIDS) != 0 || plan->has_halo;
}
void zf_plan_deinit(zf_plan *plan);

#endif
