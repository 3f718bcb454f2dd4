/* SPDX-License-Identifier: MIT */
#include "unit/analysis_zip.h"

enum { BIN = 0, LOW, HIGH, N, N_CELLS };

static const double *row(const analysis_zip *z, size_t i) {
    assert_true(i < z->rows.n);
    return z->cells + i * N_CELLS;
}

static void assert_row(const analysis_zip *z, size_t i, double bin, double low, double high, double n) {
    const double expected[] = {bin, low, high, n};
    for (size_t c = 0; c < N_CELLS; c++)
        assert_true(row(z, i)[c] == expected[c]);
}

/* Every value that is a number lies in just one bin, by the bounds that are written. */
static void assert_bins_hold_the_values(const analysis_zip *z, bool has_closed_end) {
    size_t n_values = 0, n_counted = 0;
    for (size_t i = 0; i < z->n; i++)
        n_values += isfinite(z->number[i]) != 0;
    for (size_t r = 0; r < z->rows.n; r++) {
        bool is_closed = has_closed_end && r + 1 == z->rows.n;
        size_t n_in = 0;
        for (size_t i = 0; i < z->n; i++)
            n_in += z->number[i] >= row(z, r)[LOW] &&
                    (z->number[i] < row(z, r)[HIGH] || (is_closed && z->number[i] == row(z, r)[HIGH]));
        assert_true(row(z, r)[N] == (double)n_in);
        n_counted += n_in;
        if (r > 0)
            assert_true(row(z, r)[BIN] > row(z, r - 1)[BIN] && row(z, r)[LOW] >= row(z, r - 1)[HIGH]);
    }
    assert_int_equal(n_counted, n_values);
}

static void no_values_make_no_rows(void **state) {
    (void)state;
    const char *const texts[] = {"histogram:field=h,width=5", "histogram:field=h,bins=5"};
    for (size_t k = 0; k < 2; k++)
        for (size_t n = 0; n < 3; n++) {
            analysis_zip z;
            az_init(&z, n);
            for (size_t i = 0; i < n; i++)
                z.number[i] = i == 0 ? NAN : INFINITY;
            assert_int_equal(az_run(&z, texts[k]), ZF_OK);
            assert_int_equal(z.rows.n, 0);
            az_deinit(&z);
        }
}

static void bins_of_a_width_begin_at_its_multiples(void **state) {
    (void)state;
    const double values[] = {-0.5, 0, 4.999, 5, 9, 10, 27, -5, NAN, -5.001};
    analysis_zip z;
    az_init(&z, 10);
    memcpy(z.number, values, sizeof values);
    assert_int_equal(az_run(&z, "histogram:field=h,width=5"), ZF_OK);
    assert_int_equal(z.rows.n, 6);
    assert_row(&z, 0, -2, -10, -5, 1);
    assert_row(&z, 1, -1, -5, 0, 2);
    assert_row(&z, 2, 0, 0, 5, 2);
    assert_row(&z, 3, 1, 5, 10, 2);
    assert_row(&z, 4, 2, 10, 15, 1);
    assert_row(&z, 5, 5, 25, 30, 1);
    az_deinit(&z);
}

/* i / 10 is the double nearest to i tenths; i * 0.1 is not for 3, 6 and 7. */
static void bounds_are_the_doubles_nearest_to_decimal_multiples(void **state) {
    (void)state;
    const struct {
        const char *text;
        double numerator, denominator;
    } widths[] = {{"histogram:field=h,width=0.1", 1, 10},    {"histogram:field=h,width=0.25", 1, 4},
                  {"histogram:field=h,width=1e-3", 1, 1000}, {"histogram:field=h,width=1e6", 1e6, 1},
                  {"histogram:field=h,width=0.07", 7, 100},  {"histogram:field=h,width=12.3", 123, 10},
                  {"histogram:field=h,width=1e-9", 1, 1e9}};
    enum { N_EACH_SIDE = 1000 };
    for (size_t k = 0; k < sizeof widths / sizeof widths[0]; k++) {
        analysis_zip z;
        az_init(&z, 2 * N_EACH_SIDE + 1);
        for (int i = -N_EACH_SIDE; i <= N_EACH_SIDE; i++)
            z.number[i + N_EACH_SIDE] = i * widths[k].numerator / widths[k].denominator;
        assert_int_equal(az_run(&z, widths[k].text), ZF_OK);
        assert_int_equal(z.rows.n, 2 * N_EACH_SIDE + 1);
        for (int i = -N_EACH_SIDE; i <= N_EACH_SIDE; i++)
            assert_row(&z, (size_t)(i + N_EACH_SIDE), i, i * widths[k].numerator / widths[k].denominator,
                       (i + 1) * widths[k].numerator / widths[k].denominator, 1);
        az_deinit(&z);
    }
}

static void bounds_of_a_number_of_bins_are_decimal_too(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 8);
    for (int i = 0; i < 8; i++)
        z.number[i] = (i - 3) / 10.0;
    assert_int_equal(az_run(&z, "histogram:field=h,bins=7"), ZF_OK);
    assert_int_equal(z.rows.n, 7);
    for (int i = 0; i < 7; i++)
        assert_row(&z, (size_t)i, i, (i - 3) / 10.0, (i - 2) / 10.0, i == 6 ? 2 : 1);
    az_deinit(&z);
}

static void a_number_of_bins_goes_from_the_lowest_to_the_highest(void **state) {
    (void)state;
    const double values[] = {2, 3, 4, 10, 10, 6, NAN, -INFINITY};
    analysis_zip z;
    az_init(&z, 8);
    memcpy(z.number, values, sizeof values);
    assert_int_equal(az_run(&z, "histogram:field=h,bins=4"), ZF_OK);
    assert_int_equal(z.rows.n, 4);
    assert_row(&z, 0, 0, 2, 4, 2);
    assert_row(&z, 1, 1, 4, 6, 1);
    assert_row(&z, 2, 2, 6, 8, 1);
    assert_row(&z, 3, 3, 8, 10, 2);
    az_deinit(&z);
}

static void equal_values_are_in_one_bin(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 3);
    for (size_t i = 0; i < 3; i++)
        z.number[i] = 7.5;
    assert_int_equal(az_run(&z, "histogram:field=h,bins=4"), ZF_OK);
    assert_int_equal(z.rows.n, 1);
    assert_row(&z, 0, 0, 7.5, 7.5, 3);
    assert_int_equal(az_run(&z, "histogram:field=h,width=2"), ZF_OK);
    assert_int_equal(z.rows.n, 1);
    assert_row(&z, 0, 3, 6, 8, 3);
    az_deinit(&z);
}

/* Widths that no double holds, values on bounds, values a step beside them, and of every size. */
static void random_values_are_in_the_bins_that_hold_them(void **state) {
    (void)state;
    uint64_t seed = 3;
    const char *const texts[] = {"histogram:field=h,width=0.1",  "histogram:field=h,width=0.7",
                                 "histogram:field=h,width=1000", "histogram:field=h,bins=1",
                                 "histogram:field=h,bins=7",     "histogram:field=h,bins=997"};
    for (int set = 0; set < 40; set++) {
        analysis_zip z;
        az_init(&z, 200);
        double scale = pow(10, floor(az_random(&seed) * 6) - 2);
        for (size_t i = 0; i < z.n; i++) {
            double value = (az_random(&seed) - 0.3) * scale;
            if (i % 3 == 1)
                value = floor(value * 10) * 0.1;
            if (i % 3 == 2)
                value = nextafter(floor(value / 0.7) * 0.7, i % 2 ? INFINITY : -INFINITY);
            z.number[i] = i % 17 == 0 ? NAN : value;
        }
        for (size_t k = 0; k < 6; k++) {
            assert_int_equal(az_run(&z, texts[k]), ZF_OK);
            assert_bins_hold_the_values(&z, k > 2);
        }
        az_deinit(&z);
    }
}

static void the_largest_numbers_have_bins(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 3);
    z.number[0] = -1.7e308, z.number[1] = 1, z.number[2] = 1.7e308;
    assert_int_equal(az_run(&z, "histogram:field=h,bins=10"), ZF_OK);
    assert_int_equal(z.rows.n, 10);
    assert_bins_hold_the_values(&z, true);
    assert_int_equal(az_run(&z, "histogram:field=h,width=1"), ZF_E_USAGE);
    assert_non_null(strstr(z.error.text, "analysis histogram"));
    assert_non_null(strstr(z.error.text, "larger width"));
    az_deinit(&z);
}

static void without_memory_the_analysis_fails(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 1000);
    z.budget.limit_bytes = 1000;
    assert_int_equal(az_run(&z, "histogram:field=h,width=1"), ZF_E_MEMORY);
    assert_non_null(strstr(z.error.text, "analysis histogram"));
    az_deinit(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_values_make_no_rows),
        cmocka_unit_test(bins_of_a_width_begin_at_its_multiples),
        cmocka_unit_test(bounds_are_the_doubles_nearest_to_decimal_multiples),
        cmocka_unit_test(bounds_of_a_number_of_bins_are_decimal_too),
        cmocka_unit_test(a_number_of_bins_goes_from_the_lowest_to_the_highest),
        cmocka_unit_test(equal_values_are_in_one_bin),
        cmocka_unit_test(random_values_are_in_the_bins_that_hold_them),
        cmocka_unit_test(the_largest_numbers_have_bins),
        cmocka_unit_test(without_memory_the_analysis_fails),
    };
    return cmocka_run_group_tests_name("analysis histogram", tests, NULL, NULL);
}
