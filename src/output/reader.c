/* SPDX-License-Identifier: MIT */
#include "output/reader.h"
#include "guard/sqlite_guard.h"

#include <string.h>

enum { OPS_BETWEEN_CANCEL_CHECKS = 20000 };

static int is_cancelled(void *user) {
    const zf_callbacks *callbacks = user;
    return callbacks->is_cancelled(callbacks->user) ? 1 : 0;
}

static zf_status failed(zf_reader *reader, zf_error *error) {
    int code = reader->db != NULL ? sqlite3_errcode(reader->db) & 0xff : SQLITE_NOMEM;
    zf_status status;
    reader->is_damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    switch (code) {
    case SQLITE_NOMEM:
        status = zf_error_set(error, ZF_E_MEMORY, ZF_DOMAIN_SQLITE, "cannot read the result: out of memory");
        break;
    case SQLITE_INTERRUPT:
        status = zf_error_set(error, ZF_E_CANCELLED, ZF_DOMAIN_SQLITE, "cancelled while reading the result");
        break;
    default:
        status = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_SQLITE, "cannot read the result: %s",
                              sqlite3_errmsg(reader->db));
    }
    return zf_error_at(error, status, reader->path, NULL, ZF_NO_FID);
}

static zf_status make_safe(zf_reader *reader, zf_error *error) {
    const zf_callbacks *callbacks = reader->callbacks;
    (void)sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(reader->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(reader->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(reader->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    if (callbacks != NULL && callbacks->is_cancelled != NULL)
        sqlite3_progress_handler(reader->db, OPS_BETWEEN_CANCEL_CHECKS, is_cancelled, (void *)callbacks);
    int code = sqlite3_exec(reader->db, "PRAGMA cell_size_check=ON; PRAGMA cache_size=-2048; BEGIN", NULL,
                            NULL, NULL);
    return code == SQLITE_OK ? ZF_OK : failed(reader, error);
}

zf_status zf_reader_open(const char *path, const zf_callbacks *callbacks, zf_reader *out, zf_error *error) {
    bool has_info = false;
    *out = (zf_reader){.path = path, .callbacks = callbacks};
    zf_status status = ZF_OK;
    zf_sqlite_guard_install();
    if (sqlite3_open_v2(path, &out->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        status = failed(out, error);
    if (status == ZF_OK)
        status = make_safe(out, error);
    if (status == ZF_OK)
        status = zf_reader_has_table(out, "run_info", &has_info, error);
    if (status == ZF_OK && !has_info) {
        status = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                              "this is no result of 'zonefold run': it has no table run_info");
        zf_error_at(error, status, path, NULL, ZF_NO_FID);
    }
    if (status != ZF_OK)
        zf_reader_close(out);
    return status;
}

void zf_reader_close(zf_reader *reader) {
    (void)sqlite3_close_v2(reader->db);
    reader->db = NULL;
}

static zf_status prepare(zf_reader *reader, const char *format, va_list arguments, sqlite3_stmt **out,
                         zf_error *error) {
    char *sql = sqlite3_vmprintf(format, arguments);
    *out = NULL;
    if (sql == NULL)
        return zf_error_memory(error, strlen(format), "an SQL statement");
    int code = sqlite3_prepare_v2(reader->db, sql, -1, out, NULL);
    sqlite3_free(sql);
    return code == SQLITE_OK ? ZF_OK : failed(reader, error);
}

zf_status zf_reader_prepare(zf_reader *reader, sqlite3_stmt **out, zf_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    zf_status status = prepare(reader, format, arguments, out, error);
    va_end(arguments);
    return status;
}

zf_status zf_reader_step(zf_reader *reader, sqlite3_stmt *statement, zf_error *error) {
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
        return ZF_OK;
    case SQLITE_DONE:
        return ZF_DONE;
    default:
        return failed(reader, error);
    }
}

zf_status zf_reader_ask(zf_reader *reader, int64_t *out, zf_error *error, const char *format, ...) {
    sqlite3_stmt *statement = NULL;
    va_list arguments;
    va_start(arguments, format);
    zf_status status = prepare(reader, format, arguments, &statement, error);
    va_end(arguments);
    *out = 0;
    if (status == ZF_OK)
        status = zf_reader_step(reader, statement, error);
    if (status == ZF_OK)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_reader_has_table(zf_reader *reader, const char *table, bool *out, zf_error *error) {
    int64_t n = 0;
    zf_status status = zf_reader_ask(
        reader, &n, error, "SELECT count(*) FROM sqlite_master WHERE type='table' AND name='%q'", table);
    *out = n > 0;
    return status;
}

zf_status zf_reader_has_column(zf_reader *reader, const char *table, const char *column, bool *out,
                               zf_error *error) {
    int64_t n = 0;
    zf_status status = zf_reader_ask(
        reader, &n, error, "SELECT count(*) FROM pragma_table_info('%q') WHERE name='%q'", table, column);
    *out = n > 0;
    return status;
}

zf_value zf_reader_value(sqlite3_stmt *statement, int i) {
    static const uint8_t nothing[1];
    zf_bytes bytes;
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER:
        return zf_value_integer(sqlite3_column_int64(statement, i));
    case SQLITE_FLOAT:
        return zf_value_real(sqlite3_column_double(statement, i));
    case SQLITE_TEXT:
        bytes.bytes = sqlite3_column_text(statement, i);
        bytes.n = (size_t)sqlite3_column_bytes(statement, i);
        return zf_value_bytes(ZF_VALUE_TEXT, bytes);
    case SQLITE_BLOB:
        bytes.bytes = sqlite3_column_blob(statement, i);
        bytes.n = (size_t)sqlite3_column_bytes(statement, i);
        bytes.bytes = bytes.n == 0 ? nothing : bytes.bytes;
        return zf_value_bytes(ZF_VALUE_BLOB, bytes);
    default:
        return zf_value_null();
    }
}
