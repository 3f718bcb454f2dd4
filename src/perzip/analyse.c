/* SPDX-License-Identifier: MIT */
/* The analyses of one ZIP, and the indexes that they share. */
#include "perzip/zip.h"

enum { SCRATCH_CHUNK_BYTES = 4 * 1024, POINTS_AT_ONCE = 256 };

/** Brings centroids, (x, y, nothing) in the CRS, into the ZIP's metric frame. */
static zf_status move_to_frame(zf_zip_work *w, zf_zip_buildings *buildings, zf_error *error) {
    double xy[2 * POINTS_AT_ONCE];
    zf_status st = ZF_OK;
    for (size_t first = 0; st == ZF_OK && first < buildings->n; first += POINTS_AT_ONCE) {
        double *xyz_m = buildings->xyz_m + 3 * first;
        size_t n = buildings->n - first < POINTS_AT_ONCE ? buildings->n - first : POINTS_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            xy[2 * i] = xyz_m[3 * i];
            xy[2 * i + 1] = xyz_m[3 * i + 1];
        }
        st = zf_metric_to_frame(w->metric, &w->frame, xy, n, xyz_m, error);
    }
    return st;
}

/** Indexes some of the buildings: their centroids, and the boxes of their footprints, of which first_box is
 * the first. */
static zf_status build_indexes(zf_zip_work *w, unsigned needs, size_t first_box, zf_zip_buildings *buildings,
                               zf_error *error) {
    zf_arena *arena = &w->arenas.index;
    zf_status st = ZF_OK;
    if (needs & ZF_NEEDS_POINTS) {
        zf_arena scratch;
        zf_arena_init(&scratch, w->perzip->budget, ZF_MEMORY_INDEX, SCRATCH_CHUNK_BYTES);
        st = move_to_frame(w, buildings, error);
        if (st == ZF_OK)
            st = zf_points_build(buildings->xyz_m, buildings->n, arena, &scratch, &buildings->points, error);
        zf_arena_release(&scratch);
    }
    if (st == ZF_OK && needs & ZF_NEEDS_FOOTPRINTS)
        st = zf_index_build(w->footprints.boxes + first_box, buildings->n, arena, &buildings->boxes, error);
    return st;
}

static zf_status zone_perimeter(const zf_zip_work *w, double *out_m, zf_error *error) {
    double measures[ZF_MEASURE_KINDS] = {0};
    zf_bytes polygon = w->results.polygon;
    zf_wkb wkb;
    *out_m = 0;
    if (polygon.bytes == NULL || zf_wkb_open(polygon.bytes, polygon.n, &wkb) != ZF_WKB_POLYGONAL)
        return ZF_OK;
    zf_status st = zf_metric_measure(w->metric, &wkb, 1u << ZF_MEASURE_PERIMETER_M, measures, error);
    *out_m = measures[ZF_MEASURE_PERIMETER_M];
    return st;
}

/** Takes room for the results of all analyses. */
static zf_status take_results(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_zip_results *r = &w->results;
    zf_arena *arena = &w->arenas.result;
    size_t n_columns = 0;
    for (size_t i = 0; i < plan->analyses.n; i++)
        n_columns += plan->analyses.jobs[i].analysis->n_building_columns;
    zf_status st = zf_arena_take(arena, n_columns, sizeof *r->building_columns, &r->building_columns, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, plan->analyses.n, sizeof *r->tables, &r->tables, error);
    for (size_t i = 0; st == ZF_OK && i < plan->analyses.n; i++)
        r->tables[i] = (zf_analysis_rows){.arena = arena, .temp_dir = w->perzip->options->temp_dir};
    return st;
}

/** Runs one analysis. `input` is the same for all of them but for what this one does not see. */
static zf_status run_analysis(zf_zip_work *w, const zf_analysis_job *job, zf_analysis_input input,
                              zf_analysis_output *output, zf_error *error) {
    const zf_analysis *analysis = job->analysis;
    zf_arena scratch;
    zf_arena_init(&scratch, w->perzip->budget, ZF_MEMORY_ANALYSIS, SCRATCH_CHUNK_BYTES);
    input.arena = &scratch;
    if (zf_analysis_job_halo_m(job) < 0)
        input.n_others = 0;
    zf_status st = ZF_OK;
    for (size_t c = 0; c < analysis->n_building_columns; c++) {
        size_t cell_bytes = zf_analysis_cell_bytes(analysis->building_columns[c].producer);
        output->building_columns[c] = NULL;
        if (st == ZF_OK && zf_plan_has_analysis_columns(w->perzip->plan))
            st = zf_arena_alloc(&w->arenas.result, w->own.n, cell_bytes, &output->building_columns[c], error);
    }
    if (st == ZF_OK)
        st = zf_analysis_run(job, &input, output, error);
    zf_zip_sample_memory(w);
    zf_arena_release(&scratch);
    return st;
}

static zf_status run_analyses(zf_zip_work *w, double area_m2, double perimeter_m, size_t *column,
                              zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    const zf_analysis_input input = {.n = w->own.n,
                                     .n_others = w->others.n,
                                     .area_m2 = area_m2,
                                     .perimeter_m = perimeter_m,
                                     .points = w->own.points,
                                     .footprints = &w->footprints,
                                     .boxes = w->own.boxes,
                                     .other_points = w->others.points,
                                     .other_boxes = w->others.boxes,
                                     .fids = w->fids,
                                     .numbers = w->statistics.numbers,
                                     .callbacks = w->perzip->callbacks};
    zf_status st = ZF_OK;
    void **building_column = w->results.building_columns;
    for (size_t i = 0; st == ZF_OK && i < plan->analyses.n; i++) {
        const zf_analysis *analysis = plan->analyses.jobs[i].analysis;
        zf_analysis_output output = {w->results.zip_values + *column, building_column, &w->results.tables[i]};
        st = run_analysis(w, &plan->analyses.jobs[i], input, &output, error);
        *column += analysis->n_zip_columns;
        building_column += analysis->n_building_columns;
    }
    return st;
}

/** Releases what only the analyses need; nothing of it is reachable afterwards. */
static void release_inputs(zf_zip_work *w) {
    zf_arena_release(&w->arenas.index);
    zf_arena_release(&w->arenas.analyses);
    w->own = (zf_zip_buildings){.n = w->own.n};
    w->others = (zf_zip_buildings){.n = w->others.n};
    w->footprints = (zf_footprints){0};
    w->statistics.numbers = NULL;
}

zf_status zf_zip_analyse(zf_zip_work *w, double area_m2, size_t *column, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    double perimeter_m = 0;
    zf_status st = ZF_OK;
    if (plan->analyses.n > 0) {
        st = take_results(w, error);
        if (st == ZF_OK)
            st = build_indexes(w, plan->analyses.needs, 0, &w->own, error);
        if (st == ZF_OK && w->others.n > 0)
            st = build_indexes(w, plan->analyses.halo.needs, w->own.n, &w->others, error);
        if (st == ZF_OK && plan->analyses.needs & ZF_NEEDS_PERIMETER)
            st = zone_perimeter(w, &perimeter_m, error);
        if (st == ZF_OK)
            st = run_analyses(w, area_m2, perimeter_m, column, error);
    }
    release_inputs(w);
    return st;
}
