/* SPDX-License-Identifier: MIT */
/** Temporary files without a name. */
#ifndef ZF_OS_TEMP_FILE_H
#define ZF_OS_TEMP_FILE_H

#include "base/base.h"

/** A temporary file without a name: unlinked as soon as it is there, so that whatever ends the process,
 * nothing stays behind. One opens it, before others use it; then writing and reading from any thread. */
typedef struct zf_temp_file {
    int fd;                /**< -1: not open */
    const char *directory; /**< borrowed */
    const char *what;      /**< "gathered buildings", for messages; borrowed */
} zf_temp_file;

/** directory NULL: TMPDIR, else /tmp. Touches nothing yet. */
void zf_temp_file_init(zf_temp_file *file, const char *directory, const char *what);
/** Creates the file unless it is there. ZF_E_OUTPUT says the directory and why not. */
ZF_MUST_USE zf_status zf_temp_file_open(zf_temp_file *file, zf_error *error);
/** n bytes at an offset. ZF_E_OUTPUT: no space, an I/O error. */
ZF_MUST_USE zf_status zf_temp_file_write(const zf_temp_file *file, const void *bytes, size_t n, uint64_t at,
                                         zf_error *error);
/** Bytes that were written. ZF_E_INPUT when they cannot be read back. */
ZF_MUST_USE zf_status zf_temp_file_read(const zf_temp_file *file, uint64_t at, void *out, size_t n,
                                        zf_error *error);
/** Idempotent; a file of zeros is legal. */
void zf_temp_file_deinit(zf_temp_file *file);

#endif
