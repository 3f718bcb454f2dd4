/* SPDX-License-Identifier: MIT */
/* The project's file: its name, and putting it in place whole or not at all. */
#include "qgis/project_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char extension[] = ".qgz";

static zf_status cannot_write(const char *path, zf_error *error, const char *why, const char *advice) {
    zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot write the project: %s; %s", why, advice);
    return zf_error_at(error, ZF_E_OUTPUT, path, NULL, ZF_NO_FID);
}

static zf_status cannot_write_errno(const char *path, zf_error *error, int code) {
    char why[128];
    if (code == EEXIST)
        return cannot_write(path, error, "the file exists",
                            "give --overwrite to replace it, or another name with --output");
    return cannot_write(path, error, strerror_r(code, why, sizeof why),
                        "free space there, or write elsewhere with --output");
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Bytes of a path before its extension; a name that begins with its only point has none. */
static size_t length_of_stem(const char *path) {
    const char *name = name_of(path), *point = strrchr(name, '.');
    return point != NULL && point > name ? (size_t)(point - path) : strlen(path);
}

static zf_status name_project(const char *result, char **out, zf_error *error) {
    *out = NULL;
    if (!zf_text_is_utf8(name_of(result)))
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "--project: the name of the result is not UTF-8, which a project must be; give another "
            "with --output");
    if (asprintf(out, "%.*s%s", (int)length_of_stem(result), result, extension) < 0) {
        *out = NULL;
        return zf_error_memory(error, strlen(result), "the project's name");
    }
    if (strcmp(*out, result) != 0)
        return ZF_OK;
    free(*out);
    *out = NULL;
    return zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
        "--project: the result itself is called '%s'; give it another extension with --output", result);
}

static zf_status check_target(const char *path, bool overwrite, zf_error *error) {
    struct stat found;
    if (stat(path, &found) != 0)
        return ZF_OK;
    if (!S_ISREG(found.st_mode))
        return cannot_write(path, error, "this is not a regular file", "give another name with --output");
    return overwrite ? ZF_OK : cannot_write_errno(path, error, EEXIST);
}

zf_status zf_project_check(const char *result, bool overwrite, zf_error *error) {
    char *path = NULL;
    zf_status status = name_project(result, &path, error);
    if (status == ZF_OK)
        status = check_target(path, overwrite, error);
    free(path);
    return status;
}

/* ---- the file ---- */

static int write_all(int fd, const zf_text *bytes) {
    for (size_t at = 0; at < bytes->n;) {
        const ssize_t n = write(fd, bytes->bytes + at, bytes->n - at);
        if (n < 0 && errno != EINTR)
            return errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0 ? 0 : errno;
}

static int rename_into_place(const char *part, const char *path, bool overwrite) {
    if (!overwrite) {
        if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EINVAL && errno != ENOSYS)
            return errno;
        if (access(path, F_OK) == 0)
            return EEXIST;
    }
    return rename(part, path) == 0 ? 0 : errno;
}

static zf_status put_in_place(const char *path, const char *part, bool overwrite, const zf_text *bytes,
                              zf_error *error) {
    (void)unlink(part); /* of a killed run */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return cannot_write_errno(path, error, errno);
    int code = write_all(fd, bytes);
    if (close(fd) != 0 && code == 0)
        code = errno;
    if (code == 0)
        code = rename_into_place(part, path, overwrite);
    if (code == 0)
        return ZF_OK;
    (void)unlink(part);
    return cannot_write_errno(path, error, code);
}

static zf_status put_file(const char *path, bool overwrite, const zf_text *bytes, zf_error *error) {
    char *part = NULL;
    const int n_directory = (int)(name_of(path) - path);
    if (asprintf(&part, "%.*s.%s.part", n_directory, path, name_of(path)) < 0)
        return zf_error_memory(error, strlen(path), "the project's name");
    zf_status status = put_in_place(path, part, overwrite, bytes, error);
    free(part);
    return status;
}

/* ---- what is in it ---- */

static zf_status read_result(const char *result, zf_project *project, zf_error *error) {
    zf_reader reader;
    zf_status status = zf_reader_open(result, NULL, &reader, error);
    if (status != ZF_OK)
        return status;
    project->file = name_of(result);
    zf_text_append_n(&project->title, project->file, length_of_stem(project->file));
    status = project->title.is_failed ? zf_error_memory(error, 0, "the project")
                                      : zf_project_read(&reader, project, error);
    zf_reader_close(&reader);
    return status;
}

static void append_archive(zf_text *out, const zf_project *project) {
    zf_text qgs = {0}, name = {0};
    zf_project_append_qgs(&qgs, project);
    zf_text_append_format(&name, "%s.qgs", project->title.bytes);
    if (!name.is_failed)
        zf_qgz_append(out, name.bytes, &qgs);
    out->is_failed |= name.is_failed;
    zf_text_deinit(&name);
    zf_text_deinit(&qgs);
}

static void deinit(zf_project *project) {
    zf_text_deinit(&project->title);
    zf_text_deinit(&project->crs);
    zf_text_deinit(&project->tree);
    zf_text_deinit(&project->layers);
}

zf_status zf_project_write(const char *result, bool overwrite, zf_error *error) {
    char *path = NULL;
    zf_project project = {.file = NULL};
    zf_text archive = {0};
    zf_status status = name_project(result, &path, error);
    if (status == ZF_OK)
        status = check_target(path, overwrite, error);
    if (status == ZF_OK)
        status = read_result(result, &project, error);
    if (status == ZF_OK) {
        append_archive(&archive, &project);
        status = archive.is_failed ? zf_error_memory(error, archive.n, "the project")
                                   : put_file(path, overwrite, &archive, error);
    }
    zf_text_deinit(&archive);
    deinit(&project);
    free(path);
    return status;
}
