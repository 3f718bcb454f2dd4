/* SPDX-License-Identifier: MIT */
#include "memory/report_arena.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 4096 };

zf_status zf_report_arena_create(void **out, zf_error *error) {
    zf_arena *arena = malloc(sizeof *arena);
    *out = arena;
    if (arena == NULL)
        return zf_error_memory(error, sizeof *arena, "a report");
    zf_arena_init(arena, NULL, ZF_MEMORY_RECORD, CHUNK_BYTES);
    return ZF_OK;
}

void zf_report_arena_destroy(void *storage) {
    zf_arena *arena = storage;
    if (arena != NULL)
        zf_arena_release(arena);
    free(arena);
}
