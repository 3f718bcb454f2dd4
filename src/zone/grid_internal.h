/* SPDX-License-Identifier: MIT */
#ifndef ZF_GRID_INTERNAL_H
#define ZF_GRID_INTERNAL_H

#include "zone/grid.h"

#include <string.h>

/** A cell that the boundary goes through, or touches. Cells of a row that are not listed lie wholly on one
 * side. */
typedef struct zf_cell {
    uint32_t col;
    uint32_t first_edge : 31;     /**< in edges[]; ends where the next cell's begin */
    uint32_t is_inside_after : 1; /**< side of the unlisted cells that follow */
} zf_cell;

/**
 * Rows of cells from the envelope's bottom; each row lists its boundary cells by column. An edge is known by
 * the number of its first point in xy.
 */
struct zf_grid {
    zf_envelope envelope;
    double cells_per_x, cells_per_y; /**< cells per unit */
    uint32_t n_cols, n_rows;
    double last_col, last_row;       /**< n_cols - 1, n_rows - 1 */
    uint32_t *row_start; /**< n_rows + 1, into cells */
    zf_cell *cells;      /**< and one more that closes the edges */
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

#endif
