/* SPDX-License-Identifier: MIT */
/* Hashes the content of a table: the values, independent of how SQLite lays them out. */
#include "os/thread.h"
#include "output/output_internal.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 64 * 1024, HEAD_BYTES = 9 };

/** The byte before a value. */
enum { OF_NULL = 0, OF_INTEGER, OF_REAL, OF_TEXT, OF_BLOB, OF_ROW = 0x0A };

/** One buffer is filled while a thread hashes the other. A table that fits into one buffer needs no thread.
 */
struct zf_content {
    zf_sha256 *digest; /**< belongs to the thread while it has something to hash */
    uint8_t *buffer;   /**< being filled */
    size_t n;
    zf_thread thread;
    bool has_thread;
    zf_mutex lock;
    zf_condition changed;
    /* under the lock */
    const uint8_t *full; /**< to hash, n_full bytes; NULL: the thread has nothing to do */
    size_t n_full;
    bool is_ending;
    bool has_failed;
    uint8_t buffers[2][BUFFER_BYTES];
};

zf_status zf_content_create(zf_content **out, zf_error *error) {
    zf_content *content = malloc(sizeof *content); /* pages of the second buffer come when it is used */
    *out = NULL;
    if (content == NULL)
        return zf_error_memory(error, sizeof *content, "the hash of a table");
    memset(content, 0, offsetof(zf_content, buffers));
    content->buffer = content->buffers[0];
    zf_status status = zf_sha256_create(&content->digest, error);
    if (status != ZF_OK) {
        free(content);
        return status;
    }
    zf_mutex_init(&content->lock);
    zf_condition_init(&content->changed);
    *out = content;
    return ZF_OK;
}

static void *hash(void *user) {
    zf_content *content = user;
    zf_mutex_lock(&content->lock);
    for (;;) {
        while (content->full == NULL && !content->is_ending)
            zf_condition_wait(&content->changed, &content->lock);
        if (content->full == NULL)
            break;
        const uint8_t *full = content->full;
        size_t n = content->n_full;
        zf_mutex_unlock(&content->lock);
        bool is_hashed = zf_sha256_add(content->digest, full, n, NULL) == ZF_OK;
        zf_mutex_lock(&content->lock);
        content->has_failed |= !is_hashed;
        content->full = NULL;
        zf_condition_wake_all(&content->changed);
    }
    zf_mutex_unlock(&content->lock);
    return NULL;
}

/* Waits until the thread has hashed its buffer; then the digest is the caller's. */
static zf_status wait(zf_content *content, zf_error *error) {
    if (!content->has_thread)
        return ZF_OK;
    zf_mutex_lock(&content->lock);
    while (content->full != NULL)
        zf_condition_wait(&content->changed, &content->lock);
    bool has_failed = content->has_failed;
    zf_mutex_unlock(&content->lock);
    return has_failed ? zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                                     "OpenSSL's libcrypto refuses to compute SHA-256")
                      : ZF_OK;
}

void zf_content_destroy(zf_content *content) {
    if (content == NULL)
        return;
    if (content->has_thread) {
        zf_mutex_lock(&content->lock);
        content->is_ending = true;
        zf_condition_wake_all(&content->changed);
        zf_mutex_unlock(&content->lock);
        (void)zf_thread_join(&content->thread);
    }
    zf_condition_deinit(&content->changed);
    zf_mutex_deinit(&content->lock);
    zf_sha256_destroy(content->digest);
    free(content);
}

/* Hands the full buffer to the thread. Hashes it directly when no thread can be started. */
static zf_status flush(zf_content *content, zf_error *error) {
    if (!content->has_thread)
        content->has_thread = zf_thread_start(&content->thread, hash, content);
    zf_status status = wait(content, error);
    if (status == ZF_OK && !content->has_thread)
        status = zf_sha256_add(content->digest, content->buffer, content->n, error);
    if (status == ZF_OK && content->has_thread) {
        zf_mutex_lock(&content->lock);
        content->full = content->buffer;
        content->n_full = content->n;
        zf_condition_wake_all(&content->changed);
        zf_mutex_unlock(&content->lock);
        content->buffer = content->buffers[content->buffer == content->buffers[0]];
    }
    content->n = 0;
    return status;
}

/* Appends a kind and a number, most significant byte first. */
static void put_number(zf_content *content, uint8_t kind, uint64_t bits) {
    uint8_t *to = content->buffer + content->n;
    to[0] = kind;
    bits = __builtin_bswap64(bits);
    memcpy(to + 1, &bits, sizeof bits);
    content->n += HEAD_BYTES;
}

static zf_status put_bytes(zf_content *content, uint8_t kind, zf_bytes bytes, zf_error *error) {
    zf_status status = ZF_OK;
    put_number(content, kind, bytes.n);
    if (bytes.n > BUFFER_BYTES - content->n)
        status = flush(content, error);
    if (status == ZF_OK && bytes.n > BUFFER_BYTES) {
        status = wait(content, error);
        return status == ZF_OK ? zf_sha256_add(content->digest, bytes.bytes, bytes.n, error) : status;
    }
    if (status == ZF_OK && bytes.n > 0) {
        memcpy(content->buffer + content->n, bytes.bytes, bytes.n);
        content->n += bytes.n;
    }
    return status;
}

zf_status zf_content_add(zf_content *content, const zf_value *value, zf_error *error) {
    uint64_t bits;
    zf_status status = BUFFER_BYTES - content->n < HEAD_BYTES ? flush(content, error) : ZF_OK;
    if (status != ZF_OK)
        return status;
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        put_number(content, OF_INTEGER, (uint64_t)value->as.integer);
        return ZF_OK;
    case ZF_VALUE_REAL:
        memcpy(&bits, &value->as.real, sizeof bits);
        put_number(content, OF_REAL, bits);
        return ZF_OK;
    case ZF_VALUE_TEXT:
    case ZF_VALUE_BLOB:
        if (value->as.bytes.bytes != NULL)
            return put_bytes(content, value->kind == ZF_VALUE_TEXT ? OF_TEXT : OF_BLOB, value->as.bytes,
                             error);
        break;
    case ZF_VALUE_NULL:
    default:
        break;
    }
    content->buffer[content->n++] = OF_NULL;
    return ZF_OK;
}

zf_status zf_content_end_row(zf_content *content, zf_error *error) {
    zf_status status = content->n == BUFFER_BYTES ? flush(content, error) : ZF_OK;
    content->buffer[content->n++] = OF_ROW;
    return status;
}

zf_status zf_content_finish(zf_content *content, char out_hex[ZF_SHA256_HEX_BYTES], zf_error *error) {
    zf_status status = wait(content, error);
    if (status == ZF_OK)
        status = zf_sha256_add(content->digest, content->buffer, content->n, error);
    content->n = 0;
    return status == ZF_OK ? zf_sha256_finish(content->digest, out_hex, error) : status;
}

bool zf_content_is_key(const char *key) {
    return strncmp(key, ZF_CONTENT_KEY, strlen(ZF_CONTENT_KEY)) == 0;
}
