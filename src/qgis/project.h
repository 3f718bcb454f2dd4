/* SPDX-License-Identifier: MIT */
/**
 * @file project.h
 * A QGIS project beside a finished result: its layers with the styles that the result holds, and a page to
 * print.
 */
#ifndef ZF_QGIS_PROJECT_H
#define ZF_QGIS_PROJECT_H

#include "base/base.h"

/**
 * Whether the project of a result could be written, before there is one: its name is the result's with .qgz
 * for its extension.
 * @return ZF_E_OUTPUT: it exists and overwrite is false, or is no regular file; ZF_E_USAGE: the result itself
 * has that name, or one that is not UTF-8, which projects must be; ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_project_check(const char *result, bool overwrite, zf_error *error);

/**
 * Writes the project of a finished result, whole or not at all. It names the result as lying beside it. The
 * same result under the same name gives the same bytes.
 * @return what zf_project_check does; ZF_E_INPUT: the result cannot be read, or has no styles.
 */
ZF_MUST_USE zf_status zf_project_write(const char *result, bool overwrite, zf_error *error);

#endif
