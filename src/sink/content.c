/* SPDX-License-Identifier: MIT */
/* The content of a table as bytes to hash: what it says, not how SQLite lays it out. */
#include "sink/sink_internal.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 32 * 1024, HEAD_BYTES = 9 };

/** What stands in front of a value. */
enum { OF_NULL = 0, OF_INTEGER, OF_REAL, OF_TEXT, OF_BLOB, OF_ROW = 0x0A };

struct zf_content {
    zf_sha256 *digest;
    size_t n;
    uint8_t buffer[BUFFER_BYTES];
};

zf_status zf_content_create(zf_content **out, zf_error *error) {
    zf_content *content = malloc(sizeof *content);
    *out = NULL;
    if (content == NULL)
        return zf_error_memory(error, sizeof *content, "the hash of a table");
    content->n = 0;
    zf_status status = zf_sha256_create(&content->digest, error);
    if (status != ZF_OK) {
        free(content);
        return status;
    }
    *out = content;
    return ZF_OK;
}

void zf_content_destroy(zf_content *content) {
    if (content == NULL)
        return;
    zf_sha256_destroy(content->digest);
    free(content);
}

static zf_status flush(zf_content *content, zf_error *error) {
    zf_status status = zf_sha256_add(content->digest, content->buffer, content->n, error);
    content->n = 0;
    return status;
}

/* Most significant byte first. */
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
    if (status == ZF_OK && bytes.n > BUFFER_BYTES)
        return zf_sha256_add(content->digest, bytes.bytes, bytes.n, error);
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
    zf_status status = flush(content, error);
    return status == ZF_OK ? zf_sha256_finish(content->digest, out_hex, error) : status;
}

bool zf_content_is_key(const char *key) {
    return strncmp(key, ZF_CONTENT_KEY, strlen(ZF_CONTENT_KEY)) == 0;
}
