/* SPDX-License-Identifier: MIT */
/** The caller's callbacks behind a lock: several threads speak, one at a time is heard. */
#ifndef ZF_RUN_GUARD_H
#define ZF_RUN_GUARD_H

#include "base/base.h"
#include "os/thread.h"

typedef struct zf_guard {
    zf_callbacks callbacks; /**< what the threads are given */
    const zf_callbacks *inner;
    zf_mutex lock;
} zf_guard;

/** inner is borrowed, nullable. The guard must not move afterwards. */
void zf_guard_init(zf_guard *guard, const zf_callbacks *inner);
void zf_guard_deinit(zf_guard *guard);

#endif
