/* SPDX-License-Identifier: MIT */
/** What a finished result says about its project. */
#ifndef ZF_QGIS_PROJECT_DATA_H
#define ZF_QGIS_PROJECT_DATA_H

#include "geometry/envelope.h"
#include "output/reader.h"
#include "qgis/template.h"

/**
 * Sets all values of the template project.qgs.
 * @param file name of the result, without its directory.
 * @param title the same without extension.
 * @return ZF_E_INPUT: the result cannot be read, or has no styles; ZF_E_CANCELLED; ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_project_data_read(zf_reader *reader, const char *file, const char *title,
                                           zf_template_data *out, zf_error *error);

/* ---- project_map.c ---- */

/** The map on the page, in millimetres: see templates/layout.xml. */
enum { ZF_PAGE_MAP_WIDTH_MM = 205, ZF_PAGE_MAP_HEIGHT_MM = 171 };

/**
 * Sets the CRS of the layers and of the project, what is seen of the map, and the scale bar.
 * @param out_scale of the map on the page, as 1 to so many.
 */
ZF_MUST_USE zf_status zf_project_map_read(zf_reader *reader, zf_template_data *out, double *out_scale,
                                          zf_error *error);

/* ---- project_layers.c ---- */

/**
 * Sets the layers with their styles, the plain tables, the legend, and title and subtitle of the page.
 * @param scale of the map on the page.
 */
ZF_MUST_USE zf_status zf_project_layers_read(zf_reader *reader, const char *file, double scale,
                                             zf_template_data *out, zf_error *error);

#endif
