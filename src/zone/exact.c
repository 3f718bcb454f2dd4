/* SPDX-License-Identifier: MIT */
/*
 * GEOS's prepared polygons of the ZIPs that had to be asked of it, the least recently used given back when
 * they become too many. Where neighbouring buildings come one after the other, few ZIPs are in use at a time.
 */
#include "os/thread.h"
#include "zone/zone_internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct prepared_zone {
    zf_exact_zone made;
    uint32_t zone;
    uint64_t last_use;
    size_t n_bytes; /**< by forecast, charged to the budget */
} prepared_zone;

struct zf_exact {
    const zf_catalogue *catalogue;
    zf_geos *geos; /**< to give back with */
    size_t share_bytes;
    size_t used_bytes;
    uint64_t n_uses;
    prepared_zone *entries;
    size_t n, cap;
    uint32_t *slot; /**< per zone: its entry's number + 1, or 0 */
    bool is_shared;
    zf_mutex lock; /**< held from get to let go, when shared */
};

size_t zf_zone_exact_bytes(uint32_t n_points) {
    /* GEOS 3.11 and 3.13: 24 bytes a vertex for the polygon, 80 to 95 for its indexes, and some 80 more a
     * vertex in the nodes of small ones */
    size_t n = n_points, n_small = n < 1024 ? n : 1024;
    return 120 * n + 80 * n_small + 4096;
}

zf_status zf_exact_create(const zf_catalogue *catalogue, size_t share_bytes, bool is_shared, zf_exact **out,
                          zf_error *error) {
    zf_exact *e = calloc(1, sizeof *e);
    uint32_t *slot = calloc(catalogue->n_zones + 1, sizeof *slot);
    *out = NULL;
    if (e == NULL || slot == NULL) {
        free(e);
        free(slot);
        return zf_error_memory(error, catalogue->n_zones * sizeof *slot, "prepared ZIPs");
    }
    *e = (zf_exact){.catalogue = catalogue, .slot = slot, .share_bytes = share_bytes, .is_shared = is_shared};
    zf_mutex_init(&e->lock);
    zf_status st = zf_geos_create(&e->geos, error);
    if (st != ZF_OK) {
        zf_exact_destroy(e);
        return st;
    }
    *out = e;
    return ZF_OK;
}

/** The last entry moves into the hole. */
static void drop(zf_exact *e, size_t i) {
    prepared_zone *old = &e->entries[i];
    zf_prepared_destroy(e->geos, old->made.prepared);
    zf_geom_destroy(e->geos, old->made.geom);
    zf_memory_discharge(e->catalogue->budget, ZF_MEMORY_ZONE, old->n_bytes);
    e->used_bytes -= old->n_bytes;
    e->slot[old->zone] = 0;
    if (i + 1 < e->n) {
        *old = e->entries[e->n - 1];
        e->slot[old->zone] = (uint32_t)i + 1;
    }
    e->n--;
}

void zf_exact_clear(zf_exact *exact) {
    while (exact->n > 0)
        drop(exact, exact->n - 1);
}

void zf_exact_set_share(zf_exact *exact, size_t share_bytes) {
    exact->share_bytes = share_bytes;
}

void zf_exact_destroy(zf_exact *exact) {
    if (exact == NULL)
        return;
    zf_exact_clear(exact);
    zf_geos_destroy(exact->geos);
    zf_mutex_deinit(&exact->lock);
    free(exact->entries);
    free(exact->slot);
    free(exact);
}

static void make_room(zf_exact *e, size_t n_bytes) {
    while (e->n > 0 && (e->used_bytes > e->share_bytes || n_bytes > e->share_bytes - e->used_bytes)) {
        size_t oldest = 0;
        for (size_t i = 1; i < e->n; i++)
            if (e->entries[i].last_use < e->entries[oldest].last_use)
                oldest = i;
        drop(e, oldest);
    }
}

static zf_status reserve_entry(zf_exact *e, zf_error *error) {
    if (e->n < e->cap)
        return ZF_OK;
    size_t cap = e->cap == 0 ? 16 : 2 * e->cap;
    prepared_zone *entries = realloc(e->entries, cap * sizeof *entries);
    if (entries == NULL)
        return zf_error_memory(error, cap * sizeof *entries, "prepared ZIPs");
    e->entries = entries;
    e->cap = cap;
    return ZF_OK;
}

static zf_status prepare(const zf_exact *e, zf_geos *geos, uint32_t zone, zf_exact_zone *out,
                         zf_error *error) {
    zf_arena scratch;
    zf_bytes wkb;
    *out = (zf_exact_zone){0};
    zf_arena_init(&scratch, e->catalogue->budget, ZF_MEMORY_ZONE, 4096);
    zf_status st = zf_catalogue_wkb(e->catalogue, zone, &scratch, &wkb, error);
    if (st == ZF_OK)
        st = zf_geom_from_wkb(geos, wkb.bytes, wkb.n, &out->geom, error);
    if (st == ZF_OK)
        st = zf_prepared_create(geos, out->geom, &out->prepared, error);
    if (st != ZF_OK)
        zf_geom_destroy(geos, out->geom);
    zf_arena_release(&scratch);
    return st;
}

static zf_status make(zf_exact *e, zf_geos *geos, uint32_t zone, zf_error *error) {
    size_t n_bytes = zf_zone_exact_bytes(e->catalogue->zones[zone].n_points);
    prepared_zone added = {.zone = zone, .n_bytes = n_bytes};
    make_room(e, n_bytes);
    zf_status st = reserve_entry(e, error);
    if (st == ZF_OK)
        st = zf_memory_charge(e->catalogue->budget, ZF_MEMORY_ZONE, n_bytes, error);
    if (st != ZF_OK)
        return st;
    st = prepare(e, geos, zone, &added.made, error);
    if (st != ZF_OK) {
        zf_memory_discharge(e->catalogue->budget, ZF_MEMORY_ZONE, n_bytes);
        return zf_error_within(error, st, "ZIP '%s'", e->catalogue->zones[zone].zip);
    }
    e->entries[e->n++] = added;
    e->slot[zone] = (uint32_t)e->n;
    e->used_bytes += n_bytes;
    return ZF_OK;
}

zf_status zf_exact_get(zf_exact *exact, zf_geos *geos, uint32_t zone, const zf_exact_zone **out,
                       zf_error *error) {
    zf_status st = ZF_OK;
    *out = NULL;
    if (exact->is_shared)
        zf_mutex_lock(&exact->lock);
    if (exact->slot[zone] == 0)
        st = make(exact, geos, zone, error);
    if (st != ZF_OK) {
        zf_exact_let_go(exact);
        return st;
    }
    prepared_zone *e = &exact->entries[exact->slot[zone] - 1];
    e->last_use = ++exact->n_uses;
    *out = &e->made;
    return ZF_OK;
}

void zf_exact_let_go(zf_exact *exact) {
    if (exact->is_shared)
        zf_mutex_unlock(&exact->lock);
}
