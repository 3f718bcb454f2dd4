/* SPDX-License-Identifier: MIT */
/** Texts that number() and metres() could not read, per expression of the plan. */
#ifndef ZF_STREAM_UNREAD_H
#define ZF_STREAM_UNREAD_H

#include "plan/plan.h"

/** Of one expression. */
typedef struct zf_unread {
    uint64_t n;                    /**< buildings, once for each of their ZIPs; of zip_computes, ZIPs */
    int64_t fid;                   /**< the lowest of them */
    char example[ZF_UNREAD_BYTES]; /**< its text */
} zf_unread;

/** Zero-initialise. */
typedef struct zf_unread_list {
    zf_unread *items;
    size_t n;
} zf_unread_list;

/** One item for each of n expressions. */
ZF_MUST_USE zf_status zf_unread_init(zf_unread_list *list, size_t n, zf_error *error);
void zf_unread_deinit(zf_unread_list *list);
/** Counts a building of n_zips ZIPs. */
void zf_unread_add(zf_unread *one, uint64_t n_zips, int64_t fid, const char *example);
/** Adds `from` to `into`, and sets it to zero. */
void zf_unread_merge(zf_unread_list *into, zf_unread_list *from);
/** Warns of each expression with such texts; of several that read the same columns, of the one with most. */
void zf_unread_warn(const zf_unread_list *list, const zf_plan *plan, const zf_callbacks *callbacks);

#endif
