/* SPDX-License-Identifier: MIT */
/** Inserts many rows with one statement. */
#ifndef ZF_OUTPUT_FEED_H
#define ZF_OUTPUT_FEED_H

#include "sql/database.h"

/** Zero-initialise, then set the first three members. Not movable until the connection is closed: SQLite
 * points to it. */
typedef struct zf_output_feed {
    /** Gives SQLite a value by a function sqlite3_result_...; no call is NULL. Texts and blobs are borrowed
     * until the rows are written. */
    void (*give)(const void *user, size_t row, size_t column, sqlite3_context *result);
    size_t n_columns;
    bool is_appended; /**< column 0 is the id, and ids are 1, 2, ...: SQLite assigns them, which is faster */
    int64_t last_id;  /**< if so, set before each write: id of the last row */
    const void *user;
    size_t n_rows;
    size_t row; /**< after a failure: the row that failed */
    sqlite3_stmt *insert;
} zf_output_feed;

/** Prepares the INSERT into a table of n_columns. */
ZF_MUST_USE zf_status zf_output_feed_open(const zf_database *db, const char *table, zf_output_feed *feed,
                                          zf_error *error);
/** Inserts rows 0 to n_rows - 1 of `user`. ZF_E_INTERNAL also when SQLite inserted fewer, or under other ids.
 */
ZF_MUST_USE zf_status zf_output_feed_write(const zf_database *db, zf_output_feed *feed, const void *user,
                                           size_t n_rows, const char *what, zf_error *error);
void zf_output_feed_deinit(zf_output_feed *feed);

#endif
