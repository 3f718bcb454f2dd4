/* SPDX-License-Identifier: MIT */
/* Writes a BagIt bag: payload, manifests and tag files. */
#include "provenance/bag.h"

#include "os/file.h"
#include "os/temp_directory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_BYTES = 1024 * 1024 };

struct zf_bag {
    const zf_callbacks *callbacks;
    char *path;                  /**< its final path, without slashes at the end */
    zf_temp_directory temporary; /**< of the bag until it is in place */
    zf_bag_file *files;
    size_t n, cap;
    uint8_t *buffer; /**< COPY_BYTES */
    zf_sha256 *digest;
};

/** Fails with ZF_E_OUTPUT and the text of errno. */
static zf_status cannot(zf_bag *bag, const char *what, zf_error *error) {
    char why[128];
    zf_status status = zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_OS, "cannot %s: %s", what,
                                    strerror_r(errno, why, sizeof why));
    return zf_error_at(error, status, bag->path, NULL, ZF_NO_FID);
}

/* ---- beginning ---- */

/** The path of the temporary directory without its six random characters: "DIR/.NAME.part-". */
static zf_status name_temporary(const zf_bag *bag, char **out, zf_error *error) {
    const char *slash = strrchr(bag->path, '/');
    const char *name = slash != NULL ? slash + 1 : bag->path;
    int n_directory = (int)(name - bag->path);
    *out = NULL;
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        zf_status status =
            zf_error_set(error, ZF_E_OUTPUT, ZF_DOMAIN_ZONEFOLD,
                         "this is not a name for a new directory; give the bag one with `output`");
        return zf_error_at(error, status, bag->path, NULL, ZF_NO_FID);
    }
    if (asprintf(out, "%.*s.%s.part-", n_directory, bag->path, name) < 0) {
        *out = NULL;
        return zf_error_memory(error, strlen(bag->path), "a path");
    }
    return ZF_OK;
}

/** Checks early that the rename at the end can work: only an empty directory may exist at the path. */
static zf_status check_place(zf_bag *bag, zf_error *error) {
    zf_file_info found;
    if (!zf_file_stat_link(bag->path, &found))
        return ZF_OK;
    bool is_directory = found.kind == ZF_FILE_DIRECTORY;
    if (is_directory && zf_directory_is_empty(bag->path))
        return ZF_OK;
    zf_status status = zf_error_set(
        error, ZF_E_OUTPUT, ZF_DOMAIN_ZONEFOLD,
        "cannot write the bag: a %s of that name exists already%s; give another name with `output`",
        is_directory ? "directory" : "file", is_directory ? ", and it is not empty" : "");
    return zf_error_at(error, status, bag->path, NULL, ZF_NO_FID);
}

/** Creates the temporary directory of the bag. */
static zf_status begin(zf_bag *bag, zf_error *error) {
    char *prefix = NULL;
    zf_status status = check_place(bag, error);
    if (status == ZF_OK)
        status = name_temporary(bag, &prefix, error);
    if (status == ZF_OK && (errno = zf_temp_directory_begin(prefix, &bag->temporary)) != 0)
        status = cannot(bag, "create a temporary directory beside the bag", error);
    free(prefix);
    return status == ZF_OK ? zf_sha256_create(&bag->digest, error) : status;
}

zf_status zf_bag_create(const char *path, const zf_callbacks *callbacks, zf_bag **out, zf_error *error) {
    zf_bag *bag = calloc(1, sizeof *bag);
    size_t n = strlen(path);
    *out = NULL;
    if (bag == NULL)
        return zf_error_memory(error, sizeof *bag, "a bag");
    while (n > 1 && path[n - 1] == '/')
        n--;
    bag->callbacks = callbacks;
    bag->path = strndup(path, n);
    bag->buffer = malloc(COPY_BYTES);
    zf_status status = bag->path != NULL && bag->buffer != NULL
                           ? begin(bag, error)
                           : zf_error_memory(error, COPY_BYTES, "a copy buffer");
    if (status == ZF_OK)
        *out = bag;
    else
        zf_bag_destroy(bag);
    return status;
}

void zf_bag_destroy(zf_bag *bag) {
    if (bag == NULL)
        return;
    zf_temp_directory_remove(&bag->temporary);
    for (size_t i = 0; i < bag->n; i++)
        free(bag->files[i].name);
    free(bag->files);
    free(bag->buffer);
    free(bag->path);
    zf_sha256_destroy(bag->digest);
    free(bag);
}

/* ---- files ---- */

/** Appends a file to the list of the payload. */
static zf_status new_file(zf_bag *bag, const char *name, zf_bag_file **out, zf_error *error) {
    if (bag->n == bag->cap) {
        size_t cap = bag->cap == 0 ? 16 : 2 * bag->cap;
        zf_bag_file *files = realloc(bag->files, cap * sizeof *files);
        if (files == NULL)
            return zf_error_memory(error, cap * sizeof *files, "the files of a bag");
        bag->files = files;
        bag->cap = cap;
    }
    char *copy = zf_string_copy(name);
    if (copy == NULL)
        return zf_error_memory(error, strlen(name), "the name of a file");
    *out = &bag->files[bag->n++];
    **out = (zf_bag_file){.name = copy};
    return ZF_OK;
}

/** Creates a file below the temporary directory, and the directories on the way to it. */
static zf_status create_file(zf_bag *bag, const char *name, int *out_fd, zf_error *error) {
    char *path = NULL;
    zf_status status = ZF_OK;
    *out_fd = -1;
    if (asprintf(&path, "%s/%s", bag->temporary.path, name) < 0)
        return zf_error_memory(error, strlen(name), "a path");
    if (!zf_directory_make_parents(path, strlen(bag->temporary.path), false))
        status = cannot(bag, "create a directory of the bag", error);
    if (status == ZF_OK)
        *out_fd = zf_file_create(path);
    if (status == ZF_OK && *out_fd < 0)
        status = cannot(bag, "create a file of the bag", error);
    free(path);
    return status;
}

static zf_status write_bytes(zf_bag *bag, int fd, const void *bytes, size_t n, zf_error *error) {
    return zf_file_write(fd, bytes, n) ? ZF_OK : cannot(bag, "write the bag", error);
}

/** Syncs and closes a file; a failure counts unless there was one before. */
static zf_status close_file(zf_bag *bag, int fd, zf_status status, zf_error *error) {
    if (fd < 0)
        return status;
    if (status == ZF_OK && !zf_file_sync(fd))
        status = cannot(bag, "write the bag", error);
    if (!zf_file_close(fd) && status == ZF_OK)
        status = cannot(bag, "write the bag", error);
    return status;
}

/** Writes a file of the bag and computes its SHA-256. */
static zf_status write_file(zf_bag *bag, const char *name, const char *bytes, size_t n, char *out_sha256,
                            zf_error *error) {
    int fd = -1;
    zf_status status = create_file(bag, name, &fd, error);
    if (status == ZF_OK)
        status = write_bytes(bag, fd, bytes, n, error);
    if (status == ZF_OK)
        status = zf_sha256_add(bag->digest, bytes, n, error);
    if (status == ZF_OK)
        status = zf_sha256_finish(bag->digest, out_sha256, error);
    return close_file(bag, fd, status, error);
}

static char *below_data(const char *name) {
    char *path = NULL;
    return asprintf(&path, "data/%s", name) >= 0 ? path : NULL;
}

zf_status zf_bag_put(zf_bag *bag, const char *name, const char *bytes, size_t n, zf_error *error) {
    zf_bag_file *file = NULL;
    zf_status status = new_file(bag, name, &file, error);
    if (status != ZF_OK)
        return status;
    char *path = below_data(name);
    file->n_bytes = n;
    status = path != NULL ? write_file(bag, path, bytes, n, file->sha256, error)
                          : zf_error_memory(error, strlen(name), "a path");
    free(path);
    return status;
}

/** Fails with ZF_E_INPUT at the source of a copy and the text of errno. */
static zf_status cannot_read(const char *source, zf_error *error) {
    char why[128];
    zf_status status = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "cannot read the file into the bag: %s",
                                    strerror_r(errno, why, sizeof why));
    return zf_error_at(error, status, source, NULL, ZF_NO_FID);
}

/** Copies a file, and counts and hashes its bytes. */
static zf_status copy_bytes(zf_bag *bag, int from, int to, const char *source, zf_bag_file *file,
                            zf_error *error) {
    zf_status status = ZF_OK;
    while ((status = zf_check_cancelled(bag->callbacks, error)) == ZF_OK) {
        ptrdiff_t n = zf_file_read(from, bag->buffer, COPY_BYTES);
        if (n < 0)
            return cannot_read(source, error);
        if (n == 0)
            return zf_sha256_finish(bag->digest, file->sha256, error);
        file->n_bytes += (uint64_t)n;
        status = zf_sha256_add(bag->digest, bag->buffer, (size_t)n, error);
        if (status == ZF_OK)
            status = write_bytes(bag, to, bag->buffer, (size_t)n, error);
        if (status != ZF_OK)
            return status;
    }
    return status;
}

zf_status zf_bag_copy(zf_bag *bag, const char *name, const char *source, const char *sha256,
                      zf_error *error) {
    zf_bag_file *file = NULL;
    int to = -1, from = zf_file_open(source);
    if (from < 0)
        return cannot_read(source, error);
    char *path = below_data(name);
    zf_status status =
        path != NULL ? new_file(bag, name, &file, error) : zf_error_memory(error, strlen(name), "a path");
    if (status == ZF_OK)
        status = create_file(bag, path, &to, error);
    if (status == ZF_OK)
        status = copy_bytes(bag, from, to, source, file, error);
    if (status == ZF_OK && sha256 != NULL && strcmp(file->sha256, sha256) != 0) {
        status = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                              "the file has changed while it was copied: SHA-256 %s, recorded %s",
                              file->sha256, sha256);
        zf_error_at(error, status, source, NULL, ZF_NO_FID);
    }
    status = close_file(bag, to, status, error);
    (void)zf_file_close(from);
    free(path);
    return status;
}

const zf_bag_file *zf_bag_files(const zf_bag *bag, size_t *out_n) {
    *out_n = bag->n;
    return bag->files;
}

/* ---- tag files ---- */

static int by_name(const void *a, const void *b) {
    return strcmp(((const zf_bag_file *)a)->name, ((const zf_bag_file *)b)->name);
}

/** Appends a path with percent signs and line ends in hexadecimal (RFC 8493, 2.1.3). */
static void append_manifest_path(zf_text *out, const char *path) {
    for (; *path != '\0'; path++) {
        if (*path == '\n' || *path == '\r' || *path == '%')
            zf_text_append_format(out, "%%%02X", (unsigned)(unsigned char)*path);
        else
            zf_text_append_n(out, path, 1);
    }
}

/** Appends a line for each file of the payload: its SHA-256 and its path. */
static void append_manifest(const zf_bag *bag, zf_text *out) {
    for (size_t i = 0; i < bag->n; i++) {
        zf_text_append_format(out, "%s  data/", bag->files[i].sha256);
        append_manifest_path(out, bag->files[i].name);
        zf_text_append(out, "\n");
    }
}

/** Appends the lines for bag-info.txt, and the size of the payload. */
static void append_info(const zf_bag *bag, const char *info, zf_text *out) {
    uint64_t n_bytes = 0;
    for (size_t i = 0; i < bag->n; i++)
        n_bytes += bag->files[i].n_bytes;
    zf_text_append(out, info);
    zf_text_append_format(out, "Payload-Oxum: %" PRIu64 ".%zu\n", n_bytes, bag->n);
}

/** Writes a tag file, and appends its line to the manifest of the tag files. */
static zf_status put_tags(zf_bag *bag, const char *name, const zf_text *text, zf_text *manifest,
                          zf_error *error) {
    char sha256[ZF_SHA256_HEX_BYTES];
    if (text->is_failed)
        return zf_error_memory(error, text->n, "a tag file of the bag");
    zf_status status = write_file(bag, name, text->bytes, text->n, sha256, error);
    if (status == ZF_OK && manifest != NULL)
        zf_text_append_format(manifest, "%s  %s\n", sha256, name);
    return status;
}

/** Writes all tag files; the manifest of the tag files is the last one. */
static zf_status write_tags(zf_bag *bag, const char *info, zf_error *error) {
    zf_text text[3] = {{0}}, manifest = {0};
    static const char *const names[3] = {"bag-info.txt", "bagit.txt", "manifest-sha256.txt"};
    zf_status status = ZF_OK;
    append_info(bag, info, &text[0]);
    zf_text_append(&text[1], "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    append_manifest(bag, &text[2]);
    for (int i = 0; status == ZF_OK && i < 3; i++)
        status = put_tags(bag, names[i], &text[i], &manifest, error);
    if (status == ZF_OK)
        status = put_tags(bag, "tagmanifest-sha256.txt", &manifest, NULL, error);
    for (int i = 0; i < 3; i++)
        zf_text_deinit(&text[i]);
    zf_text_deinit(&manifest);
    return status;
}

zf_status zf_bag_finish(zf_bag *bag, const char *info, zf_error *error) {
    qsort(bag->files, bag->n, sizeof *bag->files, by_name);
    zf_status status = write_tags(bag, info, error);
    if (status == ZF_OK && !zf_file_share(bag->temporary.path)) /* it was made for its owner alone */
        status = cannot(bag, "write the bag", error);
    if (status == ZF_OK)
        status = zf_check_cancelled(bag->callbacks, error);
    if (status == ZF_OK && !zf_file_rename(bag->temporary.path, bag->path, true))
        status = cannot(bag, "put the bag in place", error);
    if (status == ZF_OK)
        zf_temp_directory_release(&bag->temporary);
    return status;
}
