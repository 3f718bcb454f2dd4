/* SPDX-License-Identifier: MIT */
/* Measures of shape: known answers, what must not show, and the ellipsoid against an azimuthal projection.
 * GEOS has property/test_shape_property.c. */
#include "geometry/geometry.h"
#include "unit/wkb_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const double pi = 3.14159265358979323846;
static const unsigned all_measures = (1u << ZF_MEASURE_KINDS) - 1;

typedef struct shape {
    double width, length, elongation, orientation, rectangularity, convexity, compactness, courtyard;
} shape;

static void assert_near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance) && !(isnan(a) && isnan(b)))
        fail_msg("%.17g and %.17g differ by more than %g", a, b, tolerance);
}

static void assert_shape(const shape *a, const shape *b, double relative) {
    assert_near(a->width, b->width, relative * b->length);
    assert_near(a->length, b->length, relative * b->length);
    assert_near(a->elongation, b->elongation, relative);
    assert_near(a->orientation, b->orientation, relative * 180 / pi);
    assert_near(a->rectangularity, b->rectangularity, relative);
    assert_near(a->convexity, b->convexity, relative);
    assert_near(a->compactness, b->compactness, relative);
    assert_near(a->courtyard, b->courtyard, relative * b->length * b->length);
}

static zf_metric *make_metric(const char *definition, bool is_geodesic) {
    zf_crs *crs = NULL;
    zf_metric *metric = NULL;
    zf_status st = definition ? zf_crs_create(definition, &crs, NULL) : zf_crs_create_planar(&crs, NULL);
    assert_int_equal(st, ZF_OK);
    assert_int_equal(zf_metric_create(crs, is_geodesic, &metric, NULL), ZF_OK);
    zf_crs_destroy(crs);
    return metric;
}

static shape shape_with(zf_metric *metric, const wkb_writer *w) {
    double m[ZF_MEASURE_KINDS];
    zf_wkb wkb;
    zf_error error = ZF_ERROR_INIT;
    zf_wkb_kind kind = zf_wkb_open(w->bytes, w->n, &wkb);
    assert_true(kind == ZF_WKB_POLYGONAL || kind == ZF_WKB_EMPTY);
    zf_status st = zf_metric_measure(metric, &wkb, all_measures, m, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(st, ZF_OK);
    return (shape){
        m[ZF_MEASURE_WIDTH_M],         m[ZF_MEASURE_LENGTH_M],          m[ZF_MEASURE_ELONGATION],
        m[ZF_MEASURE_ORIENTATION_DEG], m[ZF_MEASURE_RECTANGULARITY],    m[ZF_MEASURE_CONVEXITY],
        m[ZF_MEASURE_COMPACTNESS],     m[ZF_MEASURE_COURTYARD_AREA_M2],
    };
}

static shape shape_of(const wkb_writer *w) {
    zf_metric *metric = make_metric(NULL, false);
    shape s = shape_with(metric, w);
    zf_metric_destroy(metric);
    return s;
}

static shape shape_of_ring(const double *xy, size_t n) {
    static wkb_writer w;
    wkb_polygon(&w, xy, n);
    return shape_of(&w);
}

/* Turned by degrees about (0, 0), scaled, moved. */
static void place(const double *from, size_t n, double degrees, double scale, double x, double y,
                  double *to) {
    double c = cos(degrees * pi / 180) * scale, s = sin(degrees * pi / 180) * scale;
    for (size_t i = 0; i < n; i++) {
        double px = from[2 * i], py = from[2 * i + 1];
        to[2 * i] = x + c * px - s * py;
        to[2 * i + 1] = y + s * px + c * py;
    }
}

/* Closed, of n corners, from corner `start`, backwards if said so. n + 1 points. */
static void from_start(const double *corners, size_t n, size_t start, bool is_backwards, double *out) {
    for (size_t i = 0; i <= n; i++) {
        size_t k = is_backwards ? (start + n - i % n) % n : (start + i) % n;
        out[2 * i] = corners[2 * k];
        out[2 * i + 1] = corners[2 * k + 1];
    }
}

/* Between a direction and the nearest axis. */
static double folded(double degrees) {
    double d = fabs(remainder(degrees, 90));
    return d > 45 ? 90 - d : d;
}

static void polygon_of(double radius, size_t n, double first_degrees, double *out) {
    for (size_t i = 0; i < n; i++) {
        double angle = first_degrees * pi / 180 + 2 * pi * (double)i / (double)n;
        out[2 * i] = radius * cos(angle);
        out[2 * i + 1] = radius * sin(angle);
    }
    out[2 * n] = out[0];
    out[2 * n + 1] = out[1];
}

static const double square[] = {0, 0, 10, 0, 10, 10, 0, 10, 0, 0};
static const double small_hole[] = {2, 2, 4, 2, 4, 5, 2, 5, 2, 2};
static const double l_corners[] = {0, 0, 10, 0, 10, 5, 5, 5, 5, 10, 0, 10};
static const double t_corners[] = {0, 0, 30, 0, 30, 8, 19, 8, 19, 21, 12, 21, 12, 8, 0, 8};

/* ---- known answers ---- */

static void square_with_courtyard(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_ring(&w, small_hole, 5, 2);
    shape s = shape_of(&w);
    assert_shape(&s, &(shape){10, 10, 1, 0, 0.94, 0.94, 94 / (50 * pi), 6}, 1e-15);
}

static void rectangles_at_all_angles(void **state) {
    (void)state;
    const double corners[] = {0, 0, 30, 0, 30, 7, 0, 7};
    for (int k = 0; k < 720; k++)
        for (size_t start = 0; start < 4; start++) {
            double placed[8], ring[10];
            place(corners, 4, k * 0.5, 1, 236000.3, 901000.7, placed);
            from_start(placed, 4, start, k % 2, ring);
            shape s = shape_of_ring(ring, 5);
            shape expected = {7, 30, 7 / 30.0, folded(k * 0.5), 1, 1, 4 * 210 / (pi * (900 + 49)), 0};
            assert_shape(&s, &expected, 1e-10);
        }
}

static void l_and_t(void **state) {
    (void)state;
    double ring[18];
    from_start(l_corners, 6, 0, false, ring);
    shape s = shape_of_ring(ring, 7);
    assert_shape(&s, &(shape){10, 10, 1, 0, 0.75, 75 / 87.5, 75 / (50 * pi), 0}, 1e-15);
    from_start(t_corners, 8, 3, true, ring);
    s = shape_of_ring(ring, 9);
    /* hull: 30 x 8 and a trapezoid of 30, 7 and height 13; the circle through (0, 0), (30, 0) has its centre
     * at (15, y), and the corners at height 21 are 4 and 3 off the middle */
    double y = (16 + 441 - 225) / 42.0, area = 240 + 91;
    assert_shape(
        &s,
        &(shape){21, 30, 0.7, 0, area / 630, area / (240 + 13 * 37 / 2.0), area / (pi * (225 + y * y)), 0},
        1e-15);
}

static void triangles_take_the_least_perimeter(void **state) {
    (void)state;
    const double right[] = {0, 0, 4, 0, 0, 3}, obtuse[] = {0, 0, 10, 0, 3, 1};
    for (int k = 0; k < 360; k++)
        for (size_t start = 0; start < 3; start++) {
            double placed[6], ring[8], equilateral[8];
            place(right, 3, k, 1, 1e5 + k, 2e5, placed);
            from_start(placed, 3, start, k % 2, ring);
            shape s = shape_of_ring(ring, 4); /* as large on its hypotenuse: 5 x 2.4 */
            assert_shape(&s, &(shape){3, 4, 0.75, folded(k), 0.5, 1, 6 / (pi * 6.25), 0}, 1e-9);
            place(obtuse, 3, k, 1, 1e5 + k, 2e5, placed);
            from_start(placed, 3, start, k % 2, ring);
            s = shape_of_ring(ring, 4);
            assert_shape(&s, &(shape){1, 10, 0.1, folded(k), 0.5, 1, 5 / (pi * 25), 0}, 1e-9);
            polygon_of(10, 3, k, equilateral);
            from_start(equilateral, 3, start, k % 2, ring);
            s = shape_of_ring(ring, 4);
            double nearest = fmin(folded(k + 90), fmin(folded(k + 30), folded(k - 30)));
            double side = 10 * sqrt(3), area = side * 15 / 2;
            assert_shape(&s, &(shape){15, side, 15 / side, nearest, 0.5, 1, area / (100 * pi), 0}, 1e-9);
        }
}

static void circles_of_many_points(void **state) {
    (void)state;
    double *ring = malloc(2 * 2001 * sizeof *ring);
    for (size_t n = 4; n <= 2000; n += 4) { /* the upper ones are beyond the stack's buffer */
        double step = 2 * pi / (double)n, area = (double)n / 2 * 625 * sin(step),
               side = 2 * 25 * cos(step / 2);
        polygon_of(25, n, 180.0 / (double)n, ring);
        shape s = shape_of_ring(ring, n + 1);
        assert_shape(&s, &(shape){side, side, 1, 0, area / (side * side), 1, area / (625 * pi), 0}, 1e-13);
    }
    free(ring);
}

static void parts_count_together(void **state) {
    (void)state;
    const double far[] = {20, 0, 30, 0, 30, 10, 20, 10, 20, 0};
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_MULTIPOLYGON, 4);
    wkb_put_header(&w, WKB_POLYGON, 0);
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_ring(&w, small_hole, 5, 2);
    wkb_put_header(&w, 1000 + WKB_POLYGON, 1);
    wkb_put_ring(&w, far, 5, 3);
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_ring(&w, small_hole, 5, 2);
    shape s = shape_of(&w); /* the first part twice */
    assert_shape(&s, &(shape){10, 30, 1 / 3.0, 0, 288 / 300.0, 288 / 300.0, 288 / (250 * pi), 12}, 1e-15);
}

static void ratios_are_never_above_one(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_MULTIPOLYGON, 2);
    for (int i = 0; i < 2; i++) {
        wkb_put_header(&w, WKB_POLYGON, 1);
        wkb_put_ring(&w, square, 5, 2);
    }
    shape s = shape_of(&w);
    assert_shape(&s, &(shape){10, 10, 1, 0, 1, 1, 1, 0}, 0);
}

static void what_has_no_area_has_no_ratio(void **state) {
    (void)state;
    double place_only[8], line[10];
    for (size_t i = 0; i < 8; i++)
        place_only[i] = i % 2 ? 901000.1 : 236000.1;
    shape s = shape_of_ring(place_only, 4);
    assert_shape(&s, &(shape){0, 0, NAN, NAN, NAN, NAN, NAN, 0}, 0);
    for (int k = 0; k < 180; k++) {
        const double at[] = {0, 0, 7, 0, 20, 0, 3, 0, 0, 0};
        place(at, 5, k, 1, 236000.1, 901000.1, line);
        s = shape_of_ring(line, 5);
        assert_true(isnan(s.rectangularity) && isnan(s.convexity));
        s.rectangularity = s.convexity = 0;
        assert_shape(&s, &(shape){0, 20, 0, folded(k), 0, 0, 0, 0}, 1e-10);
        assert_true(s.width == 0 && s.elongation == 0);
    }
}

static void feet_become_metres(void **state) {
    (void)state;
    const double foot = 12 / 39.37;
    zf_metric *metric = make_metric("EPSG:2249", false);
    double ring[14];
    wkb_writer w;
    from_start(l_corners, 6, 2, false, ring);
    shape metres = shape_of_ring(ring, 7);
    wkb_polygon(&w, ring, 7);
    shape feet = shape_with(metric, &w);
    metres.width *= foot, metres.length *= foot;
    assert_shape(&feet, &metres, 1e-15);
    zf_metric_destroy(metric);
}

static void coordinates_of_any_size_come_to_an_end(void **state) {
    (void)state;
    const double sizes[] = {5e-324, 1e-300, 1e-160, 1e-20, 1e20, 1e99, 1e100};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double ring[2 * 31];
        for (size_t k = 0; k < 60; k++)
            ring[k] = sizes[i] * ((double)((int)(k * k * 7 % 31) - 15) / 15);
        ring[60] = ring[0], ring[61] = ring[1];
        shape s = shape_of_ring(ring, 31);
        assert_false(s.elongation > 1 || s.orientation > 45 || s.rectangularity > 1 || s.convexity > 1 ||
                     s.compactness > 1 || s.width > s.length);
    }
}

/* Products of such coordinates leave the range of doubles. */
static void coordinates_beyond_all_reckoning_are_refused(void **state) {
    (void)state;
    zf_metric *metric = make_metric(NULL, false);
    const double sizes[] = {1.1e100, 1e150, 1e300, 1.7e308};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const double ring[] = {0, 0, sizes[i], 0, sizes[i], 1, 0, 0};
        double m[ZF_MEASURE_KINDS];
        zf_error error = ZF_ERROR_INIT;
        zf_wkb wkb;
        wkb_writer w;
        wkb_polygon(&w, ring, 4);
        assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
        assert_int_equal(zf_metric_measure(metric, &wkb, all_measures, m, &error), ZF_E_INPUT);
        assert_non_null(strstr(error.text, "out of range"));
    }
    zf_metric_destroy(metric);
}

static void place_beyond_the_pole_is_refused(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    const double ring[] = {0, 90.5, 1, 90.5, 1, 91, 0, 90.5};
    double out[ZF_MEASURE_KINDS] = {0};
    zf_error error = ZF_ERROR_INIT;
    zf_wkb wkb;
    wkb_writer w;
    wkb_polygon(&w, ring, 4);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    for (int m = ZF_MEASURE_WIDTH_M; m <= ZF_MEASURE_COMPACTNESS; m++) {
        out[m] = -77;
        assert_int_equal(zf_metric_measure(metric, &wkb, 1u << m, out, &error), ZF_E_INPUT);
        assert_true(out[m] == -77 && error.text[0] != '\0');
    }
    zf_metric_destroy(metric);
}

/* ---- what must not show ---- */

static void order_of_points_does_not_show(void **state) {
    (void)state;
    double corners[16], ring[18];
    place(t_corners, 8, 33.3, 1, 236000.123, 901000.456, corners);
    from_start(corners, 8, 0, false, ring);
    shape first = shape_of_ring(ring, 9);
    for (size_t start = 0; start < 8; start++)
        for (int back = 0; back < 2; back++)
            for (unsigned n_dims = 2; n_dims <= 4; n_dims++)
                for (size_t n = 8; n <= 9; n++) { /* closed or not */
                    wkb_writer w = {.n = 0};
                    const uint32_t type[] = {0, 0, WKB_POLYGON, 1000 + WKB_POLYGON, 3000 + WKB_POLYGON};
                    from_start(corners, 8, start, back, ring);
                    wkb_put_header(&w, type[n_dims], 1);
                    wkb_put_ring(&w, ring, n, n_dims);
                    shape s = shape_of(&w);
                    assert_shape(&s, &first, 1e-13); /* the area's rounding */
                    assert_true(s.width == first.width && s.length == first.length &&
                                s.elongation == first.elongation && s.orientation == first.orientation);
                }
}

static void rotation_translation_and_scale_change_what_they_say(void **state) {
    (void)state;
    double ring[18], placed[18];
    from_start(t_corners, 8, 0, false, ring);
    for (int k = 0; k < 400; k++) {
        double scale = pow(10, (k % 5) - 2), turn = k * 0.9 - 180;
        shape expected = shape_of_ring(ring, 9);
        expected.width *= scale, expected.length *= scale, expected.orientation = folded(turn);
        place(ring, 9, turn, scale, 1000.0 * k, -3e4 * scale, placed);
        shape s = shape_of_ring(placed, 9);
        assert_shape(&s, &expected, 1e-8);
    }
}

static void square_has_one_orientation_from_any_start(void **state) {
    (void)state;
    for (int k = 0; k < 900; k++) {
        double placed[8], ring[10];
        place(square, 4, k * 0.1, 1.7, 236000.3, 901000.7, placed);
        for (size_t start = 0; start < 4; start++) {
            from_start(placed, 4, start, k % 2, ring);
            shape s = shape_of_ring(ring, 5);
            assert_near(s.orientation, folded(k * 0.1), 1e-8);
        }
    }
}

/* ---- the ellipsoid ---- */

/* A layer's CRS and the azimuthal equidistant plane about a place. */
typedef struct ellipsoid_case {
    zf_metric *metric;
    zf_transform *transform; /* from the plane */
    double lat;
} ellipsoid_case;

static ellipsoid_case make_case(const char *definition, const char *ellipsoid, double lon, double lat) {
    char azimuthal[200];
    ellipsoid_case c = {.metric = make_metric(definition, true), .lat = lat};
    zf_crs *from = NULL, *to = NULL;
    snprintf(azimuthal, sizeof azimuthal, "+proj=aeqd +lon_0=%.17g +lat_0=%.17g +ellps=%s +type=crs", lon,
             lat, ellipsoid);
    assert_int_equal(zf_crs_create(azimuthal, &from, NULL), ZF_OK);
    assert_int_equal(zf_crs_create(definition, &to, NULL), ZF_OK);
    assert_int_equal(zf_transform_create(from, to, &c.transform, NULL), ZF_OK);
    zf_crs_destroy(from);
    zf_crs_destroy(to);
    return c;
}

/* A shape drawn in the plane, in metres, and the same in the layer's coordinates, at sixteen angles. */
static void compare_on_the_ellipsoid(const ellipsoid_case *c, double size, double relative) {
    for (int turn = 0; turn < 360; turn += 23) {
        double corners[16], ring[18];
        wkb_writer w;
        place(t_corners, 8, turn, size / 30, -size / 3 * cos(turn * pi / 180),
              -size / 3 * sin(turn * pi / 180), corners);
        from_start(corners, 8, 0, false, ring);
        shape expected = shape_of_ring(ring, 9);
        assert_int_equal(zf_transform_points(c->transform, ring, 9, NULL), ZF_OK);
        wkb_polygon(&w, ring, 9);
        shape s = shape_with(c->metric, &w);
        /* north is that of the shape's own middle, whose meridian leans against the plane's */
        double lean = 4 * size / 6.37e6 * fabs(tan(c->lat * pi / 180));
        assert_near(s.orientation, expected.orientation, (relative + lean) * 180 / pi);
        s.orientation = expected.orientation;
        assert_shape(&s, &expected, relative);
    }
}

static void destroy_case(ellipsoid_case *c) {
    zf_metric_destroy(c->metric);
    zf_transform_destroy(c->transform);
}

static void buildings_in_degrees_are_as_in_an_azimuthal_plane(void **state) {
    (void)state;
    const double latitudes[] = {0, 0.001, -33, 42.3, 60, -75, 84.9};
    for (size_t i = 0; i < sizeof latitudes / sizeof *latitudes; i++) {
        ellipsoid_case c = make_case("EPSG:4269", "GRS80", -71.1 + (double)i, latitudes[i]);
        for (double size = 3; size <= 1000; size *= 3) /* below 3 m a degree's digits count: 3e-9 m */
            compare_on_the_ellipsoid(&c, size, fmax(1e-8, 3e-8 / size));
        compare_on_the_ellipsoid(&c, 1000, 1e-8);
        destroy_case(&c);
    }
}

static void large_footprints_are_as_in_an_azimuthal_plane(void **state) {
    (void)state;
    ellipsoid_case c = make_case("EPSG:4269", "GRS80", -71.1, 42.3);
    compare_on_the_ellipsoid(&c, 2000, 1e-7);
    compare_on_the_ellipsoid(&c, 10000, 1e-6);
    destroy_case(&c);
}

/* Their areas are geod_polygonarea's, which are 1e-4 m2 off. */
static void polar_and_broken_footprints_are_as_in_an_azimuthal_plane(void **state) {
    (void)state;
    const struct {
        const char *definition, *ellipsoid;
        double lon, lat;
    } places[] = {{"EPSG:4269", "GRS80", 10, 86.5},
                  {"EPSG:4269", "GRS80", 179.9999, -17.3},
                  {"EPSG:4269", "GRS80", -180, 64.2},
                  {"EPSG:4807", "clrk80ign", 3, 46}}; /* in grads */
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ellipsoid_case c = make_case(places[i].definition, places[i].ellipsoid, places[i].lon, places[i].lat);
        compare_on_the_ellipsoid(&c, 60, 1e-7);
        compare_on_the_ellipsoid(&c, 600, 1e-8);
        destroy_case(&c);
    }
}

static void geodesic_measures_of_a_projected_layer(void **state) {
    (void)state;
    ellipsoid_case feet = make_case("EPSG:2249", "GRS80", -71.1, 42.3);
    ellipsoid_case mercator = make_case("+proj=merc +ellps=GRS80 +type=crs", "GRS80", -71.1, 62.3);
    compare_on_the_ellipsoid(&feet, 60, 1e-7);
    compare_on_the_ellipsoid(&mercator, 60, 1e-7);
    destroy_case(&feet);
    destroy_case(&mercator);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(square_with_courtyard),
        cmocka_unit_test(rectangles_at_all_angles),
        cmocka_unit_test(l_and_t),
        cmocka_unit_test(triangles_take_the_least_perimeter),
        cmocka_unit_test(circles_of_many_points),
        cmocka_unit_test(parts_count_together),
        cmocka_unit_test(ratios_are_never_above_one),
        cmocka_unit_test(what_has_no_area_has_no_ratio),
        cmocka_unit_test(feet_become_metres),
        cmocka_unit_test(coordinates_of_any_size_come_to_an_end),
        cmocka_unit_test(coordinates_beyond_all_reckoning_are_refused),
        cmocka_unit_test(place_beyond_the_pole_is_refused),
        cmocka_unit_test(order_of_points_does_not_show),
        cmocka_unit_test(rotation_translation_and_scale_change_what_they_say),
        cmocka_unit_test(square_has_one_orientation_from_any_start),
        cmocka_unit_test(buildings_in_degrees_are_as_in_an_azimuthal_plane),
        cmocka_unit_test(large_footprints_are_as_in_an_azimuthal_plane),
        cmocka_unit_test(polar_and_broken_footprints_are_as_in_an_azimuthal_plane),
        cmocka_unit_test(geodesic_measures_of_a_projected_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
