/* SPDX-License-Identifier: MIT */
/** The rows of one ZIP as columns, for tests that want to look at them together. */
#ifndef TESTS_GATHER_COLUMNS_H
#define TESTS_GATHER_COLUMNS_H

#include "gather/gather.h"

enum { CAP_COLUMNS = 8 };

typedef struct columns {
    zf_arena *arena;
    size_t n_numbers, n_texts;
    size_t n; /**< rows so far */
    int64_t *fid;
    double *numbers[CAP_COLUMNS];
    zf_bytes *texts[CAP_COLUMNS];
} columns;

static zf_status take_columns_row(void *user, const zf_gather_row *row, zf_error *error) {
    columns *c = user;
    zf_status st = row->payload.bytes == NULL ? ZF_OK : ZF_E_INTERNAL;
    c->fid[c->n] = row->fid;
    for (size_t i = 0; i < c->n_numbers; i++)
        c->numbers[i][c->n] = row->cells[i].real;
    for (size_t i = 0; st == ZF_OK && i < c->n_texts; i++) {
        char *copy = NULL;
        if (row->texts[i].bytes != NULL)
            st = zf_arena_copy(c->arena, row->texts[i].bytes, row->texts[i].n, &copy, error);
        c->texts[i][c->n] = (zf_bytes){(const uint8_t *)copy, row->texts[i].n};
    }
    c->n++;
    return st;
}

static zf_status load_columns(zf_gather *gather, uint32_t rank, size_t n_numbers, size_t n_texts,
                              zf_arena *arena, columns *out, zf_error *error) {
    size_t n = zf_gather_rows(gather, rank);
    *out = (columns){.arena = arena, .n_numbers = n_numbers, .n_texts = n_texts};
    zf_status st = zf_arena_take(arena, n, sizeof *out->fid, &out->fid, error);
    for (size_t i = 0; st == ZF_OK && i < n_numbers; i++)
        st = zf_arena_take(arena, n, sizeof *out->numbers[i], &out->numbers[i], error);
    for (size_t i = 0; st == ZF_OK && i < n_texts; i++)
        st = zf_arena_take(arena, n, sizeof *out->texts[i], &out->texts[i], error);
    return st == ZF_OK ? zf_gather_visit(gather, rank, take_columns_row, out, error) : st;
}

#endif
