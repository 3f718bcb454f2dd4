/* SPDX-License-Identifier: MIT */
/**
 * @file qgis.h
 * How QGIS shows a result: a default style for each layer, and a project (zonefold/project.h). Both are
 * filled in from the files of templates/.
 */
#ifndef ZF_QGIS_QGIS_H
#define ZF_QGIS_QGIS_H

#include "output/output.h"

/** What the map shows. Texts are borrowed. */
typedef struct zf_qgis_map {
    size_t column;        /**< of zip_summary between `zip` and `geom`: colours the ZIPs */
    const char *title;    /**< NULL: made of the column */
    const char *subtitle; /**< which buildings are important, and where the data come from */
    bool has_conditions;  /**< not all assigned buildings are important */
} zf_qgis_map;

/**
 * Stores the default styles of all layers in the result. All rows are written by now.
 * @param budget of the ZIPs' values while they are classified; nullable.
 */
ZF_MUST_USE zf_status zf_qgis_write_styles(zf_output *output, const zf_qgis_map *map, zf_budget *budget,
                                           zf_error *error);

#endif
