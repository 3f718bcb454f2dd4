/* SPDX-License-Identifier: MIT */
/** ZIPs that do not fit in memory together: groups, passes, polygons in a temporary file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/zone_files.h"
#include "zone/zone_internal.h"

static const zone_row four[] = {{"'zip':'a'", "POLYGON((0 0,1 0,1 1,0 1,0 0))"},
                                {"'zip':'b'", "POLYGON((1 0,2 0,2 1,1 1,1 0))"},
                                {"'zip':'c'", "POLYGON((9 9,10 9,10 10,9 10,9 9))"},
                                {"'zip':'d'", NULL}};

static zf_candidates find(zf_assigner *a, double x, double y) {
    zf_envelope box = {x, y, x, y};
    return zf_assigner_find(a, &box);
}

static void polygons_beyond_the_share_come_back_from_the_file(void **state) {
    (void)state;
    zone_case c = {.is_stored = true};
    MUST_LOAD(&c, four);
    assert_zips(&c, "a b c d");
    for (size_t i = 0; i < 3; i++) {
        assert_null(zf_catalogue_zone(c.catalogue, i)->wkb.bytes);
        assert_near(area_of(&c, i), 1, 1e-12);
    }
    assert_no_area(&c, 3, "d");
    close_zones(&c);
}

static void features_of_one_zip_unite_out_of_the_file(void **state) {
    (void)state;
    static const zone_row rows[] = {{"'zip':'a'", "POLYGON((0 0,1 0,1 1,0 1,0 0))"},
                                    {"'zip':'a'", NULL},
                                    {"'zip':'a'", "POLYGON((1 0,2 0,2 1,1 1,1 0))"}};
    zone_case c = {.is_stored = true};
    MUST_LOAD(&c, rows);
    assert_zone(&c, 0, "a", 1, 2);
    close_zones(&c);
}

static void a_file_that_cannot_be_made_is_an_output_error(void **state) {
    (void)state;
    zone_case c = {.is_stored = true};
    c.options.temp_dir = "/nowhere/at/all";
    assert_int_equal(LOAD(&c, four), ZF_E_OUTPUT);
    assert_told(&c, "/nowhere/at/all");
    assert_told(&c, "--temp-dir");
    close_zones(&c);
}

static void all_zips_are_in_one_pass_when_they_fit(void **state) {
    (void)state;
    zone_case c = {0};
    MUST_LOAD(&c, four);
    assert_true(zf_catalogue_is_one_pass(c.catalogue));
    assert_int_equal(zf_catalogue_forecast_passes(c.catalogue, SIZE_MAX, NULL), 1);
    assert_false(zf_catalogue_next_pass(c.catalogue, 0));
    close_zones(&c);
}

static void each_pass_tells_what_is_now_and_what_is_later(void **state) {
    (void)state;
    zone_case c = {0};
    zf_geos *geos = NULL;
    zf_assigner *a = NULL;
    MUST_LOAD(&c, four);
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    zf_catalogue_first_pass(c.catalogue, 1, 0, 1, NULL);
    assert_int_equal(zf_catalogue_forecast_passes(c.catalogue, 1, NULL), 3);
    assert_false(zf_catalogue_is_one_pass(c.catalogue));
    assert_int_equal(zf_assigner_create(c.catalogue, ZF_ASSIGN_WITHIN, geos, &c.budget, &a, NULL), ZF_OK);
    zf_candidates on_border = find(a, 1, 0.5);
    assert_int_equal(on_border.n_now + on_border.n_later, 2);
    assert_int_equal(on_border.n_now, 1);
    assert_int_equal(on_border.n_earlier, 0);
    assert_true(zf_catalogue_next_pass(c.catalogue, 0)); /* the other one; no building came near c */
    zf_assigner_next_pass(a);
    on_border = find(a, 1, 0.5);
    assert_int_equal(on_border.n_now, 1);
    assert_int_equal(on_border.n_earlier, 1);
    assert_int_equal(on_border.n_later, 0);
    assert_int_equal(find(a, 9.5, 9.5).n_now, 0);
    assert_int_equal(find(a, 9.5, 9.5).n_later, 1); /* now one did */
    assert_true(zf_catalogue_next_pass(c.catalogue, 0));
    zf_assigner_next_pass(a);
    assert_int_equal(find(a, 9.5, 9.5).n_now, 1);
    zf_envelope extent = zf_catalogue_pass_extent(c.catalogue);
    assert_near(extent.min_x, 9, 0);
    assert_near(extent.max_y, 10, 0);
    assert_false(zf_catalogue_next_pass(c.catalogue, 0));
    zf_assigner_destroy(a);
    zf_geos_destroy(geos);
    close_zones(&c);
}

static void zips_where_buildings_are_expected_come_first(void **state) {
    (void)state;
    static const zf_envelope far = {9.2, 9.2, 9.8, 9.8};
    zone_case c = {0};
    MUST_LOAD(&c, four);
    assert_int_equal(zf_catalogue_forecast_passes(c.catalogue, 1, &far), 1);
    zf_catalogue_first_pass(c.catalogue, 1, 0, 1, &far);
    zf_envelope extent = zf_catalogue_pass_extent(c.catalogue);
    assert_near(extent.min_x, 9, 0);
    assert_false(zf_catalogue_is_one_pass(c.catalogue)); /* the layer may be wrong about its extent */
    close_zones(&c);
}

static void only_a_share_of_prepared_polygons_is_kept(void **state) {
    (void)state;
    zone_case c = {0};
    zf_geos *geos = NULL;
    zf_exact *exact = NULL;
    const zf_exact_zone *zone = NULL;
    MUST_LOAD(&c, four);
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    size_t before = c.budget.total_bytes, one = zf_zone_exact_bytes(5);
    assert_int_equal(zf_exact_create(c.catalogue, 2 * one, true, &exact, NULL), ZF_OK);
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(zf_exact_get(exact, geos, i, &zone, NULL), ZF_OK);
            zf_envelope box = zf_geom_envelope(geos, zone->geom);
            assert_memory_equal(&box, &zf_catalogue_zone(c.catalogue, i)->envelope, sizeof box);
            zf_exact_let_go(exact);
            assert_true(c.budget.total_bytes - before <= 2 * one);
        }
    zf_exact_clear(exact);
    assert_int_equal(c.budget.total_bytes, before);
    zf_exact_destroy(exact);
    zf_geos_destroy(geos);
    close_zones(&c);
}

static void a_prepared_polygon_that_the_budget_refuses_is_a_memory_error(void **state) {
    (void)state;
    zone_case c = {0};
    zf_geos *geos = NULL;
    zf_exact *exact = NULL;
    const zf_exact_zone *zone = NULL;
    MUST_LOAD(&c, four);
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    assert_int_equal(zf_exact_create(c.catalogue, SIZE_MAX, false, &exact, NULL), ZF_OK);
    c.budget.limit_bytes = c.budget.total_bytes + 100;
    assert_int_equal(zf_exact_get(exact, geos, 0, &zone, &c.error), ZF_E_MEMORY);
    assert_told(&c, "--memory");
    c.budget.limit_bytes = 0;
    assert_int_equal(zf_exact_get(exact, geos, 0, &zone, NULL), ZF_OK);
    zf_exact_destroy(exact);
    zf_geos_destroy(geos);
    close_zones(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons_beyond_the_share_come_back_from_the_file),
        cmocka_unit_test(features_of_one_zip_unite_out_of_the_file),
        cmocka_unit_test(a_file_that_cannot_be_made_is_an_output_error),
        cmocka_unit_test(all_zips_are_in_one_pass_when_they_fit),
        cmocka_unit_test(each_pass_tells_what_is_now_and_what_is_later),
        cmocka_unit_test(zips_where_buildings_are_expected_come_first),
        cmocka_unit_test(only_a_share_of_prepared_polygons_is_kept),
        cmocka_unit_test(a_prepared_polygon_that_the_budget_refuses_is_a_memory_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
