/* SPDX-License-Identifier: MIT */
/** The options that shape the result, as canonical JSON. */
#ifndef ZF_PLAN_JOB_H
#define ZF_PLAN_JOB_H

#include "output/output.h"
#include "zonefold/describe.h"
#include "zonefold/run.h"

/**
 * The options that shape the result as canonical JSON: long option names as keys in a fixed order, defaults
 * left out, file names without their directories; what cannot change the result (batch size, trace,
 * overwrite) is not in it. Of `analysis_sqls` names and SQL texts (queries) are in it, and no file names.
 * Appends to *out.
 */
void zf_job_to_json(const zf_run_options *options, const zf_query *queries, size_t n_queries, zf_text *out);
/** Whether zf_job_to_json writes an option of this name: only such ones are taken from a result. */
bool zf_job_is_key(const char *key);

#endif
