/* SPDX-License-Identifier: MIT */
/* A column's values in a few classes with bounds that people can read. */
#include "qgis/style.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_DIGITS = 2, MOST_DIGITS = 6, LARGEST_POWER = 22 /* 10^22 is a double */ };

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Number of different values, counted no further than one more than there are classes. */
static size_t count_different(const double *sorted, size_t n) {
    size_t n_different = n > 0;
    for (size_t i = 1; i < n && n_different <= ZF_STYLE_CLASSES; i++)
        n_different += sorted[i] != sorted[i - 1];
    return n_different;
}

static size_t end_of_run(const double *sorted, size_t n, size_t at) {
    while (at < n && sorted[at] == sorted[at - 1])
        at++;
    return at;
}

/* End of the class that begins at start: the end of a run of equal values nearest to the wanted place. */
static size_t cut(const double *sorted, size_t n, size_t start, size_t wanted) {
    const size_t after = end_of_run(sorted, n, wanted);
    size_t before = wanted;
    while (before > start && before < n && sorted[before] == sorted[before - 1])
        before--;
    return before > start && wanted - before <= after - wanted ? before : after;
}

static size_t cut_all(const double *sorted, size_t n, size_t ends[ZF_STYLE_CLASSES]) {
    const bool is_few = count_different(sorted, n) <= ZF_STYLE_CLASSES;
    size_t n_classes = 0;
    for (size_t start = 0; start < n; start = ends[n_classes++]) {
        const size_t n_left = ZF_STYLE_CLASSES - n_classes;
        const size_t wanted = start + (n - start + n_left - 1) / n_left;
        if (is_few)
            ends[n_classes] = end_of_run(sorted, n, start + 1);
        else
            ends[n_classes] = n_left == 1 ? n : cut(sorted, n, start, wanted);
    }
    return n_classes;
}

/* The decimal exponent as printf has it, which is exact and the same everywhere. */
static int exponent_of(double number) {
    char text[48];
    snprintf(text, sizeof text, "%.16e", number);
    const char *e = strchr(text, 'e');
    return e != NULL ? (int)strtol(e + 1, NULL, 10) : 0;
}

/* Up to the next number of so many digits. */
static double round_up(double number, int digits) {
    if (number == 0)
        return 0;
    int power = digits - 1 - exponent_of(number);
    if (abs(power) > LARGEST_POWER)
        return number;
    double factor = 1;
    for (int i = 0; i < abs(power); i++)
        factor *= 10;
    const double whole = power >= 0 ? number * factor : number / factor;
    double up = ceil(whole);
    if (whole - (up - 1) < 1e-9 * fabs(whole)) /* the product's own rounding lifted it over a whole number */
        up -= 1;
    return power >= 0 ? up / factor : up * factor;
}

/* Bounds of so many digits; false when a value would be in another class. */
static bool round_bounds(const double *sorted, const size_t *ends, size_t n_classes, double scale, int digits,
                         zf_style_class *out) {
    out[0].shown_lower = -round_up(-sorted[0] * scale, digits) + 0.0;
    out[0].lower = out[0].shown_lower / scale;
    if (out[0].lower > sorted[0])
        return false;
    for (size_t i = 0; i < n_classes; i++) {
        const bool is_last = i + 1 == n_classes;
        out[i].shown_upper = round_up(sorted[ends[i] - 1] * scale, digits);
        out[i].upper = out[i].shown_upper / scale;
        if (out[i].upper < sorted[ends[i] - 1] || (!is_last && out[i].upper >= sorted[ends[i]]))
            return false;
        if (!is_last) {
            out[i + 1].lower = out[i].upper;
            out[i + 1].shown_lower = out[i].shown_upper;
        }
    }
    return true;
}

static void take_bounds(const double *sorted, const size_t *ends, size_t n_classes, double scale,
                        zf_style_class *out) {
    for (size_t i = 0; i < n_classes; i++) {
        out[i].lower = i == 0 ? sorted[0] : out[i - 1].upper;
        out[i].upper = sorted[ends[i] - 1];
        out[i].shown_lower = out[i].lower * scale;
        out[i].shown_upper = out[i].upper * scale;
    }
}

size_t zf_style_classes_make(double *values, size_t n, double scale, zf_style_class out[ZF_STYLE_CLASSES]) {
    size_t ends[ZF_STYLE_CLASSES];
    if (n > 1)
        qsort(values, n, sizeof *values, ascending);
    const size_t n_classes = cut_all(values, n, ends);
    for (int digits = FEWEST_DIGITS; n_classes > 0 && digits <= MOST_DIGITS; digits++)
        if (round_bounds(values, ends, n_classes, scale, digits, out))
            return n_classes;
    take_bounds(values, ends, n_classes, scale, out);
    return n_classes;
}
