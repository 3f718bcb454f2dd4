/* SPDX-License-Identifier: MIT */
/* Exact relations and overlaps of a footprint and zones, by the zones' edges near it. */
#include "zone/assign_internal.h"

zf_status zf_assigner_get_grid(const zf_assigner *a, uint32_t zone, zf_borrowed_grid *out, zf_error *error) {
    bool is_current = zf_groups_pass(a->catalogue->groups, zone) == ZF_PASS_CURRENT;
    *out = (zf_borrowed_grid){NULL, is_current ? a->catalogue->grids : a->catalogue->other_grids, zone};
    return zf_grids_get(out->grids, zone, &out->grid, error);
}

void zf_assigner_release_grid(const zf_borrowed_grid *grid) {
    zf_grids_release(grid->grids, grid->zone);
}

/* ---- the footprint's edges ---- */

/** Edges of lines. */
static zf_status read_lines(const zf_wkb *wkb, zf_arena *arena, zf_relate_edges *out, zf_error *error) {
    zf_relate_edge *edges = NULL;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    size_t n = 0;
    zf_status st = zf_arena_take(arena, wkb->n_points, sizeof *edges, &edges, error);
    if (st != ZF_OK)
        return st;
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);)
        for (uint32_t i = 0; i + 1 < ring.n; i++, n++) {
            edges[n].is_interior_left = true;
            zf_ring_point(&ring, i, &edges[n].a.x, &edges[n].a.y);
            zf_ring_point(&ring, i + 1, &edges[n].b.x, &edges[n].b.y);
        }
    *out = (zf_relate_edges){edges, n};
    return ZF_OK;
}

/** Reads the footprint's edges into the assigner's arena, unless they are there. */
static zf_status read_own(zf_assigner *a, zf_assign_state *state, zf_error *error) {
    const zf_wkb *wkb = state->footprint->wkb;
    size_t n_rings = 0;
    if (state->own.edges.edges != NULL)
        return ZF_OK;
    state->own = (zf_relate_subject){.is_line = wkb->dimension == 1, .envelope = wkb->envelope};
    zf_status st = state->own.is_line
                       ? read_lines(wkb, &a->scratch, &state->own.edges, error)
                       : zf_relate_edges_of_wkb(wkb, &a->scratch, &state->own.edges, &n_rings, error);
    state->own.may_touch_self = n_rings > 1;
    return st;
}

/* ---- relations ---- */

static bool is_inside_grid(const void *user, zf_point point) {
    return zf_grid_is_inside(user, point);
}

/** Adds the side of a point to the relation of points. */
static void add_point(const zf_grid *grid, zf_point p, zf_relation *inout) {
    zf_side side = zf_grid_locate_point(grid, p.x, p.y);
    inout->meet |= side != ZF_SIDE_OUTSIDE;
    inout->interiors_meet |= side == ZF_SIDE_INSIDE;
    inout->is_covered &= side != ZF_SIDE_OUTSIDE;
}

/** Relation of points; of none, none. */
static zf_relation relate_points(const zf_grid *grid, const zf_wkb *wkb) {
    zf_relation out = {false, false, wkb->n_points > 0};
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        zf_point p;
        if (ring.n == 0)
            continue;
        zf_ring_point(&ring, 0, &p.x, &p.y);
        add_point(grid, p, &out);
    }
    return out;
}

/** Relation of edges to the zone of a grid. */
static zf_status relate_edges(zf_assigner *a, const zf_grid *grid, const zf_relate_subject *subject, zf_relation *out,
                              zf_error *error) {
    zf_relate_zone zone = {.is_inside = is_inside_grid, .user = grid};
    zf_arena_mark mark = zf_arena_get_mark(&a->scratch);
    zf_status st = zf_grid_edges_near(grid, &subject->envelope, &a->scratch, &zone.near, error);
    if (st == ZF_OK)
        st = zf_relate(subject, &zone, &a->scratch, a->callbacks, out, error);
    zf_arena_rewind(&a->scratch, mark);
    return st;
}

zf_status zf_assigner_relate(zf_assigner *a, const zf_grid *grid, zf_assign_state *state, zf_relation *out,
                             zf_error *error) {
    if (state->footprint->wkb->dimension == 0) {
        *out = relate_points(grid, state->footprint->wkb);
        return ZF_OK;
    }
    zf_status st = read_own(a, state, error);
    return st == ZF_OK ? relate_edges(a, grid, &state->own, out, error) : st;
}

zf_status zf_assigner_relate_rest(zf_assigner *a, const zf_grid *grid, zf_assign_state *state, zf_relation *out,
                                  zf_error *error) {
    zf_status st = ZF_OK;
    zf_geom_rest *rest = &state->rest;
    *out = (zf_relation){false, false, true};
    if (!state->has_rest)
        st = zf_geom_read_rest(a->geos, state->footprint->rest, &a->scratch, rest, error);
    state->has_rest = true;
    if (st == ZF_OK && rest->lines.n > 0) {
        const zf_relate_subject lines = {rest->lines, true, false, rest->lines_envelope};
        st = relate_edges(a, grid, &lines, out, error);
    }
    for (size_t i = 0; i < rest->n_points; i++)
        add_point(grid, rest->points[i], out);
    return st;
}

/* ---- overlaps ---- */

static bool get_stored_side(const void *user, zf_point point) {
    (void)point;
    return *(const bool *)user;
}

/** Copies a zone's edges near the footprint, and on which side of it the corner of the footprint's envelope lies. */
static zf_status read_zone(zf_assigner *a, uint32_t number, const zf_envelope *envelope, bool *side, zf_relate_zone *out,
                           zf_error *error) {
    zf_borrowed_grid borrowed;
    zf_status st = zf_assigner_get_grid(a, number, &borrowed, error);
    if (st != ZF_OK)
        return st;
    *side = zf_grid_is_inside(borrowed.grid, (zf_point){envelope->min_x, envelope->min_y});
    *out = (zf_relate_zone){.is_inside = get_stored_side, .user = side};
    st = zf_grid_edges_near(borrowed.grid, envelope, &a->scratch, &out->near, error);
    zf_assigner_release_grid(&borrowed);
    return st;
}

zf_status zf_assigner_overlay(zf_assigner *a, const uint32_t *numbers, size_t n, zf_assign_state *state, zf_overlay *out,
                              zf_error *error) {
    zf_relate_zone *zones = NULL;
    bool *sides = NULL;
    zf_status st = read_own(a, state, error);
    zf_arena_mark mark = zf_arena_get_mark(&a->scratch);
    if (st == ZF_OK)
        st = zf_arena_take(&a->scratch, n, sizeof *zones, &zones, error);
    if (st == ZF_OK)
        st = zf_arena_take(&a->scratch, n, sizeof *sides, &sides, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = read_zone(a, numbers[i], &state->own.envelope, &sides[i], &zones[i], error);
    if (st == ZF_OK)
        st = zf_overlay_measure(&state->own.edges, &state->own.envelope, zones, n, &a->scratch, a->callbacks, out, error);
    zf_arena_rewind(&a->scratch, mark);
    return st;
}

zf_status zf_assigner_measure_line(zf_assigner *a, uint32_t number, zf_assign_state *state, double *out, double *out_whole,
                                   zf_error *error) {
    zf_relate_zone zone;
    zf_line_overlay overlay = {0, 0};
    bool side = false;
    zf_status st = read_own(a, state, error);
    zf_arena_mark mark = zf_arena_get_mark(&a->scratch);
    if (st == ZF_OK)
        st = read_zone(a, number, &state->own.envelope, &side, &zone, error);
    if (st == ZF_OK)
        st = zf_overlay_measure_line(&state->own.edges, &state->own.envelope, &zone, &a->scratch, a->callbacks, &overlay,
                                     error);
    zf_arena_rewind(&a->scratch, mark);
    *out = overlay.inside;
    *out_whole = overlay.whole;
    return st;
}
