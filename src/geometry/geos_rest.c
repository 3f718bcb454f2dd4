/* SPDX-License-Identifier: MIT */
/* Reads lines and points from GEOS's geometries. */
#include "geometry/geos_internal.h"
#include "geometry/relate.h"

/** Vertices of a geometry and of its members, at any depth. */
static size_t count_vertices(zf_geos *geos, const GEOSGeometry *g) {
    int n = GEOSGetNumCoordinates_r(geos->handle, g);
    return n > 0 ? (size_t)n : 0;
}

static zf_point vertex_of(zf_geos *geos, const GEOSCoordSequence *points, unsigned i) {
    zf_point p = {0, 0};
    (void)GEOSCoordSeq_getXY_r(geos->handle, points, i, &p.x, &p.y);
    return p;
}

/** Adds a line's edges; a line of no length is a point. */
static void read_path(zf_geos *geos, const GEOSGeometry *g, zf_relate_edge *edges, zf_point *points, zf_geom_rest *out) {
    const GEOSCoordSequence *vertices = GEOSGeom_getCoordSeq_r(geos->handle, g);
    unsigned n = 0;
    size_t first = out->lines.n;
    if (vertices == NULL || GEOSCoordSeq_getSize_r(geos->handle, vertices, &n) != 1 || n == 0)
        return;
    for (unsigned i = 0; i + 1 < n; i++) {
        zf_relate_edge e = {vertex_of(geos, vertices, i), vertex_of(geos, vertices, i + 1), true};
        if (!zf_point_is_same(e.a, e.b))
            edges[out->lines.n++] = e;
    }
    if (out->lines.n == first)
        points[out->n_points++] = vertex_of(geos, vertices, 0);
    for (; first < out->lines.n; first++) {
        zf_envelope_add_point(&out->lines_envelope, edges[first].a.x, edges[first].a.y);
        zf_envelope_add_point(&out->lines_envelope, edges[first].b.x, edges[first].b.y);
    }
}

/** Adds all lines and points of a geometry. */
static void read_members(zf_geos *geos, const GEOSGeometry *g, zf_relate_edge *edges, zf_point *points,
                         zf_geom_rest *out) {
    int type = GEOSGeomTypeId_r(geos->handle, g);
    if (type == GEOS_POINT || type == GEOS_LINESTRING || type == GEOS_LINEARRING) {
        read_path(geos, g, edges, points, out);
        return;
    }
    int n = type >= GEOS_MULTIPOINT ? GEOSGetNumGeometries_r(geos->handle, g) : 0;
    for (int i = 0; i < n; i++)
        read_members(geos, GEOSGetGeometryN_r(geos->handle, g, i), edges, points, out);
}

zf_status zf_geom_read_rest(zf_geos *geos, const zf_geom *geom, zf_arena *arena, zf_geom_rest *out, zf_error *error) {
    size_t n = count_vertices(geos, zf_geom_raw(geom));
    zf_relate_edge *edges = NULL;
    zf_point *points = NULL;
    *out = (zf_geom_rest){.lines_envelope = zf_envelope_empty()};
    zf_status st = zf_arena_take(arena, n, sizeof *edges, &edges, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n, sizeof *points, &points, error);
    if (st != ZF_OK)
        return st;
    out->lines.edges = edges;
    out->points = points;
    read_members(geos, zf_geom_raw(geom), edges, points, out);
    return ZF_OK;
}
