/* SPDX-License-Identifier: MIT */
/**
 * @file pure.h
 * SQLite without clock, time zone, chance and files: what this folder's expressions and the sink's questions
 * have in common. For folders that hold SQLite connections.
 */
#ifndef ZF_SQL_PURE_H
#define ZF_SQL_PURE_H

#include "base/base.h"

#include <sqlite3.h>

/* ---- vfs.c ---- */

/** A VFS of our own, for one connection: notes when somebody asks for the time. */
typedef struct zf_timeless_vfs {
    sqlite3_vfs vfs; /**< first: SQLite hands it to the methods */
    /** Stands in for xOpen; set before registering. NULL: no file is opened. */
    int (*open)(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags);
    char name[48];
    bool is_registered;
    bool was_asked;
} zf_timeless_vfs;

/** ZF_E_INTERNAL when SQLite has no VFS to copy. The struct must not move until zf_timeless_vfs_unregister.
 */
ZF_MUST_USE zf_status zf_timeless_vfs_register(zf_timeless_vfs *timeless, zf_error *error);
void zf_timeless_vfs_unregister(zf_timeless_vfs *timeless);

/* ---- connection.c ---- */

/** A private in-memory connection on the VFS, with tight limits. */
ZF_MUST_USE zf_status zf_connection_open(const zf_timeless_vfs *vfs, sqlite3 **out, zf_error *error);

/* ---- dates.c ---- */

struct zf_dates;

/** A date function, or printf, as it stands in for SQLite's own: what its implementation is handed. */
typedef struct zf_date_function {
    struct zf_dates *dates;
    const char *name;
    bool is_format; /**< printf() by one of its names */
} zf_date_function;
enum { ZF_N_DATE_FUNCTIONS = 9 };

/** A call of one, compiled on the second connection for one number of arguments. */
typedef struct zf_date_call {
    struct zf_date_call *next;
    const zf_date_function *function;
    int n_arguments;
    sqlite3_stmt *statement;
} zf_date_call;

/** Zero-initialise, then set the first three. It must not move. */
typedef struct zf_dates {
    zf_timeless_vfs *vfs;
    char *refusal; /**< takes, in words, why a call was refused; nothing where something stands there */
    size_t n_refusal;
    sqlite3 *db; /**< the second connection */
    zf_date_function functions[ZF_N_DATE_FUNCTIONS];
    zf_date_call *calls;
} zf_dates;

/** Replaces a connection's date functions by ones that refuse the clock and the time zone of this machine,
 * and its printf() by one that refuses what would be too large, instead of answering NULL after a while. */
ZF_MUST_USE zf_status zf_dates_register(zf_dates *dates, sqlite3 *db, zf_error *error);
/** Before one is called. Idempotent. */
ZF_MUST_USE zf_status zf_dates_open(zf_dates *dates, zf_error *error);
void zf_dates_close(zf_dates *dates);
bool zf_dates_has(const char *function);

/* ---- format.c ---- */

/** What a call of printf() asks for. */
typedef struct zf_format_size {
    int64_t n_repeated; /**< characters by %c */
    int64_t most;       /**< bytes of the text, roughly, at most; without those of plain numbers */
} zf_format_size;
zf_format_size zf_format_look(int n_values, sqlite3_value **values);

/* ---- search.c ---- */

/** Replaces SQLite's instr() and replace() by ones whose time is linear. */
ZF_MUST_USE zf_status zf_search_register(sqlite3 *db, zf_error *error);

/* ---- guard.c ---- */

/** SQLite's own functions whose answer depends on nothing but their arguments; the date functions among them
 * are those of zf_dates. */
bool zf_is_pure_function(const char *name);
/** SQLite's own functions over many rows. */
bool zf_is_pure_aggregate(const char *name);
/** CURRENT_DATE and the like. */
bool zf_is_clock(const char *name);

#endif
