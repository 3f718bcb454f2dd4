/* SPDX-License-Identifier: MIT */
/** How many random cases a test tries: all of them plainly, a part where sanitizers make each ten times as
 * dear. */
#ifndef ZF_EFFORT_H
#define ZF_EFFORT_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EFFORT(n) (((n) + 7) / 8)
#else
#define EFFORT(n) (n)
#endif

#endif
