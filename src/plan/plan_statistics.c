/* SPDX-License-Identifier: MIT */
/* The statistics requested of each column. */
#include "plan/plan_internal.h"

/* What a statistic is called here that other programs call so, or NULL. */
static const char *other_name(const char *name) {
    static const char *const names[][2] = {{"avg", "mean"},
                                           {"average", "mean"},
                                           {"med", "median"},
                                           {"std", "stddev"},
                                           {"sd", "stddev"},
                                           {"stdev", "stddev"},
                                           {"stddev_pop", "stddev"},
                                           {"stddev_samp", "stddev_sample"},
                                           {"var", "variance"},
                                           {"total", "sum"},
                                           {"majority", "mode"},
                                           {"variety", "unique"},
                                           {"nunique", "unique"},
                                           {"distinct", "unique"},
                                           {"count_distinct", "unique"},
                                           {"n", "count"},
                                           {"minimum", "min"},
                                           {"maximum", "max"},
                                           {"nulls", "missing"},
                                           {"count_missing", "missing"},
                                           {"firstquartile", "q1"},
                                           {"thirdquartile", "q3"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (zf_string_equal_nocase(name, names[i][0]))
            return names[i][1];
    return NULL;
}

/* The error names what a field of the type takes. */
static zf_status refuse_stat(const zf_stat_request *request, const char *field, const char *name,
                             bool is_known, zf_error *error) {
    zf_text names = {0};
    zf_stat_append_names(&names, request->type);
    if (is_known && request->type == ZF_FIELD_TEXT)
        zf_text_append_format(
            &names,
            "; if its texts are numbers: `computes` h='number(\"%s\")' (metres() for lengths "
            "with units), and `stats` h=%s",
            field, name);
    if (names.n == 0)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`stats` %s=%s: a field of type %s takes no statistic; to count its values, use "
                            "`computes` has_it='\"%s\" IS NOT NULL' and `stats` has_it=sum",
                            field, name, zf_field_type_name(request->type), field);
    const char *meant = is_known ? NULL : other_name(name);
    zf_status st = zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`stats` %s=%s: %s%s%s%s%s%s%sa field of type %s takes: %s",
        field, name, is_known ? "" : "'", is_known ? "" : name, is_known ? "" : "' is no statistic",
        meant != NULL ? " (did you mean '" : "", meant != NULL ? meant : "", meant != NULL ? "'?)" : "",
        is_known ? "" : "; ", zf_field_type_name(request->type), names.bytes);
    zf_text_deinit(&names);
    return st;
}

static bool has_stat(const zf_stat_request *request, zf_stat stat) {
    for (size_t i = 0; i < request->n_stats; i++)
        if (request->stats[i].kind == stat.kind && request->stats[i].percent == stat.percent)
            return true;
    return false;
}

/* Names with commas between, which are taken apart; the request has room. */
static zf_status parse_stat_names(zf_stat_request *request, char *names, const char *field, zf_error *error) {
    for (char *name; (name = strsep(&names, ",")) != NULL;) {
        zf_stat stat;
        const bool is_known = zf_stat_parse(name, &stat);
        if (!is_known || !zf_stat_applies(stat, request->type))
            return refuse_stat(request, field, name, is_known, error);
        if (!has_stat(request, stat))
            request->stats[request->n_stats++] = stat;
    }
    return ZF_OK;
}

static zf_stat_request *request_for(const zf_scope *scope, size_t column, zf_plan_statistics *statistics) {
    for (size_t i = 0; i < statistics->n; i++)
        if (statistics->requests[i].column == column)
            return &statistics->requests[i];
    zf_stat_request *request = &statistics->requests[statistics->n++];
    *request = (zf_stat_request){.column = column, .type = scope->columns[column].column.type};
    return request;
}

/* "FIELD=STAT,STAT"; the last '=' divides, so that a field name may hold one. */
static zf_status read_option(const char *text, zf_arena *arena, zf_scope *scope, zf_plan_statistics *out,
                             zf_error *error) {
    char *copy = NULL;
    zf_status st = zf_arena_copy(arena, text, strlen(text), &copy, error);
    if (st != ZF_OK)
        return st;
    char *equals = strrchr(copy, '=');
    if (equals == NULL || equals == copy || equals[1] == '\0')
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`stats` '%s': expected FIELD=STAT[,STAT...], e.g. height=mean,max", text);
    *equals = '\0';
    size_t column = 0, n_names = 1;
    for (const char *c = equals + 1; *c != '\0'; c++)
        n_names += *c == ',';
    st = zf_scope_use(scope, "`stats`", zf_name_unquote(copy), &column, error);
    if (st != ZF_OK)
        return st;
    zf_stat_request *request = request_for(scope, column, out);
    zf_stat *before = request->stats;
    st = zf_plan_take(arena, request->n_stats + n_names, sizeof *request->stats, &request->stats, error);
    if (st != ZF_OK)
        return st;
    if (before != NULL)
        memcpy(request->stats, before, request->n_stats * sizeof *before);
    return parse_stat_names(request, equals + 1, copy, error);
}

static void list_sources(zf_plan_statistics *statistics) {
    for (size_t i = 0; i < statistics->n; i++) {
        zf_stat_request *request = &statistics->requests[i];
        for (size_t s = 0; s < request->n_stats; s++)
            request->sources |= (unsigned)zf_stat_source_of(request->stats[s]);
        statistics->sources |= request->sources;
    }
}

zf_status zf_plan_make_statistics(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                                  zf_plan_statistics *out, zf_error *error) {
    static const char *const by_default[] = {"area_m2=sum,mean,median,min,max"};
    const char *const *texts = options->n_stats > 0 ? options->stats : by_default;
    size_t n = options->n_stats > 0 ? options->n_stats : 1;
    *out = (zf_plan_statistics){.is_weighted = options->assign == ZF_ASSIGN_SHARE};
    zf_status st = zf_plan_take(arena, n, sizeof *out->requests, &out->requests, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = read_option(texts[i], arena, scope, out, error);
    list_sources(out);
    return st;
}
