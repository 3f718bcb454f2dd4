/* SPDX-License-Identifier: MIT */
/** What `plan` writes to standard output. */
#ifndef ZF_CLI_FORECAST_REPORT_H
#define ZF_CLI_FORECAST_REPORT_H

#include "cli/cli.h"
#include "zonefold/plan.h"

void zf_forecast_text(const zf_plan_report *report, const zf_run_options *options, zf_text *out);
void zf_forecast_json(const zf_plan_report *report, const zf_run_options *options, zf_text *out);

#endif
