/* SPDX-License-Identifier: MIT */
/* SQL text as tokens. */
#include "sql/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Compares the tokens of a text, each as a letter for its kind and its text, with those expected. */
static void check_tokens(const char *sql, const char *expected) {
    static const char kinds[] = {
        [ZF_TOKEN_WORD] = 'w',   [ZF_TOKEN_NAME] = 'n', [ZF_TOKEN_TEXT] = 't',   [ZF_TOKEN_BLOB] = 'b',
        [ZF_TOKEN_NUMBER] = '0', [ZF_TOKEN_SIGN] = 's', [ZF_TOKEN_COMMENT] = 'c'};
    char found[512] = "";
    size_t at = 0, n = 0;
    for (zf_token t; (t = zf_token_next(sql, &at)).kind != ZF_TOKEN_END;)
        n += (size_t)snprintf(found + n, sizeof found - n, "%s%c:%.*s%s", n > 0 ? " " : "", kinds[t.kind],
                              (int)t.n, t.text, t.is_closed ? "" : "!");
    assert_string_equal(found, expected);
    assert_int_equal(at, strlen(sql));
}

static void words_numbers_and_signs_are_told_apart(void **state) {
    (void)state;
    check_tokens("height>=1.5e-3", "w:height s:>= 0:1.5e-3");
    check_tokens("a->>'b'->c||d", "w:a s:->> t:'b' s:-> w:c s:|| w:d");
    check_tokens("0x1e+1", "0:0x1e s:+ 0:1");
    check_tokens(".5.", "0:.5.");
    check_tokens("h\xC3\xB6he,a$1", "w:h\xC3\xB6he s:, w:a$1");
    check_tokens("X'0a' x 'a'", "b:X'0a' w:x t:'a'");
    check_tokens("?1", "s:? 0:1");
}

static void quotes_hold_doubled_quotes(void **state) {
    (void)state;
    check_tokens("'it''s' \"a\"\"b\" `c``d` [e]]", "t:'it''s' n:\"a\"\"b\" n:`c``d` n:[e] s:]");
    check_tokens("''''''", "t:''''''");
    check_tokens("'' ''", "t:'' t:''");
}

static void blanks_comments_and_byte_order_marks_are_skipped(void **state) {
    (void)state;
    check_tokens("\xEF\xBB\xBF \t\r\n\f-- ' \n a /* \" */ b--", "w:a w:b");
    check_tokens("a-b", "w:a s:- w:b");
    check_tokens("/**/", "");
    check_tokens("", "");
}

static void what_is_not_closed_ends_with_the_text(void **state) {
    (void)state;
    check_tokens("a 'b''", "w:a t:'b''!");
    check_tokens("\"a", "n:\"a!");
    check_tokens("[a", "n:[a!");
    check_tokens("x'0", "b:x'0!");
    check_tokens("a /* b", "w:a c:/* b!");
    check_tokens("/*/", "c:/*/!");
}

static zf_token first_token(const char *sql) {
    size_t at = 0;
    return zf_token_next(sql, &at);
}

static void names_compare_without_case_and_without_quotes(void **state) {
    (void)state;
    const zf_token word = first_token("Height"), quoted = first_token("\"a\"\"B\""),
                   bracket = first_token("[a]"), text = first_token("'a'"), open = first_token("\"a"),
                   empty = first_token("\"\"");
    assert_true(zf_token_is_name(&word, "HEIGHT") && zf_token_is_word(&word, "height"));
    assert_false(zf_token_is_name(&word, "heigh") || zf_token_is_name(&word, "heights"));
    assert_true(zf_token_is_name(&quoted, "A\"b"));
    assert_false(zf_token_is_name(&quoted, "a\"\"b") || zf_token_is_name(&quoted, "a\"") ||
                 zf_token_is_word(&quoted, "a\"b"));
    assert_true(zf_token_is_name(&bracket, "a") && zf_token_is_name(&empty, ""));
    assert_false(zf_token_is_name(&text, "a") || zf_token_is_name(&open, "a"));
    assert_true(zf_token_is_sign(&(zf_token){ZF_TOKEN_SIGN, "->>", 3, true}, "->>"));
    assert_false(zf_token_is_sign(&(zf_token){ZF_TOKEN_SIGN, "->>", 3, true}, "->"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_numbers_and_signs_are_told_apart),
        cmocka_unit_test(quotes_hold_doubled_quotes),
        cmocka_unit_test(blanks_comments_and_byte_order_marks_are_skipped),
        cmocka_unit_test(what_is_not_closed_ends_with_the_text),
        cmocka_unit_test(names_compare_without_case_and_without_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
