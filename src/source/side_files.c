/* SPDX-License-Identifier: MIT */
/* Companion files, and checks of a file before it is read. */
#include "os/file.h"
#include "source/source_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- GeoPackage ---- */

/* Fails if the geometry column does not exist: GDAL returns NULL geometries then. */
static zf_status check_geometry_column(zf_source *source, zf_error *error) {
    const char *column = OGR_L_GetGeometryColumn(source->layer);
    int64_t n = 0;
    zf_text sql = {0};
    if (!source->info.has_geometry || !column || !*column)
        return ZF_OK;
    zf_text_append(&sql, "SELECT count(*) FROM pragma_table_info(");
    zf_text_append_literal(&sql, source->info.layer);
    zf_text_append(&sql, ") WHERE lower(name) = lower(");
    zf_text_append_literal(&sql, column);
    zf_text_append(&sql, ")");
    bool is_known = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &n);
    zf_text_deinit(&sql);
    if (!is_known || n > 0)
        return ZF_OK;
    zf_status st =
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "according to gpkg_geometry_columns the geometries are in column '%s', but the table "
                     "has no such column; copy the layer into a new file with the program that wrote it",
                     column);
    return zf_error_at(error, st, source->path, source->info.layer, ZF_NO_FID);
}

/* True if the fid column is the key of a table. A view, or a table without key, may repeat fids. */
static bool has_unique_fids(const zf_source *source) {
    int64_t n = 0;
    zf_text sql = {0};
    zf_text_append(&sql, "SELECT count(*) FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = "
                         "'table' AND c.pk = 1 AND lower(c.type) = 'integer' AND lower(m.name) = lower(");
    zf_text_append_literal(&sql, source->info.layer);
    zf_text_append(&sql, ") AND lower(c.name) = lower(");
    zf_text_append_literal(&sql, source->info.fid_column);
    zf_text_append(&sql, ")");
    const bool is_key = !sql.is_failed && zf_source_query_integer(source, sql.bytes, &n) && n == 1;
    zf_text_deinit(&sql);
    return is_key;
}

/* Notes fids that occur more than once. Cost: nothing for a table with a key, else one pass over the layer.
 */
static void check_fids(zf_source *source) {
    int64_t n_repeated = 0;
    zf_text sql = {0};
    char number[32], features[64];
    if (!source->info.fid_column[0] || has_unique_fids(source))
        return;
    zf_text_append(&sql, "SELECT count(f) - count(DISTINCT f) FROM (SELECT ");
    zf_text_append_identifier(&sql, source->info.fid_column);
    zf_text_append(&sql, " AS f FROM ");
    zf_text_append_identifier(&sql, source->info.layer);
    zf_text_append(&sql, ")");
    if (!sql.is_failed && zf_source_query_integer(source, sql.bytes, &n_repeated) && n_repeated > 0) {
        (void)snprintf(features, sizeof features, "%s features",
                       zf_format_grouped((uint64_t)n_repeated, number));
        zf_source_note(source,
                       "%s of layer '%s' %s the fid of another feature: each counts on its own, but "
                       "building_fid does not "
                       "identify %s; write the layer into a table with a key of its own",
                       n_repeated == 1 ? "1 feature" : features, source->info.layer,
                       n_repeated == 1 ? "has" : "have", n_repeated == 1 ? "it" : "them");
    }
    zf_text_deinit(&sql);
}

/* Number of entries in the R*Tree of the geometry column; -1 if it cannot be counted. */
static int64_t rtree_entries(const zf_source *source) {
    zf_text table = {0}, sql = {0};
    int64_t n = -1;
    zf_text_append_format(&table, "rtree_%s_%s_rowid", source->info.layer,
                          OGR_L_GetGeometryColumn(source->layer));
    zf_text_append(&sql, "SELECT count(*) FROM ");
    if (!table.is_failed)
        zf_text_append_identifier(&sql, table.bytes);
    if (table.is_failed || sql.is_failed || !zf_source_query_integer(source, sql.bytes, &n))
        n = -1;
    zf_text_deinit(&table);
    zf_text_deinit(&sql);
    return n;
}

zf_status zf_source_check_side_files(zf_source *source, zf_error *error) {
    const char *driver = source->info.driver;
    zf_geometry_text_find(source);
    zf_geometry_text_note(source);
    source->had_wal = zf_path_has_companion(source->open_path, "-wal");
    if (source->had_wal)
        zf_source_note(
            source,
            "'%s-wal' exists: a program is editing the input, or crashed while editing it; the changes in "
            "the -wal are read, but the SHA-256 in the result is of the file without them",
            source->path);
    if (strcmp(driver, "ESRI Shapefile") == 0)
        return zf_shapefile_check(source, error);
    zf_status st = strcmp(driver, "GPKG") == 0 ? check_geometry_column(source, error) : ZF_OK;
    if (st == ZF_OK && (strcmp(driver, "GPKG") == 0 || strcmp(driver, "SQLite") == 0))
        check_fids(source);
    return st;
}

zf_status zf_source_check_unchanged(const zf_source *source, zf_error *error) {
    const char *driver = source->info.driver;
    if (source->had_wal || (strcmp(driver, "GPKG") != 0 && strcmp(driver, "SQLite") != 0) ||
        !zf_path_is_in_wal_mode(source->open_path) || !zf_path_has_companion(source->open_path, "-wal"))
        return ZF_DONE;
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "another program wrote the file while it was read; wait until it has finished, and start again");
}

int64_t zf_source_index_entries(zf_source *source) {
    if (!source->info.has_spatial_index)
        return -1;
    if (strcmp(source->info.driver, "GPKG") == 0)
        return rtree_entries(source);
    return strcmp(source->info.driver, "ESRI Shapefile") == 0 ? zf_shapefile_index_entries(source) : -1;
}

/* ---- preventing a checkpoint ---- */

/*
 * When GDAL closes a GeoPackage that has a -wal, it opens the file again for writing, so that SQLite
 * checkpoints: it copies the -wal into the file and removes it, which would change the input. SQLite does not
 * checkpoint while other connections read. This function takes the shared lock of such a reader, on an open
 * file description of its own, because a process is not blocked by its own POSIX locks.
 */
int zf_path_lock_wal(const char *path) {
    enum { FIRST_READER_BYTE = 0x40000000 + 2, N_READER_BYTES = 510 };
    return zf_path_has_companion(path, "-wal") || zf_path_is_in_wal_mode(path)
               ? zf_file_lock_shared(path, FIRST_READER_BYTE, N_READER_BYTES)
               : -1;
}

void zf_path_unlock_wal(int fd) {
    (void)zf_file_close(fd);
}
