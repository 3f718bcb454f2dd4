/* SPDX-License-Identifier: MIT */
/**
 * @file result_column.h
 * The columns of the result, each stated once: CREATE TABLE, labels in QGIS and lists in the manual are made
 * of these.
 */
#ifndef ZF_SCHEMA_RESULT_COLUMN_H
#define ZF_SCHEMA_RESULT_COLUMN_H

#include "geometry/geometry.h"

/** One column of a table. */
typedef struct zf_result_column {
    const char *name; /**< of an analysis: "{parameter}" stands for the argument */
    zf_field_type type;
    const char *constraint; /**< "NOT NULL", "PRIMARY KEY"; NULL: none */
    const char *label;      /**< for people, patterns as in name; the name itself where it says enough */
    const char *unit;       /**< "m²"; NULL: none */
    const char *definition; /**< half a sentence for the manual */
    const char *null_when;  /**< half a sentence after "NULL"; NULL: never */
    unsigned producer;      /**< of analyses: a zf_analysis_cell; of statistics: the kind */
} zf_result_column;

/** The tables whose columns do not depend on the options, or begin with such. */
typedef enum zf_result_table {
    ZF_TABLE_ZIP_SUMMARY = 0,
    ZF_TABLE_IMPORTANT_BUILDING,
    ZF_TABLE_ZIP_GROUP,
    ZF_TABLE_REJECTED_FEATURE,
    ZF_TABLE_RUN_COUNT,
    ZF_TABLE_RUN_AREA,
    ZF_TABLE_RUN_FUNNEL,
    ZF_TABLE_RUN_INFO,
    ZF_TABLE_RUN_INPUT,
    ZF_TABLE_ANALYSIS, /**< tables of analyses; those without polygons lack the first column */
    ZF_TABLE_QUERY,    /**< results of user queries; likewise */
    ZF_RESULT_TABLES
} zf_result_table;

typedef struct zf_table_schema {
    const char *name; /**< NULL: each such table has its own */
    const zf_result_column *columns;
    size_t n_columns;
    size_t n_own; /**< columns that the output fills itself; the others begin what the plan lists */
} zf_table_schema;

extern const zf_table_schema zf_result_tables[ZF_RESULT_TABLES];

/** The columns of zip_summary that every run has, after zip. Adding one: its enumerator here, its row in
 * result_column.c, its value in perzip/compute.c, where the compiler reports one that is missing. */
typedef enum zf_zip_column {
    ZF_ZIP_PARTS = 0,
    ZF_ZIP_AREA,
    ZF_ZIP_BUILDINGS,
    ZF_ZIP_IMPORTANT,
    ZF_ZIP_CROSSING,
    ZF_ZIP_BUILT_AREA,
    ZF_ZIP_COVERAGE,
    ZF_ZIP_IMPORTANT_AREA,
    ZF_ZIP_IMPORTANT_COVERAGE,
    ZF_ZIP_PER_KM2,
    ZF_ZIP_FIXED
} zf_zip_column;
/** Columns of zip_summary before these: zip_rank and zip. */
enum { ZF_ZIP_KEYS = 2 };
extern const zf_result_column *const zf_zip_columns; /**< ZF_ZIP_FIXED columns */

/** The columns of zip_group that every such table has, after the fields by which it groups. */
typedef enum zf_group_column {
    ZF_GROUP_BUILDINGS = 0,
    ZF_GROUP_IMPORTANT,
    ZF_GROUP_BUILT_AREA,
    ZF_GROUP_FIXED
} zf_group_column;
extern const zf_result_column *const zf_group_columns; /**< ZF_GROUP_FIXED columns */

/** The measures as columns of important_building, by zf_measure. */
extern const zf_result_column zf_measure_columns[ZF_MEASURE_KINDS];

/** The unit of coverages: shares that people read as percent. */
#define ZF_UNIT_BUILT_SHARE "built area / area"

/** The column of that name among n; NULL for none. */
const zf_result_column *zf_result_column_find(const zf_result_column *columns, size_t n, const char *name,
                                              size_t n_name);
/** " (m²)"; nothing where there is no unit. */
void zf_result_column_append_unit(zf_text *out, const char *unit);

#endif
