/* SPDX-License-Identifier: MIT */
#include "pipeline/hashes.h"

#include <stdlib.h>

static bool is_given_up(void *user) {
    zf_hashes *h = user;
    if (atomic_load(&h->is_given_up))
        return true;
    return h->callbacks != NULL && h->callbacks->is_cancelled != NULL && h->callbacks->is_cancelled(h->callbacks->user);
}

static void *hash_all(void *arg) {
    zf_hashes *h = arg;
    for (size_t i = 0; h->status == ZF_OK && i < h->n; i++)
        h->status = zf_hash_file(h->files[i].path, &h->own, h->files[i].hex, &h->files[i].n_bytes, &h->error);
    return NULL;
}

zf_status zf_hashes_start(zf_hashes *hashes, zf_source *zips, zf_source *buildings, bool is_threaded,
                          const zf_callbacks *callbacks, zf_error *error) {
    const char *const *names[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    *hashes = (zf_hashes){.callbacks = callbacks, .own = {.is_cancelled = is_given_up, .user = hashes}, .error = ZF_ERROR_INIT};
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
        for (size_t i = 0; i < n[source]; i++)
            hashes->files[hashes->n++].path = names[source][i];
    hashes->is_started = is_threaded && pthread_create(&hashes->thread, NULL, hash_all, hashes) == 0;
    return ZF_OK;
}

static void join(zf_hashes *hashes) {
    if (hashes->is_started && !hashes->is_joined)
        pthread_join(hashes->thread, NULL);
    hashes->is_joined = true;
}

zf_status zf_hashes_finish(zf_hashes *hashes, zf_error *error) {
    if (hashes->is_started)
        join(hashes);
    else
        hash_all(hashes);
    if (hashes->status != ZF_OK && error != NULL)
        *error = hashes->error;
    return hashes->status;
}

void zf_hashes_deinit(zf_hashes *hashes) {
    atomic_store(&hashes->is_given_up, true);
    join(hashes);
    free(hashes->files);
    hashes->files = NULL;
    hashes->n = 0;
}
