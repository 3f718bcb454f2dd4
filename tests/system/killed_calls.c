/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: before the k-th call that changes files or their names, k being ZONEFOLD_KILLED_CALL, the
 * process sends itself the signal ZONEFOLD_KILLED_BY. How many calls there were is written to the file
 * ZONEFOLD_CALLS.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long n_calls;
static long killed;
static int killed_by;

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("ZONEFOLD_KILLED_CALL"), *by = getenv("ZONEFOLD_KILLED_BY");
    killed = number != NULL ? strtol(number, NULL, 10) : 0;
    killed_by = by != NULL ? atoi(by) : SIGKILL;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("ZONEFOLD_CALLS");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld\n", atomic_load(&n_calls));
        fclose(file);
    }
}

static void count(void) {
    if (atomic_fetch_add(&n_calls, 1) + 1 == killed)
        kill(getpid(), killed_by);
}

/* The function that the one here stands before. */
static void *next_function(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL)
        abort();
    return function;
}

#define PASS_ON(type, name, parameters, ...)                                                                 \
    type name parameters {                                                                                   \
        static type(*next) parameters;                                                                       \
        if (next == NULL)                                                                                    \
            *(void **)&next = next_function(#name);                                                          \
        count();                                                                                             \
        return next(__VA_ARGS__);                                                                            \
    }

PASS_ON(ssize_t, write, (int fd, const void *bytes, size_t n), fd, bytes, n)
PASS_ON(ssize_t, pwrite64, (int fd, const void *bytes, size_t n, off64_t at), fd, bytes, n, at)
PASS_ON(int, ftruncate64, (int fd, off64_t n), fd, n)
PASS_ON(int, fsync, (int fd), fd)
PASS_ON(int, fdatasync, (int fd), fd)
PASS_ON(int, flock, (int fd, int operation), fd, operation)
PASS_ON(int, unlink, (const char *path), path)
PASS_ON(int, rename, (const char *from, const char *to), from, to)
PASS_ON(int, renameat2, (int from_at, const char *from, int to_at, const char *to, unsigned flags), from_at,
        from, to_at, to, flags)
PASS_ON(int, close, (int fd), fd)

int open64(const char *path, int flags, ...) {
    static int (*next)(const char *, int, ...);
    mode_t mode = 0;
    if (next == NULL)
        *(void **)&next = next_function("open64");
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
        count();
    }
    return next(path, flags, mode);
}
