/* SPDX-License-Identifier: MIT */
/* The statistics of one ZIP. */
#include "perzip/zip.h"

zf_status zf_zip_statistics_begin(zf_zip_work *w, zf_error *error) {
    zf_status st = zf_collected_begin(&w->collecting, &w->statistics, error);
    if (st == ZF_OK && w->perzip->input.rows != NULL)
        st = zf_collected_take_columns(&w->collecting, w->size.n, &w->statistics, error);
    return st;
}

zf_status zf_zip_statistics_merge(zf_zip_work *w, zf_error *error) {
    const zf_perzip_input *in = &w->perzip->input;
    const zf_row_layout *layout = &w->perzip->plan->layout;
    zf_total *totals = w->statistics.totals;
    zf_exact_wide *wide = NULL;
    zf_status st = zf_arena_take(&w->arenas.result, layout->n_numbers, sizeof *wide, &wide, error);
    for (size_t c = 0; st == ZF_OK && c < layout->n_numbers; c++)
        if (layout->slots[c].kind == ZF_SLOT_REAL)
            zf_exact_widen(&totals[c].reals.sum, &wide[c]);
    for (size_t i = 0; st == ZF_OK && i < in->n_totals; i++) {
        const zf_zip_totals *part = in->totals[i]->zips[w->zone->rank - 1];
        if (part == NULL)
            continue;
        w->own.n += (size_t)part->n_rows;
        for (size_t c = 0; c < layout->n_numbers; c++)
            if (layout->slots[c].kind == ZF_SLOT_REAL)
                zf_running_merge(&totals[c].reals, &part->columns[c].reals);
            else
                zf_running_integers_merge(&totals[c].integers, &part->columns[c].integers);
    }
    w->statistics.n = w->own.n;
    return st;
}

zf_status zf_zip_statistics_evaluate(zf_zip_work *w, size_t *column, zf_error *error) {
    const zf_plan_statistics *statistics = w->collecting.statistics;
    zf_status st = zf_collected_evaluate(&w->collecting, &w->statistics, w->results.zip_values + *column, error);
    for (size_t i = 0; i < statistics->n; i++)
        *column += statistics->requests[i].n_stats;
    zf_arena_release(&w->arenas.statistics);
    return st;
}

void zf_zip_statistics_release(zf_zip_work *w) {
    if (w->perzip != NULL)
        zf_collected_release(&w->collecting, &w->statistics);
}

size_t zf_zip_classes_bytes(const zf_zip_work *w) {
    return zf_collected_classes_bytes(&w->collecting, &w->statistics);
}
