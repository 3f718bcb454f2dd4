/* SPDX-License-Identifier: MIT */
/** What a finished result says about its project. */
#ifndef ZF_QGIS_PROJECT_DATA_H
#define ZF_QGIS_PROJECT_DATA_H

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

#endif
