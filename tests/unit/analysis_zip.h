/* SPDX-License-Identifier: MIT */
/** One ZIP for the unit tests of analyses: places and numbers in, what the analysis says out. */
#ifndef ZF_TESTS_ANALYSIS_ZIP_H
#define ZF_TESTS_ANALYSIS_ZIP_H

#include "analysis/analysis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants those above */

enum { AZ_MAX_COLUMNS = 8 };

typedef struct analysis_zip {
    size_t n;            /**< of the ZIP */
    size_t n_others;     /**< rows that follow: near the ZIP, but not of it; 0 unless the test says so */
    const int64_t *fids; /**< of all; nullable */
    double *xyz_m;       /**< x 3 */
    double *number;      /**< n; what a field parameter means */
    double area_m2, perimeter_m;
    zf_footprints footprints; /**< filled by az_shape, in the order of the rows */
    bool wants_columns;
    bool is_beyond_forecast; /**< more scratch than was told is no failure */
    const zf_callbacks *callbacks;
    /* out */
    zf_analysis_job job;
    zf_value values[AZ_MAX_COLUMNS];
    void *columns[AZ_MAX_COLUMNS];
    zf_analysis_rows rows;
    double *cells; /**< of all rows */
    zf_bytes *polygons;
    zf_budget budget;
    zf_arena scratch, kept, texts;
    zf_error error;
} analysis_zip;

static inline void az_init(analysis_zip *z, size_t n) {
    *z = (analysis_zip){.n = n, .wants_columns = true, .error = ZF_ERROR_INIT};
    z->xyz_m = calloc(n + 1, 3 * sizeof *z->xyz_m);
    z->number = calloc(n + 1, sizeof *z->number);
    assert_true(z->xyz_m != NULL && z->number != NULL);
    zf_budget_init(&z->budget, 0);
    zf_arena_init(&z->scratch, &z->budget, ZF_MEMORY_ANALYSIS, 64);
    zf_arena_init(&z->kept, NULL, ZF_MEMORY_ANALYSIS, 1024);
    zf_arena_init(&z->texts, NULL, ZF_MEMORY_RECORD, 256);
}

static inline void az_put(analysis_zip *z, size_t i, double x, double y) {
    z->xyz_m[3 * i] = x;
    z->xyz_m[3 * i + 1] = y;
}

static inline void az_deinit(analysis_zip *z) {
    zf_analysis_rows_close(&z->rows);
    zf_arena_release(&z->scratch);
    zf_arena_release(&z->kept);
    zf_arena_release(&z->texts);
    free(z->xyz_m);
    free(z->number);
}

static const zf_frame az_plane = {.unit = 1};

/** The next row's footprint. Room for at most 4 rings and 32 points each. */
static inline void az_shape(analysis_zip *z, const uint8_t *bytes, size_t n_bytes) {
    zf_wkb wkb;
    if (z->footprints.cap == 0)
        assert_int_equal(zf_footprints_create(&z->texts, z->n, 4 * z->n, 32 * z->n, &z->footprints, NULL),
                         ZF_OK);
    if (z->footprints.n == 0)
        assert_int_equal(zf_footprints_keep_crs(&z->footprints, &z->texts, NULL), ZF_OK);
    assert_int_equal(zf_wkb_open(bytes, n_bytes, &wkb), ZF_WKB_POLYGONAL);
    assert_int_equal(zf_footprints_add(&z->footprints, NULL, &az_plane, &wkb, NULL), ZF_OK);
}

/* What is appended is read back. */
static inline void az_read_rows(analysis_zip *z) {
    size_t n_columns = z->job.analysis->table.n_columns;
    assert_int_equal(zf_arena_take(&z->texts, z->rows.n * n_columns, sizeof *z->cells, &z->cells, NULL),
                     ZF_OK);
    assert_int_equal(zf_arena_take(&z->texts, z->rows.n, sizeof *z->polygons, &z->polygons, NULL), ZF_OK);
    for (size_t i = 0; i < z->rows.n; i++) {
        char *copy = NULL;
        assert_int_equal(
            zf_analysis_rows_next(&z->job, &z->rows, z->cells + i * n_columns, &z->polygons[i], NULL), ZF_OK);
        if (z->polygons[i].n > 0) {
            assert_int_equal(zf_arena_copy(&z->texts, z->polygons[i].bytes, z->polygons[i].n, &copy, NULL),
                             ZF_OK);
            z->polygons[i].bytes = (const uint8_t *)copy;
        }
    }
}

/* Runs `text` as a user writes it. The scratch is empty before and after, and no more of it is taken than
 * was told. */
static inline zf_status az_run(analysis_zip *z, const char *text) {
    zf_arena index_arena, index_scratch;
    zf_points *points = NULL;
    assert_int_equal(zf_analysis_job_parse(text, &z->texts, &z->job, &z->error), ZF_OK);
    double *packed = calloc(zf_points_room(z->n) + 1, 3 * sizeof *packed);
    assert_non_null(packed);
    memcpy(packed, z->xyz_m, 3 * z->n * sizeof *packed);
    zf_arena_init(&index_arena, NULL, ZF_MEMORY_INDEX, 4096);
    zf_arena_init(&index_scratch, NULL, ZF_MEMORY_INDEX, 4096);
    assert_int_equal(zf_points_build(packed, z->n, &index_arena, &index_scratch, &points, NULL), ZF_OK);
    const zf_analysis *analysis = z->job.analysis;
    zf_index *boxes = NULL;
    if (zf_analysis_job_needs(&z->job) & ZF_NEEDS_FOOTPRINTS)
        assert_int_equal(zf_index_build(z->footprints.boxes, z->n, &index_arena, &boxes, NULL), ZF_OK);
    zf_points *other_points = NULL;
    zf_index *other_boxes = NULL;
    double *others_packed = calloc(zf_points_room(z->n_others) + 1, 3 * sizeof *others_packed);
    assert_non_null(others_packed);
    memcpy(others_packed, z->xyz_m + 3 * z->n, 3 * z->n_others * sizeof *others_packed);
    assert_int_equal(
        zf_points_build(others_packed, z->n_others, &index_arena, &index_scratch, &other_points, NULL),
        ZF_OK);
    if (zf_analysis_job_needs(&z->job) & ZF_NEEDS_FOOTPRINTS && z->n_others > 0)
        assert_int_equal(
            zf_index_build(z->footprints.boxes + z->n, z->n_others, &index_arena, &other_boxes, NULL), ZF_OK);
    for (size_t c = 0; c < analysis->n_building_columns; c++) {
        z->columns[c] = NULL;
        if (z->wants_columns)
            assert_int_equal(zf_arena_alloc(&z->kept, z->n,
                                            zf_analysis_cell_bytes(analysis->building_columns[c].producer),
                                            &z->columns[c], NULL),
                             ZF_OK);
    }
    double *const numbers[] = {z->number};
    zf_analysis_input input = {.n = z->n,
                               .n_others = z->n_others,
                               .other_points = other_points,
                               .other_boxes = other_boxes,
                               .fids = z->fids,
                               .area_m2 = z->area_m2,
                               .perimeter_m = z->perimeter_m,
                               .points = points,
                               .footprints = &z->footprints,
                               .boxes = boxes,
                               .numbers = numbers,
                               .arena = &z->scratch,
                               .callbacks = z->callbacks};
    zf_analysis_rows_close(&z->rows);
    z->rows.arena = &z->kept;
    zf_analysis_output output = {z->values, z->columns, &z->rows};
    zf_budget_reset_peak(&z->budget);
    zf_status status = zf_analysis_run(&z->job, &input, &output, &z->error);
    size_t told = analysis->scratch_bytes(&z->job, z->n + z->n_others, z->wants_columns);
    assert_true(z->is_beyond_forecast || atomic_load(&z->budget.peak_bytes) <= told + 1024);
    assert_int_equal(z->scratch.used_bytes, 0);
    if (status == ZF_OK)
        az_read_rows(z);
    zf_arena_release(&index_arena);
    zf_arena_release(&index_scratch);
    free(packed);
    free(others_packed);
    return status;
}

/** Reproducible numbers in [0, 1). */
static inline double az_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

static inline bool az_always(void *user) {
    (void)user;
    return true;
}

#endif
