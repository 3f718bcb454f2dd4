/* SPDX-License-Identifier: MIT */
/**
 * @file pipeline.h
 * The one place that loops: zone catalogue, building stream, ZIPs in rank order, finish.
 */
#ifndef ZF_RUN_H
#define ZF_RUN_H

#include "base/base.h"
#include "perzip/zip_line.h"
#include "zonefold/run.h"

/**
 * zf_run, telling each ZIP's summary on the way. The run may still fail after zip_done was called.
 * @param zip_done nullable; called once per ZIP in rank order from one thread; a failure ends the run.
 */
ZF_MUST_USE zf_status zf_pipeline_run(const zf_run_options *options, const zf_callbacks *callbacks,
                                      zf_status (*zip_done)(void *user, const zf_zip_line *line,
                                                            zf_error *error),
                                      void *zip_user, zf_run_report *out_report, zf_error *error);

#endif
