/* SPDX-License-Identifier: MIT */
/* Fields of the ZIP layer in zip_summary, and columns that are computed of its columns. */
#include "plan/plan_internal.h"

#include <stdlib.h>

/* ---- fields ---- */

static bool is_listed(const zf_plan_zips *zips, int field) {
    for (size_t k = 0; k < zips->n_fields; k++)
        if (zips->fields[k] == field)
            return true;
    return false;
}

/** Adds one field of the ZIP layer; one that is named twice is there once. */
static zf_status add_field(const zf_source *source, const char *text, zf_arena *arena, zf_plan_zips *out,
                           zf_error *error) {
    const zf_source_info *info = zf_source_get_info(source);
    char *name = NULL;
    int field = -1;
    zf_status st = zf_arena_copy(arena, text, strlen(text), &name, error);
    if (st == ZF_OK)
        st = zf_zone_find_field(source, "`zip_fields`", zf_name_unquote(name), &field, error);
    if (st != ZF_OK || is_listed(out, field))
        return st;
    if (info->fields[field].type == ZF_FIELD_UNSUPPORTED)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`zip_fields` %s: the field is of a type (a list or the like) that the result cannot hold; "
                            "leave it out",
                            name);
    out->fields[out->n_fields] = field;
    out->columns[out->n_fields++] = info->fields[field];
    return ZF_OK;
}

/** Lists the fields for the user's SELECTs, as zip_NAME. */
static zf_status list_for_queries(const zf_plan_zips *zips, zf_arena *arena, zf_scope *scope, zf_error *error) {
    zf_column *columns = NULL;
    zf_status st = zf_plan_take(arena, zips->n_fields, sizeof *columns, &columns, error);
    for (size_t k = 0; st == ZF_OK && k < zips->n_fields; k++) {
        zf_text name = {0};
        char *copy = NULL;
        zf_text_append_format(&name, "zip_%s", zips->columns[k].name);
        st = name.is_failed ? zf_error_memory(error, name.n, "a column name")
                            : zf_arena_copy(arena, name.bytes, name.n, &copy, error);
        zf_text_deinit(&name);
        columns[k] = (zf_column){copy, zips->columns[k].type};
    }
    scope->zip_columns = columns;
    scope->n_zip_columns = zips->n_fields;
    return st;
}

zf_status zf_plan_make_zip_fields(const zf_run_options *options, const zf_source *zips, zf_arena *arena,
                                  zf_scope *scope, zf_plan_zips *out, zf_error *error) {
    *out = (zf_plan_zips){.n_fields = 0};
    zf_status st = zf_plan_take(arena, options->n_zip_fields, sizeof *out->fields, &out->fields, error);
    if (st == ZF_OK)
        st = zf_plan_take(arena, options->n_zip_fields, sizeof *out->columns, &out->columns, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_zip_fields; i++)
        st = add_field(zips, options->zip_fields[i], arena, out, error);
    return st == ZF_OK ? list_for_queries(out, arena, scope, error) : st;
}

/* ---- computed columns ---- */

static bool has_name(const zf_column *columns, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (zf_string_equal_nocase(columns[i].name, name))
            return true;
    return zf_string_equal_nocase(name, "zip_rank") || zf_string_equal_nocase(name, "zip") ||
           zf_string_equal_nocase(name, "geom") || zf_string_equal_nocase(name, "rowid");
}

/** Reads NAME=EXPR; result: the columns so far. */
static zf_status read_compute(const char *text, zf_arena *arena, const zf_plan_result *result,
                              zf_plan_zips *out, zf_error *error) {
    zf_named_expression named;
    zf_status st = zf_plan_parse_named(arena, "`zip_computes`", "NAME=EXPR, e.g. per_head='built_area_m2 / population'",
                                       text, &named, error);
    if (st != ZF_OK)
        return st;
    if (has_name(result->zip_columns, result->n_zip_columns, named.name))
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`zip_computes` '%s': zip_summary has a column of that name already; choose another name",
                            named.name);
    out->computes[out->n_computes++] = named;
    return ZF_OK;
}

static zf_status compile(const zf_plan *plan, size_t n_computes, const zf_callbacks *callbacks, zf_expressions **out,
                         zf_error *error) {
    const zf_plan_result *result = &plan->result;
    const size_t n_given = result->n_zip_columns - plan->zips.n_computes;
    zf_column *columns = malloc((ZF_ZIP_KEYS + n_given) * sizeof *columns);
    if (columns == NULL)
        return zf_error_memory(error, n_given * sizeof *columns, "the columns of zip_summary");
    columns[0] = (zf_column){"zip_rank", ZF_FIELD_INTEGER};
    columns[1] = (zf_column){"zip", ZF_FIELD_TEXT};
    memcpy(columns + ZF_ZIP_KEYS, result->zip_columns, n_given * sizeof *columns);
    const zf_expressions_options options = {.columns = columns,
                                            .n_columns = ZF_ZIP_KEYS + n_given,
                                            .computes = plan->zips.computes,
                                            .n_computes = n_computes,
                                            .computes_parameter = "zip_computes",
                                            .row_name = "ZIP"};
    zf_status st = zf_expressions_create(&options, callbacks, out, error);
    free(columns);
    return st;
}

/** Warns of each text column that an expression compares with a number. */
static void warn_of_texts(const zf_plan_result *result, const zf_expressions *select,
                          const zf_callbacks *callbacks) {
    for (size_t i = 0; i < result->n_zip_columns; i++)
        if (zf_expressions_compare_text(select, ZF_ZIP_KEYS + i))
            zf_log(callbacks, ZF_LOG_WARNING,
                   "`zip_computes`: '%s' is a text, and a comparison of it with a number compares texts ('9' > '30'): "
                   "write number(\"%s\")",
                   result->zip_columns[i].name, result->zip_columns[i].name);
}

/** Adds the computed columns, with the types that their expressions give them. */
static zf_status add_columns(zf_plan *plan, const zf_expressions *select, zf_error *error) {
    zf_plan_result *result = &plan->result;
    const size_t n = result->n_zip_columns;
    zf_column *columns = NULL;
    zf_status st = zf_plan_take(&plan->arena, n + plan->zips.n_computes, sizeof *columns, &columns, error);
    if (st != ZF_OK)
        return st;
    memcpy(columns, result->zip_columns, n * sizeof *columns);
    for (size_t k = 0; k < plan->zips.n_computes; k++)
        columns[n + k] = (zf_column){plan->zips.computes[k].name, zf_expressions_type(select, k)};
    result->zip_columns = columns;
    result->n_zip_columns = n + plan->zips.n_computes;
    return ZF_OK;
}

/** Refuses two computed columns of one name. */
static zf_status check_names(const zf_plan_zips *zips, zf_error *error) {
    for (size_t k = 0; k < zips->n_computes; k++)
        for (size_t other = 0; other < k; other++)
            if (zf_string_equal_nocase(zips->computes[k].name, zips->computes[other].name))
                return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                    "`zip_computes` '%s': there is a computed column of that name already; choose "
                                    "another name",
                                    zips->computes[k].name);
    return ZF_OK;
}

zf_status zf_plan_make_zip_computes(const zf_run_options *options, const zf_callbacks *callbacks, zf_plan *plan,
                                    zf_error *error) {
    zf_plan_zips *zips = &plan->zips;
    zf_expressions *select = NULL;
    if (options->n_zip_computes == 0)
        return ZF_OK;
    zf_status st =
        zf_plan_take(&plan->arena, options->n_zip_computes, sizeof *zips->computes, &zips->computes, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_zip_computes; i++)
        st = read_compute(options->zip_computes[i], &plan->arena, &plan->result, zips, error);
    if (st == ZF_OK)
        st = check_names(zips, error);
    if (st != ZF_OK)
        return st;
    const size_t n = zips->n_computes;
    zips->n_computes = 0; /* the columns of zip_summary do not hold them yet */
    st = compile(plan, n, callbacks, &select, error);
    if (st != ZF_OK)
        return st;
    warn_of_texts(&plan->result, select, callbacks);
    zips->n_computes = n;
    st = add_columns(plan, select, error);
    zf_expressions_destroy(select);
    return st;
}

zf_status zf_plan_compile_zips(const zf_plan *plan, const zf_callbacks *callbacks, zf_expressions **out,
                               zf_error *error) {
    *out = NULL;
    return plan->zips.n_computes > 0 ? compile(plan, plan->zips.n_computes, callbacks, out, error) : ZF_OK;
}
