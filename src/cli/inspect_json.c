/* SPDX-License-Identifier: MIT */
#include "cli/inspect_report.h"

#include <inttypes.h>

static void append_text_or_null(zf_text *out, const char *text) {
    if (text != NULL)
        zf_text_append_json(out, text);
    else
        zf_text_append(out, "null");
}

void zf_inspect_json_file(const char *path, const zf_source_info *first, zf_text *out) {
    zf_text_append(out, "    {\n      \"path\": ");
    zf_text_append_json(out, path);
    zf_text_append(out, ",\n      \"driver\": ");
    append_text_or_null(out, first != NULL ? first->driver : NULL);
    if (first != NULL)
        zf_text_append_format(out, ",\n      \"file_bytes\": %" PRIu64, first->file_bytes);
    else
        zf_text_append(out, ",\n      \"file_bytes\": null");
}

static void append_crs(const zf_layer_report *report, zf_text *out) {
    if (report->crs == NULL) {
        zf_text_append(out, "null");
        return;
    }
    const zf_crs_info *crs = zf_crs_get_info(report->crs);
    zf_text_append(out, "{\"name\": ");
    append_text_or_null(out, crs->name);
    zf_text_append(out, ", \"auth_name\": ");
    append_text_or_null(out, crs->auth_name);
    zf_text_append(out, ", \"auth_code\": ");
    append_text_or_null(out, crs->auth_code);
    zf_text_append_format(out, ", \"is_geographic\": %s}", crs->is_geographic ? "true" : "false");
}

static void append_extent(const zf_source_info *info, zf_text *out) {
    if (!info->has_extent || zf_envelope_is_empty(&info->extent)) {
        zf_text_append(out, "null");
        return;
    }
    const double corner[] = {info->extent.min_x, info->extent.min_y, info->extent.max_x, info->extent.max_y};
    for (size_t i = 0; i < 4; i++) {
        zf_text_append(out, i == 0 ? "[" : ", ");
        zf_text_append_json_number(out, corner[i]);
    }
    zf_text_append(out, "]");
}

static void append_fields(const zf_source_info *info, zf_text *out) {
    for (size_t i = 0; i < info->n_fields; i++) {
        zf_text_append_format(out, "%s\n            {\"name\": ", i > 0 ? "," : "");
        zf_text_append_json(out, info->fields[i].name);
        zf_text_append_format(out, ", \"type\": \"%s\"}", zf_field_type_name(info->fields[i].type));
    }
}

static void append_problems(const zf_layer_report *report, zf_text *out) {
    for (size_t i = 0; i < report->n_problems; i++) {
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, report->problems[i].bytes);
    }
}

void zf_inspect_json_layer(const zf_layer_report *report, zf_text *out) {
    const zf_source_info *info = report->info;
    zf_text_append(out, "\n        {\n          \"name\": ");
    zf_text_append_json(out, info->layer);
    zf_text_append(out, ",\n          \"features\": ");
    if (info->n_features >= 0)
        zf_text_append_format(out, "%" PRId64, info->n_features);
    else
        zf_text_append(out, "null");
    zf_text_append_format(out, ",\n          \"features_read\": %" PRIu64, report->n_read);
    zf_text_append(out, ",\n          \"geometry_type\": ");
    append_text_or_null(out, info->has_geometry ? info->geometry_type : NULL);
    zf_text_append(out, ",\n          \"crs\": ");
    append_crs(report, out);
    zf_text_append(out, ",\n          \"extent\": ");
    append_extent(info, out);
    zf_text_append_format(out, ",\n          \"has_spatial_index\": %s,\n          \"encoding\": ",
                          info->has_spatial_index ? "true" : "false");
    append_text_or_null(out, info->encoding != NULL && info->encoding[0] != '\0' ? info->encoding : NULL);
    zf_text_append(out, ",\n          \"fields\": [");
    append_fields(info, out);
    zf_text_append(out, "],\n          \"problems\": [");
    append_problems(report, out);
    zf_text_append(out, "]\n        }");
}
