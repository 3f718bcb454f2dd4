/* SPDX-License-Identifier: MIT */
/* What GEOS is asked about one footprint and one zone, by every rule of assigning. */
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

/* With the assigner, or, when the zone is large, once for all assigners. */
zf_exact *zf_assigner_keeper(const zf_assigner *a, uint32_t number) {
    bool is_large = zf_zone_exact_bytes(a->catalogue->zones[number].n_points) > a->catalogue->own_exact_bytes;
    return is_large ? a->catalogue->shared_exact : a->own_exact;
}

zf_status zf_question_need_geom(zf_assigner *a, zf_question *q, zf_error *error) {
    if (q->geom != NULL)
        return ZF_OK;
    zf_status st =
        zf_geom_from_wkb(a->geos, q->subject->wkb->bytes, q->subject->wkb->n_bytes, &q->own, error);
    q->geom = q->own;
    return st;
}

zf_status zf_question_ask_crossing(zf_assigner *a, uint32_t number, zf_question *q, bool *out,
                                   zf_error *error) {
    const zf_exact_zone *zone = NULL;
    *out = false;
    if (a->rule == ZF_ASSIGN_INTERSECTS)
        return ZF_OK; /* not even touching */
    zf_status st = zf_exact_get(zf_assigner_keeper(a, number), a->geos, number, &zone, error);
    if (st != ZF_OK)
        return st;
    st = zf_question_need_geom(a, q, error);
    if (st == ZF_OK)
        st = zf_prepared_intersects(a->geos, zone->prepared, q->geom, out, error);
    if (st == ZF_OK && *out)
        st = zf_geom_interiors_meet(a->geos, zone->geom, q->geom, out, error);
    zf_exact_let_go(zf_assigner_keeper(a, number));
    if (st == ZF_E_INTERNAL) { /* GEOS has thrown */
        zf_relation relation;
        st = zf_assigner_relate(a, number, q->subject->wkb, &relation, error);
        *out = st == ZF_OK && relation.interiors_meet;
    }
    return st;
}
