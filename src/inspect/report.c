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
        add_problem(report, "the geometry type excludes polygons: the layer can be the building layer, but "
                            "not the ZIP layer");
    if (report->info->n_features == 0)
        add_problem(report, "the layer is empty");
}

/* Reports a CRS that is missing or that PROJ does not accept. */
static zf_status check_crs(zf_layer_report *report, zf_error *error) {
    if (!report->info->has_geometry)
        return ZF_OK;
    if (report->info->crs_wkt == NULL) {
        add_problem(report,
                    report->info->is_cartesian
                        ? "the CRS of the file is 'undefined Cartesian': it is taken as a plane in metres "
                          "if the other layer has no CRS either; else give it with `zips_crs` or "
                          "`buildings_crs`"
                        : "the file does not declare a CRS: give it with `zips_crs` or `buildings_crs`");
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

/* Reports longitudes beyond 180 degrees. Out of 360 is reported as another problem. */
static void check_longitudes(zf_layer_report *report, const zf_envelope *e) {
    double half_turn = report->crs != NULL ? zf_crs_half_turn(report->crs) : 0;
    if (half_turn > 0 && !zf_envelope_is_empty(e) && !is_out_of_range(report->crs, e) &&
        !is_within(e->min_x, e->max_x, half_turn))
        zf_layer_report_add(
            report,
            "longitudes beyond 180 degrees (%.9g to %.9g): they do not meet those of a layer that "
            "counts from -180 to 180; bring both layers into one range, for example with "
            "ogr2ogr -wrapdateline",
            e->min_x, e->max_x);
}

/* Reports coordinates that PROJ cannot place on Earth: an unknown projection, or far outside of a known one.
 */
static void check_place(zf_layer_report *report, const zf_envelope *e) {
    zf_transform *to_geographic = NULL;
    zf_error why = ZF_ERROR_INIT;
    double middle[2] = {(e->min_x + e->max_x) / 2, (e->min_y + e->max_y) / 2};
    if (report->crs == NULL || zf_envelope_is_empty(e) || is_out_of_range(report->crs, e))
        return;
    zf_status status = zf_transform_create_to_geographic(report->crs, &to_geographic, &why);
    if (status == ZF_OK && to_geographic != NULL)
        status = zf_transform_points(to_geographic, middle, 1, &why);
    if (status == ZF_E_INPUT)
        zf_layer_report_add(
            report,
            "PROJ cannot find the place of the coordinates in the file's CRS (%s): give the right "
            "CRS with `zips_crs` or `buildings_crs`",
            zf_crs_get_info(report->crs)->name);
    zf_transform_destroy(to_geographic);
}

/* Reports a projected CRS that distorts areas where the layer is. */
static void check_areal_scale(zf_layer_report *report, const zf_envelope *e) {
    char words[ZF_AREAL_SCALE_BYTES];
    zf_areal_scale scale;
    if (report->crs != NULL && zf_crs_areal_scale(report->crs, e, 1, &scale, NULL) == ZF_OK &&
        zf_areal_scale_describe(&scale, words))
        zf_layer_report_add(report, "areas in the plane of %s are %s here: use `measure` geodesic",
                            zf_crs_get_info(report->crs)->name, words);
}

/* Reports coordinates without a CRS, or in a projected one, that are probably degrees. */
static void check_degrees(zf_layer_report *report, const zf_envelope *e) {
    if (zf_crs_looks_like_degrees(report->crs, e, report->info->n_features))
        zf_layer_report_add(
            report,
            "the coordinates look like degrees, but the CRS is %s: if they are, give `zips_crs` or "
            "`buildings_crs`, for example EPSG:4326",
            zf_crs_get_info(report->crs)->name);
    if (report->info->has_geometry && report->info->crs_wkt == NULL && !report->info->is_cartesian &&
        !zf_envelope_is_empty(e) && is_within(e->min_x, e->max_x, 180) && is_within(e->min_y, e->max_y, 90))
        add_problem(
            report,
            "without a CRS, and all coordinates within 180 and 90: they are probably degrees (EPSG:4326), "
            "and `measure` planar is needed if they are metres of a plane");
}

void zf_layer_report_add_extent(zf_layer_report *report, const zf_envelope *read, bool is_whole) {
    if (is_out_of_range(report->crs, &report->extent) || is_out_of_range(report->crs, read))
        add_problem(
            report,
            "the coordinates are outside the range of longitude and latitude, but the CRS is geographic: "
            "they are probably projected; give the right CRS with `zips_crs` or `buildings_crs`");
    check_longitudes(report, read);
    check_place(report, read);
    check_areal_scale(report, read);
    check_degrees(report, read);
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
