/* SPDX-License-Identifier: MIT */
/** A directory of this run's own, for files that must have names. */
#ifndef ZF_OS_TEMP_DIRECTORY_H
#define ZF_OS_TEMP_DIRECTORY_H

#include "base/base.h"

/** Zero-initialise. */
typedef struct zf_temp_directory {
    char *path; /**< NULL: none */
    int lock;   /**< where there is a path: its descriptor, under flock(2); -1 where it cannot be locked */
} zf_temp_directory;

/**
 * Makes the directory "PREFIXxxxxxx", each x a letter or digit. Its lock goes with the process, however that
 * ends; so directories of such a name that nobody holds were left behind by killed processes, and those of
 * the same user are removed first. Where directories cannot be locked they stay.
 * @param prefix a path to the beginning of the name.
 * @return 0, else errno's code.
 */
int zf_temp_directory_begin(const char *prefix, zf_temp_directory *out);
/** It stands under another name now, for good: lets go of it. */
void zf_temp_directory_release(zf_temp_directory *directory);
/** For a replay, "zonefold-replay-xxxxxx" by zf_temp_directory_begin. parent NULL: TMPDIR, else /tmp.
 * ZF_E_OUTPUT says why not. */
ZF_MUST_USE zf_status zf_temp_directory_create(const char *parent, zf_temp_directory *out, zf_error *error);
/** A link to a file, or a new file with a text; name is below the directory, and its directories are made. */
ZF_MUST_USE zf_status zf_temp_directory_link(const zf_temp_directory *directory, const char *name,
                                             const char *target, zf_error *error);
ZF_MUST_USE zf_status zf_temp_directory_write(const zf_temp_directory *directory, const char *name,
                                              const char *text, zf_error *error);
/** Removes it with all that is in it; what links point to stays. */
void zf_temp_directory_remove(zf_temp_directory *directory);

#endif
