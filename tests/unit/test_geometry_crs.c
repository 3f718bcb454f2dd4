/* SPDX-License-Identifier: MIT */
#include "geometry/geometry.h"

#include <math.h>
#include <proj.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

static const double US_FOOT_M = 1200.0 / 3937.0;

/* Massachusetts Mainland in US feet, as Esri's software writes it into a .prj */
static const char ESRI_PRJ[] =
    "PROJCS[\"NAD_1983_StatePlane_Massachusetts_Mainland_FIPS_2001_Feet\",GEOGCS[\"GCS_North_American_1983\","
    "DATUM[\"D_North_American_1983\",SPHEROID[\"GRS_1980\",6378137,298.257222101]],PRIMEM[\"Greenwich\",0],"
    "UNIT[\"Degree\",0.017453292519943295]],PROJECTION[\"Lambert_Conformal_Conic\"],"
    "PARAMETER[\"False_Easting\",656166.6666666665],PARAMETER[\"False_Northing\",2460625],"
    "PARAMETER[\"Central_Meridian\",-71.5],PARAMETER[\"Standard_Parallel_1\",41.71666666666667],"
    "PARAMETER[\"Standard_Parallel_2\",42.68333333333333],PARAMETER[\"Latitude_Of_Origin\",41],"
    "UNIT[\"Foot_US\",0.30480060960121924]]";

/* EPSG:2249 in pieces: name, false easting in feet, what it claims to be */
#define MASSACHUSETTS(name, false_easting, id)                                                               \
    "PROJCRS[\"" name "\",BASEGEOGCRS[\"NAD83\",DATUM[\"North American Datum 1983\","                        \
    "ELLIPSOID[\"GRS 1980\",6378137,298.257222101,LENGTHUNIT[\"metre\",1]],ID[\"EPSG\",6269]],"              \
    "PRIMEM[\"Greenwich\",0,ANGLEUNIT[\"Degree\",0.0174532925199433]]],CONVERSION[\"unnamed\","              \
    "METHOD[\"Lambert Conic Conformal (2SP)\",ID[\"EPSG\",9802]],"                                           \
    "PARAMETER[\"Latitude of false origin\",41,ANGLEUNIT[\"Degree\",0.0174532925199433],ID[\"EPSG\",8821]]," \
    "PARAMETER[\"Longitude of false "                                                                        \
    "origin\",-71.5,ANGLEUNIT[\"Degree\",0.0174532925199433],ID[\"EPSG\",8822]],"                            \
    "PARAMETER[\"Latitude of 1st standard "                                                                  \
    "parallel\",41.7166666666667,ANGLEUNIT[\"Degree\",0.0174532925199433],"                                  \
    "ID[\"EPSG\",8823]],PARAMETER[\"Latitude of 2nd standard parallel\",42.6833333333333,"                   \
    "ANGLEUNIT[\"Degree\",0.0174532925199433],ID[\"EPSG\",8824]],PARAMETER[\"Easting at false "              \
    "origin\"," false_easting                                                                                \
    ",LENGTHUNIT[\"US survey foot\",0.304800609601219],ID[\"EPSG\",8826]],PARAMETER[\"Northing at false "    \
    "origin\","                                                                                              \
    "2460625,LENGTHUNIT[\"US survey foot\",0.304800609601219],ID[\"EPSG\",8827]]],CS[Cartesian,2],"          \
    "AXIS[\"(E)\",east,ORDER[1],LENGTHUNIT[\"US survey foot\",0.304800609601219,ID[\"EPSG\",9003]]],"        \
    "AXIS[\"(N)\",north,ORDER[2],LENGTHUNIT[\"US survey foot\",0.304800609601219,ID[\"EPSG\",9003]]]" id "]"

static zf_crs *crs_of(const char *definition) {
    zf_error error = ZF_ERROR_INIT;
    zf_crs *crs = NULL;
    if (zf_crs_create(definition, &crs, &error) != ZF_OK)
        fail_msg("%s: %s", definition, error.text);
    return crs;
}

static zf_transform *transform_between(const char *from_definition, const char *to_definition) {
    zf_error error = ZF_ERROR_INIT;
    zf_crs *from = crs_of(from_definition);
    zf_crs *to = crs_of(to_definition);
    zf_transform *transform = NULL;
    if (zf_transform_create(from, to, &transform, &error) != ZF_OK)
        fail_msg("%s -> %s: %s", from_definition, to_definition, error.text);
    zf_crs_destroy(from); /* the transformation stands on its own */
    zf_crs_destroy(to);
    return transform;
}

static void assert_near(double got, double wanted, double tolerance) {
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", got, wanted, tolerance);
}

static void assert_code(const char *definition, const char *authority, const char *code) {
    zf_crs *crs = crs_of(definition);
    const zf_crs_info *info = zf_crs_get_info(crs);
    if (!authority) {
        if (info->auth_name || info->auth_code)
            fail_msg("%s was taken for %s:%s", definition, info->auth_name, info->auth_code);
    } else {
        if (!info->auth_name || !info->auth_code)
            fail_msg("%s was not recognised", definition);
        assert_string_equal(info->auth_name, authority);
        assert_string_equal(info->auth_code, code);
    }
    zf_crs_destroy(crs);
}

static void assert_refused(const char *definition, const char *because) {
    zf_error error = ZF_ERROR_INIT;
    zf_crs *crs = (zf_crs *)&error;
    zf_status status = zf_crs_create(definition, &crs, &error);
    if (status != ZF_E_INPUT)
        fail_msg("'%s' gave status %d", definition, (int)status);
    assert_null(crs);
    assert_int_equal(error.domain, ZF_DOMAIN_PROJ);
    if (!strstr(error.text, because))
        fail_msg("'%s' does not say '%s'", error.text, because);
    /* what to do next; the caller knows whether a parameter or a file holds the definition */
    assert_true(strstr(error.text, "EPSG:4326") != NULL || strstr(error.text, "check the authority") != NULL);
    assert_null(strstr(error.text, "_crs`"));
}

/* ---- definitions ---- */

static void a_projected_crs_tells_its_unit_in_metres(void **state) {
    (void)state;
    zf_crs *crs = crs_of("EPSG:2249");
    const zf_crs_info *info = zf_crs_get_info(crs);
    assert_string_equal(info->name, "NAD83 / Massachusetts Mainland (ftUS)");
    assert_string_equal(info->auth_name, "EPSG");
    assert_string_equal(info->auth_code, "2249");
    assert_false(info->is_geographic);
    assert_near(info->unit, US_FOOT_M, 1e-15);
    assert_true(info->semi_major_m == 6378137);
    assert_near(info->inverse_flattening, 298.257222101, 1e-12);
    assert_memory_equal(info->wkt, "PROJCRS[", 8);
    assert_memory_equal(info->wkt1, "PROJCS[", 7);
    assert_non_null(strstr(info->proj4, "+proj=lcc"));
    assert_null(strchr(info->wkt, '\n'));
    assert_null(strchr(info->wkt1, '\n'));
    zf_crs_destroy(crs);
}

static void a_geographic_crs_tells_its_unit_in_radians(void **state) {
    (void)state;
    zf_crs *degrees = crs_of("EPSG:4326");
    assert_true(zf_crs_get_info(degrees)->is_geographic);
    assert_near(zf_crs_get_info(degrees)->unit, acos(-1) / 180, 1e-16);
    assert_near(zf_crs_get_info(degrees)->inverse_flattening, 298.257223563, 1e-12);
    zf_crs *grads = crs_of("EPSG:4807");
    assert_true(zf_crs_get_info(grads)->is_geographic);
    assert_near(zf_crs_get_info(grads)->unit, acos(-1) / 200, 1e-16);
    zf_crs_destroy(degrees);
    zf_crs_destroy(grads);
}

static void a_sphere_has_no_flattening(void **state) {
    (void)state;
    zf_crs *crs = crs_of("+proj=merc +R=6371000 +units=m");
    assert_true(zf_crs_get_info(crs)->semi_major_m == 6371000);
    assert_true(zf_crs_get_info(crs)->inverse_flattening == 0);
    assert_null(zf_crs_get_info(crs)->auth_code);
    zf_crs_destroy(crs);
}

static void names_urns_and_proj_strings_are_understood(void **state) {
    (void)state;
    assert_code("NAD83 / Massachusetts Mainland (ftUS)", "EPSG", "2249");
    assert_code("urn:ogc:def:crs:EPSG::2249", "EPSG", "2249");
    assert_code("+proj=utm +zone=19 +datum=NAD83 +units=m", "EPSG", "26919");
    assert_code("+proj=utm +zone=19 +datum=NAD83 +units=m +type=crs", "EPSG", "26919");
    assert_code("+init=epsg:2249", "EPSG", "2249");
    assert_code("WGS84", "EPSG", "4326");
}

static void heights_are_left_out(void **state) {
    (void)state;
    assert_code("EPSG:4979", "EPSG", "4326"); /* WGS 84 3D */
    assert_code("EPSG:5498", "EPSG", "4269"); /* NAD83 + NAVD88 height */
    zf_crs *compound = crs_of("EPSG:2249+6360");
    assert_string_equal(zf_crs_get_info(compound)->auth_code, "2249");
    assert_memory_equal(zf_crs_get_info(compound)->wkt, "PROJCRS[", 8);
    zf_crs_destroy(compound);
}

static void what_is_no_crs_is_refused(void **state) {
    (void)state;
    assert_refused("", "unrecognized format");
    assert_refused("nonsense", "'nonsense'");
    assert_refused("EPSG:99999", "crs not found");
    assert_refused("EPSG:", "'EPSG:'");
    assert_refused("+proj=nonsense", "'+proj=nonsense'");
    assert_refused("PROJCS[\"half", "'PROJCS");
    assert_refused("+proj=pipeline +step +proj=utm +zone=19", "as something else");
    assert_refused("urn:ogc:def:ellipsoid:EPSG::7030", "as something else");
}

static void a_crs_without_a_plane_or_longitudes_is_refused(void **state) {
    (void)state;
    assert_refused("EPSG:4978", "geocentric");
    assert_refused("EPSG:5703", "vertical");
    assert_refused(
        "LOCAL_CS[\"Undefined Cartesian SRS\",UNIT[\"metre\",1],AXIS[\"x\",EAST],AXIS[\"y\",NORTH]]",
        "local");
    assert_refused("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=50 +lon_0=10 +datum=WGS84",
                   "shifted poles");
}

static void a_very_long_definition_is_shown_shortened(void **state) {
    (void)state;
    char definition[5000];
    memset(definition, 'x', sizeof definition - 1);
    definition[sizeof definition - 1] = '\0';
    assert_refused(definition, "xxx...'");
    memcpy(definition + 79, "\xc3\xa4", 2); /* no half of a letter is shown */
    assert_refused(definition, "xxx...'");
    memcpy(definition + 78, "\xc3\xa4x", 3);
    assert_refused(definition, "xxx\xc3\xa4...'");
}

static void a_null_error_record_is_legal(void **state) {
    (void)state;
    zf_crs *crs;
    assert_int_equal(zf_crs_create("nonsense", &crs, NULL), ZF_E_INPUT);
    zf_crs_destroy(NULL);
    zf_transform_destroy(NULL);
}

/* ---- authority ---- */

static void an_esri_prj_is_recognised(void **state) {
    (void)state;
    assert_code(ESRI_PRJ, "EPSG", "2249");
    assert_code(
        "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],"
        "PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]",
        "EPSG", "4326");
}

static void a_rounded_copy_is_recognised_and_is_the_same_crs(void **state) {
    (void)state;
    static const char copy[] = MASSACHUSETTS("NAD83 / Massachusetts Mainland (ftUS)", "656166.666666667", "");
    assert_code(copy, "EPSG", "2249");
    zf_error error = ZF_ERROR_INIT;
    zf_crs *a = crs_of(copy);
    zf_crs *b = crs_of("EPSG:2249");
    zf_crs *c = crs_of(ESRI_PRJ);
    assert_true(zf_crs_is_same(a, b));
    assert_true(zf_crs_is_same(b, c));
    assert_true(zf_crs_get_info(a)->unit == zf_crs_get_info(b)->unit);
    assert_string_equal(zf_crs_get_info(c)->wkt, zf_crs_get_info(b)->wkt);
    zf_transform *transform = (zf_transform *)&error;
    assert_int_equal(zf_transform_create(a, c, &transform, &error), ZF_OK);
    assert_null(transform);
    zf_crs_destroy(a);
    zf_crs_destroy(b);
    zf_crs_destroy(c);
}

static void a_crs_that_lies_elsewhere_is_nobodys(void **state) {
    (void)state;
    assert_code(MASSACHUSETTS("NAD83 / Massachusetts Mainland (ftUS)", "656166.667", ""), "EPSG", "2249");
    assert_code(MASSACHUSETTS("NAD83 / Massachusetts Mainland (ftUS)", "656166.677", ""), NULL,
                NULL); /* 3 mm */
    assert_code(MASSACHUSETTS("NAD83 / Massachusetts Mainland (ftUS)", "656167.667", ""), NULL, NULL);
}

static void a_false_claim_is_not_believed(void **state) {
    (void)state;
    /* Massachusetts in metres, and an entry that does not exist, as some .qpj files have it */
    assert_code(MASSACHUSETTS("x", "656166.667", ",ID[\"EPSG\",26986]"), "EPSG", "2249");
    assert_code(MASSACHUSETTS("x", "656166.667", ",ID[\"EPSG\",102686]"), "EPSG", "2249");
    assert_code(MASSACHUSETTS("x", "1000000", ",ID[\"EPSG\",2249]"), NULL, NULL);
}

static void other_authorities_stay(void **state) {
    (void)state;
    assert_code("ESRI:102686", "ESRI", "102686");
    assert_code("OGC:CRS84", "OGC", "CRS84");
}

/* ---- sameness ---- */

static bool are_same(const char *a_definition, const char *b_definition) {
    zf_crs *a = crs_of(a_definition);
    zf_crs *b = crs_of(b_definition);
    bool is_same = zf_crs_is_same(a, b);
    assert_int_equal(zf_crs_is_same(b, a), is_same);
    assert_true(zf_crs_is_same(a, a));
    zf_crs_destroy(a);
    zf_crs_destroy(b);
    return is_same;
}

static void axis_order_and_names_make_no_difference(void **state) {
    (void)state;
    assert_true(are_same("EPSG:4326", "OGC:CRS84"));
    assert_true(are_same("EPSG:4326", "+proj=longlat +datum=WGS84"));
    assert_true(are_same(MASSACHUSETTS("Our own name", "656166.667", ""), "EPSG:2249"));
}

static void datum_unit_and_projection_make_a_difference(void **state) {
    (void)state;
    assert_false(are_same("EPSG:4326", "EPSG:4269"));
    assert_false(are_same("EPSG:2249", "EPSG:26986"));
    assert_false(are_same("EPSG:32619", "EPSG:26919"));
    assert_false(are_same("EPSG:4326", "EPSG:3857"));
}

static void northing_before_easting_is_the_same_plane(void **state) {
    (void)state;
    static const char *const heads[2] = {"AXIS[\"(E)\",east,ORDER[1]],AXIS[\"(N)\",north,ORDER[2]]",
                                         "AXIS[\"(N)\",north,ORDER[1]],AXIS[\"(E)\",east,ORDER[2]]"};
    char wkt[2][1024];
    for (int i = 0; i < 2; i++)
        snprintf(wkt[i], sizeof wkt[i],
                 "PROJCRS[\"mine\",BASEGEOGCRS[\"mine\",DATUM[\"mine\",ELLIPSOID[\"GRS "
                 "1980\",6378137,298.257222101]]],"
                 "CONVERSION[\"mine\",METHOD[\"Transverse Mercator\",ID[\"EPSG\",9807]],"
                 "PARAMETER[\"Longitude of natural origin\",7.25,ANGLEUNIT[\"degree\",0.0174532925199433]],"
                 "PARAMETER[\"Scale factor at natural origin\",1,SCALEUNIT[\"unity\",1]]],CS[Cartesian,2],%s,"
                 "LENGTHUNIT[\"metre\",1]]",
                 heads[i]);
    assert_true(are_same(wkt[0], wkt[1]));
}

static void the_undefined_plane_is_only_itself(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_crs *plane, *other_plane;
    assert_int_equal(zf_crs_create_planar(&plane, &error), ZF_OK);
    assert_int_equal(zf_crs_create_planar(&other_plane, &error), ZF_OK);
    const zf_crs_info *info = zf_crs_get_info(plane);
    assert_string_equal(info->name, "undefined (planar, metres)");
    assert_true(info->unit == 1 && !info->is_geographic);
    assert_true(!info->auth_name && !info->auth_code && !info->wkt && !info->wkt1 && !info->proj4);
    zf_crs *utm = crs_of("EPSG:32619");
    assert_true(zf_crs_is_same(plane, plane));
    assert_true(zf_crs_is_same(plane, other_plane));
    assert_false(zf_crs_is_same(plane, utm));
    assert_false(zf_crs_is_same(utm, plane));

    zf_transform *transform = (zf_transform *)&error;
    assert_int_equal(zf_transform_create(plane, other_plane, &transform, &error), ZF_OK);
    assert_null(transform);
    assert_int_equal(zf_transform_create(plane, utm, &transform, &error), ZF_E_INPUT);
    assert_null(transform);
    assert_non_null(strstr(error.text, "undefined (planar, metres)"));
    assert_non_null(strstr(error.text, "`zips_crs`"));
    assert_int_equal(zf_transform_create_to_geographic(plane, &transform, NULL), ZF_E_USAGE);
    assert_null(transform);
    zf_crs_destroy(plane);
    zf_crs_destroy(other_plane);
    zf_crs_destroy(utm);
}

/* ---- transformation ---- */

/* What PROJ says when asked as cs2cs asks it: authority axis order on both sides. */
static PJ_COORD ask_proj(const char *from, const char *to, double a, double b) {
    PJ_CONTEXT *context = proj_context_create();
    proj_context_set_enable_network(context, 0);
    PJ *operation = proj_create_crs_to_crs(context, from, to, NULL);
    assert_non_null(operation);
    PJ_COORD answer = proj_trans(operation, PJ_FWD, proj_coord(a, b, 0, HUGE_VAL));
    proj_destroy(operation);
    proj_context_destroy(context);
    return answer;
}

static void longitude_comes_first_whatever_the_axis_order(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_transform *there = transform_between("EPSG:4326", "EPSG:2249");
    zf_transform *back = transform_between("EPSG:2249", "EPSG:4326");
    double xy[4] = {-71.08, 42.36, -71.5, 41.0};
    assert_int_equal(zf_transform_points(there, xy, 2, &error), ZF_OK);
    PJ_COORD wanted = ask_proj("EPSG:4326", "EPSG:2249", 42.36, -71.08);
    assert_near(xy[0], wanted.v[0], 1e-6);
    assert_near(xy[1], wanted.v[1], 1e-6);
    assert_near(xy[0], 769681, 1);
    assert_near(xy[1], 2956492, 1);
    assert_near(xy[2], 656166.667, 1e-3); /* the false origin, from the definition */
    assert_near(xy[3], 2460625, 1e-3);
    assert_int_equal(zf_transform_points(back, xy, 2, &error), ZF_OK);
    assert_near(xy[0], -71.08, 1e-10);
    assert_near(xy[1], 42.36, 1e-10);
    zf_transform_destroy(there);
    zf_transform_destroy(back);
}

static void easting_comes_first_where_the_authority_says_northing(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_transform *transform =
        transform_between("EPSG:4167", "EPSG:2193"); /* New Zealand: northing, easting */
    double xy[2] = {174.5, -41.25};
    assert_int_equal(zf_transform_points(transform, xy, 1, &error), ZF_OK);
    PJ_COORD wanted = ask_proj("EPSG:4167", "EPSG:2193", -41.25, 174.5);
    assert_near(xy[0], wanted.v[1], 1e-6);
    assert_near(xy[1], wanted.v[0], 1e-6);
    assert_true(xy[0] < 2e6 && xy[1] > 5e6);
    zf_transform_destroy(transform);
}

static void the_operation_and_its_accuracy_are_told(void **state) {
    (void)state;
    zf_transform *transform = transform_between("EPSG:4326", "EPSG:2249");
    const char *told =
        zf_transform_describe(transform); /* PROJ's name of the unit differs between versions */
    assert_non_null(strstr(told, "Inverse of NAD83 to WGS 84 (1) + SPCS83 Massachusetts Mainland zone (US "));
    assert_non_null(strstr(told, "; accuracy 4 m"));
    zf_transform_destroy(transform);
    transform = transform_between("EPSG:4269", "EPSG:2249");
    told = zf_transform_describe(transform);
    assert_int_equal(strncmp(told, "SPCS83 Massachusetts Mainland zone (US ", 39), 0);
    assert_non_null(strstr(told, "; accuracy 0 m"));
    zf_transform_destroy(transform);
}

static void operations_chosen_per_point_are_told_once_used(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    const double boston[2] = {-71.08, 42.36}, anchorage[2] = {-149.9, 61.2};
    char words[2][1024];
    zf_text better[2] = {{0}};
    for (int order = 0; order < 2; order++) {
        zf_transform *transform = transform_between("EPSG:4267", "EPSG:4326");
        assert_string_equal(zf_transform_grids(transform), "none"); /* so far */
        assert_non_null(strstr(zf_transform_describe(transform), "chosen by PROJ for each point"));
        double xy[4];
        memcpy(xy + 2 * order, boston, sizeof boston);
        memcpy(xy + 2 - 2 * order, anchorage, sizeof anchorage);
        assert_int_equal(zf_transform_points(transform, xy, 2, &error), ZF_OK);
        PJ_COORD wanted = ask_proj("EPSG:4267", "EPSG:4326", boston[1], boston[0]);
        assert_near(xy[2 * order], wanted.v[1], 1e-12);
        assert_near(xy[2 * order + 1], wanted.v[0], 1e-12);
        snprintf(words[order], sizeof words[order], "%s", zf_transform_describe(transform));
        zf_text_append_format(&better[order], "%s; ", zf_transform_grids(transform));
        zf_transform_append_better(transform, &better[order]);
        assert_false(better[order].is_failed);
        zf_transform_destroy(transform);
    }
    assert_string_equal(words[0], words[1]); /* the order of points does not show */
    assert_string_equal(better[0].bytes, better[1].bytes);
    zf_text_deinit(&better[0]);
    zf_text_deinit(&better[1]);
    assert_non_null(strstr(words[0], " | "));
    assert_non_null(strstr(words[0], "NAD27 to WGS 84"));
    assert_non_null(strstr(words[0], "; accuracy "));
}

static void a_datum_shift_in_the_definition_is_used(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    static const char bound[] = "+proj=utm +zone=19 +ellps=bessel +towgs84=300,0,0 +units=m +type=crs";
    zf_transform *transform = transform_between(bound, "EPSG:4326");
    double xy[2] = {330000, 4690000};
    assert_int_equal(zf_transform_points(transform, xy, 1, &error), ZF_OK);
    PJ_COORD wanted = ask_proj(bound, "EPSG:4326", 330000, 4690000);
    assert_near(xy[0], wanted.v[1], 1e-12);
    assert_near(xy[1], wanted.v[0], 1e-12);
    PJ_COORD unshifted =
        ask_proj("+proj=utm +zone=19 +ellps=bessel +towgs84=0,0,0 +type=crs", "EPSG:4326", 330000, 4690000);
    assert_true(fabs(xy[0] - unshifted.v[1]) > 1e-3);
    zf_crs *crs = crs_of(bound);
    assert_true(zf_crs_get_info(crs)->unit == 1);
    assert_near(zf_crs_get_info(crs)->semi_major_m, 6377397.155, 1e-6);
    zf_crs_destroy(crs);
    zf_transform_destroy(transform);
}

static void assert_point_refused(zf_transform *transform, double x, double y, const char *shown) {
    zf_error error = ZF_ERROR_INIT;
    double xy[6] = {-71.08, 42.36, x, y, -71.08, 42.36};
    assert_int_equal(zf_transform_points(transform, xy, 3, &error), ZF_E_INPUT);
    assert_int_equal(error.domain, ZF_DOMAIN_PROJ);
    if (!strstr(error.text, shown))
        fail_msg("'%s' does not show '%s'", error.text, shown);
    assert_non_null(strstr(error.text, "`zips_crs`"));
    const double untouched[2] = {x, y};
    assert_memory_equal(xy + 2, untouched, sizeof untouched);
    assert_true(xy[4] == -71.08 && xy[5] == 42.36);
}

static void a_point_that_cannot_be_transformed_is_named(void **state) {
    (void)state;
    zf_transform *projecting = transform_between("EPSG:4326", "EPSG:2249");
    zf_transform *shifting = transform_between("EPSG:4326", "EPSG:4269");
    assert_point_refused(projecting, 0, 200, "(0, 200)");
    assert_point_refused(shifting, 0, 200, "(0, 200)");
    assert_point_refused(shifting, 769681, 2956492, "(769681, 2956492)");
    assert_point_refused(projecting, NAN, 42, "nan");
    assert_point_refused(shifting, -71, INFINITY, "inf");
    assert_point_refused(projecting, -71, -90.001, "-90.001");
    double xy[4] = {-71.08, 42.36, 10, -90}; /* works on, and a pole is a place */
    assert_int_equal(zf_transform_points(shifting, xy, 2, NULL), ZF_OK);
    assert_int_equal(zf_transform_points(projecting, xy, 1, NULL), ZF_OK);
    assert_near(xy[0], 769681, 1);
    zf_transform_destroy(projecting);
    zf_transform_destroy(shifting);
}

static void no_points_are_no_work(void **state) {
    (void)state;
    zf_transform *transform = transform_between("EPSG:4326", "EPSG:2249");
    assert_int_equal(zf_transform_points(transform, NULL, 0, NULL), ZF_OK);
    zf_transform_destroy(transform);
}

static void worlds_apart_cannot_be_joined(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_crs *earth = crs_of("EPSG:4326");
    zf_crs *moon =
        crs_of("GEOGCRS[\"Moon\",DATUM[\"D_Moon_2000\",ELLIPSOID[\"Moon_2000_IAU_IAG\",1737400,0]],CS["
               "ellipsoidal,2],"
               "AXIS[\"longitude\",east],AXIS[\"latitude\",north],ANGLEUNIT[\"degree\",0.0174532925199433]]");
    zf_transform *transform = NULL;
    assert_int_equal(zf_transform_create(moon, earth, &transform, &error), ZF_E_INPUT);
    assert_null(transform);
    assert_non_null(strstr(error.text, "Moon"));
    zf_crs_destroy(earth);
    zf_crs_destroy(moon);
}

static zf_transform *to_geographic(const char *definition) {
    zf_error error = ZF_ERROR_INIT;
    zf_crs *crs = crs_of(definition);
    zf_transform *transform = NULL;
    if (zf_transform_create_to_geographic(crs, &transform, &error) != ZF_OK)
        fail_msg("%s: %s", definition, error.text);
    zf_crs_destroy(crs);
    return transform;
}

static void a_projected_crs_finds_its_own_longitudes_and_latitudes(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    zf_transform *massachusetts = to_geographic("EPSG:2249");
    double xy[2] = {656166.667, 2460625};
    assert_int_equal(zf_transform_points(massachusetts, xy, 1, &error), ZF_OK);
    assert_near(xy[0], -71.5, 1e-12);
    assert_near(xy[1], 41, 1e-12);
    zf_transform_destroy(massachusetts);

    zf_transform *paris =
        to_geographic("EPSG:27572"); /* its base counts in grads: 52 of them are 46.8 degrees */
    double origin[2] = {600000, 2200000};
    assert_int_equal(zf_transform_points(paris, origin, 1, &error), ZF_OK);
    assert_near(origin[0], 0, 1e-10);
    assert_near(origin[1], 46.8, 1e-10);
    zf_transform_destroy(paris);

    /* with a datum shift of its own: none is applied */
    zf_transform *bound = to_geographic("+proj=utm +zone=19 +ellps=bessel +towgs84=300,0,0");
    double meridian[2] = {500000, 0};
    assert_int_equal(zf_transform_points(bound, meridian, 1, &error), ZF_OK);
    assert_near(meridian[0], -69, 1e-12);
    assert_near(meridian[1], 0, 1e-12);
    zf_transform_destroy(bound);
}

static void degrees_need_no_transformation_to_degrees(void **state) {
    (void)state;
    zf_error error = ZF_ERROR_INIT;
    assert_null(to_geographic("EPSG:4326"));
    assert_null(to_geographic("EPSG:4269"));
    assert_null(to_geographic("OGC:CRS84"));
    zf_transform *grads = to_geographic("EPSG:4807");
    assert_non_null(grads);
    double xy[2] = {10, 50};
    assert_int_equal(zf_transform_points(grads, xy, 1, &error), ZF_OK);
    assert_near(xy[0], 9, 1e-12);
    assert_near(xy[1], 45, 1e-12);
    zf_transform_destroy(grads);
}

/* ---- threads ---- */

typedef struct job {
    const zf_crs *from, *to;
    double xy[2];
    zf_status status;
} job;

static void *work(void *user) {
    job *j = user;
    zf_transform *transform = NULL;
    j->status = zf_crs_is_same(j->from, j->to) ? ZF_E_INTERNAL
                                               : zf_transform_create(j->from, j->to, &transform, NULL);
    for (int i = 0; i < 100 && j->status == ZF_OK; i++) {
        j->xy[0] = -71.08;
        j->xy[1] = 42.36;
        j->status = zf_transform_points(transform, j->xy, 1, NULL);
    }
    zf_transform_destroy(transform);
    return NULL;
}

static void threads_share_a_crs_and_make_their_own_transformations(void **state) {
    (void)state;
    enum { N = 4 };
    zf_crs *from = crs_of("EPSG:4326");
    zf_crs *to = crs_of("EPSG:2249");
    job jobs[N];
    pthread_t threads[N];
    for (int i = 0; i < N; i++) {
        jobs[i] = (job){from, to, {0, 0}, ZF_E_INTERNAL};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(jobs[i].status, ZF_OK);
        assert_memory_equal(jobs[i].xy, jobs[0].xy, sizeof jobs[i].xy);
    }
    assert_near(jobs[0].xy[0], 769681, 1);
    zf_crs_destroy(from);
    zf_crs_destroy(to);
}

static void proj_tells_its_version(void **state) {
    (void)state;
    int major = 0, minor = 0;
    assert_int_equal(sscanf(zf_proj_version(), "%d.%d", &major, &minor), 2);
    assert_int_equal(major, proj_info().major);
    assert_int_equal(minor, proj_info().minor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_projected_crs_tells_its_unit_in_metres),
        cmocka_unit_test(a_geographic_crs_tells_its_unit_in_radians),
        cmocka_unit_test(a_sphere_has_no_flattening),
        cmocka_unit_test(names_urns_and_proj_strings_are_understood),
        cmocka_unit_test(heights_are_left_out),
        cmocka_unit_test(what_is_no_crs_is_refused),
        cmocka_unit_test(a_crs_without_a_plane_or_longitudes_is_refused),
        cmocka_unit_test(a_very_long_definition_is_shown_shortened),
        cmocka_unit_test(a_null_error_record_is_legal),
        cmocka_unit_test(an_esri_prj_is_recognised),
        cmocka_unit_test(a_rounded_copy_is_recognised_and_is_the_same_crs),
        cmocka_unit_test(a_crs_that_lies_elsewhere_is_nobodys),
        cmocka_unit_test(a_false_claim_is_not_believed),
        cmocka_unit_test(other_authorities_stay),
        cmocka_unit_test(axis_order_and_names_make_no_difference),
        cmocka_unit_test(datum_unit_and_projection_make_a_difference),
        cmocka_unit_test(northing_before_easting_is_the_same_plane),
        cmocka_unit_test(the_undefined_plane_is_only_itself),
        cmocka_unit_test(longitude_comes_first_whatever_the_axis_order),
        cmocka_unit_test(easting_comes_first_where_the_authority_says_northing),
        cmocka_unit_test(the_operation_and_its_accuracy_are_told),
        cmocka_unit_test(operations_chosen_per_point_are_told_once_used),
        cmocka_unit_test(a_datum_shift_in_the_definition_is_used),
        cmocka_unit_test(a_point_that_cannot_be_transformed_is_named),
        cmocka_unit_test(no_points_are_no_work),
        cmocka_unit_test(worlds_apart_cannot_be_joined),
        cmocka_unit_test(a_projected_crs_finds_its_own_longitudes_and_latitudes),
        cmocka_unit_test(degrees_need_no_transformation_to_degrees),
        cmocka_unit_test(threads_share_a_crs_and_make_their_own_transformations),
        cmocka_unit_test(proj_tells_its_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
