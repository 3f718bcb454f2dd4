/* SPDX-License-Identifier: MIT */
/** Threads that prepare ZIPs side by side. */
#ifndef ZF_PERZIP_POOL_H
#define ZF_PERZIP_POOL_H

#include "perzip/zip.h"

/**
 * Works on all ZIPs: the pool's threads load and compute them, the calling thread writes them in rank order.
 * @param out_is_started false when not one thread could be created; nothing was done then.
 * @return the first failure; it ends the others' work, too.
 */
ZF_MUST_USE zf_status zf_pool_run(const zf_perzip *perzip, bool *out_is_started, zf_error *error);

#endif
