/* SPDX-License-Identifier: MIT */
#include "cli/forecast_report.h"

#include <inttypes.h>

static void append_layer(zf_text *out, const char *key, const zf_source_info *info) {
    zf_text_append_format(out, "  \"%s\": {\"path\": ", key);
    zf_text_append_json(out, info->path);
    zf_text_append(out, ", \"layer\": ");
    zf_text_append_json(out, info->layer);
    zf_text_append(out, ", \"driver\": ");
    zf_text_append_json(out, info->driver);
    zf_text_append_format(out, ", \"file_bytes\": %" PRIu64 ", \"features\": ", info->file_bytes);
    if (info->n_features >= 0)
        zf_text_append_format(out, "%" PRId64, info->n_features);
    else
        zf_text_append(out, "null");
}

static void append_read(const zf_forecast *f, zf_text *out) {
    const zf_source_info *info = zf_source_get_info(f->inputs.buildings);
    zf_text_append(out, "  \"fields_read\": [");
    for (size_t i = 0; i < f->plan.reading.n_fields; i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, info->fields[f->plan.reading.fields[i]].name);
    }
    zf_text_append(out, "],\n  \"measures\": [");
    for (unsigned m = 0, n = 0; m < ZF_MEASURE_KINDS; m++)
        if (f->plan.reading.measures & 1u << m)
            zf_text_append_format(out, "%s\"%s\"", n++ > 0 ? ", " : "", zf_measure_name((zf_measure)m));
    zf_text_append(out, "],\n");
}

static void append_expressions(const zf_plan *plan, zf_text *out) {
    zf_text_append(out, "  \"computed\": [");
    for (size_t k = 0; k < plan->expressions.n_computes; k++) {
        const zf_column *column =
            &plan->scope.columns[plan->scope.n - plan->expressions.n_computes + k].column;
        zf_text_append_format(out, "%s{\"name\": ", k > 0 ? ", " : "");
        zf_text_append_json(out, column->name);
        zf_text_append_format(out, ", \"type\": \"%s\"}", zf_field_type_name(column->type));
    }
    zf_text_append(out, "],\n  \"conditions\": [");
    for (size_t i = 0; i < zf_plan_n_conditions(plan); i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, zf_plan_condition_name(plan, i));
    }
    zf_text_append(out, "],\n");
}

static void append_questions(const zf_plan_queries *queries, zf_text *out) {
    zf_text_append(out, "  \"analysis_sql\": [");
    for (size_t k = 0; k < queries->n; k++) {
        zf_text_append(out, k > 0 ? ", {\"name\": " : "{\"name\": ");
        zf_text_append_json(out, queries->texts[k].name);
        zf_text_append(out, ", \"columns\": [\"zip_rank\", \"zip\"");
        for (size_t i = 0; i < queries->results[k].n; i++) {
            zf_text_append(out, ", ");
            zf_text_append_json(out, queries->results[k].names[i]);
        }
        zf_text_append(out, "]}");
    }
    zf_text_append(out, "],\n");
}

static void append_operation(zf_transform *transform, zf_text *out) {
    zf_text better = {0};
    if (transform == NULL) {
        zf_text_append(out, "null,\n  \"crs_grids\": null,\n  \"crs_better\": null");
        return;
    }
    zf_transform_append_better(transform, &better);
    zf_text_append_json(out, zf_transform_describe(transform));
    zf_text_append(out, ",\n  \"crs_grids\": ");
    zf_text_append_json(out, zf_transform_grids(transform));
    zf_text_append(out, ",\n  \"crs_better\": ");
    zf_text_append_json(out, better.bytes != NULL ? better.bytes : "");
    out->is_failed |= better.is_failed;
    zf_text_deinit(&better);
}

static void append_crs(const zf_inputs *in, zf_text *out) {
    zf_text_append(out, "  \"crs\": ");
    zf_text_append_json(out, zf_crs_get_info(in->crs)->name);
    zf_text_append(out, ",\n  \"zips_crs\": ");
    zf_text_append_json(out, zf_crs_get_info(in->zips_crs)->name);
    zf_text_append(out, ",\n  \"crs_operation\": ");
    append_operation(in->transform, out);
    zf_text_append_format(out, ",\n  \"measure\": \"%s\",\n", in->is_geodesic ? "geodesic" : "planar");
}

void zf_forecast_json(const zf_forecast *forecast, const zf_run_options *options, zf_text *out) {
    const zf_forecast *f = forecast;
    uint32_t largest = 0;
    uint64_t points = zf_catalogue_points(f->catalogue, &largest);
    zf_text_append(out, "{\n");
    append_layer(out, "zips", zf_source_get_info(f->inputs.zips));
    zf_text_append_format(out,
                          ", \"zips\": %zu, \"vertices\": %" PRIu64 ", \"vertices_largest\": %" PRIu32 "},\n",
                          zf_catalogue_count(f->catalogue), points, largest);
    append_layer(out, "buildings", zf_source_get_info(f->inputs.buildings));
    zf_text_append(out, "},\n");
    append_crs(&f->inputs, out);
    append_read(f, out);
    append_expressions(&f->plan, out);
    append_questions(&f->plan.queries, out);
    zf_text_append_format(
        out,
        "  \"passes\": %zu,\n  \"batch_rows\": %zu,\n  \"threads\": %zu,\n  \"memory_bytes\": %" PRIu64
        ",\n  \"memory_limit_bytes\": %zu,\n  \"temporary_bytes\": %" PRIu64 ",\n  \"result_bytes\": %" PRIu64
        ",\n  \"zip_summary_rows\": %zu,\n"
        "  \"important_building_rows_at_most\": ",
        f->n_passes, f->batch_rows, f->n_threads, f->memory_bytes, f->shares.limit_bytes, f->spill_bytes,
        f->result_bytes, zf_catalogue_count(f->catalogue));
    if (options->buildings_out == ZF_BUILDINGS_NONE)
        zf_text_append(out, "0\n}\n");
    else if (f->has_n_buildings && options->assign == ZF_ASSIGN_WITHIN)
        zf_text_append_format(out, "%" PRIu64 "\n}\n", f->n_buildings);
    else
        zf_text_append(out, "null\n}\n");
}
