/* SPDX-License-Identifier: MIT */
/* Finds the candidates of a small envelope: a uniform grid over all zones, each cell with the zones whose
 * envelopes intersect it. */
#include "zone/zone_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_SIDE = 16, MAX_SIDE = 512, CELLS_PER_ZONE_SIDE = 8, MAX_ENTRIES = 1 << 20 };

struct zf_locator {
    zf_envelope extent;
    double cells_per_x, cells_per_y;
    uint32_t n_cols, n_rows;
    double last_col, last_row; /**< n_cols - 1, n_rows - 1 */
    uint32_t *start;           /**< n_cols * n_rows + 1, into zones */
    uint32_t *zones;           /**< zone numbers, ascending within a cell */
};

typedef struct cell_range {
    uint32_t c0, c1, r0, r1;
} cell_range;

/** Cell of a coordinate. Monotone, so the cells of an envelope are those between its corners' cells, despite
 * rounding. */
static inline uint32_t cell_of(double offset, double per_unit, double last) {
    double cell = offset * per_unit, not_beyond = cell < last ? cell : last;
    return (uint32_t)(int32_t)(not_beyond > 0 ? not_beyond : 0);
}

static inline cell_range range_of(const zf_locator *l, const zf_envelope *e) {
    return (cell_range){cell_of(e->min_x - l->extent.min_x, l->cells_per_x, l->last_col),
                        cell_of(e->max_x - l->extent.min_x, l->cells_per_x, l->last_col),
                        cell_of(e->min_y - l->extent.min_y, l->cells_per_y, l->last_row),
                        cell_of(e->max_y - l->extent.min_y, l->cells_per_y, l->last_row)};
}

static void set_side(zf_locator *l, uint32_t side) {
    double width = l->extent.max_x - l->extent.min_x, height = l->extent.max_y - l->extent.min_y;
    l->n_cols = l->n_rows = side;
    l->last_col = l->last_row = (double)side - 1;
    l->cells_per_x = width > 0 && isfinite(side / width) ? side / width : 0;
    l->cells_per_y = height > 0 && isfinite(side / height) ? side / height : 0;
}

static size_t count_entries(const zf_locator *l, const zf_zone *zones, size_t n) {
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        if (zones[i].wkb.n > 0) {
            cell_range r = range_of(l, &zones[i].envelope);
            total += (size_t)(r.c1 - r.c0 + 1) * (r.r1 - r.r0 + 1);
        }
    return total;
}

/** Chooses cells small enough to hold few zones each, and coarser ones while overlapping zones make too many
 * entries. */
static void choose_side(zf_locator *l, const zf_zone *zones, size_t n) {
    double wanted = CELLS_PER_ZONE_SIDE * sqrt((double)n);
    uint32_t side = wanted < MIN_SIDE ? MIN_SIDE : wanted > MAX_SIDE ? MAX_SIDE : (uint32_t)wanted;
    set_side(l, side);
    while (side > 1 && count_entries(l, zones, n) > MAX_ENTRIES)
        set_side(l, side /= 2);
}

/** Fills start and zones by a counting sort. */
static void fill(zf_locator *l, const zf_zone *zones, size_t n) {
    size_t n_cells = (size_t)l->n_cols * l->n_rows;
    memset(l->start, 0, (n_cells + 1) * sizeof *l->start);
    for (int pass = 0; pass < 2;
         pass++) { /* count into the next cell's start, then write while the starts move up */
        for (size_t i = 0; i < n; i++) {
            if (zones[i].wkb.n == 0)
                continue;
            cell_range r = range_of(l, &zones[i].envelope);
            for (uint32_t row = r.r0; row <= r.r1; row++)
                for (uint32_t col = r.c0; col <= r.c1; col++) {
                    size_t cell = (size_t)row * l->n_cols + col;
                    if (pass == 0)
                        l->start[cell + 1]++;
                    else
                        l->zones[l->start[cell]++] = (uint32_t)i;
                }
        }
        for (size_t cell = 0; pass == 0 && cell < n_cells; cell++)
            l->start[cell + 1] += l->start[cell];
    }
    memmove(l->start + 1, l->start,
            n_cells * sizeof *l->start); /* each start is now at the end of its cell */
    l->start[0] = 0;
}

zf_status zf_locator_create(const zf_zone *zones, size_t n, const zf_envelope *extent, zf_arena *arena,
                            zf_locator **out, zf_error *error) {
    void *locator = NULL, *start = NULL, *entries = NULL;
    zf_status st = zf_arena_alloc(arena, 1, sizeof(zf_locator), &locator, error);
    if (st != ZF_OK)
        return st;
    zf_locator *l = locator;
    *l = (zf_locator){.extent = *extent};
    choose_side(l, zones, n);
    st = zf_arena_alloc(arena, (size_t)l->n_cols * l->n_rows + 1, sizeof *l->start, &start, error);
    if (st == ZF_OK)
        st = zf_arena_alloc(arena, count_entries(l, zones, n), sizeof *l->zones, &entries, error);
    if (st != ZF_OK)
        return st;
    l->start = start;
    l->zones = entries;
    fill(l, zones, n);
    *out = l;
    return ZF_OK;
}

bool zf_locator_find(const zf_locator *locator, const zf_envelope *envelope, const uint32_t **out,
                     size_t *out_n) {
    *out_n = 0;
    if (!zf_envelope_meets(&locator->extent, envelope))
        return true;
    cell_range r = range_of(locator, envelope);
    if (r.c0 != r.c1 || r.r0 != r.r1)
        return false;
    size_t cell = (size_t)r.r0 * locator->n_cols + r.c0;
    *out = locator->zones + locator->start[cell];
    *out_n = locator->start[cell + 1] - locator->start[cell];
    return true;
}
