/* SPDX-License-Identifier: MIT */
#include "geometry/exact.h"

#include <stdint.h>

/** An exact sum as non-overlapping doubles of increasing size. The last one has the sign of the sum. */
typedef struct expansion {
    double terms[16];
    int n;
} expansion;

/** Adds x exactly (Shewchuk's GROW-EXPANSION, without zeros). */
static void add(expansion *e, double x) {
    int n = 0;
    double sum = x;
    for (int i = 0; i < e->n; i++) {
        double a = sum, b = e->terms[i];
        sum = a + b;
        double b_part = sum - a, a_part = sum - b_part;
        double rest = (a - a_part) + (b - b_part);
        if (rest != 0)
            e->terms[n++] = rest;
    }
    if (sum != 0)
        e->terms[n++] = sum;
    e->n = n;
}

/** Adds x * y exactly. */
static void add_product(expansion *e, double x, double y) {
    double product = x * y;
    add(e, fma(x, y, -product));
    add(e, product);
}

/** a - b as the sum of two doubles. */
static void subtract(double a, double b, double out[2]) {
    double difference = a - b, b_part = a - difference, a_part = difference + b_part;
    out[1] = difference;
    out[0] = (a - a_part) + (b_part - b);
}

/* ---- where products underflow: whole multiples of the smallest double ---- */

enum { LIMBS = 45, LIMB_BITS = 32, SMALLEST_BITS = 1074, MANTISSA_BITS = 53 };

/** A number below 2^333 as a sign and a whole multiple of 2^-1074, the lowest limb first. */
typedef struct whole {
    uint32_t limbs[LIMBS];
    int sign;
} whole;

static whole whole_of(double x) {
    whole out = {.sign = (x > 0) - (x < 0)};
    int exponent = 0;
    uint64_t mantissa = (uint64_t)ldexp(frexp(fabs(x), &exponent), MANTISSA_BITS);
    int shift = exponent - MANTISSA_BITS + SMALLEST_BITS;
    if (shift < 0) { /* those bits are 0 */
        mantissa >>= -shift;
        shift = 0;
    }
    int at = shift / LIMB_BITS, bits = shift % LIMB_BITS;
    uint64_t low = (mantissa & UINT32_MAX) << bits, high = (mantissa >> LIMB_BITS) << bits;
    uint64_t middle = (low >> LIMB_BITS) + (high & UINT32_MAX);
    out.limbs[at] = (uint32_t)low;
    out.limbs[at + 1] = (uint32_t)middle;
    out.limbs[at + 2] = (uint32_t)((high >> LIMB_BITS) + (middle >> LIMB_BITS));
    return out;
}

static int compare_limbs(const uint32_t *a, const uint32_t *b, int n) {
    for (int i = n; i-- > 0;)
        if (a[i] != b[i])
            return a[i] > b[i] ? 1 : -1;
    return 0;
}

/** a - b. */
static whole subtract_whole(double a, double b) {
    whole x = whole_of(a), y = whole_of(b), out = {.sign = x.sign};
    y.sign = -y.sign;
    uint64_t carry = 0;
    if (x.sign * y.sign >= 0) { /* they add up; 0 has no limbs */
        out.sign = x.sign != 0 ? x.sign : y.sign;
        for (int i = 0; i < LIMBS; i++, carry >>= LIMB_BITS)
            out.limbs[i] = (uint32_t)(carry += (uint64_t)x.limbs[i] + y.limbs[i]);
        return out;
    }
    int order = compare_limbs(x.limbs, y.limbs, LIMBS);
    const whole *more = order >= 0 ? &x : &y, *less = order >= 0 ? &y : &x;
    out.sign = order == 0 ? 0 : more->sign;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t difference = (uint64_t)more->limbs[i] - less->limbs[i] - carry;
        out.limbs[i] = (uint32_t)difference;
        carry = difference >> 63;
    }
    return out;
}

static void multiply(const whole *a, const whole *b, uint32_t out[2 * LIMBS]) {
    for (int i = 0; i < 2 * LIMBS; i++)
        out[i] = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (int k = 0; k < LIMBS; k++, carry >>= LIMB_BITS)
            out[i + k] = (uint32_t)(carry += out[i + k] + (uint64_t)a->limbs[i] * b->limbs[k]);
        out[i + LIMBS] = (uint32_t)carry;
    }
}

/** The sign of (a - p) x (b - p) in whole numbers: exact for all coordinates. Some 10 us. */
static int orient_whole(zf_point a, zf_point b, zf_point p) {
    whole ax = subtract_whole(a.x, p.x), ay = subtract_whole(a.y, p.y), bx = subtract_whole(b.x, p.x),
          by = subtract_whole(b.y, p.y);
    uint32_t l[2 * LIMBS], r[2 * LIMBS];
    int l_sign = ax.sign * by.sign, r_sign = ay.sign * bx.sign;
    if (l_sign != r_sign)
        return l_sign > r_sign ? 1 : -1;
    multiply(&ax, &by, l);
    multiply(&ay, &bx, r);
    return l_sign * compare_limbs(l, r, 2 * LIMBS);
}

/** The smallest of the numbers but 0; infinite if all are 0. */
static double smallest(const double a[2], const double b[2]) {
    double least = INFINITY;
    for (int i = 0; i < 2; i++) {
        least = a[i] != 0 ? fmin(least, fabs(a[i])) : least;
        least = b[i] != 0 ? fmin(least, fabs(b[i])) : least;
    }
    return least;
}

int zf_orient_expanded(zf_point a, zf_point b, zf_point p) {
    double ax[2], ay[2], bx[2], by[2];
    expansion det = {.n = 0};
    subtract(a.x, p.x, ax);
    subtract(a.y, p.y, ay);
    subtract(b.x, p.x, bx);
    subtract(b.y, p.y, by);
    double x = smallest(ax, bx), y = smallest(ay, by);
    if (isinf(x) || isinf(y))
        return 0;
    if (x * y < 0x1p-960) /* what a product leaves over may vanish */
        return orient_whole(a, b, p);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++) {
            add_product(&det, ax[i], by[k]);
            add_product(&det, -ay[i], bx[k]);
        }
    if (det.n == 0)
        return 0;
    return det.terms[det.n - 1] > 0 ? 1 : -1;
}

static zf_point point_of(const double *xy, size_t i) {
    return (zf_point){xy[2 * i], xy[2 * i + 1]};
}

bool zf_ring_is_counter_clockwise(const double *xy, size_t n) {
    size_t low = 0, n_edges = n > 0 ? n - 1 : 0;
    for (size_t i = 1; i < n_edges; i++)
        if (xy[2 * i + 1] < xy[2 * low + 1] || (xy[2 * i + 1] == xy[2 * low + 1] && xy[2 * i] < xy[2 * low]))
            low = i;
    size_t before = low, after = low;
    for (size_t i = 1; i < n_edges && zf_point_is_same(point_of(xy, before), point_of(xy, low)); i++)
        before = before > 0 ? before - 1 : n_edges - 1;
    for (size_t i = 1; i < n_edges && zf_point_is_same(point_of(xy, after), point_of(xy, low)); i++)
        after = after + 1 < n_edges ? after + 1 : 0;
    return n_edges > 0 && zf_orient_exact(point_of(xy, before), point_of(xy, low), point_of(xy, after)) > 0;
}
