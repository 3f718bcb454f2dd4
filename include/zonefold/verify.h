/* SPDX-License-Identifier: MIT */
/**
 * @file verify.h
 * A finished result, read again: is it what was written?
 */
#ifndef ZONEFOLD_VERIFY_H
#define ZONEFOLD_VERIFY_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a finding is about. */
typedef enum zf_check {
    ZF_CHECK_FILE = 0,   /**< SQLite's pages */
    ZF_CHECK_CONTENT,    /**< the hashes of the tables */
    ZF_CHECK_LEDGER,     /**< the counts, and the rows that they count */
    ZF_CHECK_REFERENCES, /**< rows that name a ZIP */
    ZF_CHECK_METADATA,   /**< SpatiaLite's tables, and the geometries that they describe */
    ZF_CHECK_INDEX,      /**< the spatial indexes */
    ZF_CHECK_END
} zf_check;

/** "file", "content", "ledger", "references", "metadata", "index"; "unknown" for others. Never NULL. */
ZF_API const char *zf_check_name(zf_check check);

/** Options of zf_verify. Strings are UTF-8 and borrowed for the call. */
typedef struct zf_verify_options {
    const char *result; /**< the file; required */
} zf_verify_options;

/** Something that is not as it should be. */
typedef struct zf_finding {
    zf_check check;
    char *table; /**< NULL: none in particular */
    char *text;
} zf_finding;

/** A table with a recorded hash. */
typedef struct zf_verified_table {
    char *name;
    uint64_t n_rows;
    char sha256[65]; /**< 64 lower-case hexadecimal digits and a NUL: of its content as it is now */
    bool is_as_written;
} zf_verified_table;

/** The report of zf_verify. Zero-initialised it is empty. */
typedef struct zf_verdict {
    zf_verified_table *tables; /**< n_tables, in the order of run_info */
    size_t n_tables;
    zf_finding
        *findings; /**< n_findings, in the order of the checks; none: the result is as it was written */
    size_t n_findings;
    char sha256[65]; /**< of all tables, as they are now */
} zf_verdict;

/**
 * Reads all of a result and checks it: pages, content hashes, the count ledger, references to ZIPs,
 * SpatiaLite's metadata, spatial indexes. What other programs add (layer styles, views, tables of their own)
 * is ignored; VACUUM and another page size change nothing.
 *
 * @param options   borrowed for the call.
 * @param callbacks nullable; progress reports the stage "verify".
 * @param out       required; the caller's to zf_verdict_deinit after ZF_OK, empty after a failure.
 * @param error     nullable.
 * @return ZF_OK, whatever is found; ZF_E_USAGE without `result`; ZF_E_INPUT when the file cannot be read or
 * is no result of zonefold; ZF_E_CANCELLED; ZF_E_MEMORY. Cost: one read of the file, about 4 s for a million
 * buildings; a few MB of memory.
 */
ZF_API ZF_MUST_USE zf_status zf_verify(const zf_verify_options *options, const zf_callbacks *callbacks,
                                       zf_verdict *out, zf_error *error);
/** Frees what a verdict holds; of an empty one, nothing. */
ZF_API void zf_verdict_deinit(zf_verdict *verdict);

#ifdef __cplusplus
}
#endif
#endif
