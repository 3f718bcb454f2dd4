/* SPDX-License-Identifier: MIT */
/**
 * @file record.h
 * What a run must be able to prove: the count ledger, the rejected features, the inputs' hashes, the
 * canonical options.
 */
#ifndef ZF_RECORD_H
#define ZF_RECORD_H

#include "sink/sink.h"
#include "zonefold/run.h"

/* ---- ledger.c: the count ledger ---- */

/** Adds b to a, member by member (each thread counts for itself). */
void zf_counts_add(zf_run_counts *a, const zf_run_counts *b);
/** ZF_E_INTERNAL naming both sides when read != assigned + crossing + outside + empty + skipped, or a part
 * exceeds its whole. */
ZF_MUST_USE zf_status zf_counts_check(const zf_run_counts *counts, zf_error *error);
/** Writes run_count, one row per member, names as in zf_run_counts, in its order. */
ZF_MUST_USE zf_status zf_counts_write(const zf_run_counts *counts, zf_sink *sink, zf_error *error);
/** Sets the n-th, which must be there. */
void zf_counts_set(zf_run_counts *counts, size_t n, uint64_t value);
/** n-th (name, value) of a ledger; NULL after the last. */
const char *zf_counts_get(const zf_run_counts *counts, size_t n, uint64_t *out_value);

/* ---- rejects.c: features repaired, skipped or unusable ---- */

/** A list under the budget, beyond some thousands of entries in a temporary file; append from one thread at a
 * time. */
typedef struct zf_rejects zf_rejects;
/** temp_dir: as of a gather; borrowed for the list's life. */
ZF_MUST_USE zf_status zf_rejects_create(const char *temp_dir, zf_budget *budget, zf_rejects **out,
                                        zf_error *error);
void zf_rejects_destroy(zf_rejects *rejects);
/** Copies; `ordinal` is the feature's position in its source. */
ZF_MUST_USE zf_status zf_rejects_append(zf_rejects *rejects, const zf_rejected *rejected, uint64_t ordinal,
                                        zf_error *error);
/** Writes them sorted: zips first, then by fid, then ordinal, then order of appending. */
ZF_MUST_USE zf_status zf_rejects_write(zf_rejects *rejects, zf_sink *sink, zf_error *error);
size_t zf_rejects_count(const zf_rejects *rejects);

/* ---- hash.c ---- */

/** The same of an open file, from where it stands to its end; fd stays open. path is for messages. */
ZF_MUST_USE zf_status zf_hash_fd(int fd, const char *path, const zf_callbacks *callbacks,
                                 char out_hex[ZF_SHA256_HEX_BYTES], uint64_t *out_bytes, zf_error *error);
/** SHA-256 of a file as lower-case hex. ZF_E_INPUT when it cannot be read. Asks callbacks about cancelling.
 */
ZF_MUST_USE zf_status zf_hash_file(const char *path, const zf_callbacks *callbacks,
                                   char out_hex[ZF_SHA256_HEX_BYTES], uint64_t *out_bytes, zf_error *error);

/* ---- job.c ---- */

/**
 * The options that shape the result as canonical JSON: long option names as keys in a fixed order, defaults
 * left out, file names without their directories; what cannot change the result (batch size, trace,
 * overwrite) is not in it. Of --analysis-sql names and SQL texts (questions) are in it, and no file names.
 * Appends to *out.
 */
void zf_job_to_json(const zf_run_options *options, const zf_question *questions, size_t n_questions,
                    zf_text *out);
/** Whether zf_job_to_json writes an option of this name: only such ones are taken from a result. */
bool zf_job_is_key(const char *key);

/* names of option values, shared with the command line */
const char *zf_assign_rule_name(zf_assign_rule rule);     /**< "within", "covered-by", ... */
const char *zf_measure_mode_name(zf_measure_mode mode);   /**< "auto", "geodesic", "planar" */
const char *zf_on_invalid_name(zf_on_invalid policy);     /**< "repair", "skip", "fail" */
const char *zf_buildings_out_name(zf_buildings_out what); /**< "geometry", "attributes", "ids", "none" */

#endif
