/* SPDX-License-Identifier: MIT */
/* How far each important building is from the nearest other one of its ZIP, centroid to centroid. */
#include "analysis/analysis.h"

#include <math.h>

enum { NN_M = 0, NN_FID, N_BUILDING_COLUMNS };

static const zf_column zip_columns[] = {
    {"nn_mean_m", ZF_FIELD_REAL},
    {"nn_median_m", ZF_FIELD_REAL},
    {"nn_min_m", ZF_FIELD_REAL},
    {"nn_max_m", ZF_FIELD_REAL},
};
static const zf_stat zip_stats[] = {
    {ZF_STAT_MEAN, 0}, {ZF_STAT_MEDIAN, 0}, {ZF_STAT_MIN, 0}, {ZF_STAT_MAX, 0}};
enum { N_ZIP_COLUMNS = sizeof zip_columns / sizeof zip_columns[0] };
_Static_assert(sizeof zip_stats / sizeof zip_stats[0] == N_ZIP_COLUMNS, "one statistic per column");

static const zf_column building_columns[N_BUILDING_COLUMNS] = {
    [NN_M] = {"nn_m", ZF_FIELD_REAL},
    [NN_FID] = {"nn_fid", ZF_FIELD_INTEGER},
};

static const zf_analysis_cell building_cells[N_BUILDING_COLUMNS] = {
    [NN_M] = ZF_CELL_NUMBER,
    [NN_FID] = ZF_CELL_ROW,
};

/* A building alone in its ZIP has no neighbour, and no distance. */
static void clear_infinite(double *distance_m, size_t n) {
    if (n == 1)
        distance_m[0] = NAN;
}

static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    (void)job;
    zf_arena_mark mark = zf_arena_get_mark(input->arena);
    double *distance_m = out->building_columns[NN_M];
    zf_status status = ZF_OK;
    if (distance_m == NULL)
        status = zf_arena_take(input->arena, input->n, sizeof *distance_m, &distance_m, error);
    if (status == ZF_OK)
        status = zf_points_nearest_all(input->points, distance_m, out->building_columns[NN_FID],
                                       input->callbacks, error);
    if (status == ZF_OK) {
        clear_infinite(distance_m, input->n);
        status = zf_stats_of_numbers(distance_m, input->n, zip_stats, N_ZIP_COLUMNS, input->arena,
                                     out->zip_values, error);
    }
    zf_arena_rewind(input->arena, mark);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "analysis nearest");
}

/* What the median takes, and the distances where they are not kept. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    size_t for_median = zf_stats_scratch_bytes(n, zip_stats, N_ZIP_COLUMNS);
    return for_median + (has_building_columns ? 0 : n * sizeof(double));
}

const zf_analysis zf_analysis_nearest = {
    .name = "nearest",
    .summary =
        "distance from each important building to the nearest other one of its ZIP, centroid to centroid",
    .needs = ZF_NEEDS_POINTS,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .building_cells = building_cells,
    .n_building_columns = N_BUILDING_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
