/* SPDX-License-Identifier: MIT */
#include "stream/emit.h"

#include <stdlib.h>

typedef struct totals_emitter {
    zf_emitter head;
    zf_totals *totals;
    zf_cell *cells; /**< of one building */
} totals_emitter;

static zf_status emit(zf_emitter *emitter, const zf_selection *selection, const zf_kept *kept,
                      zf_error *error) {
    totals_emitter *e = (totals_emitter *)emitter;
    zf_status st = ZF_OK;
    zf_selection_cells(selection, e->totals->layout, kept, e->cells);
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++)
        st = zf_totals_add(e->totals, selection->kept->zones[kept->first_zone + i], e->cells, error);
    return st;
}

static zf_status finish(zf_emitter *emitter, zf_error *error) {
    (void)emitter;
    (void)error;
    return ZF_OK;
}

static void close(zf_emitter *emitter) {
    totals_emitter *e = (totals_emitter *)emitter;
    free(e->cells);
    free(e);
}

zf_status zf_emit_totals_open(const zf_emit_options *options, zf_totals *totals, zf_emitter **out,
                              zf_error *error) {
    static const zf_emitter_class class = {emit, finish, close};
    const size_t n = zf_layout_n_cells(&options->plan->layout);
    totals_emitter *e = calloc(1, sizeof *e);
    zf_cell *cells = calloc(n + 1, sizeof *cells);
    if (e == NULL || cells == NULL) {
        free(e);
        free(cells);
        return zf_error_memory(error, n * sizeof *cells, "a thread's numbers");
    }
    *e = (totals_emitter){.head = {&class}, .totals = totals, .cells = cells};
    *out = &e->head;
    return ZF_OK;
}
