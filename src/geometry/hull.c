/* SPDX-License-Identifier: MIT */
/* Convex hulls of points. */
#include "geometry/geometry.h"

#include <stdlib.h>
#include <string.h>

static int compare_points(const void *a, const void *b) {
    const double *p = a, *q = b;
    return p[0] != q[0] ? (p[0] > q[0]) - (p[0] < q[0]) : (p[1] > q[1]) - (p[1] < q[1]);
}

/* Above 0: a, b, c turn left. */
static double turn(const double *a, const double *b, const double *c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/* A point on top of a chain that began at corner `bottom`. */
static size_t push(double *out_xy, size_t bottom, size_t n, const double *point) {
    while (n >= bottom + 2 && turn(out_xy + 2 * (n - 2), out_xy + 2 * (n - 1), point) <= 0)
        n--;
    memcpy(out_xy + 2 * n, point, 2 * sizeof *out_xy);
    return n + 1;
}

size_t zf_hull(double *xy, size_t n, double *out_xy) {
    size_t n_corners = 0;
    if (n == 0)
        return 0;
    qsort(xy, n, 2 * sizeof *xy, compare_points);
    for (size_t i = 0; i < n; i++)
        n_corners = push(out_xy, 0, n_corners, xy + 2 * i);
    size_t bottom = n_corners - 1; /* the last point, where the way back begins */
    for (size_t i = n - 1; i-- > 0;)
        n_corners = push(out_xy, bottom, n_corners, xy + 2 * i);
    return n_corners > 1 ? n_corners - 1 : n_corners; /* the first corner has come again */
}
