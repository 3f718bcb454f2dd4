/* SPDX-License-Identifier: MIT */
/* Error texts: which expression, what is wrong with it, where, and what to do. */
#include "sql/expressions_internal.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SHOWN = 200, MAX_NEAR = 24 };

static void begin(zf_text *words, const char *verb, const zf_expression *expression) {
    zf_text_append_format(words, "cannot %s %s: ", verb, expression->label);
}

/* The expression comes last: it may hold any quotes and colons, and a long one is cut there. */
static zf_status end(zf_text *words, const zf_expression *expression, zf_domain domain, zf_error *error) {
    zf_text_append(words, ". The expression is: ");
    zf_sql_append_line(words, expression->text, MAX_SHOWN);
    return zf_sql_finish_words(words, ZF_E_USAGE, domain, error);
}

static void append_position(zf_text *words, const char *text, size_t at) {
    zf_text_append_format(words, " (at character %zu", 1 + zf_utf8_count(text, at));
    if (text[at] != '\0') {
        zf_text_append(words, ": ");
        zf_sql_append_line(words, text + at, MAX_NEAR);
    }
    zf_text_append(words, ")");
}

zf_status zf_expression_refuse(const zf_expression *expression, zf_error *error, const char *format, ...) {
    char what[512];
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    zf_text words = {0};
    begin(&words, "use", expression);
    zf_text_append(&words, what);
    return end(&words, expression, ZF_DOMAIN_ZONEFOLD, error);
}

zf_status zf_expression_text_failed(const zf_expression *expression, const char *what, size_t at,
                                    zf_error *error) {
    zf_text words = {0};
    begin(&words, "use", expression);
    zf_text_append(&words, what);
    if (expression->text[at] != '\0')
        append_position(&words, expression->text, at);
    return end(&words, expression, ZF_DOMAIN_ZONEFOLD, error);
}

/** Whether a name stands at this place of a text as a whole word. */
static bool is_word_at(const char *text, size_t at, const char *name) {
    const size_t n = strlen(name);
    const char *word = text + at;
    return sqlite3_strnicmp(word, name, (int)n) == 0 && !zf_sql_is_word_byte((unsigned char)word[n]) &&
           (at == 0 || !zf_sql_is_word_byte((unsigned char)word[-1]));
}

/** A column whose name needs quotes and stands without them where SQLite stopped, or just before: after CASE,
 * VALUES and CAST, SQLite stops at the next word only. */
static const char *unquoted_column(const zf_expressions *e, const char *text, size_t at) {
    size_t before = at;
    while (before > 0 && strchr(" \t\r\n", text[before - 1]) != NULL)
        before--;
    for (size_t c = 0; c < e->columns.n; c++) {
        const char *name = e->columns.items[c].name;
        size_t n = strlen(name);
        if (n == 0 || e->columns.is_hidden[c] || !zf_sql_needs_quotes(name))
            continue;
        for (size_t from = at >= n ? at - n + 1 : 0; from <= at && text[from] != '\0'; from++)
            if (sqlite3_strnicmp(text + from, name, (int)n) == 0)
                return name;
        if (before >= n && is_word_at(text, before - n, name))
            return name;
    }
    return NULL;
}

/** SQLite's message, and the byte of the expression at which it stopped (SIZE_MAX: it does not say). */
typedef struct syntax_error {
    char message[ZF_SQL_MESSAGE_BYTES];
    size_t at;
} syntax_error;

static bool is_geometry_name(const char *word) {
    static const char *const names[] = {"geom", "geometry", "the_geom", "wkb_geometry", "shape"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sqlite3_stricmp(word, names[i]) == 0)
            return true;
    return false;
}

/* What SQLite writes otherwise than other languages do, where it stopped at that; "" for anything else. */
static const char *other_spelling(const char *text, const syntax_error *s) {
    const char *near = zf_sql_message_after(s->message, "near ");
    if (near == NULL || s->at == SIZE_MAX)
        return "";
    if (text[s->at] == '&')
        return "; for both conditions write AND";
    if (s->at > 0 && text[s->at - 1] == '=' && (text[s->at] == '>' || text[s->at] == '<'))
        return "; write >= or <=";
    if (sqlite3_strnicmp(text + s->at, "ILIKE", 5) == 0)
        return "; LIKE does not regard the case of the letters A to Z";
    return "";
}

static void append_unknown_column(zf_text *words, const zf_expressions *e, const char *word, char at_place) {
    const char *nearest = zf_sql_columns_nearest(&e->columns, NULL, word);
    if (is_geometry_name(word)) {
        zf_text_append(words,
                       "; an expression has measures of the footprint, such as area_m2, n_vertices and "
                       "centroid_x, but not the footprint itself, which `analysis_sqls` have");
        return;
    }
    if (nearest != NULL) {
        zf_text_append(words, "; perhaps ");
        zf_sql_append_name(words, nearest);
        zf_text_append(words, " is meant");
    } else {
        zf_text_append(words, "; the columns are ");
        zf_sql_columns_append_names(&e->columns, 0, words);
    }
    if (at_place == '"')
        zf_text_append(words, "; a text stands in single quotes, double quotes are for names");
    else
        zf_text_append(words, "; names with spaces or other signs need double quotes");
}

static syntax_error read_syntax_error(const zf_expressions *e, const zf_expression *expression) {
    syntax_error s = {{0}, SIZE_MAX};
    const int offset = sqlite3_error_offset(e->sandbox.db.handle);
    zf_sql_message(e->sandbox.db.handle, s.message);
    if (offset >= 0 && (size_t)offset >= expression->sql_at)
        s.at = (size_t)offset - expression->sql_at;
    if (s.at != SIZE_MAX && s.at >= strlen(expression->text)) {
        s.at = SIZE_MAX;
        if (zf_sql_message_after(s.message, "near ") != NULL) /* it stopped at our own parenthesis */
            snprintf(s.message, sizeof s.message, "it ends too early");
    }
    return s;
}

static void append_advice(zf_text *words, const zf_expressions *e, const char *text, const syntax_error *s) {
    const char *unquoted = s->at == SIZE_MAX ? NULL : unquoted_column(e, text, s->at);
    const char *column = zf_sql_message_after(s->message, "no such column: "),
               *function = zf_sql_message_after(s->message, "no such function: ");
    if (unquoted != NULL) {
        zf_text_append(words, "; this name needs double quotes: ");
        zf_text_append_identifier(words, unquoted);
    } else if (column != NULL) {
        append_unknown_column(words, e, column, s->at == SIZE_MAX ? '\0' : text[s->at]);
    } else if (function != NULL && zf_sql_function_nearest(ZF_FUNCTION_SCALAR, function) != NULL) {
        zf_text_append_format(words, "; perhaps %s() is meant",
                              zf_sql_function_nearest(ZF_FUNCTION_SCALAR, function));
    } else if (zf_sql_message_after(s->message, "misuse of ") != NULL) {
        zf_text_append_format(words, ": it needs many rows, and an expression sees one %s at a time",
                              e->row_name);
    } else {
        zf_text_append(words, other_spelling(text, s));
    }
}

static zf_status out_of_memory(const zf_expression *expression, zf_error *error) {
    const zf_status status =
        zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_SQLITE,
                     "cannot evaluate '%.200s': it needs more memory than SQLite may hold; allow more with "
                     "`memory_bytes`",
                     expression->text);
    return zf_error_parameter(error, status, "memory_bytes");
}

zf_status zf_expression_compile_failed(const zf_expressions *e, const zf_expression *expression, int result,
                                       zf_error *error) {
    if (result == SQLITE_NOMEM)
        return out_of_memory(expression, error);
    const char *refusal = zf_sandbox_refusal(&e->sandbox);
    const syntax_error s = read_syntax_error(e, expression);
    zf_text words = {0};
    begin(&words, "use", expression);
    zf_sql_append_line(&words, refusal != NULL ? refusal : s.message, sizeof s.message);
    if (s.at != SIZE_MAX)
        append_position(&words, expression->text, s.at);
    if (refusal == NULL)
        append_advice(&words, e, expression->text, &s);
    return end(&words, expression, refusal != NULL ? ZF_DOMAIN_ZONEFOLD : ZF_DOMAIN_SQLITE, error);
}

zf_status zf_expression_run_failed(const zf_expressions *e, const zf_expression *expression, int result,
                                   zf_error *error) {
    const char *refusal = zf_sandbox_refusal(&e->sandbox);
    char message[ZF_SQL_MESSAGE_BYTES];
    if (e->sandbox.is_cancelled)
        return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD, "cancelled by the caller");
    if (result == SQLITE_NOMEM)
        return out_of_memory(expression, error);
    if (refusal != NULL)
        return zf_expression_refuse(expression, error, "%s", refusal);
    zf_sql_message(e->sandbox.db.handle, message);
    zf_text words = {0};
    begin(&words, "evaluate", expression);
    zf_sql_append_line(&words, message, sizeof message);
    zf_text_append(&words, "; guard it with CASE WHEN ... THEN ... END, or leave such buildings out");
    return end(&words, expression, ZF_DOMAIN_SQLITE, error);
}
