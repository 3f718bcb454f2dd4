/* SPDX-License-Identifier: MIT */
/* The report of a layer, and checks of its description. */
#include "inspect/inspect_internal.h"

#include <stdio.h>

static const double full_circle_rad = 6.283185307179586;
static const double crs_tolerance = 1e-9; /* relative, for limits that are rounded */

void zf_layer_report_add(zf_layer_report *report, const char *format, ...) {
    char text[1024];
    va_list values;
    if (report->n_problems == ZF_PROBLEMS_MAX)
        return;
    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    zf_text_append(&report->problems[report->n_problems++], text);
}

zf_status zf_layer_report_check(const zf_layer_report *report, zf_error *error) {
    for (size_t i = 0; i < report->n_problems; i++)
        if (report->problems[i].is_failed || report->problems[i].bytes == NULL)
            return zf_error_memory(error, report->problems[i].n, "what is wrong with a layer");
    return ZF_OK;
}

static zf_text *new_problem(zf_layer_report *report) {
    return report->n_problems < ZF_PROBLEMS_MAX ? &report->problems[report->n_problems++] : NULL;
}

static void add_problem(zf_layer_report *report, const char *text) {
    zf_text *problem = new_problem(report);
    if (problem != NULL)
        zf_text_append(problem, text);
}

/* Reports layers without polygons and empty layers. */
static void check_geometry(zf_layer_report *report) {
    if (!report->info->has_geometry)
        add_problem(report,
                    "no geometry column: a table without geometry cannot be the ZIP or the building layer");
    else if (!report->info->may_hold_polygons)
        add_problem(report,
                    "the geometry type excludes polygons: the layer cannot contain ZIPs or buildings");
    if (report->info->n_features == 0)
        add_problem(report, "the layer is empty");
}

/* Reports a CRS that is missing or that PROJ does not accept. */
static zf_status check_crs(zf_layer_report *report, zf_error *error) {
    if (!report->info->has_geometry)
        return ZF_OK;
    if (report->info->crs_wkt == NULL) {
        add_problem(report, "the file does not declare a CRS: give it with `zips_crs` or `buildings_crs`");
        return ZF_OK;
    }
    zf_error why = ZF_ERROR_INIT;
    zf_status status = zf_crs_create(report->info->crs_wkt, &report->crs, &why);
    if (status == ZF_E_MEMORY)
        return zf_error_set(error, status, why.domain, "%s", why.text);
    if (status != ZF_OK) {
        report->crs = NULL;
        zf_text *problem = new_problem(report);
        if (problem != NULL)
            zf_text_append_format(
                problem,
                "the CRS of the file cannot be used (%s): give it with `zips_crs` or `buildings_crs`",
                why.text);
    }
    return ZF_OK;
}

static bool is_within(double low, double high, double limit) {
    const double widened = limit * (1.0 + crs_tolerance);
    return low >= -widened && high <= widened;
}

/* True if the CRS is geographic and an extent is not one of longitudes and latitudes. */
static bool is_out_of_range(const zf_crs *crs, const zf_envelope *extent) {
    const zf_crs_info *info = crs != NULL ? zf_crs_get_info(crs) : NULL;
    if (info == NULL || !info->is_geographic || !(info->unit > 0.0) || zf_envelope_is_empty(extent))
        return false;
    return !is_within(extent->min_x, extent->max_x, full_circle_rad / info->unit) ||
           !is_within(extent->min_y, extent->max_y, full_circle_rad / 4.0 / info->unit);
}

void zf_layer_report_add_extent(zf_layer_report *report, const zf_envelope *read, bool is_whole) {
    if (is_out_of_range(report->crs, &report->extent) || is_out_of_range(report->crs, read))
        add_problem(
            report,
            "the coordinates are outside the range of longitude and latitude, but the CRS is geographic: "
            "they are probably projected; give the right CRS with `zips_crs` or `buildings_crs`");
    if (is_whole && zf_envelope_is_empty(&report->extent))
        report->extent = *read;
}

zf_status zf_layer_report_init(const zf_source_info *info, zf_layer_report *out, zf_error *error) {
    *out = (zf_layer_report){.info = info, .extent = zf_envelope_empty()};
    if (info->has_extent)
        out->extent = info->extent;
    check_geometry(out);
    zf_status status = check_crs(out, error);
    for (size_t i = 0; i < info->n_notes; i++)
        zf_layer_report_add(out, "%s", info->notes[i]);
    for (size_t i = 0; i < out->n_problems && status == ZF_OK; i++)
        if (out->problems[i].is_failed)
            status = zf_error_memory(error, 256, "a problem found");
    return status;
}

void zf_layer_report_deinit(zf_layer_report *report) {
    for (size_t i = 0; i < report->n_problems; i++)
        zf_text_deinit(&report->problems[i]);
    zf_crs_destroy(report->crs);
    *report = (zf_layer_report){0};
}
