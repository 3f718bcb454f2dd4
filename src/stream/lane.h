/* SPDX-License-Identifier: MIT */
/** One thread's share of a reading of the buildings. */
#ifndef ZF_STREAM_LANE_H
#define ZF_STREAM_LANE_H

#include "stream/emit.h"
#include "stream/group_rows.h"
#include "stream/split.h"
#include "stream/stream.h"

typedef struct zf_lane zf_lane;

/** Looks at one building of the batch in lane->kept, and keeps it with the ZIPs that it matters to. */
typedef zf_status (*zf_building_step)(zf_lane *lane, size_t row, zf_error *error);

struct zf_lane {
    const zf_stream_context *context;
    zf_metric *metric; /**< borrowed from the context */
    double half_turn;  /**< zf_crs_half_turn; INFINITY in a plane */
    zf_geos *geos;
    zf_assigner *assigner;
    zf_examiner examiner;
    size_t pass_no; /**< of the reading, from 0 */
    zf_kept_list kept;
    zf_selection selection;
    zf_tally tally;
    zf_building_step look;         /**< zf_assign_building or zf_near_building */
    const zf_halo *halo;           /**< what zf_near_building goes by; borrowed */
    zf_gather_writer *split_notes; /**< of zf_assign_building; NULL when one pass is enough */
    zf_emitter *emitter;
    zf_group_writer *groups; /**< of all kept buildings; NULL when there are no groups */
};

/** Opens the tools of thread `number` and an empty tally. The caller sets look, halo, split_notes,
 * emitter and groups; the latter three become the lane's. On failure there is nothing to close. */
ZF_MUST_USE zf_status zf_lane_open(zf_lane *lane, const zf_stream_context *context, size_t number,
                                   bool has_others, zf_error *error);
/** Drops rows and notes that were not handed over. A lane of zeros is legal. */
void zf_lane_close(zf_lane *lane);
/** Works on one batch: looks at each building, then selects and emits those that were kept. */
ZF_MUST_USE zf_status zf_lane_process(zf_lane *lane, zf_batch *batch, uint64_t first_ordinal,
                                      zf_error *error);
/** Between passes. */
void zf_lane_next_pass(zf_lane *lane);
/** After the last pass: hands rows and notes over. */
ZF_MUST_USE zf_status zf_lane_finish(zf_lane *lane, zf_error *error);

/* ---- one building: examine.c, assign.c, near.c ---- */

/** A building while it is looked at. */
typedef struct zf_building {
    size_t row;
    int64_t fid;
    uint64_t ordinal;    /**< position in the source */
    bool is_seen_before; /**< an earlier pass counted and listed it */
    bool is_split;       /**< some of its ZIPs have their turn in other passes */
    zf_examined footprint;
} zf_building;

/** Reads the building's shape and takes the first look at it. *out_is_usable: so far. What is not usable is
 * counted and listed in the first pass if is_listed. */
ZF_MUST_USE zf_status zf_building_read(zf_lane *lane, size_t row, bool is_listed, zf_building *out,
                                       bool *out_is_usable, zf_error *error);
/** Is its footprint valid, or repaired? Counts and lists what is not, unless is_seen_before. */
ZF_MUST_USE zf_status zf_building_examine(zf_lane *lane, zf_building *building, bool *out_is_usable,
                                          zf_error *error);
/** Counts the building as deferred to later passes, or as met again. */
void zf_building_defer(zf_lane *lane, const zf_envelope *envelope, const zf_candidates *candidates);
/** Keeps the building, measured, with the ZIPs of the assignment. */
ZF_MUST_USE zf_status zf_building_keep(zf_lane *lane, const zf_building *building,
                                       const zf_assignment *assignment, zf_error *error);
/** Adds file, layer and feature to a failure. */
zf_status zf_building_at(const zf_lane *lane, zf_status status, size_t row, zf_error *error);

/** assign.c: keeps a building with the ZIPs that it is assigned to. */
ZF_MUST_USE zf_status zf_assign_building(zf_lane *lane, size_t row, zf_error *error);
/** near.c: keeps a building with the ZIPs that it may be near to without being of them. */
ZF_MUST_USE zf_status zf_near_building(zf_lane *lane, size_t row, zf_error *error);

#endif
