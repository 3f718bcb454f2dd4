/* SPDX-License-Identifier: MIT */
/* Files put in place whole, names that lead to one file, and directories. */
#include "os/file.h"
#include "os/thread.h"
#include "unit/output_bench.h"

#include <errno.h>
#include <unistd.h>

static void read_back(const char *path, char *out, size_t cap) {
    int fd = zf_file_open(path);
    assert_true(fd >= 0);
    ptrdiff_t n = zf_file_read(fd, out, cap - 1);
    assert_true(n >= 0);
    out[n] = '\0';
    assert_true(zf_file_close(fd));
}

static void a_file_is_put_in_place_whole_and_replaced_only_if_allowed(void **state) {
    bench *b = *state;
    char text[32];
    assert_true(zf_file_put(b->path, "first", 5, false));
    errno = 0;
    assert_false(zf_file_put(b->path, "second", 6, false));
    assert_int_equal(errno, EEXIST);
    read_back(b->path, text, sizeof text);
    assert_string_equal(text, "first");
    assert_true(zf_file_put(b->path, "second", 6, true));
    read_back(b->path, text, sizeof text);
    assert_string_equal(text, "second");
    (void)unlink(b->path);
    zf_file_info found;
    assert_false(zf_file_stat(b->path, &found));
    assert_int_equal(errno, ENOENT);
}

static void names_of_one_file_are_the_same(void **state) {
    bench *b = *state;
    char dotted[400], link[400];
    const char *slash = strrchr(b->path, '/');
    snprintf(dotted, sizeof dotted, "%.*s/./%s", (int)(slash - b->path), b->path, slash + 1);
    snprintf(link, sizeof link, "%s-link", b->path);
    assert_true(zf_file_is_same(b->path, dotted)); /* neither exists yet */
    assert_false(zf_file_is_same(b->path, link));
    assert_true(zf_file_put(b->path, "x", 1, false));
    assert_int_equal(symlink(b->path, link), 0);
    assert_true(zf_file_is_same(b->path, link));
    zf_file_info found;
    assert_true(zf_file_stat_link(link, &found));
    assert_int_equal(found.kind, ZF_FILE_LINK);
    assert_true(zf_file_stat(link, &found));
    assert_int_equal(found.kind, ZF_FILE_REGULAR);
    assert_int_equal(found.n_bytes, 1);
    (void)unlink(link);
    (void)unlink(b->path);
}

static void only_companions_with_bytes_are_found(void **state) {
    bench *b = *state;
    char name[400];
    assert_null(zf_file_find_companion(b->path));
    snprintf(name, sizeof name, "%s-journal", b->path);
    assert_true(zf_file_put(name, "", 0, true));
    assert_null(zf_file_find_companion(b->path));
    assert_true(zf_file_put(name, "x", 1, true));
    assert_string_equal(zf_file_find_companion(b->path), "-journal");
    (void)unlink(name);
}

static void directories_are_made_listed_and_removed(void **state) {
    bench *b = *state;
    char path[400];
    zf_file_info found;
    snprintf(path, sizeof path, "%s-directory/one/two/file", b->path);
    assert_true(zf_directory_make_parents(path, strlen(b->path), true));
    assert_true(zf_directory_make_parents(path, strlen(b->path), true)); /* they are there already */
    assert_true(zf_file_put(path, "x", 1, false));
    *strrchr(path, '/') = '\0';
    assert_true(zf_file_stat(path, &found));
    assert_int_equal(found.kind, ZF_FILE_DIRECTORY);
    assert_false(zf_directory_is_empty(path));
    zf_directory *directory = zf_directory_open(path);
    assert_non_null(directory);
    assert_string_equal(zf_directory_next(directory), "file");
    assert_null(zf_directory_next(directory));
    zf_directory_close(directory);
    snprintf(path, sizeof path, "%s-directory", b->path);
    zf_directory_remove(path);
    assert_false(zf_file_stat(path, &found));
    assert_null(zf_directory_open(path));
    assert_false(zf_directory_is_empty(path));
}

static void *add_one(void *number) {
    ++*(int *)number;
    return NULL;
}

static void a_thread_is_joined_once(void **state) {
    (void)state;
    int number = 0;
    zf_thread thread = {0};
    assert_false(zf_thread_join(&thread));
    assert_true(zf_thread_start(&thread, add_one, &number));
    assert_true(zf_thread_join(&thread));
    assert_false(zf_thread_join(&thread));
    assert_int_equal(number, 1);
    assert_true(zf_processor_count() >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_put_in_place_whole_and_replaced_only_if_allowed,
                                        bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(names_of_one_file_are_the_same, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(only_companions_with_bytes_are_found, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(directories_are_made_listed_and_removed, bench_setup, bench_teardown),
        cmocka_unit_test(a_thread_is_joined_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
