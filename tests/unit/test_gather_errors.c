/* SPDX-License-Identifier: MIT */
#include "unit/gather_columns.h"
#include "gather/gather_internal.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h> /* wants those above */

enum { MIB = 1024 * 1024, PAYLOAD = 1000 };
static const uint8_t payload[2 * MIB];

static zf_gather *create(size_t share_bytes, size_t n_writers, const char *dir, zf_budget *budget) {
    zf_gather_options options = {0, 0, share_bytes, n_writers, dir, false, false};
    zf_gather *gather = NULL;
    assert_int_equal(zf_gather_create(&options, budget, &gather, NULL), ZF_OK);
    return gather;
}

static zf_gather_writer *open_writer(zf_gather *gather) {
    zf_gather_writer *writer = NULL;
    assert_int_equal(zf_gather_writer_open(gather, &writer, NULL), ZF_OK);
    return writer;
}

static zf_status append(zf_gather_writer *writer, uint64_t i, size_t payload_n, zf_error *error) {
    zf_gather_row row = {1 + (uint32_t)(i % 10), (int64_t)i, i, NULL, NULL, {payload, payload_n}};
    return zf_gather_append(writer, &row, error);
}

/* Appends rows from *i on until one fails or n have gone in. */
static zf_status append_until(zf_gather_writer *writer, uint64_t *i, uint64_t n, zf_error *error) {
    zf_status st = ZF_OK;
    for (; st == ZF_OK && *i < n; ++*i)
        st = append(writer, *i, PAYLOAD, error);
    return st;
}

static void a_directory_that_is_not_there_is_named(void **state) {
    (void)state;
    zf_budget budget;
    zf_budget_init(&budget, 0);
    zf_gather *gather = create(MIB, 1, "/nonexistent/spill", &budget);
    zf_gather_writer *writer = open_writer(gather);
    zf_error error = ZF_ERROR_INIT;
    uint64_t i = 0;
    assert_int_equal(append_until(writer, &i, 5000, &error), ZF_E_OUTPUT);
    assert_int_equal(error.domain, ZF_DOMAIN_OS);
    assert_non_null(strstr(error.text, "/nonexistent/spill"));
    assert_non_null(strstr(error.text, "No such file or directory"));
    zf_gather_writer_abandon(writer);
    zf_gather_destroy(gather);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_GATHER), 0);
}

/* A limit on the size of files stands in for a full disk: the write that crosses it is cut short, the next
 * one refused. */
static void set_file_limit(rlim_t n_bytes, struct rlimit *before) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, before), 0);
    limit = *before;
    limit.rlim_cur = n_bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_disk_that_fills_up_is_an_output_error_wherever_it_happens(void **state) {
    (void)state;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    size_t n_failed = 0;
    for (rlim_t limit = 0; limit < 7 * MIB; limit += 300001) {
        struct rlimit before;
        zf_budget budget;
        zf_budget_init(&budget, 0);
        zf_gather *gather = create(MIB, 1, NULL, &budget);
        zf_gather_writer *writer = open_writer(gather);
        zf_error error = ZF_ERROR_INIT;
        uint64_t i = 0;
        set_file_limit(limit, &before);
        zf_status st = append_until(writer, &i, 5000, &error);
        if (st == ZF_OK)
            st = zf_gather_writer_close(writer, &error);
        else
            zf_gather_writer_abandon(writer);
        if (st == ZF_OK)
            st = zf_gather_seal(gather, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (st != ZF_OK) {
            n_failed++;
            assert_int_equal(st, ZF_E_OUTPUT);
            assert_non_null(strstr(error.text, "File too large"));
            assert_non_null(strstr(error.text, "`temp_dir`"));
        }
        zf_gather_destroy(gather);
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_GATHER), 0);
    }
    assert_in_range(n_failed, 10, 23); /* 24 limits; the file grows to some 5 MB */
    signal(SIGXFSZ, handler);
}

/* The process's own spill file, which has no name any more, or never had one. */
static int find_spill_file(void) {
    DIR *dir = opendir("/proc/self/fd");
    int fd = -1;
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[300], target[300];
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        ssize_t n = readlink(path, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        bool had_name = strstr(target, "/zonefold-") != NULL, never_had_one = strstr(target, "/#") != NULL;
        if ((!had_name && !never_had_one) || strstr(target, "(deleted)") == NULL)
            continue;
        assert_int_equal(fd, -1);
        fd = atoi(entry->d_name);
    }
    closedir(dir);
    assert_true(fd >= 0);
    return fd;
}

static zf_gather *spilled_gather(zf_budget *budget) {
    zf_gather *gather = create(MIB, 1, NULL, budget);
    zf_gather_writer *writer = open_writer(gather);
    uint64_t i = 0;
    assert_int_equal(append_until(writer, &i, 5000, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    return gather;
}

static zf_status load_all(zf_gather *gather, zf_error *error) {
    zf_status st = ZF_OK;
    zf_arena arena;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    for (uint32_t rank = 1; st == ZF_OK && rank <= 10; rank++) {
        columns rows;
        st = load_columns(gather, rank, 0, 0, &arena, &rows, error);
    }
    zf_arena_release(&arena);
    return st;
}

static zf_status read_all(zf_gather *gather, zf_error *error) {
    zf_status st = ZF_DONE;
    for (uint32_t rank = 1; st == ZF_DONE && rank <= 10; rank++) {
        zf_gather_row row;
        while ((st = zf_gather_next(gather, rank, &row, error)) == ZF_OK) {
        }
    }
    return st;
}

static void a_spill_file_cut_short_is_an_input_error_when_loading(void **state) {
    (void)state;
    for (off_t n_bytes = 0; n_bytes <= 1000000; n_bytes += 500000) {
        zf_gather *gather = spilled_gather(NULL);
        assert_int_equal(ftruncate(find_spill_file(), n_bytes), 0);
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(load_all(gather, &error), ZF_E_INPUT);
        assert_non_null(strstr(error.text, "it ends too early"));
        zf_gather_destroy(gather);
    }
}

static void a_spill_file_cut_short_is_an_input_error_when_reading_rows(void **state) {
    (void)state;
    for (off_t n_bytes = 0; n_bytes <= 1000000; n_bytes += 500000) {
        zf_gather *gather = spilled_gather(NULL);
        assert_int_equal(ftruncate(find_spill_file(), n_bytes), 0);
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(read_all(gather, &error), ZF_E_INPUT);
        assert_non_null(strstr(error.text, "it ends too early"));
        zf_gather_destroy(gather);
    }
}

static void a_spill_file_changed_from_outside_is_noticed(void **state) {
    (void)state;
    /* the first run begins with the heads of its rows, 32 bytes each; every byte of one of them is changed */
    for (int fill = 0; fill <= 0xFF; fill += 0x33) {
        uint8_t junk[32];
        memset(junk, fill, sizeof junk);
        for (int reads_rows = 0; reads_rows < 2; reads_rows++) {
            zf_gather *gather = spilled_gather(NULL);
            assert_int_equal(pwrite(find_spill_file(), junk, sizeof junk, 100 * 32), sizeof junk);
            zf_error error = ZF_ERROR_INIT;
            assert_int_equal(reads_rows ? read_all(gather, &error) : load_all(gather, &error), ZF_E_INPUT);
            assert_non_null(strstr(error.text, "changed from outside"));
            zf_gather_destroy(gather);
        }
    }
}

/* The whole life of a gather under a memory limit; the sum of what was read, when all went well. */
static zf_status live_within(size_t limit_bytes, uint64_t *out_sum, zf_error *error) {
    zf_budget budget;
    zf_budget_init(&budget, limit_bytes);
    zf_gather_options options = {0, 0, 4 * MIB, 2, NULL, false, false};
    zf_gather *gather = NULL;
    zf_gather_writer *writers[2] = {NULL, NULL};
    zf_status st = zf_gather_create(&options, &budget, &gather, error);
    for (int w = 0; st == ZF_OK && w < 2; w++)
        st = zf_gather_writer_open(gather, &writers[w], error);
    for (uint64_t i = 0; st == ZF_OK && i < 6000; i++)
        st = append(writers[i % 2], i, PAYLOAD, error);
    for (int w = 0; w < 2; w++)
        if (st == ZF_OK)
            st = zf_gather_writer_close(writers[w], error);
        else
            zf_gather_writer_abandon(writers[w]);
    if (st == ZF_OK)
        st = zf_gather_seal(gather, error);
    *out_sum = 0;
    for (uint32_t rank = 1; st == ZF_OK && rank <= 10; rank++) {
        zf_gather_row row;
        while ((st = zf_gather_next(gather, rank, &row, error)) == ZF_OK)
            *out_sum = *out_sum * 31 + (uint64_t)row.fid;
        st = st == ZF_DONE ? ZF_OK : st;
    }
    zf_gather_destroy(gather);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_GATHER), 0);
    return st;
}

static void too_little_memory_is_said_and_nothing_leaks(void **state) {
    (void)state;
    uint64_t wanted = 0, sum = 0;
    size_t n_failed = 0, n_done = 0;
    assert_int_equal(live_within(0, &wanted, NULL), ZF_OK);
    for (size_t limit = 1; limit < 6 * MIB; limit += limit < 4096 ? 128 : limit / 16) {
        zf_error error = ZF_ERROR_INIT;
        zf_status st = live_within(limit, &sum, &error);
        if (st == ZF_OK) {
            n_done++;
            assert_true(sum == wanted);
            continue;
        }
        n_failed++;
        assert_int_equal(st, ZF_E_MEMORY);
        assert_int_equal(error.status, ZF_E_MEMORY);
    }
    assert_true(n_failed > 10 && n_done > 3);
}

static void with_the_budget_spent_rows_go_to_the_file_early(void **state) {
    (void)state;
    zf_budget budget;
    zf_budget_init(&budget, 3 * MIB);
    zf_gather *gather = create(64 * (size_t)MIB, 1, NULL, &budget);
    zf_gather_writer *writer = open_writer(gather);
    uint64_t i = 0;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(append_until(writer, &i, 20000, &error), ZF_OK);
    assert_int_equal(error.status, ZF_OK);
    assert_true(gather->spill.n_bytes > 10 * MIB);
    zf_gather_writer_abandon(writer);
    zf_gather_destroy(gather);
}

static void a_row_for_rank_0_is_refused(void **state) {
    (void)state;
    zf_gather *gather = create(MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    zf_gather_row row = {0, 1, 1, NULL, NULL, {NULL, 0}};
    assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_E_INTERNAL);
    zf_gather_writer_abandon(writer);
    zf_gather_destroy(gather);
}

static void a_text_that_cannot_be_encoded_names_its_building(void **state) {
    (void)state;
    zf_gather_options options = {0, 1, MIB, 1, NULL, false, false};
    zf_gather *gather = NULL;
    assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_OK);
    zf_gather_writer *writer = open_writer(gather);
    const size_t sizes[] = {UINT32_MAX, UINT32_MAX - 8u, SIZE_MAX, SIZE_MAX - 64};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        zf_bytes lie = {payload, sizes[s]}; /* refused by its size, before a byte is read */
        zf_gather_row row = {1, 77, 1, NULL, &lie, {NULL, 0}};
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_gather_append(writer, &row, &error), ZF_E_INPUT);
        assert_int_equal(error.fid, 77);
    }
    zf_gather_writer_abandon(writer);
    zf_gather_destroy(gather);
}

static void a_payload_of_impossible_size_is_refused(void **state) {
    (void)state;
    zf_budget budget;
    zf_budget_init(&budget, 64 * (size_t)MIB);
    zf_gather *gather = create(MIB, 1, NULL, &budget);
    zf_gather_writer *writer = open_writer(gather);
    zf_gather_row row = {1, 77, 1, NULL, NULL, {payload, SIZE_MAX - 16}};
    assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_E_INPUT);
    row.payload.n = SIZE_MAX / 2;
    assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_E_MEMORY);
    assert_int_equal(append(writer, 1, 10, NULL), ZF_OK);
    zf_gather_writer_abandon(writer);
    zf_gather_destroy(gather);
}

static void rows_larger_than_the_share_pass_through(void **state) {
    (void)state;
    zf_gather *gather = create(MIB, 2, NULL, NULL);
    zf_gather_writer *writers[2] = {open_writer(gather), open_writer(gather)};
    for (uint64_t i = 0; i < 6; i++)
        assert_int_equal(append(writers[i % 2], 9 - i, 2 * MIB - i, NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_close(writers[0], NULL), ZF_OK);
    assert_int_equal(zf_gather_writer_close(writers[1], NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    for (uint32_t rank = 5; rank <= 10; rank++) {
        zf_gather_row row;
        assert_int_equal(zf_gather_next(gather, rank, &row, NULL), ZF_OK);
        assert_int_equal(row.fid, rank - 1);
        assert_int_equal(row.payload.n, 2 * MIB - (10 - rank));
        assert_int_equal(zf_gather_next(gather, rank, &row, NULL), ZF_DONE);
    }
    zf_gather_destroy(gather);
}

static void calls_out_of_order_are_refused(void **state) {
    (void)state;
    zf_arena arena;
    columns rows;
    zf_gather_row row;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    zf_gather *gather = create(MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather), *second = NULL;
    assert_int_equal(zf_gather_writer_open(gather, &second, NULL), ZF_E_INTERNAL);
    assert_int_equal(append(writer, 0, 1, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_E_INTERNAL);
    assert_int_equal(load_columns(gather, 1, 0, 0, &arena, &rows, NULL), ZF_E_INTERNAL);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_E_INTERNAL);
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_E_INTERNAL);
    assert_int_equal(zf_gather_writer_open(gather, &second, NULL), ZF_E_INTERNAL);
    assert_int_equal(load_columns(gather, 3, 0, 0, &arena, &rows, NULL), ZF_OK);
    assert_int_equal(load_columns(gather, 3, 0, 0, &arena, &rows, NULL), ZF_E_INTERNAL);
    assert_int_equal(load_columns(gather, 1, 0, 0, &arena, &rows, NULL), ZF_E_INTERNAL);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_int_equal(zf_gather_next(gather, 2, &row, NULL), ZF_DONE);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_E_INTERNAL);
    zf_arena_release(&arena);
    zf_gather_destroy(gather);
}

static void impossible_options_are_refused(void **state) {
    (void)state;
    zf_gather *gather = NULL;
    zf_gather_options options = {SIZE_MAX / 4, 0, MIB, 1, NULL, false, false};
    assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_E_INTERNAL);
    options = (zf_gather_options){0, SIZE_MAX / 4, MIB, 1, NULL, false, false};
    assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_E_INTERNAL);
    options = (zf_gather_options){1, 1, MIB, 0, NULL, false, false};
    assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_E_INTERNAL);
    assert_null(gather);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_that_is_not_there_is_named),
        cmocka_unit_test(a_disk_that_fills_up_is_an_output_error_wherever_it_happens),
        cmocka_unit_test(a_spill_file_cut_short_is_an_input_error_when_loading),
        cmocka_unit_test(a_spill_file_cut_short_is_an_input_error_when_reading_rows),
        cmocka_unit_test(a_spill_file_changed_from_outside_is_noticed),
        cmocka_unit_test(too_little_memory_is_said_and_nothing_leaks),
        cmocka_unit_test(with_the_budget_spent_rows_go_to_the_file_early),
        cmocka_unit_test(a_row_for_rank_0_is_refused),
        cmocka_unit_test(a_text_that_cannot_be_encoded_names_its_building),
        cmocka_unit_test(a_payload_of_impossible_size_is_refused),
        cmocka_unit_test(rows_larger_than_the_share_pass_through),
        cmocka_unit_test(calls_out_of_order_are_refused),
        cmocka_unit_test(impossible_options_are_refused),
    };
    return cmocka_run_group_tests_name("gather_errors", tests, NULL, NULL);
}
