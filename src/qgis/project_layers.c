/* SPDX-License-Identifier: MIT */
/* The layers of a result with their styles, its plain tables, and the texts of the page. */
#include "output/output.h"
#include "qgis/project_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Columns of the query below. */
enum { TABLE = 0, GEOMETRY, QML, TITLE, TYPE, N_ROWS };

/* From top to bottom: styles are stored in the order of drawing. */
static const char layers_query[] =
    "SELECT "
    "s.f_table_name,s.f_geometry_column,s.styleQML,s.description,g.geometry_type,coalesce(e.row_count,0) "
    "FROM layer_styles s JOIN geometry_columns g ON g.f_table_name=lower(s.f_table_name) AND "
    "g.f_geometry_column=lower(s.f_geometry_column) "
    "LEFT JOIN geometry_columns_statistics e ON e.f_table_name=g.f_table_name AND "
    "e.f_geometry_column=g.f_geometry_column "
    "WHERE s.styleName='zonefold' AND s.f_table_schema IS NULL ORDER BY s.id DESC";

/* The tables of the result, by their hashes, that are no layers. */
static const char tables_query[] =
    "SELECT name FROM (SELECT rowid AS place,substr(key,length('" ZF_CONTENT_KEY
    ".')+1) AS name FROM run_info "
    "WHERE key LIKE '" ZF_CONTENT_KEY ".%%') JOIN sqlite_master USING(name) "
    "WHERE lower(name) NOT IN (SELECT f_table_name FROM geometry_columns) AND type='table' ORDER BY place";

static const char *text_of(sqlite3_stmt *row, int column) {
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

/* ---- texts ---- */

static void append_escaped(zf_text *out, const char *text, char quote) {
    for (; *text != '\0'; text++) {
        if (*text == quote || *text == '\\')
            zf_text_append(out, "\\");
        zf_text_append_n(out, text, 1);
    }
}

/* The data source as QGIS writes it, with the result in the project's directory. geometry "": a plain table.
 */
static void set_source(zf_template_data *layer, const char *file, const char *table, const char *geometry) {
    zf_text source = {0};
    zf_text_append(&source, "dbname='./");
    append_escaped(&source, file, '\'');
    zf_text_append(&source, "' table=\"");
    append_escaped(&source, table, '"');
    zf_text_append(&source, "\"");
    if (*geometry != '\0') {
        zf_text_append(&source, " (");
        append_escaped(&source, geometry, ')');
        zf_text_append(&source, ")");
    }
    zf_template_set_text(layer, "source", &source);
}

/* The value of the first attribute of that name and its bytes, as it stands in the XML; NULL: there is none.
 */
static const char *find_attribute(const char *xml, const char *name, size_t *out_n) {
    char pattern[64];
    snprintf(pattern, sizeof pattern, " %s=\"", name);
    const char *at = strstr(xml, pattern), *value = at != NULL ? at + strlen(pattern) : NULL;
    const char *end = value != NULL ? strchr(value, '"') : NULL;
    *out_n = end != NULL ? (size_t)(end - value) : 0;
    return end != NULL ? value : NULL;
}

/* Title and subtitle of the page are the two lines of the note on the ZIPs. Both are XML already. */
static void set_page_texts(zf_template_data *project, const char *qml) {
    static const char line_break[] = "&#10;";
    const char *notes = strstr(qml, "<userNotes");
    zf_text title = {0}, subtitle = {0};
    size_t n = 0;
    const char *note = notes != NULL ? find_attribute(notes, "value", &n) : NULL;
    const char *end = note != NULL ? strstr(note, line_break) : NULL;
    if (end == NULL || end > note + n)
        end = note != NULL ? note + n : NULL;
    if (note != NULL)
        zf_text_append_n(&title, note, (size_t)(end - note));
    if (note != NULL && end < note + n)
        zf_text_append_n(&subtitle, end + strlen(line_break), (size_t)(note + n - end) - strlen(line_break));
    zf_template_set(project, "title_pt", title.n <= 60 ? "18" : title.n <= 90 ? "13" : "10");
    zf_template_set_text(project, "page_title", &title);
    zf_template_set_text(project, "page_subtitle", &subtitle);
}

/* ---- the legend ---- */

static void set_order(zf_template_data *legend, size_t first, size_t end) {
    zf_text order = {0};
    for (size_t i = first; i < end; i++)
        zf_text_append_format(&order, i > first ? ",%zu" : "%zu", i);
    zf_template_set_text(zf_template_add(legend, "nodes"), "order", &order);
}

/* Of buildings, what is drawn at the scale of the page: the shapes, the dots, or nothing. */
static bool choose_building_node(zf_template_data *legend, const char *qml, double scale) {
    size_t n = 0;
    const char *value = find_attribute(qml, "scalemaxdenom", &n);
    const bool is_small = value != NULL && scale > strtod(value, NULL);
    if (is_small && strstr(qml, "key=\"{dots}\"") == NULL)
        return false;
    if (value != NULL)
        set_order(legend, is_small ? 1 : 0, is_small ? 2 : 1);
    return true;
}

/* Of ZIPs, the classes, with the heading as title. */
static void choose_zip_nodes(zf_template_data *legend, const char *qml) {
    const char *heading = strstr(qml, "<rule key=\"{heading}\""), *end = strstr(qml, "</rules>");
    size_t n = 0, n_classes = 0;
    if (heading == NULL || end == NULL || end < heading)
        return;
    const char *label = find_attribute(heading, "label", &n);
    for (const char *at = heading; (at = strstr(at, " symbol=\"")) != NULL && at < end; at++)
        n_classes++;
    set_order(legend, 1, 1 + n_classes);
    zf_text title = {0};
    zf_text_append_n(&title, label, label != NULL ? n : 0);
    zf_template_set_text(zf_template_add(legend, "heading"), "text", &title);
}

/* The layer as part of the legend. */
static void add_to_legend(zf_template_data *layer, sqlite3_stmt *row, double scale) {
    const char *table = text_of(row, TABLE), *qml = text_of(row, QML);
    const bool is_building = strcmp(table, "important_building") == 0;
    zf_template_data *legend = zf_template_add(layer, "legend");
    zf_template_set(legend, "title_style", is_building ? "hidden" : "subgroup");
    if (strcmp(table, "zip_summary") == 0)
        choose_zip_nodes(legend, qml);
    if (!is_building || choose_building_node(legend, qml, scale))
        (void)zf_template_add(legend, "drawn");
}

/* ---- layers ---- */

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
    const char *labels = strstr(root, "labelsEnabled=\"1\""), *visibility = strstr(root, "minScale=\"");
    zf_text style = {0}, scale = {0};
    size_t n = 0;
    zf_text_append_n(&style, inside + 1, (size_t)(end - inside - 1));
    zf_template_set(layer, "has_labels", labels != NULL && labels < inside ? "1" : "0");
    if (visibility != NULL && visibility < inside) {
        const char *value = find_attribute(root, "minScale", &n);
        zf_text_append_n(&scale, value, value != NULL ? n : 0);
    }
    zf_template_set(layer, "has_scale", scale.n > 0 ? "1" : "0");
    zf_template_set(layer, "min_scale", scale.n > 0 ? scale.bytes : "0");
    zf_text_deinit(&scale);
    zf_template_set_text(layer, "style", &style);
    return ZF_OK;
}

/** What is wanted of each layer. */
typedef struct layer_context {
    const zf_reader *reader;
    const char *file; /**< name of the result */
    double scale;     /**< of the map on the page */
} layer_context;

static zf_status add_layer(zf_template_data *project, const layer_context *context, sqlite3_stmt *row,
                           zf_error *error) {
    /* SpatiaLite's codes 1, 2, 3 of POINT, LINESTRING, POLYGON, 4 to 6 of the MULTI types, 1000 more for Z
     * and so on */
    static const char *const shapes[] = {"Polygon", "Point", "Line"};
    zf_template_data *layer = zf_template_add(project, "layers");
    const bool is_rejected = strcmp(text_of(row, TABLE), "rejected_feature") == 0;
    zf_template_set(layer, "table", text_of(row, TABLE));
    zf_template_set(layer, "name", text_of(row, TITLE));
    zf_template_set(layer, "checked", is_rejected ? "Qt::Unchecked" : "Qt::Checked");
    zf_template_set(layer, "shape", shapes[sqlite3_column_int(row, TYPE) % 1000 % 3]);
    set_source(layer, context->file, text_of(row, TABLE), text_of(row, GEOMETRY));
    if (!is_rejected)
        add_to_legend(layer, row, context->scale);
    if (strcmp(text_of(row, TABLE), "zip_summary") == 0)
        set_page_texts(project, text_of(row, QML));
    return set_style(layer, context->reader, row, error);
}

/* Layers without rows are left out, but for the ZIPs and the buildings. */
static zf_status read_layers(zf_reader *reader, const layer_context *context, zf_template_data *project,
                             zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", layers_query);
    while (status == ZF_OK && (status = zf_reader_step(reader, row, error)) == ZF_OK) {
        const char *table = text_of(row, TABLE);
        if (strcmp(table, "zip_summary") == 0 || strcmp(table, "important_building") == 0 ||
            sqlite3_column_int64(row, N_ROWS) > 0)
            status = add_layer(project, context, row, error);
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- plain tables ---- */

static zf_status has_rows(zf_reader *reader, const char *table, bool *out, zf_error *error) {
    int64_t answer = 0;
    zf_status status = zf_reader_ask(reader, &answer, error, "SELECT EXISTS(SELECT 1 FROM \"%w\")", table);
    *out = answer != 0;
    return status;
}

/* Those with rows, in a group. */
static zf_status read_tables(zf_reader *reader, const char *file, zf_template_data *project,
                             zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_template_data *group = NULL;
    zf_status status = zf_reader_prepare(reader, &row, error, "%s", tables_query);
    while (status == ZF_OK && (status = zf_reader_step(reader, row, error)) == ZF_OK) {
        bool is_wanted = false;
        status = has_rows(reader, text_of(row, 0), &is_wanted, error);
        if (!is_wanted)
            continue;
        if (group == NULL)
            group = zf_template_add(project, "table_group");
        zf_template_data *table = zf_template_add(group, "tables");
        zf_template_set(table, "table", text_of(row, 0));
        set_source(table, file, text_of(row, 0), "");
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_project_layers_read(zf_reader *reader, const char *file, double scale, zf_template_data *out,
                                 zf_error *error) {
    const layer_context context = {reader, file, scale};
    set_page_texts(out, "");
    zf_status status = read_layers(reader, &context, out, error);
    return status == ZF_OK ? read_tables(reader, file, out, error) : status;
}
