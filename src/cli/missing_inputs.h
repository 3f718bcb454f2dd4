/* SPDX-License-Identifier: MIT */
/** How `replay` and `archive` fail where input files are missing. */
#ifndef ZF_CLI_MISSING_INPUTS_H
#define ZF_CLI_MISSING_INPUTS_H

#include "cli/cli.h"
#include "zonefold/replay.h"

/** zf_cli_fail, and after it which inputs are missing and where they were sought. Returns the exit status. */
int zf_cli_fail_missing(zf_status status, const zf_error *error, const zf_missing_inputs *missing,
                        const char *command);

#endif
