/* SPDX-License-Identifier: MIT */
/**
 * @file output_internal.h
 * The parts of a result file: connection, tables, spatial index, layers.
 */
#ifndef ZF_OUTPUT_OUTPUT_INTERNAL_H
#define ZF_OUTPUT_OUTPUT_INTERNAL_H

#include "os/output_file.h"
#include "output/output.h"
#include "schema/result_column.h"
#include "sql/database.h"
#include "sql/names.h"
#include "sql/spatialite_blob.h"

#include <sqlite3.h>

/** Of the tables and columns that the user names and SpatiaLite knows: names of indexes are made of both. */
enum { ZF_OUTPUT_MAX_NAME_BYTES = 60 };

/* ---- feed.c: rows lent to SQLite, which takes them over in one statement ---- */

/** Zero-initialise, then set the first three. It must stay where it is until the connection is closed. */
typedef struct zf_output_feed {
    /** Hands a value over by one of sqlite3_result_...; none is NULL. Texts and blobs are borrowed until the
     * rows are written. */
    void (*give)(const void *user, size_t row, size_t column, sqlite3_context *result);
    size_t n_columns;
    bool is_appended; /**< column 0 is the id, one more than that of the row before, or 1: the fast way */
    int64_t last_id;  /**< then, before each writing: that of the last row */
    const void *user;
    size_t n_rows;
    size_t row; /**< after a failure: the one that SQLite was at */
    sqlite3_stmt *insert;
} zf_output_feed;

/** Over a table of n_columns. */
ZF_MUST_USE zf_status zf_output_feed_open(const zf_database *db, const char *table, zf_output_feed *feed,
                                          zf_error *error);
/** Inserts rows 0 to n_rows - 1 of the user's. ZF_E_INTERNAL also when SQLite took fewer, or under other ids.
 */
ZF_MUST_USE zf_status zf_output_feed_write(const zf_database *db, zf_output_feed *feed, const void *user,
                                           size_t n_rows, const char *what, zf_error *error);
void zf_output_feed_deinit(zf_output_feed *feed);

/* ---- pending.c: rows that wait until there are enough of them for one statement ---- */

/** Under ZF_MEMORY_SINK: 4,096 values and 128 KiB of texts and blobs, or more where one row alone has more.
 */
typedef struct zf_output_pending {
    zf_budget *budget;
    zf_value *values; /**< cap_rows x n_columns */
    size_t n_columns, n_rows, cap_rows;
    uint8_t *bytes;
    size_t n_bytes, cap_bytes;
    bool is_copy; /**< texts and blobs are kept here; else they are the caller's until the row is written */
} zf_output_pending;

/** is_bulk: rows wait for each other; else there is room for one. */
void zf_output_pending_init(zf_output_pending *pending, zf_budget *budget, size_t n_columns, bool is_bulk);
/** Is there room for a row with so many bytes of texts and blobs? Where none waits, it will be made. */
bool zf_output_pending_has_room(const zf_output_pending *pending, size_t n_bytes);
/** *out_values: to be filled, each followed by zf_output_pending_keep. */
ZF_MUST_USE zf_status zf_output_pending_add(zf_output_pending *pending, size_t n_bytes, zf_value **out_values,
                                            zf_error *error);
void zf_output_pending_keep(zf_output_pending *pending, zf_value *value);
void zf_output_pending_clear(zf_output_pending *pending);
void zf_output_pending_deinit(zf_output_pending *pending);

/* ---- statistics.c: what SpatiaLite's UpdateLayerStatistics would find, kept while writing ---- */

typedef struct zf_output_field {
    uint64_t n_null, n_integer, n_real, n_text, n_blob;
    size_t max_size; /**< characters of text or bytes of blob, when there is any */
    int64_t min_integer, max_integer;
    double min_real, max_real;
} zf_output_field;

void zf_output_field_init(zf_output_field *field);
/** The value as the column will store it. */
void zf_output_field_add(zf_output_field *field, const zf_value *stored);

/* ---- rtree_node.c: a node of SQLite's R*Tree ---- */

/**
 * A node is a blob of a head (levels below it when it is the root, else 0; number of cells) and of cells (row
 * or node, box). With pages of 4,096 bytes SQLite gives it room for 51 cells. Table "..._node" has the nodes
 * by number, "..._rowid" the leaf of each row,
 * "..._parent" the parent of each node but the root.
 * Source: "Database Format of R-Tree Tables" in SQLite's ext/rtree/rtree.c,
 * https://www.sqlite.org/src/file/ext/rtree/rtree.c
 */
enum {
    ZF_RTREE_CELLS = 51,
    ZF_RTREE_HEAD_BYTES = 4,
    ZF_RTREE_CELL_BYTES = 24,
    ZF_RTREE_NODE_BYTES = ZF_RTREE_HEAD_BYTES + ZF_RTREE_CELLS * ZF_RTREE_CELL_BYTES,
    ZF_RTREE_ROOT = 1,
    ZF_RTREE_FIRST_NODE, /**< of the others */
    ZF_RTREE_MAX_LEVELS = 16,
};

/** The box in single precision as the R*Tree keeps it: never smaller than what was given. */
zf_envelope zf_output_rtree_round(const zf_envelope *box);
/** node: ZF_RTREE_NODE_BYTES. All cells are zero. */
void zf_output_rtree_node_init(uint8_t *node, unsigned depth, size_t n_cells);
void zf_output_rtree_node_read(const uint8_t *node, unsigned *out_depth, size_t *out_n_cells);
/** box: rounded. */
void zf_output_rtree_cell_set(uint8_t *node, size_t cell, int64_t id, const zf_envelope *box);
/** The cell's id. */
int64_t zf_output_rtree_cell_read(const uint8_t *node, size_t cell, zf_envelope *out_box);

/* ---- checksum.c ---- */

/** Count and checksum of items that were added in any order. Zero-initialise. */
typedef struct zf_output_checksum {
    uint64_t n;
    uint64_t sum;
} zf_output_checksum;

void zf_output_checksum_add_box(zf_output_checksum *checksum, int64_t id, const zf_envelope *box);
void zf_output_checksum_add_parent(zf_output_checksum *checksum, int64_t id, int64_t parent);
bool zf_output_checksum_equal(const zf_output_checksum *a, const zf_output_checksum *b);

/* ---- rtree_pack.c: the R*Tree of a layer, packed while its rows are written ---- */

enum {
    ZF_RTREE_MAX_COLLECTED = 65536, /**< rows that wait before leaves are made of them */
    ZF_RTREE_MAX_NODES = 32768,     /**< nodes of one level that wait before nodes are made of them */
};

/** What waits for nodes of one level: rows for leaves, nodes for those above them. */
typedef struct zf_output_rtree_waiting {
    int64_t *ids;
    zf_envelope *boxes;
    size_t n, cap, cap_ids;
    bool is_packed; /**< there is a node of this level */
} zf_output_rtree_waiting;

/**
 * Zero-initialise. Memory, under ZF_MEMORY_SINK, whatever the number of rows: 40 bytes for each that waits
 * (room for 1,024, doubled as needed; 2.6 MB for rows, 1.3 MB for the leaves and the same for each higher
 * level that is ever full, the next one at 85 million rows), and 32 more for each of a level while its nodes
 * are written.
 */
typedef struct zf_output_rtree {
    zf_budget *budget; /**< nullable */
    sqlite3_stmt *write_node;
    zf_output_feed row_parents, node_parents; /**< (row or node, the node it is in) */
    zf_output_feed next_row_parents;          /**< row_parents for rows without a gap */
    int64_t next_row;                         /**< after all that have a parent */
    zf_output_rtree_waiting waiting[ZF_RTREE_MAX_LEVELS];
    size_t max_nodes;            /**< ZF_RTREE_MAX_NODES; tests want deep trees of few rows */
    size_t n_nodes;              /**< but the root */
    unsigned n_levels;           /**< below the root, when it is finished */
    zf_output_checksum checksum; /**< of the rows and their boxes */
} zf_output_rtree;

/** Over the layer's empty R*Tree. */
ZF_MUST_USE zf_status zf_output_rtree_open(const zf_database *db, const char *table, const char *geometry,
                                           zf_budget *budget, zf_output_rtree *out, zf_error *error);
/** Each row once; in ascending order where it can be had, which keeps the tables compact. */
ZF_MUST_USE zf_status zf_output_rtree_add(const zf_database *db, zf_output_rtree *rtree, int64_t row,
                                          const zf_envelope *box, zf_error *error);
/** What comes now lies elsewhere: a good place to cut. */
ZF_MUST_USE zf_status zf_output_rtree_end_group(const zf_database *db, zf_output_rtree *rtree,
                                                zf_error *error);
/** Packs what waits; the R*Tree can be used. Nothing may be added any more. */
ZF_MUST_USE zf_status zf_output_rtree_finish(const zf_database *db, zf_output_rtree *rtree, zf_error *error);
void zf_output_rtree_deinit(zf_output_rtree *rtree);

/* ---- table.c ---- */

/** Of a table whose columns the user names: names are settled, and rows have no column with their number. */
typedef struct zf_output_layer_def {
    const char *geometry_name; /**< lent for the life of the table */
    size_t geometry_at;        /**< among own and given columns */
    const char *dimensions;    /**< "XY", "XYZ", "XYM" or "XYZM" */
} zf_output_layer_def;

typedef struct zf_output_table_def {
    const char *name;
    const char *geometry_type;   /**< "MULTIPOLYGON", "POINT", or NULL: no layer */
    const zf_result_column *own; /**< of the schema */
    size_t n_own;
    size_t fid_column; /**< 0: each row is written at once. Else many rows are written together, and errors
                          name a row by this own column */
    const zf_output_layer_def *layer; /**< of a table whose columns the user names; else NULL: the geometry
                                       column is called `geom` and stands last */
} zf_output_table_def;

typedef struct zf_output_table_column {
    const char *name;
    zf_field_type type;
    char *own_name; /**< what to free */
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
    char *own_name;   /**< what to free of it */
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

/** One row; the geometry's envelope belongs to its blob. The first own value of a layer's row is its number,
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
/** budget: of rows that wait and of the spatial index; nullable. */
ZF_MUST_USE zf_status zf_output_table_prepare(const zf_database *db, zf_output_table *table,
                                              zf_budget *budget, zf_error *error);
/** In a table of many rows the row may wait; a failure then is that of an earlier row, and names it. */
ZF_MUST_USE zf_status zf_output_table_insert(const zf_database *db, zf_output_table *table,
                                             const zf_output_row *row, zf_error *error);
/** Writes the rows that wait. */
ZF_MUST_USE zf_status zf_output_table_flush(const zf_database *db, zf_output_table *table, zf_error *error);
void zf_output_table_deinit(zf_output_table *table);

/* ---- layer.c, statistics.c, spatial_index.c: a table with a geometry column ---- */

/** On the empty table: geometry column and spatial index are registered and the triggers parked, so that rows
 * go in bare. */
ZF_MUST_USE zf_status zf_output_layer_register(const zf_database *db, zf_output_table *table, int32_t srid,
                                               zf_error *error);
ZF_MUST_USE zf_status zf_output_layer_restore_triggers(const zf_database *db, zf_output_table *table,
                                                       zf_error *error);
ZF_MUST_USE zf_status zf_output_layer_write_statistics(const zf_database *db, const zf_output_table *table,
                                                       zf_error *error);
/**
 * ZF_E_INTERNAL unless the finished R*Tree in the file holds just the rows that were written, under their
 * boxes, in a sound tree. For a small layer SpatiaLite's CheckSpatialIndex must say so too.
 */
ZF_MUST_USE zf_status zf_output_index_check(const zf_database *db, const zf_output_table *table,
                                            zf_error *error);

/* ---- analysis_table.c ---- */

/** CREATE TABLE under a name that none of the n_taken tables has. */
ZF_MUST_USE zf_status zf_output_analysis_table_create(const zf_database *db,
                                                      const zf_output_analysis_table *further,
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
    ZF_OUTPUT_REJECTED,
    ZF_OUTPUT_COUNT,
    ZF_OUTPUT_AREA, /**< where there is a ledger of areas */
    ZF_OUTPUT_FUNNEL,
    ZF_OUTPUT_INFO,
    ZF_OUTPUT_INPUT,
    ZF_OUTPUT_TABLES
};

struct zf_output {
    zf_output_file file;
    zf_database db;
    zf_callbacks callbacks;
    int32_t srid;
    zf_output_table *tables; /**< those above, then the further ones */
    size_t n_tables;
    zf_spatialite_blob blob;
    int64_t n_buildings;
    uint32_t building_rank; /**< of the building written last; 0: none */
    int64_t n_rejected;
    int64_t n_inputs;
    size_t first_query_table; /**< of the tables */
    zf_budget *budget;        /**< nullable */
    bool has_styles;          /**< the table of styles is there */
    bool is_broken;           /**< a write failed: without a journal the file cannot be trusted any more */
};

#endif
