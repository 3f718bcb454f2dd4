/* SPDX-License-Identifier: MIT */
/**
 * @file geos_internal.h
 * GEOS as this folder uses it. A zf_geom is a GEOSGeometry under another name.
 */
#ifndef ZF_GEOMETRY_GEOS_INTERNAL_H
#define ZF_GEOMETRY_GEOS_INTERNAL_H

#include "geometry/geometry.h"

#include <geos_c.h>

struct zf_geos {
    GEOSContextHandle_t handle;
    GEOSWKBReader *reader;
    GEOSWKBWriter *writer;
    char message[256]; /**< GEOS's last complaint */
};

static inline const GEOSGeometry *zf_geom_raw(const zf_geom *geom) {
    return (const GEOSGeometry *)geom;
}

/**
 * The error for a GEOS call that failed, with GEOS's words; ZF_E_MEMORY instead of status when GEOS ran out
 * of it.
 * @param what  "cannot unite ZIP geometries": what could not be done, and to what.
 * @param advice what to do next.
 */
zf_status zf_geos_fail(zf_geos *geos, zf_status status, const char *what, const char *advice,
                       zf_error *error);

/** Hands raw over as *out, or fails as zf_geos_fail does when it is NULL: a failing construction is the
 * geometry's fault. */
ZF_MUST_USE zf_status zf_geos_give(zf_geos *geos, GEOSGeometry *raw, const char *what, zf_geom **out,
                                   zf_error *error);


/** ZF_E_INPUT when a coordinate is NaN or infinite: what GEOS makes of those in overlays and indexes is not
 * defined. */
ZF_MUST_USE zf_status zf_geos_check_finite(zf_geos *geos, const GEOSGeometry *geometry, const char *what,
                                           zf_error *error);

#endif
