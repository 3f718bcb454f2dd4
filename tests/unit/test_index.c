/* SPDX-License-Identifier: MIT */
#include "index/index_internal.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { CHUNK_BYTES = 64 * 1024, CAP_HITS = 1000 };

/** Rows that a window found, in the order of the visits. */
typedef struct hits {
    size_t n;
    size_t stop_after; /**< 0: never */
    uint32_t rows[CAP_HITS];
} hits;

static bool note(void *user, uint32_t row) {
    hits *h = user;
    assert_true(h->n < CAP_HITS);
    h->rows[h->n++] = row;
    return h->n != h->stop_after;
}

static hits find(const zf_index *index, zf_envelope window) {
    hits h = {0};
    zf_index_window(index, &window, note, &h);
    return h;
}

static zf_arena new_arena(void) {
    zf_arena arena;
    zf_arena_init(&arena, NULL, ZF_MEMORY_INDEX, CHUNK_BYTES);
    return arena;
}

static zf_index *build(const zf_envelope *boxes, size_t n, zf_arena *arena) {
    zf_index *index = NULL;
    assert_int_equal(zf_index_build(boxes, n, arena, &index, NULL), ZF_OK);
    assert_non_null(index);
    assert_int_equal(index->n, n);
    return index;
}

static void *new_array(size_t n, size_t size) {
    void *array = calloc(n + 1, size);
    assert_non_null(array);
    return array;
}

/** Points, their index and the answers. */
typedef struct neighbours {
    size_t n;
    double *xyz_m;
    double *packed; /* a copy, which the points take */
    double *dist_m;
    uint32_t *row;
    zf_points *points;
    zf_arena arena;
} neighbours;

static neighbours new_neighbours(size_t n) {
    neighbours s = {.n = n, .arena = new_arena()};
    s.xyz_m = new_array(3 * n, sizeof *s.xyz_m);
    s.packed = new_array(3 * zf_points_room(n), sizeof *s.packed);
    s.dist_m = new_array(n, sizeof *s.dist_m);
    s.row = new_array(n, sizeof *s.row);
    return s;
}

static void set_point(neighbours *s, size_t i, double x, double y, double z) {
    s->xyz_m[3 * i] = x;
    s->xyz_m[3 * i + 1] = y;
    s->xyz_m[3 * i + 2] = z;
}

static void build_neighbours(neighbours *s) {
    zf_arena scratch = new_arena();
    memcpy(s->packed, s->xyz_m, 3 * s->n * sizeof *s->xyz_m);
    assert_int_equal(zf_points_build(s->packed, s->n, &s->arena, &scratch, &s->points, NULL), ZF_OK);
    assert_int_equal(scratch.used_bytes, 0);
    zf_arena_release(&scratch);
}

static void find_neighbours(neighbours *s) {
    build_neighbours(s);
    assert_int_equal(zf_points_nearest_all(s->points, s->dist_m, s->row, NULL, NULL), ZF_OK);
}

static void drop_neighbours(neighbours *s) {
    zf_arena_release(&s->arena);
    free(s->xyz_m);
    free(s->packed);
    free(s->dist_m);
    free(s->row);
}

static void assert_neighbour(const neighbours *s, size_t i, uint32_t row, double dist_m) {
    assert_int_equal(s->row[i], row);
    assert_true(s->dist_m[i] == dist_m);
}

/* ---- windows ---- */

static void no_boxes_are_an_index_that_finds_nothing(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    zf_index *index = build(NULL, 0, &arena);
    assert_int_equal(find(index, (zf_envelope){-INFINITY, -INFINITY, INFINITY, INFINITY}).n, 0);
    zf_arena_release(&arena);
    neighbours none = new_neighbours(0);
    find_neighbours(&none);
    drop_neighbours(&none);
}

static void a_window_that_touches_an_edge_or_a_corner_meets_the_box(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    const zf_envelope box = {10, 20, 30, 40};
    zf_index *index = build(&box, 1, &arena);
    const zf_envelope touching[] = {
        {0, 25, 10, 26},  {30, 25, 50, 26},
        {15, 0, 16, 20},  {15, 40, 16, 50}, /* edges */
        {0, 0, 10, 20},   {30, 40, 31, 41},
        {30, 20, 30, 20}, {10, 40, 10, 40}, /* corners */
        {0, 0, 99, 99},   {15, 25, 16, 26},
        {10, 20, 30, 40}, {20, 30, 20, 30}, /* around, inside, same, point */
    };
    for (size_t i = 0; i < sizeof touching / sizeof touching[0]; i++)
        assert_int_equal(find(index, touching[i]).n, 1);
    zf_arena_release(&arena);
}

static void a_window_beside_the_box_meets_nothing(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    const zf_envelope box = {10, 20, 30, 40};
    zf_index *index = build(&box, 1, &arena);
    const zf_envelope beside[] = {
        {0, 25, nextafter(10, 0), 26},
        {nextafter(30, 99), 25, 50, 26},
        {15, 0, 16, nextafter(20, 0)},
        {15, nextafter(40, 99), 16, 50},
        {0, 0, 9, 99},
        {31, 41, 50, 50},
    };
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        assert_int_equal(find(index, beside[i]).n, 0);
    zf_arena_release(&arena);
}

static void an_empty_window_meets_nothing(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    const zf_envelope boxes[] = {{0, 0, 1, 1}, {-DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX}};
    zf_index *index = build(boxes, 2, &arena);
    assert_int_equal(find(index, (zf_envelope){INFINITY, INFINITY, -INFINITY, -INFINITY}).n, 0);
    assert_int_equal(find(index, (zf_envelope){NAN, NAN, NAN, NAN}).n, 0);
    zf_arena_release(&arena);
}

/* Sizes about the borders of nodes and levels. A missing child must not be visited, an existing one not
 * twice. */
static void the_whole_plane_holds_every_row_once(void **state) {
    (void)state;
    const size_t sizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 271, 272, 273, 999};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        zf_arena arena = new_arena();
        zf_envelope *boxes = new_array(sizes[k], sizeof *boxes);
        for (size_t i = 0; i < sizes[k]; i++) {
            double x = (double)(i * 7919 % 1000), y = (double)(i * 104729 % 1000);
            boxes[i] = (zf_envelope){x, y, x + 1, y + 1};
        }
        zf_index *index = build(boxes, sizes[k], &arena);
        hits h = find(index, (zf_envelope){-INFINITY, -INFINITY, INFINITY, INFINITY});
        bool seen[CAP_HITS] = {false};
        assert_int_equal(h.n, sizes[k]);
        for (size_t i = 0; i < h.n; i++) {
            assert_true(h.rows[i] < sizes[k] && !seen[h.rows[i]]);
            seen[h.rows[i]] = true;
        }
        free(boxes);
        zf_arena_release(&arena);
    }
}

static void a_visitor_that_has_enough_is_not_called_again(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    zf_envelope boxes[500];
    for (size_t i = 0; i < 500; i++)
        boxes[i] = (zf_envelope){(double)i, 0, (double)i, 0};
    zf_index *index = build(boxes, 500, &arena);
    for (size_t enough = 1; enough <= 500; enough += 83) {
        hits h = {.stop_after = enough};
        zf_index_window(index, &(zf_envelope){0, 0, 499, 0}, note, &h);
        assert_int_equal(h.n, enough);
    }
    zf_arena_release(&arena);
}

static void the_same_boxes_are_visited_in_the_same_order(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    zf_envelope boxes[700];
    for (size_t i = 0; i < 700; i++) { /* many equal places, so that only the rows tell them apart */
        double x = (double)(i % 13), y = (double)(i % 7);
        boxes[i] = (zf_envelope){x, y, x, y};
    }
    zf_envelope all = {0, 0, 13, 7};
    hits first = find(build(boxes, 700, &arena), all), second = find(build(boxes, 700, &arena), all);
    assert_int_equal(first.n, 700);
    assert_memory_equal(first.rows, second.rows, sizeof first.rows);
    zf_arena_release(&arena);
}

static void both_zeros_are_one_place(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    zf_envelope boxes[300] = {{0, 0, 0, 0}}, signed_boxes[300] = {{0, 0, 0, 0}};
    for (size_t i = 0; i < 300; i += 3)
        signed_boxes[i] = (zf_envelope){-0.0, -0.0, -0.0, -0.0};
    zf_envelope place = {0, 0, 0, 0};
    hits expected = find(build(boxes, 300, &arena), place),
         found = find(build(signed_boxes, 300, &arena), place);
    assert_int_equal(expected.n, 300);
    assert_memory_equal(found.rows, expected.rows, sizeof found.rows);
    zf_arena_release(&arena);
}

static void boxes_at_the_ends_of_the_numbers_are_found(void **state) {
    (void)state;
    zf_arena arena = new_arena();
    zf_envelope boxes[40];
    for (size_t i = 0; i < 40; i++)
        boxes[i] = (zf_envelope){(double)i, (double)i, (double)i, (double)i};
    boxes[3] = (zf_envelope){DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX}; /* min + max is not finite */
    boxes[5] = (zf_envelope){-DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX};
    boxes[7] = (zf_envelope){-DBL_MAX, -DBL_MAX, -DBL_MAX, -DBL_MAX};
    zf_index *index = build(boxes, 40, &arena);
    assert_int_equal(find(index, (zf_envelope){DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX}).n, 2);
    assert_int_equal(find(index, (zf_envelope){-DBL_MAX, -DBL_MAX, -1, -1}).n, 2);
    assert_int_equal(find(index, (zf_envelope){20, 20, 20, 20}).n, 2);
    zf_arena_release(&arena);
}

/* ---- neighbours ---- */

static void a_point_alone_has_no_neighbour(void **state) {
    (void)state;
    neighbours s = new_neighbours(1);
    set_point(&s, 0, 5, 6, 7);
    find_neighbours(&s);
    assert_neighbour(&s, 0, ZF_NO_ROW, INFINITY);
    drop_neighbours(&s);
}

static void two_points_are_each_others_neighbour(void **state) {
    (void)state;
    neighbours s = new_neighbours(2);
    set_point(&s, 0, 1, 1, 0);
    set_point(&s, 1, 4, 5, 0);
    find_neighbours(&s);
    assert_neighbour(&s, 0, 1, 5.0);
    assert_neighbour(&s, 1, 0, 5.0);
    drop_neighbours(&s);
}

static void height_counts_in_the_distance(void **state) {
    (void)state;
    neighbours s = new_neighbours(3);
    set_point(&s, 0, 0, 0, 0);
    set_point(&s, 1, 1, 0, 100); /* nearest in the plane */
    set_point(&s, 2, 0, 8, 6);
    find_neighbours(&s);
    assert_neighbour(&s, 0, 2, 10.0);
    drop_neighbours(&s);
}

static void of_equal_distances_the_lower_row_is_taken(void **state) {
    (void)state;
    neighbours s = new_neighbours(5);
    set_point(&s, 0, 0, 1, 0);
    set_point(&s, 1, 1, 0, 0);
    set_point(&s, 2, 0, -1, 0);
    set_point(&s, 3, -1, 0, 0);
    set_point(&s, 4, 0, 0, 0);
    find_neighbours(&s);
    assert_neighbour(&s, 4, 0, 1.0);
    assert_neighbour(&s, 2, 4, 1.0);
    drop_neighbours(&s);
}

/*
 * 1 + 2^-52 has the same double root as 1: what the user sees is a tie, whatever the squares say. The rows of
 * the three points vary, so that either of the two is seen first.
 */
static void distances_that_round_to_the_same_number_are_equal(void **state) {
    (void)state;
    enum { N = 60 };
    assert_true(1.0 + 0x1p-26 * 0x1p-26 > 1.0);
    for (uint32_t k = 0; k < N * N; k++) {
        uint32_t farther = k % N, nearer = k / N, center = (farther + nearer + 1) % N;
        if (farther == nearer || farther == center || nearer == center)
            continue;
        neighbours s = new_neighbours(N);
        for (uint32_t i = 0; i < N; i++)
            set_point(&s, i, (i % 2 ? 2.0 : -6.0) + i % 5, (double)(i % 7) - 3.0, 0);
        set_point(&s, farther, 1, 0x1p-26, 0);
        set_point(&s, nearer, -1, 0, 0);
        set_point(&s, center, 0, 0, 0);
        find_neighbours(&s);
        uint32_t expected = farther < nearer ? farther : nearer;
        assert_neighbour(&s, center, expected, 1.0);
        drop_neighbours(&s);
    }
}

/* Would take very long if coincident points were compared pair by pair; at several places, with rows mixed,
 * too.
 */
static void many_coincident_points_take_the_lowest_other_row(void **state) {
    (void)state;
    const size_t n_places[] = {1, 2, 7};
    for (size_t k = 0; k < 3; k++) {
        neighbours s = new_neighbours(200000);
        for (size_t i = 0; i < s.n; i++) {
            size_t place = i % n_places[k];
            set_point(&s, i, (double)(place * place % 5), (double)place, 0);
        }
        find_neighbours(&s);
        for (size_t i = 0; i < s.n; i++) {
            size_t lowest = i % n_places[k];
            assert_neighbour(&s, i, (uint32_t)(i == lowest ? i + n_places[k] : lowest), 0.0);
        }
        drop_neighbours(&s);
    }
}

/* Rows along the line are shuffled (7919 is prime to n), so that neighbours in space are none by row. */
static void points_on_a_line_find_the_next_on_the_line(void **state) {
    (void)state;
    enum { N = 100000 };
    const double steps[][2] = {{2, 0}, {0, 2}, {2, 2}, {-2, 2}};
    uint32_t *row_at = new_array(N, sizeof *row_at);
    for (size_t k = 0; k < 4; k++) {
        neighbours s = new_neighbours(N);
        for (size_t i = 0; i < N; i++) {
            size_t at = i * 7919 % N;
            row_at[at] = (uint32_t)i;
            set_point(&s, i, steps[k][0] * (double)at, steps[k][1] * (double)at, 0);
        }
        find_neighbours(&s);
        for (size_t at = 0; at < N; at++) {
            uint32_t before = at > 0 ? row_at[at - 1] : ZF_NO_ROW,
                     after = at + 1 < N ? row_at[at + 1] : ZF_NO_ROW;
            assert_neighbour(&s, row_at[at], before < after ? before : after,
                             hypot(steps[k][0], steps[k][1]));
        }
        drop_neighbours(&s);
    }
    free(row_at);
}

/* One corrupt coordinate must not make the rest of the tree useless. */
static void an_outlier_leaves_the_others_their_neighbours(void **state) {
    (void)state;
    enum { SIDE = 300 };
    neighbours s = new_neighbours(SIDE * SIDE);
    for (size_t i = 0; i < s.n; i++)
        set_point(&s, i, (double)(i % SIDE), 3 * (double)(i / SIDE), 0);
    set_point(&s, s.n - 1, 1e150, -1e150, 0);
    find_neighbours(&s);
    for (size_t i = 0; i < s.n - 1; i++)
        assert_neighbour(&s, i, (uint32_t)(i % SIDE == 0 ? i + 1 : i - 1), 1.0);
    assert_true(s.dist_m[s.n - 1] > 1e150);
    drop_neighbours(&s);
}

static bool cancel_after(void *user) {
    int *n_left = user;
    return (*n_left)-- <= 0;
}

static void a_cancelled_search_says_so(void **state) {
    (void)state;
    neighbours s = new_neighbours(50000);
    for (size_t i = 0; i < s.n; i++)
        set_point(&s, i, (double)(i % 211), (double)(i / 211), 0);
    build_neighbours(&s);
    for (int n_asked = 0; n_asked < 10; n_asked += 3) {
        int n_left = n_asked;
        zf_callbacks callbacks = {.is_cancelled = cancel_after, .user = &n_left};
        zf_error error = ZF_ERROR_INIT;
        assert_int_equal(zf_points_nearest_all(s.points, s.dist_m, s.row, &callbacks, &error),
                         ZF_E_CANCELLED);
        assert_int_equal(error.status, ZF_E_CANCELLED);
        assert_int_equal(n_left, -1);
    }
    int n_left = 1000000;
    zf_callbacks patient = {.is_cancelled = cancel_after, .user = &n_left};
    assert_int_equal(zf_points_nearest_all(s.points, s.dist_m, s.row, &patient, NULL), ZF_OK);
    drop_neighbours(&s);
}

/* ---- order ---- */

/** What the naive ordering sorts. */
typedef struct placed {
    double x, y;
    uint32_t slice, item;
} placed;

static int by_x(const void *a, const void *b) {
    const placed *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->item < q->item ? -1 : 1;
}

static int by_slice_and_y(const void *a, const void *b) {
    const placed *p = a, *q = b;
    if (p->slice != q->slice)
        return p->slice < q->slice ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return by_x(a, b);
}

/* As the paper has it, by sorting: slices of whole nodes, as many as nodes are in each. */
static void order_naively(const zf_envelope *boxes, size_t n, size_t n_per_node, placed *out) {
    size_t n_nodes = (n + n_per_node - 1) / n_per_node, n_slices = 1;
    for (size_t i = 0; i < n; i++)
        out[i] = (placed){boxes[i].min_x + boxes[i].max_x, boxes[i].min_y + boxes[i].max_y, 0, (uint32_t)i};
    while (n_slices * n_slices < n_nodes)
        n_slices++;
    qsort(out, n, sizeof *out, by_x);
    for (size_t i = 0; i < n; i++)
        out[i].slice = (uint32_t)(i / (n_slices * n_per_node));
    qsort(out, n, sizeof *out, by_slice_and_y);
}

static void the_order_is_slices_by_x_and_within_them_by_y(void **state) {
    (void)state;
    enum { MAX_N = 10000 };
    static zf_envelope boxes[MAX_N];
    static placed expected[MAX_N];
    static uint32_t order[MAX_N];
    const size_t sizes[] = {0, 1, 51, 52, 102, 103, 2601, 2602, MAX_N};
    for (size_t i = 0; i < MAX_N; i++) { /* many of equal x or y */
        double x = (double)(i * 7919 % 509), y = (double)(i * 104729 % 331) - 100;
        boxes[i] = (zf_envelope){x, y, x + (double)(i % 3), y + (double)(i % 5)};
    }
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (size_t n_per_node = 1; n_per_node <= 51; n_per_node += 25) {
            const size_t n = sizes[k];
            zf_arena scratch = new_arena();
            assert_int_equal(zf_index_order(boxes, n, n_per_node, &scratch, order, NULL), ZF_OK);
            assert_int_equal(scratch.used_bytes, 0);
            order_naively(boxes, n, n_per_node, expected);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(order[i], n <= n_per_node ? i : expected[i].item);
            zf_arena_release(&scratch);
        }
}

static void an_order_without_memory_is_refused(void **state) {
    (void)state;
    enum { N = 1000 };
    static zf_envelope boxes[N];
    static uint32_t order[N];
    for (size_t limit = 1000; limit <= 40000; limit += 1000) {
        zf_budget budget;
        zf_arena scratch;
        zf_budget_init(&budget, limit);
        zf_arena_init(&scratch, &budget, ZF_MEMORY_INDEX, 512);
        zf_status status = zf_index_order(boxes, N, 51, &scratch, order, NULL);
        assert_int_equal(status, limit <= 24 * N ? ZF_E_MEMORY : ZF_OK); /* a chunk has a head of its own */
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_INDEX), 0);
        zf_arena_release(&scratch);
    }
}

/* ---- memory ---- */

static size_t planned_bytes(size_t n) {
    size_t n_nodes = 0;
    for (size_t level = n; level > 0;
         level = level > ZF_INDEX_FANOUT ? (level + ZF_INDEX_FANOUT - 1) / ZF_INDEX_FANOUT : 0)
        n_nodes += (level + ZF_INDEX_FANOUT - 1) / ZF_INDEX_FANOUT;
    return 24 + 576 * n_nodes;
}

static void the_index_keeps_what_the_header_says(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 16, 17, 256, 257, 5000, 70000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        zf_budget budget;
        zf_arena arena;
        zf_budget_init(&budget, 0);
        zf_arena_init(&arena, &budget, ZF_MEMORY_INDEX, CHUNK_BYTES);
        zf_envelope *boxes = new_array(sizes[k], sizeof *boxes);
        build(boxes, sizes[k], &arena);
        assert_in_range(arena.used_bytes, planned_bytes(sizes[k]), planned_bytes(sizes[k]) + 16);
        assert_true(budget.peak_bytes <= planned_bytes(sizes[k]) + 30 * sizes[k] + 10 * CHUNK_BYTES);
        free(boxes);
        zf_arena_release(&arena);
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_INDEX), 0);
    }
}

static void packed_points_keep_what_is_forecast(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 16, 17, 256, 257, 5000, 70000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        zf_budget budget;
        neighbours s = new_neighbours(sizes[k]);
        zf_arena scratch;
        zf_budget_init(&budget, 0);
        zf_arena_init(&s.arena, &budget, ZF_MEMORY_INDEX, 16);
        zf_arena_init(&scratch, &budget, ZF_MEMORY_INDEX, 16);
        for (size_t i = 0; i < s.n; i++)
            set_point(&s, i, (double)(i * 7919 % 1009), (double)(i * 104729 % 997), 0);
        memcpy(s.packed, s.xyz_m, 3 * s.n * sizeof *s.xyz_m);
        assert_int_equal(zf_points_build(s.packed, s.n, &s.arena, &scratch, &s.points, NULL), ZF_OK);
        size_t planned = zf_points_bytes(s.n), peak = zf_points_build_bytes(s.n);
        assert_in_range(s.arena.used_bytes, planned, planned + 64);
        assert_in_range(budget.peak_bytes, peak, peak + 512);
        zf_arena_release(&scratch);
        drop_neighbours(&s);
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_INDEX), 0);
    }
}

static void points_without_memory_leave_both_arenas_as_before(void **state) {
    (void)state;
    neighbours s = new_neighbours(2000);
    bool has_failed = false, has_succeeded = false;
    for (size_t limit = 1024; !has_succeeded; limit += 4096) {
        zf_budget budget;
        zf_arena arena, scratch;
        zf_error error = ZF_ERROR_INIT;
        zf_budget_init(&budget, limit);
        zf_arena_init(&arena, &budget, ZF_MEMORY_INDEX, 512);
        zf_arena_init(&scratch, &budget, ZF_MEMORY_INDEX, 512);
        s.points = NULL;
        zf_status status = zf_points_build(s.packed, s.n, &arena, &scratch, &s.points, &error);
        assert_int_equal(scratch.used_bytes, 0);
        has_succeeded = status == ZF_OK;
        if (!has_succeeded) {
            has_failed = true;
            assert_int_equal(status, ZF_E_MEMORY);
            assert_non_null(strstr(error.text, "2000 points"));
            assert_null(s.points);
            assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_INDEX), 0);
        }
        zf_arena_release(&scratch);
        zf_arena_release(&arena);
    }
    assert_true(has_failed);
    drop_neighbours(&s);
}

static void without_memory_the_arena_is_as_before(void **state) {
    (void)state;
    enum { N = 2000 };
    static zf_envelope boxes[N];
    bool has_failed = false, has_succeeded = false;
    for (size_t limit = 1024; !has_succeeded; limit += 4096) {
        zf_budget budget;
        zf_arena arena;
        void *older = NULL;
        zf_index *index = NULL;
        zf_error error = ZF_ERROR_INIT;
        zf_budget_init(&budget, limit);
        zf_arena_init(&arena, &budget, ZF_MEMORY_INDEX, 512);
        assert_int_equal(zf_arena_alloc(&arena, 1, 100, &older, NULL), ZF_OK);
        size_t used = arena.used_bytes, held = zf_budget_held(&budget, ZF_MEMORY_INDEX);
        zf_status status = zf_index_build(boxes, N, &arena, &index, &error);
        if (status == ZF_OK) {
            has_succeeded = true;
        } else {
            has_failed = true;
            assert_int_equal(status, ZF_E_MEMORY);
            assert_int_equal(error.status, ZF_E_MEMORY);
            assert_non_null(strstr(error.text, "2000 boxes"));
            assert_null(index);
            assert_int_equal(arena.used_bytes, used);
            assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_INDEX), held);
        }
        zf_arena_release(&arena);
    }
    assert_true(has_failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_points_keep_what_is_forecast),
        cmocka_unit_test(points_without_memory_leave_both_arenas_as_before),
        cmocka_unit_test(the_order_is_slices_by_x_and_within_them_by_y),
        cmocka_unit_test(an_order_without_memory_is_refused),
        cmocka_unit_test(no_boxes_are_an_index_that_finds_nothing),
        cmocka_unit_test(a_window_that_touches_an_edge_or_a_corner_meets_the_box),
        cmocka_unit_test(a_window_beside_the_box_meets_nothing),
        cmocka_unit_test(an_empty_window_meets_nothing),
        cmocka_unit_test(the_whole_plane_holds_every_row_once),
        cmocka_unit_test(a_visitor_that_has_enough_is_not_called_again),
        cmocka_unit_test(the_same_boxes_are_visited_in_the_same_order),
        cmocka_unit_test(both_zeros_are_one_place),
        cmocka_unit_test(boxes_at_the_ends_of_the_numbers_are_found),
        cmocka_unit_test(a_point_alone_has_no_neighbour),
        cmocka_unit_test(two_points_are_each_others_neighbour),
        cmocka_unit_test(height_counts_in_the_distance),
        cmocka_unit_test(of_equal_distances_the_lower_row_is_taken),
        cmocka_unit_test(distances_that_round_to_the_same_number_are_equal),
        cmocka_unit_test(many_coincident_points_take_the_lowest_other_row),
        cmocka_unit_test(points_on_a_line_find_the_next_on_the_line),
        cmocka_unit_test(an_outlier_leaves_the_others_their_neighbours),
        cmocka_unit_test(a_cancelled_search_says_so),
        cmocka_unit_test(the_index_keeps_what_the_header_says),
        cmocka_unit_test(without_memory_the_arena_is_as_before),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
