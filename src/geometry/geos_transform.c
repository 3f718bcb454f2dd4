/* SPDX-License-Identifier: MIT */
#include "geometry/geos_internal.h"

#include <stdlib.h>

/* One walk over a geometry, rebuilding it in the plane. A failure is kept in status; NULL says that there is
 * one. */
typedef struct transform_walk {
    zf_geos *geos;
    zf_transform *transform; /* NULL: copy */
    double *xy;
    size_t cap_points;
    zf_status status;
    zf_error *error;
} transform_walk;

static GEOSGeometry *rebuild(transform_walk *w, const GEOSGeometry *geometry);

/** Sets the status when GEOS could not make a geometry. */
static GEOSGeometry *checked(transform_walk *w, GEOSGeometry *made) {
    if (!made && w->status == ZF_OK)
        w->status = zf_geos_fail(w->geos, ZF_E_INPUT, "cannot transform a geometry",
                                 "check the layer's geometries, or leave the feature out", w->error);
    return made;
}

/** Makes room for the coordinates of n points. */
static bool reserve(transform_walk *w, size_t n) {
    if (n <= w->cap_points)
        return true;
    size_t n_bytes = SIZE_MAX;
    double *grown = zf_size_mul(n, 2 * sizeof *w->xy, &n_bytes) ? realloc(w->xy, n_bytes) : NULL;
    if (!grown) {
        w->status = zf_error_memory(w->error, n_bytes, "the points of a geometry");
        return false;
    }
    w->xy = grown;
    w->cap_points = n;
    return true;
}

/** The transformed points of a line as a sequence of GEOS. */
static GEOSCoordSequence *moved_sequence(transform_walk *w, const GEOSGeometry *line) {
    GEOSContextHandle_t handle = w->geos->handle;
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(handle, line);
    unsigned n = 0;
    if (!sequence || !GEOSCoordSeq_getSize_r(handle, sequence, &n) || !reserve(w, n))
        return NULL;
    if (n > 0 && !GEOSCoordSeq_copyToBuffer_r(handle, sequence, w->xy, 0, 0))
        return NULL;
    if (w->transform)
        w->status = zf_transform_points(w->transform, w->xy, n, w->error);
    if (w->status != ZF_OK)
        return NULL;
    return n > 0 ? GEOSCoordSeq_copyFromBuffer_r(handle, w->xy, n, 0, 0)
                 : GEOSCoordSeq_create_r(handle, 0, 2);
}

/** A transformed point, line or ring. */
static GEOSGeometry *rebuild_line(transform_walk *w, const GEOSGeometry *line, int type) {
    GEOSContextHandle_t handle = w->geos->handle;
    GEOSCoordSequence *sequence = moved_sequence(w, line);
    if (!sequence)
        return checked(w, NULL);
    if (type == GEOS_POINT)
        return checked(w, GEOSGeom_createPoint_r(handle, sequence));
    if (type == GEOS_LINESTRING)
        return checked(w, GEOSGeom_createLineString_r(handle, sequence));
    return checked(w, GEOSGeom_createLinearRing_r(handle, sequence));
}

static void destroy_all(transform_walk *w, GEOSGeometry **parts, int n) {
    for (int i = 0; i < n; i++)
        GEOSGeom_destroy_r(w->geos->handle, parts[i]);
    free(parts);
}

/** Storage for n parts, at least one. */
static GEOSGeometry **allocate_parts(transform_walk *w, int n) {
    GEOSGeometry **parts = calloc(n > 0 ? (size_t)n : 1, sizeof(GEOSGeometry *));
    if (!parts)
        w->status = zf_error_memory(w->error, (size_t)n * sizeof(GEOSGeometry *), "the parts of a geometry");
    return parts;
}

/** A transformed polygon. */
static GEOSGeometry *rebuild_polygon(transform_walk *w, const GEOSGeometry *polygon) {
    GEOSContextHandle_t handle = w->geos->handle;
    int n_holes = GEOSGetNumInteriorRings_r(handle, polygon);
    if (n_holes < 0)
        return checked(w, NULL);
    GEOSGeometry **holes = allocate_parts(w, n_holes);
    GEOSGeometry *shell = holes ? rebuild(w, GEOSGetExteriorRing_r(handle, polygon)) : NULL;
    if (!shell) {
        free(holes);
        return NULL;
    }
    for (int i = 0; i < n_holes; i++) {
        holes[i] = rebuild(w, GEOSGetInteriorRingN_r(handle, polygon, i));
        if (!holes[i]) {
            GEOSGeom_destroy_r(handle, shell);
            destroy_all(w, holes, i);
            return NULL;
        }
    }
    GEOSGeometry *made = GEOSGeom_createPolygon_r(handle, shell, holes, (unsigned)n_holes);
    free(holes);
    return checked(w, made);
}

/** A transformed collection. */
static GEOSGeometry *rebuild_collection(transform_walk *w, const GEOSGeometry *collection, int type) {
    GEOSContextHandle_t handle = w->geos->handle;
    int n = GEOSGetNumGeometries_r(handle, collection);
    GEOSGeometry **parts = n >= 0 ? allocate_parts(w, n) : NULL;
    if (!parts)
        return checked(w, NULL);
    for (int i = 0; i < n; i++) {
        parts[i] = rebuild(w, GEOSGetGeometryN_r(handle, collection, i));
        if (!parts[i]) {
            destroy_all(w, parts, i);
            return NULL;
        }
    }
    GEOSGeometry *made = GEOSGeom_createCollection_r(handle, type, parts, (unsigned)n);
    free(parts);
    return checked(w, made);
}

/** A transformed geometry of any type. */
static GEOSGeometry *rebuild(transform_walk *w, const GEOSGeometry *geometry) {
    int type = geometry ? GEOSGeomTypeId_r(w->geos->handle, geometry) : -1;
    switch (type) {
    case GEOS_POINT:
    case GEOS_LINESTRING:
    case GEOS_LINEARRING:
        return rebuild_line(w, geometry, type);
    case GEOS_POLYGON:
        return rebuild_polygon(w, geometry);
    case GEOS_MULTIPOINT:
    case GEOS_MULTILINESTRING:
    case GEOS_MULTIPOLYGON:
    case GEOS_GEOMETRYCOLLECTION:
        return rebuild_collection(w, geometry, type);
    default: /* curves (GEOS 3.13 and later) are linearised before */
        return checked(w, NULL);
    }
}

zf_status zf_geom_transform(zf_geos *geos, const zf_geom *geom, zf_transform *transform, zf_geom **out,
                            zf_error *error) {
    transform_walk w = {geos, transform, NULL, 0, ZF_OK, error};
    *out = (zf_geom *)rebuild(&w, zf_geom_raw(geom));
    free(w.xy);
    return w.status;
}
