/* SPDX-License-Identifier: MIT */
/* The style of the ZIPs: a rule for each class of the column that was asked for, grey for ZIPs without
 * buildings or without a value, and labels. */
#include "qgis/style.h"
#include "schema/result_column.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The classes of ColorBrewer's YlOrRd (https://colorbrewer2.org) on which dark footprints can be seen. */
static const char *const class_colors[ZF_STYLE_CLASSES] = {
    "255,255,204,255", "254,217,118,255", "254,178,76,255", "253,141,60,255", "252,78,42,255"};
#define COLOR_WITHOUT_VALUE     "205,205,205,255"
#define COLOR_WITHOUT_BUILDINGS "236,236,236,255"

/** So many ZIPs, those of the largest values, are labelled even where the label does not fit into them. */
enum { MAX_TOP_LABELS = 10 };

/** The values that are drawn. */
typedef struct zip_values {
    const char *column;
    double *sorted; /**< n, once there are classes */
    size_t n;
    zf_style_class classes[ZF_STYLE_CLASSES];
    size_t n_classes;
} zip_values;

/* ---- expressions of QGIS ---- */

/* The value of the column, as an expression. */
static void append_column(zf_text *out, const zip_values *values) {
    zf_text_append_identifier(out, values->column);
}

/* The condition that a ZIP is in class i. Of two classes that share a bound the first holds it. */
static void append_class_filter(zf_text *out, const zip_values *values, size_t i) {
    zf_text_append(out, "\"buildings\" > 0 AND ");
    append_column(out, values);
    zf_text_append(out, i == 0 ? " >= " : " > ");
    zf_text_append_json_number(out, values->classes[i].lower);
    zf_text_append(out, " AND ");
    append_column(out, values);
    zf_text_append(out, " <= ");
    zf_text_append_json_number(out, values->classes[i].upper);
}

/* ---- labels of classes ---- */

/* With so many digits; large numbers get thousands separators. */
static void append_shown(zf_text *out, double number, int n_digits) {
    static const double grouped_from = 10000, grouped_to = 1e15;
    char digits[48];
    snprintf(digits, sizeof digits, "%.*g", n_digits, number);
    const double shown = strtod(digits, NULL), size = fabs(shown);
    if (size < grouped_from || size > grouped_to || size != floor(size)) {
        zf_text_append_json_number(out, shown);
        return;
    }
    char grouped[32];
    zf_text_append_format(out, "%s%s", shown < 0 ? "-" : "", zf_format_grouped((uint64_t)size, grouped));
}

static bool are_whole(const zip_values *values) {
    for (size_t i = 0; i < values->n; i++)
        if (values->sorted[i] != floor(values->sorted[i]))
            return false;
    return true;
}

/* Whether all values of class i are equal; sets that value. */
static bool is_one_value(const zip_values *values, size_t i, double *out) {
    const zf_style_class *class = &values->classes[i];
    double first = NAN;
    for (size_t k = 0; k < values->n; k++) {
        const double value = values->sorted[k];
        if (value > class->upper || value < class->lower || (i > 0 && value == class->lower))
            continue;
        if (!isnan(first) && value != first)
            return false;
        first = value;
    }
    *out = first;
    return !isnan(first);
}

/* "1.3 – 1.8", or "7" for a class of one value. Of whole numbers a class begins after the end of the last
 * one. */
static void set_class_label(zf_template_data *data, const zip_values *values, size_t i, double scale,
                            bool is_whole) {
    enum { BOUND_DIGITS = 6, VALUE_DIGITS = 4, WHOLE_DIGITS = 15 }; /* bounds are rounded already */
    zf_text label = {0};
    double lower = values->classes[i].shown_lower, value;
    if (is_one_value(values, i, &value)) {
        append_shown(&label, value * scale, is_whole ? WHOLE_DIGITS : VALUE_DIGITS);
    } else {
        if (is_whole && i > 0 && lower == floor(lower))
            lower += 1;
        append_shown(&label, lower, BOUND_DIGITS);
        zf_text_append(&label, " – ");
        append_shown(&label, values->classes[i].shown_upper, BOUND_DIGITS);
    }
    zf_template_set_text(data, "label", &label);
}

/* ---- rules ---- */

/* Fewer classes are spread over all colours. */
static const char *color_of(size_t i, size_t n) {
    return n < 2 ? class_colors[1] : class_colors[(i * (ZF_STYLE_CLASSES - 1) + (n - 1) / 2) / (n - 1)];
}

static void set_symbol(zf_template_data *rule, size_t number, const char *color) {
    zf_template_set_count(rule, "number", number);
    zf_template_set(rule, "color", color);
}

static void add_classes(zf_template_data *data, const zip_values *values, double scale) {
    const bool is_whole = scale == 1 && are_whole(values);
    for (size_t i = 0; i < values->n_classes; i++) {
        zf_template_data *rule = zf_template_add(data, "classes");
        zf_text filter = {0};
        append_class_filter(&filter, values, i);
        zf_template_set_text(rule, "filter", &filter);
        set_symbol(rule, i, color_of(i, values->n_classes));
        set_class_label(rule, values, i, scale, is_whole);
    }
}

static void add_grey(zf_template_data *data, const zip_values *values, const zf_output_zip_sums *sums) {
    if ((double)values->n < sums->n - sums->n_empty) {
        zf_template_data *rule = zf_template_add(data, "others");
        zf_text filter = {0};
        zf_text_append(&filter, "\"buildings\" > 0 AND ");
        append_column(&filter, values);
        zf_text_append(&filter, " IS NULL");
        zf_template_set_text(rule, "filter", &filter);
        set_symbol(rule, values->n_classes, COLOR_WITHOUT_VALUE);
        zf_template_set(rule, "label", "no value");
    }
    if (sums->n_empty > 0) {
        zf_template_data *rule = zf_template_add(data, "others");
        zf_template_set(rule, "filter", "\"buildings\" = 0");
        set_symbol(rule, values->n_classes + 1, COLOR_WITHOUT_BUILDINGS);
        zf_template_set(rule, "label", "no buildings");
    }
}

/* ---- labels of ZIPs ---- */

/** How some of the ZIPs are labelled. */
typedef struct label_look {
    const char *name, *size_pt, *weight, *color;
    bool is_inside; /**< only where it fits into the ZIP */
} label_look;

static void add_label(zf_template_data *data, const label_look *look, zf_text *filter,
                      const zip_values *values) {
    zf_template_data *label = zf_template_add(data, "labels");
    zf_template_set(label, "name", look->name);
    zf_template_set(label, "size", look->size_pt);
    zf_template_set(label, "weight", look->weight);
    zf_template_set(label, "text_color", look->color);
    zf_template_set(label, "is_inside", look->is_inside ? "1" : "0");
    if (look->is_inside)
        (void)zf_template_add(label, "scaled");
    zf_template_set_text(label, "filter", filter);
    const double least = values->n > 0 ? values->sorted[0] : 0,
                 most = values->n > 0 ? values->sorted[values->n - 1] : 0;
    if (!(most > least) || !isfinite(most - least))
        return;
    zf_text priority = {0}; /* 0 to 10: of labels that are in each other's way, the one of the larger value */
    zf_text_append(&priority, "coalesce(scale_linear(");
    append_column(&priority, values);
    zf_text_append(&priority, ", ");
    zf_text_append_json_number(&priority, least);
    zf_text_append(&priority, ", ");
    zf_text_append_json_number(&priority, most);
    zf_text_append(&priority, ", 1, 10), 0)");
    zf_template_set_text(zf_template_add(label, "priority"), "expression", &priority);
}

/* The largest values first, then whatever has room for its label; ZIPs without buildings in grey. */
static void add_labels(zf_template_data *data, const zip_values *values) {
    static const label_look top = {"largest values", "9", "75", "40,40,40,255", false},
                            other = {"other ZIPs", "7", "50", "40,40,40,255", true},
                            empty = {"ZIPs without buildings", "7", "50", "140,140,140,255", true};
    zf_text filter = {0};
    if (values->n > 0) {
        const double from =
            values->sorted[values->n - (values->n < MAX_TOP_LABELS ? values->n : MAX_TOP_LABELS)];
        zf_text_append(&filter, "\"buildings\" > 0 AND ");
        append_column(&filter, values);
        zf_text_append(&filter, " >= ");
        zf_text_append_json_number(&filter, from);
        add_label(data, &top, &filter, values);
        zf_text_append(&filter, "\"buildings\" > 0 AND (");
        append_column(&filter, values);
        zf_text_append(&filter, " < ");
        zf_text_append_json_number(&filter, from);
        zf_text_append(&filter, " OR ");
        append_column(&filter, values);
        zf_text_append(&filter, " IS NULL)");
    } else {
        zf_text_append(&filter, "\"buildings\" > 0");
    }
    add_label(data, &other, &filter, values);
    zf_text_append(&filter, "\"buildings\" = 0");
    add_label(data, &empty, &filter, values);
}

/* ---- all of it ---- */

static void set_two_digits(zf_template_data *data, const char *name, double number) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.1e", number);
    zf_template_set_number(data, name, strtod(digits, NULL));
}

/* What follows from the width of an average ZIP: outlines are a part of it, thinner than a hair where ZIPs
 * are small on the map; and where a ZIP ten times as wide has no room for a label, none is tried. */
static void set_widths(zf_template_data *data, const zf_output_zip_sums *sums) {
    static const double part_of_zip = 0.015, much_wider = 10, label_width_m = 0.008, largest_scale = 1e9;
    const double width_m = sums->n > 0 ? sqrt(sums->area_m2 / sums->n) : 0;
    set_two_digits(data, "outline_mm", 1000 * part_of_zip * width_m);
    set_two_digits(data, "label_scale", fmin(fmax(much_wider * width_m / label_width_m, 1), largest_scale));
}

/* "Mean of height, by ZIP": the comma only where the heading has one itself. */
static void set_title(zf_template_data *data, const zf_qgis_map *map, const zf_style_heading *heading) {
    zf_text title = {0};
    const char *text = heading->text.bytes != NULL ? heading->text.bytes : "";
    if (map->title != NULL) {
        zf_template_set(data, "map_title", map->title);
        return;
    }
    zf_text_append(&title, text);
    if (heading->unit.n > 0 && strncmp(heading->unit.bytes, "per ", 4) == 0)
        zf_text_append_format(&title, " %s", heading->unit.bytes);
    zf_text_append(&title, strchr(text, ',') != NULL ? ", by ZIP" : " by ZIP");
    zf_template_set_text(data, "map_title", &title);
}

static void set_data(zf_template_data *data, const zf_qgis_map *map, const zip_values *values,
                     const zf_output_zip_sums *sums) {
    zf_style_heading heading;
    zf_text legend = {0};
    zf_style_heading_make(values->column, &heading);
    zf_text_append(&legend, heading.text.bytes != NULL ? heading.text.bytes : "");
    zf_result_column_append_unit(&legend, heading.unit.bytes);
    legend.is_failed = legend.is_failed || heading.text.is_failed || heading.unit.is_failed;
    zf_template_set_text(data, "heading", &legend);
    set_title(data, map, &heading);
    zf_template_set(data, "map_subtitle", map->subtitle);
    set_widths(data, sums);
    add_classes(data, values, heading.scale);
    add_grey(data, values, sums);
    add_labels(data, values);
    zf_style_heading_deinit(&heading);
}

/* The name of the column in the table, where it may have got a suffix. */
static const char *name_of(const zf_output *output, size_t column) {
    zf_output_layer layer;
    for (size_t table = 0; zf_output_next_layer(output, &table, &layer);)
        if (layer.kind == ZF_OUTPUT_LAYER_ZIPS)
            return zf_output_layer_column(output, &layer, ZF_ZIP_KEYS + column);
    return "";
}

zf_status zf_zip_style_set(const zf_output *output, const zf_qgis_map *map, zf_budget *budget,
                           zf_template_data *data, zf_error *error) {
    zip_values values = {.column = name_of(output, map->column)};
    zf_output_zip_sums sums;
    const size_t n_all = zf_output_count_zip_numbers(output, values.column);
    void *memory = NULL;
    values.n = n_all;
    zf_status status = zf_output_sum_zips(output, &sums, error);
    if (status == ZF_OK)
        status = zf_memory_alloc(budget, ZF_MEMORY_OUTPUT, n_all * sizeof(double), &memory, error);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the classes of the default style");
    values.sorted = memory;
    status = zf_output_read_zip_numbers(output, values.column, values.sorted, &values.n, error);
    if (status == ZF_OK) {
        zf_style_heading heading;
        zf_style_heading_make(values.column, &heading);
        values.n_classes = zf_style_classes_make(values.sorted, values.n, heading.scale, values.classes);
        zf_style_heading_deinit(&heading);
        set_data(data, map, &values, &sums);
    }
    zf_memory_free(budget, ZF_MEMORY_OUTPUT, memory, n_all * sizeof(double));
    return status;
}
