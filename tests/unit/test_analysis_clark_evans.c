/* SPDX-License-Identifier: MIT */
#include "unit/analysis_zip.h"

static void assert_result(const analysis_zip *z, double index, double z_score) {
    assert_true(fabs(z->values[0].as.real - index) <= 1e-9 * fabs(index));
    assert_true(fabs(z->values[1].as.real - z_score) <= 1e-9 * fabs(z_score));
}

static void below_two_buildings_there_is_nothing_to_say(void **state) {
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        analysis_zip z;
        az_init(&z, n);
        z.area_m2 = 100, z.perimeter_m = 40;
        assert_int_equal(az_run(&z, "clark-evans"), ZF_OK);
        assert_int_equal(z.values[0].kind, ZF_VALUE_NULL);
        assert_int_equal(z.values[1].kind, ZF_VALUE_NULL);
        az_deinit(&z);
    }
}

static void a_zip_without_area_has_no_index(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 5);
    assert_int_equal(az_run(&z, "clark-evans"), ZF_OK);
    assert_int_equal(z.values[0].kind, ZF_VALUE_NULL);
    assert_int_equal(z.values[1].kind, ZF_VALUE_NULL);
    az_deinit(&z);
}

/* 10 x 10 points 10 m apart in a square of 100 m: N 100, A 10000, P 400; observed 10.
 * expected 5 + (0.0514 + 0.0041) * 4 = 5.222; deviation sqrt(703 + 0.037 * 400 * 10) / 100 = sqrt(851) / 100.
 */
static void a_lattice_is_evenly_spread(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 100);
    z.area_m2 = 10000, z.perimeter_m = 400;
    for (size_t i = 0; i < z.n; i++)
        az_put(&z, i, 10 * (double)(i % 10) + 5, 10 * (double)(i / 10) + 5);
    assert_int_equal(az_run(&z, "clark-evans"), ZF_OK);
    assert_result(&z, 10 / 5.222, (10 - 5.222) / (sqrt(851.0) / 100));
    az_deinit(&z);
}

static void buildings_in_one_place_are_clustered(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 100);
    z.area_m2 = 10000, z.perimeter_m = 400;
    assert_int_equal(az_run(&z, "clark-evans"), ZF_OK);
    assert_true(z.values[0].as.real == 0);
    assert_result(&z, 0, -5.222 / (sqrt(851.0) / 100));
    az_deinit(&z);
}

/* Random sets in a square: by the theory the index is about 1 and z has mean 0 and deviation 1. The constants
 * are good to a few per cent; without the correction for the edge, z would have a mean of 0.9 for 50. */
static void random_sets_are_random(void **state) {
    (void)state;
    uint64_t seed = 7;
    const size_t sizes[] = {50, 400};
    for (size_t k = 0; k < 2; k++) {
        double sum = 0, squares = 0, indexes = 0;
        const int n_sets = 2000;
        for (int set = 0; set < n_sets; set++) {
            analysis_zip z;
            az_init(&z, sizes[k]);
            z.area_m2 = 1e6, z.perimeter_m = 4000;
            for (size_t i = 0; i < z.n; i++) {
                double x = az_random(&seed) * 1000;
                az_put(&z, i, x, az_random(&seed) * 1000);
            }
            assert_int_equal(az_run(&z, "clark-evans"), ZF_OK);
            indexes += z.values[0].as.real;
            sum += z.values[1].as.real;
            squares += z.values[1].as.real * z.values[1].as.real;
            az_deinit(&z);
        }
        double mean = sum / n_sets, deviation = sqrt(squares / n_sets - mean * mean);
        print_message("%zu points: mean index %.4f, z %.3f +- %.3f\n", sizes[k], indexes / n_sets, mean,
                      deviation);
        assert_true(fabs(indexes / n_sets - 1) < 0.01);
        assert_true(fabs(mean) < 0.1);
        assert_true(fabs(deviation - 1) < 0.05);
    }
}

static void failures_are_told(void **state) {
    (void)state;
    const zf_callbacks cancelled = {.is_cancelled = az_always};
    analysis_zip z;
    az_init(&z, 1000);
    z.area_m2 = 1, z.perimeter_m = 4;
    z.callbacks = &cancelled;
    assert_int_equal(az_run(&z, "clark-evans"), ZF_E_CANCELLED);
    z.callbacks = NULL;
    z.budget.limit_bytes = 1000;
    assert_int_equal(az_run(&z, "clark-evans"), ZF_E_MEMORY);
    assert_non_null(strstr(z.error.text, "analysis clark-evans"));
    az_deinit(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_two_buildings_there_is_nothing_to_say),
        cmocka_unit_test(a_zip_without_area_has_no_index),
        cmocka_unit_test(a_lattice_is_evenly_spread),
        cmocka_unit_test(buildings_in_one_place_are_clustered),
        cmocka_unit_test(random_sets_are_random),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests_name("analysis clark-evans", tests, NULL, NULL);
}
