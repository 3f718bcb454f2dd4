/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"

#include <string.h>

zf_status zf_scratch_grow(const zf_gather *gather, zf_scratch *scratch, size_t n, zf_error *error) {
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

/** Moves the unread bytes to the front of the buffer and fills the rest. Their alignment to 8 bytes is kept.
 */
static zf_status refill(const zf_gather *gather, zf_section_reader *section, zf_error *error) {
    size_t left = section->n - section->first;
    memmove(section->buffer, section->buffer + section->first, left);
    section->first = 0;
    section->n = left;
    size_t wanted = section->cap - left;
    if (wanted > section->end - section->at)
        wanted = (size_t)(section->end - section->at);
    zf_status st = zf_spill_read(gather, section->at, section->buffer + left, wanted, error);
    if (st != ZF_OK)
        return st;
    section->at += wanted;
    section->n += wanted;
    return ZF_OK;
}

/** Takes more bytes than the buffer holds, through scratch. */
static zf_status take_apart(const zf_gather *gather, zf_section_reader *section, size_t n,
                            zf_scratch *scratch, const uint8_t **out, zf_error *error) {
    size_t left = section->n - section->first;
    zf_status st = zf_scratch_grow(gather, scratch, n, error);
    if (st != ZF_OK)
        return st;
    memcpy(scratch->bytes, section->buffer + section->first, left);
    st = zf_spill_read(gather, section->at, scratch->bytes + left, n - left, error);
    if (st != ZF_OK)
        return st;
    section->at += n - left;
    section->first = section->n = 0;
    *out = scratch->bytes;
    return ZF_OK;
}

zf_status zf_section_take(const zf_gather *gather, zf_section_reader *section, size_t n, zf_scratch *scratch,
                          const uint8_t **out, zf_error *error) {
    size_t left = section->n - section->first;
    if (n > left && n - left > section->end - section->at)
        return zf_spill_changed(error);
    if (n > section->cap)
        return take_apart(gather, section, n, scratch, out, error);
    if (n > left) {
        zf_status st = refill(gather, section, error);
        if (st != ZF_OK)
            return st;
    }
    *out = section->buffer + section->first;
    section->first += n;
    return ZF_OK;
}

zf_status zf_section_skip(zf_section_reader *section, uint64_t n, zf_error *error) {
    size_t left = section->n - section->first;
    if (n <= left) {
        section->first += (size_t)n;
        return ZF_OK;
    }
    if (n - left > section->end - section->at)
        return zf_spill_changed(error);
    section->at += n - left;
    section->first = section->n = 0;
    return ZF_OK;
}
