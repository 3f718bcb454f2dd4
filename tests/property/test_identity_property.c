/* SPDX-License-Identifier: MIT */
/** Where transformations are said to move nothing, against PROJ asked point by point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>
#include <proj.h>

#include "geometry/geometry.h"
#include "geometry/proj_internal.h"
#include "property/random_shapes.h"

enum { N_BOXES = 1500, N_POINTS = 300 };

static zf_transform *transform_between(const char *from, const char *to) {
    zf_crs *a, *b;
    zf_transform *transform;
    assert_int_equal(zf_crs_create(from, &a, NULL), ZF_OK);
    assert_int_equal(zf_crs_create(to, &b, NULL), ZF_OK);
    assert_int_equal(zf_transform_create(a, b, &transform, NULL), ZF_OK);
    zf_crs_destroy(a);
    zf_crs_destroy(b);
    return transform;
}

static PJ *operation_between(PJ_CONTEXT *context, const char *from, const char *to) {
    PJ *raw = proj_create_crs_to_crs(context, from, to, NULL);
    PJ *operation = proj_normalize_for_visualization(context, raw);
    assert_non_null(operation);
    proj_destroy(raw);
    return operation;
}

static zf_envelope random_box(rng *r) {
    double lon = 360 * rng_unit(r) - 180, lat = 180 * rng_unit(r) - 90, size = 20 * rng_unit(r) * rng_unit(r);
    return (zf_envelope){lon, lat, fmin(lon + size, 180), fmin(lat + size, 90)};
}

/** Points of a box, its corners among them; those that zf_transform_points gives are PROJ's to the bit.
 * Returns how many move. */
static int check_points(zf_transform *transform, PJ *operation, const zf_envelope *box, rng *r) {
    static double xy[2 * N_POINTS], moved[2 * N_POINTS];
    int n_moved = 0;
    for (size_t i = 0; i < N_POINTS; i++) {
        double u = i < 4 ? (double)(i & 1) : rng_unit(r), v = i < 4 ? (double)(i >> 1) : rng_unit(r);
        xy[2 * i] = u < 1 ? box->min_x + u * (box->max_x - box->min_x) : box->max_x;
        xy[2 * i + 1] = v < 1 ? box->min_y + v * (box->max_y - box->min_y) : box->max_y;
    }
    memcpy(moved, xy, sizeof xy);
    assert_int_equal(zf_transform_points(transform, moved, N_POINTS, NULL), ZF_OK);
    for (size_t i = 0; i < N_POINTS; i++) {
        PJ_COORD to = proj_trans(operation, PJ_FWD, proj_coord(xy[2 * i], xy[2 * i + 1], 0, HUGE_VAL));
        assert_memory_equal(&moved[2 * i], to.v, 2 * sizeof(double));
        n_moved += memcmp(&xy[2 * i], to.v, 2 * sizeof(double)) != 0;
    }
    return n_moved;
}

static void what_is_said_to_stay_stays(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"EPSG:4269", "EPSG:4326"}, {"EPSG:4326", "EPSG:4269"}, {"EPSG:4258", "EPSG:4326"},
        {"EPSG:4267", "EPSG:4269"}, {"EPSG:4283", "EPSG:4326"}, {"EPSG:4326", "EPSG:4674"},
        {"EPSG:4167", "EPSG:4326"},
    };
    PJ_CONTEXT *context = proj_context_create();
    proj_context_set_enable_network(context, 0);
    rng r = {3};
    int n_said = 0, n_still = 0;
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        zf_transform *transform = transform_between(pairs[p][0], pairs[p][1]);
        PJ *operation = operation_between(context, pairs[p][0], pairs[p][1]);
        for (int i = 0; i < N_BOXES / 5; i++) {
            zf_envelope box = random_box(&r);
            bool stays = zf_transform_is_identity(transform, &box);
            int n_moved = check_points(transform, operation, &box, &r);
            if (stays)
                assert_int_equal(n_moved, 0);
            n_said += stays;
            n_still += n_moved == 0;
        }
        proj_destroy(operation);
        zf_transform_destroy(transform);
    }
    proj_context_destroy(context);
    assert_true(n_said > 100 && n_said * 2 > n_still);
}

static void nad83_is_wgs84_but_for_hawaii_and_the_aleutians(void **state) {
    (void)state;
    const zf_envelope new_england = {-73.8, 40.9, -66.9, 47.5}, hawaii = {-158, 21, -157, 22},
                      aleutians = {-177, 51.5, -176, 52}, both = {-177, 21, -66, 52},
                      around = {179, 40, 181, 41};
    const zf_envelope nothing = zf_envelope_empty();
    zf_transform *transform = transform_between("EPSG:4269", "EPSG:4326");
    assert_true(zf_transform_is_identity(transform, &new_england));
    assert_false(zf_transform_is_identity(transform, &hawaii));
    assert_false(zf_transform_is_identity(transform, &aleutians));
    assert_false(zf_transform_is_identity(transform, &both));
    assert_false(zf_transform_is_identity(transform, &around));
    assert_false(zf_transform_is_identity(transform, &nothing));
    assert_true(zf_transform_is_identity(NULL, &hawaii));
    zf_transform_destroy(transform);
    transform = transform_between("EPSG:4326", "EPSG:2249");
    assert_false(zf_transform_is_identity(transform, &new_england));
    zf_transform_destroy(transform);
}

/** What does not move is still looked at: the record's words, and refusals. */
static void still_points_are_told_and_refused_as_others(void **state) {
    (void)state;
    zf_transform *transform = transform_between("EPSG:4269", "EPSG:4326");
    double xy[] = {-71, 42, -70, 43, -70, 43}, beyond[] = {-71, 42, -71, 91, -71, 42},
           odd[] = {-71, 42, NAN, 43};
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_transform_points(transform, xy, 3, NULL), ZF_OK);
    assert_non_null(strstr(zf_transform_describe(transform), "NAD83 to WGS 84 (1)"));
    assert_int_equal(zf_transform_points(transform, beyond, 3, &error), ZF_E_INPUT);
    assert_non_null(strstr(error.text, "(-71, 91)"));
    assert_int_equal(zf_transform_points(transform, odd, 2, &error), ZF_E_INPUT);
    assert_int_equal(zf_transform_points(transform, xy, 0, NULL), ZF_OK);
    zf_transform_destroy(transform);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_to_stay_stays),
        cmocka_unit_test(nad83_is_wgs84_but_for_hawaii_and_the_aleutians),
        cmocka_unit_test(still_points_are_told_and_refused_as_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
