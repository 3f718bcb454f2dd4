/* SPDX-License-Identifier: MIT */
#include "os/temp_directory.h"

#include "os/file.h"
#include "os/signal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_RANDOM = 6, MAX_ATTEMPTS = 16 };

static zf_status cannot(const char *what, const char *path, zf_error *error) {
    char why[128];
    zf_status status = zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                                    "cannot %s: %s; make room, or name another directory with `temp_dir`",
                                    what, strerror_r(errno, why, sizeof why));
    return zf_error_at(error, status, path, NULL, ZF_NO_FID);
}

/* ---- one of a known name, and what is left of others ---- */

/* Names the directory that is open; a name can change hands between two calls. */
static bool is_named(int fd, const char *path) {
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static bool is_of_this_user(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 && found.st_uid == geteuid();
}

static int open_directory(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void remove_if_left(const char *path) {
    int fd = open_directory(path);
    if (fd < 0)
        return;
    if (is_of_this_user(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_named(fd, path))
        zf_directory_remove(path);
    (void)close(fd);
}

static bool is_such_a_name(const char *name, const char *prefix) {
    size_t n = strlen(prefix);
    if (strlen(name) != n + N_RANDOM || memcmp(name, prefix, n) != 0)
        return false;
    for (const char *at = name + n; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at))
            return false;
    return true;
}

/* What cannot be listed or removed stays: it is in nobody's way. */
static void sweep(const char *prefix) {
    const char *slash = strrchr(prefix, '/');
    const char *name = slash != NULL ? slash + 1 : prefix;
    char *parent = slash != NULL ? strndup(prefix, (size_t)(name - prefix)) : strdup(".");
    zf_directory *directory = parent != NULL ? zf_directory_open(parent) : NULL;
    for (const char *entry; directory != NULL && (entry = zf_directory_next(directory)) != NULL;) {
        char *path = NULL;
        if (is_such_a_name(entry, name) &&
            asprintf(&path, "%.*s%s", (int)(name - prefix), prefix, entry) >= 0) {
            remove_if_left(path);
            free(path);
        }
    }
    zf_directory_close(directory);
    free(parent);
}

/* Locked before anybody took it for one that was left behind? Without locks there is nobody who could. */
static bool take(const char *path, int *out_lock) {
    int fd = open_directory(path);
    *out_lock = fd;
    if (fd < 0)
        return errno != ENOENT;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 ? is_named(fd, path) : errno != EWOULDBLOCK)
        return true;
    (void)close(fd);
    return false;
}

int zf_temp_directory_begin(const char *prefix, zf_temp_directory *out) {
    sweep(prefix);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        char *path = NULL;
        if (asprintf(&path, "%sXXXXXX", prefix) < 0)
            return ENOMEM;
        int code = mkdtemp(path) != NULL ? 0 : errno;
        if (code == 0 && take(path, &out->lock)) {
            out->path = path;
            return 0;
        }
        free(path);
        if (code != 0)
            return code;
    }
    return EBUSY;
}

void zf_temp_directory_release(zf_temp_directory *directory) {
    if (directory->path != NULL && directory->lock >= 0)
        (void)close(directory->lock);
    free(directory->path);
    *directory = (zf_temp_directory){0};
}

/* ---- a replay's ---- */

zf_status zf_temp_directory_create(const char *parent, zf_temp_directory *out, zf_error *error) {
    const char *from_environment = getenv("TMPDIR");
    char *prefix = NULL;
    if (parent == NULL)
        parent = from_environment != NULL && *from_environment != '\0' ? from_environment : "/tmp";
    if (asprintf(&prefix, "%s/zonefold-replay-", parent) < 0)
        return zf_error_memory(error, strlen(parent), "a path");
    int code = zf_temp_directory_begin(prefix, out);
    free(prefix);
    errno = code;
    return code == 0 ? ZF_OK : cannot("make a temporary directory here", parent, error);
}

/* The directories of a name, and its whole path. */
static zf_status prepare(const zf_temp_directory *directory, const char *name, char **out, zf_error *error) {
    char *path = NULL;
    *out = NULL;
    if (asprintf(&path, "%s/%s", directory->path, name) < 0)
        return zf_error_memory(error, strlen(name), "a path");
    if (!zf_directory_make_parents(path, strlen(directory->path), true)) {
        zf_status status = cannot("make a temporary directory", path, error);
        free(path);
        return status;
    }
    *out = path;
    return ZF_OK;
}

zf_status zf_temp_directory_link(const zf_temp_directory *directory, const char *name, const char *target,
                                 zf_error *error) {
    char *path = NULL, *whole = realpath(target, NULL);
    if (whole == NULL) {
        char why[128];
        zf_status gone = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "cannot find the file any more: %s",
                                      strerror_r(errno, why, sizeof why));
        return zf_error_at(error, gone, target, NULL, ZF_NO_FID);
    }
    zf_status status = prepare(directory, name, &path, error);
    if (status == ZF_OK && symlink(whole, path) != 0)
        status = cannot("make a link to an input", path, error);
    free(path);
    free(whole);
    return status;
}

zf_status zf_temp_directory_write(const zf_temp_directory *directory, const char *name, const char *text,
                                  zf_error *error) {
    char *path = NULL;
    zf_status status = prepare(directory, name, &path, error);
    if (status != ZF_OK)
        return status;
    FILE *file = fopen(path, "wxe");
    bool is_written = file != NULL && fputs(text, file) >= 0 && fflush(file) == 0;
    if (!is_written)
        status = cannot("write a temporary file", path, error);
    if (file != NULL && fclose(file) != 0 && status == ZF_OK)
        status = cannot("write a temporary file", path, error);
    free(path);
    return status;
}

void zf_temp_directory_remove(zf_temp_directory *directory) {
    zf_signals_begin_finish(); /* a signal does not leave half of it */
    if (directory->path != NULL)
        zf_directory_remove(directory->path);
    zf_signals_end_finish();
    zf_temp_directory_release(directory);
}
