/* SPDX-License-Identifier: MIT */
/** The recorded job of a result as files that run: inputs, SQL and a job file in one directory. */
#ifndef ZF_CLI_RECORDED_JOB_H
#define ZF_CLI_RECORDED_JOB_H

#include "provenance/recorded.h"

/** A file of the directory: an input, or a text. */
typedef struct zf_job_part {
    char *path;                    /**< below the directory: "inputs/zips.gpkg" */
    const zf_recorded_file *input; /**< borrowed from the record; NULL: sql */
    const char *sql;               /**< likewise */
} zf_job_part;

/** Zero-initialise; zf_recorded_job_deinit gives it back. */
typedef struct zf_recorded_job {
    zf_job_part *parts;
    size_t n;
    zf_text job; /**< the job file, which names the parts as seen from the directory; it names no output */
} zf_recorded_job;

/**
 * Where each file goes, under its recorded name: layers are called after it, and the files of a shapefile
 * come together. Of an input that is a directory, that directory. Both layers lie side by side, but where
 * other files of the same name would meet.
 * @param recorded borrowed as long as the job.
 */
ZF_MUST_USE zf_status zf_recorded_job_make(const zf_recorded *recorded, zf_recorded_job *out,
                                           zf_error *error);
void zf_recorded_job_deinit(zf_recorded_job *job);

/** Which inputs are missing and where they were looked for, on standard error. */
void zf_recorded_say_missing(const zf_recorded *recorded, const char *directory);
/** ZF_E_INPUT: some are missing. */
zf_status zf_recorded_missing(const zf_recorded *recorded, const char *path, const char *directory,
                              zf_error *error);
/** The directory of a file: "." when its path names none. The caller frees; NULL without memory. */
char *zf_recorded_directory(const char *path);

#endif
