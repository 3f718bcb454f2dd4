/* SPDX-License-Identifier: MIT */
/* The text of one query: it must be one SELECT. It is compiled and tried out before the first building is
 * read; errors name file and line. */
#include "sql/query_engine.h"
#include "sql/tokens.h"

#include <stdio.h>
#include <string.h>

zf_status zf_query_engine_failed(const zf_query_engine *q, int result, const char *what, zf_error *error) {
    char words[128];
    const int code = result & 0xff, cause = sqlite3_system_errno(q->sandbox.db.handle);
    if (code == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "running a query");
    if (code == SQLITE_INTERRUPT)
        return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD, "cancelled by the caller");
    if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
        return zf_error_parameter(
            error,
            zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_SQLITE,
                         "cannot %s: no temporary file in the directory '%s': %s; make room, or name another "
                         "with `temp_dir`",
                         what, q->directory.directory,
                         cause != 0 ? strerror_r(cause, words, sizeof words) : sqlite3_errstr(code)),
            "temp_dir");
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE, "cannot %s: %s", what,
                        sqlite3_errmsg(q->sandbox.db.handle));
}

enum {
    MAX_SAID = 300,
    LOOKS_TRYING_OUT = 50, /* of the progress handler, some 20,000 instructions each */
};

/* ---- the text ---- */

/* The first byte of a statement: behind blanks, comments and semicolons. */
static size_t skip_empty(const char *sql, size_t at) {
    for (;;) {
        const zf_token token = zf_token_next(sql, &at);
        if (token.kind == ZF_TOKEN_COMMENT)
            return (size_t)(token.text - sql) + token.n; /* SQLite reads it to the end of the text */
        if (!zf_token_is_sign(&token, ";"))
            return (size_t)(token.text - sql);
    }
}

static size_t line_at(const char *sql, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at && sql[i] != '\0'; i++)
        line += sql[i] == '\n';
    return line;
}

/* Where a word stands outside of quotes and comments; SIZE_MAX: nowhere. */
static size_t find_word(const char *sql, const char *word) {
    size_t at = 0;
    for (zf_token token; (token = zf_token_next(sql, &at)).kind != ZF_TOKEN_END;)
        if (zf_token_is_word(&token, word))
            return (size_t)(token.text - sql);
    return SIZE_MAX;
}

/* ---- errors ---- */

static void append_place(zf_text *words, const zf_query_statement *s, size_t line) {
    zf_text_append_format(words, "`analysis_sqls` %s: %s:%zu: ", s->name, s->path, line);
}

zf_status zf_query_refuse(const zf_query_statement *s, size_t line, zf_error *error, const char *format,
                          ...) {
    char what[512];
    zf_text words = {0};
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    append_place(&words, s, line);
    zf_sql_append_line(&words, what, MAX_SAID);
    return zf_sql_finish_words(&words, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, error);
}

static bool is_list(const zf_query_engine *q, const char *name) {
    for (size_t c = 0; c < q->columns.n; c++)
        if (q->columns.items[c].type == ZF_FIELD_UNSUPPORTED &&
            zf_string_equal_nocase(q->columns.items[c].name, name))
            return true;
    return false;
}

static void append_unknown_column(zf_text *words, const zf_query_engine *q, const char *name) {
    const char *dot = strrchr(name, '.'); /* "b.heigt" is heigt of building b */
    const char *nearest =
        zf_sql_columns_nearest(&q->columns, ZF_GEOMETRY_COLUMN, dot != NULL ? dot + 1 : name);
    if (is_list(q, name)) {
        zf_text_append(words, "; the field of that name is a list, which SQL cannot use");
    } else if (nearest != NULL) {
        zf_text_append_format(words, "; perhaps %s is meant", nearest);
    } else {
        zf_text_append(words, "; the columns of building are " ZF_GEOMETRY_COLUMN);
        zf_sql_columns_append_names(&q->columns, 1, words);
    }
}

static void append_advice(zf_text *words, const zf_query_engine *q, const char *message) {
    const char *column = zf_sql_message_after(message, "no such column: ");
    const char *function = zf_sql_message_after(message, "no such function: ");
    const char *nearest = function != NULL ? zf_sql_function_nearest(ZF_FUNCTION_SPATIAL, function) : NULL;
    if (column != NULL)
        append_unknown_column(words, q, column);
    else if (nearest != NULL)
        zf_text_append_format(words, "; perhaps ST_%s() is meant", nearest);
    else if (zf_sql_message_after(message, "no such table: ") != NULL)
        zf_text_append(words, "; building is the only table there is");
}

/* ZF_E_USAGE for a text that does not compile; its statement starts at byte `begin`. */
static zf_status compile_failed(const zf_query_engine *q, const zf_query_statement *s, size_t begin,
                                zf_error *error) {
    sqlite3 *db = q->sandbox.db.handle;
    char message[ZF_SQL_MESSAGE_BYTES];
    const int offset = sqlite3_error_offset(db);
    const char *refusal = zf_sandbox_refusal(&q->sandbox);
    size_t at = SIZE_MAX;
    zf_text words = {0};
    if ((sqlite3_errcode(db) & 0xff) == SQLITE_NOMEM)
        return zf_error_memory(error, strlen(s->sql), "compiling a query");
    zf_sql_message(db, message);
    const char *table = zf_sql_message_after(message, "no such table: ");
    if (offset >= 0)
        at = begin + (size_t)offset;
    else if (refusal != NULL || table != NULL)
        at = find_word(s->sql, refusal != NULL ? q->sandbox.culprit : table);
    if (at == SIZE_MAX || at > strlen(s->sql))
        at = strcmp(message, "incomplete input") == 0 ? strlen(s->sql) : begin;
    append_place(&words, s, line_at(s->sql, at));
    zf_sql_append_line(&words, refusal != NULL ? refusal : message, MAX_SAID);
    if (refusal == NULL)
        append_advice(&words, q, message);
    return zf_sql_finish_words(&words, ZF_E_USAGE, refusal != NULL ? ZF_DOMAIN_ZONEFOLD : ZF_DOMAIN_SQLITE,
                               error);
}

zf_status zf_query_run_failed(const zf_query_engine *q, const zf_query_statement *s, zf_error *error) {
    sqlite3 *db = q->sandbox.db.handle;
    const int code = sqlite3_errcode(db) & 0xff;
    const char *refusal = zf_sandbox_refusal(&q->sandbox);
    char message[ZF_SQL_MESSAGE_BYTES];
    zf_text words = {0};
    if (q->sandbox.is_cancelled)
        return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD, "cancelled by the caller");
    if (code == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "running a query");
    if (refusal != NULL)
        return zf_query_refuse(s, s->line, error, "%s", refusal);
    if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
        return zf_query_engine_failed(q, sqlite3_errcode(db), "run a query", error);
    zf_sql_message(db, message);
    append_place(&words, s, s->line);
    zf_sql_append_line(&words, message, MAX_SAID);
    return zf_sql_finish_words(&words, ZF_E_USAGE, ZF_DOMAIN_SQLITE, error);
}

/* ---- compiling ---- */

static zf_status check_statement(const zf_query_statement *s, zf_error *error) {
    if (sqlite3_stmt_isexplain(s->select))
        return zf_query_refuse(s, s->line, error, "EXPLAIN is no query: there must be one SELECT");
    if (sqlite3_column_count(s->select) == 0 || !sqlite3_stmt_readonly(s->select))
        return zf_query_refuse(s, s->line, error, "there must be one SELECT");
    if (sqlite3_bind_parameter_count(s->select) > 0) {
        const char *name = sqlite3_bind_parameter_name(s->select, 1);
        return zf_query_refuse(
            s, s->line, error,
            "it has a parameter (%s), and there is nothing to fill it with: write the value itself",
            name != NULL ? name : "?");
    }
    return ZF_OK;
}

/* Runs the query without buildings, for a while. What fails there fails on any buildings, and is better found
 * before the first is read. */
static zf_status try_out(zf_query_engine *q, zf_query_statement *s, zf_error *error) {
    zf_sandbox *sandbox = &q->sandbox;
    zf_status status = ZF_OK;
    zf_sandbox_begin(sandbox);
    sandbox->n_looks_left = LOOKS_TRYING_OUT;
    const int code = zf_sandbox_step(sandbox, s->select);
    const bool is_stopped = sandbox->n_looks_left == 0 && !sandbox->is_cancelled;
    sandbox->n_looks_left = 0;
    if (sandbox->vfs.has_refused_time || (code != SQLITE_ROW && code != SQLITE_DONE && !is_stopped))
        status = zf_query_run_failed(q, s, error);
    sqlite3_reset(s->select);
    return status;
}

zf_status zf_query_compile(zf_query_engine *q, zf_query_statement *s, zf_error *error) {
    const size_t begin = skip_empty(s->sql, 0);
    const char *tail = NULL;
    s->line = line_at(s->sql, begin);
    if (s->sql[begin] == '\0')
        return zf_query_refuse(s, 1, error, "the file holds no statement: there must be one SELECT");
    if (zf_sandbox_prepare(&q->sandbox, s->sql + begin, &s->select, &tail) != SQLITE_OK)
        return compile_failed(q, s, begin, error);
    const size_t next = skip_empty(s->sql, (size_t)(tail - s->sql));
    if (s->sql[next] != '\0')
        return zf_query_refuse(s, line_at(s->sql, next), error,
                               "a second statement begins here: there must be one SELECT");
    zf_status status = check_statement(s, error);
    return status == ZF_OK ? try_out(q, s, error) : status;
}
