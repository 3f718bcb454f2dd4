/* SPDX-License-Identifier: MIT */
/* Contexts, WKB in and out, and the points that stand for a geometry. */
#include "geometry/geos_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep_complaint(const char *message, void *user) {
    zf_geos *geos = user;
    snprintf(geos->message, sizeof geos->message, "%s", message);
}

zf_status zf_geos_create(zf_geos **out, zf_error *error) {
    *out = NULL;
    zf_geos *geos = calloc(1, sizeof *geos);
    if (!geos)
        return zf_error_memory(error, sizeof *geos, "a GEOS context");
    geos->handle = GEOS_init_r();
    if (geos->handle) {
        GEOSContext_setErrorMessageHandler_r(geos->handle, keep_complaint, geos);
        geos->reader = GEOSWKBReader_create_r(geos->handle);
        geos->writer = GEOSWKBWriter_create_r(geos->handle);
    }
    if (!geos->reader || !geos->writer) {
        zf_geos_destroy(geos);
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_GEOS, "cannot start GEOS: no memory left");
    }
    GEOSWKBWriter_setOutputDimension_r(geos->handle, geos->writer, 2);
    GEOSWKBWriter_setByteOrder_r(geos->handle, geos->writer, GEOS_WKB_NDR);
    GEOSWKBWriter_setFlavor_r(geos->handle, geos->writer, GEOS_WKB_ISO);
    GEOSWKBWriter_setIncludeSRID_r(geos->handle, geos->writer, 0);
    *out = geos;
    return ZF_OK;
}

void zf_geos_destroy(zf_geos *geos) {
    if (!geos)
        return;
    if (geos->reader)
        GEOSWKBReader_destroy_r(geos->handle, geos->reader);
    if (geos->writer)
        GEOSWKBWriter_destroy_r(geos->handle, geos->writer);
    if (geos->handle)
        GEOS_finish_r(geos->handle);
    free(geos);
}

const char *zf_geos_version(void) {
    return GEOSversion();
}

zf_status zf_geos_fail(zf_geos *geos, zf_status status, const char *what, const char *advice,
                       zf_error *error) {
    if (strstr(geos->message, "bad_alloc"))
        status = zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_GEOS, "%s: no memory left", what);
    else if (strstr(geos->message, "InterruptedException"))
        status = zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_GEOS, "%s: interrupted on request", what);
    else
        status = zf_error_set(error, status, ZF_DOMAIN_GEOS, "%s: %s; %s", what,
                              geos->message[0] ? geos->message : "GEOS gives no reason", advice);
    geos->message[0] = '\0';
    return status;
}

zf_status zf_geos_give(zf_geos *geos, GEOSGeometry *raw, const char *what, zf_geom **out, zf_error *error) {
    *out = (zf_geom *)raw;
    if (!raw)
        return zf_geos_fail(geos, ZF_E_INPUT, what, "check the layer's geometries, or leave the feature out",
                            error);
    geos->message[0] = '\0'; /* of a first attempt that failed */
    return ZF_OK;
}

static bool is_finite(zf_geos *geos, const GEOSGeometry *geometry);

/** Whether all coordinates of a point, line or ring are finite. */
static bool is_line_finite(zf_geos *geos, const GEOSGeometry *line) {
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(geos->handle, line);
    unsigned n = 0;
    bool is_ok = sequence && GEOSCoordSeq_getSize_r(geos->handle, sequence, &n) == 1;
    for (unsigned i = 0; i < n && is_ok; i++) {
        double x = NAN, y = NAN;
        is_ok = GEOSCoordSeq_getXY_r(geos->handle, sequence, i, &x, &y) == 1 && isfinite(x) && isfinite(y);
    }
    return is_ok;
}

/** Whether all members of a collection are finite. */
static bool are_parts_finite(zf_geos *geos, const GEOSGeometry *collection) {
    int n = GEOSGetNumGeometries_r(geos->handle, collection);
    bool is_ok = true;
    for (int i = 0; i < n && is_ok; i++)
        is_ok = is_finite(geos, GEOSGetGeometryN_r(geos->handle, collection, i));
    return is_ok;
}

/** Whether all coordinates of a geometry are finite. */
static bool is_finite(zf_geos *geos, const GEOSGeometry *geometry) {
    int type = GEOSGeomTypeId_r(geos->handle, geometry);
    if (type >= GEOS_MULTIPOINT && type <= GEOS_GEOMETRYCOLLECTION)
        return are_parts_finite(geos, geometry);
    if (type != GEOS_POLYGON)
        return is_line_finite(geos, geometry);
    int n_holes = GEOSGetNumInteriorRings_r(geos->handle, geometry);
    bool is_ok = is_line_finite(geos, GEOSGetExteriorRing_r(geos->handle, geometry));
    for (int i = 0; i < n_holes && is_ok; i++)
        is_ok = is_line_finite(geos, GEOSGetInteriorRingN_r(geos->handle, geometry, i));
    return is_ok;
}

zf_status zf_geos_check_finite(zf_geos *geos, const GEOSGeometry *geometry, const char *what,
                               zf_error *error) {
    if (is_finite(geos, geometry))
        return ZF_OK;
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "%s: a coordinate is not a finite number; correct the layer, or leave the feature out", what);
}

zf_status zf_geom_from_wkb(zf_geos *geos, const uint8_t *bytes, size_t n, zf_geom **out, zf_error *error) {
    return zf_geos_give(geos, GEOSWKBReader_read_r(geos->handle, geos->reader, bytes, n),
                        "cannot read a geometry", out, error);
}

zf_status zf_geom_to_wkb(zf_geos *geos, const zf_geom *geom, uint8_t **out, size_t *out_n, zf_error *error) {
    *out = NULL;
    *out_n = 0;
    size_t n = 0;
    unsigned char *theirs = GEOSWKBWriter_write_r(geos->handle, geos->writer, zf_geom_raw(geom), &n);
    if (!theirs)
        return zf_geos_fail(geos, ZF_E_INTERNAL, "cannot write a geometry as WKB", "please report this",
                            error);
    uint8_t *ours = malloc(n); /* a copy, because only GEOS may free its own */
    if (ours) {
        memcpy(ours, theirs, n);
        *out = ours;
        *out_n = n;
    }
    GEOSFree_r(geos->handle, theirs);
    return ours ? ZF_OK : zf_error_memory(error, n, "a geometry");
}

void zf_geom_destroy(zf_geos *geos, zf_geom *geom) {
    if (geom)
        GEOSGeom_destroy_r(geos->handle, (GEOSGeometry *)geom);
}

zf_status zf_geom_centroid(zf_geos *geos, const zf_geom *geom, zf_geom **out_point, zf_error *error) {
    return zf_geos_give(geos, GEOSGetCentroid_r(geos->handle, zf_geom_raw(geom)),
                        "cannot find the centroid of a geometry", out_point, error);
}

zf_status zf_geom_inner_point(zf_geos *geos, const zf_geom *geom, zf_geom **out_point, zf_error *error) {
    return zf_geos_give(geos, GEOSPointOnSurface_r(geos->handle, zf_geom_raw(geom)),
                        "cannot find a point inside a geometry", out_point, error);
}

zf_envelope zf_geom_envelope(zf_geos *geos, const zf_geom *geom) {
    zf_envelope e = zf_envelope_empty();
    const GEOSGeometry *g = zf_geom_raw(geom);
    double min_x, min_y, max_x, max_y;
    if (GEOSisEmpty_r(geos->handle, g) != 0)
        return e;
    if (GEOSGeom_getXMin_r(geos->handle, g, &min_x) != 1 ||
        GEOSGeom_getYMin_r(geos->handle, g, &min_y) != 1 ||
        GEOSGeom_getXMax_r(geos->handle, g, &max_x) != 1 || GEOSGeom_getYMax_r(geos->handle, g, &max_y) != 1)
        return e;
    return (zf_envelope){min_x, min_y, max_x, max_y};
}
