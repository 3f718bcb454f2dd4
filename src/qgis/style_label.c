/* SPDX-License-Identifier: MIT */
/* Labels of columns, as the schema of the result has them. */
#include "analysis/analysis.h"
#include "qgis/style.h"

#include <string.h>

/* A column whose label is its name needs none. */
static bool append_own(zf_text *out, zf_result_table table, const char *column) {
    const zf_table_schema *schema = &zf_result_tables[table];
    const zf_result_column *c =
        zf_result_column_find(schema->columns, schema->n_columns, column, strlen(column));
    if (c != NULL && strcmp(c->label, c->name) != 0) {
        zf_text_append(out, c->label);
        zf_result_column_append_unit(out, c->unit);
    }
    return c != NULL;
}

/* NULL: it is none. */
static const zf_result_column *measure_column(const char *name, size_t n) {
    for (int m = 0; m < ZF_MEASURE_KINDS; m++) {
        const char *measure = zf_measure_name((zf_measure)m);
        if (strlen(measure) == n && memcmp(measure, name, n) == 0)
            return &zf_measure_columns[m];
    }
    return NULL;
}

/* "<field>_<stat>", by the longest end that is a statistic: of "height_stddev_sample" that is no
 * "height_stddev", "sample". */
static bool append_stat(zf_text *out, const char *column) {
    zf_stat stat;
    for (const char *at = column; (at = strchr(at, '_')) != NULL; at++) {
        if (at == column || !zf_stat_parse(at + 1, &stat))
            continue;
        const int n = (int)(at - column);
        const zf_result_column *measure = measure_column(column, (size_t)n);
        const zf_result_column c =
            zf_stat_column(stat, ZF_FIELD_REAL, false, measure != NULL ? measure->unit : NULL);
        if (measure != NULL)
            zf_text_append_format(out, "%s: %s", measure->label, c.label);
        else
            zf_text_append_format(out, "%.*s: %s", n, column, c.label);
        if (stat.kind == ZF_STAT_PERCENTILE)
            zf_text_append_format(out, " %u", stat.percent);
        zf_result_column_append_unit(out, c.unit);
        return true;
    }
    return false;
}

static bool append_analysis(zf_text *out, zf_output_layer_kind kind, const char *column) {
    size_t n = 0;
    const zf_analysis *const *analyses = zf_analyses(&n);
    bool is_found = false;
    for (size_t i = 0; i < n && !is_found; i++) {
        const zf_analysis *a = analyses[i];
        if (kind == ZF_OUTPUT_LAYER_ZIPS)
            is_found = zf_analysis_append_label(out, a, a->zip_columns, a->n_zip_columns, column);
        else if (kind == ZF_OUTPUT_LAYER_BUILDINGS)
            is_found = zf_analysis_append_label(out, a, a->building_columns, a->n_building_columns, column);
        else if (kind == ZF_OUTPUT_LAYER_ANALYSIS && a->table.has_polygons)
            is_found = zf_analysis_append_label(out, a, a->table.columns, a->table.n_columns, column);
    }
    return is_found;
}

void zf_style_append_top_label(zf_text *out, const char *table, const char *column) {
    static const char prefix[] = "top_";
    if (strncmp(table, prefix, sizeof prefix - 1) != 0)
        return;
    const char *name = table + sizeof prefix - 1;
    const zf_result_column *measure = measure_column(name, strlen(name));
    if (strcmp(column, "rank") == 0)
        zf_text_append(out, "Rank in the ZIP");
    else if (strcmp(column, "fid") == 0)
        zf_text_append(out, "Building (fid)");
    else if (strcmp(column, "value") == 0 || *column == '\0')
        zf_text_append(out, measure != NULL ? measure->label : name);
    if (strcmp(column, "value") == 0 && measure != NULL)
        zf_result_column_append_unit(out, measure->unit);
}

void zf_style_append_label(zf_text *out, zf_output_layer_kind kind, const char *column) {
    static const zf_result_table tables[] = {[ZF_OUTPUT_LAYER_ZIPS] = ZF_TABLE_ZIP_SUMMARY,
                                             [ZF_OUTPUT_LAYER_BUILDINGS] = ZF_TABLE_IMPORTANT_BUILDING,
                                             [ZF_OUTPUT_LAYER_REJECTED] = ZF_TABLE_REJECTED_FEATURE,
                                             [ZF_OUTPUT_LAYER_ANALYSIS] = ZF_TABLE_ANALYSIS,
                                             [ZF_OUTPUT_LAYER_QUERY] = ZF_TABLE_QUERY,
                                             [ZF_OUTPUT_LAYER_GROUP] = ZF_TABLE_ZIP_GROUP};
    if (append_own(out, tables[kind], column) || append_analysis(out, kind, column))
        return;
    const zf_result_column *measure =
        kind == ZF_OUTPUT_LAYER_BUILDINGS || kind == ZF_OUTPUT_LAYER_GROUP ? measure_column(column, strlen(column))
                                                                           : NULL;
    if (measure != NULL) {
        zf_text_append(out, measure->label);
        zf_result_column_append_unit(out, measure->unit);
    } else if (kind == ZF_OUTPUT_LAYER_ZIPS || kind == ZF_OUTPUT_LAYER_GROUP) {
        (void)append_stat(out, column);
    }
}
