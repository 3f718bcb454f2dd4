/* SPDX-License-Identifier: MIT */
#include "stream/totals.h"

#include <string.h>

enum { CHUNK_BYTES = 16 * 1024 };

static size_t zip_bytes(size_t n_columns) {
    return sizeof(zf_zip_totals) + n_columns * sizeof(zf_running);
}

bool zf_totals_fit(size_t n_zips, size_t n_columns, size_t n_workers, size_t share_bytes) {
    size_t per_worker = 0, all = 0;
    return zf_size_mul(n_zips, sizeof(zf_zip_totals *) + zip_bytes(n_columns), &per_worker) &&
           zf_size_mul(per_worker, n_workers, &all) && all <= share_bytes;
}

zf_status zf_totals_init(zf_totals *totals, zf_budget *budget, size_t n_zips, size_t n_columns,
                         const bool *is_rest, zf_error *error) {
    *totals = (zf_totals){.n_zips = n_zips, .n_columns = n_columns, .is_rest = is_rest};
    for (size_t c = 0; c <= n_columns; c++)
        totals->has_rests |= is_rest[c];
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
    zf_status st = zf_arena_take(&totals->arena, 1, zip_bytes(totals->n_columns), &totals->zips[zip], error);
    if (st == ZF_OK)
        memset(totals->zips[zip], 0, zip_bytes(totals->n_columns));
    return st;
}

static zf_status widen(zf_running *running, zf_arena *arena, zf_error *error) {
    zf_exact_wide *wide = NULL;
    zf_status st = zf_arena_take(arena, 1, sizeof *wide, &wide, error);
    if (st == ZF_OK)
        zf_exact_widen(&running->sum, wide);
    return st;
}

static zf_status refuse(zf_error *error) {
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "cannot add up a number");
}

zf_status zf_running_take(zf_running *running, double number, zf_arena *arena, zf_error *error) {
    if (zf_running_add(running, number))
        return ZF_OK;
    zf_status st = widen(running, arena, error);
    if (st != ZF_OK)
        return st;
    return zf_running_add(running, number) ? ZF_OK : refuse(error);
}

zf_status zf_running_take_whole(zf_running running[2], const double pair[2], zf_arena *arena,
                                zf_error *error) {
    if (zf_running_add_whole(&running[0], &running[1], pair[0], pair[1]))
        return ZF_OK;
    zf_status st = widen(&running[0], arena, error);
    if (st != ZF_OK)
        return st;
    return zf_running_add_whole(&running[0], &running[1], pair[0], pair[1]) ? ZF_OK : refuse(error);
}

static zf_status add_with_rests(zf_totals *totals, zf_running *columns, const double *numbers,
                                zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < totals->n_columns; c++) {
        if (!totals->is_rest[c + 1]) {
            st = zf_running_take(&columns[c], numbers[c], &totals->arena, error);
        } else {
            st = zf_running_take_whole(&columns[c], &numbers[c], &totals->arena, error);
            c++;
        }
    }
    return st;
}

zf_status zf_totals_add(zf_totals *totals, size_t zip, const double *numbers, zf_error *error) {
    zf_status st = totals->zips[zip] == NULL ? first_row(totals, zip, error) : ZF_OK;
    if (st != ZF_OK)
        return st;
    zf_zip_totals *t = totals->zips[zip];
    t->n_rows++;
    if (totals->has_rests)
        return add_with_rests(totals, t->columns, numbers, error);
    for (size_t c = 0; st == ZF_OK && c < totals->n_columns; c++)
        st = zf_running_take(&t->columns[c], numbers[c], &totals->arena, error);
    return st;
}
