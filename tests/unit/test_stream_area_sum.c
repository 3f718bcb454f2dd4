/* SPDX-License-Identifier: MIT */
#include "stream/area_sum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h> /* wants those above */

enum { N_TERMS = 2000, N_ROUNDS = 200 };

/** Areas of buildings, as they come: 1 m2 to 100,000 m2; in some rounds tiny or huge ones, too. */
static double random_area(int round) {
    const double unit = (double)rand() / RAND_MAX;
    const int span = round % 4 == 0 ? 40 : round % 4 == 1 ? 60 : 17;
    return ldexp(1 + unit, rand() % span - (round % 4 == 0 ? 10 : 0));
}

/* The oracle is the sum with all limbs, rounded once. */
static void any_order_and_division_gives_the_exact_sum(void **state) {
    (void)state;
    srand(5);
    for (int round = 0; round < N_ROUNDS; round++) {
        zf_wide_sum exact = {0};
        zf_area_sum parts[3] = {{0}}, one = {0};
        double terms[N_TERMS];
        const size_t n = 1 + (size_t)rand() % N_TERMS;
        for (size_t i = 0; i < n; i++) {
            terms[i] = random_area(round);
            zf_wide_sum_add(&exact, terms[i]);
            assert_int_equal(zf_area_sum_add(&parts[rand() % 3], terms[i], NULL), ZF_OK);
        }
        for (size_t i = n; i > 0; i--)
            assert_int_equal(zf_area_sum_add(&one, terms[i - 1], NULL), ZF_OK);
        zf_area_sum_move(&parts[2], &parts[0]);
        zf_area_sum_move(&parts[1], &parts[2]);
        const double got = zf_area_sum_get(&parts[1]), want = zf_wide_sum_get(&exact);
        if (round % 4 == 1) /* large ones are added to the others at the end, with one more rounding */
            assert_true(fabs(got - want) <= want * 4e-16);
        else
            assert_true(got == want);
        assert_true(zf_area_sum_get(&one) == got);
        assert_true(zf_area_sum_get(&parts[2]) == 0);
        zf_area_sum_deinit(&parts[1]);
        zf_area_sum_deinit(&one);
    }
}

static void nothing_and_what_is_no_number_add_nothing(void **state) {
    (void)state;
    zf_area_sum sum = {0};
    assert_true(zf_area_sum_get(&sum) == 0);
    assert_int_equal(zf_area_sum_add(&sum, 0, NULL), ZF_OK);
    assert_int_equal(zf_area_sum_add(&sum, NAN, NULL), ZF_OK);
    assert_true(zf_area_sum_get(&sum) == 0);
    assert_int_equal(zf_area_sum_add(&sum, 1e-300, NULL), ZF_OK);
    assert_true(zf_area_sum_get(&sum) == 0);
    assert_int_equal(zf_area_sum_add(&sum, 1e200, NULL), ZF_OK);
    assert_true(zf_area_sum_get(&sum) == 1e200);
    zf_area_sum_deinit(&sum);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_and_division_gives_the_exact_sum),
        cmocka_unit_test(nothing_and_what_is_no_number_add_nothing),
    };
    return cmocka_run_group_tests_name("stream area sum", tests, NULL, NULL);
}
