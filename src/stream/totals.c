/* SPDX-License-Identifier: MIT */
#include "stream/totals.h"

#include <string.h>

enum { CHUNK_BYTES = 16 * 1024 };

static size_t zip_bytes(size_t n_columns) {
    return sizeof(zf_zip_totals) + n_columns * sizeof(zf_total);
}

bool zf_totals_fit(size_t n_zips, size_t n_columns, size_t n_workers, size_t share_bytes) {
    size_t per_worker = 0, all = 0;
    return zf_size_mul(n_zips, sizeof(zf_zip_totals *) + zip_bytes(n_columns), &per_worker) &&
           zf_size_mul(per_worker, n_workers, &all) && all <= share_bytes;
}

zf_status zf_totals_init(zf_totals *totals, zf_budget *budget, size_t n_zips, const zf_row_layout *layout,
                         zf_error *error) {
    *totals = (zf_totals){.n_zips = n_zips, .layout = layout};
    zf_arena_init(&totals->arena, budget, ZF_MEMORY_GATHER, CHUNK_BYTES);
    zf_status st = zf_arena_take(&totals->arena, n_zips, sizeof *totals->zips, &totals->zips, error);
    for (size_t i = 0; st == ZF_OK && i < n_zips; i++)
        totals->zips[i] = NULL;
    return st;
}

void zf_totals_deinit(zf_totals *totals) {
    zf_arena_release(&totals->arena);
    *totals = (zf_totals){0};
}

static zf_status first_row(zf_totals *totals, size_t zip, zf_error *error) {
    const size_t n_bytes = zip_bytes(totals->layout->n_numbers);
    zf_status st = zf_arena_take(&totals->arena, 1, n_bytes, &totals->zips[zip], error);
    if (st == ZF_OK)
        memset(totals->zips[zip], 0, n_bytes);
    return st;
}

static zf_status widen(zf_running *running, zf_arena *arena, zf_error *error) {
    zf_exact_wide *wide = NULL;
    zf_status st = zf_arena_take(arena, 1, sizeof *wide, &wide, error);
    if (st == ZF_OK)
        zf_exact_widen(&running->sum, wide);
    return st;
}

static zf_status add_real(zf_running *running, double number, zf_arena *arena, zf_error *error) {
    if (zf_running_add(running, number))
        return ZF_OK;
    zf_status st = widen(running, arena, error);
    if (st != ZF_OK || zf_running_add(running, number))
        return st;
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "cannot add up a number");
}

zf_status zf_total_add(zf_total *total, const zf_row_layout *layout, const zf_cell *cells, size_t slot,
                       zf_arena *arena, zf_error *error) {
    if (layout->slots[slot].kind != ZF_SLOT_INTEGER)
        return add_real(&total->reals, cells[slot].real, arena, error);
    if (!zf_layout_is_missing(layout, cells, slot))
        zf_running_integers_add(&total->integers, cells[slot].integer);
    return ZF_OK;
}

zf_status zf_totals_add(zf_totals *totals, size_t zip, const zf_cell *cells, zf_error *error) {
    zf_status st = totals->zips[zip] == NULL ? first_row(totals, zip, error) : ZF_OK;
    if (st != ZF_OK)
        return st;
    zf_zip_totals *t = totals->zips[zip];
    t->n_rows++;
    for (size_t c = 0; st == ZF_OK && c < totals->layout->n_numbers; c++)
        st = zf_total_add(&t->columns[c], totals->layout, cells, c, &totals->arena, error);
    return st;
}
