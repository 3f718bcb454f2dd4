/* SPDX-License-Identifier: MIT */
#include "geometry/shape_internal.h"

enum { INSERTION_MOST = 24 };

static inline bool precedes(zf_xy a, zf_xy b) {
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

/** Restores the heap below one place. */
static void sift_down(zf_xy *heap, size_t at, size_t n) {
    zf_xy moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && precedes(heap[child], heap[child + 1]))
            child++;
        if (!precedes(moved, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/** Heapsort. */
static void sort_many(zf_xy *points, size_t n) {
    for (size_t i = n / 2; i-- > 0;)
        sift_down(points, i, n);
    for (size_t last = n - 1; last > 0; last--) {
        zf_xy largest = points[0];
        points[0] = points[last];
        points[last] = largest;
        sift_down(points, 0, last);
    }
}

/** Insertion sort. */
static void sort_few(zf_xy *points, size_t n) {
    for (size_t i = 1; i < n; i++) {
        zf_xy moved = points[i];
        size_t at = i;
        for (; at > 0 && precedes(moved, points[at - 1]); at--)
            points[at] = points[at - 1];
        points[at] = moved;
    }
}

/** Leaves out equal points of a sorted list; returns how many are left. */
static size_t drop_repeated(zf_xy *points, size_t n) {
    size_t n_kept = 1;
    for (size_t i = 1; i < n; i++)
        if (precedes(points[n_kept - 1], points[i]))
            points[n_kept++] = points[i];
    return n_kept;
}

/* Whether a->b->c turns left. Wrong only for turns of some 1e-16 radians. */
static inline bool turns_left(zf_xy a, zf_xy b, zf_xy c) {
    return (b.x - a.x) * (c.y - a.y) > (b.y - a.y) * (c.x - a.x);
}

size_t zf_hull_make(zf_xy *points, size_t n, zf_xy *out_hull) {
    size_t n_hull = 0;
    if (n <= INSERTION_MOST)
        sort_few(points, n);
    else
        sort_many(points, n);
    n = drop_repeated(points, n);
    for (size_t i = 0; i < n; i++) { /* the lower chain, left to right */
        while (n_hull >= 2 && !turns_left(out_hull[n_hull - 2], out_hull[n_hull - 1], points[i]))
            n_hull--;
        out_hull[n_hull++] = points[i];
    }
    size_t n_lower = n_hull;
    for (size_t i = n - 1; i-- > 0;) { /* the upper one, back to the first point */
        while (n_hull > n_lower && !turns_left(out_hull[n_hull - 2], out_hull[n_hull - 1], points[i]))
            n_hull--;
        out_hull[n_hull++] = points[i];
    }
    return n > 1 ? n_hull - 1 : n_hull;
}

double zf_hull_area(const zf_xy *hull, size_t n) {
    double area2 = 0;
    for (size_t i = 2; i < n; i++)
        area2 += (hull[i - 1].x - hull[0].x) * (hull[i].y - hull[0].y) -
                 (hull[i - 1].y - hull[0].y) * (hull[i].x - hull[0].x);
    return area2 / 2;
}

size_t zf_hull(double *xy, size_t n, double *out_xy) {
    _Static_assert(sizeof(zf_xy) == 2 * sizeof(double), "a point is two numbers");
    return n > 0 ? zf_hull_make((zf_xy *)(void *)xy, n, (zf_xy *)(void *)out_xy) : 0;
}
