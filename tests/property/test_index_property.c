/* SPDX-License-Identifier: MIT */
/* The tree against brute force: windows and neighbours of thousands of random sets, most of them of an
 * awkward shape. */
#include "effort.h"
#include "index/index.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { MAX_N = 2000, WINDOWS_PER_SET = 20, N_SHAPES = 9 };

static uint64_t generator = 20240229;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t x = generator += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static double draw_between(double low, double high) {
    return low + (high - low) * ((double)(draw() >> 11) * 0x1p-53);
}

static double draw_whole(double n) {
    return floor(draw_between(0, n));
}

/** One random set: points for the neighbours, boxes around them for the windows. */
typedef struct set {
    size_t n;
    double xyz_m[3 * MAX_N];
    zf_envelope boxes[MAX_N];
} set;

static void draw_point(unsigned shape, size_t i, double point[3]) {
    static double center[2];
    double t = draw_between(-1, 1);
    if (i == 0 || draw() % 40 == 0) {
        center[0] = draw_between(-1000, 1000);
        center[1] = draw_between(-1000, 1000);
    }
    double x = draw_between(0, 100), y = draw_between(0, 100), z = 0;
    switch (shape) {
    case 0: /* anywhere, far from the origin, in three dimensions */
        x += 5e6, y -= 4e5, z = draw_between(-5, 5);
        break;
    case 1: /* clusters */
        x = center[0] + t * t * t, y = center[1] + draw_between(-1, 1);
        break;
    case 2: /* clusters of coincident points */
        x = center[0], y = center[1];
        break;
    case 3: /* a grid with gaps and repetitions */
        x = draw_whole(30), y = draw_whole(30);
        break;
    case 4: /* vertical line */
        x = 7, y = draw_whole(5000) / 8;
        break;
    case 5: /* horizontal line */
        x = t * 50, y = -7;
        break;
    case 6: /* oblique line */
        x = 3 * t, y = 1 - 2 * t;
        break;
    case 7: /* one place, or nearly */
        x = 42, y = 42, z = draw() % 4 == 0 ? draw_whole(3) : 0;
        break;
    default: /* a circle */
        x = cos(3.2 * t), y = sin(3.2 * t);
        break;
    }
    point[0] = x, point[1] = y, point[2] = z;
}

static void draw_set(set *s, unsigned shape) {
    double u = draw_between(0, 1);
    s->n = (size_t)(u * u * u * (MAX_N + 1)); /* small ones are quick and have most of the borders */
    for (size_t i = 0; i < s->n; i++) {
        double *p = &s->xyz_m[3 * i];
        double width = draw() % 2 ? 0 : draw_whole(4), height = draw() % 2 ? 0 : draw_between(0, 9);
        draw_point(shape, i, p);
        s->boxes[i] = (zf_envelope){p[0], p[1], p[0] + width, p[1] + height};
    }
}

static zf_index *build(const zf_envelope *boxes, size_t n, zf_arena *arena) {
    zf_index *index = NULL;
    assert_int_equal(zf_index_build(boxes, n, arena, &index, NULL), ZF_OK);
    return index;
}

/* ---- windows ---- */

static bool count_row(void *user, uint32_t row) {
    assert_true(row < MAX_N);
    ((unsigned char *)user)[row]++;
    return true;
}

static bool do_meet(const zf_envelope *a, const zf_envelope *b) {
    return !(a->max_x < b->min_x || b->max_x < a->min_x || a->max_y < b->min_y || b->max_y < a->min_y);
}

/* About a box of the set; every second one ends exactly where another box begins or ends. */
static zf_envelope draw_window(const set *s) {
    zf_envelope any = {0, 0, 1, 1};
    const zf_envelope *a = s->n > 0 ? &s->boxes[draw() % s->n] : &any;
    const zf_envelope *b = s->n > 0 ? &s->boxes[draw() % s->n] : &any;
    double reach = draw_between(0, 10);
    if (draw() % 2)
        return (zf_envelope){a->min_x - reach, a->min_y - reach, a->max_x + reach, a->max_y + reach};
    zf_envelope w = {a->max_x, a->max_y, b->min_x, b->min_y};
    if (w.min_x > w.max_x)
        w.min_x = b->min_x, w.max_x = a->max_x;
    if (w.min_y > w.max_y)
        w.min_y = b->min_y, w.max_y = a->max_y;
    return w;
}

static void windows_find_what_a_scan_finds(void **state) {
    (void)state;
    static set s;
    size_t n_hits = 0, n_misses = 0;
    const unsigned n_sets = (unsigned)effort(2000);
    for (unsigned k = 0; k < n_sets; k++) {
        zf_arena arena;
        zf_arena_init(&arena, NULL, ZF_MEMORY_INDEX, 4096);
        draw_set(&s, k % N_SHAPES);
        zf_index *index = build(s.boxes, s.n, &arena);
        for (unsigned w = 0; w < WINDOWS_PER_SET; w++) {
            unsigned char n_visits[MAX_N] = {0}, n_expected[MAX_N] = {0};
            zf_envelope window = draw_window(&s);
            zf_index_window(index, &window, count_row, n_visits);
            for (size_t i = 0; i < s.n; i++) {
                n_expected[i] = do_meet(&s.boxes[i], &window);
                n_hits += n_expected[i];
                n_misses += !n_expected[i];
            }
            assert_memory_equal(n_visits, n_expected, sizeof n_visits);
        }
        zf_arena_release(&arena);
    }
    assert_true(n_hits > 100000 && n_misses > 100000);
}

/* ---- neighbours ---- */

static double distance(const double *a, const double *b) {
    double dx = a[0] - b[0], dy = a[1] - b[1], dz = a[2] - b[2];
    return sqrt(dx * dx + dy * dy + dz * dz);
}

static uint32_t nearest_by_scan(const set *s, size_t i, double *out_m) {
    uint32_t row = ZF_NO_ROW;
    *out_m = INFINITY;
    for (size_t j = 0; j < s->n; j++) {
        double m = distance(&s->xyz_m[3 * i], &s->xyz_m[3 * j]);
        if (j != i && m < *out_m) {
            *out_m = m;
            row = (uint32_t)j;
        }
    }
    return row;
}

static void neighbours_are_those_of_a_scan(void **state) {
    (void)state;
    static set s;
    static double dist_m[MAX_N], packed[3 * (MAX_N + ZF_INDEX_FANOUT)];
    static uint32_t row[MAX_N];
    size_t n_one_sided = 0;
    const unsigned n_sets = (unsigned)effort(2000);
    for (unsigned k = 0; k < n_sets; k++) {
        zf_arena arena, scratch;
        zf_arena_init(&arena, NULL, ZF_MEMORY_INDEX, 4096);
        draw_set(&s, k % N_SHAPES);
        zf_arena_init(&scratch, NULL, ZF_MEMORY_INDEX, 4096);
        zf_points *points = NULL;
        memcpy(packed, s.xyz_m, 3 * s.n * sizeof *packed);
        assert_int_equal(zf_points_build(packed, s.n, &arena, &scratch, &points, NULL), ZF_OK);
        assert_int_equal(zf_points_nearest_all(points, dist_m, row, NULL, NULL), ZF_OK);
        zf_arena_release(&scratch);
        for (size_t i = 0; i < s.n; i++) {
            double expected_m;
            assert_int_equal(row[i], nearest_by_scan(&s, i, &expected_m));
            assert_true(dist_m[i] == expected_m);
            n_one_sided += row[i] != ZF_NO_ROW && row[row[i]] != i;
        }
        zf_arena_release(&arena);
    }
    assert_true(n_one_sided > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_find_what_a_scan_finds),
        cmocka_unit_test(neighbours_are_those_of_a_scan),
    };
    return cmocka_run_group_tests_name("index property", tests, NULL, NULL);
}
