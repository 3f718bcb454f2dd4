/* SPDX-License-Identifier: MIT */
/**
 * @file geometry.h
 * Footprints as WKB views, their measures, and thin shims over GEOS and PROJ: every result becomes status +
 * out value. Nothing outside this folder calls GEOS or PROJ.
 */
#ifndef ZF_GEOMETRY_H
#define ZF_GEOMETRY_H

#include "memory/memory.h"

#include <math.h>

/* ---- envelopes: what is asked of every building is inline ---- */

typedef struct zf_envelope {
    double min_x, min_y, max_x, max_y;
} zf_envelope;

/** The envelope of nothing: every union with it gives the other. */
static inline zf_envelope zf_envelope_empty(void) {
    return (zf_envelope){INFINITY, INFINITY, -INFINITY, -INFINITY};
}

static inline bool zf_envelope_is_empty(const zf_envelope *e) {
    return !((e->min_x <= e->max_x) & (e->min_y <= e->max_y));
}

/** Touching counts. Of two that are not empty. */
static inline bool zf_envelope_overlaps(const zf_envelope *a, const zf_envelope *b) {
    return (a->min_x <= b->max_x) & (b->min_x <= a->max_x) & (a->min_y <= b->max_y) & (b->min_y <= a->max_y);
}

/** Touching counts. An empty one meets nothing. */
static inline bool zf_envelope_meets(const zf_envelope *a, const zf_envelope *b) {
    return zf_envelope_overlaps(a, b) && !zf_envelope_is_empty(a) && !zf_envelope_is_empty(b);
}

/** NaN coordinates change nothing. */
static inline void zf_envelope_add_point(zf_envelope *e, double x, double y) {
    e->min_x = x < e->min_x ? x : e->min_x;
    e->min_y = y < e->min_y ? y : e->min_y;
    e->max_x = x > e->max_x ? x : e->max_x;
    e->max_y = y > e->max_y ? y : e->max_y;
}

bool zf_envelope_contains(const zf_envelope *outer, const zf_envelope *inner);
void zf_envelope_add(zf_envelope *e, const zf_envelope *other);

/* ---- WKB views (wkb.c) ---- */

/** What a WKB holds, seen as a footprint. */
typedef enum zf_wkb_kind {
    ZF_WKB_POLYGONAL = 0, /**< Polygon or MultiPolygon with at least one ring of points */
    ZF_WKB_EMPTY,         /**< POLYGON EMPTY, MULTIPOLYGON EMPTY, or nothing but empty members */
    ZF_WKB_OTHER,         /**< another geometry type, or big-endian: go through zf_source's normalisation */
    ZF_WKB_CORRUPT /**< shorter than its counts say, or no WKB at all; bytes after its end are tolerated */
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
    size_t n_points; /**< over all rings, closing points included */
    unsigned n_dims; /**< 2, 3 or 4, of the outermost geometry; each ring's stride says its own */
    bool is_multi;
    zf_envelope envelope; /**< of x and y; NaN coordinates make has_non_finite true and are left out */
    bool has_non_finite;  /**< a coordinate is NaN, infinite or beyond what can be reckoned with */
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
static inline zf_ring_cursor zf_wkb_rings(const zf_wkb *wkb) {
    return (zf_ring_cursor){.wkb = wkb};
}
/** The ring after n_seen others, by a walk over the bytes; for zf_wkb_next_ring alone. */
void zf_wkb_walk_to_ring(zf_ring_cursor *cursor, zf_ring *out);
/** false at the end. Only for a wkb that zf_wkb_open called POLYGONAL or EMPTY. */
static inline bool zf_wkb_next_ring(zf_ring_cursor *cursor, zf_ring *out) {
    if (cursor->n_seen == cursor->wkb->n_rings)
        return false;
    if (cursor->wkb->n_rings == 1)
        *out = cursor->wkb->only;
    else
        zf_wkb_walk_to_ring(cursor, out);
    cursor->n_seen++;
    return true;
}

/**
 * true only for footprints that are valid (OGC) beyond doubt: one ring of up to 63 edges whose doubles settle
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

/* ---- CRS and transformation (crs.c, transform.c) ---- */

/** One CRS, immutable after creation: several threads may use it at once. Each thread that transforms makes
 * its own zf_transform. */
typedef struct zf_crs zf_crs;

typedef struct zf_crs_info {
    const char *name;      /**< "NAD83 / Massachusetts Mainland (ftUS)" */
    const char *auth_name; /**< "EPSG", or NULL */
    const char *auth_code; /**< "2249", or NULL */
    const char *wkt;       /**< WKT2:2019, one line */
    const char *wkt1;      /**< WKT1 in GDAL's dialect, or NULL when it has none */
    const char *proj4;     /**< PROJ string, or NULL when it has none */
    bool is_geographic;
    double unit;         /**< metres per unit of a projected CRS; radians per unit of a geographic one */
    double semi_major_m; /**< of the ellipsoid; 0 for the undefined plane */
    double inverse_flattening; /**< 0 for a sphere */
} zf_crs_info;

/**
 * @param definition "EPSG:2249", WKT, PROJ string ("+type=crs" may be left out), or a name that PROJ knows. A
 * 3D or compound CRS is taken by its horizontal part. A datum shift that it brings along (TOWGS84, BOUNDCRS)
 * is used by transformations.
 * @return ZF_E_INPUT when PROJ does not understand it or it is neither geographic nor projected (geocentric,
 * vertical, local engineering CRS; geographic with shifted poles, whose longitudes are none). The authority
 * code is the one the definition names, if PROJ's database has it and agrees; else that of the entry, EPSG
 * before others, that PROJ identifies with at least 90 % confidence, or that has the same datum and puts a
 * grid of points over its area of use within 1 mm of the definition's places (old .prj files round their
 * parameters). The entry's definition then stands for the one given, so that a file's rounding does not
 * separate layers that share a CRS. Cost: some milliseconds (PROJ's database is opened).
 */
ZF_MUST_USE zf_status zf_crs_create(const char *definition, zf_crs **out, zf_error *error);
/** The plane of two layers without CRS: metres, no authority, info.name "undefined (planar, metres)"; wkt,
 * wkt1, proj4 NULL. */
ZF_MUST_USE zf_status zf_crs_create_planar(zf_crs **out, zf_error *error);
const zf_crs_info *zf_crs_get_info(const zf_crs *crs); /**< borrowed from crs */
/** Half a turn around the world in the CRS's unit; 0 in a plane. (turn.c) */
double zf_crs_half_turn(const zf_crs *crs);
/** Has it an edge of more than half a turn, other than along a pole? Then a polygon that crosses the
 * antimeridian is not split there, and covers the rest of the world instead. Only polygons that are that wide
 * are looked at; never, when half_turn is 0. (turn.c) */
bool zf_wkb_turns_around(const zf_wkb *wkb, double half_turn);
/** Same coordinates, whatever the names and the axis order. The undefined plane is the same as itself only.
 */
bool zf_crs_is_same(const zf_crs *a, const zf_crs *b);
void zf_crs_destroy(zf_crs *crs); /**< NULL is legal */

/** Coordinates are x = easting or longitude, y = northing or latitude, in the CRS's unit, whatever its axis
 * order. */
typedef struct zf_transform zf_transform;
/**
 * Between two CRS; both are only read during the call. Network grids are off: the operation is the one that
 * PROJ's database and the grids installed here give, as for ogr2ogr and PostGIS. *out is NULL when both CRS
 * are the same: nothing to do. ZF_E_INPUT when PROJ has no operation or one side is the undefined plane.
 */
ZF_MUST_USE zf_status zf_transform_create(const zf_crs *from, const zf_crs *to, zf_transform **out,
                                          zf_error *error);
/**
 * From a projected CRS to the longitude and latitude (degrees) of its own base CRS: no datum shift. From a
 * geographic CRS: into degrees; *out is NULL when it is in degrees already. ZF_E_USAGE for the undefined
 * plane.
 */
ZF_MUST_USE zf_status zf_transform_create_to_geographic(const zf_crs *from, zf_transform **out,
                                                        zf_error *error);
/**
 * In place on n points, xy[2 * i], xy[2 * i + 1]. ZF_E_INPUT when a point cannot be transformed (says which),
 * is not finite or, in a geographic CRS, lies beyond a pole; then the points before it are transformed, it
 * and those after it are untouched. Each point's result depends on that point alone.
 */
ZF_MUST_USE zf_status zf_transform_points(zf_transform *transform, double *xy, size_t n, zf_error *error);
/**
 * true when zf_transform_points would leave every point of the envelope as it is, to the bit: NAD83 to WGS 84
 * in New England, where PROJ has nothing but null operations to choose from. NULL: true. An empty envelope:
 * false. Then zf_transform_points costs some nanoseconds a point; leaving it out altogether also leaves out
 * what zf_transform_describe says of the points.
 */
bool zf_transform_is_identity(const zf_transform *transform, const zf_envelope *envelope);
/**
 * The operation in words, for the record: "Inverse of NAD83 to WGS 84 (1) + SPCS83 Massachusetts Mainland
 * zone (US Survey feet); accuracy 4 m" ("accuracy unknown" where PROJ does not say). Never NULL. Borrowed
 * until the next zf_transform_points. Where PROJ chooses among several operations point by point, they are
 * known only after points were transformed: then those used (looked up at the first, the last and every 64th
 * point of each call, where points move; else at the first and the last of each 256) stand here in
 * alphabetical order, " | " between them.
 */
const char *zf_transform_describe(const zf_transform *transform);
/** The grids of these operations by their names in PROJ's database, in alphabetical order:
 * "us_noaa_conus.tif, ..."; or "none". Borrowed as above. */
const char *zf_transform_grids(const zf_transform *transform);
/**
 * The operations that would have been more accurate where points were transformed, but whose grids are not
 * installed, the most accurate ones first: "NAD27 to WGS 84 (79); accuracy 5 m; needs us_noaa_conus.tif | ...
 * | and 3 more"; or "none". Points count where zf_transform_describe looks at them. Without memory out fails.
 * Cost: tens of milliseconds.
 */
void zf_transform_append_better(zf_transform *transform, zf_text *out);
void zf_transform_destroy(zf_transform *transform); /**< NULL is legal */

/**
 * How many bytes zf_wkb_flatten writes for a POLYGONAL wkb; 0 where it is not sure to write what GEOS would:
 * coordinates that are not finite, empty members, rings that are not closed or have fewer than four points.
 */
size_t zf_wkb_flat_bytes(const zf_wkb *wkb);
/**
 * The footprint as 2D little-endian ISO WKB, with the points moved through transform (NULL: as they are): the
 * bytes of zf_geom_from_wkb, zf_geom_transform and zf_geom_to_wkb, without GEOS.
 * @param out  zf_wkb_flat_bytes(wkb) > 0 bytes; must not overlap the wkb's.
 * @return ZF_OK; what zf_transform_points returns, with *out unspecified. No allocation. Cost: linear.
 */
ZF_MUST_USE zf_status zf_wkb_flatten(const zf_wkb *wkb, zf_transform *transform, uint8_t *out,
                                     zf_error *error);

/* ---- measures (measure.c, geodesic*.c; shape.c, outline.c, hull.c, rectangle.c, circle.c) ---- */

/** Measures usable in expressions and statistics, in the order of their columns. */
typedef enum zf_measure {
    ZF_MEASURE_AREA_M2 = 0,
    ZF_MEASURE_PERIMETER_M,     /**< all rings */
    ZF_MEASURE_WIDTH_M,         /**< shorter side of the smallest rectangle, whatever its direction */
    ZF_MEASURE_LENGTH_M,        /**< longer side of it */
    ZF_MEASURE_ELONGATION,      /**< width / length, 0..1; a square has 1 */
    ZF_MEASURE_ORIENTATION_DEG, /**< angle between it and the cardinal directions, 0..45 */
    ZF_MEASURE_RECTANGULARITY,  /**< area / that of the rectangle, 0..1 */
    ZF_MEASURE_CONVEXITY,       /**< area / that of the convex hull, 0..1 */
    ZF_MEASURE_COMPACTNESS,     /**< area / that of the smallest enclosing circle, 0..1 */
    ZF_MEASURE_N_VERTICES,      /**< closing points not counted, all rings */
    ZF_MEASURE_N_PARTS,
    ZF_MEASURE_N_HOLES,
    ZF_MEASURE_COURTYARD_AREA_M2, /**< holes */
    ZF_MEASURE_CENTROID_X,        /**< in the CRS's unit */
    ZF_MEASURE_CENTROID_Y,
    ZF_MEASURE_SHARE, /**< of its area in its ZIP: 1 unless whoever assigns it knows better */
    ZF_MEASURE_KINDS
} zf_measure;

const char *zf_measure_name(zf_measure measure);   /**< "area_m2", ... */
zf_field_type zf_measure_type(zf_measure measure); /**< INTEGER for n_..., else REAL */
/** Which measure has this name (ASCII case-insensitive); ZF_MEASURE_KINDS for none. */
zf_measure zf_measure_by_name(const char *name);

/** How areas and lengths are taken in one CRS; made once per thread. */
typedef struct zf_metric zf_metric;
/**
 * @param crs          borrowed for the call.
 * @param is_geodesic  what the caller settled ZF_MEASURE_AUTO into. true with the undefined plane is
 * ZF_E_USAGE, false with a geographic CRS too.
 */
ZF_MUST_USE zf_status zf_metric_create(const zf_crs *crs, bool is_geodesic, zf_metric **out, zf_error *error);
bool zf_metric_is_geodesic(const zf_metric *metric);
void zf_metric_destroy(zf_metric *metric);

/**
 * Measures of one footprint.
 * @param wanted  bit (1u << zf_measure) for each wanted.
 * @param out     ZF_MEASURE_KINDS doubles, those wanted are filled, others untouched. Areas are never
 * negative: shells count positive, holes negative, whatever their ring order. Counts take no notice of empty
 * members and rings. An EMPTY footprint has 0 for counts, areas and lengths, else NaN. Planar: shoelace about
 * the first vertex. Geodesic: edges are geodesics, as in PROJ's geod_polygonarea, which itself measures rings
 * that are wider or higher than 1.3 km, lie beyond 85 degrees of latitude or cross the antimeridian. All
 * others, that is buildings: the areas under the edges in local equal-area coordinates plus those between the
 * geodesics and their chords, at a sixtieth of the cost. Measured against the geodesic equation solved in
 * extended precision (triangles, L-shapes, strips of 1:50 and stars of 2 m to 1 km): area within 1e-14
 * relative up to 100 m and 4e-13 up to 1 km below 60 degrees, 1e-13 and 1e-10 below 85; bounded
 * everywhere by 2e-10, or 1e-6 m2 where that is more (slivers). Perimeter within 1e-12 relative up to 100 m,
 * 3e-11 up to 1 km. geod_polygonarea's own rounding is some 3e-5 m2 per footprint, whatever its size (1e-7 of
 * a building of 200 m2; up to 2e-4 m2 with many edges): the two agree to 1e-9 relative plus that. The
 * centroid is that of the coordinates' plane (as OGC Centroid), area-weighted; of a zero-area footprint the
 * length-weighted one, of a zero-length footprint the mean of its rings' first points.
 *
 * Shape, as momepy defines it (elongation, orientation, rectangularity, convexity, circular_compactness,
 * courtyard_area): hull, rectangle and circle are those of all shells together, whatever lies between the
 * parts; area is area_m2, so without holes. The rectangle is the one of the smallest area; of several within
 * 1e-8 of it the one with the smallest perimeter, of several within 1e-8 of that the one nearest to the
 * cardinal directions. What hull, rectangle and circle give does not depend on the order of vertices, rings
 * or parts, to the bit. Planar: in the CRS's plane, its y axis for north. Geodesic: in the plane that touches
 * the ellipsoid at the centre of the footprint's envelope, true north; against geodesics from there lengths
 * are within 1e-8 relative up to 1 km and 1e-6 up to 14 km across. Where there is nothing to compare, NaN:
 * orientation and the ratios of a single place, rectangularity and convexity where the hull is no wider than
 * its coordinates' rounding (a line: width, elongation and compactness are 0 or rounding). Ratios are never
 * above 1, even where parts overlap.
 * @return ZF_OK; ZF_E_INPUT when a vertex is not finite or cannot be brought to the ellipsoid; ZF_E_MEMORY.
 * out is then untouched. Cost: linear in the vertices; no allocation for footprints of up to 1,000 vertices.
 * Source: Karney, Algorithms for geodesics (2013), doi:10.1007/s00190-012-0578-z, for the larger; derivation
 * in geodesic.c. Shape: momepy since 0.6, https://docs.momepy.org; Fleischmann (2019),
 * doi:10.21105/joss.01807.
 */
ZF_MUST_USE zf_status zf_metric_measure(zf_metric *metric, const zf_wkb *wkb, unsigned wanted, double *out,
                                        zf_error *error);
/**
 * Area alone, for ZIPs of any size: planar shoelace, or edge by edge on the ellipsoid (geodesic_large.c):
 * within 1e-11 relative of the geodesic equation solved in extended precision, from 500 m to 40 km; what
 * geod_polygonarea gives, for rings near the poles or across the antimeridian. Failures as zf_metric_measure.
 * Cost: some 10 ns a vertex; what lies between --measure geodesic and a projected CRS is PROJ's.
 */
ZF_MUST_USE zf_status zf_metric_area_m2(zf_metric *metric, const zf_wkb *wkb, double *out_m2,
                                        zf_error *error);

/** Where a ZIP's buildings are put for distances: an origin and two unit vectors. Made by zf_metric_frame,
 * passed back by value. */
typedef struct zf_frame {
    bool is_geodesic;
    double origin_x, origin_y; /**< planar: origin; unit: metres per CRS unit */
    double unit;
    double center_m[3]; /**< geodesic: origin in geocentric metres */
    double east[3], north[3], up[3];
} zf_frame;
/** Frame centred on an envelope's centre. ZF_E_USAGE for an empty envelope, ZF_E_INPUT when the centre is not
 * on the ellipsoid. */
ZF_MUST_USE zf_status zf_metric_frame(zf_metric *metric, const zf_envelope *envelope, zf_frame *out,
                                      zf_error *error);
/**
 * Points of the CRS into the frame's metres: out_xyz_m is n x 3, row-major: east, north, up (up is 0 when
 * planar). Straight-line distance between two such points is the planar distance, or the chord of the
 * geodesic of length s, short by s^3 / (24 R^2): 1 mm at 10 km. The distance in (east, north) alone is never
 * longer, so it bounds searches from below. ZF_E_INPUT when a point cannot be brought to the ellipsoid;
 * out_xyz_m is then unspecified.
 */
ZF_MUST_USE zf_status zf_metric_to_frame(zf_metric *metric, const zf_frame *frame, const double *xy, size_t n,
                                         double *out_xyz_m, zf_error *error);

/* ---- how far metres reach in the CRS (margin.c) ---- */

/** A margin that reaches over all places. */
#define ZF_MARGIN_EVERYWHERE 1e300

/** The envelope with so much more on each side, rounded outwards. */
zf_envelope zf_envelope_widened(const zf_envelope *envelope, double by_x, double by_y);
/**
 * What two places may differ by in the CRS at most that are up to radius_m apart, east and north, in the
 * frame of the envelope, one of them about the envelope. In the plane exact but for rounding; on the
 * ellipsoid a quarter more than what 25 places of the envelope and its margin say. ZF_MARGIN_EVERYWHERE where
 * that is not known: near a pole, or beyond the frame's horizon.
 */
void zf_metric_margin(zf_metric *metric, const zf_envelope *envelope, double radius_m, double *out_x,
                      double *out_y);
/** x of the antimeridian, where the east begins again in the west; INFINITY where x is no longitude. */
double zf_metric_half_turn(const zf_metric *metric);

/* ---- GEOS (geos*.c) ---- */

/** A GEOS context with its readers; one per thread. */
typedef struct zf_geos zf_geos;
/** A geometry owned by a context's user. */
typedef struct zf_geom zf_geom;
/** A geometry made ready for many predicates; borrows its geometry. It builds its indexes while it answers:
 * one thread at a time. */
typedef struct zf_prepared zf_prepared;

ZF_MUST_USE zf_status zf_geos_create(zf_geos **out, zf_error *error);
void zf_geos_destroy(zf_geos *geos); /**< NULL is legal */
const char *zf_geos_version(void);   /**< of the library at run time */
const char *zf_proj_version(void);
/** Whether PROJ's contexts that others of this process make from now on may use a network. Returns what held
 * before. */
bool zf_crs_allow_network(bool is_allowed);

/** Lets GEOS's longer operations on this thread be cancelled, whoever calls them (SpatiaLite). */
typedef struct zf_geos_watch {
    const zf_callbacks *callbacks;
    unsigned n_calls;
    bool was_interrupted;
} zf_geos_watch;
/** watch and callbacks stay where they are until the end; one at a time on a thread. Where several threads of
 * the process watch at once nothing is interrupted: GEOS cannot tell them apart. */
void zf_geos_watch_begin(zf_geos_watch *watch, const zf_callbacks *callbacks);
/** true: the caller cancelled, and what an operation has said since is void. An operation that fails by
 * itself says nothing here. */
bool zf_geos_watch_end(zf_geos_watch *watch);

/** Any kind of WKB that GEOS reads. ZF_E_INPUT when it is none or a ring is not closed. NaN coordinates are
 * read: zf_geom_check_valid tells. */
ZF_MUST_USE zf_status zf_geom_from_wkb(zf_geos *geos, const uint8_t *bytes, size_t n, zf_geom **out,
                                       zf_error *error);
/** 2D little-endian ISO WKB; *out is malloc'ed, free() it. */
ZF_MUST_USE zf_status zf_geom_to_wkb(zf_geos *geos, const zf_geom *geom, uint8_t **out, size_t *out_n,
                                     zf_error *error);
void zf_geom_destroy(zf_geos *geos, zf_geom *geom); /**< NULL is legal */

/** Why a geometry is invalid. */
typedef struct zf_invalidity {
    char reason[128]; /**< GEOS's words: "Self-intersection", ... */
    double x, y;      /**< where; NaN when GEOS does not say */
} zf_invalidity;
/** *out_is_valid; when false, *out_why is filled (nullable). */
ZF_MUST_USE zf_status zf_geom_check_valid(zf_geos *geos, const zf_geom *geom, bool *out_is_valid,
                                          zf_invalidity *out_why, zf_error *error);
/**
 * GEOSMakeValid (by linework, as PostGIS's ST_MakeValid), its polygonal part only, as (multi)polygon. *out is
 * an empty polygon when no area is left. ZF_E_INPUT when a coordinate is not finite.
 * @param out_rest nullable; what the repair left without area (spikes that became lines), as a collection, or
 * NULL when there is nothing.
 */
ZF_MUST_USE zf_status zf_geom_make_valid(zf_geos *geos, const zf_geom *geom, zf_geom **out,
                                         zf_geom **out_rest, zf_error *error);
/**
 * Union of n >= 1 polygonal geometries, polygonal part only; the inputs stay the caller's. A single one is
 * copied, not a bit changed. Where GEOS fails, it is tried again with the repaired inputs. ZF_E_INPUT when
 * that fails too or a coordinate is not finite. Takes a copy of all inputs while it works.
 */
ZF_MUST_USE zf_status zf_geom_union(zf_geos *geos, zf_geom *const *geoms, size_t n, zf_geom **out,
                                    zf_error *error);
/** true for a polygon whose edges meet too often for zf_geom_make_valid to end in reasonable time: more than
 * 1,000 times, and more than twice for each vertex. ZF_E_MEMORY. (tangle.c) */
ZF_MUST_USE zf_status zf_geom_is_tangled(zf_geos *geos, const zf_geom *geom, bool *out, zf_error *error);
bool zf_geom_is_empty(zf_geos *geos, const zf_geom *geom);
/** The empty envelope for an empty geometry. */
zf_envelope zf_geom_envelope(zf_geos *geos, const zf_geom *geom);
/** Moves every vertex through transform (NULL: copy). Z and M are dropped. Fails as zf_transform_points does.
 */
ZF_MUST_USE zf_status zf_geom_transform(zf_geos *geos, const zf_geom *geom, zf_transform *transform,
                                        zf_geom **out, zf_error *error);
ZF_MUST_USE zf_status zf_geom_centroid(zf_geos *geos, const zf_geom *geom, zf_geom **out_point,
                                       zf_error *error);
ZF_MUST_USE zf_status zf_geom_inner_point(zf_geos *geos, const zf_geom *geom, zf_geom **out_point,
                                          zf_error *error);

/** ZF_E_INPUT when a coordinate is not finite. Cost: linear; indexes are built by the first predicates that
 * need them. */
ZF_MUST_USE zf_status zf_prepared_create(zf_geos *geos, const zf_geom *geom, zf_prepared **out,
                                         zf_error *error);
void zf_prepared_destroy(zf_geos *geos, zf_prepared *prepared); /**< NULL is legal */
/**
 * contains(zone, other), covers(zone, other), intersects(zone, other); DE-9IM as GEOS. An empty other is
 * never in it. covers and intersects take collections member by member. ZF_E_INTERNAL with *out false where
 * GEOS gives up: contains does on collections, and all may on invalid geometries. The caller keeps geometries
 * with coordinates that are not finite away (zf_wkb.has_non_finite): GEOS 3.11 says that a polygon with a NaN
 * is contained.
 */
ZF_MUST_USE zf_status zf_prepared_contains(zf_geos *geos, const zf_prepared *zone, const zf_geom *other,
                                           bool *out, zf_error *error);
ZF_MUST_USE zf_status zf_prepared_covers(zf_geos *geos, const zf_prepared *zone, const zf_geom *other,
                                         bool *out, zf_error *error);
ZF_MUST_USE zf_status zf_prepared_intersects(zf_geos *geos, const zf_prepared *zone, const zf_geom *other,
                                             bool *out, zf_error *error);
/** Area in the plane of the coordinates, in their unit squared. */
ZF_MUST_USE zf_status zf_geom_plane_area(zf_geos *geos, const zf_geom *geom, double *out, zf_error *error);
/** The same of what two valid polygonal geometries have in common: GEOS's overlay. */
ZF_MUST_USE zf_status zf_geom_overlap_area(zf_geos *geos, const zf_geom *a, const zf_geom *b, double *out,
                                           zf_error *error);

/** How the area of one polygonal geometry is divided among others, in the plane (geos_division.c). */
typedef struct zf_division {
    const zf_geom *whole; /**< borrowed */
    zf_geom *left;        /**< what none has taken yet */
    double area;          /**< of the whole */
    double again;         /**< taken by one after another had taken it */
    double beyond;        /**< of what is left; after zf_division_end */
    double rounding;      /**< that areas may be wrong by: much where the whole is a sliver */
} zf_division;

/** whole is valid, and stays where it is until the end. */
ZF_MUST_USE zf_status zf_division_begin(zf_geos *geos, const zf_geom *whole, zf_division *out,
                                        zf_error *error);
/**
 * One more takes what it has in common with the whole, whose area is *out_overlap. What of it had been taken
 * before adds to `again`. area = all overlaps - again + beyond follows from none of the overlays alone: what
 * is taken and what is left are found apart, so that a wrong one shows.
 */
ZF_MUST_USE zf_status zf_division_take(zf_geos *geos, zf_division *division, const zf_geom *zone,
                                       double *out_overlap, zf_error *error);
/** Gives back what it holds, and says what is left if error is not NULL. */
ZF_MUST_USE zf_status zf_division_end(zf_geos *geos, zf_division *division, zf_error *error);
/** true when the interiors have a point in common (DE-9IM T********); unprepared, for the few pairs at a
 * border. */
ZF_MUST_USE zf_status zf_geom_interiors_meet(zf_geos *geos, const zf_geom *a, const zf_geom *b, bool *out,
                                             zf_error *error);

/* ---- the footprints of one ZIP, in metres (footprints.c) ---- */

/** Footprints in the plane of a frame (east, north), packed; holes and parts are rings like others. */
typedef struct zf_footprints {
    size_t n;             /**< so far */
    double *xy_m;         /**< two per point */
    uint32_t *ring_start; /**< first point of each ring, and after the last */
    uint32_t *first_ring; /**< of each footprint, and after the last */
    double *crs_xy;       /**< the points as they were, in the CRS; NULL unless kept */
    bool *is_shell;       /**< of each ring; a polygon's holes follow its shell */
    zf_envelope *boxes;   /**< one per footprint */
    size_t cap, cap_rings, cap_points;
} zf_footprints;

/** Bytes of n footprints with so many rings and points, closing points included. */
size_t zf_footprints_bytes(size_t n, size_t n_rings, size_t n_points);
/** Room for them in the arena. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_footprints_create(zf_arena *arena, size_t n, size_t n_rings, size_t n_points,
                                           zf_footprints *out, zf_error *error);
/** Keeps the points in the CRS, too: 16 bytes each. Before the first footprint. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_footprints_keep_crs(zf_footprints *footprints, zf_arena *arena, zf_error *error);
/** The next footprint, POLYGONAL and finite. ZF_E_INPUT as zf_metric_to_frame; ZF_E_INTERNAL when there is no
 * room for it. */
ZF_MUST_USE zf_status zf_footprints_add(zf_footprints *footprints, zf_metric *metric, const zf_frame *frame,
                                        const zf_wkb *wkb, zf_error *error);
/**
 * Distance of two footprints as areas: 0 where they share a point, one within the other included. The same
 * for (a, b) and (b, a). In the plane of the frame: on the ellipsoid, lengths s at a distance d from the
 * ZIP's centre are short by at most s d^2 / (2 R^2), 0.1 mm of 100 m at 10 km.
 * @param limit_m  where the distance is more, anything above the limit may be answered.
 * Cost: edges of the one times edges of the other, most of them by boxes. Of valid footprints.
 */
double zf_footprints_distance_m(const zf_footprints *footprints, size_t a, size_t b, double limit_m);
/**
 * Length of the walls that two footprints share: of each edge of the one, what lies at most tolerance_m
 * beside an edge of the other, measured along it. Crossing and meeting at a corner add up to the tolerance's
 * size. The same for (a, b) and (b, a). Cost as of the distance.
 */
double zf_footprints_shared_wall_m(const zf_footprints *footprints, size_t a, size_t b, double tolerance_m);
/** Corners of the convex hull of n points, anticlockwise from the lowest x (of equal ones the lowest y).
 * Sorts xy; out_xy has room for n + 1 points. Returns how many; below 3 there is no area. Source: Andrew's
 * monotone chain (1979). Cost: O(n log n). (hull.c) */
size_t zf_hull(double *xy, size_t n, double *out_xy);
/** Area in the plane of the frame. */
double zf_footprints_area_m2(const zf_footprints *footprints, size_t footprint);
/** Area that two footprints have in common, by GEOS. ZF_E_INPUT when GEOS cannot say, for footprints that are
 * not valid. (footprints_overlap.c) */
ZF_MUST_USE zf_status zf_footprints_common_area_m2(const zf_footprints *footprints, size_t a, size_t b,
                                                   zf_geos *geos, double *out_m2, zf_error *error);

#endif
