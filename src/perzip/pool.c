/* SPDX-License-Identifier: MIT */
#include "perzip/pool.h"
#include "os/thread.h"

#include <stdlib.h>

enum { IN_FLIGHT_PER_THREAD = 2 };

/** A ZIP between loading and writing. */
typedef struct slot {
    zf_zip_work work;
    size_t n_bytes; /**< by forecast, and what loading has added to it */
    bool is_ready;  /**< to be written */
} slot;

/** What the threads share. Zone i uses slot i % n_slots. */
typedef struct pool {
    const zf_perzip *perzip;
    size_t n_zips;
    zf_mutex loading;    /**< held while a ZIP is loaded: loading goes in rank order, and may wait for room */
    size_t next_to_load; /**< under `loading` */
    zf_mutex lock;       /**< of everything below */
    zf_condition changed;
    size_t next_to_write;
    slot *slots;
    size_t n_slots;
    size_t in_flight_bytes; /**< of all slots in use */
    zf_status status;       /**< the first failure, which stops all threads */
    zf_error error;
} pool;

typedef struct pool_thread {
    pool *pool;
    zf_metric *metric;
    zf_thread thread;
} pool_thread;

/** Keeps the first failure and wakes everybody. */
static void stop(pool *p, zf_status status, const zf_error *error) {
    zf_mutex_lock(&p->lock);
    if (p->status == ZF_OK) {
        p->status = status;
        p->error = *error;
    }
    zf_condition_wake_all(&p->changed);
    zf_mutex_unlock(&p->lock);
}

/** Whether zone i may be loaded: always the next to be written, others while slots and memory last. */
static bool has_room(const pool *p, size_t i, size_t n_bytes) {
    return i == p->next_to_write ||
           (i < p->next_to_write + p->n_slots && p->in_flight_bytes + n_bytes <= p->perzip->flight_bytes);
}

/** Counts the tables of distinct values, whose size is known once they are loaded, until they are freed. */
static void count_classes(pool *p, slot *s, size_t more_bytes, size_t fewer_bytes) {
    if (more_bytes == fewer_bytes)
        return;
    zf_mutex_lock(&p->lock);
    s->n_bytes = s->n_bytes + more_bytes - fewer_bytes;
    p->in_flight_bytes = p->in_flight_bytes + more_bytes - fewer_bytes;
    zf_condition_wake_all(&p->changed);
    zf_mutex_unlock(&p->lock);
}

/** Waits for room for the next ZIP and takes its slot; NULL when there is no ZIP left, or after a failure.
 * Under `loading`. */
static slot *take_slot(pool *p, zf_metric *metric) {
    size_t i = p->next_to_load;
    if (i >= p->n_zips)
        return NULL;
    slot *s = &p->slots[i % p->n_slots];
    zf_zip_size size = zf_zip_size_of(p->perzip, i, metric);
    size_t n_bytes = zf_forecast_zip_bytes(p->perzip->plan, &size);
    zf_mutex_lock(&p->lock);
    while (p->status == ZF_OK && !has_room(p, i, n_bytes))
        zf_condition_wait(&p->changed, &p->lock);
    bool goes_on = p->status == ZF_OK;
    if (goes_on) {
        p->next_to_load++;
        s->n_bytes = n_bytes;
        p->in_flight_bytes += n_bytes;
    }
    zf_mutex_unlock(&p->lock);
    if (!goes_on)
        return NULL;
    zf_zip_init(&s->work, p->perzip, i, metric);
    return s;
}

/** Loads the next ZIP into its slot; NULL as take_slot, or when loading failed. */
static slot *load_next(pool_thread *thread, zf_error *error) {
    pool *p = thread->pool;
    zf_mutex_lock(&p->loading);
    slot *s = take_slot(p, thread->metric);
    zf_status st = s != NULL ? zf_zip_load(&s->work, error) : ZF_OK;
    if (st != ZF_OK) {
        stop(p, st, error);
        s = NULL;
    } else if (s != NULL) {
        count_classes(p, s, zf_zip_classes_bytes(&s->work), 0);
    }
    zf_mutex_unlock(&p->loading);
    return s;
}

/** A thread's work: prepares one ZIP after the other. */
static void *prepare_zips(void *arg) {
    pool_thread *thread = arg;
    pool *p = thread->pool;
    zf_error error = ZF_ERROR_INIT;
    for (slot *s; (s = load_next(thread, &error)) != NULL;) {
        size_t classes_bytes = zf_zip_classes_bytes(&s->work);
        zf_status st = zf_zip_compute(&s->work, &error);
        count_classes(p, s, 0, classes_bytes);
        if (st != ZF_OK) {
            stop(p, st, &error);
            break;
        }
        zf_mutex_lock(&p->lock);
        s->is_ready = true;
        zf_condition_wake_all(&p->changed);
        zf_mutex_unlock(&p->lock);
    }
    return NULL;
}

/** Waits until a ZIP can be written; false after a failure. */
static bool wait_for(pool *p, const slot *s) {
    zf_mutex_lock(&p->lock);
    while (p->status == ZF_OK && !s->is_ready)
        zf_condition_wait(&p->changed, &p->lock);
    bool goes_on = p->status == ZF_OK;
    zf_mutex_unlock(&p->lock);
    return goes_on;
}

/** The calling thread's work: writes the ZIPs in rank order. */
static void write_zips(pool *p) {
    const zf_callbacks *callbacks = p->perzip->callbacks;
    zf_error error = ZF_ERROR_INIT;
    for (size_t i = 0; i < p->n_zips; i++) {
        slot *s = &p->slots[i % p->n_slots];
        if (!wait_for(p, s))
            return;
        zf_status st = zf_check_cancelled(callbacks, &error);
        if (st == ZF_OK)
            st = zf_zip_write(&s->work, &error);
        if (st != ZF_OK) {
            stop(p, st, &error);
            return;
        }
        zf_mutex_lock(&p->lock);
        s->is_ready = false;
        p->in_flight_bytes -= s->n_bytes;
        p->next_to_write = i + 1;
        zf_condition_wake_all(&p->changed);
        zf_mutex_unlock(&p->lock);
        zf_progress_report(callbacks, "analyses", i + 1, p->n_zips);
    }
}

/** Starts the threads, writes what they prepare, and joins them. */
static void run_threads(pool *p, pool_thread *threads, size_t n, bool *out_is_started) {
    for (size_t i = 0; i < n; i++) {
        threads[i] = (pool_thread){.pool = p, .metric = p->perzip->metrics[i]};
        *out_is_started |= zf_thread_start(&threads[i].thread, prepare_zips, &threads[i]);
    }
    if (*out_is_started)
        write_zips(p);
    for (size_t i = 0; i < n; i++)
        (void)zf_thread_join(&threads[i].thread);
    for (size_t i = 0; i < p->n_slots; i++) /* those that a failure left */
        zf_zip_release(&p->slots[i].work);
}

zf_status zf_pool_run(const zf_perzip *perzip, bool *out_is_started, zf_error *error) {
    size_t n = perzip->n_threads;
    pool p = {.perzip = perzip,
              .n_zips = zf_catalogue_count(perzip->catalogue),
              .n_slots = IN_FLIGHT_PER_THREAD * n,
              .error = ZF_ERROR_INIT};
    pool_thread *threads = calloc(n, sizeof *threads);
    *out_is_started = false;
    p.slots = calloc(p.n_slots, sizeof *p.slots);
    if (threads == NULL || p.slots == NULL) {
        p.status = zf_error_memory(error, p.n_slots * sizeof *p.slots, "ZIPs in flight");
        goto done;
    }
    zf_mutex_init(&p.loading);
    zf_mutex_init(&p.lock);
    zf_condition_init(&p.changed);
    run_threads(&p, threads, n, out_is_started);
    zf_condition_deinit(&p.changed);
    zf_mutex_deinit(&p.lock);
    zf_mutex_deinit(&p.loading);
    if (p.status != ZF_OK && error != NULL)
        *error = p.error;
done:
    free(p.slots);
    free(threads);
    return p.status;
}
