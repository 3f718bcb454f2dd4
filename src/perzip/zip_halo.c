/* SPDX-License-Identifier: MIT */
/* Buildings near a ZIP that are not of it: they follow its own as rows, for those analyses that look at them.
 */
#include "perzip/zips.h"
#include "stream/halo.h"

enum { CHUNK_BYTES = 4 * 1024 };

size_t zf_zip_halo_rows(const zf_zip_work *w) {
    return w->loop->halo_counts != NULL ? (size_t)w->loop->halo_counts[w->zone->rank - 1].n : 0;
}

/* Fids tell the ZIP's own buildings from others where they differ; else the place in the source must, too. */
zf_status zf_zip_halo_begin(zf_zip_work *w, size_t n, zf_error *error) {
    zf_status st = ZF_OK;
    if (!w->loop->workers[0].has_unique_fids)
        st = zf_arena_take(&w->points_arena, n, sizeof *w->ordinal, &w->ordinal, error);
    if (st == ZF_OK && w->loop->plan->halo_needs & ZF_NEEDS_POINTS)
        st = zf_arena_take(&w->points_arena, zf_points_room(zf_zip_halo_rows(w)), 3 * sizeof *w->other_xyz_m,
                           &w->other_xyz_m, error);
    return st;
}

/* Own rows and these come in the same order. */
static bool is_own(zf_zip_work *w, const zf_gather_row *row) {
    for (; w->next_own < w->n; w->next_own++) {
        int64_t fid = w->fid[w->next_own];
        uint64_t ordinal = w->ordinal != NULL ? w->ordinal[w->next_own] : row->ordinal;
        if (fid > row->fid || (fid == row->fid && ordinal >= row->ordinal))
            return fid == row->fid && ordinal == row->ordinal;
    }
    return false;
}

static zf_status take_other(void *user, const zf_gather_row *row, zf_error *error) {
    zf_zip_work *w = user;
    zf_status st = ZF_OK;
    if (is_own(w, row))
        return ZF_OK;
    if (w->loop->plan->halo_needs & ZF_NEEDS_FOOTPRINTS)
        st = zf_zip_add_footprint(w, row->payload, error);
    if (w->other_xyz_m != NULL) {
        w->other_xyz_m[3 * w->n_others] = row->numbers[0];
        w->other_xyz_m[3 * w->n_others + 1] = row->numbers[1];
    }
    w->fid[w->n + w->n_others++] = row->fid;
    return st;
}

zf_status zf_zip_halo_load(zf_zip_work *w, zf_error *error) {
    return w->n > 0 ? zf_gather_visit(w->loop->halo, w->zone->rank, take_other, w, error) : ZF_OK;
}

static zf_status pack_points(zf_zip_work *w, zf_error *error) {
    zf_arena scratch;
    zf_arena_init(&scratch, w->loop->budget, ZF_MEMORY_INDEX, CHUNK_BYTES);
    zf_status st = zf_zip_place(w, w->other_xyz_m, w->n_others, error);
    if (st == ZF_OK)
        st = zf_points_build(w->other_xyz_m, w->n_others, &w->index_arena, &scratch, &w->other_points, error);
    zf_arena_release(&scratch);
    return st;
}

zf_status zf_zip_halo_index(zf_zip_work *w, zf_error *error) {
    unsigned needs = w->loop->plan->halo_needs;
    zf_status st = needs & ZF_NEEDS_POINTS ? pack_points(w, error) : ZF_OK;
    if (st == ZF_OK && needs & ZF_NEEDS_FOOTPRINTS)
        st = zf_index_build(w->footprints.boxes + w->n, w->n_others, &w->index_arena, &w->other_boxes, error);
    return st;
}
