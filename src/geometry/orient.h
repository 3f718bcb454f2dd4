/* SPDX-License-Identifier: MIT */
/**
 * @file orient.h
 * On which side of a line a point lies, where doubles are certain of it.
 * Source: the static filter of Shewchuk, "Adaptive precision floating-point arithmetic and fast robust
 * geometric predicates", 1997. It requires that no product underflows. Products of GEOS do where
 * this one is below about 1e-170: there the result is 0, unsure.
 */
#ifndef ZF_GEOMETRY_ORIENT_H
#define ZF_GEOMETRY_ORIENT_H

#include "geometry/geometry.h"

/** fmin and fmax, inline; no operand is NaN. */
static inline double zf_lesser(double a, double b) {
    return a < b ? a : b;
}
static inline double zf_greater(double a, double b) {
    return a > b ? a : b;
}

/** true where no coordinate is so small (unless it is 0) or so large that GEOS's products of their
 * differences would vanish or be infinite: it may then find any footprint invalid. (simple.c) */
bool zf_wkb_has_ordinary_numbers(const zf_wkb *wkb);

/** Two points of a ring, as numbers. */
typedef struct zf_segment {
    double ax, ay, bx, by;
} zf_segment;

/** 1: p lies left of a->b, -1: right, 0: on it or too near to tell in doubles. Compile without contraction of
 * a * b + c. Without branches, because sides cannot be predicted. */
static inline int zf_orient(const zf_segment *s, double px, double py) {
    double l = (s->ax - px) * (s->by - py), r = (s->ay - py) * (s->bx - px);
    double det = l - r, bound = 3.3306690738754716e-16 * (fabs(l) + fabs(r)) + 1e-100;
    return (det > bound) - (-det > bound);
}

/** true only where both ends of one surely lie on the same side of the other. */
static inline bool zf_segments_are_apart(const zf_segment *s, const zf_segment *t) {
    int t_sides = zf_orient(s, t->ax, t->ay) * zf_orient(s, t->bx, t->by);
    int s_sides = zf_orient(t, s->ax, s->ay) * zf_orient(t, s->bx, s->by);
    return (t_sides > 0) | (s_sides > 0);
}

/** How two segments lie, as far as doubles are certain. */
typedef enum zf_meeting {
    ZF_MEETING_NONE = 0, /**< no point in common */
    ZF_MEETING_CROSS,    /**< they cross, each in its inside */
    ZF_MEETING_UNSURE    /**< they touch, overlap, or come too near to tell */
} zf_meeting;

static inline zf_meeting zf_segments_meet(const zf_segment *s, const zf_segment *t) {
    if (zf_lesser(s->ax, s->bx) > zf_greater(t->ax, t->bx) ||
        zf_greater(s->ax, s->bx) < zf_lesser(t->ax, t->bx) ||
        zf_lesser(s->ay, s->by) > zf_greater(t->ay, t->by) ||
        zf_greater(s->ay, s->by) < zf_lesser(t->ay, t->by))
        return ZF_MEETING_NONE;
    int ta = zf_orient(s, t->ax, t->ay), tb = zf_orient(s, t->bx, t->by);
    if (ta * tb > 0)
        return ZF_MEETING_NONE;
    int sa = zf_orient(t, s->ax, s->ay), sb = zf_orient(t, s->bx, s->by);
    if (sa * sb > 0)
        return ZF_MEETING_NONE;
    return ta * tb < 0 && sa * sb < 0 ? ZF_MEETING_CROSS : ZF_MEETING_UNSURE;
}

#endif
