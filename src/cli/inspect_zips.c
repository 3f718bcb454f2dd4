/* SPDX-License-Identifier: MIT */
#include "cli/inspect_scan.h"
#include "index/index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 20, MAX_ZIPS = 50000, MAX_POINTS = 4 << 20, MAX_PAIR_POINTS = 64 << 20 };
static const double sliver_share = 1e-6; /* of the smaller one: borders that do not quite fit */

void zf_zip_looks_init(zf_zip_looks *looks) {
    *looks = (zf_zip_looks){0};
    zf_arena_init(&looks->arena, NULL, ZF_MEMORY_ZONE, CHUNK_BYTES);
}

static void empty(zf_zip_looks *looks) {
    free(looks->items);
    free(looks->boxes);
    free(looks->fids);
    free(looks->ids);
    looks->items = NULL;
    looks->boxes = NULL;
    looks->fids = NULL;
    looks->ids = NULL;
    looks->n = looks->cap = looks->n_points = 0;
    zf_arena_release(&looks->arena);
}

void zf_zip_looks_deinit(zf_zip_looks *looks) {
    empty(looks);
}

static bool resize(void **inout, size_t n_bytes) {
    void *memory = realloc(*inout, n_bytes);
    if (memory == NULL)
        return false;
    *inout = memory;
    return true;
}

static zf_status reserve(zf_zip_looks *looks, zf_error *error) {
    if (looks->n < looks->cap)
        return ZF_OK;
    const size_t cap = looks->cap == 0 ? 64 : 2 * looks->cap;
    void *items = looks->items, *boxes = looks->boxes, *fids = looks->fids, *ids = looks->ids;
    bool is_good = resize(&items, cap * sizeof *looks->items);
    looks->items = items;
    is_good = is_good && resize(&boxes, cap * sizeof *looks->boxes);
    looks->boxes = boxes;
    is_good = is_good && resize(&fids, cap * sizeof *looks->fids);
    looks->fids = fids;
    is_good = is_good && resize(&ids, cap * sizeof *looks->ids);
    looks->ids = ids;
    if (!is_good)
        return zf_error_memory(error, cap * sizeof *looks->ids, "the ZIPs of a layer");
    looks->cap = cap;
    return ZF_OK;
}

zf_status zf_zip_looks_add(zf_zip_looks *looks, const zf_wkb *wkb, int64_t fid, const char *id,
                           zf_error *error) {
    char *copy = NULL;
    if (looks->is_given_up)
        return ZF_OK;
    if (looks->n >= MAX_ZIPS || wkb->n_points > MAX_POINTS - looks->n_points) {
        empty(looks);
        looks->is_given_up = true;
        return ZF_OK;
    }
    zf_status status = reserve(looks, error);
    if (status == ZF_OK)
        status = zf_arena_copy(&looks->arena, wkb->bytes, wkb->n_bytes, &copy, error);
    if (status != ZF_OK)
        return status;
    looks->items[looks->n] = (zf_bytes){(const uint8_t *)copy, wkb->n_bytes};
    looks->boxes[looks->n] = wkb->envelope;
    looks->fids[looks->n] = fid;
    (void)snprintf(looks->ids[looks->n], sizeof looks->ids[0], "%s", id);
    looks->n++;
    looks->n_points += wkb->n_points;
    return ZF_OK;
}

/* One ZIP against those after it. */
typedef struct search {
    zf_zip_looks *looks;
    zf_geos *geos;
    size_t row;
    zf_geom *geom; /* of row */
    double area;
    size_t n_found, first[2];
    uint64_t points_left; /* of polygons that may still be overlaid */
    bool is_cut_short;
    zf_status status;
    zf_error *error;
} search;

static zf_status open_geom(search *s, size_t row, zf_geom **out, double *out_area) {
    const zf_bytes wkb = s->looks->items[row];
    *out = NULL;
    zf_status status = zf_geom_from_wkb(s->geos, wkb.bytes, wkb.n, out, s->error);
    return status == ZF_OK ? zf_geom_plane_area(s->geos, *out, out_area, s->error) : status;
}

static zf_status hold_against(search *s, size_t other) {
    zf_geom *geom = NULL;
    double area = 0, common = 0;
    bool is_meeting = false;
    zf_status status = open_geom(s, other, &geom, &area);
    if (status == ZF_OK)
        status = zf_geom_interiors_meet(s->geos, s->geom, geom, &is_meeting, s->error);
    if (status == ZF_OK && is_meeting)
        status = zf_geom_overlap_area(s->geos, s->geom, geom, &common, s->error);
    zf_geom_destroy(s->geos, geom);
    if (status == ZF_OK && common > sliver_share * (area < s->area ? area : s->area) && s->n_found++ == 0) {
        s->first[0] = s->row;
        s->first[1] = other;
    }
    return status;
}

static bool visit(void *user, uint32_t other) {
    search *s = user;
    const zf_zip_looks *looks = s->looks;
    if (other <= s->row || strcmp(looks->ids[other], looks->ids[s->row]) == 0 ||
        !zf_envelope_overlaps(&looks->boxes[other], &looks->boxes[s->row]))
        return true;
    const uint64_t n_points = (looks->items[other].n + looks->items[s->row].n) / 16;
    if (n_points > s->points_left) {
        s->is_cut_short = true;
        return false;
    }
    s->points_left -= n_points;
    s->status = hold_against(s, other);
    return s->status == ZF_OK;
}

static zf_status search_all(search *s, const zf_index *index, const zf_callbacks *callbacks) {
    for (s->row = 0; s->row < s->looks->n && s->status == ZF_OK && !s->is_cut_short; s->row++) {
        s->status = zf_check_cancelled(callbacks, s->error);
        if (s->status == ZF_OK)
            s->status = open_geom(s, s->row, &s->geom, &s->area);
        if (s->status == ZF_OK)
            zf_index_window(index, &s->looks->boxes[s->row], visit, s);
        zf_geom_destroy(s->geos, s->geom);
        s->geom = NULL;
    }
    return s->status;
}

zf_status zf_zip_looks_tell(zf_zip_looks *looks, zf_layer_report *report, const zf_callbacks *callbacks,
                            zf_error *error) {
    zf_index *index = NULL;
    char a[32];
    search s = {.looks = looks, .points_left = MAX_PAIR_POINTS, .error = error};
    if (looks->is_given_up)
        zf_layer_report_add(report,
                            "there are too many ZIPs, or too large ones, to look whether they overlap");
    if (looks->n < 2)
        return ZF_OK;
    zf_status status = zf_index_build(looks->boxes, looks->n, &looks->arena, &index, error);
    if (status == ZF_OK)
        status = zf_geos_create(&s.geos, error);
    if (status == ZF_OK)
        status = search_all(&s, index, callbacks);
    zf_geos_destroy(s.geos);
    if (status == ZF_OK && s.n_found > 0)
        zf_layer_report_add(
            report,
            "%s%s pair%s of ZIPs overlap (first: '%s', feature %" PRId64 ", and '%s', feature %" PRId64
            "): a building there counts in each; --assign largest gives it to one",
            s.is_cut_short ? "at least " : "", zf_cli_grouped(s.n_found, a), s.n_found == 1 ? "" : "s",
            looks->ids[s.first[0]], looks->fids[s.first[0]], looks->ids[s.first[1]], looks->fids[s.first[1]]);
    return status;
}
