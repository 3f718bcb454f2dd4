/* SPDX-License-Identifier: MIT */
#include "cli/inspect_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Layer and field names come from files: nothing of theirs reaches the terminal but printable text. */
static void append_name(zf_text *out, const char *name) {
    char shown[512];
    zf_text_append(out, zf_cli_printable(name, strlen(name), shown, sizeof shown));
}

void zf_inspect_text_file(const char *path, const zf_source_info *first, size_t n_layers, zf_text *out) {
    append_name(out, path);
    if (first != NULL) {
        zf_text_append_format(out, ": %s, ", first->driver);
        zf_cli_append_bytes(out, first->file_bytes);
    }
    zf_text_append_format(out, ", %zu layer%s\n", n_layers, n_layers == 1 ? "" : "s");
}

static void append_crs(const zf_layer_report *report, zf_text *out) {
    if (report->crs == NULL) {
        zf_text_append(out, report->info->crs_wkt == NULL ? "not said" : "not usable");
        return;
    }
    const zf_crs_info *crs = zf_crs_get_info(report->crs);
    append_name(out, crs->name);
    if (crs->auth_name != NULL && crs->auth_code != NULL)
        zf_text_append_format(out, " (%s:%s)", crs->auth_name, crs->auth_code);
    zf_text_append(out, crs->is_geographic ? ", geographic" : ", projected");
}

static void append_extent(const zf_layer_report *report, zf_text *out) {
    const zf_source_info *info = report->info;
    if (!info->has_extent || zf_envelope_is_empty(&info->extent)) {
        zf_text_append(out, "unknown");
        return;
    }
    const int digits = fabs(info->extent.max_x) < 1000.0 && fabs(info->extent.max_y) < 1000.0 ? 6 : 2;
    zf_text_append_format(out, "x %.*f to %.*f, y %.*f to %.*f", digits, info->extent.min_x, digits,
                          info->extent.max_x, digits, info->extent.min_y, digits, info->extent.max_y);
}

static void append_fields(const zf_source_info *info, zf_text *out) {
    size_t width = 0;
    char shown[512];
    for (size_t i = 0; i < info->n_fields; i++) {
        const size_t w = zf_cli_width(
            zf_cli_printable(info->fields[i].name, strlen(info->fields[i].name), shown, sizeof shown));
        width = w > width ? w : width;
    }
    zf_text_append_format(out, "    fields         %zu\n", info->n_fields);
    for (size_t i = 0; i < info->n_fields; i++) {
        zf_cli_printable(info->fields[i].name, strlen(info->fields[i].name), shown, sizeof shown);
        zf_text_append_format(out, "      %s%*s  %s\n", shown, (int)(width - zf_cli_width(shown)), "",
                              zf_field_type_name(info->fields[i].type));
    }
}

void zf_inspect_text_layer(const zf_layer_report *report, zf_text *out) {
    const zf_source_info *info = report->info;
    char number[32];
    zf_text_append(out, "  layer ");
    append_name(out, info->layer);
    zf_text_append_format(out, "\n    features       %s\n",
                          info->n_features < 0 ? "unknown"
                                               : zf_cli_grouped((uint64_t)info->n_features, number));
    zf_text_append_format(out, "    geometry       %s\n", info->has_geometry ? info->geometry_type : "none");
    if (info->has_geometry) {
        zf_text_append(out, "    CRS            ");
        append_crs(report, out);
        zf_text_append(out, "\n    extent         ");
        append_extent(report, out);
        zf_text_append_format(out, "\n    spatial index  %s\n", info->has_spatial_index ? "yes" : "no");
    }
    if (info->encoding != NULL)
        zf_text_append_format(out, "    encoding       %s\n",
                              info->encoding[0] != '\0' ? info->encoding : "not said (--encoding gives it)");
    append_fields(info, out);
    for (size_t i = 0; i < report->n_problems; i++) {
        zf_text_append(out, "    problem: ");
        append_name(out, report->problems[i].bytes);
        zf_text_append(out, "\n");
    }
}
