/* SPDX-License-Identifier: MIT */
/* Columns of zip_summary that are computed of its other columns. */
#include "perzip/zip.h"

static zf_value get_value(void *user, size_t row, size_t column) {
    const zf_zip_work *w = user;
    (void)row;
    if (column == 0)
        return zf_value_integer(w->zone->rank);
    return column == 1 ? zf_value_text(w->zone->zip) : w->results.zip_values[column - ZF_ZIP_KEYS];
}

static void note_unread(void *user, size_t row, size_t expression, const char *example) {
    const zf_zip_work *w = user;
    (void)row;
    zf_unread_add(&w->perzip->output.zip_unread->items[expression], 1, w->zone->rank, example);
}

zf_status zf_zip_evaluate(zf_zip_work *w, zf_error *error) {
    zf_expressions *select = w->perzip->output.zip_expressions;
    const zf_plan *plan = w->perzip->plan;
    uint8_t passes = 0;
    if (select == NULL)
        return ZF_OK;
    const zf_expression_rows rows = {
        .n = 1, .value = get_value, .user = w, .arena = &w->arenas.result, .unread = note_unread};
    zf_status st = zf_expressions_run(select, &rows, &passes, error);
    const size_t first = plan->result.n_zip_columns - plan->zips.n_computes;
    for (size_t k = 0; st == ZF_OK && k < plan->zips.n_computes; k++)
        w->results.zip_values[first + k] = zf_expressions_value(select, 0, k);
    return st;
}
