/* SPDX-License-Identifier: MIT */
/** All buildings through the workers, one thread each: batches are read in turn and processed side by side.
 */
#ifndef ZF_STREAM_H
#define ZF_STREAM_H

#include "stream/worker.h"

/**
 * Reads the source to its end, once.
 * @param workers    n_workers >= 1, ready; the first one's work is done by the calling thread.
 * @return the first failure of any worker; the others stop at their next batch.
 */
ZF_MUST_USE zf_status zf_stream_run(zf_source *source, const zf_source_query *query, zf_worker *workers,
                                    size_t n_workers, zf_error *error);
/** After the last reading: each worker's rows are handed over and its counts added to *counts. */
ZF_MUST_USE zf_status zf_stream_finish(zf_worker *workers, size_t n_workers, zf_run_counts *counts,
                                       zf_error *error);

#endif
