/* SPDX-License-Identifier: MIT */
#include "zone/assign_internal.h"
#include "zone/grid_internal.h"

#include <stdlib.h>
#include <string.h>

/** The decision for one footprint and one zone. */
typedef struct verdict {
    bool is_assigned;
    bool is_crossing;
} verdict;

/** Bytes of the assigner's arrays over the zones. */
static size_t table_bytes(const zf_assigner *a) {
    size_t overlap_bytes = zf_assign_rule_is_overlap(a->rule) ? sizeof *a->overlaps : 0;
    return (a->catalogue->n_zones + 1) * (overlap_bytes + 4 * sizeof(uint32_t));
}

zf_status zf_assigner_create(const zf_catalogue *catalogue, zf_assign_rule rule, zf_geos *geos,
                             zf_budget *budget, zf_assigner **out, zf_error *error) {
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
    st = zf_prepared_cache_create(catalogue, catalogue->own_prepared_bytes, false, &a->own_prepared, error);
    if (st != ZF_OK) {
        zf_memory_free(budget, ZF_MEMORY_ZONE, table, table_bytes(a));
        free(a);
        return st;
    }
    bool has_overlaps = zf_assign_rule_is_overlap(rule);
    a->overlaps = has_overlaps ? table : NULL;
    a->found = has_overlaps ? (uint32_t *)(void *)(a->overlaps + catalogue->n_zones + 1) : table;
    a->later = a->found + catalogue->n_zones;
    a->assigned = a->later + catalogue->n_zones;
    a->crossing = a->assigned + catalogue->n_zones;
    a->found_for = zf_envelope_empty(); /* matches no search */
    *out = a;
    return ZF_OK;
}

void zf_assigner_destroy(zf_assigner *assigner) {
    if (assigner == NULL)
        return;
    zf_prepared_cache_destroy(assigner->own_prepared);
    zf_memory_free(assigner->budget, ZF_MEMORY_ZONE,
                   assigner->overlaps != NULL ? (void *)assigner->overlaps : (void *)assigner->found,
                   table_bytes(assigner));
    free(assigner);
}

void zf_assigner_next_pass(zf_assigner *assigner) {
    assigner->found_for = zf_envelope_empty();
    zf_prepared_cache_clear(assigner->own_prepared);
}

/** Files a candidate by its pass. */
static void note_zone(zf_assigner *a, uint32_t zone) {
    switch (zf_groups_pass(a->catalogue->groups, zone)) {
    case ZF_PASS_CURRENT:
        a->found[a->n_found++] = zone;
        break;
    case ZF_PASS_LATER:
        a->later[a->n_later++] = zone;
        zf_groups_want(a->catalogue->groups, zone);
        break;
    default:
        a->n_earlier++;
    }
}

static bool note_candidate(void *user, uint32_t row) {
    zf_assigner *a = user;
    note_zone(a, a->catalogue->tree_zone[row]);
    return true;
}

static inline bool is_same_envelope(const zf_envelope *a, const zf_envelope *b) {
    return a->min_x == b->min_x && a->min_y == b->min_y && a->max_x == b->max_x && a->max_y == b->max_y;
}

/** Fills a->found with the zones whose envelopes intersect this one, ascending, unless the last search was
 * the same. */
static void find_candidates(zf_assigner *a, const zf_envelope *envelope) {
    if (is_same_envelope(&a->found_for, envelope))
        return;
    const uint32_t *near = NULL;
    size_t n_near = 0;
    a->found_for = *envelope;
    a->n_found = a->n_earlier = a->n_later = 0;
    if (zf_locator_find(a->catalogue->locator, envelope, &near, &n_near)) {
        for (size_t i = 0; i < n_near; i++)
            if (zf_envelope_overlaps(&a->catalogue->zones[near[i]].envelope, envelope)) /* neither is empty */
                note_zone(a, near[i]);
        return;
    }
    zf_index_window(a->catalogue->tree, envelope, note_candidate, a);
    if (a->n_found > 1)
        zf_zones_sort(a->found, a->n_found);
}

zf_candidates zf_assigner_find(zf_assigner *assigner, const zf_envelope *envelope) {
    find_candidates(assigner, envelope);
    return (zf_candidates){assigner->n_found, assigner->n_earlier, assigner->n_later, assigner->found,
                           assigner->later};
}

/* ---- decisions by GEOS ---- */

/** Builds the geometry that the rule tests: the footprint, its centroid or its inner point. */
static zf_status build_tested(zf_assigner *a, zf_assign_state *state, zf_error *error) {
    if (state->tested != NULL)
        return ZF_OK;
    zf_status st = zf_assign_state_build_geom(a, state, error);
    if (st == ZF_OK && a->rule == ZF_ASSIGN_CENTROID)
        st = zf_geom_centroid(a->geos, state->geom, &state->own_point, error);
    if (st == ZF_OK && a->rule == ZF_ASSIGN_INNER_POINT)
        st = zf_geom_inner_point(a->geos, state->geom, &state->own_point, error);
    state->tested = state->own_point != NULL ? state->own_point : state->geom;
    return st;
}

/** Tests the rule for the footprint by GEOS, or by exact arithmetic if GEOS throws. */
static zf_status test_footprint(zf_assigner *a, uint32_t number, const zf_prepared_zone *zone,
                                const zf_assign_state *state, bool *out, zf_error *error) {
    zf_status st = a->rule == ZF_ASSIGN_WITHIN
                       ? zf_prepared_contains(a->geos, zone->prepared, state->tested, out, error)
                   : a->rule == ZF_ASSIGN_COVERED_BY
                       ? zf_prepared_covers(a->geos, zone->prepared, state->tested, out, error)
                       : zf_prepared_intersects(a->geos, zone->prepared, state->tested, out, error);
    if (st != ZF_E_INTERNAL)
        return st;
    zf_relation relation;
    st = zf_assigner_relate(a, number, state->footprint->wkb, &relation, error);
    if (st == ZF_OK)
        *out = a->rule == ZF_ASSIGN_WITHIN       ? relation.is_covered && relation.interiors_meet
               : a->rule == ZF_ASSIGN_COVERED_BY ? relation.is_covered
                                                 : relation.meet;
    return st;
}

/** within and covered-by: compares the envelopes, tests the footprint, and requires that the zone covers the
 * rest of a repair. */
static zf_status test_containment(zf_assigner *a, uint32_t number, const zf_prepared_zone *zone,
                                  const zf_assign_state *state, bool *out, zf_error *error) {
    if (!zf_envelope_contains(&a->catalogue->zones[number].envelope, &state->envelope))
        return ZF_OK;
    zf_status st = test_footprint(a, number, zone, state, out, error);
    if (st == ZF_OK && *out && state->footprint->rest != NULL)
        st = zf_prepared_covers(a->geos, zone->prepared, state->footprint->rest, out, error);
    return st;
}

/** Tests the rule by the zone's prepared polygon. */
static zf_status test_rule_in_zone(zf_assigner *a, uint32_t number, const zf_prepared_zone *zone,
                                   zf_assign_state *state, bool *out, zf_error *error) {
    zf_status st = build_tested(a, state, error);
    if (st != ZF_OK)
        return st;
    switch (a->rule) {
    case ZF_ASSIGN_WITHIN:
    case ZF_ASSIGN_COVERED_BY:
        return test_containment(a, number, zone, state, out, error);
    case ZF_ASSIGN_INTERSECTS:
        st = test_footprint(a, number, zone, state, out, error);
        if (st == ZF_OK && !*out && state->footprint->rest != NULL)
            st = zf_prepared_intersects(a->geos, zone->prepared, state->footprint->rest, out, error);
        return st;
    default: /* the building's centroid or inner point within the zone */
        return zf_prepared_contains(a->geos, zone->prepared, state->tested, out, error);
    }
}

/** Borrows the zone's prepared polygon and tests the rule. */
static zf_status test_rule(zf_assigner *a, uint32_t number, zf_assign_state *state, bool *out,
                           zf_error *error) {
    const zf_prepared_zone *zone = NULL;
    *out = false;
    zf_status st =
        zf_prepared_cache_get(zf_assigner_prepared_cache(a, number), a->geos, number, &zone, error);
    if (st != ZF_OK)
        return st;
    st = test_rule_in_zone(a, number, zone, state, out, error);
    zf_prepared_cache_release(zf_assigner_prepared_cache(a, number));
    return st;
}

/* ---- decisions by the grid ---- */

/** Side of what the rule tests, derived from the footprint's side; UNSURE where GEOS must decide. */
static zf_side tested_side(const zf_assigner *a, zf_side footprint) {
    switch (a->rule) {
    case ZF_ASSIGN_CENTROID: /* it may lie outside the footprint */
        return ZF_SIDE_UNSURE;
    case ZF_ASSIGN_INNER_POINT:
        return footprint == ZF_SIDE_CROSSES ? ZF_SIDE_UNSURE : footprint;
    case ZF_ASSIGN_INTERSECTS:
        return footprint == ZF_SIDE_CROSSES ? ZF_SIDE_INSIDE : footprint;
    default:
        return footprint == ZF_SIDE_CROSSES ? ZF_SIDE_OUTSIDE : footprint;
    }
}

static bool tests_point(const zf_assigner *a) {
    return a->rule == ZF_ASSIGN_CENTROID || a->rule == ZF_ASSIGN_INNER_POINT;
}

/** Side of the building's centroid or inner point; UNSURE if GEOS finds none. */
static zf_status locate_tested(zf_assigner *a, const zf_grid *grid, zf_assign_state *state, zf_side *out,
                               zf_error *error) {
    zf_status st = build_tested(a, state, error);
    if (st != ZF_OK)
        return st;
    zf_envelope at = zf_geom_envelope(a->geos, state->tested);
    *out = at.min_x <= at.max_x ? zf_grid_locate_point(grid, at.min_x, at.min_y) : ZF_SIDE_UNSURE;
    return ZF_OK;
}

/** Decides for a footprint whose envelope does not lie on one side of the zone, or that has a rest. */
static zf_status decide_at_boundary(zf_assigner *a, uint32_t number, const zf_grid *grid,
                                    zf_assign_state *state, verdict *out, zf_error *error) {
    zf_side footprint = ZF_SIDE_UNSURE, tested = ZF_SIDE_UNSURE;
    zf_status st = ZF_OK;
    if (state->footprint->rest == NULL) {
        footprint = zf_grid_locate(grid, state->footprint->wkb);
        tested = tested_side(a, footprint);
    }
    if (tested == ZF_SIDE_UNSURE && tests_point(a))
        st = locate_tested(a, grid, state, &tested, error);
    out->is_assigned = tested == ZF_SIDE_INSIDE;
    if (st == ZF_OK && tested == ZF_SIDE_UNSURE)
        st = test_rule(a, number, state, &out->is_assigned, error);
    if (st != ZF_OK || out->is_assigned)
        return st;
    out->is_crossing = footprint == ZF_SIDE_INSIDE || footprint == ZF_SIDE_CROSSES;
    return footprint == ZF_SIDE_UNSURE
               ? zf_assign_state_find_crossing(a, number, state, &out->is_crossing, error)
               : ZF_OK;
}

/** Decides for one candidate: by the envelope's side if it has one, else more closely. */
static zf_status decide_zone(zf_assigner *a, uint32_t number, zf_assign_state *state, verdict *out,
                             zf_error *error) {
    const zf_grid *grid = NULL;
    *out = (verdict){false, false};
    zf_status st = zf_grids_get(a->catalogue->grids, number, &grid, error);
    if (st != ZF_OK)
        return st;
    zf_side all = state->footprint->rest == NULL ? zf_grid_box_side(grid, &state->envelope) : ZF_SIDE_UNSURE;
    if (all == ZF_SIDE_UNSURE)
        st = decide_at_boundary(a, number, grid, state, out, error);
    else
        out->is_assigned = all == ZF_SIDE_INSIDE; /* for every rule */
    zf_grids_release(a->catalogue->grids, number);
    return st;
}

/** Decides for each candidate of the current pass. */
static zf_status decide_candidates(zf_assigner *a, zf_assign_state *state, zf_assignment *out,
                                   zf_error *error) {
    size_t n_assigned = 0, n_crossing = 0;
    for (size_t i = 0; i < a->n_found; i++) {
        uint32_t number = a->found[i];
        verdict v;
        zf_status st = decide_zone(a, number, state, &v, error);
        if (st != ZF_OK)
            return st;
        a->assigned[n_assigned] = number;
        a->crossing[n_crossing] = number;
        n_assigned += v.is_assigned;
        n_crossing += !v.is_assigned & v.is_crossing;
    }
    *out = (zf_assignment){a->assigned, n_assigned, a->crossing, n_crossing, NULL, 0, 0, 0};
    return ZF_OK;
}

zf_status zf_assigner_assign(zf_assigner *assigner, const zf_footprint *footprint, zf_assignment *out,
                             zf_error *error) {
    zf_assign_state state = {
        .footprint = footprint, .geom = footprint->geom, .envelope = footprint->wkb->envelope};
    *out = (zf_assignment){.assigned = assigner->assigned, .crossing = assigner->crossing};
    if (footprint->rest != NULL) {
        zf_envelope rest = zf_geom_envelope(assigner->geos, footprint->rest);
        zf_envelope_add(&state.envelope, &rest);
    }
    find_candidates(assigner, &state.envelope);
    zf_status st = zf_assign_rule_is_overlap(assigner->rule)
                       ? zf_overlap_assign(assigner, &state, out, error)
                       : decide_candidates(assigner, &state, out, error);
    if (state.own != NULL || state.own_point != NULL) {
        zf_geom_destroy(assigner->geos, state.own_point);
        zf_geom_destroy(assigner->geos, state.own);
    }
    return st;
}
