/* SPDX-License-Identifier: MIT */
/**
 * @file shape_internal.h
 * Convex hull, smallest rectangle and smallest circle of points in a plane, and what shape.c makes of them.
 * All of them are pure functions of the set of points: neither their order nor repetitions show, to the bit.
 */
#ifndef ZF_GEOMETRY_SHAPE_INTERNAL_H
#define ZF_GEOMETRY_SHAPE_INTERNAL_H

#include "geometry/metric_internal.h"

typedef struct zf_xy {
    double x, y;
} zf_xy;

/**
 * The corners of the convex hull, counterclockwise from the leftmost (of several the lowest); points on its
 * sides are no corners. 1 when all points are the same, 2 when they lie on a line.
 * @param points    n >= 1, finite; sorted in place.
 * @param out_hull  room for n + 1.
 * @return how many corners. Cost: O(n log n), no allocation. Source: Andrew, Another efficient algorithm for
 * convex hulls in two dimensions (1979), doi:10.1016/0020-0190(79)90072-3.
 */
size_t zf_hull_make(zf_xy *points, size_t n, zf_xy *out_hull);
double zf_hull_area(const zf_xy *hull, size_t n);

typedef struct zf_rectangle {
    double length, width; /**< length >= width */
    double deviation;     /**< tangent of the angle between a side and the nearest axis, 0..1 */
} zf_rectangle;

/**
 * The rectangle of the smallest area around a hull; one of its sides lies on one of the hull's. Of those
 * whose areas agree within 1e-8 that with the smallest perimeter, of those whose perimeters do too that
 * nearest to the axes: a right triangle has as small a rectangle on each of its sides, and an octagon four.
 * @param hull     as zf_hull_make gives it. One point has no deviation (NaN).
 * @param scratch  n; must not overlap the hull.
 * Cost: O(n). Source: Toussaint, Solving geometric problems with the rotating calipers (1983).
 */
zf_rectangle zf_rectangle_around(const zf_xy *hull, size_t n, zf_xy *scratch);

/**
 * Radius of the smallest circle around a hull.
 * Cost: O(n) for each of some 2 to 10 steps. Source: Gärtner, Fast and robust smallest enclosing balls
 * (1999), doi:10.1007/3-540-48481-7_29: the farthest point joins those that hold the circle.
 */
double zf_circle_radius(const zf_xy *hull, size_t n);

/** What of a shape is wanted. */
enum { ZF_SHAPE_RECTANGLE = 1, ZF_SHAPE_HULL = 2, ZF_SHAPE_CIRCLE = 4 };

typedef struct zf_shape_measures {
    zf_rectangle rectangle; /**< metres */
    double hull_area_m2;
    double radius_m;
} zf_shape_measures;

/**
 * Of a footprint without coordinates that are not finite. Where the hull is no wider than the rounding of its
 * coordinates, width and hull_area_m2 are 0 (the latter by its mean width). An EMPTY one is a point.
 * @param parts  bits; the rest of *out is unspecified.
 * @return ZF_OK; ZF_E_INPUT when a vertex cannot be brought to the ellipsoid; ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_metric_shape(zf_metric *metric, const zf_wkb *wkb, unsigned parts,
                                      zf_shape_measures *out, zf_error *error);
/**
 * The vertices of all shells in metres of a plane at the footprint: the CRS's own, from the corner of the
 * envelope, or, geodesic, the one that touches the ellipsoid at the centre of the envelope, x east, y north.
 * @param out    room for wkb->n_points.
 * @param out_n  closing points are left out.
 */
ZF_MUST_USE zf_status zf_metric_outline(zf_metric *metric, const zf_wkb *wkb, zf_xy *out, size_t *out_n,
                                        zf_error *error);

#endif
