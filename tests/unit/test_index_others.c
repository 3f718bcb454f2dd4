/* SPDX-License-Identifier: MIT */
#include "index/index.h"
#include "unit/analysis_zip.h"

/** Points in leaves, and where they were. */
typedef struct packed {
    size_t n;
    double *xyz_m;
    zf_points *points;
    double *leaves;
    zf_arena arena;
} packed;

static packed pack(size_t n, unsigned kind, uint64_t *seed) {
    packed p = {.n = n};
    zf_arena scratch;
    p.xyz_m = calloc(n + 1, 3 * sizeof *p.xyz_m);
    p.leaves = calloc(zf_points_room(n) + 1, 3 * sizeof *p.leaves);
    assert_true(p.xyz_m != NULL && p.leaves != NULL);
    for (size_t i = 0; i < n; i++) {
        double x = az_random(seed) * 1000, y = az_random(seed) * 1000;
        p.xyz_m[3 * i] = kind == 1 ? floor(x / 50) * 50 : x; /* many in one place */
        p.xyz_m[3 * i + 1] = kind == 1 ? floor(y / 50) * 50 : y;
        p.xyz_m[3 * i + 2] = kind == 2 ? az_random(seed) * 30 : 0;
    }
    memcpy(p.leaves, p.xyz_m, 3 * n * sizeof *p.leaves);
    zf_arena_init(&p.arena, NULL, ZF_MEMORY_INDEX, 4096);
    zf_arena_init(&scratch, NULL, ZF_MEMORY_INDEX, 4096);
    assert_int_equal(zf_points_build(p.leaves, n, &p.arena, &scratch, &p.points, NULL), ZF_OK);
    zf_arena_release(&scratch);
    return p;
}

static void unpack(packed *p) {
    zf_arena_release(&p->arena);
    free(p->leaves);
    free(p->xyz_m);
}

static double distance_to(const packed *p, size_t i, const double *from) {
    double dx = p->xyz_m[3 * i] - from[0], dy = p->xyz_m[3 * i + 1] - from[1];
    double dz = p->xyz_m[3 * i + 2] - from[2];
    return sqrt(dx * dx + dy * dy + dz * dz);
}

static void assert_as_a_scan(const packed *p, const double *from, double limit_m) {
    double best_m = INFINITY;
    uint32_t best = ZF_NO_ROW, row = 0, n = 0;
    for (size_t i = 0; i < p->n; i++) {
        double distance_m = distance_to(p, i, from);
        n += distance_m <= limit_m;
        if (distance_m <= limit_m && distance_m < best_m) {
            best_m = distance_m;
            best = (uint32_t)i;
        }
    }
    double told_m = zf_points_nearest_to(p->points, from, limit_m, &row);
    assert_int_equal(row, best);
    assert_true(told_m == best_m);
    assert_int_equal(zf_points_count_near(p->points, from, limit_m), n);
}

static void places_see_what_a_scan_sees(void **state) {
    (void)state;
    uint64_t seed = 3;
    const size_t sizes[] = {0, 1, 2, 15, 16, 17, 257, 3000};
    const double limits[] = {0, 0.001, 7, 50, 300, 1e6, INFINITY};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (unsigned kind = 0; kind < 3; kind++) {
            packed p = pack(sizes[k], kind, &seed);
            for (size_t i = 0; i < 60; i++) {
                double from[3] = {az_random(&seed) * 1400 - 200, az_random(&seed) * 1400 - 200,
                                  kind == 2 ? 10 : 0};
                if (i % 3 == 0) { /* on the lattice, where some distances are just the limit */
                    from[0] = floor(from[0] / 50) * 50;
                    from[1] = floor(from[1] / 50) * 50;
                }
                for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++)
                    assert_as_a_scan(&p, from, limits[l]);
            }
            unpack(&p);
        }
}

typedef struct seen {
    const packed *packed;
    unsigned *times;
} seen;

static void note(void *user, uint32_t row, const double *xyz_m) {
    seen *s = user;
    assert_memory_equal(xyz_m, s->packed->xyz_m + 3 * (size_t)row, 3 * sizeof *xyz_m);
    s->times[row]++;
}

static void each_point_is_visited_once_at_its_place(void **state) {
    (void)state;
    uint64_t seed = 4;
    const size_t sizes[] = {0, 1, 16, 17, 5000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        packed p = pack(sizes[k], 2, &seed);
        seen s = {&p, calloc(p.n + 1, sizeof *s.times)};
        assert_non_null(s.times);
        assert_int_equal(zf_points_each(p.points, note, &s, NULL, NULL), ZF_OK);
        for (size_t i = 0; i < p.n; i++)
            assert_int_equal(s.times[i], 1);
        const zf_callbacks cancelled = {.is_cancelled = az_always};
        assert_int_equal(zf_points_each(p.points, note, &s, &cancelled, NULL),
                         p.n == 0 ? ZF_OK : ZF_E_CANCELLED);
        free(s.times);
        unpack(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_see_what_a_scan_sees),
        cmocka_unit_test(each_point_is_visited_once_at_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
