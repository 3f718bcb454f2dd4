/* SPDX-License-Identifier: MIT */
/*
 * Corrupt geometries that GDAL returns as missing: values in the geometry column of a GeoPackage that are not
 * geometries (columnar reading), and shapes of a type that shapefiles do not have. Only features without
 * geometry are checked, so there is no cost if there are none.
 */
#include "source/source_internal.h"

#include <cpl_string.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIDS = 8192 }; /* per query: SQLite accepts a megabyte of SQL */

/* ---- columnar reading of GeoPackage ---- */

zf_status zf_source_open_probe(zf_source *source, zf_error *error) {
    const char *const drivers[] = {source->info.driver, NULL};
    zf_trap trap;
    if (source->probe)
        return ZF_OK;
    char **options = CSLDuplicate(source->open_options);
    if (strcmp(source->info.driver, "GeoJSON") == 0)
        options = CSLSetNameValue(options, "NATIVE_DATA", "YES");
    zf_trap_begin(&trap);
    source->probe = GDALOpenEx(source->open_path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                               drivers, (const char *const *)options, NULL);
    zf_trap_end(&trap);
    CSLDestroy(options);
    return source->probe
               ? ZF_OK
               : zf_source_read_error(source, zf_trap_message(&trap), source->reader.last_fid, error);
}

/* Lists the fids of rows without geometry from *inout_row on, at most MAX_FIDS. Returns their number. */
static size_t list_missing(const zf_batch *batch, size_t *inout_row, zf_text *out) {
    size_t n = 0;
    for (; *inout_row < batch->n_rows && n < MAX_FIDS; ++*inout_row)
        if (zf_column_is_null(&batch->geometry, *inout_row))
            zf_text_append_format(out, "%s%" PRId64, n++ > 0 ? "," : "", zf_batch_fid(batch, *inout_row));
    return n;
}

/* Writes a query for those of the fids that have a geometry. In a view a fid may occur twice: it is listed
 * only if all its rows have one. */
static void write_query(const zf_source *source, const char *fids, zf_text *out) {
    zf_text_append(out, "SELECT max(");
    zf_text_append_identifier(out, source->info.fid_column);
    zf_text_append(out, ") AS n FROM ");
    zf_text_append_identifier(out, source->info.layer);
    zf_text_append(out, " WHERE ");
    zf_text_append_identifier(out, source->info.fid_column);
    zf_text_append_format(out, " IN (%s) GROUP BY ", fids);
    zf_text_append_identifier(out, source->info.fid_column);
    zf_text_append(out, " HAVING count(*) = count(");
    zf_text_append_identifier(out, OGR_L_GetGeometryColumn(source->layer));
    zf_text_append(out, ")");
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Runs the query. out[0 .. *out_n) are the fids found, in ascending order. */
static zf_status query_fids(zf_source *source, const char *sql, int64_t *out, size_t cap, size_t *out_n,
                            zf_error *error) {
    zf_trap trap;
    OGRFeatureH feature = NULL;
    size_t n = 0;
    zf_trap_begin(&trap);
    OGRLayerH result = GDALDatasetExecuteSQL(source->probe, sql, NULL, NULL);
    while (result && n < cap && (feature = OGR_L_GetNextFeature(result)) != NULL) {
        out[n++] = OGR_F_GetFieldAsInteger64(feature, 0);
        OGR_F_Destroy(feature);
    }
    if (result)
        GDALDatasetReleaseResultSet(source->probe, result);
    zf_trap_end(&trap);
    if (!result || trap.has_failed)
        return zf_source_read_error(source, zf_trap_message(&trap), source->reader.last_fid, error);
    qsort(out, n, sizeof *out, compare);
    *out_n = n;
    return ZF_OK;
}

/* Marks the rows from ... to - 1 whose fid is listed. */
static zf_status mark_rows(zf_batch *batch, size_t from, size_t to, const int64_t *fids, size_t n,
                           zf_error *error) {
    if (!batch->is_corrupt)
        batch->is_corrupt = calloc(batch->n_rows, sizeof *batch->is_corrupt);
    if (!batch->is_corrupt)
        return zf_error_memory(error, batch->n_rows * sizeof *batch->is_corrupt, "a batch of features");
    for (size_t row = from; row < to; row++) {
        int64_t fid = zf_batch_fid(batch, row);
        batch->is_corrupt[row] =
            zf_column_is_null(&batch->geometry, row) && bsearch(&fid, fids, n, sizeof *fids, compare) != NULL;
    }
    return ZF_OK;
}

/* Checks rows from *inout_row on, as many as one query can hold. */
static zf_status check_rows(zf_source *source, zf_batch *batch, size_t *inout_row, zf_error *error) {
    int64_t *found = NULL;
    zf_text fids = {0}, sql = {0};
    zf_status st = ZF_OK;
    const size_t from = *inout_row;
    size_t n = list_missing(batch, inout_row, &fids);
    if (n == 0)
        goto done;
    st = zf_source_open_probe(source, error);
    if (st != ZF_OK)
        goto done;
    found = malloc(n * sizeof *found);
    if (!fids.is_failed)
        write_query(source, fids.bytes, &sql);
    if (!found || fids.is_failed || sql.is_failed) {
        st = zf_error_memory(error, n * sizeof *found, "a batch of features");
        goto done;
    }
    st = query_fids(source, sql.bytes, found, n, &n, error);
    if (st == ZF_OK && n > 0)
        st = mark_rows(batch, from, *inout_row, found, n, error);
done:
    zf_text_deinit(&sql);
    zf_text_deinit(&fids);
    free(found);
    return st;
}

zf_status zf_source_mark_corrupt(zf_source *source, zf_batch *batch, zf_error *error) {
    zf_status st = ZF_OK;
    if (!source->reader.wants_geometry || !batch->geometry.validity)
        return ZF_OK;
    for (size_t row = 0; st == ZF_OK && row < batch->n_rows;)
        st = check_rows(source, batch, &row, error);
    return st;
}

/* ---- shapefiles ---- */

bool zf_source_is_corrupt_shape(zf_source *source, int64_t fid) {
    zf_trap trap;
    if (strcmp(source->info.driver, "ESRI Shapefile") != 0)
        return false;
    zf_trap_begin(&trap);
    bool is_corrupt = zf_shapefile_is_corrupt_record(source, fid);
    zf_trap_end(&trap);
    return is_corrupt;
}
