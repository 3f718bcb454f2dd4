/* SPDX-License-Identifier: MIT */
/**
 * @file sink.h
 * The SpatiaLite result file: schema, bulk insert, spatial index, statistics, and putting it in place whole
 * or not at all.
 */
#ifndef ZF_OUTPUT_H
#define ZF_OUTPUT_H

#include "examine/examine.h"
#include "sql/queries.h"

typedef struct zf_output zf_output;

/*
 * Column names. Given columns may be called anything. A name that the table has already (of its own, of an
 * earlier given column, "geom", or "rowid", by which SpatiaLite finds rows), compared as SQLite does, gets
 * the first of the suffixes _2, _3, ... that makes it a name nobody has or was given; the change is logged
 * (ZF_LOG_INFO). A column without a name is called "column".
 *
 * Values. INTEGER, BOOLEAN: integer; REAL: real or integer; TEXT and dates: text; BLOB: blob; NULL anywhere,
 * and NaN is NULL. An INTEGER column also takes reals. Anything else is ZF_E_INTERNAL: the caller has mixed
 * up its columns.
 *
 * Buildings wait for each other, so that SQLite takes many at once: a failure may be that of an earlier one,
 * which the error then names, and may come out in zf_output_finish only. What was lent is not needed after
 * the call. Memory under ZF_MEMORY_SINK: 230 KB, or more where one building's texts, blobs and geometry are
 * more.
 *
 * Spatial indexes. They are packed while rows are written, some 0.4 us each, best where the buildings of one
 * ZIP come one after the other. Memory under ZF_MEMORY_SINK: per layer at most 7 MB, whatever the number of
 * rows or their distribution over ZIPs.
 *
 * After a failed write the result cannot be finished any more (there is no journal): zf_output_finish then
 * cleans up and answers ZF_E_INTERNAL. A sink belongs to one thread at a time.
 */

/** A table beside the usual ones, of an analysis: rows per ZIP. */
typedef struct zf_output_further {
    const char *name; /**< where a table has it already, it gets a suffix as columns do (ZF_LOG_INFO) */
    const zf_column *columns; /**< after `zip_rank` and `zip`, before `geom` */
    size_t n_columns;
    bool has_polygons; /**< a layer: `id` in front, and `geom`, a MULTIPOLYGON */
} zf_output_further;

/* ---- what a table says, hashed (content.c) ---- */

/**
 * SHA-256 of a table's content, whatever the layout of its pages: of the column names, as a row of texts, and
 * then of each row in rowid order. A value is a byte for its kind (0 NULL, 1 integer, 2 real, 3 text, 4
 * blob), then 8 bytes, most significant first: the integer, the double's bits, or the number of bytes, which
 * follow; NULL has the one byte. Each row ends with a byte 10.
 */
typedef struct zf_content zf_content;
ZF_MUST_USE zf_status zf_content_create(zf_content **out, zf_error *error);
void zf_content_destroy(zf_content *content); /**< NULL is legal */
ZF_MUST_USE zf_status zf_content_add(zf_content *content, const zf_value *value, zf_error *error);
ZF_MUST_USE zf_status zf_content_end_row(zf_content *content, zf_error *error);
/** Begins anew. */
ZF_MUST_USE zf_status zf_content_finish(zf_content *content, char out_hex[ZF_SHA256_HEX_BYTES],
                                        zf_error *error);
/** Keys of run_info that hold hashes begin so: "content_sha256.zip_summary"; without a table's name it is
 * that of all hashes. The content of run_info is that of its other rows. */
#define ZF_CONTENT_KEY "content_sha256"
bool zf_content_is_key(const char *key);

/** What the file will hold. Everything borrowed for zf_output_open. */
typedef struct zf_output_options {
    const char *path;
    bool overwrite;
    const zf_crs *crs; /**< of all geometries. EPSG: srid is the code, the row SpatiaLite's own where it knows
                          the code. Another CRS has srid 990001, under its authority if that has a numeric
                          code, else under 'zonefold'. The undefined plane: -1. */
    const zf_column *
        zip_columns; /**< of zip_summary between `zip` and `geom` (contract's parts, area_m2, ... included) */
    size_t n_zip_columns;
    bool has_buildings; /**< table important_building is made */
    bool has_building_geometry;
    bool has_areas;                    /**< table run_area is made */
    const zf_column *building_columns; /**< of important_building after `building_fid`, before `geom` */
    size_t n_building_columns;
    const zf_output_further *further;
    size_t n_further;
    const zf_queries *queries; /**< nullable: room is kept for their answers, and names that are taken are
                                      refused; must outlive the sink */
    const zf_callbacks *callbacks; /**< kept until finish or abort; nullable */
    zf_budget *budget; /**< pays for waiting buildings and spatial indexes, under ZF_MEMORY_SINK; kept until
                          finish or abort; nullable */
} zf_output_options;

/**
 * Creates the temporary file beside the output (same directory, name ".<output>.part"; where files cannot be
 * locked ".<output>.<pid>-<n>.part") and its schema. One that a killed run left there is removed.
 * @return ZF_E_OUTPUT: another run is writing the same output; the output exists and overwrite is false (says
 * --overwrite), is a directory or no regular file, or its directory is missing or not writable; ZF_E_USAGE: a
 * table would have more columns than SQLite allows (2,000), or a question has the name of one; ZF_E_MEMORY.
 * *out is untouched. No journal, no clock: SpatiaLite's time stamps are pinned and its history is emptied.
 */
ZF_MUST_USE zf_status zf_output_open(const zf_output_options *options, zf_output **out, zf_error *error);

/** rank, zip, n_zip_columns values, and the zone's 2D WKB (bytes NULL: NULL geometry). Ranks ascending. */
ZF_MUST_USE zf_status zf_output_write_zip(zf_output *sink, uint32_t rank, const char *zip,
                                          const zf_value *values, zf_bytes wkb, zf_error *error);
/** id is given by the sink (1, 2, ...). values: n_building_columns. wkb: Polygon or MultiPolygon; written as
 * 2D MULTIPOLYGON. */
ZF_MUST_USE zf_status zf_output_write_building(zf_output *sink, uint32_t rank, const char *zip, int64_t fid,
                                               const zf_value *values, zf_bytes wkb, zf_error *error);

/** One row of further table number `table`: zip_rank, zip and the table's values; wkb as of a building. */
ZF_MUST_USE zf_status zf_output_write_further(zf_output *sink, size_t table, uint32_t rank, const char *zip,
                                              const zf_value *values, zf_bytes wkb, zf_error *error);

/** Writes the results of the queries, each as a table of its name; once, after the last ZIP. */
ZF_MUST_USE zf_status zf_output_write_query_results(zf_output *sink, zf_queries *queries, zf_error *error);

ZF_MUST_USE zf_status zf_output_write_rejected(zf_output *sink, const zf_rejected *rejected, zf_error *error);
ZF_MUST_USE zf_status zf_output_write_count(zf_output *sink, const char *name, uint64_t value,
                                            zf_error *error);
ZF_MUST_USE zf_status zf_output_write_area(zf_output *sink, const char *name, double value_m2,
                                           zf_error *error);
ZF_MUST_USE zf_status zf_output_write_funnel(zf_output *sink, uint32_t step, const char *rule,
                                             uint64_t passed, uint64_t dropped, zf_error *error);
ZF_MUST_USE zf_status zf_output_write_info(zf_output *sink, const char *key, const char *value,
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
ZF_MUST_USE zf_status zf_output_write_input(zf_output *sink, const zf_output_input *input, zf_error *error);

/* ---- layers and their styles (layer_styles.c) ---- */

typedef enum zf_output_layer_kind {
    ZF_OUTPUT_LAYER_ZIPS = 0,
    ZF_OUTPUT_LAYER_BUILDINGS,
    ZF_OUTPUT_LAYER_REJECTED,
    ZF_OUTPUT_LAYER_ANALYSIS,
    ZF_OUTPUT_LAYER_QUERY,
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
/** How many rows of zip_summary hold a number in a column; 0 when there is no such column. */
size_t zf_output_count_zip_numbers(const zf_output *output, const char *column);
/** Reads finite numbers of a column of zip_summary. n: room for so many; then how many were read. */
ZF_MUST_USE zf_status zf_output_read_zip_numbers(const zf_output *output, const char *column, double *values,
                                                 size_t *n, zf_error *error);
/** Stores the default style of a layer. Layers are drawn in the order of their styles. title: what the layer
 * is called for people.
 */
ZF_MUST_USE zf_status zf_output_write_style(zf_output *output, const zf_output_layer *layer, const char *qml,
                                            const char *title, zf_error *error);

/**
 * Completes and checks the spatial indexes, writes the layer statistics, commits, syncs and renames the file
 * into place. Frees the sink, also on failure (then the temporary file is gone and the output as it was).
 * @return ZF_E_OUTPUT: no space, an I/O error, or without overwrite a file of that name has appeared
 * meanwhile; ZF_E_CANCELLED; ZF_E_MEMORY; ZF_E_INTERNAL: a spatial index is wrong, or an earlier write had
 * failed. Cost: some 0.1 us per geometry: nearly all of the spatial index is packed while rows are written,
 * and most of the file is on its way to the disk.
 */
ZF_MUST_USE zf_status zf_output_finish(zf_output *sink, zf_error *error);
/** Removes the temporary file and frees the sink. NULL is legal. */
void zf_output_abort(zf_output *sink);

/** Whether each result has a table of that name. */
bool zf_output_has_table(const char *name);

#endif
