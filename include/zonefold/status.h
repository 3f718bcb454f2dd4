/* SPDX-License-Identifier: MIT */
/**
 * @file status.h
 * What a zonefold function can answer, and the record that says why.
 */
#ifndef ZONEFOLD_STATUS_H
#define ZONEFOLD_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define ZF_API
#elif defined(__GNUC__)
#define ZF_API __attribute__((visibility("default")))
#else
#define ZF_API
#endif

#if defined(__GNUC__)
#define ZF_MUST_USE                     __attribute__((warn_unused_result))
#define ZF_PRINTF(format_at, values_at) __attribute__((format(printf, format_at, values_at)))
#else
#define ZF_MUST_USE
#define ZF_PRINTF(format_at, values_at)
#endif

/** Outcome of a call. Every failure has one cause; zf_error says which. */
typedef enum zf_status {
    ZF_OK = 0,      /**< done */
    ZF_DONE,        /**< a sequence has ended; not a failure */
    ZF_E_USAGE,     /**< the caller asked for something that makes no sense */
    ZF_E_INPUT,     /**< an input cannot be read, or says something impossible */
    ZF_E_OUTPUT,    /**< an output cannot be written */
    ZF_E_MEMORY,    /**< no memory, or the memory budget is spent */
    ZF_E_CANCELLED, /**< the caller's cancel callback said so */
    ZF_E_INTERNAL,  /**< a bug of zonefold, or a library behaving against its documentation */
    ZF_STATUS_END   /**< number of codes; never returned */
} zf_status;

/** Who noticed the failure first. */
typedef enum zf_domain {
    ZF_DOMAIN_ZONEFOLD = 0,
    ZF_DOMAIN_OGR,
    ZF_DOMAIN_GEOS,
    ZF_DOMAIN_PROJ,
    ZF_DOMAIN_SQLITE,
    ZF_DOMAIN_OS,
    ZF_DOMAIN_END
} zf_domain;

enum {
    ZF_ERROR_TEXT_BYTES = 1024,
    ZF_ERROR_PATH_BYTES = 512,
    ZF_ERROR_LAYER_BYTES = 128,
    ZF_ERROR_PARAMETER_BYTES = 32
};

/** "No feature": the value of zf_error.fid when the failure concerns no single feature. */
#define ZF_NO_FID INT64_MIN

/**
 * The caller's error record: fixed size, no heap, no globals. Every function that takes one accepts NULL.
 * The lowest layer writes the cause; a stage may add one prefix; nobody overwrites.
 */
typedef struct zf_error {
    zf_status status;
    zf_domain domain;
    int64_t fid;                              /**< feature id, or ZF_NO_FID */
    char parameter[ZF_ERROR_PARAMETER_BYTES]; /**< member of the option struct that caused it, or empty */
    char path[ZF_ERROR_PATH_BYTES];           /**< file, or empty */
    char layer[ZF_ERROR_LAYER_BYTES];         /**< layer, or empty */
    char text[ZF_ERROR_TEXT_BYTES]; /**< what could not be done, why, what to do next; UTF-8. Parameters stand
                                         in backquotes: "give `zips_crs`" */
} zf_error;

/** Empty record. */
#define ZF_ERROR_INIT                                                                                        \
    {                                                                                                        \
        ZF_OK, ZF_DOMAIN_ZONEFOLD, ZF_NO_FID, {0}, {0}, {0}, {                                               \
            0                                                                                                \
        }                                                                                                    \
    }

/** Short stable name of a status ("ok", "usage", "input", ...); "unknown" for a value that is none. Never
 * NULL. */
ZF_API const char *zf_status_name(zf_status status);

/** Exit status of the program for a status: 0, 2 usage, 3 input, 4 output, 5 memory, 6 interrupted, 70
 * internal. */
ZF_API int zf_status_exit_code(zf_status status);

/**
 * One line for a person: "what (file 'f', layer 'l', feature 7)".
 *
 * @param error     filled record; borrowed.
 * @param out       at least n_bytes bytes; always NUL-terminated when n_bytes > 0.
 * @return length that the full text has, as snprintf.
 */
ZF_API size_t zf_error_format(const zf_error *error, char *out, size_t n_bytes);

/* ---- for callbacks that fail, and for programs around the library ---- */

/**
 * Writes the cause of a failure. A record that already holds a failure is left alone: the first cause stays.
 * @param error  nullable.
 * @param format of printf; the text is cut at a whole character when it is longer than the record.
 * @return status, so that callers can `return zf_error_set(...)`.
 */
ZF_API ZF_PRINTF(4, 5) zf_status
    zf_error_set(zf_error *error, zf_status status, zf_domain domain, const char *format, ...);
/** Names the parameter that caused the failure, as the option struct spells it ("zips_crs"), unless one is
 * named already. Returns status. */
ZF_API zf_status zf_error_parameter(zf_error *error, zf_status status, const char *parameter);
/** Puts "prefix: " in front of the text. Returns status. */
ZF_API ZF_PRINTF(3, 4) zf_status zf_error_within(zf_error *error, zf_status status, const char *format, ...);
/** Writes ZF_E_MEMORY with a text that says how many bytes of what were wanted. Returns ZF_E_MEMORY. */
ZF_API zf_status zf_error_memory(zf_error *error, size_t n_bytes, const char *what);

#ifdef __cplusplus
}
#endif
#endif
