/* SPDX-License-Identifier: MIT */
/* Measures and frames, against GEOS, geod_polygonarea and geod_inverse. The small-footprint series has
 * property/test_geodesic_area.c. */
#include "geometry/geometry.h"
#include "geometry/metric_internal.h"
#include "unit/wkb_writer.h"

#include <geodesic.h>
#include <geos_c.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const double pi = 3.14159265358979323846;
static const double metres_per_us_foot = 12 / 39.37;
static const unsigned all_measures = (1u << ZF_MEASURE_KINDS) - 1;

static const double square[] = {0, 0, 10, 0, 10, 10, 0, 10, 0, 0};
static const double small_hole[] = {2, 2, 4, 2, 4, 5, 2, 5, 2, 2};

static uint64_t random_state;

static double random_unit(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static zf_metric *make_metric(const char *definition, bool is_geodesic) {
    zf_crs *crs = NULL;
    zf_metric *metric = NULL;
    zf_status st = definition ? zf_crs_create(definition, &crs, NULL) : zf_crs_create_planar(&crs, NULL);
    assert_int_equal(st, ZF_OK);
    assert_int_equal(zf_metric_create(crs, is_geodesic, &metric, NULL), ZF_OK);
    assert_true(metric->is_geodesic == is_geodesic);
    zf_crs_destroy(crs); /* a metric does not need its CRS any more */
    return metric;
}

static void measure(zf_metric *metric, const wkb_writer *w, double *out) {
    zf_wkb wkb;
    zf_error error = ZF_ERROR_INIT;
    zf_wkb_kind kind = zf_wkb_open(w->bytes, w->n, &wkb);
    assert_true(kind == ZF_WKB_POLYGONAL || kind == ZF_WKB_EMPTY);
    zf_status st = zf_metric_measure(metric, &wkb, all_measures, out, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(st, ZF_OK);
}

static void assert_near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g and %.17g differ by more than %g", a, b, tolerance);
}

/* Star-shaped ring of n vertices and a closing point about (x, y), radii 0.3 .. 1 times radius. */
static void star(double x, double y, double radius, size_t n, double *xy) {
    for (size_t i = 0; i < n; i++) {
        double angle = 2 * pi * (double)i / (double)n, r = radius * (0.3 + 0.7 * random_unit());
        xy[2 * i] = x + r * cos(angle);
        xy[2 * i + 1] = y + r * sin(angle);
    }
    xy[2 * n] = xy[0];
    xy[2 * n + 1] = xy[1];
}

static void reverse(double *xy, size_t n) {
    for (size_t i = 0; i < n / 2; i++)
        for (size_t k = 0; k < 2; k++) {
            double kept = xy[2 * i + k];
            xy[2 * i + k] = xy[2 * (n - 1 - i) + k];
            xy[2 * (n - 1 - i) + k] = kept;
        }
}

/* ---- names ---- */

static void measures_have_names_and_types(void **state) {
    (void)state;
    const char *const expected[] = {"area_m2",           "perimeter_m",     "width_m",        "length_m",
                                    "elongation",        "orientation_deg", "rectangularity", "convexity",
                                    "compactness",       "n_vertices",      "n_parts",        "n_holes",
                                    "courtyard_area_m2", "centroid_x",      "centroid_y",     "share"};
    assert_int_equal(ZF_MEASURE_KINDS, sizeof expected / sizeof *expected);
    for (int i = 0; i < ZF_MEASURE_KINDS; i++) {
        assert_string_equal(zf_measure_name((zf_measure)i), expected[i]);
        assert_int_equal(zf_measure_by_name(expected[i]), i);
        assert_int_equal(zf_measure_type((zf_measure)i),
                         strncmp(expected[i], "n_", 2) == 0 ? ZF_FIELD_INTEGER : ZF_FIELD_REAL);
    }
    assert_int_equal(zf_measure_by_name("Area_M2"), ZF_MEASURE_AREA_M2);
    assert_int_equal(zf_measure_by_name("area"), ZF_MEASURE_KINDS);
    assert_int_equal(zf_measure_by_name(""), ZF_MEASURE_KINDS);
}

/* ---- creation ---- */

static void planar_metric_of_angles_is_refused(void **state) {
    (void)state;
    zf_crs *crs;
    zf_metric *metric = NULL;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_crs_create("EPSG:4326", &crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, false, &metric, &error), ZF_E_USAGE);
    assert_null(metric);
    assert_non_null(strstr(error.text, "WGS 84"));
    assert_non_null(strstr(error.text, "`measure` geodesic"));
    zf_crs_destroy(crs);
}

static void geodesic_metric_without_crs_is_refused(void **state) {
    (void)state;
    zf_crs *crs;
    zf_metric *metric = NULL;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_crs_create_planar(&crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, true, &metric, &error), ZF_E_USAGE);
    assert_null(metric);
    assert_non_null(strstr(error.text, "`buildings_crs`"));
    zf_crs_destroy(crs);
    zf_metric_destroy(NULL);
}

/* ---- planar ---- */

static void square_with_hole_has_the_values_of_school(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    double m[ZF_MEASURE_KINDS];
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_ring(&w, small_hole, 5, 2); /* same direction as the shell: must not matter */
    measure(metric, &w, m);
    assert_near(m[ZF_MEASURE_AREA_M2], 94, 1e-12);
    assert_near(m[ZF_MEASURE_PERIMETER_M], 50, 1e-12);
    assert_near(m[ZF_MEASURE_N_VERTICES], 8, 0);
    assert_near(m[ZF_MEASURE_N_PARTS], 1, 0);
    assert_near(m[ZF_MEASURE_N_HOLES], 1, 0);
    assert_near(m[ZF_MEASURE_CENTROID_X], (100 * 5 - 6 * 3) / 94.0, 1e-14);
    assert_near(m[ZF_MEASURE_CENTROID_Y], (100 * 5 - 6 * 3.5) / 94.0, 1e-14);
    zf_metric_destroy(metric);
}

static void feet_become_metres_but_not_in_the_centroid(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:2249", false);
    double m[ZF_MEASURE_KINDS];
    wkb_writer w;
    wkb_polygon(&w, square, 5);
    measure(metric, &w, m);
    assert_near(m[ZF_MEASURE_AREA_M2], 100 * metres_per_us_foot * metres_per_us_foot, 1e-12);
    assert_near(m[ZF_MEASURE_PERIMETER_M], 40 * metres_per_us_foot, 1e-12);
    assert_near(m[ZF_MEASURE_CENTROID_X], 5, 1e-14);
    zf_metric_destroy(metric);
}

static void ring_without_closing_point_measures_the_same(void **state) {
    (void)state;
    zf_metric *planar = make_metric(NULL, false), *geodesic = make_metric("EPSG:4326", true);
    double closed[ZF_MEASURE_KINDS], open[ZF_MEASURE_KINDS];
    double degrees[10];
    for (size_t i = 0; i < 10; i++)
        degrees[i] = square[i] * 1e-5 + (i % 2 ? 42 : -71);
    for (int is_geodesic = 0; is_geodesic < 2; is_geodesic++) {
        wkb_writer w;
        wkb_polygon(&w, is_geodesic ? degrees : square, 5);
        measure(is_geodesic ? geodesic : planar, &w, closed);
        wkb_polygon(&w, is_geodesic ? degrees : square, 4);
        measure(is_geodesic ? geodesic : planar, &w, open);
        assert_memory_equal(closed, open, sizeof closed);
    }
    zf_metric_destroy(planar);
    zf_metric_destroy(geodesic);
}

static void only_wanted_measures_are_written(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    zf_wkb wkb;
    wkb_writer w;
    double all[ZF_MEASURE_KINDS];
    wkb_polygon(&w, square, 5);
    measure(metric, &w, all);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    for (unsigned wanted = 0; wanted <= all_measures; wanted++) {
        double some[ZF_MEASURE_KINDS];
        for (int i = 0; i < ZF_MEASURE_KINDS; i++)
            some[i] = -77;
        assert_int_equal(zf_metric_measure(metric, &wkb, wanted, some, NULL), ZF_OK);
        for (int i = 0; i < ZF_MEASURE_KINDS; i++)
            assert_near(some[i], wanted & 1u << i ? all[i] : -77, 0);
    }
    zf_metric_destroy(metric);
}

static void empty_members_and_rings_do_not_count(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    double m[ZF_MEASURE_KINDS];
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_MULTIPOLYGON, 4);
    wkb_put_header(&w, WKB_POLYGON, 0);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, NULL, 0, 2);
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_ring(&w, NULL, 0, 2);
    wkb_put_header(&w, 1000 + WKB_POLYGON, 1);
    wkb_put_ring(&w, small_hole, 5, 3);
    measure(metric, &w, m);
    assert_near(m[ZF_MEASURE_N_PARTS], 2, 0);
    assert_near(m[ZF_MEASURE_N_HOLES], 0, 0);
    assert_near(m[ZF_MEASURE_N_VERTICES], 8, 0);
    assert_near(m[ZF_MEASURE_AREA_M2], 106, 1e-12);
    zf_metric_destroy(metric);
}

static void empty_footprint_has_no_size_and_no_centroid(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    zf_wkb wkb;
    double m[ZF_MEASURE_KINDS], area = -1;
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_POLYGON, 0);
    measure(metric, &w, m);
    for (int i = 0; i < ZF_MEASURE_KINDS; i++) {
        bool is_ratio = i >= ZF_MEASURE_ELONGATION && i <= ZF_MEASURE_COMPACTNESS;
        if (is_ratio || i == ZF_MEASURE_CENTROID_X || i == ZF_MEASURE_CENTROID_Y)
            assert_true(isnan(m[i]));
        else
            assert_near(m[i], i == ZF_MEASURE_SHARE, 0);
    }
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_EMPTY);
    assert_int_equal(zf_metric_area_m2(metric, &wkb, &area, NULL), ZF_OK);
    assert_near(area, 0, 0);
    zf_metric_destroy(metric);
}

static void coordinate_that_is_not_finite_is_an_input_error(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    zf_error error = ZF_ERROR_INIT;
    zf_wkb wkb;
    double xy[10], out[ZF_MEASURE_KINDS] = {-77}, area = -77;
    wkb_writer w;
    memcpy(xy, square, sizeof xy);
    xy[3] = NAN;
    wkb_polygon(&w, xy, 5);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(zf_metric_measure(metric, &wkb, 1u << ZF_MEASURE_AREA_M2, out, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "finite"));
    assert_int_equal(zf_metric_area_m2(metric, &wkb, &area, NULL), ZF_E_INPUT);
    assert_true(out[0] == -77 && area == -77);
    assert_int_equal(zf_metric_measure(metric, &wkb, 1u << ZF_MEASURE_N_VERTICES, out, NULL), ZF_OK);
    zf_metric_destroy(metric);
}

/* ---- against GEOS ---- */

/* One random multipolygon: 1 to 3 parts side by side, each with or without a hole, rings in either direction.
 */
static void random_multipolygon(wkb_writer *w, double x, double y, double size) {
    double xy[2 * 41];
    uint32_t n_parts = 1 + (uint32_t)(3 * random_unit());
    w->n = 0;
    wkb_put_header(w, WKB_MULTIPOLYGON, n_parts);
    for (uint32_t part = 0; part < n_parts; part++) {
        size_t n = 3 + (size_t)(37 * random_unit());
        bool has_hole = n > 5 && random_unit() < 0.5;
        double cx = x + 2.5 * size * part;
        wkb_put_header(w, WKB_POLYGON, has_hole ? 2 : 1);
        star(cx, y, size, n, xy);
        if (random_unit() < 0.5)
            reverse(xy, n + 1);
        wkb_put_ring(w, xy, n + 1, 2);
        if (has_hole) {
            star(cx, y, size * 0.1, 7, xy);
            if (random_unit() < 0.5)
                reverse(xy, 8);
            wkb_put_ring(w, xy, 8, 2);
        }
    }
}

typedef struct geos_answer {
    double area, length, x, y;
} geos_answer;

static geos_answer ask_geos(GEOSContextHandle_t geos, const wkb_writer *w) {
    geos_answer a;
    GEOSGeometry *geometry = GEOSGeomFromWKB_buf_r(geos, w->bytes, w->n);
    assert_non_null(geometry);
    GEOSGeometry *centroid = GEOSGetCentroid_r(geos, geometry);
    assert_int_equal(GEOSArea_r(geos, geometry, &a.area), 1);
    assert_int_equal(GEOSLength_r(geos, geometry, &a.length), 1);
    assert_int_equal(GEOSGeomGetX_r(geos, centroid, &a.x), 1);
    assert_int_equal(GEOSGeomGetY_r(geos, centroid, &a.y), 1);
    GEOSGeom_destroy_r(geos, centroid);
    GEOSGeom_destroy_r(geos, geometry);
    return a;
}

static void planar_measures_are_those_of_geos(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    GEOSContextHandle_t geos = GEOS_init_r();
    const double origins[][2] = {{0, 0}, {236000, 901000}, {-71.06, 42.36}, {5e6, -3e6}};
    const double sizes[] = {20, 30, 2e-4, 500};
    random_state = 1;
    for (int i = 0; i < 4000; i++) {
        const double *o = origins[i % 4];
        double m[ZF_MEASURE_KINDS], size = sizes[i % 4], scale = fabs(o[0]) + fabs(o[1]) + size;
        wkb_writer w;
        random_multipolygon(&w, o[0], o[1], size);
        measure(metric, &w, m);
        geos_answer a = ask_geos(geos, &w);
        assert_near(m[ZF_MEASURE_AREA_M2], a.area, 1e-12 * a.area);
        assert_near(m[ZF_MEASURE_PERIMETER_M], a.length, 1e-12 * a.length);
        assert_near(m[ZF_MEASURE_CENTROID_X], a.x, 1e-12 * scale);
        assert_near(m[ZF_MEASURE_CENTROID_Y], a.y, 1e-12 * scale);
    }
    GEOS_finish_r(geos);
    zf_metric_destroy(metric);
}

static void centroid_without_area_is_that_of_the_lines_then_of_the_points(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    GEOSContextHandle_t geos = GEOS_init_r();
    const double spike[] = {1, 1, 5, 1, 7, 1, 1, 1}, there_and_back[] = {0, 0, 3, 4, 9, 4, 3, 4, 0, 0};
    const double dot[] = {8, 9, 8, 9, 8, 9, 8, 9}, slanted[] = {0.1, 0.2, 0.4, 0.9, 0.1, 0.2, 0.1, 0.2};
    const struct {
        const double *xy;
        size_t n;
    } cases[] = {{spike, 4}, {there_and_back, 5}, {dot, 4}, {slanted, 4}};
    for (size_t i = 0; i < 4; i++) {
        double m[ZF_MEASURE_KINDS];
        wkb_writer w;
        wkb_polygon(&w, cases[i].xy, cases[i].n);
        measure(metric, &w, m);
        geos_answer a = ask_geos(geos, &w);
        assert_near(m[ZF_MEASURE_AREA_M2], 0, 0);
        assert_near(m[ZF_MEASURE_CENTROID_X], a.x, 1e-14);
        assert_near(m[ZF_MEASURE_CENTROID_Y], a.y, 1e-14);
    }
    GEOS_finish_r(geos);
    zf_metric_destroy(metric);
}

/* ---- geodesic ---- */

static double polygonarea(double a, double f, const double *xy, size_t n, double *out_length) {
    struct geod_geodesic g;
    double lat[4096], lon[4096], area;
    geod_init(&g, a, f);
    for (size_t i = 0; i < n; i++)
        lon[i] = xy[2 * i], lat[i] = xy[2 * i + 1];
    geod_polygonarea(&g, lat, lon, (int)n, &area, out_length);
    return fabs(area);
}

static void large_near_polar_and_antimeridian_footprints_are_polygonareas(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    const double cases[][8] = {
        {-72, 41, -71, 41.1, -71.3, 42, -72, 42},                     /* a county */
        {10, 89.9, 130, 89.9, -110, 89.9, 10, 89.9},                  /* about the pole */
        {20, -89.999, 20.01, -89.999, 20.01, -89.9995, 20, -89.9995}, /* beside the other */
        {179.9999, -16, -179.9999, -16, -179.9999, -15.9998, 179.9999, -15.9998},
        {-100, -30, 60, -20, 100, 50, -20, 70}, /* a continent */
        {5, 90, 5.001, 89.999, 5.002, 89.9992, 5, 89.9995},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double m[ZF_MEASURE_KINDS], length, exact,
            expected = polygonarea(6378137, 1 / 298.257223563, cases[i], 4, &length);
        zf_wkb wkb;
        wkb_writer w;
        wkb_polygon(&w, cases[i], 4);
        measure(metric, &w, m);
        assert_near(m[ZF_MEASURE_AREA_M2], expected, 1e-14 * expected);
        assert_near(m[ZF_MEASURE_PERIMETER_M], length, 1e-14 * length);
        assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
        assert_int_equal(zf_metric_area_m2(metric, &wkb, &exact, NULL), ZF_OK);
        assert_near(exact, expected, 1e-14 * expected);
    }
    zf_metric_destroy(metric);
}

static void geodesic_holes_are_subtracted_and_parts_added(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    double shell[10], inner[10], part[10], m[ZF_MEASURE_KINDS], lengths[3];
    for (size_t i = 0; i < 10; i++) {
        double origin = i % 2 ? 42 : -71;
        shell[i] = origin + square[i] * 1e-4;
        inner[i] = origin + small_hole[i] * 1e-4;
        part[i] = origin + square[i] * 1e-4 + (i % 2 ? 0 : 0.01);
    }
    double expected = polygonarea(6378137, 1 / 298.257223563, shell, 4, &lengths[0]) -
                      polygonarea(6378137, 1 / 298.257223563, inner, 4, &lengths[1]) +
                      polygonarea(6378137, 1 / 298.257223563, part, 4, &lengths[2]);
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_MULTIPOLYGON, 2);
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, shell, 5, 2);
    wkb_put_ring(&w, inner, 5, 2);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, part, 5, 2);
    measure(metric, &w, m);
    assert_near(m[ZF_MEASURE_AREA_M2], expected, 1e-9 * expected + 1e-4);
    assert_near(m[ZF_MEASURE_PERIMETER_M], lengths[0] + lengths[1] + lengths[2], 1e-7);
    zf_metric_destroy(metric);
}

static void grads_measure_as_the_same_place_in_degrees(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4807", true); /* NTF (Paris), grads, Clarke 1880 (IGN) */
    const double sizes[] = {1e-4, 0.3};
    for (size_t k = 0; k < 2; k++) {
        double grads[10], degrees[10], m[ZF_MEASURE_KINDS], length;
        for (size_t i = 0; i < 10; i++) {
            degrees[i] = (i % 2 ? 45.3 : 2.1) + square[i] * sizes[k];
            grads[i] = degrees[i] / 0.9;
        }
        double b = 6356515.0, a = 6378249.2;
        double expected = polygonarea(a, (a - b) / a, degrees, 4, &length);
        wkb_writer w;
        wkb_polygon(&w, grads, 5);
        measure(metric, &w, m);
        assert_near(m[ZF_MEASURE_AREA_M2], expected, 1e-9 * expected + 1e-4);
        assert_near(m[ZF_MEASURE_PERIMETER_M], length, 1e-9 * length);
        assert_near(m[ZF_MEASURE_CENTROID_Y], (45.3 + 5 * sizes[k]) / 0.9, 1e-12);
    }
    zf_metric_destroy(metric);
}

static void spheres_are_ellipsoids_too(void **state) {
    (void)state;
    zf_metric *metric = make_metric("+proj=longlat +R=6371000 +type=crs", true);
    const double triangle[] = {0, 0, 90, 0, 0, 90};
    double m[ZF_MEASURE_KINDS];
    wkb_writer w;
    wkb_polygon(&w, triangle, 3);
    measure(metric, &w, m);
    assert_near(m[ZF_MEASURE_AREA_M2] / (pi * 6371000 * 6371000 / 2), 1, 1e-14);
    assert_near(m[ZF_MEASURE_PERIMETER_M] / (1.5 * pi * 6371000), 1, 1e-14);
    zf_metric_destroy(metric);
}

static void latitude_beyond_the_pole_is_an_input_error(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    zf_error error = ZF_ERROR_INIT;
    zf_wkb wkb;
    double out[ZF_MEASURE_KINDS] = {-77};
    const double xy[] = {236000, 901000, 236010, 901000, 236010, 901010, 236000, 901000};
    wkb_writer w;
    wkb_polygon(&w, xy, 4);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(zf_metric_measure(metric, &wkb, all_measures, out, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "901000"));
    assert_non_null(strstr(error.text, "`buildings_crs`"));
    assert_near(out[0], -77, 0);
    zf_metric_destroy(metric);
}

/* On a conformal projection of scale k the ellipsoid's area is the plane's over k^2; k is 1 on the two
 * standard parallels. */
static void projected_footprint_is_measured_on_the_ellipsoid(void **state) {
    (void)state;
    const char *const crs[] = {"EPSG:26986", "EPSG:2249"}; /* Massachusetts: metres, US survey feet */
    const double unit[] = {1, 12 / 39.37};
    for (size_t k = 0; k < 2; k++) {
        zf_metric *geodesic = make_metric(crs[k], true), *planar = make_metric(crs[k], false);
        double g[ZF_MEASURE_KINDS], p[ZF_MEASURE_KINDS], xy[2 * 1501];
        random_state = 7;
        for (int i = 0; i < 20; i++) { /* both below and above the stack buffer */
            size_t n = i % 2 ? 1500 : 12;
            wkb_writer w;
            star(236000 / unit[k], (825000 + 10000 * i) / unit[k], 15 / unit[k], n, xy);
            wkb_polygon(&w, xy, n + 1);
            measure(geodesic, &w, g);
            measure(planar, &w, p);
            double scale = sqrt(p[ZF_MEASURE_AREA_M2] / g[ZF_MEASURE_AREA_M2]);
            assert_in_range((uint64_t)(scale * 1e6), 999900, 1000200);
            assert_near(p[ZF_MEASURE_PERIMETER_M] / g[ZF_MEASURE_PERIMETER_M], scale, 1e-8);
            assert_near(g[ZF_MEASURE_CENTROID_X], p[ZF_MEASURE_CENTROID_X], 0);
            assert_near(g[ZF_MEASURE_N_VERTICES], (double)n, 0);
        }
        zf_metric_destroy(geodesic);
        zf_metric_destroy(planar);
    }
}

/* ---- frames ---- */

static double distance(const double *a, const double *b) {
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

static void planar_frame_is_metres_from_the_envelopes_centre(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:2249", false);
    const zf_envelope envelope = {700000, 900000, 700100, 900300};
    const double xy[] = {700050, 900150, 700053, 900146};
    double out[6];
    zf_frame frame;
    assert_int_equal(zf_metric_frame(metric, &envelope, &frame, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(metric, &frame, xy, 2, out, NULL), ZF_OK);
    assert_near(out[0], 0, 0);
    assert_near(out[1], 0, 0);
    assert_near(out[3], 3 * metres_per_us_foot, 1e-12);
    assert_near(out[4], -4 * metres_per_us_foot, 1e-12);
    assert_true(out[2] == 0 && out[5] == 0);
    zf_metric_destroy(metric);
}

static void geodesic_frame_points_east_north_and_up(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    const zf_envelope envelope = {-71.2, 42.2, -71.0, 42.4};
    const double xy[] = {-71.1, 42.3, -71.0999, 42.3, -71.1, 42.3001};
    struct geod_geodesic g;
    double out[9], east_m, north_m;
    zf_frame frame;
    geod_init(&g, 6378137, 1 / 298.257223563);
    geod_inverse(&g, 42.3, -71.1, 42.3, -71.0999, &east_m, NULL, NULL);
    geod_inverse(&g, 42.3, -71.1, 42.3001, -71.1, &north_m, NULL, NULL);
    assert_int_equal(zf_metric_frame(metric, &envelope, &frame, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(metric, &frame, xy, 3, out, NULL), ZF_OK);
    for (int i = 0; i < 3; i++)
        assert_near(out[i], 0, 1e-8);
    assert_near(out[3], east_m, 1e-6);
    assert_near(out[4], 0, 1e-4);
    assert_near(out[6], 0, 1e-8);
    assert_near(out[7], north_m, 1e-6);
    assert_near(out[5], -east_m * east_m / 2 / 6380000, 1e-7); /* the Earth falls away */
    zf_metric_destroy(metric);
}

static void frame_distances_are_chords_of_the_geodesics(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    const zf_envelope envelope = {-71.2, 42.2, -71.0, 42.4};
    enum { N = 1000 }; /* more than one block */
    static double xy[2 * N], out[3 * N];
    struct geod_geodesic g;
    zf_frame frame;
    geod_init(&g, 6378137, 1 / 298.257223563);
    random_state = 11;
    for (int i = 0; i < N; i++) {
        xy[2 * i] = -71.2 + 0.2 * random_unit();
        xy[2 * i + 1] = 42.2 + 0.2 * random_unit();
    }
    assert_int_equal(zf_metric_frame(metric, &envelope, &frame, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(metric, &frame, xy, N, out, NULL), ZF_OK);
    for (int i = 1; i < N; i++) {
        const double *a = out + 3 * (i - 1), *b = out + 3 * i;
        double s, d = distance(a, b);
        geod_inverse(&g, xy[2 * i - 1], xy[2 * i - 2], xy[2 * i + 1], xy[2 * i], &s, NULL, NULL);
        assert_near(d, s - s * s * s / 24 / 6.38e6 / 6.38e6, 1e-8 + s * s * s * 1e-17);
        assert_true(sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])) <= d);
    }
    zf_metric_destroy(metric);
}

static void projected_geodesic_frame_is_that_of_its_longitudes_and_latitudes(void **state) {
    (void)state;
    zf_metric *feet = make_metric("EPSG:2249", true), *metres = make_metric("EPSG:26986", true);
    const zf_envelope a = {771000, 2954000, 772000, 2956000};
    const zf_envelope b = {771000 * metres_per_us_foot, 2954000 * metres_per_us_foot,
                           772000 * metres_per_us_foot, 2956000 * metres_per_us_foot};
    double xy_a[] = {771100, 2954200, 771900, 2955800}, xy_b[4], out_a[6], out_b[6];
    zf_frame frame_a, frame_b;
    for (int i = 0; i < 4; i++)
        xy_b[i] = xy_a[i] * metres_per_us_foot;
    assert_int_equal(zf_metric_frame(feet, &a, &frame_a, NULL), ZF_OK);
    assert_int_equal(zf_metric_frame(metres, &b, &frame_b, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(feet, &frame_a, xy_a, 2, out_a, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(metres, &frame_b, xy_b, 2, out_b, NULL), ZF_OK);
    for (int i = 0; i < 6; i++)
        assert_near(out_a[i], out_b[i], 1e-3); /* EPSG rounds the false origins differently */
    assert_near(distance(out_a, out_a + 3), sqrt(800.0 * 800 + 1600.0 * 1600) * metres_per_us_foot, 0.05);
    zf_metric_destroy(feet);
    zf_metric_destroy(metres);
}

static void frame_of_nothing_or_off_the_ellipsoid_is_refused(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    zf_error error = ZF_ERROR_INIT;
    zf_envelope none = zf_envelope_empty(), off = {0, 100, 1, 101}, good = {0, 10, 1, 11};
    const double bad[] = {0.5, 10.5, 0.5, NAN};
    double out[6];
    zf_frame frame;
    assert_int_equal(zf_metric_frame(metric, &none, &frame, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, "empty"));
    assert_int_equal(zf_metric_frame(metric, &off, &frame, NULL), ZF_E_INPUT);
    assert_int_equal(zf_metric_frame(metric, &good, &frame, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(metric, &frame, bad, 2, out, NULL), ZF_E_INPUT);
    assert_int_equal(zf_metric_to_frame(metric, &frame, bad, 1, out, NULL), ZF_OK);
    assert_int_equal(zf_metric_to_frame(metric, &frame, NULL, 0, NULL, NULL), ZF_OK);
    zf_metric_destroy(metric);
}

/* ---- the same footprint in other words ---- */

/* Two parts, the first with a hole, as a multipolygon of n_dims; only the first ring where is_plain. */
static void put_footprint(wkb_writer *w, const double *shell, const double *hole, const double *other,
                          unsigned n_dims, bool is_plain) {
    const uint32_t flags[] = {0, 0, 0, 0x80000000u, 0xC0000000u};
    w->n = 0;
    if (is_plain) {
        wkb_put_header(w, WKB_POLYGON + flags[n_dims], 1);
        wkb_put_ring(w, shell, 5, n_dims);
        return;
    }
    wkb_put_header(w, WKB_MULTIPOLYGON + flags[n_dims], 2);
    wkb_put_header(w, WKB_POLYGON + flags[n_dims], 2);
    wkb_put_ring(w, shell, 5, n_dims);
    wkb_put_ring(w, hole, 5, n_dims);
    wkb_put_header(w, WKB_POLYGON + flags[n_dims], 1);
    wkb_put_ring(w, other, 5, n_dims);
}

static void dimensions_and_headers_change_no_measure(void **state) {
    (void)state;
    zf_metric *metrics[] = {make_metric(NULL, false), make_metric("EPSG:4326", true),
                            make_metric("EPSG:2249", true)};
    const double scale[] = {1, 1e-5, 1}, x[] = {0, -71, 236000}, y[] = {0, 42, 901000};
    for (int m = 0; m < 3; m++)
        for (int is_plain = 0; is_plain < 2; is_plain++) {
            double shell[10], inner[10], other[10], flat[ZF_MEASURE_KINDS], deep[ZF_MEASURE_KINDS];
            wkb_writer w;
            for (int i = 0; i < 10; i++) {
                double origin = i % 2 ? y[m] : x[m];
                shell[i] = origin + scale[m] * square[i];
                inner[i] = origin + scale[m] * small_hole[i];
                other[i] = origin + scale[m] * (square[i] + 5000); /* far from the first */
            }
            put_footprint(&w, shell, inner, other, 2, is_plain);
            measure(metrics[m], &w, flat);
            for (unsigned n_dims = 3; n_dims <= 4; n_dims++) {
                put_footprint(&w, shell, inner, other, n_dims, is_plain);
                measure(metrics[m], &w, deep);
                assert_memory_equal(flat, deep, sizeof flat);
            }
        }
    for (int m = 0; m < 3; m++)
        zf_metric_destroy(metrics[m]);
}

static void only_wanted_measures_are_written_on_the_ellipsoid_too(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    double xy[10], all[ZF_MEASURE_KINDS];
    zf_wkb wkb;
    wkb_writer w;
    for (int i = 0; i < 10; i++)
        xy[i] = square[i] * 3e-5 + (i % 2 ? 42.3 : -71.1);
    wkb_polygon(&w, xy, 5);
    measure(metric, &w, all);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    for (unsigned wanted = 0; wanted <= all_measures; wanted++) {
        double some[ZF_MEASURE_KINDS];
        for (int i = 0; i < ZF_MEASURE_KINDS; i++)
            some[i] = -77;
        assert_int_equal(zf_metric_measure(metric, &wkb, wanted, some, NULL), ZF_OK);
        for (int i = 0; i < ZF_MEASURE_KINDS; i++)
            assert_near(some[i], wanted & 1u << i ? all[i] : -77, 0);
    }
    zf_metric_destroy(metric);
}

/* What a metric keeps from footprint to footprint must not show. */
static void measures_do_not_depend_on_what_was_measured_before(void **state) {
    (void)state;
    zf_metric *used = make_metric("EPSG:4326", true);
    random_state = 12;
    for (int i = 0; i < 300; i++) {
        double xy[14], fresh[ZF_MEASURE_KINDS], later[ZF_MEASURE_KINDS];
        double lat = i % 3 ? 40 + 0.01 * (i % 30) : 84 * (2 * random_unit() - 1);
        wkb_writer w;
        star(20, lat, 1e-4, 6, xy);
        wkb_polygon(&w, xy, 7);
        measure(used, &w, later);
        if (i % 10 < 2) {
            zf_metric *metric = make_metric("EPSG:4326", true);
            measure(metric, &w, fresh);
            assert_memory_equal(fresh, later, sizeof fresh);
            zf_metric_destroy(metric);
        }
    }
    zf_metric_destroy(used);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_have_names_and_types),
        cmocka_unit_test(planar_metric_of_angles_is_refused),
        cmocka_unit_test(geodesic_metric_without_crs_is_refused),
        cmocka_unit_test(square_with_hole_has_the_values_of_school),
        cmocka_unit_test(feet_become_metres_but_not_in_the_centroid),
        cmocka_unit_test(ring_without_closing_point_measures_the_same),
        cmocka_unit_test(only_wanted_measures_are_written),
        cmocka_unit_test(empty_members_and_rings_do_not_count),
        cmocka_unit_test(empty_footprint_has_no_size_and_no_centroid),
        cmocka_unit_test(coordinate_that_is_not_finite_is_an_input_error),
        cmocka_unit_test(planar_measures_are_those_of_geos),
        cmocka_unit_test(centroid_without_area_is_that_of_the_lines_then_of_the_points),
        cmocka_unit_test(large_near_polar_and_antimeridian_footprints_are_polygonareas),
        cmocka_unit_test(geodesic_holes_are_subtracted_and_parts_added),
        cmocka_unit_test(grads_measure_as_the_same_place_in_degrees),
        cmocka_unit_test(spheres_are_ellipsoids_too),
        cmocka_unit_test(latitude_beyond_the_pole_is_an_input_error),
        cmocka_unit_test(projected_footprint_is_measured_on_the_ellipsoid),
        cmocka_unit_test(planar_frame_is_metres_from_the_envelopes_centre),
        cmocka_unit_test(geodesic_frame_points_east_north_and_up),
        cmocka_unit_test(frame_distances_are_chords_of_the_geodesics),
        cmocka_unit_test(projected_geodesic_frame_is_that_of_its_longitudes_and_latitudes),
        cmocka_unit_test(frame_of_nothing_or_off_the_ellipsoid_is_refused),
        cmocka_unit_test(dimensions_and_headers_change_no_measure),
        cmocka_unit_test(only_wanted_measures_are_written_on_the_ellipsoid_too),
        cmocka_unit_test(measures_do_not_depend_on_what_was_measured_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
