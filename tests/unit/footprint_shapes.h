/* SPDX-License-Identifier: MIT */
/** Random footprints for tests: stars, rectangles, courtyards, pairs of parts; on a lattice, so that they
 * touch and overlap, or anywhere. */
#ifndef ZF_TESTS_FOOTPRINT_SHAPES_H
#define ZF_TESTS_FOOTPRINT_SHAPES_H

#include "geometry/geometry.h"
#include "unit/wkb_writer.h"

#include <math.h>

static inline double shape_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

static inline void shape_rectangle(wkb_writer *w, double x, double y, double dx, double dy) {
    const double xy[] = {x, y, x + dx, y, x + dx, y + dy, x, y + dy, x, y};
    wkb_put_ring(w, xy, 5, 2);
}

static inline void shape_star(wkb_writer *w, double x, double y, double radius, uint64_t *seed) {
    double xy[2 * 10];
    size_t n = 4 + (size_t)(shape_random(seed) * 5);
    double turn = shape_random(seed);
    for (size_t i = 0; i < n; i++) {
        double angle = 6.283185307179586 * ((double)i + turn) / (double)n;
        double r = radius * (0.4 + 0.6 * shape_random(seed));
        xy[2 * i] = x + r * cos(angle);
        xy[2 * i + 1] = y + r * sin(angle);
    }
    xy[2 * n] = xy[0], xy[2 * n + 1] = xy[1];
    wkb_put_ring(w, xy, n + 1, 2);
}

/** A valid footprint within `extent` metres of the origin. */
static inline void shape_make(wkb_writer *w, double extent, uint64_t *seed) {
    unsigned kind = (unsigned)(shape_random(seed) * 5);
    double x = shape_random(seed) * extent, y = shape_random(seed) * extent;
    double side = 4 + floor(shape_random(seed) * 12);
    w->n = 0;
    if (kind < 2) /* on a lattice */
        x = floor(x / 4) * 4, y = floor(y / 4) * 4, side = floor(side / 4) * 4;
    if (kind < 3) {
        wkb_put_header(w, WKB_POLYGON, 1);
        shape_rectangle(w, x, y, side, kind == 1 ? 4 : side);
    } else if (kind == 3) {
        bool has_yard = shape_random(seed) < 0.5;
        wkb_put_header(w, WKB_POLYGON, has_yard ? 2 : 1);
        if (has_yard) {
            shape_rectangle(w, x, y, 3 * side, 3 * side);
            shape_rectangle(w, x + side, y + side, side, side);
        } else {
            shape_star(w, x, y, side, seed);
        }
    } else {
        wkb_put_header(w, WKB_MULTIPOLYGON, 2);
        wkb_put_header(w, WKB_POLYGON, 1);
        shape_rectangle(w, x, y, side, side);
        wkb_put_header(w, WKB_POLYGON, 1);
        shape_rectangle(w, x + side + 1 + shape_random(seed) * 9, y, side, side);
    }
}

#endif
