/* SPDX-License-Identifier: MIT */
/* Hull, smallest rectangle and smallest circle of random footprints against GEOS, and the rectangle against
 * all rectangles on the sides of GEOS's hull. */
#include "geometry/geometry.h"
#include "property/random_shapes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N_SHAPES = 20000, MOST_POINTS = 4096 };

static const double pi = 3.14159265358979323846;
static GEOSContextHandle_t geos;

static void assert_near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g and %.17g differ by more than %g", a, b, tolerance);
}

/* What GEOS's hull says. */
typedef struct oracle {
    double hull_area, hull_length, circle_radius;
    double x[MOST_POINTS], y[MOST_POINTS];
    unsigned n; /* corners of the hull */
} oracle;

static void load_hull(const GEOSGeometry *shape, oracle *out) {
    GEOSGeometry *hull = GEOSConvexHull_r(geos, shape), *center = NULL;
    GEOSGeometry *circle = GEOSMinimumBoundingCircle_r(geos, shape, &out->circle_radius, &center);
    assert_int_equal(GEOSGeomTypeId_r(geos, hull), GEOS_POLYGON);
    GEOSArea_r(geos, hull, &out->hull_area);
    GEOSLength_r(geos, hull, &out->hull_length);
    const GEOSCoordSequence *ring = GEOSGeom_getCoordSeq_r(geos, GEOSGetExteriorRing_r(geos, hull));
    GEOSCoordSeq_getSize_r(geos, ring, &out->n);
    assert_true(out->n <= MOST_POINTS);
    out->n--;
    for (unsigned i = 0; i < out->n; i++)
        GEOSCoordSeq_getXY_r(geos, ring, i, &out->x[i], &out->y[i]);
    GEOSGeom_destroy_r(geos, hull);
    GEOSGeom_destroy_r(geos, circle);
    GEOSGeom_destroy_r(geos, center);
}

/* The rectangle on side i: all corners projected. */
static void rectangle_on(const oracle *o, unsigned i, double *out_length, double *out_width) {
    unsigned next = (i + 1) % o->n;
    double ux = o->x[next] - o->x[i], uy = o->y[next] - o->y[i], length = hypot(ux, uy);
    double least[2] = {INFINITY, INFINITY}, most[2] = {-INFINITY, -INFINITY};
    ux /= length, uy /= length;
    for (unsigned k = 0; k < o->n; k++) {
        double x = o->x[k] - o->x[0], y = o->y[k] - o->y[0], at[2] = {x * ux + y * uy, y * ux - x * uy};
        for (int axis = 0; axis < 2; axis++) {
            least[axis] = fmin(least[axis], at[axis]);
            most[axis] = fmax(most[axis], at[axis]);
        }
    }
    *out_length = fmax(most[0] - least[0], most[1] - least[1]);
    *out_width = fmin(most[0] - least[0], most[1] - least[1]);
}

static double folded_side(const oracle *o, unsigned i) {
    unsigned next = (i + 1) % o->n;
    double x = fabs(o->x[next] - o->x[i]), y = fabs(o->y[next] - o->y[i]);
    return atan2(fmin(x, y), fmax(x, y)) * 180 / pi;
}

/* The rectangle found is one of those on the hull's sides, and none is smaller. Of those clearly as small,
 * none has a lesser perimeter, or the same and lies nearer to the axes. */
static void check_rectangle(const oracle *o, const double *m, double noise) {
    double width = m[ZF_MEASURE_WIDTH_M], length = m[ZF_MEASURE_LENGTH_M],
           found = m[ZF_MEASURE_ORIENTATION_DEG];
    double slack = noise / width, least_area = INFINITY, least_perimeter = INFINITY, l, w;
    bool is_there = false;
    for (unsigned i = 0; i < o->n; i++) {
        rectangle_on(o, i, &l, &w);
        least_area = fmin(least_area, l * w);
        is_there |= fabs(l - length) <= noise && fabs(w - width) <= noise &&
                    fabs(folded_side(o, i) - found) <= 1e-9 + 100 * slack;
    }
    if (!is_there)
        fail_msg("no side of the hull has the rectangle %.17g x %.17g at %.17g", length, width, found);
    assert_near(length * width, least_area, (1.01e-8 + slack) * least_area);
    if (slack > 1e-10) /* of a sliver */
        return;
    for (unsigned i = 0; i < o->n; i++) {
        rectangle_on(o, i, &l, &w);
        if (l * w <= least_area * (1 + 0.99e-8))
            least_perimeter = fmin(least_perimeter, l + w);
    }
    assert_true(length + width <= least_perimeter * (1 + 1.01e-8));
    for (unsigned i = 0; i < o->n; i++) {
        rectangle_on(o, i, &l, &w);
        if (l * w <= least_area * (1 + 0.99e-8) && l + w <= least_perimeter * (1 + 0.99e-8))
            assert_true(found <= folded_side(o, i) + 1e-9);
    }
}

static void measure(zf_metric *metric, const GEOSGeometry *shape, double *out) {
    size_t n = 0;
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(geos);
    GEOSWKBWriter_setByteOrder_r(geos, writer, GEOS_WKB_NDR);
    unsigned char *bytes = GEOSWKBWriter_write_r(geos, writer, shape, &n);
    zf_wkb wkb;
    assert_int_equal(zf_wkb_open(bytes, n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(zf_metric_measure(metric, &wkb, (1u << ZF_MEASURE_KINDS) - 1, out, NULL), ZF_OK);
    GEOSFree_r(geos, bytes);
    GEOSWKBWriter_destroy_r(geos, writer);
}

static void check_shape(zf_metric *metric, const GEOSGeometry *shape) {
    static oracle o;
    double m[ZF_MEASURE_KINDS], area;
    GEOSGeometry *geos_rectangle = GEOSMinimumRotatedRectangle_r(geos, shape);
    load_hull(shape, &o);
    GEOSArea_r(geos, shape, &area);
    measure(metric, shape, m);
    double noise = 1e-13 * (1 + o.hull_length);
    check_rectangle(&o, m, noise);
    assert_near(m[ZF_MEASURE_ELONGATION], m[ZF_MEASURE_WIDTH_M] / m[ZF_MEASURE_LENGTH_M], 0);
    assert_near(m[ZF_MEASURE_RECTANGULARITY] * m[ZF_MEASURE_LENGTH_M] * m[ZF_MEASURE_WIDTH_M], area, noise);
    assert_near(m[ZF_MEASURE_CONVEXITY] * o.hull_area, area, noise);
    assert_near(m[ZF_MEASURE_COMPACTNESS] * pi * o.circle_radius * o.circle_radius, area,
                1e-12 * o.circle_radius * o.circle_radius);
    if (geos_rectangle != NULL && GEOSGeomTypeId_r(geos, geos_rectangle) == GEOS_POLYGON) {
        double theirs; /* in GEOS 3.11 the one of the smallest width: never smaller than the smallest */
        GEOSArea_r(geos, geos_rectangle, &theirs);
        assert_true(m[ZF_MEASURE_LENGTH_M] * m[ZF_MEASURE_WIDTH_M] <= theirs * (1 + 1.1e-8) + noise);
    }
    GEOSGeom_destroy_r(geos, geos_rectangle);
}

static zf_metric *make_metric(void) {
    zf_crs *crs = NULL;
    zf_metric *metric = NULL;
    assert_int_equal(zf_crs_create_planar(&crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, false, &metric, NULL), ZF_OK);
    zf_crs_destroy(crs);
    return metric;
}

static void footprints_on_a_grid(void **state) {
    (void)state;
    rng r = {17};
    zf_metric *metric = make_metric();
    for (int i = 0; i < N_SHAPES; i++) {
        GEOSGeometry *shape = random_shape(geos, &r, 3 + i % 9);
        check_shape(metric, shape);
        GEOSGeom_destroy_r(geos, shape);
    }
    zf_metric_destroy(metric);
}

/* Rings of any number of random points, on the whole invalid: hull and circle do not mind. Some lie on a
 * circle, some on few lines, some are the same. */
static void clouds_of_points(void **state) {
    (void)state;
    rng r = {23};
    zf_metric *metric = make_metric();
    for (int i = 0; i < 3000; i++) {
        unsigned n = 3 + (unsigned)rng_below(&r, i % 50 == 0 ? 3000 : 40);
        int kind = rng_below(&r, 4);
        GEOSCoordSequence *points = GEOSCoordSeq_create_r(geos, n + 1, 2);
        double first[2] = {0, 0};
        for (unsigned k = 0; k <= n; k++) {
            double angle = 2 * pi * rng_unit(&r), x = rng_unit(&r) * 40, y = rng_unit(&r) * 10;
            if (kind == 1)
                x = 20 * cos(angle), y = 20 * sin(angle);
            else if (kind == 2)
                x = rng_below(&r, 6), y = rng_below(&r, 6);
            else if (kind == 3)
                x = (k % 3 == 0 ? 10 : 7 * rng_unit(&r)), y = x * (k % 2);
            if (k == 0)
                first[0] = x, first[1] = y;
            GEOSCoordSeq_setXY_r(geos, points, k, k < n ? x : first[0], k < n ? y : first[1]);
        }
        GEOSGeometry *shape =
            GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, points), NULL, 0);
        GEOSGeometry *hull = GEOSConvexHull_r(geos, shape);
        if (GEOSGeomTypeId_r(geos, hull) == GEOS_POLYGON) {
            check_shape(metric, hull); /* in their order */
            double ours[ZF_MEASURE_KINDS], theirs[ZF_MEASURE_KINDS];
            measure(metric, shape, ours);
            measure(metric, hull, theirs);
            for (int k = ZF_MEASURE_WIDTH_M; k <= ZF_MEASURE_ORIENTATION_DEG; k++)
                assert_near(ours[k], theirs[k], kind == 3 ? 1e-6 : 1e-9);
        }
        GEOSGeom_destroy_r(geos, hull);
        GEOSGeom_destroy_r(geos, shape);
    }
    zf_metric_destroy(metric);
}

int main(void) {
    geos = GEOS_init_r();
    const struct CMUnitTest tests[] = {cmocka_unit_test(footprints_on_a_grid),
                                       cmocka_unit_test(clouds_of_points)};
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    GEOS_finish_r(geos);
    return result;
}
