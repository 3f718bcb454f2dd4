/* SPDX-License-Identifier: MIT */
/* How far metres reach in the CRS: no two places that are near each other in metres are farther apart. */
#include "unit/analysis_zip.h"

static zf_metric *make_metric(const char *definition, bool is_geodesic) {
    zf_crs *crs = NULL;
    zf_metric *metric = NULL;
    assert_int_equal(zf_crs_create(definition, &crs, NULL), ZF_OK);
    assert_int_equal(zf_metric_create(crs, is_geodesic, &metric, NULL), ZF_OK);
    zf_crs_destroy(crs);
    return metric;
}

typedef struct place {
    const char *crs;
    bool is_geodesic;
    double x, y, side, radius_m;
} place;

static double between_m(zf_metric *metric, const zf_frame *frame, double *xy) {
    double at[6];
    assert_int_equal(zf_metric_to_frame(metric, frame, xy, 2, at, NULL), ZF_OK);
    return hypot(at[0] - at[3], at[1] - at[4]);
}

static void assert_margin_holds(const place *p, uint64_t *seed) {
    zf_metric *metric = make_metric(p->crs, p->is_geodesic);
    zf_envelope zone = {p->x, p->y, p->x + p->side, p->y + p->side / 2};
    zf_frame frame;
    double margin_x, margin_y;
    size_t n_near = 0;
    zf_metric_margin(metric, &zone, p->radius_m, &margin_x, &margin_y);
    assert_int_equal(zf_metric_frame(metric, &zone, &frame, NULL), ZF_OK);
    for (size_t i = 0; i < 20000; i++) {
        double x = p->x + az_random(seed) * p->side, y = p->y + az_random(seed) * p->side / 2;
        double dx = (2 * az_random(seed) - 1) * 1.3 * margin_x,
               dy = (2 * az_random(seed) - 1) * 1.3 * margin_y;
        if (i % 2) /* along an axis, where it is tight */
            *(i % 4 == 1 ? &dx : &dy) *= 1e-3;
        double xy[4] = {x, y, x + dx, y + dy};
        if (between_m(metric, &frame, xy) > p->radius_m)
            continue;
        n_near++;
        assert_true(fabs(dx) <= margin_x && fabs(dy) <= margin_y);
    }
    assert_true(n_near > 2000);
    double along_x[4] = {p->x, p->y, p->x + margin_x, p->y};
    assert_true(between_m(metric, &frame, along_x) <
                1.5 * p->radius_m + 1e-5); /* and no larger than need be */
    zf_metric_destroy(metric);
}

static void what_is_near_in_metres_is_within_the_margin(void **state) {
    (void)state;
    uint64_t seed = 11;
    const place places[] = {
        {"EPSG:4326", true, -71.1, 42.3, 0.1, 100},    {"EPSG:4326", true, 24, 69.9, 0.5, 2000},
        {"EPSG:4326", true, 10, -0.02, 0.05, 1},       {"EPSG:4326", true, -150, 64, 4, 5000},
        {"EPSG:26986", true, 230000, 900000, 8e3, 50}, {"EPSG:26986", false, 230000, 900000, 8e3, 50},
        {"EPSG:2249", true, 760000, 2960000, 2e4, 50}, {"EPSG:2249", false, 760000, 2960000, 2e4, 50},
        {"EPSG:3857", true, 2.7e6, 9.4e6, 2e4, 300},   {"EPSG:3857", false, 2.7e6, 9.4e6, 2e4, 300},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        assert_margin_holds(&places[i], &seed);
}

static void places_in_touch_are_within_no_metres(void **state) {
    (void)state;
    const zf_envelope zone = {760000, 2960000, 770000, 2970000};
    for (int is_geodesic = 0; is_geodesic < 2; is_geodesic++) {
        zf_metric *metric = make_metric("EPSG:2249", is_geodesic);
        double x = 0, y = 0;
        zf_metric_margin(metric, &zone, 0, &x, &y);
        assert_true(x > 1e-9 && y > 1e-9 && x < 1e-4 && y < 1e-4); /* but for rounding */
        zf_metric_destroy(metric);
    }
}

static void near_a_pole_everything_is_within(void **state) {
    (void)state;
    zf_metric *metric = make_metric("EPSG:4326", true);
    const zf_envelope zone = {10, 89.5, 11, 90};
    double x = 0, y = 0;
    zf_metric_margin(metric, &zone, 100, &x, &y);
    assert_true(x == ZF_MARGIN_EVERYWHERE && y == ZF_MARGIN_EVERYWHERE);
    assert_true(zf_metric_half_turn(metric) == 180);
    zf_metric_destroy(metric);
    metric = make_metric("EPSG:26986", true);
    assert_true(isinf(zf_metric_half_turn(metric)));
    zf_metric_destroy(metric);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_near_in_metres_is_within_the_margin),
        cmocka_unit_test(places_in_touch_are_within_no_metres),
        cmocka_unit_test(near_a_pole_everything_is_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
