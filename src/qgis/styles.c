/* SPDX-License-Identifier: MIT */
/* The default styles of a result's layers, filled in from templates. QGIS 3.22 and later read them. */
#include "qgis/style.h"
#include "qgis/template.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/** ColorBrewer's Dark2: the colours of user queries, distinct from each other and from those of the ZIPs. */
static const char *const query_colors[] = {"27,158,119", "117,112,179", "231,41,138", "102,166,30",
                                           "166,118,29"};

/* ---- one style ---- */

static zf_style_shape shape_of(const zf_output_layer *layer) {
    static const char *const ends[] = {"POINT", "LINESTRING", "POLYGON"};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (strstr(layer->geometry_type, ends[i]) != NULL)
            return (zf_style_shape)i;
    return ZF_SHAPE_MIXED;
}

static const char *template_of(const zf_output_layer *layer) {
    switch (layer->kind) {
    case ZF_OUTPUT_LAYER_ZIPS:
        return zf_template_zip_summary_qml;
    case ZF_OUTPUT_LAYER_BUILDINGS:
        return zf_template_important_building_qml;
    case ZF_OUTPUT_LAYER_REJECTED:
        return zf_template_rejected_feature_qml;
    case ZF_OUTPUT_LAYER_ANALYSIS:
        return zf_template_cluster_qml;
    case ZF_OUTPUT_LAYER_QUERY:
    default:
        return shape_of(layer) == ZF_SHAPE_POINTS  ? zf_template_query_points_qml
               : shape_of(layer) == ZF_SHAPE_LINES ? zf_template_query_lines_qml
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

static zf_status write_style(zf_output *output, const zf_output_layer *layer, const zf_qgis_map *map,
                             zf_budget *budget, zf_error *error) {
    zf_text qml = {0}, title = {0};
    zf_template_data *data = zf_template_data_create();
    zf_status status = append_title(&title, layer, error);
    if (status == ZF_OK && layer->kind == ZF_OUTPUT_LAYER_ZIPS)
        status = zf_zip_style_set(output, map, budget, data, error);
    if (status == ZF_OK && layer->kind == ZF_OUTPUT_LAYER_BUILDINGS)
        status = zf_building_style_set(output, map, shape_of(layer), data, error);
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
    static const drawing_step of_query[] = {[ZF_SHAPE_POINTS] = DRAW_QUERY_POINTS,
                                            [ZF_SHAPE_LINES] = DRAW_QUERY_LINES,
                                            [ZF_SHAPE_POLYGONS] = DRAW_QUERY_POLYGONS,
                                            [ZF_SHAPE_MIXED] = DRAW_NOTHING};
    if (layer->kind == ZF_OUTPUT_LAYER_QUERY)
        return of_query[shape_of(layer)];
    if (layer->kind == ZF_OUTPUT_LAYER_BUILDINGS && shape_of(layer) == ZF_SHAPE_MIXED)
        return DRAW_NOTHING;
    return layer->kind == ZF_OUTPUT_LAYER_ZIPS ? DRAW_ZIPS : DRAW_BUILDINGS_AND_MORE;
}

zf_status zf_qgis_write_styles(zf_output *output, const zf_qgis_map *map, zf_budget *budget,
                               zf_error *error) {
    zf_status status = ZF_OK;
    for (drawing_step step = DRAW_ZIPS; step < DRAW_NOTHING; step++) {
        zf_output_layer layer;
        for (size_t table = 0; status == ZF_OK && zf_output_next_layer(output, &table, &layer);)
            if (step_of(&layer) == step)
                status = write_style(output, &layer, map, budget, error);
    }
    return status;
}
