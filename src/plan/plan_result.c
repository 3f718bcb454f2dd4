/* SPDX-License-Identifier: MIT */
/* The columns of the result tables. */
#include "plan/plan_internal.h"

/** Writes a name of a column or table with the job's arguments in it into the arena. */
static zf_status write_name(const zf_analysis_job *job, const char *pattern, zf_arena *arena,
                            const char **out, zf_error *error) {
    zf_text text = {0};
    char *name = NULL;
    zf_analysis_job_name(job, pattern, &text);
    zf_status st = text.is_failed || text.bytes == NULL
                       ? zf_error_memory(error, text.n, "a column name")
                       : zf_arena_copy(arena, text.bytes, text.n, &name, error);
    zf_text_deinit(&text);
    *out = name;
    return st;
}

/* Columns of an analysis, under the names that its arguments give them. */
static zf_status name_columns(const zf_analysis_job *job, const zf_result_column *columns, size_t n,
                              zf_arena *arena, zf_column *out, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        out[i].type = columns[i].type;
        st = write_name(job, columns[i].name, arena, &out[i].name, error);
    }
    return st;
}

/* "height_mean" of height's mean. */
static zf_status name_stat(const zf_scope *scope, const zf_stat_request *request, zf_stat stat,
                           bool is_weighted, zf_arena *arena, zf_column *out, zf_error *error) {
    char suffix[24];
    zf_text text = {0};
    char *name = NULL;
    zf_stat_name(stat, suffix);
    zf_text_append_format(&text, "%s_%s", scope->columns[request->column].column.name, suffix);
    zf_status st = text.is_failed ? zf_error_memory(error, text.n, "a column name")
                                  : zf_arena_copy(arena, text.bytes, text.n, &name, error);
    zf_text_deinit(&text);
    *out = (zf_column){name, zf_stat_result_type(stat, request->type, is_weighted)};
    return st;
}

/* The columns of the default statistics and analyses. They follow each other. */
static void find_defaults(const zf_run_options *options, size_t first_statistic, size_t first_analysis,
                          size_t n, zf_plan_result *out) {
    out->first_default = options->n_stats == 0 ? first_statistic : first_analysis;
    out->n_default = (options->n_analyses == 0 ? n : first_analysis) - out->first_default;
}

static zf_status list_zip_columns(const zf_run_options *options, zf_plan *plan, zf_error *error) {
    const zf_plan_statistics *statistics = &plan->statistics;
    const zf_plan_analyses *analyses = &plan->analyses;
    zf_plan_result *out = &plan->result;
    zf_arena *arena = &plan->arena;
    size_t n = ZF_ZIP_FIXED + plan->zips.n_fields;
    for (size_t i = 0; i < statistics->n; i++)
        n += statistics->requests[i].n_stats;
    for (size_t i = 0; i < analyses->n; i++)
        n += analyses->jobs[i].analysis->n_zip_columns;
    zf_status st = zf_plan_take(arena, n, sizeof *out->zip_columns, &out->zip_columns, error);
    if (st != ZF_OK)
        return st;
    zf_column *next = out->zip_columns;
    for (size_t i = 0; i < ZF_ZIP_FIXED; i++)
        *next++ = (zf_column){zf_zip_columns[i].name, zf_zip_columns[i].type};
    for (size_t i = 0; i < plan->zips.n_fields; i++)
        *next++ = plan->zips.columns[i];
    const size_t first_statistic = (size_t)(next - out->zip_columns);
    for (size_t i = 0; i < statistics->n; i++)
        for (size_t s = 0; st == ZF_OK && s < statistics->requests[i].n_stats; s++)
            st = name_stat(&plan->scope, &statistics->requests[i], statistics->requests[i].stats[s],
                           statistics->is_weighted, arena, next++, error);
    find_defaults(options, first_statistic, (size_t)(next - out->zip_columns), n, out);
    for (size_t i = 0; st == ZF_OK && i < analyses->n; i++) {
        const zf_analysis *analysis = analyses->jobs[i].analysis;
        st = name_columns(&analyses->jobs[i], analysis->zip_columns, analysis->n_zip_columns, arena, next,
                          error);
        next += analysis->n_zip_columns;
    }
    out->n_zip_columns = n;
    return st;
}

static bool writes_columns(const zf_run_options *options) {
    return options->buildings_out == ZF_BUILDINGS_GEOMETRY ||
           options->buildings_out == ZF_BUILDINGS_ATTRIBUTES;
}

zf_status zf_plan_list_carried(const zf_run_options *options, const zf_scope *scope, bool is_weighted,
                               zf_arena *arena, zf_carried *out, zf_error *error) {
    const size_t share = zf_scope_measure(ZF_MEASURE_SHARE), area = zf_scope_measure(ZF_MEASURE_AREA_M2);
    *out = (zf_carried){.n = 0};
    zf_status st = zf_plan_take(arena, scope->n, sizeof *out->columns, &out->columns, error);
    if (st != ZF_OK)
        return st;
    if (is_weighted && options->buildings_out != ZF_BUILDINGS_NONE)
        out->columns[out->n++] = share;
    for (size_t i = ZF_SCOPE_FIRST_MEASURE; writes_columns(options) && i < scope->n; i++)
        if (i != share && (i == area || scope->columns[i].is_used))
            out->columns[out->n++] = i;
    return ZF_OK;
}

static zf_status list_building_columns(const zf_run_options *options, const zf_scope *scope,
                                       const zf_carried *carried, const zf_plan_analyses *analyses,
                                       zf_arena *arena, zf_plan_result *out, zf_error *error) {
    const size_t share = zf_scope_measure(ZF_MEASURE_SHARE);
    size_t n = 1 + carried->n;
    for (size_t i = 0; i < analyses->n; i++)
        n += analyses->jobs[i].analysis->n_building_columns;
    zf_status st = zf_plan_take(arena, n, sizeof *out->building_columns, &out->building_columns, error);
    if (st != ZF_OK)
        return st;
    zf_column *next = out->building_columns;
    out->n_carried = carried->n;
    out->n_constant = writes_columns(options) && (carried->n == 0 || carried->columns[0] != share);
    if (out->n_constant > 0)
        *next++ = scope->columns[share].column;
    for (size_t i = 0; i < carried->n; i++)
        *next++ = scope->columns[carried->columns[i]].column;
    for (size_t i = 0; writes_columns(options) && st == ZF_OK && i < analyses->n; i++) {
        const zf_analysis *analysis = analyses->jobs[i].analysis;
        st = name_columns(&analyses->jobs[i], analysis->building_columns, analysis->n_building_columns, arena,
                          next, error);
        next += analysis->n_building_columns;
    }
    out->n_building_columns = (size_t)(next - out->building_columns);
    return st;
}

static zf_status list_tables(const zf_plan_analyses *analyses, zf_arena *arena, zf_plan_result *out,
                             zf_error *error) {
    zf_status st = zf_plan_take(arena, analyses->n, sizeof *out->tables, &out->tables, error);
    for (size_t i = 0; st == ZF_OK && i < analyses->n; i++) {
        const zf_analysis_job *job = &analyses->jobs[i];
        const zf_analysis *analysis = job->analysis;
        const char *name = NULL;
        zf_column *columns = NULL;
        if (analysis->table.name == NULL)
            continue;
        st = write_name(job, analysis->table.name, arena, &name, error);
        if (st == ZF_OK)
            st = zf_plan_take(arena, analysis->table.n_columns, sizeof *columns, &columns, error);
        if (st == ZF_OK)
            st = name_columns(job, analysis->table.columns, analysis->table.n_columns, arena, columns, error);
        out->tables[out->n_tables++] = (zf_output_analysis_table){name, columns, analysis->table.n_columns,
                                                                  analysis->table.has_polygons};
    }
    return st;
}

zf_status zf_plan_make_result(const zf_run_options *options, zf_plan *plan, const zf_carried *carried,
                              zf_error *error) {
    zf_arena *arena = &plan->arena;
    plan->result = (zf_plan_result){.n_zip_columns = 0};
    zf_status st = list_zip_columns(options, plan, error);
    if (st == ZF_OK)
        st = list_building_columns(options, &plan->scope, carried, &plan->analyses, arena, &plan->result,
                                   error);
    return st == ZF_OK ? list_tables(&plan->analyses, arena, &plan->result, error) : st;
}
