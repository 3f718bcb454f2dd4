/* SPDX-License-Identifier: MIT */
/* Analyses of footprints against plain comparisons of all pairs: nearest by edges, adjacency. */
#include "unit/analysis_zip.h"
#include "unit/footprint_shapes.h"

static wkb_writer w;

static void put_box_centre(analysis_zip *z, size_t i) {
    const zf_envelope *box = &z->footprints.boxes[i];
    az_put(z, i, (box->min_x + box->max_x) / 2, (box->min_y + box->max_y) / 2);
}

static void put_shapes(analysis_zip *z, size_t n, double extent, uint64_t *seed) {
    az_init(z, n);
    for (size_t i = 0; i < n; i++) {
        shape_make(&w, extent, seed);
        az_shape(z, w.bytes, w.n);
        put_box_centre(z, i);
    }
}

static void assert_nearest_of_all_pairs(const analysis_zip *z) {
    const double *nn_m = z->columns[0];
    const uint32_t *nn_row = z->columns[1];
    for (size_t i = 0; i < z->n; i++) {
        double best_m = INFINITY;
        size_t best_row = ZF_NO_ROW;
        for (size_t j = 0; j < z->n; j++) {
            double m = i == j ? INFINITY : zf_footprints_distance_m(&z->footprints, i, j, INFINITY);
            if (m < best_m) {
                best_m = m;
                best_row = j;
            }
        }
        assert_true(nn_m[i] == best_m);
        assert_int_equal(nn_row[i], best_row);
    }
}

static void nearest_by_edges_is_that_of_all_pairs(void **state) {
    (void)state;
    uint64_t seed = 21;
    const size_t sizes[] = {2, 3, 16, 17, 400};
    const double extents[] = {50, 300, 3000};
    for (size_t k = 0; k < 5; k++)
        for (size_t e = 0; e < 3; e++) {
            analysis_zip z;
            put_shapes(&z, sizes[k], extents[e], &seed);
            assert_int_equal(az_run(&z, "nearest:metric=edge"), ZF_OK);
            assert_nearest_of_all_pairs(&z);
            double mean = z.values[0].as.real, expected = zf_sum(z.columns[0], z.n) / (double)z.n;
            assert_true(mean == expected);
            z.wants_columns = false;
            assert_int_equal(az_run(&z, "nearest:metric=edge"), ZF_OK);
            assert_true(z.values[0].as.real == mean);
            az_deinit(&z);
        }
}

static void adjacency_is_that_of_all_pairs(void **state) {
    (void)state;
    uint64_t seed = 8;
    for (size_t set = 0; set < 6; set++) {
        analysis_zip z;
        put_shapes(&z, 300, 60 + 40 * (double)set, &seed);
        assert_int_equal(az_run(&z, "adjacency:tolerance_m=0.1,wall_m=1"), ZF_OK);
        uint64_t n_adjacent = 0, n_buildings = 0;
        for (size_t i = 0; i < z.n; i++) {
            uint32_t expected = 0;
            double expected_m = 0;
            for (size_t j = 0; j < z.n; j++) {
                double wall_m = i == j ? 0 : zf_footprints_shared_wall_m(&z.footprints, i, j, 0.1);
                expected += wall_m >= 1;
                expected_m += wall_m >= 1 ? wall_m : 0;
            }
            assert_int_equal(((uint32_t *)z.columns[0])[i], expected);
            assert_true(fabs(((double *)z.columns[1])[i] - expected_m) < 1e-9);
            n_adjacent += expected;
            n_buildings += expected > 0;
        }
        assert_true(n_adjacent > 0);
        assert_true(z.values[0].as.integer == (int64_t)n_buildings);
        assert_true(z.values[1].as.real == (double)n_adjacent / (double)z.n);
        az_deinit(&z);
    }
}

static void few_buildings_are_told_of_too(void **state) {
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        analysis_zip z;
        uint64_t seed = 1;
        put_shapes(&z, n, 10, &seed);
        if (n == 0)
            assert_int_equal(zf_footprints_create(&z.texts, 0, 0, 0, &z.footprints, NULL), ZF_OK);
        assert_int_equal(az_run(&z, "nearest:metric=edge"), ZF_OK);
        assert_int_equal(z.values[0].kind, ZF_VALUE_NULL);
        if (n == 1)
            assert_true(isnan(((double *)z.columns[0])[0]) && ((uint32_t *)z.columns[1])[0] == ZF_NO_ROW);
        assert_int_equal(az_run(&z, "adjacency"), ZF_OK);
        assert_true(z.values[0].as.integer == 0);
        assert_int_equal(z.values[1].kind, n == 0 ? ZF_VALUE_NULL : ZF_VALUE_REAL);
        az_deinit(&z);
    }
}

static void footprints_in_one_place_are_at_distance_zero_from_the_lowest_row(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 200);
    for (size_t i = 0; i < z.n; i++) {
        w.n = 0;
        wkb_put_header(&w, WKB_POLYGON, 1);
        shape_rectangle(&w, 3, 4, 5, 6);
        az_shape(&z, w.bytes, w.n);
        put_box_centre(&z, i);
    }
    assert_int_equal(az_run(&z, "nearest:metric=edge"), ZF_OK);
    for (size_t i = 0; i < z.n; i++)
        assert_true(((double *)z.columns[0])[i] == 0 && ((uint32_t *)z.columns[1])[i] == (i == 0));
    az_deinit(&z);
}

static void failures_are_told(void **state) {
    (void)state;
    const zf_callbacks cancelled = {.is_cancelled = az_always};
    const char *const texts[] = {"nearest:metric=edge", "adjacency"};
    for (size_t k = 0; k < 2; k++) {
        analysis_zip z;
        uint64_t seed = 1;
        put_shapes(&z, 200, 500, &seed);
        z.callbacks = &cancelled;
        assert_int_equal(az_run(&z, texts[k]), ZF_E_CANCELLED);
        z.callbacks = NULL;
        z.wants_columns = false;
        z.budget.limit_bytes = 500;
        assert_int_equal(az_run(&z, texts[k]), ZF_E_MEMORY);
        assert_non_null(strstr(z.error.text, "analysis "));
        az_deinit(&z);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_by_edges_is_that_of_all_pairs),
        cmocka_unit_test(adjacency_is_that_of_all_pairs),
        cmocka_unit_test(few_buildings_are_told_of_too),
        cmocka_unit_test(footprints_in_one_place_are_at_distance_zero_from_the_lowest_row),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests_name("analyses of footprints", tests, NULL, NULL);
}
