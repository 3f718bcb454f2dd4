/* SPDX-License-Identifier: MIT */
/* Inspects the layers of a file one after the other and writes the report. */
#include "inspect/inspect_internal.h"

#include "guard/sqlite_guard.h"
#include "memory/report_arena.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_FEATURES = 1000000 };

struct zf_inspection {
    zf_layer_extents *extents;
};

/** Arguments shared by the functions of this file. */
typedef struct inspect_context {
    zf_inspection *inspection; /**< nullable */
    const zf_inspect_options *options;
    const zf_callbacks *callbacks;
    zf_arena *arena; /**< owned by the report */
    zf_inspect_report *out;
    zf_error *error;
} inspect_context;

zf_status zf_inspection_create(zf_inspection **out, zf_error *error) {
    zf_inspection *inspection = calloc(1, sizeof *inspection);
    *out = NULL;
    if (inspection == NULL)
        return zf_error_memory(error, sizeof *inspection, "an inspection");
    zf_status status = zf_layer_extents_create(&inspection->extents, error);
    if (status == ZF_OK)
        *out = inspection;
    else
        free(inspection);
    return status;
}

void zf_inspection_destroy(zf_inspection *inspection) {
    if (inspection != NULL)
        zf_layer_extents_destroy(inspection->extents);
    free(inspection);
}

/* Copies a text into the report; NULL stays NULL. */
static zf_status copy(inspect_context *ctx, const char *text, const char **out) {
    char *bytes = NULL;
    zf_status status =
        text != NULL ? zf_arena_copy(ctx->arena, text, strlen(text), &bytes, ctx->error) : ZF_OK;
    *out = bytes;
    return status;
}

/* Copies name and code of the CRS. */
static zf_status copy_crs(inspect_context *ctx, const zf_layer_report *report, zf_inspected_crs *out) {
    out->is_declared = report->info->crs_wkt != NULL;
    if (report->crs == NULL)
        return ZF_OK;
    const zf_crs_info *crs = zf_crs_get_info(report->crs);
    out->is_geographic = crs->is_geographic;
    zf_status status = copy(ctx, crs->name, &out->name);
    if (status == ZF_OK)
        status = copy(ctx, crs->auth_name, &out->auth_name);
    return status == ZF_OK ? copy(ctx, crs->auth_code, &out->auth_code) : status;
}

static zf_status copy_fields(inspect_context *ctx, const zf_source_info *info, zf_inspected_layer *out) {
    zf_column *fields = NULL;
    zf_status status = zf_arena_take(ctx->arena, info->n_fields, sizeof *fields, &fields, ctx->error);
    for (size_t i = 0; status == ZF_OK && i < info->n_fields; i++) {
        fields[i].type = info->fields[i].type;
        status = copy(ctx, info->fields[i].name, &fields[i].name);
    }
    out->fields = fields;
    out->n_fields = info->n_fields;
    return status;
}

static zf_status copy_problems(inspect_context *ctx, const zf_layer_report *report, zf_inspected_layer *out) {
    const char **problems = NULL;
    zf_status status = zf_layer_report_check(report, ctx->error);
    if (status == ZF_OK)
        status = zf_arena_take(ctx->arena, report->n_problems, sizeof *problems, &problems, ctx->error);
    for (size_t i = 0; status == ZF_OK && i < report->n_problems; i++)
        status = copy(ctx, report->problems[i].bytes, &problems[i]);
    out->problems = problems;
    out->n_problems = report->n_problems;
    return status;
}

/* Fills one layer of the report. */
static zf_status copy_layer(inspect_context *ctx, const zf_layer_report *report, zf_inspected_layer *out) {
    const zf_source_info *info = report->info;
    *out = (zf_inspected_layer){
        .n_features = info->n_features >= 0 ? info->n_features : -1,
        .n_read = report->n_read,
        .has_extent = !zf_envelope_is_empty(&report->extent),
        .extent = {report->extent.min_x, report->extent.min_y, report->extent.max_x, report->extent.max_y},
        .has_spatial_index = info->has_spatial_index};
    zf_status status = copy(ctx, info->layer, &out->name);
    if (status == ZF_OK)
        status = copy(ctx, info->has_geometry ? info->geometry_type : NULL, &out->geometry_type);
    if (status == ZF_OK)
        status = copy(ctx, info->encoding, &out->encoding);
    if (status == ZF_OK)
        status = copy_crs(ctx, report, &out->crs);
    if (status == ZF_OK)
        status = copy_fields(ctx, info, out);
    return status == ZF_OK ? copy_problems(ctx, report, out) : status;
}

/* Scans the features. A read error becomes part of the report. */
static zf_status scan(inspect_context *ctx, zf_source *source, zf_layer_report *report) {
    zf_error why = ZF_ERROR_INIT;
    const uint64_t max_features =
        ctx->options->max_features > 0 ? ctx->options->max_features : DEFAULT_FEATURES;
    zf_status status = zf_layer_scan(source, report, max_features, ctx->callbacks, &why);
    if (status == ZF_E_INPUT) {
        if (ctx->out->read_status == ZF_OK)
            ctx->out->read_error = why;
        ctx->out->read_status = status;
        return ZF_OK;
    }
    if (status != ZF_OK && ctx->error != NULL)
        *ctx->error = why;
    return status;
}

/* Describes, scans and compares an open layer. */
static zf_status inspect_source(inspect_context *ctx, zf_source *source, zf_inspected_layer *out) {
    zf_layer_report report;
    zf_status status = zf_layer_report_init(zf_source_get_info(source), &report, ctx->error);
    if (status == ZF_OK)
        status = scan(ctx, source, &report);
    if (status == ZF_OK && ctx->inspection != NULL)
        status = zf_layer_extents_add(ctx->inspection->extents, ctx->options->file, &report, ctx->error);
    if (status == ZF_OK)
        status = copy_layer(ctx, &report, out);
    zf_layer_report_deinit(&report);
    return status;
}

static zf_open_option_list open_options_of(const inspect_context *ctx) {
    return (zf_open_option_list){ctx->options->open_options, ctx->options->n_open_options};
}

/* Opens a layer and inspects it. */
static zf_status inspect_layer(inspect_context *ctx, const char *layer, zf_inspected_layer *out) {
    zf_source *source = NULL;
    const zf_source_options wanted = {.path = ctx->options->file,
                                      .layer = layer,
                                      .encoding = ctx->options->encoding,
                                      .option_name = "FILE",
                                      .open_options = open_options_of(ctx),
                                      .keeps_findings = true};
    zf_status status = zf_check_cancelled(ctx->callbacks, ctx->error);
    if (status == ZF_OK)
        status = zf_source_open(&wanted, ctx->callbacks, &source, ctx->error);
    if (status == ZF_OK && ctx->out->driver == NULL) {
        ctx->out->file_bytes = zf_source_get_info(source)->file_bytes;
        status = copy(ctx, zf_source_get_info(source)->driver, &ctx->out->driver);
    }
    if (status == ZF_OK)
        status = inspect_source(ctx, source, out);
    zf_source_close(source);
    return status;
}

static zf_status inspect_layers(inspect_context *ctx) {
    zf_layer_list list = {0};
    zf_inspected_layer *layers = NULL;
    zf_status status = zf_source_list_layers(ctx->options->file, open_options_of(ctx), &list, ctx->error);
    if (status == ZF_OK)
        status = copy(ctx, ctx->options->file, &ctx->out->path);
    if (status == ZF_OK)
        status = zf_arena_take(ctx->arena, list.n, sizeof *layers, &layers, ctx->error);
    for (size_t i = 0; status == ZF_OK && i < list.n; i++)
        status = inspect_layer(ctx, list.names[i], &layers[i]);
    ctx->out->layers = layers;
    ctx->out->n_layers = list.n;
    zf_layer_list_deinit(&list);
    return status;
}

zf_status zf_inspect(zf_inspection *inspection, const zf_inspect_options *options,
                     const zf_callbacks *callbacks, zf_inspect_report *out, zf_error *error) {
    *out = (zf_inspect_report){.read_error = ZF_ERROR_INIT};
    if (options->file == NULL) {
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`file` is required");
        return zf_error_parameter(error, ZF_E_USAGE, "file");
    }
    zf_status status = zf_report_arena_create(&out->storage, error);
    if (status != ZF_OK)
        return status;
    inspect_context ctx = {inspection, options, callbacks, out->storage, out, error};
    const zf_sqlite_limit before = zf_sqlite_limit_begin(0);
    status = inspect_layers(&ctx);
    zf_sqlite_limit_end(&before);
    if (status != ZF_OK)
        zf_inspect_report_deinit(out);
    return status;
}

void zf_inspect_report_deinit(zf_inspect_report *report) {
    zf_report_arena_destroy(report->storage);
    *report = (zf_inspect_report){.read_error = ZF_ERROR_INIT};
}
