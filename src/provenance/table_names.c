/* SPDX-License-Identifier: MIT */
#include "provenance/table_names.h"
#include "analysis/analysis.h"
#include "qgis/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names in a list of a message, which is cut off where the error ends. */
enum { MAX_LISTED = 60 };

/* "a, b, c" */
static void append_name(zf_text *list, const char *name) {
    zf_text_append_format(list, "%s%s", list->n > 0 ? ", " : "", name);
}

/* ZF_E_USAGE "<what> has no <kind> '<name>'", the nearest name, and all. */
static zf_status not_found(const char *what, const char *kind, const char *name, const char *near,
                           const zf_text *all, zf_error *error) {
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s has no %s '%.200s'%s%s%s; %ss: %.600s",
                        what, kind, name, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                        near != NULL ? "'?" : "", kind, all->bytes != NULL ? all->bytes : "none");
}

/* ---- tables ---- */

/* The tables whose hashes run_info records: those that a run made. */
static zf_status fail_without_table(zf_reader *reader, const char *name, zf_error *error) {
    static const size_t n_prefix = sizeof ZF_CONTENT_KEY; /* and the point */
    sqlite3_stmt *tables = NULL;
    zf_text all = {0};
    char *names[MAX_LISTED];
    size_t n = 0;
    zf_status status = zf_reader_prepare(
        reader, &tables, error,
        "SELECT substr(key,%d) FROM run_info WHERE substr(key,1,%d)='" ZF_CONTENT_KEY ".' ORDER BY rowid",
        (int)n_prefix + 1, (int)n_prefix);
    while (status == ZF_OK && n < MAX_LISTED && (status = zf_reader_step(reader, tables, error)) == ZF_OK) {
        names[n] = zf_string_copy((const char *)sqlite3_column_text(tables, 0));
        if (names[n] == NULL)
            status = zf_error_memory(error, 0, "the name of a table");
        else
            append_name(&all, names[n++]);
    }
    sqlite3_finalize(tables);
    if (status == ZF_OK || status == ZF_DONE) {
        const char *near = zf_string_nearest(name, (const char *const *)names, n);
        status = not_found("the result", "table", name, near, &all, error);
        zf_error_at(error, status, reader->path, NULL, ZF_NO_FID);
        zf_error_parameter(error, status, "table");
    }
    while (n > 0)
        free(names[--n]);
    zf_text_deinit(&all);
    return status;
}

zf_status zf_find_table(zf_reader *reader, const char *name, char **out, zf_error *error) {
    sqlite3_stmt *found = NULL;
    *out = NULL;
    zf_status status = zf_reader_prepare(
        reader, &found, error,
        "SELECT name FROM sqlite_master WHERE type='table' AND name='%q' COLLATE NOCASE", name);
    if (status == ZF_OK)
        status = zf_reader_step(reader, found, error);
    if (status == ZF_OK) {
        *out = zf_string_copy((const char *)sqlite3_column_text(found, 0));
        if (*out == NULL)
            status = zf_error_memory(error, strlen(name), "the name of a table");
    }
    sqlite3_finalize(found);
    return status == ZF_DONE ? fail_without_table(reader, name, error) : status;
}

/* ---- columns ---- */

/* Whether a table is one of an analysis: histogram_height_5 of histogram. */
static bool is_of_analysis(const char *table, const zf_analysis *analysis) {
    const size_t n = strlen(analysis->name);
    return strncmp(table, analysis->name, n) == 0 && (table[n] == '\0' || table[n] == '_');
}

/* The label with its unit, as QGIS shows it; nothing where there is none but the name. */
static void append_label(zf_text *out, const char *table, const char *column) {
    static const struct {
        const char *table;
        zf_output_layer_kind kind;
    } kinds[] = {{"zip_summary", ZF_OUTPUT_LAYER_ZIPS},
                 {"important_building", ZF_OUTPUT_LAYER_BUILDINGS},
                 {"zip_group", ZF_OUTPUT_LAYER_GROUP},
                 {"rejected_feature", ZF_OUTPUT_LAYER_REJECTED}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].table, table) == 0) {
            zf_style_append_label(out, kinds[i].kind, column);
            return;
        }
    if (strncmp(table, "run_", 4) == 0)
        return;
    size_t n = 0;
    const zf_analysis *const *analyses = zf_analyses(&n);
    for (size_t i = 0; i < n; i++)
        if (is_of_analysis(table, analyses[i]) &&
            zf_analysis_append_label(out, analyses[i], analyses[i]->table.columns,
                                     analyses[i]->table.n_columns, column))
            return;
    zf_style_append_label(out, ZF_OUTPUT_LAYER_QUERY, column);
}

/* The type by SQLite's rules of affinity, as far as results use them. */
static zf_field_type type_of(const char *declared) {
    zf_field_type type = ZF_FIELD_BLOB;
    char upper[32] = "";
    for (size_t i = 0; declared != NULL && declared[i] != '\0' && i + 1 < sizeof upper; i++)
        upper[i] = (char)(declared[i] >= 'a' && declared[i] <= 'z' ? declared[i] - 32 : declared[i]);
    if (strstr(upper, "INT") != NULL && strstr(upper, "POINT") == NULL)
        type = ZF_FIELD_INTEGER;
    else if (strstr(upper, "CHAR") != NULL || strstr(upper, "TEXT") != NULL || strstr(upper, "CLOB") != NULL)
        type = ZF_FIELD_TEXT;
    else if (strstr(upper, "REAL") != NULL || strstr(upper, "DOUB") != NULL || strstr(upper, "FLOA") != NULL)
        type = ZF_FIELD_REAL;
    return type;
}

static zf_status add_column(zf_named_columns *columns, const char *table, const char *name,
                            const char *declared, zf_error *error) {
    zf_named_column *items = realloc(columns->items, (columns->n + 1) * sizeof *items);
    zf_text label = {0};
    if (items != NULL)
        columns->items = items;
    if (items == NULL || name == NULL)
        return zf_error_memory(error, (columns->n + 1) * sizeof *items, "the columns of a table");
    append_label(&label, table, name);
    zf_named_column *column = &items[columns->n++];
    *column = (zf_named_column){.name = zf_string_copy(name), .type = type_of(declared)};
    column->label = zf_string_copy(label.bytes != NULL ? label.bytes : name);
    const bool is_failed = label.is_failed || column->name == NULL || column->label == NULL;
    zf_text_deinit(&label);
    return is_failed ? zf_error_memory(error, strlen(name), "the name of a column") : ZF_OK;
}

/* Marks the geometry columns that SpatiaLite's metadata lists; a file without metadata has none. */
static zf_status mark_geometries(zf_reader *reader, const char *table, zf_named_columns *columns,
                                 zf_error *error) {
    sqlite3_stmt *layers = NULL;
    bool has_metadata = false;
    zf_status status = zf_reader_has_table(reader, "geometry_columns", &has_metadata, error);
    if (status != ZF_OK || !has_metadata)
        return status;
    status = zf_reader_prepare(
        reader, &layers, error,
        "SELECT f_geometry_column FROM geometry_columns WHERE f_table_name='%q' COLLATE NOCASE", table);
    while (status == ZF_OK && (status = zf_reader_step(reader, layers, error)) == ZF_OK) {
        const char *name = (const char *)sqlite3_column_text(layers, 0);
        for (size_t i = 0; name != NULL && i < columns->n; i++)
            if (zf_string_equal_nocase(columns->items[i].name, name)) {
                columns->items[i].is_geometry = true;
                columns->items[i].type = ZF_FIELD_BLOB;
            }
    }
    sqlite3_finalize(layers);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_list_columns(zf_reader *reader, const char *table, zf_named_columns *out, zf_error *error) {
    sqlite3_stmt *columns = NULL;
    zf_status status = zf_reader_prepare(
        reader, &columns, error, "SELECT name, type FROM pragma_table_info('%q') ORDER BY cid", table);
    while (status == ZF_OK && (status = zf_reader_step(reader, columns, error)) == ZF_OK)
        status = add_column(out, table, (const char *)sqlite3_column_text(columns, 0),
                            (const char *)sqlite3_column_text(columns, 1), error);
    sqlite3_finalize(columns);
    return status == ZF_DONE ? mark_geometries(reader, table, out, error) : status;
}

void zf_named_columns_deinit(zf_named_columns *columns) {
    for (size_t i = 0; i < columns->n; i++) {
        free(columns->items[i].name);
        free(columns->items[i].label);
    }
    free(columns->items);
    *columns = (zf_named_columns){0};
}

static zf_status fail_without_column(const zf_named_columns *columns, const char *table, const char *name,
                                     const char *parameter, zf_error *error) {
    char what[256];
    zf_text all = {0};
    const char **names = calloc(columns->n + 1, sizeof *names);
    if (names == NULL)
        return zf_error_memory(error, columns->n * sizeof *names, "the names of columns");
    for (size_t i = 0; i < columns->n; i++) {
        names[i] = columns->items[i].name;
        append_name(&all, names[i]);
    }
    (void)snprintf(what, sizeof what, "the table %.200s", table);
    zf_status status =
        not_found(what, "column", name, zf_string_nearest(name, names, columns->n), &all, error);
    free(names);
    zf_text_deinit(&all);
    return zf_error_parameter(error, status, parameter);
}

zf_status zf_find_column(const zf_named_columns *columns, const char *table, const char *name,
                         const char *parameter, size_t *out, zf_error *error) {
    for (size_t i = 0; i < columns->n; i++)
        if (strcmp(columns->items[i].name, name) == 0) {
            *out = i;
            return ZF_OK;
        }
    for (size_t i = 0; i < columns->n; i++)
        if (zf_string_equal_nocase(columns->items[i].name, name)) {
            *out = i;
            return ZF_OK;
        }
    return fail_without_column(columns, table, name, parameter, error);
}
