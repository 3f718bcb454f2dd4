/* SPDX-License-Identifier: MIT */
/** Which polygons of any size are called valid without GEOS, against GEOS's isValid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "geometry/geometry.h"
#include "property/random_shapes.h"
#include "unit/wkb_writer.h"

enum { N_LATTICE = 200000, N_GRID = 60000, N_WOBBLY = 1500, N_TORN = 3000, N_EXTREME = 100000 };

static const double turn = 6.283185307179586;

typedef struct tools {
    GEOSContextHandle_t geos;
    GEOSWKBReader *reader;
    zf_arena scratch;
    size_t n_valid, n_sure;
} tools;

static void silent(const char *message, void *user) {
    (void)message;
    (void)user;
}

static tools open_tools(void) {
    tools t = {.geos = GEOS_init_r()};
    GEOSContext_setErrorMessageHandler_r(t.geos, silent, NULL);
    t.reader = GEOSWKBReader_create_r(t.geos);
    zf_arena_init(&t.scratch, NULL, ZF_MEMORY_ZONE, 4096);
    return t;
}

static void close_tools(tools *t) {
    assert_int_equal(t->scratch.used_bytes, 0);
    zf_arena_release(&t->scratch);
    GEOSWKBReader_destroy_r(t->geos, t->reader);
    GEOS_finish_r(t->geos);
}

/** Holds the answer against GEOS's; returns it. */
static bool check(tools *t, const uint8_t *bytes, size_t n) {
    zf_wkb wkb;
    GEOSGeometry *shape = GEOSWKBReader_read_r(t->geos, t->reader, bytes, n);
    if (zf_wkb_open(bytes, n, &wkb) != ZF_WKB_POLYGONAL || shape == NULL) {
        GEOSGeom_destroy_r(t->geos, shape);
        return false;
    }
    bool is_sure = zf_polygon_is_surely_valid(&wkb, &t->scratch);
    bool is_valid = GEOSisValid_r(t->geos, shape) == 1;
    if ((is_sure || zf_wkb_is_surely_valid(&wkb)) && !is_valid) {
        char *reason = GEOSisValidReason_r(t->geos, shape);
        GEOSWKTWriter *writer = GEOSWKTWriter_create_r(t->geos);
        GEOSWKTWriter_setTrim_r(t->geos, writer, 1);
        fail_msg("called valid, but GEOS: %s: %s", reason, GEOSWKTWriter_write_r(t->geos, writer, shape));
    }
    t->n_valid += is_valid;
    t->n_sure += is_sure;
    GEOSGeom_destroy_r(t->geos, shape);
    return is_sure;
}

static bool check_writer(tools *t, const wkb_writer *w) {
    return check(t, w->bytes, w->n);
}

/* ---- shapes ---- */

static void put_wobbly_ring(wkb_writer *w, rng *r, double cx, double cy, double radius, double roughness,
                            int n) {
    static double xy[2 * 8001];
    double wave = 2 + rng_below(r, 7);
    for (int i = 0; i < n; i++) {
        double angle = turn * i / n,
               rr = radius * (1 + 0.25 * sin(wave * angle) + roughness * (rng_unit(r) - 0.5));
        xy[2 * i] = cx + rr * cos(angle);
        xy[2 * i + 1] = cy + rr * sin(angle);
    }
    xy[2 * n] = xy[0];
    xy[2 * n + 1] = xy[1];
    wkb_put_ring(w, xy, (size_t)n + 1, 2);
}

/** Rings of three to six corners on a lattice of 5 x 5: they touch, cross, repeat and coincide all the time.
 */
static void put_lattice_ring(wkb_writer *w, rng *r) {
    double xy[14];
    int n = 3 + rng_below(r, 4), extent = 2 + rng_below(r, 4), x0 = rng_below(r, 6), y0 = rng_below(r, 6);
    for (int i = 0; i < 2 * n; i++)
        xy[i] = (i % 2 ? y0 : x0) + rng_below(r, extent);
    xy[2 * n] = xy[0];
    xy[2 * n + 1] = xy[1];
    wkb_put_ring(w, xy, (size_t)n + 1, 2);
}

/** Corners at small multiples of 1 and of powers of two near the smallest and the largest double, whose
 * products are 0 or infinite. */
static void put_extreme_polygon(wkb_writer *w, rng *r) {
    double xy[14];
    int n = 3 + rng_below(r, 4),
        exponent = rng_below(r, 2) ? -300 - rng_below(r, 775) : 300 + rng_below(r, 722);
    for (int i = 0; i < 2 * n; i++)
        xy[i] = ldexp(rng_below(r, 5) + (rng_below(r, 2) ? rng_unit(r) : 0), rng_below(r, 3) ? exponent : 0);
    xy[2 * n] = xy[0];
    xy[2 * n + 1] = xy[1];
    wkb_polygon(w, xy, (size_t)n + 1);
}

static void put_box(wkb_writer *w, double x0, double y0, double x1, double y1) {
    const double xy[] = {x0, y0, x1, y0, x1, y1, x0, y1, x0, y0};
    wkb_put_ring(w, xy, 5, 2);
}

/** A box about the lattice, or a diamond, with lattice rings in it. */
static void put_lattice_polygon(wkb_writer *w, rng *r) {
    int n_holes = rng_below(r, 4), kind = rng_below(r, 3);
    wkb_put_header(w, WKB_POLYGON, (uint32_t)n_holes + 1);
    if (kind == 0) {
        put_box(w, 0, 0, 5 + rng_below(r, 6), 5 + rng_below(r, 6));
    } else if (kind == 1) { /* vertices that holes can touch */
        const double xy[] = {0, 0, 3, 1, 6, 0, 10, 4, 7, 6, 8, 9, 4, 8, 0, 10, 1, 5, 0, 0};
        wkb_put_ring(w, xy, 10, 2);
    } else {
        put_lattice_ring(w, r);
    }
    for (int i = 0; i < n_holes; i++)
        put_lattice_ring(w, r);
}

static void put_lattice_shape(wkb_writer *w, rng *r) {
    int n = rng_below(r, 2) ? 1 : 2 + rng_below(r, 2);
    w->n = 0;
    if (n > 1)
        wkb_put_header(w, WKB_MULTIPOLYGON, (uint32_t)n);
    for (int i = 0; i < n; i++)
        put_lattice_polygon(w, r);
}

/** A zone of up to 3,000 vertices with holes side by side, an island outside and one in a hole. */
static void put_wobbly_zone(wkb_writer *w, rng *r, double roughness) {
    double cx = 760000 + 1e4 * rng_unit(r), cy = 2960000 + 1e4 * rng_unit(r);
    int n = 4 + rng_below(r, rng_below(r, 4) ? 300 : 3000), n_holes = rng_below(r, 5),
        n_islands = rng_below(r, 3);
    w->n = 0;
    wkb_put_header(w, WKB_MULTIPOLYGON, 1 + (uint32_t)n_islands);
    wkb_put_header(w, WKB_POLYGON, (uint32_t)n_holes + 1);
    put_wobbly_ring(w, r, cx, cy, 1000, roughness, n);
    for (int i = 0; i < n_holes; i++)
        put_wobbly_ring(w, r, cx + 350 * cos(turn * i / 5), cy + 350 * sin(turn * i / 5), 140, roughness,
                        3 + n / 4);
    for (int i = 0; i < n_islands; i++) {
        wkb_put_header(w, WKB_POLYGON, 1);
        if (i == 0)
            put_wobbly_ring(w, r, cx + 1800, cy, 200, roughness, 3 + n / 5);
        else /* in the first hole, or, wrongly, in the shell */
            put_wobbly_ring(w, r, cx + 350, cy, 40, roughness, 3 + n / 5);
    }
}

/* ---- properties ---- */

static void never_valid_where_geos_says_invalid_on_a_lattice(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {11};
    static wkb_writer w;
    for (int i = 0; i < N_LATTICE; i++) {
        put_lattice_shape(&w, &r);
        check_writer(&t, &w);
    }
    assert_true(t.n_sure > N_LATTICE / 100); /* the property is not empty */
    close_tools(&t);
}

static void never_valid_where_geos_says_invalid_near_the_ends_of_doubles(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {13};
    static wkb_writer w;
    for (int i = 0; i < N_EXTREME; i++) {
        put_extreme_polygon(&w, &r);
        check_writer(&t, &w);
    }
    assert_true(t.n_sure > N_EXTREME / 100);
    close_tools(&t);
}

static void never_valid_where_geos_says_invalid_among_grid_shapes(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {12};
    static char wkt[16384];
    GEOSWKTReader *reader = GEOSWKTReader_create_r(t.geos);
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(t.geos);
    for (int i = 0; i < N_GRID; i++) {
        size_t n = 0;
        random_wkt(&r, wkt, 6);
        GEOSGeometry *shape = GEOSWKTReader_read_r(t.geos, reader, wkt);
        unsigned char *bytes = GEOSWKBWriter_write_r(t.geos, writer, shape, &n);
        check(&t, bytes, n);
        GEOSFree_r(t.geos, bytes);
        GEOSGeom_destroy_r(t.geos, shape);
    }
    assert_true(t.n_sure * 2 > t.n_valid);
    GEOSWKBWriter_destroy_r(t.geos, writer);
    GEOSWKTReader_destroy_r(t.geos, reader);
    close_tools(&t);
}

static void ordinary_zones_are_nearly_all_surely_valid(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {13};
    static wkb_writer w;
    for (int i = 0; i < N_WOBBLY; i++) {
        put_wobbly_zone(&w, &r, 0.02);
        check_writer(&t, &w);
    }
    assert_true(t.n_valid > N_WOBBLY / 3);
    assert_true(t.n_sure * 100 >= t.n_valid * 99);
    close_tools(&t);
}

/** Rough enough to cross themselves now and then; or one vertex of a good zone moved, doubled or made a
 * spike. */
static void torn_zones_are_not_called_valid(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {14};
    static wkb_writer w;
    for (int i = 0; i < N_TORN; i++) {
        put_wobbly_zone(&w, &r, rng_below(&r, 2) ? 0.02 : 0.02 + 0.4 * rng_unit(&r));
        uint32_t n_points;
        size_t start = 9 + 9; /* headers of the multipolygon and its first polygon */
        memcpy(&n_points, w.bytes + start, sizeof n_points);
        uint8_t *at = w.bytes + start + 4 + 16 * (1 + (size_t)rng_below(&r, (int)n_points - 3));
        double p[2];
        switch (rng_below(&r, 4)) {
        case 0: /* double */
            memcpy(at, at + 16, 16);
            break;
        case 1: /* spike: back to the vertex before */
            memcpy(at + 16, at - 16, 16);
            break;
        case 2: /* a jump */
            memcpy(p, at, 16);
            p[0] += 100 * (rng_unit(&r) - 0.5), p[1] += 100 * (rng_unit(&r) - 0.5);
            memcpy(at, p, 16);
            break;
        default: /* the same place twice */
            memcpy(at, w.bytes + start + 4 + 16 * (1 + (size_t)rng_below(&r, (int)n_points - 3)), 16);
        }
        check_writer(&t, &w);
    }
    assert_true(t.n_sure > N_TORN / 20);
    close_tools(&t);
}

/* ---- cases settled by hand ---- */

static bool is_sure_of(tools *t, const char *wkt) {
    GEOSWKTReader *reader = GEOSWKTReader_create_r(t->geos);
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(t->geos);
    GEOSGeometry *shape = GEOSWKTReader_read_r(t->geos, reader, wkt);
    size_t n = 0;
    unsigned char *bytes = GEOSWKBWriter_write_r(t->geos, writer, shape, &n);
    bool is_sure = check(t, bytes, n);
    GEOSFree_r(t->geos, bytes);
    GEOSGeom_destroy_r(t->geos, shape);
    GEOSWKBWriter_destroy_r(t->geos, writer);
    GEOSWKTReader_destroy_r(t->geos, reader);
    return is_sure;
}

static void rings_may_touch_at_vertices(void **state) {
    (void)state;
    tools t = open_tools();
    /* a hole at the shell's corner; parts at a corner; a part in a hole, at its corner */
    assert_true(is_sure_of(&t, "POLYGON((0 0,9 0,9 9,0 9,0 0),(0 0,2 1,1 2,0 0))"));
    assert_true(is_sure_of(&t, "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((1 1,2 1,2 2,1 2,1 1)))"));
    assert_true(
        is_sure_of(&t, "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(1 1,1 8,8 8,8 1,1 1)),((1 1,3 2,2 3,1 1)))"));
    /* two parts that touch twice enclose a courtyard, each is whole */
    assert_true(is_sure_of(&t, "MULTIPOLYGON(((0 0,4 0,3 1,1 1,0 0)),((0 0,1 3,3 3,4 0,4 4,0 4,0 0)))"));
    close_tools(&t);
}

static void repeated_vertices_do_not_matter(void **state) {
    (void)state;
    tools t = open_tools();
    assert_true(is_sure_of(&t, "POLYGON((0 0,0 0,9 0,9 0,9 0,9 9,0 9,0 0,0 0),(0 0,2 1,2 1,1 2,0 0))"));
    assert_false(is_sure_of(&t, "POLYGON((0 0,9 9,9 9,0 0))"));
    assert_false(is_sure_of(&t, "POLYGON((0 0,0 0,0 0,0 0))"));
    close_tools(&t);
}

static void what_touches_otherwise_is_left_to_geos(void **state) {
    (void)state;
    tools t = open_tools();
    /* a hole that touches twice cuts the inside in two; a vertex on an edge; an edge in common; a figure of
     * eight */
    assert_false(is_sure_of(&t, "POLYGON((0 0,9 0,9 9,0 9,0 0),(0 0,9 9,4 5,0 0))"));
    assert_false(is_sure_of(&t, "POLYGON((0 0,9 0,9 9,0 9,0 0),(4 0,5 1,3 1,4 0))"));
    assert_false(is_sure_of(&t, "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((1 0,2 0,2 1,1 1,1 0)))"));
    assert_false(is_sure_of(&t, "POLYGON((0 0,2 2,4 0,4 4,2 2,0 4,0 0))"));
    /* crossing at a vertex */
    assert_false(is_sure_of(&t, "MULTIPOLYGON(((0 0,4 0,2 2,0 0)),((2 2,3 -1,1 -1,2 2)))"));
    /* a part in the other's inside, a hole outside its shell, a hole in a hole */
    assert_false(is_sure_of(&t, "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((1 1,2 1,2 2,1 2,1 1)))"));
    assert_false(is_sure_of(&t, "POLYGON((0 0,9 0,9 9,0 9,0 0),(10 1,10 2,11 2,11 1,10 1))"));
    assert_false(
        is_sure_of(&t, "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 8,1 1),(2 2,3 2,3 3,2 3,2 2))"));
    close_tools(&t);
}

/** A comb whose teeth lie across each other's boxes: the answer comes in bounded time, whatever it is. */
static void many_rings_and_long_edges_end_soon(void **state) {
    (void)state;
    tools t = open_tools();
    static double xy[2 * 4003];
    static wkb_writer w;
    int n = 4000;
    for (int i = 0; i < n; i++) {
        xy[2 * i] = i % 2 ? 1000 + i * 1e-3 : i * 1e-3;
        xy[2 * i + 1] = i % 2 ? 1000 - i * 1e-3 : -i * 1e-3;
    }
    xy[2 * n] = -1, xy[2 * n + 1] = 2000;
    xy[2 * n + 2] = xy[0], xy[2 * n + 3] = xy[1];
    wkb_polygon(&w, xy, (size_t)n + 2);
    check_writer(&t, &w);
    w.n = 0;
    wkb_put_header(&w, WKB_POLYGON, 1 + 900);
    put_box(&w, -1, -1, 61, 61);
    for (int i = 0; i < 900; i++)
        put_box(&w, 2 * (i % 30), 2 * (i / 30), 2 * (i % 30) + 1, 2 * (i / 30) + 1);
    assert_true(check_writer(&t, &w));
    close_tools(&t);
}

static void without_memory_nothing_is_sure(void **state) {
    (void)state;
    static wkb_writer w;
    zf_budget budget;
    zf_wkb wkb;
    w.n = 0;
    wkb_put_header(&w, WKB_POLYGON, 2);
    put_box(&w, 0, 0, 9, 9);
    put_box(&w, 1, 1, 2, 2);
    assert_int_equal(zf_wkb_open(w.bytes, w.n, &wkb), ZF_WKB_POLYGONAL);
    bool was_sure = false;
    for (size_t limit = 1; limit < 4096; limit += 16) {
        zf_arena scratch;
        zf_budget_init(&budget, limit);
        zf_arena_init(&scratch, &budget, ZF_MEMORY_ZONE, 64);
        bool is_sure = zf_polygon_is_surely_valid(&wkb, &scratch);
        assert_true(is_sure || !was_sure);
        was_sure = is_sure;
        zf_arena_release(&scratch);
        assert_int_equal(zf_budget_held(&budget, ZF_MEMORY_ZONE), 0);
    }
    assert_true(was_sure);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_valid_where_geos_says_invalid_on_a_lattice),
        cmocka_unit_test(never_valid_where_geos_says_invalid_near_the_ends_of_doubles),
        cmocka_unit_test(never_valid_where_geos_says_invalid_among_grid_shapes),
        cmocka_unit_test(ordinary_zones_are_nearly_all_surely_valid),
        cmocka_unit_test(torn_zones_are_not_called_valid),
        cmocka_unit_test(rings_may_touch_at_vertices),
        cmocka_unit_test(repeated_vertices_do_not_matter),
        cmocka_unit_test(what_touches_otherwise_is_left_to_geos),
        cmocka_unit_test(many_rings_and_long_edges_end_soon),
        cmocka_unit_test(without_memory_nothing_is_sure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
