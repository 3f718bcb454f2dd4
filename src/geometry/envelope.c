/* SPDX-License-Identifier: MIT */
#include "geometry/geometry.h"

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
