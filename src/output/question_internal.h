/* SPDX-License-Identifier: MIT */
/**
 * @file question_internal.h
 * The user's SELECTs: a private temporary database with SpatiaLite, in it the table `building`, which is
 * filled anew for each ZIP, and a table for the answers of each question, kept until the types of their
 * columns are known.
 */
#ifndef ZF_OUTPUT_QUESTION_INTERNAL_H
#define ZF_OUTPUT_QUESTION_INTERNAL_H

#include "os/temp_file.h"
#include "output/output_internal.h"
#include "sql/pure.h"

/** Whose statements SQLite is compiling or running: what the guard allows depends on it. */
typedef enum zf_question_mode {
    ZF_QUESTION_OWN = 0, /**< ours */
    ZF_QUESTION_COMPILE, /**< the user's text: the strict list */
    ZF_QUESTION_RUN      /**< what SpatiaLite's functions ask inside the user's statement: reading only */
} zf_question_mode;

/** What kinds of values a column of an answer has had. */
enum {
    ZF_SEEN_INTEGER = 1,
    ZF_SEEN_REAL = 2,
    ZF_SEEN_TEXT = 4,
    ZF_SEEN_BLOB = 8,
    ZF_SEEN_LARGE = 16, /**< an integer that a double does not hold */
};

/** A column of an answer. Geometries are those of SpatiaLite: type 0 stands for several kinds. */
typedef struct zf_answer_column {
    char *name; /**< owned */
    bool is_declared;
    bool is_footprint;      /**< declared: it is building.geom itself */
    zf_field_type declared; /**< of a plain column of building */
    unsigned seen;
    bool is_no_geometry; /**< some blob is none, or of another CRS or other dimensions than those before */
    bool has_geometry;
    unsigned type, dimensions; /**< 0: XY, 1: XYZ, 2: XYM, 3: XYZM */
    int32_t srid;
} zf_answer_column;

typedef struct zf_question_statement {
    char *name, *path, *sql; /**< owned */
    size_t line;             /**< where the SELECT begins */
    sqlite3_stmt *select;
    sqlite3_stmt *keep; /**< INSERT into the table of answers */
    zf_answer_column *columns;
    size_t n_columns;
} zf_question_statement;

struct zf_questions {
    zf_timeless_vfs vfs; /**< first: SQLite hands it to the methods */
    sqlite3_vfs *standard;
    zf_temp_file directory; /**< says where temporary files go */
    char file_name[1024];   /**< of the one opened last */
    zf_output_db db;
    zf_dates dates;
    zf_callbacks callbacks;
    zf_budget *budget;
    size_t charged_bytes;

    zf_column *columns; /**< of building, with their names; owned */
    size_t n_columns;
    bool *is_used;
    bool *is_hidden; /**< out of reach: of a name that stands before it, or of no type that SQL has */
    bool uses_geometry;
    char **tables; /**< names of tables and modules, which no text may name; owned */
    size_t n_tables;

    zf_question_statement *statements;
    size_t n_statements;
    zf_question_mode mode;
    char refusal[256]; /**< why the guard said no */
    char culprit[128]; /**< the word it is about */
    bool is_cancelled;
    uint64_t n_patience; /**< looks left while a statement is tried out; 0: it is not */

    sqlite3_stmt *insert; /**< into building: the used columns, then the geometry where it is used */
    int32_t srid;
    zf_output_blob blob;
    bool is_filled;
};

/* ---- question_guard.c ---- */

/** sqlite3_set_authorizer callback; user is the zf_questions. */
int zf_question_guard(void *user, int action, const char *a, const char *b, const char *database,
                      const char *trigger);
/** The nearest of all functions; NULL: none is near. */
const char *zf_question_nearest_function(const char *name);

/* ---- question_text.c ---- */

/** The statement's text becomes a guarded SELECT that has been tried out on no buildings. ZF_E_USAGE says
 * file and line. */
ZF_MUST_USE zf_status zf_question_compile(zf_questions *questions, zf_question_statement *statement,
                                          zf_error *error);
/** sqlite3_step of the user's statement; SQLITE_INTERRUPT, with is_cancelled, also where the caller cancelled
 * in the middle of a function. */
int zf_question_step(zf_questions *questions, zf_question_statement *statement);
/** A failure of the running statement as a status. */
zf_status zf_question_failed(zf_questions *questions, const zf_question_statement *statement,
                             zf_error *error);
/** ZF_E_USAGE "cannot use --analysis-sql NAME: FILE:LINE: ...". */
ZF_PRINTF(4, 5)
zf_status zf_question_refuse(const zf_question_statement *statement, size_t line, zf_error *error,
                             const char *format, ...);

/* ---- question_connection.c ---- */

/** Opens the database, with SpatiaLite's tables and all CRS that it knows. Nothing is guarded yet. */
ZF_MUST_USE zf_status zf_question_connect(zf_questions *questions, zf_error *error);
/** Limits, guard and cancelling; after what is ours is there. */
void zf_question_harden(zf_questions *questions);
ZF_MUST_USE zf_status zf_question_run(zf_questions *questions, const char *sql, zf_error *error);
/** A failure of our own on the temporary database; result is SQLite's code. */
zf_status zf_question_storage_failed(const zf_questions *questions, int result, const char *what,
                                     zf_error *error);

/* ---- answer.c ---- */

/** Names and declared types of the answer's columns. */
ZF_MUST_USE zf_status zf_answer_describe(const zf_questions *questions, zf_question_statement *statement,
                                         zf_error *error);
/** Makes the table that takes the answers to question k. */
ZF_MUST_USE zf_status zf_answer_begin(zf_questions *questions, size_t k, zf_error *error);
/** Keeps the row that the SELECT stands at. */
ZF_MUST_USE zf_status zf_answer_keep(zf_questions *questions, zf_question_statement *statement, uint32_t rank,
                                     const char *zip, zf_error *error);
void zf_answer_deinit(zf_question_statement *statement);

#endif
