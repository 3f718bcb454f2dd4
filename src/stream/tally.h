/* SPDX-License-Identifier: MIT */
/** What is counted while the buildings are read. Each thread has a tally of its own; they are merged. */
#ifndef ZF_STREAM_TALLY_H
#define ZF_STREAM_TALLY_H

#include "stream/area_sum.h"
#include "stream/areas.h"
#include "stream/unread.h"

/** Buildings of one ZIP. */
typedef struct zf_zip_count {
    uint64_t buildings;         /**< assigned to it */
    uint64_t crossing;          /**< not assigned, but the interiors meet */
    uint64_t n_rings, n_points; /**< of the important buildings' footprints, where an analysis needs them */
    zf_area_sum built_m2;       /**< of the buildings assigned to it; of their parts in it under `share` */
    int64_t n_deferred;         /**< met in the first pass and not yet again in the ZIP's own pass */
} zf_zip_count;

/** How far a ZIP's own buildings may reach beyond it. */
typedef struct zf_overhang {
    bool has_own; /**< buildings of its own */
    double x, y;  /**< of those not surely inside it: the widest and the highest envelope */
} zf_overhang;

/** Rows gathered of the buildings near one ZIP, its own among them. */
typedef struct zf_halo_count {
    uint64_t n;
    uint64_t n_rings, n_points; /**< of their footprints, where an analysis needs them */
} zf_halo_count;

/** Buildings with an edge of more than half a turn around the world. */
typedef struct zf_antimeridian_count {
    uint64_t n;
    uint64_t first_ordinal; /**< position in the source of the first of them */
    int64_t first_fid;
} zf_antimeridian_count;

/** Not movable: it holds exact sums. */
typedef struct zf_tally {
    size_t n_zips, n_conditions;
    zf_run_counts counts;
    zf_zip_count *zips; /**< n_zips */
    uint64_t *n_passed; /**< n_conditions: (building, ZIP) pairs that passed it and all before it */
    zf_areas areas;     /**< under the rule `share` */
    zf_antimeridian_count antimeridian;
    zf_envelope extent;            /**< of the usable buildings */
    double deferred_x, deferred_y; /**< sides of the largest envelope of a deferred building */
    zf_overhang *overhangs;        /**< n_zips; NULL when no analysis looks beyond its ZIP */
    zf_halo_count *others;         /**< n_zips; NULL unless buildings near ZIPs are gathered */
    zf_unread_list unread;         /**< per expression of the plan */
    uint64_t n_invalid_others;     /**< invalid buildings near a ZIP whose envelope meets no ZIP's */
} zf_tally;

/** ZF_E_MEMORY leaves nothing to deinit. */
ZF_MUST_USE zf_status zf_tally_init(zf_tally *tally, size_t n_zips, size_t n_conditions, bool has_overhangs,
                                    bool has_others, zf_error *error);
void zf_tally_deinit(zf_tally *tally);
/** Adds `from` to `into`, and sets it to zero. Both were initialised alike. */
void zf_tally_merge(zf_tally *into, zf_tally *from);

/** Counts one building whose ZIPs are all known. */
void zf_tally_count_building(zf_tally *tally, size_t n_assigned, size_t n_crossing);
/** Counts a building that crosses the antimeridian. */
void zf_tally_count_antimeridian(zf_tally *tally, int64_t fid, uint64_t ordinal);

#endif
