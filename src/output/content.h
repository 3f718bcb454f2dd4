/* SPDX-License-Identifier: MIT */
/** The hash of a table's content. */
#ifndef ZF_OUTPUT_CONTENT_H
#define ZF_OUTPUT_CONTENT_H

#include "base/base.h"

/**
 * SHA-256 of a table's content, independent of the layout of its pages: of the column names as a row of
 * texts, then of each row in rowid order. A value is a byte for its kind (0 NULL, 1 integer, 2 real, 3 text,
 * 4 blob), then 8 bytes, most significant first: the integer, the bits of the double, or the number of bytes,
 * which follow. NULL is the one byte. Each row ends with a byte 10.
 */
typedef struct zf_content zf_content;
ZF_MUST_USE zf_status zf_content_create(zf_content **out, zf_error *error);
void zf_content_destroy(zf_content *content); /**< NULL is legal */
ZF_MUST_USE zf_status zf_content_add(zf_content *content, const zf_value *value, zf_error *error);
ZF_MUST_USE zf_status zf_content_end_row(zf_content *content, zf_error *error);
/** Returns the hash and starts over. */
ZF_MUST_USE zf_status zf_content_finish(zf_content *content, char out_hex[ZF_SHA256_HEX_BYTES],
                                        zf_error *error);
/** Keys of run_info that hold hashes begin with this: "content_sha256.zip_summary". Without a table's name it
 * is the hash of all hashes. The hash of run_info itself leaves out the rows of such keys. */
#define ZF_CONTENT_KEY "content_sha256"
bool zf_content_is_key(const char *key);

#endif
