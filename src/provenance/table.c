/* SPDX-License-Identifier: MIT */
/* A table of a result, row by row. */
#include "zonefold/table.h"
#include "provenance/table_names.h"

#include <stdlib.h>
#include <string.h>

struct zf_table_reader {
    zf_reader file;
    char *table;
    zf_named_columns all;
    zf_table_column *columns; /**< those that are read; names borrowed from `all` */
    zf_value *values;         /**< of the row, one for each of columns */
    zf_table_info info;
    sqlite3_stmt *rows;
};

/** "N:COLUMN" taken apart. */
typedef struct top_rows {
    uint64_t n; /**< 0: all rows */
    size_t column;
} top_rows;

static zf_status choose(zf_table_reader *reader, size_t column, zf_error *error) {
    const size_t n = reader->info.n_columns;
    zf_table_column *columns = realloc(reader->columns, (n + 1) * sizeof *columns);
    if (columns == NULL)
        return zf_error_memory(error, (n + 1) * sizeof *columns, "the columns of a table");
    reader->columns = columns;
    const zf_named_column *named = &reader->all.items[column];
    columns[n] = (zf_table_column){named->name, named->label, named->type, named->is_geometry};
    reader->info.columns = columns;
    reader->info.n_columns++;
    return ZF_OK;
}

static bool is_chosen(const zf_table_reader *reader, size_t column) {
    for (size_t i = 0; i < reader->info.n_columns; i++)
        if (reader->columns[i].name == reader->all.items[column].name)
            return true;
    return false;
}

/* The columns that were asked for, else all of the table that are wanted. */
static zf_status choose_columns(zf_table_reader *reader, const zf_table_options *options, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < options->n_columns; i++) {
        size_t column = 0;
        status = zf_find_column(&reader->all, reader->table, options->columns[i], "columns", &column, error);
        if (status == ZF_OK)
            status = choose(reader, column, error);
    }
    for (size_t i = 0; status == ZF_OK && i < reader->all.n; i++)
        if (reader->all.items[i].is_geometry ? options->has_geometry && !is_chosen(reader, i)
                                             : options->n_columns == 0)
            status = choose(reader, i, error);
    if (status == ZF_OK && reader->info.n_columns == 0) /* a table of nothing but geometries */
        status = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                              "the table %.200s has only geometries; name them in `columns`", reader->table);
    if (status != ZF_OK)
        return status;
    reader->values = calloc(reader->info.n_columns, sizeof *reader->values);
    return reader->values != NULL ? ZF_OK : zf_error_memory(error, 0, "a row of the table");
}

static zf_status parse_top(const zf_table_reader *reader, const char *top, top_rows *out, zf_error *error) {
    const size_t n_digits = top != NULL ? strspn(top, "0123456789") : 0;
    *out = (top_rows){0, 0};
    if (top == NULL)
        return ZF_OK;
    if (n_digits > 0 && n_digits < 10 && top[n_digits] == ':')
        out->n = strtoull(top, NULL, 10);
    if (out->n == 0) {
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                     "`top` takes a number of rows and a column, such as 5:important, not '%.200s'", top);
        return zf_error_parameter(error, ZF_E_USAGE, "top");
    }
    return zf_find_column(&reader->all, reader->table, top + n_digits + 1, "top", &out->column, error);
}

/* "SELECT columns FROM table ORDER BY rowid", or by the largest values. */
static zf_status open_rows(zf_table_reader *reader, const top_rows *top, zf_error *error) {
    zf_text sql = {0};
    for (size_t i = 0; i < reader->info.n_columns; i++) {
        zf_text_append(&sql, i == 0 ? "SELECT " : ", ");
        zf_text_append_identifier(&sql, reader->columns[i].name);
    }
    zf_text_append(&sql, " FROM ");
    zf_text_append_identifier(&sql, reader->table);
    zf_text_append(&sql, " ORDER BY ");
    if (top->n > 0) {
        zf_text_append_identifier(&sql, reader->all.items[top->column].name);
        zf_text_append(&sql, " DESC, ");
    }
    zf_text_append(&sql, "rowid");
    if (top->n > 0)
        zf_text_append_format(&sql, " LIMIT %llu", (unsigned long long)top->n);
    zf_status status = sql.is_failed
                           ? zf_error_memory(error, sql.n, "an SQL statement")
                           : zf_reader_prepare(&reader->file, &reader->rows, error, "%s", sql.bytes);
    zf_text_deinit(&sql);
    return status;
}

static zf_status open_table(zf_table_reader *reader, const zf_table_options *options, zf_error *error) {
    top_rows top = {0, 0};
    const char *name = options->table != NULL ? options->table : "zip_summary";
    zf_status status = zf_find_table(&reader->file, name, &reader->table, error);
    if (status == ZF_OK)
        status = zf_list_columns(&reader->file, reader->table, &reader->all, error);
    if (status == ZF_OK)
        status = choose_columns(reader, options, error);
    if (status == ZF_OK)
        status = parse_top(reader, options->top, &top, error);
    reader->info.table = reader->table;
    return status == ZF_OK ? open_rows(reader, &top, error) : status;
}

zf_status zf_table_open(const zf_table_options *options, const zf_callbacks *callbacks, zf_table_reader **out,
                        zf_error *error) {
    *out = NULL;
    zf_status status = zf_require(options->result, "result", error);
    if (status != ZF_OK)
        return status;
    zf_table_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return zf_error_memory(error, sizeof *reader, "a table of the result");
    status = zf_reader_open(options->result, callbacks, &reader->file, error);
    if (status == ZF_OK)
        status = open_table(reader, options, error);
    if (status == ZF_OK)
        *out = reader;
    else
        zf_table_close(reader);
    return status;
}

const zf_table_info *zf_table_get_info(const zf_table_reader *reader) {
    return &reader->info;
}

zf_reader *zf_table_file(zf_table_reader *reader) {
    return &reader->file;
}

zf_status zf_table_next(zf_table_reader *reader, const zf_value **out_values, zf_error *error) {
    zf_status status = zf_reader_step(&reader->file, reader->rows, error);
    for (size_t i = 0; status == ZF_OK && i < reader->info.n_columns; i++)
        reader->values[i] = zf_reader_value(reader->rows, (int)i);
    *out_values = reader->values;
    return status;
}

zf_status zf_table_count(zf_table_reader *reader, uint64_t *out_n, zf_error *error) {
    int64_t n = 0;
    zf_status status = zf_reader_ask(&reader->file, &n, error, "SELECT count(*) FROM \"%w\"", reader->table);
    *out_n = n > 0 ? (uint64_t)n : 0;
    return status;
}

void zf_table_close(zf_table_reader *reader) {
    if (reader == NULL)
        return;
    sqlite3_finalize(reader->rows);
    zf_reader_close(&reader->file);
    zf_named_columns_deinit(&reader->all);
    free(reader->columns);
    free(reader->values);
    free(reader->table);
    free(reader);
}
