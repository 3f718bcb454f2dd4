/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static void every_status_has_its_own_name(void **state) {
    (void)state;
    for (int a = 0; a < ZF_STATUS_END; a++) {
        assert_non_null(zf_status_name((zf_status)a));
        assert_string_not_equal(zf_status_name((zf_status)a), "unknown");
        for (int b = 0; b < a; b++)
            assert_string_not_equal(zf_status_name((zf_status)a), zf_status_name((zf_status)b));
    }
    assert_string_equal(zf_status_name(ZF_OK), "ok");
    assert_string_equal(zf_status_name(ZF_E_USAGE), "usage");
}

static void a_number_that_is_no_status_is_unknown_and_internal(void **state) {
    (void)state;
    assert_string_equal(zf_status_name(ZF_STATUS_END), "unknown");
    assert_string_equal(zf_status_name((zf_status)1000), "unknown");
    assert_int_equal(zf_status_exit_code(ZF_STATUS_END), 70);
}

static void exit_codes_are_those_promised_to_scripts(void **state) {
    (void)state;
    assert_int_equal(zf_status_exit_code(ZF_OK), 0);
    assert_int_equal(zf_status_exit_code(ZF_DONE), 0);
    assert_int_equal(zf_status_exit_code(ZF_E_USAGE), 2);
    assert_int_equal(zf_status_exit_code(ZF_E_INPUT), 3);
    assert_int_equal(zf_status_exit_code(ZF_E_OUTPUT), 4);
    assert_int_equal(zf_status_exit_code(ZF_E_MEMORY), 5);
    assert_int_equal(zf_status_exit_code(ZF_E_CANCELLED), 6);
    assert_int_equal(zf_status_exit_code(ZF_E_INTERNAL), 70);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_name),
        cmocka_unit_test(a_number_that_is_no_status_is_unknown_and_internal),
        cmocka_unit_test(exit_codes_are_those_promised_to_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
