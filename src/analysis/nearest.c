/* SPDX-License-Identifier: MIT */
/* How far each important building is from the nearest other one of its ZIP, between centroids or edges. */
#include "analysis/analysis_internal.h"

#include <math.h>

enum { METRIC = 0, HALO_M, N_PARAMETERS };
enum { CENTROID = 0, EDGE };

static const zf_parameter_word metrics[] = {[CENTROID] = {"centroid", ""}, [EDGE] = {"edge", "_edge"}};
static const zf_parameter parameters[N_PARAMETERS] = {
    [METRIC] = {.name = "metric",
                .kind = ZF_PARAMETER_CHOICE,
                .by_default = "centroid",
                .words = metrics,
                .n_words = sizeof metrics / sizeof metrics[0],
                .help = "between centroids, or between footprints, 0 where they touch or overlap; columns of "
                        "the latter begin with nn_edge"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

enum { NN_M = 0, NN_FID, N_BUILDING_COLUMNS };

static const zf_column zip_columns[] = {
    {"nn{metric}_mean_m", ZF_FIELD_REAL},
    {"nn{metric}_median_m", ZF_FIELD_REAL},
    {"nn{metric}_min_m", ZF_FIELD_REAL},
    {"nn{metric}_max_m", ZF_FIELD_REAL},
};
static const char *const zip_definitions[] = {
    "arithmetic mean of the distances of the ZIP's important buildings, in metres; NULL where none has one",
    "their median, in metres; NULL likewise",
    "the shortest of them, in metres; NULL likewise",
    "the longest of them, in metres; NULL likewise",
};
static const zf_stat zip_stats[] = {
    {ZF_STAT_MEAN, 0}, {ZF_STAT_MEDIAN, 0}, {ZF_STAT_MIN, 0}, {ZF_STAT_MAX, 0}};
enum { N_ZIP_COLUMNS = sizeof zip_columns / sizeof zip_columns[0] };
_Static_assert(sizeof zip_stats / sizeof zip_stats[0] == N_ZIP_COLUMNS, "one statistic per column");
_Static_assert(sizeof zip_definitions / sizeof zip_definitions[0] == N_ZIP_COLUMNS,
               "one definition per column");

static const zf_column building_columns[N_BUILDING_COLUMNS] = {
    [NN_M] = {"nn{metric}_m", ZF_FIELD_REAL},
    [NN_FID] = {"nn{metric}_fid", ZF_FIELD_INTEGER},
};

static const char *const building_definitions[N_BUILDING_COLUMNS] = {
    [NN_M] =
        "distance to the nearest other important building, in metres; NULL for a building that has none: "
        "alone in its ZIP, and none within halo_m",
    [NN_FID] = "feature id of that building, of equally near ones the lowest; NULL likewise",
};
static const zf_analysis_cell building_cells[N_BUILDING_COLUMNS] = {
    [NN_M] = ZF_CELL_NUMBER,
    [NN_FID] = ZF_CELL_ROW,
};

/* A building alone in its ZIP, and with none near beyond, has no neighbour, and no distance. */
static void clear_infinite(double *distance_m, size_t n, bool has_others) {
    for (size_t i = 0; (n == 1 || has_others) && i < n; i++)
        if (isinf(distance_m[i]))
            distance_m[i] = NAN;
}

/* ---- between footprints ---- */

enum { ROWS_PER_CANCEL_CHECK = 4096 };

/** The nearest footprint so far; of equal distances the lower row. */
typedef struct best {
    const zf_footprints *footprints;
    uint32_t row, other;
    double distance_m;
} best;

static bool consider(void *user, uint32_t other) {
    best *b = user;
    if (other == b->row)
        return true;
    double distance_m = zf_footprints_distance_m(b->footprints, b->row, other, b->distance_m);
    if (distance_m < b->distance_m || (distance_m == b->distance_m && other < b->other)) {
        b->distance_m = distance_m;
        b->other = other;
    }
    return true;
}

/* Some neighbour's distance bounds the window in which the nearest one is looked for. */
static best nearest_footprint(const zf_analysis_input *input, uint32_t row, uint32_t some) {
    const zf_footprints *f = input->footprints;
    best b = {f, row, some, zf_footprints_distance_m(f, row, some, INFINITY)};
    double margin_m = nextafter(b.distance_m, INFINITY);
    zf_envelope window = {nextafter(f->boxes[row].min_x - margin_m, -INFINITY),
                          nextafter(f->boxes[row].min_y - margin_m, -INFINITY),
                          nextafter(f->boxes[row].max_x + margin_m, INFINITY),
                          nextafter(f->boxes[row].max_y + margin_m, INFINITY)};
    zf_index_window(input->boxes, &window, consider, &b);
    return b;
}

/* The nearest by centroids comes first, into out_row and, for the while, out_m. */
static zf_status find_by_edges(const zf_analysis_input *input, double *out_m, uint32_t *out_row,
                               zf_error *error) {
    zf_status status = zf_points_nearest_all(input->points, out_m, out_row, input->callbacks, error);
    for (size_t i = 0; status == ZF_OK && i < input->n && input->n > 1; i++) {
        if (i % ROWS_PER_CANCEL_CHECK == 0)
            status = zf_check_cancelled(input->callbacks, error);
        best b = nearest_footprint(input, (uint32_t)i, out_row[i]);
        out_m[i] = b.distance_m;
        out_row[i] = b.other;
    }
    return status;
}

/* ---- beyond the ZIP ---- */

/** What is found so far, and how far to look for others. */
typedef struct beyond {
    const zf_analysis_input *input;
    double halo_m;
    double *distance_m;
    uint32_t *row; /**< nullable: nobody asks which */
    uint32_t from; /**< the building that others are looked for from */
} beyond;

static void offer(const beyond *b, uint32_t other, double distance_m) {
    double *best_m = &b->distance_m[b->from];
    bool is_tied = distance_m == *best_m && b->row != NULL;
    const int64_t *fids = b->input->fids;
    if (distance_m < *best_m || (is_tied && fids[other] < fids[b->row[b->from]])) {
        *best_m = distance_m;
        if (b->row != NULL)
            b->row[b->from] = other;
    }
}

static void look_from_place(void *user, uint32_t row, const double *xyz_m) {
    beyond *b = user;
    uint32_t other = ZF_NO_ROW;
    b->from = row;
    double limit_m = fmin(b->halo_m, b->distance_m[row]);
    double distance_m = zf_points_nearest_to(b->input->other_points, xyz_m, limit_m, &other);
    if (other != ZF_NO_ROW)
        offer(b, (uint32_t)b->input->n + other, distance_m);
}

static bool offer_footprint(void *user, uint32_t other, double distance_m) {
    offer(user, other, distance_m);
    return true;
}

static zf_status look_beyond_edges(beyond *b, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < b->input->n; i++) {
        if (i % ROWS_PER_CANCEL_CHECK == 0)
            status = zf_check_cancelled(b->input->callbacks, error);
        b->from = (uint32_t)i;
        zf_near_others(b->input, b->from, fmin(b->halo_m, b->distance_m[i]), offer_footprint, b);
    }
    return status;
}

/* ---- either way ---- */

static bool is_by_edges(const zf_analysis_job *job) {
    return job->arguments[METRIC].word == EDGE;
}

static zf_status find(const zf_analysis_job *job, const zf_analysis_input *input, double *distance_m,
                      uint32_t *row, zf_error *error) {
    beyond b = {input, zf_analysis_job_halo_m(job), distance_m, row, 0};
    zf_status status = is_by_edges(job)
                           ? find_by_edges(input, distance_m, row, error)
                           : zf_points_nearest_all(input->points, distance_m, row, input->callbacks, error);
    bool looks_beyond = b.halo_m >= 0 && input->n_others > 0;
    if (status == ZF_OK && looks_beyond)
        status = is_by_edges(job)
                     ? look_beyond_edges(&b, error)
                     : zf_points_each(input->points, look_from_place, &b, input->callbacks, error);
    if (status == ZF_OK)
        clear_infinite(distance_m, input->n, looks_beyond);
    return status;
}

static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    zf_arena_mark mark = zf_arena_get_mark(input->arena);
    double *distance_m = out->building_columns[NN_M];
    uint32_t *row = out->building_columns[NN_FID];
    zf_status status = ZF_OK;
    if (is_by_edges(job) && row == NULL)
        status = zf_arena_take(input->arena, input->n, sizeof *row, &row, error);
    if (status == ZF_OK && distance_m == NULL)
        status = zf_arena_take(input->arena, input->n, sizeof *distance_m, &distance_m, error);
    if (status == ZF_OK)
        status = find(job, input, distance_m, row, error);
    if (status == ZF_OK)
        status = zf_stats_of_numbers(distance_m, input->n, zip_stats, N_ZIP_COLUMNS, input->arena,
                                     out->zip_values, error);
    zf_arena_rewind(input->arena, mark);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "analysis nearest");
}

/* What the median takes, and the distances where they are not kept. */
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
    .details = "The distance is a straight line. With halo_m it is that to the nearest of the ZIP's own at "
               "any distance "
               "and of all others at most so far away, by the same metric",
    .needs = ZF_NEEDS_POINTS,
    .more_needs = more_needs,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
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
