/* SPDX-License-Identifier: MIT */
/** Signals that ask the process to stop. */
#ifndef ZF_OS_SIGNAL_H
#define ZF_OS_SIGNAL_H

#include <stdbool.h>

/**
 * SIGINT, SIGTERM and SIGHUP set a flag from now on, and nothing else; a second one changes nothing. A SIGHUP
 * that is ignored (nohup) stays ignored. SIGPIPE and SIGXFSZ are ignored: a closed pipe and a file over its
 * size limit are write errors.
 */
void zf_signals_install(void);
/** true once a signal asked the process to stop. */
bool zf_signals_are_raised(void);

#endif
