/* SPDX-License-Identifier: MIT */
/* The ZIP catalogue of bad layers: what is repaired, left out or refused, what is told of it; cancelling; the
 * end of memory. */
#include "zone_files.h"

#include "wkb_writer.h"

#define SQUARE_0 "POLYGON((0 0,2 0,2 2,0 2,0 0))"
#define SQUARE_5 "POLYGON((5 0,7 0,7 2,5 2,5 0))"
/* Two triangles of area 0.5 and 4.5 that meet at (2.25, 0.5): the shoelace sees their difference. */
#define BOW_TIE "POLYGON((1 0,3 0,0 2,6 2,1 0))"

/* ---- invalid polygons ---- */

static const zone_row with_bow_tie[] = {{"'zip':'good'", SQUARE_5},
                                        {"'zip':'bow'", "POLYGON((0 0,2 2,2 0,0 2,0 0))"},
                                        {"'zip':'good'", SQUARE_0}};

static void repair_keeps_the_area_and_tells_what_it_changed(void **state) {
    (void)state;
    zone_case c = {.options.on_invalid = ZF_INVALID_REPAIR};
    MUST_LOAD(&c, with_bow_tie);
    assert_zone(&c, 0, "bow", 2, 2);
    assert_zone(&c, 1, "good", 2, 8);
    assert_int_equal(zf_catalogue_features_read(c.catalogue), 3);
    assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 0);
    assert_int_equal(c.n_rejects, 1);
    const told_reject *told = &c.rejects[0];
    assert_int_equal(told->fid, 1);
    assert_int_equal(told->ordinal, 1);
    assert_true(told->is_repaired);
    assert_string_equal(told->reason, "invalid");
    assert_string_equal(told->detail, "Self-intersection");
    assert_near(told->x, 1, 1e-12);
    assert_near(told->y, 1, 1e-12);
    assert_near(told->area_delta_m2, 2, 1e-12); /* the shoelace of a bow tie is 0 */
    close_zones(&c);
}

static void repair_tells_the_difference_of_the_areas(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1'", BOW_TIE},
                             {"'zip':'2'", "POLYGON((10 0,14 0,14 4,10 4,10 0),(12 2,16 2,16 3,12 3,12 2))"}};
    zone_case c = {0};
    MUST_LOAD(&c, rows);
    assert_int_equal(c.n_rejects, 2);
    assert_zone(&c, 0, "1", 2, 5);
    assert_near(c.rejects[0].area_delta_m2, 1, 1e-12);
    assert_zone(&c, 1, "2", 2, 16);                    /* what is in the shell or in the hole, not in both */
    assert_near(c.rejects[1].area_delta_m2, 4, 1e-12); /* before: shell - hole */
    close_zones(&c);
}

static void skip_leaves_a_zip_without_area(void **state) {
    (void)state;
    zone_case c = {.options.on_invalid = ZF_INVALID_SKIP};
    MUST_LOAD(&c, with_bow_tie);
    assert_no_area(&c, 0, "bow");
    assert_zone(&c, 1, "good", 2, 8);
    assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 1);
    assert_int_equal(c.n_rejects, 1);
    assert_false(c.rejects[0].is_repaired);
    assert_string_equal(c.rejects[0].detail, "Self-intersection");
    assert_true(isnan(c.rejects[0].area_delta_m2));
    assert_near(c.rejects[0].x, 1, 1e-12);
    const zf_envelope extent = zf_catalogue_extent(c.catalogue);
    assert_true(extent.min_x == 0 && extent.max_x == 7 && extent.max_y == 2);
    close_zones(&c);
}

static void fail_names_the_feature_and_the_way_out(void **state) {
    (void)state;
    zone_case c = {.options.on_invalid = ZF_INVALID_FAIL};
    assert_int_equal(LOAD(&c, with_bow_tie), ZF_E_INPUT);
    assert_int_equal(c.error.fid, 1);
    assert_string_equal(c.error.path, zones_path);
    assert_told(&c, "Self-intersection");
    assert_told(&c, "`on_invalid`");
    assert_int_equal(c.n_rejects, 0);
    close_zones(&c);
}

static void repair_that_leaves_no_area_counts_as_left_out(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'flat'", "POLYGON((0 0,2 0,1 0,0 0))"}, {"'zip':'good'", SQUARE_0}};
    zone_case c = {0};
    MUST_LOAD(&c, rows);
    assert_no_area(&c, 0, "flat");
    assert_zone(&c, 1, "good", 1, 4);
    assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 1);
    assert_int_equal(c.n_rejects, 1);
    assert_false(c.rejects[0].is_repaired);
    close_zones(&c);
}

static void a_skipped_part_leaves_the_rest_of_its_zip(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1'", BOW_TIE}, {"'zip':'1'", SQUARE_0}, {"'zip':'1'", NULL}};
    zone_case c = {.options.on_invalid = ZF_INVALID_SKIP};
    MUST_LOAD(&c, rows);
    assert_zone(&c, 0, "1", 1, 4);
    assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 2);
    close_zones(&c);
}

/* ---- no polygon ---- */

/* A GeoPackage, as GeoJSON has no empty polygon; fids from 1, ids a, b, ... */
static const char *write_mixed(const char *name, const char *const *wkts, size_t n) {
    const test_field field = {"zip", OFTString, OFSTNone};
    const char *path = file_in(name);
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "zones", 0, wkbUnknown);
    add_fields(layer, &field, 1);
    for (size_t i = 0; i < n; i++) {
        const char zip[] = {(char)('a' + i), '\0'};
        OGRFeatureH feature = new_feature(layer, wkts[i]);
        OGR_F_SetFieldString(feature, 0, zip);
        write_feature(layer, feature);
    }
    GDALClose(dataset);
    return path;
}

static void features_without_polygon_make_zips_without_area(void **state) {
    (void)state;
    const char *const wkts[] = {NULL,         "POLYGON EMPTY",       "MULTIPOLYGON EMPTY",
                                "POINT(1 1)", "LINESTRING(0 0,1 1)", SQUARE_0};
    const char *const reasons[] = {"no geometry", "empty geometry", "empty geometry", "not a polygon",
                                   "not a polygon"};
    const char *const details[] = {"(null)", "(null)", "(null)", "Point", "LineString"};
    const char *path = write_mixed("mixed.gpkg", wkts, 6);
    for (int policy = 0; policy < ZF_INVALID_END; policy++) {
        zone_case c = {.options.on_invalid = (zf_on_invalid)policy};
        must_load(&c, load_file(&c, path));
        assert_zips(&c, "a b c d e f");
        assert_int_equal(c.n_rejects, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_no_area(&c, i, zf_catalogue_zone(c.catalogue, i)->zip);
            assert_int_equal(c.rejects[i].fid, i + 1);
            assert_int_equal(c.rejects[i].ordinal, i);
            assert_string_equal(c.rejects[i].reason, reasons[i]);
            assert_string_equal(c.rejects[i].detail, details[i]);
            assert_false(c.rejects[i].is_repaired);
        }
        assert_zone(&c, 5, "f", 1, 4);
        assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 5);
        close_zones(&c);
    }
}

static void a_layer_without_any_polygon_is_refused(void **state) {
    (void)state;
    const char *const wkts[] = {NULL, "POINT(1 1)", "POLYGON EMPTY"};
    const char *path = write_mixed("points.gpkg", wkts, 3);
    zone_case c = {0};
    assert_int_equal(load_file(&c, path), ZF_E_INPUT);
    assert_told(&c, "no polygon");
    assert_string_equal(c.error.path, path);
    close_zones(&c);
}

static void an_empty_layer_is_refused(void **state) {
    (void)state;
    const test_field field = {"zip", OFTString, OFSTNone};
    const char *path = file_in("empty.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    add_fields(add_layer(dataset, "zones", 0, wkbPolygon), &field, 1);
    GDALClose(dataset);
    zone_case c = {0};
    assert_int_equal(load_file(&c, path), ZF_E_INPUT);
    assert_told(&c, "no features");
    assert_string_equal(c.error.layer, "zones");
    close_zones(&c);
}

static void a_layer_of_which_nothing_is_usable_still_has_its_zips(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1'", "POLYGON((0 0,2 2,2 0,0 2,0 0))"}};
    zone_case c = {.options.on_invalid = ZF_INVALID_SKIP};
    MUST_LOAD(&c, rows);
    assert_int_equal(zf_catalogue_count(c.catalogue), 1);
    assert_no_area(&c, 0, "1");
    const zf_envelope extent = zf_catalogue_extent(c.catalogue);
    assert_true(zf_envelope_is_empty(&extent));
    close_zones(&c);
}

/* ---- geometries only a file can hold ---- */

/* Fid 1: a good square, id "good"; fid 2: the ring given, id "bad". */
static const char *write_ring(const char *name, const double *xy, size_t n) {
    static wkb_writer w;
    const test_field field = {"zip", OFTString, OFSTNone};
    const char *path = file_in(name);
    VSIUnlink(path);
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "zones", 0, wkbPolygon);
    add_fields(layer, &field, 1);
    OGRFeatureH good = new_feature(layer, SQUARE_0);
    OGR_F_SetFieldString(good, 0, "good");
    write_feature(layer, good);
    wkb_polygon(&w, xy, n);
    OGRGeometryH geometry = NULL;
    assert_int_equal(OGR_G_CreateFromWkb(w.bytes, NULL, &geometry, (int)w.n), OGRERR_NONE);
    OGRFeatureH bad = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    OGR_F_SetFieldString(bad, 0, "bad");
    assert_int_equal(OGR_F_SetGeometryDirectly(bad, geometry), OGRERR_NONE);
    write_feature(layer, bad);
    GDALClose(dataset);
    return path;
}

static void assert_bad_ring_is_left_out(const char *path, const char *reason) {
    for (int policy = ZF_INVALID_REPAIR; policy <= ZF_INVALID_SKIP; policy++) {
        zone_case c = {.options.on_invalid = (zf_on_invalid)policy};
        must_load(&c, load_file(&c, path));
        assert_no_area(&c, 0, "bad");
        assert_zone(&c, 1, "good", 1, 4);
        assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 1);
        assert_int_equal(c.n_rejects, 1);
        assert_int_equal(c.rejects[0].fid, 2);
        assert_int_equal(c.rejects[0].ordinal, 1);
        assert_string_equal(c.rejects[0].reason, reason);
        assert_false(c.rejects[0].is_repaired);
        assert_true(isnan(c.rejects[0].area_delta_m2));
        close_zones(&c);
    }
    zone_case c = {.options.on_invalid = ZF_INVALID_FAIL};
    assert_int_equal(load_file(&c, path), ZF_E_INPUT);
    assert_int_equal(c.error.fid, 2);
    assert_told(&c, reason);
    assert_told(&c, "`on_invalid`");
    close_zones(&c);
}

static void a_coordinate_that_is_no_number_is_left_out(void **state) {
    (void)state;
    const double no_number[] = {0, 0, 4, 0, 4, NAN, 0, 4, 0, 0};
    assert_bad_ring_is_left_out(write_ring("nan.gpkg", no_number, 5), "non-finite coordinate");
    const double endless[] = {0, 0, INFINITY, 0, 4, 4, 0, 4, 0, 0};
    assert_bad_ring_is_left_out(write_ring("inf.gpkg", endless, 5), "non-finite coordinate");
}

static void a_ring_of_two_points_is_left_out(void **state) {
    (void)state;
    const double two_points[] = {0, 0, 4, 0};
    assert_bad_ring_is_left_out(write_ring("two.gpkg", two_points, 2), "corrupt geometry");
    zone_case c = {0};
    must_load(&c, load_file(&c, file_in("two.gpkg")));
    assert_string_equal(c.rejects[0].detail, "a ring of too few points");
    assert_true(c.rejects[0].x == 0 && c.rejects[0].y == 0);
    close_zones(&c);
}

static void coordinates_too_large_to_reckon_with_are_left_out(void **state) {
    (void)state;
    const double far[] = {0, 0, 1e101, 0, 4, 4, 0, 4, 0, 0};
    assert_bad_ring_is_left_out(write_ring("far.gpkg", far, 5), "coordinate out of range");
}

static void an_open_ring_is_closed_when_it_may_be_repaired(void **state) {
    (void)state;
    const double open[] = {0, 0, 4, 0, 4, 4, 0, 4};
    const char *path = write_ring("open.gpkg", open, 4);
    zone_case c = {.options.on_invalid = ZF_INVALID_REPAIR};
    must_load(&c, load_file(&c, path));
    assert_zone(&c, 0, "bad", 1, 16);
    assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 0);
    assert_int_equal(c.n_rejects, 1);
    assert_string_equal(c.rejects[0].reason, "unclosed ring");
    assert_true(c.rejects[0].is_repaired);
    close_zones(&c);
    c = (zone_case){.options.on_invalid = ZF_INVALID_SKIP};
    must_load(&c, load_file(&c, path));
    assert_no_area(&c, 0, "bad");
    assert_false(c.rejects[0].is_repaired);
    close_zones(&c);
    c = (zone_case){.options.on_invalid = ZF_INVALID_FAIL};
    assert_int_equal(load_file(&c, path), ZF_E_INPUT);
    assert_int_equal(c.error.fid, 2);
    assert_told(&c, "unclosed ring");
    close_zones(&c);
}

/* ---- stopping early ---- */

static void a_reject_that_cannot_be_noted_ends_the_load(void **state) {
    (void)state;
    zone_case c = {.reject_answer = ZF_E_MEMORY};
    assert_int_equal(LOAD(&c, with_bow_tie), ZF_E_MEMORY);
    assert_told(&c, "the list is full");
    assert_int_equal(c.n_rejects, 1);
    close_zones(&c);
}

static bool countdown(void *user) {
    int *left = user;
    return (*left)-- <= 0;
}

static void cancelling_is_heard_at_every_question(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1'", SQUARE_0}, {"'zip':'2'", SQUARE_5}, {"'zip':'1'", SQUARE_5}};
    int n_cancelled = 0;
    for (int k = 0;; k++) {
        int left = k;
        const zf_callbacks callbacks = {.is_cancelled = countdown, .user = &left};
        zone_case c = {.options.callbacks = &callbacks};
        zf_status st = LOAD(&c, rows);
        close_zones(&c);
        if (st == ZF_OK)
            break;
        assert_int_equal(st, ZF_E_CANCELLED);
        n_cancelled++;
    }
    assert_true(n_cancelled >= 3); /* once for the batch, once for each of two ZIPs */
}

enum { N_MANY = 600, STEP_BYTES = 4096 };

/* 300 ZIPs of two squares each. */
static void write_many_zones(void) {
    static char wkt[N_MANY][128], properties[N_MANY][64];
    static zone_row rows[N_MANY];
    for (int i = 0; i < N_MANY; i++) {
        int x = 10 * i;
        (void)snprintf(wkt[i], sizeof wkt[i], "POLYGON((%d 0,%d 0,%d 4,%d 4,%d 0))", x, x + 4, x + 4, x, x);
        (void)snprintf(properties[i], sizeof properties[i], "'zip':'%05d','order':'place number %d'", i / 2,
                       i);
        rows[i] = (zone_row){properties[i], wkt[i]};
    }
    write_zones(rows, N_MANY);
}

static zf_status load_within(zf_source *source, const zf_catalogue_options *options, size_t limit) {
    zf_budget budget;
    zf_error error = ZF_ERROR_INIT;
    zf_catalogue *catalogue = NULL;
    zf_budget_init(&budget, limit);
    zf_status st = zf_catalogue_load(source, options, &budget, &catalogue, &error);
    assert_int_equal(error.status, st);
    assert_true(budget.peak_bytes <= limit);
    if (st == ZF_OK)
        assert_int_equal(zf_catalogue_count(catalogue), N_MANY / 2);
    else
        assert_null(catalogue);
    zf_catalogue_destroy(catalogue);
    assert_int_equal(budget.total_bytes, 0);
    return st;
}

static void a_spent_budget_is_told_at_every_step_and_leaves_nothing(void **state) {
    (void)state;
    zf_crs *crs = NULL;
    zf_metric *metric = NULL;
    write_many_zones();
    zf_source *source = open_source(zones_path);
    assert_int_equal(zf_crs_create_planar(&crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, false, &metric, NULL), ZF_OK);
    const zf_catalogue_options options = {.metric = metric, .order_by = "order"};
    int n_refused = 0;
    zf_status st = ZF_E_MEMORY;
    for (size_t limit = 1; st != ZF_OK && limit < (64u << 20); limit += STEP_BYTES) {
        st = load_within(source, &options, limit);
        if (st != ZF_OK)
            assert_int_equal(st, ZF_E_MEMORY);
        n_refused += st != ZF_OK;
    }
    assert_int_equal(st, ZF_OK);
    assert_true(n_refused > 10);
    zf_metric_destroy(metric);
    zf_crs_destroy(crs);
    zf_source_close(source);
    VSIUnlink(zones_path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repair_keeps_the_area_and_tells_what_it_changed),
        cmocka_unit_test(repair_tells_the_difference_of_the_areas),
        cmocka_unit_test(skip_leaves_a_zip_without_area),
        cmocka_unit_test(fail_names_the_feature_and_the_way_out),
        cmocka_unit_test(repair_that_leaves_no_area_counts_as_left_out),
        cmocka_unit_test(a_skipped_part_leaves_the_rest_of_its_zip),
        cmocka_unit_test(features_without_polygon_make_zips_without_area),
        cmocka_unit_test(a_layer_without_any_polygon_is_refused),
        cmocka_unit_test(an_empty_layer_is_refused),
        cmocka_unit_test(a_layer_of_which_nothing_is_usable_still_has_its_zips),
        cmocka_unit_test(a_coordinate_that_is_no_number_is_left_out),
        cmocka_unit_test(a_ring_of_two_points_is_left_out),
        cmocka_unit_test(coordinates_too_large_to_reckon_with_are_left_out),
        cmocka_unit_test(an_open_ring_is_closed_when_it_may_be_repaired),
        cmocka_unit_test(a_reject_that_cannot_be_noted_ends_the_load),
        cmocka_unit_test(cancelling_is_heard_at_every_question),
        cmocka_unit_test(a_spent_budget_is_told_at_every_step_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
