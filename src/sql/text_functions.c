/* SPDX-License-Identifier: MIT */
/*
 * instr() and replace() in time that is linear in their arguments. SQLite compares at every place anew, which
 * takes hours for two long texts of one letter, inside of one call, where no interrupt reaches.
 */
#include "sql/text_functions.h"

#include <string.h>

typedef struct text {
    const char *bytes;
    size_t n;
    bool is_blob;
} text;

static text text_of(sqlite3_value *value, bool keeps_blob) {
    const bool is_blob = keeps_blob && sqlite3_value_type(value) == SQLITE_BLOB;
    const char *bytes = is_blob ? sqlite3_value_blob(value) : (const char *)sqlite3_value_text(value);
    const int n = sqlite3_value_bytes(value);
    return (text){bytes != NULL ? bytes : "", bytes != NULL && n > 0 ? (size_t)n : 0, is_blob};
}

static const char *find(const char *from, const char *end, const text *what) {
    if (what->n == 1)
        return memchr(from, what->bytes[0], (size_t)(end - from));
    return what->n <= (size_t)(end - from) ? memmem(from, (size_t)(end - from), what->bytes, what->n) : NULL;
}

static bool has_null(int n, sqlite3_value **values) {
    for (int i = 0; i < n; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return true;
    return false;
}

static void instr(sqlite3_context *context, int n, sqlite3_value **values) {
    if (has_null(n, values))
        return;
    const bool are_blobs =
        sqlite3_value_type(values[0]) == SQLITE_BLOB && sqlite3_value_type(values[1]) == SQLITE_BLOB;
    const text in = text_of(values[0], are_blobs), what = text_of(values[1], are_blobs);
    const char *at = find(in.bytes, in.bytes + in.n, &what);
    if (at == NULL)
        sqlite3_result_int(context, 0);
    else
        sqlite3_result_int64(
            context, 1 + (are_blobs ? (sqlite3_int64)(at - in.bytes)
                                    : (sqlite3_int64)zf_utf8_count(in.bytes, (size_t)(at - in.bytes))));
}

static size_t count(const text *in, const text *what) {
    size_t n = 0;
    const char *end = in->bytes + in->n;
    for (const char *at = in->bytes; (at = find(at, end, what)) != NULL; at += what->n)
        n++;
    return n;
}

static void replace(sqlite3_context *context, int n_values, sqlite3_value **values) {
    if (has_null(n_values, values))
        return;
    const text in = text_of(values[0], false), what = text_of(values[1], false),
               with = text_of(values[2], false);
    if (what.n == 0 || what.bytes[0] == '\0') {
        sqlite3_result_text(context, in.bytes, (int)in.n, SQLITE_TRANSIENT);
        return;
    }
    const size_t n_found = count(&in, &what);
    const size_t n = in.n - n_found * what.n + n_found * with.n; /* each at most the limit: no overflow */
    const int most = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    if (n > (size_t)most) {
        sqlite3_result_error_toobig(context);
        return;
    }
    char *out = sqlite3_malloc64(n + 1);
    if (out == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    char *to = out;
    const char *from = in.bytes, *end = in.bytes + in.n;
    for (const char *at; (at = find(from, end, &what)) != NULL; from = at + what.n) {
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        memcpy(to, with.bytes, with.n);
        to += with.n;
    }
    memcpy(to, from, (size_t)(end - from));
    sqlite3_result_text64(context, out, n, sqlite3_free, SQLITE_UTF8);
}

zf_status zf_text_functions_register(sqlite3 *db, zf_error *error) {
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    if (sqlite3_create_function_v2(db, "instr", 2, flags, NULL, instr, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_create_function_v2(db, "replace", 3, flags, NULL, replace, NULL, NULL, NULL) != SQLITE_OK)
        return zf_error_memory(error, 0, "instr() and replace()");
    return ZF_OK;
}
