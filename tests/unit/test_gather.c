/* SPDX-License-Identifier: MIT */
#include "unit/gather_columns.h"
#include "gather/gather_internal.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants those above */

enum { MIB = 1024 * 1024 };

static zf_bytes text(const char *string) {
    return (zf_bytes){(const uint8_t *)string, string == NULL ? 0 : strlen(string)};
}

static zf_gather *create(size_t n_numbers, size_t n_texts, size_t share_bytes, size_t n_writers,
                         const char *dir, zf_budget *budget) {
    zf_gather_options options = {n_numbers, n_texts, share_bytes, n_writers, dir, false, false};
    zf_gather *gather = NULL;
    assert_int_equal(zf_gather_create(&options, budget, &gather, NULL), ZF_OK);
    return gather;
}

static zf_gather_writer *open_writer(zf_gather *gather) {
    zf_gather_writer *writer = NULL;
    assert_int_equal(zf_gather_writer_open(gather, &writer, NULL), ZF_OK);
    return writer;
}

static void append(zf_gather_writer *writer, uint32_t rank, int64_t fid, uint64_t ordinal, zf_bytes payload) {
    zf_gather_row row = {rank, fid, ordinal, NULL, NULL, payload};
    assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
}

static void close_and_seal(zf_gather *gather, zf_gather_writer *writer) {
    assert_int_equal(zf_gather_writer_close(writer, NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
}

static size_t count_files(const char *path) {
    DIR *dir = opendir(path);
    size_t n = 0;
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void rows_of_a_zip_are_loaded_as_columns_by_fid(void **state) {
    (void)state;
    zf_gather *gather = create(2, 1, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    const zf_cell cells[3][2] = {{{1}, {10}}, {{2}, {20}}, {{3}, {30}}};
    const zf_bytes texts[3] = {text("one"), text(NULL), text("")};
    const int64_t fids[3] = {7, INT64_MIN, INT64_MAX};
    for (int i = 0; i < 3; i++) {
        zf_gather_row row = {4, fids[i], (uint64_t)i, cells[i], &texts[i], {NULL, 0}};
        assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
    }
    close_and_seal(gather, writer);
    zf_arena arena;
    columns rows;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    assert_int_equal(load_columns(gather, 4, 2, 1, &arena, &rows, NULL), ZF_OK);
    assert_int_equal(rows.n, 3);
    assert_true(rows.fid[0] == INT64_MIN && rows.fid[1] == 7 && rows.fid[2] == INT64_MAX);
    assert_true(rows.numbers[0][0] == 2 && rows.numbers[0][1] == 1 && rows.numbers[0][2] == 3);
    assert_true(rows.numbers[1][0] == 20 && rows.numbers[1][1] == 10 && rows.numbers[1][2] == 30);
    assert_null(rows.texts[0][0].bytes);
    assert_int_equal(rows.texts[0][1].n, 3);
    assert_memory_equal(rows.texts[0][1].bytes, "one", 3);
    assert_non_null(rows.texts[0][2].bytes);
    assert_int_equal(rows.texts[0][2].n, 0);
    zf_arena_release(&arena);
    zf_gather_destroy(gather);
}

static void missing_numbers_and_negative_zero_come_back_as_they_were(void **state) {
    (void)state;
    zf_gather *gather = create(3, 0, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    const zf_cell cells[3] = {{NAN}, {-0.0}, {-INFINITY}};
    zf_gather_row row = {1, 1, 1, cells, NULL, {NULL, 0}};
    assert_int_equal(zf_gather_append(writer, &row, NULL), ZF_OK);
    close_and_seal(gather, writer);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_true(isnan(row.cells[0].real));
    assert_true(row.cells[1].real == 0 && signbit(row.cells[1].real));
    assert_true(row.cells[2].real == -INFINITY);
    zf_gather_destroy(gather);
}

static void what_was_appended_may_change_afterwards(void **state) {
    (void)state;
    zf_gather *gather = create(0, 0, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    uint8_t payload[4] = {1, 2, 3, 4};
    append(writer, 1, 1, 1, (zf_bytes){payload, 4});
    memset(payload, 0, sizeof payload);
    close_and_seal(gather, writer);
    zf_gather_row row;
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_int_equal(row.payload.n, 4);
    assert_memory_equal(row.payload.bytes, "\1\2\3\4", 4);
    zf_gather_destroy(gather);
}

static void a_missing_payload_is_not_an_empty_one(void **state) {
    (void)state;
    zf_gather *gather = create(0, 0, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    append(writer, 1, 1, 1, (zf_bytes){NULL, 0});
    append(writer, 1, 2, 2, text(""));
    close_and_seal(gather, writer);
    zf_gather_row row;
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_null(row.payload.bytes);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_non_null(row.payload.bytes);
    assert_int_equal(row.payload.n, 0);
    zf_gather_destroy(gather);
}

static void a_zip_without_rows_is_empty(void **state) {
    (void)state;
    zf_gather *gather = create(1, 1, MIB, 1, NULL, NULL);
    close_and_seal(gather, open_writer(gather));
    zf_arena arena;
    columns rows;
    zf_gather_row row;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
    assert_int_equal(load_columns(gather, UINT32_MAX, 1, 1, &arena, &rows, NULL), ZF_OK);
    assert_int_equal(rows.n, 0);
    assert_int_equal(zf_gather_next(gather, UINT32_MAX, &row, NULL), ZF_DONE);
    zf_arena_release(&arena);
    zf_gather_destroy(gather);
}

static void the_end_of_a_zip_stays_the_end_until_the_next_is_asked_for(void **state) {
    (void)state;
    zf_gather *gather = create(0, 0, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    append(writer, 1, 5, 5, text("a"));
    append(writer, 2, 6, 6, text("b"));
    close_and_seal(gather, writer);
    zf_gather_row row;
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_DONE);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_DONE);
    assert_int_equal(zf_gather_next(gather, 2, &row, NULL), ZF_OK);
    assert_int_equal(row.fid, 6);
    assert_int_equal(zf_gather_next(gather, 2, &row, NULL), ZF_DONE);
    zf_gather_destroy(gather);
}

static void what_an_abandoned_writer_got_is_gone(void **state) {
    (void)state;
    zf_gather *gather = create(0, 0, MIB, 2, NULL, NULL);
    zf_gather_writer *kept = open_writer(gather), *dropped = open_writer(gather);
    append(kept, 1, 1, 1, text("a"));
    append(dropped, 1, 2, 2, text("b"));
    zf_gather_writer_abandon(dropped);
    close_and_seal(gather, kept);
    zf_gather_row row;
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_OK);
    assert_int_equal(row.fid, 1);
    assert_int_equal(zf_gather_next(gather, 1, &row, NULL), ZF_DONE);
    zf_gather_destroy(gather);
}

static void no_rows_touch_no_directory(void **state) {
    (void)state;
    zf_gather *gather = create(0, 0, MIB, 1, "/nonexistent/directory", NULL);
    zf_gather_writer *writer = open_writer(gather);
    append(writer, 1, 1, 1, text("a"));
    close_and_seal(gather, writer);
    assert_int_equal(gather->spill.n_bytes, 0);
    zf_gather_destroy(gather);
}

static void null_handles_are_legal(void **state) {
    (void)state;
    zf_gather_destroy(NULL);
    zf_gather_writer_abandon(NULL);
    assert_int_equal(zf_gather_writer_close(NULL, NULL), ZF_OK);
}

static void the_spill_file_has_no_name(void **state) {
    (void)state;
    char dir[] = "/tmp/zonefold-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    zf_gather *gather = create(0, 0, MIB, 1, dir, NULL);
    zf_gather_writer *writer = open_writer(gather);
    static uint8_t payload[10000];
    for (uint64_t i = 0; i < 300; i++)
        append(writer, 1, (int64_t)i, i, (zf_bytes){payload, sizeof payload});
    assert_true(gather->spill.n_bytes > 0);
    assert_int_equal(count_files(dir), 0);
    close_and_seal(gather, writer);
    zf_gather_destroy(gather);
    assert_int_equal(rmdir(dir), 0);
}

static void without_a_directory_tmpdir_is_taken(void **state) {
    (void)state;
    const char *before = getenv("TMPDIR");
    char *kept = zf_string_copy(before);
    assert_int_equal(setenv("TMPDIR", "/nonexistent/from-tmpdir", 1), 0);
    zf_gather *gather = create(0, 0, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    static uint8_t payload[2 * MIB];
    zf_gather_row row = {1, 1, 1, NULL, NULL, {payload, sizeof payload}};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_gather_append(writer, &row, &error), ZF_OK);
    assert_int_equal(zf_gather_append(writer, &row, &error), ZF_E_OUTPUT);
    assert_non_null(strstr(error.text, "/nonexistent/from-tmpdir"));
    zf_gather_writer_abandon(writer);
    zf_gather_destroy(gather);
    assert_int_equal(kept != NULL ? setenv("TMPDIR", kept, 1) : unsetenv("TMPDIR"), 0);
    free(kept);
}

static uint64_t append_many(zf_gather *gather, zf_gather_writer *writer, uint64_t n) {
    static uint8_t payload[100];
    for (uint64_t i = 0; i < n; i++)
        append(writer, 1, (int64_t)i, i, (zf_bytes){payload, sizeof payload});
    return gather->spill.n_bytes;
}

static void what_stays_in_memory_leaves_room_to_read_the_file(void **state) {
    (void)state;
    zf_gather *gather = create(0, 0, MIB, 1, NULL, NULL);
    zf_gather_writer *writer = open_writer(gather);
    uint64_t n_run = 0; /* rows that fill the share */
    while (append_many(gather, writer, 1) == 0)
        n_run++;
    close_and_seal(gather, writer);
    zf_gather_destroy(gather);
    for (uint64_t part = 1; part < 10;
         part += 7) { /* a tenth of the share stays in memory, eight tenths go */
        gather = create(0, 0, MIB, 1, NULL, NULL);
        writer = open_writer(gather);
        uint64_t before = append_many(gather, writer, n_run + n_run * part / 10);
        assert_true(before > 0);
        close_and_seal(gather, writer);
        assert_int_equal(gather->spill.n_bytes > before, part > 5);
        zf_gather_destroy(gather);
    }
}

/* Bytes held at the peak while n rows with payloads of payload_n bytes go through a gather of share_bytes. */
static size_t peak_of(size_t share_bytes, size_t n_writers, uint64_t n, size_t payload_n) {
    static uint8_t payload[64 * 1024];
    zf_budget budget;
    zf_budget_init(&budget, 0);
    zf_gather *gather = create(0, 0, share_bytes, n_writers, NULL, &budget);
    zf_gather_writer *writers[8];
    for (size_t w = 0; w < n_writers; w++)
        writers[w] = open_writer(gather);
    for (uint64_t i = 0; i < n; i++)
        append(writers[i % n_writers], 1 + (uint32_t)(i % 100), (int64_t)(i * 7919 % 1000003), i,
               (zf_bytes){payload, payload_n});
    for (size_t w = 0; w < n_writers; w++)
        assert_int_equal(zf_gather_writer_close(writers[w], NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    assert_true(gather->spill.n_bytes > 0);
    uint64_t n_read = 0, n_loaded = 0;
    for (uint32_t rank = 1; rank <= 100; rank++) {
        zf_arena arena;
        columns rows;
        zf_gather_row row;
        zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 1024);
        assert_int_equal(load_columns(gather, rank, 0, 0, &arena, &rows, NULL), ZF_OK);
        n_loaded += rows.n;
        zf_arena_release(&arena);
        while (zf_gather_next(gather, rank, &row, NULL) == ZF_OK)
            n_read++;
    }
    assert_int_equal(n_read, n);
    assert_int_equal(n_loaded, n);
    zf_gather_destroy(gather);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_GATHER), 0);
    return atomic_load(&budget.peak_bytes);
}

static void memory_stays_within_the_share(void **state) {
    (void)state;
    /* beside the share: the list of runs, the counts by rank, and the rows being put together */
    const size_t beside = 256 * 1024;
    assert_in_range(peak_of(MIB, 1, 300000, 10), MIB / 2, MIB + beside);
    assert_in_range(peak_of(MIB, 1, 200000, 400), MIB / 2, MIB + beside);
    assert_in_range(peak_of(MIB, 8, 200000, 400), MIB / 2, MIB + beside);
    assert_in_range(peak_of(MIB, 1, 1500, 60000), MIB / 2, MIB + beside);
    assert_in_range(peak_of(8 * MIB, 4, 100000, 400), 4 * MIB, 8 * MIB + beside);
}

static zf_status check_payload(void *user, const zf_gather_row *row, zf_error *error) {
    size_t *n = user;
    (void)error;
    assert_int_equal(row->payload.n, 3000);
    for (size_t i = 0; i < row->payload.n; i++)
        assert_int_equal(row->payload.bytes[i], (uint8_t)(row->fid + 7 * row->rank));
    ++*n;
    return ZF_OK;
}

/* In memory, and spilled through a small share; a ZIP not visited is passed over with its payloads. */
static void visits_hand_out_payloads_where_that_was_asked(void **state) {
    (void)state;
    const size_t n_rows[] = {90, 3000};
    for (size_t k = 0; k < 2; k++) {
        static uint8_t payload[3000];
        zf_gather_options options = {0, 0, MIB, 1, NULL, true, false};
        zf_gather *gather = NULL;
        assert_int_equal(zf_gather_create(&options, NULL, &gather, NULL), ZF_OK);
        zf_gather_writer *writer = open_writer(gather);
        for (size_t i = 0; i < n_rows[k]; i++) {
            uint32_t rank = 1 + (uint32_t)(i * 7 % 3);
            memset(payload, (uint8_t)(i + 7 * rank), sizeof payload);
            append(writer, rank, (int64_t)i, i, (zf_bytes){payload, sizeof payload});
        }
        close_and_seal(gather, writer);
        assert_int_equal(gather->spill.n_bytes > 0, k == 1);
        for (uint32_t rank = 1; rank <= 3; rank += 2) {
            size_t n = 0, n_next = 0;
            zf_gather_row row;
            assert_int_equal(zf_gather_visit(gather, rank, check_payload, &n, NULL), ZF_OK);
            assert_int_equal(n, n_rows[k] / 3);
            while (zf_gather_next(gather, rank, &row, NULL) == ZF_OK)
                assert_int_equal(check_payload(&n_next, &row, NULL), ZF_OK);
            assert_int_equal(n_next, n);
        }
        zf_gather_destroy(gather);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visits_hand_out_payloads_where_that_was_asked),
        cmocka_unit_test(rows_of_a_zip_are_loaded_as_columns_by_fid),
        cmocka_unit_test(missing_numbers_and_negative_zero_come_back_as_they_were),
        cmocka_unit_test(what_was_appended_may_change_afterwards),
        cmocka_unit_test(a_missing_payload_is_not_an_empty_one),
        cmocka_unit_test(a_zip_without_rows_is_empty),
        cmocka_unit_test(the_end_of_a_zip_stays_the_end_until_the_next_is_asked_for),
        cmocka_unit_test(what_an_abandoned_writer_got_is_gone),
        cmocka_unit_test(no_rows_touch_no_directory),
        cmocka_unit_test(null_handles_are_legal),
        cmocka_unit_test(the_spill_file_has_no_name),
        cmocka_unit_test(without_a_directory_tmpdir_is_taken),
        cmocka_unit_test(what_stays_in_memory_leaves_room_to_read_the_file),
        cmocka_unit_test(memory_stays_within_the_share),
    };
    return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
