/* SPDX-License-Identifier: MIT */
/**
 * @file query_engine.h
 * What runs the user's queries, in a process of its own (query_process.c): a private temporary database with
 * SpatiaLite. It holds the table `building`, which is
 * filled for each ZIP, and a table for the result of each query, whose rows wait until the types of its
 * columns are known.
 */
#ifndef ZF_SQL_QUERY_ENGINE_H
#define ZF_SQL_QUERY_ENGINE_H

#include "os/temp_file.h"
#include "sql/columns.h"
#include "sql/queries.h"
#include "sql/sandbox.h"
#include "sql/spatialite_blob.h"

/** The kinds of values that a column of a result has had. */
enum {
    ZF_SEEN_INTEGER = 1,
    ZF_SEEN_REAL = 2,
    ZF_SEEN_TEXT = 4,
    ZF_SEEN_BLOB = 8,
    ZF_SEEN_LARGE = 16, /**< an integer that a double does not hold */
};

/** A column of a query's result. */
typedef struct zf_query_result_column {
    char *name; /**< owned */
    bool is_declared;
    bool is_footprint;       /**< declared: it is building.geom itself */
    unsigned footprint_type; /**< then its declared type, in SpatiaLite's numbers */
    zf_field_type declared;  /**< of a plain column of building */
    unsigned seen;
    bool is_mixed; /**< some blob is no geometry, or its SRID or dimensions differ from those of the first */
    bool has_geometry;
    zf_spatialite_header geometry; /**< of the first geometry; the type is common to all, or 0 */
} zf_query_result_column;

typedef struct zf_query_statement {
    char *name, *path, *sql; /**< owned */
    size_t line;             /**< where the SELECT begins */
    sqlite3_stmt *select;
    sqlite3_stmt *store; /**< INSERT into the table of the result */
    zf_query_result_column *columns;
    size_t n_columns;
} zf_query_statement;

typedef struct zf_query_engine {
    zf_sandbox sandbox;
    zf_temp_file directory; /**< says where temporary files go */
    void (*at)(void *user, size_t k);
    void *at_user;
    zf_sql_columns columns; /**< of building, before geom; lists are hidden */
    bool use_geometry;
    const char *geometry_type; /**< of building.geom */
    char **tables; /**< names of tables and modules, which no query may use; owned */
    size_t n_tables;
    zf_query_statement *statements;
    size_t n;
    sqlite3_stmt *insert; /**< into building: the used columns, then the geometry where it is used */
    int32_t srid;
    zf_spatialite_blob blob;
    bool has_buildings;
} zf_query_engine;

/** Borrowed for the call. */
typedef struct zf_query_engine_options {
    const zf_column *columns; /**< as in zf_queries_options */
    size_t n_columns;
    const char *geometry_type; /**< as there, never NULL; borrowed until the engine is closed */
    const zf_query *queries;
    size_t n_queries;
    const char *temp_dir;             /**< borrowed until the engine is closed */
    const zf_callbacks *callbacks;    /**< copied; nullable */
    void (*at)(void *user, size_t k); /**< called before query k is compiled or run; nullable */
    void *at_user;
} zf_query_engine_options;

/* ---- query_engine.c; each fails as its like in queries.h ---- */

ZF_MUST_USE zf_status zf_query_engine_open(const zf_query_engine_options *options, zf_query_engine **out,
                                           zf_error *error);
void zf_query_engine_close(zf_query_engine *engine); /**< NULL is legal */
/** crs: of the footprints; NULL: undefined. */
ZF_MUST_USE zf_status zf_query_engine_start(zf_query_engine *engine, const zf_crs_info *crs, zf_error *error);
ZF_MUST_USE zf_status zf_query_engine_add_building(zf_query_engine *engine, const zf_value *values,
                                                   zf_bytes wkb, zf_error *error);
ZF_MUST_USE zf_status zf_query_engine_run(zf_query_engine *engine, uint32_t rank, const char *zip,
                                          zf_error *error);

/* ---- query_statement.c ---- */

/** An SQLite result code of the temporary database as a status; the text begins with "cannot <what>: ". */
zf_status zf_query_engine_failed(const zf_query_engine *queries, int result, const char *what,
                                 zf_error *error);
/** Compiles a query's text and runs it once without buildings. ZF_E_USAGE says file and line. */
ZF_MUST_USE zf_status zf_query_compile(zf_query_engine *queries, zf_query_statement *statement,
                                       zf_error *error);
/** A failure of the running query as a status. */
zf_status zf_query_run_failed(const zf_query_engine *queries, const zf_query_statement *statement,
                              zf_error *error);
/** ZF_E_USAGE "`analysis_sqls` NAME: FILE:LINE: ...". */
ZF_PRINTF(4, 5)
zf_status zf_query_refuse(const zf_query_statement *statement, size_t line, zf_error *error,
                          const char *format, ...);

/* ---- query_results.c ---- */

/** Finds names and declared types of the result's columns. */
ZF_MUST_USE zf_status zf_query_result_describe(const zf_query_engine *queries, zf_query_statement *statement,
                                               zf_error *error);
/** Creates the table that stores the result of query k. */
ZF_MUST_USE zf_status zf_query_result_create(zf_query_engine *queries, size_t k, zf_error *error);
/** Stores the row at which the SELECT stands. */
ZF_MUST_USE zf_status zf_query_result_store(zf_query_engine *queries, zf_query_statement *statement,
                                            uint32_t rank, const char *zip, zf_error *error);
void zf_query_result_deinit(zf_query_statement *statement);
/** One column of a query's result, from all of its values. */
zf_query_column zf_query_engine_result_column(const zf_query_engine *engine, size_t k, size_t i);

/** A reading of a query's result, in the order in which its rows came. */
typedef struct zf_query_engine_rows zf_query_engine_rows;
ZF_MUST_USE zf_status zf_query_engine_rows_open(zf_query_engine *engine, size_t k, zf_query_engine_rows **out,
                                                zf_error *error);
/** out_values: rank, ZIP and the columns' values, borrowed until the next call. ZF_DONE after the last row.
 */
ZF_MUST_USE zf_status zf_query_engine_rows_next(zf_query_engine_rows *rows, zf_value *out_values,
                                                zf_error *error);
void zf_query_engine_rows_close(zf_query_engine_rows *rows); /**< NULL is legal */

#endif
