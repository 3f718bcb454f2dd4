/* SPDX-License-Identifier: MIT */
/* Assignment of points and lines by overlap: a point goes to the first ZIP that it intersects, lines go by
 * length. */
#include "zone/assign_internal.h"

#include <string.h>

/** Lengths whose relative difference is smaller count as equal. */
static const double tie_tolerance = 1e-9;

/** Decides by GEOS whether a footprint intersects a zone, its border included. */
static zf_status find_intersects(zf_assigner *a, uint32_t zone, zf_assign_state *state, bool *out,
                                 zf_error *error) {
    const zf_prepared_zone *prepared = NULL;
    zf_status st = zf_assign_state_build_geom(a, state, error);
    if (st == ZF_OK)
        st = zf_prepared_cache_get(zf_assigner_prepared_cache(a, zone), a->geos, zone, &prepared, error);
    if (st != ZF_OK)
        return st;
    st = zf_prepared_intersects(a->geos, prepared->prepared, state->geom, out, error);
    zf_prepared_cache_release(zf_assigner_prepared_cache(a, zone));
    return st;
}

/** Length of a line within a zone, in the unit of the CRS. */
static zf_status measure_inside(zf_assigner *a, uint32_t zone, zf_assign_state *state, double *out,
                                zf_error *error) {
    const zf_prepared_zone *prepared = NULL;
    bool is_met = false;
    *out = 0;
    zf_status st = find_intersects(a, zone, state, &is_met, error);
    if (st == ZF_OK && is_met)
        st = zf_prepared_cache_get(zf_assigner_prepared_cache(a, zone), a->geos, zone, &prepared, error);
    if (st != ZF_OK || !is_met)
        return st;
    st = zf_geom_overlap_length(a->geos, prepared->geom, state->geom, out, error);
    zf_prepared_cache_release(zf_assigner_prepared_cache(a, zone));
    return st;
}

/** Moves the zone at index i of a->assigned to the front; the others that the footprint enters become
 * crossing. */
static zf_status assign_one(zf_assigner *a, size_t n, size_t best, zf_assign_state *state, zf_assignment *out,
                            zf_error *error) {
    size_t n_crossing = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        bool is_met = false;
        if (i != best)
            st = zf_assign_state_find_crossing(a, a->assigned[i], state, &is_met, error);
        a->crossing[n_crossing] = a->assigned[i];
        n_crossing += is_met;
    }
    a->assigned[0] = a->assigned[best];
    *out = (zf_assignment){
        .assigned = a->assigned, .n_assigned = 1, .crossing = a->crossing, .n_crossing = n_crossing};
    return st;
}

/** Assigns points to the first zone that they intersect. */
static zf_status assign_points(zf_assigner *a, size_t n, zf_assign_state *state, zf_assignment *out,
                               zf_error *error) {
    bool is_met = false;
    zf_status st = ZF_OK;
    size_t first = 0;
    for (; first < n && !is_met; first++)
        if ((st = find_intersects(a, a->assigned[first], state, &is_met, error)) != ZF_OK)
            return st;
    if (is_met)
        st = assign_one(a, n, first - 1, state, out, error);
    if (st == ZF_OK && is_met && a->rule == ZF_ASSIGN_SHARE) {
        a->overlaps[0] = 1;
        out->shares = a->overlaps;
    }
    return st;
}

/** Keeps the zones that contain a stretch of the line, with its length in each. */
static zf_status measure_all(zf_assigner *a, size_t *inout_n, zf_assign_state *state, zf_error *error) {
    size_t n = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < *inout_n; i++) {
        double length = 0;
        st = measure_inside(a, a->assigned[i], state, &length, error);
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
    double whole = 0;
    size_t best = 0;
    zf_status st = measure_all(a, &n, state, error);
    if (st != ZF_OK || n == 0)
        return st;
    for (size_t i = 1; i < n; i++)
        if (a->overlaps[i] > a->overlaps[best] * (1 + tie_tolerance))
            best = i;
    if (a->rule != ZF_ASSIGN_SHARE)
        return assign_one(a, n, best, state, out, error);
    st = zf_geom_length(a->geos, state->geom, &whole, error);
    for (size_t i = 0; i < n; i++) /* within rounding the whole line is the whole */
        a->overlaps[i] = a->overlaps[i] < whole * (1 - 1e-12) ? a->overlaps[i] / whole : 1;
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
