/* SPDX-License-Identifier: MIT */
/* The layout of the gathered rows: what the per-ZIP work takes of each building. */
#include "plan/plan_internal.h"

/* The slot of a scope column among the numbers, a new one where it has none. Integer measures are doubles. */
static size_t number_slot(zf_row_layout *layout, const zf_scope *scope, size_t column, unsigned uses) {
    const zf_scope_column *c = &scope->columns[column];
    size_t slot = 0;
    while (slot < layout->n_numbers && layout->slots[slot].column != column)
        slot++;
    if (slot == layout->n_numbers) {
        bool is_integer = c->column.type == ZF_FIELD_INTEGER && c->kind != ZF_SCOPE_KIND_MEASURE;
        layout->slots[layout->n_numbers++] = (zf_slot){.column = column,
                                                       .kind = is_integer ? ZF_SLOT_INTEGER : ZF_SLOT_REAL,
                                                       .integer = layout->n_integers};
        layout->n_integers += is_integer;
    }
    layout->slots[slot].uses |= uses;
    return slot;
}

/* Numbers of which a statistic needs all at once make a column. Integers are added up in any case: that is
 * exact. */
static void add_numbers(const zf_scope *scope, zf_stat_request *request, bool is_weighted,
                        zf_row_layout *layout) {
    bool is_column = (request->sources & ZF_FROM_COLUMN) != 0;
    for (size_t i = 0; is_weighted && i < request->n_stats; i++)
        is_column |=
            zf_stat_is_weighted(request->stats[i]) && zf_stat_source_of(request->stats[i]) == ZF_FROM_RUNNING;
    request->slot =
        number_slot(layout, scope, request->column, is_column ? ZF_USED_AS_COLUMN : ZF_USED_AS_TOTAL);
    if (layout->slots[request->slot].kind == ZF_SLOT_INTEGER)
        layout->slots[request->slot].uses |= ZF_USED_AS_TOTAL;
}

static void add_arguments(const zf_scope *scope, zf_analysis_job *job, zf_row_layout *layout) {
    for (size_t i = 0; i < job->analysis->n_parameters; i++) {
        zf_argument *argument = &job->arguments[i];
        if (job->analysis->parameters[i].kind == ZF_PARAMETER_FIELD && argument->is_there)
            argument->slot =
                number_slot(layout, scope, argument->column, ZF_USED_AS_COLUMN | ZF_USED_BY_ANALYSIS);
    }
}

static void add_slots(const zf_scope *scope, zf_plan_statistics *statistics, zf_plan_analyses *analyses,
                      zf_row_layout *layout) {
    (void)number_slot(layout, scope, zf_scope_measure(ZF_MEASURE_AREA_M2), ZF_USED_AS_TOTAL);
    if (analyses->needs & ZF_NEEDS_POINTS) {
        (void)number_slot(layout, scope, zf_scope_measure(ZF_MEASURE_CENTROID_X), 0);
        (void)number_slot(layout, scope, zf_scope_measure(ZF_MEASURE_CENTROID_Y), 0);
    }
    if (statistics->is_weighted)
        layout->weight = number_slot(layout, scope, zf_scope_measure(ZF_MEASURE_SHARE),
                                     ZF_USED_AS_COLUMN | ZF_USED_AS_WEIGHT);
    for (size_t i = 0; i < statistics->n; i++)
        if (zf_field_type_is_number(statistics->requests[i].type))
            add_numbers(scope, &statistics->requests[i], statistics->is_weighted, layout);
    for (size_t i = 0; i < analyses->n; i++)
        add_arguments(scope, &analyses->jobs[i], layout);
    for (size_t i = 0; i < statistics->n; i++) {
        zf_stat_request *request = &statistics->requests[i];
        if (zf_field_type_is_number(request->type))
            continue;
        request->slot = layout->n_numbers + layout->n_texts++;
        layout->slots[request->slot] = (zf_slot){.column = request->column, .kind = ZF_SLOT_TEXT};
    }
    if (!statistics->is_weighted)
        layout->weight = layout->n_numbers;
}

/* The carried columns, then those that only the queries read. */
static zf_status list_payload(const zf_carried *carried, size_t n_scope, zf_plan_queries *queries, zf_arena *arena,
                              zf_row_layout *layout, zf_error *error) {
    zf_status st = zf_plan_take(arena, carried->n + queries->n_columns, sizeof *layout->payload,
                                &layout->payload, error);
    if (st == ZF_OK)
        st =
            zf_plan_take(arena, queries->n_columns, sizeof *queries->payload_at, &queries->payload_at, error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < carried->n; i++)
        layout->payload[layout->n_payload++] = carried->columns[i];
    for (size_t i = 0; i < queries->n_columns; i++) {
        size_t at = 0;
        if (queries->columns[i] == ZF_SCOPE_FID || queries->columns[i] >= n_scope) /* each row, each ZIP has it */
            continue;
        while (at < layout->n_payload && layout->payload[at] != queries->columns[i])
            at++;
        queries->payload_at[i] = at;
        if (at == layout->n_payload)
            layout->payload[layout->n_payload++] = queries->columns[i];
    }
    return ZF_OK;
}

zf_status zf_plan_make_layout(const zf_scope *scope, const zf_carried *carried,
                              zf_plan_statistics *statistics, zf_plan_analyses *analyses,
                              zf_plan_queries *queries, zf_arena *arena, zf_row_layout *out,
                              zf_error *error) {
    enum { N_FIXED = 4 }; /* area, centroid x and y, share */
    const size_t most = N_FIXED + statistics->n + analyses->n * ZF_PARAMETERS_MAX;
    *out = (zf_row_layout){.n_numbers = 0};
    zf_status st = zf_plan_take(arena, most, sizeof *out->slots, &out->slots, error);
    if (st != ZF_OK)
        return st;
    add_slots(scope, statistics, analyses, out);
    return list_payload(carried, scope->n, queries, arena, out, error);
}
