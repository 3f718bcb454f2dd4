/* SPDX-License-Identifier: MIT */
#include "pipeline/plan_internal.h"

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
    if (request->n_stats > 0)
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

static zf_status unknown_analysis(const char *name, zf_error *error) {
    zf_text names = {0};
    size_t n = 0;
    const zf_analysis *const *all = zf_analyses(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(&names, "%s, ", all[i]->name);
    zf_status st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--analysis '%s': there are: %snone",
                                name, names.bytes != NULL ? names.bytes : "");
    zf_text_deinit(&names);
    return st;
}

static zf_status add_analysis(zf_plan *p, const char *text, zf_error *error) {
    const char *colon = strchr(text, ':');
    char name[64];
    size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (n >= sizeof name)
        return unknown_analysis(text, error);
    memcpy(name, text, n);
    name[n] = '\0';
    const zf_analysis *analysis = zf_analysis_by_name(name);
    if (analysis == NULL)
        return unknown_analysis(name, error);
    if (colon != NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--analysis '%s': %s takes no parameters",
                            text, name);
    for (size_t i = 0; i < p->n_analyses; i++)
        if (p->analyses[i] == analysis)
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--analysis %s is given twice", name);
    p->analyses[p->n_analyses++] = analysis;
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
