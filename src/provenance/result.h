/* SPDX-License-Identifier: MIT */
/**
 * @file result.h
 * A finished result, read again: is it what was written?
 */
#ifndef ZF_PROVENANCE_RESULT_H
#define ZF_PROVENANCE_RESULT_H

#include "output/record.h"

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

/** "file", "content", ... */
const char *zf_check_name(zf_check check);

/** Something that is not as it should be. */
typedef struct zf_finding {
    zf_check check;
    char *table; /**< NULL: none in particular */
    char *text;
} zf_finding;

/** What is known of a table. */
typedef struct zf_verified_table {
    char *name;
    uint64_t n_rows;
    char sha256[ZF_SHA256_HEX_BYTES]; /**< of its content as it is */
    bool is_as_written;
} zf_verified_table;

/** The answer; zf_verdict_deinit gives it back. */
typedef struct zf_verdict {
    zf_verified_table *tables; /**< that have a hash in run_info, in its order */
    size_t n_tables;
    zf_finding *findings;
    size_t n_findings;
    char sha256[ZF_SHA256_HEX_BYTES]; /**< of all tables, as they are */
} zf_verdict;

/**
 * Reads all of a result and checks it. What other programs add (layer styles, views, tables of their own) is
 * none of its business; VACUUM and another page size do not show.
 * @return ZF_OK, whatever is found; ZF_E_INPUT when the file cannot be read or is no result of zonefold;
 * ZF_E_CANCELLED, ZF_E_MEMORY. Memory: a few MB. Cost: some 4 s for a million buildings.
 */
ZF_MUST_USE zf_status zf_verify(const char *path, const zf_callbacks *callbacks, zf_verdict *out,
                                zf_error *error);
void zf_verdict_deinit(zf_verdict *verdict);

#endif
