/* SPDX-License-Identifier: MIT */
/**
 * @file project.h
 * A QGIS project beside a finished result: its layers with the styles that the result holds, and a page to
 * print.
 */
#ifndef ZONEFOLD_PROJECT_H
#define ZONEFOLD_PROJECT_H

#include "zonefold/status.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_project_check and zf_project_write. Strings are UTF-8 and borrowed for the call. */
typedef struct zf_project_options {
    const char *result; /**< the result file; the project has its name with the extension .qgz; required */
    bool overwrite;     /**< replace an existing project */
} zf_project_options;

/**
 * Whether the project of a result could be written. The result need not exist yet.
 * @return ZF_OK; ZF_E_OUTPUT: the project exists and `overwrite` is false, or it is no regular file;
 * ZF_E_USAGE: the result itself has the project's name, or one that is not UTF-8; ZF_E_MEMORY.
 */
ZF_API ZF_MUST_USE zf_status zf_project_check(const zf_project_options *options, zf_error *error);

/**
 * Writes the project of a finished result, whole or not at all. The project refers to the result as a file
 * beside it. The same result under the same name gives the same bytes.
 * @return what zf_project_check returns; ZF_E_INPUT: the result cannot be read, or has no styles.
 */
ZF_API ZF_MUST_USE zf_status zf_project_write(const zf_project_options *options, zf_error *error);

#ifdef __cplusplus
}
#endif
#endif
