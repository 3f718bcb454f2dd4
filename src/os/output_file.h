/* SPDX-License-Identifier: MIT */
/** A file that is written under a temporary name and put in place whole or not at all. */
#ifndef ZF_OS_OUTPUT_FILE_H
#define ZF_OS_OUTPUT_FILE_H

#include "base/base.h"

/** Zero-initialise with fd -1. */
typedef struct zf_output_file {
    char *path; /**< the output */
    char *directory;
    char *temp_path; /**< NULL when there is nothing to remove */
    int fd; /**< open on the temporary file, and holds its lock; never closed while SQLite has it open (POSIX
                 locks) */
    bool overwrite;
} zf_output_file;

ZF_MUST_USE zf_status zf_output_file_create(zf_output_file *file, const char *path, bool overwrite,
                                          zf_error *error);
/** Sync, rename, sync of the directory. The connection must be closed. On failure the temporary file is still
 * there. */
ZF_MUST_USE zf_status zf_output_file_put_in_place(zf_output_file *file, zf_error *error);
/** Removes the temporary file, if any, and frees the names. */
void zf_output_file_deinit(zf_output_file *file);

#endif
