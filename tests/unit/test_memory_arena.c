/* SPDX-License-Identifier: MIT */
#include "memory/memory.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { CHUNK = 256 };

typedef struct fixture {
    zf_budget budget;
    zf_arena arena;
} fixture;

static int set_up(void **state) {
    static fixture f;
    zf_budget_init(&f.budget, 0);
    zf_arena_init(&f.arena, &f.budget, ZF_MEMORY_ANALYSIS, CHUNK);
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    fixture *f = *state;
    zf_arena_release(&f->arena);
    return f->budget.total_bytes == 0 ? 0 : -1;
}

static unsigned char *take(zf_arena *arena, size_t n_bytes) {
    void *out = NULL;
    assert_int_equal(zf_arena_alloc(arena, n_bytes, 1, &out, NULL), ZF_OK);
    assert_non_null(out);
    return out;
}

static void a_new_arena_holds_nothing(void **state) {
    fixture *f = *state;
    assert_int_equal(f->budget.total_bytes, 0);
    zf_arena_release(&f->arena);
    assert_int_equal(f->arena.used_bytes, 0);
}

static void pieces_are_aligned_and_do_not_overlap(void **state) {
    fixture *f = *state;
    enum { N = 500 };
    unsigned char *pieces[N];
    for (size_t i = 0; i < N; i++) {
        pieces[i] = take(&f->arena, 1 + i % 37);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), 1 + i % 37);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < 1 + i % 37; k++)
            assert_int_equal(pieces[i][k], i % 251);
}

static void a_piece_larger_than_the_chunk_is_had_too(void **state) {
    fixture *f = *state;
    unsigned char *small = take(&f->arena, 8);
    memset(small, 1, 8);
    unsigned char *large = take(&f->arena, 100 * CHUNK);
    memset(large, 2, 100 * CHUNK);
    assert_int_equal(small[7], 1);
    /* ... and costs little more than itself */
    assert_in_range(zf_budget_held(&f->budget, ZF_MEMORY_ANALYSIS), 101 * CHUNK, 102 * CHUNK);
}

static void nothing_asked_gives_a_pointer_all_the_same(void **state) {
    fixture *f = *state;
    void *out = NULL;
    assert_int_equal(zf_arena_alloc(&f->arena, 0, 8, &out, NULL), ZF_OK);
    assert_non_null(out);
    assert_int_equal(zf_arena_alloc(&f->arena, 8, 0, &out, NULL), ZF_OK);
    assert_non_null(out);
    assert_int_equal(f->arena.used_bytes, 0);
}

static void products_that_overflow_are_refused(void **state) {
    fixture *f = *state;
    zf_error error = ZF_ERROR_INIT;
    void *out = f;
    assert_int_equal(zf_arena_alloc(&f->arena, SIZE_MAX / 2, 3, &out, &error), ZF_E_MEMORY);
    assert_int_equal(zf_arena_alloc(&f->arena, SIZE_MAX, 1, &out, NULL), ZF_E_MEMORY);
    assert_int_equal(zf_arena_alloc(&f->arena, SIZE_MAX - 15, 1, &out, NULL), ZF_E_MEMORY);
    assert_ptr_equal(out, f);
    assert_int_equal(error.status, ZF_E_MEMORY);
}

static void chunks_grow_so_that_many_pieces_need_few(void **state) {
    fixture *f = *state;
    size_t n_chunks = 0;
    size_t held = 0;
    for (size_t i = 0; i < 64 * 1024; i++) {
        take(&f->arena, 16);
        size_t now = zf_budget_held(&f->budget, ZF_MEMORY_ANALYSIS);
        n_chunks += now != held;
        held = now;
    }
    assert_int_equal(f->arena.used_bytes, 1024 * 1024);
    assert_in_range(n_chunks, 2, 20);
    assert_in_range(held, 1024 * 1024, 2 * 1024 * 1024 + CHUNK);
}

static void rewinding_gives_back_what_came_after_the_mark(void **state) {
    fixture *f = *state;
    unsigned char *kept = take(&f->arena, 40);
    memset(kept, 9, 40);
    size_t held = zf_budget_held(&f->budget, ZF_MEMORY_ANALYSIS);
    size_t used = f->arena.used_bytes;
    zf_arena_mark mark = zf_arena_get_mark(&f->arena);
    unsigned char *first = take(&f->arena, 16);
    for (int i = 0; i < 100; i++)
        take(&f->arena, 100);
    zf_arena_rewind(&f->arena, mark);
    assert_int_equal(zf_budget_held(&f->budget, ZF_MEMORY_ANALYSIS), held);
    assert_int_equal(f->arena.used_bytes, used);
    assert_int_equal(kept[39], 9);
    assert_ptr_equal(take(&f->arena, 16), first);
}

static void rewinding_to_the_mark_of_an_empty_arena_gives_all_back(void **state) {
    fixture *f = *state;
    zf_arena_mark mark = zf_arena_get_mark(&f->arena);
    take(&f->arena, 10);
    take(&f->arena, 10 * CHUNK);
    zf_arena_rewind(&f->arena, mark);
    assert_int_equal(f->budget.total_bytes, 0);
    assert_int_equal(f->arena.used_bytes, 0);
}

static void a_released_arena_can_be_used_again(void **state) {
    fixture *f = *state;
    take(&f->arena, 1000);
    zf_arena_release(&f->arena);
    assert_int_equal(f->budget.total_bytes, 0);
    memset(take(&f->arena, 1000), 1, 1000);
    assert_true(f->arena.used_bytes >= 1000);
}

static void near_the_limit_what_is_needed_is_had_though_a_chunk_is_not(void **state) {
    (void)state;
    zf_budget budget;
    zf_arena arena;
    zf_error error = ZF_ERROR_INIT;
    void *out = NULL;
    zf_budget_init(&budget, 1000);
    zf_arena_init(&arena, &budget, ZF_MEMORY_ZONE, 4096);
    assert_int_equal(zf_arena_alloc(&arena, 500, 1, &out, &error), ZF_OK);
    assert_int_equal(error.status, ZF_OK);
    assert_int_equal(zf_arena_alloc(&arena, 500, 1, &out, &error), ZF_E_MEMORY);
    assert_int_equal(error.status, ZF_E_MEMORY);
    zf_arena_release(&arena);
    assert_int_equal(budget.total_bytes, 0);
}

static void copies_end_with_a_nul(void **state) {
    fixture *f = *state;
    char *copy = NULL;
    assert_int_equal(zf_arena_copy(&f->arena, "town hall", 4, &copy, NULL), ZF_OK);
    assert_string_equal(copy, "town");
    assert_int_equal(zf_arena_copy(&f->arena, NULL, 0, &copy, NULL), ZF_OK);
    assert_string_equal(copy, "");
    assert_int_equal(zf_arena_copy(&f->arena, "x", SIZE_MAX, &copy, NULL), ZF_E_MEMORY);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_new_arena_holds_nothing),
        WITH_ARENA(pieces_are_aligned_and_do_not_overlap),
        WITH_ARENA(a_piece_larger_than_the_chunk_is_had_too),
        WITH_ARENA(nothing_asked_gives_a_pointer_all_the_same),
        WITH_ARENA(products_that_overflow_are_refused),
        WITH_ARENA(chunks_grow_so_that_many_pieces_need_few),
        WITH_ARENA(rewinding_gives_back_what_came_after_the_mark),
        WITH_ARENA(rewinding_to_the_mark_of_an_empty_arena_gives_all_back),
        WITH_ARENA(a_released_arena_can_be_used_again),
        cmocka_unit_test(near_the_limit_what_is_needed_is_had_though_a_chunk_is_not),
        WITH_ARENA(copies_end_with_a_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
