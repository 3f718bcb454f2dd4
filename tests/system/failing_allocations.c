/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: the k-th allocation that the program itself asks for fails, k being ZONEFOLD_FAILING_ALLOCATION.
 * How many there were, and how many of them were still held when the process ended, is written to the file
 * ZONEFOLD_ALLOCATIONS. Those of the libraries succeed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *ptr, size_t n);
extern void __libc_free(void *ptr);

enum { N_SLOTS = 1 << 18 }; /* more than the program ever holds at once, by far */

static uintptr_t code_begin, code_end; /* of the program */
static atomic_long n_asked;
static long failing;
static uintptr_t held[N_SLOTS]; /* by their address; 0: free, 1: was taken */
static long n_held;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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
        fprintf(file, "%ld %ld\n", atomic_load(&n_asked), n_held);
        fclose(file);
    }
}

static bool is_ours(const void *caller) {
    return (uintptr_t)caller >= code_begin && (uintptr_t)caller < code_end;
}

static bool fails(void) {
    if (atomic_fetch_add(&n_asked, 1) + 1 != failing)
        return false;
    errno = ENOMEM;
    return true;
}

/* ---- what is held ---- */

static size_t slot_of(uintptr_t key) {
    return (size_t)((key >> 4) * 0x9E3779B97F4A7C15u >> 46);
}

static void *hold(void *ptr) {
    uintptr_t key = (uintptr_t)ptr;
    if (ptr == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    size_t slot = slot_of(key);
    while (held[slot] > 1)
        slot = (slot + 1) % N_SLOTS;
    held[slot] = key;
    n_held++;
    pthread_mutex_unlock(&lock);
    return ptr;
}

static void let_go(const void *ptr) {
    uintptr_t key = (uintptr_t)ptr;
    if (ptr == NULL)
        return;
    pthread_mutex_lock(&lock);
    size_t slot = slot_of(key);
    while (held[slot] != 0 && held[slot] != key)
        slot = (slot + 1) % N_SLOTS;
    if (held[slot] == key) {
        held[slot] = 1;
        n_held--;
    }
    pthread_mutex_unlock(&lock);
}

/* ---- in the place of the C library's ---- */

void *malloc(size_t n) {
    if (!is_ours(__builtin_return_address(0)))
        return __libc_malloc(n);
    return fails() ? NULL : hold(__libc_malloc(n));
}

void *calloc(size_t n, size_t size) {
    if (!is_ours(__builtin_return_address(0)))
        return __libc_calloc(n, size);
    return fails() ? NULL : hold(__libc_calloc(n, size));
}

void *realloc(void *ptr, size_t n) {
    if (!is_ours(__builtin_return_address(0)))
        return __libc_realloc(ptr, n);
    if (fails())
        return NULL;
    let_go(ptr);
    void *moved = __libc_realloc(ptr, n);
    return hold(moved != NULL ? moved : ptr);
}

void free(void *ptr) {
    let_go(ptr);
    __libc_free(ptr);
}
