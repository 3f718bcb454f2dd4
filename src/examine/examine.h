/* SPDX-License-Identifier: MIT */
/**
 * @file examine.h
 * The one policy for geometries that are missing, empty, unusable or invalid: for ZIPs, for buildings, and
 * for `inspect`, which only looks.
 */
#ifndef ZF_EXAMINE_H
#define ZF_EXAMINE_H

#include "source/source.h"
#include "zonefold/run.h"

/** What is wrong with a geometry. */
typedef enum zf_geometry_problem {
    ZF_GEOMETRY_SOUND = 0,
    ZF_GEOMETRY_NULL,
    ZF_GEOMETRY_EMPTY,
    ZF_GEOMETRY_NOT_POLYGON,
    ZF_GEOMETRY_CORRUPT,       /**< cannot be decoded */
    ZF_GEOMETRY_NOT_FINITE,    /**< a coordinate is NaN, infinite or out of range */
    ZF_GEOMETRY_SHORT_RING,    /**< a ring of too few points */
    ZF_GEOMETRY_UNCLOSED_RING, /**< closed, it may be invalid besides */
    ZF_GEOMETRY_INVALID        /**< not valid (OGC) */
} zf_geometry_problem;

/** What becomes of the feature. */
typedef enum zf_examine_outcome {
    ZF_EXAMINE_USABLE = 0, /**< as it is */
    ZF_EXAMINE_REPAIRED,
    ZF_EXAMINE_EMPTY, /**< no geometry, or one without points */
    ZF_EXAMINE_SKIPPED
} zf_examine_outcome;

/** One feature that was repaired, skipped or unusable: a row of the list of rejected features. */
typedef struct zf_rejected {
    bool is_zip; /**< layer 'zips', else 'buildings' */
    int64_t fid;
    const char *reason;   /**< short and stable: 'invalid', 'empty geometry', 'no geometry', ... */
    const char *detail;   /**< GEOS's words and the like; nullable */
    bool is_repaired;     /**< action 'repaired', else 'skipped' */
    double area_delta_m2; /**< after minus before; NaN: NULL */
    double x, y;          /**< where, in the buildings' CRS; NaN: NULL */
} zf_rejected;

/** Takes a row of the list. `ordinal` is the feature's position in its source. Everything is borrowed. */
typedef zf_status (*zf_reject_sink)(void *user, const zf_rejected *rejected, uint64_t ordinal,
                                    zf_error *error);

/** The policy and the tools of one thread. Everything is borrowed. */
typedef struct zf_examiner {
    zf_on_invalid policy; /**< ZF_INVALID_SKIP for a caller that only looks */
    bool is_zip;          /**< rows and errors speak of ZIPs, else of buildings */
    zf_geos *geos;
    zf_metric *metric;       /**< NULL: the change of area is not needed */
    zf_transform *transform; /**< into the buildings' CRS; NULL: already there */
    zf_arena *arena;         /**< takes the bytes of a repaired geometry */
    bool takes_paths;        /**< points and lines are usable; polygons always are */
    bool has_large_shapes;   /**< try zf_polygon_is_surely_valid, in the arena, before GEOS */
} zf_examiner;

/** What an examination found. Not movable: rejected.detail may point into it. */
typedef struct zf_examined {
    zf_examine_outcome outcome;
    zf_geometry_problem problem;
    zf_wkb wkb;        /**< the usable geometry, when USABLE or REPAIRED */
    zf_bytes repaired; /**< its bytes in the arena; NULL: they are the source's */
    zf_geom *geom;     /**< the usable geometry when GEOS had to look, else NULL; owned */
    zf_bytes
        rest_wkb; /**< lines and points of a building that is a collection, as the source has them, or NULL */
    zf_geom *rest;        /**< those and what a repair of a building left without area, or NULL; owned */
    zf_rejected rejected; /**< the row of the list; fid is the caller's. Unset when USABLE */
    char detail[sizeof((zf_invalidity *)NULL)->reason];
} zf_examined;

/**
 * The first look: is there a polygon with usable coordinates? Needs no tools and takes no memory, but for the
 * transform of the place of a bad coordinate.
 * @param out  USABLE (so far, with its wkb), EMPTY or SKIPPED. Nothing to release.
 * @return ZF_OK; ZF_E_INPUT when the policy is to fail: the caller adds the feature to the error.
 */
ZF_MUST_USE zf_status zf_examine_shape(const zf_examiner *examiner, const zf_shape *shape, zf_examined *out,
                                       zf_error *error);
/**
 * The second look, at a wkb that was USABLE so far: is it valid, or what does the policy make of it?
 * @param wkb  may be out->wkb.
 * @param out  release with zf_examined_release, also on failure. wkb is that of the source unless it was
 *             repaired; geom is in the buildings' CRS.
 * @return ZF_OK; ZF_E_INPUT when the policy is to fail or the transform does not apply; ZF_E_MEMORY.
 * Cost: linear for the footprints that are surely valid (zf_wkb_is_surely_valid), GEOS's for the others.
 */
ZF_MUST_USE zf_status zf_examine_validity(const zf_examiner *examiner, const zf_wkb *wkb, zf_examined *out,
                                          zf_error *error);
void zf_examined_release(const zf_examiner *examiner, zf_examined *examined);

#endif
