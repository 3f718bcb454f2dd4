/* SPDX-License-Identifier: MIT */
/**
 * @file signals.h
 * SIGINT, SIGTERM and SIGHUP ask the run to stop; it rolls back and exits with 6. A second one changes
 * nothing: the roll-back goes on to its end. SIGPIPE and SIGXFSZ are ignored: a closed pipe and a file over
 * its size limit are write errors, with a message.
 */
#ifndef ZF_CLI_SIGNALS_H
#define ZF_CLI_SIGNALS_H

#include <stdbool.h>

void zf_cli_signals_install(void);
/** true once a signal asked the run to stop. */
bool zf_cli_is_interrupted(void);

#endif
