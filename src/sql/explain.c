/* SPDX-License-Identifier: MIT */
/* Failures in the user's terms: which expression, what is wrong with it, where, and what to do. */
#include "expressions_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 200, MAX_NEAR = 24, MAX_LISTED = 12 };

/* Bytes of a text of at most n bytes that end with a whole character. */
static size_t whole_characters(const char *text, size_t n) {
    size_t length = strlen(text);
    if (length <= n)
        return length;
    while (n > 0 && zf_utf8_is_continuation(text[n]))
        n--;
    return n;
}

/* On one line: messages are. */
static void append_shown(zf_text *words, const char *text, size_t most) {
    size_t n = whole_characters(text, most);
    for (size_t i = 0; i < n; i++)
        zf_text_append_n(words, (unsigned char)text[i] < ' ' ? " " : text + i, 1);
    if (text[n] != '\0')
        zf_text_append(words, "...");
}

static void begin(zf_text *words, const char *verb, const zf_expression *expression) {
    zf_text_append_format(words, "cannot %s %s: ", verb, expression->option);
}

/* The expression comes last: it may hold any quotes and colons, and a long one is cut there. */
static zf_status end(zf_text *words, const zf_expression *expression, zf_domain domain, zf_error *error) {
    zf_text_append(words, ". The expression is: ");
    append_shown(words, expression->text, MAX_SHOWN);
    zf_status st = words->is_failed ? zf_error_memory(error, 0, "an error message")
                                    : zf_error_set(error, ZF_E_USAGE, domain, "%s", words->bytes);
    zf_text_deinit(words);
    return st;
}

static void append_position(zf_text *words, const char *text, size_t at) {
    zf_text_append_format(words, " (at character %zu", 1 + zf_utf8_count(text, at));
    if (text[at] != '\0') {
        zf_text_append(words, ": ");
        append_shown(words, text + at, MAX_NEAR);
    }
    zf_text_append(words, ")");
}

zf_status zf_explain(const zf_expression *expression, zf_error *error, const char *format, ...) {
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

zf_status zf_explain_scan(const zf_expression *expression, const char *what, size_t at, zf_error *error) {
    zf_text words = {0};
    begin(&words, "use", expression);
    zf_text_append(&words, what);
    if (expression->text[at] != '\0')
        append_position(&words, expression->text, at);
    return end(&words, expression, ZF_DOMAIN_ZONEFOLD, error);
}

static bool is_word_byte(unsigned char c) {
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static bool needs_quotes(const char *name) {
    bool is_plain = name[0] < '0' || name[0] > '9';
    for (const char *c = name; is_plain && *c != '\0'; c++)
        is_plain = is_word_byte((unsigned char)*c);
    return !is_plain || sqlite3_keyword_check(name, (int)strlen(name));
}

/* A column whose name needs quotes and stands without them where SQLite stumbled. */
static const char *unquoted_column(const zf_expressions *select, const char *text, size_t at) {
    for (size_t c = 0; c < select->n_columns; c++) {
        const char *name = select->columns[c].name;
        size_t n = strlen(name);
        if (n == 0 || select->is_hidden[c] || !needs_quotes(name))
            continue;
        for (size_t from = at >= n ? at - n + 1 : 0; from <= at && text[from] != '\0'; from++)
            if (sqlite3_strnicmp(text + from, name, (int)n) == 0)
                return name;
    }
    return NULL;
}

static void append_column(zf_text *words, const char *name) {
    if (needs_quotes(name))
        zf_text_append_identifier(words, name);
    else
        zf_text_append(words, name);
}

static void append_columns(zf_text *words, const zf_expressions *select) {
    size_t n = 0;
    for (size_t c = 0; c < select->n_columns; c++) {
        if (select->is_hidden[c] || n++ >= MAX_LISTED)
            continue;
        zf_text_append(words, n == 1 ? "; the columns are " : ", ");
        append_column(words, select->columns[c].name);
    }
    if (n > MAX_LISTED)
        zf_text_append_format(words, " and %zu more", n - MAX_LISTED);
}

static const char *nearest_column(const zf_expressions *select, const char *word) {
    const char **names = malloc((select->n_columns + 1) * sizeof *names);
    size_t n = 0;
    if (names == NULL)
        return NULL;
    for (size_t c = 0; c < select->n_columns; c++)
        if (!select->is_hidden[c])
            names[n++] = select->columns[c].name;
    const char *nearest = zf_string_nearest(word, names, n);
    free(names);
    return nearest;
}

static void append_unknown_column(zf_text *words, const zf_expressions *select, const char *word,
                                  char at_place) {
    const char *nearest = nearest_column(select, word);
    if (nearest != NULL) {
        zf_text_append(words, "; perhaps ");
        append_column(words, nearest);
        zf_text_append(words, " is meant");
    } else {
        append_columns(words, select);
    }
    if (at_place == '"')
        zf_text_append(words, "; a text stands in single quotes, double quotes are for names");
    else
        zf_text_append(words, "; names with spaces or other signs need double quotes");
}

/* What SQLite said of a text, and the byte it stumbled over (SIZE_MAX: it does not say). */
typedef struct stumble {
    char said[256];
    size_t at;
} stumble;

static const char no_column[] = "no such column: ", no_function[] = "no such function: ";

static const char *after(const char *said, const char *begin) {
    size_t n = strlen(begin);
    return strncmp(said, begin, n) == 0 ? said + n : NULL;
}

/* Since 3.41 SQLite quotes the name and asks `- should this be a string literal in single-quotes?`. */
static void take_plain_name(char *said) {
    static const char question[] = "\" - should this be";
    char *name = said + sizeof no_column - 1, *end = strstr(said, question);
    if (after(said, no_column) == NULL || name[0] != '"' || end == NULL || end == name)
        return;
    *end = '\0';
    memmove(name, name + 1, strlen(name));
}

static stumble read_stumble(const zf_expressions *select, const zf_expression *expression) {
    stumble s = {{0}, SIZE_MAX};
    const char *said = sqlite3_errmsg(select->db);
    int offset = sqlite3_error_offset(select->db);
    size_t n_text = strlen(expression->text);
    memcpy(s.said, said, whole_characters(said, sizeof s.said - 1));
    take_plain_name(s.said);
    if (offset >= 0 && (size_t)offset >= expression->sql_at)
        s.at = (size_t)offset - expression->sql_at;
    if (s.at != SIZE_MAX && s.at >= n_text) {
        s.at = SIZE_MAX;
        if (after(s.said, "near ") != NULL) /* it stumbled over our parenthesis */
            snprintf(s.said, sizeof s.said, "it ends too early");
    }
    return s;
}

static void append_advice(zf_text *words, const zf_expressions *select, const char *text, const stumble *s) {
    const char *unquoted = s->at == SIZE_MAX ? NULL : unquoted_column(select, text, s->at);
    const char *column = after(s->said, no_column), *function = after(s->said, no_function);
    if (unquoted != NULL) {
        zf_text_append(words, "; this name needs double quotes: ");
        zf_text_append_identifier(words, unquoted);
    } else if (column != NULL) {
        append_unknown_column(words, select, column, s->at == SIZE_MAX ? '\0' : text[s->at]);
    } else if (function != NULL && zf_guard_nearest_function(function) != NULL) {
        zf_text_append_format(words, "; perhaps %s() is meant", zf_guard_nearest_function(function));
    } else if (after(s->said, "misuse of ") != NULL) {
        zf_text_append(words, ": it needs many rows, and an expression sees one building at a time");
    }
}

zf_status zf_explain_compile(const zf_expressions *select, const zf_expression *expression, int result,
                             zf_error *error) {
    if (result == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "compiling an expression");
    bool is_refused = select->refusal[0] != '\0';
    stumble s = read_stumble(select, expression);
    zf_text words = {0};
    begin(&words, "use", expression);
    append_shown(&words, is_refused ? select->refusal : s.said, sizeof s.said);
    if (s.at != SIZE_MAX)
        append_position(&words, expression->text, s.at);
    if (!is_refused)
        append_advice(&words, select, expression->text, &s);
    return end(&words, expression, is_refused ? ZF_DOMAIN_ZONEFOLD : ZF_DOMAIN_SQLITE, error);
}

zf_status zf_explain_run(const zf_expressions *select, const zf_expression *expression, int result,
                         zf_error *error) {
    if (select->is_cancelled)
        return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD, "cancelled by the caller");
    if (result == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "evaluating an expression");
    if (select->vfs.was_asked)
        return zf_explain(
            expression, error,
            "it asks for the present time ('now', or a date function without a date), and the result must "
            "not depend on when it is made: write the date itself");
    if (select->refusal[0] != '\0')
        return zf_explain(expression, error, "%s", select->refusal);
    zf_text words = {0};
    begin(&words, "evaluate", expression);
    append_shown(&words, sqlite3_errmsg(select->db), sizeof select->refusal);
    zf_text_append(&words, "; guard it with CASE WHEN ... THEN ... END, or leave such buildings out");
    return end(&words, expression, ZF_DOMAIN_SQLITE, error);
}
