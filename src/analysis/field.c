/* SPDX-License-Identifier: MIT */
/* All statistics of one field in one ZIP, each computed from its source. */
#include "analysis/statistics.h"

#include <math.h>

/** Computes all statistics at once from the column, the texts or the totals; those from other sources come
 * out NULL. */
static zf_status compute_basic(const zf_field_facts *facts, const zf_stat *stats, size_t n_stats,
                               zf_arena *scratch, zf_value *out, zf_error *error) {
    if (facts->weights != NULL)
        return zf_stats_of_weighted(facts->column, facts->weights, facts->n_rows, stats, n_stats, scratch,
                                    out, error);
    if (facts->column != NULL)
        return zf_stats_of_numbers(facts->column, facts->n_rows, stats, n_stats, scratch, out, error);
    if (facts->texts != NULL)
        zf_stats_of_running_text(facts->texts, facts->n_rows, stats, n_stats, out);
    else if (facts->running != NULL)
        zf_stats_of_running(facts->running, facts->n_rows, stats, n_stats, out);
    return ZF_OK;
}

/** Computes a statistic of distinct values. A text is copied, as the classes are freed before the ZIP is
 * written. */
static zf_status compute_from_classes(const zf_classes *classes, zf_stat stat, zf_arena *keep, zf_value *out,
                                      zf_error *error) {
    char *copy = NULL;
    *out = zf_stat_of_classes(stat, classes);
    if (out->kind != ZF_VALUE_TEXT)
        return ZF_OK;
    zf_status st = zf_arena_copy(keep, out->as.bytes.bytes, out->as.bytes.n, &copy, error);
    if (st == ZF_OK)
        out->as.bytes.bytes = (const uint8_t *)copy;
    return st;
}

/** Turns a double into an integer where the column's type is one: booleans, and measures that are integers,
 * travel as doubles. */
static void convert_to_type(zf_field_type type, zf_value *value) {
    bool is_integer = type == ZF_FIELD_INTEGER || type == ZF_FIELD_BOOLEAN;
    if (is_integer && value->kind == ZF_VALUE_REAL && fabs(value->as.real) < 0x1p63)
        *value = zf_value_integer((int64_t)value->as.real);
}

zf_status zf_stats_of_field(const zf_field_facts *facts, const zf_stat *stats, size_t n_stats,
                            zf_arena *scratch, zf_arena *keep, zf_value *out, zf_error *error) {
    const bool is_weighted =
        facts->weights != NULL || (facts->texts != NULL && facts->texts->weights != NULL);
    zf_status st = compute_basic(facts, stats, n_stats, scratch, out, error);
    for (size_t i = 0; st == ZF_OK && i < n_stats; i++) {
        zf_stat_source source = zf_stat_source_of(stats[i]);
        if (source == ZF_FROM_CLASSES)
            st = compute_from_classes(facts->classes, stats[i], keep, &out[i], error);
        else if (source == ZF_FROM_ORDER && facts->order != NULL)
            out[i] = zf_stat_of_order(stats[i], facts->order, facts->integers != NULL);
        else if (source == ZF_FROM_RUNNING && facts->integers != NULL &&
                 !(is_weighted && zf_stat_is_weighted(stats[i])))
            out[i] = zf_stat_of_integers(stats[i], facts->integers, facts->n_rows);
        convert_to_type(zf_stat_result_type(stats[i], facts->type, is_weighted), &out[i]);
    }
    return st;
}
