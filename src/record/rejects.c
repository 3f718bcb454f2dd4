/* SPDX-License-Identifier: MIT */
/* Features repaired, skipped or unusable: remembered until the end, written in an order that no thread can
 * change. */
#include "record/record.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_CHUNK_BYTES = 16 * 1024, FIRST_CAPACITY = 64 };

typedef struct entry {
    zf_rejected rejected; /* strings in the arena */
    uint64_t ordinal;
    size_t sequence;
} entry;

struct zf_rejects {
    zf_budget *budget;
    zf_arena strings;
    entry *entries;
    size_t n;
    size_t cap;
};

zf_status zf_rejects_create(zf_budget *budget, zf_rejects **out, zf_error *error) {
    void *memory = NULL;
    zf_status status = zf_memory_alloc(budget, ZF_MEMORY_RECORD, sizeof(zf_rejects), &memory, error);
    if (status != ZF_OK)
        return status;
    zf_rejects *rejects = memory;
    *rejects = (zf_rejects){.budget = budget};
    zf_arena_init(&rejects->strings, budget, ZF_MEMORY_RECORD, ARENA_CHUNK_BYTES);
    *out = rejects;
    return ZF_OK;
}

void zf_rejects_destroy(zf_rejects *rejects) {
    if (rejects == NULL)
        return;
    zf_arena_release(&rejects->strings);
    zf_memory_free(rejects->budget, ZF_MEMORY_RECORD, rejects->entries,
                   rejects->cap * sizeof *rejects->entries);
    zf_memory_free(rejects->budget, ZF_MEMORY_RECORD, rejects, sizeof *rejects);
}

static zf_status grow(zf_rejects *rejects, zf_error *error) {
    size_t cap = rejects->cap == 0 ? FIRST_CAPACITY : rejects->cap * 2;
    size_t bytes = 0;
    void *memory = rejects->entries;
    if (!zf_size_mul(cap, sizeof *rejects->entries, &bytes))
        return zf_error_memory(error, SIZE_MAX, "the list of rejected features");
    zf_status status = zf_memory_resize(rejects->budget, ZF_MEMORY_RECORD, &memory,
                                        rejects->cap * sizeof *rejects->entries, bytes, error);
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

zf_status zf_rejects_append(zf_rejects *rejects, const zf_rejected *rejected, uint64_t ordinal,
                            zf_error *error) {
    entry added = {*rejected, ordinal, rejects->n};
    zf_status status = rejects->n < rejects->cap ? ZF_OK : grow(rejects, error);
    if (status == ZF_OK)
        status = copy_text(rejects, rejected->reason, &added.rejected.reason, error);
    if (status == ZF_OK)
        status = copy_text(rejects, rejected->detail, &added.rejected.detail, error);
    if (status == ZF_OK)
        rejects->entries[rejects->n++] = added;
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

zf_status zf_rejects_write(zf_rejects *rejects, zf_sink *sink, zf_error *error) {
    zf_status status = ZF_OK;
    if (rejects->n > 1)
        qsort(rejects->entries, rejects->n, sizeof *rejects->entries, compare);
    for (size_t i = 0; status == ZF_OK && i < rejects->n; i++)
        status = zf_sink_write_rejected(sink, &rejects->entries[i].rejected, error);
    return status;
}

size_t zf_rejects_count(const zf_rejects *rejects) {
    return rejects->n;
}
