/* SPDX-License-Identifier: MIT */
/** What the whole process gives up for good. */
#ifndef ZF_OS_SEAL_H
#define ZF_OS_SEAL_H

#include <stdbool.h>

/**
 * No socket is opened or connected and no program is started from here on, whatever the libraries do: the
 * kernel refuses with EACCES (seccomp(2)). A second line of defence: where the kernel has no such filters,
 * the first ones hold alone. Not in builds with the address sanitizer, whose reports start a program.
 * @return whether it is so, or the build is such a one.
 */
bool zf_process_seal(void);

#endif
