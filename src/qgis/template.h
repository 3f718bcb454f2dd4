/* SPDX-License-Identifier: MIT */
/**
 * Templates and the values that fill them. The files of templates/ are compiled into the program.
 *
 * In a template, of the syntax of Mustache (https://mustache.github.io/mustache.5.html):
 *   {{name}}               the value, escaped for XML text and double-quoted attributes
 *   {{{name}}}             the value as it is: it is XML already
 *   {{#name}}...{{/name}}  once for each item of the section; a section without items is left out
 * A name is looked up in the item first, then in what surrounds it. A section tag alone on a line takes its
 * line break with it.
 */
#ifndef ZF_QGIS_TEMPLATE_H
#define ZF_QGIS_TEMPLATE_H

#include "base/base.h"

extern const char zf_template_zip_summary_qml[];
extern const char zf_template_important_building_qml[];
extern const char zf_template_rejected_feature_qml[];
extern const char zf_template_cluster_qml[];
extern const char zf_template_query_polygons_qml[];
extern const char zf_template_query_lines_qml[];
extern const char zf_template_query_points_qml[];
extern const char zf_template_project_qgs[];

/** Named values, and named sections of items, which hold values and sections in turn. */
typedef struct zf_template_data zf_template_data;

/** NULL when out of memory, which all functions below take: the filling then fails. */
zf_template_data *zf_template_data_create(void);
void zf_template_data_destroy(zf_template_data *data); /**< with all its sections; NULL is legal */

/** Sets a value. name: borrowed, a string literal. The value is copied; NULL is "". */
void zf_template_set(zf_template_data *data, const char *name, const char *value);
/** Sets a value and deinits the text. */
void zf_template_set_text(zf_template_data *data, const char *name, zf_text *value);
/** The shortest decimal that reads back as the same double. */
void zf_template_set_number(zf_template_data *data, const char *name, double number);
void zf_template_set_count(zf_template_data *data, const char *name, size_t count);
/** Appends an item to a section. Owned by data. */
zf_template_data *zf_template_add(zf_template_data *data, const char *section);

/**
 * Appends the filled template.
 * @return ZF_E_MEMORY, also when a value was lost for lack of memory; ZF_E_INTERNAL: the template names a
 * value that is not there, or is malformed. *out then holds a part.
 */
ZF_MUST_USE zf_status zf_template_fill(const char *template, const zf_template_data *data, zf_text *out,
                                       zf_error *error);

#endif
