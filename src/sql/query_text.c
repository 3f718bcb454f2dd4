/* SPDX-License-Identifier: MIT */
/* The text of one question: one SELECT, checked and tried out before the first building is read; and what is
 * wrong with it in the words of file and line. */
#include "sql/queries_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_SAID = 300,
    MAX_LISTED = 12,
    LOOKS_TRYING_OUT = 50, /* at the progress handler, some 20,000 instructions each */
};

/* ---- the text ---- */

static bool is_word_byte(char c) {
    return c == '_' || (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Past a comment, a quoted text or name, or one byte. */
static size_t skip_quoted(const char *text, size_t at) {
    const char close = text[at] == '[' ? ']' : text[at];
    for (at++; text[at] != '\0' && text[at] != close; at++) {
    }
    return text[at] == '\0' ? at : at + 1;
}

static size_t skip_comment(const char *text, size_t at) {
    if (text[at] == '-' && text[at + 1] == '-')
        return at + strcspn(text + at, "\n");
    if (text[at] == '/' && text[at + 1] == '*') {
        const char *end = strstr(text + at + 2, "*/");
        return end != NULL ? (size_t)(end - text) + 2 : at + strlen(text + at);
    }
    return at;
}

/* The first byte that is no blank, no comment and no semicolon. */
static size_t skip_nothing(const char *text, size_t at) {
    for (size_t next; text[at] != '\0'; at = next) {
        next = skip_comment(text, at);
        if (next == at && strchr(" \t\r\n\f;", text[at]) == NULL &&
            strncmp(text + at, "\xEF\xBB\xBF", 3) != 0)
            break;
        if (next == at)
            next = at + (text[at] == '\xEF' ? 3 : 1);
    }
    return at;
}

static size_t line_at(const char *text, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at && text[i] != '\0'; i++)
        line += text[i] == '\n';
    return line;
}

/* Where a word stands that is neither in a comment nor in quotes; SIZE_MAX: nowhere. */
static size_t find_word(const char *text, const char *word) {
    const size_t n = strlen(word);
    for (size_t at = 0; n > 0 && text[at] != '\0';) {
        size_t next = skip_comment(text, at);
        if (next == at && strchr("'\"`[", text[at]) != NULL)
            next = skip_quoted(text, at);
        if (next == at && is_word_byte(text[at])) {
            while (is_word_byte(text[next]))
                next++;
            if (next - at == n && sqlite3_strnicmp(text + at, word, (int)n) == 0)
                return at;
        }
        at = next == at ? at + 1 : next;
    }
    return SIZE_MAX;
}

/* ---- errors ---- */

static void append_place(zf_text *words, const zf_query_statement *s, size_t line) {
    zf_text_append_format(words, "--analysis-sql %s: %s:%zu: ", s->name, s->path, line);
}

/* On one line: messages are. */
static void append_said(zf_text *words, const char *said) {
    for (size_t i = 0; i < MAX_SAID && said[i] != '\0'; i++)
        zf_text_append_n(words, (unsigned char)said[i] < ' ' ? " " : said + i, 1);
}

static zf_status finish_words(zf_text *words, zf_status status, zf_domain domain, zf_error *error) {
    status = words->is_failed ? zf_error_memory(error, 0, "an error message")
                              : zf_error_set(error, status, domain, "%s", words->bytes);
    zf_text_deinit(words);
    return status;
}

zf_status zf_query_refuse(const zf_query_statement *statement, size_t line, zf_error *error,
                          const char *format, ...) {
    char what[512];
    zf_text words = {0};
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    append_place(&words, statement, line);
    append_said(&words, what);
    return finish_words(&words, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, error);
}

static void append_columns(zf_text *words, const zf_queries *q) {
    zf_text_append(words, "; the columns of building are " ZF_GEOMETRY_COLUMN);
    size_t n = 0;
    for (size_t c = 0; c < q->n_columns; c++)
        if (!q->is_hidden[c] && n++ < MAX_LISTED)
            zf_text_append_format(words, ", %s", q->columns[c].name);
    if (n > MAX_LISTED)
        zf_text_append_format(words, " and %zu more", n - MAX_LISTED);
}

/* "b.heigt" is heigt of building b. */
static const char *nearest_column(const zf_queries *q, const char *word) {
    const char **names = malloc((q->n_columns + 1) * sizeof *names);
    const char *dot = strrchr(word, '.');
    size_t n = 0;
    if (names == NULL)
        return NULL;
    names[n++] = ZF_GEOMETRY_COLUMN;
    for (size_t c = 0; c < q->n_columns; c++)
        if (!q->is_hidden[c])
            names[n++] = q->columns[c].name;
    const char *nearest = zf_string_nearest(dot != NULL ? dot + 1 : word, names, n);
    free(names);
    return nearest;
}

static const char *list_in_reach(const zf_queries *q, const char *word) {
    for (size_t c = 0; c < q->n_columns; c++)
        if (q->columns[c].type == ZF_FIELD_UNSUPPORTED && zf_string_equal_nocase(q->columns[c].name, word))
            return q->columns[c].name;
    return NULL;
}

static const char no_column[] = "no such column: ", no_function[] = "no such function: ",
                  no_table[] = "no such table: ";

static const char *after(const char *said, const char *begin) {
    const size_t n = strlen(begin);
    return strncmp(said, begin, n) == 0 ? said + n : NULL;
}

/* Since 3.41 SQLite quotes the name and asks whether a text was meant. */
static void take_plain_name(char *name) {
    char *end = strstr(name, "\" - should this be");
    if (name[0] != '"' || end == NULL)
        return;
    *end = '\0';
    memmove(name, name + 1, strlen(name));
}

static void append_advice(zf_text *words, const zf_queries *q, const char *said) {
    const char *column = after(said, no_column), *function = after(said, no_function);
    char name[256];
    if (column != NULL) {
        sqlite3_snprintf(sizeof name, name, "%s", column);
        take_plain_name(name);
        const char *nearest = nearest_column(q, name);
        if (list_in_reach(q, name) != NULL)
            zf_text_append(words, "; the field of that name is a list, which SQL cannot use");
        else if (nearest != NULL)
            zf_text_append_format(words, "; perhaps %s is meant", nearest);
        else
            append_columns(words, q);
    } else if (function != NULL) {
        const char *nearest = zf_query_nearest_function(function);
        if (nearest != NULL)
            zf_text_append_format(words, "; perhaps ST_%s() is meant", nearest);
    } else if (after(said, no_table) != NULL) {
        zf_text_append(words, "; building is the only table there is");
    }
}

/* offset: where SQLite stumbled, from `begin` on; -1: it does not say. */
static zf_status explain_compile(const zf_queries *q, const zf_query_statement *s, size_t begin,
                                 zf_error *error) {
    const char *said = sqlite3_errmsg(q->db.handle);
    const int offset = sqlite3_error_offset(q->db.handle);
    const bool is_refused = q->refusal[0] != '\0';
    const char *missing = after(said, no_table);
    size_t at = SIZE_MAX;
    if (offset >= 0)
        at = begin + (size_t)offset;
    else if (is_refused || missing != NULL)
        at = find_word(s->sql, is_refused ? q->culprit : missing);
    zf_text words = {0};
    if ((sqlite3_errcode(q->db.handle) & 0xff) == SQLITE_NOMEM)
        return zf_error_memory(error, strlen(s->sql), "compiling an SQL text");
    if (at == SIZE_MAX || at > strlen(s->sql))
        at = strcmp(said, "incomplete input") == 0 ? strlen(s->sql) : skip_nothing(s->sql, begin);
    append_place(&words, s, line_at(s->sql, at));
    append_said(&words, is_refused ? q->refusal : said);
    if (!is_refused)
        append_advice(&words, q, said);
    return finish_words(&words, ZF_E_USAGE, is_refused ? ZF_DOMAIN_ZONEFOLD : ZF_DOMAIN_SQLITE, error);
}

zf_status zf_query_failed(zf_queries *q, const zf_query_statement *s, zf_error *error) {
    const int code = sqlite3_errcode(q->db.handle) & 0xff;
    if (q->is_cancelled)
        return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD, "cancelled by the caller");
    if (code == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "answering an SQL text");
    if (q->vfs.was_asked)
        return zf_query_refuse(s, s->line, error,
                               "it asks for the present time ('now', or a date function without a date), "
                               "and the result must not depend on when it is made: write the date itself");
    if (q->refusal[0] != '\0')
        return zf_query_refuse(s, s->line, error, "%s", q->refusal);
    if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
        return zf_query_storage_failed(q, sqlite3_errcode(q->db.handle), "answer an SQL text", error);
    zf_text words = {0};
    append_place(&words, s, s->line);
    append_said(&words, sqlite3_errmsg(q->db.handle));
    return finish_words(&words, ZF_E_USAGE, ZF_DOMAIN_SQLITE, error);
}

/* ---- compiling ---- */

static int prepare(zf_queries *q, const char *sql, sqlite3_stmt **out, const char **out_tail) {
    q->refusal[0] = q->culprit[0] = '\0';
    q->mode = ZF_QUERY_COMPILE;
    int code = sqlite3_prepare_v3(q->db.handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, out_tail);
    q->mode = ZF_QUERY_OWN;
    return code;
}

static zf_status check_statement(const zf_query_statement *s, zf_error *error) {
    if (sqlite3_stmt_isexplain(s->select))
        return zf_query_refuse(s, s->line, error, "EXPLAIN is no question: there must be one SELECT");
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

/* SpatiaLite answers NULL when GEOS gives up. */
int zf_query_step(zf_queries *queries, zf_query_statement *statement) {
    zf_geos_watch watch;
    zf_geos_watch_begin(&watch, &queries->callbacks);
    queries->mode = ZF_QUERY_RUN;
    int code = sqlite3_step(statement->select);
    queries->mode = ZF_QUERY_OWN;
    if (!zf_geos_watch_end(&watch))
        return code;
    queries->is_cancelled = true;
    return SQLITE_INTERRUPT;
}

/* What fails on no building would fail on any, and is better told before the first is read. */
static zf_status try_out(zf_queries *q, zf_query_statement *s, zf_error *error) {
    zf_status status = ZF_OK;
    q->refusal[0] = '\0';
    q->vfs.was_asked = q->is_cancelled = false;
    q->n_patience = LOOKS_TRYING_OUT;
    int code = zf_query_step(q, s);
    const bool is_impatient = q->n_patience == 0 && !q->is_cancelled;
    q->n_patience = 0;
    if (q->vfs.was_asked || (code != SQLITE_ROW && code != SQLITE_DONE && !is_impatient))
        status = zf_query_failed(q, s, error);
    sqlite3_reset(s->select);
    return status;
}

zf_status zf_query_compile(zf_queries *q, zf_query_statement *s, zf_error *error) {
    const size_t begin = skip_nothing(s->sql, 0);
    const char *tail = NULL;
    s->line = line_at(s->sql, begin);
    if (s->sql[begin] == '\0')
        return zf_query_refuse(s, 1, error, "the file holds no statement: there must be one SELECT");
    if (prepare(q, s->sql + begin, &s->select, &tail) != SQLITE_OK)
        return explain_compile(q, s, begin, error);
    const size_t next = skip_nothing(s->sql, (size_t)(tail - s->sql));
    if (s->sql[next] != '\0')
        return zf_query_refuse(s, line_at(s->sql, next), error,
                               "a second statement begins here: there must be one SELECT");
    zf_status status = check_statement(s, error);
    if (status == ZF_OK)
        status = zf_dates_open(&q->dates, error);
    return status == ZF_OK ? try_out(q, s, error) : status;
}
