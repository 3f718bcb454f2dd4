/* SPDX-License-Identifier: MIT */
/** The parts of a layer's style: the classes of a column's values, labels of columns, the style of the ZIPs.
 */
#ifndef ZF_QGIS_STYLE_H
#define ZF_QGIS_STYLE_H

#include "qgis/qgis.h"
#include "qgis/template.h"

/* ---- style_classes.c ---- */

enum { ZF_STYLE_CLASSES = 5 };

/** Holds lower <= value <= upper; of two classes that share a bound the first holds it. */
typedef struct zf_style_class {
    double lower, upper;             /**< in the unit of the column */
    double shown_lower, shown_upper; /**< times the scale, with as few digits as tell the classes apart */
} zf_style_class;

/**
 * Divides values into up to five classes of about equal size. Every value is in a class, no class is empty,
 * and equal values are in the same one. Up to five different values have a class each. Bounds are rounded
 * outwards to two digits or more, as long as no value changes its class.
 * @param values n finite numbers; sorted by the call.
 * @param scale  what the shown bounds are multiplied by: 100 for percentages.
 * @return number of classes; 0 for n == 0.
 */
size_t zf_style_classes_make(double *values, size_t n, double scale, zf_style_class out[ZF_STYLE_CLASSES]);

/* ---- style_label.c ---- */

/** Appends the label of a column of a table top_MEASURE; of column "", that of the measure without unit.
 * Nothing for other tables and columns. */
void zf_style_append_top_label(zf_text *out, const char *table, const char *column);
/** Appends the label of a column with its unit: "Nearest neighbour: mean (m)" for nn_mean_m. Nothing where
 * there is none but the name, as for fields of the user. */
void zf_style_append_label(zf_text *out, zf_output_layer_kind kind, const char *column);

/** What the colours of the ZIPs mean. */
typedef struct zf_style_heading {
    zf_text text; /**< "Mean of height" */
    zf_text unit; /**< "m"; empty: none */
    double scale; /**< from the column's unit to this one */
} zf_style_heading;
/** The heading of a column of zip_summary. Without memory its texts fail. To be deinited. */
void zf_style_heading_make(const char *column, zf_style_heading *out);
void zf_style_heading_deinit(zf_style_heading *heading);

/** The geometry type as a symbol needs it, numbered as QGIS does. */
typedef enum zf_style_shape {
    ZF_SHAPE_POINTS = 0,
    ZF_SHAPE_LINES,
    ZF_SHAPE_POLYGONS,
    ZF_SHAPE_MIXED
} zf_style_shape;

/* ---- building_style.c ---- */

/** Sets the values of the template important_building.qml. shape: not mixed. */
ZF_MUST_USE zf_status zf_building_style_set(const zf_output *output, const zf_qgis_map *map,
                                            zf_style_shape shape, zf_template_data *data, zf_error *error);

/* ---- zip_style.c ---- */

/** Sets the values of the template zip_summary.qml. */
ZF_MUST_USE zf_status zf_zip_style_set(const zf_output *output, const zf_qgis_map *map, zf_budget *budget,
                                       zf_template_data *data, zf_error *error);

#endif
