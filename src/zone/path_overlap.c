/* SPDX-License-Identifier: MIT */
/* Assignment of points and lines by overlap: a point goes to the first ZIP that it intersects, lines go by
 * length. */
#include "zone/assign_internal.h"

#include <string.h>

/** Lengths whose relative difference is smaller count as equal. */
static const double tie_tolerance = 1e-9;

/** Relation of a footprint to a zone of any pass. */
static zf_status relate_to(zf_assigner *a, uint32_t zone, zf_assign_state *state, zf_relation *out, zf_error *error) {
    zf_borrowed_grid borrowed;
    zf_status st = zf_assigner_get_grid(a, zone, &borrowed, error);
    if (st != ZF_OK)
        return st;
    st = zf_assigner_relate(a, borrowed.grid, state, out, error);
    zf_assigner_release_grid(&borrowed);
    return st;
}

/** Moves the zone at index i of a->assigned to the front; the others that the footprint enters become
 * crossing. */
static zf_status assign_one(zf_assigner *a, size_t n, size_t best, zf_assign_state *state, zf_assignment *out,
                            zf_error *error) {
    size_t n_crossing = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_relation relation = {false, false, false};
        if (i != best)
            st = relate_to(a, a->assigned[i], state, &relation, error);
        a->crossing[n_crossing] = a->assigned[i];
        n_crossing += relation.interiors_meet;
    }
    a->assigned[0] = a->assigned[best];
    *out = (zf_assignment){
        .assigned = a->assigned, .n_assigned = 1, .crossing = a->crossing, .n_crossing = n_crossing};
    return st;
}

/** Assigns points to the first zone that they intersect. */
static zf_status assign_points(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out,
                               zf_error *error) {
    zf_relation relation = {false, false, false};
    zf_status st = ZF_OK;
    size_t first = 0;
    for (; first < n && !relation.meet; first++)
        if ((st = relate_to(a, a->assigned[first], state, &relation, error)) != ZF_OK)
            return st;
    if (!relation.meet)
        return ZF_OK;
    st = assign_one(a, n, first - 1, state, out, error);
    if (st == ZF_OK && a->rule == ZF_ASSIGN_SHARE) {
        a->overlaps[0] = 1;
        out->shares = a->overlaps;
    }
    return st;
}

/** Keeps the zones that contain a stretch of the line, with its length in each. *out_whole: its whole length. */
static zf_status measure_all(zf_assigner *a, size_t *inout_n, zf_assign_state *state, double *out_whole, zf_error *error) {
    size_t n = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < *inout_n; i++) {
        double length = 0;
        st = zf_assigner_measure_line(a, a->assigned[i], state, &length, out_whole, error);
        a->assigned[n] = a->assigned[i];
        a->overlaps[n] = length;
        n += length > 0;
    }
    *inout_n = n;
    return st;
}

/** Assigns lines by their length in each zone. */
static zf_status assign_lines(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out,
                              zf_error *error) {
    double whole = 0, most = 0;
    size_t best = 0;
    zf_status st = measure_all(a, &n, state, &whole, error);
    if (st != ZF_OK || n == 0)
        return st;
    for (size_t i = 0; i < n; i++)
        most = a->overlaps[i] > most ? a->overlaps[i] : most;
    while (a->overlaps[best] * (1 + tie_tolerance) < most)
        best++;
    if (a->rule != ZF_ASSIGN_SHARE)
        return assign_one(a, n, best, state, out, error);
    for (size_t i = 0; i < n; i++) /* within rounding the whole line is the whole */
        a->overlaps[i] = a->overlaps[i] < whole * (1 - 1e-15) ? a->overlaps[i] / whole : 1;
    out->assigned = a->assigned;
    out->n_assigned = n;
    out->shares = a->overlaps;
    return st;
}

zf_status zf_path_overlap_assign(zf_assigner *assigner, size_t n, zf_assign_state *state, zf_assignment *out,
                                 zf_error *error) {
    return state->footprint->wkb->dimension == 0 ? assign_points(assigner, n, state, out, error)
                                                 : assign_lines(assigner, n, state, out, error);
}
