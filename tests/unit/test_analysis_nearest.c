/* SPDX-License-Identifier: MIT */
#include "analysis/analysis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { MAX_N = 3000, MEAN = 0, MEDIAN, MIN, MAX, N_ZIP };

/** One ZIP's buildings and the results of the analysis. */
typedef struct zip {
    size_t n;
    double xyz_m[3 * MAX_N];
    double nn_m[MAX_N];
    uint32_t nn_row[MAX_N];
    bool wants_columns;
    zf_value values[N_ZIP];
    zf_budget budget;
    zf_arena arena;
    zf_error error;
} zip;

static zip z; /* too large for a stack */
static const zf_analysis_job job = {.analysis = &zf_analysis_nearest};

static void start_zip(size_t n) {
    memset(&z, 0, sizeof z);
    z.n = n;
    z.wants_columns = true;
    z.error = (zf_error)ZF_ERROR_INIT;
    zf_budget_init(&z.budget, 0);
    zf_arena_init(&z.arena, &z.budget, ZF_MEMORY_ANALYSIS, 1024);
    for (size_t i = 0; i < n; i++) {
        z.nn_m[i] = -1;
        z.nn_row[i] = 99;
    }
}

static void put(size_t i, double x, double y, double up) {
    z.xyz_m[3 * i] = x;
    z.xyz_m[3 * i + 1] = y;
    z.xyz_m[3 * i + 2] = up;
}

/* The index has its own arena, so that what the other one hands out is the analysis's. */
static zf_status run(const zf_callbacks *callbacks) {
    zf_arena index_arena, scratch;
    zf_points *points = NULL;
    static double packed[3 * (MAX_N + ZF_INDEX_FANOUT)];
    memcpy(packed, z.xyz_m, 3 * z.n * sizeof *packed);
    zf_arena_init(&index_arena, NULL, ZF_MEMORY_INDEX, 4096);
    zf_arena_init(&scratch, NULL, ZF_MEMORY_INDEX, 4096);
    assert_int_equal(zf_points_build(packed, z.n, &index_arena, &scratch, &points, NULL), ZF_OK);
    zf_arena_release(&scratch);
    void *columns[] = {z.wants_columns ? z.nn_m : NULL, z.wants_columns ? z.nn_row : NULL};
    zf_analysis_input input = {.n = z.n, .points = points, .arena = &z.arena, .callbacks = callbacks};
    zf_analysis_output output = {.zip_values = z.values, .building_columns = columns};
    zf_status status = zf_analysis_run(&job, &input, &output, &z.error);
    assert_int_equal(z.arena.used_bytes, 0);
    zf_arena_release(&index_arena);
    return status;
}

static void assert_zip(size_t column, double expected) {
    assert_int_equal(z.values[column].kind, ZF_VALUE_REAL);
    assert_true(fabs(z.values[column].as.real - expected) <= 1e-12 * expected);
}

static void assert_zip_is_null(void) {
    for (size_t i = 0; i < N_ZIP; i++)
        assert_int_equal(z.values[i].kind, ZF_VALUE_NULL);
}

/* ---- columns ---- */

static void the_columns_are_those_of_the_manual(void **state) {
    (void)state;
    const char *const zip_names[] = {"nn{metric}_mean_m", "nn{metric}_median_m", "nn{metric}_min_m",
                                     "nn{metric}_max_m"};
    assert_int_equal(zf_analysis_nearest.n_zip_columns, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(zf_analysis_nearest.zip_columns[i].name, zip_names[i]);
        assert_int_equal(zf_analysis_nearest.zip_columns[i].type, ZF_FIELD_REAL);
    }
    assert_int_equal(zf_analysis_nearest.n_building_columns, 2);
    assert_string_equal(zf_analysis_nearest.building_columns[0].name, "nn{metric}_m");
    assert_int_equal(zf_analysis_nearest.building_columns[0].type, ZF_FIELD_REAL);
    assert_string_equal(zf_analysis_nearest.building_columns[1].name, "nn{metric}_fid");
    assert_int_equal(zf_analysis_nearest.building_columns[1].type, ZF_FIELD_INTEGER);
}

/* ---- results ---- */

static void a_zip_without_buildings_has_no_distances(void **state) {
    (void)state;
    start_zip(0);
    assert_int_equal(run(NULL), ZF_OK);
    assert_zip_is_null();
    zf_arena_release(&z.arena);
}

static void a_building_alone_has_no_neighbour(void **state) {
    (void)state;
    start_zip(1);
    put(0, 3, 4, 5);
    assert_int_equal(run(NULL), ZF_OK);
    assert_zip_is_null();
    assert_true(isnan(z.nn_m[0]));
    assert_true(z.nn_row[0] == ZF_NO_ROW);
    zf_arena_release(&z.arena);
}

static void two_buildings_are_neighbours(void **state) {
    (void)state;
    start_zip(2);
    put(0, 0, 0, 0);
    put(1, 2, 3, 6);
    assert_int_equal(run(NULL), ZF_OK);
    for (size_t i = 0; i < N_ZIP; i++)
        assert_zip(i, 7);
    assert_true(z.nn_m[0] == 7 && z.nn_m[1] == 7);
    assert_true(z.nn_row[0] == 1 && z.nn_row[1] == 0);
    zf_arena_release(&z.arena);
}

/* On a line at 0, 1, 3, 7, 15: distances 1, 1, 2, 4, 8. */
static void distances_are_summed_up_per_zip(void **state) {
    (void)state;
    const double x[] = {0, 1, 3, 7, 15}, nn_m[] = {1, 1, 2, 4, 8};
    const uint32_t nn_row[] = {1, 0, 1, 2, 3};
    start_zip(5);
    for (size_t i = 0; i < 5; i++)
        put(i, x[i], 0, 0);
    assert_int_equal(run(NULL), ZF_OK);
    assert_zip(MEAN, 16.0 / 5);
    assert_zip(MEDIAN, 2);
    assert_zip(MIN, 1);
    assert_zip(MAX, 8);
    for (size_t i = 0; i < 5; i++) {
        assert_true(z.nn_m[i] == nn_m[i]);
        assert_int_equal(z.nn_row[i], nn_row[i]);
    }
    zf_arena_release(&z.arena);
}

static void buildings_in_one_place_are_at_distance_zero_from_the_lowest_row(void **state) {
    (void)state;
    start_zip(500);
    for (size_t i = 0; i < z.n; i++)
        put(i, 8, 9, 1);
    assert_int_equal(run(NULL), ZF_OK);
    for (size_t i = 0; i < N_ZIP; i++)
        assert_zip(i, 0);
    for (size_t i = 0; i < z.n; i++) {
        assert_true(z.nn_m[i] == 0);
        assert_int_equal(z.nn_row[i], i == 0 ? 1 : 0);
    }
    zf_arena_release(&z.arena);
}

static void many_buildings_have_the_neighbours_of_a_scan(void **state) {
    (void)state;
    start_zip(MAX_N);
    double sum = 0;
    for (size_t i = 0; i < z.n; i++) {
        double x = fmod((double)i * 754.877, 1000), y = fmod((double)i * 569.84, 1000);
        put(i, x, y, -(x * x + y * y) / 12.8e6);
    }
    assert_int_equal(run(NULL), ZF_OK);
    for (size_t i = 0; i < z.n; i++) {
        double best_m = INFINITY;
        size_t best_row = ZF_NO_ROW;
        for (size_t j = 0; j < z.n; j++) {
            double dx = z.xyz_m[3 * i] - z.xyz_m[3 * j], dy = z.xyz_m[3 * i + 1] - z.xyz_m[3 * j + 1];
            double dz = z.xyz_m[3 * i + 2] - z.xyz_m[3 * j + 2], m = sqrt(dx * dx + dy * dy + dz * dz);
            if (i != j && m < best_m) {
                best_m = m;
                best_row = j;
            }
        }
        assert_true(z.nn_m[i] == best_m);
        assert_int_equal(z.nn_row[i], best_row);
        sum += best_m;
    }
    assert_zip(MEAN, sum / MAX_N);
    zf_arena_release(&z.arena);
}

/* ---- failures ---- */

static bool always(void *user) {
    (void)user;
    return true;
}

static void a_cancelled_analysis_says_so(void **state) {
    (void)state;
    zf_callbacks callbacks = {.is_cancelled = always};
    start_zip(100);
    assert_int_equal(run(&callbacks), ZF_E_CANCELLED);
    assert_int_equal(z.error.status, ZF_E_CANCELLED);
    zf_arena_release(&z.arena);
}

static void what_is_told_of_the_zip_needs_no_building_columns(void **state) {
    (void)state;
    start_zip(MAX_N);
    zf_value expected[N_ZIP];
    for (size_t i = 0; i < z.n; i++)
        put(i, fmod((double)i * 754.877, 1000), fmod((double)i * 569.84, 1000), 0);
    assert_int_equal(run(NULL), ZF_OK);
    memcpy(expected, z.values, sizeof expected);
    zf_arena_release(&z.arena);
    z.wants_columns = false;
    zf_budget_reset_peak(&z.budget);
    z.arena.chunk_bytes = 16;
    assert_int_equal(run(NULL), ZF_OK);
    assert_memory_equal(z.values, expected, sizeof expected);
    zf_arena_release(&z.arena);
}

/* As much scratch as is told, and no more; whatever fails, the arena is as before (see run). */
static void without_memory_the_analysis_fails_and_keeps_nothing(void **state) {
    (void)state;
    for (size_t k = 0; k < 6; k++) {
        start_zip(1000);
        z.wants_columns = k % 2;
        size_t needed = zf_analysis_nearest.scratch_bytes(&job, 1000, z.wants_columns);
        zf_budget_init(&z.budget, k < 2 ? 64 : k < 4 ? needed - 1 : needed + 512);
        z.arena.chunk_bytes = 64;
        for (size_t i = 0; i < z.n; i++)
            put(i, (double)i, 0, 0);
        assert_int_equal(run(NULL), k < 4 ? ZF_E_MEMORY : ZF_OK);
        assert_int_equal(z.error.status, k < 4 ? ZF_E_MEMORY : ZF_OK);
        assert_int_equal(strstr(z.error.text, "analysis nearest") != NULL, k < 4);
        zf_arena_release(&z.arena);
        assert_int_equal(zf_budget_held(&z.budget, ZF_MEMORY_ANALYSIS), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_columns_are_those_of_the_manual),
        cmocka_unit_test(a_zip_without_buildings_has_no_distances),
        cmocka_unit_test(a_building_alone_has_no_neighbour),
        cmocka_unit_test(two_buildings_are_neighbours),
        cmocka_unit_test(distances_are_summed_up_per_zip),
        cmocka_unit_test(buildings_in_one_place_are_at_distance_zero_from_the_lowest_row),
        cmocka_unit_test(many_buildings_have_the_neighbours_of_a_scan),
        cmocka_unit_test(a_cancelled_analysis_says_so),
        cmocka_unit_test(what_is_told_of_the_zip_needs_no_building_columns),
        cmocka_unit_test(without_memory_the_analysis_fails_and_keeps_nothing),
    };
    return cmocka_run_group_tests_name("analysis nearest", tests, NULL, NULL);
}
