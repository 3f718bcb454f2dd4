/* SPDX-License-Identifier: MIT */
/* Finds ZIPs that overlap. */
#include "geometry/overlay.h"
#include "index/index.h"
#include "inspect/inspect_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 20, MAX_ZIPS = 50000, MAX_POINTS = 4 << 20, MAX_PAIR_POINTS = 64 << 20 };
/* Overlaps up to this share of the smaller ZIP are ignored: borders that do not fit exactly. */
static const double sliver_share = 1e-6;

void zf_kept_zips_init(zf_kept_zips *zips) {
    *zips = (zf_kept_zips){0};
    zf_arena_init(&zips->arena, NULL, ZF_MEMORY_ZONE, CHUNK_BYTES);
}

static void empty(zf_kept_zips *zips) {
    free(zips->items);
    free(zips->boxes);
    free(zips->fids);
    free(zips->ids);
    zips->items = NULL;
    zips->boxes = NULL;
    zips->fids = NULL;
    zips->ids = NULL;
    zips->n = zips->cap = zips->n_points = 0;
    zf_arena_release(&zips->arena);
}

void zf_kept_zips_deinit(zf_kept_zips *zips) {
    empty(zips);
}

static bool resize(void **inout, size_t n_bytes) {
    void *memory = realloc(*inout, n_bytes);
    if (memory == NULL)
        return false;
    *inout = memory;
    return true;
}

/* Makes room for one more ZIP. */
static zf_status reserve(zf_kept_zips *zips, zf_error *error) {
    if (zips->n < zips->cap)
        return ZF_OK;
    const size_t cap = zips->cap == 0 ? 64 : 2 * zips->cap;
    void *items = zips->items, *boxes = zips->boxes, *fids = zips->fids, *ids = zips->ids;
    bool is_good = resize(&items, cap * sizeof *zips->items);
    zips->items = items;
    is_good = is_good && resize(&boxes, cap * sizeof *zips->boxes);
    zips->boxes = boxes;
    is_good = is_good && resize(&fids, cap * sizeof *zips->fids);
    zips->fids = fids;
    is_good = is_good && resize(&ids, cap * sizeof *zips->ids);
    zips->ids = ids;
    if (!is_good)
        return zf_error_memory(error, cap * sizeof *zips->ids, "the ZIPs of a layer");
    zips->cap = cap;
    return ZF_OK;
}

zf_status zf_kept_zips_add(zf_kept_zips *zips, const zf_wkb *wkb, int64_t fid, const char *id,
                           zf_error *error) {
    char *copy = NULL;
    if (zips->is_given_up)
        return ZF_OK;
    if (zips->n >= MAX_ZIPS || wkb->n_points > MAX_POINTS - zips->n_points) {
        empty(zips);
        zips->is_given_up = true;
        return ZF_OK;
    }
    zf_status status = reserve(zips, error);
    if (status == ZF_OK)
        status = zf_arena_copy(&zips->arena, wkb->bytes, wkb->n_bytes, &copy, error);
    if (status != ZF_OK)
        return status;
    zips->items[zips->n] = (zf_bytes){(const uint8_t *)copy, wkb->n_bytes};
    zips->boxes[zips->n] = wkb->envelope;
    zips->fids[zips->n] = fid;
    (void)snprintf(zips->ids[zips->n], sizeof zips->ids[0], "%s", id);
    zips->n++;
    zips->n_points += wkb->n_points;
    return ZF_OK;
}

/* State of the search: one ZIP is compared with those after it. */
typedef struct overlap_search {
    zf_kept_zips *zips;
    zf_geos *geos;
    size_t row;
    zf_geom *geom; /* of row */
    double area;
    size_t n_found, first[2];
    uint64_t points_left; /* budget of vertices for overlays */
    bool is_cut_short;
    zf_status status;
    zf_error *error;
} overlap_search;

static zf_status open_geom(overlap_search *s, size_t row, zf_geom **out, double *out_area) {
    const zf_bytes wkb = s->zips->items[row];
    *out = NULL;
    zf_status status = zf_geom_from_wkb(s->geos, wkb.bytes, wkb.n, out, s->error);
    return status == ZF_OK ? zf_geom_plane_area(s->geos, *out, out_area, s->error) : status;
}

static bool is_inside_edges(const void *user, zf_point point) {
    return zf_relate_is_inside(user, point);
}

/* The area that two ZIPs have in common, by exact arithmetic: GEOS throws on some valid pairs. */
static zf_status overlay_exactly(overlap_search *s, size_t row, size_t other, double *out) {
    zf_arena arena;
    zf_relate_edges edges[2] = {{NULL, 0}, {NULL, 0}};
    zf_wkb wkbs[2] = {{0}, {0}};
    size_t n_rings = 0;
    const zf_bytes bytes[2] = {s->zips->items[row], s->zips->items[other]};
    zf_status status = ZF_OK;
    zf_arena_init(&arena, s->zips->arena.budget, s->zips->arena.use, (size_t)64 * 1024);
    for (int i = 0; status == ZF_OK && i < 2; i++)
        if (zf_wkb_open(bytes[i].bytes, bytes[i].n, &wkbs[i]) == ZF_WKB_POLYGONAL)
            status = zf_relate_edges_of_wkb(&wkbs[i], &arena, &edges[i], &n_rings, s->error);
    const zf_relate_zone zone = {edges[1], is_inside_edges, &edges[1]};
    if (status == ZF_OK)
        status = zf_overlay_measure(&edges[0], &wkbs[0].envelope, &zone, 1, &arena, NULL, &(zf_overlay){.overlaps = out}, s->error);
    zf_arena_release(&arena);
    return status;
}

/* Overlays the current ZIP with another one and counts the pair if they overlap. */
static zf_status compare_with(overlap_search *s, size_t other) {
    zf_geom *geom = NULL;
    double area = 0, common = 0;
    bool is_meeting = false;
    zf_status status = open_geom(s, other, &geom, &area);
    if (status == ZF_OK)
        status = zf_geom_interiors_meet(s->geos, s->geom, geom, &is_meeting, s->error);
    if (status == ZF_OK && is_meeting)
        status = zf_geom_overlap_area(s->geos, s->geom, geom, &common, s->error);
    zf_geom_destroy(s->geos, geom);
    if (status == ZF_E_INTERNAL) { /* GEOS threw */
        if (s->error != NULL)
            *s->error = (zf_error)ZF_ERROR_INIT;
        status = overlay_exactly(s, s->row, other, &common);
    }
    if (status == ZF_OK && common > sliver_share * (area < s->area ? area : s->area) && s->n_found++ == 0) {
        s->first[0] = s->row;
        s->first[1] = other;
    }
    return status;
}

/* Called for each candidate of the index; false ends the search. */
static bool visit(void *user, uint32_t other) {
    overlap_search *s = user;
    const zf_kept_zips *zips = s->zips;
    if (other <= s->row || strcmp(zips->ids[other], zips->ids[s->row]) == 0 ||
        !zf_envelope_overlaps(&zips->boxes[other], &zips->boxes[s->row]))
        return true;
    const uint64_t n_points = (zips->items[other].n + zips->items[s->row].n) / 16;
    if (n_points > s->points_left) {
        s->is_cut_short = true;
        return false;
    }
    s->points_left -= n_points;
    s->status = compare_with(s, other);
    return s->status == ZF_OK;
}

static zf_status search_all(overlap_search *s, const zf_index *index, const zf_callbacks *callbacks) {
    for (s->row = 0; s->row < s->zips->n && s->status == ZF_OK && !s->is_cut_short; s->row++) {
        s->status = zf_check_cancelled(callbacks, s->error);
        if (s->status == ZF_OK)
            s->status = open_geom(s, s->row, &s->geom, &s->area);
        if (s->status == ZF_OK)
            zf_index_window(index, &s->zips->boxes[s->row], visit, s);
        zf_geom_destroy(s->geos, s->geom);
        s->geom = NULL;
    }
    return s->status;
}

zf_status zf_kept_zips_report(zf_kept_zips *zips, zf_layer_report *report, const zf_callbacks *callbacks,
                              zf_error *error) {
    zf_index *index = NULL;
    char a[32];
    overlap_search s = {.zips = zips, .points_left = MAX_PAIR_POINTS, .error = error};
    if (zips->is_given_up)
        zf_layer_report_add(report,
                            "overlaps were not checked: there are too many ZIPs, or they are too large");
    if (zips->n < 2)
        return ZF_OK;
    zf_status status = zf_index_build(zips->boxes, zips->n, &zips->arena, &index, error);
    if (status == ZF_OK)
        status = zf_geos_create(&s.geos, error);
    if (status == ZF_OK)
        status = search_all(&s, index, callbacks);
    zf_geos_destroy(s.geos);
    if (status == ZF_OK && s.n_found > 0)
        zf_layer_report_add(
            report,
            "%s%s pair%s of ZIPs overlap (first: '%s', feature %" PRId64 ", and '%s', feature %" PRId64
            "): a building in both counts in both; with `assign` largest it counts in one",
            s.is_cut_short ? "at least " : "", zf_format_grouped(s.n_found, a), s.n_found == 1 ? "" : "s",
            zips->ids[s.first[0]], zips->fids[s.first[0]], zips->ids[s.first[1]], zips->fids[s.first[1]]);
    return status;
}
