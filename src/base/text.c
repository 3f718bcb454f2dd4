/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

/* Room for n more bytes and the NUL. */
static bool reserve(zf_text *text, size_t n) {
    size_t needed;
    if (text->is_failed)
        return false;
    if (!zf_size_add(text->n, n, &needed) || !zf_size_add(needed, 1, &needed)) {
        text->is_failed = true;
        return false;
    }
    if (needed <= text->cap)
        return true;
    size_t cap = text->cap > 0 ? text->cap : FIRST_CAP;
    while (cap < needed)
        cap = cap <= SIZE_MAX / 2 ? cap * 2 : needed;
    char *bytes = realloc(text->bytes, cap);
    if (!bytes) {
        text->is_failed = true;
        return false;
    }
    text->bytes = bytes;
    text->cap = cap;
    return true;
}

void zf_text_append_n(zf_text *text, const char *bytes, size_t n) {
    if (!reserve(text, n))
        return;
    if (n > 0)
        memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    text->bytes[text->n] = '\0';
}

void zf_text_append(zf_text *text, const char *string) {
    zf_text_append_n(text, string, strlen(string));
}

void zf_text_append_format(zf_text *text, const char *format, ...) {
    va_list values;
    va_start(values, format);
    va_list again;
    va_copy(again, values);
    int n = vsnprintf(NULL, 0, format, values);
    if (n < 0)
        text->is_failed = true;
    else if (reserve(text, (size_t)n)) {
        vsnprintf(text->bytes + text->n, (size_t)n + 1, format, again);
        text->n += (size_t)n;
    }
    va_end(again);
    va_end(values);
}

static void append_quoted(zf_text *text, const char *string, char quote) {
    zf_text_append_n(text, &quote, 1);
    for (const char *at; (at = strchr(string, quote)) != NULL; string = at + 1) {
        zf_text_append_n(text, string, (size_t)(at - string) + 1);
        zf_text_append_n(text, &quote, 1);
    }
    zf_text_append(text, string);
    zf_text_append_n(text, &quote, 1);
}

void zf_text_append_identifier(zf_text *text, const char *name) {
    append_quoted(text, name, '"');
}

void zf_text_append_literal(zf_text *text, const char *string) {
    append_quoted(text, string, '\'');
}

void zf_text_deinit(zf_text *text) {
    free(text->bytes);
    *text = (zf_text){0};
}

const char *zf_format_grouped(uint64_t number, char out[32]) {
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%" PRIu64, number);
    char *to = out;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}
