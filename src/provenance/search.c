/* SPDX-License-Identifier: MIT */
/* Finds the input files of a run by size and SHA-256, wherever they are now. */
#include "os/file.h"
#include "os/hash.h"
#include "provenance/recorded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 16, MAX_ENTRIES = 200000, FIRST_CANDIDATES = 16 };

/** A file of a recorded size. */
typedef struct candidate {
    char *path;
    uint64_t n_bytes;
    bool is_hashed, is_unreadable;
    char sha256[ZF_SHA256_HEX_BYTES];
} candidate;

/** State of the search: the record to fill, and the candidates so far. */
typedef struct file_search {
    zf_recorded *recorded;
    const zf_callbacks *callbacks;
    zf_error *error;
    candidate *candidates;
    size_t n, cap;
    uint64_t n_entries;
} file_search;

/** Whether an input of this size is looked for. */
static bool is_wanted(const zf_recorded *recorded, uint64_t n_bytes) {
    for (size_t i = 0; i < recorded->n_files; i++)
        if (recorded->files[i].n_bytes == n_bytes)
            return true;
    return false;
}

/** Appends a candidate; takes the path. */
static zf_status add_candidate(file_search *s, char *path, uint64_t n_bytes) {
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? FIRST_CANDIDATES : 2 * s->cap;
        candidate *candidates = realloc(s->candidates, cap * sizeof *candidates);
        if (candidates == NULL) {
            free(path);
            return zf_error_memory(s->error, cap * sizeof *candidates, "the files that may be inputs");
        }
        s->candidates = candidates;
        s->cap = cap;
    }
    s->candidates[s->n++] = (candidate){.path = path, .n_bytes = n_bytes};
    return ZF_OK;
}

static zf_status walk(file_search *s, const char *directory, size_t depth);

/** Lists a file of a recorded size as a candidate, and descends into a directory. */
static zf_status look_at(file_search *s, const char *directory, const char *name, size_t depth) {
    zf_file_info found;
    char *path = NULL;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return zf_error_memory(s->error, strlen(directory) + strlen(name), "a path");
    zf_status status = ZF_OK;
    bool is_there = zf_file_stat_link(path, &found), is_link = is_there && found.kind == ZF_FILE_LINK;
    if (is_link)
        is_there = zf_file_stat(path, &found);
    if (is_there && found.kind == ZF_FILE_REGULAR) {
        s->recorded->n_looked_at++;
        if (is_wanted(s->recorded, found.n_bytes))
            return add_candidate(s, path, found.n_bytes);
    } else if (is_there && found.kind == ZF_FILE_DIRECTORY && !is_link) {
        status = walk(s, path, depth + 1);
    }
    free(path);
    return status;
}

/** Fails at the directory that was named; notes one below it, as the inputs may be elsewhere. */
static zf_status cannot_open(file_search *s, const char *directory, size_t depth) {
    char why[128];
    if (depth > 0) {
        s->recorded->has_unreadable = true;
        return ZF_OK;
    }
    zf_status status =
        zf_error_set(s->error, ZF_E_INPUT, ZF_DOMAIN_OS,
                     "cannot search the directory for the inputs: %s; give another with `inputs`",
                     strerror_r(errno, why, sizeof why));
    return zf_error_at(s->error, status, directory, NULL, ZF_NO_FID);
}

/** Goes through a directory and those below it, within the limits. */
static zf_status walk(file_search *s, const char *directory, size_t depth) {
    zf_status status = ZF_OK;
    const char *name;
    zf_directory *open = depth <= MAX_DEPTH ? zf_directory_open(directory) : NULL;
    if (depth > MAX_DEPTH)
        s->recorded->is_cut = true;
    else if (open == NULL)
        return cannot_open(s, directory, depth);
    while (open != NULL && status == ZF_OK && (name = zf_directory_next(open)) != NULL) {
        if (s->n_entries++ == MAX_ENTRIES)
            s->recorded->is_cut = true;
        if (s->recorded->is_cut && s->n_entries > MAX_ENTRIES)
            break;
        status = zf_check_cancelled(s->callbacks, s->error);
        if (status == ZF_OK)
            status = look_at(s, directory, name, depth);
    }
    zf_directory_close(open);
    return status;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const candidate *)a)->path, ((const candidate *)b)->path);
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/** Hashes a candidate once; one that cannot be read is noted. */
static zf_status hash(file_search *s, candidate *file) {
    zf_error own = ZF_ERROR_INIT;
    uint64_t n_bytes = 0;
    if (file->is_hashed)
        return ZF_OK;
    file->is_hashed = true;
    zf_status status = zf_hash_file(file->path, s->callbacks, file->sha256, &n_bytes, &own);
    if (status == ZF_E_INPUT) {
        file->is_unreadable = s->recorded->has_unreadable = true;
        return ZF_OK;
    }
    if (status != ZF_OK && s->error != NULL)
        *s->error = own;
    return status;
}

/** Looks for a file among the candidates of its name, or among the others. */
static zf_status find_among(file_search *s, zf_recorded_file *wanted, bool wants_name) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && wanted->found == NULL && i < s->n; i++) {
        candidate *file = &s->candidates[i];
        char *copy = NULL;
        if (file->n_bytes != wanted->n_bytes ||
            (strcmp(name_of(file->path), wanted->name) == 0) != wants_name)
            continue;
        status = hash(s, file);
        if (status != ZF_OK || file->is_unreadable || strcmp(file->sha256, wanted->sha256) != 0)
            continue;
        status = zf_arena_copy(&s->recorded->arena, file->path, strlen(file->path), &copy, s->error);
        wanted->found = copy;
    }
    return status;
}

/** Finds each recorded file among the candidates. */
static zf_status find_all(file_search *s) {
    zf_recorded *recorded = s->recorded;
    zf_status status = ZF_OK;
    qsort(s->candidates, s->n, sizeof *s->candidates, by_path);
    for (size_t i = 0; status == ZF_OK && i < recorded->n_files; i++) {
        zf_progress_report(s->callbacks, "inputs", i, recorded->n_files);
        status = find_among(s, &recorded->files[i], true);
        if (status == ZF_OK)
            status = find_among(s, &recorded->files[i], false);
        recorded->n_missing -= recorded->files[i].found != NULL;
    }
    return status;
}

zf_status zf_recorded_find(zf_recorded *recorded, const char *directory, const zf_callbacks *callbacks,
                           zf_error *error) {
    file_search s = {.recorded = recorded, .callbacks = callbacks, .error = error};
    zf_status status = walk(&s, directory, 0);
    if (status == ZF_OK && s.n > 0)
        status = find_all(&s);
    for (size_t i = 0; i < s.n; i++)
        free(s.candidates[i].path);
    free(s.candidates);
    return status;
}
