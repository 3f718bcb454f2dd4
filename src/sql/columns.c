/* SPDX-License-Identifier: MIT */
#include "sql/columns.h"
#include "geometry/geometry.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LISTED = 12 };

zf_status zf_sql_columns_init(zf_sql_columns *columns, size_t n, zf_error *error) {
    columns->items = calloc(n + 1, sizeof *columns->items);
    columns->is_used = calloc(n + 1, sizeof *columns->is_used);
    columns->is_hidden = calloc(n + 1, sizeof *columns->is_hidden);
    columns->is_text_compared = calloc(n + 1, sizeof *columns->is_text_compared);
    columns->is_number_text = calloc(n + 1, sizeof *columns->is_number_text);
    return columns->items != NULL && columns->is_used != NULL && columns->is_hidden != NULL &&
                   columns->is_text_compared != NULL && columns->is_number_text != NULL
               ? ZF_OK
               : zf_error_memory(error, n * sizeof *columns->items, "the columns of building");
}

zf_status zf_sql_columns_add(zf_sql_columns *columns, const char *name, zf_field_type type, zf_error *error) {
    const size_t c = columns->n;
    columns->items[c] = (zf_column){zf_string_copy(name), type};
    if (columns->items[c].name == NULL)
        return zf_error_memory(error, strlen(name), "the columns of building");
    columns->n++;
    columns->is_hidden[c] = name[0] == '\0';
    for (size_t before = 0; before < c && !columns->is_hidden[c]; before++)
        columns->is_hidden[c] = zf_string_equal_nocase(columns->items[before].name, name);
    return ZF_OK;
}

void zf_sql_columns_deinit(zf_sql_columns *columns) {
    for (size_t c = 0; c < columns->n; c++)
        free((char *)(uintptr_t)columns->items[c].name);
    free(columns->items);
    free(columns->is_used);
    free(columns->is_hidden);
    free(columns->is_text_compared);
    free(columns->is_number_text);
    *columns = (zf_sql_columns){0};
}

const char *zf_sql_columns_nearest(const zf_sql_columns *columns, const char *other, const char *word) {
    const char **names = malloc((columns->n + 1) * sizeof *names);
    size_t n = 0;
    if (names == NULL)
        return NULL;
    if (other != NULL)
        names[n++] = other;
    for (size_t c = 0; c < columns->n; c++)
        if (!columns->is_hidden[c])
            names[n++] = columns->items[c].name;
    const char *nearest = zf_string_nearest(word, names, n);
    free(names);
    return nearest;
}

/* The feature id and the measures, which every layer has. */
static bool is_everywhere(const char *name) {
    return zf_string_equal_nocase(name, "fid") || zf_measure_by_name(name) != ZF_MEASURE_KINDS;
}

void zf_sql_columns_append_names(const zf_sql_columns *columns, size_t n_before, zf_text *text) {
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++) /* the layer's own fields first */
        for (size_t c = 0; c < columns->n; c++) {
            if (is_everywhere(columns->items[c].name) != (pass == 1) || columns->is_hidden[c] ||
                n++ >= MAX_LISTED)
                continue;
            zf_text_append(text, n_before + n == 1 ? "" : ", ");
            zf_sql_append_name(text, columns->items[c].name);
        }
    if (n > MAX_LISTED)
        zf_text_append_format(text, " and %zu more", n - MAX_LISTED);
}

bool zf_sql_is_word_byte(unsigned char c) {
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

bool zf_sql_needs_quotes(const char *name) {
    bool is_plain = name[0] < '0' || name[0] > '9';
    for (const char *c = name; is_plain && *c != '\0'; c++)
        is_plain = zf_sql_is_word_byte((unsigned char)*c);
    return !is_plain || sqlite3_keyword_check(name, (int)strlen(name));
}

void zf_sql_append_name(zf_text *text, const char *name) {
    if (zf_sql_needs_quotes(name))
        zf_text_append_identifier(text, name);
    else
        zf_text_append(text, name);
}

/* ---- what SQLite says of a statement ---- */

/* The bytes of a text, at most n, that end with a whole character. */
static size_t whole_characters(const char *text, size_t n) {
    size_t length = strlen(text);
    if (length <= n)
        return length;
    while (n > 0 && zf_utf8_is_continuation(text[n]))
        n--;
    return n;
}

void zf_sql_message(sqlite3 *db, char out[ZF_SQL_MESSAGE_BYTES]) {
    static const char no_column[] = "no such column: ";
    const char *said = sqlite3_errmsg(db);
    const size_t n = whole_characters(said, ZF_SQL_MESSAGE_BYTES - 1);
    memcpy(out, said, n);
    out[n] = '\0';
    char *name = out + sizeof no_column - 1, *end = strstr(out, "\" - should this be");
    if (zf_sql_message_after(out, no_column) == NULL || name[0] != '"' || end == NULL || end == name)
        return;
    *end = '\0';
    memmove(name, name + 1, strlen(name));
}

const char *zf_sql_message_after(const char *message, const char *begin) {
    const size_t n = strlen(begin);
    return strncmp(message, begin, n) == 0 ? message + n : NULL;
}

void zf_sql_append_line(zf_text *text, const char *line, size_t n) {
    n = whole_characters(line, n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_n(text, (unsigned char)line[i] < ' ' ? " " : line + i, 1);
    if (line[n] != '\0')
        zf_text_append(text, "...");
}

zf_status zf_sql_finish_words(zf_text *words, zf_status status, zf_domain domain, zf_error *error) {
    status = words->is_failed ? zf_error_memory(error, 0, "an error message")
                              : zf_error_set(error, status, domain, "%s", words->bytes);
    zf_text_deinit(words);
    return status;
}
