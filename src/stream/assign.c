/* SPDX-License-Identifier: MIT */
/* Buildings and the ZIPs that they are assigned to. */
#include "stream/lane.h"

#include <math.h>

/** Is there a ZIP of this pass that the building may belong to? A rule that compares ZIPs is settled as a
 * whole, in the first pass that has one of them. */
static bool has_candidates(zf_lane *lane, zf_building *b) {
    const zf_envelope *envelope = &b->footprint.wkb.envelope;
    zf_candidates c = zf_assigner_find(lane->assigner, envelope);
    zf_building_defer(lane, envelope, &c);
    bool is_whole = zf_assign_rule_is_overlap(lane->context->options->assign);
    b->is_seen_before = c.n_earlier > 0 && !is_whole;
    b->is_split = c.n_earlier + c.n_later > 0 && !is_whole;
    if (lane->pass_no == 0 && c.n_now == 0 && c.n_later == 0)
        lane->tally.counts.buildings_outside++;
    return c.n_now > 0 && !(is_whole && c.n_earlier > 0);
}

/** Counts what this pass found for the building, or notes it when other passes find more. */
static zf_status count_assignment(zf_lane *lane, const zf_building *b, const zf_assignment *a,
                                  zf_error *error) {
    zf_tally *tally = &lane->tally;
    for (size_t i = 0; i < a->n_assigned; i++)
        tally->zips[a->assigned[i]].buildings++;
    for (size_t i = 0; i < a->n_crossing; i++)
        tally->zips[a->crossing[i]].crossing++;
    tally->counts.assignments += a->n_assigned;
    if (b->is_split)
        return zf_split_append(lane->split_notes, b->fid, lane->context->has_unique_fids ? 0 : b->ordinal,
                               lane->pass_no, a, error);
    zf_tally_count_building(tally, a->n_assigned, a->n_crossing);
    return ZF_OK;
}

/** Notes how far a building may reach beyond its ZIPs, for the reading of the buildings near them. */
static zf_status note_overhang(zf_lane *lane, const zf_envelope *envelope, const zf_assignment *a,
                               zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < a->n_assigned; i++) {
        zf_overhang *overhang = &lane->tally.overhangs[a->assigned[i]];
        bool is_inside = false;
        st = zf_assigner_is_inside(lane->assigner, a->assigned[i], envelope, &is_inside, error);
        overhang->has_own = true;
        if (is_inside)
            continue;
        overhang->x = fmax(overhang->x, envelope->max_x - envelope->min_x);
        overhang->y = fmax(overhang->y, envelope->max_y - envelope->min_y);
    }
    return st;
}

/** Adds the area of the building kept last to its ZIPs. */
static zf_status add_built_area(zf_lane *lane, const zf_assignment *a, zf_error *error) {
    const double area_m2 = lane->kept.items[lane->kept.n - 1].measures[ZF_MEASURE_AREA_M2];
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < a->n_assigned; i++) {
        const double part_m2 = a->shares != NULL ? a->shares[i] * area_m2 : area_m2;
        st = zf_area_sum_add(&lane->tally.zips[a->assigned[i]].built_m2, part_m2, error);
    }
    return st;
}

static zf_status assign(zf_lane *lane, const zf_building *b, zf_error *error) {
    const zf_footprint subject = {&b->footprint.wkb, b->footprint.geom, b->footprint.rest};
    zf_assignment assignment;
    zf_status st = zf_assigner_assign(lane->assigner, &subject, &assignment, error);
    if (st == ZF_OK)
        st = count_assignment(lane, b, &assignment, error);
    if (st != ZF_OK || assignment.n_assigned == 0)
        return st;
    st = zf_building_keep(lane, b, &assignment, error);
    if (st == ZF_OK)
        st = add_built_area(lane, &assignment, error);
    if (st == ZF_OK && assignment.shares != NULL)
        zf_areas_add(&lane->tally.areas, lane->kept.items[lane->kept.n - 1].measures[ZF_MEASURE_AREA_M2],
                     &assignment);
    if (st == ZF_OK && lane->tally.overhangs != NULL)
        st = note_overhang(lane, &b->footprint.wkb.envelope, &assignment, error);
    return st;
}

/** Notes where a usable building is, and whether it crosses the antimeridian. */
static void count_place(zf_lane *lane, const zf_building *b) {
    const zf_wkb *wkb = &b->footprint.wkb;
    zf_envelope_add(&lane->tally.extent, &wkb->envelope);
    if (wkb->envelope.max_x - wkb->envelope.min_x > lane->half_turn &&
        zf_wkb_crosses_antimeridian(wkb, lane->half_turn))
        zf_tally_count_antimeridian(&lane->tally, b->fid, b->ordinal);
}

zf_status zf_assign_building(zf_lane *lane, size_t row, zf_error *error) {
    zf_building building;
    bool is_usable = false, is_first_pass = lane->pass_no == 0;
    lane->tally.counts.buildings_read += is_first_pass;
    zf_status st = zf_building_read(lane, row, is_first_pass, &building, &is_usable, error);
    if (st == ZF_OK && is_usable && is_first_pass)
        count_place(lane, &building);
    if (st == ZF_OK && is_usable && has_candidates(lane, &building)) {
        st = zf_building_examine(lane, &building, &is_usable, error);
        if (st == ZF_OK && is_usable)
            st = assign(lane, &building, error);
    }
    zf_examined_release(&lane->examiner, &building.footprint);
    return zf_building_at(lane, st, row, error);
}
