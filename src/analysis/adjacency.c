/* SPDX-License-Identifier: MIT */
/* Which important buildings of a ZIP share walls. */
#include "analysis/analysis_internal.h"

enum { TOLERANCE_M = 0, WALL_M, HALO_M, N_PARAMETERS };

static const zf_parameter parameters[N_PARAMETERS] = {
    [TOLERANCE_M] = {.name = "tolerance_m",
                     .kind = ZF_PARAMETER_NUMBER,
                     .min = 1e-6,
                     .max = 10,
                     .by_default = "0.01",
                     .help = "the largest distance in metres between two walls that count as one"},
    [WALL_M] = {.name = "wall_m",
                .kind = ZF_PARAMETER_NUMBER,
                .min = 0,
                .max = 1000,
                .by_default = "0.1",
                .help = "the length of wall in metres that two buildings must share at least; a common "
                        "corner is not sufficient"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

enum { ADJACENT_BUILDINGS = 0, ADJACENT_MEAN, WALL_MEAN_M, N_ZIP_COLUMNS };
static const zf_result_column zip_columns[N_ZIP_COLUMNS] = {
    [ADJACENT_BUILDINGS] = {.name = "adjacent_buildings",
                            .type = ZF_FIELD_INTEGER,
                            .label = "Buildings with neighbours wall to wall",
                            .definition = "number of important buildings that share a wall with another one"},
    [ADJACENT_MEAN] = {.name = "adjacent_mean",
                       .type = ZF_FIELD_REAL,
                       .label = "Adjacent buildings: mean",
                       .definition =
                           "mean number of adjacent buildings, over all important buildings of the ZIP",
                       .null_when = "if the ZIP has no important building"},
    [WALL_MEAN_M] = {.name = "shared_wall_mean_m",
                     .type = ZF_FIELD_REAL,
                     .label = "Shared wall: mean",
                     .unit = "m",
                     .definition =
                         "mean length of shared walls, in metres, over all important buildings of the ZIP",
                     .null_when = "if the ZIP has no important building"},
};

enum { ADJACENT = 0, SHARED_WALL_M, N_BUILDING_COLUMNS };
static const zf_result_column building_columns[N_BUILDING_COLUMNS] = {
    [ADJACENT] = {.name = "adjacent",
                  .type = ZF_FIELD_INTEGER,
                  .label = "Adjacent buildings",
                  .definition = "number of other important buildings with which it shares a wall",
                  .producer = ZF_CELL_COUNT},
    [SHARED_WALL_M] = {.name = "shared_wall_m",
                       .type = ZF_FIELD_REAL,
                       .label = "Shared wall",
                       .unit = "m",
                       .definition = "length of its outline that is shared with any other building, each "
                                     "stretch counted once, in metres; 0 if it shares none",
                       .producer = ZF_CELL_NUMBER},
};

/** The search for shared walls: of all buildings, and of the current one. */
typedef struct walls {
    const zf_analysis_input *input;
    double tolerance_m, least_m;
    bool looks_beyond; /**< buildings beyond the ZIP count too */
    uint32_t *adjacent;
    double *wall_m;
    uint32_t row;             /**< the current building */
    zf_wall_list own, theirs; /**< shared stretches of its outline; scratch for those of another building */
    zf_status status;         /**< first failure among its walls */
    zf_error *error;
} walls;

/** Counts another building, and keeps the stretches of wall, if the current building shares enough with it.
 */
static bool add_wall(void *user, uint32_t other, double distance_m) {
    walls *s = user;
    size_t n_before = s->own.n;
    double wall_m = 0;
    (void)distance_m;
    s->status = zf_footprints_add_walls(s->input->footprints, s->row, other, s->tolerance_m, &s->own,
                                        &s->theirs, &wall_m, s->error);
    if (wall_m > 0 && wall_m >= s->least_m)
        s->adjacent[s->row]++;
    else
        s->own.n = n_before;
    return s->status == ZF_OK;
}

/** Counts and measures the shared walls of one building. The order in which others are found does not matter.
 */
static zf_status find_walls(void *user, uint32_t row, zf_error *error) {
    walls *s = user;
    s->error = error;
    s->row = row;
    s->adjacent[row] = 0;
    s->own.n = 0;
    zf_near_footprints(s->input, row, s->tolerance_m, add_wall, s);
    if (s->status == ZF_OK && s->looks_beyond)
        zf_near_others(s->input, row, s->tolerance_m, add_wall, s);
    s->wall_m[row] = zf_footprints_walls_m(s->input->footprints, row, &s->own);
    return s->status;
}

/** Finds the shared walls of all buildings and sums them up for the ZIP. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    walls s = {.input = input,
               .tolerance_m = job->arguments[TOLERANCE_M].number,
               .least_m = job->arguments[WALL_M].number,
               .looks_beyond = zf_analysis_job_halo_m(job) >= 0,
               .adjacent = out->building_columns[ADJACENT],
               .wall_m = out->building_columns[SHARED_WALL_M]};
    size_t n = input->n, n_buildings = 0;
    zf_status status = zf_take_unless_kept(input->arena, n, sizeof *s.wall_m, &s.wall_m, error);
    if (status == ZF_OK)
        status = zf_take_unless_kept(input->arena, n, sizeof *s.adjacent, &s.adjacent, error);
    if (status == ZF_OK)
        status = zf_wall_list_create(input->arena, &s.own, error);
    if (status == ZF_OK)
        status = zf_wall_list_create(input->arena, &s.theirs, error);
    if (status == ZF_OK)
        status = zf_each_row(input, find_walls, &s, error);
    if (status != ZF_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        n_buildings += s.adjacent[i] > 0;
    out->zip_values[ADJACENT_BUILDINGS] = zf_value_integer((int64_t)n_buildings);
    out->zip_values[ADJACENT_MEAN] = zf_mean_of_counts(s.adjacent, n);
    out->zip_values[WALL_MEAN_M] = n == 0 ? zf_value_null() : zf_value_real(zf_sum(s.wall_m, n) / (double)n);
    return ZF_OK;
}

/** Refuses a halo_m that does not reach as far as walls may be apart. */
static const char *refuses(const zf_analysis_job *job) {
    double halo_m = zf_analysis_job_halo_m(job);
    return halo_m >= 0 && halo_m < job->arguments[TOLERANCE_M].number
               ? "halo_m is less than tolerance_m, so that walls would be missing"
               : NULL;
}

/** The two lists of walls, and the two columns if nobody keeps them. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    size_t lists = 2 * ZF_WALL_LIST_CAP * sizeof(zf_wall); /* longer ones belong to few buildings */
    return lists + (has_building_columns ? 0 : n * (sizeof(double) + sizeof(uint32_t)));
}

const zf_analysis zf_analysis_adjacency = {
    .name = "adjacency",
    .summary = "number of other important buildings of the ZIP with which a building shares walls",
    .details = "Two buildings share a wall where edges of their footprints run side by side within the "
               "tolerance; its length is that of the shorter of both sides. The shared wall of a building is "
               "the part of its outline that runs beside an adjacent building, each stretch once, and never "
               "more than its perimeter. Walls that only meet at a corner share nothing. With halo_m, walls "
               "shared with buildings of other ZIPs or of none count too; halo_m must be at least "
               "tolerance_m, and a larger value changes nothing",
    .needs = ZF_NEEDS_FOOTPRINTS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .refuses = refuses,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .n_building_columns = N_BUILDING_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
