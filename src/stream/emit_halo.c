/* SPDX-License-Identifier: MIT */
#include "stream/emit.h"

#include <stdlib.h>

enum { CENTROID_X = 0, CENTROID_Y, N_CELLS };

typedef struct halo_emitter {
    zf_emitter head;
    const zf_plan *plan;
    zf_tally *tally;
    zf_gather_writer *writer; /**< NULL once it is handed over */
} halo_emitter;

zf_status zf_emit_halo_gather(const zf_plan *plan, size_t n_writers, size_t share_bytes, const char *temp_dir,
                              zf_budget *budget, zf_gather **out, zf_error *error) {
    zf_gather_options options = {.n_cells = plan->analyses.halo.needs & ZF_NEEDS_POINTS ? N_CELLS : 0,
                                 .share_bytes = share_bytes,
                                 .n_writers = n_writers,
                                 .temp_dir = temp_dir,
                                 .visits_payloads = (plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS) != 0};
    return zf_gather_create(&options, budget, out, error);
}

static zf_status emit(zf_emitter *emitter, const zf_selection *selection, const zf_kept *kept,
                      zf_error *error) {
    halo_emitter *e = (halo_emitter *)emitter;
    const zf_kept_list *list = selection->kept;
    const zf_cell cells[N_CELLS] = {[CENTROID_X] = {.real = kept->measures[ZF_MEASURE_CENTROID_X]},
                                    [CENTROID_Y] = {.real = kept->measures[ZF_MEASURE_CENTROID_Y]}};
    zf_wkb wkb = {.bytes = NULL};
    zf_status st = e->plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS
                       ? zf_kept_wkb(selection->kept, kept, &wkb, error)
                       : ZF_OK;
    zf_gather_row row = {.fid = zf_batch_fid(list->batch, kept->row),
                         .ordinal = list->first_ordinal + kept->row,
                         .cells = cells,
                         .payload = {wkb.bytes, wkb.n_bytes}};
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        uint32_t zone = list->zones[kept->first_zone + i];
        zf_halo_count *count = &e->tally->others[zone];
        count->n++;
        count->n_rings += wkb.n_rings;
        count->n_points += zf_wkb_outline_points(&wkb);
        row.rank = zone + 1;
        st = zf_gather_append(e->writer, &row, error);
    }
    return st;
}

static zf_status finish(zf_emitter *emitter, zf_error *error) {
    halo_emitter *e = (halo_emitter *)emitter;
    zf_gather_writer *writer = e->writer;
    e->writer = NULL;
    return zf_gather_writer_close(writer, error);
}

static void close(zf_emitter *emitter) {
    halo_emitter *e = (halo_emitter *)emitter;
    zf_gather_writer_abandon(e->writer);
    free(e);
}

zf_status zf_emit_halo_open(const zf_emit_options *options, zf_gather *rows, zf_emitter **out,
                            zf_error *error) {
    static const zf_emitter_class class = {emit, finish, close};
    halo_emitter *e = calloc(1, sizeof *e);
    if (e == NULL)
        return zf_error_memory(error, sizeof *e, "a thread's rows");
    *e = (halo_emitter){.head = {&class}, .plan = options->plan, .tally = options->tally};
    zf_status st = zf_gather_writer_open(rows, &e->writer, error);
    if (st == ZF_OK)
        *out = &e->head;
    else
        close(&e->head);
    return st;
}
