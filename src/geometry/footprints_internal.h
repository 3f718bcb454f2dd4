/* SPDX-License-Identifier: MIT */
/**
 * @file footprints_internal.h
 * One or two footprints in a plane in which they are compared. In a small ZIP that is the plane of its frame. In a
 * large one it is the plane that touches the ellipsoid midway between the two.
 */
#ifndef ZF_GEOMETRY_FOOTPRINTS_INTERNAL_H
#define ZF_GEOMETRY_FOOTPRINTS_INTERNAL_H

#include "geometry/geometry.h"
#include "geometry/orient.h"

enum { ZF_VIEW_POINTS = 256 };

/** A local plane, in the coordinates of a frame. */
typedef struct zf_local_plane {
    double origin[3], east[3], north[3];
} zf_local_plane;

/** One footprint in the plane of a pair. */
typedef struct zf_view {
    const zf_footprints *footprints;
    size_t first_ring, end_ring, first_point;
    const double *xy_m;          /**< of first_point and after; NULL: projected at each access, of large footprints */
    const zf_local_plane *plane; /**< NULL: that of the frame */
    zf_envelope box;
    double projected[2 * ZF_VIEW_POINTS]; /**< what xy_m points to in a plane of its own */
} zf_view;

/** Two footprints; not movable. The same plane for (a, b) and (b, a). */
typedef struct zf_pair_view {
    zf_local_plane plane;
    zf_view a, b;
} zf_pair_view;

/** a and b may be the same. Cost: of small ZIPs nothing; of large ones some 5 ns a point. */
void zf_pair_view_init(zf_pair_view *pair, const zf_footprints *footprints, size_t a, size_t b);

/** A point in the plane of the view. */
static inline void zf_view_point(const zf_view *v, size_t point, double out_xy[2]) {
    if (v->xy_m != NULL) {
        const double *xy = v->xy_m + 2 * (point - v->first_point);
        out_xy[0] = xy[0], out_xy[1] = xy[1];
        return;
    }
    const zf_local_plane *p = v->plane;
    double x = v->footprints->xy_m[2 * point] - p->origin[0], y = v->footprints->xy_m[2 * point + 1] - p->origin[1];
    double z = v->footprints->up_m[point] - p->origin[2];
    out_xy[0] = x * p->east[0] + y * p->east[1] + z * p->east[2];
    out_xy[1] = x * p->north[0] + y * p->north[1] + z * p->north[2];
}

/** The edge that begins at a point. */
static inline zf_segment zf_view_edge(const zf_view *v, size_t point) {
    if (v->xy_m != NULL) {
        const double *xy = v->xy_m + 2 * (point - v->first_point);
        return (zf_segment){xy[0], xy[1], xy[2], xy[3]};
    }
    double from[2], to[2];
    zf_view_point(v, point, from);
    zf_view_point(v, point + 1, to);
    return (zf_segment){from[0], from[1], to[0], to[1]};
}

static inline zf_envelope zf_segment_box(const zf_segment *s) {
    return (zf_envelope){zf_lesser(s->ax, s->bx), zf_lesser(s->ay, s->by), zf_greater(s->ax, s->bx),
                         zf_greater(s->ay, s->by)};
}

/** Squared distance of two boxes; 0 if they meet. */
static inline double zf_boxes_gap2(const zf_envelope *a, const zf_envelope *b) {
    double dx = zf_greater(zf_greater(a->min_x - b->max_x, b->min_x - a->max_x), 0);
    double dy = zf_greater(zf_greater(a->min_y - b->max_y, b->min_y - a->max_y), 0);
    return dx * dx + dy * dy;
}

#endif
