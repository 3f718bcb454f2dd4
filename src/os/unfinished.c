/* SPDX-License-Identifier: MIT */
#include "os/unfinished.h"

#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

enum { MAX_PATHS = 16 };

/* A signal handler can reach nothing but a global. */
static _Atomic(const char *) paths[MAX_PATHS];

static void replace(const char *from, const char *to) {
    for (size_t i = 0; i < MAX_PATHS; i++) {
        const char *expected = from;
        if (atomic_compare_exchange_strong(&paths[i], &expected, to))
            return;
    }
}

void zf_unfinished_note(const char *path) {
    replace(NULL, path);
}

void zf_unfinished_forget(const char *path) {
    if (path != NULL)
        replace(path, NULL);
}

void zf_unfinished_remove(void) {
    for (size_t i = 0; i < MAX_PATHS; i++) {
        const char *path = atomic_load(&paths[i]);
        if (path != NULL)
            (void)unlink(path);
    }
}
