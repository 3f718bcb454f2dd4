/* SPDX-License-Identifier: MIT */
/** One reading of all buildings, in as many passes as the ZIPs need. */
#ifndef ZF_STREAM_READING_H
#define ZF_STREAM_READING_H

#include "stream/lane.h"

typedef struct zf_reading {
    const zf_stream_context *context;
    zf_lane *lanes;   /**< context->n_threads, open; borrowed */
    zf_margin margin; /**< how far from a ZIP buildings matter to it, in the CRS */
} zf_reading;

/**
 * Reads until every ZIP that some building came near has had its pass, and hands the lanes' rows over. A pass
 * after the first reads only around its ZIPs where the layer has a spatial index and that is the smaller part
 * of it. The catalogue's first pass must be settled.
 * @param tally  takes what the lanes have counted.
 * @return failures of zf_stream_read.
 */
ZF_MUST_USE zf_status zf_reading_run(const zf_reading *reading, zf_tally *tally, zf_error *error);

/* ---- threads.c ---- */

/** One pass: batches are read in turn and processed side by side, the first lane by the calling thread. */
ZF_MUST_USE zf_status zf_threads_read(zf_source *source, const zf_source_query *query, zf_lane *lanes,
                                      size_t n_lanes, zf_error *error);
/** zf_lane_finish of all lanes, side by side: sorting the gathered rows is work, too. */
ZF_MUST_USE zf_status zf_threads_finish(zf_lane *lanes, size_t n_lanes, zf_error *error);

#endif
