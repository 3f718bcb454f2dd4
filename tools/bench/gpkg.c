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
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, "
    "organization TEXT NOT NULL,"
    " organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);"
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier "
    "TEXT UNIQUE,"
    " description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT "
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')),"
    " min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,"
    " CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
    "geometry_type_name TEXT NOT NULL,"
    " srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,"
    " CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE "
    "(table_name),"
    " CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),"
    " CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
    "CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER DEFAULT "
    "NULL);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),"
    " ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL);";
static const char features[] =
    "CREATE TABLE \"%w\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON, height REAL, levels "
    "INTEGER,"
    " year_built INTEGER, use TEXT, source TEXT, addr TEXT, note TEXT, height_src TEXT)";
static const char counters[] =
    "CREATE TRIGGER \"trigger_insert_feature_count_%w\" AFTER INSERT ON \"%w\" BEGIN UPDATE gpkg_ogr_contents"
    " SET feature_count = feature_count + 1 WHERE lower(table_name) = lower(%Q); END;"
    "CREATE TRIGGER \"trigger_delete_feature_count_%w\" AFTER DELETE ON \"%w\" BEGIN UPDATE gpkg_ogr_contents"
    " SET feature_count = feature_count - 1 WHERE lower(table_name) = lower(%Q); END;";

enum {
    HEADER_BYTES = 8 + 32,
    WKB_BYTES = 1 + 4 + 4 + 4,
    BLOB_BYTES = HEADER_BYTES + WKB_BYTES + 16 * BUILDING_MAX_POINTS
};

static void run(sqlite3 *db, char *sql) {
    if (sql == NULL || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        tool_fail("cannot write the GeoPackage: %s", sqlite3_errmsg(db));
    sqlite3_free(sql);
}

static int add_srs(sqlite3 *db, const output_request *request) {
    char *wkt = NULL, *wgs84 = NULL;
    OGRSpatialReferenceH geographic = OSRNewSpatialReference(NULL);
    int code = 0;
    OSRImportFromEPSG(geographic, 4326);
    OSRExportToWkt(geographic, &wgs84);
    run(db, sqlite3_mprintf(
                "INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84 geodetic', 4326, 'EPSG', 4326, %Q, NULL)",
                wgs84));
    if (request->srs == NULL) {
        code = -1;
    } else if (OSRIsGeographic(request->srs)) {
        code = 4326;
    } else {
        const char *authority = OSRGetAuthorityCode(request->srs, NULL);
        code = authority != NULL ? atoi(authority) : 100000;
        OSRExportToWkt(request->srs, &wkt);
        run(db,
            sqlite3_mprintf("INSERT INTO gpkg_spatial_ref_sys VALUES (%Q, %d, %Q, %d, %Q, NULL)",
                            OSRGetName(request->srs), code, authority != NULL ? "EPSG" : "NONE", code, wkt));
    }
    CPLFree(wkt);
    CPLFree(wgs84);
    OSRDestroySpatialReference(geographic);
    return code;
}

/* This machine's byte order, which the header's flags and the WKB's first byte declare. */
static int write_blob(const building *b, int srs_id, unsigned char *blob) {
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

/* ---- the town as a virtual table, so that one statement inserts all rows ---- */

typedef struct feed {
    sqlite3_vtab base;
    const town *t;
    const output_request *request;
    int srs_id;
    double extent[4];
} feed;

typedef struct feed_cursor {
    sqlite3_vtab_cursor base;
    uint32_t place;
    building b;
    int blob_bytes;
    unsigned char blob[BLOB_BYTES];
} feed_cursor;

static int feed_connect(sqlite3 *db, void *given, int argc, const char *const *argv, sqlite3_vtab **out,
                        char **error) {
    (void)argc, (void)argv, (void)error;
    *out = given;
    return sqlite3_declare_vtab(
        db, "CREATE TABLE feed (geom, height, levels, year_built, use, source, addr, note, height_src)");
}

static int feed_disconnect(sqlite3_vtab *table) {
    (void)table;
    return SQLITE_OK;
}

static int feed_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    (void)table;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

static int feed_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    feed_cursor *cursor = tool_resize(NULL, 1, sizeof *cursor);
    memset(cursor, 0, sizeof *cursor);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int feed_close(sqlite3_vtab_cursor *cursor) {
    free(cursor);
    return SQLITE_OK;
}

static int feed_eof(sqlite3_vtab_cursor *base) {
    return ((feed_cursor *)base)->place >= ((feed *)base->pVtab)->t->n_buildings;
}

static void feed_make(feed_cursor *cursor) {
    feed *f = (feed *)cursor->base.pVtab;
    const building *b = &cursor->b;
    if (feed_eof(&cursor->base))
        return;
    building_make(f->t, output_number(f->t, f->request, cursor->place), &cursor->b);
    cursor->blob_bytes = write_blob(b, f->srs_id, cursor->blob);
    f->extent[0] = b->min_x < f->extent[0] ? b->min_x : f->extent[0];
    f->extent[1] = b->min_y < f->extent[1] ? b->min_y : f->extent[1];
    f->extent[2] = b->max_x > f->extent[2] ? b->max_x : f->extent[2];
    f->extent[3] = b->max_y > f->extent[3] ? b->max_y : f->extent[3];
}

static int feed_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                       sqlite3_value **argv) {
    (void)number, (void)text, (void)argc, (void)argv;
    ((feed_cursor *)base)->place = 0;
    feed_make((feed_cursor *)base);
    return SQLITE_OK;
}

static int feed_next(sqlite3_vtab_cursor *base) {
    ((feed_cursor *)base)->place++;
    feed_make((feed_cursor *)base);
    return SQLITE_OK;
}

static int feed_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    *out = ((feed_cursor *)base)->place;
    return SQLITE_OK;
}

/* A column without a result is NULL. */
static int feed_column(sqlite3_vtab_cursor *base, sqlite3_context *result, int column) {
    const feed_cursor *cursor = (const feed_cursor *)base;
    const building *b = &cursor->b;
    switch (column) {
    case 0:
        sqlite3_result_blob(result, cursor->blob, cursor->blob_bytes, SQLITE_STATIC);
        break;
    case 1:
        if (b->has_height)
            sqlite3_result_double(result, b->height);
        break;
    case 2:
        if (b->has_levels)
            sqlite3_result_int(result, b->levels);
        break;
    case 3:
        if (b->has_year)
            sqlite3_result_int(result, b->year_built);
        break;
    case 4:
        sqlite3_result_text(result, b->use, -1, SQLITE_STATIC);
        break;
    case 5:
        sqlite3_result_text(result, b->source, -1, SQLITE_STATIC);
        break;
    case 6:
        sqlite3_result_text(result, b->addr, b->addr_bytes, SQLITE_STATIC);
        break;
    case 7:
        sqlite3_result_text(result, b->note, b->note_bytes, SQLITE_STATIC);
        break;
    default:
        sqlite3_result_text(result, b->height_src, -1, SQLITE_STATIC);
        break;
    }
    return SQLITE_OK;
}

static const sqlite3_module feed_module = {
    .xConnect = feed_connect, /* no xCreate: the table is there under the module's name */
    .xDisconnect = feed_disconnect,
    .xBestIndex = feed_best_index,
    .xOpen = feed_open,
    .xClose = feed_close,
    .xFilter = feed_filter,
    .xNext = feed_next,
    .xEof = feed_eof,
    .xColumn = feed_column,
    .xRowid = feed_rowid,
};

static void add_rtree(const output_request *request) {
    GDALDatasetH dataset = GDALOpenEx(request->path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    char *sql = sqlite3_mprintf("SELECT CreateSpatialIndex(%Q, 'geom')", request->layer);
    if (dataset == NULL)
        tool_fail("cannot open %s again for its spatial index", request->path);
    GDALDatasetReleaseResultSet(dataset, GDALDatasetExecuteSQL(dataset, sql, NULL, NULL));
    GDALClose(dataset);
    sqlite3_free(sql);
}

static void register_layer(sqlite3 *db, const feed *f) {
    const char *layer = f->request->layer;
    const double *e = f->extent;
    run(db, sqlite3_mprintf(
                "INSERT INTO gpkg_contents VALUES (%Q, 'features', %Q, '', '2000-01-01T00:00:00.000Z',"
                " %!.17g, %!.17g, %!.17g, %!.17g, %d)",
                layer, layer, e[0], e[1], e[2], e[3], f->srs_id));
    run(db, sqlite3_mprintf("INSERT INTO gpkg_geometry_columns VALUES (%Q, 'geom', 'POLYGON', %d, 0, 0)",
                            layer, f->srs_id));
    run(db, sqlite3_mprintf("INSERT INTO gpkg_ogr_contents VALUES (%Q, %u)", layer, f->t->n_buildings));
    run(db, sqlite3_mprintf(counters, layer, layer, layer, layer, layer, layer));
}

void output_geopackage(const town *t, const output_request *request) {
    sqlite3 *db = NULL;
    feed f = {.t = t, .request = request, .extent = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(request->path, &db, flags, NULL) != SQLITE_OK ||
        sqlite3_create_module(db, "bench_feed", &feed_module, &f) != SQLITE_OK)
        tool_fail("cannot create %s: %s", request->path, sqlite3_errmsg(db));
    run(db, sqlite3_mprintf("%s", schema));
    f.srs_id = add_srs(db, request);
    run(db, sqlite3_mprintf(features, request->layer));
    run(db, sqlite3_mprintf("BEGIN"));
    run(db, sqlite3_mprintf("INSERT INTO \"%w\" SELECT NULL, * FROM bench_feed", request->layer));
    register_layer(db, &f);
    run(db, sqlite3_mprintf("COMMIT"));
    if (sqlite3_close(db) != SQLITE_OK)
        tool_fail("cannot finish %s", request->path);
    if (request->has_rtree)
        add_rtree(request);
}
