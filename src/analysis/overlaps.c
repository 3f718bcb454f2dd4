/* SPDX-License-Identifier: MIT */
/* Which important buildings of a ZIP overlap, or are there twice. */
#include "analysis/analysis_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_AREA_M2 = 0, HALO_M, N_PARAMETERS };
enum { ROWS_PER_CANCEL_CHECK = 1024 };

static const zf_parameter parameters[N_PARAMETERS] = {
    [MIN_AREA_M2] = {.name = "min_area_m2",
                     .kind = ZF_PARAMETER_NUMBER,
                     .min = 1e-6,
                     .max = 1e9,
                     .by_default = "0.01",
                     .help = "square metres that two buildings must have in common to be told of"},
    [HALO_M] = ZF_HALO_PARAMETER,
};

enum { OVERLAP_PAIRS = 0, OVERLAP_AREA_M2, REPEAT_PAIRS, N_ZIP_COLUMNS };
static const zf_column zip_columns[N_ZIP_COLUMNS] = {
    [OVERLAP_PAIRS] = {"overlap_pairs", ZF_FIELD_INTEGER},
    [OVERLAP_AREA_M2] = {"overlap_area_m2", ZF_FIELD_REAL},
    [REPEAT_PAIRS] = {"repeat_pairs", ZF_FIELD_INTEGER},
};

static const zf_column building_columns[] = {{"overlaps", ZF_FIELD_INTEGER}};
static const char *const zip_definitions[N_ZIP_COLUMNS] = {
    [OVERLAP_PAIRS] = "number of pairs that overlap, those that repeat each other among them",
    [OVERLAP_AREA_M2] = "sum of what the pairs have in common, in square metres",
    [REPEAT_PAIRS] = "number of pairs that repeat each other",
};
static const char *const building_definitions[] = {"number of other important buildings that it overlaps"};
static const zf_analysis_cell building_cells[] = {ZF_CELL_COUNT};

enum { FID_A = 0, FID_B, AREA_M2, SHARE_A, SHARE_B, REPEATS, N_TABLE_COLUMNS };
static const zf_column table_columns[N_TABLE_COLUMNS] = {
    [FID_A] = {"fid_a", ZF_FIELD_INTEGER},  [FID_B] = {"fid_b", ZF_FIELD_INTEGER},
    [AREA_M2] = {"area_m2", ZF_FIELD_REAL}, [SHARE_A] = {"share_a", ZF_FIELD_REAL},
    [SHARE_B] = {"share_b", ZF_FIELD_REAL}, [REPEATS] = {"repeats", ZF_FIELD_BOOLEAN},
};
static const char *const table_definitions[N_TABLE_COLUMNS] = {
    [FID_A] = "feature id of one, the lower of two of the ZIP",
    [FID_B] = "feature id of the other",
    [AREA_M2] = "area that both have in common, in square metres",
    [SHARE_A] = "its part of the area of fid_a, 0 to 1",
    [SHARE_B] = "its part of the area of fid_b, 0 to 1",
    [REPEATS] = "1 where they repeat each other, else 0",
};
static const zf_analysis_cell table_cells[N_TABLE_COLUMNS] = {[FID_A] = ZF_CELL_ROW, [FID_B] = ZF_CELL_ROW};

/** Two that repeat each other have all but rounding in common. */
static const double repeat_share = 1 - 1e-6;

/** Another one that the row may overlap, and by how much. */
typedef struct partner {
    uint32_t row;
    double area_m2;
} partner;

typedef struct search {
    const zf_analysis_job *job;
    const zf_analysis_input *input;
    zf_analysis_output *out;
    zf_geos *geos;
    uint32_t row;
    size_t n_near; /**< with boxes that meet the row's */
    partner *partners;
    size_t n_partners;
    double area_m2;
    int64_t n_repeats;
} search;

/* Each pair once, at its lower row: that of the others is always the higher. */
static bool count(void *user, uint32_t other) {
    search *s = user;
    s->n_near += other > s->row;
    return true;
}

static bool count_other(void *user, uint32_t number) {
    search *s = user;
    return count(s, (uint32_t)s->input->n + number);
}

static bool meet(void *user, uint32_t other) {
    search *s = user;
    if (other > s->row && !(zf_footprints_distance_m(s->input->footprints, s->row, other, 0) > 0))
        s->partners[s->n_partners++].row = other;
    return true;
}

static bool meet_other(void *user, uint32_t number) {
    search *s = user;
    return meet(s, (uint32_t)s->input->n + number);
}

static void look_around(search *s, zf_index_visit own, zf_index_visit other) {
    const zf_envelope *box = &s->input->footprints->boxes[s->row];
    zf_index_window(s->input->boxes, box, own, s);
    if (s->input->n_others > 0)
        zf_index_window(s->input->other_boxes, box, other, s);
}

static int compare_partners(const void *a, const void *b) {
    uint32_t x = ((const partner *)a)->row, y = ((const partner *)b)->row;
    return (x > y) - (x < y);
}

static zf_status put_row(search *s, const partner *p, zf_error *error) {
    const zf_footprints *f = s->input->footprints;
    uint32_t *overlaps = s->out->building_columns[0];
    double share_a = p->area_m2 / zf_footprints_area_m2(f, s->row);
    double share_b = p->area_m2 / zf_footprints_area_m2(f, p->row);
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

/* The row's partners in their order, one after the other. */
static zf_status put_rows(search *s, zf_error *error) {
    double min_m2 = s->job->arguments[MIN_AREA_M2].number;
    zf_status status = ZF_OK;
    s->n_partners = 0;
    look_around(s, meet, meet_other);
    if (s->n_partners > 1)
        qsort(s->partners, s->n_partners, sizeof *s->partners, compare_partners);
    for (size_t i = 0; status == ZF_OK && i < s->n_partners; i++) {
        partner *p = &s->partners[i];
        status =
            zf_footprints_common_area_m2(s->input->footprints, s->row, p->row, s->geos, &p->area_m2, error);
        if (status == ZF_OK && p->area_m2 >= min_m2)
            status = put_row(s, p, error);
    }
    return status;
}

static zf_status search_row(search *s, zf_error *error) {
    zf_arena_mark mark = zf_arena_get_mark(s->input->arena);
    s->n_near = 0;
    look_around(s, count, count_other);
    if (s->n_near == 0)
        return ZF_OK;
    zf_status status = zf_arena_take(s->input->arena, s->n_near, sizeof *s->partners, &s->partners, error);
    if (status == ZF_OK)
        status = put_rows(s, error);
    zf_arena_rewind(s->input->arena, mark);
    return status;
}

static zf_status search_all(search *s, zf_error *error) {
    uint32_t *overlaps = s->out->building_columns[0];
    zf_status status = ZF_OK;
    if (overlaps != NULL && s->input->n > 0)
        memset(overlaps, 0, s->input->n * sizeof *overlaps);
    for (size_t i = 0; status == ZF_OK && i < s->input->n; i++) {
        if (i % ROWS_PER_CANCEL_CHECK == 0)
            status = zf_check_cancelled(s->input->callbacks, error);
        s->row = (uint32_t)i;
        if (status == ZF_OK)
            status = search_row(s, error);
    }
    return status;
}

static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    zf_arena_mark mark = zf_arena_get_mark(input->arena);
    search s = {.job = job, .input = input, .out = out};
    zf_status status = zf_geos_create(&s.geos, error);
    if (status == ZF_OK)
        status = search_all(&s, error);
    out->zip_values[OVERLAP_PAIRS] = zf_value_integer((int64_t)out->rows->n);
    out->zip_values[OVERLAP_AREA_M2] = zf_value_real(s.area_m2);
    out->zip_values[REPEAT_PAIRS] = zf_value_integer(s.n_repeats);
    zf_geos_destroy(s.geos);
    zf_arena_rewind(input->arena, mark);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "analysis overlaps");
}

/* All of them upon each other: then one has all others as partners. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    (void)has_building_columns;
    return n * sizeof(partner);
}

const zf_analysis zf_analysis_overlaps = {
    .name = "overlaps",
    .summary = "pairs of important buildings of a ZIP whose footprints overlap or repeat each other",
    .details =
        "Two that have all but a millionth of both in common repeat each other. Buildings that only touch "
        "do not overlap. With halo_m, of whatever size, pairs "
        "of a building of the ZIP, fid_a, and one that is not, fid_b, are told and counted too: in each "
        "ZIP that has one of the two",
    .needs = ZF_NEEDS_FOOTPRINTS | ZF_NEEDS_FIDS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .zip_columns = zip_columns,
    .zip_definitions = zip_definitions,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .building_definitions = building_definitions,
    .building_cells = building_cells,
    .n_building_columns = 1,
    .table = "overlaps",
    .table_columns = table_columns,
    .table_definitions = table_definitions,
    .table_cells = table_cells,
    .n_table_columns = N_TABLE_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
};
