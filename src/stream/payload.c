/* SPDX-License-Identifier: MIT */
#include "stream/payload.h"

#include <string.h>

void zf_payload_init(zf_payload *payload, zf_budget *budget) {
    *payload = (zf_payload){.budget = budget};
}

void zf_payload_deinit(zf_payload *payload) {
    zf_memory_free(payload->budget, ZF_MEMORY_BATCH, payload->bytes, payload->cap);
    *payload = (zf_payload){0};
}

zf_status zf_payload_append_bytes(zf_payload *payload, zf_bytes bytes, zf_error *error) {
    size_t wanted = 0;
    if (!zf_size_add(payload->n, bytes.n, &wanted))
        return zf_error_memory(error, bytes.n, "one building's values");
    if (wanted > payload->cap) {
        size_t cap = wanted < 512 ? 1024 : 2 * wanted;
        void *ptr = payload->bytes;
        zf_status st = zf_memory_resize(payload->budget, ZF_MEMORY_BATCH, &ptr, payload->cap, cap, error);
        if (st != ZF_OK)
            return st;
        payload->bytes = ptr;
        payload->cap = cap;
    }
    if (bytes.n > 0)
        memcpy(payload->bytes + payload->n, bytes.bytes, bytes.n);
    payload->n = wanted;
    return ZF_OK;
}

zf_status zf_payload_append_value(zf_payload *payload, const zf_value *value, zf_error *error) {
    uint8_t head[9] = {(uint8_t)value->kind};
    switch (value->kind) {
    case ZF_VALUE_NULL:
        return zf_payload_append_bytes(payload, (zf_bytes){head, 1}, error);
    case ZF_VALUE_INTEGER:
        memcpy(head + 1, &value->as.integer, 8);
        return zf_payload_append_bytes(payload, (zf_bytes){head, 9}, error);
    case ZF_VALUE_REAL:
        memcpy(head + 1, &value->as.real, 8);
        return zf_payload_append_bytes(payload, (zf_bytes){head, 9}, error);
    default: {
        uint64_t n = value->as.bytes.n;
        memcpy(head + 1, &n, 8);
        zf_status st = zf_payload_append_bytes(payload, (zf_bytes){head, 9}, error);
        return st == ZF_OK ? zf_payload_append_bytes(payload, value->as.bytes, error) : st;
    }
    }
}

static size_t read_value(const uint8_t *bytes, zf_value *out) {
    *out = (zf_value){.kind = (zf_value_kind)bytes[0]};
    switch (out->kind) {
    case ZF_VALUE_NULL:
        return 1;
    case ZF_VALUE_INTEGER:
        memcpy(&out->as.integer, bytes + 1, 8);
        return 9;
    case ZF_VALUE_REAL:
        memcpy(&out->as.real, bytes + 1, 8);
        return 9;
    default: {
        uint64_t n = 0;
        memcpy(&n, bytes + 1, 8);
        out->as.bytes = (zf_bytes){bytes + 9, (size_t)n};
        return 9 + (size_t)n;
    }
    }
}

void zf_payload_read(zf_bytes bytes, size_t n, zf_value *out_values, zf_bytes *out_rest) {
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += read_value(bytes.bytes + at, &out_values[i]);
    *out_rest = bytes.n == at ? (zf_bytes){NULL, 0} : (zf_bytes){bytes.bytes + at, bytes.n - at};
}
