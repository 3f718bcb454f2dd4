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

/* One statistic of some numbers. */
static zf_value take(const char *name, const double *values, size_t n) {
    zf_stat stat = stat_of(name);
    zf_value out = zf_value_text("untouched");
    zf_arena arena;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    assert_int_equal(zf_stats_of_numbers(values, n, &stat, 1, &arena, &out, NULL), ZF_OK);
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

static const char *const named[] = {"count",  "missing", "sum",           "mean",     "min", "max", "range",
                                    "median", "stddev",  "stddev_sample", "variance", "cv",  "q1",  "q3",
                                    "iqr",    "p90"};
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
                                 "q2",  "sum,", "stddev_", "mode",  "p0100", "p1e1", "p4294967300"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        zf_stat stat = {ZF_STAT_CV, 77};
        assert_false(zf_stat_parse(wrong[i], &stat));
        assert_int_equal(stat.kind, ZF_STAT_CV);
        assert_int_equal(stat.percent, 77);
    }
}

/* ---- types ---- */

static bool is_text_statistic(const char *name) {
    return strcmp(name, "count") == 0 || strcmp(name, "missing") == 0 || strcmp(name, "min") == 0 ||
           strcmp(name, "max") == 0;
}

static void numbers_take_every_statistic(void **state) {
    (void)state;
    const zf_field_type numbers[] = {ZF_FIELD_INTEGER, ZF_FIELD_REAL, ZF_FIELD_BOOLEAN};
    for (size_t t = 0; t < 3; t++) {
        for (size_t i = 0; i < N_NAMED; i++) {
            zf_stat stat = stat_of(named[i]);
            bool is_counted = stat.kind == ZF_STAT_COUNT || stat.kind == ZF_STAT_MISSING;
            assert_true(zf_stat_applies(stat, numbers[t]));
            assert_int_equal(zf_stat_result_type(stat, numbers[t]),
                             is_counted ? ZF_FIELD_INTEGER : ZF_FIELD_REAL);
        }
    }
}

static void texts_dates_and_times_take_count_missing_min_and_max(void **state) {
    (void)state;
    const zf_field_type texts[] = {ZF_FIELD_TEXT, ZF_FIELD_DATE, ZF_FIELD_TIME, ZF_FIELD_DATETIME};
    for (size_t t = 0; t < 4; t++) {
        for (size_t i = 0; i < N_NAMED; i++)
            assert_int_equal(zf_stat_applies(stat_of(named[i]), texts[t]), is_text_statistic(named[i]));
        assert_int_equal(zf_stat_result_type(stat_of("count"), texts[t]), ZF_FIELD_INTEGER);
        assert_int_equal(zf_stat_result_type(stat_of("missing"), texts[t]), ZF_FIELD_INTEGER);
        assert_int_equal(zf_stat_result_type(stat_of("min"), texts[t]), texts[t]);
        assert_int_equal(zf_stat_result_type(stat_of("max"), texts[t]), texts[t]);
    }
}

static void blobs_and_unsupported_fields_take_none(void **state) {
    (void)state;
    for (size_t i = 0; i < N_NAMED; i++) {
        assert_false(zf_stat_applies(stat_of(named[i]), ZF_FIELD_BLOB));
        assert_false(zf_stat_applies(stat_of(named[i]), ZF_FIELD_UNSUPPORTED));
    }
    assert_string_equal(zf_stat_names_for(ZF_FIELD_BLOB), "");
    assert_string_equal(zf_stat_names_for(ZF_FIELD_UNSUPPORTED), "");
}

/* The list in an error message must name exactly what is taken. */
static void the_list_of_names_is_what_applies(void **state) {
    (void)state;
    for (int type = 0; type < ZF_FIELD_TYPE_END; type++) {
        char list[256] = "";
        for (size_t i = 0; i < N_NAMED; i++) {
            if (!zf_stat_applies(stat_of(named[i]), (zf_field_type)type))
                continue;
            if (list[0] != '\0')
                strcat(list, " ");
            strcat(list, strcmp(named[i], "p90") == 0 ? "pNN" : named[i]);
        }
        assert_string_equal(zf_stat_names_for((zf_field_type)type), list);
    }
}

/* ---- numbers ---- */

static void of_no_values_counts_and_sums_are_zero_and_the_rest_is_null(void **state) {
    (void)state;
    const double missing[] = {NAN, NAN, NAN};
    for (size_t n = 0; n <= 3; n += 3) {
        assert_integer(take("count", missing, n), 0);
        assert_integer(take("missing", missing, n), (int64_t)n);
        assert_real(take("sum", missing, n), 0.0);
        for (size_t i = 3; i < N_NAMED; i++)
            assert_null_value(take(named[i], missing, n));
    }
}

static void one_value_is_its_own_mean_median_and_quartile(void **state) {
    (void)state;
    const double one[] = {NAN, -3.5, NAN};
    const char *const same[] = {"sum", "mean", "min", "max", "median", "q1", "q3", "p0", "p90", "p100"};
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
    static zf_arena arena; /* given back when the next is asked for: results borrow from it */
    zf_running_text running = {0};
    zf_arena_release(&arena);
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(zf_running_text_add(&running, values[i], &arena, NULL), ZF_OK);
    zf_stats_of_running_text(&running, n, &stat, 1, &out);
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
        assert_int_equal(zf_running_text_add(&running, text(passing), &arena, NULL), ZF_OK);
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
    assert_int_equal(zf_running_text_add(&running, text("a"), &arena, &error), ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    zf_arena_release(&arena);
}

static void of_no_texts_min_and_max_are_null(void **state) {
    (void)state;
    const zf_bytes values[] = {text(NULL), text(NULL)};
    for (size_t n = 0; n <= 2; n++) {
        assert_integer(take_text("count", values, n), 0);
        assert_integer(take_text("missing", values, n), (int64_t)n);
        assert_null_value(take_text("min", values, n));
        assert_null_value(take_text("max", values, n));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_comes_back_from_its_statistic),
        cmocka_unit_test(percentiles_are_named_by_their_number),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(numbers_take_every_statistic),
        cmocka_unit_test(texts_dates_and_times_take_count_missing_min_and_max),
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
    };
    return cmocka_run_group_tests_name("analysis stat", tests, NULL, NULL);
}
