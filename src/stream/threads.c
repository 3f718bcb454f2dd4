/* SPDX-License-Identifier: MIT */
#include "os/thread.h"
#include "stream/reading.h"

#include <stdlib.h>

/** What the threads share; everything under the lock. */
typedef struct shared {
    zf_mutex lock;
    zf_source *source;
    uint64_t n_read, n_total;
    zf_status status; /**< ZF_OK while reading, ZF_DONE at the end, else the first failure */
    zf_error error;
} shared;

/** One thread. */
typedef struct worker {
    shared *shared;
    zf_lane *lane;
    zf_thread thread;
} worker;

/** Reads the next batch and its position in the source; ZF_DONE when there is nothing more to do, for
 * whatever reason. */
static zf_status next_batch(shared *s, const zf_callbacks *callbacks, zf_batch **out, uint64_t *out_ordinal) {
    zf_mutex_lock(&s->lock);
    if (s->status == ZF_OK)
        s->status = zf_check_cancelled(callbacks, &s->error);
    if (s->status == ZF_OK)
        s->status = zf_source_next(s->source, out, &s->error);
    zf_status st = s->status == ZF_OK ? ZF_OK : ZF_DONE;
    if (st == ZF_OK) {
        *out_ordinal = s->n_read;
        s->n_read += zf_batch_count(*out);
        zf_progress_report(callbacks, "buildings", s->n_read, s->n_total);
    }
    zf_mutex_unlock(&s->lock);
    return st;
}

static void note_failure(shared *s, zf_status status, const zf_error *error) {
    zf_mutex_lock(&s->lock);
    if (s->status == ZF_OK || s->status == ZF_DONE) {
        s->status = status;
        s->error = *error;
    }
    zf_mutex_unlock(&s->lock);
}

static void *read_batches(void *arg) {
    worker *w = arg;
    zf_error error = ZF_ERROR_INIT;
    zf_batch *batch = NULL;
    uint64_t ordinal = 0;
    zf_status st = ZF_OK;
    while (st == ZF_OK && next_batch(w->shared, w->lane->context->callbacks, &batch, &ordinal) == ZF_OK) {
        st = zf_lane_process(w->lane, batch, ordinal, &error);
        zf_batch_release(batch);
    }
    if (st != ZF_OK)
        note_failure(w->shared, st, &error);
    return NULL;
}

static void *finish(void *arg) {
    worker *w = arg;
    zf_error error = ZF_ERROR_INIT;
    zf_status st = zf_lane_finish(w->lane, &error);
    if (st != ZF_OK)
        note_failure(w->shared, st, &error);
    return NULL;
}

/** Runs `work` for all lanes. The first one is the calling thread's; so are those whose thread cannot be
 * started. */
static void run_workers(worker *workers, size_t n, void *(*work)(void *worker)) {
    for (size_t i = 1; i < n; i++)
        (void)zf_thread_start(&workers[i].thread, work, &workers[i]);
    work(&workers[0]);
    for (size_t i = 1; i < n; i++)
        if (!zf_thread_join(&workers[i].thread))
            work(&workers[i]);
}

static zf_status run_all(shared *s, zf_lane *lanes, size_t n, void *(*work)(void *worker), zf_error *error) {
    worker *workers = calloc(n, sizeof *workers);
    if (workers == NULL)
        return zf_error_memory(error, n * sizeof *workers, "threads");
    zf_mutex_init(&s->lock);
    for (size_t i = 0; i < n; i++)
        workers[i] = (worker){.shared = s, .lane = &lanes[i]};
    run_workers(workers, n, work);
    zf_mutex_deinit(&s->lock);
    free(workers);
    if (s->status != ZF_OK && s->status != ZF_DONE && error != NULL)
        *error = s->error;
    return s->status == ZF_DONE ? ZF_OK : s->status;
}

zf_status zf_threads_read(zf_source *source, const zf_source_query *query, zf_lane *lanes, size_t n_lanes,
                          zf_error *error) {
    int64_t announced = zf_source_get_info(source)->n_features;
    shared s = {.source = source, .n_total = announced > 0 ? (uint64_t)announced : 0, .error = ZF_ERROR_INIT};
    zf_status st = zf_source_start(source, query, error);
    return st == ZF_OK ? run_all(&s, lanes, n_lanes, read_batches, error) : st;
}

zf_status zf_threads_finish(zf_lane *lanes, size_t n_lanes, zf_error *error) {
    shared s = {.error = ZF_ERROR_INIT};
    return run_all(&s, lanes, n_lanes, finish, error);
}
