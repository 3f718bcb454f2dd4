/* SPDX-License-Identifier: MIT */
#include "os/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The whole of a small /proc file. Plain read(2): a FILE would allocate, and these functions measure
 * allocation. */
static size_t read_proc(const char *path, char *text, size_t cap) {
    size_t n = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t got;
        while (n + 1 < cap && (got = read(file, text + n, cap - 1 - n)) > 0)
            n += (size_t)got;
        close(file);
    }
    text[n] = '\0';
    return n;
}

size_t zf_process_live_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

size_t zf_process_rss_bytes(void) {
    char text[256];
    long page_bytes = sysconf(_SC_PAGESIZE);
    if (read_proc("/proc/self/statm", text, sizeof text) == 0 || page_bytes <= 0)
        return 0;
    char *resident = strchr(text, ' '); /* "size resident shared ...", in pages */
    return resident ? (size_t)strtoull(resident, NULL, 10) * (size_t)page_bytes : 0;
}

size_t zf_process_rss_peak_bytes(void) {
    /* VmHWM, not getrusage: ru_maxrss starts at what the parent had before exec. */
    static const char key[] = "VmHWM:";
    char text[4096];
    if (read_proc("/proc/self/status", text, sizeof text) == 0)
        return 0;
    const char *line = strstr(text, key);
    return line ? (size_t)strtoull(line + sizeof key - 1, NULL, 10) * 1024 : 0;
}

/* A heap of its own for each thread reserves 64 MiB of addresses, which count where the process's addresses
 * are limited (ulimit -v), used or not. */
static bool are_addresses_limited(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

void zf_process_tune_allocator(void) {
#ifdef M_MMAP_THRESHOLD
    enum { LARGE_BYTES = 1024 * 1024, WAITING_BYTES = 4 * 1024 * 1024 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, WAITING_BYTES);
    if (are_addresses_limited())
        (void)mallopt(M_ARENA_MAX, 1);
#endif
}

int64_t zf_process_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
