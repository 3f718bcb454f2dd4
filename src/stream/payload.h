/* SPDX-License-Identifier: MIT */
/** What travels with a gathered row for the writer: the carried values and the footprint, as bytes. */
#ifndef ZF_STREAM_PAYLOAD_H
#define ZF_STREAM_PAYLOAD_H

#include "memory/memory.h"

/** A reused buffer. */
typedef struct zf_payload {
    zf_budget *budget;
    uint8_t *bytes;
    size_t n, cap;
} zf_payload;

void zf_payload_init(zf_payload *payload, zf_budget *budget);
void zf_payload_deinit(zf_payload *payload);
static inline void zf_payload_clear(zf_payload *payload) {
    payload->n = 0;
}
ZF_MUST_USE zf_status zf_payload_append_value(zf_payload *payload, const zf_value *value, zf_error *error);
ZF_MUST_USE zf_status zf_payload_append_bytes(zf_payload *payload, zf_bytes bytes, zf_error *error);

/** Reads n values off the front; what is left (the footprint) is *out_rest. Everything is borrowed from
 * bytes. */
void zf_payload_read(zf_bytes bytes, size_t n, zf_value *out_values, zf_bytes *out_rest);

#endif
