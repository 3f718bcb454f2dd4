/* SPDX-License-Identifier: MIT */
/** @file sandbox_vfs.h An SQLite VFS for one connection, without a clock and without files that have names.
 */
#ifndef ZF_SQL_SANDBOX_VFS_H
#define ZF_SQL_SANDBOX_VFS_H

#include "base/base.h"

#include <sqlite3.h>

/** Zero-initialise. Not movable while it is registered. */
typedef struct zf_sandbox_vfs {
    sqlite3_vfs base; /**< first: SQLite passes it to the methods */
    sqlite3_vfs *standard;
    const char *temp_directory; /**< of SQLite's temporary files; NULL: none can be opened. Borrowed */
    char name[48];
    char file_name[1024]; /**< of the temporary file opened last */
    bool is_registered;
    bool has_refused_time; /**< SQLite asked for the time */
} zf_sandbox_vfs;

/** ZF_E_INTERNAL when SQLite has no VFS to copy. */
ZF_MUST_USE zf_status zf_sandbox_vfs_register(zf_sandbox_vfs *vfs, const char *temp_directory,
                                              zf_error *error);
/** After the connection is closed. Idempotent. */
void zf_sandbox_vfs_unregister(zf_sandbox_vfs *vfs);

#endif
