/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"

#include <string.h>

static zf_status grow_scratch(const zf_gather *gather, zf_scratch *scratch, size_t n, zf_error *error) {
    if (n <= scratch->cap)
        return ZF_OK;
    void *bytes = scratch->bytes;
    zf_status st = zf_memory_resize(gather->budget, ZF_MEMORY_GATHER, &bytes, scratch->cap, n, error);
    if (st != ZF_OK)
        return st;
    scratch->bytes = bytes;
    scratch->cap = n;
    return ZF_OK;
}

/* Unread bytes go to the front of the buffer and the rest of it is filled. They begin at a multiple of 8 and
 * keep that. */
static zf_status refill(const zf_gather *gather, zf_stream *stream, zf_error *error) {
    size_t left = stream->n - stream->first;
    memmove(stream->buffer, stream->buffer + stream->first, left);
    stream->first = 0;
    stream->n = left;
    size_t wanted = stream->cap - left;
    if (wanted > stream->end - stream->at)
        wanted = (size_t)(stream->end - stream->at);
    zf_status st = zf_spill_read(gather, stream->at, stream->buffer + left, wanted, error);
    if (st != ZF_OK)
        return st;
    stream->at += wanted;
    stream->n += wanted;
    return ZF_OK;
}

static zf_status take_apart(const zf_gather *gather, zf_stream *stream, size_t n, zf_scratch *scratch,
                            const uint8_t **out, zf_error *error) {
    size_t left = stream->n - stream->first;
    zf_status st = grow_scratch(gather, scratch, n, error);
    if (st != ZF_OK)
        return st;
    memcpy(scratch->bytes, stream->buffer + stream->first, left);
    st = zf_spill_read(gather, stream->at, scratch->bytes + left, n - left, error);
    if (st != ZF_OK)
        return st;
    stream->at += n - left;
    stream->first = stream->n = 0;
    *out = scratch->bytes;
    return ZF_OK;
}

zf_status zf_stream_take(const zf_gather *gather, zf_stream *stream, size_t n, zf_scratch *scratch,
                         const uint8_t **out, zf_error *error) {
    size_t left = stream->n - stream->first;
    if (n > left && n - left > stream->end - stream->at)
        return zf_spill_changed(error);
    if (n > stream->cap)
        return take_apart(gather, stream, n, scratch, out, error);
    if (n > left) {
        zf_status st = refill(gather, stream, error);
        if (st != ZF_OK)
            return st;
    }
    *out = stream->buffer + stream->first;
    stream->first += n;
    return ZF_OK;
}

zf_status zf_stream_skip(zf_stream *stream, uint64_t n, zf_error *error) {
    size_t left = stream->n - stream->first;
    if (n <= left) {
        stream->first += (size_t)n;
        return ZF_OK;
    }
    if (n - left > stream->end - stream->at)
        return zf_spill_changed(error);
    stream->at += n - left;
    stream->first = stream->n = 0;
    return ZF_OK;
}
