/* SPDX-License-Identifier: MIT */
/** What differs between two results. */
#ifndef ZF_PROVENANCE_DIFF_H
#define ZF_PROVENANCE_DIFF_H

#include "provenance/result.h"

typedef enum zf_difference_kind {
    ZF_ONLY_IN_A = 0, /**< a row that B does not have */
    ZF_ONLY_IN_B,
    ZF_CHANGED, /**< a row under the same key with other values */
    ZF_DIFFERENCE_KINDS
} zf_difference_kind;

/** A column that differs, over all rows that both have. */
typedef struct zf_changed_column {
    char *name;
    uint64_t n;       /**< rows in which it differs */
    double max_delta; /**< the largest |b - a| where both are numbers */
} zf_changed_column;

/** One table of both. */
typedef struct zf_table_difference {
    char *name;
    bool is_in_a, is_in_b;
    char *columns_only_in_a; /**< "x, y"; NULL: none */
    char *columns_only_in_b;
    uint64_t n_rows_a, n_rows_b;
    uint64_t n[ZF_DIFFERENCE_KINDS];
    zf_changed_column *columns; /**< those that both have, in A's order */
    size_t n_columns;
} zf_table_difference;

typedef struct zf_difference {
    zf_table_difference *tables;
    size_t n_tables;
} zf_difference;

/** A value of a row in both; all borrowed for the call. */
typedef struct zf_changed_value {
    const char *column;
    zf_value a, b;
} zf_changed_value;

/** A row that differs, while it is found: in the order of the key. */
typedef struct zf_row_difference {
    const char *table;
    zf_difference_kind kind;
    const char *const *key_columns; /**< n_key; of a table without a key all columns */
    const zf_value *key;
    size_t n_key;
    const zf_changed_value *changed; /**< of CHANGED */
    size_t n_changed;
} zf_row_difference;

typedef zf_status zf_row_differs(void *user, const zf_row_difference *row, zf_error *error);

bool zf_table_differs(const zf_table_difference *table);
bool zf_difference_is_any(const zf_difference *difference);

/**
 * Compares the tables that either result has hashed: zip_summary by `zip`, important_building by `zip` and
 * `building_fid`, the ledgers by their names; others row by row as they are. Ranks, ids and hashes are not
 * compared where a row has another key. Values differ when SQLite calls them different; geometries when their
 * bytes do.
 * @param differs called for each row, nullable.
 * @return ZF_OK whatever differs; ZF_E_INPUT when one of them cannot be read or is no result. Memory: a few
 * MB; what must be sorted goes through SQLite's temporary files.
 */
ZF_MUST_USE zf_status zf_diff(const char *path_a, const char *path_b, const zf_callbacks *callbacks,
                              zf_row_differs *differs, void *user, zf_difference *out, zf_error *error);
void zf_difference_deinit(zf_difference *difference);

#endif
