/* SPDX-License-Identifier: MIT */
#include "os/archive_path.h"

#include "os/file.h"

#include <limits.h>
#include <string.h>

static const char *const systems[] = {"/vsizip/", "/vsigzip/", "/vsitar/"};

static size_t system_bytes(const char *path) {
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (strncmp(path, systems[i], strlen(systems[i])) == 0)
            return strlen(systems[i]);
    return 0;
}

bool zf_archive_path_is_one(const char *path) {
    return system_bytes(path) > 0;
}

static bool is_regular(const char *path, size_t n) {
    char part[PATH_MAX];
    zf_file_info found;
    if (n == 0 || n >= sizeof part)
        return false;
    memcpy(part, path, n);
    part[n] = '\0';
    return zf_file_stat(part, &found) && found.kind == ZF_FILE_REGULAR;
}

/* "{PATH}/INNER": GDAL's form for archives whose name does not end in .zip. */
static bool split_braces(const char *path, zf_archive_path *out) {
    const char *end = strchr(path + out->n_system, '}');
    out->archive_from = out->n_system + 1;
    if (end == NULL)
        return false;
    out->n_archive = (size_t)(end - path) - out->archive_from;
    out->inner_from = (size_t)(end - path) + 1;
    return is_regular(path + out->archive_from, out->n_archive);
}

static bool split_plain(const char *path, zf_archive_path *out) {
    out->archive_from = out->n_system;
    for (size_t n = out->n_system + 1; n <= strlen(path); n++)
        if ((path[n] == '/' || path[n] == '\0') &&
            is_regular(path + out->archive_from, n - out->archive_from)) {
            out->n_archive = n - out->archive_from;
            out->inner_from = n;
            return true;
        }
    return false;
}

bool zf_archive_path_split(const char *path, zf_archive_path *out) {
    *out = (zf_archive_path){.n_system = system_bytes(path)};
    if (out->n_system == 0)
        return false;
    const bool is_split = path[out->n_system] == '{' ? split_braces(path, out) : split_plain(path, out);
    while (is_split && path[out->inner_from] == '/')
        out->inner_from++;
    return is_split;
}

/* Whether a path stays where it begins: no empty part, none that leads up. */
static bool is_plain_inner(const char *inner) {
    for (const char *part = inner; part != NULL;) {
        const size_t n = strcspn(part, "/");
        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        part = part[n] == '/' ? part + n + 1 : NULL;
    }
    return strstr(inner, "/vsi") == NULL;
}

bool zf_archive_path_split_name(const char *path, zf_archive_path *out) {
    *out = (zf_archive_path){.n_system = system_bytes(path)};
    if (out->n_system == 0)
        return false;
    const bool has_braces = path[out->n_system] == '{';
    out->archive_from = out->n_system + has_braces;
    out->n_archive = strcspn(path + out->archive_from, has_braces ? "}" : "/");
    const char *end = path + out->archive_from + out->n_archive;
    if (out->n_archive == 0 || memchr(path + out->archive_from, '/', out->n_archive) != NULL ||
        *end == '\0' || end[has_braces] != '/')
        return false;
    out->inner_from = (size_t)(end + has_braces + 1 - path);
    return is_plain_inner(path + out->inner_from);
}
