/* SPDX-License-Identifier: MIT */
/* Divides a geometry among others by the overlays of GEOS. */
#include "geometry/geos_internal.h"

#include <math.h>

/** Relative to a coordinate: by how much corners that an overlay constructs may be displaced. */
#define ROUNDING 1e-14

static const char what[] = "cannot divide the area of a building among its ZIPs";

static zf_status fail(zf_geos *geos, zf_error *error) {
    return zf_geos_fail(geos, ZF_E_INTERNAL, what, "repair the geometry first (--on-invalid repair)", error);
}

static zf_status take_area(zf_geos *geos, const GEOSGeometry *geometry, double *out, zf_error *error) {
    *out = 0;
    return GEOSArea_r(geos->handle, geometry, out) == 1 ? ZF_OK : fail(geos, error);
}

zf_status zf_division_begin(zf_geos *geos, const zf_geom *whole, zf_division *out, zf_error *error) {
    double length = 0;
    zf_envelope box = zf_geom_envelope(geos, whole);
    *out = (zf_division){.whole = whole};
    if (GEOSLength_r(geos->handle, zf_geom_raw(whole), &length) != 1)
        return fail(geos, error);
    double farthest = fmax(fmax(fabs(box.min_x), fabs(box.max_x)), fmax(fabs(box.min_y), fabs(box.max_y)));
    out->rounding = ROUNDING * farthest * length;
    return take_area(geos, zf_geom_raw(whole), &out->area, error);
}

/** Area that two geometries have in common. */
static zf_status take_common_area(zf_geos *geos, const zf_geom *a, const zf_geom *b, double *out,
                                  zf_error *error) {
    GEOSGeometry *both = GEOSIntersection_r(geos->handle, zf_geom_raw(a), zf_geom_raw(b));
    *out = 0;
    zf_status st = both != NULL ? take_area(geos, both, out, error) : fail(geos, error);
    GEOSGeom_destroy_r(geos->handle, both);
    return st;
}

/* Subtracts the zone from what is left. The zone itself is subtracted, not the common part, whose rounded
 * corners would make edges that nearly coincide. */
static zf_status leave(zf_geos *geos, zf_division *division, const zf_geom *zone, zf_error *error) {
    const zf_geom *before = division->left != NULL ? division->left : division->whole;
    GEOSGeometry *left =
        zf_geos_only_polygonal(geos, GEOSDifference_r(geos->handle, zf_geom_raw(before), zf_geom_raw(zone)));
    if (left == NULL)
        return fail(geos, error);
    zf_geom_destroy(geos, division->left);
    division->left = (zf_geom *)left;
    return ZF_OK;
}

zf_status zf_division_take(zf_geos *geos, zf_division *division, const zf_geom *zone, double *out_overlap,
                           zf_error *error) {
    double fresh = 0;
    zf_status st = take_common_area(geos, division->whole, zone, out_overlap, error);
    if (st == ZF_OK && division->left != NULL)
        st = take_common_area(geos, division->left, zone, &fresh, error);
    if (st == ZF_OK && division->left != NULL)
        division->again += *out_overlap - fresh;
    return st == ZF_OK ? leave(geos, division, zone, error) : st;
}

zf_status zf_division_end(zf_geos *geos, zf_division *division, zf_error *error) {
    zf_status st = ZF_OK;
    if (error != NULL && division->left != NULL)
        st = take_area(geos, zf_geom_raw(division->left), &division->beyond, error);
    zf_geom_destroy(geos, division->left);
    division->left = NULL;
    return st;
}

zf_status zf_geom_length(zf_geos *geos, const zf_geom *geom, double *out, zf_error *error) {
    return GEOSLength_r(geos->handle, zf_geom_raw(geom), out) == 1 ? ZF_OK : fail(geos, error);
}

zf_status zf_geom_overlap_length(zf_geos *geos, const zf_geom *polygon, const zf_geom *line, double *out,
                                 zf_error *error) {
    GEOSGeometry *both = GEOSIntersection_r(geos->handle, zf_geom_raw(polygon), zf_geom_raw(line));
    *out = 0;
    zf_status st =
        both != NULL && GEOSLength_r(geos->handle, both, out) == 1 ? ZF_OK : fail(geos, error);
    GEOSGeom_destroy_r(geos->handle, both);
    return st;
}
