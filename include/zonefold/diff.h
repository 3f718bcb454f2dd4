/* SPDX-License-Identifier: MIT */
/**
 * @file diff.h
 * What differs between two results.
 */
#ifndef ZONEFOLD_DIFF_H
#define ZONEFOLD_DIFF_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"
#include "zonefold/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of zf_diff. Strings are UTF-8 and borrowed for the call. */
typedef struct zf_diff_options {
    const char *a; /**< the one result; required */
    const char *b; /**< the other; required */
} zf_diff_options;

typedef enum zf_difference_kind {
    ZF_ONLY_IN_A = 0, /**< a row that B does not have */
    ZF_ONLY_IN_B,
    ZF_CHANGED, /**< a row under the same key with other values */
    ZF_DIFFERENCE_KINDS
} zf_difference_kind;

/** A column of both results, over all rows that both have. */
typedef struct zf_changed_column {
    char *name;
    uint64_t n;       /**< rows in which it differs */
    double max_delta; /**< the largest |b - a| where both are numbers */
} zf_changed_column;

/** One table of either result. */
typedef struct zf_table_difference {
    char *name;
    bool is_in_a, is_in_b;
    char *columns_only_in_a; /**< "x, y"; NULL: none */
    char *columns_only_in_b;
    uint64_t n_rows_a, n_rows_b;
    uint64_t n[ZF_DIFFERENCE_KINDS]; /**< rows that differ, by kind */
    zf_changed_column *columns;      /**< n_columns that both have, in A's order */
    size_t n_columns;
} zf_table_difference;

/** The report of zf_diff. Zero-initialised it is empty. */
typedef struct zf_difference {
    zf_table_difference *tables;
    size_t n_tables;
} zf_difference;

/** A value of a row in both results. Borrowed for the call. */
typedef struct zf_changed_value {
    const char *column;
    zf_value a, b;
} zf_changed_value;

/** A row that differs, as it is found. Borrowed for the call. */
typedef struct zf_row_difference {
    const char *table;
    zf_difference_kind kind;
    const char *const *key_columns; /**< n_key; all columns of a table without a key */
    const zf_value *key;            /**< n_key */
    size_t n_key;
    const zf_changed_value *changed; /**< n_changed, where kind is ZF_CHANGED */
    size_t n_changed;
} zf_row_difference;

/** Called for each row that differs: table by table, in the order of the key, from the calling thread. A
 * failure ends the comparison and is returned. */
typedef zf_status zf_row_differs(void *user, const zf_row_difference *row, zf_error *error);

/** Whether a table differs: in its rows, its columns, or by being in one result only. */
ZF_API bool zf_table_differs(const zf_table_difference *table);
/** Whether any table differs. */
ZF_API bool zf_difference_is_any(const zf_difference *difference);

/**
 * Compares the tables that either result has hashed: zip_summary by `zip`, important_building by `zip` and
 * `building_fid`, the ledgers by their names, others row by row in order. Ranks, ids and hashes are not
 * compared where the row has another key. Values differ when SQLite finds them different; geometries when
 * their bytes do.
 *
 * @param options   borrowed for the call.
 * @param callbacks nullable.
 * @param differs   nullable; called for each row that differs.
 * @param out       required; the caller's to zf_difference_deinit after ZF_OK, empty after a failure.
 * @param error     nullable.
 * @return ZF_OK, whatever differs; ZF_E_USAGE without `a` or `b`; ZF_E_INPUT when one of them cannot be read
 * or is no result; ZF_E_CANCELLED; ZF_E_MEMORY; what differs returned. Cost: one read of both files. A few MB
 * of memory; what must be sorted goes through SQLite's temporary files.
 */
ZF_API ZF_MUST_USE zf_status zf_diff(const zf_diff_options *options, const zf_callbacks *callbacks,
                                     zf_row_differs *differs, void *user, zf_difference *out,
                                     zf_error *error);
/** Frees what a difference holds; of an empty one, nothing. */
ZF_API void zf_difference_deinit(zf_difference *difference);

#ifdef __cplusplus
}
#endif
#endif
