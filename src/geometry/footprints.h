/* SPDX-License-Identifier: MIT */
/** The footprints of one ZIP, in metres (footprints*.c). */
#ifndef ZF_GEOMETRY_FOOTPRINTS_H
#define ZF_GEOMETRY_FOOTPRINTS_H

#include "geometry/geos.h"
#include "geometry/metric.h"

/** Footprints in the plane of a frame (east, north), packed; holes and parts are rings like others. */
typedef struct zf_footprints {
    size_t n;             /**< so far */
    double *xy_m;         /**< two per point */
    uint32_t *ring_start; /**< first point of each ring, and after the last */
    uint32_t *first_ring; /**< of each footprint, and after the last */
    double *crs_xy;       /**< the points as they were, in the CRS; NULL unless kept */
    double *up_m; /**< the points' heights in the frame, for comparisons in local planes; NULL unless kept */
    zf_frame frame;       /**< where heights are kept */
    bool *is_shell;       /**< of each ring; a polygon's holes follow its shell */
    zf_envelope *boxes;   /**< one per footprint */
    size_t cap, cap_rings, cap_points;
} zf_footprints;

/** Bytes of n footprints with so many rings and points, closing points included. */
size_t zf_footprints_bytes(size_t n, size_t n_rings, size_t n_points);
/** Room for them in the arena. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_footprints_create(zf_arena *arena, size_t n, size_t n_rings, size_t n_points,
                                           zf_footprints *out, zf_error *error);
/** Keeps the points in the CRS, too: 16 bytes each. Before the first footprint. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_footprints_keep_crs(zf_footprints *footprints, zf_arena *arena, zf_error *error);
/**
 * Keeps the heights of points above the plane of the frame, 8 bytes each: then two footprints are compared in
 * the plane that touches the ellipsoid midway between them, wherever they are. For frames of an extent for
 * which zf_frame_is_large; small ones need none. Before the first footprint. ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_footprints_keep_heights(zf_footprints *footprints, const zf_frame *frame,
                                                 zf_arena *arena, zf_error *error);
/** The next footprint, POLYGONAL and finite. ZF_E_INPUT as zf_metric_to_frame; ZF_E_INTERNAL when there is no
 * room for it. */
ZF_MUST_USE zf_status zf_footprints_add(zf_footprints *footprints, zf_metric *metric, const zf_frame *frame,
                                        const zf_wkb *wkb, zf_error *error);
/**
 * Distance of two footprints as areas: 0 where they share a point, one within the other included. The same
 * for (a, b) and (b, a). In the plane of the frame: on the ellipsoid, lengths at a distance d from the ZIP's
 * centre are short by at most d^2 / (2 R^2) of them, 0.1 mm of 100 m at 10 km. With heights, in the plane
 * midway between both: a distance s is short by s^3 / (24 R^2), as between centroids, 1 mm of 10 km. Does not
 * depend on the limit.
 * @param limit_m  where the distance is more, anything above the limit may be answered.
 * Cost: edges of the one times edges of the other, most of them by boxes. Of valid footprints.
 */
double zf_footprints_distance_m(const zf_footprints *footprints, size_t a, size_t b, double limit_m);
/** A stretch of an edge, as parts of its length; 0 <= from < to <= 1. */
typedef struct zf_wall {
    uint32_t edge; /**< number of the point at which it begins */
    double from, to;
} zf_wall;
/** Stretches of one outline; doubled in the arena when it is full. */
typedef struct zf_wall_list {
    zf_arena *arena;
    zf_wall *items;
    size_t n, cap;
} zf_wall_list;
enum { ZF_WALL_LIST_CAP = 512 };
/** An empty list. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_wall_list_create(zf_arena *arena, zf_wall_list *out, zf_error *error);
/**
 * Appends the stretches of the outline of a that run beside that of b: what of each edge lies at most
 * tolerance_m beside an edge of b, measured along it. At a corner, walls that only meet there share nothing:
 * an edge that stands on another at right angles runs beside no length of it, at other angles beside the
 * tolerance's size.
 * @param of_b   scratch: the stretches of b beside a.
 * @param out_m  the wall that both share: the shorter length of both lists, each place counted once. The same
 * for (a, b) and (b, a).
 * @return ZF_OK; ZF_E_MEMORY. Cost as of the distance. (footprints_walls.c)
 */
ZF_MUST_USE zf_status zf_footprints_add_walls(const zf_footprints *footprints, size_t a, size_t b,
                                              double tolerance_m, zf_wall_list *of_a, zf_wall_list *of_b,
                                              double *out_m, zf_error *error);
/** Length of the stretches of a footprint's outline, each place counted once: never more than its perimeter.
 * Sorts the list. */
double zf_footprints_walls_m(const zf_footprints *footprints, size_t footprint, zf_wall_list *walls);
/** Corners of the convex hull of n points, anticlockwise from the lowest x (of equal ones the lowest y).
 * Sorts xy; out_xy has room for n + 1 points. Returns how many; below 3 there is no area. Source: Andrew's
 * monotone chain (1979). Cost: O(n log n). (hull.c) */
size_t zf_hull(double *xy, size_t n, double *out_xy);
/** Area in the plane of the frame, or with heights in the plane at the footprint. */
double zf_footprints_area_m2(const zf_footprints *footprints, size_t footprint);
/** Area that two footprints have in common, by GEOS. ZF_E_INPUT when GEOS cannot say, for footprints that are
 * not valid. (footprints_overlap.c) */
ZF_MUST_USE zf_status zf_footprints_common_area_m2(const zf_footprints *footprints, size_t a, size_t b,
                                                   zf_geos *geos, double *out_m2, zf_error *error);

#endif
