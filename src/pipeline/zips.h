/* SPDX-License-Identifier: MIT */
/** ZIP by ZIP in rank order: load its rows, index, analyse, write, give every byte back. */
#ifndef ZF_PIPELINE_ZIPS_H
#define ZF_PIPELINE_ZIPS_H

#include "pipeline/pipeline.h"
#include "pipeline/worker.h"

typedef struct zf_zip_loop {
    const zf_run_options *options;
    const zf_plan *plan;
    const zf_catalogue *catalogue;
    const zf_zip_count *zip_counts; /**< per zone number */
    const zf_callbacks *callbacks;
    zf_metric *metric;
    zf_gather *gather;
    zf_sink *sink;
    zf_budget *budget;
    zf_timeline *timeline; /**< nullable */
    zf_status (*zip_done)(void *user, const zf_zip_line *line, zf_error *error); /**< nullable */
    void *zip_user;
} zf_zip_loop;

ZF_MUST_USE zf_status zf_zips_run(const zf_zip_loop *loop, zf_error *error);

#endif
