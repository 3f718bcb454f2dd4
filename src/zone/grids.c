/* SPDX-License-Identifier: MIT */
/*
 * The zones' grids. Usually all grids of a pass fit in their share of memory: each is built when it is first
 * needed and stays until the pass ends; finding one takes an atomic load and no lock. In a pass whose grids
 * do not fit together (an evicting pass), an unused grid is evicted when another needs the memory, by the
 * clock algorithm (second chance); there, borrowing and releasing take the lock.
 */
#include "os/thread.h"
#include "zone/zone_internal.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 256, HEADS_BYTES = 512 };

/** A zone's grid in memory; under the lock. */
typedef struct kept_grid {
    zf_arena arena;
    uint32_t n_users; /**< counted in an evicting pass only */
    bool is_recent;   /**< used since the clock hand last visited it */
    bool is_being_built;
} kept_grid;

struct zf_grids {
    const zf_catalogue *catalogue;
    _Atomic(zf_grid *) *made; /**< per zone; NULL until made. Written under the lock */
    kept_grid *kept;          /**< per zone */
    zf_mutex lock;
    zf_condition changed; /**< a grid was made, or is no longer used */
    size_t share_bytes, used_bytes;
    uint32_t next_victim; /**< the clock hand: where the next search for memory starts */
    bool is_evicting;     /**< there is a share; changes between passes only */
};

zf_status zf_grids_create(const zf_catalogue *catalogue, zf_grids **out, zf_error *error) {
    size_t n = catalogue->n_zones;
    zf_grids *g = calloc(1, sizeof *g);
    *out = NULL;
    if (g != NULL) {
        g->made = calloc(n + 1, sizeof *g->made);
        g->kept = calloc(n + 1, sizeof *g->kept);
    }
    if (g == NULL || g->made == NULL || g->kept == NULL) {
        if (g != NULL) {
            free(g->made);
            free(g->kept);
        }
        free(g);
        return zf_error_memory(error, n * (sizeof(kept_grid) + sizeof(void *)), "the cells of the ZIPs");
    }
    g->catalogue = catalogue;
    g->share_bytes = SIZE_MAX;
    zf_mutex_init(&g->lock);
    zf_condition_init(&g->changed);
    *out = g;
    return ZF_OK;
}

void zf_grids_clear(zf_grids *grids) {
    for (size_t i = 0; i < grids->catalogue->n_zones; i++) {
        if (atomic_load_explicit(&grids->made[i], memory_order_relaxed) == NULL)
            continue;
        atomic_store_explicit(&grids->made[i], NULL, memory_order_relaxed);
        zf_arena_release(&grids->kept[i].arena);
        grids->kept[i].is_recent = false;
    }
    grids->used_bytes = 0;
}

void zf_grids_set_share(zf_grids *grids, size_t share_bytes) {
    grids->share_bytes = share_bytes;
    grids->is_evicting = share_bytes < SIZE_MAX;
}

void zf_grids_destroy(zf_grids *grids) {
    if (grids == NULL)
        return;
    zf_grids_clear(grids);
    zf_condition_deinit(&grids->changed);
    zf_mutex_deinit(&grids->lock);
    free(grids->made);
    free(grids->kept);
    free(grids);
}

/* ---- eviction; under the lock ---- */

/** Bytes of the zone's grid, with the headers of its allocations, as in the forecast. */
static size_t taken_bytes(const zf_grids *g, uint32_t number) {
    size_t n_bytes = g->kept[number].arena.used_bytes;
    return n_bytes > 0 ? n_bytes + HEADS_BYTES : 0;
}

/** Evicts a zone's grid unless it is in use or was used since the last visit of the clock hand. */
static void evict(zf_grids *g, uint32_t number) {
    kept_grid *kept = &g->kept[number];
    bool was_recent = kept->is_recent;
    kept->is_recent = false;
    if (was_recent || kept->n_users > 0 || atomic_load(&g->made[number]) == NULL)
        return;
    atomic_store(&g->made[number], NULL);
    g->used_bytes -= taken_bytes(g, number);
    zf_arena_release(&kept->arena);
}

static bool has_room(const zf_grids *g, size_t n_bytes) {
    return g->used_bytes == 0 ||
           (g->used_bytes <= g->share_bytes && n_bytes <= g->share_bytes - g->used_bytes);
}

/** Evicts grids until n_bytes fit; false when the grids in use leave no room. */
static bool make_room(zf_grids *g, size_t n_bytes) {
    uint32_t n = (uint32_t)g->catalogue->n_zones;
    for (uint32_t i = 0; i < 2 * n && !has_room(g, n_bytes); i++) {
        evict(g, g->next_victim);
        g->next_victim = g->next_victim + 1 < n ? g->next_victim + 1 : 0;
    }
    return has_room(g, n_bytes);
}

/* ---- building ---- */

static zf_status build(zf_grids *g, uint32_t number, zf_grid **out, zf_error *error) {
    zf_arena scratch;
    zf_bytes bytes;
    zf_wkb wkb;
    zf_arena_init(&scratch, g->catalogue->budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    zf_arena_init(&g->kept[number].arena, g->catalogue->budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    zf_status st = zf_catalogue_wkb(g->catalogue, number, &scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) != ZF_WKB_POLYGONAL)
        st = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "its polygon cannot be read again");
    if (st == ZF_OK)
        st = zf_grid_build(&wkb, ZF_GRID_MAX_CELLS, &g->kept[number].arena, out, error);
    zf_arena_release(&scratch);
    if (st != ZF_OK)
        zf_arena_release(&g->kept[number].arena);
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", g->catalogue->zones[number].zip);
}

/** Builds the zone's grid, for which there is room. Unlocks while it builds. */
static zf_status make(zf_grids *g, uint32_t number, size_t n_bytes, zf_error *error) {
    zf_grid *grid = NULL;
    g->kept[number].is_being_built = true;
    if (g->is_evicting)
        g->used_bytes += n_bytes;
    zf_mutex_unlock(&g->lock);
    zf_status st = build(g, number, &grid, error);
    zf_mutex_lock(&g->lock);
    g->kept[number].is_being_built = false;
    if (g->is_evicting)
        g->used_bytes -= n_bytes - taken_bytes(g, number);
    atomic_store(&g->made[number], grid);
    zf_condition_wake_all(&g->changed);
    return st;
}

/** Borrows the zone's grid, and builds it if necessary. Waits for memory; the caller holds no other grid, so
 * the wait ends. */
static zf_status get_locked(zf_grids *g, uint32_t number, const zf_grid **out, zf_error *error) {
    size_t n_bytes = zf_grid_forecast_bytes(g->catalogue->zones[number].n_points);
    zf_status st = ZF_OK;
    zf_mutex_lock(&g->lock);
    while (st == ZF_OK && (*out = atomic_load(&g->made[number])) == NULL) {
        if (!g->kept[number].is_being_built && (!g->is_evicting || make_room(g, n_bytes)))
            st = make(g, number, n_bytes, error);
        else
            zf_condition_wait(&g->changed, &g->lock);
    }
    if (st == ZF_OK && g->is_evicting) {
        g->kept[number].is_recent = true;
        g->kept[number].n_users++;
    }
    zf_mutex_unlock(&g->lock);
    return st;
}

zf_status zf_grids_get(zf_grids *grids, uint32_t number, const zf_grid **out, zf_error *error) {
    if (!grids->is_evicting &&
        (*out = atomic_load_explicit(&grids->made[number], memory_order_acquire)) != NULL)
        return ZF_OK;
    return get_locked(grids, number, out, error);
}

void zf_grids_release(zf_grids *grids, uint32_t number) {
    if (!grids->is_evicting)
        return;
    zf_mutex_lock(&grids->lock);
    if (--grids->kept[number].n_users == 0)
        zf_condition_wake_all(&grids->changed);
    zf_mutex_unlock(&grids->lock);
}
