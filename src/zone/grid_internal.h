/* SPDX-License-Identifier: MIT */
#ifndef ZF_ZONE_GRID_INTERNAL_H
#define ZF_ZONE_GRID_INTERNAL_H

#include "geometry/exact.h"
#include "geometry/orient.h"
#include "memory/memory.h"
#include "zone/grid.h"

#include <string.h>

/** A cell that the boundary goes through, or touches. Cells of a row that are not listed lie wholly on one
 * side. */
typedef struct zf_grid_cell {
    uint16_t col;
    uint16_t is_inside;           /**< side of the cell's reference point (zf_grid_reference_x, _y) */
    uint32_t first_edge : 31;     /**< in edges[]; ends where the next cell's begin */
    uint32_t is_inside_after : 1; /**< side of the unlisted cells that follow */
} zf_grid_cell;

/** Cells that list more edges than this get a tree of their own over them (grid_crowd.c). */
enum { ZF_GRID_CROWD_EDGES = 128 };

/** The edges of one crowded cell, in bunches of neighbours. */
typedef struct zf_grid_crowd {
    uint32_t cell;
    uint32_t n_levels;
    zf_envelope *boxes; /**< of the bunches, then of each level above */
} zf_grid_crowd;

/**
 * Rows of cells from the envelope's bottom; each row lists its boundary cells by column. An edge is known by
 * the number of its first point in xy.
 */
struct zf_grid {
    zf_envelope envelope;
    double cells_per_x, cells_per_y; /**< cells per unit */
    uint32_t n_cols, n_rows;
    double last_col, last_row; /**< n_cols - 1, n_rows - 1 */
    uint32_t row_step;         /**< a power of two, half as many cells as the fullest row has, or more */
    uint32_t *row_start;       /**< n_rows + 1, into cells */
    zf_grid_cell *cells;       /**< and one more that closes the edges */
    uint32_t *edges;
    double *xy; /**< points of all rings, closing points included; the interior is left of each edge */
    zf_grid_crowd *crowds; /**< n_crowds, by cell */
    uint32_t n_crowds;
};

/** Fraction of a cell by which edges and boxes are widened, far above the rounding of a coordinate's cell
 * number. */
#define ZF_GRID_MARGIN 1e-6

static inline uint32_t zf_grid_clamp(double cell, double last) {
    double not_beyond = cell < last ? cell : last;
    return (uint32_t)(int32_t)(not_beyond > 0 ? not_beyond : 0);
}

static inline double zf_grid_x(const zf_grid *g, double x) {
    return (x - g->envelope.min_x) * g->cells_per_x;
}

static inline double zf_grid_y(const zf_grid *g, double y) {
    return (y - g->envelope.min_y) * g->cells_per_y;
}

/** Reference point of a cell, well within it if a side has several cells. */
static inline double zf_grid_reference_x(const zf_grid *g, uint32_t col) {
    return g->cells_per_x > 0 ? g->envelope.min_x + ((double)col + 0.5) / g->cells_per_x : g->envelope.min_x;
}

static inline double zf_grid_reference_y(const zf_grid *g, uint32_t row) {
    return g->cells_per_y > 0 ? g->envelope.min_y + ((double)row + 0.5) / g->cells_per_y : g->envelope.min_y;
}

static inline zf_segment zf_grid_segment(const zf_grid *g, uint32_t edge) {
    const double *p = g->xy + 2 * (size_t)edge;
    return (zf_segment){p[0], p[1], p[2], p[3]};
}

/* ---- edges of a cell ---- */

/** Takes an edge; false ends the visit. */
typedef bool zf_grid_visit(void *user, uint32_t edge, const zf_segment *segment);

/**
 * Visits the edges of a crowded cell whose envelopes meet the box, by the cell's tree (grid_crowd.c).
 * @return false when the visit was ended.
 */
bool zf_grid_visit_crowd(const zf_grid *g, uint32_t cell, const zf_envelope *box, zf_grid_visit *visit, void *user);

/** Builds the trees of crowded cells, and brings their edges into the order of the trees. */
ZF_MUST_USE zf_status zf_grid_build_crowds(zf_grid *g, zf_arena *arena, zf_arena *scratch, zf_error *error);
/** Bytes of the trees for so many (edge, cell) pairs, at most. */
size_t zf_grid_crowd_bytes(size_t n_entries);

static inline uint32_t zf_grid_n_edges(const zf_grid *g, uint32_t cell) {
    return g->cells[cell + 1].first_edge - g->cells[cell].first_edge;
}

static inline bool zf_grid_is_near(const zf_segment *s, const zf_envelope *box) {
    return !(zf_lesser(s->ax, s->bx) > box->max_x || zf_greater(s->ax, s->bx) < box->min_x ||
             zf_lesser(s->ay, s->by) > box->max_y || zf_greater(s->ay, s->by) < box->min_y);
}

/** Visits the edges of a cell whose envelopes meet the box; false when the visit was ended. */
static inline bool zf_grid_visit_cell(const zf_grid *g, uint32_t cell, const zf_envelope *box, zf_grid_visit *visit,
                                      void *user) {
    if (zf_grid_n_edges(g, cell) > ZF_GRID_CROWD_EDGES)
        return zf_grid_visit_crowd(g, cell, box, visit, user);
    for (uint32_t e = g->cells[cell].first_edge; e < g->cells[cell + 1].first_edge; e++) {
        zf_segment s = zf_grid_segment(g, g->edges[e]);
        if (zf_grid_is_near(&s, box) && !visit(user, g->edges[e], &s))
            return false;
    }
    return true;
}

/* ---- boxes: inline, since every building needs them ---- */

/** Cells [c0, c1] x [r0, r1] that a box intersects. */
typedef struct zf_window {
    uint32_t c0, c1, r0, r1;
} zf_window;

/** Window of a box that intersects the grid's envelope. */
static inline zf_window zf_grid_window(const zf_grid *g, const zf_envelope *box) {
    return (zf_window){zf_grid_clamp(zf_grid_x(g, box->min_x) - ZF_GRID_MARGIN, g->last_col),
                       zf_grid_clamp(zf_grid_x(g, box->max_x) + ZF_GRID_MARGIN, g->last_col),
                       zf_grid_clamp(zf_grid_y(g, box->min_y) - ZF_GRID_MARGIN, g->last_row),
                       zf_grid_clamp(zf_grid_y(g, box->max_y) + ZF_GRID_MARGIN, g->last_row)};
}

/** First boundary cell of the row with column >= col, as an index into cells; the row's end when there is
 * none. Branchless binary search with the same number of steps for all rows: branches would be
 * mispredicted. */
static inline uint32_t zf_grid_first_cell(const zf_grid *g, uint32_t row, uint32_t col) {
    uint32_t at = g->row_start[row], end = g->row_start[row + 1];
    for (uint32_t step = g->row_step; step > 0; step /= 2) {
        bool is_in_row = step <= end - at;
        uint32_t last = is_in_row ? at + step - 1 : at; /* there is one more cell than the rows have */
        at += is_in_row & (g->cells[last].col < col) ? step : 0;
    }
    return at;
}

static inline bool zf_grid_is_inside_before(const zf_grid *g, uint32_t row, uint32_t cell) {
    return cell > g->row_start[row] && g->cells[cell - 1].is_inside_after;
}

/** Side of a window; UNSURE if it contains a boundary cell. */
static inline zf_side zf_grid_window_side(const zf_grid *g, const zf_window *w) {
    bool is_inside = false;
    for (uint32_t row = w->r0; row <= w->r1; row++) {
        uint32_t cell = zf_grid_first_cell(g, row, w->c0);
        if (cell < g->row_start[row + 1] && g->cells[cell].col <= w->c1)
            return ZF_SIDE_UNSURE;
        is_inside = zf_grid_is_inside_before(g, row, cell);
    }
    return is_inside ? ZF_SIDE_INSIDE : ZF_SIDE_OUTSIDE;
}

/** zf_grid_locate_box for a box that intersects the grid's envelope. */
static inline zf_side zf_grid_box_side(const zf_grid *g, const zf_envelope *box) {
    zf_window w = zf_grid_window(g, box);
    return zf_grid_window_side(g, &w);
}

#endif
