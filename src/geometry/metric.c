/* SPDX-License-Identifier: MIT */
#include "geometry/metric_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

enum { FRAME_BLOCK = 256 }; /* points brought to the ellipsoid together */

/** Sets up the ellipsoid, and the transformation to degrees. */
static zf_status init_geodesic(zf_metric *metric, const zf_crs *crs, zf_error *error) {
    const zf_crs_info *info = zf_crs_get_info(crs);
    zf_ellipsoid_init(&metric->ellipsoid, info->semi_major_m, info->inverse_flattening);
    zf_lattice_init(&metric->ellipsoid, &metric->lattice);
    if (!info->is_geographic)
        return zf_transform_create_to_geographic(crs, &metric->to_geographic, error);
    metric->degrees_per_unit = info->unit * (180 / pi);
    if (fabs(metric->degrees_per_unit - 1) < 1e-12) /* PROJ's degree has 15 digits */
        metric->degrees_per_unit = 1;
    return ZF_OK;
}

zf_status zf_metric_create(const zf_crs *crs, bool is_geodesic, zf_metric **out, zf_error *error) {
    const zf_crs_info *info = zf_crs_get_info(crs);
    *out = NULL;
    if (is_geodesic && info->wkt == NULL)
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "cannot measure on the ellipsoid: the layers have no CRS; name it with `buildings_crs` "
            "and `zips_crs`, or use `measure` planar");
    if (!is_geodesic && info->is_geographic)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "cannot measure in the plane of %s: its coordinates are angles; use `measure` "
                            "geodesic, or buildings in a projected CRS",
                            info->name);
    zf_metric *metric = calloc(1, sizeof *metric);
    if (metric == NULL)
        return zf_error_memory(error, sizeof *metric, "a metric");
    metric->is_geodesic = is_geodesic;
    metric->unit = info->unit;
    zf_status st = is_geodesic ? init_geodesic(metric, crs, error) : ZF_OK;
    if (st != ZF_OK) {
        zf_metric_destroy(metric);
        return st;
    }
    *out = metric;
    return ZF_OK;
}

void zf_metric_destroy(zf_metric *metric) {
    if (metric == NULL)
        return;
    if (metric->to_geographic != NULL)
        zf_transform_destroy(metric->to_geographic);
    free(metric);
}

zf_status zf_metric_to_degrees(zf_metric *metric, double *xy, size_t n, zf_error *error) {
    if (metric->to_geographic != NULL) {
        zf_status st = zf_transform_points(metric->to_geographic, xy, n, error);
        if (st != ZF_OK)
            return zf_error_within(error, st, "cannot measure on the ellipsoid");
    } else if (metric->degrees_per_unit != 1) {
        for (size_t i = 0; i < 2 * n; i++)
            xy[i] *= metric->degrees_per_unit;
    }
    for (size_t i = 0; i < n; i++)
        if (!isfinite(xy[2 * i]) || !(fabs(xy[2 * i + 1]) <= 90))
            return zf_error_set(
                error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                "cannot measure on the ellipsoid: longitude %.9g, latitude %.9g is no place on "
                "it; check the layer's CRS (`buildings_crs`, `zips_crs`)",
                xy[2 * i], xy[2 * i + 1]);
    return ZF_OK;
}

/* Geocentric coordinates of a point of the ellipsoid, and the upward unit vector there. */
static void geocentric(const zf_ellipsoid *e, const double *lon_lat_deg, double *out_m, double *out_up) {
    double lon = lon_lat_deg[0] * (pi / 180), lat = lon_lat_deg[1] * (pi / 180);
    double s = sin(lat), c = cos(lat);
    double n = e->a_m / sqrt(1 - e->e2 * s * s);
    out_up[0] = c * cos(lon);
    out_up[1] = c * sin(lon);
    out_up[2] = s;
    out_m[0] = n * out_up[0];
    out_m[1] = n * out_up[1];
    out_m[2] = n * (1 - e->e2) * s;
}

double zf_metric_half_turn(const zf_metric *metric) {
    return metric->is_geodesic && metric->to_geographic == NULL ? 180 / metric->degrees_per_unit : INFINITY;
}

zf_status zf_metric_frame(zf_metric *metric, const zf_envelope *envelope, zf_frame *out, zf_error *error) {
    if (zf_envelope_is_empty(envelope))
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "cannot centre a frame of metres on an empty envelope");
    double center[2] = {envelope->min_x / 2 + envelope->max_x / 2, envelope->min_y / 2 + envelope->max_y / 2};
    double half_turn = zf_metric_half_turn(metric);
    if (envelope->max_x - envelope->min_x > half_turn)
        center[0] += center[0] > 0 ? -half_turn : half_turn;
    zf_frame frame = {.is_geodesic = metric->is_geodesic,
                      .origin_x = center[0],
                      .origin_y = center[1],
                      .unit = metric->unit};
    if (metric->is_geodesic) {
        zf_status st = zf_metric_to_degrees(metric, center, 1, error);
        if (st != ZF_OK)
            return st;
        double lon = center[0] * (pi / 180);
        frame.polar_stretch = 1 / (1 - metric->ellipsoid.e2);
        geocentric(&metric->ellipsoid, center, frame.center_m, frame.up);
        frame.east[0] = -sin(lon), frame.east[1] = cos(lon), frame.east[2] = 0;
        /* north = up x east */
        frame.north[0] = -frame.up[2] * frame.east[1];
        frame.north[1] = frame.up[2] * frame.east[0];
        frame.north[2] = frame.up[0] * frame.east[1] - frame.up[1] * frame.east[0];
    }
    *out = frame;
    return ZF_OK;
}

static double dot(const double *a, const double *b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Points in degrees into the metres of a geodesic frame. */
static void to_geodesic_frame(const zf_metric *metric, const zf_frame *frame, const double *lon_lat_deg,
                              size_t n, double *out_xyz_m) {
    for (size_t i = 0; i < n; i++) {
        double at[3], up[3];
        geocentric(&metric->ellipsoid, lon_lat_deg + 2 * i, at, up);
        for (int k = 0; k < 3; k++)
            at[k] -= frame->center_m[k];
        out_xyz_m[3 * i] = dot(at, frame->east);
        out_xyz_m[3 * i + 1] = dot(at, frame->north);
        out_xyz_m[3 * i + 2] = dot(at, frame->up);
    }
}

/** Points of the plane into the metres of a frame. */
static void to_planar_frame(const zf_frame *frame, const double *xy, size_t n, double *out_xyz_m) {
    for (size_t i = 0; i < n; i++) {
        out_xyz_m[3 * i] = (xy[2 * i] - frame->origin_x) * frame->unit;
        out_xyz_m[3 * i + 1] = (xy[2 * i + 1] - frame->origin_y) * frame->unit;
        out_xyz_m[3 * i + 2] = 0;
    }
}

zf_status zf_metric_to_frame(zf_metric *metric, const zf_frame *frame, const double *xy, size_t n,
                             double *out_xyz_m, zf_error *error) {
    if (!frame->is_geodesic) {
        to_planar_frame(frame, xy, n, out_xyz_m);
        return ZF_OK;
    }
    double block[2 * FRAME_BLOCK];
    for (size_t done = 0; done < n;) {
        size_t count = n - done < FRAME_BLOCK ? n - done : FRAME_BLOCK;
        memcpy(block, xy + 2 * done, 2 * count * sizeof *block);
        zf_status st = zf_metric_to_degrees(metric, block, count, error);
        if (st != ZF_OK)
            return st;
        to_geodesic_frame(metric, frame, block, count, out_xyz_m + 3 * done);
        done += count;
    }
    return ZF_OK;
}

bool zf_frame_is_large(const zf_frame *frame, zf_metric *metric, const zf_envelope *envelope,
                       double margin_m) {
    enum { SIDE = 3 };
    const double small_m = 10000;
    double xy[2 * SIDE * SIDE], at_m[3 * SIDE * SIDE], reach_m = 0;
    if (!frame->is_geodesic)
        return false;
    for (int i = 0; i < SIDE * SIDE; i++) {
        double u = (double)(i % SIDE) / (SIDE - 1), v = (double)(i / SIDE) / (SIDE - 1);
        xy[2 * i] = envelope->min_x * (1 - u) + envelope->max_x * u;
        xy[2 * i + 1] = envelope->min_y * (1 - v) + envelope->max_y * v;
    }
    if (zf_metric_to_frame(metric, frame, xy, (size_t)(SIDE * SIDE), at_m, NULL) != ZF_OK)
        return true;
    for (int i = 0; i < SIDE * SIDE; i++)
        reach_m = fmax(reach_m, sqrt(dot(at_m + 3 * i, at_m + 3 * i)));
    return reach_m + margin_m > small_m;
}
