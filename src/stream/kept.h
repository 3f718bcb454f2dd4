/* SPDX-License-Identifier: MIT */
/** The buildings of one batch that belong to at least one ZIP, until their rows are emitted. */
#ifndef ZF_STREAM_KEPT_H
#define ZF_STREAM_KEPT_H

#include "zone/zone.h"

/** A building and some of its ZIPs. */
typedef struct zf_kept {
    size_t row;        /**< of the batch */
    size_t first_zone; /**< in the list's zones */
    size_t n_zones;
    zf_bytes repaired;                 /**< footprint after repair, in the list's arena; NULL: the source's */
    double measures[ZF_MEASURE_KINDS]; /**< those of the plan are filled */
} zf_kept;

typedef struct zf_kept_list {
    zf_budget *budget;
    zf_arena arena;         /**< repaired footprints and computed values; emptied after each batch */
    zf_batch *batch;        /**< the current one; borrowed */
    uint64_t first_ordinal; /**< position in the source of its first building */
    zf_kept *items;
    size_t n, cap;
    uint32_t *zones; /**< zone numbers of all items, one after the other */
    size_t n_zones, cap_zones;
} zf_kept_list;

void zf_kept_list_init(zf_kept_list *list, zf_budget *budget);
void zf_kept_list_deinit(zf_kept_list *list);
/** Empties the list for another batch and takes room for one item per row, so that adding seldom allocates.
 */
ZF_MUST_USE zf_status zf_kept_list_begin(zf_kept_list *list, zf_batch *batch, uint64_t first_ordinal,
                                         zf_error *error);
/**
 * Adds a building with its ZIPs, and measures it. Where the assignment has shares it is added once for each
 * ZIP, as expressions may use the share.
 * @param measures  bits of the measures to take.
 * @param repaired  in the list's arena; bytes NULL: the footprint is the source's.
 */
ZF_MUST_USE zf_status zf_kept_list_add(zf_kept_list *list, size_t row, const zf_wkb *wkb, zf_bytes repaired,
                                       const zf_assignment *assignment, zf_metric *metric, unsigned measures,
                                       zf_error *error);
/** The footprint of an item, after repair. */
ZF_MUST_USE zf_status zf_kept_wkb(zf_kept_list *list, const zf_kept *kept, zf_wkb *out, zf_error *error);

#endif
