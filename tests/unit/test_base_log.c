/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

typedef struct heard {
    int n_logs;
    zf_log_level level;
    char text[64];
    zf_progress progress;
    bool wants_to_stop;
} heard;

static void hear_log(void *user, zf_log_level level, const char *text) {
    heard *h = user;
    h->n_logs++;
    h->level = level;
    snprintf(h->text, sizeof h->text, "%s", text);
}

static void hear_progress(void *user, const zf_progress *progress) {
    ((heard *)user)->progress = *progress;
}

static bool answer_stop(void *user) {
    return ((heard *)user)->wants_to_stop;
}

static void messages_reach_the_callback_formatted(void **state) {
    (void)state;
    heard h = {0};
    zf_callbacks callbacks = {.log = hear_log, .user = &h};
    zf_log(&callbacks, ZF_LOG_INFO, "%d of %s", 3, "four");
    assert_int_equal(h.n_logs, 1);
    assert_int_equal(h.level, ZF_LOG_INFO);
    assert_string_equal(h.text, "3 of four");
}

static void progress_reaches_the_callback(void **state) {
    (void)state;
    heard h = {0};
    zf_callbacks callbacks = {.progress = hear_progress, .user = &h};
    zf_progress_report(&callbacks, "zips", 5, 12);
    assert_string_equal(h.progress.stage, "zips");
    assert_int_equal(h.progress.n_done, 5);
    assert_int_equal(h.progress.n_total, 12);
}

static void cancelling_fills_the_error(void **state) {
    (void)state;
    heard h = {.wants_to_stop = true};
    zf_callbacks callbacks = {.is_cancelled = answer_stop, .user = &h};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_check_cancelled(&callbacks, &error), ZF_E_CANCELLED);
    assert_int_equal(error.status, ZF_E_CANCELLED);
    assert_true(strlen(error.text) > 0);
}

static void not_cancelling_leaves_the_error_alone(void **state) {
    (void)state;
    heard h = {.wants_to_stop = false};
    zf_callbacks callbacks = {.is_cancelled = answer_stop, .user = &h};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_check_cancelled(&callbacks, &error), ZF_OK);
    assert_int_equal(error.status, ZF_OK);
}

static void nobody_listening_is_legal(void **state) {
    (void)state;
    zf_callbacks callbacks = {0};
    zf_log(NULL, ZF_LOG_INFO, "x");
    zf_log(&callbacks, ZF_LOG_INFO, "x");
    zf_progress_report(NULL, "zips", 1, 1);
    zf_progress_report(&callbacks, "zips", 1, 1);
    assert_int_equal(zf_check_cancelled(NULL, NULL), ZF_OK);
    assert_int_equal(zf_check_cancelled(&callbacks, NULL), ZF_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_reach_the_callback_formatted),
        cmocka_unit_test(progress_reaches_the_callback),
        cmocka_unit_test(cancelling_fills_the_error),
        cmocka_unit_test(not_cancelling_leaves_the_error_alone),
        cmocka_unit_test(nobody_listening_is_legal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
