/* SPDX-License-Identifier: MIT */
/** Inserts many rows with one statement. */
#ifndef ZF_OUTPUT_FEED_H
#define ZF_OUTPUT_FEED_H

#include "sql/database.h"
#include "sql/row_table.h"

/** Zero-initialise, then set is_appended and of rows: n_columns and give. Not movable until the connection is
 * closed: SQLite points to it. */
typedef struct zf_output_feed {
    zf_row_table rows; /**< during a write; after a failure its row is the one that failed */
    bool is_appended;  /**< column 0 is the id, and ids are 1, 2, ...: SQLite assigns them, which is faster */
    int64_t last_id;   /**< if so, set before each write: id of the last row */
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
