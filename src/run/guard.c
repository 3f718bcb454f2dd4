/* SPDX-License-Identifier: MIT */
#include "run/guard.h"
#include "os/thread.h"

static void log_guarded(void *user, zf_log_level level, const char *text) {
    zf_guard *g = user;
    zf_mutex_lock(&g->lock);
    g->inner->log(g->inner->user, level, text);
    zf_mutex_unlock(&g->lock);
}

static void progress_guarded(void *user, const zf_progress *progress) {
    zf_guard *g = user;
    zf_mutex_lock(&g->lock);
    g->inner->progress(g->inner->user, progress);
    zf_mutex_unlock(&g->lock);
}

static bool is_cancelled_guarded(void *user) {
    zf_guard *g = user;
    zf_mutex_lock(&g->lock);
    bool is_cancelled = g->inner->is_cancelled(g->inner->user);
    zf_mutex_unlock(&g->lock);
    return is_cancelled;
}

void zf_guard_init(zf_guard *guard, const zf_callbacks *inner) {
    *guard = (zf_guard){.inner = inner};
    zf_mutex_init(&guard->lock);
    guard->callbacks.user = guard;
    if (inner == NULL)
        return;
    guard->callbacks.log = inner->log != NULL ? log_guarded : NULL;
    guard->callbacks.progress = inner->progress != NULL ? progress_guarded : NULL;
    guard->callbacks.is_cancelled = inner->is_cancelled != NULL ? is_cancelled_guarded : NULL;
}

void zf_guard_deinit(zf_guard *guard) {
    zf_mutex_deinit(&guard->lock);
}
