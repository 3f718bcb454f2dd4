/* SPDX-License-Identifier: MIT */
/**
 * @file table.h
 * Reads the tables of a finished result, row by row.
 */
#ifndef ZONEFOLD_TABLE_H
#define ZONEFOLD_TABLE_H

#include "zonefold/callbacks.h"
#include "zonefold/status.h"
#include "zonefold/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A table of a result, open for reading. One thread at a time. */
typedef struct zf_table_reader zf_table_reader;

/** What to read. Strings are UTF-8 and borrowed for the call of zf_table_open, `result` until zf_table_close.
 */
typedef struct zf_table_options {
    const char *result;         /**< the file; required */
    const char *table;          /**< its name in any case; NULL: zip_summary */
    const char *const *columns; /**< n_columns names, in the order in which they are wanted */
    size_t n_columns;           /**< 0: all columns but geometries, in the order of the table */
    const char *top;   /**< "N:COLUMN": the N rows with the largest values of a column, largest first,
                            equal ones in the order of the table; NULL: all rows, in that order */
    bool has_geometry; /**< geometries too, after `columns` that do not name them */
} zf_table_options;

/** A column that is read. */
typedef struct zf_table_column {
    const char *name;
    const char *label;  /**< for people, with the unit: "Area (m²)"; the name where there is none */
    zf_field_type type; /**< INTEGER, REAL, TEXT or BLOB, as the column is declared */
    bool is_geometry;   /**< a BLOB of SpatiaLite, as geometry_columns says */
} zf_table_column;

/** What is read. Borrowed from the reader. */
typedef struct zf_table_info {
    const char *table;
    const zf_table_column *columns;
    size_t n_columns;
} zf_table_info;

/**
 * Opens a table of a result. The file is data: nothing that its schema holds is run.
 *
 * @param options   borrowed, see there.
 * @param callbacks nullable; is_cancelled ends a reading. Borrowed until zf_table_close.
 * @param out       required; the caller's to zf_table_close after ZF_OK, NULL after a failure.
 * @param error     nullable.
 * @return ZF_OK; ZF_E_USAGE without `result`, and for a table or column that is not there (the message lists
 * those that are) or a `top` that is none; ZF_E_INPUT when the file cannot be read or is no result of
 * zonefold; ZF_E_MEMORY; ZF_E_CANCELLED. Cost: with `top` one read of the table at the first row; N rows of
 * memory.
 */
ZF_API ZF_MUST_USE zf_status zf_table_open(const zf_table_options *options, const zf_callbacks *callbacks,
                                           zf_table_reader **out, zf_error *error);
ZF_API const zf_table_info *zf_table_get_info(const zf_table_reader *reader);
/**
 * Reads the next row.
 * @param out_values n_columns values; borrowed until the next call. A value has the type that the file holds,
 * whatever the column declares.
 * @return ZF_OK with a row; ZF_DONE after the last; ZF_E_INPUT; ZF_E_CANCELLED; ZF_E_MEMORY.
 */
ZF_API ZF_MUST_USE zf_status zf_table_next(zf_table_reader *reader, const zf_value **out_values,
                                           zf_error *error);
/** Number of rows of the whole table, whatever `top` says. Cost: one read of the table. */
ZF_API ZF_MUST_USE zf_status zf_table_count(zf_table_reader *reader, uint64_t *out_n, zf_error *error);
/** NULL is legal. */
ZF_API void zf_table_close(zf_table_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
