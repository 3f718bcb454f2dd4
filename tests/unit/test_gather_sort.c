/* SPDX-License-Identifier: MIT */
#include "gather/gather_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { MAX_ROWS = 5000 };

static const zf_row_key no_key = {0, 0};

typedef struct space {
    zf_row_head heads[MAX_ROWS];
    zf_row_entry entries[MAX_ROWS];
    zf_row_head wanted[MAX_ROWS];
} space;

typedef enum pattern {
    RISING,
    FALLING,
    EQUAL_RANKS,
    ORGAN_PIPE,
    SAWTOOTH,
    ONLY_ORDINALS,
    SCATTERED,
    AS_IN_THE_SOURCE, /* in order of fid, then ordinal; any rank */
    AS_IN_THE_SOURCE_FAR,
    PATTERN_END
} pattern;

static uint64_t number(pattern p, uint64_t i, uint64_t n) {
    switch (p) {
    case RISING:
        return i;
    case FALLING:
        return n - i;
    case ORGAN_PIPE:
        return i < n / 2 ? i : n - i;
    case SAWTOOTH:
        return i % 17;
    default:
        return (i * 0x9E3779B97F4A7C15u) >> 40;
    }
}

/* Ordinals make every key different from all others; rank and fid follow the pattern. */
static void fill(space *s, pattern p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t x = number(p, i, n);
        zf_row_head head = {.fid = p == ONLY_ORDINALS ? 0 : (int64_t)(x % 1000) - 500,
                            .ordinal = (i * 7919) % 1000003,
                            .rank = p == EQUAL_RANKS || p == ONLY_ORDINALS ? 1 : (uint32_t)(x / 1000)};
        if (p == AS_IN_THE_SOURCE || p == AS_IN_THE_SOURCE_FAR)
            head = (zf_row_head){.fid = (int64_t)(i / 3) - 50,
                                 .ordinal = i,
                                 .rank = (uint32_t)(x % 89) * (p == AS_IN_THE_SOURCE ? 1 : 20000)};
        s->heads[i] = s->wanted[i] = head;
        s->entries[i] = (zf_row_entry){head.fid, (const uint8_t *)&s->heads[i], head.rank, 0};
    }
}

static int compare(const void *a, const void *b) {
    const zf_row_head *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->fid != y->fid)
        return x->fid < y->fid ? -1 : 1;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static const zf_row_entry *entry_in_place(const zf_row_entry *entries, size_t i) {
    return &entries[i];
}

static void check(space *s, size_t n, const zf_row_entry *(*entry_at)(const zf_row_entry *, size_t)) {
    qsort(s->wanted, n, sizeof s->wanted[0], compare);
    for (size_t i = 0; i < n; i++) {
        const zf_row_entry *entry = entry_at(s->entries, i);
        const zf_row_head *head = (const zf_row_head *)(const void *)entry->row;
        assert_memory_equal(head, &s->wanted[i], sizeof *head);
        assert_true(entry->first == head->fid);
        assert_int_equal(entry->rank, head->rank);
    }
}

static void every_pattern_of_every_small_size_is_sorted(void **state) {
    space *s = *state;
    for (int p = 0; p < PATTERN_END; p++)
        for (size_t n = 0; n <= 200; n++) {
            fill(s, (pattern)p, n);
            zf_row_sort(s->entries, n, &no_key);
            check(s, n, zf_row_in_order);
        }
}

static void every_pattern_of_a_large_size_is_sorted(void **state) {
    space *s = *state;
    for (int p = 0; p < PATTERN_END; p++) {
        fill(s, (pattern)p, MAX_ROWS);
        zf_row_sort(s->entries, MAX_ROWS, &no_key);
        check(s, MAX_ROWS, zf_row_in_order);
    }
}

static void heapsort_takes_over_at_any_depth(void **state) {
    space *s = *state;
    for (unsigned depth = 0; depth < 8; depth++)
        for (int p = 0; p < PATTERN_END; p++)
            for (size_t n = 17; n <= MAX_ROWS; n = n * 2 + 1) {
                fill(s, (pattern)p, n);
                zf_row_sort_within(s->entries, n, &no_key, depth);
                check(s, n, entry_in_place);
            }
}

static int open_space(void **state) {
    *state = malloc(sizeof(space));
    return *state == NULL;
}

static int close_space(void **state) {
    free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pattern_of_every_small_size_is_sorted),
        cmocka_unit_test(every_pattern_of_a_large_size_is_sorted),
        cmocka_unit_test(heapsort_takes_over_at_any_depth),
    };
    return cmocka_run_group_tests_name("gather_sort", tests, open_space, close_space);
}
