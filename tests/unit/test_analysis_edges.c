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

/** Length of all rings. */
static double outline_m(const zf_footprints *f, size_t i) {
    double sum_m = 0;
    for (size_t r = f->first_ring[i]; r < f->first_ring[i + 1]; r++)
        for (size_t k = f->ring_start[r]; k + 1 < f->ring_start[r + 1]; k++)
            sum_m += hypot(f->xy_m[2 * k + 2] - f->xy_m[2 * k], f->xy_m[2 * k + 3] - f->xy_m[2 * k + 1]);
    return sum_m;
}

static void adjacency_is_that_of_all_pairs(void **state) {
    (void)state;
    uint64_t seed = 8;
    zf_wall_list own, theirs;
    zf_arena arena;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_wall_list_create(&arena, &own, NULL), ZF_OK);
    assert_int_equal(zf_wall_list_create(&arena, &theirs, NULL), ZF_OK);
    for (size_t set = 0; set < 6; set++) {
        analysis_zip z;
        put_shapes(&z, 300, 60 + 40 * (double)set, &seed);
        assert_int_equal(az_run(&z, "adjacency:tolerance_m=0.1,wall_m=1"), ZF_OK);
        uint64_t n_adjacent = 0, n_buildings = 0;
        for (size_t i = 0; i < z.n; i++) {
            uint32_t expected = 0;
            double largest_m = 0, sum_m = 0;
            own.n = 0;
            for (size_t j = 0; j < z.n; j++) {
                double wall_m = 0;
                size_t n_before = own.n;
                if (i != j)
                    assert_int_equal(
                        zf_footprints_add_walls(&z.footprints, i, j, 0.1, &own, &theirs, &wall_m, NULL),
                        ZF_OK);
                if (!(wall_m >= 1))
                    own.n = n_before;
                expected += wall_m >= 1;
                largest_m = fmax(largest_m, wall_m);
            }
            for (size_t k = 0; k < own.n; k++) {
                const double *p = z.footprints.xy_m + 2 * (size_t)own.items[k].edge;
                sum_m += (own.items[k].to - own.items[k].from) * hypot(p[2] - p[0], p[3] - p[1]);
            }
            double found_m = ((double *)z.columns[1])[i];
            assert_true(found_m == zf_footprints_walls_m(&z.footprints, i, &own));
            assert_true(found_m <= sum_m + 1e-9 && (expected == 0 || found_m >= largest_m - 1e-9));
            assert_true(found_m <= outline_m(&z.footprints, i) * (1 + 1e-12));
            assert_int_equal(((uint32_t *)z.columns[0])[i], expected);
            n_adjacent += expected;
            n_buildings += expected > 0;
        }
        assert_true(n_adjacent > 0);
        assert_true(z.values[0].as.integer == (int64_t)n_buildings);
        assert_true(z.values[1].as.real == (double)n_adjacent / (double)z.n);
        az_deinit(&z);
    }
    zf_arena_release(&arena);
}

/* By hand: a square upon itself, a quarter in common, touching only, one within another. */
static void overlaps_by_hand(void **state) {
    (void)state;
    const double places[][3] = {{0, 0, 10}, {0, 0, 10}, {5, 5, 10}, {10, 0, 5}, {100, 0, 10}, {103, 3, 4}};
    const double expected[][6] = {
        {0, 1, 100, 1, 1, 1}, {0, 2, 25, 0.25, 0.25, 0}, {1, 2, 25, 0.25, 0.25, 0}, {4, 5, 16, 0.16, 1, 0}};
    const uint32_t overlaps[] = {2, 2, 2, 0, 1, 1};
    analysis_zip z;
    az_init(&z, 6);
    for (size_t i = 0; i < z.n; i++) {
        w.n = 0;
        wkb_put_header(&w, WKB_POLYGON, 1);
        shape_rectangle(&w, places[i][0], places[i][1], places[i][2], places[i][2]);
        az_shape(&z, w.bytes, w.n);
    }
    assert_int_equal(az_run(&z, "overlaps"), ZF_OK);
    assert_int_equal(z.rows.n, 4);
    for (size_t r = 0; r < 4; r++)
        for (size_t c = 0; c < 6; c++)
            assert_true(fabs(z.cells[6 * r + c] - expected[r][c]) < 1e-9);
    for (size_t i = 0; i < z.n; i++)
        assert_int_equal(((uint32_t *)z.columns[0])[i], overlaps[i]);
    assert_true(z.values[0].as.integer == 4 && z.values[2].as.integer == 1);
    assert_true(fabs(z.values[1].as.real - 166) < 1e-9);
    assert_int_equal(az_run(&z, "overlaps:min_area_m2=20"), ZF_OK);
    assert_int_equal(z.rows.n, 3);
    az_deinit(&z);
}

/* Lattice rectangles against their exact common areas, all pairs. */
static void overlaps_are_those_of_all_pairs(void **state) {
    (void)state;
    uint64_t seed = 2;
    analysis_zip z;
    double boxes[150][4];
    size_t row = 0;
    az_init(&z, 150);
    for (size_t i = 0; i < z.n; i++) {
        for (size_t k = 0; k < 2; k++) {
            boxes[i][k] = floor(shape_random(&seed) * 400) / 4;
            boxes[i][2 + k] = boxes[i][k] + 1 + floor(shape_random(&seed) * 8);
        }
        w.n = 0;
        wkb_put_header(&w, WKB_POLYGON, 1);
        shape_rectangle(&w, boxes[i][0], boxes[i][1], boxes[i][2] - boxes[i][0], boxes[i][3] - boxes[i][1]);
        az_shape(&z, w.bytes, w.n);
    }
    assert_int_equal(az_run(&z, "overlaps"), ZF_OK);
    for (size_t a = 0; a < z.n; a++)
        for (size_t b = a + 1; b < z.n; b++) {
            double dx = fmin(boxes[a][2], boxes[b][2]) - fmax(boxes[a][0], boxes[b][0]);
            double dy = fmin(boxes[a][3], boxes[b][3]) - fmax(boxes[a][1], boxes[b][1]);
            if (dx <= 0 || dy <= 0 || dx * dy < 0.01)
                continue;
            assert_true(row < z.rows.n);
            const double *cells = z.cells + 6 * row++;
            assert_true(cells[0] == (double)a && cells[1] == (double)b && fabs(cells[2] - dx * dy) < 1e-9);
        }
    assert_true(row == z.rows.n && row > 20 && row < z.n);
    az_deinit(&z);
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
        assert_int_equal(az_run(&z, "overlaps"), ZF_OK);
        assert_true(z.rows.n == 0 && z.values[0].as.integer == 0 && z.values[1].as.real == 0);
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
    const char *const texts[] = {"nearest:metric=edge", "adjacency", "overlaps"};
    for (size_t k = 0; k < 3; k++) {
        analysis_zip z;
        uint64_t seed = 1;
        put_shapes(&z, 200, 100, &seed);
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
        cmocka_unit_test(overlaps_by_hand),
        cmocka_unit_test(overlaps_are_those_of_all_pairs),
        cmocka_unit_test(few_buildings_are_told_of_too),
        cmocka_unit_test(footprints_in_one_place_are_at_distance_zero_from_the_lowest_row),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests_name("analyses of footprints", tests, NULL, NULL);
}
