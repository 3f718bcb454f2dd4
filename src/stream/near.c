/* SPDX-License-Identifier: MIT */
/* Buildings near a ZIP that are not of it, for analyses that look beyond their ZIP. */
#include "stream/lane.h"

/** ZIPs of this pass that the building may be near to. *out_is_seen_before: an earlier pass had some. */
static zf_status find_near(zf_lane *lane, const zf_envelope *envelope, zf_assignment *out,
                           bool *out_is_seen_before, zf_error *error) {
    zf_envelope around = zf_halo_around(lane->halo, envelope);
    zf_candidates c = zf_assigner_find(lane->assigner, &around);
    zf_building_defer(lane, envelope, &c);
    *out = (zf_assignment){0};
    *out_is_seen_before = c.n_earlier > 0;
    return c.n_now > 0 ? zf_assigner_find_halo(lane->assigner, envelope, lane->halo, out, error) : ZF_OK;
}

static bool meets_some_zip(zf_lane *lane, const zf_envelope *envelope) {
    zf_candidates c = zf_assigner_find(lane->assigner, envelope);
    return c.n_now + c.n_earlier + c.n_later > 0;
}

/* The first reading has counted and listed what is wrong with buildings whose envelope meets some ZIP's; of
 * the others only the number is told. */
static zf_status examine_near(zf_lane *lane, zf_building *b, bool is_first, bool *out_is_usable,
                              zf_error *error) {
    const zf_envelope envelope = b->footprint.wkb.envelope;
    b->is_seen_before = true;
    zf_status st = zf_building_examine(lane, b, out_is_usable, error);
    if (st == ZF_OK && is_first && b->footprint.outcome != ZF_EXAMINE_USABLE)
        lane->tally.n_invalid_others += !meets_some_zip(lane, &envelope);
    return st;
}

zf_status zf_near_building(zf_lane *lane, size_t row, zf_error *error) {
    zf_building building;
    zf_assignment near = {0};
    bool is_usable = false, is_seen_before = false;
    lane->tally.counts.buildings_read += lane->pass_no == 0;
    zf_status st = zf_building_read(lane, row, false, &building, &is_usable, error);
    if (st == ZF_OK && is_usable)
        st = find_near(lane, &building.footprint.wkb.envelope, &near, &is_seen_before, error);
    if (st == ZF_OK && near.n_assigned > 0) {
        st = examine_near(lane, &building, !is_seen_before, &is_usable, error);
        if (st == ZF_OK && is_usable)
            st = zf_building_keep(lane, &building, &near, error);
    }
    zf_examined_release(&lane->examiner, &building.footprint);
    return zf_building_at(lane, st, row, error);
}
