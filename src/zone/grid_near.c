/* SPDX-License-Identifier: MIT */
/* Exact decisions about a zone by the edges of its cells. */
#include "zone/grid_internal.h"

#include <stdlib.h>

/* ---- one point ---- */

/** The walk from a cell's reference point to a point of the cell: up or down first, then sideways. */
typedef struct point_walk {
    zf_point from, to;
    bool is_inside; /**< side of the point that the walk has reached */
    bool is_on_edge;
} point_walk;

/** The side of p, 1: left of the segment, -1: right of it; a point on its line counts as if it lay a little to the
 * right, and, much less, above. */
static int side_of(const zf_segment *s, zf_point p) {
    int side = zf_orient_exact((zf_point){s->ax, s->ay}, (zf_point){s->bx, s->by}, p);
    if (side != 0)
        return side;
    return s->by != s->ay ? (s->by > s->ay ? -1 : 1) : s->bx > s->ax ? 1 : -1;
}

/** Changes sides when an edge crosses the walk. */
static bool walk_over(void *user, uint32_t edge, const zf_segment *s) {
    point_walk *w = user;
    const zf_point corner = {w->from.x, w->to.y};
    (void)edge;
    if ((s->ax > corner.x) != (s->bx > corner.x))
        w->is_inside ^= side_of(s, w->from) != side_of(s, corner);
    if ((s->ay > corner.y) != (s->by > corner.y))
        w->is_inside ^= side_of(s, corner) != side_of(s, w->to);
    return true;
}

/** Notes whether the point lies on an edge whose envelope holds it. */
static bool note_edge(void *user, uint32_t edge, const zf_segment *s) {
    point_walk *w = user;
    (void)edge;
    w->is_on_edge = zf_orient_exact((zf_point){s->ax, s->ay}, (zf_point){s->bx, s->by}, w->to) == 0;
    return !w->is_on_edge;
}

/** Finds the cell of a point of the grid's envelope; false if it is not listed. */
static bool find_cell(const zf_grid *g, zf_point p, uint32_t *out_row, uint32_t *out_cell) {
    uint32_t row = zf_grid_clamp(zf_grid_y(g, p.y), g->last_row), col = zf_grid_clamp(zf_grid_x(g, p.x), g->last_col);
    uint32_t cell = zf_grid_first_cell(g, row, col);
    *out_row = row;
    *out_cell = cell;
    return cell < g->row_start[row + 1] && g->cells[cell].col == col;
}

static bool is_in_envelope(const zf_grid *g, zf_point p) {
    const zf_envelope *e = &g->envelope;
    return p.x >= e->min_x && p.x <= e->max_x && p.y >= e->min_y && p.y <= e->max_y;
}

bool zf_grid_is_inside(const zf_grid *grid, zf_point p) {
    uint32_t row, cell;
    if (!is_in_envelope(grid, p))
        return false;
    if (!find_cell(grid, p, &row, &cell))
        return zf_grid_is_inside_before(grid, row, cell);
    point_walk w = {.from = {zf_grid_reference_x(grid, grid->cells[cell].col), zf_grid_reference_y(grid, row)},
                    .to = p,
                    .is_inside = grid->cells[cell].is_inside};
    zf_envelope box = {w.from.x, w.from.y, w.from.x, w.from.y};
    zf_envelope_add_point(&box, p.x, p.y);
    zf_grid_visit_cell(grid, cell, &box, walk_over, &w);
    return w.is_inside;
}

zf_side zf_grid_locate_point(const zf_grid *grid, double x, double y) {
    point_walk w = {.to = {x, y}};
    zf_envelope box = {x, y, x, y};
    uint32_t row, cell;
    if (!is_in_envelope(grid, w.to))
        return ZF_SIDE_OUTSIDE;
    if (find_cell(grid, w.to, &row, &cell))
        zf_grid_visit_cell(grid, cell, &box, note_edge, &w);
    if (w.is_on_edge)
        return ZF_SIDE_UNSURE;
    return zf_grid_is_inside(grid, w.to) ? ZF_SIDE_INSIDE : ZF_SIDE_OUTSIDE;
}

/* ---- the edges near a box ---- */

/** Numbers of edges, which grow in an arena. */
typedef struct edge_numbers {
    zf_arena *arena;
    uint32_t *numbers;
    size_t n, cap;
    zf_status status;
    zf_error *error;
} edge_numbers;

/** Adds a number. */
static bool add_number(void *user, uint32_t edge, const zf_segment *s) {
    edge_numbers *list = user;
    (void)s;
    if (list->n == list->cap) {
        uint32_t *grown = NULL;
        list->status = zf_arena_take(list->arena, 2 * list->cap, sizeof *grown, &grown, list->error);
        if (list->status != ZF_OK)
            return false;
        memcpy(grown, list->numbers, list->n * sizeof *grown);
        list->numbers = grown;
        list->cap *= 2;
    }
    list->numbers[list->n++] = edge;
    return true;
}

static int compare_numbers(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a > b) - (a < b);
}

/** Sorts the numbers: by insertion if there are few, as for most buildings. */
static void sort_numbers(uint32_t *numbers, size_t n) {
    if (n > 48) {
        qsort(numbers, n, sizeof *numbers, compare_numbers);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint32_t number = numbers[i];
        size_t k = i;
        for (; k > 0 && numbers[k - 1] > number; k--)
            numbers[k] = numbers[k - 1];
        numbers[k] = number;
    }
}

/** Lists the edges of all cells of the box's window, some of them several times. */
static void list_numbers(const zf_grid *g, const zf_envelope *box, edge_numbers *list) {
    zf_window w = zf_grid_window(g, box);
    for (uint32_t row = w.r0; row <= w.r1; row++)
        for (uint32_t cell = zf_grid_first_cell(g, row, w.c0);
             cell < g->row_start[row + 1] && g->cells[cell].col <= w.c1; cell++)
            if (!zf_grid_visit_cell(g, cell, box, add_number, list))
                return;
}

zf_status zf_grid_edges_near(const zf_grid *grid, const zf_envelope *box, zf_arena *arena, zf_relate_edges *out,
                             zf_error *error) {
    edge_numbers list = {.arena = arena, .cap = 64, .error = error};
    zf_relate_edge *edges = NULL;
    *out = (zf_relate_edges){NULL, 0};
    if (!zf_envelope_meets(&grid->envelope, box))
        return ZF_OK;
    list.status = zf_arena_take(arena, list.cap, sizeof *list.numbers, &list.numbers, error);
    if (list.status == ZF_OK)
        list_numbers(grid, box, &list);
    if (list.status == ZF_OK)
        list.status = zf_arena_take(arena, list.n, sizeof *edges, &edges, error);
    if (list.status != ZF_OK)
        return list.status;
    sort_numbers(list.numbers, list.n);
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0 && list.numbers[i] == list.numbers[i - 1])
            continue;
        zf_segment s = zf_grid_segment(grid, list.numbers[i]);
        edges[n++] = (zf_relate_edge){{s.ax, s.ay}, {s.bx, s.by}, true};
    }
    *out = (zf_relate_edges){edges, n};
    return ZF_OK;
}
