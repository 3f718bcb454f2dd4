/* SPDX-License-Identifier: MIT */
/* Exact sums against school arithmetic bit by bit, and the rounding written out again. */
#include "analysis/analysis.h"

#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { MAX_N = 400, N_ROUNDS = 30000, N_KINDS = 9, N_BITS = 2400, N_PARTS = 3 };

static uint64_t generator = 11;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t x = generator += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* ---- the oracle: school arithmetic on bits, in units of 2^-1074 ---- */

/** A number without sign, lowest bit first. */
typedef struct big {
    uint8_t bits[N_BITS];
} big;

static void big_add(big *into, double size) {
    int exponent;
    double fraction = frexp(size, &exponent); /* size = fraction 2^exponent, fraction in [1/2, 1) */
    uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
    int lowest = exponent - 53 + 1074;
    unsigned carry = 0;
    for (; lowest < 0; lowest++)
        mantissa >>= 1; /* subnormal: these bits are 0 */
    for (int i = lowest; i < N_BITS && (mantissa != 0 || carry != 0); i++, mantissa >>= 1) {
        carry += into->bits[i] + (unsigned)(mantissa & 1);
        into->bits[i] = carry & 1;
        carry >>= 1;
    }
}

static int big_compare(const big *a, const big *b) {
    for (int i = N_BITS - 1; i >= 0; i--)
        if (a->bits[i] != b->bits[i])
            return a->bits[i] - b->bits[i];
    return 0;
}

static void big_subtract(big *from, const big *b) {
    int borrow = 0;
    for (int i = 0; i < N_BITS; i++) {
        int bit = from->bits[i] - b->bits[i] - borrow;
        borrow = bit < 0;
        from->bits[i] = (uint8_t)(bit & 1);
    }
}

static double big_round(const big *a) {
    int highest = N_BITS - 1;
    while (highest >= 0 && a->bits[highest] == 0)
        highest--;
    int lowest = highest > 52 ? highest - 52 : 0;
    double mantissa = 0;
    for (int i = highest; i >= lowest; i--)
        mantissa = 2 * mantissa + a->bits[i];
    if (lowest > 0 && a->bits[lowest - 1] != 0) {
        bool is_more_than_half = false;
        for (int i = 0; i < lowest - 1; i++)
            is_more_than_half |= a->bits[i] != 0;
        if (is_more_than_half || a->bits[lowest] != 0)
            mantissa += 1;
    }
    return ldexp(mantissa, lowest - 1074);
}

static double oracle(const double *x, size_t n) {
    static big up, down;
    double infinite = 0; /* sum of the infinities is what IEEE says it is */
    bool is_infinite = false;
    memset(&up, 0, sizeof up);
    memset(&down, 0, sizeof down);
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i])) {
            infinite = is_infinite ? infinite + x[i] : x[i];
            is_infinite = true;
        } else if (!isnan(x[i])) {
            big_add(x[i] < 0 ? &down : &up, fabs(x[i]));
        }
    }
    if (is_infinite)
        return infinite;
    if (big_compare(&up, &down) >= 0) {
        big_subtract(&up, &down);
        return big_round(&up);
    }
    big_subtract(&down, &up);
    return -big_round(&down);
}

/* ---- values ---- */

static double any_finite(void) {
    double x;
    do {
        uint64_t bits = draw();
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    return x;
}

static double draw_value(unsigned kind, const double *before, size_t i) {
    double unit = (double)(draw() >> 11) * 0x1p-53;
    switch (kind) {
    case 0: /* heights */
        return 3 + 60 * unit;
    case 1: /* both signs */
        return unit - 0.5;
    case 2: /* of every size */
        return any_finite();
    case 3: /* each takes one before it back, sooner or later */
        return i > 0 && draw() % 2 ? -before[draw() % i] : any_finite();
    case 4: /* subnormal and about it */
        return ldexp(unit - 0.5, -1074 + (int)(draw() % 60));
    case 5: /* the largest */
        return ldexp(0.5 + unit / 2, 1024) * (draw() % 2 ? 1 : -1);
    case 6: /* ties: a large one and halves of its last place */
        return draw() % 4 == 0 ? 0x1p60 : 128.0 * (double)(draw() % 3) * (draw() % 2 ? 1 : -1);
    case 7: /* missing, infinite and zero ones between */
        return draw() % 3 == 0    ? NAN
               : draw() % 40 == 0 ? (draw() % 2 ? INFINITY : -INFINITY)
               : draw() % 2       ? -0.0
                                  : unit;
    default: /* powers of two, far apart */
        return ldexp(draw() % 2 ? 1 : -1, (int)(draw() % 2098) - 1074);
    }
}

static void assert_same(double got, double expected) {
    if (isnan(expected))
        assert_true(isnan(got));
    else
        assert_true(got == expected && !signbit(got) == !signbit(expected + 0.0));
}

static size_t draw_values(double *x, unsigned kind) {
    size_t n = draw() % 5 == 0 ? draw() % MAX_N : draw() % 12;
    for (size_t i = 0; i < n; i++)
        x[i] = draw_value(kind, x, i);
    return n;
}

/* ---- tests ---- */

static void a_sum_is_the_exact_one_rounded_once(void **state) {
    double x[MAX_N];
    (void)state;
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        size_t n = draw_values(x, round % N_KINDS);
        assert_same(zf_sum(x, n) + 0.0, oracle(x, n) + 0.0);
    }
}

static void add_running(zf_running *running, zf_exact_wide *wide, double x) {
    if (zf_running_add(running, x))
        return;
    zf_exact_widen(&running->sum, wide);
    assert_true(zf_running_add(running, x));
}

static void parts_in_any_order_make_the_same_whole(void **state) {
    static const zf_stat stats[] = {{ZF_STAT_COUNT, 0}, {ZF_STAT_MISSING, 0}, {ZF_STAT_SUM, 0},
                                    {ZF_STAT_MEAN, 0},  {ZF_STAT_MIN, 0},     {ZF_STAT_MAX, 0},
                                    {ZF_STAT_RANGE, 0}};
    enum { N_STATS = sizeof stats / sizeof stats[0] };
    double x[MAX_N];
    (void)state;
    for (unsigned round = 0; round < N_ROUNDS / 10; round++) {
        zf_value expected[N_STATS], got[N_STATS];
        zf_exact_wide wide[N_PARTS], whole_wide;
        zf_running parts[N_PARTS] = {{0}}, whole = {0};
        zf_arena arena;
        size_t n = draw_values(x, round % N_KINDS);
        zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
        assert_int_equal(zf_stats_of_numbers(x, n, stats, N_STATS, &arena, expected, NULL), ZF_OK);
        zf_arena_release(&arena);
        for (size_t i = n; i-- > 0;) {
            size_t part = draw() % N_PARTS;
            add_running(&parts[part], &wide[part], x[i]);
        }
        zf_exact_widen(&whole.sum, &whole_wide);
        for (unsigned part = 0; part < N_PARTS; part++)
            zf_running_merge(&whole, &parts[part]);
        zf_stats_of_running(&whole, n, stats, N_STATS, got);
        for (size_t s = 0; s < N_STATS; s++) {
            assert_int_equal(got[s].kind, expected[s].kind);
            assert_memory_equal(&got[s].as.integer, &expected[s].as.integer, sizeof got[s].as.integer);
        }
    }
}

static void the_window_holds_what_zips_are_made_of(void **state) {
    (void)state;
    zf_exact_sum sum = {.wide = NULL};
    for (int i = 0; i < 1000000; i++) /* footprints from 1 to 100,000 m2, to a million of them */
        assert_true(zf_exact_add(&sum, exp((double)(draw() >> 11) * 0x1p-53 * 11.5)));
    assert_true(zf_exact_add(&sum, 0.0));
    zf_exact_sum zero = {.wide = NULL};
    assert_true(zf_exact_add(&zero, 0.0) && zf_exact_add(&zero, -0.0) && zf_exact_add(&zero, 1e6));
}

static void a_sum_of_very_many_grows_beyond_its_window(void **state) {
    zf_exact_wide wide;
    zf_exact_sum sum = {.wide = NULL};
    (void)state;
    assert_true(zf_exact_add(&sum, 1.0));
    unsigned n = 0;
    while (n < 100000 && zf_exact_add(&sum, -0x1.fffffffffffffp+63))
        n++;
    if (n < 100000) {
        zf_exact_widen(&sum, &wide);
        for (; n < 100000; n++)
            assert_true(zf_exact_add(&sum, -0x1.fffffffffffffp+63));
    }
    assert_true(zf_exact_scaled(&sum, 0) == (double)(-100000.0L * 0x1.fffffffffffffp+63L + 1.0L));
}

static void a_mean_is_finite_where_its_sum_is_not(void **state) {
    const zf_stat stats[] = {{ZF_STAT_SUM, 0}, {ZF_STAT_MEAN, 0}};
    zf_value out[2];
    zf_exact_wide wide;
    zf_running running = {0};
    (void)state;
    for (int i = 0; i < 7; i++)
        add_running(&running, &wide, i % 2 ? 1.5e308 : 1.25e308);
    zf_stats_of_running(&running, 7, stats, 2, out);
    assert_true(out[0].as.real == INFINITY);
    assert_true(fabs(out[1].as.real - (4 * 1.25 + 3 * 1.5) / 7 * 1e308) <= 1e293);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_is_the_exact_one_rounded_once),
        cmocka_unit_test(parts_in_any_order_make_the_same_whole),
        cmocka_unit_test(the_window_holds_what_zips_are_made_of),
        cmocka_unit_test(a_sum_of_very_many_grows_beyond_its_window),
        cmocka_unit_test(a_mean_is_finite_where_its_sum_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
