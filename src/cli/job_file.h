/* SPDX-License-Identifier: MIT */
/** Options in a file: YAML (JSON is YAML) with the long names as keys. */
#ifndef ZF_CLI_JOB_FILE_H
#define ZF_CLI_JOB_FILE_H

#include "zonefold/text.h"

/** One key and its value. */
typedef struct zf_job_entry {
    char *key;
    char **values; /**< one, or those of a list */
    size_t n_values;
    bool is_list;
    bool is_plain; /**< one, without quotes: true, false and null mean what they mean in YAML */
    size_t line;   /**< of the key, from 1 */
} zf_job_entry;

/** The entries of a file, in its order. Zero-initialise; zf_job_file_deinit frees. */
typedef struct zf_job_file {
    zf_job_entry *entries;
    size_t n;
} zf_job_file;

/**
 * Reads one mapping of keys to scalars or lists of scalars.
 * @return ZF_E_USAGE naming file and line for anything else: no YAML, no mapping, a mapping in it, a key
 * twice, an alias, several documents, no UTF-8; ZF_E_INPUT when the file cannot be read.
 */
ZF_MUST_USE zf_status zf_job_file_read(const char *path, zf_job_file *out, zf_error *error);
void zf_job_file_deinit(zf_job_file *file);

/** Appends "key: value\n" with whatever quotes the value needs. */
void zf_job_append_scalar(zf_text *out, const char *key, const char *value);
#endif
