/* SPDX-License-Identifier: MIT */
/* The result is put in place whole or not at all, and SpatiaLite keeps quiet whatever happens. */
#include "effort.h"
#include "sql/sql.h"
#include "unit/output_bench.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

static const char old_text[] = "what was there before";

static void put_old(const char *path) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(old_text, 1, sizeof old_text, file), sizeof old_text);
    assert_int_equal(fclose(file), 0);
}

static void assert_old_is_untouched(const char *path) {
    size_t n = 0;
    uint8_t *bytes = read_whole(path, &n);
    assert_int_equal(n, sizeof old_text);
    assert_memory_equal(bytes, old_text, n);
    free(bytes);
}

static void assert_cannot_open(const zf_output_options *options, const char *expected) {
    zf_output *output = NULL;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_output_open(options, &output, &error), ZF_E_OUTPUT);
    assert_null(output);
    assert_string_equal(error.path, options->path);
    if (strstr(error.text, expected) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, expected);
    assert_non_null(strstr(error.text, "`"));
}

static void temp_path(const bench *b, char out[400]) {
    snprintf(out, 400, "%s/.result.sqlite.part", b->directory);
}

/* ---- where it may go ---- */

static void an_existing_output_needs_overwrite(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    put_old(b->path);
    assert_cannot_open(&options, "`overwrite`");
    assert_old_is_untouched(b->path);
    assert_int_equal(count_files(b), 1);
}

static void with_overwrite_the_old_file_stays_until_the_new_one_is_whole(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    put_old(b->path);
    options.overwrite = true;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(write_rows(output, 3, 1000, NULL), ZF_OK);
    assert_old_is_untouched(b->path);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    assert_int_equal(count_files(b), 1);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, "SELECT count(*) FROM important_building"), "3000");
    reader_close(r);
}

static void the_temporary_file_lies_beside_the_output_under_its_name(void **state) {
    bench *b = *state;
    char temp[400];
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    temp_path(b, temp);
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(access(temp, F_OK), 0);
    assert_int_equal(count_files(b), 1); /* no journal either */
    zf_output_abort(output);
    assert_int_equal(count_files(b), 0);
}

static void abort_leaves_the_old_file_and_nothing_else(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    put_old(b->path);
    options.overwrite = true;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(write_rows(output, 2, 20000, NULL), ZF_OK);
    zf_output_abort(output);
    zf_output_abort(NULL);
    assert_old_is_untouched(b->path);
    assert_int_equal(count_files(b), 1);
}

static void a_file_left_by_a_killed_run_is_removed(void **state) {
    bench *b = *state;
    char temp[400];
    zf_output_options options = bench_options(b);
    temp_path(b, temp);
    put_old(temp);
    write_result(&options, 1, 1);
    assert_int_equal(count_files(b), 1);
    put_old(temp);
    assert_int_equal(unlink(b->path), 0);
    zf_output *output = NULL;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    zf_output_abort(output);
    assert_int_equal(count_files(b), 0);
}

/* The second run is a second output here: what it meets is the same, a lock that another open file holds. */
static void a_second_run_to_the_same_output_is_refused(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    for (int i = 0; i < 2; i++) {
        options.overwrite = i == 1;
        assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
        assert_cannot_open(&options, "another run");
        assert_int_equal(count_files(b), 1 + i);
        assert_int_equal(write_rows(output, 3, 1000, NULL), ZF_OK);
        assert_cannot_open(&options, "another run");
        assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
        assert_int_equal(count_files(b), 1);
        reader *r = reader_open(b->path);
        assert_string_equal(ask(r, "SELECT count(*) FROM important_building"), "3000");
        reader_close(r);
    }
}

/* A link could make the run write where nobody wants it to. */
static void what_is_no_file_of_ours_under_the_temporary_name_is_left_alone(void **state) {
    bench *b = *state;
    char temp[400], other[400];
    zf_output_options options = bench_options(b);
    temp_path(b, temp);
    snprintf(other, sizeof other, "%s/other", b->directory);
    for (int kind = 0; kind < 3; kind++) {
        put_old(other);
        int made = kind == 0 ? symlink(other, temp) : kind == 1 ? link(other, temp) : mkdir(temp, 0777);
        assert_int_equal(made, 0);
        write_result(&options, 1, 1);
        assert_int_equal(count_files(b), 3);
        assert_old_is_untouched(other);
        assert_int_equal(kind == 2 ? rmdir(temp) : unlink(temp), 0);
        assert_int_equal(unlink(b->path), 0);
    }
}

static void a_file_that_appears_while_writing_is_not_replaced(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    put_old(b->path);
    assert_int_equal(zf_output_finish(output, &error), ZF_E_OUTPUT);
    assert_non_null(strstr(error.text, "`overwrite`"));
    assert_old_is_untouched(b->path);
    assert_int_equal(count_files(b), 1);
}

static void a_directory_is_no_output(void **state) {
    bench *b = *state;
    char path[320];
    zf_output_options options = bench_options(b);
    options.overwrite = true;
    options.path = b->directory;
    assert_cannot_open(&options, "directory");
    snprintf(path, sizeof path, "%s/new/", b->directory);
    options.path = path;
    assert_cannot_open(&options, "directory");
    options.path = "/dev/null";
    assert_cannot_open(&options, "regular");
}

static void the_directory_must_exist(void **state) {
    bench *b = *state;
    char path[320];
    zf_output_options options = bench_options(b);
    snprintf(path, sizeof path, "%s/missing/result.sqlite", b->directory);
    options.path = path;
    assert_cannot_open(&options, "missing' does not exist");
    put_old(b->path);
    snprintf(path, sizeof path, "%s/below-a-file.sqlite", b->path);
    options.path = path;
    assert_cannot_open(&options, "does not exist");
}

static int open_as_nobody(void *user) {
    const bench *b = user;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    zf_error error = ZF_ERROR_INIT;
    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    if (zf_output_open(&options, &output, &error) != ZF_E_OUTPUT)
        return 2;
    return strstr(error.text, "not writable") != NULL ? 0 : 3;
}

static void the_directory_must_be_writable(void **state) {
    bench *b = *state;
    size_t n_printed = 0;
    assert_int_equal(chmod(b->directory, 0555), 0);
    assert_int_equal(run_caught(open_as_nobody, b, &n_printed), 0);
    assert_int_equal(n_printed, 0);
    assert_int_equal(chmod(b->directory, 0755), 0);
}

static void a_name_without_directory_is_in_the_current_one(void **state) {
    bench *b = *state;
    char before[4096];
    zf_output_options options = bench_options(b);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(b->directory), 0);
    options.path = "here.sqlite";
    write_result(&options, 1, 1);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(count_files(b), 1);
}

/* ---- the disk fills up ---- */

typedef struct writing {
    const bench *b;
    rlim_t limit_bytes;
} writing;

/* 0: written; 1: refused as it should be; others: wrong. */
static int write_until_refused(const bench *b) {
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    zf_error error = ZF_ERROR_INIT;
    options.overwrite = true;
    zf_status status = zf_output_open(&options, &output, &error);
    if (status == ZF_OK) {
        status = write_rows(output, 4, 5000, &error);
        if (status == ZF_OK)
            status = zf_output_finish(output, &error);
        else
            zf_output_abort(output);
    }
    if (status == ZF_OK)
        return 0;
    if (status != ZF_E_OUTPUT)
        return 2;
    return strcmp(error.path, b->path) == 0 && strstr(error.text, "free space") != NULL ? 1 : 3;
}

static int write_below_limit(void *user) {
    const writing *w = user;
    const struct rlimit limit = {w->limit_bytes, w->limit_bytes};
    signal(SIGXFSZ, SIG_IGN);
    return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? write_until_refused(w->b) : 4;
}

static void assert_refused_below(bench *b, rlim_t limit_bytes) {
    writing w = {b, limit_bytes};
    size_t n_printed = 0;
    assert_int_equal(run_caught(write_below_limit, &w, &n_printed), 1);
    assert_int_equal(n_printed, 0);
    assert_old_is_untouched(b->path);
    assert_int_equal(count_files(b), 1);
}

/* At any size: while rows are written, the index is built, and among the last pages, where SpatiaLite's own
 * statements run. */
static void a_file_that_cannot_grow_is_an_output_error_and_leaves_the_old_one(void **state) {
    bench *b = *state;
    struct stat whole;
    size_t n_printed = 0;
    writing enough = {b, 1 << 30};
    assert_int_equal(run_caught(write_below_limit, &enough, &n_printed), 0);
    assert_int_equal(stat(b->path, &whole), 0);
    put_old(b->path);
    for (rlim_t limit = 8192; limit < (rlim_t)whole.st_size;
         limit += limit / (rlim_t)(effort(8) >= 8 ? 8 : 2))
        assert_refused_below(b, limit);
    for (rlim_t pages = 1; pages <= (rlim_t)effort(40); pages++)
        assert_refused_below(b, (rlim_t)whole.st_size - pages * 4096);
}

static int write_to_bench(void *user) {
    return write_until_refused(user);
}

enum { CANNOT_MOUNT = 77 };

/* In a mount namespace of its own, so that nothing stays mounted whatever happens. */
static int write_to_full_disk(void *user) {
    const bench *b = user;
    size_t n = 0;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", b->directory, "tmpfs", 0, "size=2m") != 0)
        return CANNOT_MOUNT;
    put_old(b->path);
    int code = write_until_refused(b);
    uint8_t *bytes = read_whole(b->path, &n);
    bool is_old = n == sizeof old_text && memcmp(bytes, old_text, n) == 0;
    free(bytes);
    return code != 1 ? 2 : !is_old ? 3 : count_files(b) != 1 ? 4 : 0;
}

static void a_full_disk_is_an_output_error_and_leaves_the_old_file(void **state) {
    size_t n_printed = 0;
    int code = run_caught(write_to_full_disk, *state, &n_printed);
    if (code == CANNOT_MOUNT) {
        print_message("no right to mount a small file system here: not tested\n");
        skip();
    }
    assert_int_equal(code, 0);
    assert_int_equal(n_printed, 0);
}

/* ---- cancelled ---- */

typedef struct cancelling {
    const bench *b;
    int n_asked;
    int cancel_at;
} cancelling;

static bool cancel_at(void *user) {
    cancelling *c = user;
    return ++c->n_asked >= c->cancel_at;
}

static int finish_cancelled(void *user) {
    cancelling *c = user;
    const zf_callbacks callbacks = {.is_cancelled = cancel_at, .user = c};
    zf_output_options options = bench_options(c->b);
    zf_output *output = NULL;
    zf_error error = ZF_ERROR_INIT;
    options.overwrite = true;
    options.callbacks = &callbacks;
    if (zf_output_open(&options, &output, &error) != ZF_OK || write_rows(output, 3, 2000, &error) != ZF_OK ||
        c->n_asked != 0)
        return 2;
    zf_status status = zf_output_finish(output, &error);
    return status == ZF_OK ? 0 : status == ZF_E_CANCELLED && strlen(error.text) > 5 ? 1 : 3;
}

static void cancelling_at_any_point_of_finish_leaves_the_old_file(void **state) {
    bench *b = *state;
    size_t n_printed = 0;
    int cancelled_at = 0;
    put_old(b->path);
    for (;; cancelled_at++) {
        cancelling c = {b, 0, cancelled_at + 1};
        int code = run_caught(finish_cancelled, &c, &n_printed);
        assert_int_equal(n_printed, 0);
        if (code == 0)
            break;
        assert_int_equal(code, 1);
        assert_old_is_untouched(b->path);
        assert_int_equal(count_files(b), 1);
    }
    assert_true(cancelled_at > 8); /* also within the building of the index, not only between steps */
}

/* ---- quiet ---- */

static int write_with_unknown_crs(void *user) {
    const bench *b = user;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    zf_crs *crs = NULL;
    options.overwrite = true;
    if (zf_crs_create("EPSG:32159", &crs, NULL) != ZF_OK)
        return 1;
    options.crs = crs;
    if (zf_output_open(&options, &output, NULL) != ZF_OK || write_rows(output, 2, 10, NULL) != ZF_OK ||
        zf_output_finish(output, NULL) != ZF_OK)
        return 2;
    zf_crs_destroy(crs);
    return 0;
}

static void nothing_is_printed(void **state) {
    size_t n_printed = 0;
    assert_int_equal(run_caught(write_to_bench, *state, &n_printed), 0);
    assert_int_equal(n_printed, 0);
    assert_int_equal(run_caught(write_with_unknown_crs, *state, &n_printed), 0);
    assert_int_equal(n_printed, 0);
}

static void the_versions_are_those_of_the_libraries(void **state) {
    (void)state;
    assert_string_equal(zf_sqlite_version(), sqlite3_libversion());
    assert_string_equal(zf_spatialite_version(), spatialite_version());
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        PLACE_TEST(an_existing_output_needs_overwrite),
        PLACE_TEST(with_overwrite_the_old_file_stays_until_the_new_one_is_whole),
        PLACE_TEST(the_temporary_file_lies_beside_the_output_under_its_name),
        PLACE_TEST(abort_leaves_the_old_file_and_nothing_else),
        PLACE_TEST(a_file_left_by_a_killed_run_is_removed),
        PLACE_TEST(a_second_run_to_the_same_output_is_refused),
        PLACE_TEST(what_is_no_file_of_ours_under_the_temporary_name_is_left_alone),
        PLACE_TEST(a_file_that_appears_while_writing_is_not_replaced),
        PLACE_TEST(a_directory_is_no_output),
        PLACE_TEST(the_directory_must_exist),
        PLACE_TEST(the_directory_must_be_writable),
        PLACE_TEST(a_name_without_directory_is_in_the_current_one),
        PLACE_TEST(a_file_that_cannot_grow_is_an_output_error_and_leaves_the_old_one),
        PLACE_TEST(a_full_disk_is_an_output_error_and_leaves_the_old_file),
        PLACE_TEST(cancelling_at_any_point_of_finish_leaves_the_old_file),
        PLACE_TEST(nothing_is_printed),
        cmocka_unit_test(the_versions_are_those_of_the_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
