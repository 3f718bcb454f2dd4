/* SPDX-License-Identifier: MIT */
/*
 * What SpatiaLite's UpdateLayerStatistics would find out by sorting the finished table, kept value by value
 * while rows are written: it cannot be interrupted, prints when it fails, and gives up above some 280
 * columns.
 */
#include "output/table.h"

#include <math.h>
#include <string.h>

void zf_output_field_init(zf_output_field *field) {
    *field = (zf_output_field){
        .min_integer = INT64_MAX, .max_integer = INT64_MIN, .min_real = INFINITY, .max_real = -INFINITY};
}

/* As SQLite's length(): characters before the first NUL. */
static size_t length_of_text(zf_bytes text) {
    const char *bytes = (const char *)text.bytes;
    return text.n > 0 ? zf_utf8_count(bytes, strnlen(bytes, text.n)) : 0;
}

static void add_size(zf_output_field *field, size_t size) {
    if (size > field->max_size)
        field->max_size = size;
}

void zf_output_field_add(zf_output_field *field, const zf_value *stored) {
    switch (stored->kind) {
    case ZF_VALUE_INTEGER:
        field->n_integer++;
        if (stored->as.integer < field->min_integer)
            field->min_integer = stored->as.integer;
        if (stored->as.integer > field->max_integer)
            field->max_integer = stored->as.integer;
        break;
    case ZF_VALUE_REAL:
        field->n_real++;
        if (stored->as.real < field->min_real)
            field->min_real = stored->as.real;
        if (stored->as.real > field->max_real)
            field->max_real = stored->as.real;
        break;
    case ZF_VALUE_TEXT:
        field->n_text++;
        add_size(field, length_of_text(stored->as.bytes));
        break;
    case ZF_VALUE_BLOB:
        field->n_blob++;
        add_size(field, stored->as.bytes.n);
        break;
    case ZF_VALUE_NULL:
    default:
        field->n_null++;
        break;
    }
}

static void bind_field(sqlite3_stmt *statement, int ordinal, const char *name, const zf_output_field *field) {
    const uint64_t counts[] = {field->n_null, field->n_integer, field->n_real, field->n_text, field->n_blob};
    sqlite3_clear_bindings(statement);
    sqlite3_bind_int(statement, 2, ordinal);
    sqlite3_bind_text(statement, 3, name, -1, SQLITE_STATIC);
    for (int i = 0; i < 5; i++)
        sqlite3_bind_int64(statement, 4 + i, (sqlite3_int64)counts[i]);
    if (field->n_text + field->n_blob > 0)
        sqlite3_bind_int64(statement, 9, (sqlite3_int64)field->max_size);
    if (field->n_integer > 0 &&
        field->n_real == 0) { /* SpatiaLite gives no range where both kinds are mixed */
        sqlite3_bind_int64(statement, 10, field->min_integer);
        sqlite3_bind_int64(statement, 11, field->max_integer);
    }
    if (field->n_real > 0 && field->n_integer == 0) {
        sqlite3_bind_double(statement, 12, field->min_real);
        sqlite3_bind_double(statement, 13, field->max_real);
    }
}

static zf_status write_fields(const zf_database *db, const zf_output_table *table, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    zf_status status =
        zf_database_prepare(db,
                            "INSERT INTO geometry_columns_field_infos(f_table_name,f_geometry_column,ordinal,"
                            "column_name,null_values,integer_values,double_values,text_values,"
                            "blob_values,max_size,integer_min,integer_max,double_min,double_max) VALUES"
                            "(lower(?1),lower(?14),?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
                            &statement, error);
    for (size_t i = 0; status == ZF_OK && i <= table->n_columns; i++) {
        bool is_geometry = i == table->layer.geometry_at;
        const zf_output_table_column *column =
            is_geometry ? NULL : &table->columns[i - (i > table->layer.geometry_at)];
        bind_field(statement, (int)i, is_geometry ? table->layer.geometry_name : column->name,
                   is_geometry ? &table->layer.values : &column->field);
        sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 14, table->layer.geometry_name, -1, SQLITE_STATIC);
        status = zf_database_step(db, statement, "record the layer's fields", error);
    }
    sqlite3_finalize(statement);
    return status;
}

static zf_status write_extent(const zf_database *db, const zf_output_table *table, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    zf_status status = zf_database_prepare(
        db,
        "INSERT OR REPLACE INTO geometry_columns_statistics(f_table_name,f_geometry_column,"
        "last_verified,row_count,extent_min_x,extent_min_y,extent_max_x,extent_max_y) VALUES"
        "(lower(?1),lower(?7),'" ZF_DATABASE_EPOCH "',?2,?3,?4,?5,?6)",
        &statement, error);
    if (status != ZF_OK)
        return status;
    sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 7, table->layer.geometry_name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)table->n_rows);
    if (!zf_envelope_is_empty(&table->layer.extent)) {
        sqlite3_bind_double(statement, 3, table->layer.extent.min_x);
        sqlite3_bind_double(statement, 4, table->layer.extent.min_y);
        sqlite3_bind_double(statement, 5, table->layer.extent.max_x);
        sqlite3_bind_double(statement, 6, table->layer.extent.max_y);
    }
    status = zf_database_step(db, statement, "record the layer's extent", error);
    sqlite3_finalize(statement);
    return status;
}

zf_status zf_output_layer_write_statistics(const zf_database *db, const zf_output_table *table,
                                           zf_error *error) {
    zf_status status = write_extent(db, table, error);
    return status == ZF_OK && table->n_rows > 0 ? write_fields(db, table, error) : status;
}
