/* SPDX-License-Identifier: MIT */
#include "sql/number_functions.h"
#include "base/quantity.h"

#include <string.h>

/** Notes what could not be read, the first one with its text. */
static void note_unread(zf_number_functions *f, const char *text, size_t n) {
    size_t n_kept = n < sizeof f->example - 1 ? n : sizeof f->example - 1;
    if (f->has_unread)
        return;
    f->has_unread = true;
    while (n_kept < n && n_kept > 0 && zf_utf8_is_continuation(text[n_kept]))
        n_kept--;
    for (size_t i = 0; i < n_kept; i++)
        f->example[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7F ? ' ' : text[i];
    f->example[n_kept] = '\0';
}

/** Reads an argument: a number is itself, NULL and a blank text are NULL, another text goes to the parser. */
static void read(sqlite3_context *context, sqlite3_value *value, bool is_length) {
    zf_number_functions *f = sqlite3_user_data(context);
    double number = 0;
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        sqlite3_result_double(context, sqlite3_value_double(value));
        return;
    }
    if (type == SQLITE_NULL)
        return;
    const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(value) : "(a blob)";
    if (text == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    const size_t n = type == SQLITE_TEXT ? (size_t)sqlite3_value_bytes(value) : strlen(text);
    if (zf_quantity_is_blank(text, n))
        return;
    if (is_length ? zf_quantity_metres(text, n, f->decimal_sign, &number, NULL)
                  : zf_quantity_number(text, n, f->decimal_sign, &number))
        sqlite3_result_double(context, number);
    else
        note_unread(f, text, n);
}

static void number(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    read(context, values[0], false);
}

static void metres(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    read(context, values[0], true);
}

zf_status zf_number_functions_register(zf_number_functions *functions, sqlite3 *db, zf_error *error) {
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    if (sqlite3_create_function_v2(db, "number", 1, flags, functions, number, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_create_function_v2(db, "metres", 1, flags, functions, metres, NULL, NULL, NULL) != SQLITE_OK)
        return zf_error_memory(error, 0, "number() and metres()");
    return ZF_OK;
}
