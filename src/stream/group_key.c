/* SPDX-License-Identifier: MIT */
#include "stream/group_key.h"

#include <math.h>
#include <string.h>

/* A value is a tag and, unless it is NULL, 8 bytes of a number, highest first, or a text. A text ends with
 * END END; an END within it is followed by ESCAPED, so that a text comes before those that it begins. */
enum { TAG_NULL = 0, TAG_INTEGER, TAG_REAL, TAG_TEXT, TAG_BLOB };
enum { END = 0, ESCAPED = 1, NUMBER_BYTES = 8 };

static const uint64_t sign_bit = UINT64_C(1) << 63;

/** Bits of a double, not NaN, in the order of the numbers. */
static uint64_t bits_of(double number) {
    uint64_t bits = 0;
    const double zero_or_number = number + 0.0; /* -0 becomes 0 */
    memcpy(&bits, &zero_or_number, sizeof bits);
    return bits & sign_bit ? ~bits : bits | sign_bit;
}

static double number_of(uint64_t ordered) {
    const uint64_t bits = ordered & sign_bit ? ordered & ~sign_bit : ~ordered;
    double number = 0;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static zf_status append_number(zf_payload *key, uint8_t tag, uint64_t ordered, zf_error *error) {
    uint8_t bytes[1 + NUMBER_BYTES] = {tag};
    for (int i = 0; i < NUMBER_BYTES; i++)
        bytes[1 + i] = (uint8_t)(ordered >> (56 - 8 * i));
    return zf_payload_append_bytes(key, (zf_bytes){bytes, sizeof bytes}, error);
}

static zf_status append_text(zf_payload *key, uint8_t tag, zf_bytes text, zf_error *error) {
    static const uint8_t escaped[] = {END, ESCAPED}, end[] = {END, END};
    zf_status st = zf_payload_append_bytes(key, (zf_bytes){&tag, 1}, error);
    while (st == ZF_OK && text.n > 0) {
        const uint8_t *zero = memchr(text.bytes, END, text.n);
        const size_t n = zero != NULL ? (size_t)(zero - text.bytes) : text.n;
        st = zf_payload_append_bytes(key, (zf_bytes){text.bytes, n}, error);
        if (st == ZF_OK && zero != NULL)
            st = zf_payload_append_bytes(key, (zf_bytes){escaped, sizeof escaped}, error);
        text.bytes += n + (zero != NULL);
        text.n -= n + (zero != NULL);
    }
    return st == ZF_OK ? zf_payload_append_bytes(key, (zf_bytes){end, sizeof end}, error) : st;
}

zf_status zf_group_key_append(zf_payload *key, const zf_value *value, zf_error *error) {
    const uint8_t null[] = {TAG_NULL};
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        return append_number(key, TAG_INTEGER, (uint64_t)value->as.integer ^ sign_bit, error);
    case ZF_VALUE_REAL:
        if (!isnan(value->as.real))
            return append_number(key, TAG_REAL, bits_of(value->as.real), error);
        break;
    case ZF_VALUE_TEXT:
        return append_text(key, TAG_TEXT, value->as.bytes, error);
    case ZF_VALUE_BLOB:
        return append_text(key, TAG_BLOB, value->as.bytes, error);
    case ZF_VALUE_NULL:
        break;
    }
    return zf_payload_append_bytes(key, (zf_bytes){null, sizeof null}, error);
}

/** Reads a text into *scratch, which moves on; returns the bytes of the key that it takes. */
static size_t read_text(const uint8_t *bytes, uint8_t **scratch, zf_bytes *out) {
    uint8_t *to = *scratch;
    size_t at = 0;
    while (bytes[at] != END || bytes[at + 1] != END) {
        *to++ = bytes[at];
        at += bytes[at] == END ? 2 : 1;
    }
    *out = (zf_bytes){*scratch, (size_t)(to - *scratch)};
    *scratch = to;
    return at + 2;
}

static uint64_t read_number(const uint8_t *bytes) {
    uint64_t ordered = 0;
    for (int i = 0; i < NUMBER_BYTES; i++)
        ordered = ordered << 8 | bytes[i];
    return ordered;
}

void zf_group_key_read(zf_bytes key, size_t n, uint8_t *scratch, zf_value *out) {
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        zf_bytes text = {NULL, 0};
        const uint8_t tag = key.bytes[at++];
        out[i] = zf_value_null();
        if (tag == TAG_INTEGER)
            out[i] = zf_value_integer((int64_t)(read_number(key.bytes + at) ^ sign_bit));
        else if (tag == TAG_REAL)
            out[i] = zf_value_real(number_of(read_number(key.bytes + at)));
        else if (tag != TAG_NULL) {
            at += read_text(key.bytes + at, &scratch, &text);
            out[i] = zf_value_bytes(tag == TAG_TEXT ? ZF_VALUE_TEXT : ZF_VALUE_BLOB, text);
        }
        at += tag == TAG_INTEGER || tag == TAG_REAL ? NUMBER_BYTES : 0;
    }
}
