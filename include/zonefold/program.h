/* SPDX-License-Identifier: MIT */
/**
 * @file program.h
 * What a command-line program around the library needs of the operating system.
 */
#ifndef ZONEFOLD_PROGRAM_H
#define ZONEFOLD_PROGRAM_H

#include "zonefold/status.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Prepares the process. Call it once, first in main(). A library call needs none of this.
 * - Large blocks of memory go back to the system when they are freed; where the address space is limited
 *   (ulimit -v), all threads share one heap.
 * - No socket is opened and no other program is started from here on, whatever a library does (seccomp(2),
 * where the kernel has it). So it is not for a program that does such things itself.
 * - Closed standard descriptors are taken, so that no file of a run becomes standard output.
 * - SIGINT, SIGTERM and SIGHUP (unless ignored) set a flag. If the process has not ended 0.8 seconds later,
 * it removes the unfinished output and exits with 6. SIGALRM and ITIMER_REAL serve this. SIGPIPE and SIGXFSZ
 * are ignored: a closed pipe and a file over its size limit are write errors.
 */
ZF_API void zf_program_prepare(void);
/** Whether the kernel refuses sockets and other programs since zf_program_prepare. Where it has no seccomp,
 * or the processor is neither x86-64 nor 64-bit ARM, only the settings of GDAL and the guard of SQLite hold.
 */
ZF_API bool zf_program_is_sealed(void);
/** Whether SIGINT, SIGTERM or SIGHUP arrived since zf_program_prepare: for zf_callbacks.is_cancelled. */
ZF_API bool zf_program_is_interrupted(void);

/** Whether standard error is a terminal that can redraw a line. */
ZF_API bool zf_program_has_terminal(void);
/** Columns of the terminal on standard error; 80 when unknown. */
ZF_API size_t zf_program_terminal_columns(void);
/** Columns of the terminal on standard output; 0 when it is none, but a file or a pipe. */
ZF_API size_t zf_program_output_columns(void);
/** Seconds of a clock that never goes back; its zero is arbitrary. */
ZF_API double zf_program_clock_s(void);

/** The current directory; the caller frees. NULL when it has no name. */
ZF_API char *zf_program_directory(void);
/**
 * Writes a file under the name ".NAME.part" beside path, and renames it: an older file stays
 * whole until the new one is complete.
 * @return ZF_OK; ZF_E_OUTPUT with the reason, and nothing left behind.
 */
ZF_API ZF_MUST_USE zf_status zf_program_replace_file(const char *path, const void *bytes, size_t n,
                                                     zf_error *error);

#ifdef __cplusplus
}
#endif
#endif
