/* SPDX-License-Identifier: MIT */
/* Keeps the features that were repaired, skipped or unusable until the end of the run, and writes them in an
 * order that does not depend on threads. A few thousand stay in memory; beyond that all go through a gather,
 * which spills its rows to a temporary file. */
#include "output/rejects.h"
#include "gather/gather.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_CHUNK_BYTES = 16 * 1024, FIRST_CAPACITY = 64, MOST_IN_MEMORY = 4096 };
enum { SHARE_BYTES = 1024 * 1024, SEQUENCE_BITS = 24 };

/** Columns and ranks in the gather. */
enum { NUMBER_AREA_DELTA = 0, NUMBER_X, NUMBER_Y, NUMBER_IS_REPAIRED, N_NUMBERS };
enum { TEXT_REASON = 0, TEXT_DETAIL, N_TEXTS };
enum { RANK_ZIPS = 1, RANK_BUILDINGS };

typedef struct entry {
    zf_rejected rejected; /* strings in the arena */
    uint64_t ordinal;
    size_t sequence;
} entry;

struct zf_rejects {
    zf_budget *budget;
    const char *temp_dir;
    size_t n;
    zf_arena strings;
    entry *entries; /* n, while there is no gather */
    size_t cap;
    zf_gather *gather;
    zf_gather_writer *writer;
};

zf_status zf_rejects_create(const char *temp_dir, zf_budget *budget, zf_rejects **out, zf_error *error) {
    void *memory = NULL;
    zf_status status = zf_memory_alloc(budget, ZF_MEMORY_RECORD, sizeof(zf_rejects), &memory, error);
    if (status != ZF_OK)
        return status;
    zf_rejects *rejects = memory;
    *rejects = (zf_rejects){.budget = budget, .temp_dir = temp_dir};
    zf_arena_init(&rejects->strings, budget, ZF_MEMORY_RECORD, ARENA_CHUNK_BYTES);
    *out = rejects;
    return ZF_OK;
}

static void forget_entries(zf_rejects *rejects) {
    zf_arena_release(&rejects->strings);
    zf_memory_free(rejects->budget, ZF_MEMORY_RECORD, rejects->entries,
                   rejects->cap * sizeof *rejects->entries);
    rejects->entries = NULL;
    rejects->cap = 0;
}

void zf_rejects_destroy(zf_rejects *rejects) {
    if (rejects == NULL)
        return;
    zf_gather_writer_abandon(rejects->writer);
    zf_gather_destroy(rejects->gather);
    forget_entries(rejects);
    zf_memory_free(rejects->budget, ZF_MEMORY_RECORD, rejects, sizeof *rejects);
}

/* ---- few ---- */

static zf_status grow(zf_rejects *rejects, zf_error *error) {
    size_t cap = rejects->cap == 0 ? FIRST_CAPACITY : rejects->cap * 2;
    void *memory = rejects->entries;
    zf_status status =
        zf_memory_resize(rejects->budget, ZF_MEMORY_RECORD, &memory, rejects->cap * sizeof *rejects->entries,
                         cap * sizeof *rejects->entries, error);
    if (status != ZF_OK)
        return status;
    rejects->entries = memory;
    rejects->cap = cap;
    return ZF_OK;
}

static zf_status copy_text(zf_rejects *rejects, const char *text, const char **out, zf_error *error) {
    char *copy = NULL;
    *out = NULL;
    if (text == NULL)
        return ZF_OK;
    zf_status status = zf_arena_copy(&rejects->strings, text, strlen(text), &copy, error);
    *out = copy;
    return status;
}

static zf_status keep(zf_rejects *rejects, const entry *given, zf_error *error) {
    entry added = *given;
    zf_status status = rejects->n < rejects->cap ? ZF_OK : grow(rejects, error);
    if (status == ZF_OK)
        status = copy_text(rejects, given->rejected.reason, &added.rejected.reason, error);
    if (status == ZF_OK)
        status = copy_text(rejects, given->rejected.detail, &added.rejected.detail, error);
    if (status == ZF_OK)
        rejects->entries[rejects->n] = added;
    return status;
}

static int compare(const void *left, const void *right) {
    const entry *a = left;
    const entry *b = right;
    if (a->rejected.is_zip != b->rejected.is_zip)
        return a->rejected.is_zip ? -1 : 1;
    if (a->rejected.fid != b->rejected.fid)
        return a->rejected.fid < b->rejected.fid ? -1 : 1;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static zf_status write_entries(zf_rejects *rejects, zf_output *output, zf_error *error) {
    zf_status status = ZF_OK;
    if (rejects->n > 1)
        qsort(rejects->entries, rejects->n, sizeof *rejects->entries, compare);
    for (size_t i = 0; status == ZF_OK && i < rejects->n; i++)
        status = zf_output_write_rejected(output, &rejects->entries[i].rejected, error);
    return status;
}

/* ---- many ---- */

static zf_bytes bytes_of(const char *text) {
    return text == NULL ? (zf_bytes){NULL, 0} : (zf_bytes){(const uint8_t *)text, strlen(text)};
}

/* The sequence tells two entries of one feature apart, and keeps their order. */
static zf_status send(zf_rejects *rejects, const entry *e, zf_error *error) {
    const zf_rejected *r = &e->rejected;
    const zf_cell cells[N_NUMBERS] = {
        {.real = r->area_delta_m2}, {.real = r->x}, {.real = r->y}, {.real = r->is_repaired}};
    const zf_bytes texts[N_TEXTS] = {bytes_of(r->reason), bytes_of(r->detail)};
    const uint64_t sequence = e->sequence & ((1u << SEQUENCE_BITS) - 1);
    const zf_gather_row row = {.rank = r->is_zip ? RANK_ZIPS : RANK_BUILDINGS,
                               .fid = r->fid,
                               .ordinal = e->ordinal << SEQUENCE_BITS | sequence,
                               .cells = cells,
                               .texts = texts};
    return zf_gather_append(rejects->writer, &row, error);
}

static zf_status begin_gather(zf_rejects *rejects, zf_error *error) {
    const zf_gather_options options = {.n_cells = N_NUMBERS,
                                       .n_texts = N_TEXTS,
                                       .share_bytes = SHARE_BYTES,
                                       .n_writers = 1,
                                       .temp_dir = rejects->temp_dir};
    zf_status status = zf_gather_create(&options, rejects->budget, &rejects->gather, error);
    if (status == ZF_OK)
        status = zf_gather_writer_open(rejects->gather, &rejects->writer, error);
    for (size_t i = 0; status == ZF_OK && i < rejects->n; i++)
        status = send(rejects, &rejects->entries[i], error);
    forget_entries(rejects);
    return status;
}

static const char *text_of(zf_text *text, zf_bytes bytes) {
    if (bytes.bytes == NULL)
        return NULL;
    text->n = 0;
    zf_text_append_n(text, (const char *)bytes.bytes, bytes.n);
    return bytes.n > 0 ? text->bytes : "";
}

static zf_status write_rows(zf_rejects *rejects, uint32_t rank, zf_output *output, zf_error *error) {
    zf_text reason = {0}, detail = {0};
    zf_gather_row row;
    zf_status status = ZF_OK;
    while (status == ZF_OK && (status = zf_gather_next(rejects->gather, rank, &row, error)) == ZF_OK) {
        const zf_rejected rejected = {.is_zip = rank == RANK_ZIPS,
                                      .fid = row.fid,
                                      .reason = text_of(&reason, row.texts[TEXT_REASON]),
                                      .detail = text_of(&detail, row.texts[TEXT_DETAIL]),
                                      .is_repaired = row.cells[NUMBER_IS_REPAIRED].real != 0,
                                      .area_delta_m2 = row.cells[NUMBER_AREA_DELTA].real,
                                      .x = row.cells[NUMBER_X].real,
                                      .y = row.cells[NUMBER_Y].real};
        status = reason.is_failed || detail.is_failed
                     ? zf_error_memory(error, row.texts[TEXT_DETAIL].n, "a text")
                     : zf_output_write_rejected(output, &rejected, error);
    }
    zf_text_deinit(&reason);
    zf_text_deinit(&detail);
    return status == ZF_DONE ? ZF_OK : status;
}

static zf_status write_gathered(zf_rejects *rejects, zf_output *output, zf_error *error) {
    zf_gather_writer *writer = rejects->writer;
    rejects->writer = NULL;
    zf_status status = zf_gather_writer_close(writer, error);
    if (status == ZF_OK)
        status = zf_gather_seal(rejects->gather, error);
    if (status == ZF_OK)
        status = write_rows(rejects, RANK_ZIPS, output, error);
    return status == ZF_OK ? write_rows(rejects, RANK_BUILDINGS, output, error) : status;
}

/* ---- both ---- */

zf_status zf_rejects_append(zf_rejects *rejects, const zf_rejected *rejected, uint64_t ordinal,
                            zf_error *error) {
    const entry added = {*rejected, ordinal, rejects->n};
    zf_status status = ZF_OK;
    if (rejects->gather == NULL && rejects->n == MOST_IN_MEMORY)
        status = begin_gather(rejects, error);
    if (status == ZF_OK)
        status = rejects->gather != NULL ? send(rejects, &added, error) : keep(rejects, &added, error);
    rejects->n += status == ZF_OK;
    return status;
}

zf_status zf_rejects_write(zf_rejects *rejects, zf_output *output, zf_error *error) {
    return rejects->gather != NULL ? write_gathered(rejects, output, error)
                                   : write_entries(rejects, output, error);
}

size_t zf_rejects_count(const zf_rejects *rejects) {
    return rejects->n;
}
