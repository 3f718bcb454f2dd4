/* SPDX-License-Identifier: MIT */
/**
 * The values by which a building is grouped, as bytes whose order is SQLite's order of the values: NULL, then
 * numbers, then texts bytewise, then blobs. Equal values give equal bytes, also 0 and -0. The values of a
 * column are all integers or all reals, as the types of fields and computed columns guarantee.
 */
#ifndef ZF_STREAM_GROUP_KEY_H
#define ZF_STREAM_GROUP_KEY_H

#include "stream/payload.h"

/** Appends one value. NaN is NULL. */
ZF_MUST_USE zf_status zf_group_key_append(zf_payload *key, const zf_value *value, zf_error *error);
/**
 * Reads n values back.
 * @param scratch key.n bytes: takes texts and blobs, which the values borrow.
 */
void zf_group_key_read(zf_bytes key, size_t n, uint8_t *scratch, zf_value *out);

#endif
