/* SPDX-License-Identifier: MIT */
/* Envelopes, and WKB views of good and of hostile bytes. */
#include "geometry/geometry.h"
#include "unit/wkb_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const double square[] = {0, 0, 4, 0, 4, 3, 0, 3, 0, 0};
static const double hole[] = {1, 1, 1, 2, 2, 2, 2, 1, 1, 1};
static const double far_square[] = {10, 20, 11, 20, 11, 21, 10, 21, 10, 20};

/* Opens a heap copy of exactly n bytes, so that ASan sees any look beyond them. */
static zf_wkb_kind open_copy(const uint8_t *bytes, size_t n, zf_wkb *out, uint8_t **out_copy) {
    *out_copy = malloc(n ? n : 1);
    assert_non_null(*out_copy);
    memcpy(*out_copy, bytes, n);
    return zf_wkb_open(*out_copy, n, out);
}

static zf_wkb_kind kind_of(const uint8_t *bytes, size_t n) {
    zf_wkb wkb;
    uint8_t *copy;
    zf_wkb_kind kind = open_copy(bytes, n, &wkb, &copy);
    free(copy);
    return kind;
}

static void assert_envelope(const zf_envelope *e, double min_x, double min_y, double max_x, double max_y) {
    assert_true(e->min_x == min_x && e->min_y == min_y && e->max_x == max_x && e->max_y == max_y);
}

/* ---- envelopes ---- */

static void empty_envelope_is_neutral_and_meets_nothing(void **state) {
    (void)state;
    zf_envelope none = zf_envelope_empty(), some = {1, 2, 3, 4},
                all = {-INFINITY, -INFINITY, INFINITY, INFINITY};
    assert_true(zf_envelope_is_empty(&none));
    assert_false(zf_envelope_is_empty(&some));
    assert_false(zf_envelope_meets(&none, &all));
    assert_false(zf_envelope_meets(&all, &none));
    assert_false(zf_envelope_contains(&all, &none));
    zf_envelope_add(&some, &none);
    assert_envelope(&some, 1, 2, 3, 4);
    zf_envelope_add(&none, &some);
    assert_envelope(&none, 1, 2, 3, 4);
    assert_false(zf_envelope_is_empty(&none));
}

static void envelopes_meet_when_they_touch(void **state) {
    (void)state;
    zf_envelope a = {0, 0, 1, 1}, side = {1, 0, 2, 1}, corner = {1, 1, 2, 2}, off = {1.0000001, 0, 2, 1},
                above = {0, 1.5, 1, 2};
    assert_true(zf_envelope_meets(&a, &side));
    assert_true(zf_envelope_meets(&corner, &a));
    assert_false(zf_envelope_meets(&a, &off));
    assert_false(zf_envelope_meets(&above, &a));
}

static void envelope_contains_itself_but_nothing_that_sticks_out(void **state) {
    (void)state;
    zf_envelope a = {0, 0, 2, 2}, in = {0, 1, 1, 2}, out = {0, 1, 1, 2.5};
    assert_true(zf_envelope_contains(&a, &a));
    assert_true(zf_envelope_contains(&a, &in));
    assert_false(zf_envelope_contains(&a, &out));
    assert_false(zf_envelope_contains(&in, &a));
}

static void envelope_of_one_point_is_not_empty(void **state) {
    (void)state;
    zf_envelope e = zf_envelope_empty();
    zf_envelope_add_point(&e, -5, 7);
    assert_false(zf_envelope_is_empty(&e));
    assert_envelope(&e, -5, 7, -5, 7);
}

/* ---- good WKB ---- */

static void polygon_with_hole_gives_its_rings_in_order(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    zf_wkb wkb;
    zf_ring ring;
    wkb_put_header(&w, WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_ring(&w, hole, 5, 2);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(wkb.n_polygons, 1);
    assert_int_equal(wkb.n_rings, 2);
    assert_int_equal(wkb.n_points, 10);
    assert_int_equal(wkb.n_dims, 2);
    assert_false(wkb.is_multi || wkb.has_non_finite);
    assert_envelope(&wkb.envelope, 0, 0, 4, 3);

    zf_ring_cursor cursor = zf_wkb_rings(&wkb);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_true(ring.is_shell && ring.polygon == 0 && ring.n == 5);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_true(!ring.is_shell && ring.polygon == 0 && ring.n == 5);
    for (uint32_t i = 0; i < 5; i++) {
        double x, y;
        zf_ring_point(&ring, i, &x, &y);
        assert_true(x == hole[2 * i] && y == hole[2 * i + 1]);
    }
    assert_false(zf_wkb_next_ring(&cursor, &ring));
    assert_false(zf_wkb_next_ring(&cursor, &ring));
}

/* One type code, outer and members alike, with what it says of dimensions and SRID. */
typedef struct type_case {
    uint32_t flags; /* added to 3 or 6 */
    unsigned n_dims;
} type_case;

static void put_srid_header(wkb_writer *w, uint32_t type, uint32_t count) {
    wkb_put(w, &(uint8_t){1}, 1);
    wkb_put_u32(w, type);
    if (type & 0x20000000u)
        wkb_put_u32(w, 4326);
    wkb_put_u32(w, count);
}

static void iso_and_ewkb_dimensions_are_stepped_over(void **state) {
    (void)state;
    const type_case cases[] = {{0, 2},           {1000, 3},        {2000, 3},        {3000, 4},
                               {0x80000000u, 3}, {0x40000000u, 3}, {0xC0000000u, 4}, {0x20000000u, 2},
                               {0xA0000000u, 3}, {0xE0000000u, 4}, {0x200003E8u, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint32_t is_multi = 0; is_multi < 2; is_multi++) {
            wkb_writer w = {.n = 0};
            zf_wkb wkb;
            if (is_multi)
                put_srid_header(&w, WKB_MULTIPOLYGON + cases[i].flags, 1);
            put_srid_header(&w, WKB_POLYGON + cases[i].flags, 2);
            wkb_put_ring(&w, square, 5, cases[i].n_dims);
            wkb_put_ring(&w, hole, 5, cases[i].n_dims);
            assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
            assert_int_equal(wkb.n_dims, cases[i].n_dims);
            assert_int_equal(wkb.n_points, 10);
            assert_envelope(&wkb.envelope, 0, 0, 4, 3);
            assert_int_equal(kind_of(w.bytes, w.n - 1), ZF_WKB_CORRUPT);
        }
}

/* The ordinary footprint is opened in a way of its own: with an SRID, which changes nothing, it is not. */
static void ordinary_footprints_are_seen_as_all_others(void **state) {
    (void)state;
    const double open_ring[] = {0, 0, 4, 0, 4, 3}, odd[] = {NAN, 0, 4, INFINITY, 4, 3, -1, 5, 1e308, 1e308},
                 huge[] = {1e308, -1e308, 1e308, 1e308, -1e308, 1e308, -1e308, -1e308, 1e308, -1e308};
    const double *const rings[] = {square, open_ring, odd, huge};
    const size_t counts[] = {5, 3, 5, 5};
    for (int i = 0; i < 4; i++)
        for (uint32_t is_multi = 0; is_multi < 2; is_multi++) {
            wkb_writer w[2] = {{.n = 0}, {.n = 0}};
            zf_wkb seen[2];
            zf_ring ring[2];
            for (uint32_t k = 0; k < 2; k++) {
                uint32_t srid = k ? 0x20000000u : 0;
                if (is_multi)
                    put_srid_header(&w[k], srid + WKB_MULTIPOLYGON, 1);
                put_srid_header(&w[k], srid + WKB_POLYGON, 1);
                wkb_put_ring(&w[k], rings[i], counts[i], 2);
                assert_int_equal(zf_wkb_open(w[k].bytes, w[k].n, &seen[k]), ZF_WKB_POLYGONAL);
                zf_ring_cursor cursor = zf_wkb_rings(&seen[k]);
                assert_true(zf_wkb_next_ring(&cursor, &ring[k]));
                assert_true(ring[k].is_shell && ring[k].polygon == 0 && ring[k].stride_bytes == 16);
                assert_int_equal(ring[k].n, counts[i]);
                assert_memory_equal(ring[k].xy, rings[i], counts[i] * 16);
                assert_false(zf_wkb_next_ring(&cursor, &ring[k]));
            }
            const zf_envelope *e = &seen[1].envelope;
            assert_envelope(&seen[0].envelope, e->min_x, e->min_y, e->max_x, e->max_y);
            /* beyond 1e100 nothing can be reckoned with */
            assert_true(seen[0].has_non_finite == (i >= 2) && seen[1].has_non_finite == (i >= 2));
            assert_true(seen[0].n_points == seen[1].n_points && seen[0].n_rings == 1 && seen[1].n_rings == 1);
            assert_true(seen[0].n_polygons == 1 && seen[0].is_multi == is_multi && seen[0].n_dims == 2);
        }
}

static void members_keep_their_own_dimensions(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    zf_wkb wkb;
    zf_ring ring;
    wkb_put_header(&w, WKB_MULTIPOLYGON, 2);
    wkb_put_header(&w, 1000 + WKB_POLYGON, 1);
    wkb_put_ring(&w, square, 5, 3);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, far_square, 5, 2);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(wkb.n_dims, 2);
    assert_envelope(&wkb.envelope, 0, 0, 11, 21);
    zf_ring_cursor cursor = zf_wkb_rings(&wkb);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_int_equal(ring.stride_bytes, 24);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_int_equal(ring.stride_bytes, 16);
    assert_true(ring.is_shell && ring.polygon == 1);
    double x, y;
    zf_ring_point(&ring, 2, &x, &y);
    assert_true(x == 11 && y == 21);
}

static void empty_members_and_rings_are_passed_over(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    zf_wkb wkb;
    zf_ring ring;
    wkb_put_header(&w, WKB_MULTIPOLYGON, 4);
    wkb_put_header(&w, WKB_POLYGON, 0);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, square, 5, 2);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, NULL, 0, 2);
    wkb_put_header(&w, WKB_POLYGON, 0);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(wkb.n_polygons, 4);
    assert_int_equal(wkb.n_rings, 2);
    zf_ring_cursor cursor = zf_wkb_rings(&wkb);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_true(ring.polygon == 1 && ring.n == 5 && ring.is_shell);
    assert_true(zf_wkb_next_ring(&cursor, &ring));
    assert_true(ring.polygon == 2 && ring.n == 0 && ring.is_shell);
    assert_false(zf_wkb_next_ring(&cursor, &ring));
}

static void nothing_but_empty_is_empty(void **state) {
    (void)state;
    for (uint32_t n_members = 0; n_members < 3; n_members++) {
        wkb_writer w = {.n = 0};
        zf_wkb wkb;
        wkb_put_header(&w, WKB_MULTIPOLYGON, n_members);
        for (uint32_t i = 0; i < n_members; i++)
            wkb_put_header(&w, WKB_POLYGON, 0);
        assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_EMPTY);
        assert_true(zf_envelope_is_empty(&wkb.envelope));
        zf_ring_cursor cursor = zf_wkb_rings(&wkb);
        zf_ring ring;
        assert_false(zf_wkb_next_ring(&cursor, &ring));
    }
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_POLYGON, 0);
    assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_EMPTY);
}

static void bytes_after_the_end_are_tolerated(void **state) {
    (void)state;
    wkb_writer w;
    zf_wkb wkb;
    wkb_polygon(&w, square, 5);
    wkb_put(&w, "tail", 4);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(wkb.n_points, 5);
}

static void coordinates_that_are_not_finite_are_told_and_left_out(void **state) {
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 6; i++) {
        double xy[10];
        wkb_writer w;
        zf_wkb wkb;
        memcpy(xy, square, sizeof xy);
        xy[4 + i % 2] = bad[i / 2]; /* of the point (4, 3) */
        wkb_polygon(&w, xy, 5);
        assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
        assert_true(wkb.has_non_finite);
        assert_envelope(&wkb.envelope, 0, 0, 4, 3);
    }
}

/* ---- WKB for somebody else ---- */

static void other_types_are_other(void **state) {
    (void)state;
    const uint32_t types[] = {0,  1,  2,  4,    5,    7,    8,    10,          12,
                              15, 16, 17, 1010, 3007, 4003, 4006, 0x80000001u, 0x10000003u};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        wkb_writer w = {.n = 0};
        wkb_put_header(&w, types[i], 1);
        wkb_put_ring(&w, square, 5, 2);
        assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_OTHER);
    }
}

static void big_endian_is_other_outside_and_inside(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_MULTIPOLYGON, 1);
    size_t member = w.n;
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, square, 5, 2);
    w.bytes[member] = 0;
    assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_OTHER);
    w.bytes[member] = 1;
    assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_POLYGONAL);
    w.bytes[0] = 0;
    assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_OTHER);
}

static void members_of_other_types_are_other(void **state) {
    (void)state;
    const uint32_t types[] = {1, 2, WKB_MULTIPOLYGON, 7, 10};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        wkb_writer w = {.n = 0};
        wkb_put_header(&w, WKB_MULTIPOLYGON, 1);
        wkb_put_header(&w, types[i], 1);
        wkb_put_ring(&w, square, 5, 2);
        assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_OTHER);
    }
}

/* ---- hostile bytes ---- */

static void byte_order_that_is_none_is_corrupt(void **state) {
    (void)state;
    wkb_writer w;
    wkb_polygon(&w, square, 5);
    w.bytes[0] = 'G';
    assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_CORRUPT);
}

static void no_bytes_are_corrupt(void **state) {
    (void)state;
    zf_wkb wkb;
    assert_int_equal(kind_of((const uint8_t *)"", 0), ZF_WKB_CORRUPT);
    assert_int_equal(zf_wkb_open(NULL, 0, &wkb), ZF_WKB_CORRUPT);
}

static void every_truncation_is_corrupt(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    put_srid_header(&w, 0xA0000000u + WKB_MULTIPOLYGON, 3);
    wkb_put_header(&w, 1000 + WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 3);
    wkb_put_ring(&w, hole, 5, 3);
    wkb_put_header(&w, WKB_POLYGON, 0);
    wkb_put_header(&w, 3000 + WKB_POLYGON, 1);
    wkb_put_ring(&w, far_square, 5, 4);
    assert_int_equal(kind_of(w.bytes, w.n), ZF_WKB_POLYGONAL);
    for (size_t n = 0; n < w.n; n++)
        assert_int_equal(kind_of(w.bytes, n), ZF_WKB_CORRUPT);
}

static void counts_beyond_the_bytes_are_corrupt(void **state) {
    (void)state;
    const uint32_t counts[] = {2,           6,           0x08000000u, 0x0AAAAAABu, 0x10000000u,
                               0x40000000u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (unsigned n_dims = 2; n_dims <= 4; n_dims++) {
            const uint32_t iso[] = {0, 0, 0, 1000, 3000};
            wkb_writer rings = {.n = 0}, points = {.n = 0}, members = {.n = 0};
            wkb_put_header(&rings, WKB_POLYGON + iso[n_dims], counts[i]);
            wkb_put_ring(&rings, square, 5, n_dims);
            assert_int_equal(kind_of(rings.bytes, rings.n), ZF_WKB_CORRUPT);

            wkb_put_header(&points, WKB_POLYGON + iso[n_dims], 1);
            wkb_put_u32(&points, counts[i]);
            wkb_put(&points, square, 16);
            assert_int_equal(kind_of(points.bytes, points.n), ZF_WKB_CORRUPT);

            wkb_put_header(&members, WKB_MULTIPOLYGON, counts[i]);
            wkb_put_header(&members, WKB_POLYGON + iso[n_dims], 1);
            wkb_put_ring(&members, square, 5, n_dims);
            assert_int_equal(kind_of(members.bytes, members.n), ZF_WKB_CORRUPT);
        }
}

/* Whatever a byte becomes, the view's numbers are what the cursor walks over, and all of it inside the bytes.
 */
static void any_changed_byte_keeps_view_and_walk_in_agreement(void **state) {
    (void)state;
    wkb_writer w = {.n = 0};
    wkb_put_header(&w, WKB_MULTIPOLYGON, 2);
    wkb_put_header(&w, 1000 + WKB_POLYGON, 2);
    wkb_put_ring(&w, square, 5, 3);
    wkb_put_ring(&w, hole, 5, 3);
    wkb_put_header(&w, WKB_POLYGON, 1);
    wkb_put_ring(&w, far_square, 5, 2);
    size_t n_readable = 0;
    for (size_t at = 0; at < w.n; at++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t kept = w.bytes[at], *copy;
            zf_wkb wkb;
            w.bytes[at] = (uint8_t)value;
            zf_wkb_kind kind = open_copy(w.bytes, w.n, &wkb, &copy);
            if (kind == ZF_WKB_POLYGONAL || kind == ZF_WKB_EMPTY) {
                zf_ring_cursor cursor = zf_wkb_rings(&wkb);
                size_t n_rings = 0, n_points = 0;
                for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring); n_rings++) {
                    assert_true(ring.xy + ring.n * ring.stride_bytes <= copy + w.n);
                    n_points += ring.n;
                }
                assert_int_equal(n_rings, wkb.n_rings);
                assert_int_equal(n_points, wkb.n_points);
                n_readable++;
            }
            free(copy);
            w.bytes[at] = kept;
        }
    assert_true(n_readable > 15 * 2 * 8 * 256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_envelope_is_neutral_and_meets_nothing),
        cmocka_unit_test(envelopes_meet_when_they_touch),
        cmocka_unit_test(envelope_contains_itself_but_nothing_that_sticks_out),
        cmocka_unit_test(envelope_of_one_point_is_not_empty),
        cmocka_unit_test(polygon_with_hole_gives_its_rings_in_order),
        cmocka_unit_test(iso_and_ewkb_dimensions_are_stepped_over),
        cmocka_unit_test(ordinary_footprints_are_seen_as_all_others),
        cmocka_unit_test(members_keep_their_own_dimensions),
        cmocka_unit_test(empty_members_and_rings_are_passed_over),
        cmocka_unit_test(nothing_but_empty_is_empty),
        cmocka_unit_test(bytes_after_the_end_are_tolerated),
        cmocka_unit_test(coordinates_that_are_not_finite_are_told_and_left_out),
        cmocka_unit_test(other_types_are_other),
        cmocka_unit_test(big_endian_is_other_outside_and_inside),
        cmocka_unit_test(members_of_other_types_are_other),
        cmocka_unit_test(byte_order_that_is_none_is_corrupt),
        cmocka_unit_test(no_bytes_are_corrupt),
        cmocka_unit_test(every_truncation_is_corrupt),
        cmocka_unit_test(counts_beyond_the_bytes_are_corrupt),
        cmocka_unit_test(any_changed_byte_keeps_view_and_walk_in_agreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
