/* SPDX-License-Identifier: MIT */
/**
 * Reads the buildings: examines each, assigns it to ZIPs, selects the important ones, and emits what the ZIPs
 * need of them.
 */
#ifndef ZF_STREAM_H
#define ZF_STREAM_H

#include "gather/gather.h"
#include "plan/plan.h"
#include "plan/shares.h"
#include "stream/tally.h"
#include "stream/totals.h"

/** What all threads share. Everything is borrowed for the stream's life, and only the catalogue changes: its
 * passes are the stream's to advance. */
typedef struct zf_stream_context {
    const zf_run_options *options;
    const zf_plan *plan;
    const zf_shares *shares;
    zf_catalogue *catalogue;
    zf_source *buildings;
    const zf_crs *crs;           /**< of the buildings */
    const zf_envelope *expected; /**< extent of the buildings; NULL: not known */
    bool has_unique_fids;        /**< zf_inputs_may_filter */
    zf_metric *const *metrics;   /**< n_threads */
    size_t n_threads;            /**< >= 1 */
    size_t batch_rows;
    zf_reject_sink reject; /**< takes repaired and skipped buildings; called from several threads */
    void *reject_user;
    const zf_callbacks *callbacks;
    zf_budget *budget;
} zf_stream_context;

/** What reading left for the ZIPs. Owned by the stream. */
typedef struct zf_stream_result {
    const zf_tally *tally;
    zf_gather *rows;                /**< of the important buildings; NULL when totals are taken instead */
    const zf_totals *const *totals; /**< n_totals, one per thread; NULL when rows are gathered */
    size_t n_totals;
    zf_gather *groups; /**< rows of zf_plan_groups (group_rows.h); NULL when there are no groups */
    zf_gather *others; /**< rows of buildings near each ZIP; NULL when no analysis looks beyond its ZIP */
    const zf_halo_count *other_counts; /**< likewise, per zone number */
} zf_stream_result;

typedef struct zf_stream zf_stream;

/** Settles the first pass, and opens the threads' tools and emitters. Reads nothing. */
ZF_MUST_USE zf_status zf_stream_open(const zf_stream_context *context, zf_stream **out, zf_error *error);
/**
 * Reads the buildings, in as many passes as the ZIPs need; and once more where analyses look beyond their
 * ZIP, for the buildings near each. Ends the catalogue's passes.
 * @param out_result valid until zf_stream_close. The gathers are sealed.
 * @return the first failure of any thread; the others stop at their next batch. ZF_E_INPUT, too, when a
 * deferred building does not reappear: the layer's spatial index does not fit it, or the file has changed.
 */
ZF_MUST_USE zf_status zf_stream_read(zf_stream *stream, zf_stream_result *out_result, zf_error *error);
void zf_stream_close(zf_stream *stream); /**< NULL is legal */

#endif
