/* SPDX-License-Identifier: MIT */
/**
 * @file output.h
 * The SpatiaLite result file: tables, layers, spatial indexes, content hashes. It is put in place whole or
 * not at all.
 *
 * Column names. Given columns may have any name. A name that the table already has (of a fixed column, of an
 * earlier given column, "geom", or "rowid", by which SpatiaLite finds rows), compared as SQLite does, gets
 * the first of the suffixes _2, _3, ... that makes it unique; the change is logged (ZF_LOG_INFO). A column
 * without a name is called "column".
 *
 * Values. INTEGER, BOOLEAN: integer; REAL: real or integer; TEXT and dates: text; BLOB: blob; NULL anywhere,
 * and NaN is NULL. An INTEGER column also takes reals. Anything else is ZF_E_INTERNAL: an error of the
 * caller.
 *
 * Buildings are buffered, so that SQLite takes many at once. A failure may concern an earlier building, which
 * the error then names, and may be returned by zf_output_finish only. What a call borrows is not needed after
 * it. Memory under ZF_MEMORY_OUTPUT: 230 KB, or more where the texts, blobs and geometry of one building are
 * larger.
 *
 * Spatial indexes are packed while rows are written, in some 0.4 us a row, best where the buildings of a ZIP
 * follow each other. Memory under ZF_MEMORY_OUTPUT: at most 7 MB a layer, whatever the number of rows or
 * their distribution over ZIPs.
 *
 * After a failed write the result cannot be finished (there is no journal): zf_output_finish then cleans up
 * and returns ZF_E_INTERNAL. An output belongs to one thread at a time.
 */
#ifndef ZF_OUTPUT_H
#define ZF_OUTPUT_H

#include "examine/examine.h"
#include "output/content.h"
#include "sql/queries.h"

typedef struct zf_output zf_output;

/** The table of an analysis: rows per ZIP. */
typedef struct zf_output_analysis_table {
    const char *name;         /**< gets a suffix where another table has it, as columns do (ZF_LOG_INFO) */
    const zf_column *columns; /**< after `zip_rank` and `zip`, before `geom` */
    size_t n_columns;
    bool has_polygons; /**< a layer: `id` in front, and `geom`, a MULTIPOLYGON */
} zf_output_analysis_table;

/** The given columns of a table. */
typedef struct zf_output_columns {
    const zf_column *items;
    size_t n;
} zf_output_columns;

/** What the file will hold. All is borrowed for zf_output_open. */
typedef struct zf_output_options {
    const char *path;
    bool overwrite;
    const zf_crs *crs; /**< of all geometries. EPSG: the SRID is the code, with SpatiaLite's own row where it
                          knows the code. Another CRS has SRID 990001, under its authority if that has a
                          numeric code, else under 'zonefold'. An undefined planar CRS: -1. */
    zf_output_columns zip_columns;      /**< of zip_summary between `zip` and `geom` */
    bool has_buildings;                 /**< there is a table important_building */
    const char *building_geometry_type; /**< of the layer: zf_source_info.building_type; NULL: no geometries.
                                           What is written decides: another type, or GEOMETRY for several */
    bool has_areas;                     /**< there is a table run_area */
    zf_output_columns building_columns; /**< of important_building after `building_fid`, before `geom` */
    zf_output_columns group_columns;    /**< of zip_group after `zip`; none: there is no such table */
    const zf_output_analysis_table *analysis_tables;
    size_t n_analysis_tables;
    const zf_queries
        *queries; /**< nullable: their names must not be those of other tables; must outlive the output */
    const zf_callbacks *callbacks; /**< kept until finish or abort; nullable */
    zf_budget *budget; /**< for buffered buildings and spatial indexes, under ZF_MEMORY_OUTPUT; kept until
                          finish or abort; nullable */
} zf_output_options;

/**
 * Creates the temporary file (zf_output_file_create) and its tables.
 * @return ZF_E_OUTPUT: another run is writing the same output; the output exists and overwrite is false, is a
 * directory or no regular file; its directory is missing or not writable. ZF_E_USAGE: a table would have more
 * columns than SQLite allows (2,000), or a query has the name of another table. ZF_E_MEMORY. *out is
 * untouched. SpatiaLite's time stamps are constant and its history is empty: the file does not depend on the
 * clock.
 */
ZF_MUST_USE zf_status zf_output_open(const zf_output_options *options, zf_output **out, zf_error *error);

/** rank, zip, the values of zip_columns, and the ZIP's 2D WKB (bytes NULL: NULL geometry). Ranks ascend. */
ZF_MUST_USE zf_status zf_output_write_zip(zf_output *output, uint32_t rank, const char *zip,
                                          const zf_value *values, zf_bytes wkb, zf_error *error);
/** The id is the number of the row. values: those of building_columns. wkb: Polygon or MultiPolygon; stored as 2D
 * MULTIPOLYGON. */
ZF_MUST_USE zf_status zf_output_write_building(zf_output *output, uint32_t rank, const char *zip, int64_t fid,
                                               const zf_value *values, zf_bytes wkb, zf_error *error);

/** One row of zip_group: zip_rank, zip and the values of group_columns. */
ZF_MUST_USE zf_status zf_output_write_group(zf_output *output, uint32_t rank, const char *zip, const zf_value *values,
                                            zf_error *error);

/** Rows of zip_group written so far. */
uint64_t zf_output_count_groups(const zf_output *output);

/** One row of analysis table number `table`: zip_rank, zip and the table's values; wkb as of a building. */
ZF_MUST_USE zf_status zf_output_write_analysis_row(zf_output *output, size_t table, uint32_t rank,
                                                   const char *zip, const zf_value *values, zf_bytes wkb,
                                                   zf_error *error);

/** Writes the results of the queries, each as a table of its name; once, after the last ZIP. */
ZF_MUST_USE zf_status zf_output_write_query_results(zf_output *output, zf_queries *queries, zf_error *error);

ZF_MUST_USE zf_status zf_output_write_rejected(zf_output *output, const zf_rejected *rejected,
                                               zf_error *error);
ZF_MUST_USE zf_status zf_output_write_count(zf_output *output, const char *name, uint64_t value,
                                            zf_error *error);
ZF_MUST_USE zf_status zf_output_write_area(zf_output *output, const char *name, double value_m2,
                                           zf_error *error);
ZF_MUST_USE zf_status zf_output_write_funnel(zf_output *output, uint32_t step, const char *rule,
                                             uint64_t passed, uint64_t dropped, zf_error *error);
ZF_MUST_USE zf_status zf_output_write_info(zf_output *output, const char *key, const char *value,
                                           zf_error *error);
/** One input file's row of run_input. */
typedef struct zf_output_input {
    const char *role; /**< 'zips' or 'buildings' */
    const char *file; /**< name without directory */
    const char *layer;
    uint64_t n_bytes;
    const char *sha256; /**< 64 hex digits */
    int64_t n_features; /**< -1: NULL */
    const char *crs;    /**< nullable */
} zf_output_input;
ZF_MUST_USE zf_status zf_output_write_input(zf_output *output, const zf_output_input *input, zf_error *error);

/* ---- layers and their styles (layer_styles.c) ---- */

typedef enum zf_output_layer_kind {
    ZF_OUTPUT_LAYER_ZIPS = 0,
    ZF_OUTPUT_LAYER_BUILDINGS,
    ZF_OUTPUT_LAYER_REJECTED,
    ZF_OUTPUT_LAYER_ANALYSIS,
    ZF_OUTPUT_LAYER_QUERY,
    ZF_OUTPUT_LAYER_GROUP, /**< zip_group, which has labels, but no geometry */
} zf_output_layer_kind;

/** A table with a geometry column. Texts are borrowed until finish or abort. */
typedef struct zf_output_layer {
    zf_output_layer_kind kind;
    size_t table_no; /**< among the tables of the result */
    size_t query_no; /**< of a query's layer: among the queries */
    const char *table;
    const char *geometry_type; /**< as "MULTIPOLYGON" */
    size_t n_columns;          /**< without the geometry */
} zf_output_layer;

/** Iterates over the layers: *table is 0 at first. False after the last. The layers of user queries are there
 * once their results are written. */
bool zf_output_next_layer(const zf_output *output, size_t *table, zf_output_layer *out);
/** Name of column i of a layer. */
const char *zf_output_layer_column(const zf_output *output, const zf_output_layer *layer, size_t i);
/** Number of entries for zf_output_table_name. */
size_t zf_output_n_tables(const zf_output *output);
/** Name of table i, and how many rows it has so far. NULL if the result does not have this table. */
const char *zf_output_table_name(const zf_output *output, size_t i, uint64_t *out_n_rows);
/** How many rows of zip_summary hold a number in a column; 0 when there is no such column. */
size_t zf_output_count_zip_numbers(const zf_output *output, const char *column);
/** Reads the finite numbers of a column of zip_summary, of ZIPs with buildings. n: room for so many; then how many
 * were read. */
ZF_MUST_USE zf_status zf_output_read_zip_numbers(const zf_output *output, const char *column, double *values,
                                                 size_t *n, zf_error *error);
/** Sums over zip_summary. */
typedef struct zf_output_zip_sums {
    double n;       /**< ZIPs */
    double n_empty; /**< without buildings */
    double area_m2;
    double n_important; /**< important buildings */
    double important_area_m2;
    double home_area_m2; /**< of the ZIPs with important buildings */
} zf_output_zip_sums;
ZF_MUST_USE zf_status zf_output_sum_zips(const zf_output *output, zf_output_zip_sums *out, zf_error *error);
/** Stores the default style of a layer. Layers are drawn in the order of their styles. title: what the layer
 * is called for people.
 */
ZF_MUST_USE zf_status zf_output_write_style(zf_output *output, const zf_output_layer *layer, const char *qml,
                                            const char *title, zf_error *error);

/**
 * Completes and checks the spatial indexes, writes the layer statistics, commits, syncs and renames the file
 * into place. Frees the output, also on failure: then the temporary file is gone and the older output
 * unchanged.
 * @return ZF_E_OUTPUT: no space, an I/O error, or without overwrite a file of that name has appeared
 * meanwhile; ZF_E_CANCELLED; ZF_E_MEMORY; ZF_E_INTERNAL: a spatial index is wrong, or an earlier write had
 * failed. Cost: some 0.2 us a geometry, as nearly all of the spatial index is packed while rows are written.
 */
ZF_MUST_USE zf_status zf_output_finish(zf_output *output, zf_error *error);
/** Removes the temporary file and frees the output. NULL is legal. */
void zf_output_abort(zf_output *output);

/** Whether each result has a table of that name. */
bool zf_output_has_table(const char *name);

#endif
