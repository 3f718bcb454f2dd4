/* SPDX-License-Identifier: MIT */
/** What the cells of a zone answer without GEOS, and which footprints are called valid without GEOS, against
 * GEOS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <malloc.h>

#include "effort.h"
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
    for (int z = 0; z < effort(N_ZONES); z++) {
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
    assert_true(n_all > effort(10000));
    assert_true(n_said[ZF_SIDE_INSIDE] > effort(1000) && n_said[ZF_SIDE_OUTSIDE] > effort(1000) &&
                n_said[ZF_SIDE_CROSSES] > effort(100));
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
    (void)mallopt(M_PERTURB, 0x5a); /* what is read before it is written is seen */
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
            if (i % 3 == 0) { /* over the zone's ends and beyond them */
                size *= i % 2 == 0 ? 1500 : 40;
                x = rng_unit(&r) * (2 * n_teeth + 20) - 10;
                y = i % 2 == 0 ? 980 + 25 * rng_unit(&r) : rng_unit(&r) * 30 - 40;
            }
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
    (void)mallopt(M_PERTURB, 0);
    close_tools(&t);
}

static void check_point(tools *t, const zf_grid *grid, double x, double y, const GEOSGeometry *zone,
                        int *n_said) {
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(t->geos, x, y);
    zf_side side = zf_grid_locate_point(grid, x, y);
    int within = GEOSContains_r(t->geos, zone, point), disjoint = GEOSDisjoint_r(t->geos, zone, point);
    if (side == ZF_SIDE_CROSSES || (side == ZF_SIDE_INSIDE && within != 1) ||
        (side == ZF_SIDE_OUTSIDE && disjoint != 1))
        fail_msg("(%.17g, %.17g): side %d, but GEOS: within %d, disjoint %d", x, y, side, within, disjoint);
    n_said[side]++;
    GEOSGeom_destroy_r(t->geos, point);
}

/** Small whole numbers: many points are vertices, lie on level, upright or slanting edges, or level with a
 * vertex. */
static void points_on_a_border_are_not_called_inside_or_outside(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {12};
    int n_said[4] = {0};
    for (int z = 0; z < effort(400); z++) {
        GEOSGeometry *zone = random_shape(t.geos, &r, 8);
        unsigned char *bytes;
        zf_wkb wkb = open_wkb(&t, zone, &bytes);
        zf_arena arena;
        zf_grid *grid = NULL;
        zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
        assert_int_equal(zf_grid_build(&wkb, 1u << rng_below(&r, 7), &arena, &grid, NULL), ZF_OK);
        for (int y = -2; y <= 22; y++)
            for (int x = -2; x <= 22; x++)
                check_point(&t, grid, 0.5 * x, 0.5 * y, zone, n_said);
        for (int i = 0; i < 100; i++)
            check_point(&t, grid, 10 * rng_unit(&r) - 1, 10 * rng_unit(&r) - 1, zone, n_said);
        zf_arena_release(&arena);
        GEOSFree_r(t.geos, bytes);
        GEOSGeom_destroy_r(t.geos, zone);
    }
    assert_true(n_said[ZF_SIDE_INSIDE] > effort(10000) && n_said[ZF_SIDE_OUTSIDE] > effort(10000) &&
                n_said[ZF_SIDE_UNSURE] > effort(1000));
    close_tools(&t);
}

/** Edges that are level but for the last bits, and footprints with vertices level with them: about the
 * origin, where doubles are fine. */
static void nearly_level_edges_do_not_confuse_the_cells(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {31};
    int n_sure = 0;
    for (int i = 0; i < effort(4000); i++) {
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
    assert_true(n_sure > effort(1000));
    close_tools(&t);
}

static void what_is_called_valid_is_valid(void **state) {
    (void)state;
    static char wkt[16384];
    tools t = open_tools();
    rng r = {4711};
    int n_sure = 0, n_valid = 0, n_invalid = 0;
    for (int i = 0; i < effort(60000); i++) {
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
    assert_true(n_invalid > effort(1000));
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
    for (int i = 0; i < effort(100000); i++) {
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
    assert_true(n_sure > effort(1000) && n_invalid > effort(1000));
    close_tools(&t);
}

/* ---- shapes of buildings, nearly collinear rings, other dimensions ---- */

/** The only ring as WKB of 2 to 4 dimensions, in a polygon or a multipolygon of one; returns its bytes. */
static size_t write_ring(uint8_t *out, const double *xy, int n, unsigned n_dims, bool is_multi) {
    static const uint32_t flags[] = {0, 0, 0, 0x80000000u, 0xC0000000u};
    const double beyond[2] = {-1e300, NAN}; /* where nobody must look */
    const uint32_t head[] = {6 | flags[n_dims], 1, 3 | flags[n_dims], 1, (uint32_t)n + 1};
    size_t at = 0;
    for (int i = is_multi ? 0 : 2; i < 5; i++) {
        if (i % 2 == 0 && i < 4)
            out[at++] = 1;
        memcpy(out + at, &head[i], sizeof head[i]);
        at += sizeof head[i];
    }
    for (int i = 0; i <= n; i++, at += (n_dims - 2) * sizeof *xy) {
        memcpy(out + at, xy + 2 * (i % n), 2 * sizeof *xy);
        at += 2 * sizeof *xy;
        memcpy(out + at, beyond, (n_dims - 2) * sizeof *xy);
    }
    return at;
}

/** How often a ring is called valid from its starts in both directions, which may differ where corners come
 * too near to tell; in any dimensions the same is said. Checked with GEOS. */
static int count_called_valid(tools *t, const double *xy, int n) {
    uint8_t bytes[4096];
    double turned[2 * 63];
    zf_wkb wkb;
    int n_sure = 0;
    for (int i = 0; i < 2 * n; i++) {
        bool says[2] = {false, false};
        for (int k = 0; k < n; k++)
            memcpy(turned + 2 * k, xy + 2 * ((i + (i < n ? k : n - k)) % n), 2 * sizeof *xy);
        for (unsigned n_dims = 2; n_dims <= 4; n_dims++)
            for (int is_multi = 0; is_multi < 2; is_multi++) {
                size_t n_bytes = write_ring(bytes, turned, n, n_dims, is_multi);
                assert_int_equal(zf_wkb_open(bytes, n_bytes, &wkb), ZF_WKB_POLYGONAL);
                says[zf_wkb_is_surely_valid(&wkb)] = true;
            }
        assert_true(says[0] != says[1]);
        n_sure += says[1];
    }
    size_t n_bytes = write_ring(bytes, xy, n, 2, false);
    GEOSGeometry *g = GEOSGeomFromWKB_buf_r(t->geos, bytes, n_bytes);
    bool is_valid = GEOSisValid_r(t->geos, g) == 1;
    GEOSGeom_destroy_r(t->geos, g);
    if (n_sure > 0 && !is_valid)
        fail_msg("called valid from (%.17g %.17g), %d corners", xy[0], xy[1], n);
    return n_sure;
}

static void turn(double *xy, int n, double angle, double x, double y) {
    for (int i = 0; i < n; i++) {
        double u = xy[2 * i], v = xy[2 * i + 1];
        xy[2 * i] = x + u * cos(angle) - v * sin(angle);
        xy[2 * i + 1] = y + u * sin(angle) + v * cos(angle);
    }
}

static void shapes_of_buildings_are_found_valid_at_any_angle(void **state) {
    (void)state;
    const double shapes[][20] = {
        {0, 0, 10, 0, 10, 6, 0, 6},                                       /* rectangle */
        {0, 0, 10, 0, 10, 4, 6, 4, 6, 9, 0, 9},                           /* L */
        {0, 0, 9, 0, 9, 9, 6, 9, 6, 3, 3, 3, 3, 9, 0, 9},                 /* U */
        {0, 0, 3, 0, 3, -2, 6, -2, 6, 0, 9, 0, 9, 7, 0, 7},               /* bay */
        {0, 0, 5, 0, 5, 3, 9, 3, 9, 8, 4, 8, 4, 5, 0, 5},                 /* Z */
        {4, 0, 6, 0, 6, 4, 10, 4, 10, 6, 6, 6, 6, 10, 4, 10, 4, 5, 0, 5}, /* a leg short of a cross */
        {0, 0, 8, 0, 10, 3, 5, 9, -2, 4},                                 /* convex */
    };
    const int counts[] = {4, 6, 8, 8, 8, 10, 5};
    tools t = open_tools();
    rng r = {8};
    for (int i = 0; i < 700; i++) {
        double xy[20];
        int shape = i % 7;
        memcpy(xy, shapes[shape], sizeof xy);
        double angle = i < 70 ? (i / 7) * 1.5707963267948966 / 2 : 6.28 * rng_unit(&r);
        turn(xy, counts[shape], angle, 1000 * rng_unit(&r), 1000 * rng_unit(&r));
        if (count_called_valid(&t, xy, counts[shape]) != 2 * counts[shape])
            fail_msg("shape %d at angle %g is left to GEOS", shape, angle);
    }
    close_tools(&t);
}

/** Two chains between the same ends that run close together, touch, swap sides or repeat a point. */
static void chains_called_apart_are_apart(void **state) {
    (void)state;
    tools t = open_tools();
    rng r = {1234};
    int n_sure = 0, n_doubtful = 0;
    for (int i = 0; i < effort(6000); i++) {
        double xy[32], width = pow(10, -rng_below(&r, 18)), slope = rng_below(&r, 3) ? rng_unit(&r) : 0;
        int n_below = 1 + rng_below(&r, 4), n_above = 1 + rng_below(&r, 4), n = 0;
        for (int k = 0; k <= n_below; k++, n++) { /* the lowest point, then along the lower chain */
            double u = k == 0             ? 0
                       : rng_below(&r, 4) ? (double)k / (n_below + 1)
                                          : 0.25 * (1 + rng_below(&r, 3));
            xy[2 * n] = u;
            xy[2 * n + 1] = slope * u - (k == 0 ? 0 : width * (rng_unit(&r) - 0.2));
        }
        for (int k = 0; k <= n_above; k++, n++) {
            double u = k == 0             ? 1
                       : rng_below(&r, 4) ? 1 - (double)k / (n_above + 1)
                                          : 0.25 * (1 + rng_below(&r, 3));
            xy[2 * n] = u;
            xy[2 * n + 1] = slope * u + (k == 0 ? 0 : width * (rng_unit(&r) - 0.2));
        }
        if (rng_below(&r, 2))
            for (int k = 0; k < n; k++) { /* along the other axis */
                double u = xy[2 * k];
                xy[2 * k] = xy[2 * k + 1];
                xy[2 * k + 1] = u;
            }
        int n_called = count_called_valid(&t, xy, n);
        n_sure += n_called > 0;
        n_doubtful += n_called == 0;
    }
    assert_true(n_sure > effort(1000) && n_doubtful > effort(1000));
    close_tools(&t);
}

/** Two turns in all, as a pentagram: every corner turns the same way. */
static void rings_that_wind_twice_are_not_called_valid(void **state) {
    (void)state;
    tools t = open_tools();
    for (int n = 5; n <= 15; n++)
        for (int i = 0; i < 20; i++) {
            double xy[32];
            for (int k = 0; k < n; k++) {
                double angle = 0.1 * i + 2 * 6.283185307179586 * k / n;
                xy[2 * k] = (1 + 0.1 * k) * cos(angle);
                xy[2 * k + 1] = (1 + 0.1 * k) * sin(angle);
            }
            assert_int_equal(count_called_valid(&t, xy, n), 0);
        }
    close_tools(&t);
}

/** A comb of teeth up and down, as large as rings are looked at: no two chains along any axis. */
static void combs_of_up_to_63_edges_are_found_valid(void **state) {
    (void)state;
    tools t = open_tools();
    for (int n_teeth = 2; n_teeth <= 15; n_teeth++)
        for (int i = 0; i < 12; i++) {
            double xy[2 * 63];
            int n = 0;
            for (int k = 0; k < n_teeth; k++) {
                const double tooth[] = {4, 0, 4, -5, 6, -5, 6, 0};
                for (int c = 0; c < 4; c++, n++) {
                    xy[2 * n] = tooth[2 * c] + 6 * k;
                    xy[2 * n + 1] = tooth[2 * c + 1] + 0.01 * k;
                }
            }
            const double back[] = {6.0 * n_teeth + 1, 9, -1, 9, -1, 0};
            memcpy(xy + 2 * n, back, sizeof back);
            n += 3;
            turn(xy, n, 0.5 * i + 0.1, 5, -7);
            bool is_crossed = i % 3 == 2; /* the first tooth reaches through the last edges */
            if (is_crossed) {
                xy[2] += 40 * (xy[0] - xy[2]);
                xy[3] += 40 * (xy[1] - xy[3]);
            }
            assert_int_equal(count_called_valid(&t, xy, n), is_crossed ? 0 : 2 * n);
        }
    close_tools(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_answer_as_geos_does),
        cmocka_unit_test(memory_stays_below_the_forecast_for_long_edges),
        cmocka_unit_test(points_on_a_border_are_not_called_inside_or_outside),
        cmocka_unit_test(nearly_level_edges_do_not_confuse_the_cells),
        cmocka_unit_test(what_is_called_valid_is_valid),
        cmocka_unit_test(random_rings_called_valid_are_valid),
        cmocka_unit_test(shapes_of_buildings_are_found_valid_at_any_angle),
        cmocka_unit_test(chains_called_apart_are_apart),
        cmocka_unit_test(rings_that_wind_twice_are_not_called_valid),
        cmocka_unit_test(combs_of_up_to_63_edges_are_found_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
