/* SPDX-License-Identifier: MIT */
/* One file: its layers, scanned one after the other, as a report. */
#include "inspect/inspect_internal.h"
#include "memory/report_arena.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_FEATURES = 1000000 };

struct zf_inspection {
    zf_layer_extents *extents;
};

/** What the functions here pass along. */
typedef struct inspecting {
    zf_inspection *inspection; /**< nullable */
    const zf_inspect_options *options;
    const zf_callbacks *callbacks;
    zf_arena *arena; /**< the report's */
    zf_inspect_report *out;
    zf_error *error;
} inspecting;

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

/* A copy of a text in the report; NULL stays NULL. */
static zf_status copy(inspecting *l, const char *text, const char **out) {
    char *bytes = NULL;
    zf_status status = text != NULL ? zf_arena_copy(l->arena, text, strlen(text), &bytes, l->error) : ZF_OK;
    *out = bytes;
    return status;
}

static zf_status copy_crs(inspecting *l, const zf_layer_report *report, zf_inspected_crs *out) {
    out->is_declared = report->info->crs_wkt != NULL;
    if (report->crs == NULL)
        return ZF_OK;
    const zf_crs_info *crs = zf_crs_get_info(report->crs);
    out->is_geographic = crs->is_geographic;
    zf_status status = copy(l, crs->name, &out->name);
    if (status == ZF_OK)
        status = copy(l, crs->auth_name, &out->auth_name);
    return status == ZF_OK ? copy(l, crs->auth_code, &out->auth_code) : status;
}

static zf_status copy_fields(inspecting *l, const zf_source_info *info, zf_inspected_layer *out) {
    zf_column *fields = NULL;
    zf_status status = zf_arena_take(l->arena, info->n_fields, sizeof *fields, &fields, l->error);
    for (size_t i = 0; status == ZF_OK && i < info->n_fields; i++) {
        fields[i].type = info->fields[i].type;
        status = copy(l, info->fields[i].name, &fields[i].name);
    }
    out->fields = fields;
    out->n_fields = info->n_fields;
    return status;
}

static zf_status copy_problems(inspecting *l, const zf_layer_report *report, zf_inspected_layer *out) {
    const char **problems = NULL;
    zf_status status = zf_layer_report_check(report, l->error);
    if (status == ZF_OK)
        status = zf_arena_take(l->arena, report->n_problems, sizeof *problems, &problems, l->error);
    for (size_t i = 0; status == ZF_OK && i < report->n_problems; i++)
        status = copy(l, report->problems[i].bytes, &problems[i]);
    out->problems = problems;
    out->n_problems = report->n_problems;
    return status;
}

/* Fills one layer of the report. */
static zf_status copy_layer(inspecting *l, const zf_layer_report *report, zf_inspected_layer *out) {
    const zf_source_info *info = report->info;
    *out = (zf_inspected_layer){
        .n_features = info->n_features >= 0 ? info->n_features : -1,
        .n_read = report->n_read,
        .has_extent = info->has_extent && !zf_envelope_is_empty(&info->extent),
        .extent = {info->extent.min_x, info->extent.min_y, info->extent.max_x, info->extent.max_y},
        .has_spatial_index = info->has_spatial_index};
    zf_status status = copy(l, info->layer, &out->name);
    if (status == ZF_OK)
        status = copy(l, info->has_geometry ? info->geometry_type : NULL, &out->geometry_type);
    if (status == ZF_OK)
        status = copy(l, info->encoding, &out->encoding);
    if (status == ZF_OK)
        status = copy_crs(l, report, &out->crs);
    if (status == ZF_OK)
        status = copy_fields(l, info, out);
    return status == ZF_OK ? copy_problems(l, report, out) : status;
}

/* Scans the features. A reading that broke off is part of the report. */
static zf_status scan(inspecting *l, zf_source *source, zf_layer_report *report) {
    zf_error why = ZF_ERROR_INIT;
    const uint64_t max_features = l->options->max_features > 0 ? l->options->max_features : DEFAULT_FEATURES;
    zf_status status = zf_layer_scan(source, report, max_features, l->callbacks, &why);
    if (status == ZF_E_INPUT) {
        if (l->out->read_status == ZF_OK)
            l->out->read_error = why;
        l->out->read_status = status;
        return ZF_OK;
    }
    if (status != ZF_OK && l->error != NULL)
        *l->error = why;
    return status;
}

static zf_status inspect_source(inspecting *l, zf_source *source, zf_inspected_layer *out) {
    zf_layer_report report;
    zf_status status = zf_layer_report_init(zf_source_get_info(source), &report, l->error);
    if (status == ZF_OK)
        status = scan(l, source, &report);
    if (status == ZF_OK && l->inspection != NULL)
        status = zf_layer_extents_add(l->inspection->extents, l->options->file, &report, l->error);
    if (status == ZF_OK)
        status = copy_layer(l, &report, out);
    zf_layer_report_deinit(&report);
    return status;
}

static zf_status inspect_layer(inspecting *l, const char *layer, zf_inspected_layer *out) {
    zf_source *source = NULL;
    const zf_source_options wanted = {.path = l->options->file, .layer = layer, .option_name = "FILE"};
    zf_status status = zf_check_cancelled(l->callbacks, l->error);
    if (status == ZF_OK)
        status = zf_source_open(&wanted, l->callbacks, &source, l->error);
    if (status == ZF_OK && l->out->driver == NULL) {
        l->out->file_bytes = zf_source_get_info(source)->file_bytes;
        status = copy(l, zf_source_get_info(source)->driver, &l->out->driver);
    }
    if (status == ZF_OK)
        status = inspect_source(l, source, out);
    zf_source_close(source);
    return status;
}

static zf_status inspect_layers(inspecting *l) {
    zf_layer_list list = {0};
    zf_inspected_layer *layers = NULL;
    zf_status status = zf_source_list_layers(l->options->file, &list, l->error);
    if (status == ZF_OK)
        status = copy(l, l->options->file, &l->out->path);
    if (status == ZF_OK)
        status = zf_arena_take(l->arena, list.n, sizeof *layers, &layers, l->error);
    for (size_t i = 0; status == ZF_OK && i < list.n; i++)
        status = inspect_layer(l, list.names[i], &layers[i]);
    l->out->layers = layers;
    l->out->n_layers = list.n;
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
    inspecting l = {inspection, options, callbacks, out->storage, out, error};
    status = inspect_layers(&l);
    if (status != ZF_OK)
        zf_inspect_report_deinit(out);
    return status;
}

void zf_inspect_report_deinit(zf_inspect_report *report) {
    zf_report_arena_destroy(report->storage);
    *report = (zf_inspect_report){.read_error = ZF_ERROR_INIT};
}
