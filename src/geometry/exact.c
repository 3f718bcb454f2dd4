/* SPDX-License-Identifier: MIT */
#include "geometry/exact.h"

/** An exact sum as non-overlapping doubles of increasing size. The last one has the sign of the sum. */
typedef struct expansion {
    double terms[16];
    int n;
} expansion;

/** Adds x exactly (Shewchuk's GROW-EXPANSION, without zeros). */
static void add(expansion *e, double x) {
    int n = 0;
    double sum = x;
    for (int i = 0; i < e->n; i++) {
        double a = sum, b = e->terms[i];
        sum = a + b;
        double b_part = sum - a, a_part = sum - b_part;
        double rest = (a - a_part) + (b - b_part);
        if (rest != 0)
            e->terms[n++] = rest;
    }
    if (sum != 0)
        e->terms[n++] = sum;
    e->n = n;
}

/** Adds x * y exactly. */
static void add_product(expansion *e, double x, double y) {
    double product = x * y;
    add(e, fma(x, y, -product));
    add(e, product);
}

/** a - b as the sum of two doubles. */
static void subtract(double a, double b, double out[2]) {
    double difference = a - b, b_part = a - difference, a_part = difference + b_part;
    out[1] = difference;
    out[0] = (a - a_part) + (b_part - b);
}

int zf_orient_expanded(zf_point a, zf_point b, zf_point p) {
    double ax[2], ay[2], bx[2], by[2];
    expansion det = {.n = 0};
    subtract(a.x, p.x, ax);
    subtract(a.y, p.y, ay);
    subtract(b.x, p.x, bx);
    subtract(b.y, p.y, by);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++) {
            add_product(&det, ax[i], by[k]);
            add_product(&det, -ay[i], bx[k]);
        }
    if (det.n == 0)
        return 0;
    return det.terms[det.n - 1] > 0 ? 1 : -1;
}
