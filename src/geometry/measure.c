/* SPDX-License-Identifier: MIT */
#include "geometry/shape_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { STACK_VERTICES = 1000 };

static const char *const names[ZF_MEASURE_KINDS] = {
    [ZF_MEASURE_AREA_M2] = "area_m2",
    [ZF_MEASURE_PERIMETER_M] = "perimeter_m",
    [ZF_MEASURE_WIDTH_M] = "width_m",
    [ZF_MEASURE_LENGTH_M] = "length_m",
    [ZF_MEASURE_ELONGATION] = "elongation",
    [ZF_MEASURE_ORIENTATION_DEG] = "orientation_deg",
    [ZF_MEASURE_RECTANGULARITY] = "rectangularity",
    [ZF_MEASURE_CONVEXITY] = "convexity",
    [ZF_MEASURE_COMPACTNESS] = "compactness",
    [ZF_MEASURE_N_VERTICES] = "n_vertices",
    [ZF_MEASURE_N_PARTS] = "n_parts",
    [ZF_MEASURE_N_HOLES] = "n_holes",
    [ZF_MEASURE_COURTYARD_AREA_M2] = "courtyard_area_m2",
    [ZF_MEASURE_CENTROID_X] = "centroid_x",
    [ZF_MEASURE_CENTROID_Y] = "centroid_y",
    [ZF_MEASURE_SHARE] = "share",
};

/* Which measures need what. */
enum {
    OF_SIZES = 1u << ZF_MEASURE_AREA_M2 | 1u << ZF_MEASURE_PERIMETER_M | 1u << ZF_MEASURE_COURTYARD_AREA_M2,
    OF_RATIOS = 1u << ZF_MEASURE_RECTANGULARITY | 1u << ZF_MEASURE_CONVEXITY | 1u << ZF_MEASURE_COMPACTNESS,
    OF_RECTANGLE = 1u << ZF_MEASURE_WIDTH_M | 1u << ZF_MEASURE_LENGTH_M | 1u << ZF_MEASURE_ELONGATION |
                   1u << ZF_MEASURE_ORIENTATION_DEG | 1u << ZF_MEASURE_RECTANGULARITY,
    OF_CENTROID = 1u << ZF_MEASURE_CENTROID_X | 1u << ZF_MEASURE_CENTROID_Y,
    OF_COUNTS = 1u << ZF_MEASURE_N_VERTICES | 1u << ZF_MEASURE_N_PARTS | 1u << ZF_MEASURE_N_HOLES,
    OF_SHAPE = OF_RECTANGLE | OF_RATIOS,
};

const char *zf_measure_name(zf_measure measure) {
    return (unsigned)measure < ZF_MEASURE_KINDS ? names[measure] : "unknown";
}

zf_field_type zf_measure_type(zf_measure measure) {
    return (unsigned)measure < ZF_MEASURE_KINDS && OF_COUNTS & 1u << measure ? ZF_FIELD_INTEGER
                                                                             : ZF_FIELD_REAL;
}

zf_measure zf_measure_by_name(const char *name) {
    for (int i = 0; i < ZF_MEASURE_KINDS; i++)
        if (zf_string_equal_nocase(name, names[i]))
            return (zf_measure)i;
    return ZF_MEASURE_KINDS;
}

/* ---- counts ---- */

/** Whether the last point of a ring repeats the first. */
static bool is_closed(const zf_ring *ring) {
    double x0, y0, x1, y1;
    if (ring->n < 2)
        return false;
    zf_ring_point(ring, 0, &x0, &y0);
    zf_ring_point(ring, ring->n - 1, &x1, &y1);
    return x0 == x1 && y0 == y1;
}

/** Fills the wanted counts. */
static void count(const zf_wkb *wkb, unsigned wanted, double *out) {
    size_t n_vertices = 0, n_parts = 0, n_holes = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        n_vertices += ring.n - (wkb->dimension == 2 && is_closed(&ring));
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

typedef struct area_moments {
    double base_x, base_y; /* all that follows is relative to it */
    double area2, area2_x3, area2_y3;
    double noise; /* what area2 may be by rounding alone, in ulps */
} area_moments;

/** Adds the area and the first moments of a ring; holes count negative. */
static inline void add_area_moments(area_moments *sums, const zf_ring *ring) {
    double area2 = 0, moment_x = 0, moment_y = 0, noise = 0, x, y;
    zf_ring_point(ring, 0, &x, &y);
    x -= sums->base_x, y -= sums->base_y;
    for (uint32_t i = 1; i <= ring->n; i++) {
        double next_x, next_y; /* point 0 closes a ring that is not; adds nothing to one that is */
        zf_ring_point(ring, i < ring->n ? i : 0, &next_x, &next_y);
        next_x -= sums->base_x, next_y -= sums->base_y;
        double cross = x * next_y - next_x * y;
        area2 += cross;
        moment_x += cross * (x + next_x);
        moment_y += cross * (y + next_y);
        noise += fabs(x * next_y) + fabs(next_x * y);
        x = next_x, y = next_y;
    }
    double sign = (area2 < 0) == ring->is_shell ? -1 : 1;
    sums->area2 += sign * area2;
    sums->area2_x3 += sign * moment_x;
    sums->area2_y3 += sign * moment_y;
    sums->noise += noise;
}

/* The length-weighted centroid, else the mean of the rings' first points; relative to a base point. */
static void find_line_centroid(const zf_wkb *wkb, double base_x, double base_y, double *out_x,
                               double *out_y) {
    double length = 0, length_x = 0, length_y = 0, points_x = 0, points_y = 0, n_points = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        double x = 0, y = 0;
        uint32_t n = ring.n + (wkb->dimension == 2); /* the first point closes a ring */
        for (uint32_t i = 0; ring.n > 0 && i < n; i++) {
            double next_x, next_y;
            zf_ring_point(&ring, i < ring.n ? i : 0, &next_x, &next_y);
            next_x -= base_x, next_y -= base_y;
            if (i == 0) {
                n_points++, points_x += next_x, points_y += next_y;
            } else {
                double segment = sqrt((next_x - x) * (next_x - x) + (next_y - y) * (next_y - y));
                length += segment;
                length_x += segment * (x + next_x) / 2;
                length_y += segment * (y + next_y) / 2;
            }
            x = next_x, y = next_y;
        }
    }
    *out_x = length > 0 ? length_x / length : points_x / n_points;
    *out_y = length > 0 ? length_y / length : points_y / n_points;
}

/** The centroid in the plane of the coordinates. */
static void find_centroid(const zf_wkb *wkb, double *out_x, double *out_y) {
    area_moments sums = {0};
    bool is_first = true;
    double x, y;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        if (ring.n == 0)
            continue;
        if (is_first)
            zf_ring_point(&ring, 0, &sums.base_x, &sums.base_y);
        is_first = false;
        if (wkb->dimension == 2)
            add_area_moments(&sums, &ring);
    }
    if (fabs(sums.area2) > 4 * DBL_EPSILON * sums.noise) {
        x = sums.area2_x3 / 3 / sums.area2;
        y = sums.area2_y3 / 3 / sums.area2;
    } else {
        find_line_centroid(wkb, sums.base_x, sums.base_y, &x, &y);
    }
    *out_x = sums.base_x + x;
    *out_y = sums.base_y + y;
}

/* ---- area and perimeter ---- */

/** Size of a ring in the plane. */
static zf_ring_size planar_ring(double unit, const zf_ring *ring, size_t n, bool wants_perimeter) {
    double area2 = 0, perimeter = 0, x0, y0, x = 0, y = 0;
    zf_ring_point(ring, 0, &x0, &y0);
    for (uint32_t i = 1; i < n; i++) {
        double next_x, next_y;
        zf_ring_point(ring, i, &next_x, &next_y);
        next_x -= x0, next_y -= y0;
        area2 += x * next_y - next_x * y;
        if (wants_perimeter)
            perimeter += sqrt((next_x - x) * (next_x - x) + (next_y - y) * (next_y - y));
        x = next_x, y = next_y;
    }
    if (wants_perimeter)
        perimeter += sqrt(x * x + y * y);
    return (zf_ring_size){fabs(area2) / 2 * unit * unit, perimeter * unit};
}

/** Envelope of a ring. */
static zf_envelope envelope_of(const zf_ring *ring) {
    zf_envelope envelope = zf_envelope_empty();
    for (uint32_t i = 0; i < ring->n; i++) {
        double x, y;
        zf_ring_point(ring, i, &x, &y);
        zf_envelope_add_point(&envelope, x, y);
    }
    return envelope;
}

typedef struct footprint_size {
    double area_m2, perimeter_m, courtyard_m2;
} footprint_size;

static inline void add_size(footprint_size *total, const zf_ring *ring, const zf_ring_size *size) {
    total->area_m2 += ring->is_shell ? size->area_m2 : -size->area_m2;
    total->courtyard_m2 += ring->is_shell ? 0 : size->area_m2;
    total->perimeter_m += size->perimeter_m;
}

/** Adds the size of a ring whose vertices need no transformation; false if it is too large for the
 * series. */
static inline bool add_ring_in_place(zf_metric *metric, const zf_ring *ring, const zf_envelope *box,
                                     bool wants_perimeter, footprint_size *total) {
    size_t n = ring->n - is_closed(ring);
    zf_ring_size size = {0};
    if (n == 0)
        return true;
    if (!metric->is_geodesic)
        size = planar_ring(metric->unit, ring, n, wants_perimeter);
    else if (!zf_geodesic_small_ring(&metric->ellipsoid, ring, n, box, wants_perimeter, &size))
        return false;
    add_size(total, ring, &size);
    return true;
}

/* Size of a footprint from the vertices in the WKB; false if they must be transformed first or a ring is too
 * large for the series. */
static bool size_in_place(zf_metric *metric, const zf_wkb *wkb, bool wants_perimeter, footprint_size *out) {
    bool is_in_degrees = metric->to_geographic == NULL && metric->degrees_per_unit == 1 &&
                         wkb->envelope.min_y >= -90 && wkb->envelope.max_y <= 90;
    if (metric->is_geodesic && !is_in_degrees)
        return false;
    *out = (footprint_size){0};
    if (wkb->n_rings == 1)
        return add_ring_in_place(metric, &wkb->only, &wkb->envelope, wants_perimeter, out);
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        zf_envelope box = envelope_of(&ring);
        if (!add_ring_in_place(metric, &ring, &box, wants_perimeter, out))
            return false;
    }
    return true;
}

/* Size of a footprint from its vertices in degrees, ring after ring. is_large: for ZIPs; computes the area
 * only. */
static footprint_size size_in_degrees(zf_metric *metric, const zf_wkb *wkb, const double *xy, bool is_large) {
    footprint_size total = {0};
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring); xy += 2 * (size_t)ring.n) {
        size_t n = ring.n - is_closed(&ring);
        zf_ring_size size = {0};
        zf_ring degrees = {.xy = (const uint8_t *)xy, .n = ring.n, .stride_bytes = 2 * sizeof *xy};
        if (n == 0)
            continue;
        zf_envelope box = envelope_of(&degrees);
        if (is_large)
            size.area_m2 = zf_geodesic_area_large(&metric->ellipsoid, &metric->lattice, xy, n);
        else if (!zf_geodesic_small_ring(&metric->ellipsoid, &degrees, n, &box, true, &size))
            size = zf_geodesic_ring_exact(&metric->ellipsoid, xy, n);
        add_size(&total, &ring, &size);
    }
    return total;
}

/* ---- whole footprints ---- */

/* All vertices, ring after ring: in the caller's stack buffer while they fit, else malloc'ed. */
static zf_status load_vertices(const zf_wkb *wkb, double *stack, double **out, zf_error *error) {
    size_t n_bytes = SIZE_MAX;
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

/** Size of a footprint whose vertices are transformed first. */
static zf_status size_of_copy(zf_metric *metric, const zf_wkb *wkb, bool is_large, footprint_size *out,
                              zf_error *error) {
    double stack[2 * STACK_VERTICES], *xy = stack;
    zf_status st = load_vertices(wkb, stack, &xy, error);
    if (st == ZF_OK)
        st = zf_metric_to_degrees(metric, xy, wkb->n_points, error);
    if (st == ZF_OK)
        *out = size_in_degrees(metric, wkb, xy, is_large);
    if (xy != stack)
        free(xy);
    return st;
}

/** ZF_E_INPUT if a coordinate cannot be used. */
static zf_status check_finite(const zf_wkb *wkb, zf_error *error) {
    if (!wkb->has_non_finite)
        return ZF_OK;
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                        "cannot measure the geometry: a coordinate is not a finite number or out of range; "
                        "repair it or leave it out");
}

/** Length of lines, as half the perimeter of the rings that run along them and back. */
static zf_status measure_length(zf_metric *metric, const zf_wkb *wkb, double *out_m, zf_error *error) {
    zf_wkb outline;
    size_t n = zf_wkb_outline_bytes(wkb);
    uint8_t *bytes = malloc(n);
    if (bytes == NULL)
        return zf_error_memory(error, n, "the vertices of one geometry");
    footprint_size size = {0};
    zf_wkb_outline(wkb, bytes);
    (void)zf_wkb_open(bytes, n, &outline);
    zf_status st = ZF_OK;
    if (!size_in_place(metric, &outline, true, &size))
        st = size_of_copy(metric, &outline, false, &size, error);
    *out_m = size.perimeter_m / 2;
    free(bytes);
    return st;
}

/** Stores the wanted coordinates of the centroid. */
static void set_centroid(unsigned wanted, double x, double y, double *out) {
    if (wanted & 1u << ZF_MEASURE_CENTROID_X)
        out[ZF_MEASURE_CENTROID_X] = x;
    if (wanted & 1u << ZF_MEASURE_CENTROID_Y)
        out[ZF_MEASURE_CENTROID_Y] = y;
}

/** Stores the wanted sizes. */
static void set_size(unsigned wanted, const footprint_size *size, double *out) {
    if (wanted & 1u << ZF_MEASURE_AREA_M2)
        out[ZF_MEASURE_AREA_M2] = size->area_m2;
    if (wanted & 1u << ZF_MEASURE_PERIMETER_M)
        out[ZF_MEASURE_PERIMETER_M] = size->perimeter_m;
    if (wanted & 1u << ZF_MEASURE_COURTYARD_AREA_M2)
        out[ZF_MEASURE_COURTYARD_AREA_M2] = size->courtyard_m2;
}

/* ---- shape ---- */

/* part / whole, at most 1; NaN if whole is 0. Rounding or overlapping parts could give more than 1. */
static double ratio(double part, double whole) {
    return whole > 0 ? fmin(part / whole, 1) : NAN;
}

/** Stores the wanted measures of shape. */
static void set_shape(unsigned wanted, const zf_shape_measures *shape, double area_m2, double *out) {
    const double pi = 3.14159265358979323846;
    double width = shape->rectangle.width, length = shape->rectangle.length;
    if (wanted & 1u << ZF_MEASURE_WIDTH_M)
        out[ZF_MEASURE_WIDTH_M] = width;
    if (wanted & 1u << ZF_MEASURE_LENGTH_M)
        out[ZF_MEASURE_LENGTH_M] = length;
    if (wanted & 1u << ZF_MEASURE_ELONGATION)
        out[ZF_MEASURE_ELONGATION] = ratio(width, length);
    if (wanted & 1u << ZF_MEASURE_ORIENTATION_DEG)
        out[ZF_MEASURE_ORIENTATION_DEG] = atan(shape->rectangle.deviation) * (180 / pi);
    if (wanted & 1u << ZF_MEASURE_RECTANGULARITY)
        out[ZF_MEASURE_RECTANGULARITY] = ratio(area_m2, width * length);
    if (wanted & 1u << ZF_MEASURE_CONVEXITY)
        out[ZF_MEASURE_CONVEXITY] = ratio(area_m2, shape->hull_area_m2);
    if (wanted & 1u << ZF_MEASURE_COMPACTNESS)
        out[ZF_MEASURE_COMPACTNESS] = ratio(area_m2, pi * shape->radius_m * shape->radius_m);
}

/** Computes the rectangle, hull and circle that the wanted measures need. */
static zf_status find_shape(zf_metric *metric, const zf_wkb *wkb, unsigned wanted, zf_shape_measures *out,
                            zf_error *error) {
    unsigned parts = (wanted & OF_RECTANGLE ? ZF_SHAPE_RECTANGLE : 0) |
                     (wanted & 1u << ZF_MEASURE_CONVEXITY ? ZF_SHAPE_HULL : 0) |
                     (wanted & 1u << ZF_MEASURE_COMPACTNESS ? ZF_SHAPE_CIRCLE : 0);
    return zf_metric_shape(metric, wkb, parts, out, error);
}

/** Measures a point or line: what only an area has is NaN. */
static zf_status measure_path(zf_metric *metric, const zf_wkb *wkb, unsigned wanted, double *out,
                              zf_error *error) {
    double x = NAN, y = NAN;
    zf_status st = wanted & ~(unsigned)OF_COUNTS ? check_finite(wkb, error) : ZF_OK;
    for (int i = 0; i < ZF_MEASURE_KINDS; i++)
        if (wanted & 1u << i)
            out[i] = i == ZF_MEASURE_AREA_M2 ? 0 : i == ZF_MEASURE_SHARE ? 1 : NAN;
    if (st == ZF_OK && wanted & 1u << ZF_MEASURE_PERIMETER_M && wkb->dimension == 1)
        st = measure_length(metric, wkb, &out[ZF_MEASURE_PERIMETER_M], error);
    if (st == ZF_OK && wanted & OF_CENTROID)
        find_centroid(wkb, &x, &y);
    set_centroid(wanted, x, y, out);
    if (wanted & OF_COUNTS)
        count(wkb, wanted, out);
    return st;
}

zf_status zf_metric_measure(zf_metric *metric, const zf_wkb *wkb, unsigned wanted, double *out,
                            zf_error *error) {
    if (wkb->dimension < 2)
        return measure_path(metric, wkb, wanted, out, error);
    double x = NAN, y = NAN;
    footprint_size size = {0};
    zf_shape_measures shape;
    zf_status st = wanted & ~(unsigned)OF_COUNTS ? check_finite(wkb, error) : ZF_OK;
    bool wants_perimeter = wanted & 1u << ZF_MEASURE_PERIMETER_M;
    if (st == ZF_OK && (wanted & (OF_SIZES | OF_RATIOS)) &&
        !size_in_place(metric, wkb, wants_perimeter, &size))
        st = size_of_copy(metric, wkb, false, &size, error);
    if (st == ZF_OK && (wanted & OF_SHAPE))
        st = find_shape(metric, wkb, wanted, &shape, error);
    if (st != ZF_OK)
        return st;
    if ((wanted & OF_CENTROID) && wkb->n_points > 0)
        find_centroid(wkb, &x, &y);
    if (size.area_m2 < 0) /* holes may outweigh the shell of an invalid footprint */
        size.area_m2 = 0;
    set_centroid(wanted, x, y, out);
    set_size(wanted, &size, out);
    if (wanted & OF_SHAPE)
        set_shape(wanted, &shape, size.area_m2, out);
    if (wanted & 1u << ZF_MEASURE_SHARE)
        out[ZF_MEASURE_SHARE] = 1;
    if (wanted & OF_COUNTS)
        count(wkb, wanted, out);
    return ZF_OK;
}

zf_status zf_metric_area_m2(zf_metric *metric, const zf_wkb *wkb, double *out_m2, zf_error *error) {
    footprint_size size = {0};
    zf_status st = check_finite(wkb, error);
    if (st != ZF_OK)
        return st;
    if (metric->is_geodesic)
        st = size_of_copy(metric, wkb, true, &size, error);
    else
        size_in_place(metric, wkb, false, &size);
    if (st == ZF_OK)
        *out_m2 = fmax(size.area_m2, 0);
    return st;
}
