/* SPDX-License-Identifier: MIT */
/*
 * LRU cache of GEOS's prepared polygons. Neighbouring buildings mostly follow each other in the layer, so few
 * ZIPs are in use at a time.
 */
#include "os/thread.h"
#include "zone/zone_internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct prepared_zone {
    zf_prepared_zone made;
    uint32_t zone;
    uint64_t last_use;
    size_t n_bytes; /**< by forecast, charged to the budget */
} prepared_zone;

struct zf_prepared_cache {
    const zf_catalogue *catalogue;
    zf_geos *geos; /**< destroys the entries */
    size_t share_bytes;
    size_t used_bytes;
    uint64_t n_uses;
    prepared_zone *entries;
    size_t n, cap;
    uint32_t *slot; /**< per zone: its entry's number + 1, or 0 */
    bool is_shared;
    zf_mutex lock; /**< held from get to release, when shared */
};

size_t zf_zone_prepared_bytes(uint32_t n_points) {
    /* GEOS 3.11 and 3.13: 24 bytes a vertex for the polygon, 80 to 95 for its indexes, and some 80 more a
     * vertex in the nodes of small ones */
    size_t n = n_points, n_small = n < 1024 ? n : 1024;
    return 120 * n + 80 * n_small + 4096;
}

zf_status zf_prepared_cache_create(const zf_catalogue *catalogue, size_t share_bytes, bool is_shared,
                                   zf_prepared_cache **out, zf_error *error) {
    zf_prepared_cache *e = calloc(1, sizeof *e);
    uint32_t *slot = calloc(catalogue->n_zones + 1, sizeof *slot);
    *out = NULL;
    if (e == NULL || slot == NULL) {
        free(e);
        free(slot);
        return zf_error_memory(error, catalogue->n_zones * sizeof *slot, "prepared ZIPs");
    }
    *e = (zf_prepared_cache){
        .catalogue = catalogue, .slot = slot, .share_bytes = share_bytes, .is_shared = is_shared};
    zf_mutex_init(&e->lock);
    zf_status st = zf_geos_create(&e->geos, error);
    if (st != ZF_OK) {
        zf_prepared_cache_destroy(e);
        return st;
    }
    *out = e;
    return ZF_OK;
}

/** The last entry moves into the hole. */
static void drop(zf_prepared_cache *e, size_t i) {
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

void zf_prepared_cache_clear(zf_prepared_cache *cache) {
    while (cache->n > 0)
        drop(cache, cache->n - 1);
}

void zf_prepared_cache_set_share(zf_prepared_cache *cache, size_t share_bytes) {
    cache->share_bytes = share_bytes;
}

void zf_prepared_cache_destroy(zf_prepared_cache *cache) {
    if (cache == NULL)
        return;
    zf_prepared_cache_clear(cache);
    zf_geos_destroy(cache->geos);
    zf_mutex_deinit(&cache->lock);
    free(cache->entries);
    free(cache->slot);
    free(cache);
}

/** Drops the least recently used entries until n_bytes fit. */
static void make_room(zf_prepared_cache *e, size_t n_bytes) {
    while (e->n > 0 && (e->used_bytes > e->share_bytes || n_bytes > e->share_bytes - e->used_bytes)) {
        size_t oldest = 0;
        for (size_t i = 1; i < e->n; i++)
            if (e->entries[i].last_use < e->entries[oldest].last_use)
                oldest = i;
        drop(e, oldest);
    }
}

static zf_status reserve_entry(zf_prepared_cache *e, zf_error *error) {
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

/** Builds and prepares a zone's polygon. */
static zf_status prepare(const zf_prepared_cache *e, zf_geos *geos, uint32_t zone, zf_prepared_zone *out,
                         zf_error *error) {
    zf_arena scratch;
    zf_bytes wkb;
    *out = (zf_prepared_zone){0};
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

/** Adds a zone's prepared polygon to the cache. */
static zf_status make(zf_prepared_cache *e, zf_geos *geos, uint32_t zone, zf_error *error) {
    size_t n_bytes = zf_zone_prepared_bytes(e->catalogue->zones[zone].n_points);
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

zf_status zf_prepared_cache_get(zf_prepared_cache *cache, zf_geos *geos, uint32_t zone,
                                const zf_prepared_zone **out, zf_error *error) {
    zf_status st = ZF_OK;
    *out = NULL;
    if (cache->is_shared)
        zf_mutex_lock(&cache->lock);
    if (cache->slot[zone] == 0)
        st = make(cache, geos, zone, error);
    if (st != ZF_OK) {
        zf_prepared_cache_release(cache);
        return st;
    }
    prepared_zone *e = &cache->entries[cache->slot[zone] - 1];
    e->last_use = ++cache->n_uses;
    *out = &e->made;
    return ZF_OK;
}

void zf_prepared_cache_release(zf_prepared_cache *cache) {
    if (cache->is_shared)
        zf_mutex_unlock(&cache->lock);
}
