/* SPDX-License-Identifier: MIT */
/**
 * @file relate.h
 * The relation of a polygon or a line to a zone, decided exactly on the coordinates as they are.
 *
 * Both are given as edges. Once no edge of one properly crosses an edge of the other, all common points of
 * the two boundaries are vertices of one of them, so edges can be split there without rounding. Every piece
 * then lies in the interior, in the exterior or on the boundary of the other shape, and the signs of
 * zf_orient_exact tell which: nothing is constructed, nothing is rounded, and no valid input fails.
 */
#ifndef ZF_GEOMETRY_RELATE_H
#define ZF_GEOMETRY_RELATE_H

#include "geometry/exact.h"
#include "geometry/geometry.h"
#include "memory/memory.h"

/** An edge of a ring or a line. Edges of no length are legal and mean nothing. */
typedef struct zf_relate_edge {
    zf_point a, b;
    bool is_interior_left; /**< of a polygon's edge: its interior is left of a->b, else right */
} zf_relate_edge;

/** Edges of one shape. Those of a ring follow each other, which saves time and is not required. */
typedef struct zf_relate_edges {
    const zf_relate_edge *edges;
    size_t n;
} zf_relate_edges;

/** The shape whose relation is computed. */
typedef struct zf_relate_subject {
    zf_relate_edges edges;
    bool is_line;        /**< else a valid polygon or multipolygon */
    bool may_touch_self; /**< several rings, which may touch, or a line: edges may pass through its own vertices */
    zf_envelope envelope;
} zf_relate_subject;

/** The valid polygon or multipolygon with which it is compared. */
typedef struct zf_relate_zone {
    zf_relate_edges near; /**< all edges that meet the subject's envelope, and any others */
    /** Is a point that lies on none of the zone's edges in its interior? */
    bool (*is_inside)(const void *user, zf_point point);
    const void *user;
} zf_relate_zone;

/** The facts from which the assignment rules follow. */
typedef struct zf_relation {
    bool meet;           /**< some point in common */
    bool interiors_meet; /**< some point of both interiors */
    bool is_covered;     /**< no point of the subject outside of the zone */
} zf_relation;

/**
 * @param scratch  some 100 bytes an edge are taken where the boundaries touch, and given back before return.
 * @return ZF_OK; ZF_E_MEMORY; ZF_E_CANCELLED, asked for every few thousand pairs of edges.
 * Cost: the pairs of edges whose envelopes meet, found by a sweep where there are many edges, and O(n log n).
 * Source: the boundary pieces of an arrangement, after the definitions of DE-9IM (OGC 06-103r4, 6.1.15).
 */
ZF_MUST_USE zf_status zf_relate(const zf_relate_subject *subject, const zf_relate_zone *zone, zf_arena *scratch,
                                const zf_callbacks *callbacks, zf_relation *out, zf_error *error);

/**
 * Edges of a valid polygonal WKB with their interior sides, rings in order.
 * @param out  wkb->n_points edges at most, from the arena. ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_relate_edges_of_wkb(const zf_wkb *wkb, zf_arena *arena, zf_relate_edges *out,
                                             size_t *out_n_rings, zf_error *error);
/** Lines and points of a geometry. */
typedef struct zf_geom_rest {
    zf_relate_edges lines;
    zf_envelope lines_envelope;
    const zf_point *points;
    size_t n_points;
} zf_geom_rest;
/** Reads the lines and points of a geometry into the arena; lines of no length are points, and polygons are left out.
 * ZF_E_MEMORY. (geos_rest.c) */
ZF_MUST_USE zf_status zf_geom_read_rest(zf_geos *geos, const zf_geom *geom, zf_arena *arena, zf_geom_rest *out,
                                        zf_error *error);
/** Is the point inside the polygon of all these edges? One on the boundary is taken as if it lay a little to the right,
 * and, much less, above. */
bool zf_relate_is_inside(const zf_relate_edges *polygon, zf_point point);

#endif
