/* SPDX-License-Identifier: MIT */
/* What is gathered comes out sorted and unchanged, whatever the share, the number of writers and the order of
 * arrival. */
#include "unit/gather_columns.h"
#include "gather/gather_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { N_NUMBERS = 2, N_TEXTS = 2, MAX_PAYLOAD = 100 * 1024, MAX_TEXT = 9000, MAX_KEY = 30 };

/** A made-up population of rows. Row i is a function of (seed, i) alone. */
typedef struct population {
    uint64_t seed;
    size_t n;
    uint32_t n_ranks;
    int64_t n_fids; /**< few: many rows share their fid and differ in their ordinal */
    size_t max_payload;
    bool has_numbers_only; /**< no texts, no payload, and ordinals as they are in a source */
    bool has_far_ordinals; /**< of numbers only: some do not fit 32 bits */
    bool has_key;          /**< the first text sorts the rows of a rank: some are the beginning of others */
} population;

typedef struct key {
    uint32_t rank;
    int64_t fid;
    uint64_t ordinal;
    size_t i;
    uint8_t bytes[MAX_KEY];
    size_t n_bytes;
} key;

static uint64_t mix(uint64_t x) { /* splitmix64 */
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t draw(const population *p, size_t i, uint64_t what) {
    return mix(mix(p->seed + what) ^ i);
}

static key key_of(const population *p, size_t i) {
    key k = {1 + (uint32_t)(draw(p, i, 1) % p->n_ranks),
             (int64_t)(draw(p, i, 2) % (uint64_t)p->n_fids) - p->n_fids / 2, 0, i, {0}, 0};
    if (p->has_key) { /* bytes from a small alphabet: long common beginnings, and many equal keys */
        const uint64_t d = draw(p, i, 5);
        k.n_bytes = (size_t)(d % (d % 3 == 0 ? 4 : MAX_KEY));
        for (size_t b = 0; b < k.n_bytes; b++)
            k.bytes[b] = (uint8_t)(b % 9 == 7 ? d / 97 % 3 * 127 : d / (1000 + b / 10) % 2 * 255);
    }
    k.ordinal = mix(i); /* a bijection: no two alike */
    if (p->has_numbers_only)
        k.ordinal = i + (p->has_far_ordinals && i > p->n / 2 && i % 1000 == 0 ? UINT64_C(1) << 40 : 0);
    return k;
}

/* Mostly small, now and then as large as can be; some empty, some missing. */
static zf_bytes bytes_of(const population *p, size_t i, uint64_t what, size_t max, uint8_t *out) {
    uint64_t d = draw(p, i, what);
    if (max == 0 || d % 7 == 0)
        return (zf_bytes){d % 2 == 0 ? NULL : out, 0};
    size_t n = d % 61 == 1 ? (size_t)(d / 61 % (max + 1)) : (size_t)(d / 61 % (max < 40 ? max + 1 : 40));
    for (size_t b = 0; b < n; b++)
        out[b] = (uint8_t)(d + b * 131);
    return (zf_bytes){out, n};
}

typedef struct row_space {
    zf_cell cells[N_NUMBERS];
    zf_bytes texts[N_TEXTS];
    uint8_t text_bytes[N_TEXTS][MAX_TEXT];
    uint8_t payload[MAX_PAYLOAD];
} row_space;

static size_t texts_of(const population *p) {
    return p->has_numbers_only ? 0 : N_TEXTS;
}

static zf_gather_row row_of(const population *p, size_t i, row_space *space) {
    key k = key_of(p, i);
    for (int c = 0; c < N_NUMBERS; c++)
        space->cells[c].real = (double)(int64_t)draw(p, i, 10 + (uint64_t)c) * 0x1p-20;
    for (size_t t = 0; t < texts_of(p); t++)
        space->texts[t] = bytes_of(p, i, 20 + t, t == 0 ? 30 : MAX_TEXT, space->text_bytes[t]);
    if (p->has_key) {
        memcpy(space->text_bytes[0], k.bytes, k.n_bytes);
        space->texts[0] = (zf_bytes){space->text_bytes[0], k.n_bytes};
    }
    zf_gather_row row = {k.rank, k.fid, k.ordinal, space->cells, space->texts, {NULL, 0}};
    if (!p->has_numbers_only)
        row.payload = bytes_of(p, i, 30, p->max_payload, space->payload);
    return row;
}

static int compare_keys(const void *a, const void *b) {
    const key *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    const int order = memcmp(x->bytes, y->bytes, x->n_bytes < y->n_bytes ? x->n_bytes : y->n_bytes);
    if (order != 0 || x->n_bytes != y->n_bytes) /* without keys there are no bytes */
        return order != 0 ? order : x->n_bytes < y->n_bytes ? -1 : 1;
    if (x->fid != y->fid)
        return x->fid < y->fid ? -1 : 1;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static key *sorted_keys(const population *p) {
    key *keys = malloc((p->n + 1) * sizeof *keys);
    assert_non_null(keys);
    for (size_t i = 0; i < p->n; i++)
        keys[i] = key_of(p, i);
    qsort(keys, p->n, sizeof *keys, compare_keys);
    return keys;
}

static zf_gather *gather_all(const population *p, size_t share_bytes, size_t n_writers, zf_budget *budget,
                             row_space *space) {
    zf_gather_options options = {.n_cells = N_NUMBERS,
                                 .n_texts = texts_of(p),
                                 .share_bytes = share_bytes,
                                 .n_writers = n_writers,
                                 .has_key = p->has_key};
    zf_gather *gather = NULL;
    zf_gather_writer *writers[4] = {NULL};
    assert_int_equal(zf_gather_create(&options, budget, &gather, NULL), ZF_OK);
    for (size_t w = 0; w < n_writers; w++)
        assert_int_equal(zf_gather_writer_open(gather, &writers[w], NULL), ZF_OK);
    for (size_t i = 0; i < p->n; i++) {
        zf_gather_row row = row_of(p, i, space);
        assert_int_equal(zf_gather_append(writers[draw(p, i, 40 + n_writers) % n_writers], &row, NULL),
                         ZF_OK);
    }
    for (size_t w = 0; w < n_writers; w++)
        assert_int_equal(zf_gather_writer_close(writers[w], NULL), ZF_OK);
    assert_int_equal(zf_gather_seal(gather, NULL), ZF_OK);
    return gather;
}

static void assert_same_bytes(zf_bytes a, zf_bytes b) {
    assert_true((a.bytes == NULL) == (b.bytes == NULL));
    assert_int_equal(a.n, b.n);
    if (a.n > 0)
        assert_memory_equal(a.bytes, b.bytes, a.n);
}

static void check_columns(const population *p, const key *keys, size_t n, const columns *rows,
                          row_space *space) {
    assert_int_equal(rows->n, n);
    for (size_t r = 0; r < n; r++) {
        zf_gather_row wanted = row_of(p, keys[r].i, space);
        assert_true(rows->fid[r] == wanted.fid);
        for (int c = 0; c < N_NUMBERS; c++)
            assert_true(rows->numbers[c][r] == wanted.cells[c].real);
        for (size_t t = 0; t < texts_of(p); t++)
            assert_same_bytes(rows->texts[t][r], wanted.texts[t]);
    }
}

static void check_row(const population *p, const key *k, const zf_gather_row *got, row_space *space) {
    zf_gather_row wanted = row_of(p, k->i, space);
    assert_int_equal(got->rank, wanted.rank);
    assert_true(got->fid == wanted.fid);
    assert_true(got->ordinal == wanted.ordinal);
    assert_memory_equal(got->cells, wanted.cells, sizeof space->cells);
    for (size_t t = 0; t < texts_of(p); t++)
        assert_same_bytes(got->texts[t], wanted.texts[t]);
    assert_same_bytes(got->payload, wanted.payload);
}

/* Ranks whose number is a multiple of `skips` are not asked for at all (0: all are). */
static void check_all(const population *p, const key *keys, zf_gather *gather, uint32_t skips,
                      row_space *space) {
    size_t at = 0;
    for (uint32_t rank = 1; rank <= p->n_ranks + 1; rank++) {
        size_t n = 0;
        while (at + n < p->n && keys[at + n].rank == rank)
            n++;
        if (skips == 0 || rank % skips != 0) {
            zf_arena arena;
            columns rows;
            zf_arena_init(&arena, NULL, ZF_MEMORY_ANALYSIS, 4096);
            assert_int_equal(load_columns(gather, rank, N_NUMBERS, texts_of(p), &arena, &rows, NULL), ZF_OK);
            check_columns(p, keys + at, n, &rows, space);
            zf_arena_release(&arena);
        }
        if (skips == 0 || (rank + 1) % skips != 0) {
            zf_gather_row row;
            for (size_t r = 0; r < n; r++) {
                assert_int_equal(zf_gather_next(gather, rank, &row, NULL), ZF_OK);
                check_row(p, &keys[at + r], &row, space);
            }
            assert_int_equal(zf_gather_next(gather, rank, &row, NULL), ZF_DONE);
        }
        at += n;
    }
    assert_int_equal(at, p->n);
}

static void check_population(const population *p, bool wants_spill) {
    static const size_t shares[] = {0, 3u << 20, 512u << 20};
    row_space *space = malloc(sizeof *space);
    assert_non_null(space);
    key *keys = sorted_keys(p);
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++)
        for (size_t n_writers = 1; n_writers <= 4; n_writers += s == 0 ? 1 : 3) {
            zf_budget budget;
            zf_budget_init(&budget, 0);
            zf_gather *gather = gather_all(p, shares[s], n_writers, &budget, space);
            if (s == 0)
                assert_int_equal(gather->spill.n_bytes > 0, wants_spill);
            if (s == 2)
                assert_int_equal(gather->spill.n_bytes, 0);
            check_all(p, keys, gather, (uint32_t)(n_writers == 2 ? 3 : 0), space);
            zf_gather_destroy(gather);
            assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_GATHER), 0);
        }
    free(keys);
    free(space);
}

static void no_rows_at_all(void **state) {
    (void)state;
    check_population(&(population){11, 0, 5, 10, 0, false, false, false}, false);
}

static void a_handful_of_rows(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++)
        check_population(&(population){seed, (size_t)(mix(seed) % 40), 1 + (uint32_t)(seed % 7),
                                       1 + (int64_t)(seed % 5), 50, false, false, false},
                         false);
}

static void many_rows_in_few_ranks(void **state) {
    (void)state;
    check_population(&(population){21, 60000, 13, 1000000, 300, false, false, false}, true);
}

static void thirty_three_thousand_ranks(void **state) {
    (void)state;
    check_population(&(population){31, 50000, 33000, 1000000, 60, false, false, false}, true);
}

static void all_rows_in_one_rank(void **state) {
    (void)state;
    check_population(&(population){41, 40000, 1, 1000000, 40, false, false, false}, true);
}

static void equal_fids_are_told_apart_by_ordinal(void **state) {
    (void)state;
    check_population(&(population){51, 30000, 3, 4, 40, false, false, false}, true);
}

static void payloads_of_up_to_a_hundred_kilobytes(void **state) {
    (void)state;
    check_population(&(population){61, 6000, 20, 3000, MAX_PAYLOAD, false, false, false}, true);
}

static void so_many_runs_that_they_are_merged_in_passes(void **state) {
    (void)state;
    /* 4 writers of 256 KiB each, 78 runs at most at once: some 60 MB make several hundred */
    check_population(&(population){71, 150000, 100, 1000000, 2000, false, false, false}, true);
}

static void rows_of_numbers_only(void **state) {
    (void)state;
    check_population(&(population){81, 120000, 300, 1000000, 0, true, false, false}, true);
    check_population(&(population){82, 120000, 300, 9, 0, true, false, false}, true);
}

static void rows_of_numbers_whose_ordinals_are_sometimes_large(void **state) {
    (void)state;
    check_population(&(population){91, 120000, 7, 9, 0, true, true, false}, true);
    /* some 250 runs of both kinds, merged in passes */
    check_population(&(population){92, 900000, 100, 1000000, 0, true, true, false}, true);
}

static void rows_with_a_key_are_sorted_by_it(void **state) {
    (void)state;
    check_population(&(population){101, 60000, 5, 1000000, 60, false, false, true}, true);
    check_population(&(population){102, 30000, 1, 4, 0, false, false, true}, true);
    /* so many runs that they are merged in passes */
    check_population(&(population){103, 150000, 100, 1000000, 2000, false, false, true}, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rows_at_all),
        cmocka_unit_test(a_handful_of_rows),
        cmocka_unit_test(many_rows_in_few_ranks),
        cmocka_unit_test(thirty_three_thousand_ranks),
        cmocka_unit_test(all_rows_in_one_rank),
        cmocka_unit_test(equal_fids_are_told_apart_by_ordinal),
        cmocka_unit_test(payloads_of_up_to_a_hundred_kilobytes),
        cmocka_unit_test(rows_with_a_key_are_sorted_by_it),
        cmocka_unit_test(rows_of_numbers_only),
        cmocka_unit_test(rows_of_numbers_whose_ordinals_are_sometimes_large),
        cmocka_unit_test(so_many_runs_that_they_are_merged_in_passes),
    };
    return cmocka_run_group_tests_name("gather_property", tests, NULL, NULL);
}
