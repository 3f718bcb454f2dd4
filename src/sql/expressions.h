/* SPDX-License-Identifier: MIT */
/**
 * @file select.h
 * The user's expressions: compiled and run by SQLite over borrowed rows, with nothing else in
 * reach. An expression can compute and do nothing else: no other table, no subquery, no ATTACH, no extension,
 * no clock, no random number.
 */
#ifndef ZF_SQL_SELECT_H
#define ZF_SQL_SELECT_H

#include "memory/memory.h"

typedef struct zf_expressions zf_expressions;

/** An expression with a name. */
typedef struct zf_named_expression {
    const char *name;
    const char *text;
} zf_named_expression;

/** What an expression may speak of, and the expressions. Borrowed for the call. */
typedef struct zf_expressions_options {
    const zf_column *columns; /**< n_columns distinct names (ASCII case-insensitive); later duplicates are out
                                 of reach */
    size_t n_columns;         /**< up to 2,000, the computed ones included */
    const zf_named_expression *computes; /**< further columns, numbers n_columns and up, each an expression
                                        over the columns before it */
    size_t n_computes;
    const char *computes_parameter; /**< that the computes come from, for messages; NULL: "computes" */
    const char *row_name;           /**< what a row is, for messages; NULL: "building" */
    const char *where;                /**< the first condition; NULL: there is none */
    const zf_named_expression *rules; /**< conditions, after all computes, in order */
    size_t n_rules;
    char decimal_sign; /**< of the texts that number() and metres() read: '.' or ','; 0: '.' */
} zf_expressions_options;

/**
 * Compile. A private in-memory SQLite connection; one zf_expressions per thread.
 * @return ZF_OK; ZF_E_USAGE naming the option (--where, --rule NAME, --compute NAME), the expression,
 * SQLite's words with the position where it says one, and the nearest column names for an unknown column;
 * ZF_E_MEMORY. An expression that asks for the clock or the machine's time zone is refused here where a row
 * of NULLs shows it, else by zf_expressions_run. Column names are quoted as in SQL: "OTHER INFO", [OTHER
 * INFO] or `OTHER INFO`. A double-quoted word that is no column is an error, not a string.
 */
ZF_MUST_USE zf_status zf_expressions_create(const zf_expressions_options *options,
                                            const zf_callbacks *callbacks, zf_expressions **out,
                                            zf_error *error);
void zf_expressions_destroy(zf_expressions *select); /**< NULL is legal */
/** true when some expression reads column c, computed ones included. */
bool zf_expressions_use(const zf_expressions *select, size_t column);
/** Whether some expression compares column c, a text, with a number, which SQLite does as texts: '9' > '30'. */
bool zf_expressions_compare_text(const zf_expressions *select, size_t column);
/** Whether number() or metres() reads column c, itself or through computed columns. */
bool zf_expressions_read_number(const zf_expressions *select, size_t column);
/** Computed columns, then conditions. */
size_t zf_expressions_count(const zf_expressions *select);
/** The columns that number() and metres() read in expression i, as "'height', 'levels'"; NULL: none. Borrowed. */
const char *zf_expressions_number_names(const zf_expressions *select, size_t i);
/**
 * Type of the k-th computed column: INTEGER, REAL, TEXT or BLOB. It follows from the form of the expression
 * and the types of its columns (type.c), never from values. Where the form leaves it open, as json_extract()
 * does and branches of different types do, it is TEXT. Values are of it or NULL: integers become reals in a
 * REAL column, numbers become texts in a TEXT column, as SQLite writes them.
 */
zf_field_type zf_expressions_type(const zf_expressions *select, size_t k);

/** The text in zf_expression_rows.unread, on one line, perhaps cut. */
enum { ZF_UNREAD_BYTES = 48 };

/** Rows borrowed for one run. */
typedef struct zf_expression_rows {
    size_t n;
    /** Value of a used column in row 0..n-1; text must live until the next call, or longer. */
    zf_value (*value)(void *user, size_t row, size_t column);
    void *user;
    zf_arena *arena; /**< takes the computed values: 24 bytes each and the bytes of texts; NULL is legal where
                        nothing is computed */
    /** Nullable. After each condition (numbers from 0, the where first): passes[0..n-1] is 1 for the rows
     * that it and all before it let through. */
    void (*after_rule)(void *user, size_t rule, const uint8_t *passes);
    /** Nullable. number() or metres() could not read a text of this row in expression i; example: the text. */
    void (*unread)(void *user, size_t row, size_t i, const char *example);
} zf_expression_rows;

/**
 * Computes, in order, for every row; then the conditions, in order, each only for the rows that passed those
 * before it.
 * @param out_passes n bytes: 1 where all conditions are true, 0 where one is false or NULL. Caller's storage.
 * @return ZF_OK; ZF_E_USAGE when an expression fails on a row (says which expression, and SQLite's words),
 * gives a value that its column cannot hold or asks for the clock or the time zone of this machine;
 * ZF_E_CANCELLED (checked inside long evaluations too); ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_expressions_run(zf_expressions *select, const zf_expression_rows *rows,
                                         uint8_t *out_passes, zf_error *error);
/** After a failure of zf_expressions_run on a row: that row's number. */
size_t zf_expressions_failed_row(const zf_expressions *select);
/** The k-th computed column's value in a row of the last run; its bytes live as long as the arena keeps them.
 */
zf_value zf_expressions_value(const zf_expressions *select, size_t row, size_t k);

#endif
