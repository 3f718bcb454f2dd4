/* SPDX-License-Identifier: MIT */
#include "cli/inspect_report.h"

#include <inttypes.h>

static void append_crs(const zf_inspected_crs *crs, zf_text *out) {
    if (crs->name == NULL) {
        zf_text_append(out, "null");
        return;
    }
    zf_text_append(out, "{\"name\": ");
    zf_text_append_json(out, crs->name);
    zf_text_append(out, ", \"auth_name\": ");
    zf_text_append_json(out, crs->auth_name);
    zf_text_append(out, ", \"auth_code\": ");
    zf_text_append_json(out, crs->auth_code);
    zf_text_append_format(out, ", \"is_geographic\": %s}", crs->is_geographic ? "true" : "false");
}

static void append_extent(const zf_inspected_layer *layer, zf_text *out) {
    if (!layer->has_extent) {
        zf_text_append(out, "null");
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        zf_text_append(out, i == 0 ? "[" : ", ");
        zf_text_append_json_number(out, layer->extent[i]);
    }
    zf_text_append(out, "]");
}

static void append_fields(const zf_inspected_layer *layer, zf_text *out) {
    for (size_t i = 0; i < layer->n_fields; i++) {
        zf_text_append_format(out, "%s\n            {\"name\": ", i > 0 ? "," : "");
        zf_text_append_json(out, layer->fields[i].name);
        zf_text_append_format(out, ", \"type\": \"%s\"}", zf_field_type_name(layer->fields[i].type));
    }
}

static void append_problems(const zf_inspected_layer *layer, zf_text *out) {
    for (size_t i = 0; i < layer->n_problems; i++) {
        zf_text problem = {0};
        zf_cli_append_message(&problem, layer->problems[i]);
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, problem.bytes != NULL ? problem.bytes : "");
        out->is_failed |= problem.is_failed;
        zf_text_deinit(&problem);
    }
}

static void append_layer(const zf_inspected_layer *layer, zf_text *out) {
    zf_text_append(out, "\n        {\n          \"name\": ");
    zf_text_append_json(out, layer->name);
    zf_text_append(out, ",\n          \"features\": ");
    if (layer->n_features >= 0)
        zf_text_append_format(out, "%" PRId64, layer->n_features);
    else
        zf_text_append(out, "null");
    zf_text_append_format(out, ",\n          \"features_read\": %" PRIu64, layer->n_read);
    zf_text_append(out, ",\n          \"geometry_type\": ");
    zf_text_append_json(out, layer->geometry_type);
    zf_text_append(out, ",\n          \"crs\": ");
    append_crs(&layer->crs, out);
    zf_text_append(out, ",\n          \"extent\": ");
    append_extent(layer, out);
    zf_text_append_format(out, ",\n          \"has_spatial_index\": %s,\n          \"encoding\": ",
                          layer->has_spatial_index ? "true" : "false");
    zf_text_append_json(out, layer->encoding != NULL && layer->encoding[0] != '\0' ? layer->encoding : NULL);
    zf_text_append(out, ",\n          \"fields\": [");
    append_fields(layer, out);
    zf_text_append(out, "],\n          \"problems\": [");
    append_problems(layer, out);
    zf_text_append(out, "]\n        }");
}

void zf_inspect_json(const zf_inspect_report *report, zf_text *out) {
    zf_text_append(out, "    {\n      \"path\": ");
    zf_text_append_json(out, report->path);
    zf_text_append(out, ",\n      \"driver\": ");
    zf_text_append_json(out, report->driver);
    zf_text_append(out, ",\n      \"file_bytes\": ");
    if (report->driver != NULL)
        zf_text_append_format(out, "%" PRIu64, report->file_bytes);
    else
        zf_text_append(out, "null");
    zf_text_append(out, ",\n      \"layers\": [");
    for (size_t i = 0; i < report->n_layers; i++) {
        zf_text_append(out, i > 0 ? "," : "");
        append_layer(&report->layers[i], out);
    }
    zf_text_append(out, report->n_layers > 0 ? "\n      ]\n    }" : "]\n    }");
}
