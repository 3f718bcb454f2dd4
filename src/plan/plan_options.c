/* SPDX-License-Identifier: MIT */
#include "plan/plan_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

zf_status zf_plan_take(zf_plan *p, size_t n, size_t size, void *out, zf_error *error) {
    void *bytes = NULL;
    zf_status st = zf_arena_alloc(&p->arena, n, size, &bytes, error);
    if (st != ZF_OK)
        return st;
    memset(bytes, 0, n * size);
    memcpy(out, &bytes, sizeof bytes);
    return ZF_OK;
}

/* ---- scope ---- */

static bool is_measure_name(const char *name) {
    return zf_string_equal_nocase(name, "fid") || zf_measure_by_name(name) != ZF_MEASURE_KINDS;
}

zf_status zf_plan_make_scope(zf_plan *p, const zf_source_info *info, size_t n_computes, zf_error *error) {
    p->n_scope = p->first_computed = ZF_SCOPE_FIELDS + info->n_fields;
    size_t n = p->n_scope + n_computes;
    zf_status st = zf_plan_take(p, n, sizeof *p->scope, &p->scope, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, n, sizeof *p->is_used, &p->is_used, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, n, sizeof *p->is_hidden, &p->is_hidden, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, n, sizeof *p->field_column, &p->field_column, error);
    if (st != ZF_OK)
        return st;
    p->scope[ZF_SCOPE_FID] = (zf_column){"fid", ZF_FIELD_INTEGER};
    for (int m = 0; m < ZF_MEASURE_KINDS; m++)
        p->scope[ZF_SCOPE_MEASURES + m] =
            (zf_column){zf_measure_name((zf_measure)m), zf_measure_type((zf_measure)m)};
    for (size_t i = 0; i < info->n_fields; i++) {
        p->scope[ZF_SCOPE_FIELDS + i] = info->fields[i];
        p->is_hidden[ZF_SCOPE_FIELDS + i] = is_measure_name(info->fields[i].name);
    }
    return ZF_OK;
}

bool zf_plan_find(const zf_plan *p, const char *name, size_t *out) {
    for (size_t i = 0; i < ZF_SCOPE_FIELDS; i++)
        if (zf_string_equal_nocase(p->scope[i].name, name)) {
            *out = i;
            return true;
        }
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = ZF_SCOPE_FIELDS; i < p->n_scope; i++)
            if (pass == 0 ? strcmp(p->scope[i].name, name) == 0
                          : zf_string_equal_nocase(p->scope[i].name, name)) {
                *out = i;
                return true;
            }
    return false;
}

static zf_status unknown_name(const zf_plan *p, const char *option, const char *name, zf_error *error) {
    zf_text names = {0};
    const char **all = malloc(p->n_scope * sizeof *all);
    for (size_t i = 0; i < p->n_scope; i++) {
        if (all != NULL)
            all[i] = p->scope[i].name;
        if (i < 40 && !p->is_hidden[i])
            zf_text_append_format(&names, "%s%s", i == 0 ? "" : ", ", p->scope[i].name);
    }
    const char *near = all != NULL ? zf_string_nearest(name, all, p->n_scope) : NULL;
    if (p->n_scope > 40)
        zf_text_append(&names, ", ...");
    zf_status st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "%s: the building layer has no field '%s'%s%s%s; there are: %s", option, name,
                                near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                                near != NULL ? "'?)" : "", names.bytes != NULL ? names.bytes : "");
    zf_text_deinit(&names);
    free(all);
    return st;
}

zf_status zf_plan_use(zf_plan *p, const char *option, const char *name, size_t *out, zf_error *error) {
    if (!zf_plan_find(p, name, out))
        return unknown_name(p, option, name, error);
    if (p->scope[*out].type == ZF_FIELD_UNSUPPORTED)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "%s: field '%s' is a list, which zonefold cannot carry or count", option, name);
    p->is_used[*out] = true;
    return ZF_OK;
}

/* ---- statistics ---- */

static zf_status add_stat(zf_stat_request *request, const char *name, zf_stat stat, const char *field,
                          zf_error *error) {
    if (!zf_stat_applies(stat, request->type))
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "--stat %s=%s: a field of type %s takes: %s", field, name,
                            zf_field_type_name(request->type), zf_stat_names_for(request->type));
    for (size_t i = 0; i < request->n_stats; i++)
        if (request->stats[i].kind == stat.kind && request->stats[i].percent == stat.percent)
            return ZF_OK;
    request->stats[request->n_stats++] = stat;
    return ZF_OK;
}

static zf_status parse_stat_names(zf_stat_request *request, char *names, const char *field, zf_error *error) {
    for (char *name; (name = strsep(&names, ",")) != NULL;) {
        zf_stat stat;
        if (!zf_stat_parse(name, &stat))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "--stat %s=%s: '%s' is no statistic; a field of type %s takes: %s", field,
                                name, name, zf_field_type_name(request->type),
                                zf_stat_names_for(request->type));
        zf_status st = add_stat(request, name, stat, field, error);
        if (st != ZF_OK)
            return st;
    }
    return ZF_OK;
}

static zf_stat_request *request_for(zf_plan *p, size_t scope) {
    for (size_t i = 0; i < p->n_requests; i++)
        if (p->requests[i].scope == scope)
            return &p->requests[i];
    zf_stat_request *request = &p->requests[p->n_requests++];
    *request = (zf_stat_request){.scope = scope, .type = p->scope[scope].type};
    return request;
}

/** "FIELD=STAT,STAT"; the last '=' divides, so that a field name may hold one. */
static zf_status parse_stat_option(zf_plan *p, const char *text, zf_error *error) {
    char *copy = NULL;
    zf_status st = zf_arena_copy(&p->arena, text, strlen(text), &copy, error);
    if (st != ZF_OK)
        return st;
    char *equals = strrchr(copy, '=');
    if (equals == NULL || equals == copy || equals[1] == '\0')
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "--stat '%s': expected FIELD=STAT[,STAT...], e.g. height=mean,max", text);
    *equals = '\0';
    size_t scope = 0, n_commas = 1;
    for (const char *c = equals + 1; *c != '\0'; c++)
        n_commas += *c == ',';
    st = zf_plan_use(p, "--stat", zf_name_unquote(copy), &scope, error);
    if (st != ZF_OK)
        return st;
    zf_stat_request *request = request_for(p, scope);
    zf_stat *before = request->stats;
    st = zf_plan_take(p, request->n_stats + n_commas, sizeof *request->stats, &request->stats, error);
    if (st != ZF_OK)
        return st;
    if (before != NULL)
        memcpy(request->stats, before, request->n_stats * sizeof *before);
    return parse_stat_names(request, equals + 1, copy, error);
}

static zf_status parse_stats(zf_plan *p, const zf_run_options *options, zf_error *error) {
    static const char *const by_default[] = {"area_m2=sum,mean,median,min,max"};
    const char *const *texts = options->n_stats > 0 ? options->stats : by_default;
    size_t n = options->n_stats > 0 ? options->n_stats : 1;
    zf_status st = zf_plan_take(p, n, sizeof *p->requests, &p->requests, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = parse_stat_option(p, texts[i], error);
    return st;
}

/* ---- analyses ---- */

/* Fields are looked up; zf_analysis_job_name has their names as the layer has them. */
static zf_status settle_fields(zf_plan *p, const char *text, zf_analysis_job *job, zf_error *error) {
    char option[64];
    (void)snprintf(option, sizeof option, "--analysis %s", job->analysis->name);
    for (size_t i = 0; i < job->analysis->n_parameters; i++) {
        zf_argument *argument = &job->arguments[i];
        if (job->analysis->parameters[i].kind != ZF_PARAMETER_FIELD || !argument->is_there)
            continue;
        zf_status st = zf_plan_use(p, option, argument->text, &argument->slot, error);
        if (st != ZF_OK)
            return st;
        const zf_column *column = &p->scope[argument->slot];
        if (!zf_field_type_is_number(column->type))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "--analysis '%s': the field '%s' is of type %s; %s takes numbers", text,
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

static zf_status add_analysis(zf_plan *p, const char *text, zf_error *error) {
    zf_analysis_job *job = &p->analyses[p->n_analyses];
    zf_status st = zf_analysis_job_parse(text, &p->arena, job, error);
    if (st == ZF_OK)
        st = settle_fields(p, text, job, error);
    for (size_t i = 0; st == ZF_OK && i < p->n_analyses; i++)
        if (is_same_job(&p->analyses[i], job))
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--analysis %s is given twice", text);
    if (st != ZF_OK)
        return st;
    p->needs |= zf_analysis_job_needs(job);
    double halo_m = zf_analysis_job_halo_m(job);
    if (halo_m >= 0) {
        p->has_halo = true;
        p->halo_m = halo_m > p->halo_m ? halo_m : p->halo_m;
        p->halo_needs |= zf_analysis_job_needs(job);
    }
    p->n_analyses++;
    return ZF_OK;
}

static zf_status parse_analyses(zf_plan *p, const zf_run_options *options, zf_error *error) {
    static const char *const by_default[] = {"nearest"};
    const char *const *texts = options->n_analyses > 0 ? options->analyses : by_default;
    size_t n = options->n_analyses > 0 ? options->n_analyses : 1;
    zf_status st = zf_plan_take(p, n, sizeof *p->analyses, &p->analyses, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        if (strcmp(texts[i], "none") != 0)
            st = add_analysis(p, texts[i], error);
        else if (n > 1)
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--analysis none stands alone");
    }
    return st;
}

/* ---- fields ---- */

static zf_status use_fields(zf_plan *p, const zf_run_options *options, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0, scope; st == ZF_OK && i < options->n_fields; i++) {
        st = zf_plan_use(p, "--fields", options->fields[i], &scope, error);
        if (st == ZF_OK && scope == ZF_SCOPE_FID)
            st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                              "--fields fid: the feature id is always there, as building_fid");
    }
    return st;
}

zf_status zf_plan_read_options(zf_plan *p, const zf_run_options *options, zf_error *error) {
    zf_status st = parse_stats(p, options, error);
    if (st == ZF_OK)
        st = parse_analyses(p, options, error);
    return st == ZF_OK ? use_fields(p, options, error) : st;
}
