/* SPDX-License-Identifier: MIT */
#include "cli/diff_report.h"
#include "cli/cells.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256, TEXT_BYTES = 60 };

static void append_printable(zf_text *out, const char *text) {
    char name[NAME_BYTES];
    zf_text_append(out, zf_cli_printable(text, strlen(text), name, sizeof name));
}

static void append_value(zf_text *out, const zf_value *value) {
    char text[TEXT_BYTES];
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        zf_text_append_format(out, "%" PRId64, value->as.integer);
        return;
    case ZF_VALUE_REAL:
        if (isfinite(value->as.real))
            zf_text_append_json_number(out, value->as.real);
        else
            zf_text_append(out, value->as.real > 0 ? "inf" : "-inf");
        return;
    case ZF_VALUE_TEXT:
        zf_text_append_format(
            out, "'%s'",
            zf_cli_printable((const char *)value->as.bytes.bytes, value->as.bytes.n, text, sizeof text));
        return;
    case ZF_VALUE_BLOB:
        zf_text_append_format(out, "(%zu bytes)", value->as.bytes.n);
        return;
    case ZF_VALUE_NULL:
    default:
        zf_text_append(out, "NULL");
    }
}

static const char *const kind_names[ZF_DIFFERENCE_KINDS] = {"only_in_a", "only_in_b", "changed"};

static void append_row(zf_text *out, const zf_row_difference *row) {
    static const char marks[ZF_DIFFERENCE_KINDS] = {'-', '+', '~'};
    zf_text_append_format(out, "  %c", marks[row->kind]);
    for (size_t i = 0; i < row->n_key; i++) {
        zf_text_append(out, i == 0 ? " " : ", ");
        append_printable(out, row->key_columns[i]);
        zf_text_append(out, " ");
        append_value(out, &row->key[i]);
    }
    for (size_t i = 0; i < row->n_changed; i++) {
        const zf_changed_value *value = &row->changed[i];
        zf_text_append(out, i == 0 ? ": " : "; ");
        append_printable(out, value->column);
        zf_text_append(out, " ");
        append_value(out, &value->a);
        zf_text_append(out, " -> ");
        append_value(out, &value->b);
    }
    zf_text_append(out, "\n");
}

static void append_json_row(zf_text *out, const zf_row_difference *row) {
    zf_text_append_format(out, "%s\n        {\"kind\": \"%s\", \"key\": {", out->n > 0 ? "," : "",
                          kind_names[row->kind]);
    for (size_t i = 0; i < row->n_key; i++) {
        zf_text_append(out, i == 0 ? "" : ", ");
        zf_text_append_json(out, row->key_columns[i]);
        zf_text_append(out, ": ");
        zf_cli_append_json_value(out, &row->key[i]);
    }
    zf_text_append(out, "}, \"changed\": {");
    for (size_t i = 0; i < row->n_changed; i++) {
        zf_text_append(out, i == 0 ? "" : ", ");
        zf_text_append_json(out, row->changed[i].column);
        zf_text_append(out, ": [");
        zf_cli_append_json_value(out, &row->changed[i].a);
        zf_text_append(out, ", ");
        zf_cli_append_json_value(out, &row->changed[i].b);
        zf_text_append(out, "]");
    }
    zf_text_append(out, "}}");
}

/* The last table's rows, or a new one's; NULL without memory. */
static zf_diff_rows *rows_at_hand(zf_diff_report *l, const char *table) {
    if (l->n_tables > 0 && strcmp(l->tables[l->n_tables - 1].table, table) == 0)
        return &l->tables[l->n_tables - 1];
    zf_diff_rows *tables = realloc(l->tables, (l->n_tables + 1) * sizeof *tables);
    if (tables == NULL)
        return NULL;
    l->tables = tables;
    tables[l->n_tables] = (zf_diff_rows){.table = table};
    return &tables[l->n_tables++];
}

zf_status zf_diff_report_row(void *user, const zf_row_difference *row, zf_error *error) {
    zf_diff_report *l = user;
    zf_diff_rows *rows = rows_at_hand(l, row->table);
    if (rows == NULL)
        return zf_error_memory(error, sizeof *rows, "the list of differences");
    if (rows->n++ >= l->n_rows)
        return ZF_OK;
    if (l->is_json)
        append_json_row(&rows->text, row);
    else
        append_row(&rows->text, row);
    return rows->text.is_failed ? zf_error_memory(error, rows->text.n, "the list of differences") : ZF_OK;
}

static const zf_text *rows_of(const zf_diff_report *l, const char *table) {
    for (size_t i = 0; i < l->n_tables; i++)
        if (strcmp(l->tables[i].table, table) == 0)
            return &l->tables[i].text;
    return NULL;
}

static void append_columns(zf_text *out, const zf_table_difference *table) {
    char number[32];
    for (size_t i = 0; i < table->n_columns; i++) {
        const zf_changed_column *column = &table->columns[i];
        if (column->n == 0)
            continue;
        zf_text_append(out, "  ");
        append_printable(out, column->name);
        zf_text_append_format(out, ": %s row%s", zf_format_grouped(column->n, number),
                              column->n == 1 ? "" : "s");
        if (column->max_delta > 0)
            zf_text_append_format(out, ", by at most %.6g", column->max_delta);
        zf_text_append(out, "\n");
    }
}

/* "only in NAME", of a result's name or its letter. */
static void append_only_in(zf_text *out, const char *name, const char *letter) {
    zf_text_append(out, "only in ");
    append_printable(out, name != NULL ? name : letter);
}

static void append_columns_only_in(zf_text *out, const char *name, const char *letter, const char *columns) {
    zf_text_append(out, "  columns ");
    append_only_in(out, name, letter);
    zf_text_append_format(out, ": %s\n", columns);
}

static void append_table(zf_text *out, const zf_table_difference *table, const zf_diff_report *l) {
    char number[32];
    uint64_t n = table->n[ZF_ONLY_IN_A] + table->n[ZF_ONLY_IN_B] + table->n[ZF_CHANGED];
    append_printable(out, table->name);
    if (table->is_in_a != table->is_in_b) {
        zf_text_append(out, ": ");
        append_only_in(out, table->is_in_a ? l->name_a : l->name_b, table->is_in_a ? "A" : "B");
        zf_text_append(out, "\n");
        return;
    }
    if (!zf_table_differs(table)) {
        zf_text_append_format(out, ": the same %s rows\n", zf_format_grouped(table->n_rows_a, number));
        return;
    }
    zf_text_append_format(out, ": %s ", zf_format_grouped(table->n[ZF_ONLY_IN_A], number));
    append_only_in(out, l->name_a, "A");
    zf_text_append_format(out, ", %s ", zf_format_grouped(table->n[ZF_ONLY_IN_B], number));
    append_only_in(out, l->name_b, "B");
    zf_text_append_format(out, ", %s changed\n", zf_format_grouped(table->n[ZF_CHANGED], number));
    if (table->columns_only_in_a != NULL)
        append_columns_only_in(out, l->name_a, "A", table->columns_only_in_a);
    if (table->columns_only_in_b != NULL)
        append_columns_only_in(out, l->name_b, "B", table->columns_only_in_b);
    append_columns(out, table);
    const zf_text *rows = rows_of(l, table->name);
    if (rows != NULL && rows->n > 0)
        zf_text_append(out, rows->bytes);
    if (n > l->n_rows)
        zf_text_append_format(out, "  ... and %s more\n", zf_format_grouped(n - l->n_rows, number));
}

static void append_json_names(zf_text *out, const char *key, const char *names) {
    zf_text_append_format(out, ", \"%s\": ", key);
    zf_text_append_json(out, names);
}

static void append_json_table(zf_text *out, const zf_table_difference *table, const zf_diff_report *l) {
    zf_text_append(out, "\n    {\"table\": ");
    zf_text_append_json(out, table->name);
    zf_text_append_format(out,
                          ", \"is_in_a\": %s, \"is_in_b\": %s, \"rows_a\": %" PRIu64 ", \"rows_b\": %" PRIu64,
                          table->is_in_a ? "true" : "false", table->is_in_b ? "true" : "false",
                          table->n_rows_a, table->n_rows_b);
    for (int kind = 0; kind < ZF_DIFFERENCE_KINDS; kind++)
        zf_text_append_format(out, ", \"%s\": %" PRIu64, kind_names[kind], table->n[kind]);
    append_json_names(out, "columns_only_in_a", table->columns_only_in_a);
    append_json_names(out, "columns_only_in_b", table->columns_only_in_b);
    zf_text_append(out, ",\n      \"columns\": {");
    for (size_t i = 0, n = 0; i < table->n_columns; i++) {
        if (table->columns[i].n == 0)
            continue;
        zf_text_append(out, n++ > 0 ? ", " : "");
        zf_text_append_json(out, table->columns[i].name);
        zf_text_append_format(out, ": {\"rows\": %" PRIu64 ", \"max_delta\": ", table->columns[i].n);
        zf_text_append_json_number(out, table->columns[i].max_delta);
        zf_text_append(out, "}");
    }
    zf_text_append(out, "},\n      \"rows\": [");
    const zf_text *rows = rows_of(l, table->name);
    if (rows != NULL && rows->n > 0)
        zf_text_append(out, rows->bytes);
    zf_text_append(out, rows != NULL ? "\n      ]}" : "]}");
}

void zf_diff_report_append_tables(const zf_diff_report *l, const zf_difference *d, zf_text *out) {
    for (size_t i = 0; i < d->n_tables; i++) {
        if (l->is_json && i > 0)
            zf_text_append(out, ",");
        if (l->is_json)
            append_json_table(out, &d->tables[i], l);
        else
            append_table(out, &d->tables[i], l);
    }
}

void zf_diff_report_deinit(zf_diff_report *l) {
    for (size_t i = 0; i < l->n_tables; i++)
        zf_text_deinit(&l->tables[i].text);
    free(l->tables);
    l->tables = NULL;
    l->n_tables = 0;
}
