/* SPDX-License-Identifier: MIT */
#include "expressions_internal.h"

typedef struct limit {
    int id;
    int value;
} limit;

/* Generous to people, tight enough that a hostile expression cannot take the machine: one text or blob of 16
 * MiB at most. */
static const limit limits[] = {
    {SQLITE_LIMIT_LENGTH, 16 << 20},   {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    {SQLITE_LIMIT_EXPR_DEPTH, 1000},   {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
    {SQLITE_LIMIT_COMPOUND_SELECT, 1}, {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 0},   {SQLITE_LIMIT_WORKER_THREADS, 0},
};

/* Not every build knows every switch; what it does not know it does not do. A double-quoted word is a name,
 * never a text. */
static void harden(sqlite3 *db) {
    static const int off[] = {SQLITE_DBCONFIG_DQS_DML,        SQLITE_DBCONFIG_DQS_DDL,
                              SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_VIEW,
                              SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        sqlite3_db_config(db, off[i], 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        sqlite3_limit(db, limits[i].id, limits[i].value);
}

zf_status zf_connection_open(const zf_timeless_vfs *vfs, sqlite3 **out, zf_error *error) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE;
    int result = sqlite3_open_v2(":memory:", out, flags, vfs->name);
    if (result == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "an SQLite connection for expressions");
    if (result != SQLITE_OK)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE,
                            "cannot open a connection in memory for expressions: %s", sqlite3_errstr(result));
    harden(*out);
    return ZF_OK;
}
