/* SPDX-License-Identifier: MIT */
/** Signals that ask the process to stop. */
#ifndef ZF_OS_SIGNAL_H
#define ZF_OS_SIGNAL_H

#include <stdbool.h>

/**
 * SIGINT, SIGTERM and SIGHUP set a flag from now on; a second one changes nothing. If the process has not
 * ended 0.8 seconds later, it removes its unfinished files (unfinished.h) and exits with 6, whatever it is
 * doing. A SIGHUP that is ignored (nohup) stays ignored. SIGPIPE and SIGXFSZ are ignored: a closed pipe and a
 * file over its size limit are write errors.
 */
void zf_signals_install(void);
/** true once a signal asked the process to stop. */
bool zf_signals_are_raised(void);
/** Between these two a finished output is put in place: a signal no longer ends the process. Nested, any
 * thread. */
void zf_signals_begin_finish(void);
void zf_signals_end_finish(void);

#endif
