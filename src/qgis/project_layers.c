/* SPDX-License-Identifier: MIT */
/* A result's layers as a QGIS project, with the styles that the result itself holds. */
#include "qgis/project_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/** Of a row of the query below. */
enum { TABLE = 0, GEOMETRY, QML, TITLE, TYPE, N_ROWS, MIN_X, MIN_Y, MAX_X, MAX_Y };

/* From top to bottom: styles are written in the order of drawing. */
static const char layers_query[] =
    "SELECT "
    "s.f_table_name,s.f_geometry_column,s.styleQML,s.description,g.geometry_type,coalesce(e.row_count,0),"
    "e.extent_min_x,e.extent_min_y,e.extent_max_x,e.extent_max_y FROM layer_styles s "
    "JOIN geometry_columns g ON g.f_table_name=lower(s.f_table_name) AND "
    "g.f_geometry_column=lower(s.f_geometry_column) "
    "LEFT JOIN geometry_columns_statistics e ON e.f_table_name=g.f_table_name AND "
    "e.f_geometry_column=g.f_geometry_column "
    "WHERE s.styleName='zonefold' AND s.f_table_schema IS NULL ORDER BY s.id DESC";

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

/* As QGIS writes it, the database beside the project. */
static void append_source(zf_text *out, const zf_project *project, sqlite3_stmt *row) {
    zf_text source = {0};
    zf_text_append(&source, "dbname='./");
    append_escaped(&source, project->file, '\'');
    zf_text_append(&source, "' table=\"");
    append_escaped(&source, text_of(row, TABLE), '"');
    zf_text_append(&source, "\" (");
    append_escaped(&source, text_of(row, GEOMETRY), ')');
    zf_text_append(&source, ")");
    zf_text_append_xml(out, source.bytes != NULL ? source.bytes : "");
    out->is_failed |= source.is_failed;
    zf_text_deinit(&source);
}

static void append_to_tree(zf_project *project, sqlite3_stmt *row) {
    zf_text *out = &project->tree;
    zf_text_append(
        out, "<layer-tree-layer providerKey=\"spatialite\" checked=\"Qt::Checked\" expanded=\"1\" name=\"");
    zf_text_append_xml(out, text_of(row, TITLE));
    zf_text_append(out, "\" id=\"");
    zf_text_append_xml(out, text_of(row, TABLE));
    zf_text_append_format(out, "_%s\" source=\"", project->id);
    append_source(out, project, row);
    zf_text_append(out, "\"/>\n");
}

static void append_head(zf_project *project, sqlite3_stmt *row, bool has_labels) {
    zf_text *out = &project->layers;
    static const char *const shapes[] = {"Polygon", "Point",
                                         "Line"}; /* of POLYGON, POINT, LINESTRING, and of many */
    zf_text_append_format(out,
                          "<maplayer type=\"vector\" geometry=\"%s\" labelsEnabled=\"%d\" "
                          "styleCategories=\"AllStyleCategories\" hasScaleBasedVisibilityFlag=\"0\" "
                          "simplifyDrawingHints=\"1\" simplifyDrawingTol=\"1\" simplifyMaxScale=\"1\" "
                          "simplifyLocal=\"1\" simplifyAlgorithm=\"0\" readOnly=\"0\">\n<id>",
                          shapes[sqlite3_column_int(row, TYPE) % 1000 % 3], has_labels);
    zf_text_append_xml(out, text_of(row, TABLE));
    zf_text_append_format(out, "_%s</id>\n<datasource>", project->id);
    append_source(out, project, row);
    zf_text_append(out, "</datasource>\n<layername>");
    zf_text_append_xml(out, text_of(row, TITLE));
    zf_text_append(out, "</layername>\n");
    if (project->crs.n > 0)
        zf_text_append_format(out, "<srs>%s</srs>\n", project->crs.bytes);
    zf_text_append(out, "<provider encoding=\"UTF-8\">spatialite</provider>\n");
}

/* A style's elements are those of a layer in a project. */
static zf_status append_layer(const zf_reader *reader, zf_project *project, sqlite3_stmt *row,
                              zf_error *error) {
    const char *qml = text_of(row, QML), *root = strstr(qml, "<qgis "), *end = strstr(qml, "</qgis>");
    const char *inside = root != NULL ? strchr(root, '>') : NULL;
    if (inside == NULL || end == NULL || end < inside) {
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "cannot write the project: the style of a layer is damaged");
        return zf_error_at(error, ZF_E_INPUT, reader->path, text_of(row, TABLE), ZF_NO_FID);
    }
    const char *labels = strstr(root, "labelsEnabled=\"1\"");
    append_head(project, row, labels != NULL && labels < inside);
    zf_text_append_n(&project->layers, inside + 1, (size_t)(end - inside - 1));
    zf_text_append(&project->layers, "</maplayer>\n");
    append_to_tree(project, row);
    return ZF_OK;
}

static zf_status read_layers(zf_reader *reader, zf_project *project, zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", layers_query);
    while (status == ZF_OK && (status = zf_reader_step(reader, row, error)) == ZF_OK) {
        const char *table = text_of(row, TABLE);
        const bool is_zip = strcmp(table, "zip_summary") == 0;
        if (is_zip && sqlite3_column_type(row, MIN_X) != SQLITE_NULL)
            project->extent =
                (zf_envelope){sqlite3_column_double(row, MIN_X), sqlite3_column_double(row, MIN_Y),
                              sqlite3_column_double(row, MAX_X), sqlite3_column_double(row, MAX_Y)};
        if (is_zip || strcmp(table, "important_building") == 0 || sqlite3_column_int64(row, N_ROWS) > 0)
            status = append_layer(reader, project, row, error);
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- the whole ---- */

static void append_element(zf_text *out, const char *name, const char *text) {
    zf_text_append_format(out, "<%s>", name);
    zf_text_append_xml(out, text);
    zf_text_append_format(out, "</%s>", name);
}

/* QGIS knows the EPSG's CRS by their code; of others it reads the WKT. */
static zf_status read_crs(zf_reader *reader, zf_project *project, zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_text *out = &project->crs;
    zf_status status = zf_reader_prepare(
        reader, &row, error, "%s",
        "SELECT r.srtext,r.proj4text,r.ref_sys_name,lower(r.auth_name),r.auth_srid FROM geometry_columns g "
        "JOIN spatial_ref_sys r ON r.srid=g.srid WHERE g.f_table_name='zip_summary' AND g.srid>0");
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    if (status == ZF_OK) {
        zf_text_append(out, "<spatialrefsys>");
        append_element(out, "wkt", text_of(row, 0));
        append_element(out, "proj4", text_of(row, 1));
        if (strcmp(text_of(row, 3), "epsg") == 0)
            zf_text_append_format(out, "<authid>EPSG:%d</authid>", sqlite3_column_int(row, 4));
        append_element(out, "description", text_of(row, 2));
        zf_text_append(out, "</spatialrefsys>");
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

static zf_status read_content_id(zf_reader *reader, zf_project *project, zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_status status =
        zf_reader_prepare(reader, &row, error, "SELECT value FROM run_info WHERE key='" ZF_CONTENT_KEY "'");
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    if (status == ZF_OK)
        snprintf(project->id, sizeof project->id, "%s", text_of(row, 0));
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* Whether the ZIPs together are wider than some 20 km. */
static zf_status read_size(zf_reader *reader, zf_project *project, zf_error *error) {
    int64_t km2 = 0;
    zf_status status =
        zf_reader_ask(reader, &km2, error, "SELECT CAST(total(area_m2)/1e6 AS INTEGER) FROM zip_summary");
    project->is_large = km2 >= 400;
    return status;
}

zf_status zf_project_read(zf_reader *reader, zf_project *project, zf_error *error) {
    bool has_styles = false;
    project->extent = (zf_envelope){0, 0, 1, 1};
    zf_status status = zf_reader_has_table(reader, "layer_styles", &has_styles, error);
    if (status == ZF_OK && !has_styles) {
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "cannot write the project: the result has no styles");
        status = zf_error_at(error, ZF_E_INPUT, reader->path, NULL, ZF_NO_FID);
    }
    if (status == ZF_OK)
        status = read_content_id(reader, project, error);
    if (status == ZF_OK)
        status = read_crs(reader, project, error);
    if (status == ZF_OK)
        status = read_size(reader, project, error);
    return status == ZF_OK ? read_layers(reader, project, error) : status;
}

static void append_canvas(zf_text *out, const zf_project *project) {
    const zf_envelope *e = &project->extent;
    const double sides[] = {e->min_x, e->min_y, e->max_x, e->max_y};
    static const char *const names[] = {"xmin", "ymin", "xmax", "ymax"};
    zf_text_append(out, "<mapcanvas name=\"theMapCanvas\" annotationsVisible=\"1\"><extent>");
    for (int i = 0; i < 4; i++) {
        zf_text_append_format(out, "<%s>", names[i]);
        zf_text_append_json_number(out, sides[i]);
        zf_text_append_format(out, "</%s>", names[i]);
    }
    zf_text_append_format(out,
                          "</extent><rotation>0</rotation><destinationsrs>%s</destinationsrs></mapcanvas>\n",
                          project->crs.n > 0 ? project->crs.bytes : "");
}

void zf_project_append_qgs(zf_text *out, const zf_project *project) {
    const char *crs = project->crs.n > 0 ? project->crs.bytes : "";
    zf_text_append(out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
                        "<qgis version=\"3.22.0\" projectname=\"");
    zf_text_append_xml(out, project->title.bytes);
    zf_text_append(out, "\">\n<homePath path=\"\"/>\n");
    append_element(out, "title", project->title.bytes);
    zf_text_append_format(out, "\n<projectCrs>%s</projectCrs>\n<layer-tree-group>\n%s</layer-tree-group>\n",
                          crs, project->tree.bytes != NULL ? project->tree.bytes : "");
    append_canvas(out, project);
    zf_text_append_format(out, "<projectlayers>\n%s</projectlayers>\n",
                          project->layers.bytes != NULL ? project->layers.bytes : "");
    zf_text_append_format(out,
                          "<properties><Paths><Absolute type=\"bool\">false</Absolute></Paths><SpatialRefSys>"
                          "<ProjectionsEnabled type=\"int\">%d</ProjectionsEnabled></SpatialRefSys>"
                          "</properties>\n",
                          project->crs.n > 0);
    zf_project_append_layout(out, project);
    zf_text_append(out, "<ProjectViewSettings UseProjectScales=\"0\"><Scales/><DefaultViewExtent ");
    zf_project_append_extent(out, &project->extent);
    zf_text_append_format(out, ">%s</DefaultViewExtent></ProjectViewSettings>\n</qgis>\n", crs);
    out->is_failed |= project->tree.is_failed || project->layers.is_failed || project->crs.is_failed ||
                      project->title.is_failed;
}
