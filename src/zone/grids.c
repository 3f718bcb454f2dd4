/* SPDX-License-Identifier: MIT */
/*
 * Grids stay until their pass ends; but in a pass whose grids do not fit together each goes when it has not
 * been used for a while and another needs the room. Who looks at one says so first, and looks again whether
 * it is still there (hazard pointers, after M. Michael, 2004): no lock where the grid is there.
 */
#include "os/thread.h"
#include "zone/zone_internal.h"

#include <stdlib.h>

/** Zones that share a lock; several threads seldom meet at one. */
enum { N_LOCKS = 32, CHUNK_BYTES = 256, HEADS_BYTES = 512 };

struct zf_grids {
    const zf_catalogue *catalogue;
    _Atomic(zf_grid *) *made; /**< per zone; NULL until made */
    zf_arena *arenas;         /**< per zone: its grid's */
    _Atomic(bool) *is_recent; /**< per zone: used since the hand last passed; only when tight */
    zf_mutex locks[N_LOCKS];
    zf_mutex room_lock; /**< for all below, and for making something NULL */
    size_t share_bytes, used_bytes;
    bool is_tight; /**< there is a share; changes between passes only */
    uint32_t hand; /**< where the search for room goes on */
    zf_grid_hold *holds;
    size_t n_made;
};

zf_status zf_grids_create(const zf_catalogue *catalogue, zf_grids **out, zf_error *error) {
    size_t n = catalogue->n_zones;
    zf_grids *g = calloc(1, sizeof *g);
    *out = NULL;
    if (g != NULL) {
        g->made = calloc(n + 1, sizeof *g->made);
        g->arenas = calloc(n + 1, sizeof *g->arenas);
        g->is_recent = calloc(n + 1, sizeof *g->is_recent);
    }
    if (g == NULL || g->made == NULL || g->arenas == NULL || g->is_recent == NULL) {
        if (g != NULL) {
            free(g->made);
            free(g->arenas);
            free(g->is_recent);
        }
        free(g);
        return zf_error_memory(error, n * (sizeof(zf_arena) + sizeof(void *)), "the cells of the ZIPs");
    }
    g->catalogue = catalogue;
    g->share_bytes = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        zf_arena_init(&g->arenas[i], catalogue->budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    for (int i = 0; i < N_LOCKS; i++)
        zf_mutex_init(&g->locks[i]);
    zf_mutex_init(&g->room_lock);
    *out = g;
    return ZF_OK;
}

void zf_grids_clear(zf_grids *grids) {
    for (size_t i = 0; i < grids->catalogue->n_zones; i++) {
        atomic_store_explicit(&grids->made[i], NULL, memory_order_relaxed);
        zf_arena_release(&grids->arenas[i]);
    }
    grids->used_bytes = 0;
}

void zf_grids_set_share(zf_grids *grids, size_t share_bytes) {
    grids->share_bytes = share_bytes;
    grids->is_tight = share_bytes < SIZE_MAX;
}

void zf_grids_destroy(zf_grids *grids) {
    if (grids == NULL)
        return;
    zf_grids_clear(grids);
    zf_mutex_deinit(&grids->room_lock);
    for (int i = 0; i < N_LOCKS; i++)
        zf_mutex_deinit(&grids->locks[i]);
    free(grids->made);
    free(grids->arenas);
    free(grids->is_recent);
    free(grids);
}

size_t zf_grids_n_made(zf_grids *grids) {
    zf_mutex_lock(&grids->room_lock);
    size_t n = grids->n_made;
    zf_mutex_unlock(&grids->room_lock);
    return n;
}

/* ---- who looks ---- */

void zf_grids_add_hold(zf_grids *grids, zf_grid_hold *hold) {
    atomic_init(&hold->grid, NULL);
    zf_mutex_lock(&grids->room_lock);
    hold->next = grids->holds;
    grids->holds = hold;
    zf_mutex_unlock(&grids->room_lock);
}

void zf_grids_remove_hold(zf_grids *grids, zf_grid_hold *hold) {
    zf_mutex_lock(&grids->room_lock);
    for (zf_grid_hold **at = &grids->holds; *at != NULL; at = &(*at)->next)
        if (*at == hold) {
            *at = hold->next;
            break;
        }
    zf_mutex_unlock(&grids->room_lock);
}

static bool is_held(const zf_grids *g, const zf_grid *grid) {
    for (const zf_grid_hold *h = g->holds; h != NULL; h = h->next)
        if (atomic_load(&h->grid) == grid)
            return true;
    return false;
}

/* ---- room ---- */

/** By the zone's grid, with the heads of its pieces of memory, which the forecast counts too. */
static size_t taken_bytes(const zf_grids *g, uint32_t number) {
    size_t n_bytes = g->arenas[number].used_bytes;
    return n_bytes > 0 ? n_bytes + HEADS_BYTES : 0;
}

/** Gives a zone's grid back unless somebody looks at it; who comes later finds none. */
static void give_back(zf_grids *g, uint32_t number) {
    zf_grid *grid = atomic_load(&g->made[number]);
    if (grid == NULL)
        return;
    if (atomic_exchange_explicit(&g->is_recent[number], false, memory_order_relaxed))
        return; /* a second chance */
    atomic_store(&g->made[number], NULL);
    if (is_held(g, grid)) {
        atomic_store(&g->made[number], grid);
        return;
    }
    g->used_bytes -= taken_bytes(g, number);
    zf_arena_release(&g->arenas[number]);
}

static bool has_room(const zf_grids *g, size_t n_bytes) {
    return g->used_bytes == 0 ||
           (g->used_bytes <= g->share_bytes && n_bytes <= g->share_bytes - g->used_bytes);
}

/**
 * Counts n_bytes as used once there is room for them, or nothing is used. The caller holds no grid, and who
 * does or makes one waits for nobody, so that there will be room.
 * @return false when the zone has its grid after all.
 */
static bool take_room(zf_grids *g, uint32_t number, size_t n_bytes) {
    uint32_t n = (uint32_t)g->catalogue->n_zones;
    zf_mutex_lock(&g->room_lock);
    for (;;) {
        if (atomic_load(&g->made[number]) != NULL) { /* it was about to be given back */
            zf_mutex_unlock(&g->room_lock);
            return false;
        }
        for (uint32_t i = 0; i < 2 * n && !has_room(g, n_bytes); i++) {
            give_back(g, g->hand);
            g->hand = g->hand + 1 < n ? g->hand + 1 : 0;
        }
        if (has_room(g, n_bytes))
            break;
        zf_mutex_unlock(&g->room_lock);
        zf_thread_yield();
        zf_mutex_lock(&g->room_lock);
    }
    g->used_bytes += n_bytes;
    zf_mutex_unlock(&g->room_lock);
    return true;
}

/* ---- making ---- */

static zf_status build(zf_grids *g, uint32_t number, zf_grid **out, zf_error *error) {
    zf_arena scratch;
    zf_bytes bytes;
    zf_wkb wkb;
    zf_arena_init(&scratch, g->catalogue->budget, ZF_MEMORY_ZONE, CHUNK_BYTES);
    zf_status st = zf_catalogue_wkb(g->catalogue, number, &scratch, &bytes, error);
    if (st == ZF_OK && zf_wkb_open(bytes.bytes, bytes.n, &wkb) != ZF_WKB_POLYGONAL)
        st = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "its polygon cannot be read again");
    if (st == ZF_OK)
        st = zf_grid_build(&wkb, ZF_GRID_MAX_CELLS, &g->arenas[number], out, error);
    zf_arena_release(&scratch);
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", g->catalogue->zones[number].zip);
}

/** The zone's lock is held. */
static zf_status make(zf_grids *g, zf_grid_hold *hold, uint32_t number, zf_error *error) {
    size_t n_bytes = zf_grid_forecast_bytes(g->catalogue->zones[number].n_points);
    zf_grid *grid = NULL;
    if (g->is_tight && !take_room(g, number, n_bytes))
        return ZF_OK;
    zf_status st = build(g, number, &grid, error);
    if (st != ZF_OK)
        zf_arena_release(&g->arenas[number]);
    zf_mutex_lock(&g->room_lock);
    g->n_made++;
    if (g->is_tight)
        g->used_bytes -= n_bytes - taken_bytes(g, number);
    atomic_store(&hold->grid, grid);
    atomic_store(&g->made[number], grid);
    zf_mutex_unlock(&g->room_lock);
    return st;
}

/** The zone's grid, or NULL when there is none now. */
static const zf_grid *look(zf_grids *g, zf_grid_hold *hold, uint32_t number) {
    const zf_grid *grid = atomic_load_explicit(&g->made[number], memory_order_acquire);
    if (grid == NULL || !g->is_tight)
        return grid;
    atomic_store(&hold->grid, grid);
    if (atomic_load(&g->made[number]) != grid)
        return NULL;
    if (!atomic_load_explicit(&g->is_recent[number], memory_order_relaxed))
        atomic_store_explicit(&g->is_recent[number], true, memory_order_relaxed);
    return grid;
}

zf_status zf_grids_get(zf_grids *grids, zf_grid_hold *hold, uint32_t number, const zf_grid **out,
                       zf_error *error) {
    zf_mutex *lock = &grids->locks[number % N_LOCKS];
    zf_status st = ZF_OK;
    while (st == ZF_OK && (*out = look(grids, hold, number)) == NULL) {
        atomic_store(&hold->grid, NULL); /* who waits for room holds nothing */
        zf_mutex_lock(lock);
        if (atomic_load(&grids->made[number]) == NULL)
            st = make(grids, hold, number, error);
        zf_mutex_unlock(lock);
    }
    return st;
}
