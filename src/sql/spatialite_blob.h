/* SPDX-License-Identifier: MIT */
/**
 * @file spatialite_blob.h
 * SpatiaLite's geometry blobs.
 * Source: "BLOB-Geometry format", https://www.gaia-gis.it/gaia-sins/BLOB-Geometry.html
 */
#ifndef ZF_SQL_SPATIALITE_BLOB_H
#define ZF_SQL_SPATIALITE_BLOB_H

#include "geometry/geometry.h"

/** A buffer for one blob at a time. Zero-initialise. */
typedef struct zf_spatialite_blob {
    uint8_t *bytes;
    size_t n;
    size_t cap;
} zf_spatialite_blob;

/**
 * Encodes a polygon or multipolygon as a 2D MULTIPOLYGON; empty members and rings are left out.
 * @return ZF_E_INTERNAL for any other geometry and for coordinates that are not finite; ZF_E_MEMORY. An empty
 * geometry gives n == 0.
 */
/** The same for a geometry of any dimension: points become a MULTIPOINT, or a POINT if is_single and there is
 * one; lines become a MULTILINESTRING. *out_type: the type as SpatiaLite numbers it. */
ZF_MUST_USE zf_status zf_spatialite_blob_any(zf_spatialite_blob *blob, int32_t srid, zf_bytes wkb,
                                             bool is_single, zf_envelope *out_envelope, unsigned *out_type,
                                             zf_error *error);
ZF_MUST_USE zf_status zf_spatialite_blob_polygons(zf_spatialite_blob *blob, int32_t srid, zf_bytes wkb,
                                                  zf_envelope *out_envelope, zf_error *error);
ZF_MUST_USE zf_status zf_spatialite_blob_point(zf_spatialite_blob *blob, int32_t srid, double x, double y,
                                               zf_error *error);
void zf_spatialite_blob_deinit(zf_spatialite_blob *blob);

/** What the header of a blob says. */
typedef struct zf_spatialite_header {
    int32_t srid;
    unsigned type;       /**< 1 POINT to 7 GEOMETRYCOLLECTION */
    unsigned dimensions; /**< 0: XY, 1: XYZ, 2: XYM, 3: XYZM */
    zf_envelope envelope;
} zf_spatialite_header;

/** Reads the header, of either byte order, of a compressed geometry too. False: the blob is no geometry. */
bool zf_spatialite_header_read(zf_bytes blob, zf_spatialite_header *out);
/** Appends the geometry as WKB (ISO) of the byte order of the blob. False, and nothing appended, where the blob
 * is no geometry, or a compressed one. */
bool zf_spatialite_append_wkb(zf_bytes blob, zf_text *out);
/** Appends the geometry to *out as the only member of the multi-geometry of its type, as SpatiaLite's
 * CastToMulti() does. blob: a point, line string or polygon that has a valid header. */
void zf_spatialite_promote(zf_bytes blob, zf_text *out);

#endif
