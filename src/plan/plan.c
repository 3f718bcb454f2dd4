/* SPDX-License-Identifier: MIT */
#include "plan/plan_internal.h"

#include <string.h>

/* clang-format off */
static const zf_column fixed_zip_columns[ZF_ZIP_FIXED] = {
    [ZF_ZIP_PARTS] = {"parts", ZF_FIELD_INTEGER},         [ZF_ZIP_AREA] = {"area_m2", ZF_FIELD_REAL},
    [ZF_ZIP_BUILDINGS] = {"buildings", ZF_FIELD_INTEGER}, [ZF_ZIP_IMPORTANT] = {"important", ZF_FIELD_INTEGER},
    [ZF_ZIP_CROSSING] = {"crossing", ZF_FIELD_INTEGER},   [ZF_ZIP_BUILT_AREA] = {"built_area_m2", ZF_FIELD_REAL},
    [ZF_ZIP_COVERAGE] = {"coverage", ZF_FIELD_REAL},      [ZF_ZIP_PER_KM2] = {"per_km2", ZF_FIELD_REAL},
};
/* clang-format on */

/* Computed columns are always in use: they are asked for by name. */
static void use_expressions(zf_plan *p, const zf_select *select, const zf_callbacks *callbacks) {
    for (size_t i = 0; i < p->n_scope; i++)
        if (zf_select_uses(select, i) || i >= p->first_computed)
            p->is_used[i] = true;
    for (size_t k = 0; k < p->n_computes; k++)
        p->scope[p->first_computed + k].type = zf_select_type(select, k);
    for (size_t i = ZF_SCOPE_FIELDS; i < p->first_computed; i++) {
        size_t measure = 0;
        if (p->is_hidden[i] && zf_plan_find(p, p->scope[i].name, &measure) && p->is_used[measure])
            zf_log(callbacks, ZF_LOG_WARNING,
                   "'%s' means the measure, not the building layer's field of that name",
                   p->scope[measure].name);
    }
}

/** A CSV file has texts only, and SQLite compares '9' > '10' as texts. */
static void warn_of_texts(const zf_plan *p, const zf_source_info *info, const zf_select *select,
                          const zf_callbacks *callbacks) {
    if (strcmp(info->driver, "CSV") != 0)
        return;
    for (size_t i = ZF_SCOPE_FIELDS; i < p->first_computed; i++)
        if (zf_select_uses(select, i) && p->scope[i].type == ZF_FIELD_TEXT) {
            zf_log(callbacks, ZF_LOG_WARNING,
                   "the fields of a CSV file are texts: to compare '%s' with a number, write CAST(\"%s\" AS "
                   "REAL)",
                   p->scope[i].name, p->scope[i].name);
            return;
        }
}

static zf_status list_fields(zf_plan *p, zf_error *error) {
    zf_status st = zf_plan_take(p, p->n_scope, sizeof *p->fields, &p->fields, error);
    for (size_t i = ZF_SCOPE_FIELDS; st == ZF_OK && i < p->first_computed; i++)
        if (p->is_used[i]) {
            p->field_column[i] = p->n_fields;
            p->fields[p->n_fields++] = (int)(i - ZF_SCOPE_FIELDS);
        }
    for (unsigned m = 0; m < ZF_MEASURE_KINDS; m++)
        if (p->is_used[ZF_SCOPE_MEASURES + m])
            p->measures |= 1u << m;
    p->measures |= 1u << ZF_MEASURE_AREA_M2;
    if (p->is_weighted)
        p->measures |= 1u << ZF_MEASURE_SHARE;
    if (p->needs & ZF_NEEDS_POINTS)
        p->measures |= 1u << ZF_MEASURE_CENTROID_X | 1u << ZF_MEASURE_CENTROID_Y;
    return st;
}

/** Whether it shows in some statistic that integers are rounded to doubles. */
static bool needs_rest(const zf_plan *p, const zf_stat_request *request) {
    bool may_be_large = request->scope == ZF_SCOPE_FID || request->scope >= ZF_SCOPE_FIELDS, shows = false;
    for (size_t i = 0; i < request->n_stats; i++)
        shows |= request->stats[i].kind != ZF_STAT_COUNT && request->stats[i].kind != ZF_STAT_MISSING &&
                 zf_stat_source_of(request->stats[i]) != ZF_FROM_COLUMN;
    return shows && may_be_large && p->scope[request->scope].type == ZF_FIELD_INTEGER;
}

static void add_number(zf_plan *p, zf_stat_request *request) {
    for (request->slot = 0; request->slot < p->n_numbers; request->slot++)
        if (p->number_scope[request->slot] == request->scope)
            break;
    if (request->slot == p->n_numbers)
        p->number_scope[p->n_numbers++] = request->scope;
    request->has_rest = needs_rest(p, request);
    if (request->has_rest) {
        p->is_rest[p->n_numbers] = true;
        p->number_scope[p->n_numbers++] = request->scope;
    }
    bool is_column = (request->sources & ZF_FROM_COLUMN) != 0;
    for (size_t i = 0; p->is_weighted && i < request->n_stats; i++)
        is_column |=
            zf_stat_is_weighted(request->stats[i]) && zf_stat_source_of(request->stats[i]) == ZF_FROM_RUNNING;
    p->is_column[request->slot] |= is_column;
    p->is_added[request->slot] |= !is_column || request->has_rest;
}

static void add_request(zf_plan *p, zf_stat_request *request) {
    for (size_t i = 0; i < request->n_stats; i++)
        request->sources |= (unsigned)zf_stat_source_of(request->stats[i]);
    p->has_notes |= (request->sources & (ZF_FROM_PLACES | ZF_FROM_CLASSES)) != 0;
    if (zf_field_type_is_number(request->type)) {
        add_number(p, request);
    } else {
        request->slot = p->n_texts;
        p->text_scope[p->n_texts++] = request->scope;
    }
}

static zf_status take_gathered(zf_plan *p, zf_error *error) {
    size_t most = ZF_NUMBER_FIRST_FREE + 1 + 2 * p->n_requests + p->n_analyses * ZF_PARAMETERS_MAX;
    zf_status st = zf_plan_take(p, most, sizeof *p->number_scope, &p->number_scope, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, most + 1, sizeof *p->is_rest, &p->is_rest, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, most, sizeof *p->is_column, &p->is_column, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, most, sizeof *p->is_kept, &p->is_kept, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, most, sizeof *p->is_added, &p->is_added, error);
    return st == ZF_OK ? zf_plan_take(p, p->n_requests, sizeof *p->text_scope, &p->text_scope, error) : st;
}

static size_t number_slot(zf_plan *p, size_t scope) {
    for (size_t slot = 0; slot < p->n_numbers; slot++)
        if (p->number_scope[slot] == scope)
            return slot;
    p->number_scope[p->n_numbers] = scope;
    return p->n_numbers++;
}

static void list_arguments(zf_plan *p, zf_analysis_job *job) {
    for (size_t i = 0; i < job->analysis->n_parameters; i++) {
        zf_argument *argument = &job->arguments[i];
        if (job->analysis->parameters[i].kind != ZF_PARAMETER_FIELD || !argument->is_there)
            continue;
        argument->slot = number_slot(p, argument->slot);
        p->is_column[argument->slot] = p->is_kept[argument->slot] = true;
    }
}

/** Which columns the gathered rows hold for the per-ZIP work. */
static zf_status list_gathered(zf_plan *p, zf_error *error) {
    zf_status st = take_gathered(p, error);
    if (st != ZF_OK)
        return st;
    p->is_added[ZF_NUMBER_AREA] = true;
    p->number_scope[p->n_numbers++] = ZF_SCOPE_MEASURES + ZF_MEASURE_AREA_M2;
    if (p->needs & ZF_NEEDS_POINTS) {
        p->number_scope[p->n_numbers++] = ZF_SCOPE_MEASURES + ZF_MEASURE_CENTROID_X;
        p->number_scope[p->n_numbers++] = ZF_SCOPE_MEASURES + ZF_MEASURE_CENTROID_Y;
    }
    if (p->is_weighted) {
        p->weight_slot = p->n_numbers;
        p->number_scope[p->n_numbers++] = ZF_SCOPE_MEASURES + ZF_MEASURE_SHARE;
        p->is_column[p->weight_slot] = true;
    }
    for (size_t i = 0; i < p->n_requests; i++)
        add_request(p, &p->requests[i]);
    for (size_t i = 0; i < p->n_analyses; i++)
        list_arguments(p, &p->analyses[i]);
    return ZF_OK;
}

static zf_status name_stat_column(zf_plan *p, const zf_stat_request *request, zf_stat stat, zf_error *error) {
    char suffix[24];
    zf_stat_name(stat, suffix);
    const char *field = p->scope[request->scope].name;
    char *name = NULL;
    void *bytes = NULL;
    size_t n_field = strlen(field), n_suffix = strlen(suffix);
    zf_status st = zf_arena_alloc(&p->arena, n_field + n_suffix + 2, 1, &bytes, error);
    if (st != ZF_OK)
        return st;
    name = bytes;
    memcpy(name, field, n_field);
    name[n_field] = '_';
    memcpy(name + n_field + 1, suffix, n_suffix + 1);
    p->zip_columns[p->n_zip_columns++] =
        (zf_column){name, zf_stat_result_type(stat, request->type, p->is_weighted)};
    return ZF_OK;
}

/** A name with the job's arguments in it, in the plan's arena. */
static zf_status name_with_arguments(zf_plan *p, const zf_analysis_job *job, const char *pattern,
                                     const char **out, zf_error *error) {
    zf_text text = {0};
    char *name = NULL;
    zf_analysis_job_name(job, pattern, &text);
    zf_status st = text.is_failed || text.bytes == NULL
                       ? zf_error_memory(error, text.n, "a column name")
                       : zf_arena_copy(&p->arena, text.bytes, text.n, &name, error);
    zf_text_deinit(&text);
    *out = name;
    return st;
}

/** Columns of an analysis, under the names that its arguments give them. */
static zf_status name_columns(zf_plan *p, const zf_analysis_job *job, const zf_column *columns, size_t n,
                              zf_column *out, zf_error *error) {
    for (size_t i = 0; i < n; i++) {
        const char *name = NULL;
        zf_status st = name_with_arguments(p, job, columns[i].name, &name, error);
        if (st != ZF_OK)
            return st;
        out[i] = (zf_column){name, columns[i].type};
    }
    return ZF_OK;
}

static zf_status list_zip_columns(zf_plan *p, zf_error *error) {
    size_t n = ZF_ZIP_FIXED;
    for (size_t i = 0; i < p->n_requests; i++)
        n += p->requests[i].n_stats;
    for (size_t i = 0; i < p->n_analyses; i++)
        n += p->analyses[i].analysis->n_zip_columns;
    zf_status st = zf_plan_take(p, n, sizeof *p->zip_columns, &p->zip_columns, error);
    if (st != ZF_OK)
        return st;
    for (; p->n_zip_columns < ZF_ZIP_FIXED; p->n_zip_columns++)
        p->zip_columns[p->n_zip_columns] = fixed_zip_columns[p->n_zip_columns];
    for (size_t i = 0; i < p->n_requests; i++)
        for (size_t s = 0; st == ZF_OK && s < p->requests[i].n_stats; s++)
            st = name_stat_column(p, &p->requests[i], p->requests[i].stats[s], error);
    for (size_t i = 0; st == ZF_OK && i < p->n_analyses; i++) {
        const zf_analysis *analysis = p->analyses[i].analysis;
        st = name_columns(p, &p->analyses[i], analysis->zip_columns, analysis->n_zip_columns,
                          p->zip_columns + p->n_zip_columns, error);
        p->n_zip_columns += analysis->n_zip_columns;
    }
    return st;
}

static void carry(zf_plan *p, size_t scope) {
    p->carried[p->n_carried++] = scope;
    p->building_columns[p->n_building_columns++] = p->scope[scope];
}

/* Whole buildings need not carry it. */
static void begin_with_share(zf_plan *p) {
    size_t share = ZF_SCOPE_MEASURES + ZF_MEASURE_SHARE;
    if (p->is_weighted) {
        carry(p, share);
    } else {
        p->building_columns[p->n_building_columns++] = p->scope[share];
        p->n_constant = 1;
    }
}

static zf_status list_building_columns(zf_plan *p, const zf_run_options *options, zf_error *error) {
    size_t n = p->n_scope + 1;
    for (size_t i = 0; i < p->n_analyses; i++)
        n += p->analyses[i].analysis->n_building_columns;
    zf_status st = zf_plan_take(p, n, sizeof *p->building_columns, &p->building_columns, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, p->n_scope, sizeof *p->carried, &p->carried, error);
    bool has_columns =
        options->buildings_out != ZF_BUILDINGS_IDS && options->buildings_out != ZF_BUILDINGS_NONE;
    if (st == ZF_OK && (has_columns || (p->is_weighted && options->buildings_out == ZF_BUILDINGS_IDS)))
        begin_with_share(p);
    if (st != ZF_OK || !has_columns)
        return st;
    p->is_used[ZF_SCOPE_MEASURES + ZF_MEASURE_AREA_M2] = true;
    for (size_t i = ZF_SCOPE_MEASURES; i < p->n_scope; i++)
        if (p->is_used[i] && i != ZF_SCOPE_MEASURES + ZF_MEASURE_SHARE)
            carry(p, i);
    for (size_t i = 0; st == ZF_OK && i < p->n_analyses; i++) {
        const zf_analysis *analysis = p->analyses[i].analysis;
        st = name_columns(p, &p->analyses[i], analysis->building_columns, analysis->n_building_columns,
                          p->building_columns + p->n_building_columns, error);
        p->n_building_columns += analysis->n_building_columns;
    }
    return st;
}

static zf_status list_tables(zf_plan *p, zf_error *error) {
    zf_status st = zf_plan_take(p, p->n_analyses, sizeof *p->tables, &p->tables, error);
    for (size_t i = 0; st == ZF_OK && i < p->n_analyses; i++) {
        const zf_analysis *analysis = p->analyses[i].analysis;
        const char *name = NULL;
        zf_column *columns = NULL;
        if (analysis->table == NULL)
            continue;
        st = name_with_arguments(p, &p->analyses[i], analysis->table, &name, error);
        if (st == ZF_OK)
            st = zf_plan_take(p, analysis->n_table_columns, sizeof *columns, &columns, error);
        if (st == ZF_OK)
            st = name_columns(p, &p->analyses[i], analysis->table_columns, analysis->n_table_columns, columns,
                              error);
        p->tables[p->n_tables++] =
            (zf_output_further){name, columns, analysis->n_table_columns, analysis->has_table_polygons};
    }
    return st;
}

/** Nothing is gathered when every number can be added up where it is found. */
static bool needs_rows(const zf_plan *p, const zf_run_options *options) {
    bool has_columns = p->n_texts > 0 || p->has_notes;
    for (size_t i = 0; i < p->n_numbers; i++)
        has_columns |= p->is_column[i];
    return has_columns || p->n_analyses > 0 || p->n_questions > 0 ||
           options->buildings_out != ZF_BUILDINGS_NONE;
}

zf_status zf_plan_compile(const zf_plan *plan, const zf_run_options *options, const zf_callbacks *callbacks,
                          zf_select **out, zf_error *error) {
    zf_select_options select = {.columns = plan->scope,
                                .n_columns = plan->first_computed,
                                .computes = plan->computes,
                                .n_computes = plan->n_computes,
                                .where = options->where,
                                .rules = plan->rules,
                                .n_rules = plan->n_rules};
    return zf_select_create(&select, callbacks, out, error);
}

/* A building has a share of each ZIP that it is of, and none of those that it is only near. */
static zf_status check_halo(const zf_plan *p, bool uses_share, zf_error *error) {
    if (!p->has_halo || !p->is_weighted || !uses_share)
        return ZF_OK;
    return zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
        "an expression goes by 'share', which a building has in its own ZIPs only: that does not "
        "go together with the halo_m of an analysis under --assign share");
}

zf_status zf_plan_make(const zf_run_options *options, const zf_source *buildings,
                       const zf_callbacks *callbacks, zf_budget *budget, zf_plan *out, zf_error *error) {
    zf_select *select = NULL;
    *out = (zf_plan){.is_weighted = options->assign == ZF_ASSIGN_SHARE};
    zf_arena_init(&out->arena, budget, ZF_MEMORY_RECORD, 16 * 1024);
    zf_status st = zf_plan_make_scope(out, zf_source_get_info(buildings), options->n_computes, error);
    if (st == ZF_OK)
        st = zf_plan_read_expressions(out, options, error);
    if (st == ZF_OK)
        st = zf_plan_compile(out, options, callbacks, &select, error);
    if (st == ZF_OK) {
        use_expressions(out, select, callbacks);
        warn_of_texts(out, zf_source_get_info(buildings), select, callbacks);
        bool uses_share = zf_select_uses(select, ZF_SCOPE_MEASURES + ZF_MEASURE_SHARE);
        zf_select_destroy(select);
        st = zf_plan_read_options(out, options, error);
        if (st == ZF_OK)
            st = check_halo(out, uses_share, error);
    }
    if (st == ZF_OK)
        st = zf_plan_check_computes(out, error);
    if (st == ZF_OK)
        st = zf_plan_read_questions(out, options, callbacks, error);
    if (st == ZF_OK)
        st = list_fields(out, error);
    if (st == ZF_OK)
        st = list_gathered(out, error);
    if (st == ZF_OK)
        st = list_zip_columns(out, error);
    if (st == ZF_OK)
        st = list_building_columns(out, options, error);
    if (st == ZF_OK)
        st = zf_plan_list_payload(out, error);
    if (st == ZF_OK)
        st = list_tables(out, error);
    if (st != ZF_OK)
        zf_plan_deinit(out);
    else
        out->has_rows = needs_rows(out, options);
    return st;
}

void zf_plan_deinit(zf_plan *plan) {
    zf_questions_close(plan->questions);
    zf_arena_release(&plan->arena);
    *plan = (zf_plan){0};
}
