/* SPDX-License-Identifier: MIT */
/*
 * An output is written to a temporary file in its directory, which is then renamed.
 *
 * The temporary name is always the same, and the writer holds a lock on the file, which the kernel releases
 * however the process ends. So a second process with the same output sees the first, and a file that a killed
 * process left behind has no lock: the next one removes it. Where files cannot be locked (some network file
 * systems), or somebody else's file has the name, the name gets the process's number, and the first process
 * to finish wins.
 */
#include "os/output_file.h"

#include "os/file.h"
#include "os/signal.h"
#include "os/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TEMP_NAMES = 100 };

static zf_status cannot_write(const zf_output_target *target, zf_error *error, const char *why,
                              const char *advice) {
    zf_status status = zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot write %s: %s; %s `%s`",
                                    target->what, why, advice, target->parameter);
    return zf_error_at(error, status, target->path, NULL, ZF_NO_FID);
}

static zf_status cannot_write_errno(const zf_output_target *target, zf_error *error, int code) {
    char why[128];
    return cannot_write(target, error, strerror_r(code, why, sizeof why),
                        code == ENOSPC ? "free space there, or write elsewhere with"
                                       : "write elsewhere with");
}

static zf_status refuse_existing(const zf_output_target *target, zf_error *error) {
    return cannot_write(target, error, "the file exists",
                        "replace it with `overwrite`, or give another name with");
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

zf_status zf_output_file_check(const zf_output_target *target, zf_error *error) {
    struct stat found;
    const char *name = name_of(target->path);
    const bool is_directory_name = *name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    const bool exists = stat(target->path, &found) == 0;
    if (is_directory_name || (exists && S_ISDIR(found.st_mode)))
        return cannot_write(target, error, "this is a directory, not a file", "add a file name to");
    if (exists && !S_ISREG(found.st_mode))
        return cannot_write(target, error, "this is not a regular file", "give the name of a file with");
    return exists && !target->overwrite ? refuse_existing(target, error) : ZF_OK;
}

zf_status zf_output_file_check_sqlite(const zf_output_file *file, zf_error *error) {
    const char *ending = zf_file_find_companion(file->path);
    if (ending == NULL)
        return ZF_OK;
    zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                 "cannot write %s: a file of the same name ending in %s lies beside it: a program has "
                 "the older file open, or died with it open; close it, or remove that file",
                 file->target.what, ending);
    return zf_error_at(error, ZF_E_OUTPUT, file->path, NULL, ZF_NO_FID);
}

static zf_status explain_create(const zf_output_file *file, int code, zf_error *error) {
    char why[ZF_ERROR_PATH_BYTES + 64];
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        snprintf(why, sizeof why, "the directory '%s' does not exist", file->directory);
        return cannot_write(&file->target, error, why, "create it, or give another place with");
    case EACCES:
    case EPERM:
    case EROFS:
        snprintf(why, sizeof why, "the directory '%s' is not writable", file->directory);
        return cannot_write(&file->target, error, why, "give another place with");
    case EEXIST:
        snprintf(why, sizeof why, "there are too many unfinished '.part' files of it in '%s'",
                 file->directory);
        return cannot_write(&file->target, error, why,
                            "remove them if no other process is writing them, or give another name with");
    default:
        return cannot_write_errno(&file->target, error, code);
    }
}

/* attempt 0: the name that all processes with this output use. */
static char *temp_name(const zf_output_file *file, unsigned attempt) {
    const char *name = name_of(file->path);
    char *path = NULL;
    int n = attempt == 0
                ? asprintf(&path, "%s/.%s.part", file->directory, name)
                : asprintf(&path, "%s/.%s.%ld-%u.part", file->directory, name, (long)getpid(), attempt);
    return n < 0 ? NULL : path;
}

/* What came of reaching for the name: beside these, the code of an error. */
enum { IS_OURS = 0, IS_FREED = -1, IS_BUSY = -2, IS_STRANGE = -3 };

/* Names the file that is open; a name can change hands between two calls. */
static bool is_named(int fd, const char *path) {
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && lstat(path, &named) == 0 && open_file.st_dev == named.st_dev &&
           open_file.st_ino == named.st_ino;
}

static int lock(int fd) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return IS_OURS;
    return errno == EWOULDBLOCK ? IS_BUSY : IS_STRANGE;
}

/* A file of that name is there: removes it when it is one of ours that nobody holds. Only who holds its lock
 * may remove or rename it, so that the name cannot go over to another file meanwhile. */
static int free_name(const char *path) {
    struct stat found;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? IS_FREED : IS_STRANGE;
    bool is_plain =
        fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid() && found.st_nlink <= 1;
    int result = is_plain ? lock(fd) : IS_STRANGE;
    if (result == IS_OURS && is_named(fd, path) && unlink(path) != 0)
        result = IS_STRANGE;
    (void)close(fd);
    return result == IS_OURS ? IS_FREED : result;
}

/* IS_OURS: the name is a new, empty file, open and locked. */
static int take_name(zf_output_file *file, char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EEXIST ? free_name(path) : errno;
    int result = lock(fd);
    if (result == IS_OURS && is_named(fd, path)) {
        file->fd = fd;
        file->temp_path = path;
        zf_unfinished_note(path);
        return IS_OURS;
    }
    if (result == IS_STRANGE)
        (void)unlink(path); /* no locks here: nobody else's, since it was new */
    (void)close(fd);
    return result == IS_OURS ? IS_FREED : result;
}

static zf_status refuse_second_run(const zf_output_file *file, zf_error *error) {
    return cannot_write(&file->target, error, "another run is writing it",
                        "wait for that run, or give another name with");
}

static zf_status create_unlocked(zf_output_file *file, zf_error *error) {
    int code = EEXIST;
    for (unsigned attempt = 1; attempt <= MAX_TEMP_NAMES && code == EEXIST; attempt++) {
        char *path = temp_name(file, attempt);
        if (path == NULL)
            return zf_error_memory(error, strlen(file->path) + 64, "the name of the temporary file");
        file->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->fd >= 0) {
            file->temp_path = path;
            zf_unfinished_note(path);
            return ZF_OK;
        }
        code = errno;
        free(path);
    }
    return explain_create(file, code, error);
}

static zf_status create_temp(zf_output_file *file, zf_error *error) {
    int result = IS_FREED;
    char *path = temp_name(file, 0);
    if (path == NULL)
        return zf_error_memory(error, strlen(file->path) + 64, "the name of the temporary file");
    for (int attempt = 0; attempt < MAX_TEMP_NAMES && result == IS_FREED; attempt++)
        result = take_name(file, path);
    if (result == IS_OURS)
        return ZF_OK;
    free(path);
    if (result == IS_BUSY || result == IS_FREED) /* freed again and again: others are at it */
        return refuse_second_run(file, error);
    return result == IS_STRANGE ? create_unlocked(file, error) : explain_create(file, result, error);
}

zf_status zf_output_file_create(zf_output_file *file, const zf_output_target *target, zf_error *error) {
    const char *name = name_of(target->path);
    const size_t n_directory = (size_t)(name - target->path);
    *file = (zf_output_file){.fd = -1, .target = *target};
    file->path = zf_string_copy(target->path);
    file->directory = n_directory == 0 ? zf_string_copy(".")
                                       : strndup(target->path, n_directory == 1 ? 1 : n_directory - 1);
    if (file->path == NULL || file->directory == NULL)
        return zf_error_memory(error, strlen(target->path) + 1, "the output's name");
    file->target.path = file->path;
    zf_status status = zf_output_file_check(target, error);
    return status == ZF_OK ? create_temp(file, error) : status;
}

/* Without overwrite a file that has appeared meanwhile stays, too, where the file system can promise that. */
static int rename_into_place(const zf_output_file *file) {
    return zf_file_rename(file->temp_path, file->path, file->target.overwrite) ? 0 : errno;
}

static void sync_directory(const zf_output_file *file) {
    int fd = open(file->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    /* The file is whole and in place; a file system that cannot sync directories (EINVAL) is no reason to
     * call that a failure. */
    (void)fsync(fd);
    (void)close(fd);
}

static zf_status put_in_place(zf_output_file *file, zf_error *error) {
    if (fsync(file->fd) != 0)
        return cannot_write_errno(&file->target, error, errno);
    int code = rename_into_place(file); /* before the lock goes with the descriptor */
    if (code == EEXIST)
        return refuse_existing(&file->target, error);
    if (code != 0)
        return cannot_write_errno(&file->target, error, code);
    zf_unfinished_forget(file->temp_path);
    free(file->temp_path);
    file->temp_path = NULL;
    (void)close(file->fd); /* all is on the disk: whatever it says is no news */
    file->fd = -1;
    sync_directory(file);
    return ZF_OK;
}

zf_status zf_output_file_put_in_place(zf_output_file *file, zf_error *error) {
    zf_signals_begin_finish();
    const zf_status status = put_in_place(file, error);
    zf_signals_end_finish();
    return status;
}

void zf_output_file_deinit(zf_output_file *file) {
    if (file->temp_path != NULL)
        (void)unlink(file->temp_path);
    zf_unfinished_forget(file->temp_path);
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->temp_path);
    free(file->directory);
    free(file->path);
    *file = (zf_output_file){.fd = -1};
}

static int write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        const ssize_t n_written = write(fd, bytes, n);
        if (n_written < 0 && errno != EINTR)
            return errno;
        bytes += n_written > 0 ? n_written : 0;
        n -= n_written > 0 ? (size_t)n_written : 0;
    }
    return 0;
}

zf_status zf_output_file_write(const zf_output_target *target, const char *bytes, size_t n, zf_error *error) {
    zf_output_file file = {.fd = -1};
    zf_status status = zf_output_file_create(&file, target, error);
    const int code = status == ZF_OK ? write_all(file.fd, bytes, n) : 0;
    if (code != 0)
        status = cannot_write_errno(target, error, code);
    if (status == ZF_OK)
        status = zf_output_file_put_in_place(&file, error);
    zf_output_file_deinit(&file);
    return status;
}
