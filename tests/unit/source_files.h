/* SPDX-License-Identifier: MIT */
/**
 * @file source_files.h
 * Small vector files for the tests of src/source, made with GDAL's own C interface in a directory of their
 * own.
 */
#ifndef ZF_TEST_SOURCE_FILES_H
#define ZF_TEST_SOURCE_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char test_directory[] = "/tmp/zonefold-source-XXXXXX";

static inline int make_directory(void **state) {
    (void)state;
    zf_gdal_init();
    return mkdtemp(test_directory) ? 0 : -1;
}

static inline int remove_directory(void **state) {
    (void)state;
    return VSIRmdirRecursive(test_directory);
}

/* Storage of the next few calls; enough for a test. */
static inline const char *file_in(const char *name) {
    static char paths[8][512];
    static size_t next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_directory, name);
    return path;
}

typedef struct test_field {
    const char *name;
    OGRFieldType type;
    OGRFieldSubType subtype;
} test_field;

static inline OGRLayerH add_layer(GDALDatasetH dataset, const char *name, int epsg, OGRwkbGeometryType type) {
    OGRSpatialReferenceH crs = NULL;
    if (epsg > 0) {
        crs = OSRNewSpatialReference(NULL);
        assert_int_equal(OSRImportFromEPSG(crs, epsg), OGRERR_NONE);
    }
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, name, crs, type, NULL);
    assert_non_null(layer);
    if (crs)
        OSRRelease(crs);
    return layer;
}

static inline GDALDatasetH create_dataset(const char *driver, const char *path) {
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(dataset);
    return dataset;
}

static inline void add_fields(OGRLayerH layer, const test_field *fields, size_t n) {
    for (size_t i = 0; i < n; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(fields[i].name, fields[i].type);
        OGR_Fld_SetSubType(field, fields[i].subtype);
        assert_int_equal(OGR_L_CreateField(layer, field, TRUE), OGRERR_NONE);
        OGR_Fld_Destroy(field);
    }
}

/* A feature from WKT (NULL: no geometry); the caller may set fields of it before write_feature. */
static inline OGRFeatureH new_feature(OGRLayerH layer, const char *wkt) {
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    if (wkt) {
        OGRGeometryH geometry = NULL;
        char *rest = (char *)(uintptr_t)wkt;
        assert_int_equal(OGR_G_CreateFromWkt(&rest, NULL, &geometry), OGRERR_NONE);
        assert_int_equal(OGR_F_SetGeometryDirectly(feature, geometry), OGRERR_NONE);
    }
    return feature;
}

static inline void write_feature(OGRLayerH layer, OGRFeatureH feature) {
    assert_int_equal(OGR_L_CreateFeature(layer, feature), OGRERR_NONE);
    OGR_F_Destroy(feature);
}

static inline void add_square(OGRLayerH layer, double x, double y) {
    char wkt[256];
    (void)snprintf(wkt, sizeof wkt, "POLYGON((%g %g,%g %g,%g %g,%g %g,%g %g))", x, y, x, y + 1, x + 1, y + 1,
                   x + 1, y, x, y);
    write_feature(layer, new_feature(layer, wkt));
}

static inline void run_sql(const char *path, const char *sql) {
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    assert_non_null(dataset);
    OGRLayerH result = GDALDatasetExecuteSQL(dataset, sql, NULL, NULL);
    if (result)
        GDALDatasetReleaseResultSet(dataset, result);
    GDALClose(dataset);
}

/* A file of one layer of n squares in a row, with a field that holds 10, 20, ... */
static inline void make_squares(const char *driver, const char *path, int n) {
    const test_field field = {"v", OFTInteger, OFSTNone};
    GDALDatasetH dataset = create_dataset(driver, path);
    OGRLayerH layer = add_layer(dataset, "squares", 26986, wkbPolygon);
    add_fields(layer, &field, 1);
    /* Ignored by drivers without transactions. */
    (void)GDALDatasetStartTransaction(dataset, FALSE);
    for (int i = 0; i < n; i++) {
        char wkt[256];
        (void)snprintf(wkt, sizeof wkt, "POLYGON((%d 0,%d 1,%d 1,%d 0,%d 0))", 2 * i, 2 * i, 2 * i + 1,
                       2 * i + 1, 2 * i);
        OGRFeatureH feature = new_feature(layer, wkt);
        OGR_F_SetFieldInteger(feature, 0, 10 * (i + 1));
        write_feature(layer, feature);
    }
    (void)GDALDatasetCommitTransaction(dataset);
    GDALClose(dataset);
}

static inline void write_file(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* What the log callback heard. */
typedef struct test_log {
    unsigned n_warnings;
    unsigned n_details;
    char last_warning[1024];
    char last_detail[1024];
} test_log;

static inline void hear_log(void *user, zf_log_level level, const char *text) {
    test_log *log = user;
    if (level == ZF_LOG_WARNING) {
        log->n_warnings++;
        (void)snprintf(log->last_warning, sizeof log->last_warning, "%s", text);
    } else if (level == ZF_LOG_DETAIL) {
        log->n_details++;
        (void)snprintf(log->last_detail, sizeof log->last_detail, "%s", text);
    }
}

static inline zf_source *open_source(const char *path) {
    zf_source_options options = {.path = path, .option_name = "--zips"};
    zf_source *source = NULL;
    zf_error error = ZF_ERROR_INIT;
    zf_status st = zf_source_open(&options, NULL, &source, &error);
    if (st != ZF_OK)
        print_error("%s: %s\n", path, error.text);
    assert_int_equal(st, ZF_OK);
    assert_int_equal(error.status, ZF_OK);
    return source;
}

/* Reads to the end or the first failure; the rows seen are in *out_rows, the status is the last one. */
static inline zf_status read_all(zf_source *source, const zf_source_query *query, size_t *out_rows,
                                 zf_error *error) {
    *out_rows = 0;
    zf_status st = zf_source_start(source, query, error);
    zf_batch *batch = NULL;
    while (st == ZF_OK && (st = zf_source_next(source, &batch, error)) == ZF_OK) {
        *out_rows += zf_batch_count(batch);
        zf_batch_release(batch);
    }
    return st;
}

#endif
