/* SPDX-License-Identifier: MIT */
/**
 * @file select.h
 * The user's expressions: compiled and run by SQLite over rows that the caller lends, with nothing else in
 * reach. An expression can compute and do nothing else: no other table, no subquery, no ATTACH, no extension,
 * no clock, no random number.
 */
#ifndef ZF_SELECT_H
#define ZF_SELECT_H

#include "memory/memory.h"

typedef struct zf_select zf_select;

/** What an expression may speak of, and the expressions. */
typedef struct zf_select_options {
    const zf_column *columns; /**< n_columns distinct names (ASCII case-insensitive); later duplicates are out
                                 of reach. Borrowed for the call. */
    size_t n_columns;         /**< up to 2,000 */
    const char *where;        /**< NULL: every row passes */
} zf_select_options;

/**
 * Compile. A private in-memory SQLite connection; one zf_select per thread.
 * @return ZF_OK; ZF_E_USAGE naming the option (--where), the expression, SQLite's words with the position
 * where it says one, and the nearest column names for an unknown column; ZF_E_MEMORY. An expression that asks
 * for the clock or the machine's time zone is refused here where a row of NULLs shows it, else by
 * zf_select_run. Column names are quoted as in SQL: "OTHER INFO", [OTHER INFO] or `OTHER INFO`. A
 * double-quoted word that is no column is an error, not a string.
 */
ZF_MUST_USE zf_status zf_select_create(const zf_select_options *options, const zf_callbacks *callbacks,
                                       zf_select **out, zf_error *error);
void zf_select_destroy(zf_select *select); /**< NULL is legal */
/** true when some expression reads column c. */
bool zf_select_uses(const zf_select *select, size_t column);
/** true when there is no expression: every row passes and zf_select_run need not be called. */
bool zf_select_is_trivial(const zf_select *select);

/** Rows lent for one run. */
typedef struct zf_select_rows {
    size_t n;
    /** Value of a used column in row 0..n-1; text must live until the next call, or longer. */
    zf_value (*value)(void *user, size_t row, size_t column);
    void *user;
} zf_select_rows;

/**
 * @param out_passes n bytes: 1 where the condition is true, 0 where it is false or NULL. Caller's storage.
 * @return ZF_OK; ZF_E_USAGE when the expression fails on a row (says which expression, and SQLite's words) or
 * asks for the clock or the time zone of this machine; ZF_E_CANCELLED (asked inside long evaluations too).
 */
ZF_MUST_USE zf_status zf_select_run(zf_select *select, const zf_select_rows *rows, uint8_t *out_passes,
                                    zf_error *error);
/** After a failure of zf_select_run on a row: that row's number. */
size_t zf_select_failed_row(const zf_select *select);

#endif
