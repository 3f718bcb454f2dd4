/* SPDX-License-Identifier: MIT */
/** The parts of a layer's style: the classes of a column's values, and labels of columns. */
#ifndef ZF_QGIS_STYLE_H
#define ZF_QGIS_STYLE_H

#include "output/output.h"

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

/** Appends the label of a column of a table top_MEASURE; of column "", that of the measure without unit. Nothing for
 * other tables and columns. */
void zf_style_append_top_label(zf_text *out, const char *table, const char *column);
/** Appends the label of a column with its unit: "Nearest neighbour: mean (m)" for nn_mean_m. Nothing where
 * there is none but the name, as for fields of the user. */
void zf_style_append_label(zf_text *out, zf_output_layer_kind kind, const char *column);

#endif
