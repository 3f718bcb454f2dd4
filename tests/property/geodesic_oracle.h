/* SPDX-License-Identifier: MIT */
/** Areas and lengths of rings of geodesics by the geodesic equation itself, solved edge by edge by shooting
 * in long double. */
#ifndef GEODESIC_ORACLE_H
#define GEODESIC_ORACLE_H

#include <math.h>
#include <stddef.h>

static const double semi_major_m = 6378137;
static const double flattening = 1 / 298.257222101; /* GRS 80, as EPSG:4269 */

enum { LON, LAT, LON_SPEED, LAT_SPEED, ORDINATE, AREA, LENGTH, N_STATE, N_STEPS = 8, N_SHOTS = 8 };

/* Derivatives by a parameter that is 0 at the edge's start and 1 at its end. LON and LAT count from the
 * ring's first vertex, whose latitude is lat0; ORDINATE is the area per radian of longitude between that
 * latitude and LAT. */
static inline void derive(long double lat0, const long double *u, long double *du) {
    const long double f = (long double)flattening, e2 = f * (2 - f);
    long double s = sinl(lat0 + u[LAT]), c = cosl(lat0 + u[LAT]), w2 = 1 - e2 * s * s;
    long double n = (long double)semi_major_m / sqrtl(w2), m = n * (1 - e2) / w2, r = n * c;
    long double dr = -m * s, dm = 3 * m * e2 * s * c / w2; /* by latitude */
    long double v = u[LON_SPEED], w = u[LAT_SPEED];
    du[LON] = v;
    du[LAT] = w;
    du[LON_SPEED] = -2 * dr / r * v * w;
    du[LAT_SPEED] = -dm / m * w * w + r * dr / (m * m) * v * v;
    du[ORDINATE] = m * r * w;
    du[AREA] = u[ORDINATE] * v;
    du[LENGTH] = sqrtl(m * m * w * w + r * r * v * v);
}

/* Runge-Kutta of order 4. */
static inline void shoot(long double lat0, long double *u) {
    const long double h = 1.0L / N_STEPS;
    long double at[N_STATE], k[4][N_STATE];
    for (int step = 0; step < N_STEPS; step++) {
        derive(lat0, u, k[0]);
        for (int stage = 1; stage < 4; stage++) {
            for (int i = 0; i < N_STATE; i++)
                at[i] = u[i] + (stage == 3 ? h : h / 2) * k[stage - 1][i];
            derive(lat0, at, k[stage]);
        }
        for (int i = 0; i < N_STATE; i++)
            u[i] += h / 6 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
    }
}

/* Corrects the starting direction until the geodesic ends where the edge ends. */
static inline void follow_edge(long double lat0, const long double *from, const long double *to,
                               long double *u) {
    long double v = to[LON] - from[LON], w = to[LAT] - from[LAT], ordinate = u[ORDINATE], length = u[LENGTH],
                area = u[AREA];
    for (int shot = 0; shot < N_SHOTS; shot++) {
        u[LON] = from[LON], u[LAT] = from[LAT], u[LON_SPEED] = v, u[LAT_SPEED] = w;
        u[ORDINATE] = ordinate, u[AREA] = area, u[LENGTH] = length;
        shoot(lat0, u);
        v += to[LON] - u[LON];
        w += to[LAT] - u[LAT];
    }
}

static inline double true_area(const double *xy, size_t n, double *out_length) {
    const long double radians = 3.14159265358979323846264338327950288L / 180;
    long double lat0 = (long double)xy[1] * radians, u[N_STATE] = {0};
    for (size_t i = 0; i < n; i++) {
        long double ends[2][2];
        for (size_t k = 0; k < 2; k++)
            for (size_t axis = 0; axis < 2; axis++)
                ends[k][axis] = ((long double)xy[2 * ((i + k) % n) + axis] - (long double)xy[axis]) * radians;
        follow_edge(lat0, ends[0], ends[1], u);
    }
    *out_length = (double)u[LENGTH];
    return (double)fabsl(u[AREA]);
}

#endif
