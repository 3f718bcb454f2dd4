/* SPDX-License-Identifier: MIT */
/**
 * @file text.h
 * A growing text, with the writers of JSON that zonefold's own output uses. For programs around the library.
 */
#ifndef ZONEFOLD_TEXT_H
#define ZONEFOLD_TEXT_H

#include "zonefold/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Growing NUL-terminated UTF-8. Zero-initialise; `bytes` is NULL until the first append. The owner calls
 * zf_text_deinit. */
typedef struct zf_text {
    char *bytes;
    size_t n; /**< length without the NUL */
    size_t cap;
    bool is_failed; /**< an append ran out of memory; later appends do nothing. Test once, at the end. */
} zf_text;

ZF_API void zf_text_append(zf_text *text, const char *string);
ZF_API void zf_text_append_n(zf_text *text, const char *bytes, size_t n);
ZF_API ZF_PRINTF(2, 3) void zf_text_append_format(zf_text *text, const char *format, ...);
/** A JSON string with its quotes; "null" for NULL. Control characters are escaped; bytes that are not UTF-8 become U+FFFD. */
ZF_API void zf_text_append_json(zf_text *text, const char *string);
/** The shortest decimal of 15, 16 or 17 digits that reads back as the same double; "null" for NaN and
 * infinities. Independent of the locale. */
ZF_API void zf_text_append_json_number(zf_text *text, double number);
/** A YAML scalar, in double quotes where it needs them. */
ZF_API void zf_text_append_yaml(zf_text *text, const char *value);
/** "1,234,567" into out; returns out. */
ZF_API const char *zf_format_grouped(uint64_t number, char out[32]);
/** Frees the bytes; the text is empty afterwards. */
ZF_API void zf_text_deinit(zf_text *text);

/** Bytes of the well-formed UTF-8 character at the beginning of n bytes; 0 when there is none. */
ZF_API size_t zf_utf8_bytes(const char *text, size_t n);
/** Characters in n bytes of UTF-8. */
ZF_API size_t zf_utf8_count(const char *text, size_t n);
/** Whether a NUL-terminated string is well-formed UTF-8. */
ZF_API bool zf_text_is_utf8(const char *string);
/**
 * The candidate nearest to a mistyped word (Levenshtein distance at most 1 + length / 4, case-insensitive),
 * for "did you mean".
 * @return one of candidates[0..n), or NULL when none is near. Of equally near ones the first.
 */
ZF_API const char *zf_string_nearest(const char *word, const char *const *candidates, size_t n);

#ifdef __cplusplus
}
#endif
#endif
