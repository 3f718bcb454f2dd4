/* SPDX-License-Identifier: MIT */
/*
 * The table layer_styles, in which QGIS looks for a layer's default style: under the schema NULL when its
 * SpatiaLite provider opened the file, under an empty one when its OGR provider did (a file dragged onto the
 * map). So each style is stored twice. People change the table from within QGIS: it is no part of the hashed
 * content.
 */
#include "output/output_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char create_table[] =
    "CREATE TABLE " ZF_OUTPUT_STYLE_TABLE
    "(id INTEGER PRIMARY KEY AUTOINCREMENT,f_table_catalog varchar(256),"
    "f_table_schema varchar(256),f_table_name varchar(256),f_geometry_column varchar(256),styleName text,"
    "styleQML text,styleSLD text,useAsDefault boolean,description text,owner varchar(30),ui text,"
    "update_time timestamp DEFAULT CURRENT_TIMESTAMP)";

static const char insert_style[] =
    "INSERT INTO " ZF_OUTPUT_STYLE_TABLE "(f_table_catalog,f_table_schema,f_table_name,f_geometry_column,"
    "styleName,styleQML,styleSLD,useAsDefault,description,owner,ui,update_time) "
    "VALUES(?1,?1,?2,?3,'zonefold',?4,'',1,?5,'',NULL,?6)";

/* ---- the update time ---- */

enum { TIME_BYTES = 32 };

/* SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), else the fixed time of all
 * other time stamps in the file. False when the variable is not a number of seconds. */
static bool read_time(char out[TIME_BYTES]) {
    static const int64_t last_s = 253402300799; /* of the year 9999 */
    const char *text = getenv("SOURCE_DATE_EPOCH");
    snprintf(out, TIME_BYTES, "%s", ZF_DATABASE_EPOCH);
    if (text == NULL)
        return true;
    const size_t n = strlen(text);
    if (n == 0 || n > 12 || strspn(text, "0123456789") != n)
        return false;
    const int64_t seconds = strtoll(text, NULL, 10);
    const time_t timestamp = (time_t)seconds;
    struct tm utc;
    return seconds <= last_s && gmtime_r(&timestamp, &utc) != NULL &&
           strftime(out, TIME_BYTES, "%Y-%m-%dT%H:%M:%S.000Z", &utc) > 0;
}

zf_status zf_output_check_style_time(zf_error *error) {
    char time[TIME_BYTES];
    if (read_time(time))
        return ZF_OK;
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "SOURCE_DATE_EPOCH is set, but is no number of seconds since 1970; unset it, or set "
                        "it to such a number");
}

/* ---- layers ---- */

static zf_output_layer_kind kind_of(const zf_output *output, size_t table) {
    switch (table) {
    case ZF_OUTPUT_ZIP:
        return ZF_OUTPUT_LAYER_ZIPS;
    case ZF_OUTPUT_BUILDING:
        return ZF_OUTPUT_LAYER_BUILDINGS;
    case ZF_OUTPUT_REJECTED:
        return ZF_OUTPUT_LAYER_REJECTED;
    default:
        return table < output->first_query_table ? ZF_OUTPUT_LAYER_ANALYSIS : ZF_OUTPUT_LAYER_QUERY;
    }
}

bool zf_output_next_layer(const zf_output *output, size_t *table, zf_output_layer *out) {
    while (*table < output->n_tables) {
        const size_t i = (*table)++;
        const zf_output_table *t = &output->tables[i];
        if (t->name == NULL || t->layer.geometry_type == NULL)
            continue;
        *out =
            (zf_output_layer){.kind = kind_of(output, i),
                              .table_no = i,
                              .query_no = i >= output->first_query_table ? i - output->first_query_table : 0,
                              .table = t->name,
                              .geometry_type = t->layer.geometry_type,
                              .n_columns = t->n_columns};
        return true;
    }
    return false;
}

const char *zf_output_layer_column(const zf_output *output, const zf_output_layer *layer, size_t i) {
    return output->tables[layer->table_no].columns[i].name;
}

static const zf_output_table_column *find_zip_column(const zf_output *output, const char *name) {
    const zf_output_table *table = &output->tables[ZF_OUTPUT_ZIP];
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

size_t zf_output_count_zip_numbers(const zf_output *output, const char *column) {
    const zf_output_table_column *found = find_zip_column(output, column);
    return found == NULL ? 0 : (size_t)(found->field.n_real + found->field.n_integer);
}

zf_status zf_output_read_zip_numbers(const zf_output *output, const char *column, double *values, size_t *n,
                                     zf_error *error) {
    sqlite3_stmt *statement = NULL;
    char sql[128];
    size_t n_read = 0;
    int code;
    sqlite3_snprintf(sizeof sql, sql, "SELECT \"%w\" FROM zip_summary WHERE buildings>0", column);
    zf_status status = zf_database_prepare(&output->db, sql, &statement, error);
    if (status != ZF_OK)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && n_read < *n) {
        const double value = sqlite3_column_double(statement, 0);
        if (sqlite3_column_type(statement, 0) != SQLITE_NULL && isfinite(value))
            values[n_read++] = value;
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = zf_database_error(&output->db, "read a column of the result", error);
    sqlite3_finalize(statement);
    *n = n_read;
    return status;
}

zf_status zf_output_sum_zips(const zf_output *output, zf_output_zip_sums *out, zf_error *error) {
    static const char sql[] =
        "SELECT count(*),total(buildings=0),total(area_m2),total(important),total(important_area_m2),"
        "total(CASE WHEN important>0 THEN area_m2 END) FROM zip_summary";
    sqlite3_stmt *statement = NULL;
    *out = (zf_output_zip_sums){.n = 0};
    zf_status status = zf_database_prepare(&output->db, sql, &statement, error);
    if (status != ZF_OK)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *out = (zf_output_zip_sums){sqlite3_column_double(statement, 0), sqlite3_column_double(statement, 1),
                                    sqlite3_column_double(statement, 2), sqlite3_column_double(statement, 3),
                                    sqlite3_column_double(statement, 4), sqlite3_column_double(statement, 5)};
    else
        status = zf_database_error(&output->db, "sum up the ZIPs of the result", error);
    sqlite3_finalize(statement);
    return status;
}

/* ---- styles ---- */

static zf_status create_style_table(zf_output *output, zf_error *error) {
    if (output->has_styles)
        return ZF_OK;
    output->has_styles = true;
    return zf_database_run(&output->db, create_table, "write the styles of the result", error);
}

static zf_status insert_both(zf_output *output, const zf_output_layer *layer, const char *qml,
                             const char *title, zf_error *error) {
    char time[TIME_BYTES];
    sqlite3_stmt *statement = NULL;
    if (!read_time(time))
        return zf_output_check_style_time(error);
    zf_status status = zf_database_prepare(&output->db, insert_style, &statement, error);
    for (int is_ogr = 0; status == ZF_OK && is_ogr < 2; is_ogr++) {
        if (is_ogr)
            sqlite3_bind_text(statement, 1, "", -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, layer->table, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 3, output->tables[layer->table_no].layer.geometry_name, -1,
                          SQLITE_STATIC);
        sqlite3_bind_text(statement, 4, qml, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 5, title, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 6, time, -1, SQLITE_STATIC);
        status = zf_database_step(&output->db, statement, "write a style of the result", error);
    }
    sqlite3_finalize(statement);
    return status;
}

zf_status zf_output_write_style(zf_output *output, const zf_output_layer *layer, const char *qml,
                                const char *title, zf_error *error) {
    zf_status status = create_style_table(output, error);
    if (status == ZF_OK)
        status = insert_both(output, layer, qml, title, error);
    output->is_broken = output->is_broken || status != ZF_OK;
    return status;
}
