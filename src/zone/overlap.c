/* SPDX-License-Identifier: MIT */
/* Assignment by the area that a footprint shares with each zone. */
#include "zone/assign_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/** Overlaps whose relative difference is smaller count as equal: the two halves of a footprint that a border cuts in the
 * middle differ by the rounding of the coordinates. The areas themselves are a thousand times as accurate. */
static const double tie_tolerance = 1e-9;

/** Lists the candidates of all passes in a->assigned, ascending. */
static size_t list_candidates(zf_assigner *a) {
    size_t n = a->n_found + a->n_later;
    memcpy(a->assigned, a->found, a->n_found * sizeof *a->assigned);
    memcpy(a->assigned + a->n_found, a->later, a->n_later * sizeof *a->assigned);
    if (a->n_later > 0)
        zf_zones_sort(a->assigned, n);
    return n;
}

/** Decides whether the interiors of the footprint and of a zone meet, and whether the zone covers the footprint. */
static zf_status find_meeting(zf_assigner *a, uint32_t zone, zf_assign_state *state, zf_relation *out, zf_error *error) {
    zf_borrowed_grid borrowed;
    zf_status st = zf_assigner_get_grid(a, zone, &borrowed, error);
    if (st != ZF_OK)
        return st;
    zf_side side = zf_grid_locate(borrowed.grid, state->footprint->wkb);
    *out = (zf_relation){.interiors_meet = side != ZF_SIDE_OUTSIDE, .is_covered = side == ZF_SIDE_INSIDE};
    if (side == ZF_SIDE_UNSURE)
        st = zf_assigner_relate(a, borrowed.grid, state, out, error);
    zf_assigner_release_grid(&borrowed);
    return st;
}

/** Keeps the zones whose interiors meet the footprint's in a->assigned. *out_is_whole: the first of them covers it. */
static zf_status find_overlapped(zf_assigner *a, zf_assign_state *state, size_t *out_n, bool *out_is_whole,
                                 zf_error *error) {
    size_t n = list_candidates(a), n_kept = 0;
    zf_status st = ZF_OK;
    *out_is_whole = false;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_relation relation = {false, false, false};
        st = find_meeting(a, a->assigned[i], state, &relation, error);
        if (st != ZF_OK || !relation.interiors_meet)
            continue;
        if (n_kept == 0)
            *out_is_whole = relation.is_covered;
        a->assigned[n_kept++] = a->assigned[i];
    }
    *out_n = n_kept;
    return st;
}

/** Assigns to the zone of the largest overlap, of equal ones to the first; the others are crossing. */
static zf_status choose_largest(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out,
                                zf_error *error) {
    size_t best = 0, n_crossing = 0;
    double most = 0;
    zf_overlay overlay = {.overlaps = a->overlaps};
    zf_status st = n > 1 ? zf_assigner_overlay(a, a->assigned, n, state, &overlay, error) : ZF_OK;
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; n > 1 && i < n; i++)
        most = fmax(most, a->overlaps[i]);
    while (n > 1 && a->overlaps[best] * (1 + tie_tolerance) < most)
        best++;
    for (size_t i = 0; i < n; i++)
        if (i != best)
            a->crossing[n_crossing++] = a->assigned[i];
    a->assigned[0] = a->assigned[best];
    *out = (zf_assignment){a->assigned, 1, a->crossing, n_crossing, NULL, 0, 0, 0};
    return ZF_OK;
}

/** An area as a share of the footprint's; 0 if coordinates are so large that it is not a finite number. */
static double part_of(double area, double whole) {
    const double part = area / whole;
    return isfinite(part) ? part : 0;
}

/** Divides the footprint among the n zones of a->assigned: shares into a->overlaps. No share is 0: the interiors meet. */
static zf_status divide(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out, zf_error *error) {
    zf_overlay overlay = {.overlaps = a->overlaps};
    zf_status st = zf_assigner_overlay(a, a->assigned, n, state, &overlay, error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < n; i++)
        a->overlaps[i] = a->overlaps[i] < overlay.whole ? fmax(a->overlaps[i] / overlay.whole, DBL_MIN) : 1;
    out->repeated = part_of(overlay.repeated, overlay.whole);
    out->outside = part_of(overlay.outside, overlay.whole);
    out->rounding = (double)(n + 1) * DBL_EPSILON;
    return ZF_OK;
}

/** Assigns shares; 1 at once for a footprint that lies in one ZIP and overlaps no other. */
static zf_status assign_shares(zf_assigner *a, size_t n, bool is_whole, zf_assign_state *state, zf_assignment *out,
                               zf_error *error) {
    zf_status st = ZF_OK;
    if (n == 1 && is_whole)
        a->overlaps[0] = 1;
    else
        st = divide(a, n, state, out, error);
    out->assigned = a->assigned;
    out->n_assigned = n;
    out->shares = a->overlaps;
    return st;
}

zf_status zf_overlap_assign(zf_assigner *assigner, zf_assign_state *state, zf_assignment *out,
                            zf_error *error) {
    size_t n = 0;
    bool is_whole = false;
    if (state->footprint->wkb->dimension < 2)
        return zf_path_overlap_assign(assigner, list_candidates(assigner), state, out, error);
    zf_status st = find_overlapped(assigner, state, &n, &is_whole, error);
    if (st != ZF_OK || n == 0)
        return st;
    return assigner->rule == ZF_ASSIGN_SHARE ? assign_shares(assigner, n, is_whole, state, out, error)
                                             : choose_largest(assigner, n, state, out, error);
}
