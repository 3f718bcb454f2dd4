/* SPDX-License-Identifier: MIT */
/** What a result says of how it was made. */
#ifndef ZF_RUN_RUN_INFO_H
#define ZF_RUN_RUN_INFO_H

#include "plan/inputs.h"
#include "plan/plan.h"
#include "run/hashes.h"

/** Writes run_info and run_input. The hashes must be finished. */
ZF_MUST_USE zf_status zf_provenance_write(const zf_run_options *options, const zf_plan *plan,
                                          const zf_inputs *inputs, const zf_hashes *hashes, zf_output *output,
                                          zf_error *error);

#endif
