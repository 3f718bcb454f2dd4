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

static void append_crs(const zf_inspected_crs *crs, zf_text *out) {
    if (crs->name == NULL) {
        zf_text_append(out, crs->is_declared ? "not usable" : "not said");
        return;
    }
    append_name(out, crs->name);
    if (crs->auth_name != NULL && crs->auth_code != NULL)
        zf_text_append_format(out, " (%s:%s)", crs->auth_name, crs->auth_code);
    zf_text_append(out, crs->is_geographic ? ", geographic" : ", projected");
}

static void append_extent(const zf_inspected_layer *layer, zf_text *out) {
    const double *e = layer->extent;
    if (!layer->has_extent) {
        zf_text_append(out, "unknown");
        return;
    }
    const int digits = fabs(e[2]) < 1000.0 && fabs(e[3]) < 1000.0 ? 6 : 2;
    zf_text_append_format(out, "x %.*f to %.*f, y %.*f to %.*f", digits, e[0], digits, e[2], digits, e[1],
                          digits, e[3]);
}

static void append_fields(const zf_inspected_layer *layer, zf_text *out) {
    size_t width = 0;
    char shown[512];
    for (size_t i = 0; i < layer->n_fields; i++) {
        const size_t w = zf_cli_width(
            zf_cli_printable(layer->fields[i].name, strlen(layer->fields[i].name), shown, sizeof shown));
        width = w > width ? w : width;
    }
    zf_text_append_format(out, "    fields         %zu\n", layer->n_fields);
    for (size_t i = 0; i < layer->n_fields; i++) {
        zf_cli_printable(layer->fields[i].name, strlen(layer->fields[i].name), shown, sizeof shown);
        zf_text_append_format(out, "      %s%*s  %s\n", shown, (int)(width - zf_cli_width(shown)), "",
                              zf_field_type_name(layer->fields[i].type));
    }
}

static void append_layer(const zf_inspected_layer *layer, zf_text *out) {
    char number[32];
    zf_text_append(out, "  layer ");
    append_name(out, layer->name);
    zf_text_append_format(out, "\n    features       %s\n",
                          layer->n_features < 0 ? "unknown"
                                                : zf_format_grouped((uint64_t)layer->n_features, number));
    zf_text_append_format(out, "    geometry       %s\n",
                          layer->geometry_type != NULL ? layer->geometry_type : "none");
    if (layer->geometry_type != NULL) {
        zf_text_append(out, "    CRS            ");
        append_crs(&layer->crs, out);
        zf_text_append(out, "\n    extent         ");
        append_extent(layer, out);
        zf_text_append_format(out, "\n    spatial index  %s\n", layer->has_spatial_index ? "yes" : "no");
    }
    if (layer->encoding != NULL)
        zf_text_append_format(out, "    encoding       %s\n",
                              layer->encoding[0] != '\0' ? layer->encoding
                                                         : "not declared (give it with --encoding)");
    append_fields(layer, out);
    for (size_t i = 0; i < layer->n_problems; i++) {
        zf_text problem = {0};
        zf_cli_append_message(&problem, layer->problems[i]);
        zf_text_append(out, "    problem: ");
        append_name(out, problem.bytes != NULL ? problem.bytes : "");
        zf_text_append(out, "\n");
        out->is_failed |= problem.is_failed;
        zf_text_deinit(&problem);
    }
}

void zf_inspect_text(const zf_inspect_report *report, zf_text *out) {
    append_name(out, report->path);
    if (report->driver != NULL) {
        zf_text_append_format(out, ": %s, ", report->driver);
        zf_cli_append_bytes(out, report->file_bytes);
    }
    zf_text_append_format(out, ", %zu layer%s\n", report->n_layers, report->n_layers == 1 ? "" : "s");
    for (size_t i = 0; i < report->n_layers; i++)
        append_layer(&report->layers[i], out);
}
