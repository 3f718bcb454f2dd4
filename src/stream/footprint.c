/* SPDX-License-Identifier: MIT */
#include "stream/worker.h"

#include <math.h>
#include <stdlib.h>

static zf_status list(zf_worker *w, const zf_rejected *rejected, uint64_t ordinal, zf_error *error) {
    pthread_mutex_lock(w->rejects_lock);
    zf_status st = zf_rejects_append(w->rejects, rejected, ordinal, error);
    pthread_mutex_unlock(w->rejects_lock);
    return st;
}

static zf_status refuse(zf_worker *w, const zf_rejected *rejected, zf_error *error) {
    zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "the building's geometry is not usable: %s%s%s; mend it, or choose --on-invalid repair or skip",
        rejected->reason, rejected->detail != NULL ? ": " : "",
        rejected->detail != NULL ? rejected->detail : "");
    return zf_error_at(error, ZF_E_INPUT, w->layer->path, w->layer->layer, rejected->fid);
}

/** What is wrong with a building is told once: in the pass that looks at it first. */
static zf_status skip(zf_worker *w, const zf_rejected *rejected, uint64_t ordinal, zf_error *error) {
    if (w->is_known)
        return ZF_OK;
    w->counts.buildings_skipped++;
    return list(w, rejected, ordinal, error);
}

static zf_status area_of(zf_worker *w, const zf_wkb *wkb, double *out, zf_error *error) {
    double measures[ZF_MEASURE_KINDS];
    zf_status st = zf_metric_measure(w->metric, wkb, 1u << ZF_MEASURE_AREA_M2, measures, error);
    *out = measures[ZF_MEASURE_AREA_M2];
    return st;
}

/** The footprint becomes its repaired self. *out_is_usable is false when no area was left. */
static zf_status repair(zf_worker *w, zf_footprint *f, zf_rejected *rejected, uint64_t ordinal,
                        bool *out_is_usable, zf_error *error) {
    zf_geom *fixed = NULL, *rest = NULL;
    uint8_t *bytes = NULL;
    char *copy = NULL;
    size_t n = 0;
    double before = NAN, after = NAN;
    zf_wkb wkb;
    zf_status st = zf_geom_make_valid(w->geos, f->geom, &fixed, &rest, error);
    if (st == ZF_OK)
        st = zf_geom_to_wkb(w->geos, fixed, &bytes, &n, error);
    if (st == ZF_OK)
        st = zf_arena_copy(&w->batch_arena, bytes, n, &copy, error);
    free(bytes);
    if (st != ZF_OK)
        goto done;
    *out_is_usable = zf_wkb_open((const uint8_t *)copy, n, &wkb) == ZF_WKB_POLYGONAL;
    if (!*out_is_usable) {
        st = skip(w, rejected, ordinal, error);
        goto done;
    }
    st = area_of(w, &f->shape.wkb, &before, error);
    if (st == ZF_OK)
        st = area_of(w, &wkb, &after, error);
    if (st != ZF_OK)
        goto done;
    rejected->is_repaired = true;
    rejected->area_delta_m2 = after - before;
    if (!w->is_known) {
        w->counts.buildings_repaired++;
        st = list(w, rejected, ordinal, error);
    }
    zf_geom_destroy(w->geos, f->geom);
    f->shape.wkb = wkb;
    f->geom = fixed;
    f->rest = rest;
    f->repaired = (zf_bytes){(const uint8_t *)copy, n};
    fixed = rest = NULL;
done:
    zf_geom_destroy(w->geos, rest);
    zf_geom_destroy(w->geos, fixed);
    return st;
}

static zf_status mend(zf_worker *w, zf_footprint *f, zf_rejected *rejected, uint64_t ordinal,
                      bool *out_is_usable, zf_error *error) {
    bool is_tangled = false;
    zf_status st = zf_geom_is_tangled(w->geos, f->geom, &is_tangled, error);
    if (st != ZF_OK || !is_tangled)
        return st == ZF_OK ? repair(w, f, rejected, ordinal, out_is_usable, error) : st;
    rejected->detail = "Self-intersection, too tangled to repair";
    *out_is_usable = false;
    return skip(w, rejected, ordinal, error);
}

/** Closed, it may be invalid for another reason; one row tells of both. */
static zf_status settle_closed(zf_worker *w, zf_rejected *rejected, uint64_t ordinal, zf_footprint *f,
                               bool *out_is_usable, zf_error *error) {
    zf_invalidity why = {.x = NAN, .y = NAN};
    zf_status st = zf_geom_check_valid(w->geos, f->geom, out_is_usable, &why, error);
    if (st != ZF_OK)
        return st;
    if (!*out_is_usable) {
        rejected->detail = why.reason;
        return mend(w, f, rejected, ordinal, out_is_usable, error);
    }
    rejected->is_repaired = true;
    rejected->area_delta_m2 = 0;
    if (w->is_known)
        return ZF_OK;
    w->counts.buildings_repaired++;
    return list(w, rejected, ordinal, error);
}

/** A footprint that GEOS does not build: rings that are not closed become closed where they may be mended. */
static zf_status settle_refused(zf_worker *w, int64_t fid, uint64_t ordinal, zf_footprint *f,
                                bool *out_is_usable, zf_error *error) {
    zf_rejected rejected = {false, fid, "unclosed ring", NULL, false, NAN, NAN, NAN};
    zf_wkb_first_point(&f->shape.wkb, &rejected.x, &rejected.y);
    size_t n = zf_wkb_closed_bytes(&f->shape.wkb);
    uint8_t *bytes = NULL;
    zf_wkb closed;
    *out_is_usable = false;
    if (n == 0) {
        rejected.reason = "corrupt geometry";
        rejected.detail = "a ring of too few points";
    }
    if (w->options->on_invalid == ZF_INVALID_FAIL)
        return refuse(w, &rejected, error);
    if (n == 0 || w->options->on_invalid == ZF_INVALID_SKIP)
        return skip(w, &rejected, ordinal, error);
    zf_status st = zf_arena_take(&w->batch_arena, n, 1, &bytes, error);
    if (st != ZF_OK)
        return st;
    zf_wkb_close(&f->shape.wkb, bytes);
    if (zf_wkb_open(bytes, n, &closed) != ZF_WKB_POLYGONAL)
        return skip(w, &rejected, ordinal, error);
    f->shape.wkb = closed;
    f->repaired = (zf_bytes){bytes, n};
    st = zf_geom_from_wkb(w->geos, bytes, n, &f->geom, error);
    return st == ZF_OK ? settle_closed(w, &rejected, ordinal, f, out_is_usable, error) : st;
}

/** GEOS settles what is not valid beyond doubt. */
static zf_status settle_validity(zf_worker *w, int64_t fid, uint64_t ordinal, zf_footprint *f,
                                 bool *out_is_usable, zf_error *error) {
    bool is_valid = false;
    zf_invalidity why = {.x = NAN, .y = NAN};
    zf_error refusal = ZF_ERROR_INIT;
    zf_status st = zf_geom_from_wkb(w->geos, f->shape.wkb.bytes, f->shape.wkb.n_bytes, &f->geom, &refusal);
    if (st != ZF_OK && st != ZF_E_INPUT && error != NULL)
        *error = refusal;
    if (st == ZF_E_INPUT) /* GEOS refuses to build it, e.g. a ring that is not closed */
        return settle_refused(w, fid, ordinal, f, out_is_usable, error);
    if (st == ZF_OK)
        st = zf_geom_check_valid(w->geos, f->geom, &is_valid, &why, error);
    *out_is_usable = is_valid;
    if (st != ZF_OK || is_valid)
        return st;
    zf_rejected rejected = {false, fid, "invalid", why.reason, false, NAN, why.x, why.y};
    switch (w->options->on_invalid) {
    case ZF_INVALID_FAIL:
        return refuse(w, &rejected, error);
    case ZF_INVALID_SKIP:
        return skip(w, &rejected, ordinal, error);
    default:
        return mend(w, f, &rejected, ordinal, out_is_usable, error);
    }
}

/** A building without a usable polygon: which count, which words. */
static zf_status settle_unusable(zf_worker *w, const zf_shape *shape, int64_t fid, uint64_t ordinal,
                                 zf_error *error) {
    char detail[ZF_WKB_DETAIL_BYTES];
    zf_rejected rejected = {false, fid, "corrupt geometry", NULL, false, NAN, NAN, NAN};
    switch (shape->kind) {
    case ZF_SHAPE_NULL:
    case ZF_SHAPE_EMPTY:
        rejected.reason = shape->kind == ZF_SHAPE_NULL ? "no geometry" : "empty geometry";
        w->counts.buildings_empty++;
        return list(w, &rejected, ordinal, error);
    case ZF_SHAPE_NOT_POLYGON:
        rejected.reason = "not a polygon";
        rejected.detail = shape->type_name;
        return skip(w, &rejected, ordinal, error);
    case ZF_SHAPE_POLYGONAL:
        rejected.reason = zf_wkb_unusable(&shape->wkb, detail, &rejected.x, &rejected.y);
        rejected.detail = detail;
        break;
    default:
        break;
    }
    return w->options->on_invalid == ZF_INVALID_FAIL ? refuse(w, &rejected, error)
                                                     : skip(w, &rejected, ordinal, error);
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
static zf_status settle(zf_worker *w, size_t row, uint64_t ordinal, zf_footprint *f, bool *out_is_usable,
                        zf_error *error) {
    if (zf_wkb_is_surely_valid(&f->shape.wkb)) {
        *out_is_usable = true;
        return ZF_OK;
    }
    return settle_validity(w, zf_batch_fid(w->batch, row), ordinal, f, out_is_usable, error);
}

static zf_status open_shape(zf_worker *w, size_t row, zf_footprint *out, bool *out_is_usable,
                            zf_error *error) {
    out->geom = out->rest = NULL;
    out->repaired = (zf_bytes){NULL, 0};
    *out_is_usable = false;
    return zf_batch_shape(w->batch, row, &out->shape, error);
}

static void note_turned(zf_worker *w, const zf_wkb *wkb, int64_t fid, uint64_t ordinal) {
    if (!zf_wkb_turns_around(wkb, w->half_turn))
        return;
    if (w->n_turned++ > 0 && ordinal > w->turned_ordinal)
        return;
    w->turned_ordinal = ordinal;
    w->turned_fid = fid;
}

zf_status zf_footprint_read(zf_worker *worker, size_t row, uint64_t ordinal, zf_footprint *out,
                            bool *out_is_usable, zf_error *error) {
    const zf_shape *shape = &out->shape;
    zf_status st = open_shape(worker, row, out, out_is_usable, error);
    if (st != ZF_OK)
        return st;
    if (shape->kind != ZF_SHAPE_POLYGONAL || shape->wkb.has_non_finite)
        return worker->pass > 0
                   ? ZF_OK
                   : settle_unusable(worker, shape, zf_batch_fid(worker->batch, row), ordinal, error);
    if (shape->wkb.envelope.max_x - shape->wkb.envelope.min_x > worker->half_turn && worker->pass == 0)
        note_turned(worker, &shape->wkb, zf_batch_fid(worker->batch, row), ordinal);
    return has_turn(worker, &shape->wkb.envelope) ? settle(worker, row, ordinal, out, out_is_usable, error)
                                                  : ZF_OK;
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

zf_status zf_footprint_read_near(zf_worker *worker, size_t row, uint64_t ordinal, zf_footprint *out,
                                 zf_assignment *out_near, bool *out_is_usable, zf_error *error) {
    bool is_known = false;
    zf_status st = open_shape(worker, row, out, out_is_usable, error);
    if (st != ZF_OK || out->shape.kind != ZF_SHAPE_POLYGONAL || out->shape.wkb.has_non_finite)
        return st;
    zf_envelope envelope = out->shape.wkb.envelope;
    st = find_near(worker, &envelope, out_near, &is_known, error);
    if (st != ZF_OK || out_near->n_assigned == 0)
        return st;
    worker->is_known = true; /* nothing is counted or listed again */
    st = settle(worker, row, ordinal, out, out_is_usable, error);
    bool is_invalid = !*out_is_usable || out->repaired.bytes != NULL;
    if (st == ZF_OK && is_invalid && !is_known)
        worker->n_halo_invalid += !meets_some_zip(worker, &envelope);
    return st;
}
