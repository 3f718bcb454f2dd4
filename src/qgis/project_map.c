/* SPDX-License-Identifier: MIT */
/* The project's CRS, what is seen of the map, and the scale bar. */
#include "geometry/crs.h"
#include "output/output.h"
#include "qgis/project_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char crs_query[] =
    "SELECT r.srtext,r.proj4text,r.ref_sys_name,lower(r.auth_name),r.auth_srid FROM geometry_columns g "
    "JOIN spatial_ref_sys r ON r.srid=g.srid WHERE g.f_table_name='zip_summary' AND g.srid>0";

/* The boxes of the ZIPs with buildings; of all ZIPs where none has any. */
static const char boxes_query[] =
    "SELECT i.xmin,i.ymin,i.xmax,i.ymax FROM zip_summary z JOIN idx_zip_summary_geom i ON i.pkid=z.zip_rank "
    "WHERE z.buildings>0 OR NOT EXISTS(SELECT 1 FROM zip_summary WHERE buildings>0)";

static const char *text_of(sqlite3_stmt *row, int column) {
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

/* ---- CRS ---- */

/* QGIS knows EPSG's CRS by their code; for others it reads the WKT. */
static void set_crs(zf_template_data *crs, const zf_crs_info *info) {
    zf_template_set(crs, "wkt", info->wkt);
    zf_template_set(crs, "proj4", info->proj4);
    zf_template_set(crs, "description", info->name);
    if (info->auth_name != NULL && strcmp(info->auth_name, "EPSG") == 0)
        zf_template_set(zf_template_add(crs, "epsg"), "code", info->auth_code);
}

/* The CRS of the layers as the result has it, and as PROJ takes it: NULL where there is none, or PROJ does
 * not understand it. */
static zf_status read_layer_crs(zf_reader *reader, zf_template_data *project, zf_crs **out, zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_text code = {0};
    *out = NULL;
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", crs_query);
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    if (status == ZF_OK) {
        zf_template_data *crs = zf_template_add(project, "crs");
        zf_template_set(crs, "wkt", text_of(row, 0));
        zf_template_set(crs, "proj4", text_of(row, 1));
        zf_template_set(crs, "description", text_of(row, 2));
        if (strcmp(text_of(row, 3), "epsg") == 0) {
            zf_template_set(zf_template_add(crs, "epsg"), "code", text_of(row, 4));
            zf_text_append_format(&code, "EPSG:%s", text_of(row, 4));
        } else {
            zf_text_append(&code, text_of(row, 0));
        }
        status = code.is_failed ? zf_error_memory(error, code.n, "a CRS") : ZF_OK;
        if (status == ZF_OK && code.bytes != NULL && zf_crs_create(code.bytes, out, NULL) == ZF_E_MEMORY)
            status = zf_error_memory(error, code.n, "a CRS");
    }
    zf_text_deinit(&code);
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- extents ---- */

enum { EDGE_POINTS = 5, BOX_POINTS = EDGE_POINTS * EDGE_POINTS };

/* Adds a box, each of its edges at some points, transformed. Points that PROJ cannot transform are left out.
 */
static void add_box(zf_envelope *extent, const zf_envelope *box, zf_transform *transform) {
    for (int i = 0; i < BOX_POINTS; i++) {
        const double u = (double)(i % EDGE_POINTS) / (EDGE_POINTS - 1),
                     v = (double)(i / EDGE_POINTS) / (EDGE_POINTS - 1);
        double xy[2] = {box->min_x + u * (box->max_x - box->min_x),
                        box->min_y + v * (box->max_y - box->min_y)};
        if (transform == NULL || zf_transform_points(transform, xy, 1, NULL) == ZF_OK)
            zf_envelope_add_point(extent, xy[0], xy[1]);
    }
}

/* The extent of the ZIPs with buildings; empty where they have no polygon. */
static zf_status read_extent(zf_reader *reader, zf_transform *transform, zf_envelope *out, zf_error *error) {
    sqlite3_stmt *row = NULL;
    *out = zf_envelope_empty();
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", boxes_query);
    while (status == ZF_OK && (status = zf_reader_step(reader, row, error)) == ZF_OK) {
        const zf_envelope box = {sqlite3_column_double(row, 0), sqlite3_column_double(row, 1),
                                 sqlite3_column_double(row, 2), sqlite3_column_double(row, 3)};
        add_box(out, &box, transform);
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* The smallest extent around another, with a margin, that has the proportions of the map on the page. */
static zf_envelope fit_to_map(const zf_envelope *extent) {
    static const double margin = 1.04;
    const double x = (extent->min_x + extent->max_x) / 2, y = (extent->min_y + extent->max_y) / 2;
    double half_x = (extent->max_x - extent->min_x) / 2 * margin;
    double half_y = (extent->max_y - extent->min_y) / 2 * margin;
    if (half_x * ZF_PAGE_MAP_HEIGHT_MM < half_y * ZF_PAGE_MAP_WIDTH_MM)
        half_x = half_y * ZF_PAGE_MAP_WIDTH_MM / ZF_PAGE_MAP_HEIGHT_MM;
    else
        half_y = half_x * ZF_PAGE_MAP_HEIGHT_MM / ZF_PAGE_MAP_WIDTH_MM;
    return (zf_envelope){x - half_x, y - half_y, x + half_x, y + half_y};
}

static void set_extent(zf_template_data *project, const char *section, const zf_envelope *extent) {
    zf_template_data *item = zf_template_add(project, section);
    zf_template_set_number(item, "xmin", extent->min_x);
    zf_template_set_number(item, "ymin", extent->min_y);
    zf_template_set_number(item, "xmax", extent->max_x);
    zf_template_set_number(item, "ymax", extent->max_y);
}

/* ---- all of it ---- */

/* The CRS of the map, and the transformation into it; NULL: the layers' CRS. */
static zf_status choose_map_crs(zf_reader *reader, const zf_crs *layers, zf_crs **out,
                                zf_transform **out_transform, zf_error *error) {
    zf_transform *to_degrees = NULL;
    zf_envelope degrees;
    zf_status status = zf_transform_create_to_geographic(layers, &to_degrees, error);
    if (status == ZF_OK)
        status = read_extent(reader, to_degrees, &degrees, error);
    if (status == ZF_OK)
        status = zf_crs_create_for_map(layers, &degrees, out, error);
    if (status == ZF_OK && *out != NULL)
        status = zf_transform_create(layers, *out, out_transform, error);
    zf_transform_destroy(to_degrees);
    return status;
}

/* Kilometres on maps that are wider than 10 km. A planar CRS without definition is in metres, which QGIS
 * cannot know. */
static void set_scale_bar(zf_template_data *project, double width_m, bool has_crs) {
    const bool is_large = width_m > 10000;
    zf_template_set(project, "unit_type", !has_crs ? "unknown" : is_large ? "km" : "meters");
    zf_template_set(project, "unit_label", is_large ? "km" : "m");
    zf_template_set(project, "map_units_per_unit", !has_crs && is_large ? "1000" : "1");
}

static void set_map(zf_template_data *project, const zf_crs_info *info, const zf_envelope *found,
                    double *out_scale) {
    static const zf_envelope nothing = {0, 0, 1, 1};
    const zf_envelope *extent = zf_envelope_is_empty(found) ? &nothing : found;
    const zf_envelope page = fit_to_map(extent);
    const double unit_m = info == NULL          ? 1
                          : info->is_geographic ? info->unit * info->semi_major_m
                                                : info->unit;
    const double width_m = (page.max_x - page.min_x) * unit_m;
    *out_scale = fmax(width_m * 1000 / ZF_PAGE_MAP_WIDTH_MM, 1);
    set_extent(project, "extent", extent);
    set_extent(project, "map_extent", &page);
    set_scale_bar(project, width_m, info != NULL);
}

zf_status zf_project_map_read(zf_reader *reader, zf_template_data *out, double *out_scale, zf_error *error) {
    zf_crs *layers = NULL, *own = NULL;
    zf_transform *transform = NULL;
    zf_envelope extent;
    zf_status status = read_layer_crs(reader, out, &layers, error);
    if (status == ZF_OK && layers != NULL)
        status = choose_map_crs(reader, layers, &own, &transform, error);
    if (status == ZF_OK)
        status = read_extent(reader, transform, &extent, error);
    if (status == ZF_OK) {
        const zf_crs_info *info = own != NULL      ? zf_crs_get_info(own)
                                  : layers != NULL ? zf_crs_get_info(layers)
                                                   : NULL;
        zf_template_set(out, "has_crs", info != NULL ? "1" : "0");
        if (info != NULL) {
            const char *ellipsoid = zf_crs_get_info(layers)->ellipsoid; /* the datum of the map is the same */
            set_crs(zf_template_add(out, "map_crs"), info);
            if (ellipsoid != NULL)
                zf_template_set(zf_template_add(out, "ellipsoid"), "code", ellipsoid);
        }
        set_map(out, info, &extent, out_scale);
    }
    zf_transform_destroy(transform);
    zf_crs_destroy(own);
    zf_crs_destroy(layers);
    return status;
}
