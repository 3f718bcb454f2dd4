/* SPDX-License-Identifier: MIT */
/* Buildings that are not of the ZIP, against the same analysis of all as the ZIP's own, and plain scans. */
#include "unit/analysis_zip.h"
#include "unit/footprint_shapes.h"

static wkb_writer w;

/** Own rows and others; fids of either in ascending order, and some of the others lower than any own. */
typedef struct town {
    analysis_zip z;
    size_t n_own, n_all;
    int64_t *fids;
} town;

static void build(town *t, size_t n_own, size_t n_others, double extent, uint64_t *seed) {
    t->n_own = n_own;
    t->n_all = n_own + n_others;
    t->fids = calloc(t->n_all + 1, sizeof *t->fids);
    assert_non_null(t->fids);
    az_init(&t->z, t->n_all);
    for (size_t i = 0; i < t->n_all; i++) {
        shape_make(&w, extent, seed);
        az_shape(&t->z, w.bytes, w.n);
        const zf_envelope *box = &t->z.footprints.boxes[i];
        az_put(&t->z, i, floor((box->min_x + box->max_x) / 4), floor((box->min_y + box->max_y) / 4));
        t->fids[i] = i < n_own ? 100 + 2 * (int64_t)i : 91 + 2 * (int64_t)(i - n_own);
    }
    t->z.fids = t->fids;
}

static void raze(town *t) {
    t->z.n = t->n_all;
    az_deinit(&t->z);
    free(t->fids);
}

static void run_of_all(town *t, const char *text) {
    t->z.n = t->n_all;
    t->z.n_others = 0;
    assert_int_equal(az_run(&t->z, text), ZF_OK);
}

static void run_with_others(town *t, const char *text) {
    t->z.n = t->n_own;
    t->z.n_others = t->n_all - t->n_own;
    assert_int_equal(az_run(&t->z, text), ZF_OK);
}

static double between(const town *t, bool is_edge, size_t i, size_t k) {
    if (is_edge)
        return zf_footprints_distance_m(&t->z.footprints, i, k, INFINITY);
    double dx = t->z.xyz_m[3 * i] - t->z.xyz_m[3 * k], dy = t->z.xyz_m[3 * i + 1] - t->z.xyz_m[3 * k + 1];
    return sqrt(dx * dx + dy * dy);
}

static void assert_nearest(town *t, bool is_edge, double halo_m) {
    char text[64];
    (void)snprintf(text, sizeof text, "nearest:metric=%s,halo_m=%g", is_edge ? "edge" : "centroid", halo_m);
    run_with_others(t, text);
    const double *told_m = t->z.columns[0];
    const uint32_t *told = t->z.columns[1];
    for (size_t i = 0; i < t->n_own; i++) {
        double best_m = INFINITY;
        size_t best = ZF_NO_ROW;
        for (size_t k = 0; k < t->n_all; k++) {
            double m = k == i ? INFINITY : between(t, is_edge, i, k);
            bool counts = k < t->n_own || m <= halo_m;
            if (counts && (m < best_m || (m == best_m && m < INFINITY && t->fids[k] < t->fids[best]))) {
                best_m = m;
                best = k;
            }
        }
        assert_int_equal(told[i], best);
        assert_true(best == ZF_NO_ROW ? isnan(told_m[i]) : told_m[i] == best_m);
    }
    zf_value mean = t->z.values[0];
    t->z.wants_columns = false;
    run_with_others(t, text);
    assert_memory_equal(&mean, &t->z.values[0], sizeof mean);
    t->z.wants_columns = true;
}

static void nearest_is_that_of_a_scan(void **state) {
    (void)state;
    uint64_t seed = 5;
    const size_t own[] = {1, 2, 40, 300}, others[] = {1, 17, 300};
    const double halos[] = {0, 3, 25, 1000};
    for (size_t k = 0; k < 4; k++)
        for (size_t o = 0; o < 3; o++)
            for (size_t h = 0; h < 4; h++) {
                town t;
                build(&t, own[k], others[o], 300, &seed);
                assert_nearest(&t, false, halos[h]);
                assert_nearest(&t, true, halos[h]);
                raze(&t);
            }
}

static void neighbours_are_those_of_all(void **state) {
    (void)state;
    uint64_t seed = 6;
    town t;
    build(&t, 200, 150, 400, &seed);
    const char *const texts[][2] = {{"neighbours:within_m=30", "neighbours:within_m=30,halo_m=30"},
                                    {"neighbours:within_m=111", "neighbours:within_m=111,halo_m=500"}};
    for (size_t k = 0; k < 2; k++) {
        uint32_t expected[200];
        run_of_all(&t, texts[k][0]);
        memcpy(expected, t.z.columns[0], sizeof expected);
        run_with_others(&t, texts[k][1]);
        assert_memory_equal(expected, t.z.columns[0], sizeof expected);
        run_with_others(&t, texts[k][0]); /* nobody asked for the others */
        assert_memory_not_equal(expected, t.z.columns[0], sizeof expected);
    }
    raze(&t);
}

static void walls_are_those_of_all(void **state) {
    (void)state;
    uint64_t seed = 7;
    town t;
    build(&t, 200, 150, 150, &seed);
    uint32_t adjacent[200];
    double wall_m[200];
    run_of_all(&t, "adjacency");
    memcpy(adjacent, t.z.columns[0], sizeof adjacent);
    memcpy(wall_m, t.z.columns[1], sizeof wall_m);
    run_with_others(&t, "adjacency:halo_m=0.01");
    assert_memory_equal(adjacent, t.z.columns[0], sizeof adjacent);
    for (size_t i = 0; i < 200; i++)
        assert_true(fabs(wall_m[i] - ((double *)t.z.columns[1])[i]) < 1e-9);
    raze(&t);
}

/* Which others there are beside those that count, and in what order, shows in no bit. */
static void more_others_than_count_change_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {"nearest:halo_m=10", "nearest:metric=edge,halo_m=10",
                                        "neighbours:within_m=20,halo_m=20", "adjacency:halo_m=1",
                                        "overlaps:halo_m=0"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        double wall_m[2][100];
        uint32_t counts[2][100];
        zf_value values[2][4] = {{{0}}};
        for (size_t few = 0; few < 2; few++) {
            uint64_t seed = 8, far = 9;
            town t;
            build(&t, 100, 60, 80, &seed);
            t.n_all = 160;
            analysis_zip all = t.z;
            if (few == 0) { /* the same, and 700 far away after them */
                az_init(&t.z, 860);
                uint64_t again = 8;
                for (size_t i = 0; i < 860; i++) {
                    shape_make(&w, i < 160 ? 80 : 4000, i < 160 ? &again : &far);
                    az_shape(&t.z, w.bytes, w.n);
                    const zf_envelope *box = &t.z.footprints.boxes[i];
                    az_put(&t.z, i, i < 160 ? all.xyz_m[3 * i] : box->min_x + 5e5,
                           i < 160 ? all.xyz_m[3 * i + 1] : box->min_y);
                    if (i >= 160) { /* their shapes, too */
                        size_t from = t.z.footprints.ring_start[t.z.footprints.first_ring[i]];
                        size_t to = t.z.footprints.ring_start[t.z.footprints.first_ring[i + 1]];
                        for (size_t at = from; at < to; at++)
                            t.z.footprints.xy_m[2 * at] += 5e5;
                        t.z.footprints.boxes[i].min_x += 5e5;
                        t.z.footprints.boxes[i].max_x += 5e5;
                    }
                }
                az_deinit(&all);
                free(t.fids);
                t.fids = calloc(860, sizeof *t.fids);
                assert_non_null(t.fids);
                for (size_t i = 0; i < 860; i++)
                    t.fids[i] = i < 100 ? 100 + 2 * (int64_t)i : 91 + 2 * (int64_t)(i - 100);
                t.z.fids = t.fids;
                t.n_all = 860;
            }
            run_with_others(&t, texts[k]);
            const zf_analysis *analysis = t.z.job.analysis;
            for (size_t c = 0; c < analysis->n_building_columns; c++)
                if (analysis->building_columns[c].producer == ZF_CELL_NUMBER)
                    memcpy(wall_m[few], t.z.columns[c], sizeof wall_m[few]);
                else
                    memcpy(counts[few], t.z.columns[c], sizeof counts[few]);
            memcpy(values[few], t.z.values, analysis->n_zip_columns * sizeof values[few][0]);
            raze(&t);
        }
        if (k != 2 && k != 4)
            assert_memory_equal(wall_m[0], wall_m[1], sizeof wall_m[0]);
        assert_memory_equal(counts[0], counts[1], sizeof counts[0]);
        assert_memory_equal(values[0], values[1], sizeof values[0]);
    }
}

static void overlaps_are_those_of_all(void **state) {
    (void)state;
    uint64_t seed = 10;
    town t;
    build(&t, 100, 80, 90, &seed);
    uint32_t expected[100];
    run_of_all(&t, "overlaps");
    memcpy(expected, t.z.columns[0], sizeof expected);
    size_t n_pairs = 0;
    for (size_t i = 0; i < t.z.rows.n; i++)
        n_pairs += t.z.cells[6 * i] < 100; /* fid_a is the lower row: one of the two is own */
    run_with_others(&t, "overlaps:halo_m=0");
    assert_memory_equal(expected, t.z.columns[0], sizeof expected);
    assert_int_equal(t.z.rows.n, n_pairs);
    assert_int_equal(t.z.values[0].as.integer, n_pairs);
    raze(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_is_that_of_a_scan), cmocka_unit_test(neighbours_are_those_of_all),
        cmocka_unit_test(walls_are_those_of_all),    cmocka_unit_test(more_others_than_count_change_nothing),
        cmocka_unit_test(overlaps_are_those_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
