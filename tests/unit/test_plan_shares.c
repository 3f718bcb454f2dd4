/* SPDX-License-Identifier: MIT */
/** How memory is divided. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/shares.h"
#include "zone/zone.h"

#include <stdio.h>
#include <string.h>

static size_t reading_bytes(const zf_shares *s) {
    return s->batch_bytes + s->store_bytes + s->grid_bytes + s->other_bytes + s->gather_bytes +
           s->group_bytes + s->sink_bytes;
}

static void shares_stay_within_the_limit_for_any_zip_that_is_let_in(void **state) {
    (void)state;
    for (size_t mib = 16; mib < 5000; mib += mib / 4)
        for (size_t threads = 1; threads <= 64; threads *= 4)
            for (uint32_t points = 5; points < 5000000; points *= 7) {
                zf_shares s = zf_shares_divide(mib << 20, threads);
                zf_shares_reserve(&s, false, points % 2 == 0 || threads > 4);
                if (zf_shares_fit_zone(&s, threads, points, NULL) != ZF_OK)
                    continue;
                assert_true(reading_bytes(&s) <= s.limit_bytes);
                assert_true(s.grid_bytes >= zf_zone_grid_bytes(points));
                assert_true(s.other_bytes >= zf_zone_grid_bytes(points));
            }
}

/** The MiB that a refusal names as the least limit. */
static size_t named_mib(size_t threads, uint32_t points, bool has_groups) {
    zf_error error = ZF_ERROR_INIT;
    zf_shares s = zf_shares_divide(1, threads);
    zf_shares_reserve(&s, false, has_groups);
    size_t mib = 0;
    assert_int_equal(zf_shares_fit_zone(&s, threads, points, &error), ZF_E_MEMORY);
    const char *said = strstr(error.text, "`memory_bytes` ");
    assert_non_null(said);
    assert_int_equal(sscanf(said, "`memory_bytes` %zuMiB", &mib), 1);
    return mib;
}

static void a_refusal_names_the_least_limit_that_is_enough(void **state) {
    (void)state;
    for (size_t threads = 1; threads <= 16; threads *= 2)
        for (uint32_t points = 5; points < 5000000; points *= 9) {
            const bool has_groups = threads % 3 == 2;
            size_t mib = named_mib(threads, points, has_groups);
            zf_shares enough = zf_shares_divide(mib << 20, threads), less = zf_shares_divide((mib - 1) << 20, threads);
            zf_shares_reserve(&enough, false, has_groups);
            zf_shares_reserve(&less, false, has_groups);
            assert_int_equal(zf_shares_fit_zone(&enough, threads, points, NULL), ZF_OK);
            assert_int_equal(zf_shares_fit_zone(&less, threads, points, NULL), ZF_E_MEMORY);
        }
}

static void the_default_holds_a_zip_of_a_million_vertices(void **state) {
    (void)state;
    zf_shares s = zf_shares_divide(0, 2);
    assert_int_equal(s.limit_bytes, ZF_DEFAULT_MEMORY_BYTES);
    assert_int_equal(zf_shares_fit_zone(&s, 2, 1000000, NULL), ZF_OK);
}

static void a_large_machine_can_use_its_default_threads(void **state) {
    (void)state;
    for (size_t mib = 32; mib <= 4096; mib *= 2) {
        size_t threads = zf_shares_most_threads(mib << 20);
        zf_shares s = zf_shares_divide(mib << 20, threads);
        assert_int_equal(zf_shares_fit_zone(&s, threads, 5000, NULL), ZF_OK);
    }
    assert_int_equal(zf_shares_most_threads(0), 32);
    assert_int_equal(zf_shares_most_threads(1), 1);
}

static void batches_shrink_with_the_limit_and_with_the_size_of_rows(void **state) {
    (void)state;
    zf_shares large = zf_shares_divide(256 << 20, 2), small = zf_shares_divide(32 << 20, 2);
    assert_int_equal(zf_shares_batch_rows(&large, 2, 365), 4096);
    assert_true(zf_shares_batch_rows(&small, 2, 365) < 4096);
    assert_true(zf_shares_batch_rows(&small, 2, 365) * 365 * 4 <= small.batch_bytes);
    assert_int_equal(zf_shares_batch_rows(&small, 2, 1 << 30), 16);
    assert_int_equal(zf_shares_batch_rows(&small, 2, 0), 4096);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_stay_within_the_limit_for_any_zip_that_is_let_in),
        cmocka_unit_test(a_refusal_names_the_least_limit_that_is_enough),
        cmocka_unit_test(the_default_holds_a_zip_of_a_million_vertices),
        cmocka_unit_test(a_large_machine_can_use_its_default_threads),
        cmocka_unit_test(batches_shrink_with_the_limit_and_with_the_size_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
