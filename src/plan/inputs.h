/* SPDX-License-Identifier: MIT */
/** The two layers, and the one CRS they are brought to. */
#ifndef ZF_PLAN_INPUTS_H
#define ZF_PLAN_INPUTS_H

#include "output/rejects.h"
#include "plan/shares.h"
#include "source/source.h"
#include "zone/zone.h"
#include "zonefold/run.h"

typedef struct zf_inputs {
    zf_source *zips;
    zf_source *buildings;
    zf_crs *zips_crs;        /**< what the ZIP layer's coordinates are in */
    zf_crs *crs;             /**< the buildings', and so everything's */
    zf_transform *transform; /**< ZIPs into it; NULL: the same */
    zf_metric *metric;
    bool is_geodesic;
    zf_zone_carried carried; /**< fields of the ZIP layer in zip_summary; borrowed from the plan */
} zf_inputs;

/** Opens both layers, settles their CRS and the way of measuring; options without output are legal. On
 * failure *out is released. */
ZF_MUST_USE zf_status zf_inputs_open(const zf_run_options *options, const zf_callbacks *callbacks,
                                     zf_inputs *out, zf_error *error);
/** Threads to work with: what the options say, or the processors that this process may use, as far as memory
 * goes. */
size_t zf_inputs_threads(const zf_run_options *options);
/**
 * Reads the ZIP layer, warns of what looks wrong about the two layers, and makes the shares fit the largest
 * ZIP.
 * @param rejects nullable: gets the features that are repaired or left out.
 */
ZF_MUST_USE zf_status zf_inputs_load_zips(const zf_inputs *inputs, const zf_run_options *options,
                                          zf_shares *shares, size_t *inout_threads,
                                          const zf_callbacks *callbacks, zf_rejects *rejects,
                                          zf_budget *budget, zf_catalogue **out, zf_error *error);
/**
 * May a later pass read the buildings through the layer's spatial index? Then they are known by their fids,
 * which must differ: a view can have an index too, and features of one fid.
 */
bool zf_inputs_may_filter(const zf_source_info *buildings);

/** Says how many features have an edge around the world, if there are any. */
void zf_inputs_warn_antimeridian(const zf_source_info *layer, uint64_t n, int64_t first,
                                 const zf_callbacks *callbacks);
/** Where the building layer says its buildings are, or NULL. */
const zf_envelope *zf_inputs_buildings_extent(const zf_inputs *inputs);
/** Buildings per batch: what the options say, or as many as fit into their share. */
size_t zf_inputs_batch_rows(const zf_inputs *inputs, const zf_run_options *options, const zf_shares *shares,
                            size_t n_threads);
void zf_inputs_close(zf_inputs *inputs);

/* ---- what looks wrong about the ZIPs (zip_checks.c) ---- */

/** Warns of ZIP ids that differ only by characters that are not seen. Cost: linear, and for each such id once
 * more. */
void zf_inputs_warn_alike_ids(const zf_inputs *inputs, const zf_catalogue *catalogue,
                              const zf_callbacks *callbacks);
/** Warns if there are more ZIPs than buildings, and they are as small as houses. */
void zf_inputs_warn_swapped(const zf_inputs *inputs, const zf_catalogue *catalogue,
                            const zf_callbacks *callbacks);

/** What to add where the two layers do not meet, but would if x and y of one were swapped. */
#define ZF_AXES_SWAPPED                                                                                      \
    "; they would meet if x and y of one layer were swapped: it probably has the latitudes first "           \
    "(SwapCoords() of SpatiaLite swaps them)"

/* ---- whether the coordinates fit the CRS and the measure (crs_checks.c) ---- */

/** Drops the transformation if it moves nothing by more than 1 mm over the ZIP layer's extent (of the
 * buildings, if that is not known): both CRS are then the same under two names. */
void zf_inputs_drop_negligible_transform(zf_inputs *inputs, const zf_callbacks *callbacks);
/** ZF_E_INPUT if the layers have no CRS, all coordinates could be degrees, and the options do not say that
 * they are of a plane. Empty extents could be anything. */
ZF_MUST_USE zf_status zf_inputs_check_degrees(const zf_inputs *inputs, const zf_run_options *options,
                                              const zf_envelope *zips, const zf_envelope *buildings,
                                              zf_error *error);
/** Warns of each layer whose CRS is projected, although all its coordinates could be degrees. zips is in the
 * buildings' CRS; buildings is nullable: not known yet. */
void zf_inputs_warn_degrees(const zf_inputs *inputs, const zf_run_options *options, const zf_envelope *zips,
                            const zf_envelope *buildings, const zf_callbacks *callbacks);
/** Warns if one layer has longitudes beyond 180 degrees and the other counts negative ones instead. Both
 * extents are in the buildings' CRS. */
void zf_inputs_warn_longitudes(const zf_inputs *inputs, const zf_envelope *zips, const zf_envelope *buildings,
                               const zf_callbacks *callbacks);
/** Warns if the buildings' CRS distorts areas by more than 1 % in the ZIPs. ZF_E_MEMORY is the only failure.
 */
ZF_MUST_USE zf_status zf_inputs_warn_areal_scale(const zf_inputs *inputs, const zf_run_options *options,
                                                 const zf_catalogue *catalogue, const zf_callbacks *callbacks,
                                                 zf_error *error);

#endif
