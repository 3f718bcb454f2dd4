/* SPDX-License-Identifier: MIT */
#include "base/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

typedef struct example {
    const char *text;
    char sign;
    bool is_one;
    double value;
} example;

static void numbers_are_read_with_blanks_and_one_decimal_sign(void **state) {
    static const example examples[] = {
        {"12", '.', true, 12},        {" 12.5 ", '.', true, 12.5},   {"\t-3e2\n", '.', true, -300},
        {"+.5", '.', true, 0.5},      {"7.", '.', true, 7},          {"12,5", ',', true, 12.5},
        {"12,5", '.', false, 0},      {"12.5", ',', false, 0},       {"5;6", '.', false, 0},
        {"", '.', false, 0},          {" ", '.', false, 0},          {"1 2", '.', false, 0},
        {"0x10", '.', false, 0},      {"inf", '.', false, 0},        {"nan", '.', false, 0},
        {"1e", '.', false, 0},        {"1e999", '.', false, 0},      {"-", '.', false, 0},
        {"1,234.5", '.', false, 0},   {"12 m", '.', false, 0},       {"\xC2\xA0" "4\xE2\x80\xAF", '.', true, 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const example *e = &examples[i];
        double value = -1;
        const bool is_one = zf_quantity_number(e->text, strlen(e->text), e->sign, &value);
        if (is_one != e->is_one || value != (e->is_one ? e->value : -1))
            fail_msg("'%s': %d, %.17g", e->text, is_one, value);
    }
}

static void lengths_are_read_with_their_units(void **state) {
    static const example examples[] = {
        {"12 m", '.', true, 12},           {"12m", '.', true, 12},         {"12", '.', true, 12},
        {"40 ft", '.', true, 40 * 0.3048}, {"40 FEET", '.', true, 40 * 0.3048}, {"40ft.", '.', true, 40 * 0.3048},
        {"5'6\"", '.', true, 1.6764},      {"5' 6\"", '.', true, 1.6764},  {"5 ft 6 in", '.', true, 1.6764},
        {"5'-6\"", '.', true, 1.6764},     {"5'", '.', true, 5 * 0.3048},  {"6\"", '.', true, 6 * 0.0254},
        {"5\xE2\x80\xB2" "6\xE2\x80\xB3", '.', true, 1.6764},              {"-5'6\"", '.', true, -1.6764},
        {"3,5 m", ',', true, 3.5},         {"350 cm", '.', true, 350 * 0.01}, {"2 yd", '.', true, 2 * 0.9144},
        {"0.1 km", '.', true, 0.1 * 1000}, {"1500 mm", '.', true, 1500 * 0.001}, {"4 Metres ", '.', true, 4},
        {"3\xC2\xA0m", '.', true, 3},      {"tall", '.', false, 0},        {"12 storeys", '.', false, 0},
        {"12 m2", '.', false, 0},          {"12 m; 14 m", '.', false, 0},  {"m", '.', false, 0},
        {"5'6 m", '.', false, 0},          {"6\" 5'", '.', false, 0},      {"~12", '.', false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const example *e = &examples[i];
        double value = -1;
        const bool is_one = zf_quantity_metres(e->text, strlen(e->text), e->sign, &value, NULL);
        const double want = e->is_one ? e->value : -1;
        if (is_one != e->is_one || value < want - 1e-12 || value > want + 1e-12)
            fail_msg("'%s': %d, %.17g", e->text, is_one, value);
    }
}

/* A text that ends within a unit or a number is never read beyond its end. */
static void texts_need_no_end_mark(void **state) {
    double value = 0;
    (void)state;
    assert_true(zf_quantity_metres("5'6\"xyz", 4, '.', &value, NULL) && value == 66 * 0.0254);
    assert_true(zf_quantity_number("125", 2, '.', &value) && value == 12);
    assert_true(zf_quantity_is_blank("  x", 2) && !zf_quantity_is_blank("  x", 3));
}

static void decimal_signs_are_seen_between_digits(void **state) {
    (void)state;
    assert_int_equal(zf_quantity_decimal_sign("12.5", 4), '.');
    assert_int_equal(zf_quantity_decimal_sign("12,5 m", 6), ',');
    assert_int_equal(zf_quantity_decimal_sign("12 ft.", 6), '\0');
    assert_int_equal(zf_quantity_decimal_sign("12", 2), '\0');
    assert_int_equal(zf_quantity_decimal_sign("1,2,3", 5), '\0');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_with_blanks_and_one_decimal_sign),
        cmocka_unit_test(lengths_are_read_with_their_units),
        cmocka_unit_test(texts_need_no_end_mark),
        cmocka_unit_test(decimal_signs_are_seen_between_digits),
    };
    return cmocka_run_group_tests_name("base quantity", tests, NULL, NULL);
}
