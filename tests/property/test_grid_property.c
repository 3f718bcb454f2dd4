/* SPDX-License-Identifier: MIT */
/** What the cells of a zone answer without GEOS, and which footprints are called valid without GEOS, against
 * GEOS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "property/random_shapes.h"
#include "zone/grid.h"

enum { N_ZONES = 60, N_FOOTPRINTS = 700 };

typedef struct tools {
    GEOSContextHandle_t geos;
    GEOSWKTReader *reader;
    GEOSWKBWriter *writer;
} tools;

static void silent(const char *message, void *user) {
    (void)message;
    (void)user;
}

static tools open_tools(void) {
    tools t = {.geos = GEOS_init_r()};
    GEOSContext_setErrorMessageHandler_r(t.geos, silent, NULL);
    t.reader = GEOSWKTReader_create_r(t.geos);
    t.writer = GEOSWKBWriter_create_r(t.geos);
    return t;
}

static void close_tools(tools *t) {
    GEOSWKBWriter_destroy_r(t->geos, t->writer);
    GEOSWKTReader_destroy_r(t->geos, t->reader);
    GEOS_finish_r(t->geos);
}

static void append_wobbly_ring(rng *r, char *wkt, double cx, double cy, double radius, int n) {
    double *xy = malloc(2 * (size_t)n * sizeof *xy), wave = 2 + rng_below(r, 7);
    for (int i = 0; i < n; i++) {
        double angle = 6.283185307179586 * i / n,
               rr = radius * (1 + 0.25 * sin(wave * angle) + 0.02 * rng_unit(r));
        xy[2 * i] = cx + rr * cos(angle);
        xy[2 * i + 1] = cy + rr * sin(angle);
    }
    append_ring(wkt, xy, n);
    free(xy);
}

/** A zone with hundreds of vertices, now and then with a hole or an island; far from the origin as real
 * coordinates are. */
static GEOSGeometry *wobbly_zone(tools *t, rng *r, double *out_cx, double *out_cy) {
    static char wkt[200000];
    double cx = *out_cx = 760000 + 1e4 * rng_unit(r), cy = *out_cy = 2960000 + 1e4 * rng_unit(r);
    int n = 5 + rng_below(r, 700);
    bool has_hole = rng_below(r, 2), has_island = rng_below(r, 3) == 0;
    strcpy(wkt, "MULTIPOLYGON ((");
    append_wobbly_ring(r, wkt, cx, cy, 1000, n);
    if (has_hole) {
        strcat(wkt, ",");
        append_wobbly_ring(r, wkt, cx, cy, 300, 3 + n / 4);
    }
    strcat(wkt, ")");
    if (has_island) {
        strcat(wkt, ",(");
        append_wobbly_ring(r, wkt, cx + 1800, cy, 200, 3 + n / 5);
        strcat(wkt, ")");
    }
    strcat(wkt, ")");
    return GEOSWKTReader_read_r(t->geos, t->reader, wkt);
}

/** A footprint of a building's size, anywhere about the zone; sometimes of two parts, or as large as a hole.
 */
static GEOSGeometry *footprint(tools *t, rng *r, double cx, double cy) {
    char wkt[8192] = "MULTIPOLYGON (";
    int n_parts = rng_below(r, 10) == 0 ? 2 : 1;
    for (int i = 0; i < n_parts; i++) {
        double angle = 6.283185307179586 * rng_unit(r), far = 2000 * rng_unit(r),
               size = rng_below(r, 30) ? 15 : 500;
        strcat(wkt, i ? ",(" : "(");
        append_wobbly_ring(r, wkt, cx + far * cos(angle), cy + far * sin(angle), size * (0.3 + rng_unit(r)),
                           4 + rng_below(r, 6));
        strcat(wkt, ")");
    }
    strcat(wkt, ")");
    return GEOSWKTReader_read_r(t->geos, t->reader, wkt);
}

static zf_wkb open_wkb(tools *t, const GEOSGeometry *g, unsigned char **out_bytes) {
    size_t n = 0;
    zf_wkb wkb;
    *out_bytes = GEOSWKBWriter_write_r(t->geos, t->writer, g, &n);
    assert_int_equal(zf_wkb_open(*out_bytes, n, &wkb), ZF_WKB_POLYGONAL);
    return wkb;
}

static void check_answer(tools *t, zf_side side, const GEOSGeometry *building, const GEOSGeometry *zone) {
    int within =
        GEOSRelatePattern_r(t->geos, building, zone, "TFF*FF***"); /* in the interior, border apart */
    int disjoint = GEOSDisjoint_r(t->geos, building, zone);
    int crosses = GEOSRelatePattern_r(t->geos, building, zone, "T*T******");
    if ((side == ZF_SIDE_INSIDE && within != 1) || (side == ZF_SIDE_OUTSIDE && disjoint != 1) ||
        (side == ZF_SIDE_CROSSES && crosses != 1))
        fail_msg("side %d, but GEOS: within %d, disjoint %d, crosses %d", side, within, disjoint, crosses);
}

static void cells_answer_as_geos_does(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {77};
    int n_said[4] = {0}, n_all = 0;
    for (int z = 0; z < N_ZONES; z++) {
        double cx, cy;
        GEOSGeometry *zone = wobbly_zone(&t, &r, &cx, &cy);
        if (GEOSisValid_r(t.geos, zone) == 1) {
            unsigned char *zone_bytes;
            zf_wkb zone_wkb = open_wkb(&t, zone, &zone_bytes);
            zf_arena arena;
            zf_grid *grid = NULL;
            zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
            assert_int_equal(zf_grid_build(&zone_wkb, 8u << rng_below(&r, 7), &arena, &grid, NULL), ZF_OK);
            assert_true(arena.used_bytes <= zf_grid_forecast_bytes((uint32_t)zone_wkb.n_points));
            for (int i = 0; i < N_FOOTPRINTS; i++) {
                unsigned char *bytes;
                GEOSGeometry *building = footprint(&t, &r, cx, cy);
                zf_wkb wkb = open_wkb(&t, building, &bytes);
                if (GEOSisValid_r(t.geos, building) == 1) {
                    zf_side side = zf_grid_locate(grid, &wkb);
                    zf_side box = zf_grid_locate_box(grid, &wkb.envelope);
                    check_answer(&t, side, building, zone);
                    check_answer(&t, box, building, zone);
                    n_said[side]++;
                    n_all++;
                }
                GEOSFree_r(t.geos, bytes);
                GEOSGeom_destroy_r(t.geos, building);
            }
            zf_arena_release(&arena);
            GEOSFree_r(t.geos, zone_bytes);
        }
        GEOSGeom_destroy_r(t.geos, zone);
    }
    assert_true(n_all > 10000);
    assert_true(n_said[ZF_SIDE_INSIDE] > 1000 && n_said[ZF_SIDE_OUTSIDE] > 1000 &&
                n_said[ZF_SIDE_CROSSES] > 100);
    assert_true(n_said[ZF_SIDE_UNSURE] * 100 < n_all); /* GEOS is spared, or the cells are for nothing */
    close_tools(&t);
}

/** Teeth as long as the zone is high: each edge goes through every row. */
static GEOSGeometry *comb(tools *t, int n_teeth) {
    static char wkt[1 << 20];
    size_t n = (size_t)snprintf(wkt, sizeof wkt, "POLYGON ((0 0");
    for (int i = 0; i < n_teeth; i++)
        n += (size_t)snprintf(wkt + n, sizeof wkt - n, ", %d 0, %d.2 1000, %d.4 1000, %d.6 1", 2 * i + 1,
                              2 * i + 1, 2 * i + 1, 2 * i + 1);
    (void)snprintf(wkt + n, sizeof wkt - n, ", %d 0, %d -10, 0 -10, 0 0))", 2 * n_teeth + 1, 2 * n_teeth + 1);
    return GEOSWKTReader_read_r(t->geos, t->reader, wkt);
}

static void memory_stays_below_the_forecast_for_long_edges(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {5};
    for (int n_teeth = 1; n_teeth < 4000; n_teeth = 3 * n_teeth + 1) {
        GEOSGeometry *zone = comb(&t, n_teeth);
        unsigned char *zone_bytes;
        zf_wkb zone_wkb = open_wkb(&t, zone, &zone_bytes);
        zf_arena arena;
        zf_grid *grid = NULL;
        zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 256);
        assert_int_equal(GEOSisValid_r(t.geos, zone), 1);
        assert_int_equal(zf_grid_build(&zone_wkb, ZF_GRID_MAX_CELLS, &arena, &grid, NULL), ZF_OK);
        assert_true(arena.used_bytes <= zf_grid_forecast_bytes((uint32_t)zone_wkb.n_points));
        for (int i = 0; i < 300; i++) {
            unsigned char *bytes;
            char wkt[512] = "POLYGON (";
            double x = rng_unit(&r) * 2 * n_teeth, y = rng_unit(&r) * 1010 - 12, size = 0.05 + rng_unit(&r);
            double xy[8] = {x, y, x + size, y, x + size, y + size, x, y + size};
            append_ring(wkt, xy, 4);
            strcat(wkt, ")");
            GEOSGeometry *building = GEOSWKTReader_read_r(t.geos, t.reader, wkt);
            zf_wkb wkb = open_wkb(&t, building, &bytes);
            check_answer(&t, zf_grid_locate(grid, &wkb), building, zone);
            GEOSFree_r(t.geos, bytes);
            GEOSGeom_destroy_r(t.geos, building);
        }
        zf_arena_release(&arena);
        GEOSFree_r(t.geos, zone_bytes);
        GEOSGeom_destroy_r(t.geos, zone);
    }
    close_tools(&t);
}

/** Edges that are level but for the last bits, and footprints with vertices level with them: about the
 * origin, where doubles are fine. */
static void nearly_level_edges_do_not_confuse_the_cells(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {31};
    int n_sure = 0;
    for (int i = 0; i < 4000; i++) {
        double noise = pow(10, -20 + rng_below(&r, 12)), bits[4];
        char wkt[2048] = "POLYGON (";
        for (int k = 0; k < 4; k++)
            bits[k] = (rng_unit(&r) - 0.5) * noise;
        double zone_xy[16] = {-50, bits[0], -10, bits[1], 20,  bits[2], 50,  bits[3],
                              60,  40,      0,   70,      -60, 40,      -55, 10};
        append_ring(wkt, zone_xy, 8);
        strcat(wkt, ")");
        GEOSGeometry *zone = GEOSWKTReader_read_r(t.geos, t.reader, wkt);
        double x = -60 + 120 * rng_unit(&r), y = (rng_unit(&r) - 0.5) * noise, size = 0.1 + rng_unit(&r);
        double sign = rng_below(&r, 2) ? 1 : -1;
        double footprint_xy[6] = {x, y, x + size, y + sign * size, x - size, y + sign * size};
        strcpy(wkt, "POLYGON (");
        append_ring(wkt, footprint_xy, 3);
        strcat(wkt, ")");
        GEOSGeometry *building = GEOSWKTReader_read_r(t.geos, t.reader, wkt);
        if (GEOSisValid_r(t.geos, zone) == 1 && GEOSisValid_r(t.geos, building) == 1) {
            unsigned char *zone_bytes, *bytes;
            zf_wkb zone_wkb = open_wkb(&t, zone, &zone_bytes), wkb = open_wkb(&t, building, &bytes);
            zf_arena arena;
            zf_grid *grid = NULL;
            zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
            assert_int_equal(zf_grid_build(&zone_wkb, 64, &arena, &grid, NULL), ZF_OK);
            zf_side side = zf_grid_locate(grid, &wkb);
            check_answer(&t, side, building, zone);
            n_sure += side != ZF_SIDE_UNSURE;
            zf_arena_release(&arena);
            GEOSFree_r(t.geos, zone_bytes);
            GEOSFree_r(t.geos, bytes);
        }
        GEOSGeom_destroy_r(t.geos, zone);
        GEOSGeom_destroy_r(t.geos, building);
    }
    assert_true(n_sure > 1000);
    close_tools(&t);
}

static void what_is_called_valid_is_valid(void **state) {
    (void)state;
    static char wkt[16384];
    tools t = open_tools();
    rng r = {4711};
    int n_sure = 0, n_valid = 0, n_invalid = 0;
    for (int i = 0; i < 60000; i++) {
        random_wkt(&r, wkt, 4);
        GEOSGeometry *g = GEOSWKTReader_read_r(t.geos, t.reader, wkt);
        unsigned char *bytes;
        zf_wkb wkb = open_wkb(&t, g, &bytes);
        bool is_valid = GEOSisValid_r(t.geos, g) == 1, is_sure = zf_wkb_is_surely_valid(&wkb);
        if (is_sure && !is_valid)
            fail_msg("called valid: %s", wkt);
        n_sure += is_sure;
        n_valid += is_valid;
        n_invalid += !is_valid;
        GEOSFree_r(t.geos, bytes);
        GEOSGeom_destroy_r(t.geos, g);
    }
    assert_true(n_invalid > 1000);
    assert_true(n_sure * 2 > n_valid);
    close_tools(&t);
}

/** Rings with crossings, spikes, repeated points and corners that touch edges: small numbers, many
 * coincidences. */
static void random_rings_called_valid_are_valid(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {99};
    int n_sure = 0, n_invalid = 0;
    for (int i = 0; i < 100000; i++) {
        char wkt[4096] = "POLYGON (";
        double xy[24];
        int n = 3 + rng_below(&r, 7);
        for (int k = 0; k < 2 * n; k++)
            xy[k] = rng_below(&r, 5);
        append_ring(wkt, xy, n);
        strcat(wkt, ")");
        GEOSGeometry *g = GEOSWKTReader_read_r(t.geos, t.reader, wkt);
        unsigned char *bytes;
        zf_wkb wkb = open_wkb(&t, g, &bytes);
        bool is_valid = GEOSisValid_r(t.geos, g) == 1, is_sure = zf_wkb_is_surely_valid(&wkb);
        if (is_sure && !is_valid)
            fail_msg("called valid: %s", wkt);
        n_sure += is_sure;
        n_invalid += !is_valid;
        GEOSFree_r(t.geos, bytes);
        GEOSGeom_destroy_r(t.geos, g);
    }
    assert_true(n_sure > 1000 && n_invalid > 1000);
    close_tools(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_answer_as_geos_does),
        cmocka_unit_test(memory_stays_below_the_forecast_for_long_edges),
        cmocka_unit_test(nearly_level_edges_do_not_confuse_the_cells),
        cmocka_unit_test(what_is_called_valid_is_valid),
        cmocka_unit_test(random_rings_called_valid_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
