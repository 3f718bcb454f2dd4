/* SPDX-License-Identifier: MIT */
#ifndef BENCH_TOOL_H
#define BENCH_TOOL_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/** Ends the tool with status 1 and one line on stderr. These programs make data or take time; nothing of
 * theirs is worth saving. */
__attribute__((noreturn, format(printf, 1, 2))) static inline void tool_fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

/** realloc to n items of the given size, or the end of the tool. */
static inline void *tool_resize(void *block, size_t n, size_t item_bytes) {
    void *grown = reallocarray(block, n > 0 ? n : 1, item_bytes);
    if (grown == NULL)
        tool_fail("no memory for %zu items of %zu bytes", n, item_bytes);
    return grown;
}

#endif
