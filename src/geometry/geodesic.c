/* SPDX-License-Identifier: MIT */
#include "geometry/metric_internal.h"

#include <math.h>
#include <pthread.h>

/*
 * Small rings. On a surface of revolution with meridian arc s, parallel radius r(s) and longitude l, the area
 * under a curve is the integral of eta dl, where d eta = r ds. A polygon straight in (l, eta) has its area by
 * the shoelace. A geodesic is not straight there: it satisfies s'' = 2 (r'/r) s'^2 + r r' with r' =
 * -sin(phi), hence eta'' = r' (3 s'^2 + r^2), and the area between it and its chord is -eta'' dl^3 / 12 =
 * sin(phi) (3 ds^2 + r^2 dl^2) dl / 12, all at the edge's middle. What that leaves out is below a quarter of
 * bulge * (length / r)^2 (measured: below a tenth), which is_settled() holds against the area.
 */

static const double radians_per_degree = 0.017453292519943295;

/* How far from its first vertex a small ring may reach, in semi-major axes (1.3 km), and how far north or
 * south it may lie. */
static const double small_reach = 2e-4;
static const double small_latitude_deg = 85;
/* What the bulges may be wrong by: this part of the area, or less than the noise of geod_polygonarea (some
 * 1e-5 m2). */
static const double small_tolerance = 2e-10;
static const double small_tolerance_m2 = 1e-6;

/* Taylor coefficients about latitude phi0, per radian^k, factorials included. */
typedef struct local_series {
    double sin0, cos0;
    double m[3];         /* meridian's radius of curvature */
    double r[3];         /* radius of the parallel */
    double eta[3];       /* area per radian of longitude: eta = d (eta[0] + d (eta[1] + d eta[2])) */
    double curvature;    /* Gauss's, at phi0 */
    double convergence2; /* (sin(phi0) / r)^2 */
} local_series;

/* Sums over a small ring's edges. */
typedef struct small_sums {
    double shoelace; /* twice the area within the chords */
    double bulge;
    double doubt; /* |bulge| * length^2 */
    double perimeter;
} small_sums;

static struct geod_geodesic first_geodesic;
static pthread_once_t first_geodesic_once = PTHREAD_ONCE_INIT;

/* The first geod_init of a process fills PROJ's own constants, unguarded. */
static void init_first_geodesic(void) {
    geod_init(&first_geodesic, 6378137, 1 / 298.257223563);
}

void zf_ellipsoid_init(zf_ellipsoid *ellipsoid, double semi_major_m, double inverse_flattening) {
    double f = inverse_flattening > 0 ? 1 / inverse_flattening : 0;
    ellipsoid->a_m = semi_major_m;
    ellipsoid->e2 = f * (2 - f);
    pthread_once(&first_geodesic_once, init_first_geodesic);
    geod_init(&ellipsoid->geodesic, semi_major_m, f);
}

zf_ring_size zf_geodesic_ring_exact(const zf_ellipsoid *ellipsoid, const double *lon_lat_deg, size_t n) {
    struct geod_polygon polygon;
    zf_ring_size size;
    geod_polygon_init(&polygon, 0);
    for (size_t i = 0; i < n; i++)
        geod_polygon_addpoint(&ellipsoid->geodesic, &polygon, lon_lat_deg[2 * i + 1], lon_lat_deg[2 * i]);
    geod_polygon_compute(&ellipsoid->geodesic, &polygon, 0, 1, &size.area_m2, &size.perimeter_m);
    size.area_m2 = fabs(size.area_m2);
    return size;
}

static local_series series_at(const zf_ellipsoid *ellipsoid, double phi) {
    local_series s = {.sin0 = sin(phi), .cos0 = cos(phi)};
    double w2 = 1 - ellipsoid->e2 * s.sin0 * s.sin0;
    double n = ellipsoid->a_m / sqrt(w2);
    double q = ellipsoid->e2 * s.sin0 * s.cos0 / w2;
    double m = n * (1 - ellipsoid->e2) / w2;
    double m1 = 3 * m * q;
    double m2 = m * (3 * ellipsoid->e2 * (s.cos0 * s.cos0 - s.sin0 * s.sin0) / w2 + 15 * q * q);
    double r = n * s.cos0;
    double r1 = -m * s.sin0;
    double r2 = -m * s.cos0 - m1 * s.sin0;
    s.m[0] = m, s.m[1] = m1, s.m[2] = m2 / 2;
    s.r[0] = r, s.r[1] = r1, s.r[2] = r2 / 2;
    s.eta[0] = m * r;
    s.eta[1] = (m1 * r + m * r1) / 2;
    s.eta[2] = (m2 * r + 2 * m1 * r1 + m * r2) / 6;
    s.curvature = 1 / (m * n);
    s.convergence2 = s.sin0 * s.sin0 / (r * r);
    return s;
}

/* An edge from longitude l to l + dl and latitude d to d + dd, from the ring's first vertex, radians. */
static void add_edge(const local_series *s, double d, double dl, double dd, small_sums *sums) {
    double middle = d + dd / 2;
    double x = (s->r[0] + middle * (s->r[1] + middle * s->r[2])) * dl;
    double y = (s->m[0] + middle * (s->m[1] + middle * s->m[2])) * dd;
    double x2 = x * x, y2 = y * y;
    double bulge = (s->sin0 + middle * s->cos0) * (3 * y2 + x2) * dl / 12;
    sums->bulge += bulge;
    sums->doubt += fabs(bulge) * (x2 + y2);
    double length = sqrt(x2 + y2);
    if (length > 0) /* the second term is what a chord in (x, y) is too long, by the same expansion */
        sums->perimeter +=
            length - x2 * (s->curvature * y2 + s->convergence2 * (3 * y2 + x2)) / (24 * length);
}

/* false as soon as a vertex lies too far from the first. */
static bool sum_small(const local_series *s, double max_dl, const double *p, size_t n, small_sums *sums) {
    double l = 0, d = 0, eta = 0;
    *sums = (small_sums){0};
    for (size_t i = 1; i < n; i++) {
        double next_l = (p[2 * i] - p[0]) * radians_per_degree;
        double next_d = (p[2 * i + 1] - p[1]) * radians_per_degree;
        if (!(fabs(next_l) <= max_dl && fabs(next_d) <= small_reach))
            return false;
        double next_eta = next_d * (s->eta[0] + next_d * (s->eta[1] + next_d * s->eta[2]));
        sums->shoelace += l * next_eta - next_l * eta;
        add_edge(s, d, next_l - l, next_d - d, sums);
        l = next_l, d = next_d, eta = next_eta;
    }
    add_edge(s, d, -l, -d, sums);
    return true;
}

static bool is_settled(const local_series *s, const small_sums *sums, double area) {
    return sums->doubt / (4 * s->r[0] * s->r[0]) <= fmax(small_tolerance * area, small_tolerance_m2);
}

zf_ring_size zf_geodesic_ring(const zf_ellipsoid *ellipsoid, const double *lon_lat_deg, size_t n) {
    if (n == 0)
        return (zf_ring_size){0};
    if (fabs(lon_lat_deg[1]) > small_latitude_deg)
        return zf_geodesic_ring_exact(ellipsoid, lon_lat_deg, n);
    local_series series = series_at(ellipsoid, lon_lat_deg[1] * radians_per_degree);
    small_sums sums;
    if (!sum_small(&series, small_reach * ellipsoid->a_m / series.r[0], lon_lat_deg, n, &sums))
        return zf_geodesic_ring_exact(ellipsoid, lon_lat_deg, n);
    double area = fabs(sums.shoelace / 2 - sums.bulge);
    if (!is_settled(&series, &sums, area))
        return zf_geodesic_ring_exact(ellipsoid, lon_lat_deg, n);
    return (zf_ring_size){area, sums.perimeter};
}
