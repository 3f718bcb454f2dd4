/* SPDX-License-Identifier: MIT */
/** Serialises the caller's callbacks: threads may call them at any time, the caller sees one call at a time.
 */
#ifndef ZF_RUN_GUARD_H
#define ZF_RUN_GUARD_H

#include "base/base.h"
#include "os/thread.h"

typedef struct zf_guard {
    zf_callbacks callbacks;    /**< for the threads */
    const zf_callbacks *inner; /**< the caller's; nullable */
    zf_mutex lock;
} zf_guard;

/** inner is borrowed, nullable. Not movable afterwards: its callbacks point to it. */
void zf_guard_init(zf_guard *guard, const zf_callbacks *inner);
void zf_guard_deinit(zf_guard *guard);

#endif
