/* SPDX-License-Identifier: MIT */
#include "cli/cells.h"
#include "cli/common_options.h"
#include "cli/table_text.h"
#include "cli/terminal.h"
#include "zonefold/program.h"
#include "zonefold/table.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

enum { MAX_ROWS = 1000000000, ROWS_BY_DEFAULT = 25, BLOCK_BYTES = 65536, BLOCK_ROWS = 1000 };

typedef enum show_format { SHOW_TEXT = 0, SHOW_CSV, SHOW_JSON, SHOW_FORMAT_END } show_format;

typedef struct show_target {
    const char *top;
    zf_option_list columns;
    size_t n_rows; /**< 0: by default */
    bool has_labels;
    show_format format;
} show_target;

static const char *format_name(size_t i) {
    static const char *const names[SHOW_FORMAT_END] = {"text", "csv", "json"};
    return i < SHOW_FORMAT_END ? names[i] : NULL;
}

static const zf_option options[] = {
    {.group = "Options",
     .name = "columns",
     .kind = ZF_OPTION_NAMES,
     .value = "a,b,...",
     .offset = offsetof(show_target, columns),
     .help =
         "Columns to show, in this order; a name with a comma is written \"like, this\". Default: all but "
         "geometries."},
    {.group = "Options",
     .name = "top",
     .kind = ZF_OPTION_TEXT,
     .value = "N:COLUMN",
     .offset = offsetof(show_target, top),
     .help = "The N rows with the largest values of a column, largest first. Equal ones stay in the order of "
             "the table."},
    {.group = "Options",
     .name = "rows",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = MAX_ROWS,
     .offset = offsetof(show_target, n_rows),
     .help = "Show at most N rows. Default: 25 as text; all as CSV and JSON, and with --top."},
    {.group = "Options",
     .name = "labels",
     .kind = ZF_OPTION_FLAG,
     .offset = offsetof(show_target, has_labels),
     .help = "Head the columns with their labels and units, as QGIS shows them, instead of their names."},
    {.group = "Options",
     .name = "format",
     .kind = ZF_OPTION_CHOICE,
     .choice = format_name,
     .offset = offsetof(show_target, format),
     .help = "Format on standard output. Text is aligned, and numbers are rounded; CSV and JSON are exact. "
             "Default: text."},
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_show_table = {
    .command = "show",
    .page = "zonefold-show",
    .summary = "print a table of a result file",
    .usage = "zonefold show RESULT [TABLE] [OPTION]...",
    .description =
        "Prints a table of a result file. Default: zip_summary. On a terminal, columns that do not "
        "fit are left out and named.",
    .examples = "zonefold show result.sqlite\n"
                "zonefold show result.sqlite --top 5:coverage --columns zip,important,coverage\n"
                "zonefold show result.sqlite important_building --format csv",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 2,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/** A table on its way to standard output. */
typedef struct showing {
    const show_target *target;
    zf_table_reader *reader;
    const zf_table_info *info;
    uint64_t n_rows;     /**< that were shown */
    uint64_t max_rows;   /**< 0: all */
    bool has_more;       /**< the table has rows that are not shown */
    zf_text out;         /**< what is not written yet */
    zf_table_text table; /**< of text */
} showing;

static zf_value text_value(const char *text) {
    return (zf_value){ZF_VALUE_TEXT, {.bytes = {(const uint8_t *)text, strlen(text)}}};
}

static zf_value heading_of(const showing *s, size_t i) {
    const zf_table_column *column = &s->info->columns[i];
    return text_value(s->target->has_labels ? column->label : column->name);
}

/* A text that ends where it is written; an earlier part of it is written when there is enough. */
static zf_status put_block(showing *s, size_t n_enough, zf_error *error) {
    if (s->out.n < n_enough && !s->out.is_failed)
        return ZF_OK;
    zf_status status = zf_cli_put_part(&s->out, error);
    s->out.n = 0;
    return status;
}

/* Hands each row to a format, up to the limit. */
static zf_status each_row(showing *s, zf_status (*add)(showing *s, const zf_value *values, zf_error *error),
                          zf_error *error) {
    const zf_value *values = NULL;
    zf_status status = ZF_OK;
    while (status == ZF_OK && (status = zf_table_next(s->reader, &values, error)) == ZF_OK) {
        if (s->max_rows > 0 && s->n_rows == s->max_rows) {
            s->has_more = true;
            break;
        }
        s->n_rows++;
        status = add(s, values, error);
    }
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- text ---- */

/* The rows so far; columns are as wide as the first of these blocks needs. */
static void append_rows(showing *s) {
    const size_t width = s->target->columns.n > 0 ? 0 : zf_program_output_columns();
    zf_table_text_append(&s->table, width, &s->out);
}

static zf_status add_text_row(showing *s, const zf_value *values, zf_error *error) {
    zf_text cell = {0};
    for (size_t i = 0; i < s->info->n_columns; i++) {
        zf_cli_append_cell(&cell, &values[i]);
        zf_table_text_add(&s->table, &cell);
    }
    zf_text_deinit(&cell);
    if (s->table.n_cells / s->info->n_columns >= BLOCK_ROWS)
        append_rows(s);
    return put_block(s, BLOCK_BYTES, error);
}

static void add_headings(showing *s) {
    zf_text cell = {0};
    for (size_t i = 0; i < s->info->n_columns; i++) {
        const zf_value heading = heading_of(s, i);
        s->table.is_right[i] = zf_field_type_is_number(s->info->columns[i].type);
        zf_cli_append_cell(&cell, &heading);
        zf_table_text_add(&s->table, &cell);
    }
    zf_text_deinit(&cell);
}

/* Which columns and rows are not shown, and how to see them. */
static zf_status append_rest(showing *s, zf_error *error) {
    char shown[32], all[32];
    uint64_t n = 0;
    if (s->table.n_shown < s->info->n_columns)
        zf_text_append(&s->out, "Not shown, see --columns: ");
    for (size_t i = s->table.n_shown; i < s->info->n_columns; i++) {
        const zf_value name = text_value(s->info->columns[i].name);
        zf_cli_append_cell(&s->out, &name);
        zf_text_append(&s->out, i + 1 < s->info->n_columns ? ", " : "\n");
    }
    if (!s->has_more)
        return ZF_OK;
    zf_status status = zf_table_count(s->reader, &n, error);
    zf_text_append_format(&s->out, "%s of %s rows; --rows %" PRIu64 " shows all\n",
                          zf_format_grouped(s->n_rows, shown), zf_format_grouped(n, all), n);
    return status;
}

static zf_status show_text(showing *s, zf_error *error) {
    zf_status status = zf_table_text_init(&s->table, s->info->n_columns, error);
    if (status != ZF_OK)
        return status;
    add_headings(s);
    status = each_row(s, add_text_row, error);
    if (status != ZF_OK)
        return status;
    append_rows(s);
    return append_rest(s, error);
}

/* ---- CSV ---- */

static zf_status add_csv_row(showing *s, const zf_value *values, zf_error *error) {
    for (size_t i = 0; i < s->info->n_columns; i++) {
        zf_text_append(&s->out, i > 0 ? "," : "");
        zf_cli_append_csv_value(&s->out, &values[i]);
    }
    zf_text_append(&s->out, "\r\n");
    return put_block(s, BLOCK_BYTES, error);
}

static zf_status show_csv(showing *s, zf_error *error) {
    for (size_t i = 0; i < s->info->n_columns; i++) {
        const zf_value heading = heading_of(s, i);
        zf_text_append(&s->out, i > 0 ? "," : "");
        zf_cli_append_csv_value(&s->out, &heading);
    }
    zf_text_append(&s->out, "\r\n");
    return each_row(s, add_csv_row, error);
}

/* ---- JSON ---- */

static zf_status add_json_row(showing *s, const zf_value *values, zf_error *error) {
    zf_text_append(&s->out, s->n_rows > 1 ? ",\n    {" : "\n    {");
    for (size_t i = 0; i < s->info->n_columns; i++) {
        zf_text_append(&s->out, i > 0 ? ", " : "");
        zf_text_append_json(&s->out, s->info->columns[i].name);
        zf_text_append(&s->out, ": ");
        zf_cli_append_json_value(&s->out, &values[i]);
    }
    zf_text_append(&s->out, "}");
    return put_block(s, BLOCK_BYTES, error);
}

static zf_status show_json(showing *s, zf_error *error) {
    zf_text_append(&s->out, "{\n  \"table\": ");
    zf_text_append_json(&s->out, s->info->table);
    zf_text_append(&s->out, ",\n  \"columns\": [");
    for (size_t i = 0; i < s->info->n_columns; i++) {
        const zf_table_column *column = &s->info->columns[i];
        zf_text_append(&s->out, i > 0 ? ",\n    {\"name\": " : "\n    {\"name\": ");
        zf_text_append_json(&s->out, column->name);
        zf_text_append(&s->out, ", \"label\": ");
        zf_text_append_json(&s->out, column->label);
        zf_text_append_format(&s->out, ", \"type\": \"%s\"}",
                              column->is_geometry ? "geometry" : zf_field_type_name(column->type));
    }
    zf_text_append(&s->out, "\n  ],\n  \"rows\": [");
    zf_status status = each_row(s, add_json_row, error);
    zf_text_append_format(&s->out, "\n  ],\n  \"has_more_rows\": %s\n}\n", s->has_more ? "true" : "false");
    return status;
}

/* ---- the command ---- */

static zf_status show(showing *s, zf_error *error) {
    static zf_status (*const by_format[SHOW_FORMAT_END])(showing * s,
                                                         zf_error * error) = {show_text, show_csv, show_json};
    const bool is_limited = s->target->format == SHOW_TEXT && s->target->top == NULL;
    s->max_rows = s->target->n_rows > 0 ? s->target->n_rows : is_limited ? ROWS_BY_DEFAULT : 0;
    zf_status status = by_format[s->target->format](s, error);
    if (status == ZF_OK)
        status = put_block(s, 0, error);
    zf_text_deinit(&s->out);
    zf_table_text_deinit(&s->table);
    return status == ZF_DONE ? ZF_OK : status;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const show_target *target = user;
    const zf_table_options table = {.result = operands->items[0],
                                    .table = operands->n > 1 ? operands->items[1] : NULL,
                                    .columns = target->columns.items,
                                    .n_columns = target->columns.n,
                                    .top = target->top};
    zf_terminal terminal;
    zf_terminal_init(&terminal, true, 0, ZF_CLI_PROGRESS_NEVER);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    showing s = {.target = target};
    zf_status status = zf_table_open(&table, &callbacks, &s.reader, error);
    (void)out_exit;
    if (status != ZF_OK)
        return status;
    s.info = zf_table_get_info(s.reader);
    status = show(&s, error);
    zf_table_close(s.reader);
    return status;
}

int zf_cli_show(int argc, char *const *argv) {
    show_target target = {0};
    return zf_cli_perform(&zf_cli_show_table, argc, argv, &target, work);
}
