/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/terminal.h"
#include "result/diff.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { EXIT_WITH_FINDINGS = 1, ROWS_BY_DEFAULT = 20, MAX_ROWS = 1000000, NAME_BYTES = 256, TEXT_BYTES = 60 };

typedef struct diff_target {
    zf_cli_format format;
    size_t n_rows;
    bool is_quiet;
} diff_target;

static const zf_option options[] = {
    {.group = "Options",
     .name = "rows",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = MAX_ROWS,
     .offset = offsetof(diff_target, n_rows),
     .help = "Rows of each table that are listed; all are counted. Default: 20."},
    {.group = "Options",
     .name = "format",
     .kind = ZF_OPTION_CHOICE,
     .choice = zf_cli_format_name,
     .offset = offsetof(diff_target, format),
     .help = "Form of the answer on standard output. Default: text."},
    {.group = "Options",
     .name = "quiet",
     .short_name = 'q',
     .kind = ZF_OPTION_FLAG,
     .offset = offsetof(diff_target, is_quiet),
     .help = "No progress on standard error."},
    {.group = "Options",
     .name = "help",
     .short_name = 'h',
     .kind = ZF_OPTION_HELP,
     .help = "Show this help."},
};

const zf_option_table zf_cli_diff_table = {
    .command = "diff",
    .summary = "what differs between two result files",
    .usage = "zonefold diff A B [OPTION]...",
    .description =
        "Compares two result files table by table: ZIPs and buildings that only one of them has, those that "
        "changed, in which columns and by how much; versions, options and inputs that explain it. Exit "
        "status 1 when anything differs.",
    .examples = "zonefold diff before.sqlite after.sqlite\n"
                "zonefold diff --format json --rows 1000 before.sqlite after.sqlite",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/** Rows as they are found, table by table. */
typedef struct listing {
    bool is_json;
    size_t n_rows; /**< at most, of each table */
    const char *table;
    size_t n;      /**< of this table, so far */
    zf_text *text; /**< of this table's rows */
    zf_text rows[64];
    const char *tables[64];
    size_t n_tables;
} listing;

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

static void append_json_value(zf_text *out, const zf_value *value) {
    zf_text copy = {0};
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        zf_text_append_format(out, "%" PRId64, value->as.integer);
        return;
    case ZF_VALUE_REAL:
        zf_text_append_json_number(out, value->as.real);
        return;
    case ZF_VALUE_TEXT: /* a NUL for zf_text_append_json */
        zf_text_append_n(&copy, (const char *)value->as.bytes.bytes, value->as.bytes.n);
        zf_text_append_json(out, copy.bytes != NULL ? copy.bytes : "");
        out->is_failed |= copy.is_failed;
        zf_text_deinit(&copy);
        return;
    case ZF_VALUE_BLOB:
        zf_text_append_format(out, "{\"bytes\": %zu}", value->as.bytes.n);
        return;
    case ZF_VALUE_NULL:
    default:
        zf_text_append(out, "null");
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
        append_json_value(out, &row->key[i]);
    }
    zf_text_append(out, "}, \"changed\": {");
    for (size_t i = 0; i < row->n_changed; i++) {
        zf_text_append(out, i == 0 ? "" : ", ");
        zf_text_append_json(out, row->changed[i].column);
        zf_text_append(out, ": [");
        append_json_value(out, &row->changed[i].a);
        zf_text_append(out, ", ");
        append_json_value(out, &row->changed[i].b);
        zf_text_append(out, "]");
    }
    zf_text_append(out, "}}");
}

static zf_status list_row(void *user, const zf_row_difference *row, zf_error *error) {
    listing *l = user;
    if (l->table == NULL || strcmp(l->table, row->table) != 0) {
        l->table = row->table;
        l->n = 0;
        l->text = NULL;
        if (l->n_tables < sizeof l->rows / sizeof *l->rows) {
            l->tables[l->n_tables] = row->table;
            l->text = &l->rows[l->n_tables++];
        }
    }
    if (l->text == NULL || l->n++ >= l->n_rows)
        return ZF_OK;
    if (l->is_json)
        append_json_row(l->text, row);
    else
        append_row(l->text, row);
    return l->text->is_failed ? zf_error_memory(error, l->text->n, "the list of differences") : ZF_OK;
}

static const zf_text *rows_of(const listing *l, const char *table) {
    for (size_t i = 0; i < l->n_tables; i++)
        if (strcmp(l->tables[i], table) == 0)
            return &l->rows[i];
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
        zf_text_append_format(out, ": %s row%s", zf_cli_grouped(column->n, number),
                              column->n == 1 ? "" : "s");
        if (column->max_delta > 0)
            zf_text_append_format(out, ", by at most %.6g", column->max_delta);
        zf_text_append(out, "\n");
    }
}

static void append_table(zf_text *out, const zf_table_difference *table, const listing *l) {
    char number[32];
    uint64_t n = table->n[ZF_ONLY_IN_A] + table->n[ZF_ONLY_IN_B] + table->n[ZF_CHANGED];
    append_printable(out, table->name);
    if (table->is_in_a != table->is_in_b) {
        zf_text_append_format(out, ": only in %s\n", table->is_in_a ? "A" : "B");
        return;
    }
    if (!zf_table_differs(table)) {
        zf_text_append_format(out, ": the same %s rows\n", zf_cli_grouped(table->n_rows_a, number));
        return;
    }
    zf_text_append_format(out, ": %s only in A", zf_cli_grouped(table->n[ZF_ONLY_IN_A], number));
    zf_text_append_format(out, ", %s only in B", zf_cli_grouped(table->n[ZF_ONLY_IN_B], number));
    zf_text_append_format(out, ", %s changed\n", zf_cli_grouped(table->n[ZF_CHANGED], number));
    if (table->columns_only_in_a != NULL)
        zf_text_append_format(out, "  columns only in A: %s\n", table->columns_only_in_a);
    if (table->columns_only_in_b != NULL)
        zf_text_append_format(out, "  columns only in B: %s\n", table->columns_only_in_b);
    append_columns(out, table);
    const zf_text *rows = rows_of(l, table->name);
    if (rows != NULL && rows->n > 0)
        zf_text_append(out, rows->bytes);
    if (n > l->n_rows)
        zf_text_append_format(out, "  ... and %s more\n", zf_cli_grouped(n - l->n_rows, number));
}

static void append_json_names(zf_text *out, const char *key, const char *names) {
    zf_text_append_format(out, ", \"%s\": ", key);
    if (names != NULL)
        zf_text_append_json(out, names);
    else
        zf_text_append(out, "null");
}

static void append_json_table(zf_text *out, const zf_table_difference *table, const listing *l) {
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

static bool append_answer(const zf_difference *d, const char *a, const char *b, const listing *l,
                          zf_text *out) {
    bool differs = false;
    for (size_t i = 0; i < d->n_tables; i++)
        differs |= zf_table_differs(&d->tables[i]);
    if (l->is_json) {
        zf_text_append(out, "{\n  \"a\": ");
        zf_text_append_json(out, a);
        zf_text_append(out, ",\n  \"b\": ");
        zf_text_append_json(out, b);
        zf_text_append_format(out, ",\n  \"is_same\": %s,\n  \"tables\": [", differs ? "false" : "true");
    }
    for (size_t i = 0; i < d->n_tables; i++) {
        if (l->is_json && i > 0)
            zf_text_append(out, ",");
        if (l->is_json)
            append_json_table(out, &d->tables[i], l);
        else
            append_table(out, &d->tables[i], l);
    }
    if (l->is_json)
        zf_text_append(out, "\n  ]\n}\n");
    else
        zf_text_append_format(out, "%s and %s %s\n", a, b, differs ? "differ" : "say the same");
    return differs;
}

static zf_status compare(const diff_target *target, const char *const *paths, int *out_exit,
                         zf_error *error) {
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    listing l = {.is_json = target->format == ZF_CLI_JSON,
                 .n_rows = target->n_rows > 0 ? target->n_rows : ROWS_BY_DEFAULT};
    zf_difference difference;
    zf_text text = {0};
    zf_status status = zf_diff(paths[0], paths[1], &callbacks, list_row, &l, &difference, error);
    zf_terminal_clear(&terminal);
    if (status == ZF_OK) {
        bool differs = append_answer(&difference, paths[0], paths[1], &l, &text);
        *out_exit = differs ? EXIT_WITH_FINDINGS : 0;
        zf_difference_deinit(&difference);
        status = zf_cli_put(&text, error);
    }
    for (size_t i = 0; i < l.n_tables; i++)
        zf_text_deinit(&l.rows[i]);
    zf_text_deinit(&text);
    return status;
}

int zf_cli_diff(int argc, char *const *argv) {
    zf_error error = ZF_ERROR_INIT;
    diff_target target = {0};
    zf_options_parsed parsed = {0};
    zf_text help = {0};
    int exit_status = 0;
    zf_status status = zf_options_parse(&zf_cli_diff_table, argc, argv, &target, &parsed, &error);
    if (status == ZF_OK && parsed.wants_help) {
        zf_options_append_help(&zf_cli_diff_table, &help);
        status = zf_cli_put(&help, &error);
    } else if (status == ZF_OK) {
        status = compare(&target, parsed.operands.items, &exit_status, &error);
    }
    zf_text_deinit(&help);
    zf_options_deinit(&zf_cli_diff_table, &target, &parsed);
    return status == ZF_OK ? exit_status : zf_cli_fail(status, &error, zf_cli_diff_table.command);
}
