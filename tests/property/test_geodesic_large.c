/* SPDX-License-Identifier: MIT */
/** Areas of ZIP-sized rings on the ellipsoid against the geodesic equation in long double, and
 * geod_polygonarea. */
#include "geometry/geometry.h"
#include "property/geodesic_oracle.h"
#include "property/random_shapes.h"
#include "unit/wkb_writer.h"

#include <float.h>
#include <geodesic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_VERTICES = 4000 };

static const double turn = 6.283185307179586;

static zf_metric *metric_of_nad83(void) {
    zf_crs *crs;
    zf_metric *metric;
    assert_int_equal(zf_crs_create("EPSG:4269", &crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, true, &metric, NULL), ZF_OK);
    zf_crs_destroy(crs);
    return metric;
}

static double area_of(zf_metric *metric, const double *xy, size_t n) {
    static wkb_writer w;
    zf_wkb wkb;
    double area = NAN;
    wkb_polygon(&w, xy, n);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(zf_metric_area_m2(metric, &wkb, &area, NULL), ZF_OK);
    return area;
}

static double polygonarea(const double *xy, size_t n) {
    struct geod_geodesic g;
    static double lat[MAX_VERTICES], lon[MAX_VERTICES];
    double area, length;
    geod_init(&g, semi_major_m, flattening);
    for (size_t i = 0; i < n; i++)
        lon[i] = xy[2 * i], lat[i] = xy[2 * i + 1];
    geod_polygonarea(&g, lat, lon, (int)n, &area, &length);
    return fabs(area);
}

static void assert_within(const char *what, double got, double expected, double tolerance) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: %.17g, expected %.17g, off by %.3g (%.3g), tolerated %.3g", what, got, expected,
                 fabs(got - expected), fabs(got / expected - 1), tolerance);
}

/** A border of n vertices about a place, radius_m wide, wobbling by a part of it; not crossing itself need
 * not matter to an area. */
static void border(rng *r, double lon, double lat, double radius_m, size_t n, double *xy) {
    double wave = 2 + rng_below(r, 7), roughness = n < 100 ? 0.3 : 0.01;
    for (size_t i = 0; i < n; i++) {
        double angle = turn * (double)i / (double)n,
               rr = radius_m * (1 + 0.3 * sin(wave * angle) + roughness * rng_unit(r));
        xy[2 * i] = lon + rr * cos(angle) / (111320 * cos(lat * turn / 360));
        xy[2 * i + 1] = lat + rr * sin(angle) / 111000;
    }
}

static void oracle_agrees_with_geod_polygonarea(void **state) {
    (void)state;
    rng r = {1};
    double xy[200], length;
    for (int i = 0; i < 10; i++) {
        border(&r, 10, 140 * rng_unit(&r) - 70, 30000, 60, xy);
        double area = true_area(xy, 60, &length);
        assert_within("area", area, polygonarea(xy, 60), 1e-11 * area);
    }
}

/** Boundaries of ZIPs: vertices metres to kilometres apart; across the latitudes of the series, the equator
 * too. */
static void areas_are_true_to_a_part_in_1e11(void **state) {
    (void)state;
    if (LDBL_MANT_DIG <= DBL_MANT_DIG)
        skip(); /* the oracle needs the digits */
    static const double lats[] = {0, 0.24, 17.75, 42.2, 42.4, 60, 71.3, 84};
    static const double radii_m[] = {500, 3000, 10000, 40000};
    static const size_t counts[] = {3, 12, 60, 400};
    static double xy[2 * MAX_VERTICES];
    zf_metric *metric = metric_of_nad83();
    rng r = {2};
    double length;
    for (size_t a = 0; a < 8; a++)
        for (size_t b = 0; b < 4; b++)
            for (size_t c = 0; c < 4; c++) {
                double lat = lats[a] * (rng_below(&r, 2) ? 1 : -1);
                border(&r, 340 * rng_unit(&r) - 170, lat, radii_m[b], counts[c], xy);
                /* edges of tens of kilometres are beyond the oracle's eight steps */
                bool is_coarse = radii_m[b] >= 10000 && counts[c] < 60;
                double expected = is_coarse ? polygonarea(xy, counts[c]) : true_area(xy, counts[c], &length);
                /* where edges are long geod_geninverse answers: some 1e-5 m2 each */
                double noise = counts[c] < 100 ? 3e-5 * (double)counts[c] : 0;
                assert_within("area", area_of(metric, xy, counts[c]), expected, 1e-11 * expected + noise);
            }
    zf_metric_destroy(metric);
}

/** Thousands of vertices, long edges among short ones, and rings over many latitudes of the series. */
static void large_rings_agree_with_geod_polygonarea(void **state) {
    (void)state;
    static double xy[2 * MAX_VERTICES];
    zf_metric *metric = metric_of_nad83();
    rng r = {3};
    for (int i = 0; i < 300; i++) {
        size_t n = 3 + (size_t)rng_below(&r, MAX_VERTICES - 3);
        double radius_m = 3000 * pow(300, rng_unit(&r));
        border(&r, 250 * rng_unit(&r) - 125, 120 * rng_unit(&r) - 60, radius_m, n, xy);
        if (i % 2) /* a stretch without vertices */
            for (size_t k = n / 2; k < n - n / 4; k++)
                xy[2 * k] = xy[2 * (n / 2)], xy[2 * k + 1] = xy[2 * (n / 2) + 1];
        double expected = polygonarea(xy, n);
        assert_within("area", area_of(metric, xy, n), expected, 1e-10 * expected + 1e-4 * sqrt((double)n));
    }
    zf_metric_destroy(metric);
}

static void start_direction_and_closing_point_do_not_matter(void **state) {
    (void)state;
    static double xy[2 * MAX_VERTICES], turned[2 * MAX_VERTICES + 2];
    zf_metric *metric = metric_of_nad83();
    rng r = {4};
    for (int i = 0; i < 300; i++) {
        size_t n = 3 + (size_t)rng_below(&r, 1000), start = (size_t)rng_below(&r, (int)n);
        bool is_reversed = rng_below(&r, 2);
        border(&r, -71.1, 42.25 + 0.2 * rng_unit(&r), 8000, n, xy);
        for (size_t k = 0; k <= n; k++)
            for (size_t axis = 0; axis < 2; axis++)
                turned[2 * k + axis] = xy[2 * ((start + (is_reversed ? n - k % n : k)) % n) + axis];
        double area = area_of(metric, xy, n);
        assert_within("area", area_of(metric, turned, n + 1), area, 2e-12 * area);
        assert_true(area_of(metric, xy, n) == area);
    }
    zf_metric_destroy(metric);
}

/** Poles, the antimeridian, half the Earth: as geod_polygonarea has them. */
static void places_beyond_the_series_are_geod_polygonareas(void **state) {
    (void)state;
    static const double rings[][8] = {
        {-170, 80, 10, 86, 100, 80, 170, 84},                     /* about the pole */
        {179.99, 10, -179.99, 10, -179.99, 10.01, 179.99, 10.01}, /* across the antimeridian */
        {179.99, 10, 180.01, 10, 180.01, 10.01, 179.99, 10.01},   /* the same, counted on */
        {0, 85, 0.01, 85, 0.01, 85.001, 0, 85.001},
        {0, -90, 10, -89, 20, -89, 5, -89.5},
        {-60, 0, 60, 0, 60, 80, -60, 80},
    };
    zf_metric *metric = metric_of_nad83();
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
        double expected = polygonarea(rings[i], 4);
        assert_within("area", area_of(metric, rings[i], 4), expected, 1e-12 * expected + 1e-3);
    }
    const double point[] = {-71, 42, -71, 42, -71, 42}, line[] = {-71, 42, -70.9, 42.1, -71, 42};
    assert_true(area_of(metric, point, 3) == 0);
    assert_within("line", area_of(metric, line, 3), 0, 1e-3);
    zf_metric_destroy(metric);
}

static void a_sphere_is_measured_too(void **state) {
    (void)state;
    zf_crs *crs;
    zf_metric *metric;
    static double xy[2 * MAX_VERTICES];
    static double lat[MAX_VERTICES], lon[MAX_VERTICES];
    struct geod_geodesic g;
    double expected, length;
    rng r = {5};
    assert_int_equal(zf_crs_create("+proj=longlat +R=6371000 +no_defs", &crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, true, &metric, NULL), ZF_OK);
    border(&r, 5, 51.3, 9000, 500, xy);
    for (size_t i = 0; i < 500; i++)
        lon[i] = xy[2 * i], lat[i] = xy[2 * i + 1];
    geod_init(&g, 6371000, 0);
    geod_polygonarea(&g, lat, lon, 500, &expected, &length);
    assert_within("area", area_of(metric, xy, 500), fabs(expected), 1e-10 * fabs(expected));
    zf_metric_destroy(metric);
    zf_crs_destroy(crs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oracle_agrees_with_geod_polygonarea),
        cmocka_unit_test(areas_are_true_to_a_part_in_1e11),
        cmocka_unit_test(large_rings_agree_with_geod_polygonarea),
        cmocka_unit_test(start_direction_and_closing_point_do_not_matter),
        cmocka_unit_test(places_beyond_the_series_are_geod_polygonareas),
        cmocka_unit_test(a_sphere_is_measured_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
