/* SPDX-License-Identifier: MIT */
/* What a ZIP holds against what was forecast. */
#include "unit/perzip_case.h"

enum { SLACK_BYTES = 48 * 1024 };

static void a_zip_holds_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 17, 5000, 60000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (unsigned flags = 0; flags < 8; flags++) {
            zip_case c;
            zf_zip_work work;
            open_case(&c, sizes[k], flags & 1, flags & 2, flags & 4);
            load_zip(&c, &work);
            assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
            size_t forecast = forecast_bytes(&c);
            assert_in_range(c.budget.peak_bytes, forecast, forecast + SLACK_BYTES);
            zf_zip_release(&work);
            close_case(&c);
        }
}

/* With footprints: those are held too, and an index over their boxes. */
static void a_zip_with_footprints_holds_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 17, 5000, 60000};
    const char *const texts[] = {"nearest:metric=edge", "adjacency"};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (unsigned flags = 0; flags < 4; flags++) {
            zip_case c;
            zf_zip_work work;
            zf_arena names;
            open_case(&c, sizes[k], true, false, flags & 2);
            set_analysis(&c, texts[flags & 1], &names);
            c.plan.analyses.needs = ZF_NEEDS_POINTS | ZF_NEEDS_FOOTPRINTS;
            load_zip(&c, &work);
            assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
            assert_int_equal(work.footprints.n, 0); /* given back */
            size_t forecast = forecast_bytes(&c);
            assert_in_range(c.budget.peak_bytes, forecast, forecast + SLACK_BYTES);
            zf_zip_release(&work);
            close_case(&c);
            zf_arena_release(&names);
        }
}

/* Others follow the ZIP's own: rows, footprints, and indexes over them. Half of those near it are its own. */
static void a_zip_with_others_holds_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {1, 17, 5000, 30000};
    const char *const texts[] = {"nearest:halo_m=10", "nearest:metric=edge,halo_m=10",
                                 "neighbours:within_m=9,halo_m=10"};
    for (size_t k = 0; k < 4; k++)
        for (unsigned t = 0; t < 3; t++) {
            zip_case c;
            zf_zip_work work;
            zf_arena names;
            open_case(&c, sizes[k], true, false, true);
            set_analysis(&c, texts[t], &names);
            set_others(&c, 2 * sizes[k]);
            c.perzip.input.has_unique_fids = k % 2;
            load_zip(&c, &work);
            assert_int_equal(work.others.n, sizes[k]);
            assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
            size_t forecast = forecast_bytes(&c);
            assert_true(c.budget.peak_bytes <= forecast + SLACK_BYTES);
            assert_true(2 * c.budget.peak_bytes + SLACK_BYTES >= forecast);
            zf_zip_release(&work);
            close_case(&c);
            zf_arena_release(&names);
        }
}

/* What is found decides on the rows of a table: the forecast is an upper bound. */
static void a_zip_with_tables_holds_no_more_than_is_forecast(void **state) {
    (void)state;
    const char *const texts[] = {"overlaps", "clusters:eps_m=1,min=3", "clusters:eps_m=20,min=2"};
    for (size_t k = 0; k < 3; k++) {
        zip_case c;
        zf_zip_work work;
        zf_arena names;
        open_case(&c, 5000, true, false, true);
        set_analysis(&c, texts[k], &names);
        load_zip(&c, &work);
        assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
        assert_true(c.budget.peak_bytes <= forecast_bytes(&c) + SLACK_BYTES);
        zf_zip_release(&work);
        close_case(&c);
        zf_arena_release(&names);
    }
}

static void a_row_takes_no_more_than_95_bytes(void **state) {
    (void)state;
    const zf_zip_size size = {.n = 2000000};
    for (int has_median = 0; has_median < 2; has_median++) {
        zip_case c;
        open_case(&c, 0, true, has_median, true);
        assert_true(zf_forecast_zip_bytes(&c.plan, &size) <= 95 * size.n);
        close_case(&c);
    }
}

static void a_zip_too_large_for_the_limit_is_refused_before_it_is_loaded(void **state) {
    (void)state;
    zip_case c;
    char needs[64];
    open_case(&c, 5000, true, false, true);
    size_t forecast = forecast_bytes(&c);
    c.budget.limit_bytes = forecast - 1;
    assert_int_equal(zf_perzip_run(&c.perzip, &c.error), ZF_E_MEMORY);
    (void)snprintf(needs, sizeof needs, "needs %zu bytes", forecast);
    assert_non_null(strstr(c.error.text, needs));
    assert_non_null(strstr(c.error.text, "02139"));
    assert_int_equal(c.budget.peak_bytes, 0);
    close_case(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zip_holds_what_is_forecast),
        cmocka_unit_test(a_zip_with_footprints_holds_what_is_forecast),
        cmocka_unit_test(a_zip_with_others_holds_what_is_forecast),
        cmocka_unit_test(a_zip_with_tables_holds_no_more_than_is_forecast),
        cmocka_unit_test(a_row_takes_no_more_than_95_bytes),
        cmocka_unit_test(a_zip_too_large_for_the_limit_is_refused_before_it_is_loaded),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
