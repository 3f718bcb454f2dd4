/* SPDX-License-Identifier: MIT */
#include "analysis/analysis.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static zf_stat stat_of(const char *name) {
    zf_stat stat = {ZF_STAT_KINDS, 0};
    assert_true(zf_stat_parse(name, &stat));
    return stat;
}

/* What texts among the results borrow; given back when the next is asked for. */
static zf_arena kept;

/* One statistic of some numbers, which stand in fid order from 1 on. */
static zf_value take(const char *name, const double *values, size_t n) {
    zf_stat stat = stat_of(name);
    zf_value out = zf_value_text("untouched");
    zf_arena arena;
    zf_order_stats places = {.n = 0};
    zf_classes classes;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    zf_classes_init(&classes, ZF_CLASS_REAL, false, NULL);
    for (size_t i = 0; i < n; i++) {
        zf_order_stats_add_real(&places, values[i], (int64_t)i + 1);
        assert_int_equal(zf_classes_add_number(&classes, values[i], 1, NULL), ZF_OK);
    }
    zf_field_facts facts = {
        .type = ZF_FIELD_REAL, .n_rows = n, .column = values, .order = &places, .classes = &classes};
    assert_int_equal(zf_stats_of_field(&facts, &stat, 1, &arena, NULL, &out, NULL), ZF_OK);
    zf_classes_deinit(&classes);
    zf_arena_release(&arena);
    return out;
}

static void assert_real(zf_value value, double expected) {
    assert_int_equal(value.kind, ZF_VALUE_REAL);
    assert_true(value.as.real == expected);
    assert_int_equal(signbit(value.as.real) != 0, signbit(expected) != 0);
}

static void assert_near(zf_value value, double expected) {
    assert_int_equal(value.kind, ZF_VALUE_REAL);
    assert_true(fabs(value.as.real - expected) <= 1e-14 * fabs(expected));
}

static void assert_integer(zf_value value, int64_t expected) {
    assert_int_equal(value.kind, ZF_VALUE_INTEGER);
    assert_int_equal(value.as.integer, expected);
}

static void assert_null_value(zf_value value) {
    assert_int_equal(value.kind, ZF_VALUE_NULL);
}

static const char *const named[] = {
    "count",   "missing", "unique",     "mode",        "minority",  "first",  "last",          "sum",
    "mean",    "min",     "max",        "range",       "median",    "stddev", "stddev_sample", "variance",
    "cv",      "q1",      "q3",         "iqr",         "p90",       "argmin", "argmax",        "gini",
    "shannon", "simpson", "min_length", "mean_length", "max_length"};
enum { N_NAMED = sizeof named / sizeof named[0] };
_Static_assert(N_NAMED == (int)ZF_STAT_KINDS, "every statistic has its test");

/* ---- names ---- */

static void a_name_comes_back_from_its_statistic(void **state) {
    (void)state;
    for (int i = 0; i < N_NAMED; i++) {
        char name[24];
        zf_stat stat = stat_of(named[i]);
        assert_int_equal(stat.kind, i);
        zf_stat_name(stat, name);
        assert_string_equal(name, named[i]);
    }
}

static void percentiles_are_named_by_their_number(void **state) {
    (void)state;
    const struct {
        const char *text;
        unsigned percent;
        const char *name;
    } cases[] = {{"p0", 0, "p0"},    {"p00", 0, "p0"},   {"p5", 5, "p5"},      {"p05", 5, "p5"},
                 {"p50", 50, "p50"}, {"p99", 99, "p99"}, {"p100", 100, "p100"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[24];
        zf_stat stat = stat_of(cases[i].text);
        assert_int_equal(stat.kind, ZF_STAT_PERCENTILE);
        assert_int_equal(stat.percent, cases[i].percent);
        zf_stat_name(stat, name);
        assert_string_equal(name, cases[i].name);
    }
}

static void what_is_no_name_is_refused(void **state) {
    (void)state;
    const char *const wrong[] = {"",    "Mean", "MEAN",    "mean ", " mean", "mea",  "means",
                                 "p",   "p101", "p999",    "p005",  "p1000", "p-1",  "p+1",
                                 "p 5", "p5.5", "p5x",     "P90",   "90",    "px",   "pNN",
                                 "q2",  "sum,", "stddev_", "modes", "p0100", "p1e1", "p4294967300"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        zf_stat stat = {ZF_STAT_CV, 77};
        assert_false(zf_stat_parse(wrong[i], &stat));
        assert_int_equal(stat.kind, ZF_STAT_CV);
        assert_int_equal(stat.percent, 77);
    }
}

/* ---- types ---- */

static bool is_among(const char *name, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const char *const of_lengths[] = {"min_length", "mean_length", "max_length"};
static const char *const of_texts[] = {"mode", "minority", "shannon", "simpson"};
static const char *const of_moments[] = {"count", "missing", "unique", "first", "last", "min", "max"};
static const char *const counted[] = {"count",  "missing",    "unique",    "argmin",
                                      "argmax", "min_length", "max_length"};
static const char *const values_of_the_field[] = {"mode", "minority", "first", "last", "min", "max"};
#define IS_AMONG(name, names) is_among(name, names, sizeof names / sizeof names[0])

static bool is_due(const char *name, zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_REAL:
    case ZF_FIELD_BOOLEAN:
        return !IS_AMONG(name, of_lengths);
    case ZF_FIELD_TEXT:
        return IS_AMONG(name, of_moments) || IS_AMONG(name, of_texts) || IS_AMONG(name, of_lengths);
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return IS_AMONG(name, of_moments);
    default:
        return false;
    }
}

static void each_type_takes_what_makes_sense(void **state) {
    (void)state;
    for (int type = 0; type < ZF_FIELD_TYPE_END; type++)
        for (size_t i = 0; i < N_NAMED; i++)
            assert_int_equal(zf_stat_applies(stat_of(named[i]), (zf_field_type)type),
                             is_due(named[i], (zf_field_type)type));
}

static void a_result_is_of_the_type_of_what_it_is(void **state) {
    (void)state;
    for (int type = 0; type < ZF_FIELD_TYPE_END; type++)
        for (size_t i = 0; i < N_NAMED; i++) {
            zf_field_type expected = IS_AMONG(named[i], counted)               ? ZF_FIELD_INTEGER
                                     : IS_AMONG(named[i], values_of_the_field) ? (zf_field_type)type
                                                                               : ZF_FIELD_REAL;
            assert_int_equal(zf_stat_result_type(stat_of(named[i]), (zf_field_type)type, false), expected);
        }
}

static void blobs_and_unsupported_fields_take_none(void **state) {
    (void)state;
    for (size_t i = 0; i < N_NAMED; i++) {
        assert_false(zf_stat_applies(stat_of(named[i]), ZF_FIELD_BLOB));
        assert_false(zf_stat_applies(stat_of(named[i]), ZF_FIELD_UNSUPPORTED));
    }
    zf_text names = {0};
    zf_stat_append_names(&names, ZF_FIELD_BLOB);
    zf_stat_append_names(&names, ZF_FIELD_UNSUPPORTED);
    assert_int_equal(names.n, 0);
}

/* The list in an error message must name exactly what is taken. */
static void the_list_of_names_is_what_applies(void **state) {
    (void)state;
    for (int type = 0; type < ZF_FIELD_TYPE_END; type++) {
        char list[512] = "";
        for (size_t i = 0; i < N_NAMED; i++) {
            if (!zf_stat_applies(stat_of(named[i]), (zf_field_type)type))
                continue;
            if (list[0] != '\0')
                strcat(list, " ");
            strcat(list, strcmp(named[i], "p90") == 0 ? "pNN" : named[i]);
        }
        zf_text names = {0};
        zf_stat_append_names(&names, (zf_field_type)type);
        assert_string_equal(names.bytes != NULL ? names.bytes : "", list);
        zf_text_deinit(&names);
    }
}

/* ---- numbers ---- */

static void of_no_values_counts_and_sums_are_zero_and_the_rest_is_null(void **state) {
    (void)state;
    const double missing[] = {NAN, NAN, NAN};
    for (size_t n = 0; n <= 3; n += 3) {
        assert_integer(take("count", missing, n), 0);
        assert_integer(take("missing", missing, n), (int64_t)n);
        assert_integer(take("unique", missing, n), 0);
        assert_real(take("sum", missing, n), 0.0);
        for (size_t i = 3; i < N_NAMED; i++)
            if (strcmp(named[i], "sum") != 0)
                assert_null_value(take(named[i], missing, n));
    }
}

static void one_value_is_its_own_mean_median_and_quartile(void **state) {
    (void)state;
    const double one[] = {NAN, -3.5, NAN};
    const char *const same[] = {"sum", "mean", "min",  "max",  "median",   "q1",    "q3",
                                "p0",  "p90",  "p100", "mode", "minority", "first", "last"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_real(take(same[i], one, 3), -3.5);
    const char *const zero[] = {"range", "stddev", "variance", "iqr"};
    for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++)
        assert_real(take(zero[i], one, 3), 0.0);
    assert_real(take("cv", one, 3), 0.0);
    assert_null_value(take("stddev_sample", one, 3));
    assert_integer(take("count", one, 3), 1);
    assert_integer(take("missing", one, 3), 2);
}

/* Expected values worked out from the definitions in fractions, rounded once at the end. */
static void a_worked_example_agrees_with_exact_fractions(void **state) {
    (void)state;
    const double x[] = {7.1, 2.5, NAN, 9.75, 4, 4, 11.25, -1.5, 6.2};
    assert_integer(take("count", x, 9), 8);
    assert_near(take("sum", x, 9), 43.3);
    assert_near(take("mean", x, 9), 5.4125);
    assert_near(take("median", x, 9), 5.1);
    assert_near(take("q1", x, 9), 3.625);
    assert_near(take("q3", x, 9), 7.7625);
    assert_near(take("iqr", x, 9), 4.1375);
    assert_near(take("p10", x, 9), 1.3);
    assert_near(take("p90", x, 9), 10.2);
    assert_near(take("range", x, 9), 12.75);
    assert_near(take("variance", x, 9), 14.57671875);
    assert_near(take("stddev", x, 9), 3.8179469286515757);
    assert_near(take("stddev_sample", x, 9), 4.081556950828586);
    assert_near(take("cv", x, 9), 0.7053943517139171);
}

static void sums_keep_what_large_terms_would_swallow(void **state) {
    (void)state;
    const double x[] = {1.0, 1e100, 1.0, -1e100};
    assert_real(take("sum", x, 4), 2.0);
    assert_real(take("mean", x, 4), 0.5);
    assert_true(zf_sum(x, 4) == 2.0);
    assert_true(zf_sum(x, 0) == 0.0);
    const double gap[] = {NAN, 0.5, NAN, 0.25};
    assert_true(zf_sum(gap, 4) == 0.75);
    double tenths[1000];
    for (size_t i = 0; i < 1000; i++)
        tenths[i] = 0.1;
    assert_real(take("sum", tenths, 1000), 100.0);
}

static void equal_values_do_not_vary(void **state) {
    (void)state;
    double same[300];
    for (size_t i = 0; i < 300; i++)
        same[i] = 0.1;
    for (size_t n = 2; n <= 300; n++) {
        assert_real(take("mean", same, n), 0.1);
        assert_real(take("median", same, n), 0.1);
        assert_real(take("p33", same, n), 0.1);
        assert_real(take("variance", same, n), 0.0);
        assert_real(take("stddev_sample", same, n), 0.0);
        assert_real(take("cv", same, n), 0.0);
    }
}

static void sums_that_overflow_on_the_way_are_right_at_the_end(void **state) {
    (void)state;
    const double x[] = {DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX, 1e300};
    assert_real(take("sum", x, 5), 1e300);
    const double same[] = {DBL_MAX, DBL_MAX, DBL_MAX};
    assert_real(take("sum", same, 3), INFINITY);
    assert_real(take("mean", same, 3), DBL_MAX);
    assert_real(take("stddev", same, 3), 0.0);
    const double large[] = {0, 1.5e308, 1.5e308};
    assert_near(take("mean", large, 3), 1e308);
    const double ends[] = {-DBL_MAX, DBL_MAX};
    assert_real(take("range", ends, 2), INFINITY);
    assert_real(take("median", ends, 2), 0.0);
    assert_real(take("mean", ends, 2), 0.0);
    assert_real(take("stddev", ends, 2), DBL_MAX);
    assert_real(take("variance", ends, 2), INFINITY);
}

static void deviations_of_extreme_values_neither_overflow_nor_vanish(void **state) {
    (void)state;
    const double large[] = {1e300, 3e300}, small[] = {1e-300, 3e-300}, tiny[] = {0, 0x1p-1070};
    assert_near(take("stddev", large, 2), 1e300);
    assert_real(take("variance", large, 2), INFINITY);
    assert_near(take("cv", large, 2), 0.5);
    assert_near(take("stddev", small, 2), 1e-300);
    assert_near(take("cv", small, 2), 0.5);
    assert_real(take("range", tiny, 2), 0x1p-1070);
    assert_real(take("stddev", tiny, 2), 0x1p-1071);
    assert_real(take("cv", tiny, 2), 1.0);
    const double offset[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    assert_real(take("variance", offset, 4), 22.5);
}

static void infinities_are_values_and_their_differences_are_not(void **state) {
    (void)state;
    const double up[] = {1, 2, 3, INFINITY}, both[] = {-INFINITY, 5, INFINITY},
                 ends[] = {INFINITY, -INFINITY};
    const double down[] = {-INFINITY, 5}, all[] = {INFINITY, INFINITY, INFINITY};
    assert_integer(take("count", up, 4), 4);
    assert_real(take("sum", up, 4), INFINITY);
    assert_real(take("mean", up, 4), INFINITY);
    assert_real(take("max", up, 4), INFINITY);
    assert_real(take("range", up, 4), INFINITY);
    assert_real(take("median", up, 4), 2.5);
    assert_real(take("p90", up, 4), INFINITY);
    assert_null_value(take("variance", up, 4));
    assert_null_value(take("stddev", up, 4));
    assert_null_value(take("stddev_sample", up, 4));
    assert_null_value(take("cv", up, 4));
    assert_null_value(take("sum", both, 3));
    assert_null_value(take("mean", both, 3));
    assert_real(take("median", both, 3), 5.0);
    assert_real(take("min", both, 3), -INFINITY);
    assert_real(take("q1", both, 3), -INFINITY);
    assert_real(take("iqr", both, 3), INFINITY);
    assert_null_value(take("median", ends, 2));
    assert_real(take("median", down, 2), -INFINITY);
    assert_real(take("median", all, 3), INFINITY);
    assert_real(take("p90", all, 3), INFINITY);
    assert_null_value(take("range", all, 3));
    assert_null_value(take("iqr", all, 3));
}

static void both_zeros_are_one(void **state) {
    (void)state;
    const double zeros[] = {-0.0, 0.0, -0.0};
    const char *const names[] = {"sum", "mean", "min", "max", "median", "range", "q1", "p90", "variance"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_real(take(names[i], zeros, 3), 0.0);
        assert_real(take(names[i], zeros, 1), 0.0);
    }
    assert_null_value(take("cv", zeros, 3)); /* mean 0 */
}

static void a_negative_mean_gives_a_negative_cv(void **state) {
    (void)state;
    const double x[] = {-1, -3};
    assert_real(take("cv", x, 2), -0.5);
}

/* Position p * (n - 1), as defined: neither the nearest rank nor the middle of the steps. */
static void percentiles_interpolate_between_closest_ranks(void **state) {
    (void)state;
    const double x[] = {40, 10, 30, 20};
    assert_real(take("p0", x, 4), 10.0);
    assert_real(take("q1", x, 4), 17.5);
    assert_real(take("median", x, 4), 25.0);
    assert_real(take("p50", x, 4), 25.0);
    assert_real(take("q3", x, 4), 32.5);
    assert_real(take("p90", x, 4), 37.0);
    assert_real(take("p100", x, 4), 40.0);
    assert_real(take("iqr", x, 4), 15.0);
}

static void gini_is_that_of_the_population(void **state) {
    (void)state;
    const double one_has_all[] = {0, 0, NAN, 0, 8}, steps[] = {4, 1, 3, 2}, negative[] = {1, -1, 2};
    const double zeros[] = {0, -0.0}, up[] = {1, INFINITY}, large[] = {DBL_MAX, DBL_MAX, 0};
    const double small[] = {0x1p-1074, 0, 0x1p-1074, 0}, wide[] = {1e-300, 1e300};
    assert_real(take("gini", one_has_all, 5), 0.75); /* 1 - 1/n */
    assert_real(take("gini", steps, 4), 0.25);
    assert_null_value(take("gini", negative, 3));
    assert_null_value(take("gini", zeros, 2));
    assert_null_value(take("gini", up, 2));
    assert_near(take("gini", large, 3), 1.0 / 3);
    assert_near(take("gini", small, 4), 0.5);
    assert_near(take("gini", wide, 2), 0.5);
    double same[100];
    for (size_t n = 1; n <= 100; n++) {
        same[n - 1] = 0.1;
        assert_real(take("gini", same, n), 0.0);
    }
}

static void classes_are_counted_by_value(void **state) {
    (void)state;
    const double x[] = {3, -0.0, 7, 3, 0.0, NAN, INFINITY, 9};
    assert_integer(take("unique", x, 8), 5);
    assert_real(take("mode", x, 8), 0.0); /* 0 and 3 twice each */
    assert_real(take("minority", x, 8), 7.0);
    assert_near(take("shannon", x, 8), -(4.0 / 7 * log(2.0 / 7) + 3.0 / 7 * log(1.0 / 7)));
    assert_near(take("simpson", x, 8), 11.0 / 49);
    const double same[] = {4, 4, 4};
    assert_real(take("shannon", same, 3), 0.0);
    assert_real(take("simpson", same, 3), 1.0);
}

static void first_last_and_extremes_are_told_by_place(void **state) {
    (void)state;
    const double x[] = {NAN, 5, 2, 8, 2, 8, -0.0, 0.0, NAN};
    assert_real(take("first", x, 9), 5.0);
    assert_real(take("last", x, 9), 0.0);
    assert_real(take("last", x, 7), 0.0);
    assert_integer(take("argmin", x, 9), 7);
    assert_integer(take("argmax", x, 9), 4);
    assert_integer(take("argmin", x, 6), 3);
}

/* ---- integers ---- */

/* One statistic of some integers, which go by in two parts that are merged. */
static zf_value take_integer(const char *name, const int64_t *values, size_t n) {
    zf_stat stat = stat_of(name);
    zf_value out = zf_value_text("untouched");
    zf_arena arena;
    zf_running_integers parts[2] = {{0}}, all = {0};
    zf_order_stats places = {.n = 0};
    zf_classes classes;
    zf_classes_init(&classes, ZF_CLASS_INTEGER, false, NULL);
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    for (size_t i = 0; i < n; i++) {
        zf_running_integers_add(&parts[i % 2], values[i]);
        assert_int_equal(zf_classes_add_integer(&classes, values[i], 1, NULL), ZF_OK);
        zf_order_stats_add_integer(&places, values[i], (int64_t)i + 1);
    }
    for (size_t i = 0; i < 2; i++)
        zf_running_integers_merge(&all, &parts[i]);
    zf_field_facts facts = {
        .type = ZF_FIELD_INTEGER, .n_rows = n, .integers = &all, .order = &places, .classes = &classes};
    assert_int_equal(zf_stats_of_field(&facts, &stat, 1, &arena, NULL, &out, NULL), ZF_OK);
    zf_classes_deinit(&classes);
    zf_arena_release(&arena);
    return out;
}

static void integers_beyond_2_53_stay_what_they_are(void **state) {
    (void)state;
    const int64_t big = INT64_C(1) << 53;
    const int64_t x[] = {big + 1, big, big + 3, big + 2, big, -big - 1};
    assert_integer(take_integer("unique", x, 6), 5);
    assert_integer(take_integer("mode", x, 6), big);
    assert_integer(take_integer("minority", x, 6), -big - 1);
    assert_integer(take_integer("first", x, 6), big + 1);
    assert_integer(take_integer("last", x, 5), big);
    assert_integer(take_integer("min", x, 5), big);
    assert_integer(take_integer("max", x, 5), big + 3);
    assert_integer(take_integer("argmin", x, 5), 2);
    assert_integer(take_integer("argmax", x, 5), 3);
    assert_real(take_integer("range", x, 5), 3.0);
    assert_real(take_integer("range", x, 1), 0.0);
    const int64_t odd[] = {big + 1, big + 1, -2 * big};
    assert_real(take_integer("sum", odd, 3), 2.0);
    assert_real(take_integer("mean", odd, 3), 2.0 / 3);
    const int64_t ends[] = {INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1, 0};
    assert_integer(take_integer("max", ends, 5), INT64_MAX);
    assert_integer(take_integer("min", ends, 5), INT64_MIN);
    assert_integer(take_integer("unique", ends, 5), 5);
    assert_real(take_integer("sum", ends, 5), -2.0);
    assert_real(take_integer("range", ends, 5), 0x1p64);
    assert_integer(take_integer("last", ends, 3), INT64_MAX - 1);
    assert_integer(take_integer("last", ends, 4), INT64_MIN + 1);
    assert_null_value(take_integer("min", ends, 0));
    assert_integer(take_integer("unique", ends, 0), 0);
}

static void booleans_and_integers_give_integers(void **state) {
    (void)state;
    zf_running running = {.n = 3, .min = 0.0, .max = 4.0};
    const zf_stat stats[] = {{ZF_STAT_MIN, 0}, {ZF_STAT_MAX, 0}, {ZF_STAT_RANGE, 0}};
    zf_value out[3];
    const zf_field_type types[] = {ZF_FIELD_BOOLEAN, ZF_FIELD_INTEGER};
    for (size_t t = 0; t < 2; t++) {
        zf_field_facts facts = {.type = types[t], .n_rows = 3, .running = &running};
        assert_int_equal(zf_stats_of_field(&facts, stats, 3, NULL, NULL, out, NULL), ZF_OK);
        assert_integer(out[0], 0);
        assert_integer(out[1], 4);
        assert_real(out[2], 4.0);
    }
}

static void without_memory_classes_fail_and_give_back_what_they_had(void **state) {
    (void)state;
    zf_budget budget;
    zf_classes classes;
    zf_error error = ZF_ERROR_INIT;
    zf_status status = ZF_OK;
    size_t n = 0;
    zf_budget_init(&budget, 10000);
    zf_classes_init(&classes, ZF_CLASS_REAL, false, &budget);
    assert_int_equal(zf_classes_bytes(&classes), 0);
    for (; status == ZF_OK && n < 10000; n++)
        status = zf_classes_add_number(&classes, (double)n, 1, &error);
    assert_int_equal(status, ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_int_equal(classes.n, n - 1);
    assert_int_equal(zf_classes_bytes(&classes), atomic_load(&budget.total_bytes));
    zf_classes_deinit(&classes);
    assert_int_equal(atomic_load(&budget.total_bytes), 0);
    assert_in_range(budget.peak_bytes, 1, 10000);
}

static void statistics_asked_together_are_those_asked_alone(void **state) {
    (void)state;
    double x[1000];
    zf_stat stats[2 * N_NAMED];
    zf_value together[2 * N_NAMED];
    zf_arena arena;
    for (size_t i = 0; i < 1000; i++)
        x[i] = i % 9 == 0 ? NAN : fmod((double)i * 7919.0, 1009.0) / 8;
    for (size_t i = 0; i < 2 * N_NAMED; i++)
        stats[i] = stat_of(named[i % N_NAMED]);
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    assert_int_equal(zf_stats_of_numbers(x, 1000, stats, 2 * N_NAMED, &arena, together, NULL), ZF_OK);
    for (size_t i = 0; i < 2 * N_NAMED; i++) {
        if (zf_stat_source_of(stats[i]) != ZF_FROM_RUNNING && zf_stat_source_of(stats[i]) != ZF_FROM_COLUMN) {
            assert_null_value(together[i]);
            continue;
        }
        zf_value alone = take(named[i % N_NAMED], x, 1000);
        assert_int_equal(together[i].kind, alone.kind);
        assert_true(zf_value_number(&together[i]) == zf_value_number(&alone));
    }
    zf_arena_release(&arena);
}

static void values_stay_and_scratch_is_given_back(void **state) {
    (void)state;
    enum { N = 5000 };
    static double x[N], before[N];
    for (size_t i = 0; i < N; i++)
        before[i] = x[i] = fmod((double)i * 7919.0, 5003.0);
    zf_budget budget;
    zf_arena arena;
    void *older = NULL;
    zf_value out;
    zf_stat median = stat_of("median"), mean = stat_of("mean");
    zf_budget_init(&budget, 0);
    zf_arena_init(&arena, &budget, ZF_MEMORY_ANALYSIS, 256);
    assert_int_equal(zf_arena_alloc(&arena, 1, 100, &older, NULL), ZF_OK);
    size_t used = arena.used_bytes, held = zf_budget_held(&budget, ZF_MEMORY_ANALYSIS);
    assert_int_equal(zf_stats_of_numbers(x, N, &mean, 1, &arena, &out, NULL), ZF_OK);
    assert_int_equal(budget.peak_bytes, held);
    assert_int_equal(zf_stats_of_numbers(x, N, &median, 1, &arena, &out, NULL), ZF_OK);
    assert_memory_equal(x, before, sizeof x);
    assert_int_equal(arena.used_bytes, used);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_ANALYSIS), held);
    assert_in_range(budget.peak_bytes, held + N * sizeof(double), held + N * sizeof(double) + 256);
    zf_arena_release(&arena);
}

static void without_memory_a_median_fails_and_a_mean_does_not(void **state) {
    (void)state;
    enum { N = 5000 };
    static double x[N];
    zf_budget budget;
    zf_arena arena;
    zf_error error = ZF_ERROR_INIT;
    zf_value out;
    zf_stat median = stat_of("median"), mean = stat_of("mean");
    zf_budget_init(&budget, 10000);
    zf_arena_init(&arena, &budget, ZF_MEMORY_ANALYSIS, 256);
    assert_int_equal(zf_stats_of_numbers(x, N, &median, 1, &arena, &out, &error), ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_non_null(strstr(error.text, "5000"));
    assert_int_equal(arena.used_bytes, 0);
    assert_int_equal(zf_stats_of_numbers(x, N, &mean, 1, &arena, &out, NULL), ZF_OK);
    assert_real(out, 0.0);
    zf_arena_release(&arena);
}

/* ---- texts ---- */

static zf_bytes text(const char *string) {
    return (zf_bytes){(const uint8_t *)string, string == NULL ? 0 : strlen(string)};
}

static zf_value take_text(const char *name, const zf_bytes *values, size_t n) {
    zf_stat stat = stat_of(name);
    zf_value out = zf_value_integer(-1);
    zf_running_text running = {.wants = (unsigned)zf_stat_source_of(stat)};
    zf_classes classes;
    zf_arena_release(&kept);
    zf_arena_init(&kept, NULL, ZF_MEMORY_ANALYSIS, 1024);
    zf_classes_init(&classes, ZF_CLASS_TEXT, false, NULL);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(zf_running_text_add(&running, values[i], 1, &kept, NULL), ZF_OK);
        assert_int_equal(zf_classes_add_text(&classes, values[i], 1, NULL), ZF_OK);
    }
    zf_field_facts facts = {.type = ZF_FIELD_TEXT, .n_rows = n, .texts = &running, .classes = &classes};
    assert_int_equal(zf_stats_of_field(&facts, &stat, 1, NULL, &kept, &out, NULL), ZF_OK);
    zf_classes_deinit(&classes);
    return out;
}

static void assert_text(zf_value value, zf_bytes expected) {
    assert_int_equal(value.kind, ZF_VALUE_TEXT);
    assert_non_null(value.as.bytes.bytes);
    assert_memory_equal(value.as.bytes.bytes, expected.bytes, expected.n);
    assert_int_equal(value.as.bytes.n, expected.n);
}

static void texts_are_ordered_by_their_bytes(void **state) {
    (void)state;
    const zf_bytes values[] = {text("b"), text(NULL), text("ab"), text("\xC3\xA9"),
                               text("a"), text("Z"),  text("zz")};
    assert_integer(take_text("count", values, 7), 6);
    assert_integer(take_text("missing", values, 7), 1);
    assert_text(take_text("min", values, 7), values[5]);
    assert_text(take_text("max", values, 7), values[3]);
    const zf_bytes prefixes[] = {text("abc"), text("ab"), text("abcd")};
    assert_text(take_text("min", prefixes, 3), prefixes[1]);
    assert_text(take_text("max", prefixes, 3), prefixes[2]);
}

static void an_empty_text_is_a_value_and_the_least(void **state) {
    (void)state;
    const zf_bytes values[] = {text("a"), text(""), text(NULL)};
    assert_integer(take_text("count", values, 3), 2);
    assert_text(take_text("min", values, 3), values[1]);
    assert_text(take_text("max", values, 2), values[0]);
    assert_text(take_text("max", values + 1, 1), values[1]);
}

static void a_nul_byte_is_a_byte_like_others(void **state) {
    (void)state;
    const zf_bytes values[] = {
        {(const uint8_t *)"a\0b", 3}, {(const uint8_t *)"a\0a", 3}, {(const uint8_t *)"a", 1}};
    assert_text(take_text("min", values, 2), values[1]);
    assert_text(take_text("max", values, 3), values[0]);
}

/* Each new least and greatest text is kept, in the same room: what it was read from is gone. */
static void texts_that_come_in_order_take_no_more_room(void **state) {
    (void)state;
    const zf_stat stats[] = {{ZF_STAT_MIN, 0}, {ZF_STAT_MAX, 0}};
    zf_running_text running = {0};
    zf_value out[2];
    zf_arena arena;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    for (unsigned i = 0; i < 20000; i++) {
        char passing[16];
        (void)snprintf(passing, sizeof passing, "%05u", i % 2 ? 50000 - i : 50000 + i);
        assert_int_equal(zf_running_text_add(&running, text(passing), 1, &arena, NULL), ZF_OK);
    }
    zf_stats_of_running_text(&running, 20000, stats, 2, out);
    assert_text(out[0], text("30001"));
    assert_text(out[1], text("69998"));
    assert_true(arena.used_bytes <= 64);
    zf_arena_release(&arena);
}

static void without_memory_a_text_is_not_kept(void **state) {
    (void)state;
    zf_running_text running = {0};
    zf_budget budget;
    zf_arena arena;
    zf_error error = ZF_ERROR_INIT;
    zf_budget_init(&budget, 1);
    zf_arena_init(&arena, &budget, ZF_MEMORY_ANALYSIS, 1024);
    assert_int_equal(zf_running_text_add(&running, text("a"), 1, &arena, &error), ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    zf_arena_release(&arena);
}

static void texts_are_counted_by_their_bytes(void **state) {
    (void)state;
    const zf_bytes values[] = {text("b"), text("a"), text(NULL), text("B"), text("a"),
                               text(""),  text("b"), text("ab"), text("")};
    assert_integer(take_text("unique", values, 9), 5);
    assert_text(take_text("mode", values, 9), values[5]);
    assert_text(take_text("mode", values, 7), values[1]);
    assert_text(take_text("minority", values, 9), values[3]);
    assert_text(take_text("first", values, 9), values[0]);
    assert_text(take_text("last", values, 9), values[5]);
    assert_text(take_text("last", values, 3), values[1]);
    assert_near(take_text("shannon", values, 9), -(3 * 0.25 * log(0.25) + 2 * 0.125 * log(0.125)));
    assert_real(take_text("simpson", values, 9), 14.0 / 64);
}

static void lengths_are_in_characters_as_sqlite_counts_them(void **state) {
    (void)state;
    const zf_bytes values[] = {text("Z\xC3\xBCrich"), text(NULL), text("\xF0\x9F\x8F\xA0"), text("abc")};
    assert_integer(take_text("min_length", values, 4), 1);
    assert_integer(take_text("max_length", values, 4), 6);
    assert_real(take_text("mean_length", values, 4), 10.0 / 3);
    const zf_bytes odd[] = {{(const uint8_t *)"a\0b", 3}, text(""), text("\x80\x80"), text("\xC3")};
    const int64_t expected[] = {1, 0, 2, 1};
    for (size_t i = 0; i < 4; i++)
        assert_integer(take_text("min_length", &odd[i], 1), expected[i]);
}

static void many_texts_are_kept_once_each(void **state) {
    (void)state;
    enum { N = 5000 };
    zf_classes classes;
    char passing[40];
    zf_classes_init(&classes, ZF_CLASS_TEXT, false, NULL);
    for (unsigned i = 0; i < 3 * N; i++) {
        (void)snprintf(passing, sizeof passing, "%u, Some Street of the Town", i % N);
        assert_int_equal(zf_classes_add_text(&classes, text(passing), 1, NULL), ZF_OK);
    }
    assert_int_equal(classes.n, N);
    assert_int_equal(classes.n_values, 3 * N);
    assert_in_range(zf_classes_bytes(&classes), N * 48, N * 90);
    zf_classes_deinit(&classes);
}

static void of_no_texts_min_and_max_are_null(void **state) {
    (void)state;
    const zf_bytes values[] = {text(NULL), text(NULL)};
    for (size_t n = 0; n <= 2; n++) {
        assert_integer(take_text("count", values, n), 0);
        assert_integer(take_text("missing", values, n), (int64_t)n);
        assert_null_value(take_text("min", values, n));
        assert_null_value(take_text("max", values, n));
        assert_integer(take_text("unique", values, n), 0);
        const char *const null[] = {"mode",    "minority",   "first",       "last",      "shannon",
                                    "simpson", "min_length", "mean_length", "max_length"};
        for (size_t i = 0; i < sizeof null / sizeof null[0]; i++)
            assert_null_value(take_text(null[i], values, n));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_comes_back_from_its_statistic),
        cmocka_unit_test(percentiles_are_named_by_their_number),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(each_type_takes_what_makes_sense),
        cmocka_unit_test(a_result_is_of_the_type_of_what_it_is),
        cmocka_unit_test(blobs_and_unsupported_fields_take_none),
        cmocka_unit_test(the_list_of_names_is_what_applies),
        cmocka_unit_test(of_no_values_counts_and_sums_are_zero_and_the_rest_is_null),
        cmocka_unit_test(one_value_is_its_own_mean_median_and_quartile),
        cmocka_unit_test(a_worked_example_agrees_with_exact_fractions),
        cmocka_unit_test(sums_keep_what_large_terms_would_swallow),
        cmocka_unit_test(equal_values_do_not_vary),
        cmocka_unit_test(sums_that_overflow_on_the_way_are_right_at_the_end),
        cmocka_unit_test(deviations_of_extreme_values_neither_overflow_nor_vanish),
        cmocka_unit_test(infinities_are_values_and_their_differences_are_not),
        cmocka_unit_test(both_zeros_are_one),
        cmocka_unit_test(a_negative_mean_gives_a_negative_cv),
        cmocka_unit_test(percentiles_interpolate_between_closest_ranks),
        cmocka_unit_test(statistics_asked_together_are_those_asked_alone),
        cmocka_unit_test(values_stay_and_scratch_is_given_back),
        cmocka_unit_test(without_memory_a_median_fails_and_a_mean_does_not),
        cmocka_unit_test(texts_are_ordered_by_their_bytes),
        cmocka_unit_test(an_empty_text_is_a_value_and_the_least),
        cmocka_unit_test(a_nul_byte_is_a_byte_like_others),
        cmocka_unit_test(texts_that_come_in_order_take_no_more_room),
        cmocka_unit_test(without_memory_a_text_is_not_kept),
        cmocka_unit_test(of_no_texts_min_and_max_are_null),
        cmocka_unit_test(gini_is_that_of_the_population),
        cmocka_unit_test(classes_are_counted_by_value),
        cmocka_unit_test(first_last_and_extremes_are_told_by_place),
        cmocka_unit_test(integers_beyond_2_53_stay_what_they_are),
        cmocka_unit_test(booleans_and_integers_give_integers),
        cmocka_unit_test(without_memory_classes_fail_and_give_back_what_they_had),
        cmocka_unit_test(texts_are_counted_by_their_bytes),
        cmocka_unit_test(lengths_are_in_characters_as_sqlite_counts_them),
        cmocka_unit_test(many_texts_are_kept_once_each),
    };
    return cmocka_run_group_tests_name("analysis stat", tests, NULL, NULL);
}
