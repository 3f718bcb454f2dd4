/* SPDX-License-Identifier: MIT */
/** Threads, locks and the number of processors. */
#ifndef ZF_OS_THREAD_H
#define ZF_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/** A lock that one thread holds at a time. Not movable once initialised. */
typedef struct zf_mutex {
    pthread_mutex_t system;
} zf_mutex;

static inline void zf_mutex_init(zf_mutex *mutex) {
    (void)pthread_mutex_init(&mutex->system, NULL);
}
static inline void zf_mutex_deinit(zf_mutex *mutex) {
    (void)pthread_mutex_destroy(&mutex->system);
}
static inline void zf_mutex_lock(zf_mutex *mutex) {
    (void)pthread_mutex_lock(&mutex->system);
}
static inline void zf_mutex_unlock(zf_mutex *mutex) {
    (void)pthread_mutex_unlock(&mutex->system);
}

/** Wakes threads that wait for a change of what a mutex guards. Not movable once initialised. */
typedef struct zf_condition {
    pthread_cond_t system;
} zf_condition;

static inline void zf_condition_init(zf_condition *condition) {
    (void)pthread_cond_init(&condition->system, NULL);
}
static inline void zf_condition_deinit(zf_condition *condition) {
    (void)pthread_cond_destroy(&condition->system);
}
/** Gives the mutex up, waits for a wake, takes the mutex again. May wake without a reason: call in a loop. */
static inline void zf_condition_wait(zf_condition *condition, zf_mutex *mutex) {
    (void)pthread_cond_wait(&condition->system, &mutex->system);
}
static inline void zf_condition_wake_all(zf_condition *condition) {
    (void)pthread_cond_broadcast(&condition->system);
}

/** Zero-initialise. */
typedef struct zf_thread {
    pthread_t system;
    bool is_running; /**< started and not yet joined */
} zf_thread;

/** Starts work(argument) in a new thread. false when no thread can be had; then nothing runs. */
bool zf_thread_start(zf_thread *thread, void *(*work)(void *argument), void *argument);
/** Waits for the thread's end. false when there is none: it could not be started, or is joined already. */
bool zf_thread_join(zf_thread *thread);

/** A function that is to run once in the process. Static storage, initialised with ZF_ONCE_INIT. */
typedef struct zf_once {
    pthread_once_t system;
} zf_once;
#define ZF_ONCE_INIT                                                                                         \
    { PTHREAD_ONCE_INIT }

/** Returns after work has run once, in this or another thread. */
static inline void zf_once_run(zf_once *once, void (*work)(void)) {
    (void)pthread_once(&once->system, work);
}

/** Processors that this process may use (its affinity mask), at least 1. */
size_t zf_processor_count(void);

#endif
