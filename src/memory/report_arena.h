/* SPDX-License-Identifier: MIT */
/** The private storage of the public reports: an arena on the heap. */
#ifndef ZF_MEMORY_REPORT_ARENA_H
#define ZF_MEMORY_REPORT_ARENA_H

#include "memory/memory.h"

/** An empty arena, a zf_arena, as the report's `storage`. ZF_E_MEMORY. */
ZF_MUST_USE zf_status zf_report_arena_create(void **out, zf_error *error);
/** Frees the arena and all that is in it; NULL is legal. */
void zf_report_arena_destroy(void *storage);

#endif
