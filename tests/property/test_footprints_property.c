/* SPDX-License-Identifier: MIT */
/* Distances of random footprints against GEOS, and the walls they share. */
#include "unit/footprint_shapes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h> /* wants those above */

#include <geos_c.h>

enum { N = 120 };
static const zf_frame plane = {.unit = 1};

typedef struct town {
    zf_arena arena;
    zf_footprints footprints;
    GEOSContextHandle_t geos;
    GEOSGeometry *shapes[N];
} town;

static void add(town *t, const wkb_writer *w, GEOSWKBReader *reader) {
    zf_wkb wkb;
    assert_int_equal(zf_wkb_open(w->bytes, w->n, &wkb), ZF_WKB_POLYGONAL);
    t->shapes[t->footprints.n] = GEOSWKBReader_read_r(t->geos, reader, w->bytes, w->n);
    assert_non_null(t->shapes[t->footprints.n]);
    assert_int_equal(zf_footprints_add(&t->footprints, NULL, &plane, &wkb, NULL), ZF_OK);
}

static void build(town *t, double extent, uint64_t *seed) {
    static wkb_writer w;
    zf_arena_init(&t->arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_footprints_create(&t->arena, N, 3 * N, 20 * N, &t->footprints, NULL), ZF_OK);
    t->geos = GEOS_init_r();
    GEOSWKBReader *reader = GEOSWKBReader_create_r(t->geos);
    for (size_t i = 0; i < N; i++) {
        shape_make(&w, extent, seed);
        add(t, &w, reader);
    }
    GEOSWKBReader_destroy_r(t->geos, reader);
}

static void destroy(town *t) {
    for (size_t i = 0; i < N; i++)
        GEOSGeom_destroy_r(t->geos, t->shapes[i]);
    GEOS_finish_r(t->geos);
    zf_arena_release(&t->arena);
}

static void distances_and_common_areas_are_those_of_geos(void **state) {
    (void)state;
    uint64_t seed = 11;
    zf_geos *geos = NULL;
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    for (int set = 0; set < 25; set++) {
        town t;
        size_t n_touching = 0;
        build(&t, set % 2 ? 100 : 400, &seed);
        for (size_t a = 0; a < N; a++)
            for (size_t b = 0; b < N; b++) {
                double expected = -1, limit_m = 30;
                assert_int_equal(GEOSDistance_r(t.geos, t.shapes[a], t.shapes[b], &expected), 1);
                double distance_m = zf_footprints_distance_m(&t.footprints, a, b, INFINITY);
                assert_true(fabs(distance_m - expected) <= 1e-9);
                assert_true(distance_m == zf_footprints_distance_m(&t.footprints, b, a, INFINITY));
                double limited = zf_footprints_distance_m(&t.footprints, a, b, limit_m);
                assert_true(distance_m <= limit_m ? fabs(limited - distance_m) <= 1e-12 : limited > limit_m);
                double common_m2 = -1, expected_m2 = -1;
                GEOSGeometry *common = GEOSIntersection_r(t.geos, t.shapes[a], t.shapes[b]);
                assert_int_equal(GEOSArea_r(t.geos, common, &expected_m2), 1);
                GEOSGeom_destroy_r(t.geos, common);
                if (expected == 0)
                    assert_int_equal(
                        zf_footprints_common_area_m2(&t.footprints, a, b, geos, &common_m2, NULL), ZF_OK);
                assert_true(fabs((expected == 0 ? common_m2 : 0) - expected_m2) < 1e-8);
                if (a == b)
                    assert_true(fabs(zf_footprints_area_m2(&t.footprints, a) - expected_m2) < 1e-8);
                n_touching += a != b && expected == 0;
            }
        assert_true(n_touching > 10);
        destroy(&t);
    }
    zf_geos_destroy(geos);
}

/** The wall that two footprints share. */
static double shared_wall(const zf_footprints *f, size_t a, size_t b, double tolerance_m) {
    zf_arena arena;
    zf_wall_list of_a, of_b;
    double wall_m = -1;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_wall_list_create(&arena, &of_a, NULL), ZF_OK);
    assert_int_equal(zf_wall_list_create(&arena, &of_b, NULL), ZF_OK);
    assert_int_equal(zf_footprints_add_walls(f, a, b, tolerance_m, &of_a, &of_b, &wall_m, NULL), ZF_OK);
    zf_arena_release(&arena);
    return wall_m;
}

/* Of lattice rectangles GEOS knows the common line of the boundaries just. */
static void shared_walls_are_the_common_lines_of_boundaries(void **state) {
    (void)state;
    uint64_t seed = 5;
    static wkb_writer w;
    town t = {.geos = GEOS_init_r()};
    GEOSWKBReader *reader = GEOSWKBReader_create_r(t.geos);
    zf_arena_init(&t.arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_footprints_create(&t.arena, N, N, 5 * N, &t.footprints, NULL), ZF_OK);
    for (size_t i = 0; i < N; i++) {
        double x = 4 * floor(shape_random(&seed) * 12), y = 4 * floor(shape_random(&seed) * 12);
        w.n = 0;
        wkb_put_header(&w, WKB_POLYGON, 1);
        shape_rectangle(&w, x, y, 4 + 4 * floor(shape_random(&seed) * 3),
                        4 + 4 * floor(shape_random(&seed) * 3));
        add(&t, &w, reader);
    }
    for (size_t a = 0; a < N; a++)
        for (size_t b = 0; b < N; b++) {
            GEOSGeometry *first = GEOSBoundary_r(t.geos, t.shapes[a]),
                         *second = GEOSBoundary_r(t.geos, t.shapes[b]);
            GEOSGeometry *common = GEOSIntersection_r(t.geos, first, second);
            double expected = -1;
            assert_int_equal(GEOSLength_r(t.geos, common, &expected), 1);
            double wall_m = shared_wall(&t.footprints, a, b, 0.001);
            assert_true(wall_m == shared_wall(&t.footprints, b, a, 0.001));
            assert_true(fabs(wall_m - expected) < 0.02);
            GEOSGeom_destroy_r(t.geos, first);
            GEOSGeom_destroy_r(t.geos, second);
            GEOSGeom_destroy_r(t.geos, common);
        }
    GEOSWKBReader_destroy_r(t.geos, reader);
    destroy(&t);
}

static double walls(const double *a, const double *b, double tolerance_m) {
    zf_arena arena;
    zf_footprints f;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_footprints_create(&arena, 2, 2, 10, &f, NULL), ZF_OK);
    for (int i = 0; i < 2; i++) {
        static wkb_writer w;
        zf_wkb wkb;
        wkb_polygon(&w, i == 0 ? a : b, 5);
        assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
        assert_int_equal(zf_footprints_add(&f, NULL, &plane, &wkb, NULL), ZF_OK);
    }
    double wall_m = shared_wall(&f, 0, 1, tolerance_m);
    zf_arena_release(&arena);
    return wall_m;
}

#define HOUSE(x, y, dx, dy)                                                                                  \
    (const double[]) {                                                                                       \
        x, y, x + dx, y, x + dx, y + dy, x, y + dy, x, y                                                     \
    }

static void shared_walls_by_hand(void **state) {
    (void)state;
    const double *house = HOUSE(0, 0, 10, 8);
    assert_true(walls(house, HOUSE(10, 0, 10, 8), 0.01) > 7.99);
    assert_true(walls(house, HOUSE(10, 0, 10, 8), 0.01) < 8.03);
    assert_true(fabs(walls(house, HOUSE(10, 5, 10, 8), 0.01) - 3) < 0.03);     /* shifted */
    assert_true(walls(house, HOUSE(10, 8, 10, 8), 0.01) < 0.05);               /* corner to corner */
    assert_true(fabs(walls(house, HOUSE(10.005, 0, 10, 8), 0.01) - 8) < 0.03); /* a crack */
    assert_true(walls(house, HOUSE(10.02, 0, 10, 8), 0.01) == 0);
    assert_true(fabs(walls(house, house, 0.01) - 36) < 1e-9); /* all of them, each once */
    assert_true(fabs(walls(house, HOUSE(10, 0, 0.4, 8), 0.5) - 8) <
                1e-9);                                        /* both sides of a thin one are near */
    assert_true(walls(house, HOUSE(10, 8, 10, 8), 1) < 1e-9); /* a corner shares nothing */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_and_common_areas_are_those_of_geos),
        cmocka_unit_test(shared_walls_are_the_common_lines_of_boundaries),
        cmocka_unit_test(shared_walls_by_hand),
    };
    return cmocka_run_group_tests_name("footprints", tests, NULL, NULL);
}
