/* SPDX-License-Identifier: MIT */
/** How many pairs of a building and a ZIP each condition let through. */
#ifndef ZF_STREAM_FUNNEL_H
#define ZF_STREAM_FUNNEL_H

#include "stream/worker.h"

/** One step per condition; none without conditions. ZF_E_INTERNAL when they do not lead from the assignments
 * to the important ones. On ZF_OK the caller frees with zf_run_report_deinit. */
ZF_MUST_USE zf_status zf_funnel_make(const zf_plan *plan, const zf_worker *workers, size_t n_workers,
                                     const zf_run_counts *counts, zf_run_report *out, zf_error *error);
/** Writes run_funnel. */
ZF_MUST_USE zf_status zf_funnel_write(const zf_run_report *report, zf_output *sink, zf_error *error);

#endif
