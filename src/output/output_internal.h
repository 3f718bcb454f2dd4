/* SPDX-License-Identifier: MIT */
/**
 * @file output_internal.h
 * A result file under construction.
 */
#ifndef ZF_OUTPUT_OUTPUT_INTERNAL_H
#define ZF_OUTPUT_OUTPUT_INTERNAL_H

#include "os/output_file.h"
#include "output/output.h"
#include "output/table.h"
#include "sql/names.h"
#include "sql/spatialite_blob.h"

/** Longest name that SpatiaLite's metadata take: names of indexes are made of a table's and a column's. */
enum { ZF_OUTPUT_MAX_NAME_BYTES = 60 };

/* ---- analysis_table.c ---- */

/** Creates the table of an analysis under a name that none of the n_taken tables has. */
ZF_MUST_USE zf_status zf_output_analysis_table_create(const zf_database *db,
                                                      const zf_output_analysis_table *table,
                                                      const zf_output_table *taken, size_t n_taken,
                                                      int32_t srid, zf_output_table *out, zf_error *error);

/* ---- layer_styles.c ---- */

#define ZF_OUTPUT_STYLE_TABLE "layer_styles"

/** ZF_E_USAGE when SOURCE_DATE_EPOCH is set, but is no number of seconds. */
ZF_MUST_USE zf_status zf_output_check_style_time(zf_error *error);

/* ---- output.c ---- */

enum {
    ZF_OUTPUT_ZIP = 0,
    ZF_OUTPUT_BUILDING,
    ZF_OUTPUT_GROUP, /**< only with zf_output_options.group_columns */
    ZF_OUTPUT_REJECTED,
    ZF_OUTPUT_COUNT,
    ZF_OUTPUT_AREA, /**< only with zf_output_options.has_areas */
    ZF_OUTPUT_FUNNEL,
    ZF_OUTPUT_INFO,
    ZF_OUTPUT_INPUT,
    ZF_OUTPUT_TABLES
};

/** The rows of important_building written so far. */
typedef struct zf_output_buildings {
    int64_t n;
    uint32_t rank;          /**< of the last building; 0: none */
    unsigned types;         /**< bit t: a geometry of SpatiaLite's type t was written */
    bool has_single_points; /**< points are written as POINT */
} zf_output_buildings;

struct zf_output {
    zf_output_file file;
    zf_database db;
    zf_callbacks callbacks;
    int32_t srid;
    zf_output_table *tables; /**< those above, then those of analyses, then those of queries */
    size_t n_tables;
    zf_spatialite_blob blob;
    zf_output_buildings buildings;
    int64_t n_rejected;
    int64_t n_inputs;
    size_t first_query_table; /**< index in tables */
    zf_budget *budget;        /**< nullable */
    bool has_styles;          /**< the table of styles is there */
    bool is_broken;           /**< a write failed, and there is no journal */
};

#endif
