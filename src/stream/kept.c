/* SPDX-License-Identifier: MIT */
#include "stream/kept.h"

enum { ARENA_CHUNK_BYTES = 64 * 1024 };

void zf_kept_list_init(zf_kept_list *list, zf_budget *budget) {
    *list = (zf_kept_list){.budget = budget};
    zf_arena_init(&list->arena, budget, ZF_MEMORY_BATCH, ARENA_CHUNK_BYTES);
}

void zf_kept_list_deinit(zf_kept_list *list) {
    zf_arena_release(&list->arena);
    zf_memory_free(list->budget, ZF_MEMORY_BATCH, list->items, list->cap * sizeof *list->items);
    zf_memory_free(list->budget, ZF_MEMORY_BATCH, list->zones, list->cap_zones * sizeof *list->zones);
    *list = (zf_kept_list){0};
}

static zf_status reserve(zf_kept_list *l, size_t n, zf_error *error) {
    if (n <= l->cap)
        return ZF_OK;
    void *items = l->items;
    zf_status st = zf_memory_resize(l->budget, ZF_MEMORY_BATCH, &items, l->cap * sizeof *l->items,
                                    n * sizeof *l->items, error);
    if (st != ZF_OK)
        return st;
    l->items = items;
    l->cap = n;
    return ZF_OK;
}

/** Makes room for n more zone numbers. */
static zf_status reserve_zones(zf_kept_list *l, size_t n, zf_error *error) {
    if (l->n_zones + n <= l->cap_zones)
        return ZF_OK;
    size_t cap = 2 * (l->n_zones + n);
    void *zones = l->zones;
    zf_status st = zf_memory_resize(l->budget, ZF_MEMORY_BATCH, &zones, l->cap_zones * sizeof *l->zones,
                                    cap * sizeof *l->zones, error);
    if (st != ZF_OK)
        return st;
    l->zones = zones;
    l->cap_zones = cap;
    return ZF_OK;
}

zf_status zf_kept_list_begin(zf_kept_list *list, zf_batch *batch, uint64_t first_ordinal, zf_error *error) {
    list->batch = batch;
    list->first_ordinal = first_ordinal;
    list->n = list->n_zones = 0;
    return reserve(list, zf_batch_count(batch), error);
}

/** Splits the measured item at the end of the list into one for each ZIP. */
static zf_status split_by_share(zf_kept_list *l, const zf_assignment *a, zf_error *error) {
    size_t n = l->n + a->n_assigned;
    zf_status st = n <= l->cap ? ZF_OK : reserve(l, 2 * n, error);
    for (size_t i = 0; st == ZF_OK && i < a->n_assigned; i++) {
        zf_kept *kept = &l->items[l->n + i];
        *kept = l->items[l->n];
        kept->first_zone = l->n_zones + i;
        kept->n_zones = 1;
        kept->measures[ZF_MEASURE_SHARE] = a->shares[i];
    }
    return st;
}

zf_status zf_kept_list_add(zf_kept_list *list, size_t row, const zf_wkb *wkb, zf_bytes repaired,
                           const zf_assignment *assignment, zf_metric *metric, unsigned measures,
                           zf_error *error) {
    zf_status st = reserve_zones(list, assignment->n_assigned, error);
    if (st == ZF_OK && list->n == list->cap) /* by shares there are more items than rows */
        st = reserve(list, 2 * list->cap, error);
    if (st != ZF_OK)
        return st;
    zf_kept *kept = &list->items[list->n];
    kept->row = row;
    kept->first_zone = list->n_zones;
    kept->n_zones = assignment->n_assigned;
    kept->repaired = repaired;
    for (size_t i = 0; i < assignment->n_assigned; i++)
        list->zones[list->n_zones + i] = assignment->assigned[i];
    st = zf_metric_measure(metric, wkb, measures, kept->measures, error);
    if (st == ZF_OK && assignment->shares != NULL)
        st = split_by_share(list, assignment, error);
    if (st != ZF_OK)
        return st;
    list->n_zones += assignment->n_assigned;
    list->n += assignment->shares != NULL ? assignment->n_assigned : 1;
    return ZF_OK;
}

zf_status zf_kept_wkb(zf_kept_list *list, const zf_kept *kept, zf_wkb *out, zf_error *error) {
    zf_shape shape;
    if (kept->repaired.bytes != NULL &&
        zf_wkb_open(kept->repaired.bytes, kept->repaired.n, out) < ZF_WKB_OTHER)
        return ZF_OK;
    zf_status st = zf_batch_shape(list->batch, kept->row, &shape, error);
    *out = shape.wkb;
    return st;
}
