/* SPDX-License-Identifier: MIT */
#include "geometry/orient.h"
#include "zone/grid_internal.h"

#include <math.h>

/** Limits of the exact test below; zf_relate decides above them. */
enum { MAX_LOCAL_EDGES = 192, MAX_FOOTPRINT_POINTS = 512 };

zf_side zf_grid_locate_box(const zf_grid *grid, const zf_envelope *box) {
    return zf_envelope_meets(&grid->envelope, box) ? zf_grid_box_side(grid, box) : ZF_SIDE_OUTSIDE;
}

/* ---- the zone's edges near a footprint ---- */

/** Edges whose envelope intersects the footprint's. */
typedef struct local_edges {
    zf_segment edges[MAX_LOCAL_EDGES];
    uint32_t numbers[MAX_LOCAL_EDGES];
    size_t n;
} local_edges;

static bool has_number(const local_edges *local, uint32_t number) {
    for (size_t i = local->n; i-- > 0;)
        if (local->numbers[i] == number)
            return true;
    return false;
}

/** Adds an edge, unless it is there; false when there are too many. */
static inline bool add_edge(void *user, uint32_t number, const zf_segment *s) {
    local_edges *local = user;
    if (has_number(local, number))
        return true;
    if (local->n == MAX_LOCAL_EDGES)
        return false;
    local->numbers[local->n] = number;
    local->edges[local->n++] = *s;
    return true;
}

/** Collects the edges whose envelope intersects the footprint's; false when there are too many. */
static bool gather_edges(const zf_grid *g, const zf_window *w, const zf_envelope *box, local_edges *out) {
    out->n = 0;
    for (uint32_t row = w->r0; row <= w->r1; row++)
        for (uint32_t cell = zf_grid_first_cell(g, row, w->c0);
             cell < g->row_start[row + 1] && g->cells[cell].col <= w->c1; cell++)
            if (!zf_grid_visit_cell(g, cell, box, add_edge, out))
                return false;
    return true;
}

/* ---- the footprint's edges against them ---- */

/** Walks over the edges of all rings. */
typedef struct edge_walk {
    zf_ring_cursor cursor;
    zf_ring ring;
    uint32_t next; /**< point of the ring that ends the next edge */
    zf_segment edge;
} edge_walk;

static edge_walk edges_of(const zf_wkb *footprint) {
    return (edge_walk){.cursor = zf_wkb_rings(footprint)};
}

static bool next_edge(edge_walk *w) {
    while (w->next >= w->ring.n) {
        if (!zf_wkb_next_ring(&w->cursor, &w->ring))
            return false;
        w->next = 1;
        if (w->ring.n > 0)
            zf_ring_point(&w->ring, 0, &w->edge.bx, &w->edge.by);
    }
    w->edge.ax = w->edge.bx;
    w->edge.ay = w->edge.by;
    zf_ring_point(&w->ring, w->next++, &w->edge.bx, &w->edge.by);
    return true;
}

/** Compares all pairs of edges. NONE: no pair has a common point; CROSS: some pair crosses. */
static zf_meeting boundaries_meet(const zf_wkb *footprint, const local_edges *local) {
    zf_meeting all = ZF_MEETING_NONE;
    for (edge_walk w = edges_of(footprint); next_edge(&w);)
        for (size_t k = 0; k < local->n; k++) {
            zf_meeting m = zf_segments_meet(&w.edge, &local->edges[k]);
            if (m == ZF_MEETING_CROSS)
                return m;
            if (m == ZF_MEETING_UNSURE)
                all = m;
        }
    return all;
}

/** 1: point in the footprint's inside, 0: outside, -1: unsure. */
static int point_in_footprint(const zf_wkb *footprint, double x, double y) {
    bool is_inside = false;
    for (edge_walk w = edges_of(footprint); next_edge(&w);) {
        if ((w.edge.ay > y) == (w.edge.by > y))
            continue;
        int side = zf_orient(&w.edge, x, y);
        if (side == 0)
            return -1;
        is_inside ^= (side > 0) == (w.edge.by > w.edge.ay); /* the edge passes to the right of the point */
    }
    return is_inside;
}

/** 1 if a part of the zone's boundary is inside the footprint, 0 if not, -1 unsure. For boundaries without a
 * common point only. */
static int holds_boundary(const zf_wkb *footprint, const local_edges *local) {
    for (size_t k = 0; k < local->n; k++) {
        const zf_segment *s = &local->edges[k];
        const zf_envelope *e = &footprint->envelope;
        if (s->ax < e->min_x || s->ax > e->max_x || s->ay < e->min_y || s->ay > e->max_y)
            continue;
        int inside = point_in_footprint(footprint, s->ax, s->ay);
        if (inside != 0)
            return inside;
    }
    return 0;
}

/** Side of a footprint whose boundary has no point in common with the zone's; each of its polygons lies on
 * one side. */
static zf_side polygons_side(const zf_grid *g, const zf_wkb *footprint) {
    zf_side all = ZF_SIDE_UNSURE;
    zf_ring_cursor cursor = zf_wkb_rings(footprint);
    zf_ring ring;
    while (zf_wkb_next_ring(&cursor, &ring)) {
        double x, y;
        if (!ring.is_shell || ring.n == 0)
            continue;
        zf_ring_point(&ring, 0, &x, &y);
        zf_side side = footprint->dimension == 0            ? zf_grid_locate_point(g, x, y)
                       : zf_grid_is_inside(g, (zf_point){x, y}) ? ZF_SIDE_INSIDE
                                                                : ZF_SIDE_OUTSIDE;
        if (side == ZF_SIDE_UNSURE)
            return side;
        if (all != ZF_SIDE_UNSURE && side != all)
            return ZF_SIDE_CROSSES;
        all = side;
    }
    return all;
}

/** Locates a footprint whose window contains a boundary cell. */
static zf_side locate_at_boundary(const zf_grid *grid, const zf_window *w, const zf_wkb *footprint) {
    local_edges local;
    if (footprint->n_points > MAX_FOOTPRINT_POINTS || !gather_edges(grid, w, &footprint->envelope, &local))
        return ZF_SIDE_UNSURE;
    switch (boundaries_meet(footprint, &local)) {
    case ZF_MEETING_CROSS: /* a line may cross where a hole touches the shell, and stay out of the interior */
        return footprint->dimension == 2 ? ZF_SIDE_CROSSES : ZF_SIDE_UNSURE;
    case ZF_MEETING_UNSURE:
        return ZF_SIDE_UNSURE;
    default:
        break;
    }
    int holds = footprint->dimension == 2 ? holds_boundary(footprint, &local) : 0;
    if (holds != 0)
        return holds > 0 ? ZF_SIDE_CROSSES : ZF_SIDE_UNSURE;
    return polygons_side(grid, footprint);
}

zf_side zf_grid_locate(const zf_grid *grid, const zf_wkb *footprint) {
    if (!zf_envelope_meets(&grid->envelope, &footprint->envelope))
        return ZF_SIDE_OUTSIDE;
    zf_window w = zf_grid_window(grid, &footprint->envelope);
    zf_side side = zf_grid_window_side(grid, &w);
    return side != ZF_SIDE_UNSURE ? side : locate_at_boundary(grid, &w, footprint);
}
