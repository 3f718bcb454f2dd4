/* SPDX-License-Identifier: MIT */
/**
 * @file index.h
 * A packed, read-only R-tree over n boxes in the plane (sort-tile-recursive) for the ZIPs, and one over
 * points for the buildings of one ZIP. Source: Leutenegger, Lopez, Edgington, "STR: a simple and efficient
 * algorithm for R-tree packing", ICDE 1997.
 */
#ifndef ZF_INDEX_H
#define ZF_INDEX_H

#include "geometry/geometry.h"

/** "No row". */
#define ZF_NO_ROW UINT32_MAX

/** Boxes per node; measured, see decision 0003. */
enum { ZF_INDEX_FANOUT = 16 };

/** Flat arrays in the arena that built it; read-only and shareable between threads afterwards. */
typedef struct zf_index zf_index;

/**
 * Pack n boxes.
 * @param boxes  n envelopes, finite, min <= max; borrowed for the call. Box i is row i. n of 0 is legal; n <
 * ZF_NO_ROW.
 * @param arena  gets the tree, about 39 n bytes: 24 bytes and 576 per node of 16 (n / 16 nodes, n / 256 above
 *               them, ... each rounded up). 30 n more are scratch, given back before return.
 * @return ZF_OK or ZF_E_MEMORY (arena rewound). The packing depends on the boxes and their order alone (ties:
 * lower row first). Cost: O(n log n).
 */
ZF_MUST_USE zf_status zf_index_build(const zf_envelope *boxes, size_t n, zf_arena *arena, zf_index **out,
                                     zf_error *error);
/** Bytes in the arena afterwards, and the most while boxes are packed. */
size_t zf_index_bytes(size_t n);
size_t zf_index_build_bytes(size_t n);

/**
 * The order in which sort-tile-recursive packs n boxes: each n_per_node of it make a node.
 * @param boxes      as of zf_index_build.
 * @param n_per_node boxes per node, 1 or more.
 * @param scratch    24 n bytes are taken and given back before return; nothing where one node is enough.
 * @param out_order  n box numbers; their own order where one node is enough. Caller's storage.
 * @return ZF_OK or ZF_E_MEMORY (out_order unspecified, scratch rewound). Depends on the boxes and their order
 * alone. Cost: O(n).
 */
ZF_MUST_USE zf_status zf_index_order(const zf_envelope *boxes, size_t n, size_t n_per_node, zf_arena *scratch,
                                     uint32_t *out_order, zf_error *error);

/** Called for each hit, in no particular but a deterministic order; false stops the search. */
typedef bool (*zf_index_visit)(void *user, uint32_t row);
/** All boxes that meet the window (touching counts); none for an empty one. Cost: O(log n + hits) for small
 * windows. No allocation. */
void zf_index_window(const zf_index *index, const zf_envelope *window, zf_index_visit visit, void *user);

/* ---- points and their neighbours (points.c, nearest.c, count_within.c, place.c) ---- */

/** n points, packed 16 to a leaf along a Hilbert curve, with nodes of boxes in the plane above. Read-only and
 * shareable between threads. */
typedef struct zf_points zf_points;

/** Points that the array of zf_points_build must have room for: n, rounded up to whole leaves. */
size_t zf_points_room(size_t n);
/**
 * Pack n points in place.
 * @param xyz_m    n x 3, row-major, metres, finite, with room for zf_points_room(n) points. Overwritten by
 * the leaves (untouched on failure); it must live as long as the tree. n of 0 is legal; n < ZF_NO_ROW.
 * @param arena    gets the rest of the tree, zf_points_bytes(n): about 7 n.
 * @param scratch  another arena; rewound before return.
 * @return ZF_OK or ZF_E_MEMORY (both arenas rewound). Cost: O(n) for points that are spread out, O(n log n)
 * for any.
 */
ZF_MUST_USE zf_status zf_points_build(double *xyz_m, size_t n, zf_arena *arena, zf_arena *scratch,
                                      zf_points **out, zf_error *error);
/** Bytes in the arena afterwards, and the most in arena and scratch together while points are packed. */
size_t zf_points_bytes(size_t n);
size_t zf_points_build_bytes(size_t n);

/**
 * The nearest other point of each point by branch and bound (Roussopoulos, Kelley, Vincent 1995). Distances
 * are straight lines in three dimensions; those in the plane bound them from below. The result does not
 * depend on the packing.
 * @param out_dist_m n metres, >= 0; +INFINITY when n == 1. Caller's storage.
 * @param out_row    n rows; of equal distances the lower row; ZF_NO_ROW when n == 1. Caller's storage;
 * nullable.
 * @param callbacks  nullable; is_cancelled is called every few thousand rows.
 * @return ZF_OK, or ZF_E_CANCELLED with the outputs unspecified. Allocates nothing. Cost: O(n log n)
 * expected, with coincident points too; quadratic only where many points differ in z alone.
 */
ZF_MUST_USE zf_status zf_points_nearest_all(const zf_points *points, double *out_dist_m, uint32_t *out_row,
                                            const zf_callbacks *callbacks, zf_error *error);

/**
 * How many other points lie within a radius of each: at most radius_m away, by the distance that
 * zf_points_nearest_all returns. Coincident points count each other.
 * @param radius_m    > 0, finite.
 * @param out_counts  n counts. Caller's storage.
 * @param callbacks   nullable; is_cancelled is called every few thousand rows.
 * @return ZF_OK, or ZF_E_CANCELLED with the output unspecified. Allocates nothing. Cost: O(n log n + pairs)
 * for small radii; for large ones, only points near the circle are compared.
 */
ZF_MUST_USE zf_status zf_points_count_within(const zf_points *points, double radius_m, uint32_t *out_counts,
                                             const zf_callbacks *callbacks, zf_error *error);

/** Called for each point with its coordinates. */
typedef void (*zf_points_visit)(void *user, uint32_t row, const double *xyz_m);
/**
 * Visits all points in the order of the packing, so that consecutive points are near each other.
 * @param callbacks nullable; is_cancelled is called every few thousand points.
 */
ZF_MUST_USE zf_status zf_points_each(const zf_points *points, zf_points_visit visit, void *user,
                                     const zf_callbacks *callbacks, zf_error *error);
/**
 * The nearest point to a place that is not a point of the tree, at most limit_m away (INFINITY: any), by the
 * distance that zf_points_nearest_all returns.
 * @param xyz_m   3 coordinates.
 * @param out_row of equal distances the lower row; ZF_NO_ROW when there is none.
 * @return metres; INFINITY when there is none. Allocates nothing.
 */
double zf_points_nearest_to(const zf_points *points, const double *xyz_m, double limit_m, uint32_t *out_row);
/** How many points lie at most radius_m from such a place. Cost: proportional to their number. */
uint32_t zf_points_count_near(const zf_points *points, const double *xyz_m, double radius_m);

#endif
