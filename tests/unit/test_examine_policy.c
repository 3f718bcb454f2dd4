/* SPDX-License-Identifier: MIT */
#include "examine/examine.h"
#include "wkb_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static const double square[] = {0, 0, 2, 0, 2, 2, 0, 2, 0, 0};
static const double bow_tie[] = {0, 0, 2, 2, 2, 0, 0, 2, 0, 0};
static const double open_square[] = {0, 0, 2, 0, 2, 2, 0, 2};
static const double open_bow_tie[] = {0, 0, 2, 2, 2, 0, 0, 2};
static const double two_points[] = {0, 0, 2, 0};
static const double flat[] = {0, 0, 2, 0, 1, 0, 0, 0};
static const double no_number[] = {0, 0, 2, 0, 2, NAN, 0, 2, 0, 0};

/* A bench with the tools of one thread. */
typedef struct examine_bench {
    zf_budget budget;
    zf_arena arena;
    zf_crs *crs;
    zf_metric *metric;
    zf_examiner examiner;
    wkb_writer written;
    zf_shape shape;
    zf_examined found;
    zf_error error;
} examine_bench;

static int set_up(void **state) {
    static examine_bench b;
    b = (examine_bench){.error = ZF_ERROR_INIT};
    zf_budget_init(&b.budget, 0);
    zf_arena_init(&b.arena, &b.budget, ZF_MEMORY_BATCH, 4096);
    assert_int_equal(zf_crs_create_planar(&b.crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(b.crs, false, &b.metric, NULL), ZF_OK);
    assert_int_equal(zf_geos_create(&b.examiner.geos, NULL), ZF_OK);
    b.examiner.metric = b.metric;
    b.examiner.arena = &b.arena;
    *state = &b;
    return 0;
}

static int tear_down(void **state) {
    examine_bench *b = *state;
    zf_geos_destroy(b->examiner.geos);
    zf_metric_destroy(b->metric);
    zf_crs_destroy(b->crs);
    zf_arena_release(&b->arena);
    assert_int_equal(b->budget.total_bytes, 0);
    return 0;
}

/* Both looks at a polygon of one ring. */
static zf_status examine_ring(examine_bench *b, const double *xy, size_t n_values) {
    wkb_polygon(&b->written, xy, n_values / 2);
    b->shape = (zf_shape){.kind = ZF_SHAPE_POLYGONAL};
    assert_int_equal(zf_wkb_open(b->written.bytes, b->written.n, &b->shape.wkb), ZF_WKB_POLYGONAL);
    zf_status st = zf_examine_shape(&b->examiner, &b->shape, &b->found, &b->error);
    if (st == ZF_OK && b->found.outcome == ZF_EXAMINE_USABLE)
        st = zf_examine_validity(&b->examiner, &b->found.wkb, &b->found, &b->error);
    return st;
}
#define EXAMINE(b, xy) examine_ring(b, xy, sizeof(xy) / sizeof *(xy))

static void assert_found(const examine_bench *b, zf_examine_outcome outcome, zf_geometry_problem problem,
                         const char *reason, const char *detail) {
    const zf_rejected *rejected = &b->found.rejected;
    assert_int_equal(b->found.outcome, outcome);
    assert_int_equal(b->found.problem, problem);
    assert_string_equal(rejected->reason, reason);
    assert_string_equal(rejected->detail != NULL ? rejected->detail : "(null)", detail);
    assert_true(rejected->is_repaired == (outcome == ZF_EXAMINE_REPAIRED));
    assert_true(rejected->is_zip == b->examiner.is_zip);
}

static void a_shape_without_a_polygon_is_empty_or_skipped_under_every_policy(void **state) {
    examine_bench *b = *state;
    for (zf_on_invalid policy = 0; policy < ZF_INVALID_END; policy++) {
        b->examiner.policy = policy;
        b->shape = (zf_shape){.kind = ZF_SHAPE_NULL};
        assert_int_equal(zf_examine_shape(&b->examiner, &b->shape, &b->found, &b->error), ZF_OK);
        assert_found(b, ZF_EXAMINE_EMPTY, ZF_GEOMETRY_NULL, "no geometry", "(null)");
        b->shape.kind = ZF_SHAPE_EMPTY;
        assert_int_equal(zf_examine_shape(&b->examiner, &b->shape, &b->found, &b->error), ZF_OK);
        assert_found(b, ZF_EXAMINE_EMPTY, ZF_GEOMETRY_EMPTY, "empty geometry", "(null)");
        b->shape = (zf_shape){.kind = ZF_SHAPE_NOT_POLYGON, .type_name = "Point"};
        assert_int_equal(zf_examine_shape(&b->examiner, &b->shape, &b->found, &b->error), ZF_OK);
        assert_found(b, ZF_EXAMINE_SKIPPED, ZF_GEOMETRY_NOT_POLYGON, "not a polygon", "Point");
    }
}

static void what_cannot_be_decoded_is_skipped_or_ends_the_run(void **state) {
    examine_bench *b = *state;
    b->shape = (zf_shape){.kind = ZF_SHAPE_CORRUPT};
    assert_int_equal(zf_examine_shape(&b->examiner, &b->shape, &b->found, &b->error), ZF_OK);
    assert_found(b, ZF_EXAMINE_SKIPPED, ZF_GEOMETRY_CORRUPT, "corrupt geometry", "(null)");
    b->examiner.policy = ZF_INVALID_FAIL;
    assert_int_equal(zf_examine_shape(&b->examiner, &b->shape, &b->found, &b->error), ZF_E_INPUT);
    assert_non_null(strstr(b->error.text, "building's geometry is not usable: corrupt geometry"));
    assert_non_null(strstr(b->error.text, "`on_invalid`"));
}

static void a_bad_coordinate_is_described_with_a_good_place(void **state) {
    examine_bench *b = *state;
    assert_int_equal(EXAMINE(b, no_number), ZF_OK);
    assert_int_equal(b->found.problem, ZF_GEOMETRY_NOT_FINITE);
    assert_int_equal(b->found.outcome, ZF_EXAMINE_SKIPPED);
    assert_string_equal(b->found.rejected.reason, "non-finite coordinate");
    assert_ptr_equal(b->found.rejected.detail, b->found.detail);
    assert_true(b->found.rejected.x == 0 && b->found.rejected.y == 0);
    b->examiner.policy = ZF_INVALID_FAIL;
    assert_int_equal(EXAMINE(b, no_number), ZF_E_INPUT);
}

static void a_plain_footprint_needs_no_geos_and_no_memory(void **state) {
    examine_bench *b = *state;
    b->examiner.policy = ZF_INVALID_FAIL;
    assert_int_equal(EXAMINE(b, square), ZF_OK);
    assert_int_equal(b->found.outcome, ZF_EXAMINE_USABLE);
    assert_null(b->found.geom);
    assert_null(b->found.repaired.bytes);
    assert_ptr_equal(b->found.wkb.bytes, b->written.bytes);
    assert_int_equal(b->budget.total_bytes, 0);
    zf_examined_release(&b->examiner, &b->found);
}

static void a_bow_tie_follows_the_policy(void **state) {
    examine_bench *b = *state;
    assert_int_equal(EXAMINE(b, bow_tie), ZF_OK);
    assert_found(b, ZF_EXAMINE_REPAIRED, ZF_GEOMETRY_INVALID, "invalid", "Self-intersection");
    assert_true(b->found.rejected.x == 1 && b->found.rejected.y == 1);
    assert_true(fabs(b->found.rejected.area_delta_m2 - 2) < 1e-12);
    assert_int_equal(b->found.wkb.n_polygons, 2);
    assert_ptr_equal(b->found.wkb.bytes, b->found.repaired.bytes);
    assert_non_null(b->found.geom);
    zf_examined_release(&b->examiner, &b->found);
    b->examiner.policy = ZF_INVALID_SKIP;
    assert_int_equal(EXAMINE(b, bow_tie), ZF_OK);
    assert_found(b, ZF_EXAMINE_SKIPPED, ZF_GEOMETRY_INVALID, "invalid", "Self-intersection");
    assert_true(isnan(b->found.rejected.area_delta_m2));
    zf_examined_release(&b->examiner, &b->found);
    b->examiner.policy = ZF_INVALID_FAIL;
    assert_int_equal(EXAMINE(b, bow_tie), ZF_E_INPUT);
    zf_examined_release(&b->examiner, &b->found);
}

static void a_zip_is_called_a_zip(void **state) {
    examine_bench *b = *state;
    b->examiner.is_zip = true;
    assert_int_equal(EXAMINE(b, bow_tie), ZF_OK);
    assert_found(b, ZF_EXAMINE_REPAIRED, ZF_GEOMETRY_INVALID, "invalid", "Self-intersection");
    zf_examined_release(&b->examiner, &b->found);
    b->examiner.policy = ZF_INVALID_FAIL;
    assert_int_equal(EXAMINE(b, bow_tie), ZF_E_INPUT);
    assert_non_null(strstr(b->error.text, "the ZIP's geometry"));
    zf_examined_release(&b->examiner, &b->found);
}

static void an_open_ring_is_closed_and_then_looked_at_again(void **state) {
    examine_bench *b = *state;
    assert_int_equal(EXAMINE(b, open_square), ZF_OK);
    assert_found(b, ZF_EXAMINE_REPAIRED, ZF_GEOMETRY_UNCLOSED_RING, "unclosed ring", "(null)");
    assert_true(b->found.rejected.area_delta_m2 == 0);
    assert_int_equal(b->found.wkb.n_points, 5);
    zf_examined_release(&b->examiner, &b->found);
    assert_int_equal(EXAMINE(b, open_bow_tie), ZF_OK);
    assert_found(b, ZF_EXAMINE_REPAIRED, ZF_GEOMETRY_UNCLOSED_RING, "unclosed ring", "Self-intersection");
    assert_true(b->found.rejected.x == 0 && b->found.rejected.y == 0);
    assert_int_equal(b->found.wkb.n_polygons, 2);
    zf_examined_release(&b->examiner, &b->found);
    b->examiner.policy = ZF_INVALID_SKIP;
    assert_int_equal(EXAMINE(b, open_square), ZF_OK);
    assert_found(b, ZF_EXAMINE_SKIPPED, ZF_GEOMETRY_UNCLOSED_RING, "unclosed ring", "(null)");
    zf_examined_release(&b->examiner, &b->found);
}

static void a_ring_of_two_points_is_beyond_repair(void **state) {
    examine_bench *b = *state;
    assert_int_equal(EXAMINE(b, two_points), ZF_OK);
    assert_found(b, ZF_EXAMINE_SKIPPED, ZF_GEOMETRY_SHORT_RING, "corrupt geometry",
                 "a ring of too few points");
    zf_examined_release(&b->examiner, &b->found);
}

static void a_repair_without_area_is_skipped(void **state) {
    examine_bench *b = *state;
    assert_int_equal(EXAMINE(b, flat), ZF_OK);
    assert_int_equal(b->found.outcome, ZF_EXAMINE_SKIPPED);
    assert_int_equal(b->found.problem, ZF_GEOMETRY_INVALID);
    assert_false(b->found.rejected.is_repaired);
    assert_null(b->found.repaired.bytes);
    zf_examined_release(&b->examiner, &b->found);
}

static void without_a_metric_no_area_is_taken(void **state) {
    examine_bench *b = *state;
    b->examiner.metric = NULL;
    assert_int_equal(EXAMINE(b, bow_tie), ZF_OK);
    assert_int_equal(b->found.outcome, ZF_EXAMINE_REPAIRED);
    assert_true(isnan(b->found.rejected.area_delta_m2));
    zf_examined_release(&b->examiner, &b->found);
}

int main(void) {
#define WITH_TOOLS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(a_shape_without_a_polygon_is_empty_or_skipped_under_every_policy),
        WITH_TOOLS(what_cannot_be_decoded_is_skipped_or_ends_the_run),
        WITH_TOOLS(a_bad_coordinate_is_described_with_a_good_place),
        WITH_TOOLS(a_plain_footprint_needs_no_geos_and_no_memory),
        WITH_TOOLS(a_bow_tie_follows_the_policy),
        WITH_TOOLS(a_zip_is_called_a_zip),
        WITH_TOOLS(an_open_ring_is_closed_and_then_looked_at_again),
        WITH_TOOLS(a_ring_of_two_points_is_beyond_repair),
        WITH_TOOLS(a_repair_without_area_is_skipped),
        WITH_TOOLS(without_a_metric_no_area_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
