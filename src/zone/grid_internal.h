/* SPDX-License-Identifier: MIT */
#ifndef ZF_ZONE_GRID_INTERNAL_H
#define ZF_ZONE_GRID_INTERNAL_H

#include "zone/grid.h"

#include <string.h>

/** A cell that the boundary goes through, or touches. Cells of a row that are not listed lie wholly on one
 * side. */
typedef struct zf_grid_cell {
    uint32_t col;
    uint32_t first_edge : 31;     /**< in edges[]; ends where the next cell's begin */
    uint32_t is_inside_after : 1; /**< side of the unlisted cells that follow */
} zf_grid_cell;

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
    double *xy; /**< points of all rings, closing points included */
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
