/* SPDX-License-Identifier: MIT */
/** Passes over the buildings: one, unless the ZIPs do not fit in memory together. */
#ifndef ZF_STREAM_PASSES_H
#define ZF_STREAM_PASSES_H

#include "stream/stream.h"

typedef struct zf_passes {
    zf_source *buildings;
    const zf_plan *plan;
    size_t batch_rows;
    zf_catalogue *catalogue; /**< its first pass is settled */
    zf_worker *workers;
    size_t n_workers;
    zf_gather *partials; /**< nullable when the catalogue is of one pass */
    zf_margin margin;    /**< how far from a ZIP buildings matter to it, in the CRS */
    const zf_callbacks *callbacks;
} zf_passes;

/**
 * Reads the buildings until every ZIP that some building came near has been looked at. A pass after the first
 * one reads only around its ZIPs where the layer has a spatial index and that is the smaller part of it. Each
 * building that the first pass saw near a ZIP must come again in that ZIP's pass: else ZF_E_INPUT, as the
 * spatial index then does not fit its layer, or the file changed.
 */
ZF_MUST_USE zf_status zf_passes_read(const zf_passes *passes, zf_error *error);
/** The same, and then hands the workers' rows and counts over. */
ZF_MUST_USE zf_status zf_passes_run(const zf_passes *passes, zf_run_counts *counts, zf_error *error);

#endif
