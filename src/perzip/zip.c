/* SPDX-License-Identifier: MIT */
#include "perzip/zip.h"

#include "os/process.h"

#include <math.h>

/** A small ZIP takes little more than it needs. */
enum { CHUNK_BYTES = 4 * 1024 };

/** Whether footprints of a zone are compared in local planes, as its frame is too large for one plane. */
static bool has_heights(const zf_perzip *perzip, size_t zone, zf_metric *metric) {
    const zf_envelope *envelope = &zf_catalogue_zone(perzip->catalogue, zone)->envelope;
    zf_frame frame;
    return perzip->plan->analyses.needs & ZF_NEEDS_FOOTPRINTS &&
           zf_metric_frame(metric, envelope, &frame, NULL) == ZF_OK &&
           zf_frame_is_large(&frame, metric, envelope, fmax(perzip->plan->analyses.halo.metres, 0));
}

zf_zip_size zf_zip_size_of(const zf_perzip *perzip, size_t zone, zf_metric *metric) {
    const zf_perzip_input *in = &perzip->input;
    const zf_zip_count *count = &in->counts[zone];
    zf_zip_size size = {.n = in->rows != NULL ? zf_gather_rows(in->rows, (uint32_t)zone + 1) : 0,
                        .n_rings = (size_t)count->n_rings,
                        .n_points = (size_t)count->n_points};
    if (in->other_counts != NULL) {
        const zf_halo_count *others = &in->other_counts[zone];
        size.n_others = (size_t)others->n;
        size.n_rings += (size_t)others->n_rings;
        size.n_points += (size_t)others->n_points;
    }
    size.has_heights = size.n > 0 && has_heights(perzip, zone, metric);
    return size;
}

void zf_zip_init(zf_zip_work *work, const zf_perzip *perzip, size_t zone, zf_metric *metric) {
    *work = (zf_zip_work){.perzip = perzip,
                          .zone = zf_catalogue_zone(perzip->catalogue, zone),
                          .metric = metric,
                          .size = zf_zip_size_of(perzip, zone, metric)};
    if (perzip->output.timeline != NULL) {
        work->live_before_bytes = zf_process_live_bytes();
        zf_budget_reset_peak(perzip->budget);
    }
    zf_arena_init(&work->arenas.statistics, perzip->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_arena_init(&work->arenas.analyses, perzip->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_arena_init(&work->arenas.index, perzip->budget, ZF_MEMORY_INDEX, CHUNK_BYTES);
    zf_arena_init(&work->arenas.result, perzip->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    work->collecting = (zf_collecting){.statistics = &perzip->plan->statistics,
                                       .layout = &perzip->plan->layout,
                                       .budget = perzip->budget,
                                       .result = &work->arenas.result,
                                       .columns = &work->arenas.statistics,
                                       .analyses = &work->arenas.analyses};
}

/* Between two samples of the process, the budget knows the most that zonefold itself has held. */
void zf_zip_sample_memory(zf_zip_work *work) {
    zf_budget *budget = work->perzip->budget;
    if (work->perzip->output.timeline == NULL)
        return;
    size_t live = zf_process_live_bytes();
    live += atomic_load(&budget->peak_bytes) - atomic_load(&budget->total_bytes);
    zf_budget_reset_peak(budget);
    if (live > work->live_peak_bytes)
        work->live_peak_bytes = live;
}

zf_status zf_zip_within(const zf_zip_work *work, zf_status status, zf_error *error) {
    return status == ZF_OK ? status : zf_error_within(error, status, "ZIP '%s'", work->zone->zip);
}

void zf_zip_release(zf_zip_work *work) {
    for (size_t i = 0; work->results.tables != NULL && i < work->perzip->plan->analyses.n; i++)
        zf_analysis_rows_close(&work->results.tables[i]);
    work->results.tables = NULL;
    zf_zip_statistics_release(work);
    zf_arena_release(&work->arenas.index);
    zf_arena_release(&work->arenas.analyses);
    zf_arena_release(&work->arenas.statistics);
    zf_arena_release(&work->arenas.result);
}
