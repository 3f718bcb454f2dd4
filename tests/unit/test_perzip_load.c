/* SPDX-License-Identifier: MIT */
/* What is loaded of one ZIP, and of the buildings near it. */
#include "unit/perzip_case.h"

static void rows_become_columns_in_fid_order(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    open_case(&c, 500, true, true, true);
    load_zip(&c, &work);
    assert_int_equal(work.own.n, 500);
    assert_int_equal(work.others.n, 0);
    for (size_t i = 0; i < 500; i++) {
        double height = work.statistics.numbers[HEIGHT][i];
        assert_int_equal(work.fids[i], i);
        assert_true(i % 7 ? height == height_of(i) : isnan(height));
        assert_true(work.own.xyz_m[3 * i] == fmod((double)i * 754.877, 1000));
        assert_true(work.own.xyz_m[3 * i + 1] == fmod((double)i * 569.84, 1000));
    }
    zf_zip_release(&work);
    close_case(&c);
}

static void only_what_the_plan_needs_is_loaded(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    open_case(&c, 500, false, false, false);
    load_zip(&c, &work);
    assert_null(work.fids);
    assert_null(work.own.xyz_m);
    assert_null(work.statistics.numbers[HEIGHT]);
    assert_null(work.statistics.fields);
    assert_int_equal(work.footprints.n, 0);
    assert_true(c.budget.peak_bytes < 32 * 1024);
    zf_zip_release(&work);
    close_case(&c);
}

/* The ZIP's own buildings are among those near it, and are left out. */
static void others_follow_the_zips_own(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    zf_arena names;
    open_case(&c, 17, true, false, true);
    set_analysis(&c, "nearest:metric=edge,halo_m=10", &names);
    set_others(&c, 40);
    load_zip(&c, &work);
    assert_int_equal(work.others.n, 23);
    assert_int_equal(work.footprints.n, 40);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(work.fids[i], i);
    for (size_t i = 0; i < 23; i++)
        assert_true(work.others.xyz_m[3 * i] == fmod((double)(17 + i) * 754.877, 1000));
    zf_zip_release(&work);
    close_case(&c);
    zf_arena_release(&names);
}

/* Where several files make one layer, the position in the source tells buildings of one fid apart. */
static void others_of_the_same_fid_are_told_apart_by_position(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    zf_arena names;
    open_case(&c, 3, true, false, true);
    set_analysis(&c, "nearest:halo_m=10", &names);
    zf_gather_destroy(c.rows);
    c.rows = c.perzip.input.rows = gather_squares(1, 3, N_NUMBERS, 2); /* fids 0 0 1 */
    c.perzip.input.has_unique_fids = false;
    set_others(&c, 0);
    zf_gather_destroy(c.others);
    c.others = c.perzip.input.others = gather_squares(1, 6, 2, 2); /* fids 0 0 1 1 2 2 */
    c.other_count.n = 6;
    load_zip(&c, &work);
    const int64_t expected[] = {0, 0, 1, 1, 2, 2};
    assert_int_equal(work.others.n, 3);
    assert_memory_equal(work.fids, expected, sizeof expected);
    zf_zip_release(&work);
    close_case(&c);
    zf_arena_release(&names);
}

/* A ZIP without buildings has no others either: nothing would look at them. */
static void others_of_an_empty_zip_are_not_loaded(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    zf_arena names;
    open_case(&c, 0, true, false, true);
    set_analysis(&c, "nearest:halo_m=10", &names);
    set_others(&c, 5);
    load_zip(&c, &work);
    assert_int_equal(work.others.n, 0);
    assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
    zf_zip_release(&work);
    close_case(&c);
    zf_arena_release(&names);
}

static void a_row_without_footprint_is_an_internal_error_that_names_the_zip(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    zf_arena names;
    zf_gather_options options = {N_NUMBERS, 0, 1 << 20, 1, NULL, true, false};
    zf_gather_writer *writer = NULL;
    const zf_cell cells[N_NUMBERS] = {{0}};
    const zf_gather_row row = {.rank = 1, .cells = cells};
    open_case(&c, 1, true, false, true);
    set_analysis(&c, "adjacency", &names);
    zf_gather_destroy(c.rows);
    assert_int_equal(zf_gather_create(&options, NULL, &c.rows, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_open(c.rows, &writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(c.rows, NULL), ZF_OK);
    c.perzip.input.rows = c.rows;
    zf_zip_init(&work, &c.perzip, 0, c.zones.metric);
    assert_int_equal(zf_zip_load(&work, &c.error), ZF_E_INTERNAL);
    assert_non_null(strstr(c.error.text, "ZIP '02139'"));
    zf_zip_release(&work);
    close_case(&c);
    zf_arena_release(&names);
}

/* At whatever byte memory ends. */
static void a_zip_that_does_not_fit_gives_every_byte_back(void **state) {
    (void)state;
    for (size_t limit = 1; limit < 100 * 1024; limit += 6 * 1024) {
        zip_case c;
        zf_zip_work work;
        open_case(&c, 1000, true, true, true);
        c.budget.limit_bytes = limit;
        zf_zip_init(&work, &c.perzip, 0, c.zones.metric);
        zf_status st = zf_zip_load(&work, &c.error);
        if (st == ZF_OK)
            st = zf_zip_compute(&work, &c.error);
        assert_true(st == ZF_OK || st == ZF_E_MEMORY);
        assert_int_equal(c.error.status, st);
        zf_zip_release(&work);
        close_case(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_columns_in_fid_order),
        cmocka_unit_test(only_what_the_plan_needs_is_loaded),
        cmocka_unit_test(others_follow_the_zips_own),
        cmocka_unit_test(others_of_the_same_fid_are_told_apart_by_position),
        cmocka_unit_test(others_of_an_empty_zip_are_not_loaded),
        cmocka_unit_test(a_row_without_footprint_is_an_internal_error_that_names_the_zip),
        cmocka_unit_test(a_zip_that_does_not_fit_gives_every_byte_back),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
