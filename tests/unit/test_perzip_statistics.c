/* SPDX-License-Identifier: MIT */
/* The statistics of one ZIP: from columns, from totals, from distinct values. */
#include "unit/perzip_case.h"

enum { SLACK_BYTES = 48 * 1024 };

static void assert_real(zf_value value, double expected) {
    assert_int_equal(value.kind, ZF_VALUE_REAL);
    assert_true(value.as.real == expected);
}

/* The mean and the median of the heights of n buildings, by the functions of one column. */
static void height_stats(size_t n, zf_value out[2]) {
    zf_arena scratch;
    double *heights = calloc(n + 1, sizeof *heights);
    assert_non_null(heights);
    for (size_t i = 0; i < n; i++)
        heights[i] = height_of(i);
    zf_arena_init(&scratch, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_stats_of_numbers(heights, n, mean_and_median, 2, &scratch, out, NULL), ZF_OK);
    zf_arena_release(&scratch);
    free(heights);
}

static void columns_and_totals_give_the_same_mean(void **state) {
    (void)state;
    const size_t sizes[] = {1, 2, 17, 5000};
    for (size_t k = 0; k < 4; k++)
        for (int has_median = 0; has_median < 2; has_median++) {
            zip_case c;
            zf_zip_work work;
            zf_value expected[2];
            open_case(&c, sizes[k], false, has_median, false);
            height_stats(sizes[k], expected);
            load_zip(&c, &work);
            assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
            const zf_value *v = work.results.zip_values + ZF_ZIP_FIXED + (has_median ? 2 : 1);
            assert_int_equal(v[0].kind, expected[0].kind);
            if (expected[0].kind == ZF_VALUE_REAL)
                assert_real(v[0], expected[0].as.real);
            if (has_median && expected[1].kind == ZF_VALUE_REAL)
                assert_real(v[1], expected[1].as.real);
            zf_zip_release(&work);
            close_case(&c);
        }
}

static void the_fixed_columns_speak_of_the_zip_and_its_buildings(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    open_case(&c, 4, false, false, false);
    c.count.buildings = 7;
    c.count.crossing = 2;
    assert_int_equal(zf_area_sum_add(&c.count.built_m2, 1000.25, NULL), ZF_OK);
    load_zip(&c, &work);
    assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
    const zf_value *v = work.results.zip_values;
    assert_int_equal(v[ZF_ZIP_PARTS].as.integer, 1);
    assert_real(v[ZF_ZIP_AREA], 1e6);
    assert_int_equal(v[ZF_ZIP_BUILDINGS].as.integer, 7);
    assert_int_equal(v[ZF_ZIP_IMPORTANT].as.integer, 4);
    assert_int_equal(v[ZF_ZIP_CROSSING].as.integer, 2);
    assert_real(v[ZF_ZIP_BUILT_AREA], 1000.25);
    assert_real(v[ZF_ZIP_COVERAGE], 1000.25 / 1e6);
    assert_real(v[ZF_ZIP_IMPORTANT_AREA], 50 + 51 + 52 + 53);
    assert_real(v[ZF_ZIP_IMPORTANT_COVERAGE], 206 / 1e6);
    assert_real(v[ZF_ZIP_PER_KM2], 4);
    zf_zip_release(&work);
    close_case(&c);
}

/* Whatever part of the buildings each thread has seen. */
static void totals_of_threads_are_merged(void **state) {
    (void)state;
    enum { N = 1000, N_THREADS = 3 };
    zip_case c;
    zf_zip_work work;
    zf_value expected[2];
    zf_totals totals[N_THREADS];
    const zf_totals *all[N_THREADS] = {&totals[0], &totals[1], &totals[2]};
    open_case(&c, 0, false, false, false);
    height_stats(N, expected);
    for (size_t t = 0; t < N_THREADS; t++)
        assert_int_equal(zf_totals_init(&totals[t], NULL, 1, &c.plan.layout, NULL), ZF_OK);
    for (size_t i = 0; i < N; i++) { /* the last thread sees none */
        const zf_cell cells[N_NUMBERS] = {{50 + (double)(i % 100)}, {0}, {0}, {height_of(i)}};
        assert_int_equal(zf_totals_add(&totals[i % (N_THREADS - 1)], 0, cells, NULL), ZF_OK);
    }
    c.plan.needs_rows = false;
    c.perzip.input.rows = NULL;
    c.perzip.input.totals = all;
    c.perzip.input.n_totals = N_THREADS;
    load_zip(&c, &work);
    assert_int_equal(work.own.n, N);
    assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
    assert_real(work.results.zip_values[ZF_ZIP_FIXED], 99.5);
    assert_real(work.results.zip_values[ZF_ZIP_FIXED + 1], expected[0].as.real);
    zf_zip_release(&work);
    for (size_t t = 0; t < N_THREADS; t++)
        zf_totals_deinit(&totals[t]);
    close_case(&c);
}

/* Tables of distinct values are in no forecast, but are counted once they are there. */
static void tables_of_distinct_values_go_with_the_statistics(void **state) {
    (void)state;
    zf_stat stats[] = {{ZF_STAT_UNIQUE, 0}, {ZF_STAT_MODE, 0}, {ZF_STAT_LAST, 0}, {ZF_STAT_ARGMAX, 0}};
    zip_case c;
    zf_zip_work work;
    open_case(&c, 5000, false, false, false);
    c.requests[1].stats = stats;
    c.requests[1].n_stats = 4;
    c.requests[1].sources = ZF_FROM_CLASSES | ZF_FROM_ORDER;
    c.plan.statistics.sources = c.requests[1].sources;
    load_zip(&c, &work);
    assert_int_equal(zf_zip_classes_bytes(&work), 32 * sizeof(zf_class)); /* of 20 heights */
    assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
    assert_int_equal(zf_zip_classes_bytes(&work), 0);
    const zf_value *values = work.results.zip_values + ZF_ZIP_FIXED + 1;
    assert_int_equal(values[0].as.integer, 20);
    assert_true(values[1].as.real == 5.0); /* of 0 to 4 one more is missing */
    assert_true(values[2].as.real == 19.0);
    assert_int_equal(values[3].as.integer, 19);
    assert_in_range(c.budget.peak_bytes, forecast_bytes(&c), forecast_bytes(&c) + SLACK_BYTES);
    zf_zip_release(&work);
    close_case(&c);
}

static void what_only_the_statistics_need_goes_with_them(void **state) {
    (void)state;
    zip_case c;
    zf_zip_work work;
    open_case(&c, 5000, true, true, true);
    load_zip(&c, &work);
    assert_true(work.arenas.statistics.used_bytes >= 2 * 5000 * sizeof(double));
    assert_int_equal(zf_zip_compute(&work, &c.error), ZF_OK);
    assert_int_equal(work.arenas.statistics.used_bytes, 0);
    assert_int_equal(work.arenas.analyses.used_bytes, 0);
    assert_int_equal(work.arenas.index.used_bytes, 0);
    assert_null(work.statistics.numbers);
    assert_null(work.own.points);
    zf_zip_release(&work);
    close_case(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_and_totals_give_the_same_mean),
        cmocka_unit_test(the_fixed_columns_speak_of_the_zip_and_its_buildings),
        cmocka_unit_test(totals_of_threads_are_merged),
        cmocka_unit_test(tables_of_distinct_values_go_with_the_statistics),
        cmocka_unit_test(what_only_the_statistics_need_goes_with_them),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
