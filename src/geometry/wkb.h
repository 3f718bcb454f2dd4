/* SPDX-License-Identifier: MIT */
/** Footprints as checked views of WKB (wkb.c, valid.c, wkb_mend.c, antimeridian.c). */
#ifndef ZF_GEOMETRY_WKB_H
#define ZF_GEOMETRY_WKB_H

#include "geometry/envelope.h"
#include "memory/memory.h"

/** What a WKB holds, seen as a footprint. */
typedef enum zf_wkb_kind {
    ZF_WKB_POLYGONAL = 0, /**< Polygon or MultiPolygon with at least one ring of points */
    ZF_WKB_EMPTY,         /**< POLYGON EMPTY, MULTIPOLYGON EMPTY, or nothing but empty members */
    ZF_WKB_OTHER,         /**< another geometry type, or big-endian: go through zf_source's normalisation */
    ZF_WKB_CORRUPT, /**< shorter than its counts say, or no WKB at all; bytes after its end are tolerated */
    ZF_WKB_LINEAL,  /**< LineString or MultiLineString; of zf_wkb_open_any only */
    ZF_WKB_PUNTAL   /**< Point or MultiPoint; of zf_wkb_open_any only */
} zf_wkb_kind;

/** One ring: n points, point i at xy + i * stride_bytes (unaligned: read with zf_ring_point). */
typedef struct zf_ring {
    const uint8_t *xy;
    uint32_t n;
    size_t stride_bytes;
    uint32_t polygon; /**< number of its polygon, from 0 */
    bool is_shell;    /**< first ring of its polygon */
} zf_ring;

/**
 * A checked look at little-endian WKB of a Polygon or MultiPolygon (ISO or EWKB; Z and M are stepped over).
 * Borrowed: valid as long as the bytes are.
 */
typedef struct zf_wkb {
    const uint8_t *bytes;
    size_t n_bytes;
    uint32_t n_polygons;
    uint32_t n_rings;
    size_t n_points;         /**< over all rings, closing points included */
    unsigned n_dims;         /**< 2, 3 or 4, of the outermost geometry; each ring's stride says its own */
    unsigned char dimension; /**< 2 polygons, 1 lines, 0 points: each line or point is a ring, and a shell */
    bool is_multi;
    zf_envelope envelope; /**< of x and y; NaN coordinates make has_non_finite true and are left out */
    bool has_non_finite;  /**< a coordinate is NaN, infinite or beyond +-1e100 */
    zf_ring only;         /**< the ring, where n_rings is 1: most footprints need no walk */
} zf_wkb;

/** Beyond 1e100 the products that areas, centroids and sides of a line are made of leave the range of
 * doubles. */
static inline bool zf_wkb_is_coordinate(double v) {
    return v >= -1e100 && v <= 1e100;
}

/** Walks over the rings in order. The state before the first comes from zf_wkb_rings. */
typedef struct zf_ring_cursor {
    const zf_wkb *wkb;
    uint32_t n_seen;     /**< rings handed out */
    uint32_t polygon;    /**< polygons entered */
    uint32_t rings_left; /**< of the polygon it is in */
    bool is_first;
    size_t at;
    size_t stride_bytes; /**< of the polygon it is in: members may differ in dimensions */
} zf_ring_cursor;

/** Checks all sizes in one walk and fills *out (for POLYGONAL and EMPTY). No allocation. Cost: linear in
 * n_bytes. */
zf_wkb_kind zf_wkb_open(const uint8_t *bytes, size_t n_bytes, zf_wkb *out);
/** The same for lines and points too, whose rings are not closed. Cost: linear in n_bytes. (paths.c) */
zf_wkb_kind zf_wkb_open_any(const uint8_t *bytes, size_t n_bytes, zf_wkb *out);
/** Whether a line has no two different points: it is not valid (OGC). (paths.c) */
bool zf_wkb_has_short_line(const zf_wkb *wkb);
/**
 * A multiline without those of its lines that have no two different points. (paths.c)
 * @param out  NULL: nothing is written; else the bytes that a call with NULL returned.
 * @return     bytes of the 2D MultiLineString; 0 if no line is left.
 */
size_t zf_wkb_drop_short_lines(const zf_wkb *wkb, uint8_t *out);
/** Centroid of points or lines: the mean of the points, or of the middles of edges by their lengths. NaN without any. (path_point.c) */
void zf_path_centroid(const zf_wkb *path, double *out_x, double *out_y);
/** The vertex of points or lines nearest to their centroid, which is no end of a line if there is another. NaN without any. */
void zf_path_inner_point(const zf_wkb *path, double *out_x, double *out_y);
/**
 * A polygon or multipolygon without its rings that have no point. (wkb_mend.c)
 * @param out  NULL: nothing is written; else the bytes that a call with NULL returned.
 * @return     bytes of the 2D geometry; 0 if each ring has a point.
 */
size_t zf_wkb_drop_empty_rings(const zf_wkb *wkb, uint8_t *out);
/** The first point of the first line without two different points; NAN if there is none. (paths.c) */
void zf_wkb_short_line(const zf_wkb *wkb, double *out_x, double *out_y);
/**
 * Lines and points as a polygon without area, whose rings run along each line and back, so that what measures
 * distances of polygons measures theirs. (paths.c)
 * @param out  zf_wkb_outline_bytes(wkb) bytes: WKB of a polygon of zf_wkb_outline_points(wkb) points.
 */
void zf_wkb_outline(const zf_wkb *wkb, uint8_t *out);
size_t zf_wkb_outline_bytes(const zf_wkb *wkb);
/** Points of the outline; of polygons, n_points. */
size_t zf_wkb_outline_points(const zf_wkb *wkb);
static inline zf_ring_cursor zf_wkb_rings(const zf_wkb *wkb) {
    return (zf_ring_cursor){.wkb = wkb};
}
/** The ring after n_seen others, by a walk over the bytes; for zf_wkb_next_ring alone. */
void zf_wkb_walk_to_ring(zf_ring_cursor *cursor, zf_ring *out);
/** The same for lines and points. (paths.c) */
void zf_wkb_walk_to_path(zf_ring_cursor *cursor, zf_ring *out);
/** false at the end. Only for a wkb that zf_wkb_open called POLYGONAL or EMPTY. */
static inline bool zf_wkb_next_ring(zf_ring_cursor *cursor, zf_ring *out) {
    if (cursor->n_seen == cursor->wkb->n_rings)
        return false;
    if (cursor->wkb->n_rings == 1)
        *out = cursor->wkb->only;
    else if (cursor->wkb->dimension == 2)
        zf_wkb_walk_to_ring(cursor, out);
    else
        zf_wkb_walk_to_path(cursor, out);
    cursor->n_seen++;
    return true;
}

/**
 * true only for footprints that are surely valid (OGC): one ring of up to 63 edges whose doubles settle
 * that it is two chains, both monotone in x or both in y, one above the other, or else that every pair of
 * edges is apart. false says nothing: ask zf_geom_check_valid. No allocation. Cost: linear in the edges for
 * the former (rectangles, Ls, everything convex), quadratic for the others, most pairs by their boxes.
 */
bool zf_wkb_is_surely_valid(const zf_wkb *wkb);

/**
 * The same for polygons of any number of vertices, rings and parts (valid.c): true only where GEOS's isValid
 * says so too. Rings may touch where both have a vertex. false for whatever doubles do not settle: vertices
 * on another ring's edge, spikes, rings in chains of touches, edges nearer than rounding;
 * and for want of memory: ask zf_geom_check_valid.
 * @param wkb      POLYGONAL.
 * @param scratch  some 25 bytes a vertex are taken and given back; an arena that keeps its chunk spares the
 * system's calls.
 * Cost: linear in the vertices for borders, which seldom come near themselves (some 20 ns a vertex); never
 * more than some 100 pairs of edges a vertex. Pure: several threads may ask at once, each with its own
 * scratch.
 */
bool zf_polygon_is_surely_valid(const zf_wkb *wkb, zf_arena *scratch);

enum { ZF_WKB_DETAIL_BYTES = 64 };
/** Of a wkb that has_non_finite: a reason in static storage, the first bad point in words, and the first good
 * one as place (NAN for none). (wkb_mend.c) */
const char *zf_wkb_unusable(const zf_wkb *wkb, char detail[ZF_WKB_DETAIL_BYTES], double *out_x,
                            double *out_y);
/** Where it begins. NAN when it has no point. */
void zf_wkb_first_point(const zf_wkb *wkb, double *out_x, double *out_y);
/** Bytes of zf_wkb_close; 0 when no ring is open, or one has fewer than three points, or a member is empty.
 */
size_t zf_wkb_closed_bytes(const zf_wkb *wkb);
/** The footprint in two dimensions with all rings closed by their first point. Cost: linear. */
void zf_wkb_close(const zf_wkb *wkb, uint8_t *out);

static inline void zf_ring_point(const zf_ring *ring, uint32_t i, double *out_x, double *out_y) {
    const uint8_t *p = ring->xy + (size_t)i * ring->stride_bytes;
    __builtin_memcpy(out_x, p, sizeof *out_x);
    __builtin_memcpy(out_y, p + sizeof *out_x, sizeof *out_y);
}

/** Whether the polygon has an edge of more than half a turn that is not along a pole: it crosses the
 * antimeridian, is not split there, and covers the rest of the world instead. false if half_turn is 0. Cost:
 * only polygons that wide are read. (antimeridian.c) */
bool zf_wkb_crosses_antimeridian(const zf_wkb *wkb, double half_turn);

#endif
