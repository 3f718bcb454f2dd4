/* SPDX-License-Identifier: MIT */
/**
 * @file grid.h
 * One zone cut into cells: inside, outside, or on its boundary. Decides on which side a footprint lies
 * wherever double arithmetic is certain, and returns UNSURE elsewhere.
 */
#ifndef ZF_ZONE_GRID_H
#define ZF_ZONE_GRID_H

#include "geometry/geometry.h"
#include "geometry/relate.h"

typedef struct zf_grid zf_grid;

/** Maximum number of cells along a zone's longer side; more would only cost memory. */
enum { ZF_GRID_MAX_CELLS = 512 };

/** Where a footprint lies. */
typedef enum zf_side {
    ZF_SIDE_UNSURE = 0, /**< touches the boundary, or too close to decide in doubles: zf_relate decides */
    ZF_SIDE_INSIDE,     /**< every point of it in the zone's interior */
    ZF_SIDE_OUTSIDE,    /**< no point in common with the zone */
    ZF_SIDE_CROSSES     /**< points of its interior in the zone's interior, others in the zone's exterior */
} zf_side;

/**
 * @param wkb       the zone, valid; borrowed for the call.
 * @param max_cells cells along the longer side, at most; fewer for zones of few vertices.
 * @param arena     gets the grid: 16 bytes for each vertex, 8 for each boundary cell, 4 for each (edge, cell)
 * pair, 3 more for each in crowded cells. Scratch: 8 for each pair. Cost: O(edges + boundary cells), sorting within
 * rows.
 */
ZF_MUST_USE zf_status zf_grid_build(const zf_wkb *wkb, uint32_t max_cells, zf_arena *arena, zf_grid **out,
                                    zf_error *error);

/** Bytes of the grid of a zone of so many vertices, at most, with up to ZF_GRID_MAX_CELLS cells along a side.
 */
size_t zf_grid_forecast_bytes(uint32_t n_points);

/** Side of any valid footprint; exact unless UNSURE. Takes no memory. */
zf_side zf_grid_locate(const zf_grid *grid, const zf_wkb *footprint);
/** The same for one point: exact. It is UNSURE on the boundary only. */
zf_side zf_grid_locate_point(const zf_grid *grid, double x, double y);
/** The same for all points of a box: INSIDE, OUTSIDE or UNSURE. */
zf_side zf_grid_locate_box(const zf_grid *grid, const zf_envelope *box);

/** Has the grid cells with so many edges that they have trees of their own? */
bool zf_grid_is_crowded(const zf_grid *grid);
/** Is the point in the zone's interior? Exact. One on the boundary is taken as if it lay a little to the right, and,
 * much less, above. Cost: the edges of one cell, or a search among them if there are many. */
bool zf_grid_is_inside(const zf_grid *grid, zf_point p);
/**
 * The zone's edges that meet the box, and perhaps others near it, in the order of the rings; the interior is left of
 * each.
 * @param arena  gets them, with 4 bytes for each (edge, cell) pair. ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_grid_edges_near(const zf_grid *grid, const zf_envelope *box, zf_arena *arena,
                                         zf_relate_edges *out, zf_error *error);

#endif
