/* SPDX-License-Identifier: MIT */
#include "memory/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

/* The sanitizer's allocator is to say no, as others do, instead of ending the program. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void every_use_has_its_own_name(void **state) {
    (void)state;
    assert_string_equal(zf_memory_use_name(ZF_MEMORY_BATCH), "batch");
    assert_string_equal(zf_memory_use_name(ZF_MEMORY_RECORD), "record");
    assert_string_equal(zf_memory_use_name(ZF_MEMORY_END), "unknown");
    for (int a = 0; a < ZF_MEMORY_END; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(zf_memory_use_name((zf_memory_use)a),
                                    zf_memory_use_name((zf_memory_use)b));
}

static void bytes_are_counted_by_use_and_given_back(void **state) {
    (void)state;
    zf_budget budget;
    void *a = NULL;
    void *b = NULL;
    zf_budget_init(&budget, 0);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_ZONE, 100, &a, NULL), ZF_OK);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_INDEX, 50, &b, NULL), ZF_OK);
    memset(a, 1, 100);
    memset(b, 1, 50);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_ZONE), 100);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_INDEX), 50);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_OUTPUT), 0);
    zf_memory_free(&budget, ZF_MEMORY_ZONE, a, 100);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_ZONE), 0);
    assert_int_equal(budget.total_bytes, 50);
    zf_memory_free(&budget, ZF_MEMORY_INDEX, b, 50);
    assert_int_equal(budget.total_bytes, 0);
}

static void the_peak_stays_until_it_is_reset(void **state) {
    (void)state;
    zf_budget budget;
    void *a = NULL;
    void *b = NULL;
    zf_budget_init(&budget, 0);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_ZONE, 100, &a, NULL), ZF_OK);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_OUTPUT, 20, &b, NULL), ZF_OK);
    zf_memory_free(&budget, ZF_MEMORY_ZONE, a, 100);
    assert_int_equal(budget.peak_bytes, 120);
    zf_budget_reset_peak(&budget);
    assert_int_equal(budget.peak_bytes, 20);
    zf_memory_free(&budget, ZF_MEMORY_OUTPUT, b, 20);
}

static void the_limit_may_be_spent_to_the_last_byte_and_no_further(void **state) {
    (void)state;
    zf_budget budget;
    zf_error error = ZF_ERROR_INIT;
    void *a = NULL;
    void *b = &budget;
    zf_budget_init(&budget, 1000);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_ZONE, 1000, &a, &error), ZF_OK);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_GATHER, 1, &b, &error), ZF_E_MEMORY);
    assert_ptr_equal(b, &budget);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_non_null(strstr(error.text, "gather"));
    assert_non_null(strstr(error.text, "1000"));
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_GATHER), 0);
    assert_int_equal(budget.peak_bytes, 1000);
    zf_memory_free(&budget, ZF_MEMORY_ZONE, a, 1000);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_GATHER, 1, &b, NULL), ZF_OK);
    zf_memory_free(&budget, ZF_MEMORY_GATHER, b, 1);
}

/* The volatile keeps the compiler from reasoning about a size that no object can have. */
static void what_the_system_refuses_is_not_counted(void **state) {
    (void)state;
    volatile size_t too_much = SIZE_MAX / 2 + 1;
    zf_budget budget;
    zf_error error = ZF_ERROR_INIT;
    void *a = &budget;
    zf_budget_init(&budget, 0);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_BATCH, too_much, &a, &error), ZF_E_MEMORY);
    assert_ptr_equal(a, &budget);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_int_equal(budget.total_bytes, 0);
}

static void nothing_asked_is_a_null_pointer(void **state) {
    (void)state;
    zf_budget budget;
    void *a = &budget;
    zf_budget_init(&budget, 1);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_BATCH, 0, &a, NULL), ZF_OK);
    assert_null(a);
    zf_memory_free(&budget, ZF_MEMORY_BATCH, a, 0);
    assert_int_equal(budget.total_bytes, 0);
}

static void resizing_keeps_the_bytes_and_counts_the_difference(void **state) {
    (void)state;
    zf_budget budget;
    void *a = NULL;
    zf_budget_init(&budget, 0);
    assert_int_equal(zf_memory_resize(&budget, ZF_MEMORY_OUTPUT, &a, 0, 8, NULL), ZF_OK);
    memcpy(a, "abcdefgh", 8);
    assert_int_equal(zf_memory_resize(&budget, ZF_MEMORY_OUTPUT, &a, 8, 100000, NULL), ZF_OK);
    assert_memory_equal(a, "abcdefgh", 8);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_OUTPUT), 100000);
    assert_int_equal(zf_memory_resize(&budget, ZF_MEMORY_OUTPUT, &a, 100000, 4, NULL), ZF_OK);
    assert_memory_equal(a, "abcd", 4);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_OUTPUT), 4);
    assert_int_equal(zf_memory_resize(&budget, ZF_MEMORY_OUTPUT, &a, 4, 0, NULL), ZF_OK);
    assert_null(a);
    assert_int_equal(budget.total_bytes, 0);
}

static void a_refused_resize_leaves_block_and_count(void **state) {
    (void)state;
    zf_budget budget;
    zf_error error = ZF_ERROR_INIT;
    void *a = NULL;
    zf_budget_init(&budget, 10);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_OUTPUT, 8, &a, NULL), ZF_OK);
    memcpy(a, "abcdefgh", 8);
    void *before = a;
    assert_int_equal(zf_memory_resize(&budget, ZF_MEMORY_OUTPUT, &a, 8, 11, &error), ZF_E_MEMORY);
    assert_ptr_equal(a, before);
    assert_memory_equal(a, "abcdefgh", 8);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_OUTPUT), 8);
    assert_int_equal(error.status, ZF_E_MEMORY);
    zf_memory_free(&budget, ZF_MEMORY_OUTPUT, a, 8);
}

static void a_null_budget_allocates_without_counting(void **state) {
    (void)state;
    void *a = NULL;
    assert_int_equal(zf_memory_alloc(NULL, ZF_MEMORY_OUTPUT, 8, &a, NULL), ZF_OK);
    assert_non_null(a);
    assert_int_equal(zf_memory_resize(NULL, ZF_MEMORY_OUTPUT, &a, 8, 16, NULL), ZF_OK);
    memset(a, 0, 16);
    zf_memory_free(NULL, ZF_MEMORY_OUTPUT, a, 16);
    zf_memory_free(NULL, ZF_MEMORY_OUTPUT, NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_use_has_its_own_name),
        cmocka_unit_test(bytes_are_counted_by_use_and_given_back),
        cmocka_unit_test(the_peak_stays_until_it_is_reset),
        cmocka_unit_test(the_limit_may_be_spent_to_the_last_byte_and_no_further),
        cmocka_unit_test(what_the_system_refuses_is_not_counted),
        cmocka_unit_test(nothing_asked_is_a_null_pointer),
        cmocka_unit_test(resizing_keeps_the_bytes_and_counts_the_difference),
        cmocka_unit_test(a_refused_resize_leaves_block_and_count),
        cmocka_unit_test(a_null_budget_allocates_without_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
