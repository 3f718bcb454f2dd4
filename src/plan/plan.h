/* SPDX-License-Identifier: MIT */
/** What a run reads, computes and writes, settled before the first building is touched. Immutable once made.
 */
#ifndef ZF_PLAN_H
#define ZF_PLAN_H

#include "analysis/analysis.h"
#include "output/output.h"
#include "plan/inputs.h"
#include "schema/layout.h"
#include "schema/result_column.h"
#include "schema/scope.h"
#include "sql/expressions.h"

/** Computed columns and conditions. Names stand in the plan's arena, texts are borrowed from the options. */
typedef struct zf_plan_expressions {
    zf_named_expression *computes;
    size_t n_computes;
    const char *where; /**< nullable */
    zf_named_expression *rules;
    size_t n_rules;
    bool uses_share; /**< some expression reads the measure `share` */
    size_t n;        /**< n_computes, then the conditions */
    const char **number_names; /**< per expression: the columns that number() and metres() read; NULL: none */
    char decimal_sign;         /**< of the texts that they read; 0: '.' */
} zf_plan_expressions;

/** What is read of a building and measured on it. */
typedef struct zf_plan_reading {
    int *fields; /**< field numbers, in layer order */
    size_t n_fields;
    unsigned measures; /**< bits of the measures to compute */
} zf_plan_reading;

/** The statistics requested of one column. */
typedef struct zf_stat_request {
    size_t column; /**< of the scope */
    zf_field_type type;
    size_t slot;      /**< of the layout */
    unsigned sources; /**< of zf_stat_source: what the statistics are taken from */
    zf_stat *stats;
    size_t n_stats;
} zf_stat_request;

typedef struct zf_plan_statistics {
    zf_stat_request *requests; /**< one per column */
    size_t n;
    unsigned sources; /**< of all requests */
    bool is_weighted; /**< each row weighs its share */
} zf_plan_statistics;

/** How far analyses look beyond their ZIP. */
typedef struct zf_plan_halo {
    bool is_needed;
    double metres;  /**< as far as the analysis that looks farthest */
    unsigned needs; /**< ZF_NEEDS_... of the analyses that look beyond */
} zf_plan_halo;

typedef struct zf_plan_analyses {
    zf_analysis_job *jobs;
    size_t n;
    unsigned needs; /**< ZF_NEEDS_... of all */
    zf_plan_halo halo;
} zf_plan_analyses;

/** The user's SELECTs: checked, and closed again. The run opens its own (zf_plan_open_queries). */
typedef struct zf_plan_queries {
    zf_query *texts; /**< n: those of `analysis_sqls`, then one for each of `tops` */
    size_t n_own;    /**< of `analysis_sqls` */
    zf_query_columns *results;
    size_t n;
    size_t *columns;    /**< n_columns scope columns that they read */
    size_t *payload_at; /**< where each of these stands in the payload; `fid` does not */
    size_t n_columns;
    bool has_footprints;       /**< some query reads geom */
    const char *geometry_type; /**< of geom: zf_queries_options */
    zf_query_process *process; /**< borrowed, nullable */
} zf_plan_queries;

/** What zip_summary has of the ZIP layer, and what is computed of its columns. */
typedef struct zf_plan_zips {
    int *fields;        /**< n_fields field numbers of the ZIP layer */
    zf_column *columns; /**< n_fields; names are borrowed from the source */
    size_t n_fields;
    zf_named_expression *computes; /**< the last columns of zip_summary */
    size_t n_computes;
} zf_plan_zips;

/** The groups of buildings within each ZIP, if there are any, and the rows that are gathered of them. */
typedef struct zf_plan_groups {
    size_t *fields;                /**< n_fields scope columns; 0: there are no groups */
    size_t n_fields;
    zf_plan_statistics statistics; /**< those of the ZIPs; slots of this layout */
    zf_row_layout layout;          /**< what the statistics need */
    zf_column *columns;            /**< zip_group after zip: the fields, the fixed columns, the statistics */
    size_t n_columns;
} zf_plan_groups;

/** The columns of the result tables whose columns depend on the options. */
typedef struct zf_plan_result {
    zf_column *zip_columns; /**< zip_summary after zip: the fixed ones, the statistics, the analyses' */
    size_t n_zip_columns;
    size_t first_default, n_default; /**< of zip_columns: from statistics and analyses that no option asked for */
    zf_column
        *building_columns; /**< important_building: the constant ones, the carried ones, the analyses' */
    size_t n_building_columns;
    size_t n_constant;                /**< `share`, which is 1 where buildings are assigned whole */
    size_t n_carried;                 /**< the first of the layout's payload */
    zf_output_analysis_table *tables; /**< of the analyses that have one, in their order */
    size_t n_tables;
    size_t map_column; /**< of zip_columns, by which the ZIPs are coloured on the map */
} zf_plan_result;

typedef struct zf_plan {
    zf_arena arena;
    zf_scope scope;
    zf_plan_expressions expressions;
    zf_plan_statistics statistics;
    zf_plan_analyses analyses;
    zf_plan_queries queries;
    zf_plan_zips zips;
    zf_plan_groups groups;
    zf_row_layout layout;
    zf_plan_reading reading;
    zf_plan_result result;
    bool needs_rows; /**< each ZIP's rows are needed; else it is enough to add the numbers up */
} zf_plan;

/** The layers of a run, as far as a plan looks at them. Borrowed. */
typedef struct zf_plan_sources {
    const zf_source *zips;
    const zf_source *buildings;
    zf_query_process *process; /**< in which the user's SELECTs are checked, and run later; nullable */
} zf_plan_sources;

/**
 * Makes a plan for the building layer.
 * @return ZF_E_USAGE for anything the options name that is not there or makes no sense; then there is nothing
 * to deinit.
 */
ZF_MUST_USE zf_status zf_plan_make(const zf_run_options *options, const zf_plan_sources *sources,
                                   const zf_callbacks *callbacks, zf_budget *budget, zf_plan *out,
                                   zf_error *error);
void zf_plan_deinit(zf_plan *plan);

/**
 * Finds out how the building layer writes the numbers that number() and metres() read: with a decimal comma
 * if some text has one and none has a decimal point. Reads these fields of the layer, up to the first decimal
 * point; nothing if no expression reads any.
 */
ZF_MUST_USE zf_status zf_plan_find_decimal_sign(zf_plan *plan, zf_source *buildings,
                                                const zf_callbacks *callbacks, zf_error *error);

/** Conditions of the funnel: the where first, then the rules. */
static inline size_t zf_plan_n_conditions(const zf_plan *plan) {
    return (plan->expressions.where != NULL) + plan->expressions.n_rules;
}
/** "where", or the rule's own. */
const char *zf_plan_condition_name(const zf_plan *plan, size_t i);
/** Computed columns and conditions, compiled for one thread. */
ZF_MUST_USE zf_status zf_plan_compile(const zf_plan *plan, const zf_callbacks *callbacks,
                                      zf_expressions **out, zf_error *error);
/** The computed columns of zip_summary, compiled; *out is NULL when there are none. */
ZF_MUST_USE zf_status zf_plan_compile_zips(const zf_plan *plan, const zf_callbacks *callbacks,
                                           zf_expressions **out, zf_error *error);
/** Opens the user's SELECTs for a run; *out is NULL when there are none. */
ZF_MUST_USE zf_status zf_plan_open_queries(const zf_plan *plan, const zf_run_options *options,
                                           const zf_callbacks *callbacks, zf_budget *budget, zf_queries **out,
                                           zf_error *error);
/** Whether footprints travel with the rows. */
static inline bool zf_plan_has_footprints(const zf_plan *plan, const zf_run_options *options) {
    return options->buildings_out == ZF_BUILDINGS_GEOMETRY ||
           (plan->analyses.needs & ZF_NEEDS_FOOTPRINTS) != 0 || plan->queries.has_footprints;
}
/** Whether the columns of analyses are written. */
static inline bool zf_plan_has_analysis_columns(const zf_plan *plan) {
    const zf_plan_result *result = &plan->result;
    return result->n_building_columns > result->n_constant + result->n_carried;
}
/** Whether a statistic needs the order of the rows, or the distinct values. */
static inline bool zf_plan_needs_field_values(const zf_plan *plan) {
    return (plan->statistics.sources & (ZF_FROM_ORDER | ZF_FROM_CLASSES)) != 0;
}
/** Whether the fids of a ZIP's buildings are needed beside its rows. */
static inline bool zf_plan_needs_fids(const zf_plan *plan) {
    return zf_plan_has_analysis_columns(plan) || (plan->analyses.needs & ZF_NEEDS_FIDS) != 0 ||
           plan->analyses.halo.is_needed;
}

#endif
