/* SPDX-License-Identifier: MIT */
/* The groups of buildings within each ZIP: their fields, their rows, the columns of zip_group. */
#include "plan/plan_internal.h"

zf_status zf_plan_use_groups(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                             zf_plan_groups *out, zf_error *error) {
    *out = (zf_plan_groups){.n_fields = 0};
    zf_status st = zf_plan_take(arena, options->n_by, sizeof *out->fields, &out->fields, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_by; i++) {
        size_t column = 0;
        st = zf_scope_use(scope, "`by`", options->by[i], &column, error);
        for (size_t k = 0; st == ZF_OK && k < out->n_fields; k++)
            if (out->fields[k] == column)
                st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                  "`by` %s: the field is given twice; give each field once", options->by[i]);
        if (st == ZF_OK)
            out->fields[out->n_fields++] = column;
    }
    return st;
}

/** The statistics of the ZIPs, and a layout of rows that holds nothing but what they need. */
static zf_status make_rows(zf_plan *plan, zf_error *error) {
    zf_plan_groups *groups = &plan->groups;
    zf_arena *arena = &plan->arena;
    const zf_carried none = {.n = 0};
    zf_plan_analyses no_analyses = {.n = 0};
    zf_plan_queries no_queries = {.n = 0};
    groups->statistics = plan->statistics;
    zf_status st = zf_plan_take(arena, plan->statistics.n, sizeof *groups->statistics.requests,
                                &groups->statistics.requests, error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < plan->statistics.n; i++)
        groups->statistics.requests[i] = plan->statistics.requests[i];
    return zf_plan_make_layout(&plan->scope, &none, &groups->statistics, &no_analyses, &no_queries, arena,
                               &groups->layout, error);
}

/** A field's name, with a suffix where it is that of a column that every zip_group has. */
static zf_status name_field(const char *name, zf_arena *arena, const char **out, zf_error *error) {
    zf_text text = {0};
    char *copy = NULL;
    *out = name;
    for (size_t i = 0; i < ZF_GROUP_FIXED; i++)
        if (zf_string_equal_nocase(name, zf_group_columns[i].name))
            zf_text_append_format(&text, "%s_2", name);
    if (text.n == 0)
        return ZF_OK;
    zf_status st = text.is_failed ? zf_error_memory(error, text.n, "a column name")
                                  : zf_arena_copy(arena, text.bytes, text.n, &copy, error);
    zf_text_deinit(&text);
    *out = copy;
    return st;
}

zf_status zf_plan_make_groups(zf_plan *plan, zf_error *error) {
    zf_plan_groups *groups = &plan->groups;
    const zf_column *statistics = plan->result.zip_columns + ZF_ZIP_FIXED + plan->zips.n_fields;
    size_t n_statistics = 0, n = 0;
    for (size_t i = 0; i < plan->statistics.n; i++)
        n_statistics += plan->statistics.requests[i].n_stats;
    zf_status st = make_rows(plan, error);
    if (st == ZF_OK)
        st = zf_plan_take(&plan->arena, groups->n_fields + ZF_GROUP_FIXED + n_statistics,
                          sizeof *groups->columns, &groups->columns, error);
    for (size_t i = 0; st == ZF_OK && i < groups->n_fields; i++) {
        groups->columns[n] = plan->scope.columns[groups->fields[i]].column;
        st = name_field(groups->columns[n].name, &plan->arena, &groups->columns[n].name, error);
        n++;
    }
    for (size_t i = 0; st == ZF_OK && i < ZF_GROUP_FIXED; i++)
        groups->columns[n++] = (zf_column){zf_group_columns[i].name, zf_group_columns[i].type};
    for (size_t i = 0; st == ZF_OK && i < n_statistics; i++)
        groups->columns[n++] = statistics[i];
    groups->n_columns = n;
    return st;
}
