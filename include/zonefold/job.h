/* SPDX-License-Identifier: MIT */
/**
 * @file job.h
 * A job: the options of a run by name, as results record them and job files hold them.
 */
#ifndef ZONEFOLD_JOB_H
#define ZONEFOLD_JOB_H

#include "zonefold/run.h"
#include "zonefold/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of a run that own their values. */
typedef struct zf_job zf_job;

/** An empty job: every option has its default. The caller's to zf_job_destroy. */
ZF_API ZF_MUST_USE zf_status zf_job_create(zf_job **out, zf_error *error);
ZF_API void zf_job_destroy(zf_job *job); /**< NULL is legal */

/**
 * Gives an option its value, or a list one element more.
 *
 * @param key   as in recorded jobs: "zips-crs", "rule", "analysis-sql" ("NAME=FILE.sql").
 * @param value copied. Of "combine" "true"; of choices a name as of zonefold/describe.h: "covered-by".
 * @return ZF_OK; ZF_E_USAGE for an unknown key or choice; ZF_E_MEMORY.
 */
ZF_API ZF_MUST_USE zf_status zf_job_add(zf_job *job, const char *key, const char *value, zf_error *error);

/** The options, for zf_run. Borrowed from the job; the caller may set further members. */
ZF_API zf_run_options *zf_job_options(zf_job *job);

/** The i-th key that a job can have, in the order of recorded jobs; NULL after the last. */
ZF_API const char *zf_job_key(size_t i);

#ifdef __cplusplus
}
#endif
#endif
