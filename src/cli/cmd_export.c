/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "cli/terminal.h"
#include "zonefold/export.h"

#include <stdint.h>
#include <string.h>

enum { MOST_DIGITS = 15 };
#define NOT_GIVEN SIZE_MAX

typedef struct export_target {
    const char *table, *output, *top;
    zf_option_list columns;
    size_t digits;
    bool has_labels, has_wkt, overwrite, is_quiet;
} export_target;

#define AT(member) offsetof(export_target, member)

static const zf_option options[] = {
    {.group = "Options",
     .name = "output",
     .short_name = 'o',
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .is_required = true,
     .value = "FILE",
     .offset = AT(output),
     .help = "File to write. Its ending is the format: .csv, .xlsx, .gpkg, .geojson or .fgb. It is put in "
             "place when it is complete, or not at all."},
    {.group = "Options",
     .name = "overwrite",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(overwrite),
     .help = "Replace the file if it exists."},
    {.group = "Options",
     .name = "table",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = AT(table),
     .help = "Table to export. Default: zip_summary."},
    {.group = "Options",
     .name = "columns",
     .kind = ZF_OPTION_NAMES,
     .value = "a,b,...",
     .offset = AT(columns),
     .help =
         "Columns to export, in this order; a name with a comma is written \"like, this\". Default: all."},
    {.group = "Options",
     .name = "top",
     .kind = ZF_OPTION_TEXT,
     .value = "N:COLUMN",
     .offset = AT(top),
     .help = "Only the N rows with the largest values of a column, largest first."},
    {.group = "Options",
     .name = "labels",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(has_labels),
     .help = "Head the columns with their labels and units, as QGIS shows them, instead of their names."},
    {.group = "Options",
     .name = "digits",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 0,
     .max = MOST_DIGITS,
     .offset = AT(digits),
     .help = "Round numbers to N decimals. Default: numbers as they are."},
    {.group = "Options",
     .name = "wkt",
     .kind = ZF_OPTION_FLAG,
     .offset = AT(has_wkt),
     .help = "In .csv and .xlsx: geometries too, as WKT."},
    ZF_OPTION_QUIET_AT(AT(is_quiet), ZF_QUIET_PROGRESS),
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_export_table = {
    .command = "export",
    .page = "zonefold-export",
    .summary = "write a table of a result file as CSV, XLSX, GeoPackage, GeoJSON or FlatGeobuf",
    .usage = "zonefold export RESULT -o FILE [OPTION]...",
    .description = "Writes a table of a result file in another format, with GDAL's driver of the format. ZIP "
                   "ids and other texts stay texts, with their leading zeros. GeoPackage, GeoJSON and "
                   "FlatGeobuf hold the geometry too.",
    .examples = "zonefold export result.sqlite -o zips.xlsx --labels --digits 2\n"
                "zonefold export result.sqlite --table important_building -o important.gpkg\n"
                "zonefold export result.sqlite --columns zip,important,coverage -o zips.csv",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

static zf_status put_report(const export_target *target, const zf_export_report *report, zf_error *error) {
    zf_text text = {0};
    char name[512], number[32];
    zf_text_append_format(&text, "%s: %s row%s\n",
                          zf_cli_printable(target->output, strlen(target->output), name, sizeof name),
                          zf_format_grouped(report->n_rows, number), report->n_rows == 1 ? "" : "s");
    zf_status status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the file '%.300s' is complete, but not its summary",
                               target->output);
    return ZF_OK;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const export_target *target = user;
    const bool is_rounded = target->digits != NOT_GIVEN;
    const zf_export_options wanted = {.table = {.result = operands->items[0],
                                                .table = target->table,
                                                .columns = target->columns.items,
                                                .n_columns = target->columns.n,
                                                .top = target->top,
                                                .has_geometry = target->has_wkt},
                                      .output = target->output,
                                      .overwrite = target->overwrite,
                                      .has_labels = target->has_labels,
                                      .is_rounded = is_rounded,
                                      .digits = is_rounded ? (unsigned)target->digits : 0};
    zf_export_report report = {0};
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_status status = zf_export(&wanted, &callbacks, &report, error);
    (void)out_exit;
    zf_terminal_clear(&terminal);
    return status == ZF_OK ? put_report(target, &report, error) : status;
}

int zf_cli_export(int argc, char *const *argv) {
    export_target target = {.digits = NOT_GIVEN};
    return zf_cli_perform(&zf_cli_export_table, argc, argv, &target, work);
}
