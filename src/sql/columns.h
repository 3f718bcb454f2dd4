/* SPDX-License-Identifier: MIT */
/** @file columns.h The columns of `building` that the user's SQL can name, and error texts about them. */
#ifndef ZF_SQL_COLUMNS_H
#define ZF_SQL_COLUMNS_H

#include "base/base.h"

#include <sqlite3.h>

/** Zero-initialise. */
typedef struct zf_sql_columns {
    zf_column *items;       /**< owned, with their names */
    bool *is_used;          /**< some statement reads the column */
    bool *is_text_compared; /**< some expression compares the text column with a number */
    bool *is_number_text;   /**< some expression reads the column within number() or metres() */
    bool *is_hidden;        /**< cannot be named: it has no name, or that of a column before it */
    size_t n;
} zf_sql_columns;

/** Makes room for n columns. */
ZF_MUST_USE zf_status zf_sql_columns_init(zf_sql_columns *columns, size_t n, zf_error *error);
/** Adds a column; the name is copied. */
ZF_MUST_USE zf_status zf_sql_columns_add(zf_sql_columns *columns, const char *name, zf_field_type type,
                                         zf_error *error);
void zf_sql_columns_deinit(zf_sql_columns *columns);

/** The column nearest to a mistyped name; NULL: none is near. other: one more name, or NULL. */
const char *zf_sql_columns_nearest(const zf_sql_columns *columns, const char *other, const char *word);
/** Appends the names of the first columns: "a, "b c" and 7 more". n_before names stand in front. */
void zf_sql_columns_append_names(const zf_sql_columns *columns, size_t n_before, zf_text *text);
/** Whether SQL must quote a name. */
bool zf_sql_needs_quotes(const char *name);
/** Whether a byte belongs to a name that needs no quotes. */
bool zf_sql_is_word_byte(unsigned char c);
/** Appends a name, in double quotes where SQL needs them. */
void zf_sql_append_name(zf_text *text, const char *name);

/* ---- what SQLite says of a statement ---- */

enum { ZF_SQL_MESSAGE_BYTES = 304 };
/** The connection's error message, cut to whole characters, and with plain names: since 3.41 SQLite says
 * `no such column: "a" - should this be a string literal in single-quotes?`. */
void zf_sql_message(sqlite3 *db, char out[ZF_SQL_MESSAGE_BYTES]);
/** What follows a message's beginning, such as "no such column: "; NULL: it begins otherwise. */
const char *zf_sql_message_after(const char *message, const char *begin);
/** Appends a text on one line; of one longer than n bytes the beginning and "...". */
void zf_sql_append_line(zf_text *text, const char *line, size_t n);
/** Sets the error to the words and frees them. */
zf_status zf_sql_finish_words(zf_text *words, zf_status status, zf_domain domain, zf_error *error);

#endif
