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

/** Builds the footprint for GEOS, unless the examination has. Without rings that have no point: GEOS finds no centroid with them. */
static zf_status build(zf_assigner *a, const zf_footprint *footprint, zf_geom **out, zf_error *error) {
    zf_bytes wkb = {footprint->wkb->bytes, footprint->wkb->n_bytes};
    size_t n = zf_wkb_drop_empty_rings(footprint->wkb, NULL);
    uint8_t *bytes = NULL;
    *out = NULL;
    if (n == 0 && footprint->geom != NULL)
        return ZF_OK;
    if (n > 0) {
        zf_status st = zf_arena_take(&a->scratch, n, 1, &bytes, error);
        if (st != ZF_OK)
            return st;
        (void)zf_wkb_drop_empty_rings(footprint->wkb, bytes);
        wkb = (zf_bytes){bytes, n};
    }
    return zf_geom_from_wkb(a->geos, wkb.bytes, wkb.n, out, error);
}

/** The point of a polygon, by GEOS; NaN where it finds none. */
static zf_status find_in_polygon(zf_assigner *a, const zf_footprint *footprint, zf_point *out, zf_error *error) {
    zf_geom *own = NULL, *point = NULL;
    zf_status st = build(a, footprint, &own, error);
    const zf_geom *geom = own != NULL ? own : footprint->geom;
    if (st == ZF_OK)
        st = a->rule == ZF_ASSIGN_CENTROID ? zf_geom_centroid(a->geos, geom, &point, error)
                                           : zf_geom_inner_point(a->geos, geom, &point, error);
    if (st == ZF_E_INPUT || st == ZF_E_INTERNAL) { /* GEOS cannot: it has no such point */
        if (error != NULL)
            *error = (zf_error)ZF_ERROR_INIT;
        st = ZF_OK;
    }
    *out = st == ZF_OK && point != NULL ? coordinates_of(a->geos, point) : (zf_point){NAN, NAN};
    zf_geom_destroy(a->geos, point);
    zf_geom_destroy(a->geos, own);
    return st;
}

zf_status zf_assign_state_find_tested(zf_assigner *a, zf_assign_state *state, zf_error *error) {
    const zf_footprint *footprint = state->footprint;
    zf_status st = ZF_OK;
    if (state->has_tested)
        return ZF_OK;
    if (footprint->wkb->dimension == 2)
        st = find_in_polygon(a, footprint, &state->tested, error);
    else if (a->rule == ZF_ASSIGN_CENTROID)
        zf_path_centroid(footprint->wkb, &state->tested.x, &state->tested.y);
    else
        zf_path_inner_point(footprint->wkb, &state->tested.x, &state->tested.y);
    state->has_tested = st == ZF_OK;
    return st;
}
