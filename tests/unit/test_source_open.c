/* SPDX-License-Identifier: MIT */
#include "source_files.h"

#include <gdal.h>
#include <sys/stat.h>

static zf_status try_open(const char *path, const char *layer, const char *encoding, zf_error *error) {
    zf_source_options options = {.path = path, .layer = layer, .encoding = encoding, .option_name = "--zips"};
    zf_source *source = (zf_source *)1;
    *error = (zf_error)ZF_ERROR_INIT;
    zf_status st = zf_source_open(&options, NULL, &source, error);
    if (st == ZF_OK)
        zf_source_close(source);
    else
        assert_null(source);
    return st;
}

static void assert_refused(const char *path, zf_status status, const char *words) {
    zf_error error;
    zf_status st = try_open(path, NULL, NULL, &error);
    if (st != status || !strstr(error.text, words))
        print_error("%s: %s\n", path, error.text);
    assert_int_equal(st, status);
    assert_non_null(strstr(error.text, words));
    assert_string_equal(error.path, path);
}

static void networks_and_databases_are_refused(void **state) {
    (void)state;
    const char *const paths[] = {"http://example.com/x.gpkg",
                                 "https://example.com/x.geojson",
                                 "/vsicurl/https://example.com/x.gpkg",
                                 "/vsicurl?url=https://example.com/x.gpkg",
                                 "/vsis3/bucket/x.gpkg",
                                 "/vsizip//vsicurl/https://example.com/x.zip/x.gpkg",
                                 "/vsizip/{/vsis3/bucket/x.zip}/x.gpkg",
                                 "/vsistdin/",
                                 "/vsisubfile/0_10,/etc/passwd",
                                 "PG:dbname=x",
                                 "MySQL:x,user=y",
                                 "WFS:http://example.com/wfs",
                                 "OAPIF:http://example.com",
                                 "GPKG:x.gpkg:layer",
                                 "{\"type\":\"FeatureCollection\",\"features\":[]}",
                                 "<OGRVRTDataSource/>"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_refused(paths[i], ZF_E_INPUT, "zonefold reads files only");
}

static void a_format_that_may_lead_to_a_network_is_refused(void **state) {
    (void)state;
    const char *path = file_in("remote.vrt");
    const char text[] = "<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>PG:dbname=x</SrcDataSource>"
                        "</OGRVRTLayer></OGRVRTDataSource>";
    write_file(path, text, sizeof text - 1);
    assert_refused(path, ZF_E_INPUT, "does not read the format OGR_VRT");
}

static void missing_and_unreadable_files_say_what_is_wrong(void **state) {
    (void)state;
    assert_refused(file_in("nothing.gpkg"), ZF_E_INPUT, "no such file");
    assert_refused("/vsizip/nothing.zip/x.gpkg", ZF_E_INPUT, "no such file inside the archive");
    assert_refused("", ZF_E_USAGE, "no input file");
    const char *fifo = file_in("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_refused(fifo, ZF_E_INPUT, "neither a file nor a directory");
}

static void a_file_without_permission_says_so(void **state) {
    (void)state;
    const char *path = file_in("secret.gpkg");
    make_squares("GPKG", path, 1);
    assert_int_equal(chmod(path, 0), 0);
    uid_t before = geteuid();
    /* Root may read everything, so root looks with the eyes of another. */
    if (before == 0)
        assert_true(chmod(test_directory, 0755) == 0 && seteuid(65534) == 0);
    assert_refused(path, ZF_E_INPUT, "cannot read the file: Permission denied");
    assert_int_equal(seteuid(before), 0);
}

static void what_is_no_vector_file_says_so(void **state) {
    (void)state;
    const char *text = file_in("notes.txt");
    write_file(text, "hello\n", 6);
    assert_refused(text, ZF_E_INPUT, "not a vector file");
    const char *empty = file_in("empty.gpkg");
    write_file(empty, "", 0);
    assert_refused(empty, ZF_E_INPUT, "the file is empty (0 bytes)");
    const char *directory = file_in("void");
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_refused(directory, ZF_E_INPUT, "this is a directory of files");
}

static void a_broken_geopackage_gives_gdals_words(void **state) {
    (void)state;
    const char *path = file_in("broken.gpkg");
    char bytes[4096] = "SQLite format 3";
    memcpy(bytes + 68, "GPKG", 4);
    write_file(path, bytes, sizeof bytes);
    assert_refused(path, ZF_E_INPUT, "cannot open the file as GPKG");
}

static void a_shapefile_without_its_shx_is_refused(void **state) {
    (void)state;
    make_squares("ESRI Shapefile", file_in("noshx.shp"), 3);
    assert_int_equal(unlink(file_in("noshx.shx")), 0);
    assert_refused(file_in("noshx.shp"), ZF_E_INPUT, "noshx.shx");
}

static void a_file_named_like_a_database_is_a_file(void **state) {
    (void)state;
    char *before = CPLGetCurrentDir();
    assert_int_equal(chdir(test_directory), 0);
    make_squares("GPKG", "./plain.gpkg", 2);
    assert_int_equal(rename("plain.gpkg", "PG:dbname=x.gpkg"), 0);
    zf_source *source = open_source("PG:dbname=x.gpkg");
    assert_string_equal(zf_source_get_info(source)->driver, "GPKG");
    assert_string_equal(zf_source_get_info(source)->path, "PG:dbname=x.gpkg");
    zf_source_close(source);
    assert_int_equal(chdir(before), 0);
    CPLFree(before);
}

static void make_three_layers(const char *path) {
    GDALDatasetH dataset = create_dataset("GPKG", path);
    add_square(add_layer(dataset, "parcels", 4326, wkbPolygon), 0, 0);
    add_square(add_layer(dataset, "buildings", 26986, wkbMultiPolygon), 0, 0);
    add_layer(dataset, "owners", 0, wkbNone);
    GDALClose(dataset);
}

static void several_layers_ask_for_a_choice(void **state) {
    (void)state;
    const char *path = file_in("three.gpkg");
    make_three_layers(path);
    assert_refused(path, ZF_E_USAGE, "3 layers: parcels, buildings, owners; choose one with --zips-layer");
    zf_error error;
    assert_int_equal(try_open(path, "building", NULL, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "no layer 'building' (did you mean 'buildings'?)"));
    assert_int_equal(try_open(path, "zzzzzz", NULL, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "it has: parcels, buildings, owners"));
    assert_null(strstr(error.text, "did you mean"));
    assert_int_equal(try_open(path, "BUILDINGS", NULL, &error), ZF_OK);
}

static void styles_of_qgis_are_no_second_layer(void **state) {
    (void)state;
    const char *path = file_in("styled.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    add_square(add_layer(dataset, "buildings", 26986, wkbMultiPolygon), 0, 0);
    add_layer(dataset, "layer_styles", 0, wkbNone);
    GDALClose(dataset);
    zf_source *source = open_source(path);
    assert_string_equal(zf_source_get_info(source)->layer, "buildings");
    zf_source_close(source);
}

static void a_table_without_geometry_opens_but_has_none_to_read(void **state) {
    (void)state;
    const char *path = file_in("table.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    add_layer(dataset, "owners", 0, wkbNone);
    GDALClose(dataset);
    zf_source *source = open_source(path);
    const zf_source_info *info = zf_source_get_info(source);
    assert_false(info->has_geometry);
    assert_false(info->may_hold_polygons);
    assert_string_equal(info->geometry_type, "None");
    assert_null(info->crs_wkt);
    zf_source_query query = {.wants_geometry = true};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_start(source, &query, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "without geometry column"));
    zf_source_close(source);
}

static void a_layer_is_described(void **state) {
    (void)state;
    const char *path = file_in("described.gpkg");
    make_squares("GPKG", path, 5);
    zf_source *source = open_source(path);
    const zf_source_info *info = zf_source_get_info(source);
    assert_string_equal(info->path, path);
    assert_string_equal(info->layer, "squares");
    assert_string_equal(info->driver, "GPKG");
    assert_string_equal(info->geometry_type, "Polygon");
    assert_string_equal(info->fid_column, "fid");
    assert_true(info->has_geometry && info->may_hold_polygons && info->has_spatial_index && info->has_extent);
    assert_int_equal(info->n_features, 5);
    assert_float_equal(info->extent.min_x, 0, 0);
    assert_float_equal(info->extent.max_x, 9, 0);
    assert_float_equal(info->extent.max_y, 1, 0);
    assert_null(info->encoding);
    assert_int_equal(info->file_bytes, zf_path_file_bytes(path));
    assert_int_equal(strncmp(info->crs_wkt, "PROJCRS[", 8), 0);
    assert_null(strchr(info->crs_wkt, '\n'));
    zf_source_close(source);
}

static void an_undefined_crs_is_none(void **state) {
    (void)state;
    const char *const srs_ids[] = {"-1", "0"};
    for (size_t i = 0; i < 2; i++) {
        const char *path = file_in(i == 0 ? "undefined.gpkg" : "undefined0.gpkg");
        char sql[128];
        make_squares("GPKG", path, 1);
        (void)snprintf(sql, sizeof sql, "UPDATE gpkg_geometry_columns SET srs_id = %s", srs_ids[i]);
        run_sql(path, sql);
        (void)snprintf(sql, sizeof sql, "UPDATE gpkg_contents SET srs_id = %s", srs_ids[i]);
        run_sql(path, sql);
        zf_source *source = open_source(path);
        assert_null(zf_source_get_info(source)->crs_wkt);
        zf_source_close(source);
    }
    make_squares("ESRI Shapefile", file_in("noprj.shp"), 1);
    assert_int_equal(unlink(file_in("noprj.prj")), 0);
    zf_source *source = open_source(file_in("noprj.shp"));
    assert_null(zf_source_get_info(source)->crs_wkt);
    zf_source_close(source);
}

static void field_types_are_told_apart(void **state) {
    (void)state;
    const test_field fields[] = {
        {"i", OFTInteger, OFSTNone},    {"l", OFTInteger64, OFSTNone}, {"r", OFTReal, OFSTNone},
        {"b", OFTInteger, OFSTBoolean}, {"s", OFTString, OFSTNone},    {"j", OFTString, OFSTJSON},
        {"d", OFTDate, OFSTNone},       {"dt", OFTDateTime, OFSTNone}, {"x", OFTBinary, OFSTNone}};
    const zf_field_type expected[] = {ZF_FIELD_INTEGER, ZF_FIELD_INTEGER,  ZF_FIELD_REAL,
                                      ZF_FIELD_BOOLEAN, ZF_FIELD_TEXT,     ZF_FIELD_TEXT,
                                      ZF_FIELD_DATE,    ZF_FIELD_DATETIME, ZF_FIELD_BLOB};
    const char *path = file_in("types.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    add_fields(add_layer(dataset, "types", 0, wkbPolygon), fields, 9);
    GDALClose(dataset);
    zf_source *source = open_source(path);
    const zf_source_info *info = zf_source_get_info(source);
    assert_int_equal(info->n_fields, 9);
    for (size_t i = 0; i < 9; i++) {
        assert_string_equal(info->fields[i].name, fields[i].name);
        assert_int_equal(info->fields[i].type, expected[i]);
    }
    assert_int_equal(zf_source_field_by_name(source, "dt"), 7);
    assert_int_equal(zf_source_field_by_name(source, "DT"), 7);
    assert_int_equal(zf_source_field_by_name(source, "d t"), -1);
    assert_int_equal(zf_source_field_by_name(source, "fid"), -1);
    zf_source_close(source);
}

static void lists_are_unsupported_and_may_not_be_read(void **state) {
    (void)state;
    const char *path = file_in("lists.geojson");
    const char text[] = "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{"
                        "\"t\":\"10:11:12\","
                        "\"many\":[1,2]},\"geometry\":null}]}";
    write_file(path, text, sizeof text - 1);
    zf_source *source = open_source(path);
    int many = zf_source_field_by_name(source, "many");
    assert_int_equal(zf_source_get_info(source)->fields[many].type, ZF_FIELD_UNSUPPORTED);
    assert_int_equal(zf_source_get_info(source)->fields[zf_source_field_by_name(source, "t")].type,
                     ZF_FIELD_TIME);
    zf_source_query query = {.fields = &many, .n_fields = 1};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_start(source, &query, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "field 'many'"));
    zf_source_close(source);
}

static void the_files_of_a_shapefile_come_sorted(void **state) {
    (void)state;
    make_squares("ESRI Shapefile", file_in("parts.shp"), 2);
    zf_source *source = open_source(file_in("parts.shp"));
    const char *const *files = NULL;
    size_t n = 0;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_files(source, &files, &n, &error), ZF_OK);
    assert_int_equal(n, 4);
    const char *const names[] = {"parts.dbf", "parts.prj", "parts.shp", "parts.shx"};
    int64_t n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(files[i], file_in(names[i]));
        n_bytes += zf_path_file_bytes(files[i]);
    }
    assert_int_equal(zf_source_get_info(source)->file_bytes, n_bytes);
    zf_source_close(source);
}

static void an_encoding_is_used_for_shapefiles_only(void **state) {
    (void)state;
    zf_error error;
    make_squares("ESRI Shapefile", file_in("coded.shp"), 1);
    make_squares("GPKG", file_in("coded.gpkg"), 1);
    zf_source_options options = {.path = file_in("coded.shp"), .encoding = "CP1252", .option_name = "--zips"};
    zf_source *source = NULL;
    error = (zf_error)ZF_ERROR_INIT;
    assert_int_equal(zf_source_open(&options, NULL, &source, &error), ZF_OK);
    assert_string_equal(zf_source_get_info(source)->encoding, "CP1252");
    zf_source_close(source);
    assert_int_equal(try_open(file_in("coded.shp"), NULL, "KLINGON", &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "unknown `encoding` 'KLINGON'"));
    assert_int_equal(try_open(file_in("coded.gpkg"), NULL, "CP1252", &error), ZF_OK);
}

static void the_layers_of_a_file_are_listed(void **state) {
    (void)state;
    const char *path = file_in("listed.gpkg");
    make_three_layers(path);
    zf_layer_list list;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_list_layers(path, (zf_open_option_list){0}, &list, &error), ZF_OK);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.names[1], "buildings");
    zf_layer_list_deinit(&list);
    assert_int_equal(zf_source_list_layers(file_in("none.gpkg"), (zf_open_option_list){0}, &list, &error),
                     ZF_E_INPUT);
    assert_int_equal(list.n, 0);
    assert_null(list.names);
}

static void a_file_inside_a_zip_is_a_file(void **state) {
    (void)state;
    char zip[600], inside[700];
    (void)snprintf(zip, sizeof zip, "/vsizip/%s", file_in("packed.zip"));
    (void)snprintf(inside, sizeof inside, "%s/a.geojson", zip);
    VSILFILE *file = VSIFOpenL(inside, "wb");
    const char text[] = "{\"type\":\"FeatureCollection\",\"features\":[]}";
    assert_non_null(file);
    assert_int_equal(VSIFWriteL(text, 1, sizeof text - 1, file), sizeof text - 1);
    assert_int_equal(VSIFCloseL(file), 0);
    zf_source *source = open_source(inside);
    assert_string_equal(zf_source_get_info(source)->driver, "GeoJSON");
    assert_true(zf_source_get_info(source)->file_bytes > 0);
    zf_source_close(source);
}

static void warnings_of_opening_go_to_the_log_and_not_to_stderr(void **state) {
    (void)state;
    make_squares("GPKG", file_in("warned.gpkg"), 1);
    run_sql(file_in("warned.gpkg"), "PRAGMA user_version = 99000");
    test_log log = {0};
    zf_callbacks callbacks = {.log = hear_log, .user = &log};
    FILE *caught = tmpfile();
    int before = dup(2);
    assert_true(before >= 0 && dup2(fileno(caught), 2) >= 0);
    zf_source_options options = {.path = file_in("warned.gpkg"), .option_name = "--zips"};
    zf_source *source = NULL;
    zf_error error = ZF_ERROR_INIT;
    zf_status st = zf_source_open(&options, &callbacks, &source, &error);
    zf_status bad =
        zf_source_list_layers(file_in("notes.txt"), (zf_open_option_list){0}, &(zf_layer_list){0}, NULL);
    assert_true(dup2(before, 2) >= 0);
    close(before);
    assert_int_equal(st, ZF_OK);
    assert_int_equal(bad, ZF_E_INPUT);
    assert_int_equal(log.n_warnings, 1);
    assert_non_null(strstr(log.last_warning, "user_version"));
    assert_int_equal(fseek(caught, 0, SEEK_END), 0);
    assert_int_equal(ftell(caught), 0);
    fclose(caught);
    zf_source_close(source);
}

static void closing_nothing_is_legal(void **state) {
    (void)state;
    zf_source_close(NULL);
    zf_batch_release(NULL);
}

static void the_version_stays_when_gdal_is_asked_again(void **state) {
    char before[64];
    const char *version = zf_gdal_version();
    (void)state;
    assert_non_null(strchr(version, '.'));
    (void)snprintf(before, sizeof before, "%s", version);
    (void)GDALVersionInfo("VERSION_NUM");
    assert_string_equal(version, before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_and_databases_are_refused),
        cmocka_unit_test(the_version_stays_when_gdal_is_asked_again),
        cmocka_unit_test(a_format_that_may_lead_to_a_network_is_refused),
        cmocka_unit_test(missing_and_unreadable_files_say_what_is_wrong),
        cmocka_unit_test(a_file_without_permission_says_so),
        cmocka_unit_test(what_is_no_vector_file_says_so),
        cmocka_unit_test(a_broken_geopackage_gives_gdals_words),
        cmocka_unit_test(a_shapefile_without_its_shx_is_refused),
        cmocka_unit_test(a_file_named_like_a_database_is_a_file),
        cmocka_unit_test(several_layers_ask_for_a_choice),
        cmocka_unit_test(styles_of_qgis_are_no_second_layer),
        cmocka_unit_test(a_table_without_geometry_opens_but_has_none_to_read),
        cmocka_unit_test(a_layer_is_described),
        cmocka_unit_test(an_undefined_crs_is_none),
        cmocka_unit_test(field_types_are_told_apart),
        cmocka_unit_test(lists_are_unsupported_and_may_not_be_read),
        cmocka_unit_test(the_files_of_a_shapefile_come_sorted),
        cmocka_unit_test(an_encoding_is_used_for_shapefiles_only),
        cmocka_unit_test(the_layers_of_a_file_are_listed),
        cmocka_unit_test(a_file_inside_a_zip_is_a_file),
        cmocka_unit_test(warnings_of_opening_go_to_the_log_and_not_to_stderr),
        cmocka_unit_test(closing_nothing_is_legal),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
