/* SPDX-License-Identifier: MIT */
/*
 * Query results. The rows of each query wait in a table of the temporary database until the last ZIP is done.
 * The types of its columns follow from all of their values, which depend on nothing but the inputs.
 */
#include "sql/names.h"
#include "sql/query_engine.h"
#include "sql/spatialite_blob.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_BETWEEN_CANCEL_CHECKS = 4096, ZIP_RANK = 0, ZIP, N_OWN };

/* ---- columns ---- */

/* Takes a column's declared type, a word of queries.c's CREATE TABLE. SQLite reports one only for a plain
 * column of building, also through subqueries. */
static void take_declared(zf_query_result_column *column, const char *word) {
    static const struct {
        const char *word;
        zf_field_type type;
    } words[] = {{"BIGINT", ZF_FIELD_INTEGER}, {"INTEGER", ZF_FIELD_INTEGER}, {"INT", ZF_FIELD_BOOLEAN},
                 {"REAL", ZF_FIELD_REAL},      {"TEXT", ZF_FIELD_TEXT},       {"BLOB", ZF_FIELD_BLOB}};
    static const char *const geometries[] = {"GEOMETRY",   "POINT",           NULL,          NULL,
                                             "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"};
    for (size_t i = 0; word != NULL && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0) {
            column->is_declared = true;
            column->declared = words[i].type;
        }
    for (unsigned i = 0; word != NULL && i < sizeof geometries / sizeof *geometries; i++)
        if (geometries[i] != NULL && strcmp(geometries[i], word) == 0) {
            column->is_declared = column->is_footprint = true;
            column->declared = ZF_FIELD_BLOB;
            column->footprint_type = i;
        }
}

static zf_status take_names(zf_query_statement *s, zf_column *given, char **names, zf_error *error) {
    static const char *const own[N_OWN] = {"zip_rank", "zip"};
    for (size_t i = 0; i < s->n_columns; i++)
        given[i].name = sqlite3_column_name(s->select, (int)i);
    zf_status status = zf_names_settle_query(own, N_OWN, given, s->n_columns, names, error);
    for (size_t i = 0; i < s->n_columns; i++)
        s->columns[i].name = names[i];
    return status;
}

zf_status zf_query_result_describe(const zf_query_engine *q, zf_query_statement *s, zf_error *error) {
    const size_t most = (size_t)sqlite3_limit(q->sandbox.db.handle, SQLITE_LIMIT_COLUMN, -1);
    s->n_columns = (size_t)sqlite3_column_count(s->select);
    if (s->n_columns + N_OWN > most)
        return zf_query_refuse(s, s->line, error, "it has %zu columns: SQLite allows %zu beside two more",
                               s->n_columns, most - N_OWN);
    s->columns = calloc(s->n_columns, sizeof *s->columns);
    zf_column *given = calloc(s->n_columns, sizeof *given);
    char **names = calloc(s->n_columns, sizeof *names);
    zf_status status = ZF_OK;
    if (s->columns == NULL || given == NULL || names == NULL)
        status = zf_error_memory(error, s->n_columns * sizeof *s->columns, "the columns of a query");
    else
        status = take_names(s, given, names, error);
    for (size_t i = 0; status == ZF_OK && i < s->n_columns; i++) {
        const char *named = given[i].name != NULL ? given[i].name : "";
        take_declared(&s->columns[i], sqlite3_column_decltype(s->select, (int)i));
        if (strcmp(named, s->columns[i].name) != 0)
            zf_log(&q->sandbox.callbacks, ZF_LOG_INFO,
                   "the column '%s' of `analysis_sqls` %s is called '%s' in the result, where that name is "
                   "taken",
                   named, s->name, s->columns[i].name);
    }
    free(names);
    free(given);
    return status;
}

void zf_query_result_deinit(zf_query_statement *s) {
    for (size_t i = 0; s->columns != NULL && i < s->n_columns; i++)
        free(s->columns[i].name);
    free(s->columns);
    s->columns = NULL;
}

/* The declared type for a column without any value, else TEXT. */
static zf_field_type type_of(const zf_query_result_column *column) {
    const zf_field_type declared = column->declared;
    if (column->seen == 0)
        return column->is_declared ? declared : ZF_FIELD_TEXT;
    if ((column->seen & ZF_SEEN_REAL) != 0)
        return ZF_FIELD_REAL;
    if ((column->seen & ZF_SEEN_TEXT) != 0)
        return ZF_FIELD_TEXT;
    if ((column->seen & ZF_SEEN_BLOB) != 0)
        return ZF_FIELD_BLOB;
    if (column->is_declared && (declared == ZF_FIELD_REAL || declared == ZF_FIELD_BOOLEAN) &&
        (column->seen & ZF_SEEN_LARGE) == 0)
        return declared;
    return ZF_FIELD_INTEGER;
}

zf_query_column zf_query_engine_result_column(const zf_query_engine *queries, size_t k, size_t i) {
    const zf_query_result_column *c = &queries->statements[k].columns[i];
    const bool is_empty_footprint = c->seen == 0 && c->is_footprint;
    return (zf_query_column){.name = c->name,
                             .type = type_of(c),
                             .has_geometry = c->has_geometry || is_empty_footprint,
                             .is_mixed = c->is_mixed,
                             .srid = is_empty_footprint ? queries->srid : c->geometry.srid,
                             .geometry_type = is_empty_footprint ? c->footprint_type : c->geometry.type,
                             .dimensions = c->geometry.dimensions};
}

/* ---- storing rows ---- */

static void append_columns(zf_text *sql, const char *before, const char *form, size_t n) {
    zf_text_append(sql, before);
    for (size_t i = 0; i < n; i++) {
        zf_text_append(sql, i == 0 ? "" : ",");
        zf_text_append(sql, form);
        if (form[0] == 'c')
            zf_text_append_format(sql, "%zu", i);
    }
    zf_text_append(sql, ")");
}

zf_status zf_query_result_create(zf_query_engine *q, size_t k, zf_error *error) {
    zf_query_statement *s = &q->statements[k];
    zf_text table = {0}, insert = {0};
    zf_text_append_format(&table, "CREATE TABLE zf_result_%zu", k);
    append_columns(&table, "(", "c", N_OWN + s->n_columns);
    zf_text_append_format(&insert, "INSERT INTO zf_result_%zu VALUES", k);
    append_columns(&insert, "(", "?", N_OWN + s->n_columns);
    zf_status status = ZF_OK;
    if (table.is_failed || insert.is_failed)
        status = zf_error_memory(error, table.n + insert.n, "an SQL statement");
    else if (sqlite3_exec(q->sandbox.db.handle, table.bytes, NULL, NULL, NULL) != SQLITE_OK ||
             sqlite3_prepare_v3(q->sandbox.db.handle, insert.bytes, -1, SQLITE_PREPARE_PERSISTENT, &s->store,
                                NULL) != SQLITE_OK)
        status = zf_query_engine_failed(q, sqlite3_errcode(q->sandbox.db.handle), "prepare the result of a query",
                                   error);
    zf_text_deinit(&table);
    zf_text_deinit(&insert);
    return status;
}

static unsigned kind_of(sqlite3_value *value) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: {
        const sqlite3_int64 n = sqlite3_value_int64(value);
        const bool is_large = n > (1LL << 53) || n < -(1LL << 53);
        return ZF_SEEN_INTEGER | (is_large ? ZF_SEEN_LARGE : 0u);
    }
    case SQLITE_FLOAT:
        return ZF_SEEN_REAL;
    case SQLITE_TEXT:
        return ZF_SEEN_TEXT;
    case SQLITE_BLOB:
        return ZF_SEEN_BLOB;
    default:
        return 0;
    }
}

/* Names kinds of values that no single type of a column holds without changing some value; NULL: there are
 * none. */
static const char *clash(unsigned seen) {
    const bool has_number = (seen & (ZF_SEEN_INTEGER | ZF_SEEN_REAL)) != 0;
    if (has_number && (seen & ZF_SEEN_TEXT) != 0)
        return "numbers and texts";
    if (has_number && (seen & ZF_SEEN_BLOB) != 0)
        return "numbers and blobs";
    if ((seen & ZF_SEEN_TEXT) != 0 && (seen & ZF_SEEN_BLOB) != 0)
        return "texts and blobs";
    if ((seen & ZF_SEEN_REAL) != 0 && (seen & ZF_SEEN_LARGE) != 0)
        return "real numbers and integers of more than 53 bits";
    return NULL;
}

/* The common type of two geometry types: itself, the multi-geometry of both, or 0. */
static unsigned common_type(unsigned a, unsigned b) {
    const bool is_alike = a >= 1 && b >= 1 && a <= 6 && b <= 6 && a % 3 == b % 3;
    return a == b ? a : is_alike ? (a > b ? a : b) : 0;
}

static void note_geometry(zf_query_result_column *column, zf_bytes blob) {
    zf_spatialite_header found;
    if (!zf_spatialite_header_read(blob, &found)) {
        column->is_mixed = true;
    } else if (!column->has_geometry) {
        column->has_geometry = true;
        column->geometry = found;
    } else {
        column->is_mixed |=
            column->geometry.srid != found.srid || column->geometry.dimensions != found.dimensions;
        column->geometry.type = common_type(column->geometry.type, found.type);
    }
}

static zf_status note_value(const zf_query_statement *s, size_t i, sqlite3_value *value, zf_error *error) {
    zf_query_result_column *column = &s->columns[i];
    column->seen |= kind_of(value);
    if (sqlite3_value_type(value) == SQLITE_BLOB && !column->is_mixed) {
        const uint8_t *bytes = sqlite3_value_blob(value);
        note_geometry(column, (zf_bytes){bytes, (size_t)sqlite3_value_bytes(value)});
    }
    if (clash(column->seen) == NULL)
        return ZF_OK;
    return zf_query_refuse(s, s->line, error,
                           "the column '%s' gives %s (also over several ZIPs), and a column has one type: "
                           "write CAST(... AS TEXT), or AS REAL",
                           column->name, clash(column->seen));
}

zf_status zf_query_result_store(zf_query_engine *q, zf_query_statement *s, uint32_t rank, const char *zip,
                                zf_error *error) {
    zf_status status = ZF_OK;
    int code = sqlite3_bind_int64(s->store, 1 + ZIP_RANK, rank);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(s->store, 1 + ZIP, zip, -1, SQLITE_STATIC);
    for (size_t i = 0; status == ZF_OK && code == SQLITE_OK && i < s->n_columns; i++) {
        /* protected for this connection, which has no mutex and one thread */
        sqlite3_value *value = sqlite3_column_value(s->select, (int)i);
        status = note_value(s, i, value, error);
        code = sqlite3_bind_value(s->store, (int)(1 + N_OWN + i), value);
    }
    if (status == ZF_OK && (code != SQLITE_OK || sqlite3_step(s->store) != SQLITE_DONE))
        status =
            zf_query_engine_failed(q, sqlite3_errcode(q->sandbox.db.handle), "store the result of a query", error);
    sqlite3_reset(s->store);
    sqlite3_clear_bindings(s->store);
    return status;
}

/* ---- reading rows ---- */

struct zf_query_engine_rows {
    zf_query_engine *queries;
    sqlite3_stmt *select;
    size_t n_columns, n_read;
};

zf_status zf_query_engine_rows_open(zf_query_engine *queries, size_t k, zf_query_engine_rows **out, zf_error *error) {
    char sql[64];
    zf_query_engine_rows *rows = malloc(sizeof *rows);
    if (rows == NULL)
        return zf_error_memory(error, sizeof *rows, "the result of a query");
    *rows = (zf_query_engine_rows){.queries = queries, .n_columns = N_OWN + queries->statements[k].n_columns};
    sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM zf_result_%llu ORDER BY rowid", (unsigned long long)k);
    if (sqlite3_prepare_v2(queries->sandbox.db.handle, sql, -1, &rows->select, NULL) != SQLITE_OK) {
        zf_query_engine_rows_close(rows);
        return zf_query_engine_failed(queries, sqlite3_errcode(queries->sandbox.db.handle),
                                 "read the result of a query", error);
    }
    *out = rows;
    return ZF_OK;
}

static zf_value read_value(sqlite3_stmt *row, int i) {
    static const uint8_t nothing[1] = {0};
    zf_bytes bytes;
    switch (sqlite3_column_type(row, i)) {
    case SQLITE_INTEGER:
        return zf_value_integer(sqlite3_column_int64(row, i));
    case SQLITE_FLOAT:
        return zf_value_real(sqlite3_column_double(row, i));
    case SQLITE_TEXT:
        bytes.bytes = sqlite3_column_text(row, i);
        bytes.n = (size_t)sqlite3_column_bytes(row, i);
        return zf_value_bytes(ZF_VALUE_TEXT, bytes);
    case SQLITE_BLOB:
        bytes.bytes = sqlite3_column_blob(row, i);
        bytes.n = (size_t)sqlite3_column_bytes(row, i);
        if (bytes.n == 0)
            bytes.bytes = nothing;
        return zf_value_bytes(ZF_VALUE_BLOB, bytes);
    default:
        return zf_value_null();
    }
}

zf_status zf_query_engine_rows_next(zf_query_engine_rows *rows, zf_value *out_values, zf_error *error) {
    if (rows->n_read > 0 && rows->n_read % ROWS_BETWEEN_CANCEL_CHECKS == 0) {
        zf_status status = zf_check_cancelled(&rows->queries->sandbox.callbacks, error);
        if (status != ZF_OK)
            return status;
    }
    const int code = sqlite3_step(rows->select);
    if (code == SQLITE_DONE)
        return ZF_DONE;
    if (code != SQLITE_ROW)
        return zf_query_engine_failed(rows->queries, sqlite3_errcode(rows->queries->sandbox.db.handle),
                                 "read the result of a query", error);
    for (size_t i = 0; i < rows->n_columns; i++)
        out_values[i] = read_value(rows->select, (int)i);
    rows->n_read++;
    return ZF_OK;
}

void zf_query_engine_rows_close(zf_query_engine_rows *rows) {
    if (rows != NULL)
        sqlite3_finalize(rows->select);
    free(rows);
}
