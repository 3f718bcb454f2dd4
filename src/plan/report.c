/* SPDX-License-Identifier: MIT */
/* A forecast as the report of zf_plan_forecast. */
#include "memory/report_arena.h"
#include "plan/forecast.h"
#include "zonefold/plan.h"

#include <string.h>

/** What the functions here pass along. After a failure of memory nothing more is copied. */
typedef struct reporting {
    zf_arena *arena; /**< the report's */
    const zf_forecast *forecast;
    zf_plan_report *out;
    zf_status status;
    zf_error *error;
} reporting;

/* A copy of a text in the report; NULL stays NULL. */
static const char *copy(reporting *r, const char *text) {
    char *out = NULL;
    if (text != NULL && r->status == ZF_OK)
        r->status = zf_arena_copy(r->arena, text, strlen(text), &out, r->error);
    return out;
}

/* n elements of the report; NULL after a failure. */
static void *take(reporting *r, size_t n, size_t size) {
    void *out = NULL;
    if (r->status == ZF_OK)
        r->status = zf_arena_alloc(r->arena, n, size, &out, r->error);
    return r->status == ZF_OK ? out : NULL;
}

static zf_planned_layer describe_layer(reporting *r, const zf_source_info *info) {
    return (zf_planned_layer){.path = copy(r, info->path),
                              .layer = copy(r, info->layer),
                              .driver = copy(r, info->driver),
                              .file_bytes = info->file_bytes,
                              .n_features = info->n_features >= 0 ? info->n_features : -1,
                              .n_fields = info->n_fields};
}

static void describe_zips(reporting *r) {
    zf_planned_zips *zips = &r->out->zips;
    const zf_catalogue *catalogue = r->forecast->catalogue;
    zips->n = zf_catalogue_count(catalogue);
    zips->n_features = zf_catalogue_features_read(catalogue);
    zips->n_vertices = zf_catalogue_points(catalogue, &zips->n_vertices_largest);
}

static void describe_crs(reporting *r) {
    const zf_inputs *in = &r->forecast->inputs;
    zf_planned_crs *crs = &r->out->crs;
    crs->name = copy(r, zf_crs_get_info(in->crs)->name);
    crs->zips_name = copy(r, zf_crs_get_info(in->zips_crs)->name);
    crs->is_geodesic = in->is_geodesic;
    if (in->transform == NULL)
        return;
    zf_text better = {0};
    zf_transform_append_better(in->transform, &better);
    crs->operation = copy(r, zf_transform_describe(in->transform));
    crs->grids = copy(r, zf_transform_grids(in->transform));
    if (better.is_failed && r->status == ZF_OK)
        r->status = zf_error_memory(r->error, better.n, "the names of CRS operations");
    crs->better = copy(r, better.bytes != NULL ? better.bytes : "");
    zf_text_deinit(&better);
}

static void describe_fields(reporting *r) {
    const zf_plan *plan = &r->forecast->plan;
    const zf_source_info *info = zf_source_get_info(r->forecast->inputs.buildings);
    const char **names = take(r, plan->reading.n_fields, sizeof *names);
    for (size_t i = 0; names != NULL && i < plan->reading.n_fields; i++)
        names[i] = copy(r, info->fields[plan->reading.fields[i]].name);
    r->out->columns.fields = (zf_names){names, plan->reading.n_fields};
}

static void describe_measures(reporting *r) {
    size_t n = 0;
    const char **names = take(r, ZF_MEASURE_KINDS, sizeof *names);
    for (unsigned m = 0; names != NULL && m < ZF_MEASURE_KINDS; m++)
        if (r->forecast->plan.reading.measures & 1u << m)
            names[n++] = zf_measure_name((zf_measure)m);
    r->out->columns.measures = (zf_names){names, n};
}

static void describe_expressions(reporting *r) {
    const zf_plan *plan = &r->forecast->plan;
    const size_t n_conditions = zf_plan_n_conditions(plan);
    zf_column *computed = take(r, plan->expressions.n_computes, sizeof *computed);
    const char **conditions = take(r, n_conditions, sizeof *conditions);
    for (size_t k = 0; computed != NULL && k < plan->expressions.n_computes; k++) {
        const zf_column *column =
            &plan->scope.columns[plan->scope.n - plan->expressions.n_computes + k].column;
        computed[k] = (zf_column){copy(r, column->name), column->type};
    }
    for (size_t i = 0; conditions != NULL && i < n_conditions; i++)
        conditions[i] = copy(r, zf_plan_condition_name(plan, i));
    r->out->columns.computed = computed;
    r->out->columns.n_computed = plan->expressions.n_computes;
    r->out->columns.conditions = (zf_names){conditions, n_conditions};
}

static void describe_groups(reporting *r) {
    const zf_plan_groups *groups = &r->forecast->plan.groups;
    const char **names = take(r, groups->n_fields, sizeof *names);
    for (size_t i = 0; names != NULL && i < groups->n_fields; i++)
        names[i] = copy(r, r->forecast->plan.scope.columns[groups->fields[i]].column.name);
    r->out->columns.groups = (zf_names){names, groups->n_fields};
}

static void describe_queries(reporting *r) {
    const zf_plan_queries *planned = &r->forecast->plan.queries;
    zf_planned_query *queries = take(r, planned->n, sizeof *queries);
    for (size_t k = 0; queries != NULL && k < planned->n; k++) {
        const zf_query_columns *result = &planned->results[k];
        const char **columns = take(r, result->n, sizeof *columns);
        for (size_t i = 0; columns != NULL && i < result->n; i++)
            columns[i] = copy(r, result->names[i]);
        queries[k] = (zf_planned_query){copy(r, planned->texts[k].name), {columns, result->n}};
    }
    r->out->columns.queries = queries;
    r->out->columns.n_queries = planned->n;
}

static zf_status describe(const zf_forecast *forecast, zf_plan_report *out, zf_error *error) {
    zf_status status = zf_report_arena_create(&out->storage, error);
    if (status != ZF_OK)
        return status;
    reporting r = {out->storage, forecast, out, ZF_OK, error};
    out->zips_layer = describe_layer(&r, zf_source_get_info(forecast->inputs.zips));
    out->buildings_layer = describe_layer(&r, zf_source_get_info(forecast->inputs.buildings));
    describe_zips(&r);
    describe_crs(&r);
    describe_fields(&r);
    describe_measures(&r);
    describe_expressions(&r);
    describe_groups(&r);
    describe_queries(&r);
    out->columns.map_by = copy(&r, forecast->plan.result.zip_columns[forecast->plan.result.map_column].name);
    out->cost = (zf_planned_cost){.n_passes = forecast->n_passes,
                                  .n_batch_rows = forecast->batch_rows,
                                  .n_threads = forecast->n_threads,
                                  .memory_bytes = forecast->memory_bytes,
                                  .memory_limit_bytes = forecast->shares.limit_bytes,
                                  .temporary_bytes = forecast->spill_bytes,
                                  .result_bytes = forecast->result_bytes};
    return r.status;
}

zf_status zf_plan_forecast(const zf_run_options *options, const zf_callbacks *callbacks, zf_plan_report *out,
                           zf_error *error) {
    zf_forecast forecast;
    *out = (zf_plan_report){0};
    zf_status status = zf_forecast_make(options, callbacks, &forecast, error);
    if (status != ZF_OK)
        return status;
    status = describe(&forecast, out, error);
    zf_forecast_deinit(&forecast);
    if (status != ZF_OK)
        zf_plan_report_deinit(out);
    return status;
}

void zf_plan_report_deinit(zf_plan_report *report) {
    zf_report_arena_destroy(report->storage);
    *report = (zf_plan_report){0};
}
