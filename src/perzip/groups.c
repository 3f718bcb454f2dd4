/* SPDX-License-Identifier: MIT */
/* The rows of zip_group of one ZIP: its gathered rows come sorted by group. */
#include "perzip/zip.h"
#include "stream/group_key.h"

#include <string.h>

enum { CHUNK_BYTES = 4 * 1024 };

/** The group whose rows are being read. */
typedef struct grouping {
    const zf_zip_work *work;
    zf_collecting task;
    zf_collected collected; /**< of its important buildings */
    zf_bytes key;           /**< in arenas.result; bytes NULL: no group so far */
    uint64_t n_buildings;
    zf_area_sum built_m2;
    zf_arena result;  /**< of one group */
    zf_arena columns; /**< of all groups of the ZIP */
} grouping;

/** The values of its fields, then those of the fixed columns. */
static zf_status fill_values(grouping *g, zf_value *values, zf_error *error) {
    const zf_plan_groups *groups = &g->work->perzip->plan->groups;
    uint8_t *texts = NULL;
    zf_status st = zf_arena_take(&g->result, g->key.n, 1, &texts, error);
    if (st != ZF_OK)
        return st;
    zf_group_key_read(g->key, groups->n_fields, texts, values);
    values += groups->n_fields;
    values[ZF_GROUP_BUILDINGS] = zf_value_integer((int64_t)g->n_buildings);
    values[ZF_GROUP_IMPORTANT] = zf_value_integer((int64_t)g->collected.n);
    values[ZF_GROUP_BUILT_AREA] = zf_value_real(zf_area_sum_get(&g->built_m2));
    return ZF_OK;
}

/** Writes the group that was read, if there is one. */
static zf_status end_group(grouping *g, zf_error *error) {
    const zf_perzip *perzip = g->work->perzip;
    const zf_plan_groups *groups = &perzip->plan->groups;
    zf_value *values = NULL;
    if (g->key.bytes == NULL)
        return ZF_OK;
    zf_status st = zf_arena_take(&g->result, groups->n_columns, sizeof *values, &values, error);
    if (st == ZF_OK)
        st = fill_values(g, values, error);
    if (st == ZF_OK)
        st =
            zf_collected_evaluate(&g->task, &g->collected, values + groups->n_fields + ZF_GROUP_FIXED, error);
    if (st == ZF_OK)
        st = zf_output_write_group(perzip->output.file, g->work->zone->rank, g->work->zone->zip, values,
                                   error);
    zf_area_sum_deinit(&g->built_m2);
    zf_arena_release(&g->result);
    g->key.bytes = NULL;
    return st;
}

static zf_status begin_group(grouping *g, zf_bytes key, zf_error *error) {
    char *copy = NULL;
    zf_status st = zf_check_cancelled(g->work->perzip->callbacks, error);
    if (st == ZF_OK)
        st = zf_arena_copy(&g->result, key.bytes, key.n, &copy, error);
    if (st == ZF_OK)
        st = zf_collected_begin(&g->task, &g->collected, error);
    g->key = (zf_bytes){(const uint8_t *)copy, key.n};
    g->n_buildings = 0;
    return st;
}

static zf_status add_row(void *user, const zf_gather_row *row, zf_error *error) {
    grouping *g = user;
    const zf_row_layout *layout = g->task.layout;
    const zf_bytes key = row->texts[0];
    zf_status st = ZF_OK;
    if (g->key.bytes == NULL || g->key.n != key.n || memcmp(g->key.bytes, key.bytes, key.n) != 0) {
        st = end_group(g, error);
        if (st == ZF_OK)
            st = begin_group(g, key, error);
    }
    if (st != ZF_OK)
        return st;
    const double share = g->task.statistics->is_weighted ? row->cells[layout->weight].real : 1;
    zf_gather_row values = *row;
    values.texts++;
    g->n_buildings++;
    st = zf_area_sum_add(&g->built_m2, share * row->cells[ZF_SLOT_AREA].real, error);
    const bool is_important = row->cells[zf_layout_n_cells(layout)].integer != 0;
    return st == ZF_OK && is_important ? zf_collected_add(&g->task, &g->collected, &values, error) : st;
}

zf_status zf_zip_write_groups(zf_zip_work *w, zf_error *error) {
    const zf_perzip *perzip = w->perzip;
    const zf_plan_groups *groups = &perzip->plan->groups;
    if (perzip->input.groups == NULL)
        return ZF_OK;
    grouping g = {.work = w};
    zf_arena_init(&g.result, perzip->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_arena_init(&g.columns, perzip->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    g.task = (zf_collecting){.statistics = &groups->statistics,
                             .layout = &groups->layout,
                             .budget = perzip->budget,
                             .result = &g.result,
                             .columns = &g.columns};
    zf_status st = zf_collected_take_columns(&g.task, w->own.n, &g.collected, error);
    if (st == ZF_OK)
        st = zf_gather_visit(perzip->input.groups, w->zone->rank, add_row, &g, error);
    if (st == ZF_OK)
        st = end_group(&g, error);
    zf_collected_release(&g.task, &g.collected);
    zf_area_sum_deinit(&g.built_m2);
    zf_arena_release(&g.result);
    zf_arena_release(&g.columns);
    return st == ZF_OK ? st : zf_error_within(error, st, "the groups of `by`");
}
