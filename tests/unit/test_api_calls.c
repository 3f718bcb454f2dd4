/* SPDX-License-Identifier: MIT */
/* Every call of the public headers, over the sample in data/, as a caller outside the project makes them. */
#include "zonefold/zonefold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants those above */

#define REQUIRE(call)                                                                                        \
    do {                                                                                                     \
        const zf_status got = (call);                                                                        \
        if (got != ZF_OK)                                                                                    \
            fail_msg("%s: %s: %s", #call, zf_status_name(got), error.text);                                  \
    } while (0)

static char directory[256], zips[512], buildings[512], result[512], other[512], bag[512];

static void name_files(void) {
    snprintf(zips, sizeof zips, "%s/zips.gpkg", ZONEFOLD_DATA);
    snprintf(buildings, sizeof buildings, "%s/buildings.gpkg", ZONEFOLD_DATA);
    snprintf(directory, sizeof directory, "/tmp/zonefold-api-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(result, sizeof result, "%s/result.sqlite", directory);
    snprintf(other, sizeof other, "%s/other.sqlite", directory);
    snprintf(bag, sizeof bag, "%s/bag", directory);
}

static zf_run_options sample(void) {
    return (zf_run_options){.zips = zips, .buildings = buildings, .output = result};
}

/* What the callback of a run saw. */
typedef struct lines_seen {
    uint32_t n;
    double important;
} lines_seen;

static zf_status count_line(void *user, const zf_zip_line *line, zf_error *error) {
    lines_seen *seen = user;
    (void)error;
    assert_int_equal(line->rank, ++seen->n);
    assert_non_null(line->zip);
    for (size_t i = 0; i < line->n; i++)
        if (strcmp(line->columns[i].name, "important") == 0)
            seen->important += (double)line->values[i].as.integer;
    return ZF_OK;
}

static void a_run_tells_each_zip_and_its_counts(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_run_report report = {0};
    lines_seen seen = {0};
    const char *const rules[] = {"large=area_m2 > 100"};
    zf_run_options options = sample();
    options.rules = rules;
    options.n_rules = 1;
    (void)state;
    REQUIRE(zf_run(&options, NULL, count_line, &seen, &report, &error));
    const zf_run_counts *c = &report.counts;
    assert_int_equal(seen.n, c->zips_selected);
    assert_true(seen.important == (double)c->important);
    assert_int_equal(c->buildings_read, c->buildings_assigned + c->buildings_crossing + c->buildings_outside +
                                            c->buildings_empty + c->buildings_skipped);
    assert_int_equal(report.n_funnel, 1);
    assert_string_equal(report.funnel[0].rule, "large");
    uint64_t value = 0;
    assert_string_equal(zf_counts_get(c, 0, &value), "zips_read");
    assert_int_equal(value, c->zips_read);
    zf_run_report_deinit(&report);
}

static zf_status refuse(void *user, const zf_zip_line *line, zf_error *error) {
    (void)user;
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_ZONEFOLD, "no room for ZIP %s", line->zip);
}

static void a_callback_that_fails_ends_the_run_without_a_result(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_run_options options = sample();
    options.output = other;
    (void)state;
    assert_int_equal(zf_run(&options, NULL, refuse, NULL, NULL, &error), ZF_E_OUTPUT);
    assert_non_null(strstr(error.text, "no room for ZIP"));
    assert_int_equal(access(other, F_OK), -1);
}

static void a_plan_names_what_would_be_read(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_plan_report report;
    zf_run_options options = sample();
    options.where = "area_m2 > 100";
    (void)state;
    REQUIRE(zf_plan_forecast(&options, NULL, &report, &error));
    assert_string_equal(report.zips_layer.path, zips);
    assert_string_equal(report.buildings_layer.driver, "GPKG");
    assert_true(report.zips.n > 0 && report.zips.n_vertices >= report.zips.n_vertices_largest);
    assert_int_equal(report.columns.conditions.n, 1);
    assert_string_equal(report.columns.conditions.items[0], "where");
    assert_true(report.cost.n_passes >= 1 && report.cost.memory_bytes <= report.cost.memory_limit_bytes);
    zf_plan_report_deinit(&report);
}

static void an_inspection_describes_layers_and_lists_problems(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_inspection *inspection = NULL;
    zf_inspect_report report;
    (void)state;
    REQUIRE(zf_inspection_create(&inspection, &error));
    REQUIRE(zf_inspect(inspection, &(zf_inspect_options){.file = zips}, NULL, &report, &error));
    assert_string_equal(report.driver, "GPKG");
    assert_int_equal(report.n_layers, 1);
    assert_true(report.layers[0].n_read > 0 && report.layers[0].n_fields > 0 && report.layers[0].has_extent);
    zf_inspect_report_deinit(&report);
    REQUIRE(zf_inspect(inspection, &(zf_inspect_options){.file = buildings, .max_features = 10}, NULL,
                       &report, &error));
    assert_int_equal(report.layers[0].n_read, 10);
    bool is_cut = false;
    for (size_t i = 0; i < report.layers[0].n_problems; i++)
        is_cut |= strstr(report.layers[0].problems[i], "`max_features`") != NULL;
    assert_true(is_cut);
    zf_inspect_report_deinit(&report);
    zf_inspection_destroy(inspection);
}

static void a_result_verifies_and_does_not_differ_from_itself(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_verdict verdict;
    zf_difference difference;
    (void)state;
    REQUIRE(zf_verify(&(zf_verify_options){result}, NULL, &verdict, &error));
    assert_int_equal(verdict.n_findings, 0);
    assert_true(verdict.n_tables > 0 && strlen(verdict.sha256) == 64);
    zf_verdict_deinit(&verdict);
    REQUIRE(zf_diff(&(zf_diff_options){result, result}, NULL, NULL, NULL, &difference, &error));
    assert_false(zf_difference_is_any(&difference));
    zf_difference_deinit(&difference);
}

static void a_replay_has_the_same_content(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_replay_report report;
    char data[512];
    snprintf(data, sizeof data, "%.*s", (int)(strrchr(zips, '/') - zips), zips);
    (void)state;
    REQUIRE(zf_replay(&(zf_replay_options){.result = result, .inputs = data, .output = other}, NULL, NULL,
                      NULL, &report, &error));
    assert_true(report.is_same);
    assert_string_equal(report.versions[0].name, "zonefold");
    assert_string_equal(report.versions[0].recorded, zf_version());
    zf_replay_report_deinit(&report);
    assert_int_equal(access(other, F_OK), 0);
}

static void a_replay_names_the_inputs_that_are_missing(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_replay_report report;
    (void)state;
    assert_int_equal(zf_replay(&(zf_replay_options){.result = result, .inputs = directory}, NULL, NULL, NULL,
                               &report, &error),
                     ZF_E_INPUT);
    assert_string_equal(error.parameter, "inputs");
    assert_int_equal(report.missing.n, 2);
    assert_string_equal(report.missing.items[0].name, "zips.gpkg");
    assert_string_equal(report.missing.directory, directory);
    zf_replay_report_deinit(&report);
}

static void an_archive_holds_result_inputs_and_job(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_archive_report report;
    char data[512], file[600];
    snprintf(data, sizeof data, "%.*s", (int)(strrchr(zips, '/') - zips), zips);
    (void)state;
    REQUIRE(zf_archive(
        &(zf_archive_options){.result = result, .output = bag, .inputs = data, .date = "2020-12-31"}, NULL,
        &report, &error));
    assert_true(report.n_files >= 5 && report.n_bytes > 0);
    zf_archive_report_deinit(&report);
    snprintf(file, sizeof file, "%s/data/inputs/buildings.gpkg", bag);
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(zf_archive(&(zf_archive_options){.result = result, .output = bag, .date = "today"}, NULL,
                                &report, &error),
                     ZF_E_USAGE);
    assert_string_equal(error.parameter, "date");
    zf_archive_report_deinit(&report);
}

static void a_project_stands_beside_the_result(void **state) {
    zf_error error = ZF_ERROR_INIT;
    char file[600];
    const zf_project_options options = {.result = result};
    (void)state;
    REQUIRE(zf_project_check(&options, &error));
    REQUIRE(zf_project_write(&options, &error));
    snprintf(file, sizeof file, "%s/result.qgz", directory);
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(zf_project_check(&options, NULL), ZF_E_OUTPUT);
}

static void a_job_is_built_by_the_keys_that_results_record(void **state) {
    zf_error error = ZF_ERROR_INIT;
    zf_job *job = NULL;
    (void)state;
    REQUIRE(zf_job_create(&job, &error));
    REQUIRE(zf_job_add(job, "zips-crs", "EPSG:2249", &error));
    REQUIRE(zf_job_add(job, "assign", "covered-by", &error));
    for (int i = 0; i < 5; i++)
        REQUIRE(zf_job_add(job, "rule", i < 4 ? "a=1" : "b=2", &error));
    const zf_run_options *options = zf_job_options(job);
    assert_string_equal(options->zips_crs, "EPSG:2249");
    assert_int_equal(options->assign, ZF_ASSIGN_COVERED_BY);
    assert_int_equal(options->n_rules, 5);
    assert_string_equal(options->rules[3], "a=1");
    assert_string_equal(options->rules[4], "b=2");
    assert_int_equal(zf_job_add(job, "buildings-out", "all", &error), ZF_E_USAGE);
    assert_string_equal(error.parameter, "buildings_out");
    assert_int_equal(zf_job_add(job, "threads", "2", NULL), ZF_E_USAGE);
    assert_string_equal(zf_job_key(0), "zips");
    zf_job_destroy(job);
}

static void what_is_required_is_named(void **state) {
    zf_error error[4] = {ZF_ERROR_INIT, ZF_ERROR_INIT, ZF_ERROR_INIT, ZF_ERROR_INIT};
    zf_verdict verdict;
    zf_difference difference;
    zf_inspect_report report;
    (void)state;
    assert_int_equal(zf_verify(&(zf_verify_options){NULL}, NULL, &verdict, &error[0]), ZF_E_USAGE);
    assert_string_equal(error[0].parameter, "result");
    assert_int_equal(zf_diff(&(zf_diff_options){"a", NULL}, NULL, NULL, NULL, &difference, &error[1]),
                     ZF_E_USAGE);
    assert_string_equal(error[1].text, "`b` is required");
    assert_int_equal(zf_inspect(NULL, &(zf_inspect_options){0}, NULL, &report, &error[2]), ZF_E_USAGE);
    assert_string_equal(error[2].parameter, "file");
    assert_int_equal(zf_run(&(zf_run_options){0}, NULL, NULL, NULL, NULL, &error[3]), ZF_E_USAGE);
}

static void analyses_describe_their_parameters_and_columns(void **state) {
    zf_analysis_description analysis;
    size_t n = 0;
    (void)state;
    for (; (analysis = zf_describe_analysis(n)).name != NULL; n++) {
        assert_non_null(analysis.summary);
        for (size_t k = 0; k < analysis.n_parameters; k++)
            assert_non_null(zf_describe_parameter(n, k).help);
        for (size_t c = 0; c < analysis.n_columns; c++)
            assert_non_null(zf_describe_column(n, c).definition);
    }
    assert_true(n >= 7);
    assert_string_equal(zf_describe_measure(0), "area_m2");
    zf_text names = {0};
    zf_describe_statistics(ZF_FIELD_REAL, &names);
    assert_non_null(strstr(names.bytes, "median"));
    zf_text_deinit(&names);
}

static void clean_up(void) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_tells_each_zip_and_its_counts),
        cmocka_unit_test(a_callback_that_fails_ends_the_run_without_a_result),
        cmocka_unit_test(a_plan_names_what_would_be_read),
        cmocka_unit_test(an_inspection_describes_layers_and_lists_problems),
        cmocka_unit_test(a_result_verifies_and_does_not_differ_from_itself),
        cmocka_unit_test(a_replay_has_the_same_content),
        cmocka_unit_test(a_replay_names_the_inputs_that_are_missing),
        cmocka_unit_test(an_archive_holds_result_inputs_and_job),
        cmocka_unit_test(a_project_stands_beside_the_result),
        cmocka_unit_test(a_job_is_built_by_the_keys_that_results_record),
        cmocka_unit_test(what_is_required_is_named),
        cmocka_unit_test(analyses_describe_their_parameters_and_columns),
    };
    name_files();
    const int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    clean_up();
    return n_failed;
}
