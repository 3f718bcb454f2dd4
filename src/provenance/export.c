/* SPDX-License-Identifier: MIT */
/* A table of a result, handed row by row to a writer of OGR, and put in place whole. */
#include "zonefold/export.h"
#include "os/file.h"
#include "os/output_file.h"
#include "os/temp_directory.h"
#include "provenance/table_names.h"
#include "source/writer.h"
#include "sql/spatialite_blob.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 15, ROWS_BETWEEN_PROGRESS = 1000 };
#define NO_COLUMN  SIZE_MAX
#define MOST_EXACT (INT64_C(1) << 53)

/** One export. */
typedef struct exporting {
    const zf_export_options *options;
    const zf_writer_format *format;
    zf_table_reader *table;
    const zf_table_info *info;
    zf_column *columns; /**< of the file; names are owned */
    zf_value *values;   /**< of a row of the file */
    bool *is_exact;     /**< columns of integers that are exact as doubles */
    zf_text *texts;     /**< of geometries as WKT, one for each of columns */
    size_t n_columns;
    size_t geometry; /**< among those of info; NO_COLUMN: the file has none */
    zf_text wkb;     /**< of the row */
    zf_temp_directory directory;
    char *path; /**< of the unfinished file */
    zf_writer *writer;
} exporting;

/* ---- what is asked ---- */

static zf_status usage(zf_error *error, const char *parameter, const char *text) {
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s", text);
    return zf_error_parameter(error, ZF_E_USAGE, parameter);
}

static zf_output_target target_of(const zf_export_options *options) {
    return (zf_output_target){options->output, "the export", "output", options->overwrite};
}

static zf_status check_options(exporting *x, zf_error *error) {
    const zf_export_options *options = x->options;
    zf_status status = zf_require(options->table.result, "result", error);
    if (status == ZF_OK)
        status = zf_require(options->output, "output", error);
    if (status != ZF_OK)
        return status;
    x->format = zf_writer_format_of(options->output);
    if (x->format == NULL) {
        zf_text endings = {0};
        zf_writer_append_endings(&endings);
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "cannot export to '%.300s': `output` ends in %s",
                     options->output, endings.bytes != NULL ? endings.bytes : "a known ending");
        zf_text_deinit(&endings);
        return zf_error_parameter(error, ZF_E_USAGE, "output");
    }
    if (options->is_rounded && options->digits > MAX_DIGITS)
        return usage(error, "digits", "`digits` is at most 15");
    if (zf_file_is_same(options->table.result, options->output))
        return usage(error, "output", "`output` is the result itself; give another name");
    const zf_output_target target = target_of(options);
    return zf_output_file_check(&target, error);
}

/* ---- columns ---- */

static bool is_taken(const exporting *x, const char *name) {
    for (size_t i = 0; i < x->n_columns; i++)
        if (zf_string_equal_nocase(x->columns[i].name, name))
            return true;
    return false;
}

/* The heading of a column: its name, or its label, with the name where two have the same. */
static char *heading_of(const exporting *x, const zf_table_column *column) {
    char *heading = NULL;
    if (!x->options->has_labels || !is_taken(x, column->label))
        return zf_string_copy(x->options->has_labels ? column->label : column->name);
    return asprintf(&heading, "%s [%s]", column->label, column->name) < 0 ? NULL : heading;
}

/* Headings and types; the first geometry is that of the layer, others are texts. */
static zf_status make_columns(exporting *x, zf_error *error) {
    const size_t n = x->info->n_columns;
    x->columns = calloc(n, sizeof *x->columns);
    x->values = calloc(n, sizeof *x->values);
    x->texts = calloc(n, sizeof *x->texts);
    x->is_exact = calloc(n, sizeof *x->is_exact);
    if (x->is_exact == NULL || x->columns == NULL || x->values == NULL || x->texts == NULL)
        return zf_error_memory(error, n * sizeof *x->columns, "the columns of the export");
    for (size_t i = 0; i < n; i++) {
        const zf_table_column *column = &x->info->columns[i];
        if (column->is_geometry && x->format->has_geometry && x->geometry == NO_COLUMN) {
            x->geometry = i;
            continue;
        }
        char *heading = heading_of(x, column);
        if (heading == NULL)
            return zf_error_memory(error, strlen(column->name), "the name of a column");
        x->columns[x->n_columns++] = (zf_column){heading, column->is_geometry ? ZF_FIELD_TEXT : column->type};
    }
    return ZF_OK;
}

/* Which columns hold integers that are exact as doubles? */
static zf_status find_exact_integers(exporting *x, zf_error *error) {
    zf_text sql = {0};
    sqlite3_stmt *bounds = NULL;
    int at = 0;
    for (size_t i = 0; i < x->info->n_columns; i++)
        for (int is_max = 0; x->info->columns[i].type == ZF_FIELD_INTEGER && is_max < 2; is_max++) {
            zf_text_append(&sql, sql.n == 0 ? "SELECT " : ", ");
            zf_text_append(&sql, is_max ? "max(" : "min(");
            zf_text_append_identifier(&sql, x->info->columns[i].name);
            zf_text_append(&sql, ")");
        }
    if (sql.n == 0 && !sql.is_failed)
        return ZF_OK;
    zf_text_append(&sql, " FROM ");
    zf_text_append_identifier(&sql, x->info->table);
    zf_reader *file = zf_table_file(x->table);
    zf_status status = sql.is_failed ? zf_error_memory(error, sql.n, "an SQL statement")
                                     : zf_reader_prepare(file, &bounds, error, "%s", sql.bytes);
    if (status == ZF_OK)
        status = zf_reader_step(file, bounds, error);
    for (size_t i = 0; status == ZF_OK && i < x->n_columns; i++)
        if (x->columns[i].type == ZF_FIELD_INTEGER) {
            x->is_exact[i] = sqlite3_column_int64(bounds, at) >= -MOST_EXACT &&
                             sqlite3_column_int64(bounds, at + 1) <= MOST_EXACT;
            at += 2;
        }
    sqlite3_finalize(bounds);
    zf_text_deinit(&sql);
    return status;
}

/* Reads what the file says about a geometry column: its type and its CRS. */
static zf_status describe_geometry(exporting *x, zf_writer_options *out, char **out_wkt, zf_error *error) {
    const char *column = x->info->columns[x->geometry].name;
    zf_reader *file = zf_table_file(x->table);
    sqlite3_stmt *found = NULL;
    zf_status status = zf_reader_prepare(
        file, &found, error,
        "SELECT geometry_type, CASE WHEN lower(auth_name)='epsg' THEN auth_srid ELSE 0 END, srtext FROM "
        "geometry_columns LEFT JOIN spatial_ref_sys USING (srid) WHERE f_table_name='%q' COLLATE NOCASE AND "
        "f_geometry_column='%q' COLLATE NOCASE",
        x->info->table, column);
    if (status == ZF_OK)
        status = zf_reader_step(file, found, error);
    if (status == ZF_OK) {
        const char *wkt = (const char *)sqlite3_column_text(found, 2);
        out->geometry_type = (unsigned)sqlite3_column_int(found, 0);
        out->crs.epsg = sqlite3_column_int(found, 1);
        *out_wkt = zf_string_copy(wkt != NULL && strcmp(wkt, "Undefined") != 0 ? wkt : "");
        out->crs.wkt = *out_wkt;
        status = *out_wkt != NULL ? ZF_OK : zf_error_memory(error, 0, "a CRS");
    }
    sqlite3_finalize(found);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ZF_E_USAGE where the format drops rows without geometry and there are such. */
static zf_status check_geometries(exporting *x, uint64_t n_rows, zf_error *error) {
    char number[32];
    int64_t n_missing = (int64_t)n_rows;
    zf_status status = ZF_OK;
    if (x->format->needs_geometry && x->geometry != NO_COLUMN)
        status = zf_reader_ask(zf_table_file(x->table), &n_missing, error,
                               "SELECT count(*) FROM \"%w\" WHERE \"%w\" IS NULL", x->info->table,
                               x->info->columns[x->geometry].name);
    if (status != ZF_OK || !x->format->needs_geometry || (n_missing == 0 && x->geometry != NO_COLUMN))
        return status;
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                 "the table %.100s has %s rows without geometry, which %s cannot hold; let `output` end in "
                 ".gpkg or .csv",
                 x->info->table, zf_format_grouped((uint64_t)n_missing, number), x->format->driver);
    return zf_error_parameter(error, ZF_E_USAGE, "output");
}

/* The first of some names that no column has. */
static const char *free_name(const exporting *x, const char *wanted) {
    static const char *const others[] = {"ogc_fid", "ogc_geom", "fid_of_file", "geometry_of_file"};
    if (!is_taken(x, wanted))
        return wanted;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!is_taken(x, others[i]) && (i % 2 == 0) == (strcmp(wanted, "fid") == 0))
            return others[i];
    return wanted;
}

/* ---- the file ---- */

/* Makes the directory for the unfinished file beside the output. */
static zf_status make_directory(exporting *x, zf_error *error) {
    const char *output = x->options->output, *slash = strrchr(output, '/');
    const int n_parent = slash != NULL ? (int)(slash + 1 - output) : 0;
    char *prefix = NULL, why[128];
    if (asprintf(&prefix, "%.*s.zonefold-export-", n_parent, output) < 0)
        return zf_error_memory(error, strlen(output), "a path");
    const int code = zf_temp_directory_begin(prefix, &x->directory);
    free(prefix);
    if (code != 0) {
        zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                     "cannot write the export: %s; give another place with `output`",
                     strerror_r(code, why, sizeof why));
        return zf_error_at(error, ZF_E_OUTPUT, output, NULL, ZF_NO_FID);
    }
    return asprintf(&x->path, "%s/export%s", x->directory.path, x->format->ending) < 0
               ? zf_error_memory(error, strlen(output), "a path")
               : ZF_OK;
}

static zf_status open_writer(exporting *x, zf_error *error) {
    char *wkt = NULL;
    zf_writer_options options = {.path = x->path,
                                 .format = x->format,
                                 .layer = x->info->table,
                                 .columns = x->columns,
                                 .n_columns = x->n_columns,
                                 .is_exact = x->is_exact,
                                 .fid_name = free_name(x, "fid")};
    zf_status status = ZF_OK;
    if (x->geometry != NO_COLUMN) {
        options.geometry_name = free_name(x, x->info->columns[x->geometry].name);
        status = describe_geometry(x, &options, &wkt, error);
    }
    if (status == ZF_OK && x->geometry != NO_COLUMN && strcmp(x->format->ending, ".geojson") == 0 &&
        options.crs.epsg <= 0 && (wkt == NULL || *wkt == '\0'))
        status = usage(error, "output",
                       "the result has no CRS, and GeoJSON is in WGS 84; let `output` end in .gpkg or .fgb");
    if (status == ZF_OK)
        status = zf_writer_open(&options, &x->writer, error);
    free(wkt);
    return status;
}

/* ---- rows ---- */

static double rounded(double number, unsigned digits) {
    char text[352];
    snprintf(text, sizeof text, "%.*f", (int)digits, number);
    return strtod(text, NULL) + 0.0; /* no -0 */
}

/* The geometry of a column as WKB in x->wkb; of NULL, nothing. */
static zf_status take_wkb(exporting *x, const zf_value *value, uint64_t row, zf_error *error) {
    x->wkb.n = 0;
    if (value->kind == ZF_VALUE_NULL ||
        (value->kind == ZF_VALUE_BLOB && zf_spatialite_append_wkb(value->as.bytes, &x->wkb)))
        return ZF_OK;
    if (x->wkb.is_failed)
        return zf_error_memory(error, value->as.bytes.n, "a geometry");
    zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                 "row %" PRIu64 " holds no geometry that can be exported: it is compressed or damaged", row);
    return zf_error_at(error, ZF_E_INPUT, x->options->table.result, x->info->table, ZF_NO_FID);
}

/* A geometry in a column of texts. */
static zf_status make_wkt(exporting *x, const zf_value *value, uint64_t row, size_t c, zf_error *error) {
    zf_text *text = &x->texts[c];
    x->values[c] = zf_value_null();
    zf_status status = take_wkb(x, value, row, error);
    if (status != ZF_OK || x->wkb.n == 0)
        return status;
    text->n = 0;
    status = zf_writer_append_wkt(text, (zf_bytes){(const uint8_t *)x->wkb.bytes, x->wkb.n}, error);
    if (status == ZF_OK && text->is_failed)
        status = zf_error_memory(error, text->n, "a geometry");
    if (status == ZF_OK)
        x->values[c] = zf_value_bytes(ZF_VALUE_TEXT, (zf_bytes){(const uint8_t *)text->bytes, text->n});
    return status;
}

static zf_status write_row(exporting *x, const zf_value *values, uint64_t row, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0, c = 0; status == ZF_OK && i < x->info->n_columns; i++) {
        if (i == x->geometry)
            continue;
        x->values[c] = values[i];
        if (x->info->columns[i].is_geometry)
            status = make_wkt(x, &values[i], row, c, error);
        else if (values[i].kind == ZF_VALUE_REAL && x->options->is_rounded)
            x->values[c] = zf_value_real(rounded(values[i].as.real, x->options->digits));
        c++;
    }
    x->wkb.n = 0;
    if (status == ZF_OK && x->geometry != NO_COLUMN)
        status = take_wkb(x, &values[x->geometry], row, error);
    if (status != ZF_OK)
        return status;
    const bool has_geometry = x->wkb.n > 0;
    const zf_bytes wkb = {has_geometry ? (const uint8_t *)x->wkb.bytes : NULL, x->wkb.n};
    return zf_writer_add(x->writer, x->values, wkb, error);
}

static zf_status write_rows(exporting *x, const zf_callbacks *callbacks, uint64_t n_rows, uint64_t *out_n,
                            zf_error *error) {
    const zf_value *values = NULL;
    zf_status status = ZF_OK;
    for (*out_n = 0; (status = zf_table_next(x->table, &values, error)) == ZF_OK;) {
        if (*out_n % ROWS_BETWEEN_PROGRESS == 0)
            zf_progress_report(callbacks, "export", *out_n, n_rows);
        status = zf_check_cancelled(callbacks, error);
        if (status == ZF_OK)
            status = write_row(x, values, *out_n + 1, error);
        if (status != ZF_OK)
            return status;
        ++*out_n;
    }
    return status == ZF_DONE ? zf_writer_finish(x->writer, error) : status;
}

/* ZF_E_USAGE for more rows than the format holds. */
static zf_status count_rows(exporting *x, uint64_t *out_n, zf_error *error) {
    char rows[32], most[32];
    zf_status status = zf_table_count(x->table, out_n, error);
    if (status != ZF_OK || x->format->max_rows == 0 || *out_n <= x->format->max_rows ||
        x->options->table.top != NULL)
        return status;
    zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
        "the table %.100s has %s rows, and a sheet of %s holds %s; let `output` end in .csv, or take "
        "some with `top`",
        x->info->table, zf_format_grouped(*out_n, rows), x->format->driver,
        zf_format_grouped(x->format->max_rows, most));
    return zf_error_parameter(error, ZF_E_USAGE, "output");
}

static zf_status put_in_place(const exporting *x, zf_error *error) {
    char why[128];
    const int fd = zf_file_open(x->path);
    const bool is_synced = fd >= 0 && zf_file_sync(fd);
    const int code = errno;
    (void)zf_file_close(fd);
    errno = code;
    if (is_synced && zf_file_rename(x->path, x->options->output, x->options->overwrite))
        return ZF_OK;
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot put the export in place: %s",
                        strerror_r(errno, why, sizeof why));
}

static zf_status export_table(exporting *x, const zf_callbacks *callbacks, uint64_t *out_n, zf_error *error) {
    zf_table_options table = x->options->table;
    uint64_t n_rows = 0;
    table.has_geometry = table.has_geometry || x->format->has_geometry;
    zf_status status = zf_table_open(&table, callbacks, &x->table, error);
    if (status != ZF_OK)
        return status;
    x->info = zf_table_get_info(x->table);
    status = make_columns(x, error);
    if (status == ZF_OK)
        status = count_rows(x, &n_rows, error);
    if (status == ZF_OK)
        status = check_geometries(x, n_rows, error);
    if (status == ZF_OK && strcmp(x->format->ending, ".csv") == 0)
        status = find_exact_integers(x, error);
    if (status == ZF_OK)
        status = make_directory(x, error);
    if (status == ZF_OK)
        status = open_writer(x, error);
    if (status == ZF_OK)
        status = write_rows(x, callbacks, n_rows, out_n, error);
    if (status == ZF_OK)
        status = put_in_place(x, error);
    return status == ZF_E_OUTPUT ? zf_error_at(error, status, x->options->output, NULL, ZF_NO_FID) : status;
}

static void deinit(exporting *x) {
    zf_writer_close(x->writer);
    zf_temp_directory_remove(&x->directory);
    zf_table_close(x->table);
    for (size_t i = 0; i < x->n_columns; i++) {
        free((char *)x->columns[i].name);
        zf_text_deinit(&x->texts[i]);
    }
    zf_text_deinit(&x->wkb);
    free(x->columns);
    free(x->values);
    free(x->texts);
    free(x->is_exact);
    free(x->path);
}

zf_status zf_export(const zf_export_options *options, const zf_callbacks *callbacks, zf_export_report *out,
                    zf_error *error) {
    exporting x = {.options = options, .geometry = NO_COLUMN};
    uint64_t n_rows = 0;
    zf_status status = check_options(&x, error);
    if (status == ZF_OK)
        status = export_table(&x, callbacks, &n_rows, error);
    if (status == ZF_OK && out != NULL)
        *out = (zf_export_report){n_rows, x.format->driver};
    deinit(&x);
    return status;
}
