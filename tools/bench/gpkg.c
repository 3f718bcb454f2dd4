/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "random.h"
#include "tool.h"

#include <cpl_conv.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

/* OGC 12-128r17. The time of the last change is fixed: the same seed gives the same bytes. */
static const char schema[] =
    "PRAGMA page_size=4096; PRAGMA application_id=0x47504b47; PRAGMA user_version=10300;"
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,"
    " organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);"
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,"
    " description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),"
    " min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,"
    " CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,"
    " srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,"
    " CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),"
    " CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),"
    " CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
    "CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER DEFAULT NULL);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),"
    " ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL);";
static const char table[] =
    "CREATE TABLE \"%w\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON, height REAL, levels INTEGER,"
    " year_built INTEGER, use TEXT, source TEXT, addr TEXT, note TEXT, height_src TEXT)";
static const char counters[] =
    "CREATE TRIGGER \"trigger_insert_feature_count_%w\" AFTER INSERT ON \"%w\" BEGIN UPDATE gpkg_ogr_contents"
    " SET feature_count = feature_count + 1 WHERE lower(table_name) = lower(%Q); END;"
    "CREATE TRIGGER \"trigger_delete_feature_count_%w\" AFTER DELETE ON \"%w\" BEGIN UPDATE gpkg_ogr_contents"
    " SET feature_count = feature_count - 1 WHERE lower(table_name) = lower(%Q); END;";

enum { HEADER_BYTES = 8 + 32, WKB_BYTES = 1 + 4 + 4 + 4, BLOB_BYTES = HEADER_BYTES + WKB_BYTES + 16 * BUILDING_MAX_POINTS };

static void run(sqlite3 *db, char *sql)
{
    if (sql == NULL || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        tool_fail("cannot write the GeoPackage: %s", sqlite3_errmsg(db));
    sqlite3_free(sql);
}

static int add_srs(sqlite3 *db, const output_request *request)
{
    char *wkt = NULL, *wgs84 = NULL;
    OGRSpatialReferenceH geographic = OSRNewSpatialReference(NULL);
    int code = 0;
    OSRImportFromEPSG(geographic, 4326);
    OSRExportToWkt(geographic, &wgs84);
    run(db, sqlite3_mprintf("INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84 geodetic', 4326, 'EPSG', 4326, %Q, NULL)", wgs84));
    if (request->srs == NULL) {
        code = -1;
    } else if (OSRIsGeographic(request->srs)) {
        code = 4326;
    } else {
        const char *authority = OSRGetAuthorityCode(request->srs, NULL);
        code = authority != NULL ? atoi(authority) : 100000;
        OSRExportToWkt(request->srs, &wkt);
        run(db, sqlite3_mprintf("INSERT INTO gpkg_spatial_ref_sys VALUES (%Q, %d, %Q, %d, %Q, NULL)", OSRGetName(request->srs), code,
                                authority != NULL ? "EPSG" : "NONE", code, wkt));
    }
    CPLFree(wkt);
    CPLFree(wgs84);
    OSRDestroySpatialReference(geographic);
    return code;
}

/* This machine's byte order, which the header's flags and the WKB's first byte declare. */
static int write_blob(const building *b, int srs_id, unsigned char *blob)
{
    const uint32_t one = 1, polygon = 3, n_points = (uint32_t)b->n_points;
    const unsigned char order = *(const unsigned char *)&one;
    const double envelope[4] = {b->min_x, b->max_x, b->min_y, b->max_y};
    unsigned char *wkb = blob + HEADER_BYTES;
    memcpy(blob, (unsigned char[4]){'G', 'P', 0, (unsigned char)(order | 1 << 1)}, 4);
    memcpy(blob + 4, &srs_id, 4);
    memcpy(blob + 8, envelope, sizeof envelope);
    wkb[0] = order;
    memcpy(wkb + 1, &polygon, 4);
    memcpy(wkb + 5, &one, 4);
    memcpy(wkb + 9, &n_points, 4);
    memcpy(wkb + WKB_BYTES, b->xy, 16 * (size_t)b->n_points);
    return HEADER_BYTES + WKB_BYTES + 16 * b->n_points;
}

static void bind_text(sqlite3_stmt *insert, int column, const char *text)
{
    sqlite3_bind_text(insert, column, text, (int)strlen(text), SQLITE_STATIC);
}

static void bind_row(sqlite3_stmt *insert, const building *b, const unsigned char *blob, int blob_bytes)
{
    sqlite3_bind_blob(insert, 1, blob, blob_bytes, SQLITE_STATIC);
    if (b->has_height)
        sqlite3_bind_double(insert, 2, b->height);
    else
        sqlite3_bind_null(insert, 2);
    if (b->has_levels)
        sqlite3_bind_int(insert, 3, b->levels);
    else
        sqlite3_bind_null(insert, 3);
    if (b->has_year)
        sqlite3_bind_int(insert, 4, b->year_built);
    else
        sqlite3_bind_null(insert, 4);
    bind_text(insert, 5, b->use);
    bind_text(insert, 6, b->source);
    sqlite3_bind_text(insert, 7, b->addr, b->addr_bytes, SQLITE_STATIC);
    sqlite3_bind_text(insert, 8, b->note, b->note_bytes, SQLITE_STATIC);
    bind_text(insert, 9, b->height_src);
}

static void insert_rows(sqlite3 *db, const town *t, const output_request *request, int srs_id, double *extent)
{
    sqlite3_stmt *insert = NULL;
    char *sql = sqlite3_mprintf("INSERT INTO \"%w\" VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", request->layer);
    if (sqlite3_prepare_v2(db, sql, -1, &insert, NULL) != SQLITE_OK)
        tool_fail("cannot write the GeoPackage: %s", sqlite3_errmsg(db));
    unsigned char blob[BLOB_BYTES];
    building b;
    for (uint32_t place = 0; place < t->n_buildings; place++) {
        building_make(t, output_number(t, request, place), &b);
        bind_row(insert, &b, blob, write_blob(&b, srs_id, blob));
        if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
            tool_fail("cannot write row %u of %s: %s", place + 1, request->path, sqlite3_errmsg(db));
        extent[0] = fmin(extent[0], b.min_x);
        extent[1] = fmin(extent[1], b.min_y);
        extent[2] = fmax(extent[2], b.max_x);
        extent[3] = fmax(extent[3], b.max_y);
    }
    sqlite3_finalize(insert);
    sqlite3_free(sql);
}

static void add_rtree(const output_request *request)
{
    GDALDatasetH dataset = GDALOpenEx(request->path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    char *sql = sqlite3_mprintf("SELECT CreateSpatialIndex(%Q, 'geom')", request->layer);
    if (dataset == NULL)
        tool_fail("cannot open %s again for its spatial index", request->path);
    GDALDatasetReleaseResultSet(dataset, GDALDatasetExecuteSQL(dataset, sql, NULL, NULL));
    GDALClose(dataset);
    sqlite3_free(sql);
}

void output_geopackage(const town *t, const output_request *request)
{
    sqlite3 *db = NULL;
    const char *layer = request->layer;
    double extent[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    if (sqlite3_open_v2(request->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        tool_fail("cannot create %s: %s", request->path, sqlite3_errmsg(db));
    run(db, sqlite3_mprintf("%s", schema));
    int srs_id = add_srs(db, request);
    run(db, sqlite3_mprintf(table, layer));
    run(db, sqlite3_mprintf("BEGIN"));
    insert_rows(db, t, request, srs_id, extent);
    run(db, sqlite3_mprintf("INSERT INTO gpkg_contents VALUES (%Q, 'features', %Q, '', '2000-01-01T00:00:00.000Z',"
                            " %!.17g, %!.17g, %!.17g, %!.17g, %d)",
                            layer, layer, extent[0], extent[1], extent[2], extent[3], srs_id));
    run(db, sqlite3_mprintf("INSERT INTO gpkg_geometry_columns VALUES (%Q, 'geom', 'POLYGON', %d, 0, 0)", layer, srs_id));
    run(db, sqlite3_mprintf("INSERT INTO gpkg_ogr_contents VALUES (%Q, %u)", layer, t->n_buildings));
    run(db, sqlite3_mprintf(counters, layer, layer, layer, layer, layer, layer));
    run(db, sqlite3_mprintf("COMMIT"));
    if (sqlite3_close(db) != SQLITE_OK)
        tool_fail("cannot finish %s", request->path);
    if (request->has_rtree)
        add_rtree(request);
}
