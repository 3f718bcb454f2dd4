/* SPDX-License-Identifier: MIT */
/**
 * @file base.h
 * Errors, log, checked sizes, text and values: what every other folder may use.
 */
#ifndef ZF_BASE_H
#define ZF_BASE_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"
#include "zonefold/text.h"
#include "zonefold/value.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- errors: zf_error_set and others are in zonefold/status.h ---- */

/** Add where it happened, as far as not already said. Each of path and layer may be NULL; fid may be
 * ZF_NO_FID. Returns status. */
zf_status zf_error_at(zf_error *error, zf_status status, const char *path, const char *layer, int64_t fid);

/* Clang's analyzer does not see into another file: it is told that the status given is the status returned.
 * (A name in parentheses, as where they are defined, is none of these macros.) */
#if defined(__clang_analyzer__)
#define zf_error_set(error, status, ...)       (zf_error_set(error, status, __VA_ARGS__), status)
#define zf_error_at(error, status, ...)        (zf_error_at(error, status, __VA_ARGS__), status)
#define zf_error_within(error, status, ...)    (zf_error_within(error, status, __VA_ARGS__), status)
#define zf_error_parameter(error, status, ...) (zf_error_parameter(error, status, __VA_ARGS__), status)
#define zf_error_memory(...)                   (zf_error_memory(__VA_ARGS__), ZF_E_MEMORY)
#endif

/* ---- log, progress, cancel: NULL-safe wrappers ---- */

ZF_PRINTF(3, 4) void zf_log(const zf_callbacks *callbacks, zf_log_level level, const char *format, ...);
void zf_progress_report(const zf_callbacks *callbacks, const char *stage, uint64_t n_done, uint64_t n_total);

/** ZF_OK, or ZF_E_CANCELLED with the error filled when the caller wants to stop. */
ZF_MUST_USE zf_status zf_check_cancelled(const zf_callbacks *callbacks, zf_error *error);

/* ---- checked sizes ---- */

/** *out = a * b (or a + b); false on overflow, *out untouched. */
ZF_MUST_USE bool zf_size_mul(size_t a, size_t b, size_t *out);
ZF_MUST_USE bool zf_size_add(size_t a, size_t b, size_t *out);

/* ---- text: zf_text is in zonefold/text.h ---- */

/** Whether a byte of UTF-8 continues a character. */
static inline bool zf_utf8_is_continuation(char byte) {
    return ((unsigned char)byte & 0xC0u) == 0x80u;
}

/** SQL identifier in double quotes, inner quotes doubled. */
void zf_text_append_identifier(zf_text *text, const char *name);
/** SQL string literal in single quotes, inner quotes doubled. */
void zf_text_append_literal(zf_text *text, const char *string);
/** Text of an XML document, in an element or between double quotes; what XML or UTF-8 cannot hold becomes
 * U+FFFD. */
void zf_text_append_xml(zf_text *text, const char *string);

/** Heap copy of a string (free()); NULL when out of memory or string is NULL. */
char *zf_string_copy(const char *string);
/** ASCII case-insensitive equality, as SQLite compares identifiers. Neither may be NULL. */
bool zf_string_equal_nocase(const char *a, const char *b);
/** Whether a name is one of n names; ASCII letters of either case are equal. */
bool zf_string_is_among_nocase(const char *name, const char *const *names, size_t n);
/**
 * A name as people write it in SQL: "last edit" in double quotes, inner quotes doubled, becomes last edit;
 * other names stay. In place; returns name.
 */
char *zf_name_unquote(char *name);

/* ---- SHA-256 (sha256.c) ---- */

enum { ZF_SHA256_HEX_BYTES = 65 };

/** The hash of bytes that come in parts. */
typedef struct zf_sha256 zf_sha256;
ZF_MUST_USE zf_status zf_sha256_create(zf_sha256 **out, zf_error *error);
void zf_sha256_destroy(zf_sha256 *digest); /**< NULL is legal */
ZF_MUST_USE zf_status zf_sha256_add(zf_sha256 *digest, const void *bytes, size_t n, zf_error *error);
/** Lower-case hex of all that was added; begins anew. */
ZF_MUST_USE zf_status zf_sha256_finish(zf_sha256 *digest, char out_hex[ZF_SHA256_HEX_BYTES], zf_error *error);

/* ---- values: zf_value is in zonefold/value.h ---- */

static inline zf_value zf_value_null(void) {
    zf_value v = {ZF_VALUE_NULL, {0}};
    return v;
}
static inline zf_value zf_value_integer(int64_t integer) {
    zf_value v = {ZF_VALUE_INTEGER, {.integer = integer}};
    return v;
}
/** NaN becomes NULL, as in SQLite. */
zf_value zf_value_real(double real);
/** Borrowed NUL-terminated text; NULL becomes NULL. */
zf_value zf_value_text(const char *text);
zf_value zf_value_bytes(zf_value_kind text_or_blob, zf_bytes bytes);
/** The value as a double: NaN for NULL, text and blobs. */
double zf_value_number(const zf_value *value);

#endif
