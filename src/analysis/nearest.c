/* SPDX-License-Identifier: MIT */
/* The distance from each important building to the nearest other one of its ZIP, between centroids or edges.
 */
#include "analysis/analysis_internal.h"

#include <math.h>

enum { METRIC = 0, HALO_M, N_PARAMETERS };
enum { CENTROID = 0, EDGE };

static const zf_parameter_word metrics[] = {
    [CENTROID] = {"centroid", "", "neighbour"}, [EDGE] = {"edge", "_edge", "wall"}};
static const zf_parameter parameters[N_PARAMETERS] = {
    [METRIC] = {.name = "metric",
                .kind = ZF_PARAMETER_CHOICE,
                .by_default = "centroid",
                .words = metrics,
                .n_words = sizeof metrics / sizeof metrics[0],
                .help =
                    "between centroids, or between the edges of footprints (0 if they touch or overlap); the "
                    "names of columns then begin with nn_edge"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

enum { NN_M = 0, NN_FID, N_BUILDING_COLUMNS };

static const zf_result_column zip_columns[] = {
    {.name = "nn{metric}_mean_m",
     .type = ZF_FIELD_REAL,
     .label = "Nearest {metric}: mean",
     .unit = "m",
     .definition = "mean distance of the ZIP's important buildings to their nearest neighbour, in metres",
     .null_when = "if no building has a neighbour"},
    {.name = "nn{metric}_median_m",
     .type = ZF_FIELD_REAL,
     .label = "Nearest {metric}: median",
     .unit = "m",
     .definition = "median of these distances, in metres",
     .null_when = "if no building has a neighbour"},
    {.name = "nn{metric}_min_m",
     .type = ZF_FIELD_REAL,
     .label = "Nearest {metric}: minimum",
     .unit = "m",
     .definition = "smallest of these distances, in metres",
     .null_when = "if no building has a neighbour"},
    {.name = "nn{metric}_max_m",
     .type = ZF_FIELD_REAL,
     .label = "Nearest {metric}: maximum",
     .unit = "m",
     .definition = "largest of these distances, in metres",
     .null_when = "if no building has a neighbour"},
};
static const zf_stat zip_stats[] = {
    {ZF_STAT_MEAN, 0}, {ZF_STAT_MEDIAN, 0}, {ZF_STAT_MIN, 0}, {ZF_STAT_MAX, 0}};
enum { N_ZIP_COLUMNS = sizeof zip_columns / sizeof zip_columns[0] };
_Static_assert(sizeof zip_stats / sizeof zip_stats[0] == N_ZIP_COLUMNS, "one statistic per column");

static const zf_result_column building_columns[N_BUILDING_COLUMNS] = {
    [NN_M] = {.name = "nn{metric}_m",
              .type = ZF_FIELD_REAL,
              .label = "Nearest {metric}",
              .unit = "m",
              .definition = "distance to the nearest other important building, in metres",
              .null_when = "for a building that has none: alone in its ZIP, and none within halo_m",
              .producer = ZF_CELL_NUMBER},
    [NN_FID] = {.name = "nn{metric}_fid",
                .type = ZF_FIELD_INTEGER,
                .label = "Nearest {metric} (fid)",
                .definition = "feature id of that building, of equally near ones the lowest",
                .null_when = "likewise",
                .producer = ZF_CELL_ROW},
};

/** State of the search: the nearest building of each so far, and how far to look beyond the ZIP. */
typedef struct nearest {
    const zf_analysis_input *input;
    double halo_m; /**< negative: not at all */
    double *distance_m;
    uint32_t *row; /**< NULL: not needed */
    uint32_t from; /**< the building whose neighbours are compared */
} nearest;

/* ---- between footprints ---- */

/** Keeps a footprint of the ZIP if it is nearer, or as near with a lower row. */
static bool compare_own(void *user, uint32_t other) {
    const nearest *s = user;
    double *best_m = &s->distance_m[s->from];
    uint32_t *best = &s->row[s->from];
    if (other == s->from)
        return true;
    double distance_m = zf_footprints_distance_m(s->input->footprints, s->from, other, *best_m);
    if (distance_m < *best_m || (distance_m == *best_m && other < *best)) {
        *best_m = distance_m;
        *best = other;
    }
    return true;
}

/** Finds the nearest footprint of the ZIP. The distance to the building that is nearest by centroids bounds
 * the window. */
static zf_status find_nearest_footprint(void *user, uint32_t row, zf_error *error) {
    nearest *s = user;
    const zf_footprints *footprints = s->input->footprints;
    (void)error;
    s->from = row;
    s->distance_m[row] = zf_footprints_distance_m(footprints, row, s->row[row], INFINITY);
    zf_envelope window = zf_window_around(&footprints->boxes[row], s->distance_m[row]);
    zf_index_window(s->input->boxes, &window, compare_own, s);
    return ZF_OK;
}

/* ---- beyond the ZIP ---- */

/** Keeps another building if it is nearer, or as near with a lower fid. */
static bool compare_other(void *user, uint32_t other, double distance_m) {
    const nearest *s = user;
    const int64_t *fids = s->input->fids;
    double *best_m = &s->distance_m[s->from];
    bool is_tied = distance_m == *best_m && s->row != NULL;
    if (distance_m < *best_m || (is_tied && fids[other] < fids[s->row[s->from]])) {
        *best_m = distance_m;
        if (s->row != NULL)
            s->row[s->from] = other;
    }
    return true;
}

/** Compares the nearest building beyond the ZIP, by centroids. */
static void look_beyond_by_centroids(void *user, uint32_t row, const double *xyz_m) {
    nearest *s = user;
    uint32_t other = ZF_NO_ROW;
    s->from = row;
    double limit_m = fmin(s->halo_m, s->distance_m[row]);
    double distance_m = zf_points_nearest_to(s->input->other_points, xyz_m, limit_m, &other);
    if (other != ZF_NO_ROW)
        (void)compare_other(s, (uint32_t)s->input->n + other, distance_m);
}

/** Compares the buildings beyond the ZIP that are nearer than the best so far, by edges. */
static zf_status look_beyond_by_edges(void *user, uint32_t row, zf_error *error) {
    nearest *s = user;
    (void)error;
    s->from = row;
    zf_near_others(s->input, row, fmin(s->halo_m, s->distance_m[row]), compare_other, s);
    return ZF_OK;
}

/* ---- the analysis ---- */

static bool is_by_edges(const zf_analysis_job *job) {
    return job->arguments[METRIC].word == EDGE;
}

/** Finds the nearest building of each, among those of the ZIP and then beyond it. */
static zf_status find_all(nearest *s, bool by_edges, zf_error *error) {
    const zf_analysis_input *input = s->input;
    bool looks_beyond = s->halo_m >= 0 && input->n_others > 0;
    zf_status status = zf_points_nearest_all(input->points, s->distance_m, s->row, input->callbacks, error);
    if (status == ZF_OK && by_edges && input->n > 1)
        status = zf_each_row(input, find_nearest_footprint, s, error);
    if (status == ZF_OK && looks_beyond)
        status = by_edges
                     ? zf_each_row(input, look_beyond_by_edges, s, error)
                     : zf_points_each(input->points, look_beyond_by_centroids, s, input->callbacks, error);
    /* a building without any neighbour has no distance */
    for (size_t i = 0; status == ZF_OK && (input->n == 1 || looks_beyond) && i < input->n; i++)
        if (isinf(s->distance_m[i]))
            s->distance_m[i] = NAN;
    return status;
}

/** Finds the distances, which are a column of the buildings if it is kept, and their statistics. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    nearest s = {.input = input,
                 .halo_m = zf_analysis_job_halo_m(job),
                 .distance_m = out->building_columns[NN_M],
                 .row = out->building_columns[NN_FID]};
    zf_status status = ZF_OK;
    if (is_by_edges(job))
        status = zf_take_unless_kept(input->arena, input->n, sizeof *s.row, &s.row, error);
    if (status == ZF_OK)
        status = zf_take_unless_kept(input->arena, input->n, sizeof *s.distance_m, &s.distance_m, error);
    if (status == ZF_OK)
        status = find_all(&s, is_by_edges(job), error);
    if (status == ZF_OK)
        status = zf_stats_of_numbers(s.distance_m, input->n, zip_stats, N_ZIP_COLUMNS, input->arena,
                                     out->zip_values, error);
    return status;
}

/** Scratch of the median, and the distances where they are not kept. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    size_t for_rows = is_by_edges(job) ? n * sizeof(uint32_t) : 0;
    size_t for_median = zf_stats_scratch_bytes(n, zip_stats, N_ZIP_COLUMNS);
    return for_median + (has_building_columns ? 0 : n * sizeof(double) + for_rows);
}

static unsigned more_needs(const zf_analysis_job *job) {
    return is_by_edges(job) ? ZF_NEEDS_FOOTPRINTS : 0;
}

const zf_analysis zf_analysis_nearest = {
    .name = "nearest",
    .summary = "distance from each important building to the nearest other one of its ZIP",
    .details = "The distance is a straight line. With halo_m, the neighbour may also be a building of "
               "another ZIP or of none, if it is at most so far away by the same metric; neighbours in "
               "the ZIP itself count at any distance",
    .needs = ZF_NEEDS_POINTS,
    .more_needs = more_needs,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .n_building_columns = N_BUILDING_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
