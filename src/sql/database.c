/* SPDX-License-Identifier: MIT */
/* An SQLite connection with SpatiaLite's functions and without a clock, and errors of SQLite as statuses. */
#include "sql/database.h"
#include "os/thread.h"
#include "sql/sql.h"

#include <spatialite.h>
#include <string.h>

enum { OPS_BETWEEN_CANCEL_CHECKS = 20000 };

static zf_once spatialite_once = ZF_ONCE_INIT;

/* SpatiaLite asks the time in SQL only, through strftime; in this connection the time stands still. */
static void frozen_strftime(sqlite3_context *context, int n, sqlite3_value **arguments) {
    (void)n;
    (void)arguments;
    sqlite3_result_text(context, ZF_DATABASE_EPOCH, -1, SQLITE_STATIC);
}

static int is_cancelled(void *user) {
    const zf_callbacks *callbacks = user;
    return callbacks->is_cancelled(callbacks->user) ? 1 : 0;
}

void zf_database_watch_cancel(const zf_database *db, bool is_on) {
    if (is_on && db->callbacks != NULL && db->callbacks->is_cancelled != NULL)
        sqlite3_progress_handler(db->handle, OPS_BETWEEN_CANCEL_CHECKS, is_cancelled, (void *)db->callbacks);
    else
        sqlite3_progress_handler(db->handle, 0, NULL, NULL);
}

static zf_status output_error(const zf_database *db, int code, const char *what, zf_error *error) {
    char buffer[128];
    int cause = sqlite3_system_errno(db->handle);
    if (cause == 0) /* what only its caller was told, the file may know */
        (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    const char *why = cause != 0 ? strerror_r(cause, buffer, sizeof buffer) : "the system gives no reason";
    return zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_SQLITE,
                        "cannot %s: %s (%s); free space there, or write elsewhere with `output`", what,
                        sqlite3_errstr(code), why);
}

/** Turns a result code of SQLite into a status. */
static zf_status set_error(const zf_database *db, int code, const char *what, zf_error *error) {
    zf_status status;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        status = zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_SQLITE, "cannot %s: out of memory", what);
        break;
    case SQLITE_INTERRUPT:
        status = zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_SQLITE, "cancelled while about to %s", what);
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_TOOBIG:
    case SQLITE_CORRUPT: /* the R*Tree says so of any page it cannot read or write; a file of our own making
                            has no other reason */
        status = output_error(db, code, what, error);
        break;
    default:
        status = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE, "cannot %s: %s", what,
                              sqlite3_errmsg(db->handle));
        break;
    }
    return zf_error_at(error, status, db->path, NULL, ZF_NO_FID);
}

zf_status zf_database_error(const zf_database *db, const char *what, zf_error *error) {
    return set_error(db, sqlite3_errcode(db->handle), what, error);
}

zf_status zf_database_run(const zf_database *db, const char *sql, const char *what, zf_error *error) {
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? ZF_OK
                                                                        : zf_database_error(db, what, error);
}

zf_status zf_database_prepare(const zf_database *db, const char *sql, sqlite3_stmt **out, zf_error *error) {
    if (sqlite3_prepare_v2(db->handle, sql, -1, out, NULL) != SQLITE_OK)
        return zf_database_error(db, "prepare a statement of the result", error);
    return ZF_OK;
}

zf_status zf_database_step(const zf_database *db, sqlite3_stmt *statement, const char *what,
                           zf_error *error) {
    zf_status status = ZF_OK;
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = zf_database_error(db, what, error);
    sqlite3_reset(statement);
    return status;
}

zf_status zf_database_expect_one(const zf_database *db, const char *sql, zf_error *error) {
    sqlite3_stmt *statement = NULL;
    zf_status status = zf_database_prepare(db, sql, &statement, error);
    if (status != ZF_OK)
        return status;
    if (sqlite3_step(statement) != SQLITE_ROW)
        status = zf_database_error(db, sql, error);
    else if (sqlite3_column_int(statement, 0) != 1)
        status = zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE, "SpatiaLite refused to do: %s", sql);
    sqlite3_finalize(statement);
    return status == ZF_OK ? ZF_OK : zf_error_at(error, status, db->path, NULL, ZF_NO_FID);
}

zf_status zf_database_flush(const zf_database *db, zf_error *error) {
    int code = sqlite3_db_cacheflush(db->handle); /* tells its caller only, not the connection */
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_SYNC, NULL);
    return code == SQLITE_OK || code == SQLITE_NOTFOUND
               ? ZF_OK
               : set_error(db, code, "write the result to disk", error);
}

zf_status zf_database_add_spatialite(zf_database *db, zf_error *error) {
    const int function_flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    zf_once_run(&spatialite_once, spatialite_initialize);
    db->spatialite = spatialite_alloc_connection();
    if (db->spatialite == NULL)
        return zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_SQLITE,
                            "cannot open the result: SpatiaLite has no connection left");
    spatialite_init_ex(db->handle, db->spatialite, 0);
    spatialite_set_silent_mode(db->spatialite);
    if (sqlite3_create_function(db->handle, "strftime", -1, function_flags, NULL, frozen_strftime, NULL,
                                NULL) != SQLITE_OK)
        return zf_database_error(db, "stop the clock", error);
    return ZF_OK;
}

zf_status zf_database_close(zf_database *db, zf_error *error) {
    zf_status status = ZF_OK;
    if (db->handle != NULL && sqlite3_close(db->handle) != SQLITE_OK) {
        status = zf_database_error(db, "close the result", error);
        (void)sqlite3_close_v2(db->handle);
    }
    if (db->spatialite != NULL)
        spatialite_cleanup_ex(db->spatialite);
    db->handle = NULL;
    db->spatialite = NULL;
    return status;
}

const char *zf_sqlite_version(void) {
    return sqlite3_libversion();
}

const char *zf_spatialite_version(void) {
    return spatialite_version();
}
