/* SPDX-License-Identifier: MIT */
/* Loads one ZIP: its rows become columns, positions and footprints. Buildings near it follow as further rows,
 * for the analyses that look beyond the ZIP. */
#include "perzip/zip.h"
#include "stream/payload.h"

/** While the rows of one ZIP are read. */
typedef struct loading {
    zf_zip_work *work;
    zf_value *carried;  /**< plan->layout.n_payload values, which precede a footprint; NULL: no analysis needs
                           footprints */
    uint64_t *ordinals; /**< of the own buildings; NULL: fids alone identify a building */
    size_t next_own;    /**< own building to compare the next other one with */
} loading;

/** Takes room for positions and footprints of the own buildings and the others. */
static zf_status take_positions(loading *l, zf_error *error) {
    zf_zip_work *w = l->work;
    const zf_plan *plan = w->perzip->plan;
    const zf_zip_size *size = &w->size;
    zf_arena *arena = &w->arenas.analyses;
    zf_status st = ZF_OK;
    if (plan->analyses.needs & (ZF_NEEDS_POINTS | ZF_NEEDS_FOOTPRINTS) && size->n > 0)
        st = zf_metric_frame(w->metric, &w->zone->envelope, &w->frame, error);
    if (st == ZF_OK && plan->analyses.needs & ZF_NEEDS_POINTS)
        st = zf_arena_take(arena, zf_points_room(size->n), 3 * sizeof *w->own.xyz_m, &w->own.xyz_m, error);
    if (st == ZF_OK && plan->analyses.halo.needs & ZF_NEEDS_POINTS)
        st = zf_arena_take(arena, zf_points_room(size->n_others), 3 * sizeof *w->others.xyz_m,
                           &w->others.xyz_m, error);
    if (st != ZF_OK || !(plan->analyses.needs & ZF_NEEDS_FOOTPRINTS))
        return st;
    size_t n_others = plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS ? size->n_others : 0;
    st =
        zf_footprints_create(arena, size->n + n_others, size->n_rings, size->n_points, &w->footprints, error);
    if (st == ZF_OK && plan->analyses.needs & ZF_NEEDS_CRS)
        st = zf_footprints_keep_crs(&w->footprints, arena, error);
    if (st == ZF_OK && size->has_heights)
        st = zf_footprints_keep_heights(&w->footprints, &w->frame, arena, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arenas.statistics, plan->layout.n_payload, sizeof *l->carried, &l->carried,
                           error);
    return st;
}

/** Takes room for what identifies the buildings. */
static zf_status take_ids(loading *l, zf_error *error) {
    zf_zip_work *w = l->work;
    const zf_plan *plan = w->perzip->plan;
    size_t n = w->size.n;
    zf_status st = ZF_OK;
    if (zf_plan_needs_fids(plan))
        st = zf_arena_take(&w->arenas.result, n + w->size.n_others, sizeof *w->fids, &w->fids, error);
    if (st == ZF_OK && plan->analyses.halo.is_needed && !w->perzip->input.has_unique_fids)
        st = zf_arena_take(&w->arenas.analyses, n, sizeof *l->ordinals, &l->ordinals, error);
    return st;
}

/** Adds a point or line as a polygon without area. */
static zf_status add_outline(zf_zip_work *w, const zf_wkb *wkb, zf_error *error) {
    zf_wkb outline;
    uint8_t *bytes = NULL;
    const size_t n = zf_wkb_outline_bytes(wkb);
    zf_arena_mark mark = zf_arena_get_mark(&w->arenas.statistics);
    zf_status st = zf_arena_take(&w->arenas.statistics, n, 1, &bytes, error);
    if (st != ZF_OK)
        return st;
    zf_wkb_outline(wkb, bytes);
    (void)zf_wkb_open(bytes, n, &outline);
    st = zf_footprints_add(&w->footprints, w->metric, &w->frame, &outline, error);
    zf_arena_rewind(&w->arenas.statistics, mark);
    return st;
}

static zf_status add_footprint(zf_zip_work *w, zf_bytes bytes, zf_error *error) {
    zf_wkb wkb;
    zf_wkb_kind kind = bytes.bytes != NULL ? zf_wkb_open_any(bytes.bytes, bytes.n, &wkb) : ZF_WKB_CORRUPT;
    if (kind == ZF_WKB_OTHER || kind == ZF_WKB_CORRUPT)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "a gathered building has lost its footprint");
    return wkb.dimension < 2 ? add_outline(w, &wkb, error)
                             : zf_footprints_add(&w->footprints, w->metric, &w->frame, &wkb, error);
}

/** Sets the place of the next building, still in the CRS. */
static void add_position(zf_zip_buildings *buildings, double x, double y) {
    buildings->xyz_m[3 * buildings->n] = x;
    buildings->xyz_m[3 * buildings->n + 1] = y;
}

/** Adds an important building of the ZIP. */
static zf_status add_own(void *user, const zf_gather_row *row, zf_error *error) {
    loading *l = user;
    zf_zip_work *w = l->work;
    size_t n = w->own.n;
    zf_status st = zf_collected_add(&w->collecting, &w->statistics, row, error);
    if (st == ZF_OK && l->carried != NULL) {
        zf_bytes footprint;
        zf_payload_read(row->payload, w->perzip->plan->layout.n_payload, l->carried, &footprint);
        st = add_footprint(w, footprint, error);
    }
    if (w->fids != NULL)
        w->fids[n] = row->fid;
    if (l->ordinals != NULL)
        l->ordinals[n] = row->ordinal;
    if (w->own.xyz_m != NULL)
        add_position(&w->own, row->cells[ZF_SLOT_CENTROID_X].real, row->cells[ZF_SLOT_CENTROID_Y].real);
    w->own.n++;
    return st;
}

/** Whether a row of the buildings near the ZIP is one of the ZIP's own. Both come in the same order. */
static bool is_own(loading *l, const zf_gather_row *row) {
    const zf_zip_work *w = l->work;
    for (; l->next_own < w->own.n; l->next_own++) {
        int64_t fid = w->fids[l->next_own];
        uint64_t ordinal = l->ordinals != NULL ? l->ordinals[l->next_own] : row->ordinal;
        if (fid > row->fid || (fid == row->fid && ordinal >= row->ordinal))
            return fid == row->fid && ordinal == row->ordinal;
    }
    return false;
}

/** Adds a building near the ZIP, unless it is one of its own. */
static zf_status add_other(void *user, const zf_gather_row *row, zf_error *error) {
    loading *l = user;
    zf_zip_work *w = l->work;
    zf_status st = ZF_OK;
    if (is_own(l, row))
        return ZF_OK;
    if (w->perzip->plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS)
        st = add_footprint(w, row->payload, error);
    if (w->others.xyz_m != NULL)
        add_position(&w->others, row->cells[0].real, row->cells[1].real);
    w->fids[w->own.n + w->others.n++] = row->fid;
    return st;
}

/** Reads the ZIP's own rows, then those of the others. */
static zf_status load_rows(zf_zip_work *w, zf_error *error) {
    const zf_perzip_input *in = &w->perzip->input;
    loading l = {.work = w};
    zf_status st = take_ids(&l, error);
    if (st == ZF_OK)
        st = take_positions(&l, error);
    if (st == ZF_OK)
        st = zf_gather_visit(in->rows, w->zone->rank, add_own, &l, error);
    if (st == ZF_OK && w->perzip->plan->analyses.halo.is_needed && w->own.n > 0)
        st = zf_gather_visit(in->others, w->zone->rank, add_other, &l, error);
    return st;
}

zf_status zf_zip_load(zf_zip_work *work, zf_error *error) {
    const zf_perzip *p = work->perzip;
    zf_status st = zf_catalogue_wkb(p->catalogue, work->zone->rank - 1, &work->arenas.result,
                                    &work->results.polygon, error);
    if (st == ZF_OK)
        st = zf_zip_statistics_begin(work, error);
    if (st == ZF_OK)
        st = p->input.rows != NULL ? load_rows(work, error) : zf_zip_statistics_merge(work, error);
    zf_zip_sample_memory(work);
    return zf_zip_within(work, st, error);
}
