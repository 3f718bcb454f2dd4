/* SPDX-License-Identifier: MIT */
/** SHA-256 of files. */
#ifndef ZF_OS_HASH_H
#define ZF_OS_HASH_H

#include "base/base.h"

/** The same of an open file, from where it stands to its end; fd stays open. path is for messages. */
ZF_MUST_USE zf_status zf_hash_fd(int fd, const char *path, const zf_callbacks *callbacks,
                                 char out_hex[ZF_SHA256_HEX_BYTES], uint64_t *out_bytes, zf_error *error);
/** SHA-256 of a file as lower-case hex. ZF_E_INPUT when it cannot be read. Asks callbacks about cancelling.
 */
ZF_MUST_USE zf_status zf_hash_file(const char *path, const zf_callbacks *callbacks,
                                   char out_hex[ZF_SHA256_HEX_BYTES], uint64_t *out_bytes, zf_error *error);

#endif
