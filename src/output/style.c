/* SPDX-License-Identifier: MIT */
/*
 * The table layer_styles. QGIS looks in it for a layer's default style: where the file was opened by its
 * SpatiaLite provider under the schema NULL, by its OGR provider (a file dragged onto the map) under an empty
 * one; so each style stands there twice. People change the table from within QGIS: it is no part of the
 * hashed content.
 */
#include "output/style_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char create_table[] =
    "CREATE TABLE " ZF_STYLE_TABLE "(id INTEGER PRIMARY KEY AUTOINCREMENT,f_table_catalog varchar(256),"
    "f_table_schema varchar(256),f_table_name varchar(256),f_geometry_column varchar(256),styleName text,"
    "styleQML text,styleSLD text,useAsDefault boolean,description text,owner varchar(30),ui text,"
    "update_time timestamp DEFAULT CURRENT_TIMESTAMP)";

/* ---- the one date ---- */

enum { TIME_BYTES = 32 };

/* SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), else the time that the sink's
 * clocks show. */
static bool read_time(char out[TIME_BYTES]) {
    static const int64_t last_s = 253402300799; /* of the year 9999 */
    const char *text = getenv("SOURCE_DATE_EPOCH");
    snprintf(out, TIME_BYTES, "%s", ZF_OUTPUT_EPOCH);
    if (text == NULL)
        return true;
    const size_t n = strlen(text);
    if (n == 0 || n > 12 || strspn(text, "0123456789") != n)
        return false;
    const int64_t seconds = strtoll(text, NULL, 10);
    const time_t moment = (time_t)seconds;
    struct tm utc;
    return seconds <= last_s && gmtime_r(&moment, &utc) != NULL &&
           strftime(out, TIME_BYTES, "%Y-%m-%dT%H:%M:%S.000Z", &utc) > 0;
}

zf_status zf_style_check_time(zf_error *error) {
    char time[TIME_BYTES];
    if (read_time(time))
        return ZF_OK;
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "SOURCE_DATE_EPOCH is set, but is no number of seconds since 1970; unset it, or set "
                        "it to such a number");
}

/* ---- which column the ZIPs are coloured by ---- */

/** In order of preference: shares and densities compare ZIPs of all sizes, counts do not. */
static const struct {
    const char *column;
    double scale;
    const char *unit;
} choices[] = {
    {"coverage", 100, "% built over"},
    {"per_km2", 1, "per km²"},
    {"important", 1, "buildings"},
};

static const zf_output_table_column *find_column(const zf_output_table *table, const char *name) {
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

/* All values of a column but NULL; *out_n of them at most, and as many as there are on return. */
static zf_status read_values(zf_output *sink, const char *column, double *values, size_t *n, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    char sql[128];
    size_t n_read = 0;
    int code;
    sqlite3_snprintf(sizeof sql, sql, "SELECT \"%w\" FROM zip_summary", column);
    zf_status status = zf_output_db_prepare(&sink->db, sql, &statement, error);
    if (status != ZF_OK)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && n_read < *n) {
        const double value = sqlite3_column_double(statement, 0);
        if (sqlite3_column_type(statement, 0) != SQLITE_NULL && isfinite(value))
            values[n_read++] = value;
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = zf_output_db_error(&sink->db, "read a column of the result", error);
    sqlite3_finalize(statement);
    *n = n_read;
    return status;
}

static zf_status classify(zf_output *sink, const zf_output_table_column *column, double scale,
                          zf_style_class *classes, size_t *n_classes, zf_error *error) {
    const size_t n_all = (size_t)(column->field.n_real + column->field.n_integer);
    size_t n = n_all;
    void *values = NULL;
    zf_status status = zf_memory_alloc(sink->budget, ZF_MEMORY_SINK, n_all * sizeof(double), &values, error);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the classes of the default style");
    status = read_values(sink, column->name, values, &n, error);
    if (status == ZF_OK)
        *n_classes = zf_style_classes_make(values, n, scale, classes);
    zf_memory_free(sink->budget, ZF_MEMORY_SINK, values, n_all * sizeof(double));
    return status;
}

static zf_status look_at_zips(zf_output *sink, zf_style_class *classes, zf_style_look *look, zf_error *error) {
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        const zf_output_table_column *column = find_column(&sink->tables[ZF_OUTPUT_ZIP], choices[i].column);
        if (column == NULL || column->field.n_real + column->field.n_integer == 0)
            continue;
        look->attribute = column->name;
        look->unit = choices[i].unit;
        look->classes = classes;
        return classify(sink, column, choices[i].scale, classes, &look->n_classes, error);
    }
    return ZF_OK;
}

/* ---- rows ---- */

/* What the layer is called for people: the style's description, and the layer's name in a project. */
static void append_title(zf_text *out, zf_style_kind kind, const zf_output_table *table) {
    static const struct {
        zf_style_kind kind;
        const char *title;
    } titles[] = {{ZF_STYLE_ZIP, "ZIPs"},
                  {ZF_STYLE_BUILDING, "Important buildings"},
                  {ZF_STYLE_REJECTED, "Rejected features"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].kind == kind)
            zf_text_append(out, titles[i].title);
    if (kind == ZF_STYLE_CLUSTER) /* it is called as its column of the ZIPs */
        zf_style_append_alias(out, ZF_STYLE_ZIP, table->name);
    if (out->n == 0)
        zf_text_append(out, table->name);
}

static zf_status insert(const zf_output_db *db, sqlite3_stmt *statement, const zf_output_table *table,
                        const zf_text *qml, const zf_text *title, zf_error *error) {
    zf_status status = ZF_OK;
    if (qml->is_failed || title->is_failed)
        return zf_error_memory(error, qml->n, "a style");
    for (int is_ogr = 0; status == ZF_OK && is_ogr < 2; is_ogr++) {
        sqlite3_bind_null(statement, 1);
        if (is_ogr)
            sqlite3_bind_text(statement, 1, "", -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, table->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 3, table->geometry_name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 4, qml->bytes, (int)qml->n, SQLITE_STATIC);
        sqlite3_bind_text(statement, 5, title->bytes, (int)title->n, SQLITE_STATIC);
        status = zf_output_db_step(db, statement, "write a style of the result", error);
    }
    return status;
}

static zf_status write_style(zf_output *sink, sqlite3_stmt *statement, const zf_output_table *table,
                             zf_style_kind kind, size_t number, zf_error *error) {
    zf_style_look look = {.kind = kind, .number = number};
    zf_style_class classes[ZF_STYLE_CLASSES];
    zf_text qml = {0}, title = {0};
    zf_status status = kind == ZF_STYLE_ZIP ? look_at_zips(sink, classes, &look, error) : ZF_OK;
    if (status != ZF_OK)
        return status;
    zf_style_append_qml(&qml, &look, table);
    append_title(&title, kind, table);
    status = insert(&sink->db, statement, table, &qml, &title, error);
    zf_text_deinit(&title);
    zf_text_deinit(&qml);
    return status;
}

static zf_style_kind kind_of(const zf_output *sink, size_t table) {
    switch (table) {
    case ZF_OUTPUT_ZIP:
        return ZF_STYLE_ZIP;
    case ZF_OUTPUT_BUILDING:
        return ZF_STYLE_BUILDING;
    case ZF_OUTPUT_REJECTED:
        return ZF_STYLE_REJECTED;
    default:
        return table < sink->first_answer ? ZF_STYLE_CLUSTER : ZF_STYLE_ANSWER;
    }
}

/** Layers are drawn in the order of their styles. */
typedef enum drawing_step {
    DRAW_ZIPS = 0,
    DRAW_ANSWERED_POLYGONS,
    DRAW_OWN,
    DRAW_ANSWERED_LINES,
    DRAW_ANSWERED_POINTS,
    DRAW_NOTHING
} drawing_step;

/* Polygons that a SELECT gave (hulls, unions) would hide the buildings, points and lines would be hidden by
 * them. */
static drawing_step step_of(zf_style_kind kind, zf_style_shape shape) {
    static const drawing_step answered[] = {[ZF_STYLE_POINTS] = DRAW_ANSWERED_POINTS,
                                            [ZF_STYLE_LINES] = DRAW_ANSWERED_LINES,
                                            [ZF_STYLE_POLYGONS] = DRAW_ANSWERED_POLYGONS,
                                            [ZF_STYLE_NO_SHAPE] = DRAW_NOTHING};
    if (kind == ZF_STYLE_ANSWER)
        return answered[shape];
    return kind == ZF_STYLE_ZIP ? DRAW_ZIPS : shape == ZF_STYLE_NO_SHAPE ? DRAW_NOTHING : DRAW_OWN;
}

static zf_status write_styles(zf_output *sink, sqlite3_stmt *statement, zf_error *error) {
    zf_status status = ZF_OK;
    for (drawing_step step = DRAW_ZIPS; step < DRAW_NOTHING; step++)
        for (size_t i = 0; status == ZF_OK && i < sink->n_tables; i++) {
            const zf_output_table *table = &sink->tables[i];
            const zf_style_kind kind = kind_of(sink, i);
            if (table->name != NULL && step_of(kind, zf_style_shape_of(table)) == step)
                status = write_style(sink, statement, table, kind,
                                     i >= sink->first_answer ? i - sink->first_answer : 0, error);
        }
    return status;
}

zf_status zf_output_styles_write(zf_output *sink, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    char time[TIME_BYTES];
    if (!read_time(time))
        return zf_style_check_time(error);
    zf_status status = zf_output_db_run(&sink->db, create_table, "write the styles of the result", error);
    if (status == ZF_OK)
        status = zf_output_db_prepare(
            &sink->db,
            "INSERT INTO " ZF_STYLE_TABLE "(f_table_catalog,f_table_schema,f_table_name,f_geometry_column,"
            "styleName,styleQML,styleSLD,useAsDefault,description,owner,ui,update_time) "
            "VALUES(?1,?1,?2,?3,'zonefold',?4,'',1,?5,'',NULL,?6)",
            &statement, error);
    if (status == ZF_OK)
        sqlite3_bind_text(statement, 6, time, -1, SQLITE_STATIC);
    if (status == ZF_OK)
        status = write_styles(sink, statement, error);
    sqlite3_finalize(statement);
    return status;
}
