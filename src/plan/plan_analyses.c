/* SPDX-License-Identifier: MIT */
/* The analyses, what they need, and how far they look. */
#include "plan/plan_internal.h"

#include <stdio.h>

/* Looks the fields up, and calls them as the layer does. */
static zf_status find_fields(const char *text, zf_scope *scope, zf_analysis_job *job, zf_error *error) {
    char parameter[64];
    (void)snprintf(parameter, sizeof parameter, "`analyses` %s", job->analysis->name);
    for (size_t i = 0; i < job->analysis->n_parameters; i++) {
        zf_argument *argument = &job->arguments[i];
        if (job->analysis->parameters[i].kind != ZF_PARAMETER_FIELD || !argument->is_there)
            continue;
        zf_status st = zf_scope_use(scope, parameter, argument->text, &argument->column, error);
        if (st != ZF_OK)
            return st;
        const zf_column *column = &scope->columns[argument->column].column;
        if (!zf_field_type_is_number(column->type))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "`analyses` '%s': the field '%s' is of type %s; %s takes numbers", text,
                                column->name, zf_field_type_name(column->type),
                                job->analysis->parameters[i].name);
        argument->text = column->name;
    }
    return ZF_OK;
}

static bool is_same_job(const zf_analysis_job *a, const zf_analysis_job *b) {
    zf_text first = {0}, second = {0};
    zf_analysis_job_write(a, &first);
    zf_analysis_job_write(b, &second);
    bool is_same = first.bytes != NULL && second.bytes != NULL && strcmp(first.bytes, second.bytes) == 0;
    zf_text_deinit(&first);
    zf_text_deinit(&second);
    return is_same;
}

static void add_needs(const zf_analysis_job *job, zf_plan_analyses *out) {
    const unsigned needs = zf_analysis_job_needs(job);
    const double metres = zf_analysis_job_halo_m(job);
    out->needs |= needs;
    if (metres < 0)
        return;
    out->halo.is_needed = true;
    out->halo.metres = metres > out->halo.metres ? metres : out->halo.metres;
    out->halo.needs |= needs;
}

static zf_status add(const char *text, zf_arena *arena, zf_scope *scope, zf_plan_analyses *out,
                     zf_error *error) {
    zf_analysis_job *job = &out->jobs[out->n];
    zf_status st = zf_analysis_job_parse(text, arena, job, error);
    if (st == ZF_OK)
        st = find_fields(text, scope, job, error);
    for (size_t i = 0; st == ZF_OK && i < out->n; i++)
        if (is_same_job(&out->jobs[i], job))
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`analyses` %s is given twice", text);
    if (st != ZF_OK)
        return st;
    add_needs(job, out);
    out->n++;
    return ZF_OK;
}

zf_status zf_plan_make_analyses(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                                zf_plan_analyses *out, zf_error *error) {
    static const char *const by_default[] = {"nearest"};
    const char *const *texts = options->n_analyses > 0 ? options->analyses : by_default;
    size_t n = options->n_analyses > 0 ? options->n_analyses : 1;
    *out = (zf_plan_analyses){.n = 0};
    zf_status st = zf_plan_take(arena, n, sizeof *out->jobs, &out->jobs, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        if (strcmp(texts[i], "none") != 0)
            st = add(texts[i], arena, scope, out, error);
        else if (n > 1)
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`analyses` none stands alone");
    }
    return st;
}
