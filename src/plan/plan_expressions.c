/* SPDX-License-Identifier: MIT */
/* Computed columns and conditions. */
#include "plan/plan_internal.h"
#include "sql/slips.h"

#include <stdlib.h>

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
 * the rule height>=5 is no rule called "height>". */
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

zf_status zf_plan_parse_named(zf_arena *arena, const char *parameter, const char *expected, const char *text,
                              zf_named_expression *out, zf_error *error) {
    char *copy = NULL;
    size_t n = name_length(text), begin = 0;
    const char *problem = text[n] == '\0' ? "there is no '=' after the name" : NULL;
    const char *expression = text + n + (text[n] == '=');
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    while (begin < n && is_blank(text[begin]))
        begin++;
    zf_status st = zf_arena_copy(arena, text + begin, n - begin, &copy, error);
    if (st != ZF_OK)
        return st;
    bool is_quoted = copy[0] == '"';
    zf_name_unquote(copy);
    if (problem == NULL)
        problem = judge_name(copy, is_quoted);
    if (problem != NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s '%s': %s; expected %s", parameter,
                            text, problem, expected);
    *out = (zf_named_expression){copy, expression};
    return ZF_OK;
}

static zf_status refuse_name(const char *parameter, const char *name, const char *what, zf_error *error) {
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s '%s': %s; choose another name", parameter,
                        name, what);
}

/* The scope so far: fid, the measures, the fields and the earlier computed columns. */
static zf_status read_compute(const char *text, zf_arena *arena, zf_scope *scope, zf_plan_expressions *out,
                              zf_error *error) {
    static const char *const what[] = {[ZF_SCOPE_KIND_FID] = "there is a measure of that name",
                                       [ZF_SCOPE_KIND_MEASURE] = "there is a measure of that name",
                                       [ZF_SCOPE_KIND_FIELD] = "the building layer has a field of that name",
                                       [ZF_SCOPE_KIND_COMPUTED] =
                                           "there is a computed column of that name already"};
    zf_named_expression named;
    size_t column = 0;
    zf_status st = zf_plan_parse_named(arena, "`computes`", "NAME=EXPR, e.g. storeys='height / 3.5'", text,
                                       &named, error);
    if (st != ZF_OK)
        return st;
    if (zf_scope_find(scope, named.name, &column))
        return refuse_name("`computes`", named.name, what[scope->columns[column].kind], error);
    out->computes[out->n_computes++] = named;
    zf_scope_add_computed(scope, named.name);
    return ZF_OK;
}

static zf_status read_rule(const char *text, zf_arena *arena, zf_plan_expressions *out, zf_error *error) {
    zf_named_expression named;
    zf_status st =
        zf_plan_parse_named(arena, "`rules`", "NAME=EXPR, e.g. tall='height > 60'", text, &named, error);
    if (st == ZF_OK && zf_string_equal_nocase(named.name, "where"))
        return refuse_name("`rules`", named.name, "that is how the funnel calls `where`", error);
    for (size_t i = 0; st == ZF_OK && i < out->n_rules; i++)
        if (zf_string_equal_nocase(out->rules[i].name, named.name))
            return refuse_name("`rules`", named.name, "there is a rule of that name already", error);
    if (st == ZF_OK)
        out->rules[out->n_rules++] = named;
    return st;
}

static zf_status read_options(const zf_run_options *options, zf_arena *arena, zf_scope *scope,
                              zf_plan_expressions *out, zf_error *error) {
    if (options->n_rules > MAX_RULES)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`rules`: %zu rules are more than %d",
                            options->n_rules, MAX_RULES);
    zf_status st = zf_plan_take(arena, options->n_computes, sizeof *out->computes, &out->computes, error);
    if (st == ZF_OK)
        st = zf_plan_take(arena, options->n_rules, sizeof *out->rules, &out->rules, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_computes; i++)
        st = read_compute(options->computes[i], arena, scope, out, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_rules; i++)
        st = read_rule(options->rules[i], arena, out, error);
    return st;
}

static zf_status compile(const zf_scope *scope, const zf_plan_expressions *e, const zf_callbacks *callbacks,
                         zf_expressions **out, zf_error *error) {
    zf_column *columns = malloc(scope->n * sizeof *columns);
    if (columns == NULL)
        return zf_error_memory(error, scope->n * sizeof *columns, "the columns of expressions");
    zf_scope_list(scope, columns);
    zf_expressions_options select = {.columns = columns,
                                     .n_columns = scope->n - e->n_computes,
                                     .computes = e->computes,
                                     .n_computes = e->n_computes,
                                     .where = e->where,
                                     .rules = e->rules,
                                     .n_rules = e->n_rules,
                                     .decimal_sign = e->decimal_sign};
    zf_status st = zf_expressions_create(&select, callbacks, out, error);
    free(columns);
    return st;
}

/* Computed columns are always in use: they are asked for by name. */
static void note_uses(const zf_expressions *select, const zf_callbacks *callbacks, zf_scope *scope) {
    for (size_t i = 0; i < scope->n; i++) {
        zf_scope_column *c = &scope->columns[i];
        const bool is_computed = c->kind == ZF_SCOPE_KIND_COMPUTED;
        c->is_used = is_computed || zf_expressions_use(select, i);
        if (is_computed)
            c->column.type = zf_expressions_type(select, c->number);
    }
    for (size_t i = 0; i < scope->n; i++) {
        size_t measure = 0;
        if (scope->columns[i].is_hidden && zf_scope_find(scope, scope->columns[i].column.name, &measure) &&
            scope->columns[measure].is_used)
            zf_log(callbacks, ZF_LOG_WARNING,
                   "'%s' means the measure, not the building layer's field of that name",
                   scope->columns[measure].column.name);
    }
}

/** Warns of each text column that is compared with a number. */
static void warn_of_texts(const zf_scope *scope, const zf_expressions *select,
                          const zf_callbacks *callbacks) {
    for (size_t i = 0; i < scope->n; i++)
        if (zf_expressions_compare_text(select, i))
            zf_log(callbacks, ZF_LOG_WARNING,
                   "'%s' is a text, and a comparison of it with a number compares texts ('9' > '30'): write "
                   "number(\"%s\") to compare numbers, metres(\"%s\") for lengths with units ('12 m', '40 "
                   "ft'), or "
                   "CAST(\"%s\" AS REAL)",
                   scope->columns[i].column.name, scope->columns[i].column.name,
                   scope->columns[i].column.name, scope->columns[i].column.name);
}

/** Warns of what cannot be meant in an expression. name: of a rule or a computed column, else "". */
static void warn_of_slips(const char *parameter, const char *name, const char *text,
                          const zf_callbacks *callbacks) {
    const zf_expression_slips slips = zf_expression_find_slips(text);
    const char *gap = *name != '\0' ? " " : "";
    if (slips.compares_null)
        zf_log(callbacks, ZF_LOG_WARNING,
               "%s%s%s: a comparison with NULL is never true: write IS NULL or IS NOT NULL (%s)", parameter,
               gap, name, text);
    if (slips.concats_conditions)
        zf_log(callbacks, ZF_LOG_WARNING,
               "%s%s%s: || joins two texts, and the comparisons on its sides are not what they seem: write "
               "OR (%s)",
               parameter, gap, name, text);
}

static void warn_of_all_slips(const zf_plan_expressions *e, const zf_callbacks *callbacks) {
    for (size_t i = 0; i < e->n_computes; i++)
        warn_of_slips("`computes`", e->computes[i].name, e->computes[i].text, callbacks);
    if (e->where != NULL)
        warn_of_slips("`where`", "", e->where, callbacks);
    for (size_t i = 0; i < e->n_rules; i++)
        warn_of_slips("`rules`", e->rules[i].name, e->rules[i].text, callbacks);
}

/** Copies what number() and metres() read in each expression, and marks these columns of the scope. */
static zf_status list_numbers(const zf_expressions *select, zf_arena *arena, zf_scope *scope,
                              zf_plan_expressions *out, zf_error *error) {
    out->n = zf_expressions_count(select);
    zf_status st = zf_plan_take(arena, out->n, sizeof *out->number_names, &out->number_names, error);
    for (size_t i = 0; st == ZF_OK && i < out->n; i++) {
        const char *names = zf_expressions_number_names(select, i);
        char *copy = NULL;
        if (names != NULL)
            st = zf_arena_copy(arena, names, strlen(names), &copy, error);
        out->number_names[i] = copy;
    }
    for (size_t i = 0; i < scope->n; i++)
        scope->columns[i].is_number_text = zf_expressions_read_number(select, i);
    return st;
}

zf_status zf_plan_make_expressions(const zf_run_options *options, const zf_callbacks *callbacks,
                                   zf_arena *arena, zf_scope *scope, zf_plan_expressions *out,
                                   zf_error *error) {
    zf_expressions *select = NULL;
    *out = (zf_plan_expressions){.where = options->where};
    zf_status st = read_options(options, arena, scope, out, error);
    if (st == ZF_OK)
        st = compile(scope, out, callbacks, &select, error);
    if (st != ZF_OK)
        return st;
    note_uses(select, callbacks, scope);
    warn_of_texts(scope, select, callbacks);
    warn_of_all_slips(out, callbacks);
    out->uses_share = zf_expressions_use(select, zf_scope_measure(ZF_MEASURE_SHARE));
    st = list_numbers(select, arena, scope, out, error);
    zf_expressions_destroy(select);
    return st;
}

zf_status zf_plan_compile(const zf_plan *plan, const zf_callbacks *callbacks, zf_expressions **out,
                          zf_error *error) {
    return compile(&plan->scope, &plan->expressions, callbacks, out, error);
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

/* Beside the columns of fields, a computed one stands under its own name or not at all: the output would else
 * call it, or the analysis's, zip_2. */
static bool is_taken(const zf_plan_analyses *analyses, const char *name) {
    static const char *const own[] = {"id",   "zip_rank", "zip", "building_fid",
                                      "geom", "rowid",    "oid", "_rowid_"};
    bool is_own = false;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        is_own = is_own || zf_string_equal_nocase(own[i], name);
    for (size_t i = 0; i < analyses->n; i++)
        is_own = is_own || is_column_of(&analyses->jobs[i], name);
    return is_own;
}

zf_status zf_plan_check_computes(const zf_plan_expressions *expressions, const zf_plan_analyses *analyses,
                                 zf_error *error) {
    for (size_t k = 0; k < expressions->n_computes; k++)
        if (is_taken(analyses, expressions->computes[k].name))
            return refuse_name("`computes`", expressions->computes[k].name,
                               "important_building has a column of that name already", error);
    return ZF_OK;
}

const char *zf_plan_condition_name(const zf_plan *plan, size_t i) {
    const bool has_where = plan->expressions.where != NULL;
    return has_where && i == 0 ? "where" : plan->expressions.rules[i - has_where].name;
}
