/* SPDX-License-Identifier: MIT */
/* Which ZIPs a footprint is assigned to, and which it crosses, on cases small enough to be settled by hand.
 */
#include "zone_files.h"

/* Two neighbours, one with a hole, one of two parts, one without area: zones 0 to 4. */
static const zone_row town[] = {
    {"'zip':'0 west'", "POLYGON((0 0,10 0,10 10,0 10,0 0))"},
    {"'zip':'1 east'", "POLYGON((10 0,20 0,20 10,10 10,10 0))"},
    {"'zip':'2 ring'", "POLYGON((40 0,60 0,60 20,40 20,40 0),(45 5,45 15,55 15,55 5,45 5))"},
    {"'zip':'3 isles'",
     "MULTIPOLYGON(((100 100,104 100,104 104,100 104,100 100)),((110 100,114 100,114 104,110 104,110 100)))"},
    {"'zip':'4 none'", NULL},
};
enum { N_TOWN = sizeof town / sizeof *town };

typedef struct bench {
    zone_case zones;
    zf_geos *geos;
    zf_assigner *assigners[ZF_ASSIGN_END];
} bench;

static int open_bench(void **state) {
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    MUST_LOAD(&b->zones, town);
    assert_int_equal(zf_geos_create(&b->geos, NULL), ZF_OK);
    for (int rule = 0; rule < ZF_ASSIGN_END; rule++)
        assert_int_equal(zf_assigner_create(b->zones.catalogue, (zf_assign_rule)rule, b->geos,
                                            &b->zones.budget, &b->assigners[rule], NULL),
                         ZF_OK);
    *state = b;
    return 0;
}

static int close_bench(void **state) {
    bench *b = *state;
    for (int rule = 0; rule < ZF_ASSIGN_END; rule++)
        zf_assigner_destroy(b->assigners[rule]);
    zf_geos_destroy(b->geos);
    close_zones(&b->zones);
    free(b);
    return 0;
}

/* A geometry from WKT, as bytes and, on request, as GEOS sees it. */
typedef struct shape {
    uint8_t *bytes;
    size_t n;
    zf_wkb wkb;
} shape;

static shape shape_of(const char *wkt) {
    shape s = {0};
    OGRGeometryH geometry = NULL;
    char *rest = (char *)(uintptr_t)wkt;
    assert_int_equal(OGR_G_CreateFromWkt(&rest, NULL, &geometry), OGRERR_NONE);
    s.n = OGR_G_WkbSizeEx(geometry);
    s.bytes = malloc(s.n);
    assert_non_null(s.bytes);
    assert_int_equal(OGR_G_ExportToIsoWkb(geometry, wkbNDR, s.bytes), OGRERR_NONE);
    OGR_G_DestroyGeometry(geometry);
    return s;
}

static shape footprint_of(const char *wkt) {
    shape s = shape_of(wkt);
    assert_int_equal(zf_wkb_open(s.bytes, s.n, &s.wkb), ZF_WKB_POLYGONAL);
    return s;
}

static zf_geom *geom_of(bench *b, const char *wkt) {
    zf_geom *geom = NULL;
    shape s = shape_of(wkt);
    assert_int_equal(zf_geom_from_wkb(b->geos, s.bytes, s.n, &geom, NULL), ZF_OK);
    free(s.bytes);
    return geom;
}

/* One letter per zone: assigned, crossing or neither. Numbers must be ascending, none twice. */
static void letters_of(const zf_assignment *a, char letters[N_TOWN + 1]) {
    memset(letters, '.', N_TOWN);
    letters[N_TOWN] = '\0';
    for (size_t i = 0; i < a->n_assigned; i++) {
        assert_true(a->assigned[i] < N_TOWN && (i == 0 || a->assigned[i - 1] < a->assigned[i]));
        letters[a->assigned[i]] = 'a';
    }
    for (size_t i = 0; i < a->n_crossing; i++) {
        assert_true(a->crossing[i] < N_TOWN && (i == 0 || a->crossing[i - 1] < a->crossing[i]));
        assert_int_equal(letters[a->crossing[i]], '.');
        letters[a->crossing[i]] = 'c';
    }
}

static void assert_letters(bench *b, zf_assign_rule rule, const zf_footprint *subject, const char *expected,
                           const char *what) {
    zf_assignment assignment;
    zf_error error = ZF_ERROR_INIT;
    char letters[N_TOWN + 1];
    if (zf_assigner_assign(b->assigners[rule], subject, &assignment, &error) != ZF_OK)
        fail_msg("%s: %s", what, error.text);
    letters_of(&assignment, letters);
    if (strcmp(letters, expected) != 0)
        fail_msg("rule %d, %s: %s, not %s", rule, what, letters, expected);
}

/* What each rule says of one building. */
typedef struct expectation {
    const char *what, *wkt, *rest;
    const char *letters[ZF_ASSIGN_END]; /* within, covered-by, intersects, centroid, inner-point, largest */
} expectation;

/* By share all that by largest have most of it, or cross it: the cases are of parts with an area. */
static const char *expected_of(const expectation *e, zf_assign_rule rule, char by_share[N_TOWN + 1]) {
    if (rule != ZF_ASSIGN_SHARE)
        return e->letters[rule];
    strcpy(by_share, e->letters[ZF_ASSIGN_LARGEST]);
    for (char *c = by_share; *c != '\0'; c++)
        *c = *c == 'c' ? 'a' : *c;
    return by_share;
}

/* With GEOS's geometry at hand and without. */
static void assert_expectations(bench *b, const expectation *e, size_t n) {
    for (size_t i = 0; i < n; i++) {
        shape s = footprint_of(e[i].wkt);
        zf_geom *geom = geom_of(b, e[i].wkt);
        zf_geom *rest = e[i].rest != NULL ? geom_of(b, e[i].rest) : NULL;
        for (int rule = 0; rule < ZF_ASSIGN_END; rule++) {
            const zf_footprint bare = {&s.wkb, NULL, rest}, known = {&s.wkb, geom, rest};
            char by_share[N_TOWN + 1];
            const char *expected = expected_of(&e[i], (zf_assign_rule)rule, by_share);
            assert_letters(b, (zf_assign_rule)rule, &bare, expected, e[i].what);
            assert_letters(b, (zf_assign_rule)rule, &known, expected, e[i].what);
        }
        zf_geom_destroy(b->geos, rest);
        zf_geom_destroy(b->geos, geom);
        free(s.bytes);
    }
}

static void every_rule_settles_the_cases_of_a_border(void **state) {
    /* clang-format off */
    static const expectation cases[] = {
        {"in the middle", "POLYGON((2 2,4 2,4 4,2 4,2 2))", NULL, {"a....", "a....", "a....", "a....", "a....", "a...."}},
        {"touching the border from inside", "POLYGON((8 2,10 2,10 4,8 4,8 2))", NULL,
         {"a....", "a....", "aa...", "a....", "a....", "a...."}},
        {"in a corner from inside", "POLYGON((0 0,2 0,2 2,0 2,0 0))", NULL, {"a....", "a....", "a....", "a....", "a....", "a...."}},
        {"the zone itself", "POLYGON((0 0,0 10,10 10,10 0,0 0))", NULL, {"a....", "a....", "aa...", "a....", "a....", "a...."}},
        {"the zone with a vertex more", "POLYGON((0 0,5 0,10 0,10 10,0 10,0 0))", NULL,
         {"a....", "a....", "aa...", "a....", "a....", "a...."}},
        {"across the border", "POLYGON((9 2,13 2,13 4,9 4,9 2))", NULL, {"cc...", "cc...", "aa...", "ca...", "ca...", "ca..."}},
        {"its middle on the border", "POLYGON((8 2,12 2,12 4,8 4,8 2))", NULL, {"cc...", "cc...", "aa...", "cc...", "cc...", "ac..."}},
        {"the zone and more", "POLYGON((-1 -1,11 -1,11 11,-1 11,-1 -1))", NULL, {"cc...", "cc...", "aa...", "ac...", "ac...", "ac..."}},
        {"both zones", "POLYGON((0 0,20 0,20 10,0 10,0 0))", NULL, {"cc...", "cc...", "aa...", "cc...", "cc...", "ac..."}},
        {"a nail through the border", "POLYGON((2 2,10.000001 3,2 4,2 2))", NULL, {"cc...", "cc...", "aa...", "ac...", "ac...", "ac..."}},
    };
    /* clang-format on */
    assert_expectations(*state, cases, sizeof cases / sizeof *cases);
}

static void every_rule_settles_the_cases_from_outside(void **state) {
    /* clang-format off */
    static const expectation cases[] = {
        {"touching an edge", "POLYGON((-2 2,0 2,0 4,-2 4,-2 2))", NULL, {".....", ".....", "a....", ".....", ".....", "....."}},
        {"touching an edge with a corner", "POLYGON((-2 2,0 3,-2 4,-2 2))", NULL, {".....", ".....", "a....", ".....", ".....", "....."}},
        {"touching a corner", "POLYGON((20 10,22 10,22 12,20 12,20 10))", NULL, {".....", ".....", ".a...", ".....", ".....", "....."}},
        {"touching both at their corner", "POLYGON((9 12,10 10,11 12,9 12))", NULL, {".....", ".....", "aa...", ".....", ".....", "....."}},
        {"its envelope only", "POLYGON((-3 8,3 14,-3 14,-3 8))", NULL, {".....", ".....", ".....", ".....", ".....", "....."}},
        {"between the isles", "POLYGON((106 101,108 101,108 103,106 103,106 101))", NULL,
         {".....", ".....", ".....", ".....", ".....", "....."}},
        {"far away", "POLYGON((1000 0,1001 0,1001 1,1000 1,1000 0))", NULL, {".....", ".....", ".....", ".....", ".....", "....."}},
    };
    /* clang-format on */
    assert_expectations(*state, cases, sizeof cases / sizeof *cases);
}

static void every_rule_settles_the_cases_of_a_hole(void **state) {
    /* clang-format off */
    static const expectation cases[] = {
        {"in the hole", "POLYGON((48 8,50 8,50 10,48 10,48 8))", NULL, {".....", ".....", ".....", ".....", ".....", "....."}},
        {"the hole itself", "POLYGON((45 5,55 5,55 15,45 15,45 5))", NULL, {".....", ".....", "..a..", ".....", ".....", "....."}},
        {"over the hole's edge", "POLYGON((43 8,46 8,46 10,43 10,43 8))", NULL, {"..c..", "..c..", "..a..", "..a..", "..a..", "..a.."}},
        {"over the hole", "POLYGON((42 2,58 2,58 18,42 18,42 2))", NULL, {"..c..", "..c..", "..a..", "..c..", "..c..", "..a.."}},
        {"around the hole", "POLYGON((42 2,58 2,58 18,42 18,42 2),(44 4,44 16,56 16,56 4,44 4))", NULL,
         {"..a..", "..a..", "..a..", "..c..", "..a..", "..a.."}},
        {"along the hole", "POLYGON((42 8,45 8,45 10,42 10,42 8))", NULL, {"..a..", "..a..", "..a..", "..a..", "..a..", "..a.."}},
        {"a building with a court over the border", "POLYGON((6 2,14 2,14 8,6 8,6 2),(7 3,7 7,13 7,13 3,7 3))", NULL,
         {"cc...", "cc...", "aa...", "cc...", NULL, "ac..."}},
    };
    /* clang-format on */
    bench *b = *state;
    assert_expectations(b, cases, sizeof cases / sizeof *cases - 1);
    /* the last has its point on surface left or right, as GEOS likes */
    const expectation *court = &cases[sizeof cases / sizeof *cases - 1];
    shape s = footprint_of(court->wkt);
    const zf_footprint subject = {&s.wkb, NULL, NULL};
    for (int rule = 0; rule < ZF_ASSIGN_END; rule++)
        if (rule != ZF_ASSIGN_INNER_POINT) {
            char by_share[N_TOWN + 1];
            assert_letters(b, (zf_assign_rule)rule, &subject,
                           expected_of(court, (zf_assign_rule)rule, by_share), court->what);
        }
    zf_assignment assignment;
    assert_int_equal(zf_assigner_assign(b->assigners[ZF_ASSIGN_INNER_POINT], &subject, &assignment, NULL),
                     ZF_OK);
    assert_int_equal(assignment.n_assigned, 1);
    assert_int_equal(assignment.n_crossing, 1);
    free(s.bytes);
}

static void every_rule_settles_buildings_of_several_parts(void **state) {
    /* clang-format off */
    static const expectation cases[] = {
        {"a part in each of two zones", "MULTIPOLYGON(((2 2,4 2,4 4,2 4,2 2)),((12 2,13 2,13 3,12 3,12 2)))", NULL,
         {"cc...", "cc...", "aa...", "ac...", "ac...", "ac..."}},
        {"a part in a zone and one outside all", "MULTIPOLYGON(((2 2,4 2,4 4,2 4,2 2)),((-5 2,-4 2,-4 3,-5 3,-5 2)))", NULL,
         {"c....", "c....", "a....", "a....", "a....", "a...."}},
        {"a part in a zone and one that touches it from outside",
         "MULTIPOLYGON(((12 2,14 2,14 4,12 4,12 2)),((8 2,10 2,10 3,8 3,8 2)))", NULL,
         {"cc...", "cc...", "aa...", "ca...", "ca...", "ca..."}},
        {"a part on each isle", "MULTIPOLYGON(((101 101,102 101,102 102,101 102,101 101)),((112 101,113 101,113 102,112 102,112 101)))",
         NULL, {"...a.", "...a.", "...a.", "...c.", "...a.", "...a."}},
    };
    /* clang-format on */
    assert_expectations(*state, cases, sizeof cases / sizeof *cases);
}

static void what_a_repair_left_without_area_must_lie_in_the_zip_too(void **state) {
    static const char footprint[] = "POLYGON((2 2,4 2,4 4,2 4,2 2))";
    /* clang-format off */
    static const expectation cases[] = {
        {"a spike inside", footprint, "LINESTRING(4 3,6 3)", {"a....", "a....", "a....", "a....", "a....", "a...."}},
        {"a spike to the border", footprint, "LINESTRING(4 3,10 3)", {"a....", "a....", "aa...", "a....", "a....", "a...."}},
        {"a spike along the border", footprint, "LINESTRING(4 4,10 6,10 8)", {"a....", "a....", "aa...", "a....", "a....", "a...."}},
        {"a spike over the border", footprint, "LINESTRING(4 3,12 3)", {"c....", "c....", "aa...", "a....", "a....", "a...."}},
        {"a spike outside all", footprint, "LINESTRING(2 3,-5 3)", {"c....", "c....", "a....", "a....", "a....", "a...."}},
        {"a point in another zone", footprint, "POINT(102 102)", {"c....", "c....", "a..a.", "a....", "a....", "a...."}},
        {"several things inside", footprint, "GEOMETRYCOLLECTION(POINT(5 5),LINESTRING(4 3,5 3))",
         {"a....", "a....", "a....", "a....", "a....", "a...."}},
        {"several things, one over the border", footprint, "GEOMETRYCOLLECTION(POINT(12 5),LINESTRING(4 3,5 3))",
         {"c....", "c....", "aa...", "a....", "a....", "a...."}},
        {"a spike into the hole", "POLYGON((41 8,43 8,43 10,41 10,41 8))", "LINESTRING(43 9,46 9)",
         {"..c..", "..c..", "..a..", "..a..", "..a..", "..a.."}},
        {"a spike from outside", "POLYGON((-4 2,-2 2,-2 4,-4 4,-4 2))", "LINESTRING(-2 3,1 3)",
         {".....", ".....", "a....", ".....", ".....", "....."}},
    };
    /* clang-format on */
    assert_expectations(*state, cases, sizeof cases / sizeof *cases);
}

static void a_repaired_spike_goes_the_whole_way(void **state) {
    bench *b = *state;
    zf_geom *raw = geom_of(b, "POLYGON((2 2,4 2,4 3,12 3,4 3,4 4,2 4,2 2))"), *fixed = NULL, *rest = NULL;
    uint8_t *bytes = NULL;
    size_t n = 0;
    zf_wkb wkb;
    static const char *const expected[ZF_ASSIGN_END] = {"c....", "c....", "aa...", "a....",
                                                        "a....", "a....", "a...."};
    assert_int_equal(zf_geom_make_valid(b->geos, raw, &fixed, &rest, NULL), ZF_OK);
    assert_non_null(rest);
    assert_int_equal(zf_geom_to_wkb(b->geos, fixed, &bytes, &n, NULL), ZF_OK);
    assert_int_equal(zf_wkb_open(bytes, n, &wkb), ZF_WKB_POLYGONAL);
    const zf_footprint subject = {&wkb, fixed, rest};
    for (int rule = 0; rule < ZF_ASSIGN_END; rule++)
        assert_letters(b, (zf_assign_rule)rule, &subject, expected[rule],
                       "a spike over the border, by repair");
    free(bytes);
    zf_geom_destroy(b->geos, rest);
    zf_geom_destroy(b->geos, fixed);
    zf_geom_destroy(b->geos, raw);
}

static void footprints_of_one_envelope_are_told_apart(void **state) {
    /* clang-format off */
    static const expectation cases[] = {
        {"square", "POLYGON((8 2,12 2,12 4,8 4,8 2))", NULL, {"cc...", "cc...", "aa...", "cc...", "cc...", "ac..."}},
        {"triangle to the left", "POLYGON((8 2,12 2,8 4,8 2))", NULL, {"cc...", "cc...", "aa...", "ac...", "ac...", "ac..."}},
        {"square with a point beside", "POLYGON((8 2,12 2,12 4,8 4,8 2))", "POINT(50 2)",
         {"cc...", "cc...", "aaa..", "cc...", "cc...", "ac..."}},
        {"square again", "POLYGON((8 2,12 2,12 4,8 4,8 2))", NULL, {"cc...", "cc...", "aa...", "cc...", "cc...", "ac..."}},
    };
    /* clang-format on */
    assert_expectations(*state, cases, sizeof cases / sizeof *cases);
}

static void candidates_are_zips_whose_envelope_meets(void **state) {
    bench *b = *state;
    zf_assigner *a = b->assigners[ZF_ASSIGN_WITHIN];
    const zf_envelope inside = {2, 2, 3, 3}, corner = {20, 10, 21, 11}, in_hole = {48, 8, 50, 10},
                      gap = {106, 101, 108, 103}, beside = {20.0001, 0, 21, 1}, nowhere = zf_envelope_empty();
    assert_int_equal(zf_assigner_find(a, &inside).n_now, 1);
    assert_int_equal(zf_assigner_find(a, &corner).n_now, 1);
    assert_int_equal(zf_assigner_find(a, &in_hole).n_now, 1);
    assert_int_equal(zf_assigner_find(a, &gap).n_now, 1); /* of one ZIP's two parts */
    assert_int_equal(zf_assigner_find(a, &beside).n_now, 0);
    assert_int_equal(zf_assigner_find(a, &nowhere).n_now, 0);
    assert_int_equal(zf_assigner_find(a, &inside).n_now, 1);
}

static void a_catalogue_without_any_area_assigns_nothing(void **state) {
    (void)state;
    const zone_row rows[] = {{"'zip':'1'", "POLYGON((0 0,2 2,2 0,0 2,0 0))"}};
    zone_case c = {.options.on_invalid = ZF_INVALID_SKIP};
    zf_geos *geos = NULL;
    zf_assigner *a = NULL;
    zf_assignment assignment;
    MUST_LOAD(&c, rows);
    assert_int_equal(zf_geos_create(&geos, NULL), ZF_OK);
    assert_int_equal(zf_assigner_create(c.catalogue, ZF_ASSIGN_INTERSECTS, geos, &c.budget, &a, NULL), ZF_OK);
    shape s = footprint_of("POLYGON((0 0,1 0,1 1,0 1,0 0))");
    const zf_footprint subject = {&s.wkb, NULL, NULL};
    assert_int_equal(zf_assigner_find(a, &s.wkb.envelope).n_now, 0);
    assert_int_equal(zf_assigner_assign(a, &subject, &assignment, NULL), ZF_OK);
    assert_int_equal(assignment.n_assigned + assignment.n_crossing, 0);
    free(s.bytes);
    zf_assigner_destroy(a);
    zf_geos_destroy(geos);
    close_zones(&c);
}

static void a_spent_budget_is_told_and_more_of_it_goes_on(void **state) {
    bench *b = *state;
    zf_budget *budget = &b->zones.budget;
    zf_assigner *a = NULL;
    zf_error error = ZF_ERROR_INIT;
    const size_t held = budget->total_bytes;
    budget->limit_bytes = held + 1;
    assert_int_equal(zf_assigner_create(b->zones.catalogue, ZF_ASSIGN_WITHIN, b->geos, budget, &a, &error),
                     ZF_E_MEMORY);
    assert_null(a);
    assert_int_equal(error.status, ZF_E_MEMORY);
    assert_int_equal(budget->total_bytes, held);
    shape s = footprint_of("POLYGON((2 2,4 2,4 4,2 4,2 2))");
    const zf_footprint subject = {&s.wkb, NULL, NULL};
    zf_assignment assignment;
    error = (zf_error)ZF_ERROR_INIT;
    assert_int_equal(zf_assigner_assign(b->assigners[0], &subject, &assignment, &error),
                     ZF_E_MEMORY); /* the ZIP's cells */
    assert_non_null(strstr(error.text, "0 west"));
    assert_int_equal(budget->total_bytes, held);
    budget->limit_bytes = 0;
    assert_letters(b, ZF_ASSIGN_WITHIN, &subject, "a....", "after the limit was lifted");
    free(s.bytes);
}

#define ASSIGN_TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void) {
    const struct CMUnitTest tests[] = {
        ASSIGN_TEST(every_rule_settles_the_cases_of_a_border),
        ASSIGN_TEST(every_rule_settles_the_cases_from_outside),
        ASSIGN_TEST(every_rule_settles_the_cases_of_a_hole),
        ASSIGN_TEST(every_rule_settles_buildings_of_several_parts),
        ASSIGN_TEST(what_a_repair_left_without_area_must_lie_in_the_zip_too),
        ASSIGN_TEST(a_repaired_spike_goes_the_whole_way),
        ASSIGN_TEST(footprints_of_one_envelope_are_told_apart),
        ASSIGN_TEST(candidates_are_zips_whose_envelope_meets),
        cmocka_unit_test(a_catalogue_without_any_area_assigns_nothing),
        ASSIGN_TEST(a_spent_budget_is_told_and_more_of_it_goes_on),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
