/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static void sizes_multiply_and_add_up_to_the_last_byte(void **state) {
    (void)state;
    size_t out = 1;
    assert_true(zf_size_mul(SIZE_MAX, 1, &out));
    assert_true(out == SIZE_MAX);
    assert_true(zf_size_mul(SIZE_MAX, 0, &out));
    assert_int_equal(out, 0);
    assert_true(zf_size_add(SIZE_MAX - 1, 1, &out));
    assert_true(out == SIZE_MAX);
}

static void sizes_that_overflow_are_refused_and_leave_the_output(void **state) {
    (void)state;
    size_t out = 42;
    assert_false(zf_size_mul(SIZE_MAX / 2 + 1, 2, &out));
    assert_false(zf_size_mul(SIZE_MAX, SIZE_MAX, &out));
    assert_false(zf_size_add(SIZE_MAX, 1, &out));
    assert_int_equal(out, 42);
}

static void appended_pieces_stand_one_after_another(void **state) {
    (void)state;
    zf_text text = {0};
    zf_text_append(&text, "one");
    zf_text_append_n(&text, " twofold", 4);
    zf_text_append_format(&text, " %d%%", 3);
    zf_text_append_n(&text, NULL, 0);
    assert_string_equal(text.bytes, "one two 3%");
    assert_int_equal(text.n, 10);
    assert_false(text.is_failed);
    zf_text_deinit(&text);
    assert_null(text.bytes);
}

static void text_grows_past_every_power_of_two(void **state) {
    (void)state;
    zf_text text = {0};
    for (int i = 0; i < 5000; i++)
        zf_text_append_format(&text, "%d,", i % 10);
    assert_int_equal(text.n, 10000);
    assert_int_equal(strlen(text.bytes), 10000);
    for (size_t i = 0; i < 5000; i++) {
        assert_int_equal(text.bytes[2 * i], '0' + (int)(i % 10));
        assert_int_equal(text.bytes[2 * i + 1], ',');
    }
    zf_text_deinit(&text);
}

static void a_failed_text_stays_failed_and_unchanged(void **state) {
    (void)state;
    zf_text text = {0};
    zf_text_append(&text, "kept");
    zf_text_append_n(&text, "x", SIZE_MAX - 2);
    assert_true(text.is_failed);
    zf_text_append(&text, "more");
    zf_text_append_format(&text, "%d", 1);
    assert_string_equal(text.bytes, "kept");
    zf_text_deinit(&text);
}

static void assert_appended(void (*append)(zf_text *, const char *), const char *in, const char *expected) {
    zf_text text = {0};
    append(&text, in);
    assert_false(text.is_failed);
    assert_string_equal(text.bytes, expected);
    zf_text_deinit(&text);
}

static void identifiers_and_literals_double_their_quotes(void **state) {
    (void)state;
    assert_appended(zf_text_append_identifier, "height", "\"height\"");
    assert_appended(zf_text_append_identifier, "last edit", "\"last edit\"");
    assert_appended(zf_text_append_identifier, "a\"b\"\"", "\"a\"\"b\"\"\"\"\"");
    assert_appended(zf_text_append_identifier, "", "\"\"");
    assert_appended(zf_text_append_literal, "O'Hara \"x\"", "'O''Hara \"x\"'");
    assert_appended(zf_text_append_literal, "'", "''''");
}

static void json_escapes_what_json_must_escape(void **state) {
    (void)state;
    assert_appended(zf_text_append_json, "", "\"\"");
    assert_appended(zf_text_append_json, NULL, "null");
    assert_appended(zf_text_append_json, "a\"b\\c/", "\"a\\\"b\\\\c/\"");
    assert_appended(zf_text_append_json, "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
    assert_appended(zf_text_append_json, "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"");
}

static void json_keeps_well_formed_utf8(void **state) {
    (void)state;
    assert_appended(zf_text_append_json, "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8F\xA0",
                    "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8F\xA0\"");
    assert_appended(zf_text_append_json, "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF",
                    "\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"");
}

#define BAD "\xEF\xBF\xBD"

static void json_replaces_ill_formed_utf8(void **state) {
    (void)state;
    assert_appended(zf_text_append_json, "\xE9t\xE9", "\"" BAD "t" BAD "\"");            /* Latin-1 */
    assert_appended(zf_text_append_json, "\xC0\xAF", "\"" BAD BAD "\"");                 /* overlong */
    assert_appended(zf_text_append_json, "\xE0\x80\xAF", "\"" BAD BAD BAD "\"");         /* overlong */
    assert_appended(zf_text_append_json, "\xED\xA0\x80", "\"" BAD BAD BAD "\"");         /* surrogate */
    assert_appended(zf_text_append_json, "\xF4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""); /* > U+10FFFF */
    assert_appended(zf_text_append_json, "\xE2\x82", "\"" BAD BAD "\"");                 /* cut */
    assert_appended(zf_text_append_json, "\xF0\x9F\x8F\"", "\"" BAD BAD BAD "\\\"\"");
}

static void xml_escapes_what_xml_must_escape(void **state) {
    (void)state;
    assert_appended(zf_text_append_xml, "a<b & \"c\">'", "a&lt;b &amp; &quot;c&quot;&gt;'");
    assert_appended(zf_text_append_xml, "a\tb\nc\r", "a&#9;b&#10;c&#13;");
    assert_appended(zf_text_append_xml, "\x01\x1f\x7f", BAD BAD "\x7f");
    assert_appended(zf_text_append_xml, "m\xC2\xB2 \xF0\x9F\x8F\xA0", "m\xC2\xB2 \xF0\x9F\x8F\xA0");
    assert_appended(zf_text_append_xml, "\xEF\xBF\xBE \xEF\xBF\xBF \xEF\xBF\xBD", BAD " " BAD " " BAD);
    assert_appended(zf_text_append_xml, "caf\xE9", "caf" BAD);
}

static void assert_number(double number, const char *expected) {
    zf_text text = {0};
    zf_text_append_json_number(&text, number);
    assert_string_equal(text.bytes, expected);
    zf_text_deinit(&text);
}

static void numbers_are_written_short(void **state) {
    (void)state;
    assert_number(0, "0");
    assert_number(-0.0, "-0");
    assert_number(1, "1");
    assert_number(0.1, "0.1");
    assert_number(-2.5, "-2.5");
    assert_number(1.0 / 3.0, "0.3333333333333333");
    assert_number(0.1 + 0.2, "0.30000000000000004");
    assert_number(1e22, "1e+22");
    assert_number(123456789012345680.0, "1.2345678901234568e+17");
    assert_number(DBL_MAX, "1.7976931348623157e+308");
}

static void numbers_json_does_not_have_are_null(void **state) {
    (void)state;
    assert_number((double)NAN, "null");
    assert_number((double)INFINITY, "null");
    assert_number(-(double)INFINITY, "null");
}

static uint64_t next_random(uint64_t *seed) {
    uint64_t z = (*seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void any_number_reads_back_as_itself(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double number;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        zf_text text = {0};
        zf_text_append_json_number(&text, number);
        double back = strtod(text.bytes, NULL);
        assert_memory_equal(&back, &number, sizeof number);
        zf_text_deinit(&text);
    }
}

static void numbers_keep_their_point_where_the_locale_has_a_comma(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8",
                                        "ps_AF.UTF-8"};
    const char *locales = getenv("ZONEFOLD_LOCALES"); /* made by tools/test */
    if (locales != NULL)
        assert_int_equal(setenv("LOCPATH", locales, 1), 0);
    size_t k = 0;
    while (k < sizeof names / sizeof *names && !setlocale(LC_NUMERIC, names[k]))
        k++;
    if (k == sizeof names / sizeof *names) {
        print_message("no locale with a decimal comma is installed: not tested\n");
        skip();
    }
    zf_text text = {0};
    zf_text_append_json_number(&text, -1234.5);
    zf_text_append(&text, " ");
    zf_text_append_json_number(&text, 1.5e-300);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(text.bytes, "-1234.5 1.5e-300");
    zf_text_deinit(&text);
}

static void copies_are_equal_and_separate(void **state) {
    (void)state;
    char original[] = "zip";
    char *copy = zf_string_copy(original);
    original[0] = 'x';
    assert_string_equal(copy, "zip");
    free(copy);
    assert_null(zf_string_copy(NULL));
}

static void case_is_folded_for_ascii_only(void **state) {
    (void)state;
    assert_true(zf_string_equal_nocase("ZIPcode", "zipCODE"));
    assert_true(zf_string_equal_nocase("", ""));
    assert_false(zf_string_equal_nocase("zip", "zip5"));
    assert_false(zf_string_equal_nocase("zip5", "zip"));
    assert_false(zf_string_equal_nocase("\xC3\xA9", "\xC3\x89"));
    assert_false(zf_string_equal_nocase("[", "{"));
}

static void a_slip_finds_the_word_that_was_meant(void **state) {
    (void)state;
    static const char *const words[] = {"zips", "zips-layer", "buildings", "output", "overwrite"};
    assert_string_equal(zf_string_nearest("zip", words, 5), "zips");
    assert_string_equal(zf_string_nearest("Bulidings", words, 5), "buildings");
    assert_string_equal(zf_string_nearest("ouput", words, 5), "output");
    assert_string_equal(zf_string_nearest("overwrite", words, 5), "overwrite");
}

static void a_word_far_from_all_finds_none(void **state) {
    (void)state;
    static const char *const words[] = {"zips", "buildings"};
    char endless[1000];
    memset(endless, 'z', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_null(zf_string_nearest("colour", words, 2));
    assert_null(zf_string_nearest("zi--", words, 0));
    assert_null(zf_string_nearest("", words, 2));
    assert_null(zf_string_nearest(endless, words, 2));
}

static void of_equally_near_words_the_first_is_taken(void **state) {
    (void)state;
    static const char *const words[] = {"q1", "q3"};
    assert_string_equal(zf_string_nearest("q2", words, 2), "q1");
}

static void the_distance_that_still_counts_grows_with_the_word(void **state) {
    (void)state;
    static const char *const words[] = {"abcdefgh"};
    assert_non_null(zf_string_nearest("abcdeXYZ", words, 1)); /* 3 = 1 + 8 / 4 */
    assert_null(zf_string_nearest("abcdWXYZ", words, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_multiply_and_add_up_to_the_last_byte),
        cmocka_unit_test(sizes_that_overflow_are_refused_and_leave_the_output),
        cmocka_unit_test(appended_pieces_stand_one_after_another),
        cmocka_unit_test(text_grows_past_every_power_of_two),
        cmocka_unit_test(a_failed_text_stays_failed_and_unchanged),
        cmocka_unit_test(identifiers_and_literals_double_their_quotes),
        cmocka_unit_test(json_escapes_what_json_must_escape),
        cmocka_unit_test(json_keeps_well_formed_utf8),
        cmocka_unit_test(json_replaces_ill_formed_utf8),
        cmocka_unit_test(xml_escapes_what_xml_must_escape),
        cmocka_unit_test(numbers_are_written_short),
        cmocka_unit_test(numbers_json_does_not_have_are_null),
        cmocka_unit_test(any_number_reads_back_as_itself),
        cmocka_unit_test(numbers_keep_their_point_where_the_locale_has_a_comma),
        cmocka_unit_test(copies_are_equal_and_separate),
        cmocka_unit_test(case_is_folded_for_ascii_only),
        cmocka_unit_test(a_slip_finds_the_word_that_was_meant),
        cmocka_unit_test(a_word_far_from_all_finds_none),
        cmocka_unit_test(of_equally_near_words_the_first_is_taken),
        cmocka_unit_test(the_distance_that_still_counts_grows_with_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
