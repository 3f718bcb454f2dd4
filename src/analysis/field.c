/* SPDX-License-Identifier: MIT */
/* All statistics asked of one field in one ZIP, each from what it is taken from. */
#include "analysis/analysis.h"

#include <math.h>

static zf_status take_basic(const zf_field_facts *facts, const zf_stat *stats, size_t n_stats,
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

/* The classes go before the ZIP is written. */
static zf_status take_class(const zf_classes *classes, zf_stat stat, zf_arena *keep, zf_value *out,
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

/* Booleans, and integers among the measures, were doubles all the way. */
static void give_type(zf_field_type type, zf_value *value) {
    bool is_integer = type == ZF_FIELD_INTEGER || type == ZF_FIELD_BOOLEAN;
    if (is_integer && value->kind == ZF_VALUE_REAL && fabs(value->as.real) < 0x1p63)
        *value = zf_value_integer((int64_t)value->as.real);
}

zf_status zf_stats_of_field(const zf_field_facts *facts, const zf_stat *stats, size_t n_stats,
                            zf_arena *scratch, zf_arena *keep, zf_value *out, zf_error *error) {
    const bool is_weighted =
        facts->weights != NULL || (facts->texts != NULL && facts->texts->weights != NULL);
    zf_status st = take_basic(facts, stats, n_stats, scratch, out, error);
    for (size_t i = 0; st == ZF_OK && i < n_stats; i++) {
        zf_stat_source source = zf_stat_source_of(stats[i]);
        if (source == ZF_FROM_CLASSES)
            st = take_class(facts->classes, stats[i], keep, &out[i], error);
        else if (source == ZF_FROM_PLACES && facts->places != NULL)
            out[i] = zf_stat_of_places(stats[i], facts->places, facts->integers != NULL);
        else if (source == ZF_FROM_RUNNING && facts->integers != NULL &&
                 !(is_weighted && zf_stat_is_weighted(stats[i])))
            out[i] = zf_stat_of_integers(stats[i], facts->integers, facts->n_rows);
        give_type(zf_stat_result_type(stats[i], facts->type, is_weighted), &out[i]);
    }
    return st;
}
