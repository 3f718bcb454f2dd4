/* SPDX-License-Identifier: MIT */
/* The connection that answers the user's SELECTs: a private temporary database with SpatiaLite's functions,
 * without a clock, a network or any file but its own. */
#include "sql/queries_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTRUCTIONS_BETWEEN_LOOKS = 20000 };

/* One blob or text of 256 MiB at most: the union of a large ZIP. The rest is generous to people. */
static const struct {
    int id, value;
} limits[] = {
    {SQLITE_LIMIT_LENGTH, 256 << 20},    {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    {SQLITE_LIMIT_EXPR_DEPTH, 1000},     {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
    {SQLITE_LIMIT_COMPOUND_SELECT, 100}, {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 0},     {SQLITE_LIMIT_WORKER_THREADS, 0},
};

/* ---- files ---- */

/* Without a name SQLite wants a temporary file: a new one where the run's go, which the standard VFS unlinks
 * as soon as it is open. The name stays where it is as long as there are files. No other file is opened. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    zf_queries *q = (zf_queries *)(void *)vfs;
    file->pMethods = NULL;
    if (name != NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) == 0)
        return SQLITE_CANTOPEN;
    if (!zf_temp_file_create_named(&q->directory, q->file_name, sizeof q->file_name))
        return SQLITE_CANTOPEN;
    return q->standard->xOpen(q->standard, q->file_name, file, flags & ~SQLITE_OPEN_EXCLUSIVE, out_flags);
}

zf_status zf_query_storage_failed(const zf_queries *q, int result, const char *what, zf_error *error) {
    char words[128];
    const int code = result & 0xff, cause = sqlite3_system_errno(q->db.handle);
    if (code == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "answering an SQL text");
    if (code == SQLITE_INTERRUPT)
        return zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_ZONEFOLD, "cancelled by the caller");
    if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
        return zf_error_set(
            error, ZF_E_OUTPUT, ZF_DOMAIN_SQLITE,
            "cannot %s: no temporary file in the directory '%s': %s; make room, or name another "
            "with --temp-dir",
            what, q->directory.directory,
            cause != 0 ? strerror_r(cause, words, sizeof words) : sqlite3_errstr(code));
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE, "cannot %s: %s", what,
                        sqlite3_errmsg(q->db.handle));
}

zf_status zf_query_run(zf_queries *q, const char *sql, zf_error *error) {
    return sqlite3_exec(q->db.handle, sql, NULL, NULL, NULL) == SQLITE_OK
               ? ZF_OK
               : zf_query_storage_failed(q, sqlite3_errcode(q->db.handle),
                                         "prepare the answers to an SQL text", error);
}

/* ---- the connection ---- */

static int look(void *user) {
    zf_queries *q = user;
    if (q->n_patience > 0 && --q->n_patience == 0)
        return 1;
    if (zf_check_cancelled(&q->callbacks, NULL) == ZF_OK)
        return 0;
    q->is_cancelled = true;
    return 1;
}

/* Not every build knows every switch; what it does not know it does not do. */
void zf_query_harden(zf_queries *q) {
    static const int off[] = {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_ENABLE_VIEW,
                              SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION};
    sqlite3 *db = q->db.handle;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        sqlite3_db_config(db, off[i], 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db, limits[i].id, limits[i].value);
    sqlite3_set_authorizer(db, zf_query_guard, q);
    sqlite3_progress_handler(db, INSTRUCTIONS_BETWEEN_LOOKS, look, q);
}

zf_status zf_query_connect(zf_queries *q, zf_error *error) {
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    q->standard = sqlite3_vfs_find(NULL);
    q->vfs.open = open_file;
    q->db.callbacks = &q->callbacks;
    q->dates = (zf_dates){.vfs = &q->vfs, .refusal = q->refusal, .n_refusal = sizeof q->refusal};
    zf_status status = zf_timeless_vfs_register(&q->vfs, error);
    if (status != ZF_OK)
        return status;
    if (sqlite3_open_v2("", &q->db.handle, flags, q->vfs.name) != SQLITE_OK)
        return q->db.handle == NULL ? zf_error_memory(error, 0, "a connection for SQL texts")
                                    : zf_query_storage_failed(q, sqlite3_errcode(q->db.handle),
                                                              "open a temporary database", error);
    /* nobody on the network is asked for grids, whatever PROJ's settings say */
    const bool was_allowed = zf_crs_allow_network(false);
    status = zf_database_add_spatialite(&q->db, error);
    (void)zf_crs_allow_network(was_allowed);
    /* for now SpatiaLite's tables fit in memory: no file is made unless buildings come */
    if (status == ZF_OK)
        status = zf_query_run(q,
                              "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                              "PRAGMA cache_size=-16384; BEGIN",
                              error);
    if (status == ZF_OK)
        status = zf_database_expect_one(&q->db, "SELECT InitSpatialMetaData(0,'ALL')", error);
    if (status == ZF_OK)
        status = zf_search_register(q->db.handle, error);
    return status == ZF_OK ? zf_dates_register(&q->dates, q->db.handle, error) : status;
}
