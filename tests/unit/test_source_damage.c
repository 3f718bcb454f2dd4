/* SPDX-License-Identifier: MIT */
/* A read error is never taken for the end. */
#include "source_files.h"

#include <fcntl.h>

enum { N_MANY = 20000, PAGE_BYTES = 4096 };

/* Squares with a text each, so that the table fills many pages before its index begins. */
static void make_many(const char *path, bool has_gaps) {
    const test_field field = {"s", OFTString, OFSTNone};
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "many", 26986, wkbPolygon);
    add_fields(layer, &field, 1);
    assert_int_equal(GDALDatasetStartTransaction(dataset, FALSE), OGRERR_NONE);
    for (int i = 0; i < N_MANY; i++) {
        OGRFeatureH feature = new_feature(layer, "POLYGON((0 0,0 1,1 1,0 0))");
        OGR_F_SetFieldString(feature, 0, "some text that takes up room in the page");
        if (has_gaps)
            OGR_F_SetFID(feature, 2 * i + 10);
        write_feature(layer, feature);
    }
    assert_int_equal(GDALDatasetCommitTransaction(dataset), OGRERR_NONE);
    GDALClose(dataset);
}

static void damage_pages(const char *path, double from, double to) {
    char page[PAGE_BYTES];
    memset(page, 0xFF, sizeof page);
    int64_t n_pages = zf_path_file_bytes(path) / PAGE_BYTES;
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    for (int64_t p = (int64_t)((double)n_pages * from); p < (int64_t)((double)n_pages * to); p++)
        assert_int_equal(pwrite(file, page, sizeof page, p * PAGE_BYTES), sizeof page);
    assert_int_equal(close(file), 0);
}

static void assert_reading_fails(const char *path, const char *where, bool is_loop, size_t batch_rows) {
    const int field = 0;
    zf_source_query query = {&field, 1, true, where, NULL, batch_rows};
    zf_source *source = open_source(path);
    source->is_loop_forced = is_loop;
    size_t n_rows = 0;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(read_all(source, &query, &n_rows, &error), ZF_E_INPUT);
    assert_true(n_rows < N_MANY);
    assert_non_null(strstr(error.text, "read error after feature "));
    assert_non_null(strstr(error.text, "malformed"));
    assert_string_equal(error.path, path);
    assert_string_equal(error.layer, "many");
    /* The end does not come after all when asked again. */
    zf_batch *batch = NULL;
    assert_int_not_equal(zf_source_next(source, &batch, NULL), ZF_DONE);
    assert_null(batch);
    zf_source_close(source);
}

static void a_damaged_geopackage_is_an_error_on_every_path(void **state) {
    (void)state;
    const size_t batch_rows[] = {0, 100, 1000, N_MANY};
    for (int has_gaps = 0; has_gaps < 2; has_gaps++) {
        const char *path = file_in(has_gaps ? "gaps.gpkg" : "dense.gpkg");
        make_many(path, has_gaps);
        damage_pages(path, 0.3, 0.4);
        for (size_t i = 0; i < 4; i++) {
            assert_reading_fails(path, NULL, false, batch_rows[i]);
            assert_reading_fails(path, "s IS NOT NULL", false, batch_rows[i]);
            assert_reading_fails(path, NULL, true, batch_rows[i]);
        }
    }
}

/* Pages from the end backwards until one of the table is hit: nothing may come out as a complete reading with
 * fewer rows. */
static void damage_near_the_end_is_found_too(void **state) {
    (void)state;
    const int field = 0;
    zf_source_query query = {&field, 1, true, NULL, NULL, 1000};
    unsigned n_failed = 0;
    char whole[512];
    (void)snprintf(whole, sizeof whole, "%s", file_in("whole.gpkg"));
    make_many(whole, false);
    for (double at = 0.99; at > 0.5 && n_failed < 5; at -= 0.01) {
        const char *path = file_in("late.gpkg");
        assert_int_equal(CPLCopyFile(path, whole), 0);
        damage_pages(path, at, at + 0.01);
        zf_source_options options = {.path = path, .option_name = "--zips"};
        zf_source *source = NULL;
        size_t n_rows = 0;
        if (zf_source_open(&options, NULL, &source, NULL) == ZF_OK) {
            zf_status st = read_all(source, &query, &n_rows, NULL);
            assert_true(st == ZF_E_INPUT || (st == ZF_DONE && n_rows == N_MANY));
            n_failed += st == ZF_E_INPUT;
        }
        zf_source_close(source);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(n_failed, 5);
}

static void worker_threads_of_the_driver_do_not_print(void **state) {
    (void)state;
    FILE *caught = tmpfile();
    int before = dup(2);
    assert_true(before >= 0 && dup2(fileno(caught), 2) >= 0);
    size_t n_rows;
    zf_status st[2];
    for (int i = 0; i < 2; i++) {
        zf_source_query query = {.wants_geometry = true, .batch_rows = 100};
        zf_source *source = open_source(file_in(i ? "gaps.gpkg" : "dense.gpkg"));
        st[i] = read_all(source, &query, &n_rows, NULL);
        zf_source_close(source);
    }
    assert_true(dup2(before, 2) >= 0);
    close(before);
    assert_int_equal(st[0], ZF_E_INPUT);
    assert_int_equal(st[1], ZF_E_INPUT);
    assert_int_equal(fseek(caught, 0, SEEK_END), 0);
    assert_int_equal(ftell(caught), 0);
    fclose(caught);
}

/* Another program deleted rows without telling GDAL's count. */
static void a_wrong_feature_count_does_not_read_features_twice(void **state) {
    (void)state;
    const char *path = file_in("count.gpkg");
    make_many(path, false);
    run_sql(path, "DELETE FROM many WHERE fid BETWEEN 500 AND 599");
    run_sql(path, "UPDATE gpkg_ogr_contents SET feature_count = 20000");
    /* Small batches: GDAL notices in its own threads. One large one: it does not. */
    const size_t batch_rows[] = {100, 1000, 15000};
    zf_source *source = open_source(path);
    zf_source_query query = {.wants_geometry = true};
    size_t n_rows;
    for (size_t i = 0; i < 3; i++) {
        zf_error error = ZF_ERROR_INIT;
        query.batch_rows = batch_rows[i];
        assert_int_equal(read_all(source, &query, &n_rows, &error), ZF_E_INPUT);
        assert_non_null(strstr(error.text, "stored feature count is wrong"));
    }
    source->is_loop_forced = true;
    assert_int_equal(read_all(source, &query, &n_rows, NULL), ZF_DONE);
    assert_int_equal(n_rows, N_MANY - 100);
    zf_source_close(source);
}

/* A rectangle in WKB cut short, and bytes that are no GeoPackage geometry at all. */
static void a_broken_geometry_is_corrupt_and_the_reading_goes_on(void **state) {
    (void)state;
    const char *path = file_in("geometry.gpkg");
    make_squares("GPKG", path, 4);
    run_sql(path, "DROP TRIGGER rtree_squares_geom_update1");
    run_sql(path, "DROP TRIGGER rtree_squares_geom_update6");
    run_sql(path, "UPDATE squares SET geom = substr(geom, 1, length(geom) - 20) WHERE fid = 2");
    for (int is_loop = 0; is_loop < 2; is_loop++) {
        zf_source *source = open_source(path);
        source->is_loop_forced = is_loop;
        zf_source_query query = {.wants_geometry = true};
        zf_batch *batch = NULL;
        assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
        assert_int_equal(zf_source_next(source, &batch, NULL), ZF_OK);
        assert_int_equal(zf_batch_count(batch), 4);
        for (size_t row = 0; row < 4; row++) {
            zf_shape shape;
            assert_int_equal(zf_batch_shape(batch, row, &shape, NULL), ZF_OK);
            assert_int_equal(shape.kind, row == 1 ? ZF_SHAPE_CORRUPT : ZF_SHAPE_POLYGONAL);
        }
        zf_batch_release(batch);
        zf_source_close(source);
    }
}

static void count_kinds(zf_source *source, size_t batch_rows, size_t out[ZF_SHAPE_CORRUPT + 1]) {
    zf_source_query query = {.wants_geometry = true, .batch_rows = batch_rows};
    zf_batch *batch = NULL;
    zf_status st;
    assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
    while ((st = zf_source_next(source, &batch, NULL)) == ZF_OK) {
        for (size_t row = 0; row < zf_batch_count(batch); row++) {
            zf_shape shape;
            assert_int_equal(zf_batch_shape(batch, row, &shape, NULL), ZF_OK);
            out[shape.kind]++;
            if (shape.kind == ZF_SHAPE_CORRUPT)
                assert_int_equal(zf_batch_fid(batch, row) % 7, 3);
        }
        zf_batch_release(batch);
    }
    assert_int_equal(st, ZF_DONE);
}

/* More of both than are asked for at once, in tables and views, in batches of any size. */
static void what_is_no_geometry_is_told_from_a_missing_one(void **state) {
    (void)state;
    const char *path = file_in("unreadable.gpkg");
    make_squares("GPKG", path, N_MANY);
    for (int trigger = 1; trigger < 8; trigger++) {
        char sql[64];
        (void)snprintf(sql, sizeof sql, "DROP TRIGGER IF EXISTS rtree_squares_geom_update%d", trigger);
        run_sql(path, sql);
    }
    run_sql(path,
            "UPDATE squares SET geom = CASE fid % 7 WHEN 3 THEN x'585800' END WHERE fid % 7 IN (1, 2, 3, 4)");
    run_sql(path, "CREATE VIEW twice AS SELECT fid AS OGC_FID, geom FROM squares");
    run_sql(
        path,
        "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) SELECT 'twice', 'features', "
        "'twice', srs_id FROM gpkg_contents");
    run_sql(path,
            "INSERT INTO gpkg_geometry_columns SELECT 'twice', column_name, geometry_type_name, srs_id, z, m "
            "FROM gpkg_geometry_columns");
    static const size_t batch_rows[] = {0, 100, 100000};
    static const char *const layers[] = {"squares", "twice"};
    for (size_t i = 0; i < 3; i++)
        for (size_t l = 0; l < 2; l++)
            for (int is_loop = 0; is_loop < 2; is_loop++) {
                zf_source_options options = {.path = path, .layer = layers[l], .option_name = "--zips"};
                zf_source *source = NULL;
                size_t n[ZF_SHAPE_CORRUPT + 1] = {0};
                assert_int_equal(zf_source_open(&options, NULL, &source, NULL), ZF_OK);
                source->is_loop_forced = is_loop;
                count_kinds(source, batch_rows[i], n);
                if (l == 0 || is_loop) /* views are read in columns where GDAL does so safely */
                    assert_int_equal(source->reader.is_columnar, !is_loop);
                assert_int_equal(n[ZF_SHAPE_CORRUPT], (N_MANY + 4) / 7);
                assert_int_equal(n[ZF_SHAPE_NULL], (N_MANY + 6) / 7 + (N_MANY + 5) / 7 + (N_MANY + 3) / 7);
                assert_int_equal(n[ZF_SHAPE_POLYGONAL], N_MANY - n[ZF_SHAPE_CORRUPT] - n[ZF_SHAPE_NULL]);
                zf_source_close(source);
            }
}

/* What opening or reading of a damaged file says; ZF_DONE would be a lie. */
static void assert_file_fails(const char *path) {
    zf_source_options options = {.path = path, .option_name = "--zips"};
    zf_source *source = NULL;
    zf_error error = ZF_ERROR_INIT;
    zf_status st = zf_source_open(&options, NULL, &source, &error);
    size_t n_rows = 0;
    const int field = 0;
    zf_source_query query = {&field, 1, true, NULL, NULL, 100};
    if (st == ZF_OK)
        st = read_all(source, &query, &n_rows, &error);
    if (st == ZF_DONE)
        print_error("%s: %zu rows\n", path, n_rows);
    assert_int_equal(st, ZF_E_INPUT);
    assert_null(strstr(error.text, "no such file"));
    assert_string_equal(error.path, path);
    zf_source_close(source);
}

static void cut(const char *path, double share) {
    assert_int_equal(truncate(path, (off_t)((double)zf_path_file_bytes(path) * share)), 0);
}

static void a_shapefile_cut_short_is_an_error(void **state) {
    (void)state;
    const double shares[] = {0.1, 0.5, 0.9, 0.9999};
    const char *const extensions[] = {"shp", "shx", "dbf"};
    for (size_t e = 0; e < 3; e++)
        for (size_t s = 0; s < 4; s++) {
            char name[64];
            (void)snprintf(name, sizeof name, "cut-%s-%zu.shp", extensions[e], s);
            const char *path = file_in(name);
            make_squares("ESRI Shapefile", path, 1000);
            cut(CPLResetExtension(path, extensions[e]), shares[s]);
            assert_file_fails(path);
        }
}

static void deleted_records_of_a_shapefile_are_not_missed(void **state) {
    (void)state;
    const char *path = file_in("deleted.shp");
    make_squares("ESRI Shapefile", path, 10);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    assert_int_equal(OGR_L_DeleteFeature(GDALDatasetGetLayer(dataset, 0), 3), OGRERR_NONE);
    assert_int_equal(OGR_L_DeleteFeature(GDALDatasetGetLayer(dataset, 0), 9), OGRERR_NONE);
    GDALClose(dataset);
    zf_source *source = open_source(path);
    zf_source_query query = {.wants_geometry = true};
    size_t n_rows;
    assert_int_equal(read_all(source, &query, &n_rows, NULL), ZF_DONE);
    assert_int_equal(n_rows, 8);
    zf_source_close(source);
}

static void other_formats_cut_short_are_errors(void **state) {
    (void)state;
    const char *const drivers[][2] = {
        {"GeoJSON", "cut.geojson"}, {"FlatGeobuf", "cut.fgb"}, {"GPKG", "cut.gpkg"}};
    const double shares[] = {0.1, 0.5, 0.9, 0.9999};
    for (size_t d = 0; d < 3; d++)
        for (size_t s = 0; s < 4; s++) {
            const char *path = file_in(drivers[d][1]);
            make_squares(drivers[d][0], path, 1000);
            cut(path, shares[s]);
            assert_file_fails(path);
            assert_int_equal(unlink(path), 0);
        }
}

static void a_lack_of_memory_is_not_the_files_fault(void **state) {
    (void)state;
    make_many(file_in("whole.gpkg"), false);
    zf_source *source = open_source(file_in("whole.gpkg"));
    const char *const lacks[] = {"sqlite3_step() : out of memory", "cannot allocate 4747840 bytes",
                                 "Out of memory"};
    for (int i = 0; i < 3; i++) {
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_source_read_error(source, lacks[i], 7, &error), ZF_E_MEMORY);
        assert_int_equal(error.status, ZF_E_MEMORY);
        assert_non_null(strstr(error.text, lacks[i]));
        assert_string_equal(error.layer, "many");
    }
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_read_error(source, "database disk image is malformed", 7, &error), ZF_E_INPUT);
    zf_source_close(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_geopackage_is_an_error_on_every_path),
        cmocka_unit_test(a_lack_of_memory_is_not_the_files_fault),
        cmocka_unit_test(damage_near_the_end_is_found_too),
        cmocka_unit_test(worker_threads_of_the_driver_do_not_print),
        cmocka_unit_test(a_wrong_feature_count_does_not_read_features_twice),
        cmocka_unit_test(a_broken_geometry_is_corrupt_and_the_reading_goes_on),
        cmocka_unit_test(what_is_no_geometry_is_told_from_a_missing_one),
        cmocka_unit_test(a_shapefile_cut_short_is_an_error),
        cmocka_unit_test(deleted_records_of_a_shapefile_are_not_missed),
        cmocka_unit_test(other_formats_cut_short_are_errors),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
