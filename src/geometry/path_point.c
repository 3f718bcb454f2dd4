/* SPDX-License-Identifier: MIT */
/*
 * Centroid and inner point of points and lines, as GEOS computes them, but without its faults: GEOS 3.11 takes an empty
 * member of a multipoint for a point at (0, 0), and reads memory that is not its own where a line of a multiline is empty.
 */
#include "geometry/wkb.h"

#include <math.h>

static double distance(double ax, double ay, double bx, double by) {
    double dx = ax - bx, dy = ay - by;
    return sqrt(dx * dx + dy * dy);
}

void zf_path_centroid(const zf_wkb *path, double *out_x, double *out_y) {
    double sum_x = 0, sum_y = 0, weight = 0;
    zf_ring_cursor cursor = zf_wkb_rings(path);
    for (zf_ring line; zf_wkb_next_ring(&cursor, &line);) {
        double ax, ay, bx, by;
        if (line.n == 0)
            continue;
        zf_ring_point(&line, 0, &ax, &ay);
        if (path->dimension == 0) {
            sum_x += ax;
            sum_y += ay;
            weight++;
        }
        for (uint32_t i = 1; i < line.n; i++, ax = bx, ay = by) {
            zf_ring_point(&line, i, &bx, &by);
            double length = distance(ax, ay, bx, by);
            sum_x += length * ((ax + bx) / 2);
            sum_y += length * ((ay + by) / 2);
            weight += length;
        }
    }
    *out_x = weight > 0 ? sum_x / weight : NAN;
    *out_y = weight > 0 ? sum_y / weight : NAN;
}

/** Search for the vertex nearest to a point; the first of equals. */
typedef struct vertex_search {
    double to_x, to_y, least, x, y;
} vertex_search;

static void try_vertex(vertex_search *n, const zf_ring *line, uint32_t i) {
    double x, y;
    zf_ring_point(line, i, &x, &y);
    double d = distance(x, y, n->to_x, n->to_y);
    if (d < n->least) {
        n->least = d;
        n->x = x;
        n->y = y;
    }
}

void zf_path_inner_point(const zf_wkb *path, double *out_x, double *out_y) {
    vertex_search n = {.least = INFINITY, .x = NAN, .y = NAN};
    zf_path_centroid(path, &n.to_x, &n.to_y);
    zf_ring_cursor cursor = zf_wkb_rings(path);
    for (zf_ring line; zf_wkb_next_ring(&cursor, &line);)
        for (uint32_t i = 1; i + 1 < line.n; i++)
            try_vertex(&n, &line, i);
    cursor = zf_wkb_rings(path);
    bool has_none = isnan(n.x);
    for (zf_ring line; has_none && zf_wkb_next_ring(&cursor, &line);) {
        if (line.n == 0)
            continue;
        try_vertex(&n, &line, 0);
        try_vertex(&n, &line, line.n - 1);
    }
    *out_x = n.x;
    *out_y = n.y;
}
