/* SPDX-License-Identifier: MIT */
#include "cli/forecast_report.h"

#include <string.h>

static void append_number(zf_text *out, uint64_t n) {
    char number[32];
    zf_text_append(out, zf_cli_grouped(n, number));
}

static void append_layer(zf_text *out, const zf_source_info *info) {
    char layer[256], path[1024];
    zf_text_append_format(out, "layer '%s' of '%s' (%s, ",
                          zf_cli_printable(info->layer, strlen(info->layer), layer, sizeof layer),
                          zf_cli_printable(info->path, strlen(info->path), path, sizeof path), info->driver);
    zf_cli_append_bytes(out, info->file_bytes);
    zf_text_append(out, ")");
}

static void append_zips(const zf_forecast *f, zf_text *out) {
    uint32_t largest = 0;
    uint64_t points = zf_catalogue_points(f->catalogue, &largest);
    zf_text_append(out, "ZIPs        ");
    append_layer(out, zf_source_get_info(f->inputs.zips));
    zf_text_append(out, "\n            ");
    append_number(out, zf_catalogue_count(f->catalogue));
    zf_text_append(out, " ZIPs of ");
    append_number(out, zf_catalogue_features_read(f->catalogue));
    zf_text_append(out, " features, ");
    append_number(out, points);
    zf_text_append(out, " vertices, the largest ");
    append_number(out, largest);
    zf_text_append(out, "\n");
}

static void append_buildings(const zf_forecast *f, zf_text *out) {
    zf_text_append(out, "Buildings   ");
    append_layer(out, zf_source_get_info(f->inputs.buildings));
    zf_text_append(out, "\n            ");
    if (f->has_n_buildings)
        append_number(out, f->n_buildings);
    else
        zf_text_append(out, "an unknown number of");
    zf_text_append(out, " features\n");
}

static void append_columns(const zf_forecast *f, zf_text *out) {
    const zf_source_info *info = zf_source_get_info(f->inputs.buildings);
    char name[256];
    zf_text_append(out, "Read        geometry");
    for (size_t i = 0; i < f->plan.reading.n_fields; i++) {
        const char *field = info->fields[f->plan.reading.fields[i]].name;
        zf_text_append_format(out, ", %s", zf_cli_printable(field, strlen(field), name, sizeof name));
    }
    zf_text_append_format(out, " (%zu of %zu fields)\n", f->plan.reading.n_fields, info->n_fields);
    zf_text_append(out, "Computed    ");
    for (unsigned m = 0, n = 0; m < ZF_MEASURE_KINDS; m++)
        if (f->plan.reading.measures & 1u << m)
            zf_text_append_format(out, "%s%s", n++ > 0 ? ", " : "", zf_measure_name((zf_measure)m));
    zf_text_append_format(out, " (%s)\n", f->inputs.is_geodesic ? "geodesic" : "planar");
}

/* What the user's expressions add: columns with their types, and conditions. */
static void append_expressions(const zf_forecast *f, zf_text *out) {
    const zf_plan *plan = &f->plan;
    char name[256];
    for (size_t k = 0; k < plan->expressions.n_computes; k++) {
        const zf_column *column =
            &plan->scope.columns[plan->scope.n - plan->expressions.n_computes + k].column;
        zf_text_append_format(out, "%s%s (%s)", k == 0 ? "Columns     " : ", ",
                              zf_cli_printable(column->name, strlen(column->name), name, sizeof name),
                              zf_field_type_name(column->type));
    }
    zf_text_append(out, plan->expressions.n_computes > 0 ? "\n" : "");
    for (size_t i = 0; i < zf_plan_n_conditions(plan); i++) {
        const char *rule = zf_plan_condition_name(plan, i);
        zf_text_append_format(out, "%s%s", i == 0 ? "Conditions  " : ", then ",
                              zf_cli_printable(rule, strlen(rule), name, sizeof name));
    }
    zf_text_append(out, zf_plan_n_conditions(plan) > 0 ? "\n" : "");
}

/* The user's SELECTs: their tables and columns. */
static void append_questions(const zf_forecast *f, zf_text *out) {
    const zf_plan_queries *queries = &f->plan.queries;
    char name[256];
    for (size_t k = 0; k < queries->n; k++) {
        const char *table = queries->texts[k].name;
        zf_text_append_format(out, "%s%s (zip_rank, zip", k == 0 ? "SQL         " : "            ",
                              zf_cli_printable(table, strlen(table), name, sizeof name));
        for (size_t i = 0; i < queries->results[k].n; i++) {
            const char *column = queries->results[k].names[i];
            zf_text_append_format(out, ", %s", zf_cli_printable(column, strlen(column), name, sizeof name));
        }
        zf_text_append(out, ")\n");
    }
}

static void append_memory(const zf_forecast *f, zf_text *out) {
    zf_text_append(out, "Memory      some ");
    zf_cli_append_bytes(out, f->memory_bytes);
    zf_text_append(out, " of the ");
    zf_cli_append_bytes(out, f->shares.limit_bytes);
    zf_text_append_format(out, " allowed, beside what the libraries take; %zu thread%s\n", f->n_threads,
                          f->n_threads == 1 ? "" : "s");
    zf_text_append(out, "Temporary   ");
    if (f->spill_bytes > 0) {
        zf_text_append(out, "some ");
        zf_cli_append_bytes(out, f->spill_bytes);
        zf_text_append(out, " in files\n");
    } else {
        zf_text_append(out, "no files\n");
    }
}

static void append_result(const zf_forecast *f, const zf_run_options *options, zf_text *out) {
    zf_text_append(out, "Result      ");
    append_number(out, zf_catalogue_count(f->catalogue));
    zf_text_append(out, " rows of zip_summary");
    if (options->buildings_out != ZF_BUILDINGS_NONE && f->has_n_buildings) {
        zf_text_append(out, ", ");
        append_number(out, f->n_buildings);
        zf_text_append(out, " of important_building if every building is important and in one ZIP");
    }
    zf_text_append(out, "; some ");
    zf_cli_append_bytes(out, f->result_bytes);
    zf_text_append(out, "\n");
}

/* One operation a line. */
static void append_lines(const char *operations, zf_text *out) {
    while (*operations != '\0') {
        const char *end = strstr(operations, " | ");
        size_t n = end != NULL ? (size_t)(end - operations) : strlen(operations);
        zf_text_append(out, "              ");
        zf_text_append_n(out, operations, n);
        zf_text_append(out, "\n");
        operations += end != NULL ? n + 3 : n;
    }
}

static void append_operation(const zf_inputs *in, zf_text *out) {
    zf_text better = {0};
    zf_transform_append_better(in->transform, &better);
    zf_text_append_format(out, "            ZIPs come from %s by: %s; grids: %s\n",
                          zf_crs_get_info(in->zips_crs)->name, zf_transform_describe(in->transform),
                          zf_transform_grids(in->transform));
    if (better.bytes != NULL && strcmp(better.bytes, "none") != 0) {
        zf_text_append(out, "            More accurate, but without their grids here:\n");
        append_lines(better.bytes, out);
    }
    out->is_failed |= better.is_failed;
    zf_text_deinit(&better);
}

void zf_forecast_text(const zf_forecast *forecast, const zf_run_options *options, zf_text *out) {
    const zf_inputs *in = &forecast->inputs;
    append_zips(forecast, out);
    append_buildings(forecast, out);
    zf_text_append_format(out, "CRS         %s\n", zf_crs_get_info(in->crs)->name);
    if (in->transform != NULL)
        append_operation(in, out);
    append_columns(forecast, out);
    append_expressions(forecast, out);
    append_questions(forecast, out);
    zf_text_append_format(out, "Passes      %s%zu over the buildings, in batches of %zu\n",
                          forecast->n_passes > 1 ? "at most " : "", forecast->n_passes, forecast->batch_rows);
    append_memory(forecast, out);
    append_result(forecast, options, out);
}
