/* SPDX-License-Identifier: MIT */
/* Checks the layers of a result: their rows in SpatiaLite's tables, geometries and spatial indexes. */
#include "provenance/result_internal.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/** Places in the head of a SpatiaLite geometry: start, byte order, srid, envelope, a mark, then the type. */
enum { BLOB_SRID = 2, BLOB_BOX = 6, BLOB_MARK = 38, BLOB_TYPE = 39, BLOB_BYTES = 44 };

/** A layer, and what the scan of its rows has counted. */
typedef struct layer {
    const char *table, *geometry;
    int64_t srid, type; /**< as in geometry_columns: thousands are dimensions; a type of 0 is any */
    uint64_t n_geometries;
    uint64_t n_malformed; /**< not a SpatiaLite geometry, or of another srid or type */
    uint64_t n_missed;    /**< not in the index, or its entry does not hold the envelope */
} layer;

/** The double at this place of a blob, in the byte order of this machine. */
static double number_at(const uint8_t *bytes) {
    double number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

/** The 32-bit integer at this place of a blob. */
static int32_t integer_at(const uint8_t *bytes) {
    int32_t integer;
    memcpy(&integer, bytes, sizeof integer);
    return integer;
}

/** Whether a geometry has the type of the layer. The type of a compressed geometry is a million higher. */
static bool is_of_type(const layer *l, int32_t type) {
    const int64_t plain = type % 1000000;
    return plain == l->type || (l->type % 1000 == 0 && plain / 1000 == l->type / 1000);
}

/** Reads the envelope of a little-endian SpatiaLite geometry; false when it is malformed. */
static bool read_box(const layer *l, zf_bytes blob, zf_envelope *out) {
    const uint8_t *b = blob.bytes;
    if (blob.n < BLOB_BYTES || b[0] != 0x00 || b[1] != 0x01 || b[BLOB_MARK] != 0x7C ||
        b[blob.n - 1] != 0xFE || integer_at(b + BLOB_SRID) != l->srid ||
        !is_of_type(l, integer_at(b + BLOB_TYPE)))
        return false;
    *out = (zf_envelope){number_at(b + BLOB_BOX), number_at(b + BLOB_BOX + 8), number_at(b + BLOB_BOX + 16),
                         number_at(b + BLOB_BOX + 24)};
    return true;
}

/** Whether an entry holds the envelope. The R*Tree rounds to floats, outwards and by at most two steps. */
static bool holds(sqlite3_stmt *entry, const zf_envelope *box) {
    const double sides[] = {box->min_x, box->max_x, box->min_y, box->max_y};
    for (int i = 0; i < 4; i++) {
        double kept = sqlite3_column_double(entry, i), slack = 4 * FLT_EPSILON * fabs(sides[i]) + FLT_MIN;
        bool is_low = i % 2 == 0;
        if ((is_low ? kept > sides[i] : kept < sides[i]) || fabs(kept - sides[i]) > slack)
            return false;
    }
    return true;
}

/** Looks up the entry of a row in the spatial index, and counts it as missed unless it holds the box. */
static zf_status look_up(zf_reader *reader, sqlite3_stmt *entry, int64_t rowid, const zf_envelope *box,
                         layer *l, zf_error *error) {
    sqlite3_reset(entry);
    sqlite3_bind_int64(entry, 1, rowid);
    zf_status status = zf_reader_step(reader, entry, error);
    if (status == ZF_DONE || (status == ZF_OK && !holds(entry, box)))
        l->n_missed++;
    return status == ZF_DONE ? ZF_OK : status;
}

/** Reads all geometries of a layer; counts malformed ones and those that the index misses. */
static zf_status scan(zf_reader *reader, sqlite3_stmt *rows, sqlite3_stmt *entry, layer *l, zf_error *error) {
    zf_status status = ZF_OK;
    while (status == ZF_OK && (status = zf_reader_step(reader, rows, error)) == ZF_OK) {
        zf_value geometry = zf_reader_value(rows, 1);
        zf_envelope box;
        if (geometry.kind == ZF_VALUE_NULL)
            continue;
        l->n_geometries++;
        if (geometry.kind != ZF_VALUE_BLOB || !read_box(l, geometry.as.bytes, &box))
            l->n_malformed++;
        else if (entry != NULL)
            status = look_up(reader, entry, sqlite3_column_int64(rows, 0), &box, l, error);
    }
    return status == ZF_DONE ? ZF_OK : status;
}

/** Prepares the statements and scans the layer. */
static zf_status scan_layer(zf_reader *reader, bool has_index, layer *l, zf_error *error) {
    sqlite3_stmt *rows = NULL, *entry = NULL;
    zf_status status =
        zf_reader_prepare(reader, &rows, error, "SELECT rowid, \"%w\" FROM \"%w\"", l->geometry, l->table);
    if (status == ZF_OK && has_index)
        status = zf_reader_prepare(reader, &entry, error,
                                   "SELECT xmin, xmax, ymin, ymax FROM \"idx_%w_%w\" WHERE pkid=?1", l->table,
                                   l->geometry);
    if (status == ZF_OK)
        status = scan(reader, rows, entry, l, error);
    sqlite3_finalize(entry);
    sqlite3_finalize(rows);
    return status;
}

/** Checks that the spatial index is sound, and has exactly one entry for each geometry. */
static zf_status check_index(zf_reader *reader, layer *l, zf_verdict *verdict, zf_error *error) {
    int64_t n_entries = 0, is_sound = 0;
    zf_status status =
        zf_reader_ask(reader, &n_entries, error, "SELECT count(*) FROM \"idx_%w_%w\"", l->table, l->geometry);
    if (status == ZF_OK)
        status = zf_reader_ask(reader, &is_sound, error, "SELECT rtreecheck('main','idx_%q_%q')='ok'",
                               l->table, l->geometry);
    if (status == ZF_OK && !is_sound)
        status = zf_verdict_add(verdict, ZF_CHECK_INDEX, l->table, error, "its spatial index is malformed");
    if (status == ZF_OK && (l->n_missed > 0 || (uint64_t)n_entries != l->n_geometries))
        status = zf_verdict_add(verdict, ZF_CHECK_INDEX, l->table, error,
                                "its spatial index has %" PRId64 " entries for %" PRIu64
                                " geometries, and misses %" PRIu64 " of them",
                                n_entries, l->n_geometries, l->n_missed);
    return status;
}

/** Reads the row of geometry_columns. *out_is_there: there is one, and its srid is in spatial_ref_sys. */
static zf_status read_metadata(zf_reader *reader, layer *l, bool *out_is_there, bool *out_is_indexed,
                               zf_error *error) {
    sqlite3_stmt *row = NULL;
    zf_status status = zf_reader_prepare(
        reader, &row, error,
        "SELECT g.srid, g.geometry_type, g.spatial_index_enabled, s.srid FROM geometry_columns g LEFT JOIN "
        "spatial_ref_sys s ON s.srid = g.srid WHERE "
        "g.f_table_name=lower('%q') AND g.f_geometry_column=lower('%q')",
        l->table, l->geometry);
    if (status == ZF_OK)
        status = zf_reader_step(reader, row, error);
    *out_is_there = status == ZF_OK && sqlite3_column_type(row, 3) != SQLITE_NULL;
    *out_is_indexed = status == ZF_OK && sqlite3_column_int(row, 2) == 1;
    if (status == ZF_OK) {
        l->srid = sqlite3_column_int64(row, 0);
        l->type = sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Checks metadata, geometries and spatial index of one layer. */
static zf_status check_layer(zf_reader *reader, const char *table, const char *geometry, zf_verdict *verdict,
                             zf_error *error) {
    layer l = {.table = table, .geometry = geometry};
    bool is_there = false, is_indexed = false, has_index = false;
    char name[512];
    sqlite3_snprintf(sizeof name, name, "idx_%s_%s", table, geometry);
    zf_status status = read_metadata(reader, &l, &is_there, &is_indexed, error);
    if (status == ZF_OK && !is_there)
        return zf_verdict_add(verdict, ZF_CHECK_METADATA, table, error,
                              "it is missing in geometry_columns, or its CRS in spatial_ref_sys");
    if (status == ZF_OK)
        status = zf_reader_has_table(reader, name, &has_index, error);
    if (status == ZF_OK && !(has_index && is_indexed))
        status = zf_verdict_add(verdict, ZF_CHECK_INDEX, table, error, "it has no spatial index");
    if (status == ZF_OK)
        status = scan_layer(reader, has_index, &l, error);
    if (status == ZF_OK && l.n_malformed > 0)
        status = zf_verdict_add(verdict, ZF_CHECK_METADATA, table, error,
                                "%" PRIu64 " of %" PRIu64
                                " geometries are malformed, or have another type or srid than the layer",
                                l.n_malformed, l.n_geometries);
    return status == ZF_OK && has_index ? check_index(reader, &l, verdict, error) : status;
}

/** Checks the layers of a table: the columns that are declared as geometries. */
static zf_status find_and_check(zf_reader *reader, const char *table, zf_verdict *verdict, zf_error *error) {
    sqlite3_stmt *columns = NULL;
    zf_status status = zf_reader_prepare(
        reader, &columns, error,
        "SELECT name FROM pragma_table_info('%q') WHERE type IN ('GEOMETRY','POINT','LINESTRING','POLYGON',"
        "'MULTIPOINT','MULTILINESTRING','MULTIPOLYGON','GEOMETRYCOLLECTION') ORDER BY cid",
        table);
    while (status == ZF_OK && (status = zf_reader_step(reader, columns, error)) == ZF_OK)
        status = check_layer(reader, table, (const char *)sqlite3_column_text(columns, 0), verdict, error);
    sqlite3_finalize(columns);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_verify_layers(zf_reader *reader, zf_verdict *verdict, zf_error *error) {
    static const char *const needed[] = {"geometry_columns", "spatial_ref_sys"};
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < sizeof needed / sizeof *needed; i++) {
        bool is_there = false;
        status = zf_reader_has_table(reader, needed[i], &is_there, error);
        if (status == ZF_OK && !is_there)
            return zf_verdict_add(verdict, ZF_CHECK_METADATA, needed[i], error, "the table is missing");
    }
    for (size_t i = 0; status == ZF_OK && i < verdict->n_tables; i++)
        status = find_and_check(reader, verdict->tables[i].name, verdict, error);
    return status;
}
