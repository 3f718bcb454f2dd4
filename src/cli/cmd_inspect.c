/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/inspect_scan.h"
#include "cli/terminal.h"

enum { DEFAULT_FEATURES = 1000000 };

typedef struct inspect_target {
    zf_cli_format format;
    size_t n_features;
} inspect_target;

static const zf_option options[] = {
    {.group = "Options",
     .name = "format",
     .kind = ZF_OPTION_CHOICE,
     .choice = zf_cli_format_name,
     .offset = offsetof(inspect_target, format),
     .help = "Form of the answer on standard output. Default: text."},
    {.group = "Options",
     .name = "features",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = 4000000000u,
     .offset = offsetof(inspect_target, n_features),
     .help = "Look at the first N features of each layer. Default: 1000000."},
    {.group = "Options",
     .name = "help",
     .short_name = 'h',
     .kind = ZF_OPTION_HELP,
     .help = "Show this help."},
};

const zf_option_table zf_cli_inspect_table = {
    .command = "inspect",
    .page = "zonefold-inspect",
    .summary = "show what is in a file: layers, fields, CRS, extent, problems",
    .usage = "zonefold inspect FILE... [OPTION]...",
    .description =
        "Shows the layers of each file with their fields, CRS, number of features, extent, geometry type, "
        "encoding and spatial index, and problems that would stand in the way of 'zonefold run', with the "
        "option that helps. Features are read once, for: geometries that are missing, invalid or no "
        "polygons; "
        "ZIPs that overlap; ids that are missing, repeated or have lost their leading zeros; heights that "
        "look "
        "like feet, or are 0 where they are unknown; texts that hold numbers, or are in another encoding; a "
        "stale spatial index; extents of two files that do not meet.",
    .examples = "zonefold inspect buildings.gpkg\n"
                "zonefold inspect --format json zips.shp buildings.gpkg",
    .operand = "FILE",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/* One look over the files. */
typedef struct inspection {
    zf_cli_format format;
    uint64_t max_features;
    const zf_callbacks *callbacks;
    zf_layer_places *places;
    zf_text out;
    size_t n_files;   /* told so far */
    zf_status broken; /* of the file at hand: its reading broke off, and what was found is told */
    zf_error damage;
} inspection;

/* A reading that broke off is told with the rest, and fails the command when the file has been told. */
static zf_status scan_layer(inspection *look, zf_source *source, zf_layer_report *report, zf_error *error) {
    zf_error why = ZF_ERROR_INIT;
    zf_status status = zf_layer_scan(source, report, look->max_features, look->callbacks, &why);
    if (status == ZF_E_INPUT) {
        if (look->broken == ZF_OK)
            look->damage = why;
        look->broken = status;
        return ZF_OK;
    }
    if (status != ZF_OK)
        *error = why;
    return status;
}

static zf_status tell_layer(inspection *look, const char *path, zf_source *source, size_t i, size_t n_layers,
                            zf_text *out, zf_error *error) {
    zf_layer_report report;
    const zf_source_info *info = zf_source_get_info(source);
    zf_status status = zf_layer_report_init(info, &report, error);
    if (status == ZF_OK)
        status = scan_layer(look, source, &report, error);
    if (status == ZF_OK)
        status = zf_layer_places_add(look->places, path, &report, error);
    if (status == ZF_OK)
        status = zf_layer_report_check(&report, error);
    if (status == ZF_OK && look->format == ZF_CLI_JSON) {
        if (i == 0)
            zf_inspect_json_file(path, info, out);
        zf_text_append(out, i == 0 ? ",\n      \"layers\": [" : ",");
        zf_inspect_json_layer(&report, out);
    } else if (status == ZF_OK) {
        if (i == 0)
            zf_inspect_text_file(path, info, n_layers, out);
        zf_inspect_text_layer(&report, out);
    }
    zf_layer_report_deinit(&report);
    return status;
}

static zf_status tell_layers(inspection *look, const char *path, const zf_layer_list *layers, zf_text *out,
                             zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; i < layers->n && status == ZF_OK; i++) {
        zf_source *source = NULL;
        const zf_source_options wanted = {.path = path, .layer = layers->names[i], .option_name = "FILE"};
        status = zf_check_cancelled(look->callbacks, error);
        if (status == ZF_OK)
            status = zf_source_open(&wanted, look->callbacks, &source, error);
        if (status == ZF_OK)
            status = tell_layer(look, path, source, i, layers->n, out, error);
        zf_source_close(source);
    }
    return status;
}

static void tell_file_without_layers(const inspection *look, const char *path, zf_text *out) {
    if (look->format == ZF_CLI_JSON) {
        zf_inspect_json_file(path, NULL, out);
        zf_text_append(out, ",\n      \"layers\": [");
    } else {
        zf_inspect_text_file(path, NULL, 0, out);
    }
}

static zf_status inspect_file(inspection *look, const char *path, zf_error *error) {
    zf_layer_list layers = {0};
    zf_text text = {0}; /* of this file: joined to the others when it is whole */
    zf_status status = zf_source_list_layers(path, &layers, error);
    if (status == ZF_OK && layers.n == 0)
        tell_file_without_layers(look, path, &text);
    else if (status == ZF_OK)
        status = tell_layers(look, path, &layers, &text, error);
    if (status == ZF_OK && look->format == ZF_CLI_JSON)
        zf_text_append(&text, layers.n > 0 ? "\n      ]\n    }" : "]\n    }");
    if (status == ZF_OK && text.is_failed)
        status = zf_error_memory(error, text.n, "what is in the file");
    if (status == ZF_OK) {
        const char *separator = look->format == ZF_CLI_JSON ? ",\n" : "\n";
        zf_text_append(&look->out, look->n_files++ > 0 ? separator : "");
        zf_text_append_n(&look->out, text.bytes, text.n);
    }
    zf_layer_list_deinit(&layers);
    zf_text_deinit(&text);
    return status;
}

/* Each file on its own: one that cannot be read does not hide the others. Returns the exit status. */
static int inspect_files(inspection *look, const zf_option_list *files) {
    int exit_status = 0;
    for (size_t i = 0; i < files->n; i++) {
        zf_error error = ZF_ERROR_INIT;
        look->broken = ZF_OK;
        zf_status status = inspect_file(look, files->items[i], &error);
        if (status == ZF_OK && look->broken != ZF_OK) {
            status = look->broken;
            error = look->damage;
        }
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

static int inspect(const inspect_target *target, const zf_option_list *files) {
    zf_terminal terminal;
    zf_terminal_init(&terminal, false, 0, ZF_CLI_PROGRESS_NEVER);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_error error = ZF_ERROR_INIT;
    inspection look = {.format = target->format, .max_features = target->n_features, .callbacks = &callbacks};
    if (zf_layer_places_create(&look.places, &error) != ZF_OK)
        return zf_cli_fail(error.status, &error, zf_cli_inspect_table.command);
    if (look.format == ZF_CLI_JSON)
        zf_text_append(&look.out, "{\n  \"files\": [\n");
    int exit_status = inspect_files(&look, files);
    if (look.format == ZF_CLI_JSON)
        zf_text_append(&look.out, "\n  ]\n}\n");
    zf_status status = look.n_files > 0 ? zf_cli_put(&look.out, &error) : ZF_OK;
    if (status != ZF_OK)
        exit_status = zf_cli_fail(status, &error, zf_cli_inspect_table.command);
    zf_text_deinit(&look.out);
    zf_layer_places_destroy(look.places);
    return exit_status;
}

static zf_status work(void *target, const zf_option_list *operands, int *out_exit, zf_error *error) {
    (void)error; /* told already, file by file */
    *out_exit = inspect(target, operands);
    return ZF_OK;
}

int zf_cli_inspect(int argc, char *const *argv) {
    inspect_target target = {.n_features = DEFAULT_FEATURES};
    return zf_cli_perform(&zf_cli_inspect_table, argc, argv, &target, work);
}
