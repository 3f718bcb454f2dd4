/* SPDX-License-Identifier: MIT */
#include "zone/zone_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/** Zones that share a lock; several threads seldom meet at one. */
enum { N_LOCKS = 32, CHUNK_BYTES = 256 };

struct zf_grids {
    const zf_catalogue *catalogue;
    _Atomic(zf_grid *) *made; /**< per zone; NULL until made */
    zf_arena *arenas;         /**< per zone: its grid's */
    pthread_mutex_t locks[N_LOCKS];
};

zf_status zf_grids_create(const zf_catalogue *catalogue, zf_grids **out, zf_error *error) {
    size_t n = catalogue->n_zones;
    zf_grids *g = calloc(1, sizeof *g);
    *out = NULL;
    if (g != NULL) {
        g->made = calloc(n + 1, sizeof *g->made);
        g->arenas = calloc(n + 1, sizeof *g->arenas);
    }
    if (g == NULL || g->made == NULL || g->arenas == NULL) {
        if (g != NULL) {
            free(g->made);
            free(g->arenas);
        }
        free(g);
        return zf_error_memory(error, n * (sizeof(zf_arena) + sizeof(void *)), "the cells of the ZIPs");
    }
    g->catalogue = catalogue;
    for (size_t i = 0; i < n; i++)
        zf_arena_init(&g->arenas[i], catalogue->budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    for (int i = 0; i < N_LOCKS; i++)
        pthread_mutex_init(&g->locks[i], NULL);
    *out = g;
    return ZF_OK;
}

void zf_grids_clear(zf_grids *grids) {
    for (size_t i = 0; i < grids->catalogue->n_zones; i++) {
        atomic_store_explicit(&grids->made[i], NULL, memory_order_relaxed);
        zf_arena_release(&grids->arenas[i]);
    }
}

void zf_grids_destroy(zf_grids *grids) {
    if (grids == NULL)
        return;
    zf_grids_clear(grids);
    for (int i = 0; i < N_LOCKS; i++)
        pthread_mutex_destroy(&grids->locks[i]);
    free(grids->made);
    free(grids->arenas);
    free(grids);
}

static zf_status make(zf_grids *g, uint32_t number, zf_error *error) {
    const zf_zone *zone = &g->catalogue->zones[number];
    zf_arena scratch;
    zf_grid *grid = NULL;
    zf_bytes bytes;
    zf_wkb wkb;
    zf_arena_init(&scratch, g->catalogue->budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    zf_status st = zf_catalogue_wkb(g->catalogue, number, &scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) != ZF_WKB_POLYGONAL)
        st = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "its polygon cannot be read again");
    if (st == ZF_OK)
        st = zf_grid_build(&wkb, ZF_GRID_MAX_CELLS, &g->arenas[number], &grid, error);
    if (st == ZF_OK)
        atomic_store_explicit(&g->made[number], grid, memory_order_release);
    zf_arena_release(&scratch);
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", zone->zip);
}

zf_status zf_grids_get(zf_grids *grids, uint32_t number, const zf_grid **out, zf_error *error) {
    pthread_mutex_t *lock = &grids->locks[number % N_LOCKS];
    zf_status st = ZF_OK;
    *out = atomic_load_explicit(&grids->made[number], memory_order_acquire);
    if (*out != NULL)
        return ZF_OK;
    pthread_mutex_lock(lock);
    if (atomic_load_explicit(&grids->made[number], memory_order_relaxed) == NULL)
        st = make(grids, number, error);
    *out = atomic_load_explicit(&grids->made[number], memory_order_relaxed);
    pthread_mutex_unlock(lock);
    return st;
}
