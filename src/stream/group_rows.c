/* SPDX-License-Identifier: MIT */
#include "stream/group_rows.h"
#include "stream/group_key.h"

#include <stdlib.h>

struct zf_group_writer {
    const zf_plan_groups *groups;
    zf_gather_writer *writer; /**< NULL once it is handed over */
    /* of one building: */
    zf_cell *cells;
    zf_bytes *texts;                              /**< the key, then those of the layout */
    char (*text_scratch)[ZF_VALUE_SCRATCH_BYTES]; /**< of the texts of the layout */
    zf_payload key;
};

zf_status zf_group_rows_create(const zf_plan_groups *groups, size_t n_writers, size_t share_bytes,
                               const char *temp_dir, zf_budget *budget, zf_gather **out, zf_error *error) {
    const zf_gather_options options = {.n_cells = zf_layout_n_cells(&groups->layout) + 1,
                                       .n_texts = 1 + groups->layout.n_texts,
                                       .share_bytes = share_bytes,
                                       .n_writers = n_writers,
                                       .temp_dir = temp_dir,
                                       .has_key = true};
    return zf_gather_create(&options, budget, out, error);
}

zf_status zf_group_writer_open(const zf_plan_groups *groups, zf_gather *rows, zf_budget *budget,
                               zf_group_writer **out, zf_error *error) {
    const size_t n_texts = groups->layout.n_texts;
    zf_group_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return zf_error_memory(error, sizeof *w, "a thread's groups");
    *w = (zf_group_writer){.groups = groups,
                           .cells = calloc(zf_layout_n_cells(&groups->layout) + 1, sizeof *w->cells),
                           .texts = calloc(1 + n_texts, sizeof *w->texts),
                           .text_scratch = calloc(1 + n_texts, sizeof *w->text_scratch)};
    zf_payload_init(&w->key, budget);
    zf_status st = w->cells != NULL && w->texts != NULL && w->text_scratch != NULL
                       ? zf_gather_writer_open(rows, &w->writer, error)
                       : zf_error_memory(error, n_texts * sizeof *w->text_scratch, "a thread's groups");
    if (st == ZF_OK)
        *out = w;
    else
        zf_group_writer_close(w);
    return st;
}

static zf_status fill_key(zf_group_writer *w, const zf_selection *selection, const zf_kept *kept,
                          zf_error *error) {
    zf_status st = ZF_OK;
    zf_payload_clear(&w->key);
    for (size_t i = 0; st == ZF_OK && i < w->groups->n_fields; i++) {
        char scratch[ZF_VALUE_SCRATCH_BYTES];
        const zf_value value = zf_selection_value(selection, kept, w->groups->fields[i], scratch);
        st = zf_group_key_append(&w->key, &value, error);
    }
    w->texts[0] = (zf_bytes){w->key.bytes, w->key.n};
    return st;
}

/** Texts that statistics need; none of a building that is not important. */
static void fill_texts(zf_group_writer *w, const zf_selection *selection, const zf_kept *kept,
                       bool is_important) {
    const zf_row_layout *layout = &w->groups->layout;
    for (size_t i = 0; i < layout->n_texts; i++) {
        zf_value value = zf_value_null();
        if (is_important)
            value = zf_selection_value(selection, kept, layout->slots[layout->n_numbers + i].column,
                                       w->text_scratch[i]);
        const bool has_bytes = value.kind == ZF_VALUE_TEXT || value.kind == ZF_VALUE_BLOB;
        w->texts[1 + i] = has_bytes ? value.as.bytes : (zf_bytes){NULL, 0};
    }
}

zf_status zf_group_writer_add(zf_group_writer *w, const zf_selection *selection, const zf_kept *kept,
                              bool is_important, zf_error *error) {
    const zf_kept_list *list = selection->kept;
    zf_selection_cells(selection, &w->groups->layout, kept, w->cells);
    w->cells[zf_layout_n_cells(&w->groups->layout)].integer = is_important;
    fill_texts(w, selection, kept, is_important);
    zf_status st = fill_key(w, selection, kept, error);
    zf_gather_row row = {.fid = zf_batch_fid(list->batch, kept->row),
                         .ordinal = list->first_ordinal + kept->row,
                         .cells = w->cells,
                         .texts = w->texts};
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        row.rank = list->zones[kept->first_zone + i] + 1;
        st = zf_gather_append(w->writer, &row, error);
    }
    return st;
}

zf_status zf_group_writer_finish(zf_group_writer *w, zf_error *error) {
    zf_gather_writer *writer = w->writer;
    w->writer = NULL;
    return zf_gather_writer_close(writer, error);
}

void zf_group_writer_close(zf_group_writer *w) {
    if (w == NULL)
        return;
    zf_gather_writer_abandon(w->writer);
    zf_payload_deinit(&w->key);
    free(w->cells);
    free(w->texts);
    free(w->text_scratch);
    free(w);
}
