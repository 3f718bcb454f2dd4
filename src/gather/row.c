/* SPDX-License-Identifier: MIT */
#include "gather_internal.h"

#include <string.h>

static bool round_up_8(size_t n, size_t *out) {
    if (!zf_size_add(n, 7, &n))
        return false;
    *out = n & ~(size_t)7;
    return true;
}

/** Bytes of body and of the whole row; false when it is too large. */
static bool measure(const zf_gather *gather, const zf_gather_row *row, size_t *out_body, size_t *out_total) {
    size_t body = gather->row.n_cells * sizeof(zf_cell) + gather->row.n_texts * sizeof(uint32_t);
    for (size_t t = 0; t < gather->row.n_texts; t++) {
        if (row->texts[t].bytes == NULL)
            continue;
        if (row->texts[t].n >= ZF_ROW_NO_TEXT || !zf_size_add(body, row->texts[t].n, &body))
            return false;
    }
    size_t payload = row->payload.bytes == NULL ? 0 : row->payload.n;
    size_t total;
    if (!round_up_8(body, &body) || body > UINT32_MAX ||
        !zf_size_add(sizeof(zf_row_head) + body, payload, &total) || !round_up_8(total, &total))
        return false;
    *out_body = body;
    *out_total = total;
    return true;
}

zf_status zf_row_measure(const zf_gather *gather, const zf_gather_row *row, size_t *out_body,
                         size_t *out_total, zf_error *error) {
    if (measure(gather, row, out_body, out_total))
        return ZF_OK;
    return zf_error_at(
        error,
        zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                     "cannot gather a building whose texts take 4 GiB or more; leave those fields out"),
        NULL, NULL, row->fid);
}

/** Appends n bytes. memcpy with a NULL source is undefined even for 0 bytes. */
static uint8_t *put(uint8_t *at, const void *bytes, size_t n) {
    if (n > 0)
        memcpy(at, bytes, n);
    return at + n;
}

void zf_row_encode(const zf_gather *gather, const zf_gather_row *row, size_t body_n, uint8_t *out) {
    bool has_payload = row->payload.bytes != NULL;
    zf_row_head head = {row->fid, row->ordinal, has_payload ? row->payload.n : ZF_ROW_NO_PAYLOAD, row->rank,
                        (uint32_t)body_n};
    uint8_t *at = put(out, &head, sizeof head);
    uint8_t *end = at + body_n;
    at = put(at, row->cells, gather->row.n_cells * sizeof(zf_cell));
    for (size_t t = 0; t < gather->row.n_texts; t++) {
        uint32_t n = row->texts[t].bytes == NULL ? ZF_ROW_NO_TEXT : (uint32_t)row->texts[t].n;
        at = put(at, &n, sizeof n);
    }
    for (size_t t = 0; t < gather->row.n_texts; t++)
        if (row->texts[t].bytes != NULL)
            at = put(at, row->texts[t].bytes, row->texts[t].n);
    memset(at, 0, (size_t)(end - at));
    if (has_payload)
        put(end, row->payload.bytes, row->payload.n);
}

zf_status zf_row_decode_body(const zf_gather *gather, const uint8_t *body, size_t body_n,
                             const zf_cell **out_cells, zf_bytes *texts, zf_error *error) {
    const uint8_t *lengths = body + gather->row.n_cells * sizeof(zf_cell);
    size_t at = gather->row.n_cells * sizeof(zf_cell) + gather->row.n_texts * sizeof(uint32_t);
    bool fits = at <= body_n;
    for (size_t t = 0; fits && t < gather->row.n_texts; t++) {
        uint32_t n;
        memcpy(&n, lengths + t * sizeof n, sizeof n);
        texts[t].bytes = n == ZF_ROW_NO_TEXT ? NULL : body + at;
        texts[t].n = n == ZF_ROW_NO_TEXT ? 0 : n;
        at += texts[t].n;
        fits = at <= body_n;
    }
    if (!fits)
        return zf_spill_changed(error);
    *out_cells = (const zf_cell *)(const void *)body;
    return ZF_OK;
}

static zf_bytes key_of(const zf_row_key *key, const uint8_t *body) {
    uint32_t n = 0;
    memcpy(&n, body + key->length_at, sizeof n);
    return (zf_bytes){body + key->bytes_at, n};
}

int64_t zf_row_key_first(const zf_row_key *key, const uint8_t *body) {
    const zf_bytes bytes = key_of(key, body);
    uint64_t first = 0;
    for (size_t i = 0; i < sizeof first; i++)
        first = first << 8 | (i < bytes.n ? bytes.bytes[i] : 0);
    return (int64_t)(first ^ UINT64_C(1) << 63);
}

int zf_row_compare_keyed(const zf_row_key *key, const uint8_t *body_a, const zf_row_head *head_a,
                         const uint8_t *body_b, const zf_row_head *head_b) {
    const zf_bytes a = key_of(key, body_a), b = key_of(key, body_b);
    const int order = memcmp(a.bytes, b.bytes, a.n < b.n ? a.n : b.n);
    if (order != 0)
        return order;
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    if (head_a->fid != head_b->fid)
        return head_a->fid < head_b->fid ? -1 : 1;
    return (head_a->ordinal > head_b->ordinal) - (head_a->ordinal < head_b->ordinal);
}
