/* SPDX-License-Identifier: MIT */
/* The registry, and how analyses are asked for. */
#include "unit/analysis_zip.h"

static zf_arena arena;

static void assert_refused(const char *text, const char *first, const char *second) {
    zf_analysis_job job;
    zf_error error = ZF_ERROR_INIT;
    assert_int_equal(zf_analysis_job_parse(text, &arena, &job, &error), ZF_E_USAGE);
    assert_non_null(strstr(error.text, text));
    assert_non_null(strstr(error.text, first));
    assert_non_null(strstr(error.text, second));
}

static void assert_written(const char *text, const char *expected) {
    zf_analysis_job job;
    zf_text out = {0};
    assert_int_equal(zf_analysis_job_parse(text, &arena, &job, NULL), ZF_OK);
    zf_analysis_job_write(&job, &out);
    assert_string_equal(out.bytes, expected);
    zf_text_deinit(&out);
}

static void assert_named(const char *text, const char *pattern, const char *expected) {
    zf_analysis_job job;
    zf_text out = {0};
    assert_int_equal(zf_analysis_job_parse(text, &arena, &job, NULL), ZF_OK);
    zf_analysis_job_name(&job, pattern, &out);
    assert_string_equal(out.bytes, expected);
    zf_text_deinit(&out);
}

/* ---- registry ---- */

static void every_analysis_is_found_by_its_name(void **state) {
    (void)state;
    size_t n = 0;
    const zf_analysis *const *all = zf_analyses(&n);
    assert_true(n >= 4);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(zf_analysis_by_name(all[i]->name), all[i]);
    assert_ptr_equal(zf_analysis_by_name("nearest"), &zf_analysis_nearest);
}

static void what_is_no_analysis_is_not_found(void **state) {
    (void)state;
    const char *const wrong[] = {"", "none", "Nearest", "neares", "nearest ", "nearest:metric=edge"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_null(zf_analysis_by_name(wrong[i]));
}

/* Two columns of one name could not stand in one table. */
static void no_two_columns_share_a_name(void **state) {
    (void)state;
    const char *names[2][100];
    size_t n_names[2] = {0, 0}, n = 0;
    const zf_analysis *const *all = zf_analyses(&n);
    for (size_t a = 0; a < n; a++) {
        for (size_t i = 0; i < all[a]->n_zip_columns; i++)
            names[0][n_names[0]++] = all[a]->zip_columns[i].name;
        for (size_t i = 0; i < all[a]->n_building_columns; i++)
            names[1][n_names[1]++] = all[a]->building_columns[i].name;
    }
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < n_names[t]; i++) {
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(names[t][i], names[t][j]);
        }
    }
}

/* What the manual, the help and the parser rely on. */
static void every_analysis_is_described_in_full(void **state) {
    (void)state;
    size_t n = 0;
    const zf_analysis *const *all = zf_analyses(&n);
    for (size_t a = 0; a < n; a++) {
        assert_non_null(all[a]->summary);
        assert_true(all[a]->n_parameters <= ZF_PARAMETERS_MAX);
        for (size_t i = 0; i < all[a]->n_parameters; i++) {
            const zf_parameter *parameter = &all[a]->parameters[i];
            assert_true(parameter->name != NULL && parameter->help != NULL);
            assert_true((parameter->kind == ZF_PARAMETER_CHOICE) == (parameter->n_words > 0));
            if (parameter->kind == ZF_PARAMETER_NUMBER || parameter->kind == ZF_PARAMETER_COUNT)
                assert_true(parameter->min < parameter->max);
        }
    }
}

/* ---- parsing ---- */

static void what_cannot_be_meant_is_refused_with_what_there_is(void **state) {
    (void)state;
    assert_refused("nearst", "did you mean 'nearest'", "histogram, ");
    assert_refused("", "no such analysis", "none");
    assert_refused("none:x=1", "no such analysis", "none");
    assert_refused("clark-evans:metric=edge", "no parameter 'metric'", "clark-evans takes no parameters");
    assert_refused("nearest:metric=edges", "'edges' is not centroid or edge for metric", "metric=");
    assert_refused("neighbours", "within_m is missing", "a number of 0.001 to 1000000");
    assert_refused("neighbours:", "no parameter ''", "within_m=");
    assert_refused("neighbours:within=5", "did you mean 'within_m'", "within_m=");
    assert_refused("neighbours:WITHIN_M=5", "no parameter 'WITHIN_M'", "within_m=");
    assert_refused("neighbours:within_m", "within_m has no value", "within_m=");
    assert_refused("neighbours:within_m=", "'' is not a number", "within_m=");
    assert_refused("neighbours:within_m=5,", "no parameter ''", "within_m=");
    assert_refused("neighbours:within_m=5,within_m=6", "within_m is given twice", "within_m=");
    assert_refused("histogram:width=5", "field is missing", "a field or measure");
    assert_refused("histogram:field=,width=5", "'' is not a field", "field=");
    assert_refused("histogram:field=h", "one of width and bins is missing", "bins=");
    assert_refused("histogram:field=h,width=5,bins=3", "exclude each other", "bins=");
}

static void numbers_are_read_whole_and_within_their_range(void **state) {
    (void)state;
    const char *const wrong[] = {"0",  "-5",  "1e7", "nan", "inf", "0x10",  "5m",    " 5",
                                 "5 ", "1,5", "1e",  "--5", "5-5", "1e999", "0.0009"};
    const char *const wrong_counts[] = {"0", "2.5", "-1", "10001", "1e5", "many"};
    char text[64];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)snprintf(text, sizeof text, "neighbours:within_m=%s", wrong[i]);
        assert_refused(text, text, "0.001 to 1000000");
    }
    for (size_t i = 0; i < sizeof wrong_counts / sizeof wrong_counts[0]; i++) {
        (void)snprintf(text, sizeof text, "histogram:field=h,bins=%s", wrong_counts[i]);
        assert_refused(text, "a whole number of 1 to 10000 for bins", "bins=");
    }
    assert_written("neighbours:within_m=0.001", "neighbours:within_m=0.001");
    assert_written("neighbours:within_m=1e6", "neighbours:within_m=1000000");
    assert_written("histogram:field=h,bins=10000", "histogram:field=h,bins=10000");
}

/* ---- one way of writing ---- */

static void a_job_is_written_in_one_way(void **state) {
    (void)state;
    assert_written("nearest", "nearest");
    assert_written("nearest:metric=centroid", "nearest");
    assert_written("nearest:metric=edge", "nearest:metric=edge");
    assert_written("neighbours:within_m=+1.50e2", "neighbours:within_m=150");
    assert_written("histogram:width=05.0,field=height", "histogram:field=height,width=5");
    assert_written("histogram:bins=3,field=\"a,b\"", "histogram:field=\"a,b\",bins=3");
    assert_written("histogram:bins=3,field=\"say \"\"x\"\"\"", "histogram:field=\"say \"\"x\"\"\",bins=3");
    assert_written("histogram:bins=3,field=\"plain\"", "histogram:field=plain,bins=3");
    assert_written("histogram:bins=3,field=a=b:c", "histogram:field=a=b:c,bins=3");
}

static void arguments_stand_in_names(void **state) {
    (void)state;
    assert_named("neighbours:within_m=100", "neighbours_{within_m}m_mean", "neighbours_100m_mean");
    assert_named("neighbours:within_m=2.5", "n_{within_m}m", "n_2_5m");
    assert_named("neighbours:within_m=100.0", "{within_m}{within_m}", "100100");
    assert_named("histogram:field=a b,bins=7", "histogram_{field}", "histogram_a b");
    assert_named("histogram:field=f,bins=7", "{width}|{bins}|{nothing}|", "|7||");
    assert_named("nearest", "nn{metric}_m", "nn_m");
    assert_named("nearest:metric=centroid", "nn{metric}_m", "nn_m");
    assert_named("nearest:metric=edge", "nn{metric}_m", "nn_edge_m");
}

int main(void) {
    zf_arena_init(&arena, NULL, ZF_MEMORY_RECORD, 1024);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_analysis_is_found_by_its_name),
        cmocka_unit_test(what_is_no_analysis_is_not_found),
        cmocka_unit_test(no_two_columns_share_a_name),
        cmocka_unit_test(every_analysis_is_described_in_full),
        cmocka_unit_test(what_cannot_be_meant_is_refused_with_what_there_is),
        cmocka_unit_test(numbers_are_read_whole_and_within_their_range),
        cmocka_unit_test(a_job_is_written_in_one_way),
        cmocka_unit_test(arguments_stand_in_names),
    };
    int failed = cmocka_run_group_tests_name("analysis parameters", tests, NULL, NULL);
    zf_arena_release(&arena);
    return failed;
}
