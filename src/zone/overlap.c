/* SPDX-License-Identifier: MIT */
/* Assigning by the area that a footprint has in common with each zone. */
#include "zone/assign_internal.h"

#include <string.h>

/** Overlaps that differ by less than this part of the larger are equal: the two halves of a footprint that a
 * border cuts in the middle come out of the overlay with rounding of their own. */
static const double tie_tolerance = 1e-9;
/** The footprint lies in the zone with all of it, or overlaps it by an area not yet taken. */
static const double whole = -1, unknown = -2;

/** All candidates, ascending, into a->assigned. */
static size_t list_candidates(zf_assigner *a) {
    size_t n = a->n_found + a->n_later;
    memcpy(a->assigned, a->found, a->n_found * sizeof *a->assigned);
    memcpy(a->assigned + a->n_found, a->later, a->n_later * sizeof *a->assigned);
    if (a->n_later > 0)
        zf_zones_sort(a->assigned, n);
    return n;
}

/** Only zones whose turn is now have cells in memory. */
static zf_status locate(zf_assigner *a, uint32_t zone, const zf_question *q, zf_side *out, zf_error *error) {
    const zf_grid *grid = NULL;
    *out = ZF_SIDE_UNSURE;
    if (q->subject->rest != NULL || zf_groups_turn(a->catalogue->groups, zone) != ZF_TURN_NOW)
        return ZF_OK;
    zf_status st = zf_grids_get(a->catalogue->grids, zone, &grid, error);
    if (st != ZF_OK)
        return st;
    *out = zf_grid_locate(grid, q->subject->wkb);
    zf_grids_let_go(a->catalogue->grids, zone);
    return ZF_OK;
}

/** Takes the area of an overlap; of a footprint that lies in the zone, its own. */
static zf_status measure_overlap(zf_assigner *a, uint32_t zone, zf_question *q, double *inout,
                                 zf_error *error) {
    zf_status st = zf_question_need_geom(a, q, error);
    if (st != ZF_OK || *inout == whole)
        return st == ZF_OK ? zf_geom_plane_area(a->geos, q->geom, inout, error) : st;
    const zf_exact_zone *exact = NULL;
    st = zf_exact_get(zf_assigner_keeper(a, zone), a->geos, zone, &exact, error);
    if (st != ZF_OK)
        return st;
    st = zf_geom_overlap_area(a->geos, exact->geom, q->geom, inout, error);
    zf_exact_let_go(zf_assigner_keeper(a, zone));
    if (st == ZF_E_INTERNAL) /* GEOS has thrown */
        st = zf_assigner_overlay(a, &zone, 1, q->subject->wkb, &(zf_overlay){.overlaps = inout}, error);
    return st;
}

/** Is there any overlap? 0, `whole`, `unknown`, or its area: where GEOS is asked, it must find some (the
 * relate of 3.13 finds interiors that meet where a hole touches its shell on the zone's border). */
static zf_status find_overlap(zf_assigner *a, uint32_t zone, zf_question *q, double *out, zf_error *error) {
    bool is_met = false;
    zf_side side;
    zf_status st = locate(a, zone, q, &side, error);
    if (st == ZF_OK && side == ZF_SIDE_UNSURE)
        st = zf_question_ask_crossing(a, zone, q, &is_met, error);
    *out = side == ZF_SIDE_INSIDE ? whole : side == ZF_SIDE_CROSSES ? unknown : 0;
    return st == ZF_OK && is_met ? measure_overlap(a, zone, q, out, error) : st;
}

/** The zones with some overlap stay in a->assigned, their overlaps in a->overlaps. */
static zf_status find_overlaps(zf_assigner *a, zf_question *q, size_t *out_n, zf_error *error) {
    size_t n = list_candidates(a), n_kept = 0;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        double overlap;
        st = find_overlap(a, a->assigned[i], q, &overlap, error);
        if (overlap == 0)
            continue;
        a->assigned[n_kept] = a->assigned[i];
        a->overlaps[n_kept++] = overlap;
    }
    *out_n = n_kept;
    return st;
}

/* ---- largest ---- */

static zf_status measure_overlaps(zf_assigner *a, size_t n, zf_question *q, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        if (a->overlaps[i] < 0) /* whole or unknown */
            st = measure_overlap(a, a->assigned[i], q, &a->overlaps[i], error);
    return st;
}

static zf_status choose_largest(zf_assigner *a, size_t n, zf_question *q, zf_assignment *out,
                                zf_error *error) {
    size_t best = 0, n_crossing = 0;
    zf_status st = n > 1 ? measure_overlaps(a, n, q, error) : ZF_OK;
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

static zf_status take_part(zf_assigner *a, uint32_t zone, zf_division *division, double *out_overlap,
                           zf_error *error) {
    const zf_exact_zone *exact = NULL;
    zf_status st = zf_exact_get(zf_assigner_keeper(a, zone), a->geos, zone, &exact, error);
    if (st != ZF_OK)
        return st;
    st = zf_division_take(a->geos, division, exact->geom, out_overlap, error);
    zf_exact_let_go(zf_assigner_keeper(a, zone));
    return st;
}

/** The same where GEOS throws. */
static zf_status divide_exactly(zf_assigner *a, size_t *inout_n, const zf_question *q, zf_assignment *out,
                                zf_error *error) {
    zf_overlay overlay = {.overlaps = a->overlaps};
    zf_status st = zf_assigner_overlay(a, a->assigned, *inout_n, q->subject->wkb, &overlay, error);
    size_t n = 0;
    for (size_t i = 0; st == ZF_OK && i < *inout_n; i++) {
        a->assigned[n] = a->assigned[i];
        a->overlaps[n] = a->overlaps[i] < overlay.whole ? a->overlaps[i] / overlay.whole : 1;
        n += a->overlaps[i] > 0;
    }
    out->again = overlay.again / overlay.whole;
    out->beyond = overlay.beyond / overlay.whole;
    out->rounding = 0;
    *inout_n = n;
    return st;
}

/* Into a->overlaps, of the n in a->assigned; those that turn out to be of nothing go. */
static zf_status divide(zf_assigner *a, size_t *inout_n, zf_question *q, zf_assignment *out,
                        zf_error *error) {
    zf_division division = {.area = 0};
    const size_t n_zones = *inout_n;
    size_t n = 0;
    memcpy(a->crossing, a->assigned, n_zones * sizeof *a->crossing); /* as they are before some are left out */
    zf_status st = zf_question_need_geom(a, q, error);
    if (st == ZF_OK)
        st = zf_division_begin(a->geos, q->geom, &division, error);
    for (size_t i = 0; st == ZF_OK && i < n_zones; i++) {
        double overlap = 0;
        st = take_part(a, a->crossing[i], &division, &overlap, error);
        a->assigned[n] = a->crossing[i];
        a->overlaps[n] = overlap < division.area ? overlap / division.area : 1;
        n += overlap > 0;
    }
    zf_status st_end = zf_division_end(a->geos, &division, st == ZF_OK ? error : NULL);
    if (st == ZF_OK)
        st = st_end;
    if (st == ZF_E_INTERNAL) { /* GEOS has thrown */
        memcpy(a->assigned, a->crossing, n_zones * sizeof *a->assigned);
        return divide_exactly(a, inout_n, q, out, error);
    }
    out->again = division.again / division.area;
    out->beyond = division.beyond / division.area;
    out->rounding = division.rounding / division.area;
    *inout_n = n;
    return st;
}

/** All of a footprint that lies in one ZIP and meets no other is that ZIP's, without GEOS. */
static zf_status share_out(zf_assigner *a, size_t n, zf_question *q, zf_assignment *out, zf_error *error) {
    zf_status st = ZF_OK;
    if (n == 1 && a->overlaps[0] == whole)
        a->overlaps[0] = 1;
    else
        st = divide(a, &n, q, out, error);
    out->assigned = a->assigned;
    out->n_assigned = n;
    out->shares = a->overlaps;
    return st;
}

zf_status zf_overlap_assign(zf_assigner *assigner, zf_question *question, zf_assignment *out,
                            zf_error *error) {
    size_t n = 0;
    zf_status st = find_overlaps(assigner, question, &n, error);
    if (st != ZF_OK || n == 0)
        return st;
    return assigner->rule == ZF_ASSIGN_SHARE ? share_out(assigner, n, question, out, error)
                                             : choose_largest(assigner, n, question, out, error);
}
