/* SPDX-License-Identifier: MIT */
/**
 * @file qgis.h
 * How QGIS shows a result: a default style for each layer, and a project (zonefold/project.h). Both are
 * filled in from the files of templates/.
 */
#ifndef ZF_QGIS_QGIS_H
#define ZF_QGIS_QGIS_H

#include "output/output.h"

/**
 * Stores the default styles of all layers in the result. All rows are written by now.
 * @param budget of the ZIPs' values while they are classified; nullable.
 */
ZF_MUST_USE zf_status zf_qgis_write_styles(zf_output *output, zf_budget *budget, zf_error *error);

#endif
