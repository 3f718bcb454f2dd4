/* SPDX-License-Identifier: MIT */
/* The bytes of group keys are in SQLite's order of the values, and give the values back. */
#include "stream/group_key.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static zf_value text(const char *bytes, size_t n) {
    return zf_value_bytes(ZF_VALUE_TEXT, (zf_bytes){(const uint8_t *)bytes, n});
}

static int compare(zf_bytes a, zf_bytes b) {
    const int order = memcmp(a.bytes, b.bytes, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* Each value's key comes before that of the next, also where a second value follows that would turn the
 * order. */
static void check_ascending(const zf_value *values, size_t n) {
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            zf_payload a, b;
            const zf_value high = text("\xff\xff", 2), low = zf_value_null();
            zf_payload_init(&a, NULL);
            zf_payload_init(&b, NULL);
            assert_int_equal(zf_group_key_append(&a, &values[i], NULL), ZF_OK);
            assert_int_equal(zf_group_key_append(&b, &values[k], NULL), ZF_OK);
            assert_true(compare((zf_bytes){a.bytes, a.n}, (zf_bytes){b.bytes, b.n}) < 0);
            assert_int_equal(zf_group_key_append(&a, &high, NULL), ZF_OK);
            assert_int_equal(zf_group_key_append(&b, &low, NULL), ZF_OK);
            assert_true(compare((zf_bytes){a.bytes, a.n}, (zf_bytes){b.bytes, b.n}) < 0);
            zf_payload_deinit(&a);
            zf_payload_deinit(&b);
        }
}

static void integers_are_in_order(void **state) {
    const int64_t numbers[] = {INT64_MIN, INT64_MIN + 1, -4294967296, -256,          -1,       0, 1,
                               255,       256,           1 << 30,     INT64_MAX - 1, INT64_MAX};
    zf_value values[1 + sizeof numbers / sizeof *numbers] = {zf_value_null()};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        values[1 + i] = zf_value_integer(numbers[i]);
    check_ascending(values, sizeof values / sizeof *values);
}

static void reals_are_in_order(void **state) {
    const double numbers[] = {-INFINITY, -1e300, -2, -1,          -1e-300, -5e-324, 0,
                              5e-324,    1e-300, 1,  1 + 0x1p-52, 2,       1e300,   INFINITY};
    zf_value values[1 + sizeof numbers / sizeof *numbers] = {zf_value_null()};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        values[1 + i] = zf_value_real(numbers[i]);
    check_ascending(values, sizeof values / sizeof *values);
}

static void texts_are_in_order_byte_by_byte(void **state) {
    const zf_value values[] = {zf_value_null(), text("", 0),    text("\0", 1),       text("\0\0", 2),
                               text("\0\1", 2), text("\0a", 2), text("\1", 1),       text("A", 1),
                               text("a", 1),    text("a\0", 2), text("a\0b", 3),     text("a\1", 2),
                               text("aa", 2),   text("b", 1),   text("\xc3\xa4", 2), text("\xff", 1)};
    (void)state;
    check_ascending(values, sizeof values / sizeof *values);
}

static void values_are_read_back(void **state) {
    const zf_value values[] = {zf_value_integer(-7), zf_value_null(),    text("", 0),
                               zf_value_real(-0.25), text("a\0\1\0", 4), zf_value_real(3),
                               zf_value_integer(0),  text("end", 3)};
    enum { N = sizeof values / sizeof *values };
    zf_value found[N];
    uint8_t scratch[256];
    zf_payload key;
    (void)state;
    zf_payload_init(&key, NULL);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(zf_group_key_append(&key, &values[i], NULL), ZF_OK);
    assert_true(key.n <= sizeof scratch);
    zf_group_key_read((zf_bytes){key.bytes, key.n}, N, scratch, found);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(found[i].kind, values[i].kind);
        if (values[i].kind == ZF_VALUE_INTEGER)
            assert_true(found[i].as.integer == values[i].as.integer);
        if (values[i].kind == ZF_VALUE_REAL)
            assert_true(found[i].as.real == values[i].as.real);
        if (values[i].kind == ZF_VALUE_TEXT) {
            assert_int_equal(found[i].as.bytes.n, values[i].as.bytes.n);
            assert_memory_equal(found[i].as.bytes.bytes, values[i].as.bytes.bytes, values[i].as.bytes.n);
        }
    }
    zf_payload_deinit(&key);
}

static void zero_and_minus_zero_are_one_group(void **state) {
    const zf_value zero = zf_value_real(0.0), minus_zero = zf_value_real(-0.0);
    zf_payload a, b;
    (void)state;
    zf_payload_init(&a, NULL);
    zf_payload_init(&b, NULL);
    assert_int_equal(zf_group_key_append(&a, &zero, NULL), ZF_OK);
    assert_int_equal(zf_group_key_append(&b, &minus_zero, NULL), ZF_OK);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.bytes, b.bytes, a.n);
    zf_payload_deinit(&a);
    zf_payload_deinit(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_in_order),
        cmocka_unit_test(reals_are_in_order),
        cmocka_unit_test(texts_are_in_order_byte_by_byte),
        cmocka_unit_test(values_are_read_back),
        cmocka_unit_test(zero_and_minus_zero_are_one_group),
    };
    return cmocka_run_group_tests_name("stream group key", tests, NULL, NULL);
}
