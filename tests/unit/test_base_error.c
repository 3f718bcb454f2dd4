/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static void setting_fills_the_record_and_answers_the_status(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "no layer %d", 7), ZF_E_INPUT);
    assert_int_equal(error.status, ZF_E_INPUT);
    assert_int_equal(error.domain, ZF_DOMAIN_OGR);
    assert_true(error.fid == ZF_NO_FID);
    assert_string_equal(error.text, "no layer 7");
}

static void the_first_cause_stays(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_GEOS, "first");
    assert_int_equal(zf_error_set(&error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "second"), ZF_E_OUTPUT);
    assert_int_equal(error.status, ZF_E_INPUT);
    assert_string_equal(error.text, "first");
}

static void a_null_record_is_legal_everywhere(void **state) {
    (void)state;
    assert_int_equal(zf_error_set(NULL, ZF_E_INPUT, ZF_DOMAIN_OGR, "x"), ZF_E_INPUT);
    assert_int_equal(zf_error_at(NULL, ZF_E_INPUT, "p", "l", 1), ZF_E_INPUT);
    assert_int_equal(zf_error_within(NULL, ZF_E_INPUT, "x"), ZF_E_INPUT);
    assert_int_equal(zf_error_memory(NULL, 1, "x"), ZF_E_MEMORY);
}

static void the_place_is_added_only_where_it_is_not_yet_known(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "bad ring");
    zf_error_at(&error, ZF_E_INPUT, NULL, "roofs", 12);
    zf_error_at(&error, ZF_E_INPUT, "a.gpkg", "other", 99);
    assert_string_equal(error.path, "a.gpkg");
    assert_string_equal(error.layer, "roofs");
    assert_int_equal(error.fid, 12);
}

static void the_first_parameter_named_stays(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_error_set(&error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "give `zips_crs`");
    assert_string_equal(error.parameter, "");
    assert_int_equal(zf_error_parameter(&error, ZF_E_USAGE, "zips_crs"), ZF_E_USAGE);
    assert_int_equal(zf_error_parameter(&error, ZF_E_USAGE, "zips"), ZF_E_USAGE);
    assert_string_equal(error.parameter, "zips_crs");
    assert_int_equal(zf_error_parameter(NULL, ZF_E_USAGE, "zips"), ZF_E_USAGE);
}

static void a_stage_puts_its_prefix_in_front(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "bad ring");
    assert_int_equal(zf_error_within(&error, ZF_E_INPUT, "buildings of %s", "town"), ZF_E_INPUT);
    assert_string_equal(error.text, "buildings of town: bad ring");
}

static void a_prefix_never_pushes_the_cause_out(void **state) {
    (void)state;
    char cause[ZF_ERROR_TEXT_BYTES];
    zf_error error = ZF_ERROR_INIT;
    memset(cause, 'c', sizeof cause);
    cause[ZF_ERROR_TEXT_BYTES - 10] = '\0';
    zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "%s", cause);
    zf_error_within(&error, ZF_E_INPUT, "a prefix with more letters than there is room");
    assert_int_equal(strlen(error.text), ZF_ERROR_TEXT_BYTES - 1);
    assert_string_equal(strstr(error.text, ": ") + 2, cause);
    zf_error_within(&error, ZF_E_INPUT, "no room at all");
    assert_string_equal(strstr(error.text, ": ") + 2, cause);
}

static void text_cut_by_the_record_ends_with_a_whole_character(void **state) {
    (void)state;
    static const char *const characters[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8F\xA0"};
    for (size_t k = 0; k < sizeof characters / sizeof *characters; k++) {
        size_t width = strlen(characters[k]);
        for (size_t n_before = 0; n_before < 4; n_before++) {
            char text[2 * ZF_ERROR_TEXT_BYTES] = "";
            memset(text, 'x', n_before);
            for (size_t at = n_before; at + width < sizeof text; at += width)
                memcpy(text + at, characters[k], width + 1);
            zf_error error = ZF_ERROR_INIT;
            zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "%s", text);
            zf_error_at(&error, ZF_E_INPUT, text, text, 1);
            assert_int_equal(strlen(error.text),
                             n_before + (sizeof error.text - 1 - n_before) / width * width);
            assert_int_equal(strlen(error.path),
                             n_before + (sizeof error.path - 1 - n_before) / width * width);
            assert_int_equal(strlen(error.layer),
                             n_before + (sizeof error.layer - 1 - n_before) / width * width);
        }
    }
}

static void memory_errors_say_how_much_was_wanted_for_what(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_error_memory(&error, 4096, "batches"), ZF_E_MEMORY);
    assert_non_null(strstr(error.text, "4096 bytes"));
    assert_non_null(strstr(error.text, "batches"));
}

static void formatting_names_file_layer_and_feature(void **state) {
    (void)state;
    char line[256];
    zf_error error = ZF_ERROR_INIT;
    zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "bad ring");
    zf_error_format(&error, line, sizeof line);
    assert_string_equal(line, "bad ring");
    zf_error_at(&error, ZF_E_INPUT, NULL, NULL, 7);
    zf_error_format(&error, line, sizeof line);
    assert_string_equal(line, "bad ring (feature 7)");
    zf_error_at(&error, ZF_E_INPUT, "f.shp", "f", 7);
    size_t length = zf_error_format(&error, line, sizeof line);
    assert_int_equal(length, strlen(line));
    assert_string_equal(line, "bad ring (file 'f.shp', layer 'f', feature 7)");
}

static void formatting_into_too_little_room_tells_the_full_length(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_error_set(&error, ZF_E_INPUT, ZF_DOMAIN_OGR, "bad ring");
    zf_error_at(&error, ZF_E_INPUT, "f.shp", "f", 7);
    const char *full = "bad ring (file 'f.shp', layer 'f', feature 7)";
    for (size_t n = 0; n <= strlen(full) + 1; n++) {
        char line[64];
        memset(line, '#', sizeof line);
        assert_int_equal(zf_error_format(&error, line, n), strlen(full));
        if (n > 0) {
            assert_int_equal(strlen(line), n - 1);
            assert_memory_equal(line, full, n - 1);
        }
        assert_int_equal(line[n], '#');
    }
}

static void an_empty_text_falls_back_to_the_name_of_the_status(void **state) {
    (void)state;
    char line[32];
    zf_error error = ZF_ERROR_INIT;
    error.status = ZF_E_INTERNAL;
    zf_error_format(&error, line, sizeof line);
    assert_string_equal(line, "internal");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_fills_the_record_and_answers_the_status),
        cmocka_unit_test(the_first_cause_stays),
        cmocka_unit_test(a_null_record_is_legal_everywhere),
        cmocka_unit_test(the_place_is_added_only_where_it_is_not_yet_known),
        cmocka_unit_test(the_first_parameter_named_stays),
        cmocka_unit_test(a_stage_puts_its_prefix_in_front),
        cmocka_unit_test(a_prefix_never_pushes_the_cause_out),
        cmocka_unit_test(text_cut_by_the_record_ends_with_a_whole_character),
        cmocka_unit_test(memory_errors_say_how_much_was_wanted_for_what),
        cmocka_unit_test(formatting_names_file_layer_and_feature),
        cmocka_unit_test(formatting_into_too_little_room_tells_the_full_length),
        cmocka_unit_test(an_empty_text_falls_back_to_the_name_of_the_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
