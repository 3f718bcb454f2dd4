/* SPDX-License-Identifier: MIT */
/**
 * @file expressions_internal.h
 * Shared by the files of this folder only. How an expression is run:
 *
 *     SELECT 1 FROM building WHERE zf_keep(CASE WHEN (<condition>
 *     ) THEN 1 END)
 *     SELECT 1 FROM building WHERE zf_keep((<computed column>
 *     ))
 *
 * `building` is a virtual table over the rows lent for one run (rows.c); zf_keep notes its answer for the row
 * the scan stands at and is false itself, so that one sqlite3_step goes through all rows. (CASE WHEN: as a
 * value, SQLite would compute both sides of an AND.) In a WHERE clause SQLite refuses aggregates and window
 * functions; guard.c sees to the rest. Each expression has a statement and a scan of its own: what fails, and
 * in which order things happen, is then never a question of how SQLite arranges a statement.
 */
#ifndef ZF_SQL_SELECT_INTERNAL_H
#define ZF_SQL_SELECT_INTERNAL_H

#include "sql/expressions.h"
#include "sql/pure.h"

typedef struct zf_expression {
    char *option;  /**< as the user gave it: "--where", "--rule tall"; owned */
    char *text;    /**< owned */
    bool is_rule;  /**< else a computed column */
    size_t column; /**< the computed one; columns from here on are unknown to it. A condition: n_columns */
    size_t sql_at; /**< where it stands in the statement */
    sqlite3_stmt *statement;
} zf_expression;

struct zf_expressions {
    zf_callbacks callbacks; /**< copied; all NULL when none */
    zf_column *columns;     /**< owned, with their names; the computed ones last */
    size_t n_columns;
    size_t n_given; /**< of them, not computed */
    bool *is_used;
    bool *is_hidden;            /**< a later column of the same name: out of reach */
    zf_expression *expressions; /**< computes, then conditions, in their order */
    size_t n_expressions;
    const zf_expression *current; /**< being compiled or run */
    zf_timeless_vfs vfs;
    sqlite3 *db;
    zf_dates dates;                 /**< opened when an expression calls a date function */
    const zf_expression_rows *rows; /**< during a run */
    size_t row;
    uint8_t *passes;   /**< of the rows, during a condition; those that do not pass are not visited */
    zf_value *values;  /**< computed ones, column after column; NULL while an expression is tried out */
    size_t n_rows;     /**< of the last run: of each column of values */
    zf_status storing; /**< whether a computed value could be kept; why not is in *error */
    zf_error *error;   /**< during a run, nullable */
    bool is_cancelled;
    bool uses_dates;
    int n_selects; /**< SELECTs and calls of zf_keep that the authorizer saw: ours must be the only one */
    int n_keeps;
    char refusal[256]; /**< why the guard said no, in words; empty: it did not */
};

/* ---- expression.c ---- */

/** Of an expression whose text and columns are settled: its statement, guarded and tried out. */
ZF_MUST_USE zf_status zf_expression_compile(zf_expressions *select, zf_expression *expression,
                                            zf_error *error);
/** Registers zf_keep. */
ZF_MUST_USE zf_status zf_expression_register(zf_expressions *select, zf_error *error);
/** One scan; see zf_expressions_run. passes: of a condition, 1 for the rows to visit. */
ZF_MUST_USE zf_status zf_expression_run(zf_expressions *select, const zf_expression *expression,
                                        const zf_expression_rows *rows, uint8_t *passes, zf_error *error);

/* ---- type.c ---- */

/** See zf_expressions_type; the columns below n_known can be spoken of. Any text is legal; of one that SQLite
 * would not compile the answer means nothing. */
ZF_MUST_USE zf_status zf_expression_type(const zf_expressions *select, size_t n_known, const char *text,
                                         zf_field_type *out, zf_error *error);

/* ---- scan.c ---- */

/** What is wrong with a text that should be one self-contained expression; NULL: nothing. *out_at: byte
 * position. */
const char *zf_expression_scan(const char *text, size_t *out_at);

/* ---- rows.c ---- */

/** Registers the virtual table `building`. */
ZF_MUST_USE zf_status zf_rows_register(zf_expressions *select, zf_error *error);

/* ---- guard.c ---- */

/** Of the functions an expression may call, the one nearest to a mistyped name; NULL: none is near. */
const char *zf_guard_nearest_function(const char *name);
/** sqlite3_set_authorizer callback; user is the zf_expressions. */
int zf_guard(void *user, int action, const char *a, const char *b, const char *database, const char *trigger);

/* ---- explain.c ---- */

/** ZF_E_USAGE in words for a statement that could not be compiled; result is SQLite's code. */
zf_status zf_explain_compile(const zf_expressions *select, const zf_expression *expression, int result,
                             zf_error *error);
/** The same for a text that did not pass the scan. */
zf_status zf_explain_scan(const zf_expression *expression, const char *what, size_t at, zf_error *error);
/** The same for a failure while running. */
zf_status zf_explain_run(const zf_expressions *select, const zf_expression *expression, int result,
                         zf_error *error);
/** ZF_E_USAGE for a compiled expression that cannot be used: "what". */
ZF_PRINTF(3, 4)
zf_status zf_explain(const zf_expression *expression, zf_error *error, const char *format, ...);

#endif
