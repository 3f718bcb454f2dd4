/* SPDX-License-Identifier: MIT */
#include "geometry/geos_internal.h"

/* Turns the result of a GEOS predicate (0, 1, or 2 for an exception) into a status and a bool. */
static zf_status answer(zf_geos *geos, char said, const char *what, bool *out, zf_error *error) {
    *out = said == 1;
    if (said == 0 || said == 1)
        return ZF_OK;
    return zf_geos_fail(geos, ZF_E_INTERNAL, what, "repair the geometry first (--on-invalid repair)", error);
}

zf_status zf_geom_interiors_meet(zf_geos *geos, const zf_geom *a, const zf_geom *b, bool *out,
                                 zf_error *error) {
    return answer(geos, GEOSRelatePattern_r(geos->handle, zf_geom_raw(a), zf_geom_raw(b), "T********"),
                  "cannot tell whether two interiors meet", out, error);
}

zf_status zf_geom_plane_area(zf_geos *geos, const zf_geom *geom, double *out, zf_error *error) {
    *out = 0;
    if (GEOSArea_r(geos->handle, zf_geom_raw(geom), out) == 1)
        return ZF_OK;
    return zf_geos_fail(geos, ZF_E_INTERNAL, "cannot take the area of a geometry", "please report this",
                        error);
}

zf_status zf_geom_overlap_area(zf_geos *geos, const zf_geom *a, const zf_geom *b, double *out,
                               zf_error *error) {
    GEOSGeometry *both = GEOSIntersection_r(geos->handle, zf_geom_raw(a), zf_geom_raw(b));
    *out = 0;
    if (both == NULL)
        return zf_geos_fail(geos, ZF_E_INTERNAL, "cannot take what two geometries have in common",
                            "repair the geometry first (--on-invalid repair)", error);
    bool is_taken = GEOSArea_r(geos->handle, both, out) == 1;
    GEOSGeom_destroy_r(geos->handle, both);
    return is_taken ? ZF_OK
                    : zf_geos_fail(geos, ZF_E_INTERNAL, "cannot take the area of a geometry",
                                   "please report this", error);
}
