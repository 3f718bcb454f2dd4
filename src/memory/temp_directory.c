/* SPDX-License-Identifier: MIT */
#include "memory/temp_directory.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_DIRECTORIES = 16 };

static zf_status cannot(const char *what, const char *path, zf_error *error) {
    char why[128];
    zf_status status = zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS,
                                    "cannot %s: %s; make room, or name another directory with --temp-dir",
                                    what, strerror_r(errno, why, sizeof why));
    return zf_error_at(error, status, path, NULL, ZF_NO_FID);
}

zf_status zf_temp_directory_create(const char *parent, zf_temp_directory *out, zf_error *error) {
    const char *from_environment = getenv("TMPDIR");
    char *path = NULL;
    if (parent == NULL)
        parent = from_environment != NULL && *from_environment != '\0' ? from_environment : "/tmp";
    if (asprintf(&path, "%s/zonefold-XXXXXX", parent) < 0)
        return zf_error_memory(error, strlen(parent), "a path");
    if (mkdtemp(path) == NULL) {
        zf_status status = cannot("make a temporary directory here", parent, error);
        free(path);
        return status;
    }
    out->path = path;
    return ZF_OK;
}

/* The directories of a name, and its whole path. */
static zf_status prepare(const zf_temp_directory *directory, const char *name, char **out, zf_error *error) {
    char *path = NULL;
    *out = NULL;
    if (asprintf(&path, "%s/%s", directory->path, name) < 0)
        return zf_error_memory(error, strlen(name), "a path");
    for (char *slash = strchr(path + strlen(directory->path) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
            zf_status status = cannot("make a temporary directory", path, error);
            free(path);
            return status;
        }
        *slash = '/';
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

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place) {
    (void)found;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void zf_directory_remove(const char *path) {
    (void)nftw(path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
}

void zf_temp_directory_remove(zf_temp_directory *directory) {
    if (directory->path != NULL)
        zf_directory_remove(directory->path);
    free(directory->path);
    directory->path = NULL;
}
