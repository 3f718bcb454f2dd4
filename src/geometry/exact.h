/* SPDX-License-Identifier: MIT */
/**
 * @file exact.h
 * The exact side of a line on which a point lies.
 * Source: Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates", 1997.
 */
#ifndef ZF_GEOMETRY_EXACT_H
#define ZF_GEOMETRY_EXACT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/** A point of the plane. */
typedef struct zf_point {
    double x, y;
} zf_point;

/**
 * The exact sign where doubles are not certain of it: all products are expanded. Exact for all coordinates below 1e100 in
 * size, also where products vanish: those are computed in whole numbers. Some 200 ns; 10 us in whole numbers.
 */
int zf_orient_expanded(zf_point a, zf_point b, zf_point p);

/** 1: p lies left of a->b, -1: right, 0: exactly on the line. Compile without contraction of a * b + c. */
static inline int zf_orient_exact(zf_point a, zf_point b, zf_point p) {
    double l = (a.x - p.x) * (b.y - p.y), r = (a.y - p.y) * (b.x - p.x);
    double det = l - r, bound = 3.3306690738754716e-16 * (fabs(l) + fabs(r)) + 1e-290;
    if (det > bound)
        return 1;
    return -det > bound ? -1 : zf_orient_expanded(a, b, p);
}

static inline int zf_point_is_same(zf_point a, zf_point b) {
    return a.x == b.x && a.y == b.y;
}

/** Does p, a point of the line through a and b, lie strictly between them? */
static inline int zf_point_is_between(zf_point a, zf_point b, zf_point p) {
    return a.x != b.x ? (a.x < p.x && p.x < b.x) || (b.x < p.x && p.x < a.x)
                      : (a.y < p.y && p.y < b.y) || (b.y < p.y && p.y < a.y);
}

/** Do the n points of a valid closed ring (the last repeats the first; 2 numbers each) go round it counter-clockwise?
 * Decided at its lowest, of these its leftmost point. */
bool zf_ring_is_counter_clockwise(const double *xy, size_t n);

#endif
