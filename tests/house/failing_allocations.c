/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: the k-th allocation that the program itself asks for fails, k being ZONEFOLD_FAILING_ALLOCATION.
 * How many there were is written to the file ZONEFOLD_ALLOCATIONS. Those of the libraries succeed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *ptr, size_t n);

static uintptr_t code_begin, code_end; /* of the program */
static atomic_long n_asked;
static long failing;

/* The program comes first. */
static int note_code(struct dl_phdr_info *info, size_t size, void *user) {
    (void)size, (void)user;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
            code_begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            code_end = code_begin + info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("ZONEFOLD_FAILING_ALLOCATION");
    failing = number != NULL ? strtol(number, NULL, 10) : 0;
    dl_iterate_phdr(note_code, NULL);
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("ZONEFOLD_ALLOCATIONS");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld\n", atomic_load(&n_asked));
        fclose(file);
    }
}

static bool fails(const void *caller) {
    uintptr_t from = (uintptr_t)caller;
    if (from < code_begin || from >= code_end || atomic_fetch_add(&n_asked, 1) + 1 != failing)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *ptr, size_t n) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(ptr, n);
}
