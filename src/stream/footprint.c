/* SPDX-License-Identifier: MIT */
#include "os/thread.h"
#include "stream/worker.h"

#include <math.h>

/** Counts a building that was repaired or left out, and lists it: once, in the pass that sees it first. A
 * building's change of area is listed only when it was repaired. */
static zf_status list_examined(zf_worker *w, zf_examined *examined, size_t row, uint64_t ordinal,
                               zf_error *error) {
    if (examined->outcome == ZF_EXAMINE_USABLE || w->is_known)
        return ZF_OK;
    w->counts.buildings_repaired += examined->outcome == ZF_EXAMINE_REPAIRED;
    w->counts.buildings_empty += examined->outcome == ZF_EXAMINE_EMPTY;
    w->counts.buildings_skipped += examined->outcome == ZF_EXAMINE_SKIPPED;
    examined->rejected.fid = zf_batch_fid(w->batch, row);
    if (examined->outcome != ZF_EXAMINE_REPAIRED)
        examined->rejected.area_delta_m2 = NAN;
    zf_mutex_lock(w->rejects_lock);
    zf_status st = zf_rejects_append(w->rejects, &examined->rejected, ordinal, error);
    zf_mutex_unlock(w->rejects_lock);
    return st;
}

/** Who is seen in the first pass must come again in those of its other ZIPs. */
static void await(zf_worker *w, const zf_envelope *envelope, const zf_candidates *c) {
    if (w->pass == 0 && c->n_later > 0) {
        w->reach_x = fmax(w->reach_x, envelope->max_x - envelope->min_x);
        w->reach_y = fmax(w->reach_y, envelope->max_y - envelope->min_y);
    }
    if (w->pass == 0)
        for (size_t i = 0; i < c->n_later; i++)
            w->zip_counts[c->later[i]].awaited++;
    else
        for (size_t i = 0; i < c->n_now; i++)
            w->zip_counts[c->now[i]].awaited--;
}

/** Is there a ZIP in this pass that the building may belong to? */
static bool has_turn(zf_worker *w, const zf_envelope *envelope) {
    zf_candidates c = zf_assigner_find(w->assigner, envelope);
    await(w, envelope, &c);
    bool is_whole =
        zf_assign_rule_is_overlap(w->options->assign); /* all its ZIPs at once, in its first pass */
    w->is_known = c.n_earlier > 0 && !is_whole;
    w->is_partial = c.n_earlier + c.n_later > 0 && !is_whole;
    if (w->pass == 0 && c.n_now == 0 && c.n_later == 0)
        w->counts.buildings_outside++; /* far from every ZIP: no closer look */
    return c.n_now > 0 && !(is_whole && c.n_earlier > 0);
}

/** Is the footprint usable as it is, or repaired? */
static zf_status settle(zf_worker *w, size_t row, uint64_t ordinal, zf_examined *out, bool *out_is_usable,
                        zf_error *error) {
    zf_status st = zf_examine_validity(&w->examiner, &out->wkb, out, error);
    *out_is_usable = st == ZF_OK && out->outcome <= ZF_EXAMINE_REPAIRED;
    return st == ZF_OK ? list_examined(w, out, row, ordinal, error) : st;
}

/** The first look at a building's shape. */
static zf_status look(zf_worker *w, size_t row, bool is_counted, uint64_t ordinal, zf_examined *out,
                      bool *out_is_usable, zf_error *error) {
    zf_shape shape;
    zf_error ignored = ZF_ERROR_INIT;
    out->geom = NULL;
    *out_is_usable = false;
    zf_status st = zf_batch_shape(w->batch, row, &shape, error);
    if (st != ZF_OK)
        return st;
    st = zf_examine_shape(&w->examiner, &shape, out, is_counted ? error : &ignored);
    *out_is_usable = out->outcome == ZF_EXAMINE_USABLE;
    if (!is_counted)
        return ZF_OK;
    w->is_known = false;
    return st == ZF_OK ? list_examined(w, out, row, ordinal, error) : st;
}

static void note_turned(zf_worker *w, const zf_wkb *wkb, int64_t fid, uint64_t ordinal) {
    if (!zf_wkb_turns_around(wkb, w->half_turn))
        return;
    if (w->n_turned++ > 0 && ordinal > w->turned_ordinal)
        return;
    w->turned_ordinal = ordinal;
    w->turned_fid = fid;
}

zf_status zf_footprint_read(zf_worker *worker, size_t row, uint64_t ordinal, zf_examined *out,
                            bool *out_is_usable, zf_error *error) {
    zf_status st = look(worker, row, worker->pass == 0, ordinal, out, out_is_usable, error);
    if (st != ZF_OK || !*out_is_usable)
        return st;
    if (out->wkb.envelope.max_x - out->wkb.envelope.min_x > worker->half_turn && worker->pass == 0)
        note_turned(worker, &out->wkb, zf_batch_fid(worker->batch, row), ordinal);
    *out_is_usable = has_turn(worker, &out->wkb.envelope);
    return *out_is_usable ? settle(worker, row, ordinal, out, out_is_usable, error) : ZF_OK;
}

/* ---- near ZIPs of others ---- */

static zf_status find_near(zf_worker *w, const zf_envelope *envelope, zf_assignment *out, bool *out_is_known,
                           zf_error *error) {
    zf_envelope around = zf_halo_around(w->halo, envelope);
    zf_candidates c = zf_assigner_find(w->assigner, &around);
    await(w, envelope, &c);
    *out = (zf_assignment){0};
    *out_is_known = c.n_earlier > 0;
    return c.n_now > 0 ? zf_assigner_find_halo(w->assigner, envelope, w->halo, out, error) : ZF_OK;
}

static bool meets_some_zip(zf_worker *w, const zf_envelope *envelope) {
    zf_candidates c = zf_assigner_find(w->assigner, envelope);
    return c.n_now + c.n_earlier + c.n_later > 0;
}

zf_status zf_footprint_read_near(zf_worker *worker, size_t row, uint64_t ordinal, zf_examined *out,
                                 zf_assignment *out_near, bool *out_is_usable, zf_error *error) {
    bool is_known = false;
    zf_status st = look(worker, row, false, ordinal, out, out_is_usable, error);
    if (st != ZF_OK || !*out_is_usable)
        return st;
    zf_envelope envelope = out->wkb.envelope;
    st = find_near(worker, &envelope, out_near, &is_known, error);
    *out_is_usable = false;
    if (st != ZF_OK || out_near->n_assigned == 0)
        return st;
    worker->is_known = true; /* nothing is counted or listed again */
    st = settle(worker, row, ordinal, out, out_is_usable, error);
    bool is_invalid = out->outcome != ZF_EXAMINE_USABLE;
    if (st == ZF_OK && is_invalid && !is_known)
        worker->n_halo_invalid += !meets_some_zip(worker, &envelope);
    return st;
}
