/* SPDX-License-Identifier: MIT */
/** The two layers, and the one CRS they are brought to. */
#ifndef ZF_PIPELINE_INPUTS_H
#define ZF_PIPELINE_INPUTS_H

#include "pipeline/shares.h"
#include "source/source.h"
#include "zonefold/run.h"

typedef struct zf_inputs {
    zf_source *zips;
    zf_source *buildings;
    zf_crs *zips_crs;        /**< what the ZIP layer's coordinates are in */
    zf_crs *crs;             /**< the buildings', and so everything's */
    zf_transform *transform; /**< ZIPs into it; NULL: the same */
    zf_metric *metric;
    bool is_geodesic;
} zf_inputs;

/** Opens both layers, settles their CRS and the way of measuring. On failure *out is released. */
ZF_MUST_USE zf_status zf_inputs_open(const zf_run_options *options, const zf_callbacks *callbacks,
                                     zf_inputs *out, zf_error *error);
/** Warns when the ZIPs (in the buildings' CRS) and the buildings lie apart. */
void zf_inputs_check_extents(const zf_inputs *inputs, const zf_envelope *zips, const zf_callbacks *callbacks);
/** Where the building layer says its buildings are, or NULL. */
const zf_envelope *zf_inputs_buildings_extent(const zf_inputs *inputs);
/** Buildings per batch: what the options say, or as many as fit into their share. */
size_t zf_inputs_batch_rows(const zf_inputs *inputs, const zf_run_options *options, const zf_shares *shares,
                            size_t n_threads);
void zf_inputs_close(zf_inputs *inputs);

#endif
