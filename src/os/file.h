/* SPDX-License-Identifier: MIT */
/**
 * Files and directories. Functions that return a bool, a descriptor or a count fail with false or -1, and
 * errno says why; their callers know what the file was for and write the message.
 */
#ifndef ZF_OS_FILE_H
#define ZF_OS_FILE_H

#include "base/base.h"

/* ---- names ---- */

typedef enum zf_file_kind {
    ZF_FILE_REGULAR = 0,
    ZF_FILE_DIRECTORY,
    ZF_FILE_LINK, /**< only by zf_file_stat_link */
    ZF_FILE_OTHER /**< a device, pipe or socket */
} zf_file_kind;

/** Properties of an existing file. */
typedef struct zf_file_info {
    zf_file_kind kind;
    uint64_t n_bytes;
} zf_file_info;

/** Describes the file of a name, links followed. */
bool zf_file_stat(const char *path, zf_file_info *out);
/** As zf_file_stat, but describes a symbolic link itself. */
bool zf_file_stat_link(const char *path, zf_file_info *out);
/** Whether the effective user may read the file, or list and enter the directory. */
bool zf_file_may_read(const char *path, bool is_directory);
/** Whether two names lead to one file: an existing one, or the one that would be created. */
bool zf_file_is_same(const char *a, const char *b);
/** The ending ("-wal" or "-journal") of a non-empty file that SQLite keeps beside a database which is open,
 * or was when its program died; NULL when there is none. */
const char *zf_file_find_companion(const char *path);
/** Renames. replaces false: an existing target stays, and errno is EEXIST (where the file system cannot
 * promise that, as far as a look beforehand shows). */
bool zf_file_rename(const char *from, const char *to, bool replaces);
/** Gives a file or directory the permissions that the process's umask leaves of rwxrwxrwx. */
bool zf_file_share(const char *path);
/** The current directory (free()); NULL when it has no name or memory is short. */
char *zf_file_working_directory(void);

/* ---- contents ---- */

/** A descriptor for reading, closed on exec. */
int zf_file_open(const char *path);
/** A descriptor for writing a new file; an existing one is an error. */
int zf_file_create(const char *path);
/** Reads at most n bytes: their count, 0 at the end, -1 on failure. Continues after signals. */
ptrdiff_t zf_file_read(int fd, void *out, size_t n);
/** Writes all n bytes. Continues after signals. */
bool zf_file_write(int fd, const void *bytes, size_t n);
/** Returns once the file's bytes are on the disk. */
bool zf_file_sync(int fd);
bool zf_file_close(int fd); /**< -1 is legal */
/**
 * Writes a file whole or not at all: under the name ".NAME.part" beside it, synced, then renamed.
 * replaces as in zf_file_rename. On failure neither the new file nor the part stays.
 */
bool zf_file_put(const char *path, const void *bytes, size_t n, bool replaces);
/**
 * Takes a shared lock of the open file description on a range of bytes: it conflicts with locks of this
 * process too. @return a descriptor that holds the lock until it is closed, or -1.
 */
int zf_file_lock_shared(const char *path, uint64_t at, uint64_t n);

/* ---- directories ---- */

/** Makes the directories of a path that lie below its first n_base bytes; the last name is a file's and is
 * not made. is_private: only for this user. */
bool zf_directory_make_parents(char *path, size_t n_base, bool is_private);
bool zf_directory_is_empty(const char *path);
/** Removes a directory with all that is in it, as far as it can; links are not followed. */
void zf_directory_remove(const char *path);

/** An open directory. */
typedef struct zf_directory zf_directory;
/** NULL on failure. */
zf_directory *zf_directory_open(const char *path);
/** The next name, without "." and ".."; NULL at the end. Valid until the next call. */
const char *zf_directory_next(zf_directory *directory);
void zf_directory_close(zf_directory *directory); /**< NULL is legal */

#endif
