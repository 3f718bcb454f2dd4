/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static void field_types_have_the_names_users_read(void **state) {
    (void)state;
    static const char *const names[ZF_FIELD_TYPE_END] = {
        "integer", "real", "boolean", "text", "date", "time", "datetime", "blob", "unsupported"};
    for (int type = 0; type < ZF_FIELD_TYPE_END; type++)
        assert_string_equal(zf_field_type_name((zf_field_type)type), names[type]);
    assert_string_equal(zf_field_type_name(ZF_FIELD_TYPE_END), "unsupported");
}

static void integers_reals_and_booleans_are_numbers_and_nothing_else(void **state) {
    (void)state;
    for (int type = 0; type < ZF_FIELD_TYPE_END; type++)
        assert_int_equal(zf_field_type_is_number((zf_field_type)type), type <= ZF_FIELD_BOOLEAN);
}

static void nan_becomes_null_and_infinity_stays(void **state) {
    (void)state;
    assert_int_equal(zf_value_real((double)NAN).kind, ZF_VALUE_NULL);
    zf_value infinite = zf_value_real((double)INFINITY);
    assert_int_equal(infinite.kind, ZF_VALUE_REAL);
    assert_true(isinf(infinite.as.real));
}

static void missing_text_is_null_and_empty_text_is_text(void **state) {
    (void)state;
    assert_int_equal(zf_value_text(NULL).kind, ZF_VALUE_NULL);
    zf_value empty = zf_value_text("");
    assert_int_equal(empty.kind, ZF_VALUE_TEXT);
    assert_non_null(empty.as.bytes.bytes);
    assert_int_equal(empty.as.bytes.n, 0);
}

static void missing_bytes_are_null_and_empty_bytes_are_a_blob(void **state) {
    (void)state;
    static const uint8_t byte = 7;
    zf_bytes missing = {NULL, 0};
    zf_bytes empty = {&byte, 0};
    assert_int_equal(zf_value_bytes(ZF_VALUE_BLOB, missing).kind, ZF_VALUE_NULL);
    assert_int_equal(zf_value_bytes(ZF_VALUE_BLOB, empty).kind, ZF_VALUE_BLOB);
}

static void text_is_borrowed_not_copied(void **state) {
    (void)state;
    const char *name = "library";
    zf_value value = zf_value_text(name);
    assert_ptr_equal(value.as.bytes.bytes, name);
    assert_int_equal(value.as.bytes.n, 7);
}

static void only_numbers_have_a_number(void **state) {
    (void)state;
    zf_value values[] = {zf_value_integer(-3), zf_value_real(2.5), zf_value_null(), zf_value_text("4")};
    assert_true(zf_value_number(&values[0]) == -3.0);
    assert_true(zf_value_number(&values[1]) == 2.5);
    assert_true(isnan(zf_value_number(&values[2])));
    assert_true(isnan(zf_value_number(&values[3])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_types_have_the_names_users_read),
        cmocka_unit_test(integers_reals_and_booleans_are_numbers_and_nothing_else),
        cmocka_unit_test(nan_becomes_null_and_infinity_stays),
        cmocka_unit_test(missing_text_is_null_and_empty_text_is_text),
        cmocka_unit_test(missing_bytes_are_null_and_empty_bytes_are_a_blob),
        cmocka_unit_test(text_is_borrowed_not_copied),
        cmocka_unit_test(only_numbers_have_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
