/* SPDX-License-Identifier: MIT */
/*
 * SQLite asks its VFS for the time, whichever way SQL takes to get it: 'now', no arguments at all,
 * CURRENT_TIME, and what later versions will add. So the VFS refuses it. Each connection has a VFS under a
 * name of its own: its note of the refusal then needs no globals, no thread-local variables and no
 * registration that outlives the connection. The default VFS stays the default for the rest of the process.
 */
#include "sql/sandbox_vfs.h"

#include <stdio.h>

static int refuse_time(sqlite3_vfs *vfs, double *out) {
    ((zf_sandbox_vfs *)(void *)vfs)->has_refused_time = true;
    *out = 0;
    return SQLITE_ERROR;
}

static int refuse_time_64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    ((zf_sandbox_vfs *)(void *)vfs)->has_refused_time = true;
    *out = 0;
    return SQLITE_ERROR;
}

/* Opens temporary files only, which SQLite gives no name: a new one in temp_directory, which the standard VFS
 * unlinks as soon as it is open. That VFS keeps a pointer to the name. */
static int open_file(sqlite3_vfs *base, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    zf_sandbox_vfs *vfs = (zf_sandbox_vfs *)(void *)base;
    sqlite3_uint64 number;
    file->pMethods = NULL;
    if (name != NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) == 0 || vfs->temp_directory == NULL)
        return SQLITE_CANTOPEN;
    sqlite3_randomness(sizeof number, &number);
    const int n = snprintf(vfs->file_name, sizeof vfs->file_name, "%s/zonefold-%016llx", vfs->temp_directory,
                           (unsigned long long)number);
    if (n >= (int)sizeof vfs->file_name)
        return SQLITE_CANTOPEN;
    flags |= SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE;
    return vfs->standard->xOpen(vfs->standard, vfs->file_name, file, flags, out_flags);
}

zf_status zf_sandbox_vfs_register(zf_sandbox_vfs *vfs, const char *temp_directory, zf_error *error) {
    vfs->standard = sqlite3_vfs_find(NULL);
    if (vfs->standard == NULL)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE,
                            "cannot open a connection for SQL: this SQLite has no VFS");
    snprintf(vfs->name, sizeof vfs->name, "zonefold-%p", (void *)vfs);
    vfs->temp_directory = temp_directory;
    vfs->base = *vfs->standard;
    vfs->base.zName = vfs->name;
    vfs->base.pNext = NULL;
    vfs->base.xOpen = open_file;
    vfs->base.xCurrentTime = refuse_time;
    vfs->base.xCurrentTimeInt64 = refuse_time_64;
    if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK)
        return zf_error_memory(error, sizeof *vfs, "an SQLite VFS");
    vfs->is_registered = true;
    return ZF_OK;
}

void zf_sandbox_vfs_unregister(zf_sandbox_vfs *vfs) {
    if (vfs->is_registered)
        sqlite3_vfs_unregister(&vfs->base);
    vfs->is_registered = false;
}
