/* SPDX-License-Identifier: MIT */
/** Temporary files without a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory/memory.h"
#include "os/temp_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t count_names(const char *directory) {
    size_t n = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

static void what_is_written_is_read_and_no_name_is_left(void **state) {
    (void)state;
    char directory[] = "/tmp/zonefold-test-XXXXXX", read[6] = "";
    assert_non_null(mkdtemp(directory));
    zf_temp_file file;
    zf_temp_file_init(&file, directory, "a test");
    assert_int_equal(count_names(directory), 2);
    assert_int_equal(zf_temp_file_open(&file, NULL), ZF_OK);
    assert_int_equal(count_names(directory), 2);
    int fd = file.fd;
    assert_int_equal(zf_temp_file_open(&file, NULL), ZF_OK); /* it is there already */
    assert_int_equal(file.fd, fd);
    assert_int_equal(zf_temp_file_write(&file, "world", 5, 100, NULL), ZF_OK);
    assert_int_equal(zf_temp_file_write(&file, "hello", 5, 0, NULL), ZF_OK);
    assert_int_equal(zf_temp_file_read(&file, 100, read, 5, NULL), ZF_OK);
    assert_string_equal(read, "world");
    zf_temp_file_deinit(&file);
    zf_temp_file_deinit(&file);
    assert_int_equal(rmdir(directory), 0);
}

static void a_missing_directory_is_named(void **state) {
    (void)state;
    zf_temp_file file;
    zf_error error = ZF_ERROR_INIT;
    zf_temp_file_init(&file, "/nowhere/at/all", "a test");
    assert_int_equal(zf_temp_file_open(&file, &error), ZF_E_OUTPUT);
    assert_non_null(strstr(error.text, "/nowhere/at/all"));
    assert_non_null(strstr(error.text, "a test"));
    zf_temp_file_deinit(&file);
}

static void reading_beyond_the_end_is_an_error(void **state) {
    (void)state;
    char read[8];
    zf_temp_file file;
    zf_error error = ZF_ERROR_INIT;
    zf_temp_file_init(&file, NULL, "a test");
    assert_int_equal(zf_temp_file_open(&file, NULL), ZF_OK);
    assert_int_equal(zf_temp_file_write(&file, "1234", 4, 0, NULL), ZF_OK);
    assert_int_equal(zf_temp_file_read(&file, 0, read, 8, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "ends too early"));
    zf_temp_file_deinit(&file);
}

static void a_file_of_zeros_is_nothing(void **state) {
    (void)state;
    int standard = fcntl(0, F_GETFD);
    zf_temp_file file = {0};
    zf_temp_file_deinit(&file);
    assert_int_equal(fcntl(0, F_GETFD), standard); /* descriptor 0 was not its own to close */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_and_no_name_is_left),
        cmocka_unit_test(a_missing_directory_is_named),
        cmocka_unit_test(reading_beyond_the_end_is_an_error),
        cmocka_unit_test(a_file_of_zeros_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
