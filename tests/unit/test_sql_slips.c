/* SPDX-License-Identifier: MIT */
/* What is legal in an expression, but cannot be meant: comparisons with NULL, and || for OR. */
#include "sql/slips.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_comparisons_with_null(void **state) {
    static const char *const slips[] = {"a = NULL",
                                        "a == null",
                                        "a <> NULL OR b = 1",
                                        "NULL != a",
                                        "b > 1 AND (a=NULL)",
                                        "a < NULL",
                                        "a NOT IN (1, NULL)",
                                        "CASE WHEN a = NULL THEN 1 END",
                                        "coalesce(a = NULL, 0)"};
    static const char *const right[] = {"a IS NULL",
                                        "a IS NOT NULL",
                                        "a NOT NULL",
                                        "a IS NULL = 1",
                                        "coalesce(a, NULL)",
                                        "nullif(a, 0) = 1",
                                        "a IN (1, NULL)",
                                        "CASE WHEN a THEN NULL END = 1",
                                        "a = 'NULL'",
                                        "\"NULL\" = 1",
                                        "a IS NOT DISTINCT FROM NULL",
                                        "a NOT IN (1, nullif(2, 3))",
                                        "CASE a WHEN 1 THEN 2 ELSE NULL END"};
    (void)state;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_true(zf_expression_find_slips(slips[i]).compares_null);
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_false(zf_expression_find_slips(right[i]).compares_null);
}

static void test_texts_joined_between_comparisons(void **state) {
    static const char *const slips[] = {"a > 4 || b > 1900",
                                        "a = 'x' || a = 'y'",
                                        "(a = 1 || b = 2) AND c",
                                        "a IS NULL || b IS NULL",
                                        "a LIKE 'x%' || b = 2",
                                        "c AND a = 1 || b IN (1, 2)",
                                        "CASE WHEN a = 1 || b = 2 THEN 1 END"};
    static const char *const right[] = {"a || b = 'xy'",
                                        "a = b || 'y'",
                                        "a = 'x' || b AND c = 'y' || d",
                                        "a = 'x' OR b = 'y' || c",
                                        "a || b || c",
                                        "a = (b || c) AND d = 1",
                                        "a = f('x' || b, c = 1)",
                                        "a IN ('x' || b, 'y' || c)",
                                        "a = b OR b = 1"};
    (void)state;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        assert_true(zf_expression_find_slips(slips[i]).concats_conditions);
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_false(zf_expression_find_slips(right[i]).concats_conditions);
}

static void test_any_text_is_legal(void **state) {
    static const char *const texts[] = {"",  ")",  "))(", "END END", "CASE CASE (",
                                        "'", "\"", "/*",  "= = =",   "NOT IN (NULL"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        (void)zf_expression_find_slips(texts[i]);
    char *deep = malloc(20001);
    assert_non_null(deep);
    memset(deep, '(', 10000);
    memset(deep + 10000, ')', 10000);
    deep[20000] = '\0';
    assert_false(zf_expression_find_slips(deep).compares_null);
    free(deep);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_comparisons_with_null),
                                       cmocka_unit_test(test_texts_joined_between_comparisons),
                                       cmocka_unit_test(test_any_text_is_legal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
