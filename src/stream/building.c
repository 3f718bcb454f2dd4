/* SPDX-License-Identifier: MIT */
/* What looking at a building has in common, whatever it is looked at for. */
#include "stream/lane.h"

#include <math.h>

zf_status zf_building_at(const zf_lane *lane, zf_status status, size_t row, zf_error *error) {
    const zf_source_info *layer = zf_source_get_info(lane->context->buildings);
    return status == ZF_OK
               ? status
               : zf_error_at(error, status, layer->path, layer->layer, zf_batch_fid(lane->kept.batch, row));
}

/** Counts a building that was repaired or left out, and lists it. Its change of area is listed only when it
 * was repaired. */
static zf_status list(zf_lane *lane, zf_building *b, zf_error *error) {
    zf_examined *found = &b->footprint;
    zf_run_counts *counts = &lane->tally.counts;
    counts->buildings_repaired += found->outcome == ZF_EXAMINE_REPAIRED;
    counts->buildings_empty += found->outcome == ZF_EXAMINE_EMPTY;
    counts->buildings_skipped += found->outcome == ZF_EXAMINE_SKIPPED;
    found->rejected.fid = b->fid;
    if (found->outcome != ZF_EXAMINE_REPAIRED)
        found->rejected.area_delta_m2 = NAN;
    return lane->context->reject(lane->context->reject_user, &found->rejected, b->ordinal, error);
}

zf_status zf_building_read(zf_lane *lane, size_t row, bool is_listed, zf_building *out, bool *out_is_usable,
                           zf_error *error) {
    zf_shape shape;
    out->row = row;
    out->fid = zf_batch_fid(lane->kept.batch, row);
    out->ordinal = lane->kept.first_ordinal + row;
    out->is_seen_before = out->is_split = false;
    out->footprint.geom = out->footprint.rest = NULL;
    *out_is_usable = false;
    zf_status st = zf_batch_shape(lane->kept.batch, row, &shape, error);
    if (st != ZF_OK)
        return st;
    st = zf_examine_shape(&lane->examiner, &shape, &out->footprint, is_listed ? error : NULL);
    *out_is_usable = out->footprint.outcome == ZF_EXAMINE_USABLE;
    if (*out_is_usable || !is_listed)
        return ZF_OK;
    return st == ZF_OK ? list(lane, out, error) : st;
}

zf_status zf_building_examine(zf_lane *lane, zf_building *building, bool *out_is_usable, zf_error *error) {
    zf_examined *found = &building->footprint;
    zf_status st = zf_examine_validity(&lane->examiner, &found->wkb, found, error);
    *out_is_usable = st == ZF_OK && found->outcome <= ZF_EXAMINE_REPAIRED;
    if (st != ZF_OK || found->outcome == ZF_EXAMINE_USABLE || building->is_seen_before)
        return st;
    return list(lane, building, error);
}

/* Every deferred building must reappear in a later pass. */
void zf_building_defer(zf_lane *lane, const zf_envelope *envelope, const zf_candidates *c) {
    zf_tally *tally = &lane->tally;
    if (lane->pass_no == 0 && c->n_later > 0) {
        tally->deferred_x = fmax(tally->deferred_x, envelope->max_x - envelope->min_x);
        tally->deferred_y = fmax(tally->deferred_y, envelope->max_y - envelope->min_y);
    }
    if (lane->pass_no == 0)
        for (size_t i = 0; i < c->n_later; i++)
            tally->zips[c->later[i]].n_deferred++;
    else
        for (size_t i = 0; i < c->n_now; i++)
            tally->zips[c->now[i]].n_deferred--;
}

zf_status zf_building_keep(zf_lane *lane, const zf_building *building, const zf_assignment *assignment,
                           zf_error *error) {
    return zf_kept_list_add(&lane->kept, building->row, &building->footprint.wkb,
                            building->footprint.repaired, assignment, lane->metric,
                            lane->context->plan->reading.measures, error);
}
