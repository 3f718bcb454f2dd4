/* SPDX-License-Identifier: MIT */
/**
 * @file pipeline.h
 * The one place that loops: zone catalogue, building stream, ZIPs in rank order, finish.
 */
#ifndef ZF_PIPELINE_H
#define ZF_PIPELINE_H

#include "base/base.h"
#include "zonefold/run.h"

/** One row of zip_summary as it is written, without its geometry. Borrowed for the call. */
typedef struct zf_zip_line {
    uint32_t rank;
    const char *zip;
    const zf_column *columns; /**< n columns of zip_summary after `zip`, before `geom` */
    const zf_value *values;
    size_t n;
} zf_zip_line;

/**
 * zf_run, telling each ZIP's summary on the way. The run may still fail after zip_done was called.
 * @param zip_done nullable; called once per ZIP in rank order from one thread; a failure ends the run.
 */
ZF_MUST_USE zf_status zf_pipeline_run(const zf_run_options *options, const zf_callbacks *callbacks,
                                      zf_status (*zip_done)(void *user, const zf_zip_line *line,
                                                            zf_error *error),
                                      void *zip_user, zf_run_report *out_report, zf_error *error);

#endif
