/* SPDX-License-Identifier: MIT */
/* Compares two results: reads each table of both in the order of its key. */
#include "zonefold/diff.h"
#include "provenance/result_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The columns that identify a row of a table, and those that are not compared. */
typedef struct table_key {
    const char *table;
    const char *key[2];     /**< NULL: none */
    const char *ignored[3]; /**< numbers that follow from the order of rows */
    const char *after_key;  /**< all columns before it that are not ignored are the key, too; NULL: none */
} table_key;

static const table_key keys[] = {
    {"zip_summary", {"zip", NULL}, {NULL}, NULL},
    {"important_building", {"zip", "building_fid"}, {"id", "zip_rank", NULL}, NULL},
    {"zip_group", {"zip", NULL}, {"zip_rank", NULL}, "buildings"},
    {"rejected_feature", {NULL, NULL}, {"id", NULL}, NULL},
    {"run_count", {"name", NULL}, {NULL}, NULL},
    {"run_area", {"name", NULL}, {NULL}, NULL},
    {"run_funnel", {"step", NULL}, {NULL}, NULL},
    {"run_info", {"key", NULL}, {NULL}, NULL},
    {"run_input", {"role", "file"}, {"id", NULL}, NULL},
};
static const table_key no_key = {NULL, {NULL, NULL}, {"id", "zip_rank", NULL}, NULL};

/** The key of a table; tables that are not listed have none. */
static const table_key *key_of(const char *table) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].table, table) == 0)
            return &keys[i];
    return &no_key;
}

/** Whether a column is not compared. */
static bool is_ignored(const table_key *key, const char *column) {
    for (size_t i = 0; i < 3 && key->ignored[i] != NULL; i++)
        if (strcmp(key->ignored[i], column) == 0)
            return true;
    return false;
}

static bool is_key(const table_key *key, const char *column) {
    return (key->key[0] != NULL && strcmp(key->key[0], column) == 0) ||
           (key->key[1] != NULL && strcmp(key->key[1], column) == 0);
}

/* ---- values in SQLite's order ---- */

/** The rank of a kind of value in SQLite's order: NULL, numbers, texts, blobs. */
static int rank_of(zf_value_kind kind) {
    return kind == ZF_VALUE_NULL ? 0 : kind == ZF_VALUE_TEXT ? 2 : kind == ZF_VALUE_BLOB ? 3 : 1;
}

/** Orders bytewise; a prefix comes first. */
static int compare_bytes(zf_bytes a, zf_bytes b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.bytes, b.bytes, n) : 0;
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/** Orders two values as SQLite does. */
static int compare_values(const zf_value *a, const zf_value *b) {
    int rank_a = rank_of(a->kind), rank_b = rank_of(b->kind);
    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    if (rank_a == 0)
        return 0;
    if (rank_a > 1)
        return compare_bytes(a->as.bytes, b->as.bytes);
    if (a->kind == ZF_VALUE_INTEGER && b->kind == ZF_VALUE_INTEGER)
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    double x = zf_value_number(a), y = zf_value_number(b);
    return (x > y) - (x < y);
}

/* ---- a table ---- */

/** Two readings of a table that both results have. */
typedef struct pair {
    zf_reader *reader[2];
    sqlite3_stmt *rows[2];
    bool is_open[2]; /**< stands on a row */
    const table_key *key;
    zf_table_difference *table;
    const char **names; /**< of the columns that both have: those of the key first */
    size_t n_key, n;
    zf_value *values[2];       /**< n each, of the current rows */
    zf_changed_value *changed; /**< n */
    zf_row_differs *differs;
    void *user;
} pair;

/** Reads the next row of one side. */
static zf_status advance(pair *p, int side, zf_error *error) {
    zf_status status = zf_reader_step(p->reader[side], p->rows[side], error);
    p->is_open[side] = status == ZF_OK;
    if (status != ZF_OK)
        return status == ZF_DONE ? ZF_OK : status;
    for (size_t i = 0; i < p->n; i++)
        p->values[side][i] = zf_reader_value(p->rows[side], (int)i);
    *(side == 0 ? &p->table->n_rows_a : &p->table->n_rows_b) += 1;
    return ZF_OK;
}

/** Counts a row that differs, and passes it to the caller. */
static zf_status report_row(pair *p, zf_difference_kind kind, size_t n_changed, zf_error *error) {
    zf_row_difference row = {.table = p->table->name,
                             .kind = kind,
                             .key_columns = p->names,
                             .key = p->values[kind == ZF_ONLY_IN_B],
                             .n_key = p->n_key,
                             .changed = p->changed,
                             .n_changed = n_changed};
    p->table->n[kind]++;
    return p->differs != NULL ? p->differs(p->user, &row, error) : ZF_OK;
}

/** Compares two rows with the same key, column by column. */
static zf_status compare_rows(pair *p, zf_error *error) {
    size_t n_changed = 0;
    for (size_t i = p->n_key; i < p->n; i++) {
        const zf_value *a = &p->values[0][i], *b = &p->values[1][i];
        zf_changed_column *column = &p->table->columns[i];
        if (compare_values(a, b) == 0)
            continue;
        double delta = fabs(zf_value_number(b) - zf_value_number(a));
        column->n++;
        column->max_delta = delta > column->max_delta ? delta : column->max_delta;
        p->changed[n_changed++] = (zf_changed_value){p->names[i], *a, *b};
    }
    return n_changed > 0 ? report_row(p, ZF_CHANGED, n_changed, error) : ZF_OK;
}

/** Orders the current rows by key; a side without a row comes last. */
static int compare_keys(const pair *p) {
    int order = 0;
    if (!p->is_open[0] || !p->is_open[1])
        return p->is_open[0] ? -1 : 1;
    for (size_t i = 0; order == 0 && i < p->n_key; i++)
        order = compare_values(&p->values[0][i], &p->values[1][i]);
    return order;
}

/** Walks through both tables in the order of the key and reports each row that differs. */
static zf_status merge(pair *p, zf_error *error) {
    zf_status status = advance(p, 0, error);
    if (status == ZF_OK)
        status = advance(p, 1, error);
    while (status == ZF_OK && (p->is_open[0] || p->is_open[1])) {
        int order = compare_keys(p);
        status = order < 0   ? report_row(p, ZF_ONLY_IN_A, 0, error)
                 : order > 0 ? report_row(p, ZF_ONLY_IN_B, 0, error)
                             : compare_rows(p, error);
        if (status == ZF_OK && order <= 0)
            status = advance(p, 0, error);
        if (status == ZF_OK && order >= 0)
            status = advance(p, 1, error);
    }
    return status;
}

/** Prepares "SELECT key, others FROM table ORDER BY key", without the rows of run_info that hold hashes. */
static zf_status open_rows(pair *p, int side, zf_error *error) {
    zf_text sql = {0};
    for (size_t i = 0; i < p->n; i++) {
        zf_text_append(&sql, i == 0 ? "SELECT " : ", ");
        zf_text_append_identifier(&sql, p->names[i]);
    }
    zf_text_append(&sql, " FROM ");
    zf_text_append_identifier(&sql, p->table->name);
    if (strcmp(p->table->name, "run_info") == 0)
        zf_text_append(&sql, " WHERE key NOT LIKE '" ZF_CONTENT_KEY "%'");
    for (size_t i = 0; i < p->n_key; i++) {
        zf_text_append(&sql, i == 0 ? " ORDER BY " : ", ");
        zf_text_append_identifier(&sql, p->names[i]);
    }
    zf_status status = sql.is_failed
                           ? zf_error_memory(error, sql.n, "an SQL statement")
                           : zf_reader_prepare(p->reader[side], &p->rows[side], error, "%s", sql.bytes);
    zf_text_deinit(&sql);
    return status;
}

/** Compares the rows of a table that both results have. */
static zf_status compare_contents(pair *p, zf_error *error) {
    zf_status status = ZF_OK;
    p->values[0] = calloc(p->n + 1, sizeof *p->values[0]);
    p->values[1] = calloc(p->n + 1, sizeof *p->values[1]);
    p->changed = calloc(p->n + 1, sizeof *p->changed);
    if (p->values[0] == NULL || p->values[1] == NULL || p->changed == NULL)
        status = zf_error_memory(error, p->n * sizeof *p->changed, "two rows");
    for (int side = 0; status == ZF_OK && side < 2; side++)
        status = open_rows(p, side, error);
    if (status == ZF_OK)
        status = merge(p, error);
    sqlite3_finalize(p->rows[0]);
    sqlite3_finalize(p->rows[1]);
    free(p->values[0]);
    free(p->values[1]);
    free(p->changed);
    return status;
}

/* ---- columns ---- */

/** Appends a name to a list with commas. */
static zf_status note_only(char **list, const char *name, zf_error *error) {
    char *longer = NULL;
    if (asprintf(&longer, "%s%s%s", *list != NULL ? *list : "", *list != NULL ? ", " : "", name) < 0)
        return zf_error_memory(error, strlen(name), "the name of a column");
    free(*list);
    *list = longer;
    return ZF_OK;
}

/** Appends a column that both tables have. */
static zf_status add_column(zf_table_difference *table, const char *name, zf_error *error) {
    zf_changed_column *columns = realloc(table->columns, (table->n_columns + 1) * sizeof *columns);
    if (columns != NULL)
        table->columns = columns;
    char *copy = columns != NULL ? zf_string_copy(name) : NULL;
    if (copy == NULL)
        return zf_error_memory(error, strlen(name), "the name of a column");
    columns[table->n_columns++] = (zf_changed_column){.name = copy};
    return ZF_OK;
}

/** Lists the columns that both sides have, of the key or the others; notes those that only one side has. */
static zf_status list_columns(pair *p, int side, bool wants_key, zf_error *error) {
    sqlite3_stmt *columns = NULL;
    zf_table_difference *table = p->table;
    bool is_before = p->key->after_key != NULL;
    zf_status status =
        zf_reader_prepare(p->reader[side], &columns, error,
                          "SELECT name FROM pragma_table_info('%q') ORDER BY cid", table->name);
    while (status == ZF_OK && (status = zf_reader_step(p->reader[side], columns, error)) == ZF_OK) {
        const char *name = (const char *)sqlite3_column_text(columns, 0);
        bool is_common = false;
        if (is_ignored(p->key, name))
            continue;
        is_before = is_before && strcmp(name, p->key->after_key) != 0;
        const bool is_in_key = is_before || is_key(p->key, name);
        status = zf_reader_has_column(p->reader[1 - side], table->name, name, &is_common, error);
        if (status == ZF_OK && side == 0 && is_common && is_in_key == wants_key)
            status = add_column(table, name, error);
        if (status == ZF_OK && !is_common && !wants_key)
            status =
                note_only(side == 0 ? &table->columns_only_in_a : &table->columns_only_in_b, name, error);
    }
    sqlite3_finalize(columns);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Lists the columns that both sides have, those of the key first. Without a key, all columns are the key. */
static zf_status settle_columns(pair *p, zf_error *error) {
    zf_status status = list_columns(p, 0, true, error);
    p->n_key = p->table->n_columns;
    if (status == ZF_OK)
        status = list_columns(p, 0, false, error);
    if (status == ZF_OK)
        status = list_columns(p, 1, false, error);
    p->n = p->table->n_columns;
    if (p->n_key == 0)
        p->n_key = p->n;
    if (status != ZF_OK)
        return status;
    p->names = calloc(p->n + 1, sizeof *p->names);
    if (p->names == NULL)
        return zf_error_memory(error, p->n * sizeof *p->names, "the names of columns");
    for (size_t i = 0; i < p->n; i++)
        p->names[i] = p->table->columns[i].name;
    return ZF_OK;
}

/* ---- all tables ---- */

/** Appends a table unless it is in the list. */
static zf_status add_table(zf_difference *d, const char *name, zf_error *error) {
    for (size_t i = 0; i < d->n_tables; i++)
        if (strcmp(d->tables[i].name, name) == 0)
            return ZF_OK;
    zf_table_difference *tables = realloc(d->tables, (d->n_tables + 1) * sizeof *tables);
    if (tables != NULL)
        d->tables = tables;
    char *copy = tables != NULL ? zf_string_copy(name) : NULL;
    if (copy == NULL)
        return zf_error_memory(error, strlen(name), "the name of a table");
    tables[d->n_tables++] = (zf_table_difference){.name = copy};
    return ZF_OK;
}

/** Lists the tables of which a result has a hash. */
static zf_status list_tables(zf_reader *reader, zf_difference *d, zf_error *error) {
    static const size_t n_prefix = sizeof ZF_CONTENT_KEY; /* and the point */
    sqlite3_stmt *names = NULL;
    zf_status status = zf_reader_prepare(
        reader, &names, error,
        "SELECT substr(key,%d) FROM run_info WHERE substr(key,1,%d)='" ZF_CONTENT_KEY ".' ORDER BY rowid",
        (int)n_prefix + 1, (int)n_prefix);
    while (status == ZF_OK && (status = zf_reader_step(reader, names, error)) == ZF_OK)
        status = add_table(d, (const char *)sqlite3_column_text(names, 0), error);
    sqlite3_finalize(names);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Compares one table, if both results have it. */
static zf_status compare_table(zf_reader readers[2], zf_table_difference *table, zf_row_differs *differs,
                               void *user, zf_error *error) {
    pair p = {.reader = {&readers[0], &readers[1]},
              .key = key_of(table->name),
              .table = table,
              .differs = differs,
              .user = user};
    zf_status status = zf_reader_has_table(&readers[0], table->name, &table->is_in_a, error);
    if (status == ZF_OK)
        status = zf_reader_has_table(&readers[1], table->name, &table->is_in_b, error);
    if (status != ZF_OK || !table->is_in_a || !table->is_in_b)
        return status;
    status = settle_columns(&p, error);
    if (status == ZF_OK && p.n > 0)
        status = compare_contents(&p, error);
    free(p.names);
    return status;
}

bool zf_table_differs(const zf_table_difference *table) {
    return table->is_in_a != table->is_in_b || table->columns_only_in_a != NULL ||
           table->columns_only_in_b != NULL ||
           table->n[ZF_ONLY_IN_A] + table->n[ZF_ONLY_IN_B] + table->n[ZF_CHANGED] > 0;
}

bool zf_difference_is_any(const zf_difference *difference) {
    for (size_t i = 0; i < difference->n_tables; i++)
        if (zf_table_differs(&difference->tables[i]))
            return true;
    return false;
}

zf_status zf_diff(const zf_diff_options *options, const zf_callbacks *callbacks, zf_row_differs *differs,
                  void *user, zf_difference *out, zf_error *error) {
    zf_reader readers[2] = {{0}};
    *out = (zf_difference){0};
    zf_status status = zf_require(options->a, "a", error);
    if (status == ZF_OK)
        status = zf_require(options->b, "b", error);
    if (status == ZF_OK)
        status = zf_reader_open(options->a, callbacks, &readers[0], error);
    if (status == ZF_OK)
        status = zf_reader_open(options->b, callbacks, &readers[1], error);
    for (int side = 0; status == ZF_OK && side < 2; side++)
        status = list_tables(&readers[side], out, error);
    for (size_t i = 0; status == ZF_OK && i < out->n_tables; i++) {
        zf_progress_report(callbacks, "diff", i, out->n_tables);
        status = compare_table(readers, &out->tables[i], differs, user, error);
    }
    zf_reader_close(&readers[0]);
    zf_reader_close(&readers[1]);
    if (status != ZF_OK)
        zf_difference_deinit(out);
    return status;
}

void zf_difference_deinit(zf_difference *difference) {
    for (size_t i = 0; i < difference->n_tables; i++) {
        zf_table_difference *table = &difference->tables[i];
        for (size_t c = 0; c < table->n_columns; c++)
            free(table->columns[c].name);
        free(table->columns);
        free(table->columns_only_in_a);
        free(table->columns_only_in_b);
        free(table->name);
    }
    free(difference->tables);
    *difference = (zf_difference){0};
}
