/* SPDX-License-Identifier: MIT */
/* Labels of columns, as the schema of the result has them. */
#include "analysis/analysis.h"
#include "qgis/style.h"

#include <stdio.h>
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

/** The parts of a column "<field>_<stat>". */
typedef struct stat_column {
    int n_field;                     /**< bytes of the field's name, with which the column begins */
    const zf_result_column *measure; /**< NULL: a field of the user */
    zf_result_column column;         /**< label and unit of the statistic */
    char percent[16];                /**< " 90" of a percentile, else "" */
} stat_column;

/* By the longest end that is a statistic: "height_stddev_sample" is no "height_stddev", "sample". */
static bool split_stat(const char *column, stat_column *out) {
    zf_stat stat;
    for (const char *at = column; (at = strchr(at, '_')) != NULL; at++) {
        if (at == column || !zf_stat_parse(at + 1, &stat))
            continue;
        *out = (stat_column){.n_field = (int)(at - column)};
        out->measure = measure_column(column, (size_t)out->n_field);
        out->column =
            zf_stat_column(stat, ZF_FIELD_REAL, false, out->measure != NULL ? out->measure->unit : NULL);
        if (stat.kind == ZF_STAT_PERCENTILE)
            snprintf(out->percent, sizeof out->percent, " %u", stat.percent);
        return true;
    }
    return false;
}

static bool append_stat(zf_text *out, const char *column) {
    stat_column c;
    if (!split_stat(column, &c))
        return false;
    if (c.measure != NULL)
        zf_text_append(out, c.measure->label);
    else
        zf_text_append_n(out, column, (size_t)c.n_field);
    zf_text_append_format(out, ": %s%s", c.column.label, c.percent);
    zf_result_column_append_unit(out, c.column.unit);
    return true;
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

/* ---- headings ---- */

/* Appends a text whose first letter, if it is of ASCII, is made upper or lower case. */
static void append_first(zf_text *out, const char *text, bool is_upper) {
    if (text == NULL || *text == '\0')
        return;
    char first = *text;
    if (is_upper && first >= 'a' && first <= 'z')
        first = (char)(first - 'a' + 'A');
    else if (!is_upper && first >= 'A' && first <= 'Z')
        first = (char)(first - 'A' + 'a');
    zf_text_append_n(out, &first, 1);
    zf_text_append(out, text + 1);
}

static void split_unit(zf_text *label, zf_style_heading *out) {
    const size_t n = label->n;
    const char *open = n > 2 && label->bytes[n - 1] == ')' ? strrchr(label->bytes, '(') : NULL;
    if (open == NULL || open - label->bytes < 2 || open[-1] != ' ')
        return;
    zf_text_append_n(&out->unit, open + 1, (size_t)(label->bytes + n - 1 - (open + 1)));
    zf_text_append_n(&out->text, label->bytes, (size_t)(open - 1 - label->bytes));
}

void zf_style_heading_make(const char *column, zf_style_heading *out) {
    const zf_table_schema *schema = &zf_result_tables[ZF_TABLE_ZIP_SUMMARY];
    *out = (zf_style_heading){.scale = 1};
    zf_text label = {0}, of_analysis = {0};
    stat_column c;
    zf_style_append_label(&label, ZF_OUTPUT_LAYER_ZIPS, column);
    const bool is_stat =
        zf_result_column_find(schema->columns, schema->n_columns, column, strlen(column)) == NULL &&
        !append_analysis(&of_analysis, ZF_OUTPUT_LAYER_ZIPS, column);
    zf_text_deinit(&of_analysis);
    if (is_stat && split_stat(column, &c)) {
        append_first(&out->text, c.column.label, true);
        zf_text_append_format(&out->text, "%s of ", c.percent);
        if (c.measure != NULL)
            append_first(&out->text, c.measure->label, false);
        else
            zf_text_append_n(&out->text, column, (size_t)c.n_field);
        zf_text_append(&out->unit, c.column.unit);
    } else if (label.n > 0) {
        split_unit(&label, out);
    }
    if (out->text.n == 0)
        zf_text_append(&out->text, label.n > 0 ? label.bytes : column);
    if (out->unit.n > 0 && strcmp(out->unit.bytes, ZF_UNIT_BUILT_SHARE) == 0) {
        zf_text_deinit(&out->unit);
        zf_text_append(&out->unit, "%");
        out->scale = 100;
    }
    zf_text_deinit(&label);
}

void zf_style_heading_deinit(zf_style_heading *heading) {
    zf_text_deinit(&heading->text);
    zf_text_deinit(&heading->unit);
}
