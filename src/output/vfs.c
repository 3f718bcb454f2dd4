/* SPDX-License-Identifier: MIT */
/*
 * SQLite hands out pages one by one, nearly always the next of the file. Here they wait until they make a
 * block, which costs the kernel a fraction of what single pages do; and the disk gets to work on blocks while
 * later ones are made, so that the sync at the end has little left to wait for. One VFS per sink, under a
 * name of its own, and gone with it. Files other than the result are left to the standard VFS.
 */
#include "os/file.h"
#include "output/output_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SQLite's own VFS for Unix takes at most 128 KiB - 1 at a time: no request of SQLite's was ever longer. */
enum { BLOCK_BYTES = 64 * 1024, BYTES_BETWEEN_STARTS = 8 * 1024 * 1024 };

/** The result, open. Behind it lies the standard VFS's own. */
typedef struct block_file {
    sqlite3_file base;
    sqlite3_file *file; /**< of the standard VFS */
    int fd;
    uint8_t *block;
    sqlite3_int64 start;     /**< place of the block in the file */
    size_t n;                /**< bytes that wait in the block */
    sqlite3_int64 n_started; /**< the disk has been told to write so far */
} block_file;

static block_file *block_of(sqlite3_file *file) {
    return (block_file *)(void *)file;
}

/* A hint: whatever goes wrong is told by the sync. The block before stays, since its pages may change yet. */
static void start_writing(block_file *f) {
    if (f->start - f->n_started < BYTES_BETWEEN_STARTS)
        return;
    zf_file_start_sync(f->fd, (uint64_t)f->n_started, (uint64_t)(f->start - f->n_started));
    f->n_started = f->start;
}

/* After a failure the block still waits. */
static int flush(block_file *f) {
    if (f->n == 0)
        return SQLITE_OK;
    int code = f->file->pMethods->xWrite(f->file, f->block, (int)f->n, f->start);
    if (code != SQLITE_OK)
        return code;
    start_writing(f);
    f->n = 0;
    return SQLITE_OK;
}

static bool is_inside(const block_file *f, sqlite3_int64 at, int n) {
    return at >= f->start && at + n <= f->start + (sqlite3_int64)f->n;
}

static bool is_outside(const block_file *f, sqlite3_int64 at, int n) {
    return at + n <= f->start || at >= f->start + (sqlite3_int64)f->n;
}

static int write_bytes(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at) {
    block_file *f = block_of(file);
    if (f->n > 0 && is_inside(f, at, n)) {
        memcpy(f->block + (at - f->start), bytes, (size_t)n);
        return SQLITE_OK;
    }
    const bool is_next = f->n > 0 && at == f->start + (sqlite3_int64)f->n;
    if (!is_next || f->n + (size_t)n > BLOCK_BYTES) {
        int code = flush(f);
        if (code != SQLITE_OK)
            return code;
        f->start = at;
    }
    if (n > BLOCK_BYTES)
        return f->file->pMethods->xWrite(f->file, bytes, n, at);
    memcpy(f->block + f->n, bytes, (size_t)n);
    f->n += (size_t)n;
    return SQLITE_OK;
}

static int read_bytes(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at) {
    block_file *f = block_of(file);
    if (f->n > 0 && is_inside(f, at, n)) {
        memcpy(bytes, f->block + (at - f->start), (size_t)n);
        return SQLITE_OK;
    }
    int code = is_outside(f, at, n) ? SQLITE_OK : flush(f);
    return code == SQLITE_OK ? f->file->pMethods->xRead(f->file, bytes, n, at) : code;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    block_file *f = block_of(file);
    int code = flush(f);
    return code == SQLITE_OK ? f->file->pMethods->xTruncate(f->file, size) : code;
}

static int sync_file(sqlite3_file *file, int flags) {
    block_file *f = block_of(file);
    int code = flush(f);
    return code == SQLITE_OK ? f->file->pMethods->xSync(f->file, flags) : code;
}

static int get_size(sqlite3_file *file, sqlite3_int64 *out) {
    block_file *f = block_of(file);
    int code = f->file->pMethods->xFileSize(f->file, out);
    if (code == SQLITE_OK && f->n > 0 && *out < f->start + (sqlite3_int64)f->n)
        *out = f->start + (sqlite3_int64)f->n;
    return code;
}

/* SQLITE_FCNTL_SYNC comes at each commit, also where nothing is synced. */
static int control(sqlite3_file *file, int what, void *argument) {
    block_file *f = block_of(file);
    int code = what == SQLITE_FCNTL_SYNC ? flush(f) : SQLITE_OK;
    return code == SQLITE_OK ? f->file->pMethods->xFileControl(f->file, what, argument) : code;
}

static int close_file(sqlite3_file *file) {
    block_file *f = block_of(file);
    int code = flush(f);
    int closed = f->file->pMethods->xClose(f->file);
    free(f->block);
    f->block = NULL;
    return code == SQLITE_OK ? closed : code;
}

static int lock(sqlite3_file *file, int level) {
    return block_of(file)->file->pMethods->xLock(block_of(file)->file, level);
}

static int unlock(sqlite3_file *file, int level) {
    return block_of(file)->file->pMethods->xUnlock(block_of(file)->file, level);
}

static int is_reserved(sqlite3_file *file, int *out) {
    return block_of(file)->file->pMethods->xCheckReservedLock(block_of(file)->file, out);
}

static int get_sector_size(sqlite3_file *file) {
    return block_of(file)->file->pMethods->xSectorSize(block_of(file)->file);
}

static int get_traits(sqlite3_file *file) {
    return block_of(file)->file->pMethods->xDeviceCharacteristics(block_of(file)->file);
}

/* Version 1: no shared memory and no mapped pages, which would see past the block. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_bytes,
    .xWrite = write_bytes,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = get_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control,
    .xSectorSize = get_sector_size,
    .xDeviceCharacteristics = get_traits,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    zf_output_vfs *own = (zf_output_vfs *)(void *)vfs;
    block_file *f = block_of(file);
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
        return own->standard->xOpen(own->standard, name, file, flags, out_flags);
    *f = (block_file){.file = (sqlite3_file *)(void *)(f + 1), .fd = own->fd};
    f->block = malloc(BLOCK_BYTES);
    if (f->block == NULL)
        return SQLITE_NOMEM;
    int code = own->standard->xOpen(own->standard, name, f->file, flags, out_flags);
    if (code == SQLITE_OK) {
        f->base.pMethods = &methods;
        return SQLITE_OK;
    }
    if (f->file->pMethods != NULL)
        f->file->pMethods->xClose(f->file);
    free(f->block);
    return code;
}

zf_status zf_output_vfs_register(zf_output_vfs *vfs, int fd, zf_error *error) {
    vfs->standard = sqlite3_vfs_find(NULL);
    if (vfs->standard == NULL)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_SQLITE,
                            "cannot open the result: this SQLite has no VFS");
    vfs->base = *vfs->standard;
    snprintf(vfs->name, sizeof vfs->name, "zonefold-sink-%p", (void *)vfs);
    vfs->fd = fd;
    vfs->base.zName = vfs->name;
    vfs->base.pNext = NULL;
    vfs->base.szOsFile += (int)sizeof(block_file);
    vfs->base.xOpen = open_file;
    if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK)
        return zf_error_memory(error, sizeof *vfs, "an SQLite VFS");
    vfs->is_registered = true;
    return ZF_OK;
}

void zf_output_vfs_unregister(zf_output_vfs *vfs) {
    if (vfs->is_registered)
        sqlite3_vfs_unregister(&vfs->base);
    vfs->is_registered = false;
}
