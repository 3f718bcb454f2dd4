/* SPDX-License-Identifier: MIT */
/* Exact relations and overlaps for pairs on which GEOS's relate or overlay throws: some valid polygons that
 * nearly coincide. The zone's polygon is read again each time; this is rare. */
#include "geometry/overlay.h"
#include "zone/assign_internal.h"

/** Tests a point against all edges of a zone. */
static bool is_inside_zone(const void *user, zf_point point) {
    return zf_relate_is_inside(user, point);
}

/** Reads the edges of a zone into the arena; none for a zone without area. */
static zf_status read_edges(const zf_assigner *a, uint32_t number, zf_arena *arena, zf_relate_edges **out,
                            zf_error *error) {
    zf_bytes bytes;
    zf_wkb wkb;
    size_t n_rings = 0;
    zf_relate_edges *edges = NULL;
    zf_status st = zf_arena_take(arena, 1, sizeof *edges, &edges, error);
    if (st == ZF_OK)
        st = zf_catalogue_wkb(a->catalogue, number, arena, &bytes, error);
    if (st != ZF_OK)
        return st;
    *edges = (zf_relate_edges){NULL, 0};
    *out = edges;
    if (bytes.bytes == NULL || zf_wkb_open(bytes.bytes, bytes.n, &wkb) != ZF_WKB_POLYGONAL)
        return ZF_OK; /* a zone without area */
    return zf_relate_edges_of_wkb(&wkb, arena, edges, &n_rings, error);
}

zf_status zf_assigner_relate(const zf_assigner *a, uint32_t number, const zf_wkb *footprint, zf_relation *out,
                             zf_error *error) {
    zf_arena arena;
    zf_relate_edges own, *edges = NULL;
    size_t n_rings = 0;
    zf_arena_init(&arena, a->budget, ZF_MEMORY_ZONE, (size_t)64 * 1024);
    zf_status st = read_edges(a, number, &arena, &edges, error);
    if (st == ZF_OK)
        st = zf_relate_edges_of_wkb(footprint, &arena, &own, &n_rings, error);
    if (st == ZF_OK) {
        const zf_relate_subject subject = {own, false, n_rings > 1, footprint->envelope};
        const zf_relate_zone zone = {*edges, is_inside_zone, edges};
        st = zf_relate(&subject, &zone, &arena, NULL, out, error);
    }
    zf_arena_release(&arena);
    return st;
}

zf_status zf_assigner_overlay(const zf_assigner *a, const uint32_t *numbers, size_t n,
                              const zf_wkb *footprint, zf_overlay *out, zf_error *error) {
    zf_arena arena;
    zf_relate_edges own;
    zf_relate_zone *zones = NULL;
    size_t n_rings = 0;
    zf_arena_init(&arena, a->budget, ZF_MEMORY_ZONE, (size_t)64 * 1024);
    zf_status st = zf_arena_take(&arena, n, sizeof *zones, &zones, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_relate_edges *edges = NULL;
        st = read_edges(a, numbers[i], &arena, &edges, error);
        if (st == ZF_OK)
            zones[i] = (zf_relate_zone){*edges, is_inside_zone, edges};
    }
    if (st == ZF_OK)
        st = zf_relate_edges_of_wkb(footprint, &arena, &own, &n_rings, error);
    if (st == ZF_OK)
        st = zf_overlay_measure(&own, &footprint->envelope, zones, n, &arena, NULL, out, error);
    zf_arena_release(&arena);
    return st;
}
