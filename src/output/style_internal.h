/* SPDX-License-Identifier: MIT */
/**
 * @file style_internal.h
 * How the layers of a result look when QGIS opens them: the table layer_styles, which it makes for styles
 * that are saved in a database, and reads when a layer is opened.
 */
#ifndef ZF_OUTPUT_STYLE_INTERNAL_H
#define ZF_OUTPUT_STYLE_INTERNAL_H

#include "output/output_internal.h"

/* ---- style_classes.c: a column's values in a few classes ---- */

enum { ZF_STYLE_CLASSES = 5 };

/** Holds lower <= value <= upper; of two classes that share a bound the first holds it. */
typedef struct zf_style_class {
    double lower, upper;             /**< as the column has them */
    double shown_lower, shown_upper; /**< times the scale, of as few digits as tell the classes apart */
} zf_style_class;

/**
 * Classes of about equal numbers of values: all values are in one, none is empty, and equal values are never
 * parted. Up to five different values have a class each. Bounds are rounded outwards to two digits or more,
 * as long as no value changes its class by it.
 * @param values n finite numbers; sorted by the call.
 * @param scale  what the shown bounds are multiplied by: 100 for percents.
 * @return number of classes; 0 for n == 0.
 */
size_t zf_style_classes_make(double *values, size_t n, double scale, zf_style_class out[ZF_STYLE_CLASSES]);

/* ---- style_alias.c: what a column is called for people ---- */

/** Which columns a table can have: a name means different things in different tables. */
typedef enum zf_style_kind {
    ZF_STYLE_ZIP = 1 << 0,
    ZF_STYLE_BUILDING = 1 << 1,
    ZF_STYLE_REJECTED = 1 << 2,
    ZF_STYLE_CLUSTER = 1 << 3,
    ZF_STYLE_ANSWER = 1 << 4, /**< of a SELECT of the user's */
} zf_style_kind;

/** "Nearest neighbour: mean (m)" of nn_mean_m; nothing where the name says it all, as of the user's fields.
 */
void zf_style_append_alias(zf_text *out, zf_style_kind kind, const char *column);

/* ---- style_qml.c: a style as QGIS 3.22 and later read it ---- */

/** What a layer draws, in QGIS's numbers. */
typedef enum zf_style_shape {
    ZF_STYLE_POINTS = 0,
    ZF_STYLE_LINES,
    ZF_STYLE_POLYGONS,
    ZF_STYLE_NO_SHAPE, /**< anything, or nothing: QGIS has no one symbol for it */
} zf_style_shape;

zf_style_shape zf_style_shape_of(const zf_output_table *table);

/** The whole style of a table. classes: of the column `attribute`, each followed by `unit` in the legend;
 * none is one look for all. */
typedef struct zf_style_look {
    zf_style_kind kind;
    const char *attribute;
    const char *unit;
    const zf_style_class *classes;
    size_t n_classes;
    size_t number; /**< of an answer among its like: each has another colour */
} zf_style_look;

void zf_style_append_qml(zf_text *out, const zf_style_look *look, const zf_output_table *table);

/* ---- style.c ---- */

#define ZF_STYLE_TABLE "layer_styles"

/** ZF_E_USAGE when SOURCE_DATE_EPOCH is set, but is no number of seconds. */
ZF_MUST_USE zf_status zf_style_check_time(zf_error *error);
/** All rows are written by now. */
ZF_MUST_USE zf_status zf_output_styles_write(zf_output *sink, zf_error *error);

#endif
