/* SPDX-License-Identifier: MIT */
/*
 * Trees over the edges of crowded cells: a zone may have most of its edges in a few cells, such as a town with an
 * island far away. The edges of such a cell are brought into the order of a Z-shaped curve and cut into bunches, whose
 * boxes are packed into levels.
 */
#include "geometry/curve.h"
#include "zone/grid_internal.h"

#include <stdlib.h>

enum { BUNCH_EDGES = 16, FAN_OUT = 8, MAX_LEVELS = 12 };

/** An edge with the place of its middle on the curve. */
typedef struct placed_edge {
    uint32_t place, edge;
} placed_edge;

/** Nodes of a level over n nodes of the level below. */
static uint32_t n_nodes_over(uint32_t n, uint32_t n_children) {
    return n / n_children + (n % n_children != 0);
}

/** Boxes of the tree over n edges. */
static size_t n_boxes(uint32_t n_edges) {
    size_t n = 0;
    uint32_t n_nodes = n_nodes_over(n_edges, BUNCH_EDGES);
    for (; n_nodes > 1; n_nodes = n_nodes_over(n_nodes, FAN_OUT))
        n += n_nodes;
    return n + n_nodes;
}

size_t zf_grid_crowd_bytes(size_t n_entries) {
    return n_entries * 13 / 4; /* from ZF_GRID_CROWD_EDGES on, 3.0 bytes in boxes and 0.2 in crowds */
}

/* ---- building ---- */

static zf_envelope box_of(const zf_segment *s) {
    return (zf_envelope){zf_lesser(s->ax, s->bx), zf_lesser(s->ay, s->by), zf_greater(s->ax, s->bx),
                         zf_greater(s->ay, s->by)};
}

static int compare_places(const void *pa, const void *pb) {
    const placed_edge *a = pa, *b = pb;
    return a->place != b->place ? (a->place > b->place) - (a->place < b->place)
                                : (a->edge > b->edge) - (a->edge < b->edge);
}

/** Envelope of the edges' middles. */
static zf_envelope box_of_middles(const zf_grid *g, const uint32_t *edges, uint32_t n) {
    zf_envelope all = zf_envelope_empty();
    for (uint32_t i = 0; i < n; i++) {
        zf_segment s = zf_grid_segment(g, edges[i]);
        zf_envelope_add_point(&all, s.ax / 2 + s.bx / 2, s.ay / 2 + s.by / 2);
    }
    return all;
}

/** Brings the edges of a cell into the order of the curve. */
static void order_edges(const zf_grid *g, uint32_t *edges, uint32_t n, placed_edge *placed) {
    zf_envelope all = box_of_middles(g, edges, n);
    for (uint32_t i = 0; i < n; i++) {
        zf_segment s = zf_grid_segment(g, edges[i]);
        zf_envelope box = box_of(&s);
        placed[i] = (placed_edge){zf_curve_place(&all, &box), edges[i]};
    }
    qsort(placed, n, sizeof *placed, compare_places);
    for (uint32_t i = 0; i < n; i++)
        edges[i] = placed[i].edge;
}

/** Fills the boxes of all levels. */
static void fill_boxes(const zf_grid *g, const uint32_t *edges, uint32_t n, zf_grid_crowd *crowd) {
    uint32_t n_nodes = n_nodes_over(n, BUNCH_EDGES);
    zf_envelope *boxes = crowd->boxes;
    for (uint32_t i = 0; i < n_nodes; i++) {
        uint32_t first = i * BUNCH_EDGES, end = n - first > BUNCH_EDGES ? first + BUNCH_EDGES : n;
        boxes[i] = zf_envelope_empty();
        for (uint32_t e = first; e < end; e++) {
            zf_segment s = zf_grid_segment(g, edges[e]);
            zf_envelope box = box_of(&s);
            zf_envelope_add(&boxes[i], &box);
        }
    }
    for (crowd->n_levels = 1; n_nodes > 1; crowd->n_levels++) {
        uint32_t n_below = n_nodes;
        const zf_envelope *below = boxes;
        boxes += n_below;
        n_nodes = n_nodes_over(n_below, FAN_OUT);
        for (uint32_t i = 0; i < n_nodes; i++) {
            uint32_t first = i * FAN_OUT, end = n_below - first > FAN_OUT ? first + FAN_OUT : n_below;
            boxes[i] = zf_envelope_empty();
            for (uint32_t k = first; k < end; k++)
                zf_envelope_add(&boxes[i], &below[k]);
        }
    }
}

zf_status zf_grid_build_crowds(zf_grid *g, zf_arena *arena, zf_arena *scratch, zf_error *error) {
    const uint32_t n_cells = g->row_start[g->n_rows];
    uint32_t largest = 0, n = 0;
    size_t n_all_boxes = 0;
    zf_envelope *boxes = NULL;
    placed_edge *placed = NULL;
    for (uint32_t cell = 0; cell < n_cells; cell++) {
        uint32_t n_edges = zf_grid_n_edges(g, cell);
        if (n_edges <= ZF_GRID_CROWD_EDGES)
            continue;
        n++;
        n_all_boxes += n_boxes(n_edges);
        largest = n_edges > largest ? n_edges : largest;
    }
    if (n == 0)
        return ZF_OK;
    zf_status st = zf_arena_take(arena, n, sizeof *g->crowds, &g->crowds, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n_all_boxes, sizeof *boxes, &boxes, error);
    if (st == ZF_OK)
        st = zf_arena_take(scratch, largest, sizeof *placed, &placed, error);
    for (uint32_t cell = 0; st == ZF_OK && cell < n_cells; cell++) {
        uint32_t n_edges = zf_grid_n_edges(g, cell), *edges = g->edges + g->cells[cell].first_edge;
        if (n_edges <= ZF_GRID_CROWD_EDGES)
            continue;
        zf_grid_crowd *crowd = &g->crowds[g->n_crowds++];
        *crowd = (zf_grid_crowd){.cell = cell, .boxes = boxes};
        order_edges(g, edges, n_edges, placed);
        fill_boxes(g, edges, n_edges, crowd);
        boxes += n_boxes(n_edges);
    }
    return st;
}

bool zf_grid_is_crowded(const zf_grid *grid) {
    return grid->n_crowds > 0;
}

/* ---- visiting ---- */

/** One visit of a crowded cell. */
typedef struct crowd_visit {
    const zf_grid *grid;
    const uint32_t *edges;
    const zf_envelope *levels[MAX_LEVELS];
    uint32_t n_nodes[MAX_LEVELS + 1]; /**< of each level, after n_nodes[0] edges */
    const zf_envelope *box;
    zf_grid_visit *visit;
    void *user;
} crowd_visit;

/** Visits the edges below nodes [first, end) of a level. */
static bool visit_nodes(const crowd_visit *v, uint32_t level, uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        if (!zf_envelope_overlaps(&v->levels[level][i], v->box))
            continue;
        uint32_t n_children = level == 0 ? BUNCH_EDGES : FAN_OUT, n_below = v->n_nodes[level];
        uint32_t child = i * n_children, end_child = n_below - child > n_children ? child + n_children : n_below;
        if (level > 0) {
            if (!visit_nodes(v, level - 1, child, end_child))
                return false;
            continue;
        }
        for (uint32_t e = child; e < end_child; e++) {
            zf_segment s = zf_grid_segment(v->grid, v->edges[e]);
            if (zf_grid_is_near(&s, v->box) && !v->visit(v->user, v->edges[e], &s))
                return false;
        }
    }
    return true;
}

/** The tree of a crowded cell. */
static const zf_grid_crowd *find_crowd(const zf_grid *g, uint32_t cell) {
    uint32_t low = 0, high = g->n_crowds - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (g->crowds[middle].cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return &g->crowds[low];
}

bool zf_grid_visit_crowd(const zf_grid *g, uint32_t cell, const zf_envelope *box, zf_grid_visit *visit, void *user) {
    const zf_grid_crowd *crowd = find_crowd(g, cell);
    crowd_visit v = {.grid = g, .edges = g->edges + g->cells[cell].first_edge, .box = box, .visit = visit, .user = user};
    const zf_envelope *level = crowd->boxes;
    v.n_nodes[0] = zf_grid_n_edges(g, cell);
    for (uint32_t i = 0; i < crowd->n_levels; i++) {
        v.levels[i] = level;
        v.n_nodes[i + 1] = n_nodes_over(v.n_nodes[i], i == 0 ? BUNCH_EDGES : FAN_OUT);
        level += v.n_nodes[i + 1];
    }
    return visit_nodes(&v, crowd->n_levels - 1, 0, 1);
}
