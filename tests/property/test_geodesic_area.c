/* SPDX-License-Identifier: MIT */
/*
 * Area and perimeter of building-sized footprints on the ellipsoid.
 *
 * Two oracles: PROJ's geod_polygonarea, whose own rounding is some 1e-5 m2 per edge, whatever the edge's
 * length; and, for what that cannot show, the geodesic equation itself, solved edge by edge by shooting in
 * long double.
 */
#include "geometry/geometry.h"
#include "property/geodesic_oracle.h"
#include "unit/wkb_writer.h"

#include <float.h>
#include <geodesic.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const double pi = 3.14159265358979323846;

/* Where geod_polygonarea is the less exact of the two: for a footprint of n vertices. */
static double polygonarea_noise_m2(size_t n) {
    return 1e-4 * sqrt((double)n);
}

static uint64_t random_state;

static double random_unit(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

/* ---- footprints ---- */

typedef enum shape { TRIANGLE, L_SHAPE, STRIP, SLIVER, STAR, N_SHAPES } shape;

static size_t draw(shape kind, double size, double *xy) {
    const double triangle[] = {0, 0, 1, 0, 0.3, 0.8};
    const double l_shape[] = {0, 0, 1, 0, 1, 0.4, 0.4, 0.4, 0.4, 1, 0, 1};
    const double strip[] = {0, 0, 1, 0, 1, 0.02, 0, 0.02};
    const double sliver[] = {0, 0, 1, 0, 0.5, 0.001};
    const double *const shapes[] = {triangle, l_shape, strip, sliver};
    const size_t counts[] = {3, 6, 4, 3, 24};
    for (size_t i = 0; i < counts[kind]; i++) {
        double angle = 2 * pi * (double)i / 24, r = 0.15 + 0.35 * random_unit();
        xy[2 * i] = size * (kind == STAR ? r * cos(angle) : shapes[kind][2 * i]);
        xy[2 * i + 1] = size * (kind == STAR ? r * sin(angle) : shapes[kind][2 * i + 1]);
    }
    return counts[kind];
}

/* A shape of a size in metres, turned and mirrored at random, somewhere at a latitude. */
static size_t place(shape kind, double size_m, double lat, double *xy) {
    size_t n = draw(kind, size_m, xy);
    double turn = 2 * pi * random_unit(), mirror = random_unit() < 0.5 ? -1 : 1,
           lon = 340 * random_unit() - 170;
    for (size_t i = 0; i < n; i++) {
        double x = xy[2 * i] * mirror, y = xy[2 * i + 1];
        xy[2 * i] = lon + (x * cos(turn) - y * sin(turn)) / (111320 * cos(lat * pi / 180));
        xy[2 * i + 1] = lat + (x * sin(turn) + y * cos(turn)) / 111000;
    }
    return n;
}

static zf_metric *metric_of_nad83(void) {
    zf_crs *crs;
    zf_metric *metric;
    assert_int_equal(zf_crs_create("EPSG:4269", &crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, true, &metric, NULL), ZF_OK);
    zf_crs_destroy(crs);
    return metric;
}

static void measure(zf_metric *metric, const double *xy, size_t n, double *out_area, double *out_length) {
    static wkb_writer w;
    double m[ZF_MEASURE_KINDS];
    zf_wkb wkb;
    wkb_polygon(&w, xy, n);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(
        zf_metric_measure(metric, &wkb, 1u << ZF_MEASURE_AREA_M2 | 1u << ZF_MEASURE_PERIMETER_M, m, NULL),
        ZF_OK);
    *out_area = m[ZF_MEASURE_AREA_M2];
    *out_length = m[ZF_MEASURE_PERIMETER_M];
}

static double polygonarea(const double *xy, size_t n, double *out_length) {
    struct geod_geodesic g;
    double lat[64], lon[64], area;
    geod_init(&g, semi_major_m, flattening);
    for (size_t i = 0; i < n; i++)
        lon[i] = xy[2 * i], lat[i] = xy[2 * i + 1];
    geod_polygonarea(&g, lat, lon, (int)n, &area, out_length);
    return fabs(area);
}

static void assert_within(const char *what, double got, double expected, double tolerance) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: %.17g, expected %.17g, off by %.3g, tolerated %.3g", what, got, expected,
                 fabs(got - expected), tolerance);
}

static const double sizes_m[] = {2, 10, 30, 100, 300, 900};
static const double lats[] = {0, 1e-5, 0.3, 15, 30, 42, 60, 75, 84.9};
enum { N_SIZES = sizeof sizes_m / sizeof *sizes_m, N_LATS = sizeof lats / sizeof *lats };

/* ---- properties ---- */

static void oracle_is_right_where_the_answer_is_known(void **state) {
    (void)state;
    /* geod_polygonarea of a large enough footprint: its noise is then below 1e-10 */
    random_state = 5;
    for (int i = 0; i < 20; i++) {
        double xy[64], length, geod_length, lat = 80 * (2 * random_unit() - 1);
        size_t n = place((shape)(i % 2), 3000, lat, xy);
        double area = true_area(xy, n, &length), geod_area = polygonarea(xy, n, &geod_length);
        assert_within("area", area, geod_area, 1e-10 * area);
        assert_within("length", length, geod_length, 1e-11 * length);
    }
}

static void areas_and_perimeters_are_those_of_geod_polygonarea(void **state) {
    (void)state;
    zf_metric *metric = metric_of_nad83();
    random_state = 1;
    for (int i = 0; i < 20000; i++) {
        double xy[64], area, length, geod_length;
        double lat = lats[random_state % N_LATS] * (random_unit() < 0.5 ? -1 : 1);
        double size_m = 2 * pow(500, random_unit());
        size_t n = place((shape)(i % N_SHAPES), size_m, lat, xy);
        measure(metric, xy, n, &area, &length);
        double geod_area = polygonarea(xy, n, &geod_length);
        assert_within("area", area, geod_area, 1e-9 * geod_area + polygonarea_noise_m2(n));
        assert_within("perimeter", length, geod_length, 1e-9 * geod_length);
    }
    zf_metric_destroy(metric);
}

/* Of all shapes but slivers; where geod_polygonarea had to answer (long ones far north), its noise is
 * allowed. */
static void areas_of_buildings_are_true_to_a_part_in_1e12(void **state) {
    (void)state;
    if (LDBL_MANT_DIG <= DBL_MANT_DIG)
        skip(); /* the oracle needs the digits */
    zf_metric *metric = metric_of_nad83();
    random_state = 2;
    for (int kind = 0; kind < N_SHAPES; kind++)
        for (int s = 0; s < N_SIZES; s++)
            for (int l = 0; l < 2 * N_LATS; l++) {
                double xy[64], area, length, true_length, lat = lats[l / 2] * (l % 2 ? -1 : 1);
                size_t n = place((shape)kind, sizes_m[s], lat, xy);
                double expected = true_area(xy, n, &true_length);
                bool is_building = sizes_m[s] <= 100 && kind != SLIVER;
                measure(metric, xy, n, &area, &length);
                assert_within("area", area, expected,
                              is_building ? 1e-12 * expected
                                          : 1e-9 * expected + (lat * lat > 3000 ? 1e-4 : 1e-6));
                assert_within("perimeter", length, true_length, (is_building ? 1e-12 : 1e-10) * true_length);
            }
    zf_metric_destroy(metric);
}

static void area_does_not_depend_on_start_direction_or_longitude(void **state) {
    (void)state;
    zf_metric *metric = metric_of_nad83();
    random_state = 3;
    for (int i = 0; i < 2000; i++) {
        double xy[64], turned[64], area, length, area_2, length_2;
        size_t n = place((shape)(i % 3), 20, 60 * random_unit(), xy),
               start = (size_t)(random_unit() * (double)n);
        bool is_reversed = random_unit() < 0.5;
        for (size_t k = 0; k < n; k++) {
            size_t from = (start + (is_reversed ? n - k : k)) % n;
            turned[2 * k] = xy[2 * from];
            turned[2 * k + 1] = xy[2 * from + 1];
        }
        measure(metric, xy, n, &area, &length);
        measure(metric, turned, n, &area_2, &length_2);
        assert_within("area", area_2, area, 1e-13 * area);
        assert_within("perimeter", length_2, length, 1e-14 * length);
        double shift = xy[0] < 0 ? 128 : -128; /* keeps all but the last digits */
        for (size_t k = 0; k < n; k++) {
            turned[2 * k] = xy[2 * k] + shift;
            turned[2 * k + 1] = xy[2 * k + 1];
        }
        measure(metric, turned, n, &area_2, &length_2);
        assert_within("area", area_2, area, 3e-7);
        assert_within("perimeter", length_2, length, 3e-8);
    }
    zf_metric_destroy(metric);
}

static void both_methods_agree_where_one_takes_over_from_the_other(void **state) {
    (void)state;
    zf_metric *metric = metric_of_nad83();
    random_state = 4;
    for (int i = 0; i < 400; i++) {
        double xy[64], area, length, geod_length,
            lat = i % 4 ? 80 * random_unit() : 84.9999 + 2e-4 * random_unit();
        size_t n = place((shape)(i % 2), i % 4 ? 1100 + 300 * random_unit() : 200, lat, xy);
        measure(metric, xy, n, &area, &length);
        double geod_area = polygonarea(xy, n, &geod_length);
        assert_within("area", area, geod_area, 1e-9 * geod_area + 2e-5);
        assert_within("perimeter", length, geod_length, 1e-10 * geod_length);
    }
    zf_metric_destroy(metric);
}

static void footprints_without_area_have_none(void **state) {
    (void)state;
    zf_metric *metric = metric_of_nad83();
    const double point[] = {-71, 42, -71, 42, -71, 42}, line[] = {-71, 42, -70.9999, 42.0001, -71, 42};
    double area, length, geod_length;
    measure(metric, point, 3, &area, &length);
    assert_true(area == 0 && length == 0);
    measure(metric, line, 3, &area, &length);
    polygonarea(line, 3, &geod_length);
    assert_within("area", area, 0, 1e-12);
    assert_within("perimeter", length, geod_length, 1e-9 * geod_length);
    zf_metric_destroy(metric);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oracle_is_right_where_the_answer_is_known),
        cmocka_unit_test(areas_and_perimeters_are_those_of_geod_polygonarea),
        cmocka_unit_test(areas_of_buildings_are_true_to_a_part_in_1e12),
        cmocka_unit_test(area_does_not_depend_on_start_direction_or_longitude),
        cmocka_unit_test(both_methods_agree_where_one_takes_over_from_the_other),
        cmocka_unit_test(footprints_without_area_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
