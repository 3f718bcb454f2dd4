/* SPDX-License-Identifier: MIT */
/**
 * What becomes of a building that passes all conditions. Each thread has an emitter of its own; which kind it
 * is depends on what the plan needs, and is chosen when the stream is opened.
 */
#ifndef ZF_STREAM_EMIT_H
#define ZF_STREAM_EMIT_H

#include "gather/gather.h"
#include "stream/selection.h"
#include "stream/tally.h"
#include "stream/totals.h"

typedef struct zf_emitter zf_emitter;

/** What an emitter can do. */
typedef struct zf_emitter_class {
    /** Takes an important building of the last zf_selection_run, for each of its ZIPs. */
    zf_status (*emit)(zf_emitter *emitter, const zf_selection *selection, const zf_kept *kept,
                      zf_error *error);
    /** After the last building: hands over what it holds. */
    zf_status (*finish)(zf_emitter *emitter, zf_error *error);
    /** Frees the emitter, and drops what was not handed over. */
    void (*close)(zf_emitter *emitter);
} zf_emitter_class;

/** The head of each implementation. */
struct zf_emitter {
    const zf_emitter_class *class;
};

/** What the three kinds share; borrowed for the emitter's life. */
typedef struct zf_emit_options {
    const zf_plan *plan;
    bool has_footprints; /**< footprints travel with the rows (zf_plan_has_footprints) */
    zf_budget *budget;
    zf_tally *tally;
} zf_emit_options;

/** emit_rows.c: gathers a row for each ZIP; counts the sizes of footprints where an analysis needs them. */
ZF_MUST_USE zf_status zf_emit_rows_open(const zf_emit_options *options, zf_gather *rows, zf_emitter **out,
                                        zf_error *error);
/** emit_totals.c: adds the numbers to the ZIPs' totals, which are borrowed. */
ZF_MUST_USE zf_status zf_emit_totals_open(const zf_emit_options *options, zf_totals *totals, zf_emitter **out,
                                          zf_error *error);
/** emit_halo.c: gathers a row for each ZIP that the building is near to: centroid and footprint where the
 * plan's halo needs them. Counts rows and sizes in tally->others. */
ZF_MUST_USE zf_status zf_emit_halo_open(const zf_emit_options *options, zf_gather *rows, zf_emitter **out,
                                        zf_error *error);
/** A gather for n_writers of the last. */
ZF_MUST_USE zf_status zf_emit_halo_gather(const zf_plan *plan, size_t n_writers, size_t share_bytes,
                                          const char *temp_dir, zf_budget *budget, zf_gather **out,
                                          zf_error *error);

#endif
