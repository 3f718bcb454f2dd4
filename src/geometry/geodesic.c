/* SPDX-License-Identifier: MIT */
#include "geometry/metric_internal.h"

#include <math.h>
#include <pthread.h>

/*
 * Small rings. On a surface of revolution with meridian arc s, parallel radius r(s) and longitude l, the area
 * under a curve is the integral of eta dl, where d eta = r ds. Under an edge straight in (l, eta) it is that
 * of a trapezoid. A geodesic is not straight there: it satisfies s'' = 2 (r'/r) s'^2 + r r' with r' =
 * -sin(phi), hence eta'' = r' (3 s'^2 + r^2), and the area between it and its chord, its bulge, is -eta''
 * dl^3 / 12 = sin(phi) (3 ds^2 + r^2 dl^2) dl / 12, all at the edge's middle. What that leaves out is below a
 * quarter of bulge * (length / r)^2 (measured: below a tenth), which is_settled() holds against the area.
 *
 * Seen from the middle latitude, the trapezoid's mean height is eta + eta'' dphi^2 / 8. So the area under an
 * edge is dl (eta + of_dd dphi^2 + of_dl dl^2), each factor a short series in the middle latitude, and the
 * ring's area a few sums over its edges, which know nothing of the ellipsoid, times the series' coefficients.
 *
 * With w = 1 / (1 - e^2 sin^2(phi)), the radii are m = a (1 - e^2) w^(3/2) along the meridian and r = a
 * cos(phi) w^(1/2). The coefficients need only m r, m^2 and r^2: no root.
 */

static const double radians_per_degree = 0.017453292519943295;

/* How far a small ring may reach east and north, in semi-major axes (1.3 km), and how far north or south it
 * may begin. */
static const double small_reach = 2e-4;
static const double small_latitude_deg = 85;
/* What the bulges may be wrong by: this part of the area, or less than the noise of geod_polygonarea (some
 * 1e-5 m2). */
static const double small_tolerance = 2e-10;
static const double small_tolerance_m2 = 1e-6;

/* Taylor coefficients about the first vertex's latitude phi0, per radian^k, factorials included. */
typedef struct area_series {
    double sin0, cos0, w_inverse;
    double eta[3];   /* area per radian of longitude: eta = d (eta[0] + d (eta[1] + d eta[2])) */
    double of_dd[2]; /* sin(phi) m^2 / 4 */
    double of_dl[2]; /* sin(phi) r^2 / 12: bulge = dl (of_dd dd^2 + of_dl dl^2) */
    double m2, r2;   /* radii squared, at phi0 */
} area_series;

typedef struct length_series {
    double m[3];         /* meridian's radius of curvature */
    double r[3];         /* radius of the parallel */
    double curvature;    /* Gauss's, at phi0 */
    double convergence2; /* (sin(phi0) / r)^2 */
} length_series;

/* Sums over a small ring's edges: longitude l to l + dl, latitude d to d + dd, d and its middle counted from
 * the first vertex; degrees. */
typedef struct area_sums {
    double dl_d, dl_d2, dl_d3; /* dl times powers of the middle latitude */
    double dl_dd2, dl_dl2;     /* dl dd^2, dl dl^2 */
    double dl_dd2_d, dl_dl2_d; /* the same times the middle latitude */
} area_sums;

/* Sine and cosine of multiples of 1 / SINES_PER_RADIAN, up to small_latitude_deg. */
enum { SINES_PER_RADIAN = 64, N_SINES = 97 };
static double sines[N_SINES][2];

static struct geod_geodesic first_geodesic;
static pthread_once_t constants_once = PTHREAD_ONCE_INIT;

static void init_constants(void) {
    /* The first geod_init of a process fills PROJ's own constants, unguarded. */
    geod_init(&first_geodesic, 6378137, 1 / 298.257223563);
    for (int i = 0; i < N_SINES; i++) {
        sines[i][0] = sin((double)i / SINES_PER_RADIAN);
        sines[i][1] = cos((double)i / SINES_PER_RADIAN);
    }
}

void zf_ellipsoid_init(zf_ellipsoid *ellipsoid, double semi_major_m, double inverse_flattening) {
    double f = inverse_flattening > 0 ? 1 / inverse_flattening : 0;
    ellipsoid->a_m = semi_major_m;
    ellipsoid->e2 = f * (2 - f);
    pthread_once(&constants_once, init_constants);
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

/* ---- area of a small ring ---- */

/* By the theorem of sums from the nearest entry of the table; the series leave out less than 1e-18. Half the
 * time of the library's pair. */
static void take_sines(double phi, double *out_sin, double *out_cos) {
    double size = fabs(phi);
    int i = (int)(size * SINES_PER_RADIAN + 0.5);
    double s = sines[i][0], c = sines[i][1];
    double t = size - (double)i / SINES_PER_RADIAN, t2 = t * t;
    double sin_t = t - t * t2 * (1.0 / 6 - t2 * (1.0 / 120));
    double versine_t = t2 * (1.0 / 2 - t2 * (1.0 / 24 - t2 * (1.0 / 720)));
    *out_sin = copysign(s + (c * sin_t - s * versine_t), phi);
    *out_cos = c - (s * sin_t + c * versine_t);
}

static inline area_series area_series_at(const zf_ellipsoid *ellipsoid, double phi) {
    area_series a;
    take_sines(phi, &a.sin0, &a.cos0);
    double s = a.sin0, c = a.cos0, c2 = c * c, a2 = ellipsoid->a_m * ellipsoid->a_m;
    double e2 = ellipsoid->e2, w = 1 / (1 - e2 * s * s), q = e2 * s * w; /* w' = 2 q c w */
    double scale = a2 * (1 - e2) * w * w;
    a.eta[0] = scale * c;
    a.eta[1] = scale * (4 * q * c2 - s) * (1.0 / 2);
    a.eta[2] = scale * c * (4 * e2 * w * (c2 - 3 * s * s) + 24 * q * q * c2 - 1) * (1.0 / 6);
    a.m2 = scale * (1 - e2) * w;
    a.r2 = a2 * c2 * w;
    a.of_dd[0] = a.m2 * s * (1.0 / 4);
    a.of_dd[1] = a.m2 * c * (1 + 6 * q * s) * (1.0 / 4);
    a.of_dl[0] = a.r2 * s * (1.0 / 12);
    a.of_dl[1] = a2 * c * w * (c2 - 2 * s * s + 2 * q * s * c2) * (1.0 / 12);
    a.w_inverse = w;
    return a;
}

static inline void add_edge(area_sums *sums, double d, double dl, double dd) {
    double middle = d + dd * 0.5, first = dl * middle, second = first * middle, dl2 = dl * dl, dd2 = dd * dd;
    sums->dl_d += first;
    sums->dl_d2 += second;
    sums->dl_d3 += second * middle;
    sums->dl_dd2 += dl * dd2;
    sums->dl_dl2 += dl * dl2;
    sums->dl_dd2_d += first * dd2;
    sums->dl_dl2_d += first * dl2;
}

static inline area_sums sum_edges(const zf_ring *ring, size_t n) {
    area_sums sums = {0};
    double l0, d0, l, d = 0;
    zf_ring_point(ring, 0, &l0, &d0);
    l = l0;
    for (uint32_t i = 1; i < n; i++) {
        double next_l, next_d;
        zf_ring_point(ring, i, &next_l, &next_d);
        next_d -= d0;
        add_edge(&sums, d, next_l - l, next_d - d);
        l = next_l, d = next_d;
    }
    add_edge(&sums, d, l0 - l, -d);
    return sums;
}

static inline double area_of(const area_series *a, const area_sums *sums) {
    const double radian = radians_per_degree;
    double second = a->eta[1] * sums->dl_d2 + (a->of_dd[0] + a->eta[1] * (1.0 / 4)) * sums->dl_dd2 +
                    a->of_dl[0] * sums->dl_dl2;
    double third = a->eta[2] * sums->dl_d3 + (a->of_dd[1] + a->eta[2] * (3.0 / 4)) * sums->dl_dd2_d +
                   a->of_dl[1] * sums->dl_dl2_d;
    return fabs(a->eta[0] * sums->dl_d + radian * (second + radian * third)) * (radian * radian);
}

/* Of an edge of longitude dl and latitude d to d + dd, radians. */
static inline double bulge_of(const area_series *a, double d, double dl, double dd) {
    double middle = d + dd / 2;
    return dl * ((a->of_dd[0] + middle * a->of_dd[1]) * (dd * dd) +
                 (a->of_dl[0] + middle * a->of_dl[1]) * (dl * dl));
}

/* Sum of |bulge| * length^2. */
static double sum_doubt(const area_series *a, const zf_ring *ring, size_t n) {
    double l0, d0, l = 0, d = 0, doubt = 0;
    zf_ring_point(ring, 0, &l0, &d0);
    for (uint32_t i = 1; i <= n; i++) {
        double next_l, next_d;
        zf_ring_point(ring, i < n ? i : 0, &next_l, &next_d);
        next_l = (next_l - l0) * radians_per_degree;
        next_d = (next_d - d0) * radians_per_degree;
        double dl = next_l - l, dd = next_d - d;
        doubt += fabs(bulge_of(a, d, dl, dd)) * (a->r2 * dl * dl + a->m2 * dd * dd);
        l = next_l, d = next_d;
    }
    return doubt;
}

/* Are the bulges exact enough? No edge is longer than the ring's box, and no bulge larger than length^3 / 4
 * r: for most buildings that settles it. */
static bool is_settled(const area_series *a, const zf_ring *ring, size_t n, double box_m2, double area) {
    double box_m4 = box_m2 * box_m2, tolerance = 8 * small_tolerance_m2;
    if ((double)n * (double)n * box_m4 * box_m4 * box_m2 < tolerance * tolerance * a->r2 * a->r2 * a->r2)
        return true;
    return sum_doubt(a, ring, n) / (4 * a->r2) <= fmax(small_tolerance * area, small_tolerance_m2);
}

/* ---- perimeter of a small ring ---- */

static length_series length_series_at(const zf_ellipsoid *ellipsoid, const area_series *a) {
    double s = a->sin0, c = a->cos0, e2 = ellipsoid->e2, w = a->w_inverse;
    double n = ellipsoid->a_m * sqrt(w), q = e2 * s * c * w;
    double m = n * (1 - e2) * w, m1 = 3 * m * q, m2 = m * (3 * e2 * (c * c - s * s) * w + 15 * q * q);
    double r = n * c, r1 = -m * s, r2 = -m * c - m1 * s;
    return (length_series){.m = {m, m1, m2 / 2},
                           .r = {r, r1, r2 / 2},
                           .curvature = 1 / (m * n),
                           .convergence2 = s * s / (r * r)};
}

static double length_of(const length_series *s, double d, double dl, double dd) {
    double middle = d + dd / 2;
    double x = (s->r[0] + middle * (s->r[1] + middle * s->r[2])) * dl;
    double y = (s->m[0] + middle * (s->m[1] + middle * s->m[2])) * dd;
    double x2 = x * x, y2 = y * y, length = sqrt(x2 + y2);
    if (length == 0)
        return 0;
    /* the second term is what a chord in (x, y) is too long, by the same expansion as the bulge */
    return length - x2 * (s->curvature * y2 + s->convergence2 * (3 * y2 + x2)) / (24 * length);
}

static double sum_lengths(const length_series *s, const zf_ring *ring, size_t n) {
    double l0, d0, l = 0, d = 0, perimeter = 0;
    zf_ring_point(ring, 0, &l0, &d0);
    for (uint32_t i = 1; i < n; i++) {
        double next_l, next_d;
        zf_ring_point(ring, i, &next_l, &next_d);
        next_l = (next_l - l0) * radians_per_degree;
        next_d = (next_d - d0) * radians_per_degree;
        perimeter += length_of(s, d, next_l - l, next_d - d);
        l = next_l, d = next_d;
    }
    return perimeter + length_of(s, d, -l, -d);
}

bool zf_geodesic_small_ring(const zf_ellipsoid *ellipsoid, const zf_ring *lon_lat_deg, size_t n,
                            const zf_envelope *box, bool wants_perimeter, zf_ring_size *out) {
    double l0, d0;
    zf_ring_point(lon_lat_deg, 0, &l0, &d0);
    double width = (box->max_x - box->min_x) * radians_per_degree,
           height = (box->max_y - box->min_y) * radians_per_degree;
    if (fabs(d0) > small_latitude_deg || !(height <= small_reach))
        return false;
    area_series series = area_series_at(ellipsoid, d0 * radians_per_degree);
    double width_m2 = width * width * series.r2, reach_m = small_reach * ellipsoid->a_m;
    if (!(width_m2 <= reach_m * reach_m))
        return false;
    area_sums sums = sum_edges(lon_lat_deg, n);
    out->area_m2 = area_of(&series, &sums);
    if (!is_settled(&series, lon_lat_deg, n, width_m2 + height * height * series.m2, out->area_m2))
        return false;
    if (wants_perimeter) {
        length_series lengths = length_series_at(ellipsoid, &series);
        out->perimeter_m = sum_lengths(&lengths, lon_lat_deg, n);
    }
    return true;
}
