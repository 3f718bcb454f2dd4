/* SPDX-License-Identifier: MIT */
/**
 * @file archive.h
 * A result with its inputs and its job, in a BagIt bag.
 */
#ifndef ZONEFOLD_ARCHIVE_H
#define ZONEFOLD_ARCHIVE_H

#include "zonefold/replay.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_archive. Strings are UTF-8 and borrowed for the call. */
typedef struct zf_archive_options {
    const char *result; /**< the file; required */
    const char *output; /**< directory of the bag; must not exist, or be empty; required */
    const char *inputs; /**< directory with the input files, in it or below; NULL: the result's */
    const char *date;   /**< "2020-12-31": of the bag; NULL: the bag has no date */
} zf_archive_options;

/** The report of zf_archive. Zero-initialised it is empty. All that it points to is its own. */
typedef struct zf_archive_report {
    size_t n_files; /**< of the payload */
    uint64_t n_bytes;
    zf_missing_inputs missing; /**< after ZF_E_INPUT because of them; else empty */
    void *storage;             /**< private */
} zf_archive_report;

/**
 * Writes a bag (BagIt 1.0, RFC 8493) with the result, the input files that it was made of, a job file that
 * runs beside them, the versions of zonefold and its libraries, and a description of them as an RO-Crate
 * (Process Run Crate 0.5 over RO-Crate 1.1). The result must be as it was written; inputs are found as by
 * zf_replay. The same result and inputs give the same bytes.
 *
 * @param options   borrowed for the call.
 * @param callbacks nullable.
 * @param out       required; the caller's to zf_archive_report_deinit, also after a failure.
 * @param error     nullable.
 * @return ZF_OK; ZF_E_USAGE without `result` or `output`; ZF_E_INPUT: the result cannot be read or is not as
 * it was written, or inputs are missing; ZF_E_OUTPUT: the bag cannot be written, and nothing of it is left;
 * ZF_E_CANCELLED; ZF_E_MEMORY. Cost: the result is read twice, the inputs once or twice.
 */
ZF_API ZF_MUST_USE zf_status zf_archive(const zf_archive_options *options, const zf_callbacks *callbacks,
                                        zf_archive_report *out, zf_error *error);
/** Frees what a report holds; of an empty one, nothing. */
ZF_API void zf_archive_report_deinit(zf_archive_report *report);

#ifdef __cplusplus
}
#endif
#endif
