/* SPDX-License-Identifier: MIT */
#include "geometry/metric_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { STACK_VERTICES = 1000 };

static const char *const names[ZF_MEASURE_KINDS] = {
    [ZF_MEASURE_AREA_M2] = "area_m2",       [ZF_MEASURE_PERIMETER_M] = "perimeter_m",
    [ZF_MEASURE_N_VERTICES] = "n_vertices", [ZF_MEASURE_N_PARTS] = "n_parts",
    [ZF_MEASURE_N_HOLES] = "n_holes",       [ZF_MEASURE_CENTROID_X] = "centroid_x",
    [ZF_MEASURE_CENTROID_Y] = "centroid_y",
};

const char *zf_measure_name(zf_measure measure) {
    return (unsigned)measure < ZF_MEASURE_KINDS ? names[measure] : "unknown";
}

zf_field_type zf_measure_type(zf_measure measure) {
    bool is_count =
        measure == ZF_MEASURE_N_VERTICES || measure == ZF_MEASURE_N_PARTS || measure == ZF_MEASURE_N_HOLES;
    return is_count ? ZF_FIELD_INTEGER : ZF_FIELD_REAL;
}

zf_measure zf_measure_by_name(const char *name) {
    for (int i = 0; i < ZF_MEASURE_KINDS; i++)
        if (zf_string_equal_nocase(name, names[i]))
            return (zf_measure)i;
    return ZF_MEASURE_KINDS;
}

/* ---- counts ---- */

static bool is_closed(const zf_ring *ring) {
    double x0, y0, x1, y1;
    if (ring->n < 2)
        return false;
    zf_ring_point(ring, 0, &x0, &y0);
    zf_ring_point(ring, ring->n - 1, &x1, &y1);
    return x0 == x1 && y0 == y1;
}

static void count(const zf_wkb *wkb, unsigned wanted, double *out) {
    size_t n_vertices = 0, n_parts = 0, n_holes = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        n_vertices += ring.n - is_closed(&ring);
        n_parts += ring.is_shell && ring.n > 0;
        n_holes += !ring.is_shell && ring.n > 0;
    }
    if (wanted & 1u << ZF_MEASURE_N_VERTICES)
        out[ZF_MEASURE_N_VERTICES] = (double)n_vertices;
    if (wanted & 1u << ZF_MEASURE_N_PARTS)
        out[ZF_MEASURE_N_PARTS] = (double)n_parts;
    if (wanted & 1u << ZF_MEASURE_N_HOLES)
        out[ZF_MEASURE_N_HOLES] = (double)n_holes;
}

/* ---- centroid, as GEOS's: triangles about a base point, else segments, else points ---- */

typedef struct centroid_sums {
    double base_x, base_y; /* all that follows is relative to it */
    double area2, area2_x3, area2_y3;
    double area2_noise; /* what area2 may be by rounding alone, in ulps */
    double length, length_x, length_y;
    double n_points, points_x, points_y;
} centroid_sums;

static void add_ring_to_centroid(centroid_sums *sums, const double *xy, size_t n, bool is_shell) {
    double area2 = 0, moment_x = 0, moment_y = 0, length = 0;
    double x = xy[0] - sums->base_x, y = xy[1] - sums->base_y;
    sums->n_points++, sums->points_x += x, sums->points_y += y;
    for (size_t i = 1; i <= n; i++) {
        size_t next = i < n ? i : 0; /* closes a ring that is not; adds nothing to one that is */
        double next_x = xy[2 * next] - sums->base_x, next_y = xy[2 * next + 1] - sums->base_y;
        double cross = x * next_y - next_x * y;
        double segment = sqrt((next_x - x) * (next_x - x) + (next_y - y) * (next_y - y));
        area2 += cross;
        moment_x += cross * (x + next_x);
        moment_y += cross * (y + next_y);
        sums->area2_noise += fabs(x * next_y) + fabs(next_x * y);
        length += segment;
        sums->length_x += segment * (x + next_x) / 2;
        sums->length_y += segment * (y + next_y) / 2;
        x = next_x, y = next_y;
    }
    double sign = (area2 < 0) == is_shell ? -1 : 1;
    sums->area2 += sign * area2;
    sums->area2_x3 += sign * moment_x;
    sums->area2_y3 += sign * moment_y;
    sums->length += length;
}

static void finish_centroid(const centroid_sums *sums, double *out_x, double *out_y) {
    double x = sums->points_x / sums->n_points, y = sums->points_y / sums->n_points;
    if (fabs(sums->area2) > 4 * DBL_EPSILON * sums->area2_noise) {
        x = sums->area2_x3 / 3 / sums->area2;
        y = sums->area2_y3 / 3 / sums->area2;
    } else if (sums->length > 0) {
        x = sums->length_x / sums->length;
        y = sums->length_y / sums->length;
    }
    *out_x = sums->base_x + x;
    *out_y = sums->base_y + y;
}

/* xy: the footprint's vertices, ring after ring. */
static void find_centroid(const zf_wkb *wkb, const double *xy, double *out_x, double *out_y) {
    centroid_sums sums = {.base_x = xy[0], .base_y = xy[1]};
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring); xy += 2 * (size_t)ring.n)
        if (ring.n > 0)
            add_ring_to_centroid(&sums, xy, ring.n, ring.is_shell);
    finish_centroid(&sums, out_x, out_y);
}

/* ---- area and perimeter ---- */

static zf_ring_size planar_ring(double unit, const double *xy, size_t n) {
    double area2 = 0, perimeter = 0, x = 0, y = 0;
    for (size_t i = 1; i < n; i++) {
        double next_x = xy[2 * i] - xy[0], next_y = xy[2 * i + 1] - xy[1];
        area2 += x * next_y - next_x * y;
        perimeter += sqrt((next_x - x) * (next_x - x) + (next_y - y) * (next_y - y));
        x = next_x, y = next_y;
    }
    perimeter += sqrt(x * x + y * y);
    return (zf_ring_size){fabs(area2) / 2 * unit * unit, perimeter * unit};
}

/* Its area only. */
static zf_ring_size large_ring(const zf_metric *metric, const double *xy, size_t n) {
    return (zf_ring_size){zf_geodesic_area_large(&metric->ellipsoid, &metric->lattice, xy, n), 0};
}

/* xy: as the metric computes with them, CRS coordinates or degrees. */
static zf_ring_size add_rings(const zf_metric *metric, const zf_wkb *wkb, const double *xy, bool is_large) {
    zf_ring_size total = {0};
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring); xy += 2 * (size_t)ring.n) {
        size_t n = ring.n - is_closed(&ring);
        zf_ring_size size = !metric->is_geodesic ? planar_ring(metric->unit, xy, n)
                            : is_large           ? large_ring(metric, xy, n)
                                                 : zf_geodesic_ring(&metric->ellipsoid, xy, n);
        total.area_m2 += ring.is_shell ? size.area_m2 : -size.area_m2;
        total.perimeter_m += size.perimeter_m;
    }
    total.area_m2 = fmax(total.area_m2, 0); /* holes may outweigh the shell of an invalid footprint */
    return total;
}

/* ---- whole footprints ---- */

/* All vertices, ring after ring: in the caller's stack buffer while they fit, else malloc'ed. */
static zf_status load_vertices(const zf_wkb *wkb, double *stack, double **out, zf_error *error) {
    size_t n_bytes = SIZE_MAX;
    if (wkb->has_non_finite)
        return zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
            "cannot measure the geometry: a coordinate is not a finite number; repair it or leave it out");
    *out = stack;
    if (wkb->n_points > STACK_VERTICES) {
        if (!zf_size_mul(wkb->n_points, 2 * sizeof(double), &n_bytes) || (*out = malloc(n_bytes)) == NULL)
            return zf_error_memory(error, n_bytes, "the vertices of one geometry");
    }
    double *xy = *out;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);)
        for (uint32_t i = 0; i < ring.n; i++, xy += 2)
            zf_ring_point(&ring, i, &xy[0], &xy[1]);
    return ZF_OK;
}

/* Turns xy into degrees where the metric needs them. */
static zf_status find_size(zf_metric *metric, const zf_wkb *wkb, double *xy, bool is_large, zf_ring_size *out,
                           zf_error *error) {
    if (metric->is_geodesic) {
        zf_status st = zf_metric_to_degrees(metric, xy, wkb->n_points, error);
        if (st != ZF_OK)
            return st;
    }
    *out = add_rings(metric, wkb, xy, is_large);
    return ZF_OK;
}

static void set_centroid(unsigned wanted, double x, double y, double *out) {
    if (wanted & 1u << ZF_MEASURE_CENTROID_X)
        out[ZF_MEASURE_CENTROID_X] = x;
    if (wanted & 1u << ZF_MEASURE_CENTROID_Y)
        out[ZF_MEASURE_CENTROID_Y] = y;
}

static void set_size(unsigned wanted, const zf_ring_size *size, double *out) {
    if (wanted & 1u << ZF_MEASURE_AREA_M2)
        out[ZF_MEASURE_AREA_M2] = size->area_m2;
    if (wanted & 1u << ZF_MEASURE_PERIMETER_M)
        out[ZF_MEASURE_PERIMETER_M] = size->perimeter_m;
}

zf_status zf_metric_measure(zf_metric *metric, const zf_wkb *wkb, unsigned wanted, double *out,
                            zf_error *error) {
    const unsigned sizes = 1u << ZF_MEASURE_AREA_M2 | 1u << ZF_MEASURE_PERIMETER_M;
    const unsigned centroids = 1u << ZF_MEASURE_CENTROID_X | 1u << ZF_MEASURE_CENTROID_Y;
    double stack[2 * STACK_VERTICES], *xy = stack, x = NAN, y = NAN;
    zf_ring_size size = {0};
    zf_status st = ZF_OK;
    if ((wanted & (sizes | centroids)) && wkb->n_points > 0) {
        st = load_vertices(wkb, stack, &xy, error);
        if (st != ZF_OK)
            return st;
        if (wanted & centroids) /* before the vertices become degrees */
            find_centroid(wkb, xy, &x, &y);
        if (wanted & sizes)
            st = find_size(metric, wkb, xy, false, &size, error);
        if (xy != stack)
            free(xy);
        if (st != ZF_OK)
            return st;
    }
    set_centroid(wanted, x, y, out);
    set_size(wanted, &size, out);
    count(wkb, wanted, out);
    return ZF_OK;
}

zf_status zf_metric_area_m2(zf_metric *metric, const zf_wkb *wkb, double *out_m2, zf_error *error) {
    double stack[2 * STACK_VERTICES], *xy = stack;
    zf_ring_size size = {0};
    zf_status st = load_vertices(wkb, stack, &xy, error);
    if (st == ZF_OK)
        st = find_size(metric, wkb, xy, true, &size, error);
    if (xy != stack)
        free(xy);
    if (st == ZF_OK)
        *out_m2 = size.area_m2;
    return st;
}
