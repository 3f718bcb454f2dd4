/* SPDX-License-Identifier: MIT */
#include "memory/memory.h"
#include "os/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants those above */

#ifdef __SANITIZE_ADDRESS__
enum { IS_MALLOC_REPLACED = 1 };
#else
enum { IS_MALLOC_REPLACED = 0 };
#endif

static char folder[] = "/tmp/zonefold_timeline_XXXXXX";
static char path[sizeof folder + 16];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/trace.csv", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void read_lines(char lines[][512], size_t cap, size_t *out_n) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    *out_n = 0;
    while (*out_n < cap && fgets(lines[*out_n], 512, file))
        (*out_n)++;
    fclose(file);
}

static void live_bytes_follow_what_is_held(void **state) {
    (void)state;
    if (IS_MALLOC_REPLACED) {
        print_message("the sanitizer brings its own allocator, which glibc does not count: not tested\n");
        skip();
    }
    enum { SMALL = 64 << 10, LARGE = 32 << 20 };
    size_t before = zf_process_live_bytes();
    char *volatile small = malloc(SMALL);
    char *volatile large = malloc(LARGE); /* large enough to be a mapping of its own */
    assert_non_null(small);
    assert_non_null(large);
    size_t during = zf_process_live_bytes();
    free(small);
    free(large);
    assert_in_range(during - before, SMALL + LARGE, SMALL + LARGE + 16384);
    assert_true(zf_process_live_bytes() == before);
}

static void resident_bytes_grow_when_pages_are_touched_and_the_peak_stays(void **state) {
    (void)state;
    enum { BYTES = 64 << 20 };
    size_t before = zf_process_rss_bytes();
    char *volatile pages = malloc(BYTES);
    assert_non_null(pages);
    memset(pages, 1, BYTES);
    assert_true(zf_process_rss_bytes() >= before + BYTES / 2);
    free(pages);
    assert_true(zf_process_rss_peak_bytes() >= before + BYTES / 2);
}

static void the_file_has_a_header_and_a_line_per_zip(void **state) {
    (void)state;
    zf_budget budget;
    zf_timeline *timeline = NULL;
    void *held = NULL;
    zf_budget_init(&budget, 0);
    assert_int_equal(zf_memory_alloc(&budget, ZF_MEMORY_GATHER, 777, &held, NULL), ZF_OK);
    assert_int_equal(zf_timeline_open(path, &budget, &timeline, NULL), ZF_OK);
    zf_timeline_entry entry = {1, "01001", 10, 20, 11};
    assert_int_equal(zf_timeline_write(timeline, &entry, NULL), ZF_OK);
    zf_timeline_entry odd = {2, "North, \"Old\"", 1, 2, 3};
    assert_int_equal(zf_timeline_write(timeline, &odd, NULL), ZF_OK);
    assert_int_equal(zf_timeline_close(timeline, NULL), ZF_OK);
    zf_memory_free(&budget, ZF_MEMORY_GATHER, held, 777);

    char lines[8][512];
    size_t n_lines;
    read_lines(lines, 8, &n_lines);
    assert_int_equal(n_lines, 3);
    assert_string_equal(lines[0], "seconds,zip_rank,zip,live_before_bytes,live_peak_bytes,live_after_bytes,"
                                  "batch_bytes,zone_bytes,gather_bytes,index_bytes,analysis_bytes,"
                                  "output_bytes,record_bytes,rss_bytes,rss_peak_bytes\n");
    assert_int_equal(strspn(lines[1], "0123456789"), strcspn(lines[1], "."));
    const char *after_seconds = strchr(lines[1], ',');
    static const char fixed[] = ",1,01001,10,20,11,0,0,777,0,0,0,0,";
    assert_memory_equal(after_seconds, fixed, strlen(fixed));
    char *end;
    assert_true(strtoull(after_seconds + strlen(fixed), &end, 10) > 0);
    assert_int_equal(*end, ',');
    assert_true(strtoull(end + 1, &end, 10) > 0);
    assert_string_equal(end, "\n");
    assert_non_null(strstr(lines[2], ",2,\"North, \"\"Old\"\"\",1,2,3,"));
}

static void an_older_file_is_replaced(void **state) {
    (void)state;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("1\n2\n3\n4\n", file);
    fclose(file);
    zf_timeline *timeline = NULL;
    assert_int_equal(zf_timeline_open(path, NULL, &timeline, NULL), ZF_OK);
    assert_int_equal(zf_timeline_close(timeline, NULL), ZF_OK);
    char lines[8][512];
    size_t n_lines;
    read_lines(lines, 8, &n_lines);
    assert_int_equal(n_lines, 1);
}

static void a_place_that_cannot_be_written_is_an_output_error_that_names_it(void **state) {
    (void)state;
    zf_timeline *timeline = NULL;
    zf_error error = ZF_ERROR_INIT;
    char nowhere[sizeof path + 16];
    snprintf(nowhere, sizeof nowhere, "%s/no/trace.csv", folder);
    assert_int_equal(zf_timeline_open(nowhere, NULL, &timeline, &error), ZF_E_OUTPUT);
    assert_null(timeline);
    assert_int_equal(error.status, ZF_E_OUTPUT);
    assert_int_equal(error.domain, ZF_DOMAIN_OS);
    assert_string_equal(error.path, nowhere);
}

static void a_full_disk_is_noticed_at_the_latest_when_closing(void **state) {
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        print_message("no /dev/full here: not tested\n");
        skip();
    }
    zf_timeline *timeline = NULL;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_timeline_open("/dev/full", NULL, &timeline, &error), ZF_OK);
    zf_timeline_entry entry = {1, "01001", 10, 20, 11};
    zf_status written = zf_timeline_write(timeline, &entry, &error);
    zf_status closed = zf_timeline_close(timeline, &error);
    assert_true(written == ZF_E_OUTPUT || closed == ZF_E_OUTPUT);
    assert_int_equal(error.status, ZF_E_OUTPUT);
}

static void closing_nothing_is_legal(void **state) {
    (void)state;
    assert_int_equal(zf_timeline_close(NULL, NULL), ZF_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_bytes_follow_what_is_held),
        cmocka_unit_test(resident_bytes_grow_when_pages_are_touched_and_the_peak_stays),
        cmocka_unit_test(the_file_has_a_header_and_a_line_per_zip),
        cmocka_unit_test(an_older_file_is_replaced),
        cmocka_unit_test(a_place_that_cannot_be_written_is_an_output_error_that_names_it),
        cmocka_unit_test(a_full_disk_is_noticed_at_the_latest_when_closing),
        cmocka_unit_test(closing_nothing_is_legal),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
