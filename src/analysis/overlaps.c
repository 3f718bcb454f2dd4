/* SPDX-License-Identifier: MIT */
/* Which important buildings of a ZIP overlap, or repeat each other. */
#include "analysis/analysis_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_AREA_M2 = 0, HALO_M, N_PARAMETERS };

static const zf_parameter parameters[N_PARAMETERS] = {
    [MIN_AREA_M2] = {.name = "min_area_m2",
                     .kind = ZF_PARAMETER_NUMBER,
                     .min = 1e-6,
                     .max = 1e9,
                     .by_default = "0.01",
                     .help = "the smallest common area of two buildings, in square metres, that is reported"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

enum { OVERLAP_PAIRS = 0, OVERLAP_AREA_M2, REPEAT_PAIRS, N_ZIP_COLUMNS };
static const zf_result_column zip_columns[N_ZIP_COLUMNS] = {
    [OVERLAP_PAIRS] = {.name = "overlap_pairs",
                       .type = ZF_FIELD_INTEGER,
                       .label = "Overlapping pairs",
                       .definition = "number of pairs that overlap, including those that repeat each other"},
    [OVERLAP_AREA_M2] = {.name = "overlap_area_m2",
                         .type = ZF_FIELD_REAL,
                         .label = "Area of overlaps",
                         .unit = "m²",
                         .definition = "sum of the common areas of the pairs, in square metres"},
    [REPEAT_PAIRS] = {.name = "repeat_pairs",
                      .type = ZF_FIELD_INTEGER,
                      .label = "Pairs of the same building",
                      .definition = "number of pairs that repeat each other"},
};

static const zf_result_column building_columns[] = {
    {.name = "overlaps",
     .type = ZF_FIELD_INTEGER,
     .label = "Overlapping buildings",
     .definition = "number of other important buildings that it overlaps",
     .producer = ZF_CELL_COUNT}};

enum { FID_A = 0, FID_B, AREA_M2, SHARE_A, SHARE_B, REPEATS, N_TABLE_COLUMNS };
static const zf_result_column table_columns[N_TABLE_COLUMNS] = {
    [FID_A] = {.name = "fid_a",
               .type = ZF_FIELD_INTEGER,
               .label = "First building (fid)",
               .definition = "feature id of the first building; the lower of the two if both are of the ZIP",
               .producer = ZF_CELL_ROW},
    [FID_B] = {.name = "fid_b",
               .type = ZF_FIELD_INTEGER,
               .label = "Second building (fid)",
               .definition = "feature id of the second building",
               .producer = ZF_CELL_ROW},
    [AREA_M2] = {.name = "area_m2",
                 .type = ZF_FIELD_REAL,
                 .label = "Common area",
                 .unit = "m²",
                 .definition = "common area of both buildings, in square metres"},
    [SHARE_A] = {.name = "share_a",
                 .type = ZF_FIELD_REAL,
                 .label = "Share of the first",
                 .unit = "0 to 1",
                 .definition = "common area divided by the area of fid_a, 0 to 1"},
    [SHARE_B] = {.name = "share_b",
                 .type = ZF_FIELD_REAL,
                 .label = "Share of the second",
                 .unit = "0 to 1",
                 .definition = "common area divided by the area of fid_b, 0 to 1"},
    [REPEATS] = {.name = "repeats",
                 .type = ZF_FIELD_BOOLEAN,
                 .label = "Same building",
                 .definition = "1 if the buildings repeat each other, else 0"},
};

/** Two buildings repeat each other when all but rounding of each is common. */
static const double repeat_share = 1 - 1e-6;

/** Another building that the current one may overlap. */
typedef struct partner {
    uint32_t row;
    double area_m2; /**< in common */
} partner;

/** State of the search for pairs: the sums so far, and the current building with its partners. */
typedef struct pair_search {
    const zf_analysis_job *job;
    const zf_analysis_input *input;
    zf_analysis_output *out;
    zf_geos *geos;
    double area_m2;    /**< of all pairs so far */
    int64_t n_repeats; /**< likewise */
    uint32_t row;      /**< the current building */
    uint32_t first;    /**< row of the first box of the index that is searched */
    partner *partners;
    size_t n_partners;
} pair_search;

/** Counts a building whose box meets that of the current one. Each pair counts once, at its lower row; rows
 * of others are higher than the ZIP's own. */
static bool count_partner(void *user, uint32_t number) {
    pair_search *s = user;
    s->n_partners += s->first + number > s->row;
    return true;
}

/** Lists a building counted by count_partner if the two footprints touch or overlap. */
static bool add_partner(void *user, uint32_t number) {
    pair_search *s = user;
    uint32_t other = s->first + number;
    if (other > s->row && !(zf_footprints_distance_m(s->input->footprints, s->row, other, 0) > 0))
        s->partners[s->n_partners++].row = other;
    return true;
}

/** Visits all buildings whose boxes meet that of the current one. */
static void visit_boxes(pair_search *s, zf_index_visit visit) {
    const zf_envelope *box = &s->input->footprints->boxes[s->row];
    s->n_partners = 0;
    s->first = 0;
    zf_index_window(s->input->boxes, box, visit, s);
    s->first = (uint32_t)s->input->n;
    if (s->input->n_others > 0)
        zf_index_window(s->input->other_boxes, box, visit, s);
}

static int compare_partners(const void *a, const void *b) {
    uint32_t x = ((const partner *)a)->row, y = ((const partner *)b)->row;
    return (x > y) - (x < y);
}

/** Adds a pair to the sums, the building columns and the table. */
static zf_status add_pair(pair_search *s, const partner *p, zf_error *error) {
    const zf_footprints *f = s->input->footprints;
    uint32_t *overlaps = s->out->building_columns[0];
    /* of footprints that repeat each other, the common area may be larger by rounding */
    double share_a = fmin(p->area_m2 / zf_footprints_area_m2(f, s->row), 1);
    double share_b = fmin(p->area_m2 / zf_footprints_area_m2(f, p->row), 1);
    bool repeats = share_a >= repeat_share && share_b >= repeat_share;
    const double cells[N_TABLE_COLUMNS] = {
        [FID_A] = s->row,    [FID_B] = p->row,    [AREA_M2] = p->area_m2,
        [SHARE_A] = share_a, [SHARE_B] = share_b, [REPEATS] = repeats,
    };
    s->area_m2 += p->area_m2;
    s->n_repeats += repeats;
    if (overlaps != NULL)
        overlaps[s->row]++;
    if (overlaps != NULL && p->row < s->input->n)
        overlaps[p->row]++;
    return zf_analysis_rows_append(s->job, s->out->rows, cells, (zf_bytes){NULL, 0}, error);
}

/** Finds the pairs of one building, in the order of their rows. */
static zf_status find_pairs(void *user, uint32_t row, zf_error *error) {
    pair_search *s = user;
    double min_m2 = s->job->arguments[MIN_AREA_M2].number;
    zf_arena_mark mark = zf_arena_get_mark(s->input->arena);
    s->row = row;
    visit_boxes(s, count_partner);
    if (s->n_partners == 0)
        return ZF_OK;
    zf_status status =
        zf_arena_take(s->input->arena, s->n_partners, sizeof *s->partners, &s->partners, error);
    if (status != ZF_OK)
        return status;
    visit_boxes(s, add_partner);
    if (s->n_partners > 1)
        qsort(s->partners, s->n_partners, sizeof *s->partners, compare_partners);
    for (size_t i = 0; status == ZF_OK && i < s->n_partners; i++) {
        partner *p = &s->partners[i];
        status = zf_footprints_common_area_m2(s->input->footprints, row, p->row, s->geos, &p->area_m2, error);
        if (status == ZF_OK && p->area_m2 >= min_m2)
            status = add_pair(s, p, error);
    }
    zf_arena_rewind(s->input->arena, mark);
    return status;
}

/** Finds and writes all pairs, and sums them up for the ZIP. */
static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    pair_search s = {.job = job, .input = input, .out = out};
    uint32_t *overlaps = out->building_columns[0];
    if (overlaps != NULL && input->n > 0)
        memset(overlaps, 0, input->n * sizeof *overlaps);
    zf_status status = zf_geos_create(&s.geos, error);
    if (status == ZF_OK)
        status = zf_each_row(input, find_pairs, &s, error);
    out->zip_values[OVERLAP_PAIRS] = zf_value_integer((int64_t)out->rows->n);
    out->zip_values[OVERLAP_AREA_M2] = zf_value_real(s.area_m2);
    out->zip_values[REPEAT_PAIRS] = zf_value_integer(s.n_repeats);
    zf_geos_destroy(s.geos);
    return status;
}

/** One building may have all others as partners. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    (void)has_building_columns;
    return n * sizeof(partner);
}

const zf_analysis zf_analysis_overlaps = {
    .name = "overlaps",
    .summary = "pairs of important buildings of a ZIP whose footprints overlap or repeat each other",
    .details = "Two buildings repeat each other if their common area is all but a millionth of each. "
               "Buildings that only touch do not overlap. With halo_m, of any value, pairs of a building "
               "of the ZIP, fid_a, and one of another ZIP or of none, fid_b, are reported and counted "
               "too, in each ZIP that has one of the two",
    .needs = ZF_NEEDS_FOOTPRINTS | ZF_NEEDS_FIDS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .n_building_columns = 1,
    .table = {.name = "overlaps", .columns = table_columns, .n_columns = N_TABLE_COLUMNS},
    .run = run,
    .scratch_bytes = scratch_bytes,
};
