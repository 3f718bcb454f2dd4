/* SPDX-License-Identifier: MIT */
/** Measures of footprints and ZIPs, and the frame of a ZIP in metres (metric.c, measure.c, geodesic*.c,
 * shape.c, outline.c, hull.c, rectangle.c, circle.c, margin.c). */
#ifndef ZF_GEOMETRY_METRIC_H
#define ZF_GEOMETRY_METRIC_H

#include "geometry/crs.h"

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
    ZF_MEASURE_SHARE, /**< of its area in its ZIP; 1 here, the assignment sets it */
    ZF_MEASURE_KINDS
} zf_measure;

const char *zf_measure_name(zf_measure measure);   /**< "area_m2", ... */
zf_field_type zf_measure_type(zf_measure measure); /**< INTEGER for n_..., else REAL */
/** The measure of this name (ASCII case-insensitive); ZF_MEASURE_KINDS for none. */
zf_measure zf_measure_by_name(const char *name);

/** How areas and lengths are measured in one CRS; one per thread. */
typedef struct zf_metric zf_metric;
/**
 * @param crs          borrowed for the call.
 * @param is_geodesic  on the ellipsoid, else in the plane. true with the undefined plane is
 * ZF_E_USAGE, false with a geographic CRS too.
 */
ZF_MUST_USE zf_status zf_metric_create(const zf_crs *crs, bool is_geodesic, zf_metric **out, zf_error *error);
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

/** A local metric frame: an origin and unit vectors. Made by zf_metric_frame, passed by value. */
typedef struct zf_frame {
    bool is_geodesic;
    double origin_x, origin_y; /**< planar: origin; unit: metres per CRS unit */
    double unit;
    double center_m[3]; /**< geodesic: origin in geocentric metres */
    double east[3], north[3], up[3];
    double polar_stretch; /**< 1 / (1 - e^2): turns a place near the surface into the direction of up there */
} zf_frame;
/** Frame centred on an envelope's centre; if it is wider than 180 degrees of longitude, which a ZIP across
 * the antimeridian is, on the opposite meridian. ZF_E_USAGE for an empty envelope, ZF_E_INPUT when the centre
 * is not on the ellipsoid. */
ZF_MUST_USE zf_status zf_metric_frame(zf_metric *metric, const zf_envelope *envelope, zf_frame *out,
                                      zf_error *error);
/**
 * Whether places of the envelope, or up to margin_m beyond it, are farther than some 10 km from the centre of
 * a geodesic frame, so that its plane shortens lengths by more than a millionth.
 */
bool zf_frame_is_large(const zf_frame *frame, zf_metric *metric, const zf_envelope *envelope,
                       double margin_m);
/**
 * Points of the CRS into the frame's metres: out_xyz_m is n x 3, row-major: east, north, up (up is 0 when
 * planar). Straight-line distance between two such points is the planar distance, or the chord of the
 * geodesic of length s, short by s^3 / (24 R^2): 1 mm at 10 km. The distance in (east, north) alone is never
 * longer, so it bounds searches from below. ZF_E_INPUT when a point cannot be brought to the ellipsoid;
 * out_xyz_m is then unspecified.
 */
ZF_MUST_USE zf_status zf_metric_to_frame(zf_metric *metric, const zf_frame *frame, const double *xy, size_t n,
                                         double *out_xyz_m, zf_error *error);

/* ---- distortion (areal_scale.c) ---- */

/** The range of the areal scale: area in the plane of the CRS divided by area on the ellipsoid. */
typedef struct zf_areal_scale {
    double least, most;
} zf_areal_scale;
/**
 * The areal scale of a projected CRS at places of some areas: nine of each, or the centre if there are many,
 * and of hundreds only some. {1, 1} for a geographic CRS, the undefined plane, and where no place is on the
 * ellipsoid.
 * @param areas  n envelopes in the CRS; empty ones are left out.
 * @return ZF_OK; the failures of zf_metric_create, with *out {1, 1}. Cost: some milliseconds at most.
 */
ZF_MUST_USE zf_status zf_crs_areal_scale(const zf_crs *crs, const zf_envelope *areas, size_t n,
                                         zf_areal_scale *out, zf_error *error);
enum { ZF_AREAL_SCALE_BYTES = 64 };
/** Describes the larger deviation: "up to 74 % too large (areal scale 1.742)". Returns whether areas are off
 * by more than 1 %. */
bool zf_areal_scale_describe(const zf_areal_scale *scale, char out[ZF_AREAL_SCALE_BYTES]);

/* ---- metres as units of the CRS (margin.c) ---- */

/** A margin larger than any extent. */
#define ZF_MARGIN_EVERYWHERE 1e300

/** The envelope widened on each side, rounded outwards. */
zf_envelope zf_envelope_widened(const zf_envelope *envelope, double by_x, double by_y);
/**
 * The largest difference in x and in y, in units of the CRS, of two places that are up to radius_m apart, one
 * of them in the envelope. Exact in the plane except for rounding; on the ellipsoid 25 % more than the
 * largest ratio at 25 places of the envelope and its margin. ZF_MARGIN_EVERYWHERE if it is not known: near a
 * pole, or beyond the frame's horizon.
 */
void zf_metric_margin(zf_metric *metric, const zf_envelope *envelope, double radius_m, double *out_x,
                      double *out_y);
/** x of the antimeridian; INFINITY if x is no longitude. (metric.c) */
double zf_metric_half_turn(const zf_metric *metric);

#endif
