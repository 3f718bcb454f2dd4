/* SPDX-License-Identifier: MIT */
/* Classes of a column's values, and labels of columns. */
#include "qgis/style.h"
#include "unit/output_bench.h"

#include <float.h>
#include <math.h>

enum { MOST = 4000 };

/* The class that QGIS takes: the first that holds the value. */
static size_t class_of(const zf_style_class *classes, size_t n, double value) {
    for (size_t i = 0; i < n; i++)
        if (classes[i].lower <= value && value <= classes[i].upper)
            return i;
    return n;
}

static size_t count_different(const double *sorted, size_t n) {
    size_t n_different = n > 0;
    for (size_t i = 1; i < n; i++)
        n_different += sorted[i] != sorted[i - 1];
    return n_different;
}

/* What holds whatever the values: all are in a class, no class is empty, classes touch and ascend. */
static size_t assert_classes(double *values, size_t n, double scale, zf_style_class *classes) {
    size_t counts[ZF_STYLE_CLASSES + 1] = {0};
    const size_t n_classes = zf_style_classes_make(values, n, scale, classes);
    const size_t n_different = count_different(values, n); /* sorted by now */
    assert_true(n_classes <= ZF_STYLE_CLASSES);
    assert_true(n_classes <= n_different);
    if (n_different <= ZF_STYLE_CLASSES)
        assert_int_equal(n_classes, n_different);
    for (size_t i = 0; i < n; i++)
        counts[class_of(classes, n_classes, values[i])]++;
    assert_int_equal(counts[n_classes], 0);
    for (size_t i = 0; i < n_classes; i++) {
        assert_true(counts[i] > 0);
        assert_true(classes[i].lower <= classes[i].upper);
        assert_true(i == 0 ||
                    (classes[i].lower == classes[i - 1].upper && classes[i].lower < classes[i].upper));
        assert_true(fabs(classes[i].shown_upper - classes[i].upper * scale) <=
                    1e-12 * fabs(classes[i].shown_upper));
    }
    return n_classes;
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Many zeros, few values, wide ranges, close values, both signs. */
static double random_value(uint64_t *state, int kind) {
    const double unit = (double)next_random(state) / 2147483648.0;
    switch (kind) {
    case 0:
        return unit;
    case 1:
        return next_random(state) % 3 > 0 ? 0 : unit;
    case 2:
        return (double)(next_random(state) % 7);
    case 3:
        return exp(40 * (unit - 0.5));
    case 4:
        return 1 + unit * 1e-9;
    case 5:
        return 1 + (double)(next_random(state) % 9) * 0x1p-52;
    default:
        return (unit - 0.5) * 1e3;
    }
}

static void every_value_is_in_a_class_and_no_class_is_empty(void **state) {
    static double values[MOST];
    static const double scales[] = {1, 100};
    uint64_t seed = 20;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        const size_t n = next_random(&seed) % (round % 50 == 0 ? MOST : 40);
        zf_style_class classes[ZF_STYLE_CLASSES];
        for (size_t i = 0; i < n; i++)
            values[i] = random_value(&seed, round % 7);
        assert_classes(values, n, scales[round % 2], classes);
    }
}

static void many_different_values_are_parted_evenly(void **state) {
    double values[1000];
    zf_style_class classes[ZF_STYLE_CLASSES];
    (void)state;
    for (size_t i = 0; i < 1000; i++)
        values[i] = (double)((i * 617) % 1000) + 0.5;
    assert_int_equal(assert_classes(values, 1000, 1, classes), 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(classes[i].upper - 200 * (double)(i + 1)) <= 10);
}

static void bounds_are_round_where_no_value_minds(void **state) {
    double values[] = {0, .0061, .0127, .0144, .0150, .0180, .0716, .0731, .0803, .0933, .1054, .2185};
    static const double expected[] = {1.3, 1.8, 7.4, 9.4, 22};
    zf_style_class classes[ZF_STYLE_CLASSES];
    (void)state;
    assert_int_equal(assert_classes(values, 12, 100, classes), 5);
    assert_true(classes[0].shown_lower == 0);
    for (size_t i = 0; i < 5; i++)
        assert_true(classes[i].shown_upper == expected[i]);
}

static void no_values_have_no_class_and_equal_ones_one(void **state) {
    double values[] = {7, 7, 7}, one[] = {0};
    zf_style_class classes[ZF_STYLE_CLASSES];
    (void)state;
    assert_int_equal(zf_style_classes_make(values, 0, 1, classes), 0);
    assert_int_equal(assert_classes(values, 3, 1, classes), 1);
    assert_true(classes[0].lower == 7 && classes[0].upper == 7);
    assert_int_equal(assert_classes(one, 1, 100, classes), 1);
    assert_true(classes[0].lower == 0 && classes[0].upper == 0);
}

static void extremes_keep_their_bounds(void **state) {
    double values[] = {-DBL_MAX, -1e300, 5e-324, 1e-300, 1e22, DBL_MAX};
    zf_style_class classes[ZF_STYLE_CLASSES];
    (void)state;
    assert_classes(values, 6, 1, classes);
}

static void assert_label(zf_output_layer_kind kind, const char *column, const char *expected) {
    zf_text text = {0};
    zf_style_append_label(&text, kind, column);
    assert_string_equal(text.bytes != NULL ? text.bytes : "", expected);
    zf_text_deinit(&text);
}

static void columns_of_the_result_have_names_and_units(void **state) {
    (void)state;
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "area_m2", "Area (m²)");
    assert_label(ZF_OUTPUT_LAYER_BUILDINGS, "nn_m", "Nearest neighbour (m)");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "nn_edge_median_m", "Nearest wall: median (m)");
    assert_label(ZF_OUTPUT_LAYER_BUILDINGS, "neighbours_0_5m", "Neighbours within 0.5 m");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "neighbours_50m_mean", "Neighbours within 50 m: mean");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "neighbours_12_5m_mean", "Neighbours within 12.5 m: mean");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "clusters_7_25m_4", "Clusters (4 buildings within 7.25 m)");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "clustered_20m_5", "Buildings in clusters (5 buildings within 20 m)");
    assert_label(ZF_OUTPUT_LAYER_BUILDINGS, "cluster_20m_5", "Cluster (5 buildings within 20 m)");
    assert_label(ZF_OUTPUT_LAYER_ANALYSIS, "buildings", "Buildings");
    assert_label(ZF_OUTPUT_LAYER_REJECTED, "area_delta_m2", "Change of area (m²)");
}

static void statistics_are_named_after_their_field(void **state) {
    (void)state;
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "height_mean", "height: mean");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "last edit_max", "last edit: maximum");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "height_stddev_sample", "height: standard deviation of the sample");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "height_p90", "height: percentile 90");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "area_m2_sum", "Area: sum (m²)");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "width_m_variance", "Width: variance (m²)");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "area_m2_variance", "Area: variance (m⁴)");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "area_m2_count", "Area: values");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "use_mean_length", "use: mean length (characters)");
}

static void fields_of_the_user_keep_their_names(void **state) {
    static const char *const names[] = {"height", "buildings", "important", "a_mean", "_mean",
                                        "",       "use_max",   "coverage",  "nn_m_2", "neighbours_m"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_label(ZF_OUTPUT_LAYER_BUILDINGS, names[i], "");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "_mean", "");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "nn_m_2", "");
    assert_label(ZF_OUTPUT_LAYER_ZIPS, "clusters_20m_", "");
}

static void assert_heading(const char *column, const char *text, const char *unit, double scale) {
    zf_style_heading heading;
    zf_style_heading_make(column, &heading);
    assert_string_equal(heading.text.bytes != NULL ? heading.text.bytes : "", text);
    assert_string_equal(heading.unit.bytes != NULL ? heading.unit.bytes : "", unit);
    assert_true(heading.scale == scale);
    zf_style_heading_deinit(&heading);
}

static void headings_say_what_colours_mean(void **state) {
    (void)state;
    assert_heading("height_mean", "Mean of height", "", 1);
    assert_heading("Height_stddev_sample", "Standard deviation of the sample of Height", "", 1);
    assert_heading("area_m2_p90", "Percentile 90 of area", "m²", 1);
    assert_heading("area_m2_variance", "Variance of area", "m⁴", 1);
    assert_heading("area_m2", "Area", "m²", 1);
    assert_heading("coverage", "Coverage, all buildings", "%", 100);
    assert_heading("per_km2", "Important buildings", "per km²", 1);
    assert_heading("nn_mean_m", "Nearest neighbour: mean", "m", 1);
    assert_heading("neighbours_50m_mean", "Neighbours within 50 m: mean", "", 1);
    assert_heading("population", "population", "", 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_in_a_class_and_no_class_is_empty),
        cmocka_unit_test(many_different_values_are_parted_evenly),
        cmocka_unit_test(bounds_are_round_where_no_value_minds),
        cmocka_unit_test(no_values_have_no_class_and_equal_ones_one),
        cmocka_unit_test(extremes_keep_their_bounds),
        cmocka_unit_test(columns_of_the_result_have_names_and_units),
        cmocka_unit_test(statistics_are_named_after_their_field),
        cmocka_unit_test(fields_of_the_user_keep_their_names),
        cmocka_unit_test(headings_say_what_colours_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
