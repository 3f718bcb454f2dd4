/* SPDX-License-Identifier: MIT */
#include "geometry/geometry.h"

#include <math.h>

zf_envelope zf_envelope_empty(void) {
    return (zf_envelope){INFINITY, INFINITY, -INFINITY, -INFINITY};
}

bool zf_envelope_is_empty(const zf_envelope *e) {
    return !(e->min_x <= e->max_x && e->min_y <= e->max_y);
}

bool zf_envelope_meets(const zf_envelope *a, const zf_envelope *b) {
    return !zf_envelope_is_empty(a) && !zf_envelope_is_empty(b) && a->min_x <= b->max_x &&
           b->min_x <= a->max_x && a->min_y <= b->max_y && b->min_y <= a->max_y;
}

bool zf_envelope_contains(const zf_envelope *outer, const zf_envelope *inner) {
    return !zf_envelope_is_empty(outer) && !zf_envelope_is_empty(inner) && outer->min_x <= inner->min_x &&
           inner->max_x <= outer->max_x && outer->min_y <= inner->min_y && inner->max_y <= outer->max_y;
}

void zf_envelope_add(zf_envelope *e, const zf_envelope *other) {
    if (zf_envelope_is_empty(other))
        return;
    zf_envelope_add_point(e, other->min_x, other->min_y);
    zf_envelope_add_point(e, other->max_x, other->max_y);
}

void zf_envelope_add_point(zf_envelope *e, double x, double y) {
    e->min_x = x < e->min_x ? x : e->min_x;
    e->min_y = y < e->min_y ? y : e->min_y;
    e->max_x = x > e->max_x ? x : e->max_x;
    e->max_y = y > e->max_y ? y : e->max_y;
}
