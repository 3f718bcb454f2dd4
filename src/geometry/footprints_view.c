/* SPDX-License-Identifier: MIT */
/* The plane in which two footprints are compared. */
#include "geometry/footprints_internal.h"

/** The component of a vector of geocentric axes along each axis of a frame. */
static void turn_into_frame(const zf_frame *frame, const double *v, double *out) {
    out[0] = v[0] * frame->east[0] + v[1] * frame->east[1] + v[2] * frame->east[2];
    out[1] = v[0] * frame->north[0] + v[1] * frame->north[1] + v[2] * frame->north[2];
    out[2] = v[0] * frame->up[0] + v[1] * frame->up[1] + v[2] * frame->up[2];
}

/** Scales a vector to length 1. */
static void normalise(double *v) {
    double length = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int i = 0; i < 3; i++)
        v[i] /= length;
}

static void cross(const double *a, const double *b, double *out) {
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

/** The upward direction of the ellipsoid at a place near its surface, in geocentric axes. */
static void find_up(const zf_frame *frame, const double *place, double *out) {
    for (int i = 0; i < 3; i++)
        out[i] = frame->center_m[i] + place[0] * frame->east[i] + place[1] * frame->north[i] + place[2] * frame->up[i];
    out[2] *= frame->polar_stretch;
    normalise(out);
}

/** The plane that touches the ellipsoid midway between the first points of two footprints. */
static void find_plane(const zf_footprints *f, size_t point_a, size_t point_b, zf_local_plane *out) {
    double up[3], east[3], north[3], axis[3] = {0, 0, 1};
    for (int i = 0; i < 2; i++)
        out->origin[i] = (f->xy_m[2 * point_a + (size_t)i] + f->xy_m[2 * point_b + (size_t)i]) / 2;
    out->origin[2] = (f->up_m[point_a] + f->up_m[point_b]) / 2;
    find_up(&f->frame, out->origin, up);
    if (fabs(up[2]) > 0.9) /* near a pole any direction serves as east */
        axis[0] = 1, axis[2] = 0;
    cross(axis, up, east);
    normalise(east);
    cross(up, east, north);
    turn_into_frame(&f->frame, east, out->east);
    turn_into_frame(&f->frame, north, out->north);
}

/** A footprint in the plane of its frame. */
static void view_in_frame(zf_view *v, const zf_footprints *f, size_t number) {
    v->footprints = f;
    v->first_ring = f->first_ring[number];
    v->end_ring = f->first_ring[number + 1];
    v->first_point = f->ring_start[v->first_ring];
    v->xy_m = f->xy_m + 2 * v->first_point;
    v->plane = NULL;
    v->box = f->boxes[number];
}

/** Moves the view into another plane. */
static void project(zf_view *v, const zf_local_plane *plane) {
    size_t end = v->footprints->ring_start[v->end_ring];
    bool is_stored = end - v->first_point <= ZF_VIEW_POINTS;
    v->plane = plane;
    v->xy_m = NULL;
    v->box = zf_envelope_empty();
    for (size_t i = v->first_point; i < end; i++) {
        double xy[2];
        zf_view_point(v, i, xy);
        zf_envelope_add_point(&v->box, xy[0], xy[1]);
        if (is_stored) {
            v->projected[2 * (i - v->first_point)] = xy[0];
            v->projected[2 * (i - v->first_point) + 1] = xy[1];
        }
    }
    if (is_stored)
        v->xy_m = v->projected;
}

void zf_pair_view_init(zf_pair_view *pair, const zf_footprints *footprints, size_t a, size_t b) {
    view_in_frame(&pair->a, footprints, a);
    view_in_frame(&pair->b, footprints, b);
    if (footprints->up_m == NULL)
        return;
    find_plane(footprints, pair->a.first_point, pair->b.first_point, &pair->plane);
    project(&pair->a, &pair->plane);
    project(&pair->b, &pair->plane);
}
