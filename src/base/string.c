/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

/* Longer words than this are no slip of the finger on an option or a field name. */
enum { MAX_WORD = 128, MIN_PREFIX = 3 };

char *zf_string_copy(const char *string) {
    if (!string)
        return NULL;
    size_t n = strlen(string) + 1;
    char *copy = malloc(n);
    if (copy)
        memcpy(copy, string, n);
    return copy;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool zf_string_equal_nocase(const char *a, const char *b) {
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool zf_string_is_among_nocase(const char *name, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (zf_string_equal_nocase(name, names[i]))
            return true;
    return false;
}

static size_t min3(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Edit distance by Wagner and Fischer (1974), one row. Both at most MAX_WORD long. */
static size_t levenshtein(const char *a, size_t n_a, const char *b, size_t n_b) {
    size_t row[MAX_WORD + 1];
    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t above = row[j];
            size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            row[j] = min3(above + 1, row[j - 1] + 1, change);
            diagonal = above;
        }
    }
    return row[n_b];
}

/* Whether text begins with word, in any case. */
static bool begins_nocase(const char *text, const char *word) {
    while (*word != '\0' && lower(*text) == lower(*word)) {
        text++;
        word++;
    }
    return *word == '\0';
}

const char *zf_string_nearest(const char *word, const char *const *candidates, size_t n) {
    size_t n_word = strlen(word);
    if (n_word > MAX_WORD)
        return NULL;
    const char *nearest = NULL, *longer = NULL;
    size_t best = 1 + n_word / 4 + 1, n_longer = 0;
    for (size_t i = 0; i < n; i++) {
        size_t n_candidate = strlen(candidates[i]);
        if (n_candidate > MAX_WORD)
            continue;
        if (n_word >= MIN_PREFIX && n_candidate > n_word && begins_nocase(candidates[i], word) &&
            (longer == NULL || n_candidate < n_longer)) {
            longer = candidates[i];
            n_longer = n_candidate;
        }
        size_t distance = levenshtein(word, n_word, candidates[i], n_candidate);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest != NULL ? nearest : longer;
}

char *zf_name_unquote(char *name) {
    size_t n = strlen(name), out = 0;
    if (n < 2 || name[0] != '"' || name[n - 1] != '"')
        return name;
    for (size_t i = 1; i + 1 < n; i++) {
        name[out++] = name[i];
        if (name[i] == '"' && name[i + 1] == '"' && i + 2 < n)
            i++;
    }
    name[out] = '\0';
    return name;
}
