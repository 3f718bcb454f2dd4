/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "cli/inspect_report.h"
#include "cli/terminal.h"

typedef struct inspect_target {
    zf_cli_format format;
    size_t n_features;
    const char *encoding;
    zf_option_list open_options;
} inspect_target;

static const zf_option options[] = {
    ZF_OPTION_FORMAT_AT(offsetof(inspect_target, format)),
    {.group = "Options",
     .name = "features",
     .parameter = "max_features",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = 4000000000u,
     .offset = offsetof(inspect_target, n_features),
     .help = "Read the first N features of each layer. Default: 1000000."},
    {.group = "Options",
     .name = "encoding",
     .kind = ZF_OPTION_TEXT,
     .value = "NAME",
     .offset = offsetof(inspect_target, encoding),
     .help = "Encoding of the texts of shapefiles that have no usable .cpg file, such as CP1252."},
    {.group = "Options",
     .name = "open-option",
     .parameter = "open_options",
     .kind = ZF_OPTION_LIST,
     .value = "KEY=VALUE",
     .offset = offsetof(inspect_target, open_options),
     .help = "An open option of GDAL's driver for the files, as 'ogrinfo -oo' takes it. Repeatable."},
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_inspect_table = {
    .command = "inspect",
    .page = "zonefold-inspect",
    .summary = "describe files: layers, fields, CRS, extent, problems",
    .usage = "zonefold inspect FILE... [OPTION]...",
    .description = "Shows the layers of each file with their fields, CRS, number of features, extent, "
                   "geometry type, encoding and spatial index. Also lists problems that would affect "
                   "'zonefold run', with the option that helps: geometries that are missing, invalid or not "
                   "polygons; ZIPs that overlap; ids that are missing, repeated or have lost their leading "
                   "zeros; heights that look like feet, or are 0 where they are unknown; texts that hold "
                   "numbers or are in another encoding; an outdated spatial index; extents of two files that "
                   "do not overlap.",
    .examples = "zonefold inspect buildings.gpkg\n"
                "zonefold inspect --format json zips.shp buildings.gpkg",
    .operand = "FILE",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/* Inspects one file and appends its report to the output. *n_files counts those reported. */
static zf_status inspect_file(const inspect_target *target, zf_inspection *inspection,
                              const zf_inspect_options *wanted, const zf_callbacks *callbacks, zf_text *out,
                              size_t *n_files, zf_error *error) {
    zf_inspect_report report;
    zf_status status = zf_inspect(inspection, wanted, callbacks, &report, error);
    if (status != ZF_OK)
        return status;
    const bool is_first = (*n_files)++ == 0;
    if (target->format == ZF_CLI_JSON) {
        zf_text_append(out, is_first ? "" : ",\n");
        zf_inspect_json(&report, out);
    } else {
        zf_text_append(out, is_first ? "" : "\n");
        zf_inspect_text(&report, out);
    }
    status = report.read_status;
    if (status != ZF_OK)
        *error = report.read_error;
    zf_inspect_report_deinit(&report);
    return status;
}

/* Inspects each file on its own: one that cannot be read does not hide the others. Returns the exit status.
 */
static int inspect_files(const inspect_target *target, const zf_option_list *files, zf_inspection *inspection,
                         const zf_callbacks *callbacks, zf_text *out, size_t *n_files) {
    int exit_status = 0;
    for (size_t i = 0; i < files->n; i++) {
        const zf_inspect_options wanted = {.file = files->items[i],
                                           .max_features = target->n_features,
                                           .encoding = target->encoding,
                                           .open_options = target->open_options.items,
                                           .n_open_options = target->open_options.n};
        zf_error error = ZF_ERROR_INIT;
        zf_status status = inspect_file(target, inspection, &wanted, callbacks, out, n_files, &error);
        if (status == ZF_OK)
            continue;
        const int code = zf_cli_fail(status, &error, zf_cli_inspect_table.command);
        if (exit_status == 0 || status == ZF_E_CANCELLED)
            exit_status = code;
        if (status == ZF_E_CANCELLED)
            break;
    }
    return exit_status;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const inspect_target *target = user;
    zf_terminal terminal;
    zf_terminal_init(&terminal, false, 0, ZF_CLI_PROGRESS_NEVER);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_inspection *inspection = NULL;
    zf_text out = {0};
    size_t n_files = 0;
    zf_status status = zf_inspection_create(&inspection, error);
    if (status != ZF_OK)
        return status;
    if (target->format == ZF_CLI_JSON)
        zf_text_append(&out, "{\n  \"files\": [\n");
    *out_exit = inspect_files(target, operands, inspection, &callbacks, &out, &n_files);
    if (target->format == ZF_CLI_JSON)
        zf_text_append(&out, "\n  ]\n}\n");
    if (n_files > 0)
        status = zf_cli_put(&out, error);
    zf_text_deinit(&out);
    zf_inspection_destroy(inspection);
    return status;
}

int zf_cli_inspect(int argc, char *const *argv) {
    inspect_target target = {0};
    return zf_cli_perform(&zf_cli_inspect_table, argc, argv, &target, work);
}
