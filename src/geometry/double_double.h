/* SPDX-License-Identifier: MIT */
/**
 * @file double_double.h
 * Numbers as unevaluated sums of two doubles: about 31 decimal digits. Compile without contraction of a * b + c.
 * Source: Dekker, "A floating-point technique for extending the available precision", 1971; Hida, Li, Bailey,
 * "Library for double-double and quad-double arithmetic", 2007.
 */
#ifndef ZF_GEOMETRY_DOUBLE_DOUBLE_H
#define ZF_GEOMETRY_DOUBLE_DOUBLE_H

#include <math.h>

typedef struct zf_dd {
    double hi, lo;
} zf_dd;

static inline zf_dd zf_dd_of(double x) {
    return (zf_dd){x, 0};
}

/** |a| >= |b|, or a is 0. */
static inline zf_dd zf_dd_renormalise(double a, double b) {
    double sum = a + b;
    return (zf_dd){sum, b - (sum - a)};
}

static inline zf_dd zf_dd_add(zf_dd a, zf_dd b) {
    double s = a.hi + b.hi, part = s - a.hi, rest = (a.hi - (s - part)) + (b.hi - part);
    double t = a.lo + b.lo, t_part = t - a.lo, t_rest = (a.lo - (t - t_part)) + (b.lo - t_part);
    zf_dd sum = zf_dd_renormalise(s, rest + t);
    return zf_dd_renormalise(sum.hi, sum.lo + t_rest);
}

static inline zf_dd zf_dd_negate(zf_dd a) {
    return (zf_dd){-a.hi, -a.lo};
}

static inline zf_dd zf_dd_subtract(zf_dd a, zf_dd b) {
    return zf_dd_add(a, zf_dd_negate(b));
}

/** Exact. */
static inline zf_dd zf_dd_difference(double a, double b) {
    double d = a - b, part = d - a;
    return (zf_dd){d, (a - (d - part)) - (b + part)};
}

static inline zf_dd zf_dd_multiply(zf_dd a, zf_dd b) {
    double p = a.hi * b.hi, rest = fma(a.hi, b.hi, -p) + (a.hi * b.lo + a.lo * b.hi);
    return zf_dd_renormalise(p, rest);
}

/** b is not 0. */
static inline zf_dd zf_dd_divide(zf_dd a, zf_dd b) {
    double q1 = a.hi / b.hi;
    zf_dd r = zf_dd_subtract(a, zf_dd_multiply(b, zf_dd_of(q1)));
    double q2 = r.hi / b.hi;
    r = zf_dd_subtract(r, zf_dd_multiply(b, zf_dd_of(q2)));
    zf_dd q = zf_dd_renormalise(q1, q2);
    return zf_dd_add(q, zf_dd_of(r.hi / b.hi));
}

static inline int zf_dd_compare(zf_dd a, zf_dd b) {
    return a.hi != b.hi ? (a.hi > b.hi) - (a.hi < b.hi) : (a.lo > b.lo) - (a.lo < b.lo);
}

#endif
