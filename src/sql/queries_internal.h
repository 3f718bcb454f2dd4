/* SPDX-License-Identifier: MIT */
/**
 * @file queries_internal.h
 * User queries run in a private temporary database with SpatiaLite. It holds the table `building`, which is
 * filled for each ZIP, and a table for the result of each query, whose rows wait until the types of its
 * columns are known.
 */
#ifndef ZF_SQL_QUERIES_INTERNAL_H
#define ZF_SQL_QUERIES_INTERNAL_H

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

struct zf_queries {
    zf_sandbox sandbox;
    zf_temp_file directory; /**< says where temporary files go */
    zf_budget *budget;
    size_t charged_bytes;
    zf_sql_columns columns; /**< of building, before geom; lists are hidden */
    bool use_geometry;
    const char *geometry_type; /**< of building.geom */
    char **tables;             /**< names of tables and modules, which no query may use; owned */
    size_t n_tables;
    zf_query_statement *statements;
    size_t n;
    sqlite3_stmt *insert; /**< into building: the used columns, then the geometry where it is used */
    int32_t srid;
    zf_spatialite_blob blob;
    bool has_buildings;
};

/* ---- query_statement.c ---- */

/** An SQLite result code of the temporary database as a status; the text begins with "cannot <what>: ". */
zf_status zf_queries_failed(const zf_queries *queries, int result, const char *what, zf_error *error);
/** Compiles a query's text and runs it once without buildings. ZF_E_USAGE says file and line. */
ZF_MUST_USE zf_status zf_query_compile(zf_queries *queries, zf_query_statement *statement, zf_error *error);
/** A failure of the running query as a status. */
zf_status zf_query_run_failed(const zf_queries *queries, const zf_query_statement *statement,
                              zf_error *error);
/** ZF_E_USAGE "`analysis_sqls` NAME: FILE:LINE: ...". */
ZF_PRINTF(4, 5)
zf_status zf_query_refuse(const zf_query_statement *statement, size_t line, zf_error *error,
                          const char *format, ...);

/* ---- query_results.c ---- */

/** Finds names and declared types of the result's columns. */
ZF_MUST_USE zf_status zf_query_result_describe(const zf_queries *queries, zf_query_statement *statement,
                                               zf_error *error);
/** Creates the table that stores the result of query k. */
ZF_MUST_USE zf_status zf_query_result_create(zf_queries *queries, size_t k, zf_error *error);
/** Stores the row at which the SELECT stands. */
ZF_MUST_USE zf_status zf_query_result_store(zf_queries *queries, zf_query_statement *statement, uint32_t rank,
                                            const char *zip, zf_error *error);
void zf_query_result_deinit(zf_query_statement *statement);

#endif
