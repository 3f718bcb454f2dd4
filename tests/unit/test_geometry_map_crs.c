/* SPDX-License-Identifier: MIT */
#include "geometry/geometry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

/* expected: "EPSG:32619", "itself", or the beginning of the PROJ string */
static void assert_map_crs(const char *definition, zf_envelope extent_deg, const char *expected) {
    zf_crs *crs = NULL, *map = NULL;
    char code[64] = "itself";
    assert_int_equal(zf_crs_create(definition, &crs, NULL), ZF_OK);
    assert_int_equal(zf_crs_create_for_map(crs, &extent_deg, &map, NULL), ZF_OK);
    if (map != NULL) {
        const zf_crs_info *info = zf_crs_get_info(map);
        assert_false(info->is_geographic);
        assert_true(info->unit == 1);
        assert_true(info->semi_major_m == zf_crs_get_info(crs)->semi_major_m);
        if (info->auth_code != NULL)
            snprintf(code, sizeof code, "%s:%s", info->auth_name, info->auth_code);
        else
            snprintf(code, sizeof code, "%.*s", (int)strlen(expected), info->proj4);
    }
    assert_string_equal(code, expected);
    zf_crs_destroy(map);
    zf_crs_destroy(crs);
}

static void a_town_is_shown_in_its_utm_zone_on_its_datum(void **state) {
    (void)state;
    assert_map_crs("EPSG:4326", (zf_envelope){-71.2, 42.3, -71.0, 42.4}, "EPSG:32619");
    assert_map_crs("EPSG:4269", (zf_envelope){-73.7, 40.9, -70.6, 45.3}, "EPSG:26918");
    assert_map_crs("EPSG:4258", (zf_envelope){13.0, 52.3, 13.8, 52.7}, "EPSG:25833");
    assert_map_crs("EPSG:4326", (zf_envelope){150.9, -34.0, 151.3, -33.7}, "EPSG:32756");
    assert_map_crs("EPSG:4326", (zf_envelope){179.5, -17.0, 180.4, -16.0}, "EPSG:32760");
    assert_map_crs("EPSG:4326", (zf_envelope){-180, -17.0, -179.9, -16.0}, "EPSG:32701");
}

static void a_country_and_the_poles_get_an_azimuthal_projection(void **state) {
    (void)state;
    assert_map_crs("EPSG:4326", (zf_envelope){-124.7, 24.5, -67.0, 49.4}, "+proj=laea +lat_0=37 +lon_0=-96");
    assert_map_crs("EPSG:4326", (zf_envelope){10, 83, 12, 86}, "+proj=laea");
    assert_map_crs("EPSG:4269", (zf_envelope){-150, -20, 20, 70}, "+proj=eqearth");
}

static void a_projected_crs_stays_unless_it_stretches(void **state) {
    (void)state;
    assert_map_crs("EPSG:2249", (zf_envelope){-71.2, 42.3, -71.0, 42.4}, "itself");
    assert_map_crs("EPSG:3857", (zf_envelope){-71.2, 42.3, -71.0, 42.4}, "itself");
    assert_map_crs("EPSG:5070", (zf_envelope){-124.7, 24.5, -67.0, 49.4}, "itself");
    assert_map_crs("EPSG:4087", (zf_envelope){-71.2, 42.3, -71.0, 42.4}, "EPSG:32619");
    assert_map_crs("EPSG:4087", (zf_envelope){8.1, 0.3, 8.3, 0.4}, "itself");
}

static void a_plane_and_an_empty_extent_have_no_map_crs(void **state) {
    const zf_envelope somewhere = {0, 0, 1, 1}, nowhere = zf_envelope_empty();
    zf_crs *plane = NULL, *degrees = NULL, *map = NULL;
    (void)state;
    assert_int_equal(zf_crs_create_planar(&plane, NULL), ZF_OK);
    assert_int_equal(zf_crs_create("EPSG:4326", &degrees, NULL), ZF_OK);
    assert_int_equal(zf_crs_create_for_map(plane, &somewhere, &map, NULL), ZF_OK);
    assert_null(map);
    assert_int_equal(zf_crs_create_for_map(degrees, &nowhere, &map, NULL), ZF_OK);
    assert_null(map);
    assert_string_equal(zf_crs_get_info(degrees)->ellipsoid, "EPSG:7030");
    assert_null(zf_crs_get_info(plane)->ellipsoid);
    zf_crs_destroy(degrees);
    zf_crs_destroy(plane);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_town_is_shown_in_its_utm_zone_on_its_datum),
        cmocka_unit_test(a_country_and_the_poles_get_an_azimuthal_projection),
        cmocka_unit_test(a_projected_crs_stays_unless_it_stretches),
        cmocka_unit_test(a_plane_and_an_empty_extent_have_no_map_crs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
