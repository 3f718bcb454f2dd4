/* SPDX-License-Identifier: MIT */
/**
 * @file fuzz.h
 * A fuzz target is one file beside this one with one function: bytes of anybody's making go in, and what
 * comes out must be what the headers promise. libFuzzer calls it with inputs of its own making (tools/fuzz),
 * replay.c with those of corpus/.
 */
#ifndef ZF_TEST_FUZZ_H
#define ZF_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Returns 0. Does not keep or change the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/** Not assert(): it holds in every kind of build. */
static inline void fuzz_require(bool is_true, const char *what) {
    if (is_true)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    abort();
}

/** The bytes with a NUL after them, in a block of their own, so that a sanitizer sees a step beyond. free().
 */
static inline char *fuzz_text(const uint8_t *bytes, size_t n) {
    char *text = malloc(n + 1);
    fuzz_require(text != NULL, "memory for the input");
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = '\0';
    return text;
}

/** Cuts a text of n bytes at its NULs into up to cap pieces, which stay where they are. Returns how many. */
static inline size_t fuzz_split(char *text, size_t n, char **out, size_t cap) {
    size_t n_pieces = 0;
    for (char *at = text; n_pieces < cap && at <= text + n; at += strlen(at) + 1)
        out[n_pieces++] = at;
    return n_pieces;
}

#endif
