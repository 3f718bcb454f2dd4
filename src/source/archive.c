/* SPDX-License-Identifier: MIT */
/*
 * Archives as inputs. A .zip stands for the one layer file in it, which GDAL reads in place. What is in an
 * archive is unpacked to no more than a multiple of its own size: that is checked by the sizes that it
 * states, and by unpacking, because the stated sizes may be wrong.
 */
#include "os/archive_path.h"
#include "os/file.h"
#include "source/source_internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ENTRIES = 10000,
    MAX_FILES_NAMED = 20,
    MAX_RATIO = 200, /* layers reach 50; deflate reaches 1032 */
    BLOCK_BYTES = 1 << 16,
};
static const uint64_t free_bytes = (uint64_t)64 << 20; /* unpacked, whatever the ratio */

/* ---- sizes ---- */

static zf_status too_large(uint64_t limit, zf_error *error) {
    return zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                        "the archive unpacks to more than %" PRIu64
                        " bytes, %d times its own size or more, as no layer does; unpack it yourself if you "
                        "trust it",
                        limit, (int)MAX_RATIO);
}

/* Unpacks a member and counts. Stops beyond `most`. */
static zf_status unpack(const char *member, uint64_t most, uint64_t *out_bytes, zf_error *error) {
    static const char *const damaged =
        "cannot unpack '%.300s' in the archive: it is encrypted, damaged or incomplete; get it again";
    char *block = malloc(BLOCK_BYTES);
    VSILFILE *file = block ? VSIFOpenL(member, "rb") : NULL;
    size_t n = 0;
    zf_status st = ZF_OK;
    *out_bytes = 0;
    if (!block)
        st = zf_error_memory(error, BLOCK_BYTES, "a block of an archive");
    else if (!file)
        st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OGR, damaged, CPLGetFilename(member));
    while (st == ZF_OK && *out_bytes <= most && (n = VSIFReadL(block, 1, BLOCK_BYTES, file)) > 0)
        *out_bytes += n;
    if (file)
        (void)VSIFCloseL(file);
    free(block);
    return st;
}

/* Whether the unpacked files have the sizes that the archive states, and all of them together a sane one. */
static zf_status check_sizes(const char *root, char **entries, uint64_t limit, zf_error *error) {
    uint64_t n_stated = 0, n_bytes = 0;
    zf_status st = ZF_OK;
    for (int i = 0; i < CSLCount(entries); i++) {
        const int64_t n = zf_path_file_bytes(CPLFormFilename(root, entries[i], NULL));
        n_stated += n > 0 ? (uint64_t)n : 0;
        if (n_stated > limit)
            return too_large(limit, error);
    }
    for (int i = 0; st == ZF_OK && i < CSLCount(entries); i++) {
        char *member = CPLStrdup(CPLFormFilename(root, entries[i], NULL));
        const int64_t n = zf_path_file_bytes(member);
        if (n >= 0)
            st = unpack(member, (uint64_t)n, &n_bytes, error);
        if (st == ZF_OK && n >= 0 && n_bytes != (uint64_t)n)
            st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                              "the archive states %" PRId64 " bytes for '%.300s', which unpacks to %s: it is "
                              "damaged or made to mislead; get it again",
                              n, entries[i], n_bytes > (uint64_t)n ? "more" : "fewer");
        CPLFree(member);
    }
    return st;
}

/* ---- the layer file in it ---- */

static bool is_hidden(const char *entry) {
    return *entry == '.' || strstr(entry, "/.") || strncmp(entry, "__MACOSX/", 9) == 0;
}

/* Belongs to another file, and is no layer of its own. */
static bool is_side_file(const char *entry) {
    static const char *const endings[] = {".shx", ".dbf", ".prj",  ".cpg", ".qpj", ".qix",    ".sbn",
                                          ".sbx", ".idx", ".csvt", ".gfs", ".xsd", ".dat",    ".map",
                                          ".id",  ".ind", ".mid",  "-wal", "-shm", "-journal"};
    const size_t n = strlen(entry);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n_ending = strlen(endings[i]);
        if (n > n_ending && zf_string_equal_nocase(entry + n - n_ending, endings[i]))
            return true;
    }
    return false;
}

/* "a.gdb/" of "a.gdb/x.gdbtable": a file geodatabase is a directory. 0: in none. */
static size_t geodatabase_bytes(const char *entry) {
    const char *at = strcasestr(entry, ".gdb/");
    return at ? (size_t)(at - entry) + 4 : 0;
}

static char **list_layer_files(const char *root, char **entries) {
    char **found = NULL;
    for (int i = 0; i < CSLCount(entries); i++) {
        char *entry = CPLStrdup(entries[i]);
        const size_t n = geodatabase_bytes(entry);
        if (n > 0)
            entry[n] = '\0';
        const size_t n_entry = strlen(entry);
        if (!is_hidden(entry) && !is_side_file(entry) && n_entry > 0 && entry[n_entry - 1] != '/' &&
            CSLFindString(found, entry) < 0 &&
            GDALIdentifyDriverEx(CPLFormFilename(root, entry, NULL), GDAL_OF_VECTOR, zf_gdal_drivers(), NULL))
            found = CSLAddString(found, entry);
        CPLFree(entry);
    }
    return found;
}

static zf_status several_files(const char *path, char **files, zf_error *error) {
    zf_text names = {0};
    for (int i = 0; i < CSLCount(files) && i < MAX_FILES_NAMED; i++)
        zf_text_append_format(&names, "%s%s", i > 0 ? ", " : "", files[i]);
    zf_status st = zf_error_set(
        error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
        "the archive holds %d files with layers: %s%s; name one of them, for example as /vsizip/%s/%s",
        CSLCount(files), names.bytes ? names.bytes : "", CSLCount(files) > MAX_FILES_NAMED ? ", ..." : "",
        path, files[0]);
    zf_text_deinit(&names);
    return st;
}

/* The path of the one layer file, "/vsizip/PATH/INNER". */
static zf_status choose(const char *path, const char *root, char **entries, char **out, zf_error *error) {
    char **files = list_layer_files(root, entries);
    zf_status st = ZF_OK;
    if (CSLCount(files) == 0)
        st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                          "the archive holds no file that GDAL %s can read as a layer", zf_gdal_version());
    else if (CSLCount(files) > 1)
        st = several_files(path, files, error);
    else
        *out = zf_string_copy(CPLFormFilename(root, files[0], NULL));
    if (st == ZF_OK && !*out)
        st = zf_error_memory(error, strlen(path), "a path");
    CSLDestroy(files);
    return st;
}

/* ---- all of it ---- */

typedef enum archive_kind { NO_ARCHIVE, ZIP_ARCHIVE, GZIP_ARCHIVE } archive_kind;

static archive_kind kind_of(const char *path) {
    uint8_t magic[4] = {0};
    VSILFILE *file = VSIFOpenL(path, "rb");
    const size_t n = file ? VSIFReadL(magic, 1, sizeof magic, file) : 0;
    if (file)
        (void)VSIFCloseL(file);
    if (n == sizeof magic && memcmp(magic, "PK\3\4", 4) == 0)
        return ZIP_ARCHIVE;
    return n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b ? GZIP_ARCHIVE : NO_ARCHIVE;
}

static bool is_called_zip(const char *path) {
    const size_t n = strlen(path);
    return n > 4 && zf_string_equal_nocase(path + n - 4, ".zip");
}

static zf_status check_zip(const char *path, uint64_t limit, char **inout_open_path, zf_error *error) {
    char *root = NULL;
    zf_status st = ZF_OK;
    if (asprintf(&root, is_called_zip(path) ? "/vsizip/%s" : "/vsizip/{%s}", path) < 0)
        return zf_error_memory(error, strlen(path), "a path");
    char **entries = VSIReadDirRecursive(root);
    if (CSLCount(entries) > MAX_ENTRIES)
        st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                          "the archive holds more than %d files; unpack it, and name the one to read",
                          (int)MAX_ENTRIES);
    else if (CSLCount(entries) == 0)
        st = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                          "the archive is empty, damaged or incomplete; get it again");
    if (st == ZF_OK)
        st = check_sizes(root, entries, limit, error);
    if (st == ZF_OK && inout_open_path && is_called_zip(path))
        st = choose(path, root, entries, inout_open_path, error);
    CSLDestroy(entries);
    free(root);
    return st;
}

static zf_status check_gzip(const char *path, uint64_t limit, zf_error *error) {
    char *member = NULL;
    uint64_t n_bytes = 0;
    if (asprintf(&member, "/vsigzip/%s", path) < 0)
        return zf_error_memory(error, strlen(path), "a path");
    zf_status st = unpack(member, limit, &n_bytes, error);
    free(member);
    return st == ZF_OK && n_bytes > limit ? too_large(limit, error) : st;
}

zf_status zf_archive_resolve(const char *path, char **out_open_path, zf_error *error) {
    zf_archive_path parts = {0};
    zf_trap trap;
    char *archive = NULL;
    zf_status st = ZF_OK;
    const bool is_inside = zf_archive_path_split(path, &parts);
    if (is_inside)
        archive = strndup(path + parts.archive_from, parts.n_archive);
    else
        archive = zf_string_copy(path);
    if (!archive)
        return zf_error_memory(error, strlen(path), "a path");
    const int64_t n_bytes = zf_path_file_bytes(archive);
    const uint64_t limit = free_bytes + MAX_RATIO * (uint64_t)(n_bytes > 0 ? n_bytes : 0);
    zf_trap_begin(&trap);
    const archive_kind kind = n_bytes > 0 ? kind_of(archive) : NO_ARCHIVE;
    const bool names_member = is_inside && path[parts.inner_from] != '\0';
    if (kind == ZIP_ARCHIVE)
        st = check_zip(archive, limit, names_member ? NULL : out_open_path, error);
    else if (kind == GZIP_ARCHIVE && is_inside)
        st = check_gzip(archive, limit, error);
    zf_trap_end(&trap);
    free(archive);
    return st;
}
