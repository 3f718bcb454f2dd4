/* SPDX-License-Identifier: MIT */
/**
 * @file memory.h
 * Memory of zonefold: a budget with accounts, arenas, and the memory timeline.
 */
#ifndef ZF_MEMORY_H
#define ZF_MEMORY_H

#include "base/base.h"

#include <stdatomic.h>

/** The accounts of a budget. */
typedef enum zf_memory_use {
    ZF_MEMORY_BATCH = 0, /**< building batches */
    ZF_MEMORY_ZONE,      /**< ZIP geometry and what speeds it up */
    ZF_MEMORY_GATHER,    /**< rows of assigned buildings */
    ZF_MEMORY_INDEX,     /**< STR trees */
    ZF_MEMORY_ANALYSIS,  /**< one ZIP's rows, columns and scratch */
    ZF_MEMORY_OUTPUT,    /**< rows, spatial indexes and queries of the result */
    ZF_MEMORY_RECORD,    /**< rejected features, provenance */
    ZF_MEMORY_END
} zf_memory_use;

/** "batch", "zone", ... */
const char *zf_memory_use_name(zf_memory_use use);

/** Bytes held now and at most, by use. Counters are atomic: one budget may serve several threads. */
typedef struct zf_budget {
    size_t limit_bytes; /**< 0: none */
    atomic_size_t held_bytes[ZF_MEMORY_END];
    atomic_size_t total_bytes;
    atomic_size_t peak_bytes; /**< highest total_bytes since zf_budget_reset_peak */
} zf_budget;

void zf_budget_init(zf_budget *budget, size_t limit_bytes);
void zf_budget_reset_peak(zf_budget *budget);
size_t zf_budget_held(const zf_budget *budget, zf_memory_use use);

/**
 * Allocate, resize, free under a budget. A NULL budget allocates without counting.
 * @param n_bytes 0 gives *out == NULL. Memory is not cleared.
 * @return ZF_OK, or ZF_E_MEMORY (budget spent or malloc failed) with *out (or *inout) untouched.
 */
ZF_MUST_USE zf_status zf_memory_alloc(zf_budget *budget, zf_memory_use use, size_t n_bytes, void **out,
                                      zf_error *error);
ZF_MUST_USE zf_status zf_memory_resize(zf_budget *budget, zf_memory_use use, void **inout, size_t old_bytes,
                                       size_t new_bytes, zf_error *error);
/** ptr may be NULL; n_bytes must be what was asked for. */
void zf_memory_free(zf_budget *budget, zf_memory_use use, void *ptr, size_t n_bytes);

/**
 * An arena: many allocations, one release. What belongs to one ZIP is in the arena of that ZIP. Chunks grow
 * geometrically from chunk_bytes; a request larger than the chunk gets a chunk of its own.
 */
typedef struct zf_arena_chunk zf_arena_chunk;
typedef struct zf_arena {
    zf_budget *budget;
    zf_memory_use use;
    size_t chunk_bytes;
    zf_arena_chunk *chunks; /**< newest first */
    size_t used_bytes;      /**< handed out since init or release */
} zf_arena;

/** Position in an arena. */
typedef struct zf_arena_mark {
    zf_arena_chunk *chunk;
    size_t chunk_used;
    size_t used_bytes;
} zf_arena_mark;

/** Takes no memory yet. budget is borrowed, nullable. */
void zf_arena_init(zf_arena *arena, zf_budget *budget, zf_memory_use use, size_t chunk_bytes);
/** n x size bytes aligned for any type, not cleared; n or size of 0 gives a valid non-NULL pointer.
 * ZF_E_MEMORY on overflow or exhaustion. */
ZF_MUST_USE zf_status zf_arena_alloc(zf_arena *arena, size_t n, size_t size, void **out, zf_error *error);
/** zf_arena_alloc straight into a pointer of any type: `out` is that pointer's address, untouched on failure.
 */
ZF_MUST_USE zf_status zf_arena_take(zf_arena *arena, size_t n, size_t size, void *out, zf_error *error);
/** Copy of bytes, with a NUL after them. */
ZF_MUST_USE zf_status zf_arena_copy(zf_arena *arena, const void *bytes, size_t n, char **out,
                                    zf_error *error);
zf_arena_mark zf_arena_get_mark(const zf_arena *arena);
/** Releases everything taken since the mark; whole chunks are freed. */
void zf_arena_rewind(zf_arena *arena, zf_arena_mark mark);
/** Releases everything; the arena can be used again. */
void zf_arena_release(zf_arena *arena);

/**
 * Bytes that a library holds on our behalf, by forecast: they count like allocated ones. ZF_E_MEMORY when the
 * budget is spent, with nothing counted. A NULL budget counts nothing.
 */
ZF_MUST_USE zf_status zf_memory_charge(zf_budget *budget, zf_memory_use use, size_t n_bytes, zf_error *error);
void zf_memory_discharge(zf_budget *budget, zf_memory_use use, size_t n_bytes);

/** The memory timeline: a CSV file, one line per ZIP. */
typedef struct zf_timeline zf_timeline;
/** One ZIP's line. */
typedef struct zf_timeline_entry {
    uint32_t rank;
    const char *zip;
    size_t live_before_bytes;
    size_t live_peak_bytes;
    size_t live_after_bytes;
} zf_timeline_entry;

/** Creates (truncates) the file and writes the header. ZF_E_OUTPUT when it cannot be created. */
ZF_MUST_USE zf_status zf_timeline_open(const char *path, const zf_budget *budget, zf_timeline **out,
                                       zf_error *error);
/** Appends a line with the time since open, the entry, bytes held by use, RSS now and RSS peak. */
ZF_MUST_USE zf_status zf_timeline_write(zf_timeline *timeline, const zf_timeline_entry *entry,
                                        zf_error *error);
/** Flushes and closes; ZF_E_OUTPUT when the last bytes could not be written. NULL is legal. */
ZF_MUST_USE zf_status zf_timeline_close(zf_timeline *timeline, zf_error *error);

#endif
