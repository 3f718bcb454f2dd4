/* SPDX-License-Identifier: MIT */
/* The column of zip_summary by which the ZIPs are coloured on the map. */
#include "plan/plan_internal.h"

#include <stdlib.h>

static bool is_number(zf_field_type type) {
    return type == ZF_FIELD_INTEGER || type == ZF_FIELD_REAL || type == ZF_FIELD_BOOLEAN;
}

/** Refuses a column that is not there: names the nearest one, and all that can be mapped. */
static zf_status refuse_unknown(const zf_plan_result *result, const char *name, zf_error *error) {
    const char **names = malloc((result->n_zip_columns + 1) * sizeof *names);
    zf_text list = {0}, near = {0};
    size_t n = 0;
    for (size_t i = 0; names != NULL && i < result->n_zip_columns; i++) {
        if (!is_number(result->zip_columns[i].type))
            continue;
        zf_text_append_format(&list, "%s%s", n == 0 ? "" : ", ", result->zip_columns[i].name);
        names[n++] = result->zip_columns[i].name;
    }
    const char *nearest = names != NULL ? zf_string_nearest(name, names, n) : NULL;
    if (nearest != NULL)
        zf_text_append_format(&near, " (did you mean '%s'?)", nearest);
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                 "`map_by`: zip_summary will have no column '%.200s'%s; its columns of numbers are: %s", name,
                 near.bytes != NULL ? near.bytes : "", list.bytes != NULL ? list.bytes : "");
    zf_text_deinit(&near);
    zf_text_deinit(&list);
    free(names);
    return zf_error_parameter(error, ZF_E_USAGE, "map_by");
}

/** Finds the column that the user names. */
static zf_status find_column(const zf_plan_result *result, const char *name, size_t *out, zf_error *error) {
    size_t i = 0;
    while (i < result->n_zip_columns && !zf_string_equal_nocase(result->zip_columns[i].name, name))
        i++;
    if (i == result->n_zip_columns)
        return refuse_unknown(result, name, error);
    if (!is_number(result->zip_columns[i].type)) {
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                     "`map_by`: the column '%s' is of type %s, and classes of colours are made of numbers",
                     name, zf_field_type_name(result->zip_columns[i].type));
        return zf_error_parameter(error, ZF_E_USAGE, "map_by");
    }
    *out = i;
    return ZF_OK;
}

/** The first statistic that was asked for and is an amount; n_zip_columns for none. A fid (argmin) is none.
 */
static size_t first_statistic(const zf_run_options *options, const zf_plan *plan) {
    const zf_plan_statistics *statistics = &plan->statistics;
    size_t column = ZF_ZIP_FIXED + plan->zips.n_fields;
    for (size_t i = 0; options->n_stats > 0 && i < statistics->n; i++)
        for (size_t s = 0; s < statistics->requests[i].n_stats; s++, column++) {
            const zf_stat_kind kind = statistics->requests[i].stats[s].kind;
            if (kind != ZF_STAT_ARGMIN && kind != ZF_STAT_ARGMAX &&
                is_number(plan->result.zip_columns[column].type))
                return column;
        }
    return plan->result.n_zip_columns;
}

zf_status zf_plan_choose_map_column(const zf_run_options *options, zf_plan *plan, zf_error *error) {
    zf_plan_result *result = &plan->result;
    if (options->map_by != NULL)
        return find_column(result, options->map_by, &result->map_column, error);
    result->map_column = first_statistic(options, plan);
    if (result->map_column == result->n_zip_columns)
        result->map_column = zf_plan_n_conditions(plan) > 0 ? ZF_ZIP_IMPORTANT : ZF_ZIP_COVERAGE;
    return ZF_OK;
}
