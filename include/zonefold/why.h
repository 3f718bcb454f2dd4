/* SPDX-License-Identifier: MIT */
/**
 * @file why.h
 * The story of one building of a result: why it counts in a ZIP, or why not.
 */
#ifndef ZONEFOLD_WHY_H
#define ZONEFOLD_WHY_H

#include "zonefold/replay.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_why. Strings are UTF-8 and borrowed for the call. */
typedef struct zf_why_options {
    const char *result; /**< the file; required */
    const char *inputs; /**< directory to search for the input files; NULL: that of the result */
    const char *fid;    /**< feature id of the building, in decimal; or `where` */
    const char *where;  /**< "FIELD=VALUE": the first building whose field has the value, compared as text */
    const char *temp_dir; /**< default: TMPDIR, else /tmp */
    size_t memory_bytes;  /**< as of zf_run_options */
} zf_why_options;

/** How a building lies to a ZIP whose envelope meets its own. */
typedef enum zf_why_relation {
    ZF_WHY_ASSIGNED = 0,
    ZF_WHY_CROSSING, /**< their interiors meet, but the rule does not hold */
    ZF_WHY_APART,    /**< neither */
    ZF_WHY_RELATIONS
} zf_why_relation;

/** A candidate ZIP. */
typedef struct zf_why_zip {
    const char *zip;
    zf_why_relation relation;
    double share; /**< under the rule share: the part of the building in the ZIP; else 1 */
} zf_why_zip;

/** A value that an expression has seen. */
typedef struct zf_why_value {
    const char *column;
    zf_value value;
} zf_why_value;

typedef enum zf_why_truth { ZF_WHY_TRUE = 0, ZF_WHY_FALSE, ZF_WHY_NULL, ZF_WHY_TRUTHS } zf_why_truth;

/** One condition. Each is evaluated, also behind one that is not true. */
typedef struct zf_why_condition {
    const char *name; /**< of the rule; "where" */
    const char *text;
    zf_why_truth truth;
    const zf_why_value *values; /**< n_values: the columns that it reads, computed ones included */
    size_t n_values;
} zf_why_condition;

/** The conditions for one ZIP, or for all where they do not depend on it. */
typedef struct zf_why_judgement {
    const char *zip;              /**< NULL: all ZIPs of the building */
    const zf_why_value *computed; /**< n_computed columns of `computes` */
    size_t n_computed;
    const zf_why_condition *conditions; /**< n_conditions, in the order of the run */
    size_t n_conditions;
    bool is_important;
} zf_why_judgement;

/** What happened to the geometry. */
typedef struct zf_why_geometry {
    const char *reason;   /**< as in rejected_feature; NULL: it is valid */
    const char *detail;   /**< nullable */
    bool is_used;         /**< as it is, or repaired */
    bool is_examined;     /**< false: no ZIP is near, so nobody asked whether it is valid */
    double area_delta_m2; /**< by the repair; NaN: none */
} zf_why_geometry;

/** The report of zf_why. Zero-initialised it is empty. All that it points to is its own. */
typedef struct zf_why_report {
    const char *file, *layer; /**< of the buildings; the file without directories */
    int64_t fid;
    uint64_t n_found; /**< buildings that `where` finds; the first is told of */
    zf_why_geometry geometry;
    const char *rule;       /**< of the assignment: "within" ... */
    const zf_why_zip *zips; /**< n_zips candidates, in the order of the run */
    size_t n_zips;
    const zf_why_judgement *judgements; /**< n_judgements; none where the building is not assigned */
    size_t n_judgements;
    zf_missing_inputs missing; /**< after ZF_E_INPUT because of them; else empty */
    void *storage;             /**< private */
} zf_why_report;

/** "assigned", "crossing", "apart"; "unknown" for others. Never NULL. */
ZF_API const char *zf_why_relation_name(zf_why_relation relation);
/** "true", "false", "NULL"; "unknown" for others. Never NULL. */
ZF_API const char *zf_why_truth_name(zf_why_truth truth);

/**
 * Finds the inputs of a result as zf_replay does, reads one building as the run did, and reports each step:
 * its geometry, the candidate ZIPs, the rule, each condition with the values that it read.
 *
 * @param options   borrowed for the call.
 * @param callbacks nullable.
 * @param out       required; the caller's to zf_why_report_deinit, also after a failure.
 * @param error     nullable.
 * @return ZF_OK; ZF_E_USAGE without `result`, without `fid` or `where` or with both, for a field or a
 * building that is not there; ZF_E_INPUT: the file cannot be read or is no result, or inputs are missing or
 * changed; ZF_E_CANCELLED; ZF_E_MEMORY. Cost: reads the ZIPs, and the buildings up to the end; files of the
 * recorded sizes are hashed.
 */
ZF_API ZF_MUST_USE zf_status zf_why(const zf_why_options *options, const zf_callbacks *callbacks,
                                    zf_why_report *out, zf_error *error);
/** Frees what a report holds; of an empty one, nothing. */
ZF_API void zf_why_report_deinit(zf_why_report *report);

#ifdef __cplusplus
}
#endif
#endif
