/* SPDX-License-Identifier: MIT */
/*
 * Inserts many rows with one INSERT ... SELECT from a virtual table over the caller's rows: SQLite sets up
 * the statement, its cursor and its transaction once for many rows.
 */
#include "output/feed.h"

static void declare_column(const void *user, size_t column, zf_text *sql) {
    (void)user;
    zf_text_append_format(sql, "c%zu", column);
}

/* OR FAIL: without a journal there is no way back, and preparing for one costs. With ids that SQLite assigns
 * it need not look whether the id exists. */
static zf_status prepare(const zf_database *db, const char *table, const char *module_name,
                         zf_output_feed *feed, zf_error *error) {
    zf_text sql = {0};
    zf_text_append(&sql, "INSERT OR FAIL INTO ");
    zf_text_append_identifier(&sql, table);
    zf_text_append(&sql, feed->is_appended ? " SELECT NULL" : " SELECT c0");
    for (size_t i = 1; i < feed->rows.n_columns; i++)
        zf_text_append_format(&sql, ",c%zu", i);
    zf_text_append(&sql, " FROM ");
    zf_text_append_identifier(&sql, module_name);
    zf_status status = sql.is_failed ? zf_error_memory(error, sql.cap, "an SQL statement")
                                     : zf_database_prepare(db, sql.bytes, &feed->insert, error);
    zf_text_deinit(&sql);
    return status;
}

zf_status zf_output_feed_open(const zf_database *db, const char *table, zf_output_feed *feed,
                              zf_error *error) {
    char name[320];
    sqlite3_snprintf(sizeof name, name, "zf_%s_%s", feed->is_appended ? "append" : "insert", table);
    feed->rows.declare = declare_column;
    feed->rows.has_rowid = true;
    if (zf_row_table_register(&feed->rows, db->handle, name) != SQLITE_OK)
        return zf_database_error(db, "prepare a table of the result", error);
    return prepare(db, table, name, feed, error);
}

/* Whether SQLite has inserted all rows, under the expected ids. */
static bool has_inserted(const zf_database *db, const zf_output_feed *feed) {
    if (sqlite3_changes64(db->handle) != (sqlite3_int64)feed->rows.n_rows)
        return false;
    return !feed->is_appended || sqlite3_last_insert_rowid(db->handle) == feed->last_id;
}

zf_status zf_output_feed_write(const zf_database *db, zf_output_feed *feed, const void *user, size_t n_rows,
                               const char *what, zf_error *error) {
    feed->rows.user = user;
    feed->rows.n_rows = n_rows;
    zf_status status = zf_database_step(db, feed->insert, what, error);
    if (status != ZF_OK || has_inserted(db, feed))
        return status;
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE,
                        "cannot %s: SQLite has not inserted the rows as given", what);
}

void zf_output_feed_deinit(zf_output_feed *feed) {
    sqlite3_finalize(feed->insert);
    *feed = (zf_output_feed){0};
}
