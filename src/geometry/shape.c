/* SPDX-License-Identifier: MIT */
#include "geometry/shape_internal.h"

#include <float.h>
#include <stdlib.h>

enum { STACK_VERTICES = 1000 };

/* Rounding of the footprint's coordinates, in metres. */
static double rounding_m(const zf_metric *metric, const zf_envelope *box) {
    bool is_angle = metric->is_geodesic && metric->to_geographic == NULL;
    double largest = fmax(fmax(fabs(box->min_x), fabs(box->max_x)), fmax(fabs(box->min_y), fabs(box->max_y)));
    return 4 * DBL_EPSILON * largest * metric->unit * (is_angle ? metric->ellipsoid.a_m : 1);
}

/* Distance from the first corner to the farthest: at least half of the hull's length. */
static double reach(const zf_xy *hull, size_t n) {
    double reach2 = 0;
    for (size_t i = 1; i < n; i++) {
        double x = hull[i].x - hull[0].x, y = hull[i].y - hull[0].y;
        reach2 = fmax(reach2, x * x + y * y);
    }
    return sqrt(reach2);
}

/** Rectangle, hull and circle of the outline. */
static zf_status measure_outline(zf_metric *metric, const zf_wkb *wkb, unsigned parts, zf_xy *points,
                                 zf_shape_measures *out, zf_error *error) {
    zf_xy *hull = points + wkb->n_points;
    size_t n = 0;
    zf_status st = zf_metric_outline(metric, wkb, points, &n, error);
    if (st != ZF_OK)
        return st;
    if (n == 0) {
        *out = (zf_shape_measures){.rectangle.deviation = NAN};
        return ZF_OK;
    }
    size_t n_hull = zf_hull_make(points, n, hull);
    double rounding = rounding_m(metric, &wkb->envelope);
    if (parts & ZF_SHAPE_RECTANGLE) {
        out->rectangle = zf_rectangle_around(hull, n_hull, points);
        if (out->rectangle.width <= rounding)
            out->rectangle.width = 0;
    }
    if (parts & ZF_SHAPE_HULL) {
        out->hull_area_m2 = zf_hull_area(hull, n_hull);
        if (out->hull_area_m2 <= rounding * reach(hull, n_hull))
            out->hull_area_m2 = 0;
    }
    if (parts & ZF_SHAPE_CIRCLE)
        out->radius_m = zf_circle_radius(hull, n_hull);
    return ZF_OK;
}

zf_status zf_metric_shape(zf_metric *metric, const zf_wkb *wkb, unsigned parts, zf_shape_measures *out,
                          zf_error *error) {
    zf_xy stack[2 * STACK_VERTICES + 1], *points = stack;
    size_t n_bytes = SIZE_MAX;
    if (wkb->n_points > STACK_VERTICES) { /* n for the points, n + 1 for the hull */
        if (!zf_size_mul(wkb->n_points, 2 * sizeof *points, &n_bytes) ||
            !zf_size_add(n_bytes, sizeof *points, &n_bytes) || (points = malloc(n_bytes)) == NULL)
            return zf_error_memory(error, n_bytes, "the vertices of one geometry");
    }
    zf_status st = measure_outline(metric, wkb, parts, points, out, error);
    if (points != stack)
        free(points);
    return st;
}
