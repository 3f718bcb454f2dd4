/* SPDX-License-Identifier: MIT */
/* The ZIP catalogue of good layers: fields, ids, order, union, filter, transformation. */
#include "zone_files.h"

#define SQUARE_0 "POLYGON((0 0,2 0,2 2,0 2,0 0))"
#define SQUARE_5 "POLYGON((5 0,7 0,7 2,5 2,5 0))"

/* ---- which field holds the id ---- */

static void every_well_known_field_is_found_in_any_case(void **state) {
    (void)state;
    const char *const names[] = {"ZIP",       "zip",       "ZipCode", "ZIP_CODE", "zip5",
                                 "ZCTA5CE20", "zcta5ce10", "ZCTA5",   "Postcode", "postalCODE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char properties[64];
        (void)snprintf(properties, sizeof properties, "'name':'x','%s':'02139','zipper':'y'", names[i]);
        const zone_row rows[] = {{properties, SQUARE_0}};
        zone_case c = {0};
        MUST_LOAD(&c, rows);
        assert_zips(&c, "02139");
        close_zones(&c);
    }
}

static void assert_usage(zone_case *c, const zone_row *rows, const char *const *words, size_t n) {
    assert_int_equal(load_rows(c, rows, 1), ZF_E_USAGE);
    for (size_t i = 0; i < n; i++)
        assert_told(c, words[i]);
    assert_string_equal(c->error.path, zones_path);
    close_zones(c);
}

static void a_layer_without_well_known_field_lists_its_fields(void **state) {
    (void)state;
    const zone_row rows[] = {{"'name':'x','people':7", SQUARE_0}};
    const char *const words[] = {"`zip_field`", "name, people"};
    zone_case c = {0};
    assert_usage(&c, rows, words, 2);
    const zone_row bare[] = {{"", SQUARE_0}};
    const char *const none[] = {"`zip_field`", "(none)"};
    zone_case c2 = {0};
    assert_usage(&c2, bare, none, 2);
}

static void several_well_known_fields_need_a_choice(void **state) {
    (void)state;
    const zone_row rows[] = {{"'ZIP':'1','postcode':'2'", SQUARE_0}};
    const char *const words[] = {"several", "`zip_field`", "ZIP, postcode"};
    zone_case c = {0};
    assert_usage(&c, rows, words, 3);
    zone_case chosen = {.options.zip_field = "PostCode"};
    MUST_LOAD(&chosen, rows);
    assert_zips(&chosen, "2");
    close_zones(&chosen);
}

static void an_unknown_zip_field_suggests_the_nearest(void **state) {
    (void)state;
    const zone_row rows[] = {{"'state':'MA','zip':'1'", SQUARE_0}};
    const char *const near[] = {"`zip_field`", "'sate'", "did you mean 'state'", "state, zip"};
    zone_case c = {.options.zip_field = "sate"};
    assert_usage(&c, rows, near, 4);
    zone_case far = {.options.zip_field = "municipality"};
    assert_int_equal(LOAD(&far, rows), ZF_E_USAGE);
    assert_null(strstr(far.error.text, "did you mean"));
    close_zones(&far);
}

static void an_unknown_order_field_suggests_the_nearest(void **state) {
    (void)state;
    const zone_row rows[] = {{"'people':1,'zip':'1'", SQUARE_0}};
    const char *const near[] = {"`order_by`", "'peeple'", "did you mean 'people'", "people, zip"};
    zone_case c = {.options.order_by = "peeple DESC"};
    assert_usage(&c, rows, near, 4);
    const char *const orders[] = {" DESC", "", "   "};
    for (size_t i = 0; i < 3; i++) {
        zone_case bad = {.options.order_by = orders[i]};
        assert_int_equal(LOAD(&bad, rows), ZF_E_USAGE);
        assert_told(&bad, "`order_by`");
        close_zones(&bad);
    }
}

/* ---- ids ---- */

static void text_ids_keep_leading_zeros_and_lose_blanks_around_them(void **state) {
    (void)state;
    const zone_row rows[] = {
        {"'zip':' 02139 '", SQUARE_0}, {"'zip':'\t2139 \t'", SQUARE_5}, {"'zip':'0 1'", SQUARE_5}};
    zone_case c = {0};
    MUST_LOAD(&c, rows);
    assert_zips(&c, "0 1 02139 2139");
    assert_int_equal(c.n_rejects, 0);
    close_zones(&c);
}

static void numbers_are_ids_as_they_are(void **state) {
    (void)state;
    const zone_row integers[] = {
        {"'zip':2139", SQUARE_0}, {"'zip':-7", SQUARE_0}, {"'zip':9007199254740993", SQUARE_5}};
    zone_case c = {0};
    MUST_LOAD(&c, integers);
    assert_zips(&c, "-7 2139 9007199254740993");
    close_zones(&c);
    const zone_row reals[] = {
        {"'zip':2139.0", SQUARE_0}, {"'zip':2140.5", SQUARE_5}, {"'zip':0.1", SQUARE_5}};
    zone_case r = {0};
    MUST_LOAD(&r, reals);
    assert_zips(&r, "0.1 2139 2140.5");
    assert_int_equal(r.n_rejects, 0);
    close_zones(&r);
}

static void numbers_that_are_none_are_no_ids(void **state) {
    (void)state;
    const test_field field = {"zip", OFTReal, OFSTNone};
    const double ids[] = {7, INFINITY, -INFINITY, NAN};
    const char *path = file_in("reals.gpkg");
    GDALDatasetH dataset = create_dataset("GPKG", path);
    OGRLayerH layer = add_layer(dataset, "zones", 0, wkbPolygon);
    add_fields(layer, &field, 1);
    for (size_t i = 0; i < 4; i++) {
        OGRFeatureH feature = new_feature(layer, SQUARE_0);
        OGR_F_SetFieldDouble(feature, 0, ids[i]);
        write_feature(layer, feature);
    }
    GDALClose(dataset);
    zone_case c = {0};
    must_load(&c, load_file(&c, path));
    assert_zips(&c, "7");
    assert_int_equal(c.n_rejects, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(c.rejects[i].reason, "no ZIP id");
        assert_int_equal(c.rejects[i].fid, i + 2);
    }
    close_zones(&c);
}

static void features_without_id_are_told_and_left_out(void **state) {
    (void)state;
    const zone_row rows[] = {
        {"'zip':null", SQUARE_0}, {"'zip':'1'", SQUARE_0}, {"'zip':''", SQUARE_5}, {"'zip':' \t'", SQUARE_5}};
    zone_case c = {0};
    MUST_LOAD(&c, rows);
    assert_zips(&c, "1");
    assert_int_equal(zf_catalogue_features_read(c.catalogue), 4);
    assert_int_equal(zf_catalogue_features_skipped(c.catalogue), 3);
    assert_int_equal(c.n_rejects, 3);
    const int64_t fids[] = {0, 2, 3};
    for (size_t i = 0; i < 3; i++) {
        const told_reject *told = &c.rejects[i];
        assert_string_equal(told->reason, "no ZIP id");
        assert_string_equal(told->detail, "(null)");
        assert_int_equal(told->fid, fids[i]);
        assert_int_equal(told->ordinal, fids[i]);
        assert_false(told->is_repaired);
        assert_true(isnan(told->area_delta_m2) && isnan(told->x) && isnan(told->y));
    }
    close_zones(&c);
}

static void a_layer_whose_features_all_lack_an_id_names_the_option(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':null,'name':'x'", SQUARE_0}, {"'zip':'','name':'y'", SQUARE_5}};
    zone_case c = {0};
    assert_int_equal(LOAD(&c, rows), ZF_E_INPUT);
    assert_told(&c, "`zip_field`");
    assert_string_equal(c.error.path, zones_path);
    close_zones(&c);
}

/* ---- order ---- */

static void assert_order(const zone_row *rows, size_t n, const char *order_by, const char *expected) {
    zone_case c = {.options.order_by = order_by};
    must_load(&c, load_rows(&c, rows, n));
    assert_zips(&c, expected);
    close_zones(&c);
}

static void the_default_order_is_that_of_the_ids_bytes(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'b'", SQUARE_0}, {"'zip':'10'", SQUARE_0},
                             {"'zip':'9'", SQUARE_0}, {"'zip':'\xC3\xA9'", SQUARE_0},
                             {"'zip':'B'", SQUARE_0}, {"'zip':'02'", SQUARE_0}};
    assert_order(rows, 6, NULL, "02 10 9 B b \xC3\xA9");
}

static void numbers_order_as_numbers_null_first_and_ties_by_id(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'a','n':10", SQUARE_0},
                             {"'zip':'b','n':9", SQUARE_0},
                             {"'zip':'e','n':9", SQUARE_0},
                             {"'zip':'c','n':null", SQUARE_0},
                             {"'zip':'d','n':-3", SQUARE_0}};
    assert_order(rows, 5, "n", "c d b e a");
    assert_order(rows, 5, "N asc", "c d b e a");
    assert_order(rows, 5, "n DESC", "a b e d c");
    assert_order(rows, 5, "n  desc", "a b e d c");
    const zone_row reals[] = {{"'zip':'a','n':10.5", SQUARE_0},
                              {"'zip':'b','n':-0.25", SQUARE_0},
                              {"'zip':'c','n':10.25", SQUARE_0}};
    assert_order(reals, 3, "n", "b c a");
}

static void whole_numbers_beyond_doubles_are_told_apart(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'a','n':9007199254740993", SQUARE_0},
                             {"'zip':'b','n':9007199254740992", SQUARE_0}};
    assert_order(rows, 2, "n", "b a");
}

static void texts_order_bytewise_null_first_shorter_before_longer(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1','t':'b'", SQUARE_0},  {"'zip':'2','t':'ab'", SQUARE_0},
                             {"'zip':'3','t':'a'", SQUARE_0},  {"'zip':'4','t':null", SQUARE_0},
                             {"'zip':'5','t':''", SQUARE_0},   {"'zip':'6','t':'B'", SQUARE_0},
                             {"'zip':'7','t':'10'", SQUARE_0}, {"'zip':'8','t':'9'", SQUARE_0}};
    assert_order(rows, 8, "t", "4 5 7 8 6 3 2 1");
    assert_order(rows, 8, "t DESC", "1 2 3 6 8 7 5 4");
}

static void a_field_to_order_by_may_stand_in_quotes(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'a','last edit':2", SQUARE_0}, {"'zip':'b','last edit':1", SQUARE_0}};
    assert_order(rows, 2, "last edit", "b a");
    assert_order(rows, 2, "\"last edit\"", "b a");
    assert_order(rows, 2, "\"last edit\" DESC", "a b");
}

static void the_first_feature_of_an_id_says_where_it_stands(void **state) {
    (void)state;
    const zone_row rows[] = {
        {"'zip':'a','n':2", SQUARE_0}, {"'zip':'b','n':1", SQUARE_0}, {"'zip':'a','n':0", SQUARE_5}};
    assert_order(rows, 3, "n", "b a");
}

/* ---- union ---- */

static void features_of_one_id_are_united(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'touch'", "POLYGON((0 0,2 0,2 2,0 2,0 0))"},
                             {"'zip':'apart'", "POLYGON((0 10,2 10,2 12,0 12,0 10))"},
                             {"'zip':'overlap'", "POLYGON((0 20,2 20,2 22,0 22,0 20))"},
                             {"'zip':'touch'", "POLYGON((2 0,5 0,5 2,2 2,2 0))"},
                             {"'zip':'apart'", "POLYGON((5 10,6 10,6 11,5 11,5 10))"},
                             {"'zip':'overlap'", "POLYGON((1 21,3 21,3 23,1 23,1 21))"},
                             {"'zip':'corner'", "POLYGON((0 30,1 30,1 31,0 31,0 30))"},
                             {"'zip':'corner'", "POLYGON((1 31,2 31,2 32,1 32,1 31))"},
                             {"'zip':'same'", "POLYGON((0 40,1 40,1 41,0 41,0 40))"},
                             {"'zip':'same'", "POLYGON((0 41,1 41,1 40,0 40,0 41))"}};
    zone_case c = {0};
    MUST_LOAD(&c, rows);
    assert_int_equal(zf_catalogue_count(c.catalogue), 5);
    assert_zone(&c, 0, "apart", 2, 5);
    assert_zone(&c, 1, "corner", 2, 2);
    assert_zone(&c, 2, "overlap", 1, 7);
    assert_zone(&c, 3, "same", 1, 1);
    assert_zone(&c, 4, "touch", 1, 10);
    assert_int_equal(zf_catalogue_features_read(c.catalogue), 10);
    assert_int_equal(c.n_rejects, 0);
    const zf_envelope extent = zf_catalogue_extent(c.catalogue);
    assert_true(extent.min_x == 0 && extent.min_y == 0 && extent.max_x == 6 && extent.max_y == 41);
    close_zones(&c);
}

static void parts_and_holes_of_one_feature_stay(void **state) {
    (void)state;
    const zone_row rows[] = {
        {"'zip':'1'",
         "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0),(1 1,1 3,3 3,3 1,1 1)),((10 0,11 0,11 1,10 1,10 0)))"}};
    zone_case c = {0};
    MUST_LOAD(&c, rows);
    assert_zone(&c, 0, "1", 2, 13);
    close_zones(&c);
}

static void combine_unites_all_features_whatever_their_ids(void **state) {
    (void)state;
    const zone_row rows[] = {{"'name':'x'", SQUARE_0}, {"'name':null", SQUARE_0}, {"'name':'y'", SQUARE_5}};
    zone_case c = {.options.combine = true};
    MUST_LOAD(&c, rows);
    assert_int_equal(zf_catalogue_count(c.catalogue), 1);
    assert_zone(&c, 0, "all", 2, 8);
    assert_int_equal(c.n_rejects, 0);
    close_zones(&c);
}

/* ---- filter ---- */

static void where_takes_some_features(void **state) {
    (void)state;
    const zone_row rows[] = {
        {"'zip':'1','n':5", SQUARE_0}, {"'zip':'2','n':6", SQUARE_5}, {"'zip':'1','n':7", SQUARE_5}};
    zone_case c = {.options.where = "n <> 7"};
    MUST_LOAD(&c, rows);
    assert_zips(&c, "1 2");
    assert_zone(&c, 0, "1", 1, 4);
    assert_int_equal(zf_catalogue_features_read(c.catalogue), 2);
    close_zones(&c);
}

static void a_where_that_nothing_passes_says_so(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1','n':5", SQUARE_0}};
    zone_case c = {.options.where = "n > 5"};
    assert_int_equal(LOAD(&c, rows), ZF_E_INPUT);
    assert_told(&c, "`zip_where`");
    assert_string_equal(c.error.path, zones_path);
    close_zones(&c);
}

static void a_bad_where_is_a_usage_error(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1','n':5", SQUARE_0}};
    zone_case c = {.options.where = "m >"};
    assert_int_equal(LOAD(&c, rows), ZF_E_USAGE);
    assert_told(&c, "`zip_where`");
    close_zones(&c);
}

/* ---- transformation ---- */

/* Corners by the formulas of EPSG's guidance note 7-2 for Lambert Conic Conformal (2SP), worked out apart. */
static void zones_are_brought_into_the_buildings_crs(void **state) {
    (void)state;
    static const double corners[] = {758870.267023, 2956441.939459, 766978.385836, 2956479.487870,
                                     766925.834522, 2967412.129766, 758821.560901, 2967374.599163};
    const zone_row rows[] = {
        {"'zip':'1'", "POLYGON((-71.12 42.36,-71.09 42.36,-71.09 42.39,-71.12 42.39,-71.12 42.36))"}};
    zone_case c = {0};
    zf_crs *from = NULL, *to = NULL;
    zf_transform *transform = NULL;
    assert_int_equal(zf_crs_create("EPSG:4326", &from, NULL), ZF_OK);
    assert_int_equal(zf_crs_create("EPSG:2249", &to, NULL), ZF_OK);
    assert_int_equal(zf_transform_create(from, to, &transform, NULL), ZF_OK);
    c.options.transform = transform;
    MUST_LOAD(&c, rows);
    zf_arena arena;
    zf_ring ring;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
    zf_wkb wkb = open_polygon(&c, 0, &arena);
    zf_ring_cursor cursor = zf_wkb_rings(&wkb);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_int_equal(ring.n, 5);
    for (uint32_t i = 0; i < 5; i++) {
        double x, y;
        zf_ring_point(&ring, i, &x, &y);
        assert_near(x, corners[2 * (i % 4)], 0.01);
        assert_near(y, corners[2 * (i % 4) + 1], 0.01);
    }
    zf_arena_release(&arena);
    assert_near(zf_catalogue_zone(c.catalogue, 0)->envelope.min_x, 758821.560901, 0.01);
    assert_near(zf_catalogue_zone(c.catalogue, 0)->envelope.max_y, 2967412.129766, 0.01);
    close_zones(&c);
    zf_transform_destroy(transform);
    zf_crs_destroy(to);
    zf_crs_destroy(from);
}

static void a_zone_that_cannot_be_transformed_names_the_feature(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1'", SQUARE_0}, {"'zip':'2'", "POLYGON((0 0,2 0,2 95,0 95,0 0))"}};
    zone_case c = {0};
    zf_crs *from = NULL, *to = NULL;
    zf_transform *transform = NULL;
    assert_int_equal(zf_crs_create("EPSG:4326", &from, NULL), ZF_OK);
    assert_int_equal(zf_crs_create("EPSG:3857", &to, NULL), ZF_OK);
    assert_int_equal(zf_transform_create(from, to, &transform, NULL), ZF_OK);
    c.options.transform = transform;
    assert_int_equal(LOAD(&c, rows), ZF_E_INPUT);
    assert_int_equal(c.error.fid, 1);
    assert_string_equal(c.error.path, zones_path);
    close_zones(&c);
    zf_transform_destroy(transform);
    zf_crs_destroy(to);
    zf_crs_destroy(from);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_well_known_field_is_found_in_any_case),
        cmocka_unit_test(a_layer_without_well_known_field_lists_its_fields),
        cmocka_unit_test(several_well_known_fields_need_a_choice),
        cmocka_unit_test(an_unknown_zip_field_suggests_the_nearest),
        cmocka_unit_test(an_unknown_order_field_suggests_the_nearest),
        cmocka_unit_test(text_ids_keep_leading_zeros_and_lose_blanks_around_them),
        cmocka_unit_test(numbers_are_ids_as_they_are),
        cmocka_unit_test(numbers_that_are_none_are_no_ids),
        cmocka_unit_test(features_without_id_are_told_and_left_out),
        cmocka_unit_test(a_layer_whose_features_all_lack_an_id_names_the_option),
        cmocka_unit_test(the_default_order_is_that_of_the_ids_bytes),
        cmocka_unit_test(numbers_order_as_numbers_null_first_and_ties_by_id),
        cmocka_unit_test(whole_numbers_beyond_doubles_are_told_apart),
        cmocka_unit_test(texts_order_bytewise_null_first_shorter_before_longer),
        cmocka_unit_test(a_field_to_order_by_may_stand_in_quotes),
        cmocka_unit_test(the_first_feature_of_an_id_says_where_it_stands),
        cmocka_unit_test(features_of_one_id_are_united),
        cmocka_unit_test(parts_and_holes_of_one_feature_stay),
        cmocka_unit_test(combine_unites_all_features_whatever_their_ids),
        cmocka_unit_test(where_takes_some_features),
        cmocka_unit_test(a_where_that_nothing_passes_says_so),
        cmocka_unit_test(a_bad_where_is_a_usage_error),
        cmocka_unit_test(zones_are_brought_into_the_buildings_crs),
        cmocka_unit_test(a_zone_that_cannot_be_transformed_names_the_feature),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
