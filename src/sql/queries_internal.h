/* SPDX-License-Identifier: MIT */
/**
 * @file queries_internal.h
 * The user's SELECTs: a private temporary database with SpatiaLite, in it the table `building`, which is
 * filled anew for each ZIP, and a table for the answers of each question, kept until the types of their
 * columns are known.
 */
#ifndef ZF_SQL_QUERIES_INTERNAL_H
#define ZF_SQL_QUERIES_INTERNAL_H

#include "os/temp_file.h"
#include "sql/database.h"
#include "sql/pure.h"
#include "sql/queries.h"
#include "sql/spatialite_blob.h"

/** Whose statements SQLite is compiling or running: what the guard allows depends on it. */
typedef enum zf_query_mode {
    ZF_QUERY_OWN = 0, /**< ours */
    ZF_QUERY_COMPILE, /**< the user's text: the strict list */
    ZF_QUERY_RUN      /**< what SpatiaLite's functions ask inside the user's statement: reading only */
} zf_query_mode;

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
    bool is_footprint;      /**< declared: it is building.geom itself */
    zf_field_type declared; /**< of a plain column of building */
    unsigned seen;
    bool is_mixed; /**< some blob is no geometry, or its SRID or dimensions differ from those of the first */
    bool has_geometry;
    zf_spatialite_header geometry; /**< of the first geometry; the type is common to all, or 0 */
} zf_query_result_column;

typedef struct zf_query_statement {
    char *name, *path, *sql; /**< owned */
    size_t line;             /**< where the SELECT begins */
    sqlite3_stmt *select;
    sqlite3_stmt *keep; /**< INSERT into the table of answers */
    zf_query_result_column *columns;
    size_t n_columns;
} zf_query_statement;

struct zf_queries {
    zf_timeless_vfs vfs; /**< first: SQLite hands it to the methods */
    sqlite3_vfs *standard;
    zf_temp_file directory; /**< says where temporary files go */
    char file_name[1024];   /**< of the one opened last */
    zf_database db;
    zf_dates dates;
    zf_callbacks callbacks;
    zf_budget *budget;
    size_t charged_bytes;

    zf_column *columns; /**< of building, with their names; owned */
    size_t n_columns;
    bool *is_used;
    bool (*is_table_name)(const char *name); /**< nullable */
    bool *is_hidden; /**< out of reach: of a name that stands before it, or of no type that SQL has */
    bool uses_geometry;
    char **tables; /**< names of tables and modules, which no text may name; owned */
    size_t n_tables;

    zf_query_statement *statements;
    size_t n_statements;
    zf_query_mode mode;
    char refusal[256]; /**< why the guard said no */
    char culprit[128]; /**< the word it is about */
    bool is_cancelled;
    uint64_t n_patience; /**< looks left while a statement is tried out; 0: it is not */

    sqlite3_stmt *insert; /**< into building: the used columns, then the geometry where it is used */
    int32_t srid;
    zf_spatialite_blob blob;
    bool is_filled;
};

/* ---- question_guard.c ---- */

/** sqlite3_set_authorizer callback; user is the zf_queries. */
int zf_query_guard(void *user, int action, const char *a, const char *b, const char *database,
                   const char *trigger);
/** The nearest of all functions; NULL: none is near. */
const char *zf_query_nearest_function(const char *name);

/* ---- question_text.c ---- */

/** The statement's text becomes a guarded SELECT that has been tried out on no buildings. ZF_E_USAGE says
 * file and line. */
ZF_MUST_USE zf_status zf_query_compile(zf_queries *questions, zf_query_statement *statement, zf_error *error);
/** sqlite3_step of the user's statement; SQLITE_INTERRUPT, with is_cancelled, also where the caller cancelled
 * in the middle of a function. */
int zf_query_step(zf_queries *questions, zf_query_statement *statement);
/** A failure of the running statement as a status. */
zf_status zf_query_failed(zf_queries *questions, const zf_query_statement *statement, zf_error *error);
/** ZF_E_USAGE "cannot use --analysis-sql NAME: FILE:LINE: ...". */
ZF_PRINTF(4, 5)
zf_status zf_query_refuse(const zf_query_statement *statement, size_t line, zf_error *error,
                          const char *format, ...);

/* ---- question_connection.c ---- */

/** Opens the database, with SpatiaLite's tables and all CRS that it knows. Nothing is guarded yet. */
ZF_MUST_USE zf_status zf_query_connect(zf_queries *questions, zf_error *error);
/** Limits, guard and cancelling; after what is ours is there. */
void zf_query_harden(zf_queries *questions);
ZF_MUST_USE zf_status zf_query_run(zf_queries *questions, const char *sql, zf_error *error);
/** A failure of our own on the temporary database; result is SQLite's code. */
zf_status zf_query_storage_failed(const zf_queries *questions, int result, const char *what, zf_error *error);

/* ---- answer.c ---- */

/** Names and declared types of the answer's columns. */
ZF_MUST_USE zf_status zf_query_result_describe(const zf_queries *questions, zf_query_statement *statement,
                                               zf_error *error);
/** Makes the table that takes the answers to question k. */
ZF_MUST_USE zf_status zf_query_result_begin(zf_queries *questions, size_t k, zf_error *error);
/** Keeps the row that the SELECT stands at. */
ZF_MUST_USE zf_status zf_query_result_keep(zf_queries *questions, zf_query_statement *statement,
                                           uint32_t rank, const char *zip, zf_error *error);
void zf_query_result_deinit(zf_query_statement *statement);

#endif
