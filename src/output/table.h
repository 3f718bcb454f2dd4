/* SPDX-License-Identifier: MIT */
/** One table of the result under construction. */
#ifndef ZF_OUTPUT_TABLE_H
#define ZF_OUTPUT_TABLE_H

#include "output/content.h"
#include "output/rtree.h"
#include "schema/result_column.h"

/* ---- pending.c: rows that are buffered for one INSERT ---- */

/** Memory, under ZF_MEMORY_OUTPUT: 4,096 values and 128 KiB of texts and blobs, or more where a single row
 * has more. */
typedef struct zf_output_pending {
    zf_budget *budget;
    zf_value *values; /**< cap_rows x n_columns */
    size_t n_columns, n_rows, cap_rows;
    uint8_t *bytes;
    size_t n_bytes, cap_bytes;
    bool is_copy; /**< texts and blobs are copied; else they are borrowed until the row is written */
} zf_output_pending;

/** is_bulk: many rows are buffered; else one. */
void zf_output_pending_init(zf_output_pending *pending, zf_budget *budget, size_t n_columns, bool is_bulk);
/** Whether a row with so many bytes of texts and blobs fits. An empty buffer grows as needed. */
bool zf_output_pending_has_room(const zf_output_pending *pending, size_t n_bytes);
/** Adds a row. The caller fills *out_values and calls zf_output_pending_keep for each. */
ZF_MUST_USE zf_status zf_output_pending_add(zf_output_pending *pending, size_t n_bytes, zf_value **out_values,
                                            zf_error *error);
/** Copies the text or blob of a value into the buffer. */
void zf_output_pending_keep(zf_output_pending *pending, zf_value *value);
void zf_output_pending_clear(zf_output_pending *pending);
void zf_output_pending_deinit(zf_output_pending *pending);

/* ---- statistics.c: the layer statistics of SpatiaLite ---- */

/** What SpatiaLite's UpdateLayerStatistics finds for one column. */
typedef struct zf_output_field {
    uint64_t n_null, n_integer, n_real, n_text, n_blob;
    size_t max_size; /**< characters of the longest text or bytes of the longest blob */
    int64_t min_integer, max_integer;
    double min_real, max_real;
} zf_output_field;

void zf_output_field_init(zf_output_field *field);
/** stored: the value as the column stores it. */
void zf_output_field_add(zf_output_field *field, const zf_value *stored);

/* ---- table.c ---- */

/** The geometry of a table whose columns the user names. Its rows have no column with their number. */
typedef struct zf_output_layer_def {
    const char *geometry_name; /**< borrowed for the life of the table */
    size_t geometry_at;        /**< among own and given columns */
    const char *dimensions;    /**< "XY", "XYZ", "XYM" or "XYZM" */
} zf_output_layer_def;

typedef struct zf_output_table_def {
    const char *name;
    const char *geometry_type;   /**< "MULTIPOLYGON", "POINT", or NULL: no layer */
    const zf_result_column *own; /**< the columns that every such table has */
    size_t n_own;
    size_t fid_column;                /**< 0: each row is written at once. Else rows are buffered, and errors
                                         name a row by the value of this fixed column */
    const zf_output_layer_def *layer; /**< of a table whose columns the user names; else NULL: the geometry
                                       column is called `geom` and stands last */
} zf_output_table_def;

typedef struct zf_output_table_column {
    const char *name;
    zf_field_type type;
    char *own_name; /**< to be freed; NULL: borrowed */
    zf_output_field field;
} zf_output_table_column;

/** What a table with a geometry column has besides. geometry_type NULL: the table is no layer. */
typedef struct zf_output_table_layer {
    const char *geometry_type;
    const char *geometry_name;
    const char *dimensions;
    size_t geometry_at;     /**< columns before the geometry */
    zf_output_field values; /**< statistics of the geometry column */
    zf_envelope extent;
    zf_output_rtree rtree;
    char **triggers; /**< SpatiaLite's, dropped while rows are written */
    size_t n_triggers;
} zf_output_table_layer;

/** One table under construction. Zero-initialise. */
typedef struct zf_output_table {
    const char *name; /**< NULL: this result has no such table */
    char *own_name;   /**< to be freed; NULL: borrowed */
    bool has_ids;     /**< the first column is the number of the row */
    zf_output_table_column *columns;
    size_t n_columns; /**< own and given, without the geometry */
    size_t n_own;
    size_t fid_column; /**< of zf_output_table_def */
    zf_output_feed feed;
    zf_output_pending pending;
    uint64_t n_rows;
    zf_content *content; /**< hash of the rows so far; NULL once it is finished */
    zf_output_table_layer layer;
} zf_output_table;

/** One row, with the envelope of its geometry. The first own value of a layer's row is its number
 * where the table has_ids. */
typedef struct zf_output_row {
    const zf_value *own;
    const zf_value *given;
    zf_bytes geometry;
    zf_envelope envelope;
} zf_output_row;

/** CREATE TABLE; logs each changed name. */
ZF_MUST_USE zf_status zf_output_table_create(const zf_database *db, const zf_output_table_def *def,
                                             const zf_column *columns, size_t n_columns, zf_output_table *out,
                                             zf_error *error);
/** Prepares the statements. budget: for buffered rows and the spatial index; nullable. */
ZF_MUST_USE zf_status zf_output_table_prepare(const zf_database *db, zf_output_table *table,
                                              zf_budget *budget, zf_error *error);
/** A row may be buffered; a failure may then concern an earlier row, which the error names. */
ZF_MUST_USE zf_status zf_output_table_insert(const zf_database *db, zf_output_table *table,
                                             const zf_output_row *row, zf_error *error);
/** Writes the buffered rows. */
ZF_MUST_USE zf_status zf_output_table_flush(const zf_database *db, zf_output_table *table, zf_error *error);
void zf_output_table_deinit(zf_output_table *table);

/* ---- layer.c, statistics.c, spatial_index.c: a table with a geometry column ---- */

/** Registers the geometry column and the spatial index of the empty table, and drops their triggers. */
ZF_MUST_USE zf_status zf_output_layer_register(const zf_database *db, zf_output_table *table, int32_t srid,
                                               zf_error *error);
ZF_MUST_USE zf_status zf_output_layer_restore_triggers(const zf_database *db, zf_output_table *table,
                                                       zf_error *error);
ZF_MUST_USE zf_status zf_output_layer_write_statistics(const zf_database *db, const zf_output_table *table,
                                                       zf_error *error);
/**
 * ZF_E_INTERNAL unless the finished R*Tree in the file is sound and holds exactly the rows that were written,
 * under their boxes. A small layer must also pass SpatiaLite's CheckSpatialIndex.
 */
ZF_MUST_USE zf_status zf_output_index_check(const zf_database *db, const zf_output_table *table,
                                            zf_error *error);

#endif
