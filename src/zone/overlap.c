/* SPDX-License-Identifier: MIT */
/* Assignment by the area that a footprint shares with each zone. */
#include "zone/assign_internal.h"

#include <string.h>

/** Overlaps whose relative difference is smaller count as equal: overlay rounds the two halves of a footprint
 * that a border cuts in the middle differently. */
static const double tie_tolerance = 1e-9;
/** In place of an overlap: the whole footprint lies in the zone; the overlap is not yet measured. */
static const double whole = -1, unknown = -2;

/** Lists the candidates of all passes in a->assigned, ascending. */
static size_t list_candidates(zf_assigner *a) {
    size_t n = a->n_found + a->n_later;
    memcpy(a->assigned, a->found, a->n_found * sizeof *a->assigned);
    memcpy(a->assigned + a->n_found, a->later, a->n_later * sizeof *a->assigned);
    if (a->n_later > 0)
        zf_zones_sort(a->assigned, n);
    return n;
}

/** Side of the footprint by the zone's grid; UNSURE for zones of other passes, which have no grid in memory.
 */
static zf_status locate(zf_assigner *a, uint32_t zone, const zf_assign_state *state, zf_side *out,
                        zf_error *error) {
    const zf_grid *grid = NULL;
    *out = ZF_SIDE_UNSURE;
    if (state->footprint->rest != NULL || zf_groups_pass(a->catalogue->groups, zone) != ZF_PASS_CURRENT)
        return ZF_OK;
    zf_status st = zf_grids_get(a->catalogue->grids, zone, &grid, error);
    if (st != ZF_OK)
        return st;
    *out = zf_grid_locate(grid, state->footprint->wkb);
    zf_grids_release(a->catalogue->grids, zone);
    return ZF_OK;
}

/** Measures the area of an overlap; of a footprint that lies in the zone, its own area. */
static zf_status measure_overlap(zf_assigner *a, uint32_t zone, zf_assign_state *state, double *inout,
                                 zf_error *error) {
    zf_status st = zf_assign_state_build_geom(a, state, error);
    if (st != ZF_OK || *inout == whole)
        return st == ZF_OK ? zf_geom_plane_area(a->geos, state->geom, inout, error) : st;
    const zf_prepared_zone *prepared = NULL;
    st = zf_prepared_cache_get(zf_assigner_prepared_cache(a, zone), a->geos, zone, &prepared, error);
    if (st != ZF_OK)
        return st;
    st = zf_geom_overlap_area(a->geos, prepared->geom, state->geom, inout, error);
    zf_prepared_cache_release(zf_assigner_prepared_cache(a, zone));
    if (st == ZF_E_INTERNAL) /* GEOS threw */
        st = zf_assigner_overlay(a, &zone, 1, state->footprint->wkb, &(zf_overlay){.overlaps = inout}, error);
    return st;
}

/** Overlap with one zone: 0, `whole`, `unknown` or its area. Measured wherever GEOS decides: relate of
 * GEOS 3.13 reports interiors that intersect where a hole touches its shell on the zone's border, although
 * the overlap is 0. */
static zf_status find_overlap(zf_assigner *a, uint32_t zone, zf_assign_state *state, double *out,
                              zf_error *error) {
    bool is_met = false;
    zf_side side;
    zf_status st = locate(a, zone, state, &side, error);
    if (st == ZF_OK && side == ZF_SIDE_UNSURE)
        st = zf_assign_state_find_crossing(a, zone, state, &is_met, error);
    *out = side == ZF_SIDE_INSIDE ? whole : side == ZF_SIDE_CROSSES ? unknown : 0;
    return st == ZF_OK && is_met ? measure_overlap(a, zone, state, out, error) : st;
}

/** Keeps the zones with an overlap in a->assigned, and the overlaps in a->overlaps. */
static zf_status find_overlaps(zf_assigner *a, zf_assign_state *state, size_t *out_n, zf_error *error) {
    size_t n = list_candidates(a), n_kept = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        double overlap;
        st = find_overlap(a, a->assigned[i], state, &overlap, error);
        if (overlap == 0)
            continue;
        a->assigned[n_kept] = a->assigned[i];
        a->overlaps[n_kept++] = overlap;
    }
    *out_n = n_kept;
    return st;
}

/* ---- largest ---- */

/** Measures the overlaps that are not measured yet. */
static zf_status measure_overlaps(zf_assigner *a, size_t n, zf_assign_state *state, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        if (a->overlaps[i] < 0) /* whole or unknown */
            st = measure_overlap(a, a->assigned[i], state, &a->overlaps[i], error);
    return st;
}

/** Assigns to the zone of the largest overlap; the others are crossing. */
static zf_status choose_largest(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out,
                                zf_error *error) {
    size_t best = 0, n_crossing = 0;
    zf_status st = n > 1 ? measure_overlaps(a, n, state, error) : ZF_OK;
    for (size_t i = 1; st == ZF_OK && i < n; i++)
        if (a->overlaps[i] > a->overlaps[best] * (1 + tie_tolerance))
            best = i;
    for (size_t i = 0; i < n; i++)
        if (i != best)
            a->crossing[n_crossing++] = a->assigned[i];
    a->assigned[0] = a->assigned[best];
    *out = (zf_assignment){a->assigned, 1, a->crossing, n_crossing, NULL, 0, 0, 0};
    return st;
}

/* ---- share ---- */

/** Measures the footprint's overlap with one zone as part of a division. */
static zf_status intersect_zone(zf_assigner *a, uint32_t zone, zf_division *division, double *out_overlap,
                                zf_error *error) {
    const zf_prepared_zone *prepared = NULL;
    zf_status st =
        zf_prepared_cache_get(zf_assigner_prepared_cache(a, zone), a->geos, zone, &prepared, error);
    if (st != ZF_OK)
        return st;
    st = zf_division_take(a->geos, division, prepared->geom, out_overlap, error);
    zf_prepared_cache_release(zf_assigner_prepared_cache(a, zone));
    return st;
}

/** Divides the footprint by exact arithmetic, where GEOS throws. */
static zf_status divide_exactly(zf_assigner *a, size_t *inout_n, const zf_assign_state *state,
                                zf_assignment *out, zf_error *error) {
    zf_overlay overlay = {.overlaps = a->overlaps};
    zf_status st = zf_assigner_overlay(a, a->assigned, *inout_n, state->footprint->wkb, &overlay, error);
    size_t n = 0;
    for (size_t i = 0; st == ZF_OK && i < *inout_n; i++) {
        a->assigned[n] = a->assigned[i];
        a->overlaps[n] = a->overlaps[i] < overlay.whole ? a->overlaps[i] / overlay.whole : 1;
        n += a->overlaps[i] > 0;
    }
    out->repeated = overlay.again / overlay.whole;
    out->outside = overlay.beyond / overlay.whole;
    out->rounding = 0;
    *inout_n = n;
    return st;
}

/** Divides the footprint among the n zones of a->assigned: shares into a->overlaps. Drops zones whose share
 * is 0. */
static zf_status divide(zf_assigner *a, size_t *inout_n, zf_assign_state *state, zf_assignment *out,
                        zf_error *error) {
    zf_division division = {.area = 0};
    const size_t n_zones = *inout_n;
    size_t n = 0;
    memcpy(a->crossing, a->assigned,
           n_zones * sizeof *a->crossing); /* as they are before some are left out */
    zf_status st = zf_assign_state_build_geom(a, state, error);
    if (st == ZF_OK)
        st = zf_division_begin(a->geos, state->geom, &division, error);
    for (size_t i = 0; st == ZF_OK && i < n_zones; i++) {
        double overlap = 0;
        st = intersect_zone(a, a->crossing[i], &division, &overlap, error);
        a->assigned[n] = a->crossing[i];
        a->overlaps[n] = overlap < division.area ? overlap / division.area : 1;
        n += overlap > 0;
    }
    zf_status st_end = zf_division_end(a->geos, &division, st == ZF_OK ? error : NULL);
    if (st == ZF_OK)
        st = st_end;
    if (st == ZF_E_INTERNAL) { /* GEOS threw */
        memcpy(a->assigned, a->crossing, n_zones * sizeof *a->assigned);
        return divide_exactly(a, inout_n, state, out, error);
    }
    out->repeated = division.again / division.area;
    out->outside = division.beyond / division.area;
    out->rounding = division.rounding / division.area;
    *inout_n = n;
    return st;
}

/** Assigns shares; 1 without GEOS for a footprint that lies in one ZIP and intersects no other. */
static zf_status assign_shares(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out,
                               zf_error *error) {
    zf_status st = ZF_OK;
    if (n == 1 && a->overlaps[0] == whole)
        a->overlaps[0] = 1;
    else
        st = divide(a, &n, state, out, error);
    out->assigned = a->assigned;
    out->n_assigned = n;
    out->shares = a->overlaps;
    return st;
}

zf_status zf_overlap_assign(zf_assigner *assigner, zf_assign_state *state, zf_assignment *out,
                            zf_error *error) {
    size_t n = 0;
    if (state->footprint->wkb->dimension < 2)
        return zf_path_overlap_assign(assigner, list_candidates(assigner), state, out, error);
    zf_status st = find_overlaps(assigner, state, &n, error);
    if (st != ZF_OK || n == 0)
        return st;
    return assigner->rule == ZF_ASSIGN_SHARE ? assign_shares(assigner, n, state, out, error)
                                             : choose_largest(assigner, n, state, out, error);
}
