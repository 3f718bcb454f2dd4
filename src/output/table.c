/* SPDX-License-Identifier: MIT */
/* One table of the result: its columns, its INSERT, its rows. */
#include "output/output_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QGIS and OGR take these words as 64-bit integer (OGR reads INTEGER with 32 bits), integer, real, text and
 * blob. Dates stay text: SQLite would give DATE a numeric affinity. */
static const char *type_sql(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
        return "BIGINT";
    case ZF_FIELD_BOOLEAN:
        return "INTEGER";
    case ZF_FIELD_REAL:
        return "REAL";
    case ZF_FIELD_BLOB:
        return "BLOB";
    default:
        return "TEXT";
    }
}

static zf_status check_width(const zf_database *db, const zf_output_table_def *def, size_t n_given,
                             zf_error *error) {
    size_t most = (size_t)sqlite3_limit(db->handle, SQLITE_LIMIT_COLUMN, -1);
    size_t n = def->n_own + n_given + (def->geometry_type != NULL);
    if (n <= most)
        return ZF_OK;
    zf_status status = zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_SQLITE,
        "cannot create the table %s with %zu columns: SQLite allows %zu; ask for fewer with `fields`, "
        "`stats` or `analyses`",
        def->name, n, most);
    return zf_error_at(error, status, db->path, def->name, ZF_NO_FID);
}

static zf_status settle_names(const zf_database *db, const zf_output_table_def *def, const zf_column *given,
                              zf_output_table *table, zf_error *error) {
    const size_t n_given = table->n_columns - table->n_own;
    const char *own[16];
    char **names = calloc(n_given + 1, sizeof *names);
    if (names == NULL)
        return zf_error_memory(error, n_given * sizeof *names, "column names");
    for (size_t i = 0; i < def->n_own; i++)
        own[i] = def->own[i].name;
    zf_status status = def->layer != NULL
                           ? zf_names_settle_query(own, def->n_own, given, n_given, names, error)
                           : zf_names_settle(own, def->n_own, given, n_given, names, error);
    for (size_t i = 0; i < n_given; i++) {
        zf_output_table_column *column = &table->columns[table->n_own + i];
        column->name = column->own_name = names[i];
        column->type = given[i].type;
        if (status == ZF_OK && (given[i].name == NULL || strcmp(given[i].name, names[i]) != 0))
            zf_log(db->callbacks, ZF_LOG_INFO,
                   "the column '%s' is called '%s' in %s, which has a column of that name already",
                   given[i].name != NULL ? given[i].name : "", names[i], def->name);
    }
    free(names);
    return status;
}

static zf_status make_columns(const zf_database *db, const zf_output_table_def *def, const zf_column *given,
                              size_t n_given, zf_output_table *table, zf_error *error) {
    size_t n = def->n_own + n_given;
    table->columns = calloc(n, sizeof *table->columns);
    if (table->columns == NULL)
        return zf_error_memory(error, n * sizeof *table->columns, "columns");
    table->n_own = def->n_own;
    table->n_columns = n;
    table->layer.extent = zf_envelope_empty();
    zf_output_field_init(&table->layer.values);
    for (size_t i = 0; i < n; i++)
        zf_output_field_init(&table->columns[i].field);
    for (size_t i = 0; i < def->n_own; i++) {
        table->columns[i].name = def->own[i].name;
        table->columns[i].type = def->own[i].type;
    }
    return settle_names(db, def, given, table, error);
}

static zf_status run_text(const zf_database *db, zf_text *sql, const char *what, zf_error *error) {
    zf_status status = sql->is_failed ? zf_error_memory(error, sql->cap, "an SQL statement")
                                      : zf_database_run(db, sql->bytes, what, error);
    zf_text_deinit(sql);
    return status;
}

static void append_geometry(zf_text *sql, const zf_output_table *table, const char *before,
                            const char *after) {
    if (table->layer.geometry_type == NULL)
        return;
    zf_text_append(sql, before);
    zf_text_append_identifier(sql, table->layer.geometry_name);
    zf_text_append_format(sql, " %s%s", table->layer.geometry_type, after);
}

static zf_status create(const zf_database *db, const zf_output_table_def *def, const zf_output_table *table,
                        zf_error *error) {
    zf_text sql = {0};
    zf_text_append(&sql, "CREATE TABLE ");
    zf_text_append_identifier(&sql, table->name);
    for (size_t i = 0; i < table->n_columns; i++) {
        zf_text_append(&sql, i == 0 ? "(" : ",");
        if (i == table->layer.geometry_at)
            append_geometry(&sql, table, "", ",");
        zf_text_append_identifier(&sql, table->columns[i].name);
        const char *constraint = i < def->n_own ? def->own[i].constraint : NULL;
        bool is_rowid = constraint != NULL && strcmp(constraint, "PRIMARY KEY") == 0 &&
                        table->columns[i].type == ZF_FIELD_INTEGER;
        zf_text_append_format(&sql, " %s", is_rowid ? "INTEGER" : type_sql(table->columns[i].type));
        if (constraint != NULL)
            zf_text_append_format(&sql, " %s", constraint);
    }
    if (table->layer.geometry_at == table->n_columns)
        append_geometry(&sql, table, ",", "");
    zf_text_append(&sql, ")");
    return run_text(db, &sql, "create a table of the result", error);
}

zf_status zf_output_table_create(const zf_database *db, const zf_output_table_def *def,
                                 const zf_column *columns, size_t n_columns, zf_output_table *out,
                                 zf_error *error) {
    zf_status status = check_width(db, def, n_columns, error);
    if (status != ZF_OK)
        return status;
    out->name = def->name;
    out->layer.geometry_type = def->geometry_type;
    out->layer.geometry_name = def->layer != NULL ? def->layer->geometry_name : ZF_GEOMETRY_COLUMN;
    out->layer.dimensions = def->layer != NULL ? def->layer->dimensions : "XY";
    out->layer.geometry_at = def->layer != NULL ? def->layer->geometry_at : def->n_own + n_columns;
    out->has_ids = def->layer == NULL;
    out->fid_column = def->fid_column;
    status = make_columns(db, def, columns, n_columns, out, error);
    return status == ZF_OK ? create(db, def, out, error) : status;
}

static const zf_value *pending_value(const zf_output_pending *pending, size_t row, size_t column) {
    return &pending->values[row * pending->n_columns + column];
}

static void give_value(const void *user, size_t row, size_t column, sqlite3_context *result) {
    const zf_value *value = pending_value(user, row, column);
    const zf_bytes *bytes = &value->as.bytes;
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        sqlite3_result_int64(result, value->as.integer);
        break;
    case ZF_VALUE_REAL:
        sqlite3_result_double(result, value->as.real);
        break;
    case ZF_VALUE_TEXT:
        sqlite3_result_text64(result, (const char *)bytes->bytes, bytes->n, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case ZF_VALUE_BLOB:
        sqlite3_result_blob64(result, bytes->bytes, bytes->n, SQLITE_STATIC);
        break;
    case ZF_VALUE_NULL:
    default:
        break;
    }
}

/* Starts the hash of the content with the names of the columns. */
static zf_status begin_content(zf_output_table *table, zf_error *error) {
    const bool is_layer = table->layer.geometry_type != NULL;
    zf_status status = zf_content_create(&table->content, error);
    for (size_t i = 0; status == ZF_OK && i < table->n_columns + is_layer; i++) {
        const bool is_geometry = is_layer && i == table->layer.geometry_at;
        const size_t column = i - (is_layer && i > table->layer.geometry_at);
        const zf_value name =
            zf_value_text(is_geometry ? table->layer.geometry_name : table->columns[column].name);
        status = zf_content_add(table->content, &name, error);
    }
    return status == ZF_OK ? zf_content_end_row(table->content, error) : status;
}

zf_status zf_output_table_prepare(const zf_database *db, zf_output_table *table, zf_budget *budget,
                                  zf_error *error) {
    const size_t n_columns = table->n_columns + (table->layer.geometry_type != NULL);
    const bool is_bulk = table->fid_column != 0;
    zf_output_pending_init(&table->pending, budget, n_columns, is_bulk);
    table->feed = (zf_output_feed){.rows = {.n_columns = n_columns, .give = give_value}, .is_appended = is_bulk};
    zf_status status = zf_output_feed_open(db, table->name, &table->feed, error);
    if (status == ZF_OK)
        status = begin_content(table, error);
    if (status == ZF_OK && table->layer.geometry_type != NULL)
        status = zf_output_rtree_open(db, table->name, table->layer.geometry_name, budget,
                                      &table->layer.rtree, error);
    return status;
}

/* Stores a real as SQLite would: whole numbers as integers in an integer column, no negative zero, NaN as
 * NULL. */
static void store_real(bool is_whole, double real, zf_value *out) {
    if (isnan(real)) {
        out->kind = ZF_VALUE_NULL;
    } else if (is_whole && fabs(real) < 0x1p53 && nearbyint(real) == real) {
        out->kind = ZF_VALUE_INTEGER;
        out->as.integer = (int64_t)real;
    } else {
        out->kind = ZF_VALUE_REAL;
        out->as.real = real + 0.0;
    }
}

/* Converts a value as the column's affinity will; false when it is of another type than the column. Members
 * are copied one by one: a copy of the whole struct would stall on the members just written. */
static bool as_stored(zf_field_type type, const zf_value *value, zf_value *out) {
    const bool is_whole = type == ZF_FIELD_INTEGER || type == ZF_FIELD_BOOLEAN,
               is_real = type == ZF_FIELD_REAL;
    out->kind = value->kind;
    switch (value->kind) {
    case ZF_VALUE_NULL:
        return true;
    case ZF_VALUE_INTEGER:
        if (is_real)
            store_real(false, (double)value->as.integer, out);
        else
            out->as.integer = value->as.integer;
        return is_whole || is_real;
    case ZF_VALUE_REAL:
        store_real(is_whole, value->as.real, out);
        return is_whole || is_real;
    case ZF_VALUE_TEXT:
    case ZF_VALUE_BLOB:
        out->as.bytes.bytes = value->as.bytes.bytes;
        out->as.bytes.n = value->as.bytes.n;
        return value->kind == ZF_VALUE_BLOB ? type == ZF_FIELD_BLOB
                                            : !is_whole && !is_real && type != ZF_FIELD_BLOB;
    default:
        return false;
    }
}

static zf_status refuse_value(const zf_database *db, const zf_output_table *table, size_t i,
                              zf_error *error) {
    zf_status status = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                                    "a value of the column '%s' is not of its type, %s",
                                    table->columns[i].name, zf_field_type_name(table->columns[i].type));
    return zf_error_at(error, status, db->path, table->name, ZF_NO_FID);
}

static const zf_value *value_of_row(const zf_output_table *table, const zf_output_row *row, size_t i) {
    return i < table->n_own ? &row->own[i] : &row->given[i - table->n_own];
}

static size_t bytes_of_row(const zf_output_table *table, const zf_output_row *row) {
    size_t n = row->geometry.n;
    for (size_t i = 0; i < table->n_columns; i++) {
        const zf_value *value = value_of_row(table, row, i);
        n += value->kind == ZF_VALUE_TEXT || value->kind == ZF_VALUE_BLOB ? value->as.bytes.n : 0;
    }
    return n;
}

zf_status zf_output_table_flush(const zf_database *db, zf_output_table *table, zf_error *error) {
    zf_output_pending *pending = &table->pending;
    if (pending->n_rows == 0)
        return ZF_OK;
    table->feed.last_id = pending_value(pending, pending->n_rows - 1, 0)->as.integer;
    zf_status status =
        zf_output_feed_write(db, &table->feed, pending, pending->n_rows, "write a row of the result", error);
    if (status != ZF_OK && table->fid_column != 0 && table->feed.rows.row < pending->n_rows) {
        const zf_value *fid = pending_value(pending, table->feed.rows.row, table->fid_column);
        zf_error_at(error, status, db->path, table->name, fid->as.integer);
    }
    zf_output_pending_clear(pending);
    return status;
}

static zf_status add_to_content(zf_output_table *table, const zf_value *stored, zf_error *error) {
    const size_t n = table->n_columns + (table->layer.geometry_type != NULL);
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < n; i++)
        status = zf_content_add(table->content, &stored[i], error);
    return status == ZF_OK ? zf_content_end_row(table->content, error) : status;
}

/* Buffers the row with its values as the table will store them, and adds them to statistics and hash. */
static zf_status take_row(const zf_database *db, zf_output_table *table, const zf_output_row *row,
                          size_t n_bytes, zf_error *error) {
    zf_value *stored = NULL;
    zf_status status = zf_output_pending_add(&table->pending, n_bytes, &stored, error);
    if (status != ZF_OK)
        return status;
    for (size_t i = 0; i < table->n_columns; i++) {
        zf_output_table_column *column = &table->columns[i];
        zf_value *at = &stored[i + (table->layer.geometry_type != NULL && i >= table->layer.geometry_at)];
        if (!as_stored(column->type, value_of_row(table, row, i), at))
            return refuse_value(db, table, i, error);
        zf_output_field_add(&column->field, at);
        zf_output_pending_keep(&table->pending, at);
    }
    if (table->layer.geometry_type != NULL) {
        zf_value *geometry = &stored[table->layer.geometry_at];
        *geometry = zf_value_bytes(ZF_VALUE_BLOB, row->geometry);
        zf_output_field_add(&table->layer.values, geometry);
        zf_output_pending_keep(&table->pending, geometry);
        zf_envelope_add(&table->layer.extent, &row->envelope);
    }
    table->n_rows++;
    return table->content != NULL ? add_to_content(table, stored, error) : ZF_OK;
}

zf_status zf_output_table_insert(const zf_database *db, zf_output_table *table, const zf_output_row *row,
                                 zf_error *error) {
    const size_t n_bytes = bytes_of_row(table, row);
    zf_status status = ZF_OK;
    if (!zf_output_pending_has_room(&table->pending, n_bytes))
        status = zf_output_table_flush(db, table, error);
    if (status == ZF_OK)
        status = take_row(db, table, row, n_bytes, error);
    if (status == ZF_OK && table->fid_column == 0)
        status = zf_output_table_flush(db, table, error);
    if (status == ZF_OK && table->layer.geometry_type != NULL && row->geometry.bytes != NULL)
        status = zf_output_rtree_add(db, &table->layer.rtree,
                                     table->has_ids ? row->own[0].as.integer : (int64_t)table->n_rows,
                                     &row->envelope, error);
    return status;
}

void zf_output_table_deinit(zf_output_table *table) {
    zf_output_feed_deinit(&table->feed);
    zf_output_pending_deinit(&table->pending);
    zf_output_rtree_deinit(&table->layer.rtree);
    zf_content_destroy(table->content);
    for (size_t i = 0; i < table->n_columns; i++)
        free(table->columns[i].own_name);
    for (size_t i = 0; i < table->layer.n_triggers; i++)
        free(table->layer.triggers[i]);
    free(table->columns);
    free(table->layer.triggers);
    free(table->own_name);
    *table = (zf_output_table){0};
}
