/* SPDX-License-Identifier: MIT */
/* SHA-256 of files: what an input was, wherever it lay. */
#include "os/hash.h"

#include "os/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 1024 * 1024 };

static zf_status cannot_hash(const char *path, int code, zf_error *error) {
    char buffer[128];
    zf_status status = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_OS,
                                    "cannot read the file to take its SHA-256: %s; check its name "
                                    "and permissions",
                                    strerror_r(code, buffer, sizeof buffer));
    return zf_error_at(error, status, path, NULL, ZF_NO_FID);
}

/* Feeds the whole file to the digest. */
static zf_status digest_file(int fd, const char *path, const zf_callbacks *callbacks, zf_sha256 *digest,
                             uint64_t *out_bytes, zf_error *error) {
    zf_status status = ZF_OK;
    uint8_t *buffer = malloc(READ_BYTES);
    if (buffer == NULL)
        return zf_error_memory(error, READ_BYTES, "a read buffer");
    *out_bytes = 0;
    while ((status = zf_check_cancelled(callbacks, error)) == ZF_OK) {
        ptrdiff_t n = zf_file_read(fd, buffer, READ_BYTES);
        if (n < 0)
            status = cannot_hash(path, errno, error);
        else if (n > 0)
            status = zf_sha256_add(digest, buffer, (size_t)n, error);
        if (n <= 0 || status != ZF_OK)
            break;
        *out_bytes += (uint64_t)n;
    }
    free(buffer);
    return status;
}

zf_status zf_hash_fd(int fd, const char *path, const zf_callbacks *callbacks,
                     char out_hex[ZF_SHA256_HEX_BYTES], uint64_t *out_bytes, zf_error *error) {
    zf_sha256 *digest = NULL;
    zf_status status = zf_sha256_create(&digest, error);
    if (status == ZF_OK)
        status = digest_file(fd, path, callbacks, digest, out_bytes, error);
    if (status == ZF_OK)
        status = zf_sha256_finish(digest, out_hex, error);
    zf_sha256_destroy(digest);
    return status;
}

zf_status zf_hash_file(const char *path, const zf_callbacks *callbacks, char out_hex[ZF_SHA256_HEX_BYTES],
                       uint64_t *out_bytes, zf_error *error) {
    int fd = zf_file_open(path);
    if (fd < 0)
        return cannot_hash(path, errno, error);
    zf_status status = zf_hash_fd(fd, path, callbacks, out_hex, out_bytes, error);
    (void)zf_file_close(fd);
    return status;
}
