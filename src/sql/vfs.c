/* SPDX-License-Identifier: MIT */
/*
 * SQLite asks its VFS for the time, whatever way an expression takes to get it: 'now', no arguments at all,
 * CURRENT_TIME, and what later versions will add. So the VFS is where it can be noticed. One VFS per
 * zf_expressions, under a name of its own, and gone with it: the note of having been asked then belongs to
 * one zf_expressions without globals, thread-local variables or a registration that outlives its use (GDAL
 * registers VFSs in the same way). The default VFS stays the default for everyone else.
 */
#include "sql/pure.h"

#include <stdio.h>

static int refuse_time(sqlite3_vfs *vfs, double *out) {
    ((zf_timeless_vfs *)(void *)vfs)->was_asked = true;
    *out = 0;
    return SQLITE_ERROR;
}

static int refuse_time_64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    ((zf_timeless_vfs *)(void *)vfs)->was_asked = true;
    *out = 0;
    return SQLITE_ERROR;
}

static int refuse_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs, (void)name, (void)flags, (void)out_flags;
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

zf_status zf_timeless_vfs_register(zf_timeless_vfs *timeless, zf_error *error) {
    const sqlite3_vfs *standard = sqlite3_vfs_find(NULL);
    if (standard == NULL)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE,
                            "cannot compile expressions: this SQLite has no VFS");
    timeless->vfs = *standard;
    snprintf(timeless->name, sizeof timeless->name, "zonefold-%p", (void *)timeless);
    timeless->vfs.zName = timeless->name;
    timeless->vfs.pNext = NULL;
    timeless->vfs.xOpen = timeless->open != NULL ? timeless->open : refuse_open;
    timeless->vfs.xCurrentTime = refuse_time;
    timeless->vfs.xCurrentTimeInt64 = refuse_time_64;
    if (sqlite3_vfs_register(&timeless->vfs, 0) != SQLITE_OK)
        return zf_error_memory(error, sizeof *timeless, "an SQLite VFS");
    timeless->is_registered = true;
    return ZF_OK;
}

void zf_timeless_vfs_unregister(zf_timeless_vfs *timeless) {
    if (timeless->is_registered)
        sqlite3_vfs_unregister(&timeless->vfs);
    timeless->is_registered = false;
}
