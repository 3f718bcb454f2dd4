/* SPDX-License-Identifier: MIT */
/* How many other important buildings of its ZIP lie within a radius of each, centroid to centroid. */
#include "analysis/analysis_internal.h"

enum { WITHIN_M = 0, HALO_M, N_PARAMETERS };

static const zf_parameter parameters[N_PARAMETERS] = {
    [WITHIN_M] = {.name = "within_m",
                  .kind = ZF_PARAMETER_NUMBER,
                  .min = 0.001,
                  .max = 1e6,
                  .is_required = true,
                  .help = "the radius in metres; a neighbour at exactly this distance counts"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

static const zf_result_column zip_columns[] = {
    {.name = "neighbours_{within_m}m_mean",
     .type = ZF_FIELD_REAL,
     .label = "Neighbours within {within_m} m: mean",
     .definition = "mean number of neighbours of the ZIP's important buildings",
     .null_when = "if the ZIP has no important building"}};
static const zf_result_column building_columns[] = {
    {.name = "neighbours_{within_m}m",
     .type = ZF_FIELD_INTEGER,
     .label = "Neighbours within {within_m} m",
     .definition = "number of other important buildings within the radius",
     .producer = ZF_CELL_COUNT}};

/** State of counting neighbours beyond the ZIP. */
typedef struct beyond {
    const zf_points *others;
    double radius_m;
    uint32_t *counts;
} beyond;

/** Adds the neighbours of a building that are not of the ZIP. */
static void count_others(void *user, uint32_t row, const double *xyz_m) {
    const beyond *b = user;
    b->counts[row] += zf_points_count_near(b->others, xyz_m, b->radius_m);
}

/** Counts the neighbours of each building, in the ZIP and then beyond it. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    double radius_m = job->arguments[WITHIN_M].number;
    uint32_t *counts = out->building_columns[0];
    zf_status status = zf_take_unless_kept(input->arena, input->n, sizeof *counts, &counts, error);
    if (status == ZF_OK)
        status = zf_points_count_within(input->points, radius_m, counts, input->callbacks, error);
    if (status == ZF_OK && zf_analysis_job_halo_m(job) >= 0 && input->n_others > 0) {
        beyond b = {input->other_points, radius_m, counts};
        status = zf_points_each(input->points, count_others, &b, input->callbacks, error);
    }
    if (status == ZF_OK)
        out->zip_values[0] = zf_mean_of_counts(counts, input->n);
    return status;
}

/** Refuses a halo_m that does not reach as far as the radius. */
static const char *refuses(const zf_analysis_job *job) {
    double halo_m = zf_analysis_job_halo_m(job);
    return halo_m >= 0 && halo_m < job->arguments[WITHIN_M].number
               ? "halo_m is less than within_m, so that neighbours would be missing"
               : NULL;
}

/** One count per building if nobody keeps them. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    return has_building_columns ? 0 : n * sizeof(uint32_t);
}

const zf_analysis zf_analysis_neighbours = {
    .name = "neighbours",
    .summary = "number of other important buildings of the ZIP within a radius, from centroid to "
               "centroid",
    .details = "Distances are straight lines, as for nearest. With halo_m, buildings of other ZIPs or of "
               "none are counted too; halo_m must be at least within_m, and a larger value changes "
               "nothing",
    .needs = ZF_NEEDS_POINTS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .refuses = refuses,
    .zip_columns = zip_columns,
    .n_zip_columns = 1,
    .building_columns = building_columns,
    .n_building_columns = 1,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
