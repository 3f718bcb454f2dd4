/* SPDX-License-Identifier: MIT */
/** The funnel of a run: how many (building, ZIP) pairs each condition let through. */
#ifndef ZF_STREAM_FUNNEL_H
#define ZF_STREAM_FUNNEL_H

#include "plan/plan.h"
#include "stream/tally.h"

/** Fills the report's counts and funnel, one step per condition. ZF_E_INTERNAL when the steps do not lead
 * from the assignments to the important ones. On ZF_OK the caller frees with zf_run_report_deinit. */
ZF_MUST_USE zf_status zf_funnel_make(const zf_plan *plan, const zf_tally *tally, const zf_run_counts *counts,
                                     zf_run_report *out, zf_error *error);
/** Writes run_funnel. */
ZF_MUST_USE zf_status zf_funnel_write(const zf_run_report *report, zf_output *output, zf_error *error);

#endif
