/* SPDX-License-Identifier: MIT */
/* Reading: the columnar path against the feature loop, value by value, and what both promise. */
#include "source_files.h"

enum { N_MIXED = 500, BIG_TEXT = 200000 };

/* Fields that the columnar path may be given. */
static const test_field plain_fields[] = {{"i", OFTInteger, OFSTNone}, {"l", OFTInteger64, OFSTNone},
                                          {"r", OFTReal, OFSTNone},    {"s", OFTString, OFSTNone},
                                          {"j", OFTString, OFSTJSON},  {"x", OFTBinary, OFSTNone}};
enum { N_PLAIN = 6 };

static const char *mixed_wkt(int i) {
    switch (i % 7) {
    case 0:
        return NULL;
    case 1:
        return "POLYGON EMPTY";
    case 2:
        return "MULTIPOLYGON Z(((0 0 1,0 5 1,5 5 1,0 0 1)),((10 10 2,10 11 2,11 11 2,10 10 2)))";
    case 3:
        return "CURVEPOLYGON(CIRCULARSTRING(0 0,4 4,8 0,4 -4,0 0))";
    case 4:
        return "POINT(1 2)";
    case 5:
        return "POLYGON M((0 0 7,0 3 7,3 3 7,0 0 7))";
    default:
        return "POLYGON((20 20,20 30,30 30,30 20,20 20),(22 22,23 22,23 23,22 23,22 22))";
    }
}

static void set_plain_fields(OGRFeatureH feature, int i) {
    static const char *const texts[] = {"",
                                        "Stra\xc3\x9f"
                                        "e",
                                        "\xe6\x9d\xb1\xe4\xba\xac", "it's \"quoted\""};
    if (i % 3 != 0)
        OGR_F_SetFieldInteger(feature, 0, i - 250);
    if (i % 4 != 0)
        OGR_F_SetFieldInteger64(feature, 1, INT64_C(9007199254740993) * (i % 2 ? 1 : -1) + i);
    if (i % 5 != 0)
        OGR_F_SetFieldDouble(feature, 2, 0.1 * i);
    if (i % 6 != 0)
        OGR_F_SetFieldString(feature, 3, texts[i % 4]);
    if (i % 7 != 0)
        OGR_F_SetFieldString(feature, 4, "{\"a\":[1,2]}");
    if (i % 8 != 0)
        OGR_F_SetFieldBinary(feature, 5, i % 9, "\0\1\2\3\4\5\6\7\10");
    else
        OGR_F_SetFieldNull(feature, 5);
}

static void set_big_text(OGRFeatureH feature) {
    char *text = malloc(BIG_TEXT + 1);
    assert_non_null(text);
    memset(text, 'x', BIG_TEXT);
    text[BIG_TEXT] = '\0';
    OGR_F_SetFieldString(feature, 3, text);
    free(text);
}

/* has_gaps decides which of GDAL's two columnar ways is taken: ranges of fids, or a worker thread. */
static void make_mixed(const char *path, bool has_gaps) {
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "mixed", 26986, wkbUnknown);
    add_fields(layer, plain_fields, N_PLAIN);
    assert_int_equal(GDALDatasetStartTransaction(dataset, FALSE), OGRERR_NONE);
    for (int i = 0; i < N_MIXED; i++) {
        OGRFeatureH feature = new_feature(layer, mixed_wkt(i));
        set_plain_fields(feature, i);
        if (i == 77)
            set_big_text(feature);
        if (has_gaps)
            OGR_F_SetFID(feature, INT64_C(5000000000) + 3 * i);
        write_feature(layer, feature);
    }
    assert_int_equal(GDALDatasetCommitTransaction(dataset), OGRERR_NONE);
    GDALClose(dataset);
}

/* One source read row by row, whatever its batches. */
typedef struct row_reader {
    zf_source *source;
    zf_batch *batch;
    size_t row;
    zf_status status;
} row_reader;

static bool next_row(row_reader *r) {
    if (r->batch && ++r->row < zf_batch_count(r->batch))
        return true;
    zf_batch_release(r->batch);
    r->batch = NULL;
    r->row = 0;
    r->status = zf_source_next(r->source, &r->batch, NULL);
    return r->status == ZF_OK;
}

static void assert_same_value(const zf_value *a, const zf_value *b) {
    assert_int_equal(a->kind, b->kind);
    switch (a->kind) {
    case ZF_VALUE_NULL:
        break;
    case ZF_VALUE_INTEGER:
        assert_true(a->as.integer == b->as.integer);
        break;
    case ZF_VALUE_REAL:
        assert_memory_equal(&a->as.real, &b->as.real, sizeof a->as.real);
        break;
    default:
        assert_int_equal(a->as.bytes.n, b->as.bytes.n);
        assert_non_null(a->as.bytes.bytes);
        assert_non_null(b->as.bytes.bytes);
        assert_memory_equal(a->as.bytes.bytes, b->as.bytes.bytes, a->as.bytes.n);
    }
}

static void assert_same_shape(row_reader *a, row_reader *b) {
    zf_shape x, y;
    assert_int_equal(zf_batch_shape(a->batch, a->row, &x, NULL), ZF_OK);
    assert_int_equal(zf_batch_shape(b->batch, b->row, &y, NULL), ZF_OK);
    assert_int_equal(x.kind, y.kind);
    if (x.kind == ZF_SHAPE_NOT_POLYGON)
        assert_string_equal(x.type_name, y.type_name);
    if (x.kind != ZF_SHAPE_POLYGONAL)
        return;
    assert_int_equal(x.wkb.n_bytes, y.wkb.n_bytes);
    assert_memory_equal(x.wkb.bytes, y.wkb.bytes, x.wkb.n_bytes);
}

static void assert_same_rows(row_reader *a, row_reader *b, size_t n_columns, size_t *out_rows) {
    char scratch_a[ZF_VALUE_SCRATCH_BYTES], scratch_b[ZF_VALUE_SCRATCH_BYTES];
    bool has_a = next_row(a), has_b = next_row(b);
    for (*out_rows = 0; has_a && has_b; ++*out_rows) {
        assert_true(zf_batch_fid(a->batch, a->row) == zf_batch_fid(b->batch, b->row));
        for (size_t c = 0; c < n_columns; c++) {
            zf_value x = zf_batch_value(a->batch, c, a->row, scratch_a);
            zf_value y = zf_batch_value(b->batch, c, b->row, scratch_b);
            assert_same_value(&x, &y);
        }
        assert_same_shape(a, b);
        has_a = next_row(a);
        has_b = next_row(b);
    }
    assert_false(has_a);
    assert_false(has_b);
    assert_int_equal(a->status, ZF_DONE);
    assert_int_equal(b->status, ZF_DONE);
}

/* Before GDAL 3.11.4 only gapless fids without a filter are read in columns; then both readers go feature by
 * feature. */
static bool is_columnar_due(const char *path, const zf_source_query *query) {
    bool has_gaps = strstr(path, "gaps") != NULL;
    return atoi(GDALVersionInfo("VERSION_NUM")) >= 3110400 || (!has_gaps && !query->where && !query->filter);
}

/* Returns the number of rows. */
static size_t compare_paths(const char *path, const zf_source_query *query) {
    row_reader columns = {.source = open_source(path)}, loop = {.source = open_source(path)};
    loop.source->is_loop_forced = true;
    assert_int_equal(zf_source_start(columns.source, query, NULL), ZF_OK);
    assert_int_equal(zf_source_start(loop.source, query, NULL), ZF_OK);
    assert_int_equal(columns.source->reader.is_columnar, is_columnar_due(path, query));
    assert_false(loop.source->reader.is_columnar);
    size_t n_rows = 0;
    assert_same_rows(&columns, &loop, query->n_fields, &n_rows);
    zf_source_close(columns.source);
    zf_source_close(loop.source);
    return n_rows;
}

static const int all_plain[] = {0, 1, 2, 3, 4, 5};

static void both_paths_give_the_same_values(void **state) {
    (void)state;
    const size_t batch_rows[] = {0, 1, 3, 64, N_MIXED - 1, N_MIXED, N_MIXED + 1};
    for (int has_gaps = 0; has_gaps < 2; has_gaps++) {
        const char *path = file_in(has_gaps ? "gaps.gpkg" : "mixed.gpkg");
        make_mixed(path, has_gaps);
        for (size_t i = 0; i < sizeof batch_rows / sizeof batch_rows[0]; i++) {
            zf_source_query query = {all_plain, N_PLAIN, true, NULL, NULL, batch_rows[i]};
            assert_int_equal(compare_paths(path, &query), N_MIXED);
        }
    }
}

static void both_paths_give_the_same_columns_in_the_order_asked(void **state) {
    (void)state;
    const int fields[] = {5, 2, 2, 0};
    zf_source_query query = {fields, 4, true, NULL, NULL, 100};
    assert_int_equal(compare_paths(file_in("mixed.gpkg"), &query), N_MIXED);
    query.wants_geometry = false;
    assert_int_equal(compare_paths(file_in("mixed.gpkg"), &query), N_MIXED);
    zf_source_query nothing = {0};
    assert_int_equal(compare_paths(file_in("gaps.gpkg"), &nothing), N_MIXED);
}

static void both_paths_filter_by_attribute_alike(void **state) {
    (void)state;
    const int fields[] = {3};
    zf_source_query query = {fields, 1, true, "i > 0 AND l IS NOT NULL", NULL, 7};
    size_t n = compare_paths(file_in("mixed.gpkg"), &query);
    assert_true(n > 100 && n < N_MIXED / 2);
    assert_int_equal(compare_paths(file_in("gaps.gpkg"), &query), n);
    query.where = "i > 100000";
    assert_int_equal(compare_paths(file_in("mixed.gpkg"), &query), 0);
}

/* Squares meet a rectangle exactly when their envelopes do, so both paths must agree. */
static void both_paths_filter_squares_by_envelope_alike(void **state) {
    (void)state;
    make_squares("GPKG", file_in("row.gpkg"), 200);
    const zf_envelope some = {10.5, 0.25, 20.5, 0.75}, none = {1000, 0, 1001, 1};
    const int field = 0;
    zf_source_query query = {&field, 1, true, NULL, &some, 4};
    assert_int_equal(compare_paths(file_in("row.gpkg"), &query), 6);
    query.where = "v >= 70";
    assert_int_equal(compare_paths(file_in("row.gpkg"), &query), 5);
    query = (zf_source_query){&field, 1, true, NULL, &none, 4};
    assert_int_equal(compare_paths(file_in("row.gpkg"), &query), 0);
    /* The filter also works where no geometry is wanted. */
    query = (zf_source_query){&field, 1, false, NULL, &some, 4};
    assert_int_equal(compare_paths(file_in("row.gpkg"), &query), 6);
}

static void every_feature_whose_geometry_meets_the_filter_comes(void **state) {
    (void)state;
    const char *path = file_in("diagonal.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "d", 26986, wkbPolygon);
    write_feature(layer, new_feature(layer, "POLYGON((0 0,10 10,0 10,0 0))"));
    write_feature(layer, new_feature(layer, "POLYGON((20 0,30 10,20 10,20 0))"));
    GDALClose(dataset);
    /* The first triangle's envelope meets this rectangle, its geometry does not; the second one's does. */
    const zf_envelope filter = {8, 0, 21, 2};
    for (int is_loop = 0; is_loop < 2; is_loop++) {
        zf_source *source = open_source(path);
        source->is_loop_forced = is_loop;
        zf_source_query query = {.wants_geometry = true, .filter = &filter};
        size_t n_rows;
        assert_int_equal(read_all(source, &query, &n_rows, NULL), ZF_DONE);
        assert_in_range(n_rows, 1, 2);
        zf_source_close(source);
    }
}

static void starting_again_begins_anew(void **state) {
    (void)state;
    const char *const names[] = {"mixed.gpkg", "gaps.gpkg"};
    for (size_t i = 0; i < 2; i++) {
        zf_source *source = open_source(file_in(names[i]));
        zf_source_query few = {all_plain, 1, true, "i > 0", NULL, 10},
                        all = {all_plain, N_PLAIN, true, NULL, NULL, 10};
        size_t n_rows = 0, n_few = 0;
        assert_int_equal(read_all(source, &few, &n_few, NULL), ZF_DONE);
        assert_int_equal(read_all(source, &all, &n_rows, NULL), ZF_DONE);
        assert_int_equal(n_rows, N_MIXED);
        zf_batch *batch = NULL;
        assert_int_equal(zf_source_next(source, &batch, NULL), ZF_DONE);
        assert_null(batch);
        source->is_loop_forced = true;
        assert_int_equal(read_all(source, &all, &n_rows, NULL), ZF_DONE);
        assert_int_equal(n_rows, N_MIXED);
        source->is_loop_forced = false;
        assert_int_equal(read_all(source, &few, &n_rows, NULL), ZF_DONE);
        assert_int_equal(n_rows, n_few);
        zf_source_close(source);
    }
}

static void stopping_early_is_legal(void **state) {
    (void)state;
    const char *const names[] = {"mixed.gpkg", "gaps.gpkg"};
    for (int i = 0; i < 8; i++) {
        zf_source *source = open_source(file_in(names[i % 2]));
        source->is_loop_forced = i >= 6;
        zf_source_query query = {all_plain, N_PLAIN, true, NULL, NULL, 20};
        assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
        zf_batch *first = NULL, *second = NULL;
        if (i >= 2)
            assert_int_equal(zf_source_next(source, &first, NULL), ZF_OK);
        if (i >= 4)
            assert_int_equal(zf_source_next(source, &second, NULL), ZF_OK);
        /* A restart in the middle, with batches of the reading before still out. */
        if (i == 5)
            assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
        if (first)
            assert_int_equal(zf_batch_count(first), 20);
        zf_batch_release(second);
        zf_batch_release(first);
        zf_source_close(source);
    }
}

static void next_without_start_is_refused(void **state) {
    (void)state;
    zf_source *source = open_source(file_in("mixed.gpkg"));
    zf_batch *batch = (zf_batch *)1;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_source_next(source, &batch, &error), ZF_E_INTERNAL);
    assert_null(batch);
    zf_source_close(source);
}

static void a_bad_where_is_a_usage_error(void **state) {
    (void)state;
    make_squares("ESRI Shapefile", file_in("where.shp"), 5);
    const char *const names[] = {"mixed.gpkg", "gaps.gpkg", "where.shp"};
    const char *const wheres[] = {"nonsense = 1", "i >", "("};
    for (size_t i = 0; i < 9; i++) {
        zf_source *source = open_source(file_in(names[i / 3]));
        zf_source_query query = {.where = wheres[i % 3]};
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_source_start(source, &query, &error), ZF_E_USAGE);
        assert_non_null(strstr(error.text, "`zip_where`"));
        assert_non_null(strstr(error.text, wheres[i % 3]));
        /* The source is usable afterwards. */
        size_t n_rows;
        zf_source_query all = {0};
        assert_int_equal(read_all(source, &all, &n_rows, NULL), ZF_DONE);
        assert_int_equal(n_rows, i < 6 ? N_MIXED : 5);
        zf_source_close(source);
    }
}

static void unknown_field_numbers_are_refused(void **state) {
    (void)state;
    zf_source *source = open_source(file_in("mixed.gpkg"));
    const int bad[] = {-1, N_PLAIN};
    for (size_t i = 0; i < 2; i++) {
        zf_source_query query = {.fields = &bad[i], .n_fields = 1};
        assert_int_equal(zf_source_start(source, &query, NULL), ZF_E_USAGE);
    }
    zf_source_close(source);
}

static void types_that_gdal_reads_wrong_in_columns_go_through_the_loop(void **state) {
    (void)state;
    const test_field fields[] = {{"plain", OFTInteger, OFSTNone},  {"flag", OFTInteger, OFSTBoolean},
                                 {"small", OFTInteger, OFSTInt16}, {"single", OFTReal, OFSTFloat32},
                                 {"day", OFTDate, OFSTNone},       {"moment", OFTDateTime, OFSTNone}};
    const char *path = file_in("tricky.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "tricky", 26986, wkbPolygon);
    add_fields(layer, fields, 6);
    add_square(layer, 0, 0);
    GDALClose(dataset);
    run_sql(path, "UPDATE tricky SET plain = 1, flag = 1, small = 70000, single = 0.1, day = 'never', "
                  "moment = '2024-02-29T12:34:56.789+05:45'");
    test_log log = {0};
    zf_callbacks callbacks = {.log = hear_log, .user = &log};
    zf_source_options options = {.path = path, .option_name = "--zips"};
    zf_source *source = NULL;
    assert_int_equal(zf_source_open(&options, &callbacks, &source, NULL), ZF_OK);
    for (int f = 0; f < 6; f++) {
        zf_source_query query = {.fields = &f, .n_fields = 1};
        zf_batch *batch = NULL;
        char scratch[ZF_VALUE_SCRATCH_BYTES];
        assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
        bool is_right = f == 0 || (f == 1 && atoi(GDALVersionInfo("VERSION_NUM")) >= 3080300);
        assert_int_equal(source->reader.is_columnar, is_right);
        assert_non_null(strstr(log.last_detail, is_right ? "columnar batches" : "feature by feature"));
        assert_int_equal(zf_source_next(source, &batch, NULL), ZF_OK);
        zf_value value = zf_batch_value(batch, 0, 0, scratch);
        if (f < 2)
            assert_true(value.kind == ZF_VALUE_INTEGER && value.as.integer == 1);
        if (f == 2)
            assert_true(value.kind == ZF_VALUE_INTEGER && value.as.integer == 70000);
        if (f == 3)
            assert_true(value.kind == ZF_VALUE_REAL && value.as.real == 0.1);
        if (f == 4)
            assert_int_equal(value.kind, ZF_VALUE_NULL);
        if (f == 5) {
            assert_int_equal(value.kind, ZF_VALUE_TEXT);
            assert_int_equal(value.as.bytes.n, 29);
            assert_memory_equal(value.as.bytes.bytes, "2024-02-29T12:34:56.789+05:45", 29);
        }
        zf_batch_release(batch);
    }
    assert_int_equal(log.n_details, 6);
    assert_true(log.n_warnings >= 1); /* "never" is no date */
    zf_source_close(source);
}

/* The same squares from every format: same fids' order, values and shapes, whatever the numbering. */
static void other_formats_are_read_by_the_loop(void **state) {
    (void)state;
    const char *const drivers[][2] = {
        {"ESRI Shapefile", "f.shp"}, {"GeoJSON", "f.geojson"}, {"FlatGeobuf", "f.fgb"}};
    for (size_t d = 0; d < 3; d++) {
        make_squares(drivers[d][0], file_in(drivers[d][1]), 50);
        zf_source *source = open_source(file_in(drivers[d][1]));
        int v = zf_source_field_by_name(source, "v");
        zf_source_query query = {&v, 1, true, NULL, NULL, 7};
        zf_batch *batch = NULL;
        bool is_seen[50] = {false};
        assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
        assert_false(source->reader.is_columnar);
        while (zf_source_next(source, &batch, NULL) == ZF_OK) {
            assert_in_range(zf_batch_count(batch), 1, 7);
            for (size_t row = 0; row < zf_batch_count(batch); row++) {
                char scratch[ZF_VALUE_SCRATCH_BYTES];
                zf_shape shape;
                zf_value value = zf_batch_value(batch, 0, row, scratch);
                assert_int_equal(value.kind, ZF_VALUE_INTEGER);
                int64_t i = value.as.integer / 10 - 1;
                assert_true(i >= 0 && i < 50 && !is_seen[i]);
                is_seen[i] = true;
                assert_int_equal(zf_batch_shape(batch, row, &shape, NULL), ZF_OK);
                assert_int_equal(shape.kind, ZF_SHAPE_POLYGONAL);
                assert_true(shape.wkb.envelope.min_x == 2.0 * (double)i);
            }
            zf_batch_release(batch);
        }
        for (size_t i = 0; i < 50; i++)
            assert_true(is_seen[i]);
        zf_source_close(source);
    }
}

/* An OGR filter looks at fields that nobody asked for. */
static void a_where_on_a_field_that_is_not_read_works_in_every_format(void **state) {
    (void)state;
    const char *const names[] = {"f.shp", "f.geojson", "f.fgb", "row.gpkg"};
    for (size_t i = 0; i < 4; i++) {
        zf_source *source = open_source(file_in(names[i]));
        zf_source_query query = {.where = "v <= 100"};
        size_t n_rows;
        assert_int_equal(read_all(source, &query, &n_rows, NULL), ZF_DONE);
        assert_int_equal(n_rows, 10);
        query = (zf_source_query){.where = "OGR_GEOM_AREA > 0.5"};
        if (i < 3)
            assert_int_equal(read_all(source, &query, &n_rows, NULL), ZF_DONE);
        if (i < 3)
            assert_int_equal(n_rows, 50);
        zf_source_close(source);
    }
}

static void texts_of_a_shapefile_come_in_the_encoding_given(void **state) {
    (void)state;
    const test_field name = {"name", OFTString, OFSTNone};
    const char *const layer_options[] = {"ENCODING=CP1252", NULL};
    GDALDatasetH dataset = create_dataset("ESRI Shapefile", file_in("latin.shp"));
    OGRLayerH layer =
        GDALDatasetCreateLayer(dataset, "latin", NULL, wkbPolygon, (char **)(uintptr_t)layer_options);
    add_fields(layer, &name, 1);
    OGRFeatureH feature = new_feature(layer, "POLYGON((0 0,0 1,1 1,0 0))");
    OGR_F_SetFieldString(feature, 0, "\xc3\x89t\xc3\xa9");
    write_feature(layer, feature);
    GDALClose(dataset);
    (void)unlink(file_in("latin.cpg"));
    zf_source_options options = {.path = file_in("latin.shp"), .encoding = "CP1252", .option_name = "--zips"};
    zf_source *source = NULL;
    assert_int_equal(zf_source_open(&options, NULL, &source, NULL), ZF_OK);
    const int field = 0;
    zf_source_query query = {.fields = &field, .n_fields = 1};
    zf_batch *batch = NULL;
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    assert_int_equal(zf_source_start(source, &query, NULL), ZF_OK);
    assert_int_equal(zf_source_next(source, &batch, NULL), ZF_OK);
    zf_value value = zf_batch_value(batch, 0, 0, scratch);
    assert_int_equal(value.as.bytes.n, 5);
    assert_memory_equal(value.as.bytes.bytes, "\xc3\x89t\xc3\xa9", 5);
    zf_batch_release(batch);
    zf_source_close(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_paths_give_the_same_values),
        cmocka_unit_test(both_paths_give_the_same_columns_in_the_order_asked),
        cmocka_unit_test(both_paths_filter_by_attribute_alike),
        cmocka_unit_test(both_paths_filter_squares_by_envelope_alike),
        cmocka_unit_test(every_feature_whose_geometry_meets_the_filter_comes),
        cmocka_unit_test(starting_again_begins_anew),
        cmocka_unit_test(stopping_early_is_legal),
        cmocka_unit_test(next_without_start_is_refused),
        cmocka_unit_test(a_bad_where_is_a_usage_error),
        cmocka_unit_test(unknown_field_numbers_are_refused),
        cmocka_unit_test(types_that_gdal_reads_wrong_in_columns_go_through_the_loop),
        cmocka_unit_test(other_formats_are_read_by_the_loop),
        cmocka_unit_test(a_where_on_a_field_that_is_not_read_works_in_every_format),
        cmocka_unit_test(texts_of_a_shapefile_come_in_the_encoding_given),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
