/* SPDX-License-Identifier: MIT */
/* Finds edges that span the world because their polygon crosses the antimeridian and is not split there. */
#include "geometry/geometry.h"

#include <math.h>

static const double half_turn_rad = 3.14159265358979323846;

double zf_crs_half_turn(const zf_crs *crs) {
    const zf_crs_info *info = crs != NULL ? zf_crs_get_info(crs) : NULL;
    return info != NULL && info->is_geographic ? half_turn_rad / info->unit : 0;
}

bool zf_wkb_crosses_antimeridian(const zf_wkb *wkb, double half_turn) {
    if (!(half_turn > 0) || !(wkb->envelope.max_x - wkb->envelope.min_x > half_turn))
        return false;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);)
        for (uint32_t i = 1; i < ring.n; i++) {
            double x0, y0, x1, y1;
            zf_ring_point(&ring, i - 1, &x0, &y0);
            zf_ring_point(&ring, i, &x1, &y1);
            if (fabs(x1 - x0) > half_turn && fabs(y0) < half_turn / 2 && fabs(y1) < half_turn / 2)
                return true;
        }
    return false;
}
