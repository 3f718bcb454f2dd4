/* SPDX-License-Identifier: MIT */
/* Reads a result's layers, CRS and extent for the project. */
#include "qgis/project_data.h"

#include "output/output.h"

#include <stdio.h>
#include <string.h>

/** The map on the page, in millimetres: see templates/layout.xml. */
enum { MAP_WIDTH_MM = 205, MAP_HEIGHT_MM = 178 };

/** Columns of the query below. */
enum { TABLE = 0, GEOMETRY, QML, TITLE, TYPE, N_ROWS, MIN_X, MIN_Y, MAX_X, MAX_Y };

/* From top to bottom: styles are stored in the order of drawing. */
static const char layers_query[] =
    "SELECT "
    "s.f_table_name,s.f_geometry_column,s.styleQML,s.description,g.geometry_type,coalesce(e.row_count,0),"
    "e.extent_min_x,e.extent_min_y,e.extent_max_x,e.extent_max_y FROM layer_styles s "
    "JOIN geometry_columns g ON g.f_table_name=lower(s.f_table_name) AND "
    "g.f_geometry_column=lower(s.f_geometry_column) "
    "LEFT JOIN geometry_columns_statistics e ON e.f_table_name=g.f_table_name AND "
    "e.f_geometry_column=g.f_geometry_column "
    "WHERE s.styleName='zonefold' AND s.f_table_schema IS NULL ORDER BY s.id DESC";

static const char crs_query[] =
    "SELECT r.srtext,r.proj4text,r.ref_sys_name,lower(r.auth_name),r.auth_srid FROM geometry_columns g "
    "JOIN spatial_ref_sys r ON r.srid=g.srid WHERE g.f_table_name='zip_summary' AND g.srid>0";

static const char *text_of(sqlite3_stmt *row, int column) {
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

/* ---- one layer ---- */

static void append_escaped(zf_text *out, const char *text, char quote) {
    for (; *text != '\0'; text++) {
        if (*text == quote || *text == '\\')
            zf_text_append(out, "\\");
        zf_text_append_n(out, text, 1);
    }
}

/* The data source as QGIS writes it, with the result in the project's directory. */
static void set_source(zf_template_data *layer, const char *file, sqlite3_stmt *row) {
    zf_text source = {0};
    zf_text_append(&source, "dbname='./");
    append_escaped(&source, file, '\'');
    zf_text_append(&source, "' table=\"");
    append_escaped(&source, text_of(row, TABLE), '"');
    zf_text_append(&source, "\" (");
    append_escaped(&source, text_of(row, GEOMETRY), ')');
    zf_text_append(&source, ")");
    zf_template_set_text(layer, "source", &source);
}

/* The elements inside a style's root are those of a layer in a project. */
static zf_status set_style(zf_template_data *layer, const zf_reader *reader, sqlite3_stmt *row,
                           zf_error *error) {
    const char *qml = text_of(row, QML), *root = strstr(qml, "<qgis "), *end = strstr(qml, "</qgis>");
    const char *inside = root != NULL ? strchr(root, '>') : NULL;
    if (inside == NULL || end == NULL || end < inside) {
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "cannot write the project: the style of a layer is damaged");
        return zf_error_at(error, ZF_E_INPUT, reader->path, text_of(row, TABLE), ZF_NO_FID);
    }
    const char *labels = strstr(root, "labelsEnabled=\"1\"");
    zf_text style = {0};
    zf_text_append_n(&style, inside + 1, (size_t)(end - inside - 1));
    zf_template_set(layer, "has_labels", labels != NULL && labels < inside ? "1" : "0");
    zf_template_set_text(layer, "style", &style);
    return ZF_OK;
}

static zf_status add_layer(zf_template_data *project, const char *file, const zf_reader *reader,
                           sqlite3_stmt *row, zf_error *error) {
    /* SpatiaLite's codes 1, 2, 3 of POINT, LINESTRING, POLYGON, 4 to 6 of the MULTI types, 1000 more for Z
     * and so on */
    static const char *const shapes[] = {"Polygon", "Point", "Line"};
    zf_template_data *layer = zf_template_add(project, "layers");
    zf_template_set(layer, "table", text_of(row, TABLE));
    zf_template_set(layer, "name", text_of(row, TITLE));
    zf_template_set(layer, "shape", shapes[sqlite3_column_int(row, TYPE) % 1000 % 3]);
    set_source(layer, file, row);
    return set_style(layer, reader, row, error);
}

/* ---- extents ---- */

static void add_extent(zf_template_data *project, const char *section, const zf_envelope *extent) {
    zf_template_data *item = zf_template_add(project, section);
    zf_template_set_number(item, "xmin", extent->min_x);
    zf_template_set_number(item, "ymin", extent->min_y);
    zf_template_set_number(item, "xmax", extent->max_x);
    zf_template_set_number(item, "ymax", extent->max_y);
}

/* The smallest extent around another, with a margin, that has the proportions of the map on the page. */
static zf_envelope fit_to_map(const zf_envelope *extent) {
    static const double margin = 1.04;
    const double x = (extent->min_x + extent->max_x) / 2, y = (extent->min_y + extent->max_y) / 2;
    double half_x = (extent->max_x - extent->min_x) / 2 * margin;
    double half_y = (extent->max_y - extent->min_y) / 2 * margin;
    if (half_x * MAP_HEIGHT_MM < half_y * MAP_WIDTH_MM)
        half_x = half_y * MAP_WIDTH_MM / MAP_HEIGHT_MM;
    else
        half_y = half_x * MAP_HEIGHT_MM / MAP_WIDTH_MM;
    return (zf_envelope){x - half_x, y - half_y, x + half_x, y + half_y};
}

/* Layers without rows are left out, but for the ZIPs and the buildings. */
static zf_status read_layers(zf_reader *reader, const char *file, zf_template_data *project,
                             zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_envelope extent = {0, 0, 1, 1};
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", layers_query);
    while (status == ZF_OK && (status = zf_reader_step(reader, row, error)) == ZF_OK) {
        const char *table = text_of(row, TABLE);
        const bool is_zip = strcmp(table, "zip_summary") == 0;
        if (is_zip && sqlite3_column_type(row, MIN_X) != SQLITE_NULL)
            extent = (zf_envelope){sqlite3_column_double(row, MIN_X), sqlite3_column_double(row, MIN_Y),
                                   sqlite3_column_double(row, MAX_X), sqlite3_column_double(row, MAX_Y)};
        if (is_zip || strcmp(table, "important_building") == 0 || sqlite3_column_int64(row, N_ROWS) > 0)
            status = add_layer(project, file, reader, row, error);
    }
    sqlite3_finalize(row);
    const zf_envelope map_extent = fit_to_map(&extent);
    add_extent(project, "extent", &extent);
    add_extent(project, "map_extent", &map_extent);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- the rest ---- */

/* QGIS knows EPSG's CRS by their code; for others it reads the WKT. */
static zf_status read_crs(zf_reader *reader, zf_template_data *project, bool *out_has_crs, zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", crs_query);
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    *out_has_crs = status == ZF_OK;
    if (status == ZF_OK) {
        zf_template_data *crs = zf_template_add(project, "crs");
        zf_template_set(crs, "wkt", text_of(row, 0));
        zf_template_set(crs, "proj4", text_of(row, 1));
        zf_template_set(crs, "description", text_of(row, 2));
        if (strcmp(text_of(row, 3), "epsg") == 0)
            zf_template_set(zf_template_add(crs, "epsg"), "code", text_of(row, 4));
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* Part of the hash of the content: tells layers of different results apart. */
static zf_status read_result_id(zf_reader *reader, zf_template_data *project, zf_error *error) {
    sqlite3_stmt *row = NULL;
    char id[17] = "";
    zf_status status =
        zf_reader_prepare(reader, &row, error, "SELECT value FROM run_info WHERE key='" ZF_CONTENT_KEY "'");
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    if (status == ZF_OK)
        snprintf(id, sizeof id, "%s", text_of(row, 0));
    zf_template_set(project, "result_id", id);
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* Kilometres when the ZIPs together cover more than some 20 x 20 km. A planar CRS without definition is in
 * metres, which QGIS cannot know. */
static zf_status set_scale_bar(zf_reader *reader, zf_template_data *project, bool has_crs, zf_error *error) {
    int64_t km2 = 0;
    zf_status status =
        zf_reader_ask(reader, &km2, error, "SELECT CAST(total(area_m2)/1e6 AS INTEGER) FROM zip_summary");
    const bool is_large = km2 >= 400;
    zf_template_set(project, "unit_type", !has_crs ? "unknown" : is_large ? "km" : "meters");
    zf_template_set(project, "unit_label", is_large ? "km" : "m");
    zf_template_set(project, "map_units_per_unit", !has_crs && is_large ? "1000" : "1");
    return status;
}

zf_status zf_project_data_read(zf_reader *reader, const char *file, const char *title, zf_template_data *out,
                               zf_error *error) {
    bool has_styles = false, has_crs = false;
    zf_status status = zf_reader_has_table(reader, "layer_styles", &has_styles, error);
    if (status == ZF_OK && !has_styles) {
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "cannot write the project: the result has no styles");
        status = zf_error_at(error, ZF_E_INPUT, reader->path, NULL, ZF_NO_FID);
    }
    zf_template_set(out, "title", title);
    if (status == ZF_OK)
        status = read_result_id(reader, out, error);
    if (status == ZF_OK)
        status = read_crs(reader, out, &has_crs, error);
    zf_template_set(out, "has_crs", has_crs ? "1" : "0");
    if (status == ZF_OK)
        status = set_scale_bar(reader, out, has_crs, error);
    return status == ZF_OK ? read_layers(reader, file, out, error) : status;
}
