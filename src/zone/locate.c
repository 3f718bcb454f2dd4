/* SPDX-License-Identifier: MIT */
#include "geometry/orient.h"
#include "zone/grid_internal.h"

#include <math.h>

/** Limits of the exact test below; GEOS decides above them. */
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

static void segment_of(const zf_grid *g, uint32_t edge, zf_segment *out) {
    const double *p = g->xy + 2 * (size_t)edge;
    *out = (zf_segment){p[0], p[1], p[2], p[3]};
}

static bool is_near(const zf_segment *s, const zf_envelope *box) {
    return !(zf_lesser(s->ax, s->bx) > box->max_x || zf_greater(s->ax, s->bx) < box->min_x ||
             zf_lesser(s->ay, s->by) > box->max_y || zf_greater(s->ay, s->by) < box->min_y);
}

static bool has_number(const local_edges *local, uint32_t number) {
    for (size_t i = local->n; i-- > 0;)
        if (local->numbers[i] == number)
            return true;
    return false;
}

/** Collects the edges whose envelope intersects the footprint's; false when there are too many. */
static bool gather_edges(const zf_grid *g, const zf_window *w, const zf_envelope *box, local_edges *out) {
    out->n = 0;
    for (uint32_t row = w->r0; row <= w->r1; row++)
        for (uint32_t cell = zf_grid_first_cell(g, row, w->c0);
             cell < g->row_start[row + 1] && g->cells[cell].col <= w->c1; cell++)
            for (uint32_t e = g->cells[cell].first_edge; e < g->cells[cell + 1].first_edge; e++) {
                zf_segment s;
                segment_of(g, g->edges[e], &s);
                if (!is_near(&s, box) || has_number(out, g->edges[e]))
                    continue;
                if (out->n == MAX_LOCAL_EDGES)
                    return false;
                out->numbers[out->n] = g->edges[e];
                out->edges[out->n++] = s;
            }
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

/* ---- one point against the zone ---- */

/** true if the cell lists the edge; binary search. */
static bool lists_edge(const zf_grid *g, uint32_t cell, uint32_t edge) {
    uint32_t lo = g->cells[cell].first_edge, hi = g->cells[cell + 1].first_edge;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (g->edges[middle] < edge)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo < g->cells[cell + 1].first_edge && g->edges[lo] == edge;
}

/**
 * Counts the edges of one cell that cross the horizontal line through (x, y) left of x. -1: unsure. An edge
 * is listed in consecutive cells of a row and is counted in the last of them up to the point's own cell: in
 * this one unless `next`, the cell to the right, lists it too.
 */
static int count_crossings_left(const zf_grid *g, uint32_t cell, const uint32_t *next, double x, double y) {
    int n = 0;
    for (uint32_t e = g->cells[cell].first_edge; e < g->cells[cell + 1].first_edge; e++) {
        zf_segment s;
        segment_of(g, g->edges[e], &s);
        if ((s.ay > y) == (s.by > y) || (next != NULL && lists_edge(g, *next, g->edges[e])))
            continue;
        int side = zf_orient(&s, x, y);
        if (side == 0)
            return -1;
        n += (side > 0) != (s.by > s.ay);
    }
    return n;
}

/**
 * Side of a point: counts crossings from its cell leftwards to the nearest cell of known side. The cells of
 * an edge are consecutive in a row, so no edge counted here continues beyond that cell.
 */
static zf_side point_side(const zf_grid *g, double x, double y) {
    double gy = zf_grid_y(g, y), gx = zf_grid_x(g, x);
    if (gx < 0 || gy < 0 || gx > (double)g->n_cols || gy > (double)g->n_rows)
        return ZF_SIDE_OUTSIDE;
    uint32_t row = zf_grid_clamp(gy, g->last_row), col = zf_grid_clamp(gx, g->last_col);
    uint32_t cell = zf_grid_first_cell(g, row, col), own = cell;
    int n_crossings = 0;
    if (cell == g->row_start[row + 1] || g->cells[cell].col != col)
        return zf_grid_is_inside_before(g, row, cell) ? ZF_SIDE_INSIDE : ZF_SIDE_OUTSIDE;
    for (;; cell--) {
        uint32_t right = cell + 1;
        int n = count_crossings_left(g, cell, cell == own ? NULL : &right, x, y);
        if (n < 0)
            return ZF_SIDE_UNSURE;
        n_crossings += n;
        if (cell == g->row_start[row] || g->cells[cell - 1].col + 1 != g->cells[cell].col)
            break;
    }
    bool is_inside = zf_grid_is_inside_before(g, row, cell) ^ (n_crossings & 1);
    return is_inside ? ZF_SIDE_INSIDE : ZF_SIDE_OUTSIDE;
}

/** true if the point may lie on an edge. */
static bool is_on_edge(const zf_grid *g, double x, double y) {
    zf_envelope box = {x, y, x, y};
    zf_window w = zf_grid_window(g, &box);
    for (uint32_t row = w.r0; row <= w.r1; row++)
        for (uint32_t cell = zf_grid_first_cell(g, row, w.c0);
             cell < g->row_start[row + 1] && g->cells[cell].col <= w.c1; cell++)
            for (uint32_t e = g->cells[cell].first_edge; e < g->cells[cell + 1].first_edge; e++) {
                zf_segment s;
                segment_of(g, g->edges[e], &s);
                if (is_near(&s, &box) && zf_orient(&s, x, y) == 0)
                    return true;
            }
    return false;
}

zf_side zf_grid_locate_point(const zf_grid *grid, double x, double y) {
    return is_on_edge(grid, x, y) ? ZF_SIDE_UNSURE : point_side(grid, x, y);
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
        zf_side side = footprint->dimension == 0 ? zf_grid_locate_point(g, x, y) : point_side(g, x, y);
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
