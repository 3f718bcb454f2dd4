/* SPDX-License-Identifier: MIT */
/** Thin shims over GEOS (geos*.c): every result becomes status + out value. */
#ifndef ZF_GEOMETRY_GEOS_H
#define ZF_GEOMETRY_GEOS_H

#include "geometry/crs.h"

/** A GEOS context with its readers; one per thread. */
typedef struct zf_geos zf_geos;
/** A geometry owned by a context's user. */
typedef struct zf_geom zf_geom;

ZF_MUST_USE zf_status zf_geos_create(zf_geos **out, zf_error *error);
void zf_geos_destroy(zf_geos *geos); /**< NULL is legal */
const char *zf_geos_version(void);   /**< of the library at run time */

/** Lets GEOS's longer operations on this thread be cancelled, whoever calls them (SpatiaLite). */
typedef struct zf_geos_watch {
    const zf_callbacks *callbacks;
    unsigned n_calls;
    bool was_interrupted;
} zf_geos_watch;
/** watch and callbacks must not move until the end; one at a time per thread. Nothing is interrupted while
 * several threads of the process watch: GEOS cannot tell them apart. */
void zf_geos_watch_begin(zf_geos_watch *watch, const zf_callbacks *callbacks);
/** true: the caller cancelled, and results since then are not valid. */
bool zf_geos_watch_end(zf_geos_watch *watch);

/** Any kind of WKB that GEOS reads. ZF_E_INPUT if it is no WKB or a ring is not closed. NaN coordinates are
 * read; zf_geom_check_valid finds them. */
ZF_MUST_USE zf_status zf_geom_from_wkb(zf_geos *geos, const uint8_t *bytes, size_t n, zf_geom **out,
                                       zf_error *error);
/** 2D little-endian ISO WKB; *out is malloc'ed, free() it. */
ZF_MUST_USE zf_status zf_geom_to_wkb(zf_geos *geos, const zf_geom *geom, uint8_t **out, size_t *out_n,
                                     zf_error *error);
void zf_geom_destroy(zf_geos *geos, zf_geom *geom); /**< NULL is legal */

/** Why a geometry is invalid. */
typedef struct zf_invalidity {
    char reason[128]; /**< GEOS's words: "Self-intersection", ... */
    double x, y;      /**< where; NaN when GEOS does not say */
} zf_invalidity;
/** *out_is_valid; when false, *out_why is filled (nullable). */
ZF_MUST_USE zf_status zf_geom_check_valid(zf_geos *geos, const zf_geom *geom, bool *out_is_valid,
                                          zf_invalidity *out_why, zf_error *error);
/**
 * GEOSMakeValid (by linework, as PostGIS's ST_MakeValid), its polygonal part only, as (multi)polygon. *out is
 * an empty polygon when no area is left. ZF_E_INPUT when a coordinate is not finite.
 * @param out_rest nullable; what the repair left without area (spikes that became lines), as a collection, or
 * NULL when there is nothing.
 */
ZF_MUST_USE zf_status zf_geom_make_valid(zf_geos *geos, const zf_geom *geom, zf_geom **out,
                                         zf_geom **out_rest, zf_error *error);
/**
 * Union of n >= 1 polygonal geometries, polygonal part only; the inputs stay the caller's. A single one is
 * copied, not a bit changed. Where GEOS fails, it is tried again with the repaired inputs. ZF_E_INPUT when
 * that fails too or a coordinate is not finite. Takes a copy of all inputs while it works.
 */
ZF_MUST_USE zf_status zf_geom_union(zf_geos *geos, zf_geom *const *geoms, size_t n, zf_geom **out,
                                    zf_error *error);
/** true for a polygon whose edges meet too often for zf_geom_make_valid to end in reasonable time: more than
 * 1,000 times, and more than twice for each vertex. ZF_E_MEMORY. (tangle.c) */
ZF_MUST_USE zf_status zf_geom_is_tangled(zf_geos *geos, const zf_geom *geom, bool *out, zf_error *error);
/** The empty envelope for an empty geometry. */
zf_envelope zf_geom_envelope(zf_geos *geos, const zf_geom *geom);
/** Moves every vertex through transform (NULL: copy). Z and M are dropped. Fails as zf_transform_points does.
 */
ZF_MUST_USE zf_status zf_geom_transform(zf_geos *geos, const zf_geom *geom, zf_transform *transform,
                                        zf_geom **out, zf_error *error);
ZF_MUST_USE zf_status zf_geom_centroid(zf_geos *geos, const zf_geom *geom, zf_geom **out_point,
                                       zf_error *error);
ZF_MUST_USE zf_status zf_geom_inner_point(zf_geos *geos, const zf_geom *geom, zf_geom **out_point,
                                          zf_error *error);

/** Area in the plane of the coordinates, in their unit squared. */
ZF_MUST_USE zf_status zf_geom_plane_area(zf_geos *geos, const zf_geom *geom, double *out, zf_error *error);
/** The same of what two valid polygonal geometries have in common: GEOS's overlay. */
ZF_MUST_USE zf_status zf_geom_overlap_area(zf_geos *geos, const zf_geom *a, const zf_geom *b, double *out,
                                           zf_error *error);

/** true when the interiors have a point in common (DE-9IM T********); unprepared, for the few pairs at a
 * border. */
ZF_MUST_USE zf_status zf_geom_interiors_meet(zf_geos *geos, const zf_geom *a, const zf_geom *b, bool *out,
                                             zf_error *error);

#endif
