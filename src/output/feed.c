/* SPDX-License-Identifier: MIT */
/*
 * Inserts many rows with one INSERT ... SELECT from a virtual table over the caller's rows: SQLite sets up
 * the statement, its cursor and its transaction once for many rows.
 */
#include "output/feed.h"

typedef struct feed_table {
    sqlite3_vtab base;
    zf_output_feed *feed;
} feed_table;

static int connect(sqlite3 *db, void *user, int n_arguments, const char *const *arguments, sqlite3_vtab **out,
                   char **out_error) {
    (void)n_arguments, (void)arguments, (void)out_error;
    const zf_output_feed *feed = user;
    zf_text sql = {0};
    zf_text_append(&sql, "CREATE TABLE feed(");
    for (size_t i = 0; i < feed->n_columns; i++)
        zf_text_append_format(&sql, "%sc%zu", i == 0 ? "" : ",", i);
    zf_text_append(&sql, ")");
    int code = sql.is_failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, sql.bytes);
    zf_text_deinit(&sql);
    if (code != SQLITE_OK)
        return code;
    feed_table *table = sqlite3_malloc64(sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    *table = (feed_table){.feed = user};
    *out = &table->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base) {
    sqlite3_free(base);
    return SQLITE_OK;
}

static int choose_plan(sqlite3_vtab *base, sqlite3_index_info *info) {
    (void)base;
    info->estimatedCost = 1e3;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
    (void)base;
    *out = sqlite3_malloc64(sizeof **out);
    if (*out == NULL)
        return SQLITE_NOMEM;
    **out = (sqlite3_vtab_cursor){0};
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor) {
    sqlite3_free(cursor);
    return SQLITE_OK;
}

/* There is only one cursor, since the feed's one statement names the table once; the feed holds its position.
 */
static zf_output_feed *feed_of(const sqlite3_vtab_cursor *cursor) {
    return ((feed_table *)(void *)cursor->pVtab)->feed;
}

static int first(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int n_arguments,
                 sqlite3_value **arguments) {
    (void)plan, (void)plan_text, (void)n_arguments, (void)arguments;
    feed_of(cursor)->row = 0;
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *cursor) {
    feed_of(cursor)->row++;
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *cursor) {
    const zf_output_feed *feed = feed_of(cursor);
    return feed->row >= feed->n_rows;
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int number) {
    const zf_output_feed *feed = feed_of(cursor);
    feed->give(feed->user, feed->row, (size_t)number, context);
    return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out) {
    *out = (sqlite3_int64)feed_of(cursor)->row;
    return SQLITE_OK;
}

static const sqlite3_module module = {
    .xConnect = connect, /* no xCreate: the table is there under the module's name, and in no file */
    .xBestIndex = choose_plan,
    .xDisconnect = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = first,
    .xNext = next,
    .xEof = is_at_end,
    .xColumn = column,
    .xRowid = rowid,
};

/* OR FAIL: without a journal there is no way back, and preparing for one costs. With ids that SQLite assigns
 * it need not look whether the id exists. */
static zf_status prepare(const zf_database *db, const char *table, const char *module_name,
                         zf_output_feed *feed, zf_error *error) {
    zf_text sql = {0};
    zf_text_append(&sql, "INSERT OR FAIL INTO ");
    zf_text_append_identifier(&sql, table);
    zf_text_append(&sql, feed->is_appended ? " SELECT NULL" : " SELECT c0");
    for (size_t i = 1; i < feed->n_columns; i++)
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
    if (sqlite3_create_module(db->handle, name, &module, feed) != SQLITE_OK)
        return zf_database_error(db, "prepare a table of the result", error);
    return prepare(db, table, name, feed, error);
}

/* Whether SQLite has inserted all rows, under the expected ids. */
static bool has_inserted(const zf_database *db, const zf_output_feed *feed) {
    if (sqlite3_changes64(db->handle) != (sqlite3_int64)feed->n_rows)
        return false;
    return !feed->is_appended || sqlite3_last_insert_rowid(db->handle) == feed->last_id;
}

zf_status zf_output_feed_write(const zf_database *db, zf_output_feed *feed, const void *user, size_t n_rows,
                               const char *what, zf_error *error) {
    feed->user = user;
    feed->n_rows = n_rows;
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
