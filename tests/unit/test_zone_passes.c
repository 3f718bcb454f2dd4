/* SPDX-License-Identifier: MIT */
/** ZIPs that do not fit in memory together: groups, passes, polygons in a temporary file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

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
    assert_told(&c, "`temp_dir`");
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
    zf_catalogue_first_pass(c.catalogue, 1, 0, NULL);
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
    zf_catalogue_first_pass(c.catalogue, 1, 0, &far);
    zf_envelope extent = zf_catalogue_pass_extent(c.catalogue);
    assert_near(extent.min_x, 9, 0);
    assert_false(zf_catalogue_is_one_pass(c.catalogue)); /* the layer may be wrong about its extent */
    close_zones(&c);
}

enum { N_SQUARES = 24, N_ASKERS = 4 };

/* Squares beside each other, of which two fit into *out_share. */
static void load_squares(zone_case *c, size_t *out_share) {
    static char properties[N_SQUARES][24], wkt[N_SQUARES][96];
    zone_row rows[N_SQUARES];
    for (int i = 0; i < N_SQUARES; i++) {
        (void)snprintf(properties[i], sizeof properties[i], "'zip':'%02d'", i);
        (void)snprintf(wkt[i], sizeof wkt[i], "POLYGON((%d 0,%d 0,%d 1,%d 1,%d 0))", i, i + 1, i + 1, i, i);
        rows[i] = (zone_row){properties[i], wkt[i]};
    }
    must_load(c, load_rows(c, rows, N_SQUARES));
    *out_share = 2 * zf_zone_grid_bytes(5);
}

/* What one building in the middle of a square is assigned to in this pass. */
static size_t assign_in_square(zf_assigner *a, int square) {
    uint8_t bytes[128];
    double x = square + 0.4, xy[8] = {x, 0.4, x + 0.2, 0.4, x + 0.2, 0.6, x, 0.4};
    uint32_t head[3] = {3, 1, 4}; /* a polygon, one ring, four points */
    zf_wkb wkb;
    zf_assignment found;
    bytes[0] = 1;
    memcpy(bytes + 1, head, sizeof head);
    memcpy(bytes + 13, xy, sizeof xy);
    assert_int_equal(zf_wkb_open(bytes, 13 + sizeof xy, &wkb), ZF_WKB_POLYGONAL);
    zf_footprint subject = {.wkb = &wkb};
    assert_int_equal(zf_assigner_assign(a, &subject, &found, NULL), ZF_OK);
    if (found.n_assigned > 0)
        assert_int_equal(found.assigned[0], square);
    return found.n_assigned;
}

static void zips_that_come_one_after_the_other_need_two_passes(void **state) {
    (void)state;
    zone_case c = {0};
    zf_geos *geos = NULL;
    zf_assigner *a = NULL;
    size_t share = 0, n = 0;
    load_squares(&c, &share);
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    zf_catalogue_first_pass(c.catalogue, share, 0, NULL);
    assert_int_equal(zf_catalogue_forecast_passes(c.catalogue, share, NULL), N_SQUARES / 2);
    assert_int_equal(zf_assigner_create(c.catalogue, ZF_ASSIGN_WITHIN, geos, &c.budget, &a, NULL), ZF_OK);
    size_t held = c.budget.total_bytes;
    for (int i = 0; i < N_SQUARES; i++)
        n += assign_in_square(a, i);
    assert_int_equal(n, 2);
    assert_true(zf_catalogue_next_pass(c.catalogue, 1));
    zf_assigner_next_pass(a);
    for (int i = 0; i < N_SQUARES; i++) {
        n += assign_in_square(a, i);
        assert_true(c.budget.total_bytes <= held + share);
    }
    assert_int_equal(n, N_SQUARES);
    for (int i = 2; i < N_SQUARES; i++) /* and again: what went is made once more */
        assert_int_equal(assign_in_square(a, i),
                         zf_groups_pass(c.catalogue->groups, (uint32_t)i) == ZF_PASS_CURRENT);
    assert_true(c.budget.total_bytes <= held + share);
    assert_false(zf_catalogue_next_pass(c.catalogue, 1));
    zf_assigner_destroy(a);
    zf_geos_destroy(geos);
    close_zones(&c);
}

static void zips_that_come_again_and_again_are_taken_in_groups(void **state) {
    (void)state;
    zone_case c = {0};
    zf_geos *geos = NULL;
    zf_assigner *a = NULL;
    size_t share = 0, n_passes = 1;
    load_squares(&c, &share);
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    zf_catalogue_first_pass(c.catalogue, share, 0, NULL);
    assert_int_equal(zf_assigner_create(c.catalogue, ZF_ASSIGN_WITHIN, geos, &c.budget, &a, NULL), ZF_OK);
    for (int round = 0; round < 100; round++)
        for (int i = 0; i < N_SQUARES; i++)
            (void)find(a, i + 0.5, 0.5);
    for (; zf_catalogue_next_pass(c.catalogue, 100); n_passes++)
        zf_assigner_next_pass(a);
    assert_int_equal(n_passes, N_SQUARES / 2);
    zf_assigner_destroy(a);
    zf_geos_destroy(geos);
    close_zones(&c);
}

typedef struct asker {
    zone_case *c;
    uint32_t seed;
    size_t n_wrong;
} asker;

/* Grids of zones all over, each compared with its zone while it is held. */
static void *ask_for_grids(void *user) {
    asker *me = user;
    zf_grids *grids = me->c->catalogue->grids;
    for (int i = 0; i < 2000; i++) {
        const zf_grid *grid = NULL;
        me->seed = me->seed * 1664525 + 1013904223;
        uint32_t number = (me->seed >> 16) % N_SQUARES;
        zf_envelope inside = {number + 0.5, 0.5, number + 0.5, 0.5},
                    beside = {number + 1.5, 0.5, number + 1.5, 0.5};
        if (zf_grids_get(grids, number, &grid, NULL) != ZF_OK) {
            me->n_wrong++;
            continue;
        }
        me->n_wrong += zf_grid_locate_box(grid, &inside) != ZF_SIDE_INSIDE ||
                       zf_grid_locate_box(grid, &beside) != ZF_SIDE_OUTSIDE;
        zf_grids_release(grids, number);
    }
    return NULL;
}

static void a_grid_stays_while_somebody_looks_at_it(void **state) {
    (void)state;
    zone_case c = {0};
    size_t share = 0;
    pthread_t threads[N_ASKERS];
    asker askers[N_ASKERS];
    load_squares(&c, &share);
    size_t held = c.budget.total_bytes;
    zf_grids_set_share(c.catalogue->grids, share);
    for (uint32_t i = 0; i < N_ASKERS; i++) {
        askers[i] = (asker){&c, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_for_grids, &askers[i]), 0);
    }
    for (int i = 0; i < N_ASKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(askers[i].n_wrong, 0);
    }
    assert_true(c.budget.total_bytes <= held + share); /* most have gone, and were made again */
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
        cmocka_unit_test(zips_that_come_one_after_the_other_need_two_passes),
        cmocka_unit_test(zips_that_come_again_and_again_are_taken_in_groups),
        cmocka_unit_test(a_grid_stays_while_somebody_looks_at_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
