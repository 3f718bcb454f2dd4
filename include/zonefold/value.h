/* SPDX-License-Identifier: MIT */
/**
 * @file value.h
 * Values and columns, as callbacks and reports carry them.
 */
#ifndef ZONEFOLD_VALUE_H
#define ZONEFOLD_VALUE_H

#include "zonefold/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Type of a field or column. */
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

/** "integer", "real", "boolean", "text", "date", "time", "datetime", "blob", "unsupported". Never NULL. */
ZF_API const char *zf_field_type_name(zf_field_type type);
/** true for INTEGER, REAL, BOOLEAN */
ZF_API bool zf_field_type_is_number(zf_field_type type);

/** Borrowed bytes. bytes == NULL means NULL (missing), n == 0 with bytes != NULL means empty. */
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

/** One value of one row. Text and blobs are borrowed; who hands the value out says for how long. Text is
 * UTF-8, not NUL-terminated. */
typedef struct zf_value {
    zf_value_kind kind;
    union {
        int64_t integer;
        double real;
        zf_bytes bytes;
    } as;
} zf_value;

/** A named, typed column of a table. */
typedef struct zf_column {
    const char *name;
    zf_field_type type;
} zf_column;

#ifdef __cplusplus
}
#endif
#endif
