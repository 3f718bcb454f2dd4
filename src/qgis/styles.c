/* SPDX-License-Identifier: MIT */
/* The default styles of a result's layers, filled in from templates. QGIS 3.22 and later read them. */
#include "qgis/qgis.h"
#include "qgis/style.h"
#include "qgis/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/** The classes of ColorBrewer's YlOrRd (https://colorbrewer2.org) on which dark footprints can be seen. */
static const char *const zip_colors[ZF_STYLE_CLASSES] = {"255,255,204,255", "254,217,118,255",
                                                         "254,178,76,255", "253,141,60,255", "252,78,42,255"};

/** ColorBrewer's Dark2: the colours of user queries, distinct from each other and from those of the ZIPs. */
static const char *const query_colors[] = {"27,158,119", "117,112,179", "231,41,138", "102,166,30",
                                           "166,118,29"};

/* ---- the classes of the ZIPs ---- */

/** A column that ZIPs can be coloured by. */
typedef struct class_column {
    const char *name;
    double scale;
    const char *unit;
} class_column;

/* In order of preference: shares and densities compare ZIPs of all sizes, counts do not. */
static const class_column class_columns[] = {
    {"coverage", 100, "% built over, by all buildings"},
    {"per_km2", 1, "per km²"},
    {"important", 1, "buildings"},
};

/* The first column that has values; NULL: none. */
static const class_column *choose_class_column(const zf_output *output) {
    for (size_t i = 0; i < COUNT_OF(class_columns); i++)
        if (zf_output_count_zip_numbers(output, class_columns[i].name) > 0)
            return &class_columns[i];
    return NULL;
}

static zf_status make_classes(const zf_output *output, const class_column *column, zf_budget *budget,
                              zf_style_class *classes, size_t *n_classes, zf_error *error) {
    const size_t n_all = zf_output_count_zip_numbers(output, column->name);
    size_t n = n_all;
    void *values = NULL;
    zf_status status = zf_memory_alloc(budget, ZF_MEMORY_OUTPUT, n_all * sizeof(double), &values, error);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the classes of the default style");
    status = zf_output_read_zip_numbers(output, column->name, values, &n, error);
    if (status == ZF_OK)
        *n_classes = zf_style_classes_make(values, n, column->scale, classes);
    zf_memory_free(budget, ZF_MEMORY_OUTPUT, values, n_all * sizeof(double));
    return status;
}

/* Six digits are enough for a legend. */
static void append_shown(zf_text *out, double number) {
    char digits[48];
    snprintf(digits, sizeof digits, "%.6g", number);
    zf_text_append_json_number(out, strtod(digits, NULL));
}

/* "1.3 – 1.8 % built over", or "7 buildings" for a class of one value. */
static void set_class_label(zf_template_data *data, const zf_style_class *class, const char *unit) {
    zf_text label = {0};
    if (class->shown_lower < class->shown_upper) {
        append_shown(&label, class->shown_lower);
        zf_text_append(&label, " – ");
    }
    append_shown(&label, class->shown_upper);
    zf_text_append_format(&label, " %s", unit);
    zf_template_set_text(data, "label", &label);
}

/* Fewer classes are spread over all colours. */
static const char *color_of(size_t i, size_t n) {
    return n < 2 ? zip_colors[1] : zip_colors[(i * (ZF_STYLE_CLASSES - 1) + (n - 1) / 2) / (n - 1)];
}

static zf_status set_zip_data(const zf_output *output, zf_budget *budget, zf_template_data *data,
                              zf_error *error) {
    zf_style_class classes[ZF_STYLE_CLASSES];
    size_t n_classes = 0;
    const class_column *column = choose_class_column(output);
    zf_status status =
        column != NULL ? make_classes(output, column, budget, classes, &n_classes, error) : ZF_OK;
    if (status != ZF_OK || n_classes == 0) {
        zf_template_data *single = zf_template_add(data, "single");
        zf_template_set(single, "number", "0");
        zf_template_set(single, "color", zip_colors[0]);
        return status;
    }
    zf_template_data *graduated = zf_template_add(data, "graduated");
    zf_template_set(graduated, "attribute", column->name);
    for (size_t i = 0; i < n_classes; i++) {
        zf_template_data *class = zf_template_add(graduated, "classes");
        zf_template_set_count(class, "number", i);
        zf_template_set(class, "color", color_of(i, n_classes));
        zf_template_set_number(class, "lower", classes[i].lower);
        zf_template_set_number(class, "upper", classes[i].upper);
        set_class_label(class, &classes[i], column->unit);
    }
    return ZF_OK;
}

/* ---- one style ---- */

/** The geometry type as a symbol needs it. */
typedef enum shape { SHAPE_POINTS = 0, SHAPE_LINES, SHAPE_POLYGONS, SHAPE_MIXED } shape;

static shape shape_of(const zf_output_layer *layer) {
    static const char *const ends[] = {"POINT", "LINESTRING", "POLYGON"};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (strstr(layer->geometry_type, ends[i]) != NULL)
            return (shape)i;
    return SHAPE_MIXED;
}

static const char *template_of(const zf_output_layer *layer) {
    switch (layer->kind) {
    case ZF_OUTPUT_LAYER_ZIPS:
        return zf_template_zip_summary_qml;
    case ZF_OUTPUT_LAYER_BUILDINGS:
        return shape_of(layer) == SHAPE_POINTS  ? zf_template_query_points_qml
               : shape_of(layer) == SHAPE_LINES ? zf_template_query_lines_qml
                                                : zf_template_important_building_qml;
    case ZF_OUTPUT_LAYER_REJECTED:
        return zf_template_rejected_feature_qml;
    case ZF_OUTPUT_LAYER_ANALYSIS:
        return zf_template_cluster_qml;
    case ZF_OUTPUT_LAYER_QUERY:
    default:
        return shape_of(layer) == SHAPE_POINTS  ? zf_template_query_points_qml
               : shape_of(layer) == SHAPE_LINES ? zf_template_query_lines_qml
                                                : zf_template_query_polygons_qml;
    }
}

static void set_labels(const zf_output *output, const zf_output_layer *layer, zf_template_data *data) {
    for (size_t i = 0; i < layer->n_columns; i++) {
        const char *column = zf_output_layer_column(output, layer, i);
        zf_text label = {0};
        zf_style_append_label(&label, layer->kind, column);
        if (label.n == 0 && layer->kind == ZF_OUTPUT_LAYER_QUERY)
            zf_style_append_top_label(&label, layer->table, column);
        if (label.n == 0 && !label.is_failed)
            continue;
        zf_template_data *item = zf_template_add(data, "columns");
        zf_template_set_count(item, "index", i);
        zf_template_set(item, "column", column);
        zf_template_set_text(item, "label", &label);
    }
}

/* The layer's name in a project. The table of an analysis is named like its column of zip_summary. */
static zf_status append_title(zf_text *out, const zf_output_layer *layer, zf_error *error) {
    static const char *const titles[] = {[ZF_OUTPUT_LAYER_ZIPS] = "ZIPs",
                                         [ZF_OUTPUT_LAYER_BUILDINGS] = "Important buildings",
                                         [ZF_OUTPUT_LAYER_REJECTED] = "Rejected features"};
    if (layer->kind < COUNT_OF(titles))
        zf_text_append(out, titles[layer->kind]);
    if (layer->kind == ZF_OUTPUT_LAYER_ANALYSIS)
        zf_style_append_label(out, ZF_OUTPUT_LAYER_ZIPS, layer->table);
    if (layer->kind == ZF_OUTPUT_LAYER_QUERY && strncmp(layer->table, "top_", 4) == 0) {
        zf_text_append(out, "Largest by ");
        zf_style_append_top_label(out, layer->table, "");
    }
    if (out->n == 0)
        zf_text_append(out, layer->table);
    return out->is_failed ? zf_error_memory(error, out->n, "the title of a layer") : ZF_OK;
}

static zf_status write_style(zf_output *output, const zf_output_layer *layer, zf_budget *budget,
                             zf_error *error) {
    zf_text qml = {0}, title = {0};
    zf_template_data *data = zf_template_data_create();
    zf_status status = append_title(&title, layer, error);
    if (status == ZF_OK && layer->kind == ZF_OUTPUT_LAYER_ZIPS)
        status = set_zip_data(output, budget, data, error);
    zf_template_set(data, "rgb", query_colors[layer->query_no % COUNT_OF(query_colors)]);
    set_labels(output, layer, data);
    if (status == ZF_OK)
        status = zf_template_fill(template_of(layer), data, &qml, error);
    if (status == ZF_OK)
        status = zf_output_write_style(output, layer, qml.bytes, title.bytes, error);
    zf_template_data_destroy(data);
    zf_text_deinit(&title);
    zf_text_deinit(&qml);
    return status;
}

/* ---- all styles ---- */

/** Layers are drawn in the order of their styles, each step over those before. */
typedef enum drawing_step {
    DRAW_ZIPS = 0,
    DRAW_QUERY_POLYGONS,
    DRAW_BUILDINGS_AND_MORE,
    DRAW_QUERY_LINES,
    DRAW_QUERY_POINTS,
    DRAW_NOTHING
} drawing_step;

/* Polygons of a query (hulls, unions) would hide the buildings; its points and lines would be hidden by them.
 * There is no one symbol for mixed geometries. */
static drawing_step step_of(const zf_output_layer *layer) {
    static const drawing_step of_query[] = {[SHAPE_POINTS] = DRAW_QUERY_POINTS,
                                            [SHAPE_LINES] = DRAW_QUERY_LINES,
                                            [SHAPE_POLYGONS] = DRAW_QUERY_POLYGONS,
                                            [SHAPE_MIXED] = DRAW_NOTHING};
    if (layer->kind == ZF_OUTPUT_LAYER_QUERY)
        return of_query[shape_of(layer)];
    if (layer->kind == ZF_OUTPUT_LAYER_BUILDINGS && shape_of(layer) == SHAPE_MIXED)
        return DRAW_NOTHING;
    return layer->kind == ZF_OUTPUT_LAYER_ZIPS ? DRAW_ZIPS : DRAW_BUILDINGS_AND_MORE;
}

zf_status zf_qgis_write_styles(zf_output *output, zf_budget *budget, zf_error *error) {
    zf_status status = ZF_OK;
    for (drawing_step step = DRAW_ZIPS; step < DRAW_NOTHING; step++) {
        zf_output_layer layer;
        for (size_t table = 0; status == ZF_OK && zf_output_next_layer(output, &table, &layer);)
            if (step_of(&layer) == step)
                status = write_style(output, &layer, budget, error);
    }
    return status;
}
