/* SPDX-License-Identifier: MIT */
/** @file row_table.h A virtual table over rows in memory, which SQLite reads without a copy of them. */
#ifndef ZF_SQL_ROW_TABLE_H
#define ZF_SQL_ROW_TABLE_H

#include "base/base.h"

#include <sqlite3.h>

/**
 * Zero-initialise, then set the first four. Not movable until the connection is closed: SQLite holds a
 * pointer to it. It has one cursor: a statement may name the table once.
 */
typedef struct zf_row_table {
    size_t n_columns;
    /** Appends a column's definition, such as "height REAL". */
    void (*declare)(const void *user, size_t column, zf_text *sql);
    /** Returns a value by one of sqlite3_result_...; NULL if it calls none. */
    void (*give)(const void *user, size_t row, size_t column, sqlite3_context *result);
    const void *user;
    bool has_rowid; /**< the row's number; else to read it is an error */
    size_t n_rows;
    const uint8_t *selected; /**< n_rows, nullable: rows where it is 0 are skipped */
    size_t row;              /**< where the scan stands */
} zf_row_table;

/** Registers the table under a name. Returns SQLite's code. */
int zf_row_table_register(zf_row_table *table, sqlite3 *db, const char *name);

#endif
