/* SPDX-License-Identifier: MIT */
/*
 * Values of an SQLite file that do not have the type of their column. SQLite accepts any value in any column,
 * and GDAL converts them silently: a text becomes 0, an integer of 64 bits loses its upper half. Which
 * storage classes a column holds is found once, before the first reading. Only for columns with wrong ones
 * are the values of each batch looked up and corrected.
 */
#include "source/source_internal.h"
#include "source/storage_classes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Values that the type of a field does not allow: their storage classes, and an SQL condition on column c.
 */
typedef struct wrong_values {
    uint8_t classes;
    const char *condition;
} wrong_values;

/** The values that a type does not allow. Of dates and times all are wrong but the texts that GDAL
 * understands, which it returns. */
static wrong_values wrong_values_of(zf_field_type type, bool is_int32) {
    enum { NOT_NUMBERS = ZF_STORED_TEXT | ZF_STORED_BLOB, NOT_INTEGERS = ZF_STORED_REAL | NOT_NUMBERS };
    switch (type) {
    case ZF_FIELD_BOOLEAN:
        return (wrong_values){ZF_STORED_INT32 | ZF_STORED_INT64 | NOT_INTEGERS,
                              "c IS NOT NULL AND (typeof(c) <> 'integer' OR c NOT IN (0, 1))"};
    case ZF_FIELD_INTEGER:
        if (!is_int32)
            return (wrong_values){NOT_INTEGERS, "typeof(c) NOT IN ('integer', 'null')"};
        return (wrong_values){
            ZF_STORED_INT64 | NOT_INTEGERS,
            "c IS NOT NULL AND (typeof(c) <> 'integer' OR c NOT BETWEEN -2147483648 AND 2147483647)"};
    case ZF_FIELD_REAL:
        return (wrong_values){NOT_NUMBERS, "typeof(c) NOT IN ('real', 'integer', 'null')"};
    case ZF_FIELD_TEXT:
        return (wrong_values){ZF_STORED_BLOB, "typeof(c) = 'blob'"};
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return (wrong_values){ZF_STORED_BIT | ZF_STORED_INT32 | ZF_STORED_INT64 | NOT_INTEGERS,
                              "c IS NOT NULL"};
    default:
        return (wrong_values){0, "c IS NOT NULL"};
    }
}

static bool is_sqlite(const zf_source *source) {
    return strcmp(source->info.driver, "GPKG") == 0 || strcmp(source->info.driver, "SQLite") == 0;
}

static const char *fid_column(const zf_source *source) {
    return source->info.fid_column[0] ? source->info.fid_column : "rowid";
}

/* ---- which columns hold wrong values ---- */

/* Position of a field's column in the records of the table; false if it is not stored. */
static bool find_position(const zf_source *source, int field, int *out) {
    zf_text sql = {0};
    int64_t position = -1;
    zf_text_append(&sql, "WITH c AS (SELECT * FROM pragma_table_xinfo(");
    zf_text_append_literal(&sql, source->info.layer);
    zf_text_append(
        &sql, ")) SELECT (SELECT count(*) FROM c b WHERE b.cid < a.cid AND b.hidden <> 2) FROM c a WHERE "
              "a.hidden <> 2 AND a.name = ");
    zf_text_append_literal(&sql, source->fields[field].name);
    const bool is_found = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &position);
    zf_text_deinit(&sql);
    *out = (int)position;
    return is_found && position >= 0;
}

/* Root page of the layer's table; false for a view. */
static bool find_root_page(const zf_source *source, int64_t *out) {
    zf_text sql = {0};
    zf_text_append(&sql, "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(");
    zf_text_append_literal(&sql, source->info.layer);
    zf_text_append(&sql, ")");
    const bool is_found = !sql.is_failed && zf_source_query_integer(source, sql.bytes, out);
    zf_text_deinit(&sql);
    return is_found && *out > 0;
}

/* Finds the classes of a column by SQL: of a view, of a file with a -wal or in an archive, and of columns
 * with a default value that not every record holds. */
static bool query_classes(const zf_source *source, int field, uint8_t *out) {
    zf_text sql = {0};
    int64_t classes = 0;
    zf_text_append(
        &sql,
        "SELECT max(typeof(c) = 'text') * 32 + max(typeof(c) = 'blob') * 64 + max(typeof(c) = 'real') * "
        "16 + max(typeof(c) = 'integer' AND c NOT BETWEEN -2147483648 AND 2147483647) * 8 + "
        "max(typeof(c) = 'integer') * 4 FROM (SELECT ");
    zf_text_append_identifier(&sql, source->fields[field].name);
    zf_text_append(&sql, " AS c FROM ");
    zf_text_append_identifier(&sql, source->info.layer);
    zf_text_append(&sql, ")");
    const bool is_known = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &classes);
    zf_text_deinit(&sql);
    *out = (uint8_t)classes;
    return is_known;
}

/* A field and the position of its column. */
typedef struct position {
    int field, column;
} position;

static int by_column(const void *a, const void *b) {
    return ((const position *)a)->column - ((const position *)b)->column;
}

/* Reads the classes of n fields from the file; those that stay unknown are left to SQL. */
static zf_status scan_classes(zf_source *source, position *positions, size_t n, zf_error *error) {
    int64_t root_page = 0;
    bool has_repeated_pages = false;
    int *columns = calloc(n, sizeof *columns);
    uint8_t *classes = calloc(n, sizeof *classes);
    qsort(positions, n, sizeof *positions, by_column);
    for (size_t i = 0; columns && i < n; i++)
        columns[i] = positions[i].column;
    if (columns && classes && strncmp(source->open_path, "/vsi", 4) != 0 &&
        !zf_path_has_companion(source->open_path, "-wal") && find_root_page(source, &root_page) &&
        zf_storage_classes_scan(source->open_path, (uint32_t)root_page, columns, n, classes,
                                &has_repeated_pages))
        for (size_t i = 0; i < n; i++) {
            source->stored.classes[positions[i].field] = classes[i];
            source->stored.is_known[positions[i].field] = !(classes[i] & ZF_STORED_DEFAULT);
        }
    free(columns);
    free(classes);
    return has_repeated_pages
               ? zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                              "the table leads to the same page of the file more than once; the file is "
                              "damaged: get it again")
               : ZF_OK;
}

static bool is_date(zf_field_type type) {
    return type == ZF_FIELD_DATE || type == ZF_FIELD_TIME || type == ZF_FIELD_DATETIME;
}

static bool is_int32(const zf_source *source, int field) {
    return OGR_Fld_GetType(OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(source->layer), field)) == OFTInteger;
}

static bool has_wrong_values(const zf_source *source, int field) {
    const zf_field_type type = source->fields[field].type;
    return (source->stored.classes[field] & wrong_values_of(type, is_int32(source, field)).classes) != 0;
}

/* A view may repeat fids, and has no index on them: its values cannot be looked up. */
static zf_status refuse_view(const zf_source *source, int field, zf_error *error) {
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "field '%s' of the view holds values that do not have its type, and GDAL would convert them "
        "silently; correct them with CAST in the view, or write the view into a table",
        source->fields[field].name);
}

zf_status zf_source_check_stored_types(zf_source *source, zf_error *error) {
    const zf_feature_reader *reader = &source->reader;
    zf_status st = ZF_OK;
    int64_t root_page = 0;
    size_t n = 0;
    if (!is_sqlite(source) || reader->n_fields == 0)
        return ZF_OK;
    source->stored.is_table = find_root_page(source, &root_page);
    position *positions = calloc(reader->n_fields, sizeof *positions);
    if (!positions)
        return zf_error_memory(error, reader->n_fields * sizeof *positions, "the fields of a query");
    for (size_t c = 0; c < reader->n_fields; c++) {
        const int field = reader->fields[c];
        if (!source->stored.is_known[field] && wrong_values_of(reader->types[c], false).classes &&
            find_position(source, field, &positions[n].column))
            positions[n++].field = field;
    }
    if (n > 0)
        st = scan_classes(source, positions, n, error);
    free(positions);
    for (size_t c = 0; st == ZF_OK && c < reader->n_fields; c++) {
        const int field = reader->fields[c];
        if (!source->stored.is_known[field] && wrong_values_of(reader->types[c], false).classes)
            source->stored.is_known[field] = query_classes(source, field, &source->stored.classes[field]);
        if (has_wrong_values(source, field) && !is_date(reader->types[c]) && !source->stored.is_table)
            st = refuse_view(source, field, error);
    }
    return st;
}

/* ---- correcting a batch ---- */

/* A row of a batch, by its fid. */
typedef struct row_of_fid {
    int64_t fid;
    size_t row;
} row_of_fid;

static int by_fid(const void *a, const void *b) {
    const int64_t x = ((const row_of_fid *)a)->fid, y = ((const row_of_fid *)b)->fid;
    return (x > y) - (x < y);
}

/* The rows of a batch in the order of their fids; NULL without memory. */
static row_of_fid *sort_rows(const zf_batch *batch) {
    row_of_fid *rows = calloc(batch->n_rows, sizeof *rows);
    for (size_t row = 0; rows && row < batch->n_rows; row++)
        rows[row] = (row_of_fid){zf_batch_fid(batch, row), row};
    if (rows)
        qsort(rows, batch->n_rows, sizeof *rows, by_fid);
    return rows;
}

/* Gives a column buffers of its own that can be changed; integers get 64 bits. */
static zf_status own_column(zf_batch *batch, size_t c, zf_error *error) {
    zf_batch_column *column = &batch->columns[c];
    zf_own_column *own = &batch->own[c];
    const bool is_integer = column->layout == ZF_LAYOUT_INT32 || column->layout == ZF_LAYOUT_INT64;
    if (own->validity)
        return ZF_OK;
    const size_t first = is_integer ? 0 : column->first;
    own->validity = calloc((first + batch->n_rows + 7) / 8, 1);
    own->integers = is_integer ? calloc(batch->n_rows, sizeof *own->integers) : NULL;
    if (!own->validity || (is_integer && !own->integers))
        return zf_error_memory(error, batch->n_rows * sizeof *own->integers, "a batch of features");
    for (size_t row = 0; row < batch->n_rows; row++) {
        const size_t i = column->first + row;
        if (!zf_column_is_null(column, row))
            own->validity[(first + row) / 8] |= (uint8_t)(1u << ((first + row) % 8));
        if (is_integer)
            own->integers[row] = column->layout == ZF_LAYOUT_INT32 ? ((const int32_t *)column->values)[i]
                                                                   : ((const int64_t *)column->values)[i];
    }
    column->validity = own->validity;
    if (is_integer) {
        column->layout = ZF_LAYOUT_INT64;
        column->values = own->integers;
        column->first = 0;
    }
    return ZF_OK;
}

/* Writes the query for the wrong values of column c of a batch: fid, storage class, value as text. */
static void write_query(const zf_source *source, int field, int64_t first_fid, int64_t last_fid,
                        zf_text *out) {
    const zf_field_type type = source->fields[field].type;
    zf_text_append(out, "SELECT CAST(f AS TEXT), typeof(c), CASE typeof(c) WHEN 'blob' THEN 'a blob' ELSE "
                        "substr(CAST(c AS TEXT), 1, 30) END FROM (SELECT ");
    zf_text_append_identifier(out, fid_column(source));
    zf_text_append(out, " AS f, ");
    zf_text_append_identifier(out, source->fields[field].name);
    zf_text_append(out, " AS c FROM ");
    zf_text_append_identifier(out, source->info.layer);
    zf_text_append(out, " WHERE ");
    zf_text_append_identifier(out, fid_column(source));
    zf_text_append_format(out, " BETWEEN %" PRId64 " AND %" PRId64 ") WHERE %s", first_fid, last_fid,
                          wrong_values_of(type, is_int32(source, field)).condition);
}

/* Corrects the value of one row: a 64-bit integer is set, anything else becomes missing. */
static void correct(zf_source *source, zf_batch *batch, size_t c, size_t row, OGRFeatureH answer) {
    const zf_batch_column *column = &batch->columns[c];
    const int field = source->reader.fields[c];
    const char *text = OGR_F_GetFieldAsString(answer, 2);
    const bool is_integer = strcmp(OGR_F_GetFieldAsString(answer, 1), "integer") == 0;
    zf_finding_kind kind = is_date(column->type) ? ZF_FINDING_NO_DATE : ZF_FINDING_WRONG_TYPE;
    if (is_integer && column->type == ZF_FIELD_INTEGER) {
        batch->own[c].integers[row] = strtoll(text, NULL, 10);
        kind = ZF_FINDING_WIDE_INTEGER;
    } else if (is_integer && column->type == ZF_FIELD_BOOLEAN) {
        kind = ZF_FINDING_NO_BOOLEAN;
    } else if (is_date(column->type) && !zf_column_is_null(column, row)) {
        return;
    } else {
        const size_t i = column->first + row;
        batch->own[c].validity[i / 8] &= (uint8_t) ~(1u << (i % 8));
    }
    zf_source_add_finding(source, field, kind, zf_batch_fid(batch, row), text);
}

/* Looks up the wrong values of column c and corrects them. */
static zf_status correct_column(zf_source *source, zf_batch *batch, size_t c, const row_of_fid *rows,
                                zf_error *error) {
    zf_text sql = {0};
    zf_trap trap;
    OGRFeatureH feature = NULL;
    write_query(source, source->reader.fields[c], rows[0].fid, rows[batch->n_rows - 1].fid, &sql);
    zf_status st = sql.is_failed ? zf_error_memory(error, sql.n, "a query") : own_column(batch, c, error);
    if (st == ZF_OK)
        st = zf_source_open_probe(source, error);
    if (st != ZF_OK) {
        zf_text_deinit(&sql);
        return st;
    }
    zf_trap_begin(&trap);
    OGRLayerH result = GDALDatasetExecuteSQL(source->probe, sql.bytes, NULL, NULL);
    while (result && (feature = OGR_L_GetNextFeature(result)) != NULL) {
        const row_of_fid key = {strtoll(OGR_F_GetFieldAsString(feature, 0), NULL, 10), 0};
        const row_of_fid *found = bsearch(&key, rows, batch->n_rows, sizeof *rows, by_fid);
        if (found)
            correct(source, batch, c, found->row, feature);
        OGR_F_Destroy(feature);
    }
    if (result)
        GDALDatasetReleaseResultSet(source->probe, result);
    zf_trap_end(&trap);
    zf_text_deinit(&sql);
    return result && !trap.has_failed
               ? ZF_OK
               : zf_source_read_error(source, zf_trap_message(&trap), source->reader.last_fid, error);
}

/* True if the values of a field must be looked up: of dates, those that GDAL did not understand. */
static bool must_correct(const zf_source *source, int field, zf_field_type type) {
    const uint8_t classes = source->stored.classes[field];
    if (is_date(type))
        return (classes & ~(ZF_STORED_NULL | ZF_STORED_TEXT)) != 0 ||
               (source->stored.has_warnings && (classes & ZF_STORED_TEXT));
    return has_wrong_values(source, field);
}

zf_status zf_source_correct_batch(zf_source *source, zf_batch *batch, zf_error *error) {
    const zf_feature_reader *reader = &source->reader;
    row_of_fid *rows = NULL;
    zf_status st = ZF_OK;
    if (!source->stored.is_table)
        return ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < reader->n_fields; c++) {
        if (!must_correct(source, reader->fields[c], reader->types[c]))
            continue;
        if (!rows) {
            rows = sort_rows(batch);
            batch->own = calloc(batch->n_columns, sizeof *batch->own);
        }
        if (!rows || !batch->own)
            st = zf_error_memory(error, batch->n_rows * sizeof *rows, "a batch of features");
        else
            st = correct_column(source, batch, c, rows, error);
    }
    free(rows);
    return st;
}
