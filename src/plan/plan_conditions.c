/* SPDX-License-Identifier: MIT */
/* Computed columns and conditions as the options name them. */
#include "plan/plan_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME_BYTES = 200, MAX_RULES = 1000 };

/* Which byte of an option ends its name: the first '=' outside double quotes. */
static size_t name_length(const char *text) {
    bool is_quoted = false;
    size_t n = 0;
    for (; text[n] != '\0' && (is_quoted || text[n] != '='); n++)
        is_quoted ^= text[n] == '"';
    return n;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* NULL, or what is wrong with a name. Without quotes only what cannot be the beginning of an expression: then
 * --rule height>=5 is no rule called "height>". */
static const char *judge_name(const char *name, bool is_quoted) {
    size_t n = strlen(name);
    if (n == 0)
        return "the name is empty";
    if (n > MAX_NAME_BYTES)
        return "the name is longer than 200 bytes";
    if (!zf_text_is_utf8(name))
        return "the name is not UTF-8";
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        (unsigned char)c >= 0x80 || strchr("_-. ", c) != NULL;
        if ((unsigned char)c < ' ' || c == 0x7F)
            return "the name holds a control character";
        if (!is_quoted && !is_plain)
            return "a name of more than letters, digits, blanks and _ - . is written in double quotes";
    }
    return NULL;
}

zf_status zf_plan_parse_named(zf_plan *p, const char *option, const char *expected, const char *text,
                              zf_select_named *out, zf_error *error) {
    char *copy = NULL;
    size_t n = name_length(text), begin = 0;
    const char *problem = text[n] == '\0' ? "there is no '=' after the name" : NULL;
    const char *expression = text + n + (text[n] == '=');
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    while (begin < n && is_blank(text[begin]))
        begin++;
    zf_status st = zf_arena_copy(&p->arena, text + begin, n - begin, &copy, error);
    if (st != ZF_OK)
        return st;
    bool is_quoted = copy[0] == '"';
    zf_name_unquote(copy);
    if (problem == NULL)
        problem = judge_name(copy, is_quoted);
    if (problem != NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--%s '%s': %s; expected %s", option, text,
                            problem, expected);
    *out = (zf_select_named){copy, expression};
    return ZF_OK;
}

static zf_status refuse_name(const char *option, const char *name, const char *what, zf_error *error) {
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--%s '%s': %s; choose another name", option,
                        name, what);
}

/** The scope so far: fid, the measures, the fields and the earlier computed columns. */
static zf_status take_compute(zf_plan *p, const char *text, zf_error *error) {
    zf_select_named named;
    size_t scope = 0;
    zf_status st =
        zf_plan_parse_named(p, "compute", "NAME=EXPR, e.g. storeys='height / 3.5'", text, &named, error);
    if (st != ZF_OK)
        return st;
    if (zf_plan_find(p, named.name, &scope))
        return refuse_name("compute", named.name,
                           scope < ZF_SCOPE_FIELDS     ? "there is a measure of that name"
                           : scope < p->first_computed ? "the building layer has a field of that name"
                                                       : "there is a computed column of that name already",
                           error);
    p->computes[p->n_computes++] = named;
    p->scope[p->n_scope++] = (zf_column){named.name, ZF_FIELD_TEXT};
    return ZF_OK;
}

static zf_status take_rule(zf_plan *p, const char *text, zf_error *error) {
    zf_select_named named;
    zf_status st = zf_plan_parse_named(p, "rule", "NAME=EXPR, e.g. tall='height > 60'", text, &named, error);
    if (st == ZF_OK && zf_string_equal_nocase(named.name, "where"))
        return refuse_name("rule", named.name, "that is how the funnel calls --where", error);
    for (size_t i = 0; st == ZF_OK && i < p->n_rules; i++)
        if (zf_string_equal_nocase(p->rules[i].name, named.name))
            return refuse_name("rule", named.name, "there is a rule of that name already", error);
    if (st == ZF_OK)
        p->rules[p->n_rules++] = named;
    return st;
}

zf_status zf_plan_read_expressions(zf_plan *p, const zf_run_options *options, zf_error *error) {
    if (options->n_rules > MAX_RULES)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "--rule: %zu rules are more than %d",
                            options->n_rules, MAX_RULES);
    zf_status st = zf_plan_take(p, options->n_computes, sizeof *p->computes, &p->computes, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, options->n_rules, sizeof *p->rules, &p->rules, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_computes; i++)
        st = take_compute(p, options->computes[i], error);
    for (size_t i = 0; st == ZF_OK && i < options->n_rules; i++)
        st = take_rule(p, options->rules[i], error);
    p->has_where = options->where != NULL;
    return st;
}

static bool is_column_of(const zf_analysis_job *job, const char *name) {
    bool is_one = false;
    for (size_t c = 0; c < job->analysis->n_building_columns; c++) {
        zf_text column = {0};
        zf_analysis_job_name(job, job->analysis->building_columns[c].name, &column);
        is_one = is_one || (column.bytes != NULL && zf_string_equal_nocase(column.bytes, name));
        zf_text_deinit(&column);
    }
    return is_one;
}

/* Beside the columns of fields, a computed one stands under its own name or not at all: the sink would else
 * call it, or the analysis's, zip_2. */
static bool is_taken(const zf_plan *p, const char *name) {
    static const char *const own[] = {"id",   "zip_rank", "zip", "building_fid",
                                      "geom", "rowid",    "oid", "_rowid_"};
    bool is_own = false;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        is_own = is_own || zf_string_equal_nocase(own[i], name);
    for (size_t i = 0; i < p->n_analyses; i++)
        is_own = is_own || is_column_of(&p->analyses[i], name);
    return is_own;
}

zf_status zf_plan_check_computes(const zf_plan *p, zf_error *error) {
    for (size_t k = 0; k < p->n_computes; k++)
        if (is_taken(p, p->computes[k].name))
            return refuse_name("compute", p->computes[k].name,
                               "important_building has a column of that name already", error);
    return ZF_OK;
}

const char *zf_plan_condition_name(const zf_plan *plan, size_t i) {
    if (plan->has_where && i == 0)
        return "where";
    return plan->rules[i - plan->has_where].name;
}
