/* SPDX-License-Identifier: MIT */
#include "geometry/metric_internal.h"
#include "os/thread.h"

#include <math.h>

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

/* Of the series below at one latitude. Taylor coefficients per radian^k, factorials included. */
typedef struct area_series {
    double eta[3];             /* area per radian of longitude: eta = d (eta[0] + d (eta[1] + d eta[2])) */
    double of_dd[2], of_dl[3]; /* the second shrinks towards the poles faster than the first */
    double m2, r2;             /* radii squared, nearby: for limits alone */
} area_series;

/* Sums over a small ring's edges, by dl, dd and the latitude of their middle counted from that of the ring's
 * box; degrees. */
typedef struct area_sums {
    double dl_d, dl_d2, dl_d3; /* dl times powers of the middle latitude */
    double dl_dd2, dl_dl2;     /* dl dd^2, dl dl^2 */
    double dl_dd2_d, dl_dl2_d; /* the same times the middle latitude */
    double dl_dl2_d2;
} area_sums;

static struct geod_geodesic first_geodesic;
static zf_once first_geodesic_once = ZF_ONCE_INIT;

/* The first geod_init of a process initialises constants of PROJ without a lock. */
static void init_first_geodesic(void) {
    geod_init(&first_geodesic, 6378137, 1 / 298.257223563);
}

void zf_ellipsoid_init(zf_ellipsoid *ellipsoid, double semi_major_m, double inverse_flattening) {
    double f = inverse_flattening > 0 ? 1 / inverse_flattening : 0;
    ellipsoid->a_m = semi_major_m;
    ellipsoid->e2 = f * (2 - f);
    zf_once_run(&first_geodesic_once, init_first_geodesic);
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

/* The series of one latitude, in closed form. */
static area_series area_series_exactly(const zf_ellipsoid *ellipsoid, double phi) {
    double s = sin(phi), c = cos(phi), a2 = ellipsoid->a_m * ellipsoid->a_m, e2 = ellipsoid->e2;
    double w = 1 / (1 - e2 * s * s), q = e2 * s * w; /* w' = 2 q c w */
    double scale = a2 * (1 - e2) * w * w, m2 = scale * (1 - e2) * w, r2 = a2 * c * c * w;
    return (area_series){
        .eta = {scale * c, scale * (4 * q * c * c - s) / 2,
                scale * c * (4 * e2 * w * (c * c - 3 * s * s) + 24 * q * q * c * c - 1) / 6},
        .of_dd = {m2 * s / 4, m2 * c * (1 + 6 * q * s) / 4},
        .of_dl = {r2 * s / 12, a2 * c * w * (c * c - 2 * s * s + 2 * q * s * c * c) / 12},
        .m2 = m2,
        .r2 = r2,
    };
}

/* Makes the series of one line. The last term of each needs few digits and is a difference of the neighbours.
 */
static void make_line(const zf_ellipsoid *ellipsoid, int number, zf_area_line *out) {
    const double step = 1e-3, phi = (double)number / ZF_AREA_LINES_PER_RADIAN;
    area_series at = area_series_exactly(ellipsoid, phi);
    area_series north = area_series_exactly(ellipsoid, phi + step),
                south = area_series_exactly(ellipsoid, phi - step);
    *out = (zf_area_line){
        .number = number,
        .density = {at.eta[0], 2 * at.eta[1], 3 * at.eta[2], (north.eta[2] - south.eta[2]) / (2 * step)},
        .of_dd = {at.of_dd[0], at.of_dd[1], (north.of_dd[1] - south.of_dd[1]) / (4 * step)},
        .of_dl = {at.of_dl[0], at.of_dl[1], (north.of_dl[1] - south.of_dl[1]) / (4 * step)},
        .m2 = at.m2,
        .r2 = at.r2,
    };
}

/* From the nearest line of a fixed set, so that it depends on phi alone. Below 85 degrees the lines leave out
 * less than 1e-15 of an area and, in buildings of 100 m, less than that again of the bulges. */
static inline area_series area_series_at(zf_ellipsoid *ellipsoid, double phi) {
    const int above = 2 * ZF_AREA_LINES_PER_RADIAN; /* a cast rounds down only what is positive */
    int number = (int)(phi * ZF_AREA_LINES_PER_RADIAN + (above + 0.5)) - above;
    zf_area_line *line = &ellipsoid->lines[(unsigned)number % ZF_AREA_LINES_KEPT];
    double d = phi - (double)number / ZF_AREA_LINES_PER_RADIAN;
    if (line->number != number || line->r2 == 0)
        make_line(ellipsoid, number, line);
    const double *k = line->density, *dd = line->of_dd, *dl = line->of_dl;
    return (area_series){
        .eta = {k[0] + d * (k[1] + d * (k[2] + d * k[3])), (k[1] + d * (2 * k[2] + d * (3 * k[3]))) * 0.5,
                k[2] * (1.0 / 3) + d * k[3]},
        .of_dd = {dd[0] + d * (dd[1] + d * dd[2]), dd[1] + d * (2 * dd[2])},
        .of_dl = {dl[0] + d * (dl[1] + d * dl[2]), dl[1] + d * (2 * dl[2]), dl[2]},
        .m2 = line->m2,
        .r2 = line->r2,
    };
}

/** Adds an edge that starts at latitude d to the sums. */
static inline void add_edge(area_sums *sums, double d, double dl, double dd) {
    double middle = d + dd * 0.5, first = dl * middle, second = first * middle, dl2 = dl * dl, dd2 = dd * dd;
    sums->dl_d += first;
    sums->dl_d2 += second;
    sums->dl_d3 += second * middle;
    sums->dl_dd2 += dl * dd2;
    sums->dl_dl2 += dl * dl2;
    sums->dl_dd2_d += first * dd2;
    sums->dl_dl2_d += first * dl2;
    sums->dl_dl2_d2 += second * dl2;
}

/** Sums over all edges of a ring, latitudes counted from lat0. */
static inline area_sums sum_edges(const zf_ring *ring, size_t n, double lat0) {
    area_sums sums = {0};
    double first_l, first_d, l, d;
    zf_ring_point(ring, 0, &first_l, &first_d);
    first_d -= lat0;
    l = first_l, d = first_d;
    for (uint32_t i = 1; i < n; i++) {
        double next_l, next_d;
        zf_ring_point(ring, i, &next_l, &next_d);
        next_d -= lat0;
        add_edge(&sums, d, next_l - l, next_d - d);
        l = next_l, d = next_d;
    }
    add_edge(&sums, d, first_l - l, first_d - d);
    return sums;
}

/** Area of a ring from the series of its latitude and the sums of its edges. */
static inline double area_of(const area_series *a, const area_sums *sums) {
    const double radian = radians_per_degree;
    double second = a->eta[1] * sums->dl_d2 + (a->of_dd[0] + a->eta[1] * (1.0 / 4)) * sums->dl_dd2 +
                    a->of_dl[0] * sums->dl_dl2;
    double third = a->eta[2] * sums->dl_d3 + (a->of_dd[1] + a->eta[2] * (3.0 / 4)) * sums->dl_dd2_d +
                   a->of_dl[1] * sums->dl_dl2_d;
    double fourth = a->of_dl[2] * sums->dl_dl2_d2;
    return fabs(a->eta[0] * sums->dl_d + radian * (second + radian * (third + radian * fourth))) *
           (radian * radian);
}

/* Area between the geodesic and the chord of an edge of longitude dl and latitudes d to d + dd, radians. */
static inline double bulge_of(const area_series *a, double d, double dl, double dd) {
    double middle = d + dd / 2;
    return dl * ((a->of_dd[0] + middle * a->of_dd[1]) * (dd * dd) +
                 (a->of_dl[0] + middle * a->of_dl[1]) * (dl * dl));
}

/* The edge from vertex i - 1 to i, in radians, latitudes counted from lat0. */
static inline void edge_of(const zf_ring *ring, size_t n, uint32_t i, double lat0, double *out_d,
                           double *out_dl, double *out_dd) {
    double l, d, next_l, next_d;
    zf_ring_point(ring, i - 1, &l, &d);
    zf_ring_point(ring, i < n ? i : 0, &next_l, &next_d);
    *out_d = (d - lat0) * radians_per_degree;
    *out_dl = (next_l - l) * radians_per_degree;
    *out_dd = (next_d - d) * radians_per_degree;
}

/* Sum of |bulge| * length^2 over all edges: bounds the error of the area. */
static double sum_doubt(const area_series *a, const zf_ring *ring, size_t n, double lat0) {
    double d, dl, dd, doubt = 0;
    for (uint32_t i = 1; i <= n; i++) {
        edge_of(ring, n, i, lat0, &d, &dl, &dd);
        doubt += fabs(bulge_of(a, d, dl, dd)) * (a->r2 * dl * dl + a->m2 * dd * dd);
    }
    return doubt;
}

/* Whether the bulges are accurate enough. No edge is longer than the ring's box, and no bulge larger than
 * length^3 / 4 r, which is sufficient for most buildings. */
static bool is_settled(const area_series *a, const zf_ring *ring, size_t n, double lat0, double box_m2,
                       double area) {
    double box_m4 = box_m2 * box_m2, tolerance = 8 * small_tolerance_m2;
    if ((double)n * (double)n * box_m4 * box_m4 * box_m2 < tolerance * tolerance * a->r2 * a->r2 * a->r2)
        return true;
    return sum_doubt(a, ring, n, lat0) / (4 * a->r2) <= fmax(small_tolerance * area, small_tolerance_m2);
}

/* ---- perimeter of a small ring ---- */

zf_length_series zf_length_series_at(const zf_ellipsoid *ellipsoid, double phi) {
    double s = sin(phi), c = cos(phi), e2 = ellipsoid->e2, w = 1 / (1 - e2 * s * s);
    double n = ellipsoid->a_m * sqrt(w), q = e2 * s * c * w;
    double m = n * (1 - e2) * w, m1 = 3 * m * q, m2 = m * (3 * e2 * (c * c - s * s) * w + 15 * q * q);
    double r = n * c, r1 = -m * s, r2 = -m * c - m1 * s;
    return (zf_length_series){.m = {m, m1, m2 / 2},
                              .r = {r, r1, r2 / 2},
                              .curvature = 1 / (m * n),
                              .convergence2 = s * s / (r * r)};
}

/** Length of the geodesic between two vertices, by series. */
static double length_of(const zf_length_series *s, double d, double dl, double dd) {
    double middle = d + dd / 2;
    double x = (s->r[0] + middle * (s->r[1] + middle * s->r[2])) * dl;
    double y = (s->m[0] + middle * (s->m[1] + middle * s->m[2])) * dd;
    double x2 = x * x, y2 = y * y, length = sqrt(x2 + y2);
    if (length == 0)
        return 0;
    /* the second term is what a chord in (x, y) is too long, by the same expansion as the bulge */
    return length - x2 * (s->curvature * y2 + s->convergence2 * (3 * y2 + x2)) / (24 * length);
}

/** Perimeter of a ring. */
static double sum_lengths(const zf_length_series *s, const zf_ring *ring, size_t n, double lat0) {
    double d, dl, dd, perimeter = 0;
    for (uint32_t i = 1; i <= n; i++) {
        edge_of(ring, n, i, lat0, &d, &dl, &dd);
        perimeter += length_of(s, d, dl, dd);
    }
    return perimeter;
}

bool zf_geodesic_small_ring(zf_ellipsoid *ellipsoid, const zf_ring *lon_lat_deg, size_t n,
                            const zf_envelope *box, bool wants_perimeter, zf_ring_size *out) {
    double width = (box->max_x - box->min_x) * radians_per_degree,
           height = (box->max_y - box->min_y) * radians_per_degree, lat0 = (box->min_y + box->max_y) / 2;
    if (fabs(lat0) > small_latitude_deg || !(height <= small_reach))
        return false;
    area_series series = area_series_at(ellipsoid, lat0 * radians_per_degree);
    double width_m2 = width * width * series.r2, reach_m = small_reach * ellipsoid->a_m;
    if (!(width_m2 <= reach_m * reach_m))
        return false;
    area_sums sums = sum_edges(lon_lat_deg, n, lat0);
    out->area_m2 = area_of(&series, &sums);
    if (!is_settled(&series, lon_lat_deg, n, lat0, width_m2 + height * height * series.m2, out->area_m2))
        return false;
    if (wants_perimeter) {
        zf_length_series lengths = zf_length_series_at(ellipsoid, lat0 * radians_per_degree);
        out->perimeter_m = sum_lengths(&lengths, lon_lat_deg, n, lat0);
    }
    return true;
}
