/* SPDX-License-Identifier: MIT */
/* The common area of two footprints, by the overlay of GEOS. */
#include "geometry/footprints_internal.h"
#include "geometry/geos_internal.h"

#include <stdlib.h>

/** A ring as geometry of GEOS; NULL if GEOS fails. */
static GEOSGeometry *make_ring(zf_geos *geos, const zf_view *v, size_t ring) {
    size_t first = v->footprints->ring_start[ring];
    unsigned n = v->footprints->ring_start[ring + 1] - v->footprints->ring_start[ring];
    GEOSCoordSequence *points = GEOSCoordSeq_create_r(geos->handle, n, 2);
    for (unsigned i = 0; points != NULL && i < n; i++) {
        double xy[2];
        zf_view_point(v, first + i, xy);
        (void)GEOSCoordSeq_setXY_r(geos->handle, points, i, xy[0], xy[1]);
    }
    return points != NULL ? GEOSGeom_createLinearRing_r(geos->handle, points) : NULL;
}

/* A polygon of a shell and the holes after it, up to ring `end`; NULL if GEOS fails. */
static GEOSGeometry *make_polygon(zf_geos *geos, const zf_view *f, size_t shell, size_t end) {
    GEOSGeometry *outer = make_ring(geos, f, shell), *polygon = NULL;
    size_t n = end - shell - 1, n_made = 0;
    GEOSGeometry **holes = n > 0 ? malloc(n * sizeof *holes) : NULL;
    if (outer != NULL && (n == 0 || holes != NULL)) {
        while (n_made < n && (holes[n_made] = make_ring(geos, f, shell + 1 + n_made)) != NULL)
            n_made++;
        if (n_made == n) {
            polygon = GEOSGeom_createPolygon_r(geos->handle, outer, holes, (unsigned)n);
            outer = NULL; /* owned by GEOS now, even if it failed */
            n_made = 0;
        }
    }
    for (size_t i = 0; i < n_made; i++)
        GEOSGeom_destroy_r(geos->handle, holes[i]);
    if (outer != NULL)
        GEOSGeom_destroy_r(geos->handle, outer);
    free(holes);
    return polygon;
}

/** The ring after the last hole of a shell. */
static size_t end_of_polygon(const zf_view *v, size_t shell) {
    size_t ring = shell + 1;
    while (ring < v->end_ring && !v->footprints->is_shell[ring])
        ring++;
    return ring;
}

/* Adds the common area of two polygons. Parts of a valid footprint do not overlap, so these areas add up. */
static bool add_common(zf_geos *geos, const GEOSGeometry *a, const GEOSGeometry *b, double *sum_m2) {
    double area_m2 = 0;
    GEOSGeometry *common = a != NULL && b != NULL ? GEOSIntersection_r(geos->handle, a, b) : NULL;
    bool is_ok = common != NULL && GEOSArea_r(geos->handle, common, &area_m2) == 1;
    if (common != NULL)
        GEOSGeom_destroy_r(geos->handle, common);
    *sum_m2 += area_m2;
    return is_ok;
}

/** Adds what one polygon has in common with all polygons of a footprint. */
static bool add_polygon(const GEOSGeometry *polygon, const zf_view *other, zf_geos *geos, double *sum_m2) {
    bool is_ok = polygon != NULL;
    for (size_t ring = other->first_ring; is_ok && ring < other->end_ring;
         ring = end_of_polygon(other, ring)) {
        GEOSGeometry *part = make_polygon(geos, other, ring, end_of_polygon(other, ring));
        is_ok = add_common(geos, polygon, part, sum_m2);
        if (part != NULL)
            GEOSGeom_destroy_r(geos->handle, part);
    }
    return is_ok;
}

zf_status zf_footprints_common_area_m2(const zf_footprints *footprints, size_t a, size_t b, zf_geos *geos,
                                       double *out_m2, zf_error *error) {
    zf_pair_view pair;
    bool is_ok = true;
    *out_m2 = 0;
    zf_pair_view_init(&pair, footprints, a < b ? a : b, a < b ? b : a);
    for (size_t ring = pair.a.first_ring; is_ok && ring < pair.a.end_ring;
         ring = end_of_polygon(&pair.a, ring)) {
        GEOSGeometry *polygon = make_polygon(geos, &pair.a, ring, end_of_polygon(&pair.a, ring));
        is_ok = add_polygon(polygon, &pair.b, geos, out_m2);
        if (polygon != NULL)
            GEOSGeom_destroy_r(geos->handle, polygon);
    }
    return is_ok ? ZF_OK
                 : zf_geos_fail(geos, ZF_E_INPUT, "cannot tell what two footprints have in common",
                                "let buildings be repaired (--on-invalid repair)", error);
}
