/* SPDX-License-Identifier: MIT */
#include "zonefold/describe.h"
#include "analysis/analysis.h"
#include "geometry/geometry.h"

#include <string.h>

const char *zf_describe_measure(size_t i) {
    return i < ZF_MEASURE_KINDS ? zf_measure_name((zf_measure)i) : NULL;
}

void zf_describe_statistics(zf_field_type type, zf_text *out) {
    zf_stat_append_names(out, type);
}

zf_statistic_description zf_describe_statistic(size_t i) {
    if (i >= ZF_STAT_KINDS)
        return (zf_statistic_description){0};
    const zf_stat stat = {(zf_stat_kind)i, 0};
    const zf_result_column column = zf_stat_column(stat, ZF_FIELD_REAL, false, NULL);
    return (zf_statistic_description){.name = column.name,
                                      .definition = column.definition,
                                      .null_when = column.null_when,
                                      .is_of_numbers = zf_stat_applies(stat, ZF_FIELD_REAL),
                                      .is_weighted = zf_stat_is_weighted(stat)};
}

static const zf_analysis *analysis_at(size_t i) {
    size_t n = 0;
    const zf_analysis *const *analyses = zf_analyses(&n);
    return i < n ? analyses[i] : NULL;
}

zf_analysis_description zf_describe_analysis(size_t i) {
    const zf_analysis *analysis = analysis_at(i);
    if (analysis == NULL)
        return (zf_analysis_description){0};
    return (zf_analysis_description){.name = analysis->name,
                                     .summary = analysis->summary,
                                     .details = analysis->details,
                                     .n_parameters = analysis->n_parameters,
                                     .n_columns = analysis->n_building_columns + analysis->n_zip_columns +
                                                  analysis->table.n_columns};
}

zf_parameter_description zf_describe_parameter(size_t analysis, size_t k) {
    const zf_parameter *parameter = &analysis_at(analysis)->parameters[k];
    return (zf_parameter_description){.name = parameter->name,
                                      .help = parameter->help,
                                      .by_default = parameter->by_default,
                                      .is_required = parameter->is_required,
                                      .n_words = parameter->n_words};
}

void zf_describe_values(size_t analysis, size_t k, zf_text *out) {
    zf_parameter_describe(&analysis_at(analysis)->parameters[k], out);
}

zf_word_description zf_describe_word(size_t analysis, size_t k, size_t w) {
    const zf_parameter_word *word = &analysis_at(analysis)->parameters[k].words[w];
    return (zf_word_description){word->word, word->in_names};
}

static zf_column_description describe(const char *table, const zf_result_column *column) {
    return (zf_column_description){.table = table,
                                   .name = column->name,
                                   .type = column->type,
                                   .unit = column->unit,
                                   .definition = column->definition,
                                   .null_when = column->null_when,
                                   .label = column->label,
                                   .is_primary_key = column->constraint != NULL &&
                                                     strstr(column->constraint, "PRIMARY KEY") != NULL};
}

zf_column_description zf_describe_table_column(const char *table, size_t c) {
    for (size_t t = 0; t < ZF_RESULT_TABLES; t++) {
        const zf_table_schema *schema = &zf_result_tables[t];
        const char *name = t == ZF_TABLE_ANALYSIS ? "analysis" : schema->name;
        if (name != NULL && strcmp(name, table) == 0 && c < schema->n_columns)
            return describe(name, &schema->columns[c]);
    }
    return (zf_column_description){0};
}

zf_column_description zf_describe_measure_column(size_t i) {
    if (i >= ZF_MEASURE_KINDS)
        return (zf_column_description){0};
    zf_column_description column = describe("important_building", &zf_measure_columns[i]);
    column.name = zf_measure_name((zf_measure)i);
    column.type = zf_measure_type((zf_measure)i);
    return column;
}

zf_column_description zf_describe_column(size_t analysis, size_t c) {
    const zf_analysis *a = analysis_at(analysis);
    const struct {
        const char *table;
        const zf_result_column *columns;
        size_t n;
    } lists[] = {
        {"important_building", a->building_columns, a->n_building_columns},
        {"zip_summary", a->zip_columns, a->n_zip_columns},
        {a->table.name, a->table.columns, a->table.n_columns},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (c < lists[i].n)
            return describe(lists[i].table, &lists[i].columns[c]);
        c -= lists[i].n;
    }
    return (zf_column_description){0};
}
