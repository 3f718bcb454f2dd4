/* SPDX-License-Identifier: MIT */
/**
 * @file sqlite_guard.h
 * What the SQL inside of a file may do that somebody else made.
 *
 * A view, a generated column, a trigger or a virtual table of a received database is a program: it runs when
 * the file is read, on whichever connection reads it, with every function that the process has registered.
 * So every connection of the process is guarded, GDAL's and PROJ's among them, except those that
 * zf_sqlite_open_own opens. A guarded connection
 * - calls functions of the lists in sql_functions.h, and those few that GDAL's and PROJ's own SQL needs;
 * - knows SQLite's own virtual tables only (R*Tree, full text search, JSON);
 * - attaches no file and loads no extension;
 * - if it was opened for reading, does nothing but read, and does not trust a schema with generated columns.
 */
#ifndef ZF_GUARD_SQLITE_GUARD_H
#define ZF_GUARD_SQLITE_GUARD_H

#include "base/base.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/** Guards the connections that are opened from now on, in all threads; once per process. A program that uses
 * the library and opens databases of its own must do so before, or accept the guard. */
void zf_sqlite_guard_install(void);

/** Interrupts the statements that guarded connections run on this thread as soon as is_cancelled says so;
 * NULL: none. A view of a file may run for hours before its first row.
 * @return what was set before, to set it again. */
const zf_callbacks *zf_sqlite_guard_watch(const zf_callbacks *callbacks);

/** sqlite3_open_v2 for a database of zonefold's own making, without the guard. */
int zf_sqlite_open_own(const char *path, sqlite3 **out, int flags, const char *vfs);

/** How much SQLite could allocate before a limit was set. */
typedef struct zf_sqlite_limit {
    sqlite3_int64 hard, soft;
    bool is_set;
} zf_sqlite_limit;

/**
 * Until the end, all connections of the process together allocate at most half of memory_bytes (0: of 256
 * MiB; at least 48 MiB) beyond what they hold now: one expression, or a view in a received file, could else
 * make texts of gigabytes. SQLite's calls fail with SQLITE_NOMEM beyond it. Where calls of several threads
 * overlap, the limit of the first one holds.
 */
zf_sqlite_limit zf_sqlite_limit_begin(size_t memory_bytes);
void zf_sqlite_limit_end(const zf_sqlite_limit *before);
/** No limit any more, in a child process that is limited otherwise. */
void zf_sqlite_limit_lift(void);

#endif
