/* SPDX-License-Identifier: MIT */
/*
 * Groups the ZIPs into passes over the buildings. Grids need memory, so a pass has only as many ZIPs as fit
 * into the share. The first group is where the layer's extent says that the buildings are; the first pass
 * shows which other ZIPs are needed.
 */
#include "zone/zone_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct zf_groups {
    const zf_zone *zones;
    size_t n;
    size_t share_bytes;
    uint32_t *order; /**< zones that have area, in spatial order */
    size_t n_order;
    uint8_t *pass;                 /**< n: zf_zone_pass */
    _Atomic(uint32_t) *filling;    /**< n: number of the filling in which a zone of a later pass was last a
                                      candidate; 0: never */
    _Atomic(uint32_t) n_fillings;  /**< number of the current filling: a new one begins when candidates have
                                      filled the share, and with each  pass */
    _Atomic(size_t) filling_bytes; /**< of the candidates in the current filling */
    _Atomic(uint64_t) n_points_filled; /**< vertices of the candidates of all fillings of this pass */
    bool is_evicting;                  /**< the current group does not fit into the share */
    zf_envelope extent;                /**< of the current group */
    size_t n_current;
};

static void restart_filling(zf_groups *g) {
    atomic_fetch_add(&g->n_fillings, 1);
    atomic_store(&g->filling_bytes, 0);
    atomic_store(&g->n_points_filled, 0);
}

zf_status zf_groups_create(const zf_zone *zones, size_t n, zf_arena *arena, zf_groups **out,
                           zf_error *error) {
    zf_groups *g = NULL;
    zf_status st = zf_arena_take(arena, 1, sizeof *g, &g, error);
    if (st != ZF_OK)
        return st;
    *g = (zf_groups){.zones = zones, .n = n, .share_bytes = SIZE_MAX};
    restart_filling(g);
    st = zf_arena_take(arena, n, sizeof *g->order, &g->order, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n, sizeof *g->pass, &g->pass, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n, sizeof *g->filling, &g->filling, error);
    zf_envelope *boxes = st == ZF_OK ? malloc((n + 1) * sizeof *boxes) : NULL;
    uint32_t *rows = st == ZF_OK ? malloc((n + 1) * sizeof *rows) : NULL;
    if (st == ZF_OK && (boxes == NULL || rows == NULL))
        st = zf_error_memory(error, n * sizeof *boxes, "the order of the ZIPs");
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        bool has_area = zones[i].wkb.n > 0;
        g->pass[i] = has_area ? ZF_PASS_LATER : ZF_PASS_DONE;
        atomic_init(&g->filling[i], 0);
        if (has_area) {
            boxes[g->n_order] = zones[i].envelope;
            g->order[g->n_order++] = (uint32_t)i;
        }
    }
    if (st == ZF_OK)
        st = zf_index_order(boxes, g->n_order, ZF_INDEX_FANOUT, arena, rows, error);
    for (size_t i = 0; st == ZF_OK && i < g->n_order; i++)
        rows[i] = g->order[rows[i]];
    if (st == ZF_OK && g->n_order > 0)
        memcpy(g->order, rows, g->n_order * sizeof *rows);
    free(rows);
    free(boxes);
    *out = g;
    return st;
}

/** true for a zone of a later pass that intersects `where`, or, without `where`, that was a candidate. */
static bool is_wanted(const zf_groups *g, uint32_t zone, const zf_envelope *where) {
    if (g->pass[zone] != ZF_PASS_LATER)
        return false;
    return where != NULL ? zf_envelope_meets(&g->zones[zone].envelope, where)
                         : atomic_load_explicit(&g->filling[zone], memory_order_relaxed) > 0;
}

/** Moves wanted ZIPs into the current pass as long as they fit, at least one. Returns the bytes used. */
static size_t fill(zf_groups *g, const zf_envelope *where, size_t used_bytes) {
    for (size_t i = 0; i < g->n_order; i++) {
        uint32_t zone = g->order[i];
        size_t n_bytes = zf_grid_forecast_bytes(g->zones[zone].n_points);
        if (!is_wanted(g, zone, where))
            continue;
        if (g->n_current > 0 && (used_bytes > g->share_bytes || n_bytes > g->share_bytes - used_bytes))
            break;
        used_bytes += n_bytes;
        g->pass[zone] = ZF_PASS_CURRENT;
        g->n_current++;
        zf_envelope_add(&g->extent, &g->zones[zone].envelope);
    }
    return used_bytes;
}

void zf_groups_first(zf_groups *groups, size_t share_bytes, const zf_envelope *expected) {
    static const zf_envelope everywhere = {-INFINITY, -INFINITY, INFINITY, INFINITY};
    for (size_t i = 0; i < groups->n_order; i++) {
        groups->pass[groups->order[i]] = ZF_PASS_LATER;
        atomic_store_explicit(&groups->filling[groups->order[i]], 0, memory_order_relaxed);
    }
    groups->share_bytes = share_bytes;
    groups->n_current = 0;
    groups->is_evicting = false;
    restart_filling(groups);
    groups->extent = zf_envelope_empty();
    size_t used_bytes = fill(groups, expected != NULL ? expected : &everywhere, 0);
    if (expected != NULL) /* fill up with ZIPs where no building is expected */
        fill(groups, &everywhere, used_bytes);
}

/** true if one pass over all wanted ZIPs, which rebuilds evicted grids, costs less than one pass per group.
 */
static bool is_eviction_cheaper(const zf_groups *g, uint64_t n_points_of_reading) {
    size_t n_groups = 0, used_bytes = 0;
    uint64_t n_points = 0, n_filled = atomic_load(&g->n_points_filled);
    for (size_t i = 0; i < g->n_order; i++) {
        const zf_zone *zone = &g->zones[g->order[i]];
        size_t n_bytes = zf_grid_forecast_bytes(zone->n_points);
        if (!is_wanted(g, g->order[i], NULL))
            continue;
        if (n_groups == 0 || used_bytes > g->share_bytes || n_bytes > g->share_bytes - used_bytes) {
            n_groups++;
            used_bytes = 0;
        }
        used_bytes += n_bytes;
        n_points += zone->n_points;
    }
    if (n_groups < 2 || n_filled < n_points)
        return false;
    return (n_filled - n_points) / (n_groups - 1) < n_points_of_reading;
}

bool zf_groups_next(zf_groups *groups, uint64_t n_points_of_reading) {
    for (size_t i = 0; i < groups->n; i++)
        if (groups->pass[i] == ZF_PASS_CURRENT)
            groups->pass[i] = ZF_PASS_DONE;
    groups->n_current = 0;
    groups->extent = zf_envelope_empty();
    groups->is_evicting = is_eviction_cheaper(groups, n_points_of_reading);
    if (groups->is_evicting) {
        size_t share_bytes = groups->share_bytes;
        groups->share_bytes = SIZE_MAX;
        fill(groups, NULL, 0);
        groups->share_bytes = share_bytes;
    } else {
        fill(groups, NULL, 0);
    }
    restart_filling(groups);
    return groups->n_current > 0;
}

zf_zone_pass zf_groups_pass(const zf_groups *groups, uint32_t zone) {
    return (zf_zone_pass)groups->pass[zone];
}

void zf_groups_want(zf_groups *groups, uint32_t zone) {
    uint32_t filling = atomic_load_explicit(&groups->n_fillings, memory_order_relaxed);
    if (atomic_load_explicit(&groups->filling[zone], memory_order_relaxed) == filling ||
        atomic_exchange_explicit(&groups->filling[zone], filling, memory_order_relaxed) == filling)
        return;
    uint32_t n_points = groups->zones[zone].n_points;
    size_t n_bytes = zf_grid_forecast_bytes(n_points);
    atomic_fetch_add_explicit(&groups->n_points_filled, n_points, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&groups->filling_bytes, n_bytes, memory_order_relaxed) + n_bytes >
            groups->share_bytes &&
        filling < UINT32_MAX && atomic_compare_exchange_strong(&groups->n_fillings, &filling, filling + 1))
        atomic_store_explicit(&groups->filling_bytes, 0, memory_order_relaxed);
}

bool zf_groups_is_evicting(const zf_groups *groups) {
    return groups->is_evicting;
}

zf_envelope zf_groups_extent(const zf_groups *groups) {
    return groups->extent;
}

size_t zf_groups_forecast(const zf_groups *groups, size_t share_bytes, const zf_envelope *expected) {
    size_t n_groups = 0, used_bytes = 0, n_in_group = 0;
    for (size_t i = 0; i < groups->n_order; i++) {
        const zf_zone *zone = &groups->zones[groups->order[i]];
        size_t n_bytes = zf_grid_forecast_bytes(zone->n_points);
        if (expected != NULL && !zf_envelope_meets(&zone->envelope, expected))
            continue;
        if (n_in_group == 0 || used_bytes > share_bytes || n_bytes > share_bytes - used_bytes) {
            n_groups++;
            used_bytes = n_in_group = 0;
        }
        used_bytes += n_bytes;
        n_in_group++;
    }
    return n_groups > 0 ? n_groups : 1;
}
