/* SPDX-License-Identifier: MIT */
#include "run/hashes.h"
#include "os/file.h"
#include "os/hash.h"
#include "os/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_given_up(void *user) {
    zf_hashes *h = user;
    if (atomic_load(&h->is_given_up))
        return true;
    return h->callbacks != NULL && h->callbacks->is_cancelled != NULL &&
           h->callbacks->is_cancelled(h->callbacks->user);
}

static void *hash_all(void *arg) {
    zf_hashes *h = arg;
    for (size_t i = 0; h->status == ZF_OK && i < h->n; i++)
        h->status = zf_hash_fd(h->files[i].fd, h->files[i].path, &h->own, h->files[i].hex,
                               &h->files[i].n_bytes, &h->error);
    return NULL;
}

static zf_status open_file(zf_hashed_file *file, zf_error *error) {
    char buffer[128];
    file->fd = zf_file_open(file->path);
    if (file->fd >= 0)
        return ZF_OK;
    zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS, "cannot read the file to take its SHA-256: %s",
                 strerror_r(errno, buffer, sizeof buffer));
    return zf_error_at(error, ZF_E_INPUT, file->path, NULL, ZF_NO_FID);
}

zf_status zf_hashes_start(zf_hashes *hashes, zf_source *zips, zf_source *buildings, bool is_threaded,
                          const zf_callbacks *callbacks, zf_error *error) {
    const char *const *names[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    *hashes = (zf_hashes){
        .callbacks = callbacks, .own = {.is_cancelled = is_given_up, .user = hashes}, .error = ZF_ERROR_INIT};
    zf_status st = zf_source_files(zips, &names[0], &n[0], error);
    if (st == ZF_OK)
        st = zf_source_files(buildings, &names[1], &n[1], error);
    if (st != ZF_OK)
        return st;
    hashes->files = calloc(n[0] + n[1] + 1, sizeof *hashes->files);
    if (hashes->files == NULL)
        return zf_error_memory(error, (n[0] + n[1]) * sizeof *hashes->files, "the list of input files");
    hashes->n_zips = n[0];
    for (int source = 0; source < 2; source++)
        for (size_t i = 0; st == ZF_OK && i < n[source]; i++) {
            zf_hashed_file *file = &hashes->files[hashes->n++];
            *file = (zf_hashed_file){.path = names[source][i], .fd = -1};
            st = open_file(file, error);
        }
    if (st != ZF_OK)
        return st;
    hashes->is_started = is_threaded && zf_thread_start(&hashes->thread, hash_all, hashes);
    return ZF_OK;
}

zf_status zf_hashes_finish(zf_hashes *hashes, zf_error *error) {
    if (hashes->is_started)
        (void)zf_thread_join(&hashes->thread);
    else
        hash_all(hashes);
    if (hashes->status != ZF_OK && error != NULL)
        *error = hashes->error;
    return hashes->status;
}

void zf_hashes_stop(zf_hashes *hashes) {
    atomic_store(&hashes->is_given_up, true);
    (void)zf_thread_join(&hashes->thread);
}

void zf_hashes_deinit(zf_hashes *hashes) {
    zf_hashes_stop(hashes);
    for (size_t i = 0; i < hashes->n; i++)
        (void)zf_file_close(hashes->files[i].fd);
    free(hashes->files);
    hashes->files = NULL;
    hashes->n = 0;
}
