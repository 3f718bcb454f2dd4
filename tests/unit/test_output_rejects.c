/* SPDX-License-Identifier: MIT */
/* The list of features repaired, skipped or unusable. */
#include "output/rejects.h"
#include "unit/output_bench.h"

#include <math.h>

static zf_rejected make(bool is_zip, int64_t fid, const char *detail) {
    return (zf_rejected){is_zip, fid, "invalid", detail, false, NAN, NAN, NAN};
}

static void write_and_read(bench *b, zf_rejects *rejects, const char *expected) {
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(zf_rejects_write(rejects, output, NULL), ZF_OK);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    assert_string_equal(ask(r, "SELECT id,layer,fid,detail FROM rejected_feature"), expected);
    reader_close(r);
}

static void the_order_is_layer_fid_ordinal_and_appending(void **state) {
    zf_rejects *rejects = NULL;
    const struct {
        bool is_zip;
        int64_t fid;
        uint64_t ordinal;
        const char *detail;
    } given[] = {{false, 5, 9, "d"}, {false, 5, 2, "b"},   {false, 5, 2, "c"},
                 {true, 9, 1, "z"},  {false, -1, 50, "a"}, {true, 2, 4, NULL}};
    assert_int_equal(zf_rejects_create(NULL, NULL, &rejects, NULL), ZF_OK);
    for (size_t i = 0; i < 6; i++) {
        zf_rejected r = make(given[i].is_zip, given[i].fid, given[i].detail);
        assert_int_equal(zf_rejects_append(rejects, &r, given[i].ordinal, NULL), ZF_OK);
    }
    assert_int_equal(zf_rejects_count(rejects), 6);
    write_and_read(
        *state, rejects,
        "1|zips|2|NULL;2|zips|9|z;3|buildings|-1|a;4|buildings|5|b;5|buildings|5|c;6|buildings|5|d");
    zf_rejects_destroy(rejects);
}

/* More than wait in memory: through a file, in the same order, each as it was. */
static void many_are_written_in_the_same_order(void **state) {
    enum { N = 20000 };
    zf_rejects *rejects = NULL;
    zf_budget budget;
    bench *b = *state;
    zf_budget_init(&budget, 8 * 1024 * 1024);
    assert_int_equal(zf_rejects_create(NULL, &budget, &rejects, NULL), ZF_OK);
    for (uint64_t i = 0; i < N; i++) {
        uint64_t k = i * 7919 % N; /* all numbers below N, shuffled */
        char detail[2048];
        int n_filled = snprintf(detail, sizeof detail, "%d", (int)k);
        memset(detail + n_filled, '.', sizeof detail - (size_t)n_filled);
        detail[sizeof detail - 1] = '\0';
        zf_rejected r = {k % 10 == 0, (int64_t)(k / 4), "invalid",       k % 3 == 0 ? NULL : detail,
                         k % 2 == 0,  (double)k,        (double)k + 0.5, k % 5 == 0 ? NAN : 1};
        assert_int_equal(zf_rejects_append(rejects, &r, k / 2, NULL), ZF_OK);
    }
    assert_int_equal(zf_rejects_count(rejects), N);
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(zf_rejects_write(rejects, output, NULL), ZF_OK);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    zf_rejects_destroy(rejects);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_RECORD) + zf_budget_held(&budget, ZF_MEMORY_GATHER),
                     0);
    reader *r = reader_open(b->path);
    assert_string_equal(
        ask(r, "SELECT count(*), count(DISTINCT area_delta_m2), sum(layer='zips'), count(detail), "
               "count(geom), sum(action='repaired') FROM rejected_feature"),
        "20000|20000|2000|13333|16000|10000");
    assert_string_equal(
        ask(r, "SELECT count(*) FROM rejected_feature a JOIN rejected_feature b ON b.id=a.id+1 WHERE "
               "(a.layer='buildings' AND b.layer='zips') OR (a.layer=b.layer AND (a.fid>b.fid OR "
               "(a.fid=b.fid AND "
               "CAST(a.area_delta_m2/2 AS INTEGER)>CAST(b.area_delta_m2/2 AS INTEGER))))"),
        "0");
    assert_string_equal(
        ask(r, "SELECT count(*) FROM rejected_feature WHERE detail IS NOT NULL AND (length(detail)<>2047 "
               "OR CAST(detail AS INTEGER)<>area_delta_m2) OR (geom IS NOT NULL AND "
               "ST_X(geom)<>area_delta_m2+0.5)"),
        "0");
    reader_close(r);
}

static void strings_are_copied(void **state) {
    zf_rejects *rejects = NULL;
    char detail[] = "first";
    zf_rejected r = make(false, 1, detail);
    assert_int_equal(zf_rejects_create(NULL, NULL, &rejects, NULL), ZF_OK);
    assert_int_equal(zf_rejects_append(rejects, &r, 1, NULL), ZF_OK);
    memset(detail, 'x', 5);
    write_and_read(*state, rejects, "1|buildings|1|first");
    zf_rejects_destroy(rejects);
}

static void an_empty_list_writes_nothing(void **state) {
    zf_rejects *rejects = NULL;
    assert_int_equal(zf_rejects_create(NULL, NULL, &rejects, NULL), ZF_OK);
    assert_int_equal(zf_rejects_count(rejects), 0);
    write_and_read(*state, rejects, "");
    zf_rejects_destroy(rejects);
    zf_rejects_destroy(NULL);
}

static void a_spent_budget_refuses_and_every_byte_comes_back(void **state) {
    zf_budget budget;
    zf_error error = ZF_ERROR_INIT;
    zf_rejects *rejects = NULL;
    zf_rejected r = make(false, 1, "Self-intersection");
    size_t n = 0;
    (void)state;
    zf_budget_init(&budget, 100 * 1024);
    assert_int_equal(zf_rejects_create(NULL, &budget, &rejects, NULL), ZF_OK);
    while (n < 100000 && zf_rejects_append(rejects, &r, n, &error) == ZF_OK)
        n++;
    assert_true(n > 64 && n < 100000);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_int_equal(zf_rejects_count(rejects), n); /* what was there stays */
    assert_true(zf_budget_held(&budget, ZF_MEMORY_RECORD) > 0);
    zf_rejects_destroy(rejects);
    assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_RECORD), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_order_is_layer_fid_ordinal_and_appending, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(many_are_written_in_the_same_order, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(strings_are_copied, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(an_empty_list_writes_nothing, bench_setup, bench_teardown),
        cmocka_unit_test(a_spent_budget_refuses_and_every_byte_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
