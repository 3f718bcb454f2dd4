/* SPDX-License-Identifier: MIT */
/* How much larger areas in the plane of a projected CRS are than on the ellipsoid. */
#include "geometry/metric_internal.h"

#include <math.h>
#include <stdio.h>

enum {
    MAX_AREAS = 400,       /**< of more, every k-th is examined */
    MAX_AREAS_BY_GRID = 16 /**< of more, only the centres are examined */
};

/** Half the side of the square that is compared, in metres. */
static const double half_side_m = 50;

/** What lies entirely so near the origin of the coordinates, in metres, is in local coordinates: the CRS is
 * nominal. */
static const double local_m = 20000;

static bool is_local(const zf_envelope *area, double unit) {
    return fmax(fmax(fabs(area->min_x), fabs(area->max_x)), fmax(fabs(area->min_y), fabs(area->max_y))) *
               unit <
           local_m;
}

/** Area of a small square of the plane divided by its area on the ellipsoid; NAN if it is not on it. */
static double areal_scale_at(zf_metric *geodesic, double unit, double x, double y) {
    double step = half_side_m / unit;
    const zf_envelope square = {x - step, y - step, x + step, y + step};
    const double xy[8] = {x - step, y, x + step, y, x, y - step, x, y + step};
    double at[12];
    zf_frame frame;
    if (zf_metric_frame(geodesic, &square, &frame, NULL) != ZF_OK ||
        zf_metric_to_frame(geodesic, &frame, xy, 4, at, NULL) != ZF_OK)
        return NAN;
    double area_m2 = fabs((at[3] - at[0]) * (at[10] - at[7]) - (at[4] - at[1]) * (at[9] - at[6]));
    return 4 * half_side_m * half_side_m / area_m2;
}

/** Widens the range by the scale at n x n places of an area, none of them on its sides. */
static void add_area(zf_metric *geodesic, double unit, const zf_envelope *area, int n,
                     zf_areal_scale *range) {
    for (int i = 0; i < n * n; i++) {
        double u = (i % n + 0.5) / n, v = ((double)(i / n) + 0.5) / n;
        double scale = areal_scale_at(geodesic, unit, area->min_x * (1 - u) + area->max_x * u,
                                      area->min_y * (1 - v) + area->max_y * v);
        if (!isfinite(scale))
            continue;
        range->least = fmin(range->least, scale);
        range->most = fmax(range->most, scale);
    }
}

zf_status zf_crs_areal_scale(const zf_crs *crs, const zf_envelope *areas, size_t n, zf_areal_scale *out,
                             zf_error *error) {
    const zf_crs_info *info = zf_crs_get_info(crs);
    zf_metric *geodesic = NULL;
    *out = (zf_areal_scale){1, 1};
    if (info->is_geographic || info->wkt == NULL || n == 0)
        return ZF_OK;
    zf_status st = zf_metric_create(crs, true, &geodesic, error);
    if (st != ZF_OK)
        return st;
    zf_areal_scale range = {INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i += n / MAX_AREAS + 1)
        if (!zf_envelope_is_empty(&areas[i]) && !is_local(&areas[i], info->unit))
            add_area(geodesic, info->unit, &areas[i], n > MAX_AREAS_BY_GRID ? 1 : 3, &range);
    if (range.least <= range.most)
        *out = range;
    zf_metric_destroy(geodesic);
    return ZF_OK;
}

bool zf_crs_looks_like_degrees(const zf_crs *crs, const zf_envelope *extent, int64_t n) {
    const double least_room = 1; /* square units; the ZIPs of the USA have 0.05 square degrees each */
    const zf_crs_info *info = crs != NULL ? zf_crs_get_info(crs) : NULL;
    if (info == NULL || info->wkt == NULL || info->is_geographic || zf_envelope_is_empty(extent))
        return false;
    const double room =
        (extent->max_x - extent->min_x) * (extent->max_y - extent->min_y) / (double)(n > 1 ? n : 1);
    return extent->min_x >= -180 && extent->max_x <= 180 && extent->min_y >= -90 && extent->max_y <= 90 &&
           room > 0 && room < least_room;
}

bool zf_areal_scale_describe(const zf_areal_scale *scale, char out[ZF_AREAL_SCALE_BYTES]) {
    const double tolerance = 0.01;
    bool is_large = scale->most - 1 >= 1 / scale->least - 1;
    double worst = is_large ? scale->most : scale->least;
    (void)snprintf(out, ZF_AREAL_SCALE_BYTES, "up to %.3g %% too %s (areal scale %.4g)",
                   100 * fabs(worst - 1), is_large ? "large" : "small", worst);
    return scale->most > 1 + tolerance || scale->least < 1 - tolerance;
}
