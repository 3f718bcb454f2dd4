/* SPDX-License-Identifier: MIT */
/**
 * @file qgis.h
 * How QGIS shows a result: a default style for each layer, and a project. Both are filled in from the files
 * of templates/.
 */
#ifndef ZF_QGIS_QGIS_H
#define ZF_QGIS_QGIS_H

#include "output/output.h"

/**
 * Stores the default styles of all layers in the result. All rows are written by now.
 * @param budget of the ZIPs' values while they are classified; nullable.
 */
ZF_MUST_USE zf_status zf_qgis_write_styles(zf_output *output, zf_budget *budget, zf_error *error);

/**
 * Whether the project of a result can be written, before the result exists. The project has the result's name
 * with the extension .qgz.
 * @return ZF_E_OUTPUT: it exists and overwrite is false, or is not a regular file; ZF_E_USAGE: the result
 * itself has that name, or one that is not UTF-8, which projects must be; ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_qgis_check_project(const char *result, bool overwrite, zf_error *error);

/**
 * Writes the project of a finished result, whole or not at all. It refers to the result by its name, in the
 * same directory. The same result under the same name gives the same bytes.
 * @return as zf_qgis_check_project; ZF_E_INPUT: the result cannot be read, or has no styles.
 */
ZF_MUST_USE zf_status zf_qgis_write_project(const char *result, bool overwrite, zf_error *error);

#endif
