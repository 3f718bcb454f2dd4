/* SPDX-License-Identifier: MIT */
/** How `memory_bytes` is divided, and the least that a run can work with. */
#ifndef ZF_PLAN_SHARES_H
#define ZF_PLAN_SHARES_H

#include "base/base.h"

/** What is taken when the options name no limit. */
#define ZF_DEFAULT_MEMORY_BYTES ((size_t)256 << 20)

/**
 * Bytes for each use, out of limit_bytes. While buildings are read: batches, polygons and grids of the ZIPs, gathered
 * rows, the writer. Afterwards the grids are gone, and the ZIPs that are being analysed take their place.
 */
typedef struct zf_shares {
    size_t limit_bytes;
    size_t batch_bytes;   /**< all batches of buildings at a time */
    size_t store_bytes;   /**< polygons of the ZIPs; the others wait in a temporary file */
    size_t grid_bytes;    /**< grids of the ZIPs of a pass */
    size_t other_bytes;   /**< grids of ZIPs of other passes, and the edges near large buildings */
    size_t gather_bytes;  /**< rows; the others wait in a temporary file */
    size_t group_bytes;   /**< rows of the groups; 0 when there are none */
    size_t halo_bytes;    /**< rows of buildings near ZIPs of others, where analyses look at them: while they
                             are found, no ZIP of another pass is needed */
    size_t flight_bytes;  /**< ZIPs that are prepared ahead of their turn */
    size_t sink_bytes;    /**< the writer's, and what threads need besides */
    bool has_queries;     /**< sink_bytes holds what the process of the user's SELECTs may hold */
} zf_shares;

/** limit_bytes 0: the default. */
zf_shares zf_shares_divide(size_t limit_bytes, size_t n_threads);
/** Adds the process of the user's SELECTs to the writer's part, if there is one, and sets aside the part of the groups'
 * rows, if there are groups. Once. */
void zf_shares_reserve(zf_shares *shares, bool has_queries, bool has_groups);
/**
 * The grid of the largest ZIP, of n_points vertices, must fit beside the rest, once as one of the pass and once as one
 * of another pass: their shares grow as needed.
 * @return ZF_E_MEMORY, naming the least that would do, when they cannot.
 */
ZF_MUST_USE zf_status zf_shares_fit_zone(zf_shares *shares, size_t n_threads, uint32_t n_points,
                                         zf_error *error);
/** Threads that are not too many for the limit (0: the default): each needs buffers of its own. */
size_t zf_shares_most_threads(size_t limit_bytes);
/** Buildings per batch: as many as fit, of n_bytes each on average, up to the number beyond which it is no
 * faster. */
size_t zf_shares_batch_rows(const zf_shares *shares, size_t n_threads, uint64_t n_bytes_per_row);

#endif
