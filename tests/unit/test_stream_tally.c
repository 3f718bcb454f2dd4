/* SPDX-License-Identifier: MIT */
/* Counts of several threads, put together. */
#include "stream/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { N_ZIPS = 3, N_CONDITIONS = 2 };

static void open_tally(zf_tally *tally, bool has_overhangs, bool has_others) {
    assert_int_equal(zf_tally_init(tally, N_ZIPS, N_CONDITIONS, has_overhangs, has_others, NULL), ZF_OK);
}

static void a_building_is_counted_once_whatever_it_belongs_to(void **state) {
    (void)state;
    zf_tally tally;
    open_tally(&tally, false, false);
    zf_tally_count_building(&tally, 1, 0);
    zf_tally_count_building(&tally, 2, 1);
    zf_tally_count_building(&tally, 0, 3);
    zf_tally_count_building(&tally, 0, 0);
    assert_int_equal(tally.counts.buildings_assigned, 2);
    assert_int_equal(tally.counts.buildings_in_many, 1);
    assert_int_equal(tally.counts.buildings_crossing, 1);
    assert_int_equal(tally.counts.buildings_outside, 1);
    zf_tally_deinit(&tally);
}

static void merging_adds_counts_and_keeps_the_largest_extents(void **state) {
    (void)state;
    zf_tally all, part;
    open_tally(&all, true, true);
    open_tally(&part, true, true);
    for (uint64_t i = 1; i <= 2; i++) {
        part.counts.important = i;
        part.zips[1] = (zf_zip_count){.buildings = i,
                                      .crossing = 10 * i,
                                      .n_rings = i,
                                      .n_points = 5 * i,
                                      .n_deferred = i == 1 ? 4 : -4};
        part.n_passed[1] = 7 * i;
        part.deferred_x = i == 1 ? 3 : 2;
        part.deferred_y = (double)i;
        part.overhangs[2] = (zf_overhang){.has_own = i == 1, .x = i == 1 ? 5 : 1, .y = (double)i};
        part.others[0] = (zf_halo_count){.n = i, .n_rings = i, .n_points = 4 * i};
        part.n_invalid_others = i;
        zf_tally_merge(&all, &part);
    }
    assert_int_equal(all.counts.important, 3);
    assert_int_equal(all.zips[0].buildings, 0);
    assert_int_equal(all.zips[1].buildings, 3);
    assert_int_equal(all.zips[1].crossing, 30);
    assert_int_equal(all.zips[1].n_points, 15);
    assert_int_equal(all.zips[1].n_deferred, 0);
    assert_int_equal(all.n_passed[0], 0);
    assert_int_equal(all.n_passed[1], 21);
    assert_true(all.deferred_x == 3 && all.deferred_y == 2);
    assert_true(all.overhangs[2].has_own && all.overhangs[2].x == 5 && all.overhangs[2].y == 2);
    assert_int_equal(all.others[0].n_points, 12);
    assert_int_equal(all.n_invalid_others, 3);
    zf_tally_deinit(&part);
    zf_tally_deinit(&all);
}

static void a_merged_tally_is_empty_and_can_be_merged_again(void **state) {
    (void)state;
    zf_tally all, part;
    open_tally(&all, true, false);
    open_tally(&part, true, false);
    part.counts.buildings_read = 5;
    part.zips[2].buildings = 5;
    part.n_passed[0] = 5;
    part.overhangs[0].has_own = true;
    zf_tally_count_antimeridian(&part, 1, 1);
    zf_tally_merge(&all, &part);
    zf_tally_merge(&all, &part);
    assert_int_equal(all.counts.buildings_read, 5);
    assert_int_equal(all.zips[2].buildings, 5);
    assert_int_equal(all.n_passed[0], 5);
    assert_int_equal(all.antimeridian.n, 1);
    assert_int_equal(part.n_zips, N_ZIPS);
    assert_int_equal(part.zips[2].buildings, 0);
    assert_false(part.overhangs[0].has_own);
    zf_tally_deinit(&part);
    zf_tally_deinit(&all);
}

static void the_first_building_over_the_antimeridian_is_that_of_the_source(void **state) {
    (void)state;
    zf_tally all, part;
    open_tally(&all, false, false);
    open_tally(&part, false, false);
    zf_tally_count_antimeridian(&part, 70, 700);
    zf_tally_count_antimeridian(&part, 30, 300);
    zf_tally_count_antimeridian(&part, 50, 500);
    zf_tally_merge(&all, &part);
    zf_tally_count_antimeridian(&part, 40, 400);
    zf_tally_merge(&all, &part);
    assert_int_equal(all.antimeridian.n, 4);
    assert_int_equal(all.antimeridian.first_fid, 30);
    assert_int_equal(all.antimeridian.first_ordinal, 300);
    zf_tally_deinit(&part);
    zf_tally_deinit(&all);
}

/* A share that a double alone would lose beside a large one. */
static void areas_are_merged_exactly(void **state) {
    (void)state;
    zf_tally all, parts[3];
    const double share = 1, areas_m2[] = {1e16, 1, -1e16};
    const zf_assignment assignment = {.n_assigned = 1, .shares = &share};
    zf_run_areas found;
    open_tally(&all, false, false);
    for (size_t i = 0; i < 3; i++) {
        open_tally(&parts[i], false, false);
        zf_areas_add(&parts[i].areas, areas_m2[i], &assignment);
        zf_tally_merge(&all, &parts[i]);
        zf_tally_deinit(&parts[i]);
    }
    assert_int_equal(zf_areas_settle(&all.areas, &found, NULL), ZF_OK);
    assert_true(found.assigned_m2 == 1 && found.in_zips_m2 == 1);
    zf_tally_deinit(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_building_is_counted_once_whatever_it_belongs_to),
        cmocka_unit_test(merging_adds_counts_and_keeps_the_largest_extents),
        cmocka_unit_test(a_merged_tally_is_empty_and_can_be_merged_again),
        cmocka_unit_test(the_first_building_over_the_antimeridian_is_that_of_the_source),
        cmocka_unit_test(areas_are_merged_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
