/* SPDX-License-Identifier: MIT */
/* How many units of the CRS correspond to a distance in metres at most. */
#include "geometry/metric_internal.h"

#include <float.h>
#include <math.h>

enum { PLACES_PER_SIDE = 5 };

/** More than the rounding errors of frames. */
static const double rounding_m = 1e-6;
/** Metres are compared with units of the CRS at some places. Between these, the ratio is larger by less than
 * this factor. */
static const double between_places = 1.25;

/** CRS units per metre at most, of any direction. */
typedef struct slope {
    double x, y;
} slope;

/* Computes the slope at one place, and keeps the largest. The slope is the inverse of the derivative of the
 * frame. */
static bool add_slope_at(zf_metric *metric, const zf_frame *frame, double x, double y, double step,
                         slope *most) {
    const double xy[8] = {x - step, y, x + step, y, x, y - step, x, y + step};
    double at[12];
    if (zf_metric_to_frame(metric, frame, xy, 4, at, NULL) != ZF_OK)
        return false;
    double east_x = (at[3] - at[0]) / (xy[2] - xy[0]), north_x = (at[4] - at[1]) / (xy[2] - xy[0]);
    double east_y = (at[9] - at[6]) / (xy[7] - xy[5]), north_y = (at[10] - at[7]) / (xy[7] - xy[5]);
    double area = fabs(east_x * north_y - east_y * north_x);
    slope here = {hypot(north_y, east_y) / area, hypot(north_x, east_x) / area};
    most->x = fmax(most->x, here.x);
    most->y = fmax(most->y, here.y);
    return isfinite(here.x) && isfinite(here.y);
}

/** The largest slope at a lattice of places of the envelope. */
static bool find_slope(zf_metric *metric, const zf_frame *frame, const zf_envelope *e, double step,
                       slope *out) {
    bool is_known = true;
    *out = (slope){0, 0};
    for (int i = 0; i < PLACES_PER_SIDE; i++)
        for (int k = 0; k < PLACES_PER_SIDE; k++) {
            double u = (double)i / (PLACES_PER_SIDE - 1), v = (double)k / (PLACES_PER_SIDE - 1);
            is_known = is_known && add_slope_at(metric, frame, e->min_x * (1 - u) + e->max_x * u,
                                                e->min_y * (1 - v) + e->max_y * v, step, out);
        }
    return is_known;
}

static double largest_of(const zf_envelope *e) {
    return fmax(fmax(fabs(e->min_x), fabs(e->max_x)), fmax(fabs(e->min_y), fabs(e->max_y)));
}

zf_envelope zf_envelope_widened(const zf_envelope *envelope, double by_x, double by_y) {
    return (zf_envelope){
        nextafter(envelope->min_x - by_x, -INFINITY), nextafter(envelope->min_y - by_y, -INFINITY),
        nextafter(envelope->max_x + by_x, INFINITY), nextafter(envelope->max_y + by_y, INFINITY)};
}

/* First at the envelope's places, then at those of the envelope with its margin. */
static bool find_geodesic(zf_metric *metric, const zf_envelope *envelope, double radius_m, slope *out) {
    zf_frame frame;
    zf_envelope around = *envelope;
    double sides = envelope->max_x - envelope->min_x + (envelope->max_y - envelope->min_y);
    double step = fmax(sides * 1e-5, largest_of(envelope) * 1e-9);
    bool is_known = zf_metric_frame(metric, envelope, &frame, NULL) == ZF_OK;
    for (int round = 0; is_known && round < 2; round++) {
        is_known = find_slope(metric, &frame, &around, step, out);
        around = zf_envelope_widened(envelope, out->x * radius_m * between_places,
                                     out->y * radius_m * between_places);
    }
    out->x *= between_places;
    out->y *= between_places;
    return is_known;
}

void zf_metric_margin(zf_metric *metric, const zf_envelope *envelope, double radius_m, double *out_x,
                      double *out_y) {
    slope s = {1 / metric->unit, 1 / metric->unit};
    double reach_m = radius_m + rounding_m;
    *out_x = *out_y = ZF_MARGIN_EVERYWHERE;
    if (metric->is_geodesic && !find_geodesic(metric, envelope, reach_m, &s))
        return;
    double rounding = 8 * DBL_EPSILON * largest_of(envelope);
    *out_x = fmin(s.x * reach_m * (1 + 1e-9) + rounding, ZF_MARGIN_EVERYWHERE);
    *out_y = fmin(s.y * reach_m * (1 + 1e-9) + rounding, ZF_MARGIN_EVERYWHERE);
}
