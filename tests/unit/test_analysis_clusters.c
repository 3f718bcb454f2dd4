/* SPDX-License-Identifier: MIT */
/* DBSCAN against its definition, by comparing all pairs. */
#include "effort.h"
#include "unit/analysis_zip.h"
#include "unit/footprint_shapes.h"

enum { MAX_N = 400, CLUSTER = 0, BUILDINGS, CORES, N_CELLS };

static wkb_writer w;

static void put_square(analysis_zip *z, double x, double y, double side) {
    w.n = 0;
    wkb_put_header(&w, WKB_POLYGON, 1);
    shape_rectangle(&w, x, y, side, side);
    az_shape(z, w.bytes, w.n);
}

static void spread(const analysis_zip *z, const bool *is_core, double eps_m, size_t i, int number,
                   int *cluster) {
    cluster[i] = number;
    for (size_t j = 0; j < z->n; j++)
        if (is_core[j] && cluster[j] == 0 &&
            zf_footprints_distance_m(&z->footprints, i, j, INFINITY) <= eps_m)
            spread(z, is_core, eps_m, j, number, cluster);
}

/* Cores; what can be reached from core to core; edges to the nearest core; numbers by the lowest row. */
static int cluster_by_definition(const analysis_zip *z, double eps_m, size_t min, int *cluster,
                                 bool *is_core) {
    int parts[MAX_N] = {0}, n_parts = 0, numbers[MAX_N + 1] = {0}, n_clusters = 0;
    for (size_t i = 0; i < z->n; i++) {
        size_t n_near = 0;
        for (size_t j = 0; j < z->n; j++)
            n_near += i == j || zf_footprints_distance_m(&z->footprints, i, j, INFINITY) <= eps_m;
        is_core[i] = n_near >= min;
    }
    for (size_t i = 0; i < z->n; i++)
        if (is_core[i] && parts[i] == 0)
            spread(z, is_core, eps_m, i, ++n_parts, parts);
    for (size_t i = 0; i < z->n; i++) {
        double best_m = INFINITY;
        cluster[i] = is_core[i] ? parts[i] : 0;
        for (size_t j = 0; !is_core[i] && j < z->n; j++) {
            double m = zf_footprints_distance_m(&z->footprints, i, j, INFINITY);
            if (is_core[j] && m <= eps_m && m < best_m) {
                best_m = m;
                cluster[i] = parts[j];
            }
        }
    }
    for (size_t i = 0; i < z->n; i++) {
        if (cluster[i] != 0 && numbers[cluster[i]] == 0)
            numbers[cluster[i]] = ++n_clusters;
        cluster[i] = cluster[i] == 0 ? 0 : numbers[cluster[i]];
    }
    return n_clusters;
}

static void assert_clusters(analysis_zip *z, double eps_m, size_t min) {
    char text[80];
    int cluster[MAX_N];
    bool is_core[MAX_N];
    int n_clusters = cluster_by_definition(z, eps_m, min, cluster, is_core);
    double buildings[MAX_N + 1] = {0}, cores[MAX_N + 1] = {0}, n_clustered = 0;
    (void)snprintf(text, sizeof text, "clusters:eps_m=%.17g,min=%zu", eps_m, min);
    assert_int_equal(az_run(z, text), ZF_OK);
    for (size_t i = 0; i < z->n; i++) {
        double found = ((double *)z->columns[0])[i];
        assert_true(cluster[i] == 0 ? isnan(found) : found == cluster[i]);
        n_clustered += cluster[i] != 0;
        buildings[cluster[i]]++;
        cores[cluster[i]] += is_core[i];
    }
    assert_true(z->values[0].as.integer == n_clusters);
    assert_true(z->values[1].as.integer == (int64_t)n_clustered);
    assert_int_equal(z->rows.n, n_clusters);
    for (int c = 1; c <= n_clusters; c++) {
        const double *cells = z->cells + (c - 1) * N_CELLS;
        assert_true(cells[CLUSTER] == c && cells[BUILDINGS] == buildings[c] && cells[CORES] == cores[c]);
        assert_non_null(z->polygons[c - 1].bytes);
    }
}

static void few_buildings_are_clustered_by_definition(void **state) {
    (void)state;
    for (size_t n = 0; n < 4; n++)
        for (size_t min = 1; min < 4; min++) {
            analysis_zip z;
            az_init(&z, n);
            for (size_t i = 0; i < n; i++)
                put_square(&z, 8 * (double)i, 0, 5);
            assert_clusters(&z, 3, min); /* just as far as they are apart */
            assert_clusters(&z, 2.999, min);
            az_deinit(&z);
        }
}

static void many_buildings_are_clustered_by_definition(void **state) {
    (void)state;
    uint64_t seed = 31;
    const double extents[] = {60, 150, 400, 900};
    for (size_t e = 0; e < 4; e++)
        for (int set = 0; set < effort(3); set++) {
            analysis_zip z;
            az_init(&z, 250);
            for (size_t i = 0; i < z.n; i++) {
                shape_make(&w, extents[e], &seed);
                az_shape(&z, w.bytes, w.n);
            }
            const double eps[] = {0.5, 4, 8, 25};
            const size_t min[] = {1, 2, 4, 7, 20};
            for (size_t k = 0; k < 4; k++)
                for (size_t m = 0; m < 5; m++)
                    assert_clusters(&z, eps[k], min[m]);
            z.wants_columns = false;
            int64_t n_clusters = z.values[0].as.integer;
            assert_int_equal(az_run(&z, "clusters:eps_m=25,min=20"), ZF_OK);
            assert_true(z.values[0].as.integer == n_clusters);
            az_deinit(&z);
        }
}

static void buildings_in_one_place_are_a_cluster(void **state) {
    (void)state;
    analysis_zip z;
    az_init(&z, 100);
    for (size_t i = 0; i < z.n; i++)
        put_square(&z, 1, 2, 3);
    assert_clusters(&z, 1, 100);
    assert_clusters(&z, 1, 101);
    az_deinit(&z);
}

/* More corners than the room for a hull holds at first: squares on a circle. */
static void a_large_hull_is_written_whole(void **state) {
    (void)state;
    zf_wkb wkb;
    analysis_zip z;
    az_init(&z, 3000);
    for (size_t i = 0; i < z.n; i++) {
        double angle = 6.283185307179586 * (double)i / (double)z.n;
        put_square(&z, 1000 * cos(angle), 1000 * sin(angle), 0.001);
    }
    z.is_beyond_forecast = true;
    assert_int_equal(az_run(&z, "clusters:eps_m=3,min=2"), ZF_OK);
    assert_int_equal(z.rows.n, 1);
    assert_int_equal(zf_wkb_open(z.polygons[0].bytes, z.polygons[0].n, &wkb), ZF_WKB_POLYGONAL);
    assert_true(wkb.n_points > 2900);
    az_deinit(&z);
}

static void failures_are_told(void **state) {
    (void)state;
    const zf_callbacks cancelled = {.is_cancelled = az_always};
    analysis_zip z;
    az_init(&z, 200);
    for (size_t i = 0; i < z.n; i++)
        put_square(&z, (double)i, 0, 1);
    z.callbacks = &cancelled;
    assert_int_equal(az_run(&z, "clusters:eps_m=3,min=2"), ZF_E_CANCELLED);
    z.callbacks = NULL;
    for (size_t limit = 500; limit < 12000; limit += 500) {
        z.budget.limit_bytes = limit;
        assert_int_equal(az_run(&z, "clusters:eps_m=3,min=2"), ZF_E_MEMORY);
        assert_non_null(strstr(z.error.text, "analysis clusters"));
    }
    az_deinit(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_buildings_are_clustered_by_definition),
        cmocka_unit_test(many_buildings_are_clustered_by_definition),
        cmocka_unit_test(buildings_in_one_place_are_a_cluster),
        cmocka_unit_test(a_large_hull_is_written_whole),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests_name("analysis clusters", tests, NULL, NULL);
}
