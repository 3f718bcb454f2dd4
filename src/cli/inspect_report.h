/* SPDX-License-Identifier: MIT */
/** What `inspect` writes to standard output for one file. */
#ifndef ZF_CLI_INSPECT_REPORT_H
#define ZF_CLI_INSPECT_REPORT_H

#include "cli/cli.h"
#include "zonefold/inspect.h"

void zf_inspect_text(const zf_inspect_report *report, zf_text *out);
/** An element of a JSON array. */
void zf_inspect_json(const zf_inspect_report *report, zf_text *out);

#endif
