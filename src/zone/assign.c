/* SPDX-License-Identifier: MIT */
#include "zone/assign_internal.h"
#include "zone/grid_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** Scratch memory that an assigner keeps: enough for the edges of most buildings and of zones near them. */
enum { SCRATCH_BYTES = 64 * 1024 };

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
    char *first = NULL;
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
    zf_arena_init(&a->scratch, budget, ZF_MEMORY_ZONE, SCRATCH_BYTES);
    st = zf_arena_copy(&a->scratch, "", 0, &first, error); /* allocates the first chunk, which stays */
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

void zf_assigner_watch(zf_assigner *assigner, const zf_callbacks *callbacks) {
    assigner->callbacks = callbacks;
}

void zf_assigner_destroy(zf_assigner *assigner) {
    if (assigner == NULL)
        return;
    zf_arena_release(&assigner->scratch);
    zf_memory_free(assigner->budget, ZF_MEMORY_ZONE,
                   assigner->overlaps != NULL ? (void *)assigner->overlaps : (void *)assigner->found,
                   table_bytes(assigner));
    free(assigner);
}

void zf_assigner_next_pass(zf_assigner *assigner) {
    assigner->found_for = zf_envelope_empty();
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

/* ---- decisions for one candidate ---- */

static bool tests_point(const zf_assigner *a) {
    return a->rule == ZF_ASSIGN_CENTROID || a->rule == ZF_ASSIGN_INNER_POINT;
}

/** Whether the building's centroid or inner point lies in the zone's interior. */
static zf_status test_point(zf_assigner *a, const zf_grid *grid, zf_side footprint, zf_assign_state *state, bool *out,
                            zf_error *error) {
    *out = footprint == ZF_SIDE_INSIDE && a->rule == ZF_ASSIGN_INNER_POINT;
    if (*out || (footprint == ZF_SIDE_OUTSIDE && a->rule == ZF_ASSIGN_INNER_POINT))
        return ZF_OK; /* a centroid may lie outside the footprint */
    zf_status st = zf_assign_state_find_tested(a, state, error);
    *out = st == ZF_OK && !isnan(state->tested.x) &&
           zf_grid_locate_point(grid, state->tested.x, state->tested.y) == ZF_SIDE_INSIDE;
    return st;
}

/** The relation that follows from a side that is sure. */
static zf_relation relation_of_side(zf_side side) {
    return (zf_relation){.meet = side != ZF_SIDE_OUTSIDE,
                         .interiors_meet = side != ZF_SIDE_OUTSIDE,
                         .is_covered = side == ZF_SIDE_INSIDE};
}

/** Tests the rule by the relation of the footprint, and of what a repair left of it. */
static zf_status test_relation(zf_assigner *a, const zf_grid *grid, const zf_relation *relation, zf_assign_state *state,
                               bool *out, zf_error *error) {
    bool is_intersects = a->rule == ZF_ASSIGN_INTERSECTS;
    zf_relation rest;
    *out = is_intersects ? relation->meet
                         : relation->is_covered && (relation->interiors_meet || a->rule == ZF_ASSIGN_COVERED_BY);
    if (state->footprint->rest == NULL || *out == is_intersects)
        return ZF_OK;
    zf_status st = zf_assigner_relate_rest(a, grid, state, &rest, error);
    *out = is_intersects ? rest.meet : rest.is_covered;
    return st;
}

/** Decides for a footprint whose envelope does not lie on one side of the zone, or that has a rest. */
static zf_status decide_at_boundary(zf_assigner *a, const zf_grid *grid, zf_assign_state *state, verdict *out,
                                    zf_error *error) {
    zf_side side = state->footprint->rest == NULL ? zf_grid_locate(grid, state->footprint->wkb) : ZF_SIDE_UNSURE;
    zf_relation relation = relation_of_side(side);
    zf_status st = ZF_OK;
    if (tests_point(a))
        st = test_point(a, grid, side, state, &out->is_assigned, error);
    if (st != ZF_OK || out->is_assigned)
        return st;
    if (side == ZF_SIDE_UNSURE)
        st = zf_assigner_relate(a, grid, state, &relation, error);
    if (st == ZF_OK && !tests_point(a))
        st = test_relation(a, grid, &relation, state, &out->is_assigned, error);
    out->is_crossing = relation.interiors_meet;
    return st;
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
        st = decide_at_boundary(a, grid, state, out, error);
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
        .footprint = footprint, .envelope = footprint->wkb->envelope};
    zf_arena_mark mark = zf_arena_get_mark(&assigner->scratch);
    *out = (zf_assignment){.assigned = assigner->assigned, .crossing = assigner->crossing};
    if (footprint->rest != NULL) {
        zf_envelope rest = zf_geom_envelope(assigner->geos, footprint->rest);
        zf_envelope_add(&state.envelope, &rest);
    }
    find_candidates(assigner, &state.envelope);
    zf_status st = zf_assign_rule_is_overlap(assigner->rule)
                       ? zf_overlap_assign(assigner, &state, out, error)
                       : decide_candidates(assigner, &state, out, error);
    zf_arena_rewind(&assigner->scratch, mark);
    return st;
}
