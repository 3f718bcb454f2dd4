/* SPDX-License-Identifier: MIT */
/* What all assignment rules share: the footprint in GEOS, and whether it crosses a zone. */
#include "zone/assign_internal.h"

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

zf_prepared_cache *zf_assigner_prepared_cache(const zf_assigner *a, uint32_t number) {
    bool is_large =
        zf_zone_prepared_bytes(a->catalogue->zones[number].n_points) > a->catalogue->own_prepared_bytes;
    return is_large ? a->catalogue->shared_prepared : a->own_prepared;
}

zf_status zf_assign_state_build_geom(zf_assigner *a, zf_assign_state *state, zf_error *error) {
    if (state->geom != NULL)
        return ZF_OK;
    zf_status st = zf_geom_from_wkb(a->geos, state->footprint->wkb->bytes, state->footprint->wkb->n_bytes,
                                    &state->own, error);
    state->geom = state->own;
    return st;
}

zf_status zf_assign_state_find_crossing(zf_assigner *a, uint32_t number, zf_assign_state *state, bool *out,
                                        zf_error *error) {
    const zf_prepared_zone *zone = NULL;
    *out = false;
    if (a->rule == ZF_ASSIGN_INTERSECTS)
        return ZF_OK; /* a footprint that is not assigned does not intersect the zone */
    zf_status st =
        zf_prepared_cache_get(zf_assigner_prepared_cache(a, number), a->geos, number, &zone, error);
    if (st != ZF_OK)
        return st;
    st = zf_assign_state_build_geom(a, state, error);
    if (st == ZF_OK)
        st = zf_prepared_intersects(a->geos, zone->prepared, state->geom, out, error);
    if (st == ZF_OK && *out)
        st = zf_geom_interiors_meet(a->geos, zone->geom, state->geom, out, error);
    zf_prepared_cache_release(zf_assigner_prepared_cache(a, number));
    if (st == ZF_E_INTERNAL) { /* GEOS threw */
        zf_relation relation;
        st = zf_assigner_relate(a, number, state->footprint->wkb, &relation, error);
        *out = st == ZF_OK && relation.interiors_meet;
    }
    return st;
}
