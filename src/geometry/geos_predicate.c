/* SPDX-License-Identifier: MIT */
#include "geometry/geos_internal.h"

/* Turns the result of a GEOS predicate (0, 1, or 2 for an exception) into a status and a bool. */
static zf_status answer(zf_geos *geos, char said, const char *what, bool *out, zf_error *error) {
    *out = said == 1;
    if (said == 0 || said == 1)
        return ZF_OK;
    return zf_geos_fail(geos, ZF_E_INTERNAL, what, "repair the geometry first (--on-invalid repair)", error);
}

static const GEOSPreparedGeometry *raw(const zf_prepared *prepared) {
    return (const GEOSPreparedGeometry *)prepared;
}

zf_status zf_prepared_create(zf_geos *geos, const zf_geom *geom, zf_prepared **out, zf_error *error) {
    static const char what[] = "cannot prepare a geometry for predicates";
    *out = NULL;
    zf_status status = zf_geos_check_finite(geos, zf_geom_raw(geom), what, error);
    if (status == ZF_OK)
        *out = (zf_prepared *)GEOSPrepare_r(geos->handle, zf_geom_raw(geom));
    if (status == ZF_OK && !*out)
        status = zf_geos_fail(geos, ZF_E_INTERNAL, what, "please report this", error);
    return status;
}

void zf_prepared_destroy(zf_geos *geos, zf_prepared *prepared) {
    if (prepared)
        GEOSPreparedGeom_destroy_r(geos->handle, raw(prepared));
}

zf_status zf_prepared_contains(zf_geos *geos, const zf_prepared *zone, const zf_geom *other, bool *out,
                               zf_error *error) {
    return answer(geos, GEOSPreparedContains_r(geos->handle, raw(zone), zf_geom_raw(other)),
                  "cannot tell whether a ZIP contains a geometry", out, error);
}

/* GEOS's predicates throw on collections: every member is asked. A collection is covered when all are, and
 * intersects when one does. */
typedef char (*prepared_predicate)(GEOSContextHandle_t, const GEOSPreparedGeometry *, const GEOSGeometry *);

/** Applies a predicate to a geometry, member by member to a collection. `decides` is the answer that ends
 * the loop. */
static char apply_predicate(zf_geos *geos, prepared_predicate predicate, const zf_prepared *zone,
                            const GEOSGeometry *other, char decides) {
    if (GEOSGeomTypeId_r(geos->handle, other) != GEOS_GEOMETRYCOLLECTION)
        return predicate(geos->handle, raw(zone), other);
    int n = GEOSGetNumGeometries_r(geos->handle, other);
    char said = n > 0 ? !decides : 0;
    for (int i = 0; i < n && said == !decides; i++)
        said = apply_predicate(geos, predicate, zone, GEOSGetGeometryN_r(geos->handle, other, i), decides);
    return said;
}

zf_status zf_prepared_covers(zf_geos *geos, const zf_prepared *zone, const zf_geom *other, bool *out,
                             zf_error *error) {
    return answer(geos, apply_predicate(geos, GEOSPreparedCovers_r, zone, zf_geom_raw(other), 0),
                  "cannot tell whether a ZIP covers a geometry", out, error);
}

zf_status zf_prepared_intersects(zf_geos *geos, const zf_prepared *zone, const zf_geom *other, bool *out,
                                 zf_error *error) {
    return answer(geos, apply_predicate(geos, GEOSPreparedIntersects_r, zone, zf_geom_raw(other), 1),
                  "cannot tell whether a ZIP meets a geometry", out, error);
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
