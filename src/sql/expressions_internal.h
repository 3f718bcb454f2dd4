/* SPDX-License-Identifier: MIT */
/**
 * @file expressions_internal.h
 * How an expression is evaluated:
 *
 *     SELECT 1 FROM building WHERE zf_keep(CASE WHEN (<condition>
 *     ) THEN 1 END)
 *     SELECT 1 FROM building WHERE zf_keep((<computed column>
 *     ))
 *
 * `building` is a virtual table over the rows borrowed for one run. zf_keep stores its argument for the row
 * at which the scan stands and returns false, so that one sqlite3_step goes through all rows. (Without CASE
 * WHEN, SQLite would compute both sides of an AND, as for a value.) In a WHERE clause SQLite refuses
 * aggregates and window functions; the sandbox does the rest. Each expression has a statement and a scan of
 * its own: which expression fails, and in which order they are evaluated, does not depend on how SQLite plans
 * a statement.
 */
#ifndef ZF_SQL_EXPRESSIONS_INTERNAL_H
#define ZF_SQL_EXPRESSIONS_INTERNAL_H

#include "sql/columns.h"
#include "sql/expressions.h"
#include "sql/number_functions.h"
#include "sql/row_table.h"
#include "sql/sandbox.h"

typedef struct zf_expression {
    char *label;   /**< for error texts: "`where`", "`rules` tall"; owned */
    char *text;    /**< owned */
    bool is_rule;  /**< else a computed column */
    char *number_names; /**< of zf_expressions_number_names; owned */
    size_t column; /**< the computed one; it can read those before it. A condition: the number of columns */
    size_t sql_at; /**< where the text stands in the statement */
    sqlite3_stmt *statement;
} zf_expression;

/** What one scan works on. */
typedef struct zf_expression_scan {
    const zf_expression_rows *rows;
    uint8_t *passes;  /**< of a condition: 1 for the rows to visit, which it sets to its result */
    bool is_trial;    /**< nothing is stored */
    zf_status status; /**< whether computed values could be stored */
    zf_error *error;  /**< why not; nullable */
} zf_expression_scan;

struct zf_expressions {
    zf_sandbox sandbox;
    zf_sql_columns columns; /**< the computed ones last */
    size_t n_given;         /**< columns that are not computed */
    zf_expression *items;   /**< computed columns, then conditions, in their order */
    size_t n;
    const zf_expression *current; /**< compiled or run */
    zf_row_table table;
    zf_expression_scan scan;
    zf_number_functions numbers;
    const char *row_name; /**< static */
    zf_value *values; /**< computed ones of the last run, column after column */
    size_t n_rows;    /**< of each column of values */
};

/* ---- expression_statement.c ---- */

/** Registers `building` and zf_keep. */
ZF_MUST_USE zf_status zf_expression_register(zf_expressions *expressions, zf_error *error);
/** Compiles an expression and evaluates it on a row of NULLs. */
ZF_MUST_USE zf_status zf_expression_compile(zf_expressions *expressions, zf_expression *expression,
                                            zf_error *error);
/** Evaluates one expression on all rows. passes: of a condition, 1 for the rows to visit. */
ZF_MUST_USE zf_status zf_expression_run(zf_expressions *expressions, const zf_expression *expression,
                                        const zf_expression_rows *rows, uint8_t *passes, zf_error *error);

/* ---- expression_type.c ---- */

/** The type of zf_expressions_type; the expression can read the first n_known columns. Any text is legal; the
 * type of one that SQLite would not compile means nothing. */
ZF_MUST_USE zf_status zf_expression_type(const zf_sql_columns *columns, size_t n_known, const char *text,
                                         zf_field_type *out, zf_error *error);

/* ---- text_comparison.c ---- */

/** Marks the text columns that an expression compares with a number as texts; out_is_compared: one per column. */
ZF_MUST_USE zf_status zf_expression_find_text_comparisons(const zf_sql_columns *columns, size_t n_known,
                                                          const char *text, bool *out_is_compared, zf_error *error);

/* ---- number_calls.c ---- */

/** Marks the columns that an expression names within number() and metres(); out_is_read: one per column. */
ZF_MUST_USE zf_status zf_expression_find_number_calls(const zf_sql_columns *columns, size_t n_known,
                                                      const char *text, bool *out_is_read, zf_error *error);
/** Marks the columns that an expression names. */
ZF_MUST_USE zf_status zf_expression_find_columns(const zf_sql_columns *columns, size_t n_known,
                                                 const char *text, bool *out_is_read, zf_error *error);

/* ---- expression_errors.c ---- */

/** ZF_E_USAGE for a statement that could not be compiled; result is SQLite's code. */
zf_status zf_expression_compile_failed(const zf_expressions *expressions, const zf_expression *expression,
                                       int result, zf_error *error);
/** The same for a text that cannot be one expression: what is wrong, and at which byte. */
zf_status zf_expression_text_failed(const zf_expression *expression, const char *what, size_t at,
                                    zf_error *error);
/** The same for a failure during evaluation. */
zf_status zf_expression_run_failed(const zf_expressions *expressions, const zf_expression *expression,
                                   int result, zf_error *error);
/** ZF_E_USAGE "cannot use <label>: ..." */
ZF_PRINTF(3, 4)
zf_status zf_expression_refuse(const zf_expression *expression, zf_error *error, const char *format, ...);

#endif
