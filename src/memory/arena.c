/* SPDX-License-Identifier: MIT */
#include "memory/memory.h"

#include <stdalign.h>
#include <string.h>

/* Chunks double up to this size: larger ones would save no calls worth counting, but leave more unused at the
 * end. */
enum { MAX_STEP_BYTES = 4 << 20 };

struct zf_arena_chunk {
    zf_arena_chunk *older;
    size_t cap;
    size_t used;
    size_t step; /* size of the next ordinary chunk */
    max_align_t data[];
};

void zf_arena_init(zf_arena *arena, zf_budget *budget, zf_memory_use use, size_t chunk_bytes) {
    *arena = (zf_arena){.budget = budget, .use = use, .chunk_bytes = chunk_bytes};
}

static size_t next_step(size_t step) {
    return step < MAX_STEP_BYTES / 2 ? step * 2 : step < MAX_STEP_BYTES ? MAX_STEP_BYTES : step;
}

/** Adds a chunk to the arena. */
static zf_status push_chunk(zf_arena *arena, size_t cap, size_t step, zf_error *error) {
    size_t n_bytes;
    void *memory;
    if (!zf_size_add(cap, sizeof(zf_arena_chunk), &n_bytes))
        return zf_error_memory(error, cap, zf_memory_use_name(arena->use));
    zf_status status = zf_memory_alloc(arena->budget, arena->use, n_bytes, &memory, error);
    if (status != ZF_OK)
        return status;
    zf_arena_chunk *chunk = memory;
    *chunk = (zf_arena_chunk){.older = arena->chunks, .cap = cap, .used = 0, .step = step};
    arena->chunks = chunk;
    return ZF_OK;
}

static void pop_chunk(zf_arena *arena) {
    zf_arena_chunk *chunk = arena->chunks;
    arena->chunks = chunk->older;
    zf_memory_free(arena->budget, arena->use, chunk, chunk->cap + sizeof(zf_arena_chunk));
}

/* A newest chunk with room for n_bytes. Near the limit an ordinary chunk may not be had, but what is needed
 * may. */
static zf_status make_room(zf_arena *arena, size_t n_bytes, zf_error *error) {
    const zf_arena_chunk *newest = arena->chunks;
    if (newest && newest->cap - newest->used >= n_bytes)
        return ZF_OK;
    size_t step = newest ? newest->step : arena->chunk_bytes;
    if (n_bytes < step && push_chunk(arena, step, next_step(step), NULL) == ZF_OK)
        return ZF_OK;
    return push_chunk(arena, n_bytes, step, error);
}

zf_status zf_arena_alloc(zf_arena *arena, size_t n, size_t size, void **out, zf_error *error) {
    size_t n_bytes;
    size_t padded;
    if (!zf_size_mul(n, size, &n_bytes) || !zf_size_add(n_bytes, alignof(max_align_t) - 1, &padded))
        return zf_error_memory(error, SIZE_MAX, zf_memory_use_name(arena->use));
    padded -= padded % alignof(max_align_t);
    zf_status status = make_room(arena, padded, error);
    if (status != ZF_OK)
        return status;
    zf_arena_chunk *chunk = arena->chunks;
    *out = (unsigned char *)chunk->data + chunk->used;
    chunk->used += padded;
    arena->used_bytes += padded;
    return ZF_OK;
}

zf_status zf_arena_copy(zf_arena *arena, const void *bytes, size_t n, char **out, zf_error *error) {
    size_t n_bytes;
    void *copy;
    if (!zf_size_add(n, 1, &n_bytes))
        return zf_error_memory(error, n, zf_memory_use_name(arena->use));
    zf_status status = zf_arena_alloc(arena, n_bytes, 1, &copy, error);
    if (status != ZF_OK)
        return status;
    if (n > 0)
        memcpy(copy, bytes, n);
    *out = copy;
    (*out)[n] = '\0';
    return ZF_OK;
}

zf_arena_mark zf_arena_get_mark(const zf_arena *arena) {
    zf_arena_mark mark = {arena->chunks, arena->chunks ? arena->chunks->used : 0, arena->used_bytes};
    return mark;
}

void zf_arena_rewind(zf_arena *arena, zf_arena_mark mark) {
    while (arena->chunks && arena->chunks != mark.chunk)
        pop_chunk(arena);
    if (arena->chunks)
        arena->chunks->used = mark.chunk_used;
    arena->used_bytes = mark.used_bytes;
}

void zf_arena_release(zf_arena *arena) {
    while (arena->chunks)
        pop_chunk(arena);
    arena->used_bytes = 0;
}

zf_status zf_arena_take(zf_arena *arena, size_t n, size_t size, void *out, zf_error *error) {
    void *bytes = NULL;
    zf_status status = zf_arena_alloc(arena, n, size, &bytes, error);
    if (status == ZF_OK)
        memcpy(out, &bytes, sizeof bytes);
    return status;
}
