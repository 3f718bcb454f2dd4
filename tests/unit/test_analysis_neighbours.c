/* SPDX-License-Identifier: MIT */
#include "unit/analysis_zip.h"

static uint32_t count_by_scan(const analysis_zip *z, size_t i, double radius_m) {
    uint32_t count = 0;
    for (size_t j = 0; j < z->n; j++) {
        double dx = z->xyz_m[3 * j] - z->xyz_m[3 * i], dy = z->xyz_m[3 * j + 1] - z->xyz_m[3 * i + 1];
        double dz = z->xyz_m[3 * j + 2] - z->xyz_m[3 * i + 2];
        count += j != i && sqrt(dx * dx + dy * dy + dz * dz) <= radius_m;
    }
    return count;
}

static void assert_counts_of_a_scan(analysis_zip *z, double radius_m) {
    char text[64];
    uint64_t sum = 0;
    (void)snprintf(text, sizeof text, "neighbours:within_m=%.17g", radius_m);
    assert_int_equal(az_run(z, text), ZF_OK);
    for (size_t i = 0; i < z->n; i++) {
        uint32_t expected = count_by_scan(z, i, radius_m);
        assert_int_equal(((uint32_t *)z->columns[0])[i], expected);
        sum += expected;
    }
    if (z->n == 0)
        assert_int_equal(z->values[0].kind, ZF_VALUE_NULL);
    else
        assert_true(z->values[0].as.real == (double)sum / (double)z->n);
}

static void few_buildings_have_few_neighbours(void **state) {
    (void)state;
    for (size_t n = 0; n < 3; n++) {
        analysis_zip z;
        az_init(&z, n);
        for (size_t i = 0; i < n; i++)
            az_put(&z, i, (double)i * 3, (double)i * 4);
        assert_counts_of_a_scan(&z, 4.999999);
        assert_counts_of_a_scan(&z, 5);
        az_deinit(&z);
    }
}

/* At just the radius counts: 10 m between neighbours of a lattice, and 3-4-5 triangles. */
static void a_neighbour_at_just_the_radius_counts(void **state) {
    (void)state;
    enum { SIDE = 21 };
    analysis_zip z;
    az_init(&z, SIDE * SIDE);
    for (size_t i = 0; i < z.n; i++)
        az_put(&z, i, 10 * (double)(i % SIDE), 10 * (double)(i / SIDE));
    const double radii[] = {9.999999999999998, 10, 10.000000000000002, 50, 49.99999999999999};
    const uint32_t in_the_middle[] = {0, 4, 4, 80, 68};
    for (size_t k = 0; k < 5; k++) {
        assert_counts_of_a_scan(&z, radii[k]);
        assert_int_equal(((uint32_t *)z.columns[0])[SIDE * (SIDE / 2) + SIDE / 2], in_the_middle[k]);
    }
    az_deinit(&z);
}

static void buildings_in_one_place_are_neighbours(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 700);
    for (size_t i = 0; i < z.n; i++)
        az_put(&z, i, 5, 6);
    assert_int_equal(az_run(&z, "neighbours:within_m=0.001"), ZF_OK);
    for (size_t i = 0; i < z.n; i++)
        assert_int_equal(((uint32_t *)z.columns[0])[i], 699);
    az_deinit(&z);
}

static void many_buildings_have_the_neighbours_of_a_scan(void **state) {
    (void)state;
    uint64_t seed = 1;
    const size_t sizes[] = {15, 16, 17, 255, 256, 257, 2000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (unsigned kind = 0; kind < 3; kind++) {
            analysis_zip z;
            az_init(&z, sizes[k]);
            for (size_t i = 0; i < z.n; i++) {
                double x = az_random(&seed) * 1000, y = az_random(&seed) * 1000;
                if (kind == 1) /* clusters, some in one place */
                    x = floor(x / 200) * 200 + az_random(&seed), y = floor(y / 200) * 200;
                if (kind == 2) /* on a lattice */
                    x = floor(x / 20) * 20, y = floor(y / 20) * 20;
                az_put(&z, i, x, y);
                z.xyz_m[3 * i + 2] = kind == 0 ? -(x * x + y * y) / 12.8e3 : 0;
            }
            const double radii[] = {0.5, 20, 60, 200, 999, 1500, 1e6};
            for (size_t r = 0; r < sizeof radii / sizeof radii[0]; r++)
                assert_counts_of_a_scan(&z, radii[r]);
            az_deinit(&z);
        }
}

static void the_mean_needs_no_building_columns(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 300);
    for (size_t i = 0; i < z.n; i++)
        az_put(&z, i, (double)i, 0);
    z.wants_columns = false;
    assert_int_equal(az_run(&z, "neighbours:within_m=1"), ZF_OK);
    assert_true(z.values[0].as.real == (2.0 * 298 + 2) / 300);
    az_deinit(&z);
}

static void failures_are_told(void **state) {
    (void)state;
    const zf_callbacks cancelled = {.is_cancelled = az_always};
    analysis_zip z;
    az_init(&z, 1000);
    z.callbacks = &cancelled;
    assert_int_equal(az_run(&z, "neighbours:within_m=1"), ZF_E_CANCELLED);
    z.callbacks = NULL;
    z.wants_columns = false;
    z.budget.limit_bytes = 1000;
    assert_int_equal(az_run(&z, "neighbours:within_m=1"), ZF_E_MEMORY);
    assert_non_null(strstr(z.error.text, "analysis neighbours"));
    az_deinit(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_buildings_have_few_neighbours),
        cmocka_unit_test(a_neighbour_at_just_the_radius_counts),
        cmocka_unit_test(buildings_in_one_place_are_neighbours),
        cmocka_unit_test(many_buildings_have_the_neighbours_of_a_scan),
        cmocka_unit_test(the_mean_needs_no_building_columns),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests_name("analysis neighbours", tests, NULL, NULL);
}
