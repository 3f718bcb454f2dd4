/* SPDX-License-Identifier: MIT */
/* The count ledger. */
#include "output/ledger.h"
#include "unit/output_bench.h"

static zf_run_counts balanced(void) {
    return (zf_run_counts){.zips_read = 10,
                           .zips_selected = 7,
                           .zip_features_skipped = 1,
                           .buildings_read = 100,
                           .buildings_assigned = 60,
                           .buildings_crossing = 5,
                           .buildings_outside = 30,
                           .buildings_empty = 2,
                           .buildings_skipped = 3,
                           .buildings_in_many = 4,
                           .buildings_repaired = 6,
                           .assignments = 65,
                           .important = 40};
}

static void a_balanced_ledger_passes(void **state) {
    const zf_run_counts counts = balanced();
    const zf_run_counts nothing = {0};
    (void)state;
    assert_int_equal(zf_counts_check(&counts, NULL), ZF_OK);
    assert_int_equal(zf_counts_check(&nothing, NULL), ZF_OK);
}

static void assert_unbalanced(const zf_run_counts *counts, const char *one, const char *other) {
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_counts_check(counts, &error), ZF_E_INTERNAL);
    assert_non_null(strstr(error.text, one));
    assert_non_null(strstr(error.text, other));
}

static void each_part_of_buildings_read_matters(void **state) {
    size_t offsets[] = {
        offsetof(zf_run_counts, buildings_read),     offsetof(zf_run_counts, buildings_assigned),
        offsetof(zf_run_counts, buildings_crossing), offsetof(zf_run_counts, buildings_outside),
        offsetof(zf_run_counts, buildings_empty),    offsetof(zf_run_counts, buildings_skipped)};
    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        zf_run_counts counts = balanced();
        ++*(uint64_t *)(void *)((char *)&counts + offsets[i]);
        assert_unbalanced(&counts, "buildings_read is 10", i == 0 ? " is 100" : " is 101");
    }
}

static void no_part_exceeds_its_whole(void **state) {
    (void)state;
    zf_run_counts counts = balanced();
    counts.important = 66;
    assert_unbalanced(&counts, "important is 66", "assignments, 65");
    counts = balanced();
    counts.assignments = 63; /* 60 assigned, 4 of them at least twice */
    assert_unbalanced(&counts, "64", "assignments, 63");
    counts = balanced();
    counts.buildings_in_many = 0;
    assert_unbalanced(&counts, "is 65", "buildings_assigned, 60");
    counts = balanced();
    counts.buildings_in_many = 61;
    assert_unbalanced(&counts, "buildings_in_many is 61", "buildings_assigned, 60");
    counts = balanced();
    counts.buildings_repaired = 101;
    assert_unbalanced(&counts, "buildings_repaired is 101", "buildings_read, 100");
    counts = balanced();
    counts.zips_selected = 11; /* a skipped feature may still make an empty ZIP, but no feature makes two */
    assert_unbalanced(&counts, "zips_selected is 11", "zips_read, 10");
}

static void adding_adds_every_member(void **state) {
    zf_run_counts sum = balanced();
    const zf_run_counts other = balanced();
    uint64_t value = 0, once = 0;
    size_t n = 0;
    (void)state;
    zf_counts_add(&sum, &other);
    for (; zf_counts_get(&sum, n, &value) != NULL; n++) {
        assert_non_null(zf_counts_get(&other, n, &once));
        assert_true(value == 2 * once && once > 0);
    }
    assert_int_equal(n, 13);
}

static void the_table_has_the_members_in_their_order(void **state) {
    bench *b = *state;
    zf_output_options options = bench_options(b);
    zf_output *output = NULL;
    const zf_run_counts counts = balanced();
    assert_int_equal(zf_output_open(&options, &output, NULL), ZF_OK);
    assert_int_equal(zf_counts_write(&counts, output, NULL), ZF_OK);
    assert_int_equal(zf_output_finish(output, NULL), ZF_OK);
    reader *r = reader_open(b->path);
    assert_string_equal(
        ask(r, "SELECT * FROM run_count ORDER BY rowid"),
        "zips_read|10;zips_selected|7;zip_features_skipped|1;buildings_read|100;buildings_assigned|60;"
        "buildings_crossing|5;buildings_outside|30;buildings_empty|2;buildings_skipped|3;buildings_in_many|4;"
        "buildings_repaired|6;assignments|65;important|40");
    reader_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balanced_ledger_passes),
        cmocka_unit_test(each_part_of_buildings_read_matters),
        cmocka_unit_test(no_part_exceeds_its_whole),
        cmocka_unit_test(adding_adds_every_member),
        cmocka_unit_test_setup_teardown(the_table_has_the_members_in_their_order, bench_setup,
                                        bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
