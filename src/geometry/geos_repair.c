/* SPDX-License-Identifier: MIT */
/* Validity, repair and union of polygons. */
#include "geometry/geos_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Fills the reason and the place that GEOS gives. */
static void fill_why(zf_geos *geos, const char *reason, const GEOSGeometry *location, zf_invalidity *out) {
    snprintf(out->reason, sizeof out->reason, "%s", reason ? reason : "invalid");
    out->x = NAN;
    out->y = NAN;
    if (!location || GEOSisEmpty_r(geos->handle, location) != 0)
        return;
    double x, y;
    if (GEOSGeomGetX_r(geos->handle, location, &x) != 1 || GEOSGeomGetY_r(geos->handle, location, &y) != 1)
        return;
    if (isfinite(x) && isfinite(y)) {
        out->x = x;
        out->y = y;
    }
}

zf_status zf_geom_check_valid(zf_geos *geos, const zf_geom *geom, bool *out_is_valid, zf_invalidity *out_why,
                              zf_error *error) {
    char *reason = NULL;
    GEOSGeometry *location = NULL;
    *out_is_valid = false;
    char answer = GEOSisValidDetail_r(geos->handle, zf_geom_raw(geom), 0, &reason, &location);
    if (answer == 0 && out_why)
        fill_why(geos, reason, location, out_why);
    if (reason)
        GEOSFree_r(geos->handle, reason);
    if (location)
        GEOSGeom_destroy_r(geos->handle, location);
    if (answer != 0 && answer != 1)
        return zf_geos_fail(geos, ZF_E_INTERNAL, "cannot tell whether a geometry is valid",
                            "please report this", error);
    *out_is_valid = answer == 1;
    return ZF_OK;
}

/* Up to cap areal members of a geometry, borrowed, in order; returns how many there are in all. */
static size_t areal_members(zf_geos *geos, const GEOSGeometry *geometry, const GEOSGeometry **out,
                            size_t cap) {
    int type = GEOSGeomTypeId_r(geos->handle, geometry);
    if (GEOSisEmpty_r(geos->handle, geometry) == 1)
        return 0;
    if (type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON) {
        if (cap > 0)
            out[0] = geometry;
        return 1;
    }
    size_t n = 0;
    int n_parts = type == GEOS_GEOMETRYCOLLECTION ? GEOSGetNumGeometries_r(geos->handle, geometry) : 0;
    for (int i = 0; i < n_parts; i++) {
        bool has_room = n < cap;
        n += areal_members(geos, GEOSGetGeometryN_r(geos->handle, geometry, i), has_room ? out + n : NULL,
                           has_room ? cap - n : 0);
    }
    return n;
}

/* Reports that malloc failed as GEOS reports it. */
static GEOSGeometry *no_memory(zf_geos *geos) {
    snprintf(geos->message, sizeof geos->message, "std::bad_alloc");
    return NULL;
}

/* Union of a list; NULL when GEOS cannot. */
static GEOSGeometry *unite(zf_geos *geos, const GEOSGeometry *const *members, size_t n) {
    GEOSGeometry **copies = calloc(n + 1, sizeof(GEOSGeometry *));
    if (!copies)
        return no_memory(geos);
    size_t n_copied = 0;
    while (n_copied < n && (copies[n_copied] = GEOSGeom_clone_r(geos->handle, members[n_copied])))
        n_copied++;
    GEOSGeometry *collection = NULL;
    if (n_copied == n) /* owns the copies, even if it fails */
        collection = GEOSGeom_createCollection_r(geos->handle, GEOS_GEOMETRYCOLLECTION, copies, (unsigned)n);
    else
        while (n_copied > 0)
            GEOSGeom_destroy_r(geos->handle, copies[--n_copied]);
    free(copies);
    if (!collection)
        return NULL;
    GEOSGeometry *united = GEOSUnaryUnion_r(geos->handle, collection);
    GEOSGeom_destroy_r(geos->handle, collection);
    return united;
}

/* The areal part of a geometry as (multi)polygon, NULL when GEOS cannot. Members of a collection may overlap:
 * they are united. */
static GEOSGeometry *polygonal_part(zf_geos *geos, const GEOSGeometry *geometry) {
    const GEOSGeometry *first = NULL;
    size_t n = areal_members(geos, geometry, &first, 1);
    if (n == 0)
        return GEOSGeom_createEmptyPolygon_r(geos->handle);
    if (n == 1)
        return GEOSGeom_clone_r(geos->handle, first);
    const GEOSGeometry **members = calloc(n, sizeof(const GEOSGeometry *));
    if (!members)
        return no_memory(geos);
    areal_members(geos, geometry, members, n);
    GEOSGeometry *part = unite(geos, members, n);
    free(members);
    return part;
}

/** Takes whole and gives its areal part, NULL when GEOS cannot. An overlay of areas may carry lines where
 * they only touch; those go. */
static GEOSGeometry *keep_polygonal(zf_geos *geos, GEOSGeometry *whole) {
    const GEOSGeometry *first = NULL;
    if (!whole || (areal_members(geos, whole, &first, 1) == 1 && first == whole))
        return whole;
    GEOSGeometry *part = polygonal_part(geos, whole);
    GEOSGeom_destroy_r(geos->handle, whole);
    return part;
}

/* Copies of the members without area, in order; returns how many, or SIZE_MAX when GEOS cannot copy one. */
static size_t copy_rest(zf_geos *geos, const GEOSGeometry *geometry, GEOSGeometry **out) {
    int type = GEOSGeomTypeId_r(geos->handle, geometry);
    if (type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON || GEOSisEmpty_r(geos->handle, geometry) == 1)
        return 0;
    if (type != GEOS_GEOMETRYCOLLECTION) {
        out[0] = GEOSGeom_clone_r(geos->handle, geometry);
        return out[0] ? 1 : SIZE_MAX;
    }
    size_t n = 0;
    for (int i = 0; i < GEOSGetNumGeometries_r(geos->handle, geometry); i++) {
        size_t more = copy_rest(geos, GEOSGetGeometryN_r(geos->handle, geometry, i), out + n);
        if (more == SIZE_MAX) {
            while (n > 0)
                GEOSGeom_destroy_r(geos->handle, out[--n]);
            return SIZE_MAX;
        }
        n += more;
    }
    return n;
}

/* Members at any depth, an upper bound for what copy_rest finds. */
static size_t count_members(zf_geos *geos, const GEOSGeometry *geometry) {
    if (GEOSGeomTypeId_r(geos->handle, geometry) != GEOS_GEOMETRYCOLLECTION)
        return 1;
    size_t n = 0;
    for (int i = 0; i < GEOSGetNumGeometries_r(geos->handle, geometry); i++)
        n += count_members(geos, GEOSGetGeometryN_r(geos->handle, geometry, i));
    return n;
}

/* The parts of a repaired geometry that have no area. */
static zf_status give_rest(zf_geos *geos, const GEOSGeometry *whole, const char *what, zf_geom **out,
                           zf_error *error) {
    GEOSGeometry **rest = calloc(count_members(geos, whole) + 1, sizeof(GEOSGeometry *));
    size_t n = rest ? copy_rest(geos, whole, rest) : SIZE_MAX;
    zf_status status = ZF_OK;
    if (n == SIZE_MAX)
        status = zf_geos_give(geos, rest ? NULL : no_memory(geos), what, out, error);
    else if (n > 0)
        status = zf_geos_give(
            geos, GEOSGeom_createCollection_r(geos->handle, GEOS_GEOMETRYCOLLECTION, rest, (unsigned)n), what,
            out, error);
    free(rest);
    return status;
}

zf_status zf_geom_make_valid(zf_geos *geos, const zf_geom *geom, zf_geom **out, zf_geom **out_rest,
                             zf_error *error) {
    static const char what[] = "cannot repair a geometry";
    *out = NULL;
    if (out_rest)
        *out_rest = NULL;
    zf_status status = zf_geos_check_finite(geos, zf_geom_raw(geom), what, error);
    if (status != ZF_OK)
        return status;
    GEOSGeometry *whole = GEOSMakeValid_r(geos->handle, zf_geom_raw(geom));
    if (whole && out_rest)
        status = give_rest(geos, whole, what, out_rest, error);
    if (status != ZF_OK) {
        GEOSGeom_destroy_r(geos->handle, whole);
        return status;
    }
    status = zf_geos_give(geos, keep_polygonal(geos, whole), what, out, error);
    if (status != ZF_OK && out_rest) {
        zf_geom_destroy(geos, *out_rest);
        *out_rest = NULL;
    }
    return status;
}

/* Second attempt, with repaired members: the overlay of GEOS fails only for invalid ones. */
static GEOSGeometry *unite_repaired(zf_geos *geos, const GEOSGeometry *const *members, size_t n) {
    GEOSGeometry **repaired = calloc(n + 1, sizeof(GEOSGeometry *));
    if (!repaired)
        return no_memory(geos);
    size_t n_repaired = 0;
    while (n_repaired < n && (repaired[n_repaired] = GEOSMakeValid_r(geos->handle, members[n_repaired])))
        n_repaired++;
    GEOSGeometry *united = NULL;
    if (n_repaired == n)
        united = unite(geos, (const GEOSGeometry *const *)repaired, n);
    while (n_repaired > 0)
        GEOSGeom_destroy_r(geos->handle, repaired[--n_repaired]);
    free(repaired);
    return united;
}

zf_status zf_geom_union(zf_geos *geos, zf_geom *const *geoms, size_t n, zf_geom **out, zf_error *error) {
    static const char what[] = "cannot unite geometries";
    const GEOSGeometry *const *members = (const GEOSGeometry *const *)geoms;
    *out = NULL;
    for (size_t i = 0; i < n; i++) {
        zf_status status = zf_geos_check_finite(geos, members[i], what, error);
        if (status != ZF_OK)
            return status;
    }
    if (n == 1) /* a single one is copied, so that no bit changes */
        return zf_geos_give(geos, polygonal_part(geos, members[0]), what, out, error);
    GEOSGeometry *whole = unite(geos, members, n);
    if (!whole && !strstr(geos->message, "bad_alloc"))
        whole = unite_repaired(geos, members, n);
    return zf_geos_give(geos, keep_polygonal(geos, whole), what, out, error);
}
