/* SPDX-License-Identifier: MIT */
/** A file that is written under a temporary name and put in place whole or not at all. */
#ifndef ZF_OS_OUTPUT_FILE_H
#define ZF_OS_OUTPUT_FILE_H

#include "base/base.h"

/** What is written where. Texts are borrowed. */
typedef struct zf_output_target {
    const char *path;
    const char *what;      /**< for messages: "the result" */
    const char *parameter; /**< that names the path: "output" */
    bool overwrite;
} zf_output_target;

/** Zero-initialise with fd -1. */
typedef struct zf_output_file {
    zf_output_target target; /**< path: of its own */
    char *path, *directory;
    char *temp_path; /**< NULL when there is nothing to remove */
    int fd; /**< open on the temporary file, and holds its lock; never closed while SQLite has it open (POSIX
                 locks) */
} zf_output_file;

/** ZF_E_OUTPUT when the file exists without overwrite, or is a directory or no regular file. */
ZF_MUST_USE zf_status zf_output_file_check(const zf_output_target *target, zf_error *error);
/**
 * Creates the temporary file in the directory of the output: ".NAME.part", or ".NAME.PID-N.part" where files
 * cannot be locked. One that a killed process left there is removed.
 * @return as zf_output_file_check; ZF_E_OUTPUT also when another process is writing the same output, or when
 * the directory is missing or not writable; ZF_E_MEMORY.
 */
ZF_MUST_USE zf_status zf_output_file_create(zf_output_file *file, const zf_output_target *target,
                                            zf_error *error);
/** ZF_E_OUTPUT when SQLite's -wal or -journal of an older database lies beside the output: it would be taken
 * for part of the new one. */
ZF_MUST_USE zf_status zf_output_file_check_sqlite(const zf_output_file *file, zf_error *error);
/** Sync, rename, sync of the directory. A database must be closed. On failure the temporary file is still
 * there. */
ZF_MUST_USE zf_status zf_output_file_put_in_place(zf_output_file *file, zf_error *error);
/** Removes the temporary file, if any, and frees the names. */
void zf_output_file_deinit(zf_output_file *file);

/** Writes a whole file: all of the above. */
ZF_MUST_USE zf_status zf_output_file_write(const zf_output_target *target, const char *bytes, size_t n,
                                           zf_error *error);

#endif
