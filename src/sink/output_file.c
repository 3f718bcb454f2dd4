/* SPDX-License-Identifier: MIT */
/* The temporary file beside the output, and putting it in place whole or not at all. */
#include "sink/sink_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TEMP_NAMES = 100 };

static zf_status cannot_write(const zf_sink_file *file, zf_error *error, const char *why,
                              const char *advice) {
    zf_status status =
        zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot write the result: %s; %s", why, advice);
    return zf_error_at(error, status, file->path, NULL, ZF_NO_FID);
}

static zf_status cannot_write_errno(const zf_sink_file *file, zf_error *error, int code, const char *advice) {
    char why[128];
    return cannot_write(file, error, strerror_r(code, why, sizeof why), advice);
}

static zf_status refuse_existing(const zf_sink_file *file, zf_error *error) {
    return cannot_write(file, error, "the file exists",
                        "give another name with --output, or --overwrite to replace it");
}

/* What SQLite keeps beside a database that is open, or was when its program died: it would be taken for part
 * of the new file. */
static zf_status check_companions(const zf_sink_file *file, zf_error *error) {
    static const char *const suffixes[] = {"-wal", "-journal"};
    for (int i = 0; i < 2; i++) {
        struct stat found;
        char *path = NULL;
        if (asprintf(&path, "%s%s", file->path, suffixes[i]) < 0)
            return zf_error_memory(error, strlen(file->path) + 16, "the output's name");
        bool is_there = stat(path, &found) == 0 && found.st_size > 0;
        free(path);
        if (is_there) {
            zf_error_set(
                error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                "cannot write the result: a file of the same name ending in %s lies beside it: a program has "
                "the older result open, or died with it; close it, or remove that file",
                suffixes[i]);
            return zf_error_at(error, ZF_E_OUTPUT, file->path, NULL, ZF_NO_FID);
        }
    }
    return ZF_OK;
}

/* Says no early where the rename at the end would say no, or would replace what nobody wants replaced. */
static zf_status check_target(const zf_sink_file *file, zf_error *error) {
    struct stat found;
    const char *slash = strrchr(file->path, '/');
    const char *name = slash != NULL ? slash + 1 : file->path;
    bool is_directory_name = *name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    bool exists = stat(file->path, &found) == 0;
    if (is_directory_name || (exists && S_ISDIR(found.st_mode)))
        return cannot_write(file, error, "this is a directory, not a file", "add a file name to --output");
    if (!exists)
        return check_companions(file, error);
    if (!S_ISREG(found.st_mode))
        return cannot_write(file, error, "this is not a regular file",
                            "give the name of a file with --output");
    return file->overwrite ? check_companions(file, error) : refuse_existing(file, error);
}

static zf_status explain_create(const zf_sink_file *file, int code, zf_error *error) {
    char why[ZF_ERROR_PATH_BYTES + 64];
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        snprintf(why, sizeof why, "the directory '%s' does not exist", file->directory);
        return cannot_write(file, error, why, "create it, or give another place with --output");
    case EACCES:
    case EPERM:
    case EROFS:
        snprintf(why, sizeof why, "the directory '%s' is not writable", file->directory);
        return cannot_write(file, error, why, "give another place with --output");
    case EEXIST:
        snprintf(why, sizeof why, "too many unfinished '.part' files of it in '%s'", file->directory);
        return cannot_write(file, error, why, "remove them if no other run is writing them");
    default:
        return cannot_write_errno(file, error, code, "give another place with --output");
    }
}

/* A run killed hard leaves its file behind, and where process ids start over (containers) the next one has
 * the same name. */
static char *temp_name(const zf_sink_file *file, unsigned attempt) {
    const char *slash = strrchr(file->path, '/');
    const char *name = slash != NULL ? slash + 1 : file->path;
    char *path = NULL;
    int n = attempt == 0
                ? asprintf(&path, "%s/.%s.%ld.part", file->directory, name, (long)getpid())
                : asprintf(&path, "%s/.%s.%ld-%u.part", file->directory, name, (long)getpid(), attempt + 1);
    return n < 0 ? NULL : path;
}

static zf_status create_temp(zf_sink_file *file, zf_error *error) {
    int code = EEXIST;
    for (unsigned attempt = 0; attempt < MAX_TEMP_NAMES && code == EEXIST; attempt++) {
        char *path = temp_name(file, attempt);
        if (path == NULL)
            return zf_error_memory(error, strlen(file->path) + 64, "the name of the temporary file");
        file->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->fd >= 0) {
            file->temp_path = path;
            return ZF_OK;
        }
        code = errno;
        free(path);
    }
    return explain_create(file, code, error);
}

zf_status zf_sink_file_create(zf_sink_file *file, const char *path, bool overwrite, zf_error *error) {
    zf_status status = ZF_OK;
    const char *slash = strrchr(path, '/');
    file->fd = -1;
    file->overwrite = overwrite;
    file->path = zf_string_copy(path);
    file->directory =
        slash == NULL ? zf_string_copy(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (file->path == NULL || file->directory == NULL)
        return zf_error_memory(error, strlen(path) + 1, "the output's name");
    status = check_target(file, error);
    return status == ZF_OK ? create_temp(file, error) : status;
}

/* Without --overwrite a file that came into being meanwhile stays too, where the file system can promise
 * that. */
static int rename_into_place(const zf_sink_file *file) {
    if (!file->overwrite) {
        if (renameat2(AT_FDCWD, file->temp_path, AT_FDCWD, file->path, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EINVAL && errno != ENOSYS)
            return errno;
        if (access(file->path, F_OK) == 0)
            return EEXIST;
    }
    return rename(file->temp_path, file->path) == 0 ? 0 : errno;
}

static void sync_directory(const zf_sink_file *file) {
    int fd = open(file->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    /* The file is whole and in place; a file system that cannot sync directories (EINVAL) is no reason to
     * call that a failure. */
    (void)fsync(fd);
    (void)close(fd);
}

zf_status zf_sink_file_put_in_place(zf_sink_file *file, zf_error *error) {
    int code = fsync(file->fd) == 0 ? 0 : errno;
    if (close(file->fd) != 0 && code == 0)
        code = errno;
    file->fd = -1;
    if (code != 0)
        return cannot_write_errno(file, error, code, "free space there, or write elsewhere with --output");
    code = rename_into_place(file);
    if (code == EEXIST)
        return refuse_existing(file, error);
    if (code != 0)
        return cannot_write_errno(file, error, code, "write elsewhere with --output");
    free(file->temp_path);
    file->temp_path = NULL;
    sync_directory(file);
    return ZF_OK;
}

void zf_sink_file_deinit(zf_sink_file *file) {
    if (file->fd >= 0)
        (void)close(file->fd);
    if (file->temp_path != NULL)
        (void)unlink(file->temp_path);
    free(file->temp_path);
    free(file->directory);
    free(file->path);
    *file = (zf_sink_file){.fd = -1};
}
