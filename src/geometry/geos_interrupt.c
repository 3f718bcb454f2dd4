/* SPDX-License-Identifier: MIT */
/*
 * Cancels a GEOS operation while it runs. GEOS calls one callback per process, from whatever thread is in an
 * operation, and has one flag for an interrupt request, which the next check of any thread consumes. So the
 * request is made by the thread that is to stop, immediately before it checks the flag, and only while no
 * other thread is watched.
 */
#include "geometry/geos_internal.h"
#include "os/thread.h"

#include <stdatomic.h>

enum { CALLS_BETWEEN_CHECKS = 256 }; /* GEOS asks for each pair of edges */

static _Thread_local zf_geos_watch *watch_of_thread;
static atomic_int n_watches;
static GEOSInterruptCallback *callback_before;
static zf_once is_registered = ZF_ONCE_INIT;

/** Called by GEOS in long operations: interrupts that of this thread when its caller has cancelled. */
static void check_cancelled(void) {
    zf_geos_watch *watch = watch_of_thread;
    if (callback_before != NULL)
        callback_before();
    if (watch == NULL || (watch->n_calls++ % CALLS_BETWEEN_CHECKS != 0 && !watch->was_interrupted) ||
        zf_check_cancelled(watch->callbacks, NULL) == ZF_OK || atomic_load(&n_watches) > 1)
        return;
    watch->was_interrupted = true;
    GEOS_interruptRequest();
}

static void register_check(void) {
    callback_before = GEOS_interruptRegisterCallback(check_cancelled);
}

void zf_geos_watch_begin(zf_geos_watch *watch, const zf_callbacks *callbacks) {
    *watch = (zf_geos_watch){.callbacks = callbacks};
    zf_once_run(&is_registered, register_check);
    atomic_fetch_add(&n_watches, 1);
    watch_of_thread = watch;
}

bool zf_geos_watch_end(zf_geos_watch *watch) {
    watch_of_thread = NULL;
    atomic_fetch_sub(&n_watches, 1);
    return watch->was_interrupted;
}
