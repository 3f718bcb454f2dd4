/* SPDX-License-Identifier: MIT */
#include "geometry/geometry.h"
#include "geometry/relate.h"

#include <geos_c.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

/* ---- a second GEOS context, so that tests can write and measure WKT ---- */

static bool is_empty(zf_geos *geos, const zf_geom *geom) {
    zf_envelope envelope = zf_geom_envelope(geos, geom);
    return zf_envelope_is_empty(&envelope);
}

static zf_geos *geos;
static GEOSContextHandle_t oracle;

static int set_up(void **state) {
    (void)state;
    oracle = GEOS_init_r();
    return !oracle || zf_geos_create(&geos, NULL) != ZF_OK;
}

static int tear_down(void **state) {
    (void)state;
    zf_geos_destroy(geos);
    GEOS_finish_r(oracle);
    return 0;
}

static GEOSGeometry *from_text(const char *wkt) {
    GEOSGeometry *g = GEOSGeomFromWKT_r(oracle, wkt);
    if (!g)
        fail_msg("the test's own WKT is wrong: %s", wkt);
    return g;
}

static zf_geom *geom_of(const char *wkt) {
    GEOSGeometry *g = from_text(wkt);
    size_t n = 0;
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(oracle);
    GEOSWKBWriter_setOutputDimension_r(oracle, writer, 3);
    unsigned char *bytes = GEOSWKBWriter_write_r(oracle, writer, g, &n);
    zf_geom *geom = NULL;
    zf_error error = ZF_ERROR_INIT;
    if (zf_geom_from_wkb(geos, bytes, n, &geom, &error) != ZF_OK)
        fail_msg("%s: %s", wkt, error.text);
    GEOSFree_r(oracle, bytes);
    GEOSWKBWriter_destroy_r(oracle, writer);
    GEOSGeom_destroy_r(oracle, g);
    return geom;
}

/* By way of our WKB, so that what others will read is what is looked at. */
static GEOSGeometry *read_back(const zf_geom *geom) {
    uint8_t *bytes = NULL;
    size_t n = 0;
    zf_error error = ZF_ERROR_INIT;
    if (zf_geom_to_wkb(geos, geom, &bytes, &n, &error) != ZF_OK)
        fail_msg("%s", error.text);
    GEOSGeometry *g = GEOSGeomFromWKB_buf_r(oracle, bytes, n);
    assert_non_null(g);
    free(bytes);
    return g;
}

static double area_of(const zf_geom *geom) {
    GEOSGeometry *g = read_back(geom);
    double area = NAN;
    assert_int_equal(GEOSArea_r(oracle, g, &area), 1);
    GEOSGeom_destroy_r(oracle, g);
    return area;
}

static void assert_topology(const zf_geom *geom, const char *wanted_wkt) {
    GEOSGeometry *got = read_back(geom);
    GEOSGeometry *wanted = from_text(wanted_wkt);
    char *text = GEOSGeomToWKT_r(oracle, got);
    if (GEOSEquals_r(oracle, got, wanted) != 1)
        fail_msg("%s is not %s", text, wanted_wkt);
    GEOSFree_r(oracle, text);
    GEOSGeom_destroy_r(oracle, got);
    GEOSGeom_destroy_r(oracle, wanted);
}

static void assert_type(const zf_geom *geom, const char *wanted) {
    GEOSGeometry *g = read_back(geom);
    char *type = GEOSGeomType_r(oracle, g);
    assert_string_equal(type, wanted);
    GEOSFree_r(oracle, type);
    GEOSGeom_destroy_r(oracle, g);
}

static bool is_valid(const zf_geom *geom, zf_invalidity *why) {
    zf_error error = ZF_ERROR_INIT;
    bool answer = false;
    if (zf_geom_check_valid(geos, geom, &answer, why, &error) != ZF_OK)
        fail_msg("%s", error.text);
    return answer;
}

/* A square 0..10 whose second corner is (x, y), as little-endian WKB; GEOS's WKT has no NaN everywhere. */
enum { SQUARE_BYTES = 13 + 5 * 16 };
static void square_with_corner(double x, double y, uint8_t out[SQUARE_BYTES]) {
    const double xy[10] = {0, 0, x, y, 10, 10, 0, 10, 0, 0};
    const uint32_t header[3] = {3, 1, 5};
    out[0] = 1;
    memcpy(out + 1, header, sizeof header);
    memcpy(out + 13, xy, sizeof xy);
}

static zf_geom *geom_with_corner(double x, double y) {
    uint8_t bytes[SQUARE_BYTES];
    zf_geom *geom = NULL;
    square_with_corner(x, y, bytes);
    assert_int_equal(zf_geom_from_wkb(geos, bytes, sizeof bytes, &geom, NULL), ZF_OK);
    return geom;
}

/* ---- WKB ---- */

static void wkb_comes_back_bit_for_bit(void **state) {
    (void)state;
    uint8_t bytes[SQUARE_BYTES];
    square_with_corner(10.1, -0.3, bytes);
    zf_geom *geom = NULL;
    uint8_t *back = NULL;
    size_t n = 0;
    assert_int_equal(zf_geom_from_wkb(geos, bytes, sizeof bytes, &geom, NULL), ZF_OK);
    assert_int_equal(zf_geom_to_wkb(geos, geom, &back, &n, NULL), ZF_OK);
    assert_int_equal(n, sizeof bytes);
    assert_memory_equal(back, bytes, n);
    free(back);
    zf_geom_destroy(geos, geom);
}

static void heights_are_dropped_from_wkb(void **state) {
    (void)state;
    zf_geom *geom = geom_of("POLYGON Z ((0 0 7, 1 0 7, 1 1 7, 0 0 7))");
    uint8_t *back = NULL;
    size_t n = 0;
    assert_int_equal(zf_geom_to_wkb(geos, geom, &back, &n, NULL), ZF_OK);
    assert_int_equal(n, 13 + 4 * 16);
    assert_int_equal(back[0], 1);
    assert_int_equal(back[1], 3);
    assert_int_equal(back[2], 0);
    free(back);
    zf_geom_destroy(geos, geom);
}

static void every_cut_of_a_wkb_is_an_input_error(void **state) {
    (void)state;
    uint8_t bytes[SQUARE_BYTES];
    square_with_corner(10, 0, bytes);
    for (size_t n = 0; n < sizeof bytes; n++) {
        uint8_t *cut = malloc(n > 0 ? n : 1); /* its own block: a sanitizer sees reads beyond */
        assert_non_null(cut);
        memcpy(cut, bytes, n);
        zf_error error = ZF_ERROR_INIT;
        zf_geom *geom = (zf_geom *)&error;
        if (zf_geom_from_wkb(geos, cut, n, &geom, &error) != ZF_E_INPUT)
            fail_msg("%zu bytes were taken for a geometry", n);
        assert_null(geom);
        assert_int_equal(error.domain, ZF_DOMAIN_GEOS);
        free(cut);
    }
}

static void rings_left_open_and_unknown_types_are_input_errors(void **state) {
    (void)state;
    uint8_t bytes[SQUARE_BYTES];
    zf_error error = ZF_ERROR_INIT;
    zf_geom *geom;
    square_with_corner(10, 0, bytes);
    bytes[sizeof bytes - 1] = 0x40; /* the last y is not 0 any more */
    assert_int_equal(zf_geom_from_wkb(geos, bytes, sizeof bytes, &geom, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "closed"));
    square_with_corner(10, 0, bytes);
    bytes[1] = 99;
    error = (zf_error)ZF_ERROR_INIT;
    assert_int_equal(zf_geom_from_wkb(geos, bytes, sizeof bytes, &geom, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "cannot read a geometry: "));
    bytes[1] = 3;
    memset(bytes + 9, 0xff, 4); /* four thousand million points */
    assert_int_equal(zf_geom_from_wkb(geos, bytes, sizeof bytes, &geom, NULL), ZF_E_INPUT);
}

/* ---- validity and repair ---- */

static void an_invalid_geometry_tells_why_and_where(void **state) {
    (void)state;
    zf_geom *bow_tie = geom_of("POLYGON((0 0, 2 2, 2 0, 0 2, 0 0))");
    zf_invalidity why = {"", 0, 0};
    assert_false(is_valid(bow_tie, &why));
    assert_string_equal(why.reason, "Self-intersection");
    assert_true(why.x == 1 && why.y == 1);
    assert_false(is_valid(bow_tie, NULL));
    zf_geom_destroy(geos, bow_tie);
}

static void holes_may_touch_in_points_but_not_along_lines(void **state) {
    (void)state;
    zf_geom *point = geom_of("POLYGON((0 0, 10 0, 10 10, 0 10, 0 0), (0 5, 3 4, 3 6, 0 5))");
    zf_geom *line = geom_of("POLYGON((0 0, 10 0, 10 10, 0 10, 0 0), (0 4, 3 4, 3 6, 0 6, 0 4))");
    zf_geom *repaired = NULL;
    assert_true(is_valid(point, NULL));
    assert_false(is_valid(line, NULL));
    assert_int_equal(zf_geom_make_valid(geos, line, &repaired, NULL, NULL), ZF_OK);
    assert_true(is_valid(repaired, NULL));
    /* the linework method, PostGIS's too, sees two neighbouring faces and keeps both: such a hole is filled
     */
    assert_topology(repaired, "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))");
    assert_type(repaired, "Polygon");
    zf_geom_destroy(geos, point);
    zf_geom_destroy(geos, line);
    zf_geom_destroy(geos, repaired);
}

static void repair_gives(const char *wkt, const char *wanted_wkt, const char *wanted_type) {
    zf_error error = ZF_ERROR_INIT;
    zf_geom *geom = geom_of(wkt);
    zf_geom *repaired = NULL;
    if (zf_geom_make_valid(geos, geom, &repaired, NULL, &error) != ZF_OK)
        fail_msg("%s: %s", wkt, error.text);
    assert_true(is_valid(repaired, NULL));
    assert_topology(repaired, wanted_wkt);
    assert_type(repaired, wanted_type);
    zf_geom_destroy(geos, geom);
    zf_geom_destroy(geos, repaired);
}

static void repair_keeps_what_lines_enclose(void **state) {
    (void)state;
    repair_gives("POLYGON((0 0, 2 2, 2 0, 0 2, 0 0))",
                 "MULTIPOLYGON(((0 0, 1 1, 0 2, 0 0)), ((2 0, 2 2, 1 1, 2 0)))", "MultiPolygon");
    /* by linework, as PostGIS does it, the overlap of two parts becomes a hole; by structure it would be
     * filled */
    repair_gives("MULTIPOLYGON(((0 0, 4 0, 4 4, 0 4, 0 0)), ((2 2, 6 2, 6 6, 2 6, 2 2)))",
                 "MULTIPOLYGON(((0 0, 4 0, 4 2, 2 2, 2 4, 0 4, 0 0)), ((4 2, 6 2, 6 6, 2 6, 2 4, 4 4, 4 2)))",
                 "MultiPolygon");
    repair_gives("POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))", "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))", "Polygon");
}

static void repair_throws_lines_and_points_away(void **state) {
    (void)state;
    repair_gives("POLYGON((0 0, 1 0, 1 1, 1 3, 1 1, 0 1, 0 0))", "POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))",
                 "Polygon");
    repair_gives("GEOMETRYCOLLECTION(POINT(9 9), LINESTRING(0 0, 5 5), POLYGON((0 0, 1 0, 1 1, 0 1, 0 0)))",
                 "POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))", "Polygon");
    repair_gives("GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))), "
                 "POLYGON((1 1, 3 1, 3 3, 1 3, 1 1)))",
                 "POLYGON((0 0, 2 0, 2 1, 3 1, 3 3, 1 3, 1 2, 0 2, 0 0))", "Polygon");
}

static void repair_of_what_has_no_area_gives_an_empty_polygon(void **state) {
    (void)state;
    static const char *const cases[] = {"POLYGON((0 0, 1 0, 2 0, 0 0))",
                                        "POLYGON((5 5, 5 5, 5 5, 5 5))",
                                        "POLYGON EMPTY",
                                        "MULTIPOLYGON EMPTY",
                                        "GEOMETRYCOLLECTION EMPTY",
                                        "LINESTRING(0 0, 1 1)",
                                        "POINT(1 1)",
                                        "GEOMETRYCOLLECTION(POINT(1 1), POLYGON EMPTY)"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zf_geom *geom = geom_of(cases[i]);
        zf_geom *repaired = NULL;
        assert_int_equal(zf_geom_make_valid(geos, geom, &repaired, NULL, NULL), ZF_OK);
        assert_true(is_empty(geos, repaired));
        assert_type(repaired, "Polygon");
        zf_geom_destroy(geos, geom);
        zf_geom_destroy(geos, repaired);
    }
}

static void coordinates_that_are_no_numbers_are_found_and_not_repaired(void **state) {
    (void)state;
    const double bad[3] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        zf_geom *geom = geom_with_corner(bad[i], 0);
        zf_geom *out = (zf_geom *)&geom;
        zf_error error = ZF_ERROR_INIT;
        zf_invalidity why = {"", 0, 0};
        assert_false(is_valid(geom, &why));
        assert_non_null(strstr(why.reason, "Invalid Coordinate"));
        assert_int_equal(zf_geom_make_valid(geos, geom, &out, NULL, &error), ZF_E_INPUT);
        assert_null(out);
        assert_non_null(strstr(error.text, "not a finite number"));
        zf_geom *good = geom_of("POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))");
        zf_geom *both[2] = {good, geom};
        assert_int_equal(zf_geom_union(geos, both, 2, &out, NULL), ZF_E_INPUT);
        assert_null(out);
        zf_geom_destroy(geos, good);
        zf_geom_destroy(geos, geom);
    }
}

static void predicates_survive_coordinates_that_are_no_numbers(void **state) {
    (void)state;
    const double bad[3] = {NAN, INFINITY, -INFINITY};
    zf_geom *zone = geom_of("POLYGON((-50 -50, 50 -50, 50 50, -50 50, -50 -50))");
    for (int i = 0; i < 9; i++) {
        zf_geom *geom = geom_with_corner(bad[i / 3], i % 3 ? bad[i % 3] : 0);
        bool is_in = true;
        zf_status st = zf_geom_interiors_meet(geos, zone, geom, &is_in, NULL);
        assert_true(st == ZF_OK || (st == ZF_E_INTERNAL && !is_in));
        zf_geom_destroy(geos, geom);
    }
    zf_geom_destroy(geos, zone);
}

/* ---- union ---- */

static zf_geom *union_of(const char *a_wkt, const char *b_wkt) {
    zf_error error = ZF_ERROR_INIT;
    zf_geom *both[2] = {geom_of(a_wkt), geom_of(b_wkt)};
    zf_geom *united = NULL;
    if (zf_geom_union(geos, both, 2, &united, &error) != ZF_OK)
        fail_msg("%s", error.text);
    assert_true(is_valid(united, NULL));
    assert_topology(both[0], a_wkt); /* still the caller's, and as they were */
    zf_geom_destroy(geos, both[0]);
    zf_geom_destroy(geos, both[1]);
    return united;
}

static void overlapping_squares_are_united(void **state) {
    (void)state;
    zf_geom *united = union_of("POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))", "POLYGON((1 1, 3 1, 3 3, 1 3, 1 1))");
    assert_true(area_of(united) == 7);
    assert_type(united, "Polygon");
    zf_geom_destroy(geos, united);
}

static void squares_apart_become_parts(void **state) {
    (void)state;
    zf_geom *united =
        union_of("POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))", "MULTIPOLYGON(((5 5, 6 5, 6 6, 5 6, 5 5)))");
    assert_true(area_of(united) == 5);
    assert_type(united, "MultiPolygon");
    zf_geom_destroy(geos, united);
    united = union_of("POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))",
                      "POLYGON((1 1, 2 1, 2 2, 1 2, 1 1))"); /* a corner in common */
    assert_true(area_of(united) == 2);
    assert_type(united, "MultiPolygon");
    zf_geom_destroy(geos, united);
}

static void a_common_edge_vanishes(void **state) {
    (void)state;
    zf_geom *united = union_of("POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))", "POLYGON((1 0, 2 0, 2 1, 1 1, 1 0))");
    assert_topology(united, "POLYGON((0 0, 2 0, 2 1, 0 1, 0 0))");
    assert_type(united, "Polygon");
    zf_geom_destroy(geos, united);
}

static void empty_members_of_a_union_add_nothing(void **state) {
    (void)state;
    zf_geom *united = union_of("POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))", "POLYGON EMPTY");
    assert_topology(united, "POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))");
    zf_geom_destroy(geos, united);
    united = union_of("MULTIPOLYGON EMPTY", "POLYGON EMPTY");
    assert_true(is_empty(geos, united));
    assert_type(united, "Polygon");
    zf_geom_destroy(geos, united);
}

static void lines_do_not_get_into_a_union(void **state) {
    (void)state;
    zf_geom *united = union_of("POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))", "LINESTRING(-1 -1, 5 5)");
    assert_topology(united, "POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))");
    assert_type(united, "Polygon");
    zf_geom_destroy(geos, united);
}

static void invalid_members_are_united_after_repair(void **state) {
    (void)state;
    zf_geom *members[2] = {geom_of("POLYGON((0 0, 2 2, 2 0, 0 2, 0 0))"),
                           geom_of("POLYGON((5 0, 7 2, 7 0, 5 2, 5 0))")};
    zf_geom *united = NULL;
    assert_int_equal(zf_geom_union(geos, members, 2, &united, NULL), ZF_OK);
    assert_true(is_valid(united, NULL));
    assert_true(area_of(united) == 4);
    for (int i = 0; i < 2; i++)
        zf_geom_destroy(geos, members[i]);
    zf_geom_destroy(geos, united);
}

static void a_single_member_is_copied_unchanged(void **state) {
    (void)state;
    uint8_t bytes[SQUARE_BYTES];
    square_with_corner(10.1, -0.3, bytes);
    zf_geom *member = NULL, *united = NULL;
    uint8_t *back = NULL;
    size_t n = 0;
    assert_int_equal(zf_geom_from_wkb(geos, bytes, sizeof bytes, &member, NULL), ZF_OK);
    assert_int_equal(zf_geom_union(geos, &member, 1, &united, NULL), ZF_OK);
    zf_geom_destroy(geos, member);
    assert_int_equal(zf_geom_to_wkb(geos, united, &back, &n, NULL), ZF_OK);
    assert_int_equal(n, sizeof bytes);
    assert_memory_equal(back, bytes, n);
    free(back);
    zf_geom_destroy(geos, united);
}

static void a_thousand_cells_become_their_square(void **state) {
    (void)state;
    enum { SIDE = 32 };
    zf_geom *cells[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE, y = i / SIDE;
        char wkt[128];
        snprintf(wkt, sizeof wkt, "POLYGON((%d %d, %d %d, %d %d, %d %d, %d %d))", x, y, x + 1, y, x + 1,
                 y + 1, x, y + 1, x, y);
        cells[i] = geom_of(wkt);
    }
    zf_geom *united = NULL;
    assert_int_equal(zf_geom_union(geos, cells, SIDE * SIDE, &united, NULL), ZF_OK);
    assert_topology(united, "POLYGON((0 0, 32 0, 32 32, 0 32, 0 0))");
    for (int i = 0; i < SIDE * SIDE; i++)
        zf_geom_destroy(geos, cells[i]);
    zf_geom_destroy(geos, united);
}

/* ---- predicates ---- */

typedef struct relation {
    const char *other;
    bool contains, covers, intersects, interiors_meet;
} relation;

static bool says(void *user) {
    return *(const bool *)user;
}

static zf_status unite_under_watch(bool is_cancelled, const char *wkt, bool *out_was_interrupted) {
    zf_callbacks callbacks = {.is_cancelled = says, .user = &is_cancelled};
    zf_geom *both[] = {geom_of(wkt), geom_of("POLYGON ((1 1,3 1,3 3,1 3,1 1))")};
    zf_geom *out = NULL;
    zf_geos_watch watch;
    zf_geos_watch_begin(&watch, &callbacks);
    zf_status st = zf_geom_union(geos, both, 2, &out, NULL);
    *out_was_interrupted = zf_geos_watch_end(&watch);
    zf_geom_destroy(geos, out);
    zf_geom_destroy(geos, both[0]);
    zf_geom_destroy(geos, both[1]);
    return st;
}

static void a_cancel_is_no_failure_and_a_failure_no_cancel(void **state) {
    (void)state;
    const char *square = "POLYGON ((0 0,2 0,2 2,0 2,0 0))", *broken = "POLYGON ((0 0,2 0,NaN 2,0 2,0 0))";
    bool was_interrupted = true;
    zf_callbacks nobody = {0};
    zf_geos_watch other;
    assert_int_equal(unite_under_watch(false, square, &was_interrupted), ZF_OK);
    assert_false(was_interrupted);
    assert_int_equal(unite_under_watch(true, square, &was_interrupted), ZF_E_CANCELLED);
    assert_true(was_interrupted);
    assert_int_equal(unite_under_watch(false, broken, &was_interrupted), ZF_E_INPUT);
    assert_false(was_interrupted);
    zf_geos_watch_begin(&other, &nobody); /* whose operation might be hit */
    assert_int_equal(unite_under_watch(true, square, &was_interrupted), ZF_OK);
    assert_false(was_interrupted);
    assert_false(zf_geos_watch_end(&other));
}

static bool is_inside_zone(const void *user, zf_point point) {
    return zf_relate_is_inside(user, point);
}

/** Edges of a polygon; false for other geometries and empty ones. */
static bool edges_of(const zf_geom *geom, zf_arena *arena, zf_relate_edges *out, zf_wkb *out_wkb) {
    uint8_t *bytes = NULL;
    size_t n = 0, n_rings = 0;
    assert_int_equal(zf_geom_to_wkb(geos, geom, &bytes, &n, NULL), ZF_OK);
    bool is_polygon = zf_wkb_open(bytes, n, out_wkb) == ZF_WKB_POLYGONAL;
    if (is_polygon)
        assert_int_equal(zf_relate_edges_of_wkb(out_wkb, arena, out, &n_rings, NULL), ZF_OK);
    free(bytes);
    return is_polygon;
}

/** The exact relation of a polygon to the zone is what the case says. */
static void check_exact_relation(const relation *r, const zf_geom *zone, const zf_geom *other) {
    zf_arena arena;
    zf_relate_edges of_zone, own;
    zf_wkb wkb;
    zf_relation found;
    zf_arena_init(&arena, NULL, ZF_MEMORY_ZONE, 4096);
    assert_true(edges_of(zone, &arena, &of_zone, &wkb));
    if (edges_of(other, &arena, &own, &wkb)) {
        const zf_relate_subject subject = {own, false, true, wkb.envelope};
        const zf_relate_zone near = {of_zone, is_inside_zone, &of_zone};
        assert_int_equal(zf_relate(&subject, &near, &arena, NULL, &found, NULL), ZF_OK);
        if ((found.is_covered && found.interiors_meet) != r->contains || found.is_covered != r->covers ||
            found.meet != r->intersects || found.interiors_meet != r->interiors_meet)
            fail_msg("%s: covered %d meet %d interiors meet %d", r->other, found.is_covered, found.meet, found.interiors_meet);
    }
    zf_arena_release(&arena);
}

static void predicates_follow_de9im(void **state) {
    (void)state;
    static const relation cases[] = {
        {"POLYGON((2 2, 3 2, 3 3, 2 3, 2 2))", true, true, true, true},
        {"POLYGON((0 2, 3 2, 3 3, 0 3, 0 2))", true, true, true, true}, /* an edge in common, from inside */
        {"POLYGON((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))", true, true, true,
         true}, /* the zone itself */
        {"POLYGON((10 2, 12 2, 12 3, 10 3, 10 2))", false, false, true,
         false}, /* an edge in common, from outside */
        {"POLYGON((10 10, 12 10, 12 12, 10 12, 10 10))", false, false, true, false}, /* a corner in common */
        {"POLYGON((9 2, 12 2, 12 3, 9 3, 9 2))", false, false, true, true},          /* crossing */
        {"POLYGON((20 2, 22 2, 22 3, 20 3, 20 2))", false, false, false, false},
        {"POLYGON((4 4, 6 4, 6 6, 4 6, 4 4))", false, false, true, false},              /* fills the hole */
        {"POLYGON((4.5 4.5, 5 4.5, 5 5, 4.5 5, 4.5 4.5))", false, false, false, false}, /* in the hole */
        {"POLYGON((3 3, 7 3, 7 7, 3 7, 3 3))", false, false, true, true},               /* over the hole */
        {"POLYGON((-5 -5, 15 -5, 15 15, -5 15, -5 -5))", false, false, true, true},     /* around the zone */
        {"MULTIPOLYGON(((1 1, 2 1, 2 2, 1 2, 1 1)), ((20 2, 22 2, 22 3, 20 3, 20 2)))", false, false, true,
         true},
        {"POINT(1 1)", true, true, true, true},
        {"POINT(0 5)", false, true, true, false}, /* on the boundary: covered, not within */
        {"POINT(5 5)", false, false, false, false},
        {"POLYGON EMPTY", false, false, false, false},
        {"MULTIPOLYGON EMPTY", false, false, false, false},
        {"POINT EMPTY", false, false, false, false},
    };
    zf_geom *zone = geom_of("POLYGON((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const relation *r = &cases[i];
        zf_geom *other = geom_of(r->other);
        bool meet, meet_swapped;
        check_exact_relation(r, zone, other);
        assert_int_equal(zf_geom_interiors_meet(geos, zone, other, &meet, NULL), ZF_OK);
        assert_int_equal(zf_geom_interiors_meet(geos, other, zone, &meet_swapped, NULL), ZF_OK);
        assert_int_equal(meet, r->interiors_meet);
        assert_int_equal(meet, meet_swapped);
        zf_geom_destroy(geos, other);
    }
    zf_geom_destroy(geos, zone);
}

static void an_exception_is_not_a_yes(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_geom *zone = geom_of("GEOMETRYCOLLECTION(POLYGON((0 0, 9 0, 9 9, 0 9, 0 0)), POINT(1 1))");
    zf_geom *other = geom_of("GEOMETRYCOLLECTION(POINT(1 1), POINT(2 2))");
    bool does_meet = true;
    GEOSGeometry *raw_zone = read_back(zone);
    GEOSGeometry *raw_other = read_back(other);
    bool is_known =
        GEOSRelatePattern_r(oracle, raw_zone, raw_other, "T********") != 2; /* from GEOS 3.13 on */
    GEOSGeom_destroy_r(oracle, raw_zone);
    GEOSGeom_destroy_r(oracle, raw_other);
    zf_status status = zf_geom_interiors_meet(geos, zone, other, &does_meet, &error);
    if (!is_known) {
        assert_int_equal(status, ZF_E_INTERNAL);
        assert_false(does_meet);
        assert_int_equal(error.domain, ZF_DOMAIN_GEOS);
        assert_non_null(strstr(error.text, "cannot tell whether two interiors meet: "));
        assert_non_null(strstr(error.text, "GeometryCollection"));
    } else {
        assert_int_equal(status, ZF_OK);
        assert_true(does_meet);
    }
    zf_geom_destroy(geos, zone);
    zf_geom_destroy(geos, other);
}

/* ---- points that stand for a geometry ---- */

static void centroid_and_inner_point_stand_for_a_building(void **state) {
    (void)state;
    zf_geom *horseshoe = geom_of("POLYGON((0 0, 6 0, 6 6, 5 6, 5 1, 1 1, 1 6, 0 6, 0 0))");
    zf_geom *centroid = NULL, *inner = NULL;
    bool is_in = true;
    assert_int_equal(zf_geom_centroid(geos, horseshoe, &centroid, NULL), ZF_OK);
    assert_int_equal(zf_geom_inner_point(geos, horseshoe, &inner, NULL), ZF_OK);
    assert_topology(centroid, "POINT(3 2.375)"); /* (6*1*0.5 + 2*5*1*3.5) / 16 */
    assert_int_equal(zf_geom_interiors_meet(geos, horseshoe, centroid, &is_in, NULL), ZF_OK);
    assert_false(is_in);
    assert_int_equal(zf_geom_interiors_meet(geos, horseshoe, inner, &is_in, NULL), ZF_OK);
    assert_true(is_in);
    zf_geom_destroy(geos, horseshoe);
    zf_geom_destroy(geos, centroid);
    zf_geom_destroy(geos, inner);
}

static void an_empty_geometry_has_an_empty_point(void **state) {
    (void)state;
    zf_geom *empty = geom_of("POLYGON EMPTY");
    zf_geom *point = NULL;
    assert_true(is_empty(geos, empty));
    assert_true(is_valid(empty, NULL));
    assert_int_equal(zf_geom_centroid(geos, empty, &point, NULL), ZF_OK);
    assert_true(is_empty(geos, point));
    zf_geom_destroy(geos, point);
    assert_int_equal(zf_geom_inner_point(geos, empty, &point, NULL), ZF_OK);
    assert_true(is_empty(geos, point));
    zf_geom_destroy(geos, point);
    zf_geom_destroy(geos, empty);
}

/* ---- transformation ---- */

static zf_transform *to_massachusetts(void) {
    zf_crs *from = NULL, *to = NULL;
    zf_transform *transform = NULL;
    assert_int_equal(zf_crs_create("EPSG:4326", &from, NULL), ZF_OK);
    assert_int_equal(zf_crs_create("EPSG:2249", &to, NULL), ZF_OK);
    assert_int_equal(zf_transform_create(from, to, &transform, NULL), ZF_OK);
    zf_crs_destroy(from);
    zf_crs_destroy(to);
    return transform;
}

static int move_point(double *x, double *y, void *transform) {
    double xy[2] = {*x, *y};
    if (zf_transform_points(transform, xy, 1, NULL) != ZF_OK)
        return 0;
    *x = xy[0];
    *y = xy[1];
    return 1;
}

static void every_vertex_of_every_kind_is_moved(void **state) {
    (void)state;
    static const char *const cases[] = {
        "POLYGON Z ((-71 42 5, -70.9 42 5, -70.9 42.1 5, -71 42 5))",
        "POLYGON((-71 42, -70 42, -70 43, -71 43, -71 42), (-70.8 42.2, -70.2 42.2, -70.2 42.8, -70.8 42.2), "
        "(-70.9 42.85, -70.8 42.85, -70.8 42.9, -70.9 42.85))",
        "MULTIPOLYGON(((-71 42, -70.9 42, -70.9 42.1, -71 42)), ((-72 42, -71.9 42, -71.9 42.1, -72 42)))",
        "POINT(-71 42)",
        "LINESTRING(-71 42, -70 43, -70.5 41.5)",
        "MULTIPOINT((-71 42), (-70 43))",
        "MULTILINESTRING((-71 42, -70 43), (-71 41, -70 42))",
        "GEOMETRYCOLLECTION(POINT(-71 42), POLYGON((-71 42, -70.9 42, -70.9 42.1, -71 42)), POLYGON EMPTY)",
        "POLYGON EMPTY",
        "MULTIPOLYGON EMPTY",
        "POINT EMPTY",
        "LINESTRING EMPTY",
        "GEOMETRYCOLLECTION EMPTY",
    };
    zf_transform *transform = to_massachusetts();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zf_error error = ZF_ERROR_INIT;
        zf_geom *geom = geom_of(cases[i]);
        zf_geom *moved = NULL;
        if (zf_geom_transform(geos, geom, transform, &moved, &error) != ZF_OK)
            fail_msg("%s: %s", cases[i], error.text);
        GEOSGeometry *got = read_back(moved);
        GEOSGeometry *source = from_text(cases[i]);
        GEOSGeometry *wanted = GEOSGeom_transformXY_r(oracle, source, move_point, transform);
        assert_non_null(wanted);
        if (GEOSEqualsExact_r(oracle, got, wanted, 0) != 1)
            fail_msg("%s went elsewhere", cases[i]);
        GEOSGeom_destroy_r(oracle, got);
        GEOSGeom_destroy_r(oracle, source);
        GEOSGeom_destroy_r(oracle, wanted);
        zf_geom_destroy(geos, geom);
        zf_geom_destroy(geos, moved);
    }
    zf_transform_destroy(transform);
}

static void without_a_transformation_the_geometry_is_copied(void **state) {
    (void)state;
    zf_geom *geom = geom_of("POLYGON Z ((-71 42 5, -70.9 42 5, -70.9 42.1 5, -71 42 5))");
    zf_geom *copy = NULL;
    assert_int_equal(zf_geom_transform(geos, geom, NULL, &copy, NULL), ZF_OK);
    zf_geom_destroy(geos, geom);
    assert_topology(copy, "POLYGON((-71 42, -70.9 42, -70.9 42.1, -71 42))");
    zf_geom_destroy(geos, copy);
}

static void a_vertex_that_cannot_be_moved_fails_the_geometry(void **state) {
    (void)state;
    static const char *const cases[] = {
        "POLYGON((-71 42, -70.9 200, -70.9 42.1, -71 42))",
        "POLYGON((-71 42, -70 42, -70 43, -71 43, -71 42), (-70.8 42.2, -70.2 200, -70.2 42.8, -70.8 42.2))",
        "MULTIPOLYGON(((-71 42, -70.9 42, -70.9 42.1, -71 42)), ((-72 42, -71.9 200, -71.9 42.1, -72 42)))",
        "POINT(0 200)",
    };
    zf_transform *transform = to_massachusetts();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zf_error error = ZF_ERROR_INIT;
        zf_geom *geom = geom_of(cases[i]);
        zf_geom *moved = geom;
        assert_int_equal(zf_geom_transform(geos, geom, transform, &moved, &error), ZF_E_INPUT);
        assert_null(moved);
        assert_non_null(strstr(error.text, "200)"));
        assert_non_null(strstr(error.text, "`buildings_crs`"));
        zf_geom_destroy(geos, geom);
    }
    zf_geom *not_a_number = geom_with_corner(NAN, 0);
    zf_geom *moved = not_a_number;
    assert_int_equal(zf_geom_transform(geos, not_a_number, transform, &moved, NULL), ZF_E_INPUT);
    assert_null(moved);
    zf_geom_destroy(geos, not_a_number);
    zf_transform_destroy(transform);
}

static void geos_tells_its_version(void **state) {
    (void)state;
    int major = 0, minor = 0;
    assert_int_equal(sscanf(zf_geos_version(), "%d.%d", &major, &minor), 2);
    assert_true(major > 3 || (major == 3 && minor >= 11));
    zf_geos_destroy(NULL);
    zf_geom_destroy(geos, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wkb_comes_back_bit_for_bit),
        cmocka_unit_test(heights_are_dropped_from_wkb),
        cmocka_unit_test(every_cut_of_a_wkb_is_an_input_error),
        cmocka_unit_test(rings_left_open_and_unknown_types_are_input_errors),
        cmocka_unit_test(an_invalid_geometry_tells_why_and_where),
        cmocka_unit_test(holes_may_touch_in_points_but_not_along_lines),
        cmocka_unit_test(repair_keeps_what_lines_enclose),
        cmocka_unit_test(repair_throws_lines_and_points_away),
        cmocka_unit_test(repair_of_what_has_no_area_gives_an_empty_polygon),
        cmocka_unit_test(coordinates_that_are_no_numbers_are_found_and_not_repaired),
        cmocka_unit_test(predicates_survive_coordinates_that_are_no_numbers),
        cmocka_unit_test(overlapping_squares_are_united),
        cmocka_unit_test(squares_apart_become_parts),
        cmocka_unit_test(a_common_edge_vanishes),
        cmocka_unit_test(empty_members_of_a_union_add_nothing),
        cmocka_unit_test(lines_do_not_get_into_a_union),
        cmocka_unit_test(invalid_members_are_united_after_repair),
        cmocka_unit_test(a_single_member_is_copied_unchanged),
        cmocka_unit_test(a_thousand_cells_become_their_square),
        cmocka_unit_test(a_cancel_is_no_failure_and_a_failure_no_cancel),
        cmocka_unit_test(predicates_follow_de9im),
        cmocka_unit_test(an_exception_is_not_a_yes),
        cmocka_unit_test(centroid_and_inner_point_stand_for_a_building),
        cmocka_unit_test(an_empty_geometry_has_an_empty_point),
        cmocka_unit_test(every_vertex_of_every_kind_is_moved),
        cmocka_unit_test(without_a_transformation_the_geometry_is_copied),
        cmocka_unit_test(a_vertex_that_cannot_be_moved_fails_the_geometry),
        cmocka_unit_test(geos_tells_its_version),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
