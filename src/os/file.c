/* SPDX-License-Identifier: MIT */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

static bool describe(int result, const struct stat *found, zf_file_info *out) {
    if (result != 0)
        return false;
    *out = (zf_file_info){.kind = S_ISREG(found->st_mode)   ? ZF_FILE_REGULAR
                                  : S_ISDIR(found->st_mode) ? ZF_FILE_DIRECTORY
                                  : S_ISLNK(found->st_mode) ? ZF_FILE_LINK
                                                            : ZF_FILE_OTHER,
                          .n_bytes = (uint64_t)found->st_size};
    return true;
}

bool zf_file_stat(const char *path, zf_file_info *out) {
    struct stat found;
    return describe(stat(path, &found), &found, out);
}

bool zf_file_stat_link(const char *path, zf_file_info *out) {
    struct stat found;
    return describe(lstat(path, &found), &found, out);
}

bool zf_file_may_read(const char *path, bool is_directory) {
    return faccessat(AT_FDCWD, path, is_directory ? R_OK | X_OK : R_OK, AT_EACCESS) == 0;
}

/* The directory of a file, links followed, and the file's name; the file need not exist. */
static bool resolve(const char *path, char *out, size_t cap) {
    char directory[PATH_MAX], resolved[PATH_MAX];
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t n = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (n >= sizeof directory)
        return false;
    memcpy(directory, n > 0 ? path : ".", n > 0 ? n : 1);
    directory[n > 0 ? n : 1] = '\0';
    if (realpath(directory, resolved) == NULL)
        return false;
    int length = snprintf(out, cap, "%s/%s", resolved, name);
    return length > 0 && (size_t)length < cap;
}

bool zf_file_is_same(const char *a, const char *b) {
    struct stat found_a, found_b;
    char resolved_a[2 * PATH_MAX], resolved_b[2 * PATH_MAX];
    if (stat(a, &found_a) == 0 && stat(b, &found_b) == 0)
        return found_a.st_dev == found_b.st_dev && found_a.st_ino == found_b.st_ino;
    return resolve(a, resolved_a, sizeof resolved_a) && resolve(b, resolved_b, sizeof resolved_b) &&
           strcmp(resolved_a, resolved_b) == 0;
}

const char *zf_file_find_companion(const char *path) {
    static const char *const endings[] = {"-wal", "-journal"};
    for (int i = 0; i < 2; i++) {
        struct stat found;
        char name[PATH_MAX];
        int n = snprintf(name, sizeof name, "%s%s", path, endings[i]);
        if (n > 0 && (size_t)n < sizeof name && stat(name, &found) == 0 && found.st_size > 0)
            return endings[i];
    }
    return NULL;
}

bool zf_file_rename(const char *from, const char *to, bool replaces) {
    if (!replaces) {
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
            return true;
        if (errno != EINVAL && errno != ENOSYS)
            return false;
        if (access(to, F_OK) == 0) {
            errno = EEXIST;
            return false;
        }
    }
    return rename(from, to) == 0;
}

bool zf_file_share(const char *path) {
    mode_t mask = umask(0);
    (void)umask(mask);
    return chmod(path, 0777 & ~mask) == 0;
}

char *zf_file_working_directory(void) {
    return getcwd(NULL, 0);
}

/* ---- contents ---- */

int zf_file_open(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC);
}

int zf_file_create(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

ptrdiff_t zf_file_read(int fd, void *out, size_t n) {
    ssize_t n_read = 0;
    do
        n_read = read(fd, out, n);
    while (n_read < 0 && errno == EINTR);
    return n_read;
}

bool zf_file_write(int fd, const void *bytes, size_t n) {
    const char *from = bytes;
    while (n > 0) {
        ssize_t n_written = write(fd, from, n);
        if (n_written < 0 && errno == EINTR)
            continue;
        if (n_written == 0)
            errno = ENOSPC;
        if (n_written <= 0)
            return false;
        from += n_written;
        n -= (size_t)n_written;
    }
    return true;
}

bool zf_file_sync(int fd) {
    return fsync(fd) == 0;
}

bool zf_file_close(int fd) {
    return fd < 0 || close(fd) == 0;
}

/* Writes the part and renames it; false and errno. */
static bool put_part(const char *part, const char *path, const void *bytes, size_t n, bool replaces) {
    (void)unlink(part); /* left by a killed process */
    int fd = zf_file_create(part);
    if (fd < 0)
        return false;
    bool is_written = zf_file_write(fd, bytes, n) && zf_file_sync(fd);
    int cause = errno;
    if (!zf_file_close(fd) && is_written) {
        is_written = false;
        cause = errno;
    }
    if (is_written && zf_file_rename(part, path, replaces))
        return true;
    cause = is_written ? errno : cause;
    (void)unlink(part);
    errno = cause;
    return false;
}

bool zf_file_put(const char *path, const void *bytes, size_t n, bool replaces) {
    char *part = NULL;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    if (asprintf(&part, "%.*s.%s.part", (int)(name - path), path, name) < 0) {
        errno = ENOMEM;
        return false;
    }
    bool is_put = put_part(part, path, bytes, n, replaces);
    int cause = errno;
    free(part);
    errno = cause;
    return is_put;
}

int zf_file_lock_shared(const char *path, uint64_t at, uint64_t n) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = (off_t)n};
    int fd = zf_file_open(path);
    if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}
