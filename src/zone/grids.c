/* SPDX-License-Identifier: MIT */
#include "zone/zone_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/** Cells along a ZIP's longer side, at most: more of them cost memory and spare nothing. */
enum { MAX_CELLS = 512 };
/** Zones that share a lock and an arena; several threads seldom meet at one. */
enum { N_STRIPES = 32 };

typedef struct stripe {
    pthread_mutex_t lock;
    zf_arena arena;
} stripe;

struct zf_grids {
    const zf_zone *zones;
    size_t n;
    _Atomic(zf_grid *) *made; /**< n; NULL until made */
    stripe stripes[N_STRIPES];
};

zf_status zf_grids_create(const zf_zone *zones, size_t n, zf_budget *budget, zf_grids **out,
                          zf_error *error) {
    zf_grids *g = calloc(1, sizeof *g);
    *out = NULL;
    if (g != NULL)
        g->made = calloc(n + 1, sizeof *g->made);
    if (g == NULL || g->made == NULL) {
        free(g);
        return zf_error_memory(error, n * sizeof *g->made, "the cells of the ZIPs");
    }
    g->zones = zones;
    g->n = n;
    for (int i = 0; i < N_STRIPES; i++) {
        pthread_mutex_init(&g->stripes[i].lock, NULL);
        zf_arena_init(&g->stripes[i].arena, budget, ZF_MEMORY_ZONE, 64 * 1024);
    }
    *out = g;
    return ZF_OK;
}

void zf_grids_destroy(zf_grids *grids) {
    if (grids == NULL)
        return;
    for (int i = 0; i < N_STRIPES; i++) {
        zf_arena_release(&grids->stripes[i].arena);
        pthread_mutex_destroy(&grids->stripes[i].lock);
    }
    free(grids->made);
    free(grids);
}

static zf_status make(zf_grids *g, uint32_t number, zf_arena *arena, zf_error *error) {
    const zf_zone *zone = &g->zones[number];
    zf_grid *grid = NULL;
    zf_wkb wkb;
    if (zf_wkb_open(zone->wkb.bytes, zone->wkb.n, &wkb) != ZF_WKB_POLYGONAL)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "ZIP '%s' has no polygon", zone->zip);
    zf_status st = zf_grid_build(&wkb, MAX_CELLS, arena, &grid, error);
    if (st == ZF_OK)
        atomic_store_explicit(&g->made[number], grid, memory_order_release);
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", zone->zip);
}

zf_status zf_grids_get(zf_grids *grids, uint32_t number, const zf_grid **out, zf_error *error) {
    stripe *s = &grids->stripes[number % N_STRIPES];
    zf_status st = ZF_OK;
    *out = atomic_load_explicit(&grids->made[number], memory_order_acquire);
    if (*out != NULL)
        return ZF_OK;
    pthread_mutex_lock(&s->lock);
    if (atomic_load_explicit(&grids->made[number], memory_order_relaxed) == NULL)
        st = make(grids, number, &s->arena, error);
    *out = atomic_load_explicit(&grids->made[number], memory_order_relaxed);
    pthread_mutex_unlock(&s->lock);
    return st;
}
