/* SPDX-License-Identifier: MIT */
/* Which important buildings of a ZIP share walls. */
#include "analysis/analysis_internal.h"

enum { TOLERANCE_M = 0, WALL_M, HALO_M, N_PARAMETERS };
enum { ROWS_PER_CANCEL_CHECK = 4096 };

static const zf_parameter parameters[N_PARAMETERS] = {
    [TOLERANCE_M] = {.name = "tolerance_m",
                     .kind = ZF_PARAMETER_NUMBER,
                     .min = 1e-6,
                     .max = 10,
                     .by_default = "0.01",
                     .help = "how far two walls may lie apart, in metres, and still be one"},
    [WALL_M] = {.name = "wall_m",
                .kind = ZF_PARAMETER_NUMBER,
                .min = 0,
                .max = 1000,
                .by_default = "0.1",
                .help = "how many metres of wall two buildings must share; a corner is not enough"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

enum { ADJACENT_BUILDINGS = 0, ADJACENT_MEAN, WALL_MEAN_M, N_ZIP_COLUMNS };
static const zf_column zip_columns[N_ZIP_COLUMNS] = {
    [ADJACENT_BUILDINGS] = {"adjacent_buildings", ZF_FIELD_INTEGER},
    [ADJACENT_MEAN] = {"adjacent_mean", ZF_FIELD_REAL},
    [WALL_MEAN_M] = {"shared_wall_mean_m", ZF_FIELD_REAL},
};

enum { ADJACENT = 0, SHARED_WALL_M, N_BUILDING_COLUMNS };
static const zf_column building_columns[N_BUILDING_COLUMNS] = {
    [ADJACENT] = {"adjacent", ZF_FIELD_INTEGER},
    [SHARED_WALL_M] = {"shared_wall_m", ZF_FIELD_REAL},
};
static const char *const zip_definitions[N_ZIP_COLUMNS] = {
    [ADJACENT_BUILDINGS] = "number of important buildings that share walls",
    [ADJACENT_MEAN] = "mean number of adjacent buildings, of all important buildings of the ZIP; NULL where "
                      "there are none",
    [WALL_MEAN_M] = "mean length of their shared walls, in metres, of all likewise; NULL likewise",
};
static const char *const building_definitions[N_BUILDING_COLUMNS] = {
    [ADJACENT] = "number of other important buildings that it shares walls with",
    [SHARED_WALL_M] = "length of all walls that it shares, in metres; 0 without",
};
static const zf_analysis_cell building_cells[N_BUILDING_COLUMNS] = {
    [ADJACENT] = ZF_CELL_COUNT,
    [SHARED_WALL_M] = ZF_CELL_NUMBER,
};

/** One building and those it shares walls with. */
typedef struct house {
    const zf_footprints *footprints;
    double tolerance_m, least_m;
    uint32_t row, n_adjacent;
    double wall_m;
    zf_exact_sum beyond_m; /**< walls with buildings that are not of the ZIP */
    zf_exact_wide wide;
} house;

/* Of the walls with each of two neighbours the sum is taken by pairs in the order of the visit, which depends
 * on the buildings alone. */
static bool meet(void *user, uint32_t other, double distance_m) {
    house *h = user;
    (void)distance_m;
    double wall_m = zf_footprints_shared_wall_m(h->footprints, h->row, other, h->tolerance_m);
    if (wall_m > 0 && wall_m >= h->least_m) {
        h->n_adjacent++;
        h->wall_m += wall_m;
    }
    return true;
}

/* In what order the others come depends on how many there are beside those that count: no sum may show it. */
static bool meet_other(void *user, uint32_t other, double distance_m) {
    house *h = user;
    (void)distance_m;
    double wall_m = zf_footprints_shared_wall_m(h->footprints, h->row, other, h->tolerance_m);
    if (wall_m > 0 && wall_m >= h->least_m) {
        h->n_adjacent++;
        zf_exact_add_with(&h->beyond_m, wall_m, &h->wide);
    }
    return true;
}

static void look_beyond(const zf_analysis_job *job, const zf_analysis_input *input, house *h) {
    h->beyond_m = (zf_exact_sum){0};
    if (zf_analysis_job_halo_m(job) < 0)
        return;
    zf_near_others(input, h->row, h->tolerance_m, meet_other, h);
    h->wall_m += zf_exact_scaled(&h->beyond_m, 0);
}

static zf_status look_at_all(const zf_analysis_job *job, const zf_analysis_input *input, uint32_t *adjacent,
                             double *wall_m, zf_error *error) {
    zf_status status = ZF_OK;
    house h = {.footprints = input->footprints,
               .tolerance_m = job->arguments[TOLERANCE_M].number,
               .least_m = job->arguments[WALL_M].number};
    for (size_t i = 0; status == ZF_OK && i < input->n; i++) {
        h.row = (uint32_t)i;
        h.n_adjacent = 0;
        h.wall_m = 0;
        if (i % ROWS_PER_CANCEL_CHECK == 0)
            status = zf_check_cancelled(input->callbacks, error);
        zf_near_footprints(input, h.row, h.tolerance_m, meet, &h);
        look_beyond(job, input, &h);
        adjacent[i] = h.n_adjacent;
        wall_m[i] = h.wall_m;
    }
    return status;
}

static void sum_up(const uint32_t *adjacent, const double *wall_m, size_t n, zf_value *out) {
    uint64_t n_buildings = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        n_buildings += adjacent[i] > 0;
        sum += adjacent[i];
    }
    out[ADJACENT_BUILDINGS] = zf_value_integer((int64_t)n_buildings);
    out[ADJACENT_MEAN] = n == 0 ? zf_value_null() : zf_value_real((double)sum / (double)n);
    out[WALL_MEAN_M] = n == 0 ? zf_value_null() : zf_value_real(zf_sum(wall_m, n) / (double)n);
}

static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    zf_arena_mark mark = zf_arena_get_mark(input->arena);
    uint32_t *adjacent = out->building_columns[ADJACENT];
    double *wall_m = out->building_columns[SHARED_WALL_M];
    zf_status status = ZF_OK;
    if (wall_m == NULL)
        status = zf_arena_take(input->arena, input->n, sizeof *wall_m, &wall_m, error);
    if (status == ZF_OK && adjacent == NULL)
        status = zf_arena_take(input->arena, input->n, sizeof *adjacent, &adjacent, error);
    if (status == ZF_OK)
        status = look_at_all(job, input, adjacent, wall_m, error);
    if (status == ZF_OK)
        sum_up(adjacent, wall_m, input->n, out->zip_values);
    zf_arena_rewind(input->arena, mark);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "analysis adjacency");
}

static const char *refuses(const zf_analysis_job *job) {
    double halo_m = zf_analysis_job_halo_m(job);
    return halo_m >= 0 && halo_m < job->arguments[TOLERANCE_M].number
               ? "halo_m is less than tolerance_m, so that walls would be missing"
               : NULL;
}

static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    return has_building_columns ? 0 : n * (sizeof(double) + sizeof(uint32_t));
}

const zf_analysis zf_analysis_adjacency = {
    .name = "adjacency",
    .summary = "with how many other important buildings of the ZIP a building shares walls",
    .details = "A wall is shared as far as edges of two footprints run beside each other within the "
               "tolerance. With halo_m, which must be tolerance_m or more (more brings no "
               "others), walls shared with buildings that are not of the ZIP count too",
    .needs = ZF_NEEDS_FOOTPRINTS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .refuses = refuses,
    .zip_columns = zip_columns,
    .zip_definitions = zip_definitions,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .building_definitions = building_definitions,
    .building_cells = building_cells,
    .n_building_columns = N_BUILDING_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
