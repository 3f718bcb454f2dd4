/* SPDX-License-Identifier: MIT */
/** The footprints of one ZIP, in metres (footprints.c). */
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
/** The next footprint, POLYGONAL and finite. ZF_E_INPUT as zf_metric_to_frame; ZF_E_INTERNAL when there is no
 * room for it. */
ZF_MUST_USE zf_status zf_footprints_add(zf_footprints *footprints, zf_metric *metric, const zf_frame *frame,
                                        const zf_wkb *wkb, zf_error *error);
/**
 * Distance of two footprints as areas: 0 where they share a point, one within the other included. The same
 * for (a, b) and (b, a). In the plane of the frame: on the ellipsoid, lengths s at a distance d from the
 * ZIP's centre are short by at most s d^2 / (2 R^2), 0.1 mm of 100 m at 10 km.
 * @param limit_m  where the distance is more, anything above the limit may be answered.
 * Cost: edges of the one times edges of the other, most of them by boxes. Of valid footprints.
 */
double zf_footprints_distance_m(const zf_footprints *footprints, size_t a, size_t b, double limit_m);
/**
 * Length of the walls that two footprints share: of each edge of the one, what lies at most tolerance_m
 * beside an edge of the other, measured along it. Crossing and meeting at a corner add up to the tolerance's
 * size. The same for (a, b) and (b, a). Cost as of the distance.
 */
double zf_footprints_shared_wall_m(const zf_footprints *footprints, size_t a, size_t b, double tolerance_m);
/** Corners of the convex hull of n points, anticlockwise from the lowest x (of equal ones the lowest y).
 * Sorts xy; out_xy has room for n + 1 points. Returns how many; below 3 there is no area. Source: Andrew's
 * monotone chain (1979). Cost: O(n log n). (hull.c) */
size_t zf_hull(double *xy, size_t n, double *out_xy);
/** Area in the plane of the frame. */
double zf_footprints_area_m2(const zf_footprints *footprints, size_t footprint);
/** Area that two footprints have in common, by GEOS. ZF_E_INPUT when GEOS cannot say, for footprints that are
 * not valid. (footprints_overlap.c) */
ZF_MUST_USE zf_status zf_footprints_common_area_m2(const zf_footprints *footprints, size_t a, size_t b,
                                                   zf_geos *geos, double *out_m2, zf_error *error);

#endif
