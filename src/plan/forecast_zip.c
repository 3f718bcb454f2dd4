/* SPDX-License-Identifier: MIT */
/* Memory that one ZIP takes while its statistics and analyses are computed. */
#include "plan/forecast.h"

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static bool is_kept(const zf_plan *plan, size_t slot) {
    return (plan->layout.slots[slot].uses & ZF_USED_BY_ANALYSIS) != 0;
}

/** Columns that only the statistics need, and scratch of the statistics that takes most. */
static size_t statistics_bytes(const zf_plan_statistics *statistics, const zf_row_layout *layout, size_t n) {
    size_t columns = 0, scratch = 0;
    for (size_t c = 0; c < layout->n_numbers; c++)
        columns += (layout->slots[c].uses & (ZF_USED_AS_COLUMN | ZF_USED_BY_ANALYSIS)) == ZF_USED_AS_COLUMN
                       ? n * sizeof(double)
                       : 0;
    for (size_t i = 0; i < statistics->n; i++)
        if (zf_field_type_is_number(statistics->requests[i].type))
            scratch = larger(scratch, (statistics->is_weighted ? 2 : 1) *
                                          zf_stats_scratch_bytes(n, statistics->requests[i].stats,
                                                                 statistics->requests[i].n_stats));
    return columns + scratch;
}

/** Positions, footprints and columns, from loading until the analyses are done. */
static size_t kept_bytes(const zf_plan *plan, const zf_zip_size *size) {
    size_t n_others = plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS ? size->n_others : 0;
    size_t kept = plan->analyses.needs & ZF_NEEDS_POINTS ? 3 * zf_points_room(size->n) * sizeof(double) : 0;
    if (plan->analyses.halo.needs & ZF_NEEDS_POINTS)
        kept += 3 * zf_points_room(size->n_others) * sizeof(double);
    if (plan->analyses.halo.is_needed)
        kept += size->n * sizeof(uint64_t); /* positions in the source */
    if (plan->analyses.needs & ZF_NEEDS_FOOTPRINTS)
        kept += zf_footprints_bytes(size->n + n_others, size->n_rings, size->n_points) +
                (size->has_heights ? size->n_points * sizeof(double) : 0);
    if (plan->analyses.needs & ZF_NEEDS_CRS)
        kept += 2 * size->n_points * sizeof(double);
    for (size_t c = 0; c < plan->layout.n_numbers; c++)
        kept += is_kept(plan, c) ? size->n * sizeof(double) : 0;
    return kept;
}

/** Finished indexes. */
static size_t indexes_bytes(unsigned needs, size_t n) {
    size_t points = needs & ZF_NEEDS_POINTS ? zf_points_bytes(n) : 0;
    return points + (needs & ZF_NEEDS_FOOTPRINTS ? zf_index_bytes(n) : 0);
}

/** Indexes and what building them takes: that of boxes is built beside the finished one of points. */
static size_t building_bytes(unsigned needs, size_t n) {
    size_t points = needs & ZF_NEEDS_POINTS ? zf_points_bytes(n) : 0;
    size_t most = needs & ZF_NEEDS_POINTS ? zf_points_build_bytes(n) : 0;
    return needs & ZF_NEEDS_FOOTPRINTS ? larger(most, points + zf_index_build_bytes(n)) : most;
}

/** All indexes, and the analysis that takes most beside the results of those before it. */
static size_t analyses_bytes(const zf_plan *plan, const zf_zip_size *size) {
    bool has_columns = zf_plan_has_analysis_columns(plan);
    size_t results = 0, most = 0;
    for (size_t i = 0; i < plan->analyses.n; i++) {
        const zf_analysis_job *job = &plan->analyses.jobs[i];
        const zf_analysis *analysis = job->analysis;
        for (size_t c = 0; has_columns && c < analysis->n_building_columns; c++)
            results += size->n * zf_analysis_cell_bytes(analysis->building_columns[c].producer);
        results += analysis->table.name != NULL ? ZF_ANALYSIS_ROWS_BYTES : 0;
        size_t n_seen = zf_analysis_job_halo_m(job) >= 0 ? size->n + size->n_others : size->n;
        most = larger(most, results + analysis->scratch_bytes(job, n_seen, has_columns));
    }
    return most + indexes_bytes(plan->analyses.needs, size->n) +
           indexes_bytes(plan->analyses.halo.needs, size->n_others);
}

size_t zf_forecast_zip_bytes(const zf_plan *plan, const zf_zip_size *size) {
    if (!plan->needs_rows && size->n == 0) /* no rows were gathered */
        return 0;
    size_t fids = zf_plan_needs_fids(plan) ? (size->n + size->n_others) * sizeof(int64_t) : 0;
    size_t most = statistics_bytes(&plan->statistics, &plan->layout, size->n);
    most = larger(most, building_bytes(plan->analyses.needs, size->n));
    most = larger(most, indexes_bytes(plan->analyses.needs, size->n) +
                            building_bytes(plan->analyses.halo.needs, size->n_others));
    if (plan->analyses.n > 0)
        most = larger(most, analyses_bytes(plan, size));
    /* a ZIP's groups are taken when its analyses are done: what they needed is released, their results are not */
    size_t groups = plan->groups.n_fields > 0
                        ? statistics_bytes(&plan->groups.statistics, &plan->groups.layout, size->n)
                        : 0;
    return fids + larger(kept_bytes(plan, size), groups) + most;
}
