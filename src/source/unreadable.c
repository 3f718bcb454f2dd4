/* SPDX-License-Identifier: MIT */
/*
 * Geometries that are there and cannot be read, where GDAL hands them over as missing ones: what is no
 * geometry at all in the column of a GeoPackage that is read in columns, and shapes of a type that no
 * shapefile has. Only features without geometry are looked at, so that it costs nothing where there are none.
 */
#include "source/source_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIDS_ASKED = 8192 }; /* SQLite takes a megabyte of SQL */

/* ---- GeoPackage, in columns ---- */

/* A thread of GDAL's own may be reading in the dataset. */
static zf_status probe_dataset(zf_source *source, zf_error *error) {
    static const char *const drivers[] = {"GPKG", NULL};
    zf_trap trap;
    if (source->probe.dataset)
        return ZF_OK;
    zf_trap_begin(&trap);
    source->probe.dataset = GDALOpenEx(
        source->open_path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers, NULL, NULL);
    zf_trap_end(&trap);
    return source->probe.dataset
               ? ZF_OK
               : zf_source_read_error(source, zf_trap_words(&trap), source->reader.last_fid, error);
}

/* The fids of rows *inout_row ... without geometry, as many as are asked for at once; how many there are. */
static size_t list_missing(const zf_batch *batch, size_t *inout_row, zf_text *out) {
    size_t n = 0;
    for (; *inout_row < batch->n_rows && n < MAX_FIDS_ASKED; ++*inout_row)
        if (zf_column_is_null(&batch->geometry, *inout_row))
            zf_text_append_format(out, "%s%" PRId64, n++ > 0 ? "," : "", zf_batch_fid(batch, *inout_row));
    return n;
}

/* A view may show a fid twice: then the geometry is only called unreadable where none of them is missing. */
static void write_question(const zf_source *source, const char *fids, zf_text *out) {
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

/* The fids among those asked for that have a geometry, in ascending order. */
static zf_status ask(zf_source *source, const char *sql, int64_t *out, size_t cap, size_t *out_n,
                     zf_error *error) {
    zf_trap trap;
    OGRFeatureH feature = NULL;
    size_t n = 0;
    zf_trap_begin(&trap);
    OGRLayerH answer = GDALDatasetExecuteSQL(source->probe.dataset, sql, NULL, NULL);
    while (answer && n < cap && (feature = OGR_L_GetNextFeature(answer)) != NULL) {
        out[n++] = OGR_F_GetFieldAsInteger64(feature, 0);
        OGR_F_Destroy(feature);
    }
    if (answer)
        GDALDatasetReleaseResultSet(source->probe.dataset, answer);
    zf_trap_end(&trap);
    if (!answer || trap.has_failed)
        return zf_source_read_error(source, zf_trap_words(&trap), source->reader.last_fid, error);
    qsort(out, n, sizeof *out, compare);
    *out_n = n;
    return ZF_OK;
}

static zf_status mark(zf_batch *batch, size_t from, size_t to, const int64_t *fids, size_t n,
                      zf_error *error) {
    if (!batch->is_unreadable)
        batch->is_unreadable = calloc(batch->n_rows, sizeof *batch->is_unreadable);
    if (!batch->is_unreadable)
        return zf_error_memory(error, batch->n_rows * sizeof *batch->is_unreadable, "a batch of features");
    for (size_t row = from; row < to; row++) {
        int64_t fid = zf_batch_fid(batch, row);
        batch->is_unreadable[row] =
            zf_column_is_null(&batch->geometry, row) && bsearch(&fid, fids, n, sizeof *fids, compare) != NULL;
    }
    return ZF_OK;
}

/* Rows *inout_row ..., until enough are asked for at once. */
static zf_status look(zf_source *source, zf_batch *batch, size_t *inout_row, zf_error *error) {
    int64_t *found = NULL;
    zf_text fids = {0}, sql = {0};
    zf_status st = ZF_OK;
    const size_t from = *inout_row;
    size_t n = list_missing(batch, inout_row, &fids);
    if (n == 0)
        goto done;
    st = probe_dataset(source, error);
    if (st != ZF_OK)
        goto done;
    found = malloc(n * sizeof *found);
    if (!fids.is_failed)
        write_question(source, fids.bytes, &sql);
    if (!found || fids.is_failed || sql.is_failed) {
        st = zf_error_memory(error, n * sizeof *found, "a batch of features");
        goto done;
    }
    st = ask(source, sql.bytes, found, n, &n, error);
    if (st == ZF_OK && n > 0)
        st = mark(batch, from, *inout_row, found, n, error);
done:
    zf_text_deinit(&sql);
    zf_text_deinit(&fids);
    free(found);
    return st;
}

zf_status zf_source_mark_unreadable(zf_source *source, zf_batch *batch, zf_error *error) {
    zf_status st = ZF_OK;
    if (!source->reader.wants_geometry || !batch->geometry.validity)
        return ZF_OK;
    for (size_t row = 0; st == ZF_OK && row < batch->n_rows;)
        st = look(source, batch, &row, error);
    return st;
}

/* ---- shapefiles ---- */

static bool is_known_type(uint32_t type) {
    static const uint32_t types[] = {0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (type == types[i])
            return true;
    return false;
}

bool zf_source_is_unreadable_shape(zf_source *source, int64_t fid) {
    uint32_t type = 0;
    zf_trap trap;
    if (strcmp(source->info.driver, "ESRI Shapefile") != 0)
        return false;
    zf_trap_begin(&trap);
    bool is_known = zf_shapefile_type(source, fid, &type);
    zf_trap_end(&trap);
    return is_known && !is_known_type(type);
}
