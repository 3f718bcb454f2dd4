/* SPDX-License-Identifier: MIT */
/*
 * Cancelling in the middle of a GEOS operation. GEOS asks one function of the whole process, whoever called
 * it, and keeps the wish to stop in one flag, which the next operation that looks at it takes down: so the
 * wish is uttered by the very thread that is to stop, right before it looks, and only while no other thread
 * is watched, whose operation would fail in its place.
 */
#include "geometry/geos_internal.h"
#include "os/thread.h"

#include <stdatomic.h>

enum { CALLS_BETWEEN_LOOKS = 256 }; /* GEOS asks for each pair of edges */

static _Thread_local zf_geos_watch *watch_of_thread;
static atomic_int n_watches;
static GEOSInterruptCallback *callback_before;
static zf_once is_registered = ZF_ONCE_INIT;

static void look(void) {
    zf_geos_watch *watch = watch_of_thread;
    if (callback_before != NULL)
        callback_before();
    if (watch == NULL || (watch->n_calls++ % CALLS_BETWEEN_LOOKS != 0 && !watch->was_interrupted) ||
        zf_check_cancelled(watch->callbacks, NULL) == ZF_OK || atomic_load(&n_watches) > 1)
        return;
    watch->was_interrupted = true;
    GEOS_interruptRequest();
}

static void register_look(void) {
    callback_before = GEOS_interruptRegisterCallback(look);
}

void zf_geos_watch_begin(zf_geos_watch *watch, const zf_callbacks *callbacks) {
    *watch = (zf_geos_watch){.callbacks = callbacks};
    zf_once_run(&is_registered, register_look);
    atomic_fetch_add(&n_watches, 1);
    watch_of_thread = watch;
}

bool zf_geos_watch_end(zf_geos_watch *watch) {
    watch_of_thread = NULL;
    atomic_fetch_sub(&n_watches, 1);
    return watch->was_interrupted;
}
