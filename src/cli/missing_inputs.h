/* SPDX-License-Identifier: MIT */
/** How `replay` and `archive` fail when input files are missing. */
#ifndef ZF_CLI_MISSING_INPUTS_H
#define ZF_CLI_MISSING_INPUTS_H

#include "cli/cli.h"
#include "zonefold/replay.h"

/**
 * Reports a failure because of missing inputs: the error, each missing file, and where they were sought.
 * @return ZF_OK, with the exit status in *out_exit; `status` as it is, and nothing is printed, if no input is
 * missing.
 */
zf_status zf_cli_report_missing(zf_status status, const zf_error *error, const zf_missing_inputs *missing,
                                const char *command, int *out_exit);

#endif
