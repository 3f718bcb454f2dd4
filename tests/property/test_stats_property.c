/* SPDX-License-Identifier: MIT */
/* Statistics of random columns against SQLite's own aggregates, and against the definitions written out in
 * long double. */
#include "analysis/analysis.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h> /* wants those above */

enum { N_COLUMNS = 900, MAX_N = 3000, N_KINDS = 10, MEDIAN_KILLER_N = 200000 };

static uint64_t generator = 7;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t x = generator += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static double draw_between(double low, double high) {
    return low + (high - low) * ((double)(draw() >> 11) * 0x1p-53);
}

/** A random column, and its values that are not missing in ascending order. */
typedef struct column {
    size_t n;
    double values[MAX_N];
    size_t n_present;
    double sorted[MAX_N];
    bool is_finite;
} column;

static double draw_value(unsigned kind, size_t i) {
    switch (kind) {
    case 0: /* footprints in m2 */
        return exp(draw_between(2, 9));
    case 1: /* few different values */
        return (double)(draw() % 4);
    case 2: /* all the same */
        return 3.3;
    case 3: /* of every size */
        return ldexp(draw_between(-1, 1), (int)(draw() % 1900) - 1000);
    case 4: /* extreme */
        return draw_between(-1, 1) * 1e300;
    case 5: /* rising */
        return (double)i / 7;
    case 6: /* falling */
        return -(double)i * 1e-5;
    case 7: /* small differences far from 0 */
        return 1e12 + draw_between(0, 1);
    case 8: /* with infinities */
        return draw() % 50 == 0 ? (draw() % 2 ? INFINITY : -INFINITY) : draw_between(-9, 9);
    default: /* up and down, with both zeros */
        return draw() % 3 == 0 ? (draw() % 2 ? 0.0 : -0.0) : (double)(i % 2 ? i : MAX_N - i) - MAX_N / 2;
    }
}

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void draw_column(column *c, unsigned kind) {
    double u = draw_between(0, 1);
    bool has_missing = draw() % 2;
    c->n = (size_t)(u * u * u * (MAX_N + 1));
    c->n_present = 0;
    c->is_finite = true;
    for (size_t i = 0; i < c->n; i++) {
        c->values[i] = has_missing && draw() % 5 == 0 ? NAN : draw_value(kind, i);
        if (isnan(c->values[i]))
            continue;
        c->is_finite = c->is_finite && isfinite(c->values[i]);
        c->sorted[c->n_present++] = c->values[i];
    }
    qsort(c->sorted, c->n_present, sizeof *c->sorted, compare_numbers);
}

static zf_value take(const double *values, size_t n, const char *name) {
    zf_stat stat;
    zf_value out;
    zf_arena arena;
    assert_true(zf_stat_parse(name, &stat));
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
    assert_int_equal(zf_stats_of_numbers(values, n, &stat, 1, &arena, &out, NULL), ZF_OK);
    zf_arena_release(&arena);
    return out;
}

static void assert_number(zf_value value, double expected, double tolerance) {
    if (isnan(expected)) {
        assert_int_equal(value.kind, ZF_VALUE_NULL);
        return;
    }
    assert_int_equal(value.kind, ZF_VALUE_REAL);
    assert_true(value.as.real == expected || fabs(value.as.real - expected) <= tolerance);
}

/* ---- SQLite ---- */

static void fill_table(sqlite3 *db, const column *c) {
    sqlite3_stmt *insert = NULL;
    assert_int_equal(sqlite3_exec(db, "DELETE FROM t; BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO t VALUES (?)", -1, &insert, NULL), SQLITE_OK);
    for (size_t i = 0; i < c->n; i++) {
        assert_int_equal(sqlite3_bind_double(insert, 1, c->values[i]), SQLITE_OK); /* NaN becomes NULL */
        assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
        assert_int_equal(sqlite3_reset(insert), SQLITE_OK);
    }
    sqlite3_finalize(insert);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
}

static double number_or_nan(sqlite3_stmt *statement, int i) {
    return sqlite3_column_type(statement, i) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, i);
}

static void assert_as_sqlite(sqlite3_stmt *aggregates, const column *c) {
    double magnitude = 0;
    for (size_t i = 0; i < c->n_present && c->is_finite; i++)
        magnitude += fabs(c->sorted[i]);
    double tolerance =
        magnitude * (double)(c->n + 1) * DBL_EPSILON; /* of SQLite's sum, which rounds at every step */
    assert_int_equal(sqlite3_step(aggregates), SQLITE_ROW);
    assert_int_equal(take(c->values, c->n, "count").as.integer, sqlite3_column_int64(aggregates, 0));
    assert_int_equal(take(c->values, c->n, "missing").as.integer, sqlite3_column_int64(aggregates, 1));
    double total = number_or_nan(aggregates, 2), mean = number_or_nan(aggregates, 3);
    assert_number(take(c->values, c->n, "sum"), total, tolerance);
    assert_number(take(c->values, c->n, "mean"), mean, tolerance / (double)(c->n_present + 1));
    assert_number(take(c->values, c->n, "min"), number_or_nan(aggregates, 4), 0);
    assert_number(take(c->values, c->n, "max"), number_or_nan(aggregates, 5), 0);
    assert_int_equal(sqlite3_reset(aggregates), SQLITE_OK);
}

static void counts_sums_means_and_extremes_are_those_of_sqlite(void **state) {
    (void)state;
    static column c;
    sqlite3 *db = NULL;
    sqlite3_stmt *aggregates = NULL;
    const char *sql = "SELECT count(x), count(*) - count(x), total(x), avg(x), min(x), max(x) FROM t";
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x REAL)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &aggregates, NULL), SQLITE_OK);
    for (unsigned k = 0; k < N_COLUMNS; k++) {
        draw_column(&c, k % N_KINDS);
        fill_table(db, &c);
        assert_as_sqlite(aggregates, &c);
    }
    sqlite3_finalize(aggregates);
    sqlite3_close(db);
}

/* ---- definitions ---- */

/* Sum of squared deviations; long double has the range for the squares of 1e300. */
static long double squares_of(const column *c) {
    long double sum = 0, mean, squares = 0;
    for (size_t i = 0; i < c->n_present; i++)
        sum += (long double)c->sorted[i];
    mean = sum / (long double)c->n_present;
    for (size_t i = 0; i < c->n_present; i++)
        squares += ((long double)c->sorted[i] - mean) * ((long double)c->sorted[i] - mean);
    return squares;
}

static void assert_spread(zf_value value, long double expected, long double scale) {
    if (fabsl(expected) > (long double)DBL_MAX) {
        assert_number(value, INFINITY, 0);
        return;
    }
    assert_int_equal(value.kind, ZF_VALUE_REAL);
    assert_true(fabsl((long double)value.as.real - expected) <=
                1e-11L * fabsl(expected) + scale + 0x1p-1074L);
}

static void spreads_are_as_defined(void **state) {
    (void)state;
    static column c;
    size_t n_checked = 0;
    for (unsigned k = 0; k < N_COLUMNS; k++) {
        draw_column(&c, k % N_KINDS);
        if (c.n_present == 0 || !c.is_finite)
            continue;
        long double n = (long double)c.n_present, squares = squares_of(&c), deviation = sqrtl(squares / n);
        long double largest =
            fmaxl(fabsl((long double)c.sorted[0]), fabsl((long double)c.sorted[c.n_present - 1]));
        long double rounding = 4 * (long double)LDBL_EPSILON * largest; /* of the mean above */
        zf_value mean = take(c.values, c.n, "mean"), sample = take(c.values, c.n, "stddev_sample");
        assert_spread(take(c.values, c.n, "variance"), squares / n, rounding * (deviation + rounding));
        assert_spread(take(c.values, c.n, "stddev"), deviation, rounding);
        if (c.n_present < 2)
            assert_int_equal(sample.kind, ZF_VALUE_NULL);
        else
            assert_spread(sample, sqrtl(squares / (n - 1)), rounding);
        if (mean.as.real == 0)
            assert_int_equal(take(c.values, c.n, "cv").kind, ZF_VALUE_NULL);
        else
            assert_spread(take(c.values, c.n, "cv"), deviation / (long double)mean.as.real,
                          rounding / fabsl((long double)mean.as.real));
        n_checked++;
    }
    assert_true(n_checked > N_COLUMNS / 2);
}

/* Type 7 of Hyndman and Fan (1996): x[j] + g (x[j + 1] - x[j]) where j + g = (n - 1) p. */
static double percentile_of(const column *c, unsigned percent) {
    long double at = (long double)(c->n_present - 1) * percent / 100;
    size_t j = (size_t)((c->n_present - 1) * percent / 100);
    long double g = at - (long double)j;
    if ((c->n_present - 1) * percent % 100 == 0 || c->sorted[j] == c->sorted[j + 1])
        return c->sorted[j];
    return (double)((1 - g) * (long double)c->sorted[j] + g * (long double)c->sorted[j + 1]);
}

static void ranks_are_as_defined(void **state) {
    (void)state;
    static column c;
    for (unsigned k = 0; k < N_COLUMNS; k++) {
        draw_column(&c, k % N_KINDS);
        if (c.n_present == 0)
            continue;
        unsigned percents[] = {50, 25, 75, 0, 100, (unsigned)(draw() % 101), (unsigned)(draw() % 101)};
        double expected[7];
        for (size_t i = 0; i < 7; i++) {
            char name[24] = "";
            expected[i] = percentile_of(&c, percents[i]);
            zf_stat_name((zf_stat){ZF_STAT_PERCENTILE, percents[i]}, name);
            assert_number(take(c.values, c.n, name), expected[i], 4 * DBL_EPSILON * fabs(expected[i]));
        }
        double range = c.sorted[c.n_present - 1] - c.sorted[0];
        double slack = 8 * DBL_EPSILON * (fabs(expected[1]) + fabs(expected[2]));
        assert_number(take(c.values, c.n, "median"), expected[0], 4 * DBL_EPSILON * fabs(expected[0]));
        assert_number(take(c.values, c.n, "q1"), expected[1], 4 * DBL_EPSILON * fabs(expected[1]));
        assert_number(take(c.values, c.n, "q3"), expected[2], 4 * DBL_EPSILON * fabs(expected[2]));
        assert_number(take(c.values, c.n, "iqr"), expected[2] - expected[1], slack);
        assert_number(take(c.values, c.n, "range"), range, 0);
    }
}

/* Musser's sequence makes every median of three a bad pivot: 1, k+1, 3, k+3, ..., 2, 4, ..., 2k. */
static void a_sequence_made_against_quicksort_is_ranked_too(void **state) {
    (void)state;
    enum { K = MEDIAN_KILLER_N / 2 };
    static double killer[MEDIAN_KILLER_N];
    for (size_t i = 1; i <= K; i++) {
        killer[i - 1] = (double)(i % 2 ? i : K + i - 1);
        killer[K + i - 1] = (double)(2 * i);
    }
    assert_number(take(killer, MEDIAN_KILLER_N, "p0"), 1, 0);
    assert_number(take(killer, MEDIAN_KILLER_N, "median"), K + 0.5, 0);
    assert_number(take(killer, MEDIAN_KILLER_N, "p100"), MEDIAN_KILLER_N, 0);
    static const char *const many[] = {"p10", "p20", "p30", "p40", "p60", "p70", "p80", "p90"};
    for (size_t i = 0; i < 8; i++) {
        double percent = (double)strtoul(many[i] + 1, NULL, 10);
        assert_number(take(killer, MEDIAN_KILLER_N, many[i]), 1 + (MEDIAN_KILLER_N - 1) * percent / 100,
                      1e-9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_sums_means_and_extremes_are_those_of_sqlite),
        cmocka_unit_test(spreads_are_as_defined),
        cmocka_unit_test(ranks_are_as_defined),
        cmocka_unit_test(a_sequence_made_against_quicksort_is_ranked_too),
    };
    return cmocka_run_group_tests_name("stats property", tests, NULL, NULL);
}
