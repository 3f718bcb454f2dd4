/* SPDX-License-Identifier: MIT */
/**
 * @file overlay.h
 * Areas that a polygon has in common with zones, without building the common polygons.
 *
 * The plane is cut into vertical slabs at each x where an edge begins, ends or meets another. In a slab the
 * edges are ordered by height, and between two of them lies a trapezoid that is in the polygon or not, and in
 * each zone or not. All arithmetic is in pairs of doubles (about 31 digits).
 */
#ifndef ZF_GEOMETRY_OVERLAY_H
#define ZF_GEOMETRY_OVERLAY_H

#include "geometry/relate.h"

/** Areas in the square of the coordinates' unit. */
typedef struct zf_overlay {
    double *overlaps; /**< per zone: common area; the caller's storage */
    double whole;     /**< area of the polygon */
    double repeated;  /**< area in more than one zone: the sum of overlaps minus the area of their union */
    double outside;   /**< area in no zone */
} zf_overlay;

/**
 * @param polygon   edges of a valid polygon or multipolygon; borrowed.
 * @param envelope  its own.
 * @param zones     n_zones; `near` holds all edges that meet the polygon's envelope. A point on the
 *                  boundary must be taken as if it lay a little to the right, and, much less, above, as
 *                  zf_relate_is_inside does.
 * @param out       overlaps: room for n_zones.
 * @param scratch   some 200 bytes an edge and crossing, given back before return.
 * @return ZF_OK, ZF_E_MEMORY, ZF_E_CANCELLED. Each area is within 1e-12 of the exact one, relative to itself,
 * while it is above 1e-15 of the polygon's envelope. Cost: slabs times the edges over each; some 5 us for a
 * building at a border.
 */
ZF_MUST_USE zf_status zf_overlay_measure(const zf_relate_edges *polygon, const zf_envelope *envelope,
                                         const zf_relate_zone *zones, size_t n_zones, zf_arena *scratch,
                                         const zf_callbacks *callbacks, zf_overlay *out, zf_error *error);

/** Lengths in the coordinates' unit. */
typedef struct zf_line_overlay {
    double inside; /**< in the zone, its boundary included */
    double whole;  /**< of the line */
} zf_line_overlay;

/**
 * The length of a line within a zone (overlay_line.c).
 * @param line  edges; what several of them share counts for each.
 * @param zone  as for zf_overlay_measure.
 * @return ZF_OK, ZF_E_MEMORY, ZF_E_CANCELLED. Which stretches count is exact, their lengths within 1e-15 of the
 * line's. Cost: the line's edges times the zone's edges near the line.
 */
ZF_MUST_USE zf_status zf_overlay_measure_line(const zf_relate_edges *line, const zf_envelope *envelope,
                                              const zf_relate_zone *zone, zf_arena *scratch,
                                              const zf_callbacks *callbacks, zf_line_overlay *out, zf_error *error);

#endif
