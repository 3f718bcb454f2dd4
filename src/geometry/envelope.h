/* SPDX-License-Identifier: MIT */
/** Envelopes. Functions that are called for every building are inline. */
#ifndef ZF_GEOMETRY_ENVELOPE_H
#define ZF_GEOMETRY_ENVELOPE_H

#include <math.h>
#include <stdbool.h>

typedef struct zf_envelope {
    double min_x, min_y, max_x, max_y;
} zf_envelope;

/** The empty envelope: the neutral element of unions. */
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

/** Whether they meet if x and y of one are swapped, as where a file has the latitude first. */
static inline bool zf_envelope_meets_swapped(const zf_envelope *a, const zf_envelope *b) {
    const zf_envelope swapped = {b->min_y, b->min_x, b->max_y, b->max_x};
    return !zf_envelope_is_empty(b) && zf_envelope_meets(a, &swapped);
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

#endif
