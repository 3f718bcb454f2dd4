/* SPDX-License-Identifier: MIT */
/*
 * Which ZIPs are looked at in which pass over the buildings. What speeds a ZIP up needs memory, so only as
 * many ZIPs as fit into the share are looked at together. The first group is of those where the buildings are
 * said to be; which others are needed at all, the first pass tells.
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
    uint32_t *order; /**< zones that have area: neighbours near each other */
    size_t n_order;
    uint8_t *turn;         /**< n: zf_zone_turn */
    _Atomic(bool) *wanted; /**< n: a building came near a ZIP whose turn is to come */
    zf_envelope extent;    /**< of the current group */
    size_t n_current;
};

zf_status zf_groups_create(const zf_zone *zones, size_t n, zf_arena *arena, zf_groups **out,
                           zf_error *error) {
    zf_groups *g = NULL;
    zf_status st = zf_arena_take(arena, 1, sizeof *g, &g, error);
    if (st != ZF_OK)
        return st;
    *g = (zf_groups){.zones = zones, .n = n, .share_bytes = SIZE_MAX};
    st = zf_arena_take(arena, n, sizeof *g->order, &g->order, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n, sizeof *g->turn, &g->turn, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, n, sizeof *g->wanted, &g->wanted, error);
    zf_envelope *boxes = st == ZF_OK ? malloc((n + 1) * sizeof *boxes) : NULL;
    uint32_t *rows = st == ZF_OK ? malloc((n + 1) * sizeof *rows) : NULL;
    if (st == ZF_OK && (boxes == NULL || rows == NULL))
        st = zf_error_memory(error, n * sizeof *boxes, "the order of the ZIPs");
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        bool has_area = zones[i].wkb.n > 0;
        g->turn[i] = has_area ? ZF_TURN_LATER : ZF_TURN_OVER;
        atomic_init(&g->wanted[i], false);
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

static bool is_wanted(const zf_groups *g, uint32_t zone, const zf_envelope *where) {
    if (g->turn[zone] != ZF_TURN_LATER)
        return false;
    return where != NULL ? zf_envelope_meets(&g->zones[zone].envelope, where)
                         : atomic_load_explicit(&g->wanted[zone], memory_order_relaxed);
}

/** Takes wanted ZIPs in order as long as they fit: at least one, when there is one. Returns their bytes. */
static size_t fill(zf_groups *g, const zf_envelope *where, size_t used_bytes) {
    for (size_t i = 0; i < g->n_order; i++) {
        uint32_t zone = g->order[i];
        size_t n_bytes = zf_grid_forecast_bytes(g->zones[zone].n_points);
        if (!is_wanted(g, zone, where))
            continue;
        if (g->n_current > 0 && (used_bytes > g->share_bytes || n_bytes > g->share_bytes - used_bytes))
            break;
        used_bytes += n_bytes;
        g->turn[zone] = ZF_TURN_NOW;
        g->n_current++;
        zf_envelope_add(&g->extent, &g->zones[zone].envelope);
    }
    return used_bytes;
}

void zf_groups_first(zf_groups *groups, size_t share_bytes, const zf_envelope *expected) {
    static const zf_envelope everywhere = {-INFINITY, -INFINITY, INFINITY, INFINITY};
    for (size_t i = 0; i < groups->n_order; i++) {
        groups->turn[groups->order[i]] = ZF_TURN_LATER;
        atomic_store_explicit(&groups->wanted[groups->order[i]], false, memory_order_relaxed);
    }
    groups->share_bytes = share_bytes;
    groups->n_current = 0;
    groups->extent = zf_envelope_empty();
    size_t used_bytes = fill(groups, expected != NULL ? expected : &everywhere, 0);
    if (expected != NULL) /* there is room for those where no building is expected */
        fill(groups, &everywhere, used_bytes);
}

bool zf_groups_next(zf_groups *groups) {
    for (size_t i = 0; i < groups->n; i++)
        if (groups->turn[i] == ZF_TURN_NOW)
            groups->turn[i] = ZF_TURN_OVER;
    groups->n_current = 0;
    groups->extent = zf_envelope_empty();
    fill(groups, NULL, 0);
    return groups->n_current > 0;
}

zf_zone_turn zf_groups_turn(const zf_groups *groups, uint32_t zone) {
    return (zf_zone_turn)groups->turn[zone];
}

void zf_groups_want(zf_groups *groups, uint32_t zone) {
    if (!atomic_load_explicit(&groups->wanted[zone], memory_order_relaxed))
        atomic_store_explicit(&groups->wanted[zone], true, memory_order_relaxed);
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
