/* SPDX-License-Identifier: MIT */
/** What a result says of how it was made. */
#ifndef ZF_PIPELINE_PROVENANCE_H
#define ZF_PIPELINE_PROVENANCE_H

#include "pipeline/inputs.h"
#include "record/record.h"

/** Writes run_info and run_input. Cost: one reading of every input file, for its hash. */
ZF_MUST_USE zf_status zf_provenance_write(const zf_run_options *options, const zf_inputs *inputs, zf_sink *sink,
                                          const zf_callbacks *callbacks, zf_error *error);

#endif
