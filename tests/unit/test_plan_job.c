/* SPDX-License-Identifier: MIT */
/* The canonical job. */
#include "output/ledger.h"
#include "plan/job.h"
#include "unit/output_bench.h"

static void assert_job(const zf_run_options *options, const char *expected) {
    zf_text text = {0};
    zf_job_to_json(options, NULL, 0, &text);
    assert_false(text.is_failed);
    assert_string_equal(text.bytes, expected);
    zf_text_deinit(&text);
}

static void defaults_are_left_out(void **state) {
    const zf_run_options options = {.zips = "z.gpkg", .buildings = "b.gpkg", .output = "r.sqlite"};
    (void)state;
    assert_job(&options, "{\"zips\":\"z.gpkg\",\"buildings\":\"b.gpkg\"}");
    assert_job(&(zf_run_options){0}, "{}");
}

static void every_option_that_shapes_the_result_has_its_long_name(void **state) {
    const char *const stats[] = {"area_m2=sum", "height=p90,max"};
    const char *const analyses[] = {"nearest:metric=edge"};
    const char *const fields[] = {"a", "b c"};
    const char *const computes[] = {"d=height / 3", "\"e f\"=d > 1"};
    const char *const rules[] = {"tall=d > 9"};
    const char *const open_options[] = {"A=1", "B=2"};
    const zf_run_options options = {.zips = "z.shp",
                                    .zips_layer = "zl",
                                    .zip_field = "ZIP",
                                    .zip_where = "STATE = 'MA'",
                                    .order_by = "POP DESC",
                                    .combine = true,
                                    .zips_crs = "EPSG:4269",
                                    .buildings = "b.shp",
                                    .buildings_layer = "bl",
                                    .buildings_crs = "EPSG:2249",
                                    .encoding = "CP1252",
                                    .zips_encoding = "CP1250",
                                    .buildings_encoding = "UTF-8",
                                    .zips_open_options = open_options,
                                    .n_zips_open_options = 1,
                                    .buildings_open_options = open_options,
                                    .n_buildings_open_options = 2,
                                    .assign = ZF_ASSIGN_INNER_POINT,
                                    .computes = computes,
                                    .n_computes = 2,
                                    .where = "use = \"x\"",
                                    .rules = rules,
                                    .n_rules = 1,
                                    .stats = stats,
                                    .n_stats = 2,
                                    .analyses = analyses,
                                    .n_analyses = 1,
                                    .measure = ZF_MEASURE_PLANAR,
                                    .fields = fields,
                                    .n_fields = 2,
                                    .buildings_out = ZF_BUILDINGS_IDS,
                                    .on_invalid = ZF_INVALID_SKIP};
    (void)state;
    assert_job(
        &options,
        "{\"zips\":\"z.shp\",\"zips-layer\":\"zl\",\"zip-field\":\"ZIP\",\"zip-where\":\"STATE = 'MA'\","
        "\"order-by\":\"POP DESC\",\"combine\":true,\"buildings\":\"b.shp\",\"buildings-layer\":\"bl\","
        "\"zips-crs\":\"EPSG:4269\",\"buildings-crs\":\"EPSG:2249\",\"encoding\":\"CP1252\",\"zips-"
        "encoding\":\"CP1250\",\"buildings-encoding\":\"UTF-8\",\"zips-open-option\":[\"A=1\"],"
        "\"buildings-open-option\":[\"A=1\",\"B=2\"],\"assign\":"
        "\"inner-point\",\"compute\":[\"d=height / 3\",\"\\\"e f\\\"=d > 1\"],"
        "\"where\":\"use = "
        "\\\"x\\\"\",\"rule\":[\"tall=d > "
        "9\"],\"stat\":[\"area_m2=sum\",\"height=p90,max\"],\"analysis\":[\"nearest:metric=edge\"],"
        "\"measure\":\"planar\",\"fields\":[\"a\",\"b "
        "c\"],\"buildings-out\":\"ids\",\"on-invalid\":\"skip\"}");
}

static void directories_and_what_cannot_change_the_result_are_not_in_it(void **state) {
    const zf_run_options options = {.zips = "/home/user/data/z.gpkg",
                                    .buildings = "../b.gdb/",
                                    .output = "/home/user/r.sqlite",
                                    .overwrite = true,
                                    .trace = "/tmp/t.csv",
                                    .batch_size = 7};
    (void)state;
    assert_job(&options, "{\"zips\":\"z.gpkg\",\"buildings\":\"b.gdb\"}");
}

static void the_job_is_appended(void **state) {
    const zf_run_options options = {.zips = "z.gpkg"};
    zf_text text = {0};
    (void)state;
    zf_text_append(&text, "job: {");
    zf_job_to_json(&options, NULL, 0, &text);
    assert_string_equal(text.bytes, "job: {{\"zips\":\"z.gpkg\"}");
    zf_text_deinit(&text);
}

static void option_values_have_the_names_of_the_command_line(void **state) {
    (void)state;
    assert_string_equal(zf_assign_rule_name(ZF_ASSIGN_WITHIN), "within");
    assert_string_equal(zf_assign_rule_name(ZF_ASSIGN_COVERED_BY), "covered-by");
    assert_string_equal(zf_assign_rule_name(ZF_ASSIGN_INTERSECTS), "intersects");
    assert_string_equal(zf_assign_rule_name(ZF_ASSIGN_CENTROID), "centroid");
    assert_string_equal(zf_assign_rule_name(ZF_ASSIGN_INNER_POINT), "inner-point");
    assert_string_equal(zf_assign_rule_name(ZF_ASSIGN_END), "unknown");
    assert_string_equal(zf_measure_mode_name(ZF_MEASURE_AUTO), "auto");
    assert_string_equal(zf_measure_mode_name(ZF_MEASURE_GEODESIC), "geodesic");
    assert_string_equal(zf_measure_mode_name(ZF_MEASURE_END), "unknown");
    assert_string_equal(zf_on_invalid_name(ZF_INVALID_REPAIR), "repair");
    assert_string_equal(zf_on_invalid_name(ZF_INVALID_FAIL), "fail");
    assert_string_equal(zf_on_invalid_name(ZF_INVALID_END), "unknown");
    assert_string_equal(zf_buildings_out_name(ZF_BUILDINGS_GEOMETRY), "geometry");
    assert_string_equal(zf_buildings_out_name(ZF_BUILDINGS_ATTRIBUTES), "attributes");
    assert_string_equal(zf_buildings_out_name(ZF_BUILDINGS_NONE), "none");
    assert_string_equal(zf_buildings_out_name(ZF_BUILDINGS_END), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_left_out),
        cmocka_unit_test(every_option_that_shapes_the_result_has_its_long_name),
        cmocka_unit_test(directories_and_what_cannot_change_the_result_are_not_in_it),
        cmocka_unit_test(the_job_is_appended),
        cmocka_unit_test(option_values_have_the_names_of_the_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
