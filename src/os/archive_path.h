/* SPDX-License-Identifier: MIT */
/** Paths into archives, as GDAL writes them: /vsizip/PATH/INNER. */
#ifndef ZF_OS_ARCHIVE_PATH_H
#define ZF_OS_ARCHIVE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/** Where the parts of such a path are. */
typedef struct zf_archive_path {
    size_t n_system;                /**< bytes of "/vsizip/" */
    size_t archive_from, n_archive; /**< the archive's own path, without braces */
    size_t inner_from;              /**< the path inside, without a slash in front; it ends with the whole */
} zf_archive_path;

/** Whether a path begins like one into an archive ("/vsizip/", "/vsigzip/", "/vsitar/"). */
bool zf_archive_path_is_one(const char *path);
/** Splits it at the first part that is a regular file; false: none is, or it is no such path. */
bool zf_archive_path_split(const char *path, zf_archive_path *out);
/**
 * Splits the path of a job, in which the archive is a name without directories, without looking at files.
 * False also if the inner path is missing or has a part "." or "..", or another "/vsi".
 */
bool zf_archive_path_split_name(const char *path, zf_archive_path *out);

#endif
