/* SPDX-License-Identifier: MIT */
#include "zone/zone_internal.h"

#include <stdlib.h>
#include <string.h>

/** GEOS's side of one zone, made when a building first comes near. */
typedef struct exact_zone {
    zf_geom *geom;
    zf_prepared *prepared;
} exact_zone;

struct zf_assigner {
    const zf_catalogue *catalogue;
    zf_assign_rule rule;
    zf_geos *geos; /**< borrowed */
    zf_budget *budget;
    exact_zone *exact;      /**< per zone number */
    uint32_t *candidates;   /**< n_zones; then split in place into assigned and crossing */
    uint32_t *crossing;     /**< n_zones */
    size_t n_candidates;
};

/** One footprint under examination: what is asked of each candidate zone. */
typedef struct question {
    const zf_wkb *wkb;
    const zf_geom *geom;   /**< the footprint */
    const zf_geom *rest;   /**< see zf_subject */
    const zf_geom *tested; /**< what the rule tests: the footprint or its point */
    zf_envelope envelope;  /**< of footprint and rest */
} question;

static size_t table_bytes(const zf_assigner *a) {
    return a->catalogue->n_zones * (sizeof *a->exact + 2 * sizeof(uint32_t));
}

zf_status zf_assigner_create(const zf_catalogue *catalogue, zf_assign_rule rule, zf_geos *geos, zf_budget *budget,
                             zf_assigner **out, zf_error *error) {
    zf_assigner *a = calloc(1, sizeof *a);
    *out = NULL;
    if (a == NULL)
        return zf_error_memory(error, sizeof *a, "assigning buildings");
    *a = (zf_assigner){.catalogue = catalogue, .rule = rule, .geos = geos, .budget = budget};
    void *table = NULL;
    zf_status st = zf_memory_alloc(budget, ZF_MEMORY_ZONE, table_bytes(a), &table, error);
    if (st != ZF_OK) {
        free(a);
        return st;
    }
    memset(table, 0, table_bytes(a));
    a->exact = table;
    a->candidates = (uint32_t *)(void *)(a->exact + catalogue->n_zones);
    a->crossing = a->candidates + catalogue->n_zones;
    *out = a;
    return ZF_OK;
}

void zf_assigner_destroy(zf_assigner *assigner) {
    if (assigner == NULL)
        return;
    for (size_t i = 0; i < assigner->catalogue->n_zones; i++) {
        zf_prepared_destroy(assigner->geos, assigner->exact[i].prepared);
        zf_geom_destroy(assigner->geos, assigner->exact[i].geom);
    }
    zf_memory_free(assigner->budget, ZF_MEMORY_ZONE, assigner->exact, table_bytes(assigner));
    free(assigner);
}

static bool note_candidate(void *user, uint32_t row) {
    zf_assigner *a = user;
    a->candidates[a->n_candidates++] = a->catalogue->tree_zone[row];
    return true;
}

static bool stop_at_first(void *user, uint32_t row) {
    (void)row;
    *(bool *)user = true;
    return false;
}

bool zf_assigner_has_candidates(zf_assigner *assigner, const zf_envelope *envelope) {
    bool has = false;
    zf_index_window(assigner->catalogue->tree, envelope, stop_at_first, &has);
    return has;
}

static int compare_numbers(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

static void find_candidates(zf_assigner *a, const zf_envelope *envelope) {
    a->n_candidates = 0;
    zf_index_window(a->catalogue->tree, envelope, note_candidate, a);
    if (a->n_candidates > 1)
        qsort(a->candidates, a->n_candidates, sizeof *a->candidates, compare_numbers);
}

static zf_status get_exact(zf_assigner *a, uint32_t number, exact_zone **out, zf_error *error) {
    exact_zone *e = &a->exact[number];
    const zf_zone *zone = &a->catalogue->zones[number];
    zf_status st = ZF_OK;
    if (e->geom == NULL)
        st = zf_geom_from_wkb(a->geos, zone->wkb.bytes, zone->wkb.n, &e->geom, error);
    if (st == ZF_OK && e->prepared == NULL)
        st = zf_prepared_create(a->geos, e->geom, &e->prepared, error);
    *out = e;
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", zone->zip);
}

/** The building's whole envelope must lie in the zone's; then the footprint by `predicate`, and what is left of it covered. */
static zf_status is_all_in(zf_assigner *a, uint32_t number, const exact_zone *zone, const question *q, bool *out,
                           zf_error *error) {
    if (!zf_envelope_contains(&a->catalogue->zones[number].envelope, &q->envelope))
        return ZF_OK;
    zf_status st = a->rule == ZF_ASSIGN_WITHIN ? zf_prepared_contains(a->geos, zone->prepared, q->tested, out, error)
                                               : zf_prepared_covers(a->geos, zone->prepared, q->tested, out, error);
    if (st == ZF_OK && *out && q->rest != NULL)
        st = zf_prepared_covers(a->geos, zone->prepared, q->rest, out, error);
    return st;
}

static zf_status is_assigned(zf_assigner *a, uint32_t number, const exact_zone *zone, const question *q, bool *out,
                             zf_error *error) {
    zf_status st = ZF_OK;
    *out = false;
    switch (a->rule) {
    case ZF_ASSIGN_WITHIN:
    case ZF_ASSIGN_COVERED_BY:
        return is_all_in(a, number, zone, q, out, error);
    case ZF_ASSIGN_INTERSECTS:
        st = zf_prepared_intersects(a->geos, zone->prepared, q->tested, out, error);
        if (st == ZF_OK && !*out && q->rest != NULL)
            st = zf_prepared_intersects(a->geos, zone->prepared, q->rest, out, error);
        return st;
    default: /* a point of the building, within the zone */
        return zf_prepared_contains(a->geos, zone->prepared, q->tested, out, error);
    }
}

/** A shell vertex strictly inside the zone settles it: the footprint's interior reaches to every point about its vertices. */
static zf_status has_vertex_inside(zf_assigner *a, const exact_zone *zone, const question *q, bool *out, zf_error *error) {
    uint8_t point[21] = {1, 1, 0, 0, 0};
    zf_ring_cursor cursor = zf_wkb_rings(q->wkb);
    zf_ring ring;
    *out = false;
    while (zf_wkb_next_ring(&cursor, &ring))
        for (uint32_t i = 0; ring.is_shell && i + 1 < ring.n; i++) {
            double xy[2];
            zf_geom *geom = NULL;
            zf_ring_point(&ring, i, &xy[0], &xy[1]);
            memcpy(point + 5, xy, sizeof xy);
            zf_status st = zf_geom_from_wkb(a->geos, point, sizeof point, &geom, error);
            if (st == ZF_OK)
                st = zf_prepared_contains(a->geos, zone->prepared, geom, out, error);
            zf_geom_destroy(a->geos, geom);
            if (st != ZF_OK || *out)
                return st;
        }
    return ZF_OK;
}

static zf_status is_crossing(zf_assigner *a, const exact_zone *zone, const question *q, bool *out, zf_error *error) {
    zf_status st = ZF_OK;
    *out = false;
    if (a->rule == ZF_ASSIGN_INTERSECTS)
        return ZF_OK; /* not even touching */
    st = zf_prepared_intersects(a->geos, zone->prepared, q->geom, out, error);
    if (st != ZF_OK || !*out)
        return st;
    st = has_vertex_inside(a, zone, q, out, error);
    if (st != ZF_OK || *out)
        return st;
    return zf_geom_interiors_meet(a->geos, zone->geom, q->geom, out, error);
}

static zf_status ask_candidates(zf_assigner *a, const question *q, zf_assignment *out, zf_error *error) {
    size_t n_assigned = 0, n_crossing = 0;
    for (size_t i = 0; i < a->n_candidates; i++) {
        uint32_t number = a->candidates[i];
        exact_zone *zone = NULL;
        bool yes = false;
        zf_status st = get_exact(a, number, &zone, error);
        if (st == ZF_OK)
            st = is_assigned(a, number, zone, q, &yes, error);
        if (st == ZF_OK && yes) {
            a->candidates[n_assigned++] = number; /* never ahead of i */
            continue;
        }
        if (st == ZF_OK)
            st = is_crossing(a, zone, q, &yes, error);
        if (st != ZF_OK)
            return st;
        if (yes)
            a->crossing[n_crossing++] = number;
    }
    *out = (zf_assignment){a->candidates, n_assigned, a->crossing, n_crossing};
    return ZF_OK;
}

/** The point that the rule tests, or NULL when it tests the footprint. */
static zf_status make_point(zf_assigner *a, const zf_geom *geom, zf_geom **out, zf_error *error) {
    *out = NULL;
    if (a->rule == ZF_ASSIGN_CENTROID)
        return zf_geom_centroid(a->geos, geom, out, error);
    if (a->rule == ZF_ASSIGN_INNER_POINT)
        return zf_geom_inner_point(a->geos, geom, out, error);
    return ZF_OK;
}

zf_status zf_assigner_assign(zf_assigner *assigner, const zf_subject *subject, zf_assignment *out, zf_error *error) {
    zf_geom *own = NULL, *point = NULL;
    zf_status st = ZF_OK;
    question q = {subject->wkb, subject->geom, subject->rest, NULL, subject->wkb->envelope};
    *out = (zf_assignment){assigner->candidates, 0, assigner->crossing, 0};
    if (q.rest != NULL) {
        zf_envelope rest = zf_geom_envelope(assigner->geos, q.rest);
        zf_envelope_add(&q.envelope, &rest);
    }
    find_candidates(assigner, &q.envelope);
    if (assigner->n_candidates == 0)
        return ZF_OK;
    if (q.geom == NULL) {
        st = zf_geom_from_wkb(assigner->geos, q.wkb->bytes, q.wkb->n_bytes, &own, error);
        q.geom = own;
    }
    if (st == ZF_OK)
        st = make_point(assigner, q.geom, &point, error);
    q.tested = point != NULL ? point : q.geom;
    if (st == ZF_OK)
        st = ask_candidates(assigner, &q, out, error);
    zf_geom_destroy(assigner->geos, point);
    zf_geom_destroy(assigner->geos, own);
    return st;
}
