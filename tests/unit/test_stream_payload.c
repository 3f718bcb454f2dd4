/* SPDX-License-Identifier: MIT */
/* The bytes that travel with a gathered row: what went in comes out, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* wants those above */

#include "stream/payload.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put(zf_payload *payload, zf_value value) {
    assert_int_equal(zf_payload_append_value(payload, &value, NULL), ZF_OK);
}

static zf_value text(const char *bytes) {
    return zf_value_bytes(ZF_VALUE_TEXT, (zf_bytes){(const uint8_t *)bytes, strlen(bytes)});
}

static zf_value blob(const void *bytes, size_t n) {
    return zf_value_bytes(ZF_VALUE_BLOB, (zf_bytes){bytes, n});
}

static void assert_value(const zf_value *found, const zf_value *expected) {
    assert_int_equal(found->kind, expected->kind);
    switch (expected->kind) {
    case ZF_VALUE_NULL:
        return;
    case ZF_VALUE_INTEGER:
        assert_true(found->as.integer == expected->as.integer);
        return;
    case ZF_VALUE_REAL: /* bit by bit: -0.0 and NaN too */
        assert_memory_equal(&found->as.real, &expected->as.real, sizeof(double));
        return;
    default:
        assert_int_equal(found->as.bytes.n, expected->as.bytes.n);
        assert_non_null(found->as.bytes.bytes); /* empty is not missing */
        if (expected->as.bytes.n > 0)
            assert_memory_equal(found->as.bytes.bytes, expected->as.bytes.bytes, expected->as.bytes.n);
    }
}

/* Writes the values and a footprint, copies the bytes to an odd address of exactly their size, reads. */
static void assert_round_trip(const zf_value *values, size_t n, zf_bytes footprint) {
    zf_payload payload;
    zf_value *found = calloc(n + 1, sizeof *found);
    zf_bytes rest = {(const uint8_t *)"not set", 7};
    assert_non_null(found);
    zf_payload_init(&payload, NULL);
    for (size_t i = 0; i < n; i++)
        put(&payload, values[i]);
    assert_int_equal(zf_payload_append_bytes(&payload, footprint, NULL), ZF_OK);
    uint8_t *moved = malloc(payload.n + 1);
    assert_non_null(moved);
    if (payload.n > 0)
        memcpy(moved + 1, payload.bytes, payload.n);
    zf_payload_read((zf_bytes){moved + 1, payload.n}, n, found, &rest);
    for (size_t i = 0; i < n; i++)
        assert_value(&found[i], &values[i]);
    assert_int_equal(rest.n, footprint.n);
    if (footprint.n > 0)
        assert_memory_equal(rest.bytes, footprint.bytes, footprint.n);
    else
        assert_null(rest.bytes);
    free(moved);
    free(found);
    zf_payload_deinit(&payload);
}

static void every_kind_of_value_comes_back(void **state) {
    (void)state;
    static const uint8_t zeros[] = {0, 1, 0, 255, 0};
    const zf_value values[] = {zf_value_null(),
                               zf_value_integer(0),
                               zf_value_integer(INT64_MIN),
                               zf_value_integer(INT64_MAX),
                               zf_value_integer(-1),
                               zf_value_real(0.1),
                               zf_value_real(-0.0),
                               zf_value_real(DBL_TRUE_MIN),
                               zf_value_real(-DBL_MAX),
                               zf_value_real(INFINITY),
                               (zf_value){ZF_VALUE_REAL, {.real = NAN}},
                               text(""),
                               text("gar\xC3\xA7on"),
                               blob("", 0),
                               blob(zeros, sizeof zeros),
                               zf_value_null()};
    const zf_bytes footprint = {zeros, sizeof zeros};
    const size_t n = sizeof values / sizeof *values;
    assert_round_trip(values, n, footprint);
    assert_round_trip(values, n, (zf_bytes){NULL, 0});
    for (size_t i = 0; i < n; i++) /* each alone, at the very end */
        assert_round_trip(&values[i], 1, (zf_bytes){NULL, 0});
}

static void no_values_at_all_are_a_footprint_or_nothing(void **state) {
    (void)state;
    assert_round_trip(NULL, 0, (zf_bytes){NULL, 0});
    assert_round_trip(NULL, 0, (zf_bytes){(const uint8_t *)"wkb", 3});
}

static void a_payload_that_was_never_filled_reads_as_nothing(void **state) {
    (void)state;
    zf_bytes rest = {(const uint8_t *)"not set", 7};
    zf_payload_read((zf_bytes){NULL, 0}, 0, NULL, &rest);
    assert_null(rest.bytes);
    assert_int_equal(rest.n, 0);
}

static void many_long_values_come_back(void **state) {
    (void)state;
    enum { N = 5000 };
    static zf_value values[N];
    static char long_text[70000];
    memset(long_text, 'x', sizeof long_text);
    for (size_t i = 0; i < N; i++)
        values[i] = i % 4 == 0   ? zf_value_integer((int64_t)i * 1000003 - 17)
                    : i % 4 == 1 ? zf_value_real((double)i / 7)
                    : i % 4 == 2 ? blob(long_text, i % 1000 == 2 ? sizeof long_text : i % 61)
                                 : zf_value_null();
    assert_round_trip(values, N, (zf_bytes){(const uint8_t *)long_text, sizeof long_text});
}

static void a_cleared_payload_keeps_its_buffer_and_nothing_else(void **state) {
    (void)state;
    zf_payload payload;
    zf_budget budget;
    zf_value found;
    zf_bytes rest;
    zf_budget_init(&budget, 0);
    zf_payload_init(&payload, &budget);
    put(&payload, text("the first building's name, which is rather long"));
    const size_t held = zf_budget_held(&budget, ZF_MEMORY_BATCH);
    assert_int_equal(held, payload.cap);
    for (int64_t i = 0; i < 1000; i++) {
        zf_payload_clear(&payload);
        put(&payload, zf_value_integer(i));
        zf_payload_read((zf_bytes){payload.bytes, payload.n}, 1, &found, &rest);
        assert_int_equal(found.as.integer, i);
        assert_null(rest.bytes);
    }
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_BATCH), held);
    zf_payload_deinit(&payload);
    assert_int_equal(budget.total_bytes, 0);
}

static void a_spent_budget_is_told_and_what_was_there_stays(void **state) {
    (void)state;
    static uint8_t large[100000];
    zf_payload payload;
    zf_budget budget;
    zf_value found;
    zf_bytes rest;
    zf_error error = ZF_ERROR_INIT;
    zf_budget_init(&budget, 4096);
    zf_payload_init(&payload, &budget);
    put(&payload, zf_value_integer(42));
    const size_t n = payload.n;
    assert_int_equal(zf_payload_append_bytes(&payload, (zf_bytes){large, sizeof large}, &error), ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_int_equal(payload.n, n);
    zf_payload_read((zf_bytes){payload.bytes, payload.n}, 1, &found, &rest);
    assert_int_equal(found.as.integer, 42);
    assert_int_equal(zf_payload_append_bytes(&payload, (zf_bytes){large, SIZE_MAX}, NULL),
                     ZF_E_MEMORY); /* sizes wrap */
    assert_int_equal(payload.n, n);
    zf_payload_deinit(&payload);
    assert_int_equal(budget.total_bytes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_comes_back),
        cmocka_unit_test(no_values_at_all_are_a_footprint_or_nothing),
        cmocka_unit_test(a_payload_that_was_never_filled_reads_as_nothing),
        cmocka_unit_test(many_long_values_come_back),
        cmocka_unit_test(a_cleared_payload_keeps_its_buffer_and_nothing_else),
        cmocka_unit_test(a_spent_budget_is_told_and_what_was_there_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
