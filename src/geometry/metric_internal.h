/* SPDX-License-Identifier: MIT */
/**
 * @file metric_internal.h
 * The members of a metric, and sizes of single rings: shared by metric.c, measure.c and geodesic*.c.
 */
#ifndef ZF_GEOMETRY_METRIC_INTERNAL_H
#define ZF_GEOMETRY_METRIC_INTERNAL_H

#include "geometry/geometry.h"

#include <geodesic.h>

/** Lines of latitude about which areas of small rings are expanded, 1.6 km apart, and how many are kept. */
enum { ZF_AREA_LINES_PER_RADIAN = 4096, ZF_AREA_LINES_KEPT = 512 };

/** Series about one line; see geodesic.c. Per radian^k, factorials included. */
typedef struct zf_area_line {
    int number; /**< latitude times ZF_AREA_LINES_PER_RADIAN */
    double density[4];
    double of_dd[3], of_dl[3];
    double m2, r2; /**< radii of curvature, squared; r2 is 0 until the line is made */
} zf_area_line;

typedef struct zf_ellipsoid {
    double a_m; /**< semi-major axis */
    double e2;  /**< first eccentricity squared */
    struct geod_geodesic geodesic;
    zf_area_line lines[ZF_AREA_LINES_KEPT]; /**< each made when first needed, by number modulo their count */
} zf_ellipsoid;

enum { ZF_LATTICE_LATITUDES = 341 }; /**< every half degree up to 85 degrees, south to north */

/** Taylor series about one latitude, per radian^k; eta is the area per radian of longitude from the equator,
 * m and r are the radii of the meridian's curvature and of the parallel. */
typedef struct zf_lattice_latitude {
    double eta[6];    /**< m2; eta[0] from the equator */
    double along[3];  /**< sin(phi) r^2 / 12 */
    double across[3]; /**< sin(phi) m^2 / 4 */
    double squeeze;   /**< (m / r)^2 */
} zf_lattice_latitude;

typedef struct zf_lattice {
    zf_lattice_latitude latitudes[ZF_LATTICE_LATITUDES];
} zf_lattice;

struct zf_metric {
    bool is_geodesic;
    double unit;                 /**< planar: metres per unit of the CRS */
    double degrees_per_unit;     /**< geodesic over a geographic CRS */
    zf_transform *to_geographic; /**< geodesic over a projected CRS, else NULL; owned */
    zf_ellipsoid ellipsoid;      /**< geodesic only */
    zf_lattice lattice;          /**< geodesic only */
};

/** Size of one ring. */
typedef struct zf_ring_size {
    double area_m2; /**< >= 0, whatever the ring's order */
    double perimeter_m;
} zf_ring_size;

/** Lengths about one latitude phi0; Taylor coefficients per radian^k, factorials included. */
typedef struct zf_length_series {
    double m[3];         /**< meridian's radius of curvature */
    double r[3];         /**< radius of the parallel */
    double curvature;    /**< Gauss's, at phi0 */
    double convergence2; /**< (sin(phi0) / r)^2 */
} zf_length_series;

/** @param phi  radians, not at a pole. */
zf_length_series zf_length_series_at(const zf_ellipsoid *ellipsoid, double phi);

/** Fills the ellipsoid. Safe from several threads at once, unlike geod_init alone. */
void zf_ellipsoid_init(zf_ellipsoid *ellipsoid, double semi_major_m, double inverse_flattening);

/**
 * Size of a small ring of geodesics by series, see zf_metric_measure.
 * @param lon_lat_deg  finite.
 * @param n            vertices without a closing point; 1 or more.
 * @param box          the ring's envelope.
 * @return false, with *out unspecified, where the ring is not small: ask zf_geodesic_ring_exact. The area
 * does not depend on wants_perimeter; without, perimeter_m is left as it is.
 */
bool zf_geodesic_small_ring(zf_ellipsoid *ellipsoid, const zf_ring *lon_lat_deg, size_t n,
                            const zf_envelope *box, bool wants_perimeter, zf_ring_size *out);
/**
 * Size of a ring of geodesics by PROJ's geod_polygon functions, for rings of any size.
 * @param lon_lat_deg  2 * n, finite, |latitude| <= 90; closed or not.
 */
zf_ring_size zf_geodesic_ring_exact(const zf_ellipsoid *ellipsoid, const double *lon_lat_deg, size_t n);

/** Cost: some 0.1 ms. */
void zf_lattice_init(const zf_ellipsoid *ellipsoid, zf_lattice *lattice);
/**
 * Area of a ring of geodesics of any size, by series edge by edge; edges longer than a thousandth of their
 * parallel's radius by geod_geninverse; rings that reach beyond 85 degrees of latitude, have an edge half
 * round the Earth (as across the antimeridian), or whose series may err by more than 1e-11 of the area, by
 * zf_geodesic_ring_exact. Pure. Cost: some 10 ns a vertex.
 * @param lon_lat_deg  2 * n, finite, |latitude| <= 90; closed or not.
 * @return m2, >= 0, whatever the ring's order.
 */
double zf_geodesic_area_large(const zf_ellipsoid *ellipsoid, const zf_lattice *lattice,
                              const double *lon_lat_deg, size_t n);

/**
 * Points of the metric's CRS into degrees of longitude and latitude, in place. Only for a geodesic metric.
 * @return ZF_E_INPUT when a point is not finite, not on the ellipsoid, or cannot be transformed; xy is then
 * unspecified.
 */
ZF_MUST_USE zf_status zf_metric_to_degrees(zf_metric *metric, double *xy, size_t n, zf_error *error);

#endif
