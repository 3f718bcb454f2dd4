/* SPDX-License-Identifier: MIT */
#include "cli/forecast_report.h"

#include <inttypes.h>

static void append_layer(zf_text *out, const char *key, const zf_planned_layer *layer) {
    zf_text_append_format(out, "  \"%s\": {\"path\": ", key);
    zf_text_append_json(out, layer->path);
    zf_text_append(out, ", \"layer\": ");
    zf_text_append_json(out, layer->layer);
    zf_text_append(out, ", \"driver\": ");
    zf_text_append_json(out, layer->driver);
    zf_text_append_format(out, ", \"file_bytes\": %" PRIu64 ", \"features\": ", layer->file_bytes);
    if (layer->n_features >= 0)
        zf_text_append_format(out, "%" PRId64, layer->n_features);
    else
        zf_text_append(out, "null");
}

/* The elements of an array of strings; `before` is what stands before them. */
static void append_names(zf_text *out, const char *before, const zf_names *names) {
    for (size_t i = 0; i < names->n; i++) {
        zf_text_append(out, i > 0 ? ", " : before);
        zf_text_append_json(out, names->items[i]);
    }
}

static void append_columns(const zf_planned_columns *columns, zf_text *out) {
    zf_text_append(out, "  \"fields_read\": [");
    append_names(out, "", &columns->fields);
    zf_text_append(out, "],\n  \"measures\": [");
    append_names(out, "", &columns->measures);
    zf_text_append(out, "],\n  \"computed\": [");
    for (size_t k = 0; k < columns->n_computed; k++) {
        zf_text_append_format(out, "%s{\"name\": ", k > 0 ? ", " : "");
        zf_text_append_json(out, columns->computed[k].name);
        zf_text_append_format(out, ", \"type\": \"%s\"}", zf_field_type_name(columns->computed[k].type));
    }
    zf_text_append(out, "],\n  \"conditions\": [");
    append_names(out, "", &columns->conditions);
    zf_text_append(out, "],\n  \"by\": [");
    append_names(out, "", &columns->groups);
    zf_text_append(out, "],\n  \"analysis_sql\": [");
    for (size_t k = 0; k < columns->n_queries; k++) {
        zf_text_append(out, k > 0 ? ", {\"name\": " : "{\"name\": ");
        zf_text_append_json(out, columns->queries[k].name);
        zf_text_append(out, ", \"columns\": [\"zip_rank\", \"zip\"");
        append_names(out, ", ", &columns->queries[k].columns);
        zf_text_append(out, "]}");
    }
    zf_text_append(out, "],\n  \"map_by\": ");
    zf_text_append_json(out, columns->map_by);
    zf_text_append(out, ",\n");
}

static void append_text(zf_text *out, const char *key, const char *text) {
    zf_text_append_format(out, ",\n  \"%s\": ", key);
    zf_text_append_json(out, text);
}

static void append_crs(const zf_planned_crs *crs, zf_text *out) {
    zf_text_append(out, "  \"crs\": ");
    zf_text_append_json(out, crs->name);
    append_text(out, "zips_crs", crs->zips_name);
    append_text(out, "crs_operation", crs->operation);
    append_text(out, "crs_grids", crs->grids);
    append_text(out, "crs_better", crs->better);
    zf_text_append_format(out, ",\n  \"measure\": \"%s\",\n", crs->is_geodesic ? "geodesic" : "planar");
}

void zf_forecast_json(const zf_plan_report *report, const zf_run_options *options, zf_text *out) {
    const zf_planned_zips *zips = &report->zips;
    const zf_planned_cost *cost = &report->cost;
    zf_text_append(out, "{\n");
    append_layer(out, "zips", &report->zips_layer);
    zf_text_append_format(out,
                          ", \"zips\": %zu, \"vertices\": %" PRIu64 ", \"vertices_largest\": %" PRIu32 "},\n",
                          zips->n, zips->n_vertices, zips->n_vertices_largest);
    append_layer(out, "buildings", &report->buildings_layer);
    zf_text_append(out, "},\n");
    append_crs(&report->crs, out);
    append_columns(&report->columns, out);
    zf_text_append_format(
        out,
        "  \"passes\": %zu,\n  \"batch_rows\": %zu,\n  \"threads\": %zu,\n  \"memory_bytes\": %" PRIu64
        ",\n  \"memory_limit_bytes\": %" PRIu64 ",\n  \"temporary_bytes\": %" PRIu64
        ",\n  \"result_bytes\": %" PRIu64 ",\n  \"zip_summary_rows\": %zu,\n"
        "  \"important_building_rows_at_most\": ",
        cost->n_passes, cost->n_batch_rows, cost->n_threads, cost->memory_bytes, cost->memory_limit_bytes,
        cost->temporary_bytes, cost->result_bytes, zips->n);
    if (options->buildings_out == ZF_BUILDINGS_NONE)
        zf_text_append(out, "0\n}\n");
    else if (report->buildings_layer.n_features >= 0 && options->assign == ZF_ASSIGN_WITHIN)
        zf_text_append_format(out, "%" PRId64 "\n}\n", report->buildings_layer.n_features);
    else
        zf_text_append(out, "null\n}\n");
}
