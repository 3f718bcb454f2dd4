/* SPDX-License-Identifier: MIT */
/*
 * Clusters of footprints by density. Source: Ester, Kriegel, Sander, Xu, "A density-based algorithm for
 * discovering clusters" (DBSCAN), KDD 1996. Two things that DBSCAN leaves to the order of visits are defined
 * here: a building near the cores of several clusters belongs to that of the nearest core (of equally near
 * ones, the lower row), and clusters are numbered by their lowest rows.
 */
#include "analysis/analysis_internal.h"

#include <string.h>

enum { EPS_M = 0, MIN, N_PARAMETERS };
enum { HULL_POINTS = 1024 };

static const zf_parameter parameters[N_PARAMETERS] = {
    [EPS_M] = {.name = "eps_m",
               .kind = ZF_PARAMETER_NUMBER,
               .min = 0.001,
               .max = 1e6,
               .is_required = true,
               .help =
                   "the largest distance in metres, from edge to edge, at which two footprints are near each "
                   "other"},
    [MIN] = {.name = "min",
             .kind = ZF_PARAMETER_COUNT,
             .min = 1,
             .max = 1e6,
             .is_required = true,
             .help = "a building with at least this number of buildings near it, including itself, is a core "
                     "of a cluster"},
};

enum { CLUSTERS = 0, CLUSTERED, N_ZIP_COLUMNS };
static const zf_result_column zip_columns[N_ZIP_COLUMNS] = {
    [CLUSTERS] = {.name = "clusters_{eps_m}m_{min}",
                  .type = ZF_FIELD_INTEGER,
                  .label = "Clusters ({min} buildings within {eps_m} m)",
                  .definition = "number of clusters"},
    [CLUSTERED] = {.name = "clustered_{eps_m}m_{min}",
                   .type = ZF_FIELD_INTEGER,
                   .label = "Buildings in clusters ({min} buildings within {eps_m} m)",
                   .definition = "number of important buildings that are in a cluster"},
};

static const zf_result_column building_columns[] = {{.name = "cluster_{eps_m}m_{min}",
                                                     .type = ZF_FIELD_INTEGER,
                                                     .label = "Cluster ({min} buildings within {eps_m} m)",
                                                     .definition = "number of the building's cluster",
                                                     .null_when = "if the building is in no cluster",
                                                     .producer = ZF_CELL_NUMBER}};

enum { CLUSTER = 0, BUILDINGS, CORES, N_TABLE_COLUMNS };
static const zf_result_column table_columns[N_TABLE_COLUMNS] = {
    [CLUSTER] = {.name = "cluster",
                 .type = ZF_FIELD_INTEGER,
                 .label = "Cluster",
                 .definition = "number of the cluster: 1, 2, ... in each ZIP"},
    [BUILDINGS] = {.name = "buildings",
                   .type = ZF_FIELD_INTEGER,
                   .label = "Buildings",
                   .definition = "number of buildings in the cluster"},
    [CORES] = {.name = "cores",
               .type = ZF_FIELD_INTEGER,
               .label = "Core buildings",
               .definition = "number of core buildings in the cluster"},
};

/** The search for clusters: of all rows, and of the current one. */
typedef struct cluster_search {
    const zf_analysis_input *input;
    double eps_m;
    uint32_t min;
    uint32_t *parent; /**< a forest over the cores: the lower row is the root */
    uint32_t *label;  /**< root of the cluster, later its number from 0; ZF_NO_ROW: none */
    bool *is_core;
    uint32_t row;     /**< the current row */
    uint32_t n_near;  /**< rows near it, itself included */
    uint32_t nearest; /**< the core nearest to it */
    double nearest_m;
} cluster_search;

/** Counts a row near the current one; ends the visit once there are enough for a core. */
static bool count(void *user, uint32_t other, double distance_m) {
    cluster_search *s = user;
    (void)other;
    (void)distance_m;
    return ++s->n_near < s->min;
}

/** Decides whether a row is a core, and makes it a tree of its own. */
static zf_status find_core(void *user, uint32_t row, zf_error *error) {
    cluster_search *s = user;
    (void)error;
    s->row = row;
    s->n_near = 1;
    if (s->n_near < s->min)
        zf_near_footprints(s->input, row, s->eps_m, count, s);
    s->is_core[row] = s->n_near >= s->min;
    s->parent[row] = row;
    return ZF_OK;
}

/** The root of a core's tree. Shortens the path to it. */
static uint32_t root_of(uint32_t *parent, uint32_t row) {
    while (parent[row] != row) {
        parent[row] = parent[parent[row]];
        row = parent[row];
    }
    return row;
}

/** Joins the trees of the current core and of a lower one near it. */
static bool join(void *user, uint32_t other, double distance_m) {
    cluster_search *s = user;
    (void)distance_m;
    if (other > s->row || !s->is_core[other])
        return true;
    uint32_t a = root_of(s->parent, s->row), b = root_of(s->parent, other);
    s->parent[a < b ? b : a] = a < b ? a : b;
    return true;
}

/** Joins a core with all lower cores near it. */
static zf_status join_core(void *user, uint32_t row, zf_error *error) {
    cluster_search *s = user;
    (void)error;
    s->row = row;
    if (s->is_core[row])
        zf_near_footprints(s->input, row, s->eps_m, join, s);
    return ZF_OK;
}

/** Keeps the nearest core; of equally near ones, the lowest row. */
static bool compare_core(void *user, uint32_t other, double distance_m) {
    cluster_search *s = user;
    if (!s->is_core[other])
        return true;
    if (distance_m < s->nearest_m || (distance_m == s->nearest_m && other < s->nearest)) {
        s->nearest_m = distance_m;
        s->nearest = other;
    }
    return true;
}

/** Labels a row with the root of its cluster: a core's own, or that of the nearest core. */
static zf_status set_label(void *user, uint32_t row, zf_error *error) {
    cluster_search *s = user;
    (void)error;
    s->row = row;
    s->nearest = ZF_NO_ROW;
    s->nearest_m = INFINITY;
    if (s->is_core[row])
        s->nearest = row;
    else
        zf_near_footprints(s->input, row, s->eps_m, compare_core, s);
    s->label[row] = s->nearest == ZF_NO_ROW ? ZF_NO_ROW : root_of(s->parent, s->nearest);
    return ZF_OK;
}

/** Turns labels from roots into numbers, in the order of the lowest rows. The numbers overwrite the forest.
 */
static size_t number_clusters(cluster_search *s) {
    size_t n_clusters = 0;
    uint32_t *number = s->parent;
    for (size_t i = 0; i < s->input->n; i++)
        number[i] = ZF_NO_ROW;
    for (size_t i = 0; i < s->input->n; i++) {
        uint32_t root = s->label[i];
        if (root == ZF_NO_ROW)
            continue;
        if (number[root] == ZF_NO_ROW)
            number[root] = (uint32_t)n_clusters++;
        s->label[i] = number[root];
    }
    return n_clusters;
}

/* ---- hulls ---- */

/** Points of a cluster. When the buffer is full, it is reduced to the corners of their hull. */
typedef struct hull {
    zf_arena *arena;
    double *xy, *corners;
    size_t n, cap;
} hull;

/** Takes the two buffers of a hull from the arena. */
static zf_status take_hull(hull *h, zf_arena *arena, size_t cap, zf_error *error) {
    *h = (hull){.arena = arena, .cap = cap};
    zf_status status = zf_arena_take(arena, cap, 2 * sizeof *h->xy, &h->xy, error);
    return status == ZF_OK ? zf_arena_take(arena, cap + 1, 2 * sizeof *h->corners, &h->corners, error)
                           : status;
}

/** Replaces the points by the corners of their hull. */
static void reduce(hull *h) {
    h->n = zf_hull(h->xy, h->n, h->corners);
    memcpy(h->xy, h->corners, h->n * 2 * sizeof *h->xy);
}

/** Doubles the buffer. */
static zf_status enlarge(hull *h, zf_error *error) {
    hull larger;
    zf_status status = take_hull(&larger, h->arena, 2 * h->cap, error);
    if (status != ZF_OK)
        return status;
    memcpy(larger.xy, h->xy, h->n * 2 * sizeof *h->xy);
    larger.n = h->n;
    *h = larger;
    return ZF_OK;
}

/** Adds a point, and makes room for it if the buffer is full. */
static zf_status add_point(hull *h, const double *xy, zf_error *error) {
    if (h->n == h->cap) {
        reduce(h);
        zf_status status = h->n > h->cap / 2 ? enlarge(h, error) : ZF_OK;
        if (status != ZF_OK)
            return status;
    }
    memcpy(h->xy + 2 * h->n++, xy, 2 * sizeof *xy);
    return ZF_OK;
}

/** Writes a number as little-endian bytes; returns where the next one goes. */
static uint8_t *put_u32(uint8_t *at, uint32_t number) {
    for (unsigned i = 0; i < 4; i++)
        *at++ = (uint8_t)(number >> 8 * i);
    return at;
}

/** Writes the hull as little-endian WKB, closed by its first corner; nothing when it has no area. */
static zf_status write_hull(const hull *h, zf_arena *arena, zf_bytes *out, zf_error *error) {
    enum { POLYGON = 3, HEAD_BYTES = 13 };
    uint8_t *bytes = NULL;
    size_t n_bytes = HEAD_BYTES + (h->n + 1) * 2 * sizeof *h->xy;
    *out = (zf_bytes){NULL, 0};
    if (h->n < 3)
        return ZF_OK;
    zf_status status = zf_arena_take(arena, n_bytes, 1, &bytes, error);
    if (status != ZF_OK)
        return status;
    bytes[0] = 1;
    uint8_t *at = put_u32(put_u32(put_u32(bytes + 1, POLYGON), 1), (uint32_t)h->n + 1);
    memcpy(at, h->xy, h->n * 2 * sizeof *h->xy);
    memcpy(at + h->n * 2 * sizeof *h->xy, h->xy, 2 * sizeof *h->xy);
    *out = (zf_bytes){bytes, n_bytes};
    return ZF_OK;
}

/** Adds the points of a footprint. */
static zf_status add_footprint(hull *h, const zf_footprints *f, uint32_t row, zf_error *error) {
    zf_status status = ZF_OK;
    size_t end = f->ring_start[f->first_ring[row + 1]];
    for (size_t i = f->ring_start[f->first_ring[row]]; status == ZF_OK && i < end; i++)
        status = add_point(h, f->crs_xy + 2 * i, error);
    return status;
}

/* ---- the table ---- */

/** State of writing the table of clusters. */
typedef struct table {
    const zf_analysis_job *job;
    const cluster_search *search;
    zf_analysis_rows *rows;
    hull hull;
} table;

/** Sorts the rows by cluster (counting sort): those of cluster c begin at order[start[c]]. */
static void sort_by_cluster(const cluster_search *s, size_t n_clusters, uint32_t *start, uint32_t *order) {
    memset(start, 0, (n_clusters + 1) * sizeof *start);
    for (size_t i = 0; i < s->input->n; i++)
        if (s->label[i] != ZF_NO_ROW)
            start[s->label[i] + 1]++;
    for (size_t c = 0; c < n_clusters; c++)
        start[c + 1] += start[c];
    for (size_t i = 0; i < s->input->n; i++)
        if (s->label[i] != ZF_NO_ROW)
            order[start[s->label[i]]++] = (uint32_t)i;
    for (size_t c = n_clusters; c > 0; c--)
        start[c] = start[c - 1];
    start[0] = 0;
}

/** Writes the row of one cluster. */
static zf_status put_row(table *t, size_t cluster, const uint32_t *rows, size_t n, zf_error *error) {
    const cluster_search *s = t->search;
    hull *h = &t->hull;
    zf_bytes polygon;
    size_t n_cores = 0;
    zf_status status = ZF_OK;
    h->n = 0;
    for (size_t i = 0; status == ZF_OK && i < n; i++) {
        n_cores += s->is_core[rows[i]];
        status = add_footprint(h, s->input->footprints, rows[i], error);
    }
    if (status != ZF_OK)
        return status;
    reduce(h);
    const double cells[N_TABLE_COLUMNS] = {
        [CLUSTER] = (double)cluster + 1, [BUILDINGS] = (double)n, [CORES] = (double)n_cores};
    zf_arena_mark mark = zf_arena_get_mark(h->arena);
    status = write_hull(h, h->arena, &polygon, error);
    if (status == ZF_OK)
        status = zf_analysis_rows_append(t->job, t->rows, cells, polygon, error);
    zf_arena_rewind(h->arena, mark);
    return status;
}

/** Writes one row with a hull for each cluster. */
static zf_status fill_table(const zf_analysis_job *job, const cluster_search *s, size_t n_clusters,
                            zf_analysis_rows *rows, zf_error *error) {
    uint32_t *start = NULL, *order = NULL;
    table t = {.job = job, .search = s, .rows = rows};
    zf_status status = zf_arena_take(s->input->arena, n_clusters + 1, sizeof *start, &start, error);
    if (status == ZF_OK)
        status = zf_arena_take(s->input->arena, s->input->n, sizeof *order, &order, error);
    if (status == ZF_OK)
        status = take_hull(&t.hull, s->input->arena, HULL_POINTS, error);
    if (status == ZF_OK)
        sort_by_cluster(s, n_clusters, start, order);
    for (size_t c = 0; status == ZF_OK && c < n_clusters; c++)
        status = put_row(&t, c, order + start[c], start[c + 1] - start[c], error);
    return status;
}

/* ---- the analysis ---- */

/** Takes the arrays of the search from the arena. */
static zf_status take_search(cluster_search *s, zf_error *error) {
    zf_arena *arena = s->input->arena;
    size_t n = s->input->n;
    zf_status status = zf_arena_take(arena, n, sizeof *s->parent, &s->parent, error);
    if (status == ZF_OK)
        status = zf_arena_take(arena, n, sizeof *s->label, &s->label, error);
    return status == ZF_OK ? zf_arena_take(arena, n, sizeof *s->is_core, &s->is_core, error) : status;
}

/** Fills the columns of zip_summary and, if they are kept, of important_building. */
static void fill_columns(const cluster_search *s, size_t n_clusters, zf_analysis_output *out) {
    double *cluster = out->building_columns[0];
    int64_t n_clustered = 0;
    for (size_t i = 0; i < s->input->n; i++) {
        bool is_in = s->label[i] != ZF_NO_ROW;
        n_clustered += is_in;
        if (cluster != NULL)
            cluster[i] = is_in ? (double)s->label[i] + 1 : NAN;
    }
    out->zip_values[CLUSTERS] = zf_value_integer((int64_t)n_clusters);
    out->zip_values[CLUSTERED] = zf_value_integer(n_clustered);
}

/** Finds the cores, joins those near each other, and assigns the other buildings to the nearest core. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    cluster_search s = {
        .input = input, .eps_m = job->arguments[EPS_M].number, .min = (uint32_t)job->arguments[MIN].number};
    zf_status status = take_search(&s, error);
    if (status == ZF_OK)
        status = zf_each_row(input, find_core, &s, error);
    if (status == ZF_OK)
        status = zf_each_row(input, join_core, &s, error);
    if (status == ZF_OK)
        status = zf_each_row(input, set_label, &s, error);
    if (status == ZF_OK) {
        size_t n_clusters = number_clusters(&s);
        fill_columns(&s, n_clusters, out);
        status = fill_table(job, &s, n_clusters, out->rows, error);
    }
    return status;
}

/** Arrays of the search, order of the rows, and a hull. Hulls of more than HULL_POINTS / 2 corners are rare
 * and are not included. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    (void)has_building_columns;
    return n * (3 * sizeof(uint32_t) + sizeof(bool)) + (n + 1) * sizeof(uint32_t) +
           (2 * HULL_POINTS + 1) * 2 * sizeof(double) + 16 + (HULL_POINTS / 2 + 1) * 2 * sizeof(double);
}

const zf_analysis zf_analysis_clusters = {
    .name = "clusters",
    .summary = "clusters of the important buildings of a ZIP by density (DBSCAN), from edge to edge of "
               "footprints",
    .details = "Cores that are near each other belong to the same cluster, and so do buildings near a "
               "core. All other buildings are in no cluster. A building near cores of several clusters "
               "belongs to that of the nearest core. Clusters are numbered in the order of their lowest "
               "feature ids. Source: Ester, Kriegel, Sander, Xu (1996). There is no halo_m: a chain of "
               "buildings of any length beyond the ZIP can connect two clusters, so no distance is "
               "sufficient",
    .needs = ZF_NEEDS_FOOTPRINTS | ZF_NEEDS_CRS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .n_building_columns = 1,
    .table = {.name = "clusters_{eps_m}m_{min}", .columns = table_columns, .n_columns = N_TABLE_COLUMNS, .has_polygons = true},
    .run = run,
    .scratch_bytes = scratch_bytes,
};
