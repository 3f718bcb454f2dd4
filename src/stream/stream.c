/* SPDX-License-Identifier: MIT */
#include "stream/stream.h"
#include "os/thread.h"

#include <stdlib.h>

/** What the threads share; everything under the lock. */
typedef struct stream {
    zf_mutex lock;
    zf_source *source;
    uint64_t n_read, n_total;
    zf_status status; /**< ZF_OK while reading, ZF_DONE at the end, else the first failure */
    zf_error error;
} stream;

/** One thread. */
typedef struct lane {
    stream *stream;
    zf_worker *worker;
    zf_thread thread;
} lane;

/** Next batch and its place in the source; ZF_DONE when there is nothing more to do, for whatever reason. */
static zf_status next_batch(stream *s, const zf_callbacks *callbacks, zf_batch **out, uint64_t *out_ordinal) {
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

static void note_failure(stream *s, zf_status status, const zf_error *error) {
    zf_mutex_lock(&s->lock);
    if (s->status == ZF_OK || s->status == ZF_DONE) {
        s->status = status;
        s->error = *error;
    }
    zf_mutex_unlock(&s->lock);
}

static void *run_lane(void *arg) {
    lane *l = arg;
    zf_error error = ZF_ERROR_INIT;
    zf_batch *batch = NULL;
    uint64_t ordinal = 0;
    zf_status st = ZF_OK;
    while (st == ZF_OK && next_batch(l->stream, l->worker->callbacks, &batch, &ordinal) == ZF_OK) {
        st = zf_worker_process(l->worker, batch, ordinal, &error);
        zf_batch_release(batch);
    }
    if (st != ZF_OK)
        note_failure(l->stream, st, &error);
    return NULL;
}

/** Sorting the gathered rows is work too: each thread does its own. */
static void *finish_lane(void *arg) {
    lane *l = arg;
    zf_error error = ZF_ERROR_INIT;
    zf_status st = zf_worker_finish(l->worker, &error);
    if (st != ZF_OK)
        note_failure(l->stream, st, &error);
    return NULL;
}

/** The first lane is the calling thread's. What threads that cannot be started would have done, it does too.
 */
static void run_lanes(lane *lanes, size_t n, void *(*work)(void *lane)) {
    for (size_t i = 1; i < n; i++)
        (void)zf_thread_start(&lanes[i].thread, work, &lanes[i]);
    work(&lanes[0]);
    for (size_t i = 1; i < n; i++)
        if (!zf_thread_join(&lanes[i].thread))
            work(&lanes[i]);
}

static zf_status run_all(stream *s, zf_worker *workers, size_t n_workers, void *(*work)(void *lane),
                         zf_error *error) {
    lane *lanes = calloc(n_workers, sizeof *lanes);
    if (lanes == NULL)
        return zf_error_memory(error, n_workers * sizeof *lanes, "threads");
    zf_mutex_init(&s->lock);
    for (size_t i = 0; i < n_workers; i++)
        lanes[i] = (lane){.stream = s, .worker = &workers[i]};
    run_lanes(lanes, n_workers, work);
    zf_mutex_deinit(&s->lock);
    free(lanes);
    if (s->status != ZF_OK && s->status != ZF_DONE && error != NULL)
        *error = s->error;
    return s->status == ZF_DONE ? ZF_OK : s->status;
}

zf_status zf_stream_run(zf_source *source, const zf_source_query *query, zf_worker *workers, size_t n_workers,
                        zf_error *error) {
    int64_t announced = zf_source_get_info(source)->n_features;
    stream s = {.source = source, .n_total = announced > 0 ? (uint64_t)announced : 0, .error = ZF_ERROR_INIT};
    zf_status st = zf_source_start(source, query, error);
    return st == ZF_OK ? run_all(&s, workers, n_workers, run_lane, error) : st;
}

zf_status zf_stream_finish(zf_worker *workers, size_t n_workers, zf_run_counts *counts, zf_error *error) {
    stream s = {.error = ZF_ERROR_INIT};
    zf_status st = run_all(&s, workers, n_workers, finish_lane, error);
    for (size_t i = 0; st == ZF_OK && i < n_workers; i++)
        zf_counts_add(counts, &workers[i].counts);
    return st;
}
