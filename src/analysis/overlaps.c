/* SPDX-License-Identifier: MIT */
/* Which important buildings of a ZIP overlap, or are there twice. */
#include "analysis/analysis_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_AREA_M2 = 0, HALO_M, N_PARAMETERS };
enum { ROWS_PER_CANCEL_CHECK = 1024, PAIRS_PER_BLOCK = 64 };

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
static const zf_analysis_cell building_cells[] = {ZF_CELL_COUNT};

enum { FID_A = 0, FID_B, AREA_M2, SHARE_A, SHARE_B, REPEATS, N_TABLE_COLUMNS };
static const zf_column table_columns[N_TABLE_COLUMNS] = {
    [FID_A] = {"fid_a", ZF_FIELD_INTEGER},  [FID_B] = {"fid_b", ZF_FIELD_INTEGER},
    [AREA_M2] = {"area_m2", ZF_FIELD_REAL}, [SHARE_A] = {"share_a", ZF_FIELD_REAL},
    [SHARE_B] = {"share_b", ZF_FIELD_REAL}, [REPEATS] = {"repeats", ZF_FIELD_BOOLEAN},
};
static const zf_analysis_cell table_cells[N_TABLE_COLUMNS] = {[FID_A] = ZF_CELL_ROW, [FID_B] = ZF_CELL_ROW};

/** Two that repeat each other have all but rounding in common. */
static const double repeat_share = 1 - 1e-6;

typedef struct pair {
    uint32_t a, b;
    double area_m2;
} pair;

/** Pairs found, in blocks of the scratch, the last block first. */
typedef struct block {
    struct block *before;
    size_t n;
    pair pairs[PAIRS_PER_BLOCK];
} block;

typedef struct search {
    const zf_analysis_input *input;
    zf_geos *geos;
    double min_m2;
    uint32_t row;
    block *last;
    size_t n;
    zf_status status;
    zf_error *error;
} search;

static zf_status keep(search *s, uint32_t other, double area_m2) {
    if (s->last == NULL || s->last->n == PAIRS_PER_BLOCK) {
        block *next = NULL;
        zf_status status = zf_arena_take(s->input->arena, 1, sizeof *next, &next, s->error);
        if (status != ZF_OK)
            return status;
        next->before = s->last;
        next->n = 0;
        s->last = next;
    }
    s->last->pairs[s->last->n++] = (pair){s->row, other, area_m2};
    s->n++;
    return ZF_OK;
}

/* Each pair once, at its lower row: that of the others is always the higher. */
static bool meet(void *user, uint32_t other) {
    search *s = user;
    double area_m2 = 0;
    if (other <= s->row || zf_footprints_distance_m(s->input->footprints, s->row, other, 0) > 0)
        return true;
    s->status =
        zf_footprints_common_area_m2(s->input->footprints, s->row, other, s->geos, &area_m2, s->error);
    if (s->status == ZF_OK && area_m2 >= s->min_m2)
        s->status = keep(s, other, area_m2);
    return s->status == ZF_OK;
}

static bool meet_other(void *user, uint32_t number) {
    search *s = user;
    return meet(user, (uint32_t)s->input->n + number);
}

static zf_status search_all(search *s, bool looks_beyond) {
    for (size_t i = 0; s->status == ZF_OK && i < s->input->n; i++) {
        if (i % ROWS_PER_CANCEL_CHECK == 0)
            s->status = zf_check_cancelled(s->input->callbacks, s->error);
        s->row = (uint32_t)i;
        if (s->status == ZF_OK)
            zf_index_window(s->input->boxes, &s->input->footprints->boxes[i], meet, s);
        if (s->status == ZF_OK && looks_beyond)
            zf_index_window(s->input->other_boxes, &s->input->footprints->boxes[i], meet_other, s);
    }
    return s->status;
}

static int compare_rows(const void *a, const void *b) {
    const double *x = a, *y = b;
    return x[FID_A] != y[FID_A] ? (x[FID_A] > y[FID_A]) - (x[FID_A] < y[FID_A])
                                : (x[FID_B] > y[FID_B]) - (x[FID_B] < y[FID_B]);
}

static zf_status fill_rows(const zf_analysis_job *job, const search *s, zf_analysis_rows *rows,
                           zf_error *error) {
    const zf_footprints *f = s->input->footprints;
    size_t row = 0;
    zf_status status = zf_analysis_rows_take(job, rows, s->n, error);
    for (const block *b = s->last; status == ZF_OK && b != NULL; b = b->before)
        for (size_t i = 0; i < b->n; i++, row++) {
            const pair *p = &b->pairs[i];
            double *cells = rows->cells + row * N_TABLE_COLUMNS;
            cells[FID_A] = p->a;
            cells[FID_B] = p->b;
            cells[AREA_M2] = p->area_m2;
            cells[SHARE_A] = p->area_m2 / zf_footprints_area_m2(f, p->a);
            cells[SHARE_B] = p->area_m2 / zf_footprints_area_m2(f, p->b);
            cells[REPEATS] = cells[SHARE_A] >= repeat_share && cells[SHARE_B] >= repeat_share;
        }
    if (status == ZF_OK && rows->n > 1)
        qsort(rows->cells, rows->n, N_TABLE_COLUMNS * sizeof *rows->cells, compare_rows);
    return status;
}

static void sum_up(const zf_analysis_input *input, zf_analysis_output *out) {
    uint32_t *overlaps = out->building_columns[0];
    double area_m2 = 0;
    int64_t n_repeats = 0;
    if (overlaps != NULL && input->n > 0)
        memset(overlaps, 0, input->n * sizeof *overlaps);
    for (size_t row = 0; row < out->rows->n; row++) {
        const double *cells = out->rows->cells + row * N_TABLE_COLUMNS;
        area_m2 += cells[AREA_M2];
        n_repeats += cells[REPEATS] > 0;
        if (overlaps == NULL)
            continue;
        overlaps[(size_t)cells[FID_A]]++;
        if (cells[FID_B] < (double)input->n)
            overlaps[(size_t)cells[FID_B]]++;
    }
    out->zip_values[OVERLAP_PAIRS] = zf_value_integer((int64_t)out->rows->n);
    out->zip_values[OVERLAP_AREA_M2] = zf_value_real(area_m2);
    out->zip_values[REPEAT_PAIRS] = zf_value_integer(n_repeats);
}

static zf_status run(const zf_analysis_job *job, const zf_analysis_input *input, zf_analysis_output *out,
                     zf_error *error) {
    zf_arena_mark mark = zf_arena_get_mark(input->arena);
    search s = {.input = input, .min_m2 = job->arguments[MIN_AREA_M2].number, .error = error};
    zf_status status = zf_geos_create(&s.geos, error);
    if (status == ZF_OK)
        status = search_all(&s, input->n_others > 0 && zf_analysis_job_halo_m(job) >= 0);
    if (status == ZF_OK)
        status = fill_rows(job, &s, out->rows, error);
    if (status == ZF_OK)
        sum_up(input, out);
    zf_geos_destroy(s.geos);
    zf_arena_rewind(input->arena, mark);
    return status == ZF_OK ? ZF_OK : zf_error_within(error, status, "analysis overlaps");
}

/* Where there are more pairs than buildings, the rest is asked of the budget when it is found. */
static size_t scratch_bytes(const zf_analysis_job *job, size_t n, bool has_building_columns) {
    (void)job;
    (void)has_building_columns;
    return (n / PAIRS_PER_BLOCK + 1) * sizeof(block);
}

static size_t table_bytes(const zf_analysis_job *job, size_t n) {
    (void)job;
    return n * N_TABLE_COLUMNS * sizeof(double);
}

const zf_analysis zf_analysis_overlaps = {
    .name = "overlaps",
    .summary = "pairs of important buildings of a ZIP whose footprints overlap or repeat each other",
    .details =
        "area_m2 is what two have in common, share_a and share_b its part of each; those that have all but "
        "a millionth of both in common repeat each other. Buildings that only touch do not overlap. "
        "overlaps is the number of others that a building overlaps. With halo_m, of whatever size, pairs "
        "of a building of the ZIP, fid_a, and one that is not, fid_b, are told and counted too: in each "
        "ZIP that has one of the two",
    .needs = ZF_NEEDS_FOOTPRINTS | ZF_NEEDS_FIDS,
    .parameters = parameters,
    .n_parameters = N_PARAMETERS,
    .zip_columns = zip_columns,
    .n_zip_columns = N_ZIP_COLUMNS,
    .building_columns = building_columns,
    .building_cells = building_cells,
    .n_building_columns = 1,
    .table = "overlaps",
    .table_columns = table_columns,
    .table_cells = table_cells,
    .n_table_columns = N_TABLE_COLUMNS,
    .run = run,
    .scratch_bytes = scratch_bytes,
    .table_bytes = table_bytes,
};
