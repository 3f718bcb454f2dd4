/* SPDX-License-Identifier: MIT */
/**
 * @file base.h
 * Errors, log, checked sizes, text and values: what every other folder may use.
 */
#ifndef ZF_BASE_H
#define ZF_BASE_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- errors ---- */

/**
 * Write the cause of a failure. A record that already holds a failure is left alone: the first cause stays.
 * @return status, so that callers can `return zf_error_set(...)`.
 */
ZF_PRINTF(4, 5)
zf_status zf_error_set(zf_error *error, zf_status status, zf_domain domain, const char *format, ...);

/** Add where it happened, as far as not already said. Each of path and layer may be NULL; fid may be
 * ZF_NO_FID. Returns status. */
zf_status zf_error_at(zf_error *error, zf_status status, const char *path, const char *layer, int64_t fid);

/** Name the parameter that caused the failure, as the option struct spells it ("zips_crs"), unless one is
 * named already. Returns status. */
zf_status zf_error_parameter(zf_error *error, zf_status status, const char *parameter);

/** Put "prefix: " in front of the text. Returns status. */
ZF_PRINTF(3, 4) zf_status zf_error_within(zf_error *error, zf_status status, const char *format, ...);

/** ZF_E_MEMORY with a text that says how many bytes of what were wanted. */
zf_status zf_error_memory(zf_error *error, size_t n_bytes, const char *what);

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

/* ---- text ---- */

/** Growable NUL-terminated UTF-8. Zero-initialise; `bytes` is NULL until the first append. Owner calls
 * zf_text_deinit. */
typedef struct zf_text {
    char *bytes;
    size_t n; /**< length without the NUL */
    size_t cap;
    bool is_failed; /**< an append ran out of memory; later appends do nothing. Test once, at the end. */
} zf_text;

void zf_text_append(zf_text *text, const char *string);
void zf_text_append_n(zf_text *text, const char *bytes, size_t n);
ZF_PRINTF(2, 3) void zf_text_append_format(zf_text *text, const char *format, ...);
/** SQL identifier in double quotes, inner quotes doubled. */
void zf_text_append_identifier(zf_text *text, const char *name);
/** SQL string literal in single quotes, inner quotes doubled. */
void zf_text_append_literal(zf_text *text, const char *string);
/** JSON string with quotes; control characters escaped; invalid UTF-8 bytes become U+FFFD. */
void zf_text_append_json(zf_text *text, const char *string);
/** Text of an XML document, in an element or between double quotes; what XML or UTF-8 cannot hold becomes
 * U+FFFD. */
void zf_text_append_xml(zf_text *text, const char *string);
/** Decimal that reads back as the same double, of 15, 16 or 17 digits the fewest that do; "null" for NaN and
 * infinities. Independent of the locale. */
void zf_text_append_json_number(zf_text *text, double number);
void zf_text_deinit(zf_text *text);
/** Whether a NUL-terminated text is well-formed UTF-8. */
bool zf_text_is_utf8(const char *string);

/** Heap copy of a string (free()); NULL when out of memory or string is NULL. */
char *zf_string_copy(const char *string);
/** ASCII case-insensitive equality, as SQLite compares identifiers. Neither may be NULL. */
bool zf_string_equal_nocase(const char *a, const char *b);
/**
 * A name as people write it in SQL: "last edit" in double quotes, inner quotes doubled, becomes last edit;
 * other names stay. In place; returns name.
 */
char *zf_name_unquote(char *name);
/**
 * The candidate nearest to a mistyped word (Levenshtein distance at most 1 + length / 4, case-insensitive),
 * for "did you mean".
 * @return one of candidates[0..n), or NULL when none is near. Ties: the first.
 */
const char *zf_string_nearest(const char *word, const char *const *candidates, size_t n);

/* ---- SHA-256 (sha256.c) ---- */

enum { ZF_SHA256_HEX_BYTES = 65 };

/** The hash of bytes that come in parts. */
typedef struct zf_sha256 zf_sha256;
ZF_MUST_USE zf_status zf_sha256_create(zf_sha256 **out, zf_error *error);
void zf_sha256_destroy(zf_sha256 *digest); /**< NULL is legal */
ZF_MUST_USE zf_status zf_sha256_add(zf_sha256 *digest, const void *bytes, size_t n, zf_error *error);
/** Lower-case hex of all that was added; begins anew. */
ZF_MUST_USE zf_status zf_sha256_finish(zf_sha256 *digest, char out_hex[ZF_SHA256_HEX_BYTES], zf_error *error);

/* ---- values ---- */

/** Type of a field as zonefold sees it. */
typedef enum zf_field_type {
    ZF_FIELD_INTEGER = 0,
    ZF_FIELD_REAL,
    ZF_FIELD_BOOLEAN, /**< value: integer 0 or 1 */
    ZF_FIELD_TEXT,
    ZF_FIELD_DATE,     /**< value: text YYYY-MM-DD */
    ZF_FIELD_TIME,     /**< value: text HH:MM:SS[.SSS] */
    ZF_FIELD_DATETIME, /**< value: text YYYY-MM-DDTHH:MM:SS[.SSS][Z|+HH:MM|-HH:MM] */
    ZF_FIELD_BLOB,
    ZF_FIELD_UNSUPPORTED, /**< lists and the like: may not be used */
    ZF_FIELD_TYPE_END
} zf_field_type;

/** "integer", "real", "boolean", "text", "date", "time", "datetime", "blob", "unsupported". */
const char *zf_field_type_name(zf_field_type type);
/** true for INTEGER, REAL, BOOLEAN */
bool zf_field_type_is_number(zf_field_type type);

/** Bytes that belong to someone else. bytes == NULL means NULL (missing), n == 0 with bytes != NULL means
 * empty. */
typedef struct zf_bytes {
    const uint8_t *bytes;
    size_t n;
} zf_bytes;

typedef enum zf_value_kind {
    ZF_VALUE_NULL = 0,
    ZF_VALUE_INTEGER,
    ZF_VALUE_REAL,
    ZF_VALUE_TEXT,
    ZF_VALUE_BLOB
} zf_value_kind;

/** One value of one row; text and blobs are borrowed (the lender says how long). Text is UTF-8, not
 * NUL-terminated. */
typedef struct zf_value {
    zf_value_kind kind;
    union {
        int64_t integer;
        double real;
        zf_bytes bytes;
    } as;
} zf_value;

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

/** A named, typed column of a table or of an expression's scope. */
typedef struct zf_column {
    const char *name;
    zf_field_type type;
} zf_column;

#endif
