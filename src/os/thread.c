/* SPDX-License-Identifier: MIT */
#include "os/thread.h"

#include <sched.h>

bool zf_thread_start(zf_thread *thread, void *(*work)(void *argument), void *argument) {
    thread->is_running = pthread_create(&thread->system, NULL, work, argument) == 0;
    return thread->is_running;
}

bool zf_thread_join(zf_thread *thread) {
    bool was_running = thread->is_running;
    if (was_running)
        (void)pthread_join(thread->system, NULL);
    thread->is_running = false;
    return was_running;
}

size_t zf_processor_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}
