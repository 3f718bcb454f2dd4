/* SPDX-License-Identifier: MIT */
/* SHA-256, by OpenSSL's libcrypto. */
#include "base/base.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct zf_sha256 {
    EVP_MD_CTX *context;
};

static zf_status refused(zf_error *error) {
    return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                        "OpenSSL's libcrypto refuses to compute SHA-256");
}

static zf_status begin(zf_sha256 *digest, zf_error *error) {
    return EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1 ? ZF_OK : refused(error);
}

zf_status zf_sha256_create(zf_sha256 **out, zf_error *error) {
    zf_sha256 *digest = calloc(1, sizeof *digest);
    *out = NULL;
    if (digest == NULL)
        return zf_error_memory(error, sizeof *digest, "a SHA-256");
    digest->context = EVP_MD_CTX_new();
    zf_status status = digest->context != NULL ? begin(digest, error) : refused(error);
    if (status != ZF_OK) {
        zf_sha256_destroy(digest);
        return status;
    }
    *out = digest;
    return ZF_OK;
}

void zf_sha256_destroy(zf_sha256 *digest) {
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

zf_status zf_sha256_add(zf_sha256 *digest, const void *bytes, size_t n, zf_error *error) {
    return EVP_DigestUpdate(digest->context, bytes, n) == 1 ? ZF_OK : refused(error);
}

static void to_hex(const unsigned char *bytes, unsigned n, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

zf_status zf_sha256_finish(zf_sha256 *digest, char out_hex[ZF_SHA256_HEX_BYTES], zf_error *error) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n_hash = 0;
    if (EVP_DigestFinal_ex(digest->context, hash, &n_hash) != 1 || n_hash * 2 + 1 != ZF_SHA256_HEX_BYTES)
        return refused(error);
    to_hex(hash, n_hash, out_hex);
    return begin(digest, error);
}
