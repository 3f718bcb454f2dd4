/* SPDX-License-Identifier: MIT */
/*
 * Areas of rings of any size on the ellipsoid, edge by edge.
 *
 * As in geodesic.c an edge is a chord in (longitude l, eta), with d eta = m r d phi, and the area between
 * that chord and the geodesic, sin(phi) (3 ds^2 + r^2 dl^2) dl / 12. The area below a chord is (eta1 + eta2)
 * / 2 dl. Eta and the bulge's factors come from Taylor series about latitudes half a degree apart, at most
 * 0.0044 radians away: what they leave out is 1e-17 of eta, and 3e-8 of the bulge. The bulge itself is wrong
 * by less than a quarter of (length / r)^2 of it, 3e-7 where an edge is at its longest. The area below longer
 * edges comes from geod_geninverse, which counts it from the equator as eta does.
 */
#include "geometry/metric_internal.h"

#include <math.h>

static const double radians_per_degree = 0.017453292519943295;
static const double lattice_per_degree = 2;
/* How long an edge may be, in radii of its parallel: 6 km at the equator, 4.7 km in Boston. */
static const double longest_edge = 1e-3;
/* What all bulges of a ring may be wrong by together: this part of the area, or less than a sheet of paper.
 */
static const double large_tolerance = 1e-11;
static const double large_tolerance_m2 = 1e-5;

/* ---- series ---- */

enum { N_TERMS = 5 };

/* Truncated power series in the distance from a lattice latitude. */
typedef struct series {
    double c[N_TERMS];
} series;

/** Product of two series. */
static series times(const series *a, const series *b) {
    series p = {{0}};
    for (int i = 0; i < N_TERMS; i++)
        for (int k = 0; k <= i; k++)
            p.c[i] += a->c[k] * b->c[i - k];
    return p;
}

/* a^power by Miller's recurrence; a->c[0] > 0. */
static series to_power(const series *a, double power) {
    series p = {{pow(a->c[0], power)}};
    for (int i = 1; i < N_TERMS; i++) {
        for (int k = 1; k <= i; k++)
            p.c[i] += (k * power - (i - k)) * a->c[k] * p.c[i - k];
        p.c[i] /= i * a->c[0];
    }
    return p;
}

/* sin(phi + d), where next is its derivative's value at d = 0. */
static series sine(double value, double next) {
    return (series){{value, next, -value / 2, -next / 6, value / 24}};
}

/* Eta at sin(phi), from the equator, in units of a^2 (1 - e^2). */
static double eta_from_equator(double e2, double s) {
    double e = sqrt(e2), arc = e > 0 ? atanh(e * s) / e : s;
    return (s / (1 - e2 * s * s) + arc) / 2;
}

/** Fills the series of one latitude of the lattice. */
static void fill_latitude(const zf_ellipsoid *ellipsoid, double phi, zf_lattice_latitude *out) {
    double e2 = ellipsoid->e2, a = ellipsoid->a_m, a2 = a * a;
    series s = sine(sin(phi), cos(phi)), c = sine(cos(phi), -sin(phi));
    series s2 = times(&s, &s), w2;
    for (int i = 0; i < N_TERMS; i++)
        w2.c[i] = (i == 0) - e2 * s2.c[i];
    /* r = a c / w, m = a (1 - e2) / w^3, d eta = m r */
    series inverse = to_power(&w2, -0.5), m = to_power(&w2, -1.5), r = times(&c, &inverse);
    series slope = times(&m, &r), mm = times(&m, &m), rr = times(&r, &r);
    series along = times(&s, &rr), across = times(&s, &mm);
    double b = 1 - e2;
    out->eta[0] = a2 * b * eta_from_equator(e2, s.c[0]);
    for (int i = 0; i < N_TERMS; i++)
        out->eta[i + 1] = a2 * b * slope.c[i] / (i + 1);
    for (int i = 0; i < 3; i++) {
        out->along[i] = a2 * along.c[i] / 12;
        out->across[i] = a2 * b * b * across.c[i] / 4;
    }
    out->squeeze = b * b * mm.c[0] / rr.c[0];
}

void zf_lattice_init(const zf_ellipsoid *ellipsoid, zf_lattice *lattice) {
    for (int i = 0; i < ZF_LATTICE_LATITUDES; i++) {
        double degrees = (i - ZF_LATTICE_LATITUDES / 2) / lattice_per_degree;
        fill_latitude(ellipsoid, degrees * radians_per_degree, &lattice->latitudes[i]);
    }
}

/* ---- rings ---- */

/* A vertex: its longitude and latitude in degrees; the lattice latitude next to it, and what it is from
 * there. */
typedef struct vertex {
    double lon, lat;
    const zf_lattice_latitude *near;
    double d;   /* radians */
    double eta; /* from the ring's base */
} vertex;

typedef struct ring_sums {
    const zf_ellipsoid *ellipsoid;
    const zf_lattice *lattice;
    double base; /* eta of the lattice latitude next to the first vertex */
    double area, doubt;
} ring_sums;

/* Fills the vertex; false if its latitude is beyond the lattice. */
static inline bool place_vertex(const ring_sums *sums, const double *lon_lat_deg, vertex *out) {
    const double middle = ZF_LATTICE_LATITUDES / 2;
    double lat = lon_lat_deg[1], at = lat * lattice_per_degree;
    if (!(fabs(at) <= middle))
        return false;
    int i = (int)(at + middle + 0.5);
    const zf_lattice_latitude *near = &sums->lattice->latitudes[i];
    double d = (lat - (i - middle) / lattice_per_degree) * radians_per_degree;
    double eta = near->eta[4] + d * near->eta[5];
    eta = d * (near->eta[1] + d * (near->eta[2] + d * (near->eta[3] + d * eta)));
    *out = (vertex){lon_lat_deg[0], lat, near, d, near->eta[0] - sums->base + eta};
    return true;
}

/** Area between a long edge and the parallel of the base, by PROJ. */
static double area_below_long_edge(const ring_sums *sums, const vertex *from, const vertex *to, double dl) {
    double below = 0;
    geod_geninverse(&sums->ellipsoid->geodesic, from->lat, from->lon, to->lat, to->lon, NULL, NULL, NULL,
                    NULL, NULL, NULL, &below);
    return below - sums->base * dl;
}

/* Adds an edge to the sums; false if it spans 180 degrees of longitude or more. */
static inline bool add_edge(ring_sums *sums, const vertex *from, const vertex *to) {
    double degrees = to->lon - from->lon;
    double dl = degrees * radians_per_degree, dd = (to->lat - from->lat) * radians_per_degree;
    const zf_lattice_latitude *near = from->near;
    double length2 = dl * dl + near->squeeze * dd * dd;
    if (length2 > longest_edge * longest_edge) {
        sums->area += area_below_long_edge(sums, from, to, dl);
        return fabs(degrees) < 180;
    }
    double middle = from->d + dd / 2;
    double along = near->along[0] + middle * (near->along[1] + middle * near->along[2]);
    double across = near->across[0] + middle * (near->across[1] + middle * near->across[2]);
    double bulge = dl * (along * dl * dl + across * dd * dd);
    sums->area += (from->eta + to->eta) / 2 * dl + bulge;
    sums->doubt += fabs(bulge) * length2;
    return true;
}

/** Adds all edges of a ring; false if an edge cannot be added. */
static bool sum_ring(ring_sums *sums, const double *lon_lat_deg, size_t n) {
    vertex first, from, to;
    if (!place_vertex(sums, lon_lat_deg, &first))
        return false;
    sums->base = first.near->eta[0];
    if (!place_vertex(sums, lon_lat_deg, &first)) /* from the base that is known now */
        return false;
    from = first;
    for (size_t i = 1; i < n; i++, from = to)
        if (!place_vertex(sums, lon_lat_deg + 2 * i, &to) || !add_edge(sums, &from, &to))
            return false;
    return add_edge(sums, &from, &first);
}

double zf_geodesic_area_large(const zf_ellipsoid *ellipsoid, const zf_lattice *lattice,
                              const double *lon_lat_deg, size_t n) {
    ring_sums sums = {.ellipsoid = ellipsoid, .lattice = lattice};
    if (n == 0)
        return 0;
    bool is_summed = sum_ring(&sums, lon_lat_deg, n);
    double area = fabs(sums.area);
    double quarter =
        3 * ellipsoid->a_m *
        ellipsoid->a_m; /* a quarter of the Earth; of larger areas, inside and outside are ambiguous */
    if (is_summed && area < quarter && sums.doubt / 4 <= fmax(large_tolerance * area, large_tolerance_m2))
        return area;
    return zf_geodesic_ring_exact(ellipsoid, lon_lat_deg, n).area_m2;
}
