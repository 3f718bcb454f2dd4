/* SPDX-License-Identifier: MIT */
/* Each column of the result has a label, a definition and a word on when it is NULL. */
#include "analysis/analysis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

/* A definition is half a sentence: no full stop, no word on NULL, which null_when has. */
static void assert_stated(const char *table, const zf_result_column *c, const char *name) {
    if (c->label == NULL || *c->label == '\0')
        fail_msg("%s.%s has no label", table, name);
    if (c->definition == NULL || *c->definition == '\0')
        fail_msg("%s.%s has no definition", table, name);
    if (c->definition[strlen(c->definition) - 1] == '.' || strstr(c->definition, "NULL when") != NULL ||
        strstr(c->definition, "; NULL") != NULL)
        fail_msg("%s.%s: the definition '%s' says more than what the column holds", table, name,
                 c->definition);
    if (c->null_when != NULL && *c->null_when == '\0')
        fail_msg("%s.%s is NULL, but nobody says when", table, name);
}

static void assert_all_stated(const char *table, const zf_result_column *columns, size_t n) {
    for (size_t i = 0; i < n; i++) {
        assert_non_null(columns[i].name);
        assert_stated(table, &columns[i], columns[i].name);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(columns[i].name, columns[k].name);
    }
}

/* Columns without a constraint that the run never leaves NULL. */
static bool is_always_filled(const char *table, const char *name) {
    static const char *const columns[][2] = {{"run_info", "value"},
                                             {"run_input", "layer"},
                                             {"run_input", "bytes"},
                                             {"run_input", "sha256"},
                                             {"run_input", "crs"}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (strcmp(columns[i][0], table) == 0 && strcmp(columns[i][1], name) == 0)
            return true;
    return false;
}

static void columns_of_fixed_tables_are_stated(void **state) {
    (void)state;
    for (int t = 0; t < ZF_RESULT_TABLES; t++) {
        const zf_table_schema *table = &zf_result_tables[t];
        const char *name = table->name != NULL ? table->name : "a table per ZIP";
        assert_in_range(table->n_own, 1, table->n_columns);
        assert_all_stated(name, table->columns, table->n_columns);
        for (size_t i = 0; i < table->n_own; i++) {
            const zf_result_column *c = &table->columns[i];
            const bool is_constrained = c->constraint != NULL || is_always_filled(name, c->name);
            if (is_constrained == (c->null_when != NULL))
                fail_msg("%s.%s: the constraint and the word on NULL contradict each other", name, c->name);
        }
    }
}

static void columns_of_zip_summary_stand_where_their_numbers_say(void **state) {
    (void)state;
    static const char *const names[ZF_ZIP_FIXED] = {
        [ZF_ZIP_PARTS] = "parts",         [ZF_ZIP_AREA] = "area_m2",
        [ZF_ZIP_BUILDINGS] = "buildings", [ZF_ZIP_IMPORTANT] = "important",
        [ZF_ZIP_CROSSING] = "crossing",   [ZF_ZIP_BUILT_AREA] = "built_area_m2",
        [ZF_ZIP_COVERAGE] = "coverage",   [ZF_ZIP_IMPORTANT_AREA] = "important_area_m2",
        [ZF_ZIP_IMPORTANT_COVERAGE] = "important_coverage", [ZF_ZIP_PER_KM2] = "per_km2"};
    for (unsigned i = 0; i < ZF_ZIP_FIXED; i++)
        if (names[i] != NULL)
            assert_string_equal(zf_zip_columns[i].name, names[i]);
}

static void measures_are_stated(void **state) {
    (void)state;
    for (int m = 0; m < ZF_MEASURE_KINDS; m++)
        assert_stated("important_building", &zf_measure_columns[m], zf_measure_name((zf_measure)m));
}

static void columns_of_analyses_are_stated(void **state) {
    (void)state;
    size_t n = 0;
    const zf_analysis *const *analyses = zf_analyses(&n);
    for (size_t i = 0; i < n; i++) {
        const zf_analysis *a = analyses[i];
        assert_all_stated("zip_summary", a->zip_columns, a->n_zip_columns);
        assert_all_stated("important_building", a->building_columns, a->n_building_columns);
        assert_all_stated(a->name, a->table.columns, a->table.n_columns);
        assert_int_equal(a->table.name != NULL, a->table.n_columns > 0);
        for (size_t c = 0; c < a->n_building_columns; c++)
            assert_in_range(a->building_columns[c].producer, ZF_CELL_NUMBER, ZF_CELL_COUNT);
        for (size_t c = 0; c < a->table.n_columns; c++)
            assert_in_range(a->table.columns[c].producer, ZF_CELL_NUMBER, ZF_CELL_ROW);
    }
}

/* Of no values counts and sums are numbers, all else is NULL: the statements must say the same. */
static void statistics_are_stated_and_null_as_they_say(void **state) {
    (void)state;
    for (int kind = 0; kind < ZF_STAT_KINDS; kind++) {
        const zf_stat stat = {(zf_stat_kind)kind, 50};
        const zf_result_column c = zf_stat_column(stat, ZF_FIELD_REAL, false, "m");
        const bool is_count =
            kind == ZF_STAT_COUNT || kind == ZF_STAT_MISSING || kind == ZF_STAT_UNIQUE || kind == ZF_STAT_SUM;
        assert_stated("zip_summary", &c, c.name);
        assert_int_equal(c.null_when == NULL, is_count);
        assert_int_equal(c.type, zf_stat_result_type(stat, ZF_FIELD_REAL, false));
        assert_int_equal(c.producer, kind);
    }
}

static void the_unit_of_a_statistic_follows_that_of_the_field(void **state) {
    (void)state;
    const struct {
        zf_stat_kind kind;
        const char *unit, *expected;
    } cases[] = {{ZF_STAT_MEAN, "m", "m"},
                 {ZF_STAT_VARIANCE, "m", "m²"},
                 {ZF_STAT_VARIANCE, "m²", "m⁴"},
                 {ZF_STAT_VARIANCE, "°", ""},
                 {ZF_STAT_CV, "m", ""},
                 {ZF_STAT_MEAN, NULL, ""},
                 {ZF_STAT_MIN_LENGTH, NULL, "characters"},
                 {ZF_STAT_ARGMAX, "m", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const zf_result_column c =
            zf_stat_column((zf_stat){cases[i].kind, 0}, ZF_FIELD_REAL, false, cases[i].unit);
        assert_string_equal(c.unit, cases[i].expected);
    }
}

static void a_label_holds_what_the_name_holds(void **state) {
    (void)state;
    const struct {
        const char *name, *label;
    } cases[] = {{"nn_edge_mean_m", "Nearest wall: mean (m)"},
                 {"nn_mean_m", "Nearest neighbour: mean (m)"},
                 {"clusters_20m_5", "Clusters (5 buildings within 20 m)"},
                 {"neighbours_100m_mean", "Neighbours within 100 m: mean"},
                 {"neighbours_m_mean", NULL},
                 {"clusters_20m_5x", NULL},
                 {"nn_other_mean_m", NULL}};
    size_t n = 0;
    const zf_analysis *const *all = zf_analyses(&n);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        zf_text label = {0};
        bool is_found = false;
        for (size_t a = 0; a < n; a++)
            is_found |= zf_analysis_append_label(&label, all[a], all[a]->zip_columns, all[a]->n_zip_columns,
                                                 cases[i].name);
        assert_int_equal(is_found, cases[i].label != NULL);
        if (is_found)
            assert_string_equal(label.bytes, cases[i].label);
        zf_text_deinit(&label);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_fixed_tables_are_stated),
        cmocka_unit_test(columns_of_zip_summary_stand_where_their_numbers_say),
        cmocka_unit_test(measures_are_stated),
        cmocka_unit_test(columns_of_analyses_are_stated),
        cmocka_unit_test(statistics_are_stated_and_null_as_they_say),
        cmocka_unit_test(the_unit_of_a_statistic_follows_that_of_the_field),
        cmocka_unit_test(a_label_holds_what_the_name_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
