/* SPDX-License-Identifier: MIT */
/** Coordinate reference systems and transformations by PROJ (crs.c, transform.c, wkb_flat.c). */
#ifndef ZF_GEOMETRY_CRS_H
#define ZF_GEOMETRY_CRS_H

#include "geometry/wkb.h"

/** One CRS, immutable after creation: several threads may use it at once. Each thread that transforms makes
 * its own zf_transform. */
typedef struct zf_crs zf_crs;

typedef struct zf_crs_info {
    const char *name;      /**< "NAD83 / Massachusetts Mainland (ftUS)" */
    const char *auth_name; /**< "EPSG", or NULL */
    const char *auth_code; /**< "2249", or NULL */
    const char *wkt;       /**< WKT2:2019, one line */
    const char *wkt1;      /**< WKT1 in GDAL's dialect, or NULL when it has none */
    const char *proj4;     /**< PROJ string, or NULL when it has none */
    bool is_geographic;
    double unit;         /**< metres per unit of a projected CRS; radians per unit of a geographic one */
    const char *ellipsoid; /**< "EPSG:7019"; NULL: the database has no code for it */
    double semi_major_m;   /**< of the ellipsoid; 0 for the undefined plane */
    double inverse_flattening; /**< 0 for a sphere */
} zf_crs_info;

/**
 * @param definition "EPSG:2249", WKT, PROJ string ("+type=crs" may be left out), or a name that PROJ knows. A
 * 3D or compound CRS is taken by its horizontal part. A datum shift that it brings along (TOWGS84, BOUNDCRS)
 * is used by transformations.
 * @return ZF_E_INPUT when PROJ does not understand it or it is neither geographic nor projected (geocentric,
 * vertical, local engineering CRS; geographic with shifted poles, whose longitudes are none). The authority
 * code is the one the definition names, if PROJ's database has it and agrees; else that of the entry, EPSG
 * before others, that PROJ identifies with at least 90 % confidence, or that has the same datum and puts a
 * grid of points over its area of use within 1 mm of the definition's places (old .prj files round their
 * parameters). The entry's definition then stands for the one given, so that a file's rounding does not
 * separate layers that share a CRS. Cost: some milliseconds (PROJ's database is opened).
 */
ZF_MUST_USE zf_status zf_crs_create(const char *definition, zf_crs **out, zf_error *error);
/** The plane of two layers without CRS: metres, no authority, info.name "undefined (planar, metres)"; wkt,
 * wkt1, proj4 NULL. */
ZF_MUST_USE zf_status zf_crs_create_planar(zf_crs **out, zf_error *error);
const zf_crs_info *zf_crs_get_info(const zf_crs *crs); /**< borrowed from crs */
/**
 * Whether the coordinates of a layer look like degrees, although the CRS is projected: all lie within 180 and
 * 90, and a feature has less room than any zone or building in metres or feet.
 * @param extent of n features; an empty one, or one without area, says nothing.
 */
bool zf_crs_looks_like_degrees(const zf_crs *crs, const zf_envelope *extent, int64_t n); /* areal_scale.c */
/**
 * The CRS in which a map of the extent shows true shapes, on the same datum: for a geographic CRS, or a projected one
 * that distorts angles there by more than 0.1 radians, the UTM zone of the middle of the extent; Lambert's azimuthal
 * equal-area projection about the middle when it is wider than 9 degrees or reaches beyond UTM; Equal Earth when it is
 * wider than 150 degrees. (map_crs.c)
 * @param extent_deg longitudes and latitudes on the CRS's own datum.
 * @param out  the caller's; NULL: the CRS itself will do.
 */
ZF_MUST_USE zf_status zf_crs_create_for_map(const zf_crs *crs, const zf_envelope *extent_deg, zf_crs **out,
                                            zf_error *error);
/** 180 degrees in the unit of the CRS; 0 in a plane. (antimeridian.c) */
double zf_crs_half_turn(const zf_crs *crs);
/** Whether PROJ takes both definitions as equivalent, whatever the names and the axis order. The undefined
 * plane is the same as itself only.
 */
bool zf_crs_is_same(const zf_crs *a, const zf_crs *b);
void zf_crs_destroy(zf_crs *crs); /**< NULL is legal */

/** Coordinates are x = easting or longitude, y = northing or latitude, in the CRS's unit, whatever its axis
 * order. */
typedef struct zf_transform zf_transform;
/**
 * Between two CRS; both are only read during the call. Network grids are off: the operation is the one that
 * PROJ's database and the grids installed here give, as for ogr2ogr and PostGIS. *out is NULL when both CRS
 * are the same: nothing to do. ZF_E_INPUT when PROJ has no operation or one side is the undefined plane.
 */
ZF_MUST_USE zf_status zf_transform_create(const zf_crs *from, const zf_crs *to, zf_transform **out,
                                          zf_error *error);
/**
 * From a projected CRS to the longitude and latitude (degrees) of its own base CRS: no datum shift. From a
 * geographic CRS: into degrees; *out is NULL when it is in degrees already. ZF_E_USAGE for the undefined
 * plane.
 */
ZF_MUST_USE zf_status zf_transform_create_to_geographic(const zf_crs *from, zf_transform **out,
                                                        zf_error *error);
/**
 * In place on n points, xy[2 * i], xy[2 * i + 1]. ZF_E_INPUT when a point cannot be transformed (says which),
 * is not finite or, in a geographic CRS, lies beyond a pole; then the points before it are transformed, it
 * and those after it are untouched. Each point's result depends on that point alone.
 */
ZF_MUST_USE zf_status zf_transform_points(zf_transform *transform, double *xy, size_t n, zf_error *error);
/**
 * Whether the transformation leaves a grid of 81 points over the envelope in place within limit_m metres,
 * although not to the bit: then both CRS are the same but for the rounding of their parameters, or their
 * datums are. The points are not noted for the record. NULL: false.
 * @param envelope  in the source's coordinates; empty: the area of use of one of the CRS; false if it has
 * none.
 */
bool zf_transform_is_negligible(zf_transform *transform, const zf_envelope *envelope, double limit_m);
/**
 * The operation in words, for the record: "Inverse of NAD83 to WGS 84 (1) + SPCS83 Massachusetts Mainland
 * zone (US Survey feet); accuracy 4 m" ("accuracy unknown" where PROJ does not say). Never NULL. Borrowed
 * until the next zf_transform_points. Where PROJ chooses among several operations point by point, they are
 * known only after points were transformed: then those used (looked up at the first, the last and every 64th
 * point of each call, where points move; else at the first and the last of each 256) stand here in
 * alphabetical order, " | " between them.
 */
const char *zf_transform_describe(const zf_transform *transform);
/** The grids of these operations by their names in PROJ's database, in alphabetical order:
 * "us_noaa_conus.tif, ..."; or "none". Borrowed as above. */
const char *zf_transform_grids(const zf_transform *transform);
/**
 * The operations that would have been more accurate where points were transformed, but whose grids are not
 * installed, the most accurate ones first: "NAD27 to WGS 84 (79); accuracy 5 m; needs us_noaa_conus.tif | ...
 * | and 3 more"; or "none". Points count where zf_transform_describe looks at them. Without memory out fails.
 * Cost: tens of milliseconds.
 */
void zf_transform_append_better(zf_transform *transform, zf_text *out);
void zf_transform_destroy(zf_transform *transform); /**< NULL is legal */

/**
 * How many bytes zf_wkb_flatten writes for a POLYGONAL wkb; 0 where it is not sure to write what GEOS would:
 * coordinates that are not finite, empty members, rings that are not closed or have fewer than four points.
 */
size_t zf_wkb_flat_bytes(const zf_wkb *wkb);
/**
 * The footprint as 2D little-endian ISO WKB, with the points moved through transform (NULL: as they are): the
 * bytes of zf_geom_from_wkb, zf_geom_transform and zf_geom_to_wkb, without GEOS.
 * @param out  zf_wkb_flat_bytes(wkb) > 0 bytes; must not overlap the wkb's.
 * @return ZF_OK; what zf_transform_points returns, with *out unspecified. No allocation. Cost: linear.
 */
ZF_MUST_USE zf_status zf_wkb_flatten(const zf_wkb *wkb, zf_transform *transform, uint8_t *out,
                                     zf_error *error);

const char *zf_proj_version(void);
/** Whether new default contexts of PROJ in this process (of other libraries) may use the network. Returns the
 * previous value. */
bool zf_crs_allow_network(bool is_allowed);

#endif
