/* SPDX-License-Identifier: MIT */
#include "geometry/shape_internal.h"

enum { MOST_HOLDERS = 3, MOST_STALLS = 8 };

/* A circle and the points on it that determine it. */
typedef struct held_circle {
    zf_xy center;
    double r2;
    zf_xy holders[MOST_HOLDERS + 1]; /* one more: join() adds the new point here */
    size_t n;
} held_circle;

static inline double distance2(zf_xy a, zf_xy b) {
    double x = b.x - a.x, y = b.y - a.y;
    return x * x + y * y;
}

/** Squared distance from the centre to the farthest point, and which point that is. */
static double reach2(zf_xy center, const zf_xy *points, size_t n, size_t *out_farthest) {
    double r2 = -1;
    for (size_t i = 0; i < n; i++) {
        double d2 = distance2(center, points[i]);
        if (d2 > r2)
            r2 = d2, *out_farthest = i;
    }
    return r2;
}

/* Centre of the circle through three points; infinite or NaN if they lie on a line, which is never the best.
 */
static zf_xy center_of_three(zf_xy a, zf_xy b, zf_xy c) {
    double bx = b.x - a.x, by = b.y - a.y, cx = c.x - a.x, cy = c.y - a.y;
    double b2 = bx * bx + by * by, c2 = cx * cx + cy * cy, d = 2 * (bx * cy - by * cx);
    if (d == 0)
        return (zf_xy){INFINITY, INFINITY};
    return (zf_xy){a.x + (cy * b2 - by * c2) / d, a.y + (bx * c2 - cx * b2) / d};
}

/** Keeps a circle as the best so far if it is smaller and holds all points of `all`. */
static void offer(held_circle *best, const held_circle *all, zf_xy center, const zf_xy *holders, size_t n) {
    size_t farthest;
    double r2 = reach2(center, all->holders, all->n + 1, &farthest);
    if (!(r2 >= 0 && r2 < best->r2))
        return;
    best->center = center, best->r2 = r2, best->n = n;
    for (size_t i = 0; i < n; i++)
        best->holders[i] = holders[i];
}

/* The smallest circle around the determining points and a point p outside, which then is one of them. The
 * radius of each candidate is the distance to the farthest of the points, so the smallest candidate is right.
 */
static held_circle join(const held_circle *from, zf_xy p) {
    held_circle all = *from, best = {.r2 = INFINITY};
    all.holders[all.n] = p;
    for (size_t i = 0; i < all.n; i++) {
        zf_xy a = all.holders[i], two[] = {p, a};
        offer(&best, &all, (zf_xy){p.x + (a.x - p.x) / 2, p.y + (a.y - p.y) / 2}, two, 2);
        for (size_t k = i + 1; k < all.n; k++) {
            zf_xy three[] = {p, a, all.holders[k]};
            offer(&best, &all, center_of_three(p, a, all.holders[k]), three, 3);
        }
    }
    return best;
}

/* The radius of each circle is a lower bound; the distance from its centre to the farthest point is an upper
 * bound. Circles grow from step to step except for rounding, so the loop ends after MOST_STALLS steps without
 * growth. */
double zf_circle_radius(const zf_xy *hull, size_t n) {
    const double rounding = 1 + 1e-14;
    held_circle at = {.center = hull[0], .holders = {hull[0]}, .n = 1};
    double best2 = INFINITY;
    for (int n_stalls = 0; n_stalls < MOST_STALLS;) {
        size_t farthest = 0;
        double r2 = reach2(at.center, hull, n, &farthest);
        best2 = fmin(best2, r2);
        if (!(r2 > at.r2 * rounding))
            break;
        held_circle next = join(&at, hull[farthest]);
        n_stalls += !(next.r2 > at.r2);
        at = next;
    }
    return sqrt(best2);
}
