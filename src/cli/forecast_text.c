/* SPDX-License-Identifier: MIT */
#include "cli/forecast_report.h"

#include <string.h>

static void append_number(zf_text *out, uint64_t n) {
    char number[32];
    zf_text_append(out, zf_format_grouped(n, number));
}

/* Names come from files and options: nothing of theirs reaches the terminal but printable text. */
static void append_name(zf_text *out, const char *name) {
    char shown[1024];
    zf_text_append(out, zf_cli_printable(name, strlen(name), shown, sizeof shown));
}

static void append_layer(zf_text *out, const zf_planned_layer *layer) {
    zf_text_append(out, "layer '");
    append_name(out, layer->layer);
    zf_text_append(out, "' of '");
    append_name(out, layer->path);
    zf_text_append_format(out, "' (%s, ", layer->driver);
    zf_cli_append_bytes(out, layer->file_bytes);
    zf_text_append(out, ")");
}

static void append_layers(const zf_plan_report *report, zf_text *out) {
    zf_text_append(out, "ZIPs        ");
    append_layer(out, &report->zips_layer);
    zf_text_append(out, "\n            ");
    append_number(out, report->zips.n);
    zf_text_append(out, " ZIPs of ");
    append_number(out, report->zips.n_features);
    zf_text_append(out, " features, ");
    append_number(out, report->zips.n_vertices);
    zf_text_append(out, " vertices, the largest ");
    append_number(out, report->zips.n_vertices_largest);
    zf_text_append(out, "\nBuildings   ");
    append_layer(out, &report->buildings_layer);
    zf_text_append(out, "\n            ");
    if (report->buildings_layer.n_features >= 0)
        append_number(out, (uint64_t)report->buildings_layer.n_features);
    else
        zf_text_append(out, "an unknown number of");
    zf_text_append(out, " features\n");
}

/* What is read, what is computed of each footprint, and what the user's expressions add. */
static void append_columns(const zf_plan_report *report, zf_text *out) {
    const zf_planned_columns *columns = &report->columns;
    zf_text_append(out, "Read        geometry");
    for (size_t i = 0; i < columns->fields.n; i++) {
        zf_text_append(out, ", ");
        append_name(out, columns->fields.items[i]);
    }
    zf_text_append_format(out, " (%zu of %zu fields)\nComputed    ", columns->fields.n,
                          report->buildings_layer.n_fields);
    for (size_t i = 0; i < columns->measures.n; i++)
        zf_text_append_format(out, "%s%s", i > 0 ? ", " : "", columns->measures.items[i]);
    zf_text_append_format(out, " (%s)\n", report->crs.is_geodesic ? "geodesic" : "planar");
    for (size_t k = 0; k < columns->n_computed; k++) {
        zf_text_append(out, k == 0 ? "Columns     " : ", ");
        append_name(out, columns->computed[k].name);
        zf_text_append_format(out, " (%s)", zf_field_type_name(columns->computed[k].type));
    }
    zf_text_append(out, columns->n_computed > 0 ? "\n" : "");
    for (size_t i = 0; i < columns->conditions.n; i++) {
        zf_text_append(out, i == 0 ? "Conditions  " : ", then ");
        append_name(out, columns->conditions.items[i]);
    }
    zf_text_append(out, columns->conditions.n > 0 ? "\n" : "");
    for (size_t i = 0; i < columns->groups.n; i++) {
        zf_text_append(out, i == 0 ? "Groups      zip_group, by " : ", ");
        append_name(out, columns->groups.items[i]);
    }
    zf_text_append(out, columns->groups.n > 0 ? "\n" : "");
}

/* The user's SELECTs: their tables and columns. */
static void append_queries(const zf_planned_columns *columns, zf_text *out) {
    for (size_t k = 0; k < columns->n_queries; k++) {
        const zf_planned_query *query = &columns->queries[k];
        zf_text_append(out, k == 0 ? "SQL         " : "            ");
        append_name(out, query->name);
        zf_text_append(out, " (zip_rank, zip");
        for (size_t i = 0; i < query->columns.n; i++) {
            zf_text_append(out, ", ");
            append_name(out, query->columns.items[i]);
        }
        zf_text_append(out, ")\n");
    }
}

static void append_memory(const zf_planned_cost *cost, zf_text *out) {
    zf_text_append(out, "Memory      some ");
    zf_cli_append_bytes(out, cost->memory_bytes);
    zf_text_append(out, " of the ");
    zf_cli_append_bytes(out, cost->memory_limit_bytes);
    zf_text_append_format(out, " allowed, beside what the libraries take; %zu thread%s\n", cost->n_threads,
                          cost->n_threads == 1 ? "" : "s");
    zf_text_append(out, "Temporary   ");
    if (cost->temporary_bytes > 0) {
        zf_text_append(out, "some ");
        zf_cli_append_bytes(out, cost->temporary_bytes);
        zf_text_append(out, " in files\n");
    } else {
        zf_text_append(out, "no files\n");
    }
}

static void append_result(const zf_plan_report *report, const zf_run_options *options, zf_text *out) {
    zf_text_append(out, "Result      ");
    append_number(out, report->zips.n);
    zf_text_append(out, " rows of zip_summary");
    if (options->buildings_out != ZF_BUILDINGS_NONE && report->buildings_layer.n_features >= 0) {
        zf_text_append(out, ", ");
        append_number(out, (uint64_t)report->buildings_layer.n_features);
        zf_text_append(out, " of important_building if every building is important and in one ZIP");
    }
    zf_text_append(out, "; some ");
    zf_cli_append_bytes(out, report->cost.result_bytes);
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

static void append_crs(const zf_planned_crs *crs, zf_text *out) {
    zf_text_append_format(out, "CRS         %s\n", crs->name);
    if (crs->operation == NULL)
        return;
    zf_text_append_format(out, "            ZIPs come from %s by: %s; grids: %s\n", crs->zips_name,
                          crs->operation, crs->grids);
    if (crs->better[0] != '\0' && strcmp(crs->better, "none") != 0) {
        zf_text_append(out, "            More accurate, but without their grids here:\n");
        append_lines(crs->better, out);
    }
}

void zf_forecast_text(const zf_plan_report *report, const zf_run_options *options, zf_text *out) {
    append_layers(report, out);
    append_crs(&report->crs, out);
    append_columns(report, out);
    append_queries(&report->columns, out);
    zf_text_append(out, "Map         coloured by ");
    append_name(out, report->columns.map_by);
    zf_text_append(out, "\n");
    zf_text_append_format(out, "Passes      %s%zu over the buildings, in batches of %zu\n",
                          report->cost.n_passes > 1 ? "at most " : "", report->cost.n_passes,
                          report->cost.n_batch_rows);
    append_memory(&report->cost, out);
    append_result(report, options, out);
}
