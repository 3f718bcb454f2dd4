/* SPDX-License-Identifier: MIT */
#include "geometry/shape_internal.h"

/* Areas and perimeters that differ by less than this factor count as equal. */
static const double tie = 1 + 1e-8;

static inline size_t after(size_t i, size_t n) {
    return i + 1 < n ? i + 1 : 0;
}

static inline zf_xy side_of(const zf_xy *hull, size_t n, size_t i) {
    zf_xy from = hull[i], to = hull[after(i, n)];
    return (zf_xy){to.x - from.x, to.y - from.y};
}

static inline double dot(zf_xy a, zf_xy b) {
    return a.x * b.x + a.y * b.y;
}

static inline double cross(zf_xy a, zf_xy b) {
    return a.x * b.y - a.y * b.x;
}

static inline double deviation_of(zf_xy side) {
    double x = fabs(side.x), y = fabs(side.y);
    return x < y ? x / y : y / x;
}

/* The rectangle on side i: .x along it, .y across. far, top and near, the corners farthest forwards, away and
 * backwards, only ever move on while i does. */
typedef struct calipers {
    size_t far, top, near;
} calipers;

static inline zf_xy sides_on(const zf_xy *hull, size_t n, size_t i, calipers *at) {
    zf_xy side = side_of(hull, n, i);
    for (size_t k = 0; k < n && dot(side, side_of(hull, n, at->far)) > 0; k++)
        at->far = after(at->far, n);
    if (i == 0)
        at->top = at->far;
    for (size_t k = 0; k < n && cross(side, side_of(hull, n, at->top)) > 0; k++)
        at->top = after(at->top, n);
    if (i == 0)
        at->near = at->top;
    for (size_t k = 0; k < n && dot(side, side_of(hull, n, at->near)) < 0; k++)
        at->near = after(at->near, n);
    zf_xy along = {hull[at->far].x - hull[at->near].x, hull[at->far].y - hull[at->near].y};
    zf_xy across = {hull[at->top].x - hull[i].x, hull[at->top].y - hull[i].y};
    double length = sqrt(dot(side, side));
    return (zf_xy){dot(side, along) / length, cross(side, across) / length};
}

zf_rectangle zf_rectangle_around(const zf_xy *hull, size_t n, zf_xy *scratch) {
    if (n == 1)
        return (zf_rectangle){0, 0, NAN};
    zf_xy side = side_of(hull, n, 0);
    if (n == 2)
        return (zf_rectangle){sqrt(dot(side, side)), 0, deviation_of(side)};
    calipers at = {.far = 1};
    double area = INFINITY, perimeter = INFINITY;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = sides_on(hull, n, i, &at);
        area = fmin(area, scratch[i].x * scratch[i].y);
    }
    for (size_t i = 0; i < n; i++)
        if (scratch[i].x * scratch[i].y <= area * tie)
            perimeter = fmin(perimeter, scratch[i].x + scratch[i].y);
    zf_rectangle best = {NAN, NAN, NAN}; /* stays so where coordinates are too large to be multiplied */
    for (size_t i = 0; i < n; i++) {
        zf_xy sides = scratch[i];
        if (!(sides.x * sides.y <= area * tie && sides.x + sides.y <= perimeter * tie))
            continue;
        double deviation = deviation_of(side_of(hull, n, i));
        if (!(deviation >= best.deviation))
            best = (zf_rectangle){fmax(sides.x, sides.y), fmin(sides.x, sides.y), deviation};
    }
    return best;
}
