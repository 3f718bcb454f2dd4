/* SPDX-License-Identifier: MIT */
#include "stream/emit.h"
#include "stream/payload.h"

#include <stdlib.h>

typedef struct rows_emitter {
    zf_emitter head;
    const zf_plan *plan;
    zf_tally *tally;
    zf_gather_writer *writer; /**< NULL once it is handed over */
    bool has_footprints;
    /* of one building: */
    zf_cell *cells;                               /**< as plan->layout has them */
    zf_bytes *texts;                              /**< plan->layout.n_texts */
    char (*text_scratch)[ZF_VALUE_SCRATCH_BYTES]; /**< plan->layout.n_texts */
    zf_payload payload;
} rows_emitter;

static void fill_texts(rows_emitter *e, const zf_selection *selection, const zf_kept *kept) {
    const zf_row_layout *layout = &e->plan->layout;
    for (size_t i = 0; i < layout->n_texts; i++) {
        size_t column = layout->slots[layout->n_numbers + i].column;
        zf_value value = zf_selection_value(selection, kept, column, e->text_scratch[i]);
        bool has_bytes = value.kind == ZF_VALUE_TEXT || value.kind == ZF_VALUE_BLOB;
        e->texts[i] = has_bytes ? value.as.bytes : (zf_bytes){NULL, 0};
    }
}

/** Counts how large the footprints of each ZIP are together: analyses are forecast by it. */
static zf_status count_footprint(rows_emitter *e, const zf_selection *selection, const zf_kept *kept,
                                 zf_error *error) {
    zf_wkb wkb;
    zf_status st = zf_kept_wkb(selection->kept, kept, &wkb, error);
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        zf_zip_count *count = &e->tally->zips[selection->kept->zones[kept->first_zone + i]];
        count->n_rings += wkb.n_rings;
        count->n_points += zf_wkb_outline_points(&wkb);
    }
    return st;
}

/** The carried values, and then the footprint. */
static zf_status fill_payload(rows_emitter *e, const zf_selection *selection, const zf_kept *kept,
                              zf_error *error) {
    zf_status st = ZF_OK;
    zf_payload_clear(&e->payload);
    for (size_t i = 0; st == ZF_OK && i < e->plan->layout.n_payload; i++) {
        char scratch[ZF_VALUE_SCRATCH_BYTES];
        zf_value value = zf_selection_value(selection, kept, e->plan->layout.payload[i], scratch);
        st = zf_payload_append_value(&e->payload, &value, error);
    }
    if (st == ZF_OK && (e->plan->analyses.needs & ZF_NEEDS_FOOTPRINTS) != 0)
        st = count_footprint(e, selection, kept, error);
    if (st != ZF_OK || !e->has_footprints)
        return st;
    if (kept->repaired.bytes != NULL)
        return zf_payload_append_bytes(&e->payload, kept->repaired, error);
    zf_shape shape;
    st = zf_batch_shape(selection->kept->batch, kept->row, &shape, error);
    zf_bytes wkb = {shape.wkb.bytes, shape.wkb.n_bytes};
    return st == ZF_OK ? zf_payload_append_bytes(&e->payload, wkb, error) : st;
}

static zf_status emit(zf_emitter *emitter, const zf_selection *selection, const zf_kept *kept,
                      zf_error *error) {
    rows_emitter *e = (rows_emitter *)emitter;
    const zf_kept_list *list = selection->kept;
    zf_selection_cells(selection, &e->plan->layout, kept, e->cells);
    fill_texts(e, selection, kept);
    zf_status st = fill_payload(e, selection, kept, error);
    zf_gather_row row = {.fid = zf_batch_fid(list->batch, kept->row),
                         .ordinal = list->first_ordinal + kept->row,
                         .cells = e->cells,
                         .texts = e->texts,
                         .payload = {e->payload.bytes, e->payload.n}};
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        row.rank = list->zones[kept->first_zone + i] + 1;
        st = zf_gather_append(e->writer, &row, error);
    }
    return st;
}

static zf_status finish(zf_emitter *emitter, zf_error *error) {
    rows_emitter *e = (rows_emitter *)emitter;
    zf_gather_writer *writer = e->writer;
    e->writer = NULL;
    return zf_gather_writer_close(writer, error);
}

static void close(zf_emitter *emitter) {
    rows_emitter *e = (rows_emitter *)emitter;
    zf_gather_writer_abandon(e->writer);
    zf_payload_deinit(&e->payload);
    free(e->cells);
    free(e->texts);
    free(e->text_scratch);
    free(e);
}

zf_status zf_emit_rows_open(const zf_emit_options *options, zf_gather *rows, zf_emitter **out,
                            zf_error *error) {
    static const zf_emitter_class class = {emit, finish, close};
    const zf_plan *plan = options->plan;
    rows_emitter *e = calloc(1, sizeof *e);
    if (e == NULL)
        return zf_error_memory(error, sizeof *e, "a thread's rows");
    *e = (rows_emitter){.head = {&class},
                        .plan = plan,
                        .tally = options->tally,
                        .has_footprints = options->has_footprints,
                        .cells = calloc(zf_layout_n_cells(&plan->layout) + 1, sizeof *e->cells),
                        .texts = calloc(plan->layout.n_texts + 1, sizeof *e->texts),
                        .text_scratch = calloc(plan->layout.n_texts + 1, sizeof *e->text_scratch)};
    zf_payload_init(&e->payload, options->budget);
    zf_status st =
        e->cells != NULL && e->texts != NULL && e->text_scratch != NULL
            ? zf_gather_writer_open(rows, &e->writer, error)
            : zf_error_memory(error, plan->layout.n_texts * sizeof *e->text_scratch, "a thread's rows");
    if (st == ZF_OK)
        *out = &e->head;
    else
        close(&e->head);
    return st;
}
