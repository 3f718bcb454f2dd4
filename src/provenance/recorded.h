/* SPDX-License-Identifier: MIT */
/** The record of a run in its result: versions, job, inputs; and where the inputs are now. */
#ifndef ZF_PROVENANCE_RECORDED_H
#define ZF_PROVENANCE_RECORDED_H

#include "base/base.h"
#include "memory/memory.h"

/** A library, or zonefold itself. */
typedef struct zf_recorded_version {
    const char *name;
    const char *recorded; /**< in run_info; NULL: it is not there */
    const char *now;      /**< of this program */
} zf_recorded_version;

/** An option of the job, except `analysis_sqls`. */
typedef struct zf_recorded_option {
    const char *key;
    const char **values; /**< one, or those of a list */
    size_t n_values;
    bool is_list;
    bool is_flag; /**< true, without a value */
} zf_recorded_option;

/** A query of `analysis_sqls`. */
typedef struct zf_recorded_query {
    const char *name, *sql;
} zf_recorded_query;

/** A row of run_input. */
typedef struct zf_recorded_file {
    const char *role; /**< "zips", "buildings" */
    const char *name; /**< without directories */
    uint64_t n_bytes;
    const char *sha256;
    const char *found; /**< a file of these bytes; NULL: none */
} zf_recorded_file;

/** The record of a run; zf_recorded_deinit releases it. */
typedef struct zf_recorded {
    zf_arena arena;  /**< of everything below */
    const char *job; /**< the JSON text */
    zf_recorded_version *versions;
    size_t n_versions;
    zf_recorded_option *options; /**< in the order of the job */
    size_t n_options;
    zf_recorded_query *queries;
    size_t n_queries;
    zf_recorded_file *files;
    size_t n_files, n_missing; /**< n_missing: without `found` */
    uint64_t n_looked_at;      /**< files that zf_recorded_find has seen */
    bool is_cut;               /**< the search ended early: too many files, or directories too deep */
    bool has_unreadable;       /**< some files or directories could not be read */
} zf_recorded;

/**
 * Reads run_info and run_input of a result. Names of files are checked to be names: no directories.
 * @return ZF_E_INPUT when it is no result, or its record is not of the form in which runs write it, which
 * includes options that no run writes. Memory: what the record holds.
 */
ZF_MUST_USE zf_status zf_recorded_read(const char *path, const zf_callbacks *callbacks, zf_recorded *out,
                                       zf_error *error);
void zf_recorded_deinit(zf_recorded *recorded);

/** The one value of an option; NULL: not in the job. */
const char *zf_recorded_value(const zf_recorded *recorded, const char *key);
/** The version that wrote the result, or "an unknown version". */
const char *zf_recorded_writer(const zf_recorded *recorded);

/**
 * Looks for the input files by size and SHA-256 in a directory and those below it; of several those of the
 * recorded name come first, then by path. Links to directories are not followed. Of all files only those of a
 * recorded size are read. (search.c)
 * @return ZF_OK also where files are missing; ZF_E_INPUT when the directory cannot be read; ZF_E_CANCELLED.
 */
ZF_MUST_USE zf_status zf_recorded_find(zf_recorded *recorded, const char *directory,
                                       const zf_callbacks *callbacks, zf_error *error);

#endif
