/* SPDX-License-Identifier: MIT */
/* What all assignment rules share. */
#include "zone/assign_internal.h"

#include <math.h>
#include <stdlib.h>

bool zf_assign_rule_is_overlap(zf_assign_rule rule) {
    return rule == ZF_ASSIGN_LARGEST || rule == ZF_ASSIGN_SHARE;
}

static int compare_numbers(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

void zf_zones_sort(uint32_t *zones, size_t n) {
    qsort(zones, n, sizeof *zones, compare_numbers);
}

/** Takes the coordinates of a point of GEOS; NaN for an empty one. */
static zf_point coordinates_of(zf_geos *geos, const zf_geom *point) {
    zf_envelope at = zf_geom_envelope(geos, point);
    return at.min_x <= at.max_x ? (zf_point){at.min_x, at.min_y} : (zf_point){NAN, NAN};
}

zf_status zf_assign_state_find_tested(zf_assigner *a, zf_assign_state *state, zf_error *error) {
    zf_geom *own = NULL, *point = NULL;
    const zf_geom *geom = state->footprint->geom;
    zf_status st = ZF_OK;
    if (state->has_tested)
        return ZF_OK;
    if (geom == NULL) {
        st = zf_geom_from_wkb(a->geos, state->footprint->wkb->bytes, state->footprint->wkb->n_bytes, &own, error);
        geom = own;
    }
    if (st == ZF_OK)
        st = a->rule == ZF_ASSIGN_CENTROID ? zf_geom_centroid(a->geos, geom, &point, error)
                                           : zf_geom_inner_point(a->geos, geom, &point, error);
    if (st == ZF_E_INPUT || st == ZF_E_INTERNAL) { /* GEOS cannot: it has no such point */
        if (error != NULL)
            *error = (zf_error)ZF_ERROR_INIT;
        st = ZF_OK;
    }
    if (st == ZF_OK) {
        state->tested = point != NULL ? coordinates_of(a->geos, point) : (zf_point){NAN, NAN};
        state->has_tested = true;
    }
    zf_geom_destroy(a->geos, point);
    zf_geom_destroy(a->geos, own);
    return st;
}
