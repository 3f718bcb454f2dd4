/* SPDX-License-Identifier: MIT */
/** The recorded job of a result as files that run: inputs, SQL and a job file in one directory. */
#ifndef ZF_PROVENANCE_JOB_FILES_H
#define ZF_PROVENANCE_JOB_FILES_H

#include "provenance/recorded.h"
#include "zonefold/job.h"
#include "zonefold/replay.h"

/** A file of the directory: an input, or a text. */
typedef struct zf_job_part {
    char *path;                    /**< below the directory: "inputs/zips.gpkg" */
    const zf_recorded_file *input; /**< borrowed from the record; NULL: sql */
    const char *sql;               /**< likewise */
} zf_job_part;

/** Zero-initialise; zf_recorded_job_deinit releases it. */
typedef struct zf_recorded_job {
    zf_job_part *parts;
    size_t n;
    bool is_apart; /**< each input has a directory of its own */
    zf_text job;   /**< the job file, which names the parts as seen from the directory; it names no output */
} zf_recorded_job;

/**
 * Decides where each file goes, and writes the job file. Files keep their recorded names, as layers are named
 * after them; an input that is a directory keeps its directory. Both inputs share the directory "inputs",
 * unless different files would have the same path.
 * @param recorded borrowed as long as the job.
 */
ZF_MUST_USE zf_status zf_recorded_job_make(const zf_recorded *recorded, zf_recorded_job *out,
                                           zf_error *error);
void zf_recorded_job_deinit(zf_recorded_job *job);

/**
 * The recorded options for a run over the parts in a directory. ZF_E_INPUT when an option has a value that no
 * run takes.
 */
ZF_MUST_USE zf_status zf_recorded_job_options(const zf_recorded *recorded, const zf_recorded_job *job,
                                              const char *directory, zf_job **out, zf_error *error);

/**
 * Finds the inputs in a directory and below; NULL: the result's own.
 * @param arena       keeps what out_missing points to.
 * @param out_missing what is missing, after ZF_E_INPUT because of it; else untouched.
 * @return ZF_OK: all are there.
 */
ZF_MUST_USE zf_status zf_recorded_find_all(zf_recorded *recorded, const char *result, const char *directory,
                                           const zf_callbacks *callbacks, zf_arena *arena,
                                           zf_missing_inputs *out_missing, zf_error *error);

#endif
