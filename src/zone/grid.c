/* SPDX-License-Identifier: MIT */
#include "geometry/orient.h"
#include "zone/grid_internal.h"

#include <math.h>
#include <stdlib.h>

/** One (edge, cell) pair while the grid is built. */
typedef struct edge_cell {
    uint32_t col;
    uint32_t edge : 31;
    uint32_t crosses_middle : 1; /**< the edge crosses the horizontal middle of the row in this cell */
} edge_cell;

/** State of building a grid. */
typedef struct builder {
    zf_grid *grid;
    size_t n_points;
    uint8_t *is_edge;   /**< n_points: a segment begins here */
    size_t *row_fill;   /**< n_rows + 1 */
    edge_cell *entries; /**< by row */
    zf_arena *scratch;
} builder;

/** Columns [first, last] of an edge within a row, and whether and where it crosses the row's middle. */
typedef struct span {
    uint32_t first, last;
    bool crosses_middle;
    uint32_t middle_col;
} span;

/** End points of an edge in cells. */
static void edge_of(const zf_grid *g, uint32_t edge, double p[4]) {
    const double *xy = g->xy + 2 * (size_t)edge;
    p[0] = zf_grid_x(g, xy[0]);
    p[1] = zf_grid_y(g, xy[1]);
    p[2] = zf_grid_x(g, xy[2]);
    p[3] = zf_grid_y(g, xy[3]);
}

static double x_at(const double p[4], double y) {
    double t = (y - p[1]) / (p[3] - p[1]);
    return p[0] + t * (p[2] - p[0]);
}

/** Columns of an edge, given in cells, within a row. */
static span span_in_row(const zf_grid *g, const double p[4], uint32_t row) {
    double bottom = (double)row - ZF_GRID_MARGIN, top = (double)row + 1 + ZF_GRID_MARGIN,
           middle = (double)row + 0.5;
    double lo = zf_lesser(p[0], p[2]), hi = zf_greater(p[0], p[2]);
    span s = {0};
    if (p[1] != p[3]) { /* the part of the edge between bottom and top */
        double at_bottom = x_at(p, bottom), at_top = x_at(p, top);
        double low_end = p[1] < p[3] ? p[0] : p[2], high_end = p[1] < p[3] ? p[2] : p[0];
        double a = zf_lesser(p[1], p[3]) >= bottom ? low_end : at_bottom,
               b = zf_greater(p[1], p[3]) <= top ? high_end : at_top;
        lo = zf_greater(lo, zf_lesser(a, b));
        hi = zf_lesser(hi, zf_greater(a, b));
    }
    s.first = zf_grid_clamp(lo - ZF_GRID_MARGIN, g->last_col);
    s.last = zf_grid_clamp(hi + ZF_GRID_MARGIN, g->last_col);
    s.crosses_middle = (p[1] > middle) != (p[3] > middle);
    if (s.crosses_middle) {
        uint32_t col = zf_grid_clamp(x_at(p, middle), g->last_col);
        s.middle_col = col < s.first ? s.first : col > s.last ? s.last : col;
    }
    return s;
}

static void rows_of(const zf_grid *g, const double p[4], uint32_t *first, uint32_t *last) {
    *first = zf_grid_clamp(zf_lesser(p[1], p[3]) - ZF_GRID_MARGIN, g->last_row);
    *last = zf_grid_clamp(zf_greater(p[1], p[3]) + ZF_GRID_MARGIN, g->last_row);
}

/** Called for the columns of an edge in a row. */
typedef void visit_span(builder *b, uint32_t edge, uint32_t row, const span *s);

/** Calls visit for each edge and each row that it touches. */
static void walk_spans(builder *b, visit_span *visit) {
    const zf_grid *g = b->grid;
    for (size_t e = 0; e + 1 < b->n_points; e++) {
        double p[4];
        uint32_t first, last;
        if (!b->is_edge[e])
            continue;
        edge_of(g, (uint32_t)e, p);
        rows_of(g, p, &first, &last);
        for (uint32_t row = first; row <= last; row++) {
            span s = span_in_row(g, p, row);
            visit(b, (uint32_t)e, row, &s);
        }
    }
}

static void count_span(builder *b, uint32_t edge, uint32_t row, const span *s) {
    (void)edge;
    b->row_fill[row + 1] += (size_t)(s->last - s->first) + 1;
}

/** Sets row_fill to the start of each row's entries; false when there are more entries than 31 bits can
 * count. */
static bool count_entries(builder *b) {
    const zf_grid *g = b->grid;
    memset(b->row_fill, 0, ((size_t)g->n_rows + 1) * sizeof *b->row_fill);
    walk_spans(b, count_span);
    for (uint32_t row = 0; row < g->n_rows; row++)
        b->row_fill[row + 1] += b->row_fill[row];
    return b->row_fill[g->n_rows] < 0x7fffffff && b->n_points < 0x7fffffff;
}

/** Writes the entries of a span; in the end row_fill[row] is the end of the row's entries. */
static void fill_span(builder *b, uint32_t edge, uint32_t row, const span *s) {
    for (uint32_t col = s->first; col <= s->last; col++)
        b->entries[b->row_fill[row]++] =
            (edge_cell){col, edge & 0x7fffffff, s->crosses_middle && s->middle_col == col};
}

static int compare_entries(const void *pa, const void *pb) {
    const edge_cell *a = pa, *b = pb;
    if (a->col != b->col)
        return a->col < b->col ? -1 : 1;
    return (a->edge > b->edge) - (a->edge < b->edge);
}

/** Number of distinct (row, col) among the sorted entries. */
static size_t count_cells(const builder *b) {
    size_t n = 0, at = 0;
    for (uint32_t row = 0; row < b->grid->n_rows; row++)
        for (size_t first = at; at < b->row_fill[row]; at++)
            n += at == first || b->entries[at].col != b->entries[at - 1].col;
    return n;
}

/* ---- sides of the reference points ---- */

/** true if the edge crosses the row's reference line left of x, or at it. */
static bool crosses_left_of(const zf_segment *s, double x, double y) {
    int side = zf_orient_exact((zf_point){s->ax, s->ay}, (zf_point){s->bx, s->by}, (zf_point){x, y});
    return side == 0 || (side > 0) != (s->by > s->ay);
}

/** true if the cell lists the edge; binary search. */
static bool lists_edge(const zf_grid *g, uint32_t cell, uint32_t edge) {
    uint32_t lo = g->cells[cell].first_edge, end = g->cells[cell + 1].first_edge, hi = end;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (g->edges[middle] < edge)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo < end && g->edges[lo] == edge;
}

/** Does an odd number of the cell's edges, but for those that `but` lists too, cross the reference line between two x? */
static bool is_odd_between(const zf_grid *g, uint32_t cell, const uint32_t *but, double left, double right, double y) {
    bool is_odd = false;
    for (uint32_t e = g->cells[cell].first_edge; e < g->cells[cell + 1].first_edge; e++) {
        zf_segment s = zf_grid_segment(g, g->edges[e]);
        if ((s.ay > y) == (s.by > y) || (but != NULL && lists_edge(g, *but, g->edges[e])))
            continue;
        is_odd ^= crosses_left_of(&s, right, y) && !(left > -INFINITY && crosses_left_of(&s, left, y));
    }
    return is_odd;
}

/** Finds the exact side of each listed cell's reference point, from that of the cell to the left. */
static void find_reference_sides(zf_grid *g) {
    for (uint32_t row = 0; row < g->n_rows; row++) {
        double y = zf_grid_reference_y(g, row);
        for (uint32_t cell = g->row_start[row]; cell < g->row_start[row + 1]; cell++) {
            uint32_t col = g->cells[cell].col;
            double left = col > 0 ? zf_grid_reference_x(g, col - 1) : -INFINITY, right = zf_grid_reference_x(g, col);
            bool follows = cell > g->row_start[row] && g->cells[cell - 1].col + 1u == col;
            bool is_inside = follows ? g->cells[cell - 1].is_inside : zf_grid_is_inside_before(g, row, cell);
            is_inside ^= is_odd_between(g, cell, NULL, left, right, y);
            if (follows)
                is_inside ^= is_odd_between(g, cell - 1, &cell, left, right, y);
            g->cells[cell].is_inside = is_inside;
        }
    }
}

/** Makes the cells of all rows from the sorted entries. */
static void make_cells(builder *b) {
    zf_grid *g = b->grid;
    uint32_t n = 0;
    size_t at = 0;
    for (uint32_t row = 0; row < g->n_rows; row++) {
        unsigned is_inside = 0;
        g->row_start[row] = n;
        for (size_t first = at; at < b->row_fill[row]; at++) {
            const edge_cell *e = &b->entries[at];
            if (at == first || e->col != b->entries[at - 1].col)
                g->cells[n++] = (zf_grid_cell){(uint16_t)e->col, 0, (uint32_t)at & 0x7fffffff, 0};
            is_inside ^= e->crosses_middle;
            g->cells[n - 1].is_inside_after = is_inside & 1;
            g->edges[at] = e->edge;
        }
    }
    g->row_start[g->n_rows] = n;
    g->row_step = 1;
    for (uint32_t row = 0; row < g->n_rows; row++)
        while (2 * g->row_step <= g->row_start[row + 1] - g->row_start[row])
            g->row_step *= 2;
    g->cells[n] = (zf_grid_cell){UINT16_MAX, 0, (uint32_t)at & 0x7fffffff, 0};
}

/** Reverses the order of n points. */
static void reverse(double *xy, size_t n) {
    for (size_t i = 0, k = n; i + 1 < k; i++) {
        k--;
        double x = xy[2 * i], y = xy[2 * i + 1];
        xy[2 * i] = xy[2 * k];
        xy[2 * i + 1] = xy[2 * k + 1];
        xy[2 * k] = x;
        xy[2 * k + 1] = y;
    }
}

/** Copies the points of all rings, with the interior on their left, and marks where edges begin. */
static void read_points(builder *b, const zf_wkb *wkb) {
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    zf_ring ring;
    size_t n = 0;
    while (zf_wkb_next_ring(&cursor, &ring)) {
        double *xy = b->grid->xy + 2 * n;
        for (uint32_t i = 0; i < ring.n; i++)
            zf_ring_point(&ring, i, &xy[2 * (size_t)i], &xy[2 * (size_t)i + 1]);
        if (zf_ring_is_counter_clockwise(xy, ring.n) != ring.is_shell)
            reverse(xy, ring.n);
        for (uint32_t i = 0; i < ring.n; i++, n++) {
            b->is_edge[n] = i + 1 < ring.n;
            if (i > 0 && memcmp(&xy[2 * (size_t)i - 2], &xy[2 * (size_t)i], 2 * sizeof(double)) == 0)
                b->is_edge[n - 1] = 0; /* a repeated point */
        }
    }
    b->n_points = n;
}

/** Cells along the longer side of a zone: about as many boundary cells as edges. */
static size_t cells_along(size_t n_points, size_t max_cells) {
    size_t wanted = 32 + n_points / 8;
    return wanted < max_cells ? wanted : max_cells;
}

/** Maximum number of (edge, cell) pairs; a zone with many long edges gets coarser cells to stay below it. */
static size_t max_entries(size_t n_points, size_t n_cells_along) {
    return 2 * n_points + 8 * n_cells_along;
}

size_t zf_grid_forecast_bytes(uint32_t n_points) {
    size_t along = cells_along(n_points, ZF_GRID_MAX_CELLS);
    size_t n_entries = max_entries(n_points, along);
    /* points, edges and cells of the entries, rows, and the headers of five allocations */
    size_t crowd_bytes = n_points > ZF_GRID_CROWD_EDGES ? zf_grid_crowd_bytes(n_entries) : 0;
    return 16 * (size_t)n_points + n_entries * (sizeof(uint32_t) + sizeof(zf_grid_cell)) + 4 * (along + 2) +
           crowd_bytes + sizeof(zf_grid) + 512;
}

/** Cells per unit; 0, so that all is in the first cell, for an extent so small that it overflows. */
static double cells_per_unit(uint32_t n_cells, double extent) {
    double per_unit = extent > 0 ? (double)n_cells / extent : 0;
    return per_unit < 1e300 ? per_unit : 0;
}

static void set_scale(zf_grid *g) {
    g->last_col = (double)g->n_cols - 1;
    g->last_row = (double)g->n_rows - 1;
    g->cells_per_x = cells_per_unit(g->n_cols, g->envelope.max_x - g->envelope.min_x);
    g->cells_per_y = cells_per_unit(g->n_rows, g->envelope.max_y - g->envelope.min_y);
}

/** Number of cells over an extent, each well wider than the distance of numbers, so that its reference point lies
 * within it. */
static uint32_t n_cells_over(double min, double max, double per_unit) {
    double size = zf_greater(fabs(min), fabs(max)), most = (max - min) / (0x1p-46 * size + 0x1p-1022);
    double cells = zf_lesser(ceil((max - min) * per_unit), most);
    return cells >= 1 ? (uint32_t)cells : 1;
}

/** Chooses nearly square cells, about as many boundary cells as edges, so that memory is proportional to the
 * geometry. */
static void choose_cells(zf_grid *g, size_t n_points, uint32_t max_cells) {
    double width = g->envelope.max_x - g->envelope.min_x, height = g->envelope.max_y - g->envelope.min_y;
    double longer = zf_greater(width, height);
    double cells = (double)cells_along(n_points, max_cells);
    double per_unit = longer > 0 ? cells / longer : 0;
    per_unit = zf_lesser(per_unit, 1e300);
    g->n_cols = n_cells_over(g->envelope.min_x, g->envelope.max_x, per_unit);
    g->n_rows = n_cells_over(g->envelope.min_y, g->envelope.max_y, per_unit);
    /* widen, so that straight borders of the zone do not coincide with borders of cells */
    g->envelope.min_x -= 0.0137 * width / g->n_cols;
    g->envelope.max_x += 0.0211 * width / g->n_cols;
    g->envelope.min_y -= 0.0173 * height / g->n_rows;
    g->envelope.max_y += 0.0239 * height / g->n_rows;
    set_scale(g);
}

/** Halves the number of cells along each side. */
static void coarsen(zf_grid *g) {
    g->n_cols = (g->n_cols + 1) / 2;
    g->n_rows = (g->n_rows + 1) / 2;
    set_scale(g);
}

/** Fills cells and edges, with coarser cells while there are too many entries. */
static zf_status fill_grid(builder *b, zf_arena *arena, zf_error *error) {
    zf_grid *g = b->grid;
    size_t along = g->n_cols > g->n_rows ? g->n_cols : g->n_rows;
    zf_status st = zf_arena_take(b->scratch, (size_t)g->n_rows + 1, sizeof *b->row_fill, &b->row_fill, error);
    if (st != ZF_OK)
        return st;
    bool is_countable = count_entries(b);
    while ((g->n_cols > 1 || g->n_rows > 1) &&
           (!is_countable || b->row_fill[g->n_rows] > max_entries(b->n_points, along))) {
        coarsen(g);
        is_countable = count_entries(b);
    }
    if (!is_countable)
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD, "a ZIP of %zu vertices is too large",
                            b->n_points);
    size_t total = b->row_fill[g->n_rows];
    st = zf_arena_take(b->scratch, total, sizeof *b->entries, &b->entries, error);
    if (st != ZF_OK)
        return st;
    walk_spans(b, fill_span);
    for (size_t row = 0, at = 0; row < g->n_rows; at = b->row_fill[row++])
        qsort(b->entries + at, b->row_fill[row] - at, sizeof *b->entries, compare_entries);
    st = zf_arena_take(arena, count_cells(b) + 1, sizeof *g->cells, &g->cells, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, total, sizeof *g->edges, &g->edges, error);
    if (st != ZF_OK)
        return st;
    make_cells(b);
    find_reference_sides(g);
    return zf_grid_build_crowds(g, arena, b->scratch, error);
}

zf_status zf_grid_build(const zf_wkb *wkb, uint32_t max_cells, zf_arena *arena, zf_grid **out,
                        zf_error *error) {
    zf_arena scratch;
    builder b = {.scratch = &scratch};
    zf_grid *g = NULL;
    *out = NULL;
    zf_arena_mark mark = zf_arena_get_mark(arena);
    zf_arena_init(&scratch, arena->budget, arena->use, (size_t)64 * 1024);
    zf_status st = zf_arena_take(arena, 1, sizeof *g, &g, error);
    if (st == ZF_OK) {
        *g = (zf_grid){.envelope = wkb->envelope};
        choose_cells(g, wkb->n_points, max_cells);
        b.grid = g;
        st = zf_arena_take(arena, 2 * wkb->n_points, sizeof *g->xy, &g->xy, error);
    }
    if (st == ZF_OK)
        st = zf_arena_take(arena, (size_t)g->n_rows + 1, sizeof *g->row_start, &g->row_start, error);
    if (st == ZF_OK)
        st = zf_arena_take(&scratch, wkb->n_points, sizeof *b.is_edge, &b.is_edge, error);
    if (st == ZF_OK) {
        read_points(&b, wkb);
        st = fill_grid(&b, arena, error);
    }
    zf_arena_release(&scratch);
    if (st != ZF_OK) {
        zf_arena_rewind(arena, mark);
        return st;
    }
    *out = g;
    return ZF_OK;
}
