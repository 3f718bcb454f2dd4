/* SPDX-License-Identifier: MIT */
#include "zone/assign_internal.h"
#include "zone/grid_internal.h"

#include <stdlib.h>
#include <string.h>

/** Where a footprint lies to one zone, as far as it is needed. */
typedef struct verdict {
    bool is_assigned;
    bool is_crossing;
} verdict;

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
    st = zf_exact_create(catalogue, catalogue->own_exact_bytes, false, &a->own_exact, error);
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
    a->found_for = zf_envelope_empty(); /* which finds nothing */
    *out = a;
    return ZF_OK;
}

void zf_assigner_destroy(zf_assigner *assigner) {
    if (assigner == NULL)
        return;
    zf_exact_destroy(assigner->own_exact);
    zf_memory_free(assigner->budget, ZF_MEMORY_ZONE,
                   assigner->overlaps != NULL ? (void *)assigner->overlaps : (void *)assigner->found,
                   table_bytes(assigner));
    free(assigner);
}

void zf_assigner_next_pass(zf_assigner *assigner) {
    assigner->found_for = zf_envelope_empty();
    zf_exact_clear(assigner->own_exact);
}

static void note_zone(zf_assigner *a, uint32_t zone) {
    switch (zf_groups_turn(a->catalogue->groups, zone)) {
    case ZF_TURN_NOW:
        a->found[a->n_found++] = zone;
        break;
    case ZF_TURN_LATER:
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

/** Fills a->found with the zones that may hold the envelope, ascending; the last search is not done twice. */
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

/* ---- GEOS's part ---- */

static zf_status need_tested(zf_assigner *a, zf_question *q, zf_error *error) {
    if (q->tested != NULL)
        return ZF_OK;
    zf_status st = zf_question_need_geom(a, q, error);
    if (st == ZF_OK && a->rule == ZF_ASSIGN_CENTROID)
        st = zf_geom_centroid(a->geos, q->geom, &q->own_point, error);
    if (st == ZF_OK && a->rule == ZF_ASSIGN_INNER_POINT)
        st = zf_geom_inner_point(a->geos, q->geom, &q->own_point, error);
    q->tested = q->own_point != NULL ? q->own_point : q->geom;
    return st;
}

/** Does the rule hold for the footprint? GEOS decides; where it throws, exact arithmetic does. */
static zf_status judge_footprint(zf_assigner *a, uint32_t number, const zf_exact_zone *zone, const zf_question *q,
                                 bool *out, zf_error *error) {
    zf_status st = a->rule == ZF_ASSIGN_WITHIN       ? zf_prepared_contains(a->geos, zone->prepared, q->tested, out, error)
                   : a->rule == ZF_ASSIGN_COVERED_BY ? zf_prepared_covers(a->geos, zone->prepared, q->tested, out, error)
                                                     : zf_prepared_intersects(a->geos, zone->prepared, q->tested, out, error);
    if (st != ZF_E_INTERNAL)
        return st;
    zf_relation relation;
    st = zf_assigner_relate(a, number, q->subject->wkb, &relation, error);
    if (st == ZF_OK)
        *out = a->rule == ZF_ASSIGN_WITHIN       ? relation.is_covered && relation.interiors_meet
               : a->rule == ZF_ASSIGN_COVERED_BY ? relation.is_covered
                                                 : relation.meet;
    return st;
}

/** The building's whole envelope must lie in the zone's; then the footprint by the rule, and what is left of
 * it covered. */
static zf_status is_all_in(zf_assigner *a, uint32_t number, const zf_exact_zone *zone, const zf_question *q,
                           bool *out, zf_error *error) {
    if (!zf_envelope_contains(&a->catalogue->zones[number].envelope, &q->envelope))
        return ZF_OK;
    zf_status st = judge_footprint(a, number, zone, q, out, error);
    if (st == ZF_OK && *out && q->subject->rest != NULL)
        st = zf_prepared_covers(a->geos, zone->prepared, q->subject->rest, out, error);
    return st;
}

static zf_status ask_assigned_of(zf_assigner *a, uint32_t number, const zf_exact_zone *zone, zf_question *q,
                                 bool *out, zf_error *error) {
    zf_status st = need_tested(a, q, error);
    if (st != ZF_OK)
        return st;
    switch (a->rule) {
    case ZF_ASSIGN_WITHIN:
    case ZF_ASSIGN_COVERED_BY:
        return is_all_in(a, number, zone, q, out, error);
    case ZF_ASSIGN_INTERSECTS:
        st = judge_footprint(a, number, zone, q, out, error);
        if (st == ZF_OK && !*out && q->subject->rest != NULL)
            st = zf_prepared_intersects(a->geos, zone->prepared, q->subject->rest, out, error);
        return st;
    default: /* a point of the building, within the zone */
        return zf_prepared_contains(a->geos, zone->prepared, q->tested, out, error);
    }
}

static zf_status ask_assigned(zf_assigner *a, uint32_t number, zf_question *q, bool *out, zf_error *error) {
    const zf_exact_zone *zone = NULL;
    *out = false;
    zf_status st = zf_exact_get(zf_assigner_keeper(a, number), a->geos, number, &zone, error);
    if (st != ZF_OK)
        return st;
    st = ask_assigned_of(a, number, zone, q, out, error);
    zf_exact_let_go(zf_assigner_keeper(a, number));
    return st;
}

/* ---- the grid's part ---- */

/** Side of what the rule tests, from that of the footprint, some of whose envelope may lie on another; UNSURE
 * where GEOS must be asked. */
static zf_side tested_side(const zf_assigner *a, zf_side footprint) {
    switch (a->rule) {
    case ZF_ASSIGN_CENTROID: /* it may lie beside the footprint, but not beyond its envelope */
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

/** Side of the building's point, which GEOS finds; an empty one is GEOS's too. */
static zf_status locate_tested(zf_assigner *a, const zf_grid *grid, zf_question *q, zf_side *out,
                               zf_error *error) {
    zf_status st = need_tested(a, q, error);
    if (st != ZF_OK)
        return st;
    zf_envelope at = zf_geom_envelope(a->geos, q->tested);
    *out = at.min_x <= at.max_x ? zf_grid_locate_point(grid, at.min_x, at.min_y) : ZF_SIDE_UNSURE;
    return ZF_OK;
}

/** For a footprint whose envelope does not lie on one side of the zone, or that leaves a rest. */
static zf_status judge_closely(zf_assigner *a, uint32_t number, const zf_grid *grid, zf_question *q,
                               verdict *out, zf_error *error) {
    zf_side footprint = ZF_SIDE_UNSURE, tested = ZF_SIDE_UNSURE;
    zf_status st = ZF_OK;
    if (q->subject->rest == NULL) {
        footprint = zf_grid_locate(grid, q->subject->wkb);
        tested = tested_side(a, footprint);
    }
    if (tested == ZF_SIDE_UNSURE && tests_point(a))
        st = locate_tested(a, grid, q, &tested, error);
    out->is_assigned = tested == ZF_SIDE_INSIDE;
    if (st == ZF_OK && tested == ZF_SIDE_UNSURE)
        st = ask_assigned(a, number, q, &out->is_assigned, error);
    if (st != ZF_OK || out->is_assigned)
        return st;
    out->is_crossing = footprint == ZF_SIDE_INSIDE || footprint == ZF_SIDE_CROSSES;
    return footprint == ZF_SIDE_UNSURE ? zf_question_ask_crossing(a, number, q, &out->is_crossing, error)
                                       : ZF_OK;
}

static zf_status judge(zf_assigner *a, uint32_t number, zf_question *q, verdict *out, zf_error *error) {
    const zf_grid *grid = NULL;
    *out = (verdict){false, false};
    zf_status st = zf_grids_get(a->catalogue->grids, number, &grid, error);
    if (st != ZF_OK)
        return st;
    zf_side all = q->subject->rest == NULL ? zf_grid_box_side(grid, &q->envelope) : ZF_SIDE_UNSURE;
    if (all == ZF_SIDE_UNSURE)
        st = judge_closely(a, number, grid, q, out, error);
    else
        out->is_assigned = all == ZF_SIDE_INSIDE; /* whatever the rule tests */
    zf_grids_let_go(a->catalogue->grids, number);
    return st;
}

static zf_status judge_candidates(zf_assigner *a, zf_question *q, zf_assignment *out, zf_error *error) {
    size_t n_assigned = 0, n_crossing = 0;
    for (size_t i = 0; i < a->n_found; i++) {
        uint32_t number = a->found[i];
        verdict v;
        zf_status st = judge(a, number, q, &v, error);
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

zf_status zf_assigner_assign(zf_assigner *assigner, const zf_subject *subject, zf_assignment *out,
                             zf_error *error) {
    zf_question q = {.subject = subject, .geom = subject->geom, .envelope = subject->wkb->envelope};
    *out = (zf_assignment){.assigned = assigner->assigned, .crossing = assigner->crossing};
    if (subject->rest != NULL) {
        zf_envelope rest = zf_geom_envelope(assigner->geos, subject->rest);
        zf_envelope_add(&q.envelope, &rest);
    }
    find_candidates(assigner, &q.envelope);
    zf_status st = zf_assign_rule_is_overlap(assigner->rule) ? zf_overlap_assign(assigner, &q, out, error)
                                                             : judge_candidates(assigner, &q, out, error);
    if (q.own != NULL || q.own_point != NULL) {
        zf_geom_destroy(assigner->geos, q.own_point);
        zf_geom_destroy(assigner->geos, q.own);
    }
    return st;
}
