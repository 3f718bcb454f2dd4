/* SPDX-License-Identifier: MIT */
/** Small random footprints and zones on a coarse grid, so that edges touch, corners are shared and boxes
 * coincide all the time. */
#ifndef RANDOM_SHAPES_H
#define RANDOM_SHAPES_H

#include <geos_c.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct rng {
    uint64_t state;
} rng;

static inline uint64_t rng_next(rng *r) { /* splitmix64 */
    uint64_t z = (r->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline int rng_below(rng *r, int n) {
    return (int)(rng_next(r) % (uint64_t)n);
}

static inline double rng_unit(rng *r) {
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}

/** A grid coordinate, now and then off the grid by next to nothing or by anything. */
static inline double rng_coordinate(rng *r, int extent) {
    double c = rng_below(r, extent + 1);
    int kind = rng_below(r, 20);
    if (kind == 0)
        c += (rng_unit(r) - 0.5) * 1e-9;
    else if (kind == 1)
        c += rng_unit(r);
    return c;
}

static inline void append_ring(char *wkt, const double *xy, int n) {
    char point[80];
    strcat(wkt, "(");
    for (int i = 0; i <= n; i++) {
        snprintf(point, sizeof point, "%s%.17g %.17g", i == 0 ? "" : ",", xy[2 * (i % n)],
                 xy[2 * (i % n) + 1]);
        strcat(wkt, point);
    }
    strcat(wkt, ")");
}

static inline void append_rectangle(char *wkt, double x0, double y0, double x1, double y1) {
    double xy[8] = {x0, y0, x1, y0, x1, y1, x0, y1};
    append_ring(wkt, xy, 4);
}

static inline void append_triangle(rng *r, char *wkt, int extent) {
    double xy[6];
    for (int i = 0; i < 6; i++)
        xy[i] = rng_coordinate(r, extent);
    append_ring(wkt, xy, 3);
}

static inline void append_star(rng *r, char *wkt, int extent) {
    double xy[32], cx = rng_coordinate(r, extent), cy = rng_coordinate(r, extent);
    int n = 5 + rng_below(r, 11);
    for (int i = 0; i < n; i++) {
        double radius = 0.3 + rng_unit(r) * extent / 3, angle = 6.283185307179586 * i / n;
        xy[2 * i] = cx + radius * cos(angle);
        xy[2 * i + 1] = cy + radius * sin(angle);
    }
    append_ring(wkt, xy, n);
}

static inline void append_l_shape(rng *r, char *wkt, int extent) {
    double x = rng_coordinate(r, extent), y = rng_coordinate(r, extent), a = 1 + rng_below(r, 3),
           b = 1 + rng_below(r, 3);
    double xy[12] = {x, y, x + a + 1, y, x + a + 1, y + 1, x + 1, y + 1, x + 1, y + b + 1, x, y + b + 1};
    append_ring(wkt, xy, 6);
}

/** One polygon body "(ring,...)": rectangles, slivers, triangles, stars, L-shapes, and rectangles with holes
 * (some touching). */
static inline void append_polygon(rng *r, char *wkt, int extent) {
    double x = rng_coordinate(r, extent), y = rng_coordinate(r, extent);
    double w = 1 + rng_below(r, extent), h = 1 + rng_below(r, extent);
    strcat(wkt, "(");
    switch (rng_below(r, 7)) {
    case 0:
        append_triangle(r, wkt, extent);
        break;
    case 1:
        append_star(r, wkt, extent);
        break;
    case 2:
        append_l_shape(r, wkt, extent);
        break;
    case 3: /* sliver */
        append_rectangle(wkt, x, y, x + w, y + 1e-7 * (1 + rng_unit(r)));
        break;
    case 4: /* hole, perhaps touching the shell in a point */
        append_rectangle(wkt, x, y, x + w + 2, y + h + 2);
        strcat(wkt, ",");
        if (rng_below(r, 2))
            append_rectangle(wkt, x + 1, y + 1, x + w + 1, y + h + 1);
        else {
            double xy[6] = {x, y + 1, x + 1, y + 0.5, x + 1, y + 1.5};
            append_ring(wkt, xy, 3);
        }
        break;
    default:
        append_rectangle(wkt, x, y, x + w, y + h);
    }
    strcat(wkt, ")");
}

/** WKT of a polygon or multipolygon; may be invalid: the caller asks GEOS. wkt holds 16 KiB. */
static inline void random_wkt(rng *r, char *wkt, int extent) {
    wkt[0] = '\0';
    if (rng_below(r, 4) > 0) {
        strcpy(wkt, "POLYGON ");
        append_polygon(r, wkt, extent);
        return;
    }
    strcpy(wkt, "MULTIPOLYGON (");
    int n = 2 + rng_below(r, 3);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            strcat(wkt, ",");
        append_polygon(r, wkt, extent);
    }
    strcat(wkt, ")");
}

/** A valid, non-empty random shape; owned by the caller. */
static inline GEOSGeometry *random_shape(GEOSContextHandle_t geos, rng *r, int extent) {
    static char wkt[16384];
    GEOSWKTReader *reader = GEOSWKTReader_create_r(geos);
    GEOSGeometry *shape = NULL;
    while (shape == NULL) {
        random_wkt(r, wkt, extent);
        shape = GEOSWKTReader_read_r(geos, reader, wkt);
        if (shape != NULL && GEOSisValid_r(geos, shape) != 1) {
            GEOSGeom_destroy_r(geos, shape);
            shape = NULL;
        }
    }
    GEOSWKTReader_destroy_r(geos, reader);
    return shape;
}

/** "(x y,...)" of n points; consecutive ones may be equal. */
static inline void append_points(rng *r, char *wkt, int n, int extent) {
    char point[80];
    strcat(wkt, "(");
    for (int i = 0; i < n; i++) {
        double x = rng_coordinate(r, extent), y = rng_coordinate(r, extent);
        snprintf(point, sizeof point, "%s%.17g %.17g", i == 0 ? "" : ",", x, y);
        strcat(wkt, point);
    }
    strcat(wkt, ")");
}

/** WKT of points or lines; lines may be invalid, closed, or cross themselves. */
static inline void random_path_wkt(rng *r, char *wkt, int extent) {
    static const char *const types[] = {"POINT ", "MULTIPOINT ", "LINESTRING ", "MULTILINESTRING ("};
    int type = rng_below(r, 4), n_lines = 1 + rng_below(r, 3);
    strcpy(wkt, types[type]);
    if (type < 2)
        append_points(r, wkt, type == 0 ? 1 : 1 + rng_below(r, 4), extent);
    else if (type == 2)
        append_points(r, wkt, 2 + rng_below(r, 4), extent);
    for (int i = 0; type == 3 && i < n_lines; i++) {
        strcat(wkt, i > 0 ? "," : "");
        append_points(r, wkt, 2 + rng_below(r, 2), extent);
    }
    strcat(wkt, type == 3 ? ")" : "");
}

/** Valid points or lines; owned by the caller. */
static inline GEOSGeometry *random_path(GEOSContextHandle_t geos, rng *r, int extent) {
    char wkt[2048];
    GEOSWKTReader *reader = GEOSWKTReader_create_r(geos);
    GEOSGeometry *path = NULL;
    while (path == NULL) {
        random_path_wkt(r, wkt, extent);
        path = GEOSWKTReader_read_r(geos, reader, wkt);
        if (path != NULL && GEOSisValid_r(geos, path) != 1) {
            GEOSGeom_destroy_r(geos, path);
            path = NULL;
        }
    }
    GEOSWKTReader_destroy_r(geos, reader);
    return path;
}

#endif
