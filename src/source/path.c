/* SPDX-License-Identifier: MIT */
#include "os/file.h"
#include "source/source_internal.h"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAL_VERSION = 2 }; /* in the header of an SQLite database */

static zf_status refuse(zf_error *error, const char *what) {
    return zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
        "zonefold reads files only, and %s; fetch or export the data and give the path of the file", what);
}

static bool starts_with_local_system(const char *path) {
    for (const char *const *system = zf_gdal_local_systems(); *system; system++)
        if (strncmp(path, *system, strlen(*system)) == 0)
            return true;
    return false;
}

/* Another file system may be named anywhere in the path: /vsizip//vsicurl/... */
static bool names_other_system(const char *path) {
    for (const char *at = strstr(path, "/vsi"); at; at = strstr(at + 1, "/vsi"))
        if (!starts_with_local_system(at))
            return true;
    return false;
}

/* "http://...", "PG:dbname=...": letters and a colon before any slash. Descriptions in JSON or XML as well.
 */
static bool looks_like_connection(const char *path) {
    const char *c = path;
    while (isalnum((unsigned char)*c) || *c == '+' || *c == '.' || *c == '-' || *c == '_')
        c++;
    return (c > path && *c == ':') || strstr(path, "://") != NULL || *path == '{' || *path == '<';
}

static zf_status check_virtual(const char *path, zf_error *error) {
    if (!starts_with_local_system(path) || names_other_system(path))
        return refuse(error, "this is a path into one of GDAL's other file systems");
    if (strstr(path + 1, "/vsi"))
        return refuse(error, "this is a path into an archive within an archive");
    VSIStatBufL stat;
    if (VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) != 0)
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR,
                            "no such file inside the archive, or the archive cannot be read; check the path");
    return ZF_OK;
}

/* Reports a file that does not exist, with the nearest name in its directory. */
static zf_status no_such_file(const char *path, zf_error *error) {
    enum { MAX_FILES = 1000 };
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? CPLStrdup(".") : CPLStrdup(slash == path ? "/" : path);
    if (slash != NULL && slash != path)
        folder[slash - path] = '\0';
    char **names = VSIReadDirEx(folder, MAX_FILES);
    const char *near = zf_string_nearest(slash != NULL ? slash + 1 : path, (const char *const *)names,
                                         (size_t)CSLCount(names));
    zf_status st = zf_error_set(
        error, ZF_E_INPUT, ZF_DOMAIN_OS, "no such file or directory%s%s%s; check the path",
        near != NULL ? " (did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?)" : "");
    CSLDestroy(names);
    CPLFree(folder);
    return st;
}

static zf_status check_plain(const char *path, zf_error *error) {
    zf_file_info found;
    if (!zf_file_stat(path, &found)) {
        int why = errno;
        if (looks_like_connection(path))
            return refuse(error, "this is the address of a server or database");
        if (why == ENOENT)
            return no_such_file(path, error);
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "cannot look at the file: %s", strerror(why));
    }
    if (found.kind == ZF_FILE_REGULAR && found.n_bytes == 0)
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "the file is empty (0 bytes); get it again");
    bool is_directory = found.kind == ZF_FILE_DIRECTORY;
    if (!is_directory && found.kind != ZF_FILE_REGULAR)
        return zf_error_set(
            error, ZF_E_INPUT, ZF_DOMAIN_OS,
            "neither a file nor a directory; zonefold reads an input more than once and needs a file");
    if (!zf_file_may_read(path, is_directory))
        return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "cannot read the %s: %s; check its permissions",
                            is_directory ? "directory" : "file", strerror(errno));
    return ZF_OK;
}

zf_status zf_path_check(const char *path, char **out_open_path, zf_error *error) {
    if (!path || !*path)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "no input file is named");
    bool is_virtual = strncmp(path, "/vsi", 4) == 0;
    zf_status st = is_virtual ? check_virtual(path, error) : check_plain(path, error);
    if (st != ZF_OK)
        return zf_error_at(error, st, path, NULL, ZF_NO_FID);
    zf_text text = {0};
    /* A file may be called "PG:x"; GDAL would take that for a database. */
    if (looks_like_connection(path))
        zf_text_append(&text, "./");
    zf_text_append(&text, path);
    if (text.is_failed) {
        zf_text_deinit(&text);
        return zf_error_memory(error, strlen(path), "a path");
    }
    *out_open_path = text.bytes;
    return ZF_OK;
}

int64_t zf_path_file_bytes(const char *path) {
    VSIStatBufL stat;
    if (VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG | VSI_STAT_SIZE_FLAG) != 0)
        return -1;
    return VSI_ISREG(stat.st_mode) ? (int64_t)stat.st_size : -1;
}

bool zf_path_has_companion(const char *path, const char *suffix) {
    char *name = NULL;
    if (asprintf(&name, "%s%s", path, suffix) < 0)
        return false;
    bool is_there = zf_path_file_bytes(name) > 0;
    free(name);
    return is_there;
}

bool zf_path_is_in_wal_mode(const char *path) {
    uint8_t versions[2] = {0};
    VSILFILE *file = VSIFOpenL(path, "rb");
    const bool is_read = file && VSIFSeekL(file, 18, SEEK_SET) == 0 && VSIFReadL(versions, 1, 2, file) == 2;
    if (file)
        (void)VSIFCloseL(file);
    return is_read && versions[0] == WAL_VERSION && versions[1] == WAL_VERSION;
}
