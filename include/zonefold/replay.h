/* SPDX-License-Identifier: MIT */
/**
 * @file replay.h
 * Runs the recorded job of a result again and compares.
 */
#ifndef ZONEFOLD_REPLAY_H
#define ZONEFOLD_REPLAY_H

#include "zonefold/diff.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_replay. Strings are UTF-8 and borrowed for the call; NULL and 0 are the defaults. */
typedef struct zf_replay_options {
    const char *result;   /**< the file; required */
    const char *inputs;   /**< directory with the input files, in it or below; default: the result's */
    const char *output;   /**< where the new result is kept; must not exist. Default: it is temporary */
    const char *temp_dir; /**< default: TMPDIR, else /tmp */
    size_t memory_bytes;  /**< as of zf_run_options */
    size_t n_threads;     /**< likewise */
} zf_replay_options;

/** zonefold, or a library that the result depends on. */
typedef struct zf_version_change {
    const char *name;
    const char *recorded; /**< when the result was written; NULL: not recorded */
    const char *now;
} zf_version_change;

/** What run_info says of the operation between the two CRS, where that has changed. */
typedef struct zf_crs_change {
    const char *key; /**< "crs_operation", "crs_grids" or "crs_better" */
    zf_difference_kind
        kind;         /**< ONLY_IN_A: not recorded by the replay; ONLY_IN_B: not recorded by the result */
    const char *then; /**< of CHANGED; NULL: no text */
    const char *now;  /**< likewise */
} zf_crs_change;

/** An input file of a result, known by its bytes. */
typedef struct zf_missing_input {
    const char *role; /**< "zips", "buildings" */
    const char *name; /**< without directories */
    uint64_t n_bytes;
    const char *sha256;
} zf_missing_input;

/** The input files that were not found, and where they were sought. */
typedef struct zf_missing_inputs {
    const zf_missing_input *items; /**< n */
    size_t n;
    const char *directory;
    uint64_t n_examined; /**< files met in it and below */
    bool is_cut;         /**< there are more files, or deeper directories, than are searched */
    bool has_unreadable; /**< some files or directories could not be read */
} zf_missing_inputs;

/** The report of zf_replay. Zero-initialised it is empty. All that it points to is its own. */
typedef struct zf_replay_report {
    bool is_same;
    zf_difference
        difference; /**< A: the result, B: its replay; without what other versions and grids explain */
    const zf_version_change *versions; /**< n_versions: zonefold, then its libraries */
    size_t n_versions;
    const zf_crs_change *crs; /**< n_crs */
    size_t n_crs;
    zf_missing_inputs missing; /**< after ZF_E_INPUT because of them; else empty */
    void *storage;             /**< private */
} zf_replay_report;

/**
 * Finds the input files of a result by size and SHA-256, whatever they are called now, runs the recorded job
 * again and compares the contents as zf_diff does. Other versions of zonefold and its libraries, and other
 * grids of PROJ, are reported but are no difference.
 *
 * @param options   borrowed for the call.
 * @param callbacks nullable.
 * @param differs   nullable; called for each row that differs and is not explained by versions and grids.
 * @param out       required; the caller's to zf_replay_report_deinit, also after a failure.
 * @param error     nullable.
 * @return ZF_OK, whatever differs; ZF_E_USAGE without `result`; ZF_E_INPUT: it cannot be read or is no
 * result, its record cannot be used, or inputs are missing; else what zf_run and zf_diff return. No temporary
 * file is left. Cost: a run and a comparison; files of the recorded sizes are hashed.
 */
ZF_API ZF_MUST_USE zf_status zf_replay(const zf_replay_options *options, const zf_callbacks *callbacks,
                                       zf_row_differs *differs, void *user, zf_replay_report *out,
                                       zf_error *error);
/** Frees what a report holds; of an empty one, nothing. */
ZF_API void zf_replay_report_deinit(zf_replay_report *report);

#ifdef __cplusplus
}
#endif
#endif
