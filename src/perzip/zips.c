/* SPDX-License-Identifier: MIT */
#include "perzip/zips.h"

#include <pthread.h>
#include <stdlib.h>

/** ZIPs in flight per worker. */
enum { IN_FLIGHT_PER_WORKER = 2 };

/** A ZIP between loading and writing. */
typedef struct slot {
    zf_zip_work work;
    size_t n_bytes; /**< forecast, and what loading it has shown beyond that */
    bool is_ready;
} slot;

/** What the threads share. Loading has a lock of its own, as it goes in rank order and may wait for room. */
typedef struct crew {
    const zf_zip_loop *loop;
    size_t n_zips;
    pthread_mutex_t loading;
    size_t next_to_load; /**< under `loading` */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next_to_write; /**< this and the rest under `lock` */
    slot *slots;
    size_t n_slots;
    size_t in_flight_bytes; /**< forecast of all slots in use */
    zf_status status;       /**< the first failure stops everybody */
    zf_error error;
} crew;

typedef struct hand {
    crew *crew;
    zf_metric *metric;
    pthread_t thread;
    bool is_started;
} hand;

static void stop(crew *c, zf_status status, const zf_error *error) {
    pthread_mutex_lock(&c->lock);
    if (c->status == ZF_OK) {
        c->status = status;
        c->error = *error;
    }
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static const zf_halo_count *halo_count(const zf_zip_loop *loop, size_t i) {
    return loop->halo_counts != NULL ? &loop->halo_counts[i] : NULL;
}

static size_t forecast_bytes(const crew *c, size_t i) {
    return zf_zip_forecast_bytes(c->loop->plan, zf_gather_rows(c->loop->gather, (uint32_t)i + 1),
                                 &c->loop->zip_counts[i], halo_count(c->loop, i));
}

/** Room for ZIP i: always for the next to be written, for others while the window and the share last. */
static bool has_room(const crew *c, size_t i) {
    size_t wanted = c->in_flight_bytes + forecast_bytes(c, i);
    return i == c->next_to_write || (i < c->next_to_write + c->n_slots && wanted <= c->loop->flight_bytes);
}

/** Tables of different values are known once they are there: until they go, the next ZIP waits for their
 * room.
 */
static void count_classes(crew *c, slot *s, size_t more_bytes, size_t fewer_bytes) {
    if (more_bytes == fewer_bytes)
        return;
    pthread_mutex_lock(&c->lock);
    s->n_bytes = s->n_bytes + more_bytes - fewer_bytes;
    c->in_flight_bytes = c->in_flight_bytes + more_bytes - fewer_bytes;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

/** Loads the next ZIP into its slot; NULL when there is none or somebody failed. */
static slot *load_next(hand *h, zf_error *error) {
    crew *c = h->crew;
    slot *s = NULL;
    pthread_mutex_lock(&c->loading);
    size_t i = c->next_to_load;
    pthread_mutex_lock(&c->lock);
    while (c->status == ZF_OK && i < c->n_zips && !has_room(c, i))
        pthread_cond_wait(&c->changed, &c->lock);
    bool goes_on = c->status == ZF_OK && i < c->n_zips;
    if (goes_on) {
        c->next_to_load++;
        s = &c->slots[i % c->n_slots];
        s->n_bytes = forecast_bytes(c, i);
        c->in_flight_bytes += s->n_bytes;
    }
    pthread_mutex_unlock(&c->lock);
    if (goes_on) {
        zf_status st =
            zf_zip_load(&s->work, c->loop, zf_catalogue_zone(c->loop->catalogue, i), h->metric, error);
        if (st == ZF_OK) {
            count_classes(c, s, zf_zip_classes_bytes(&s->work), 0);
        } else {
            stop(c, st, error);
            s = NULL;
        }
    }
    pthread_mutex_unlock(&c->loading);
    return s;
}

static void *prepare_zips(void *arg) {
    hand *h = arg;
    crew *c = h->crew;
    zf_error error = ZF_ERROR_INIT;
    for (slot *s; (s = load_next(h, &error)) != NULL;) {
        size_t classes_bytes = zf_zip_classes_bytes(&s->work);
        zf_status st = zf_zip_analyse(&s->work, &error);
        count_classes(c, s, 0, classes_bytes);
        if (st != ZF_OK) {
            stop(c, st, &error);
            break;
        }
        pthread_mutex_lock(&c->lock);
        s->is_ready = true;
        pthread_cond_broadcast(&c->changed);
        pthread_mutex_unlock(&c->lock);
    }
    return NULL;
}

/** Waits for ZIP i; false when somebody failed. */
static bool wait_for(crew *c, size_t i) {
    slot *s = &c->slots[i % c->n_slots];
    pthread_mutex_lock(&c->lock);
    while (c->status == ZF_OK && !s->is_ready)
        pthread_cond_wait(&c->changed, &c->lock);
    bool goes_on = c->status == ZF_OK;
    pthread_mutex_unlock(&c->lock);
    return goes_on;
}

static void note_written(crew *c, size_t i) {
    pthread_mutex_lock(&c->lock);
    c->slots[i % c->n_slots].is_ready = false;
    c->in_flight_bytes -= c->slots[i % c->n_slots].n_bytes;
    c->next_to_write = i + 1;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static void write_zips(crew *c) {
    zf_error error = ZF_ERROR_INIT;
    for (size_t i = 0; i < c->n_zips && wait_for(c, i); i++) {
        zf_status st = zf_check_cancelled(c->loop->callbacks, &error);
        if (st == ZF_OK)
            st = zf_zip_write(&c->slots[i % c->n_slots].work, &error);
        if (st != ZF_OK) {
            stop(c, st, &error);
            return;
        }
        note_written(c, i);
        zf_progress_report(c->loop->callbacks, "analyses", i + 1, c->n_zips);
    }
}

/** *out_is_started is false when not one thread can be had; then nothing was done. */
static void run_crew(crew *c, hand *hands, size_t n_hands, bool *out_is_started) {
    size_t n_started = 0;
    for (size_t i = 0; i < n_hands; i++) {
        hands[i] = (hand){.crew = c, .metric = c->loop->workers[i].metric};
        hands[i].is_started = pthread_create(&hands[i].thread, NULL, prepare_zips, &hands[i]) == 0;
        n_started += hands[i].is_started;
    }
    *out_is_started = n_started > 0;
    if (*out_is_started)
        write_zips(c);
    for (size_t i = 0; i < n_hands; i++)
        if (hands[i].is_started)
            pthread_join(hands[i].thread, NULL);
    for (size_t i = 0; i < c->n_slots; i++) /* those that a failure left */
        zf_zip_release(&c->slots[i].work);
}

static zf_status run_one_by_one(const zf_zip_loop *loop, zf_error *error);

static zf_status run_side_by_side(const zf_zip_loop *loop, zf_error *error) {
    bool is_started = true;
    size_t n = loop->n_workers;
    crew c = {.loop = loop,
              .n_zips = zf_catalogue_count(loop->catalogue),
              .n_slots = IN_FLIGHT_PER_WORKER * n,
              .error = ZF_ERROR_INIT};
    hand *hands = calloc(n, sizeof *hands);
    c.slots = calloc(c.n_slots, sizeof *c.slots);
    zf_status st = ZF_OK;
    if (hands == NULL || c.slots == NULL) {
        st = zf_error_memory(error, c.n_slots * sizeof *c.slots, "ZIPs in flight");
    } else {
        pthread_mutex_init(&c.loading, NULL);
        pthread_mutex_init(&c.lock, NULL);
        pthread_cond_init(&c.changed, NULL);
        run_crew(&c, hands, n, &is_started);
        pthread_cond_destroy(&c.changed);
        pthread_mutex_destroy(&c.lock);
        pthread_mutex_destroy(&c.loading);
        st = c.status;
        if (st != ZF_OK && error != NULL)
            *error = c.error;
    }
    free(c.slots);
    free(hands);
    return st == ZF_OK && !is_started ? run_one_by_one(loop, error) : st;
}

static zf_status run_one_by_one(const zf_zip_loop *loop, zf_error *error) {
    size_t n = zf_catalogue_count(loop->catalogue);
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        zf_zip_work work = {0};
        st = zf_check_cancelled(loop->callbacks, error);
        if (st == ZF_OK)
            st = zf_zip_load(&work, loop, zf_catalogue_zone(loop->catalogue, i), loop->workers[0].metric,
                             error);
        if (st == ZF_OK)
            st = zf_zip_analyse(&work, error);
        if (st == ZF_OK)
            st = zf_zip_write(&work, error);
        zf_zip_release(&work);
        zf_progress_report(loop->callbacks, "analyses", i + 1, n);
    }
    return st;
}

/* With more allowed more stays in memory, too: polygons and rows, up to a quarter of what is added. */
static size_t enough_mib(size_t needed, size_t held, size_t limit) {
    size_t bytes = (needed + held - limit / 4) / 3 * 4;
    return (bytes >> 20) + 2;
}

/* A ZIP that cannot fit is told before the work, not in the middle of it. */
static zf_status check_memory(const zf_zip_loop *loop, zf_error *error) {
    size_t limit = loop->budget->limit_bytes, held = atomic_load(&loop->budget->total_bytes);
    size_t left = limit > held ? limit - held : 0;
    for (size_t i = 0; limit > 0 && i < zf_catalogue_count(loop->catalogue); i++) {
        size_t n = zf_gather_rows(loop->gather, (uint32_t)i + 1);
        size_t needed = zf_zip_forecast_bytes(loop->plan, n, &loop->zip_counts[i], halo_count(loop, i));
        if (needed > left)
            return zf_error_set(
                error, ZF_E_MEMORY, ZF_DOMAIN_ZONEFOLD,
                "cannot analyse the %zu important buildings of ZIP '%s': that needs %zu bytes, and "
                "%zu of the limit of %zu bytes are in use; --memory %zuMiB is enough",
                n, zf_catalogue_zone(loop->catalogue, i)->zip, needed, held, limit,
                enough_mib(needed, held, limit));
    }
    return ZF_OK;
}

zf_status zf_zips_run(const zf_zip_loop *loop, zf_error *error) {
    zf_status st = check_memory(loop, error);
    if (st != ZF_OK)
        return st;
    bool is_shared = loop->n_workers > 1 &&
                     loop->timeline == NULL; /* one ZIP's bytes can be told only while it is alone */
    return is_shared ? run_side_by_side(loop, error) : run_one_by_one(loop, error);
}
