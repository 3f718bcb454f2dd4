/* SPDX-License-Identifier: MIT */
#include "os/process.h"
#include "perzip/zip_line.h"
#include "perzip/zips.h"

#include <math.h>
#include <string.h>

/** A small ZIP takes little more than it needs. */
enum { CHUNK_BYTES = 4 * 1024 };
enum { CENTROIDS_AT_ONCE = 256 };

/* Between two looks at the process the budget knows what zonefold itself held at most. */
static void note_live(zf_zip_work *w) {
    zf_budget *budget = w->loop->budget;
    if (w->loop->timeline == NULL)
        return;
    size_t live = zf_process_live_bytes();
    live += atomic_load(&budget->peak_bytes) - atomic_load(&budget->total_bytes);
    zf_budget_reset_peak(budget);
    if (live > w->live_peak_bytes)
        w->live_peak_bytes = live;
}

/* ---- columns of zip_summary ---- */

static zf_status zone_area(const zf_zip_work *w, double *out_m2, zf_error *error) {
    zf_wkb wkb;
    *out_m2 = 0;
    if (w->polygon.bytes == NULL || zf_wkb_open(w->polygon.bytes, w->polygon.n, &wkb) != ZF_WKB_POLYGONAL)
        return ZF_OK;
    return zf_metric_area_m2(w->metric, &wkb, out_m2, error);
}

static zf_status zone_perimeter(const zf_zip_work *w, double *out_m, zf_error *error) {
    double measures[ZF_MEASURE_KINDS] = {0};
    zf_wkb wkb;
    *out_m = 0;
    if (w->polygon.bytes == NULL || zf_wkb_open(w->polygon.bytes, w->polygon.n, &wkb) != ZF_WKB_POLYGONAL)
        return ZF_OK;
    zf_status st = zf_metric_measure(w->metric, &wkb, 1u << ZF_MEASURE_PERIMETER_M, measures, error);
    *out_m = measures[ZF_MEASURE_PERIMETER_M];
    return st;
}

static zf_status fill_fixed(zf_zip_work *w, zf_error *error) {
    const zf_zip_count *count = &w->loop->zip_counts[w->zone->rank - 1];
    double area_m2 = 0;
    zf_status st = zone_area(w, &area_m2, error);
    if (st != ZF_OK)
        return st;
    w->area_m2 = area_m2;
    bool is_weighted = w->loop->plan->is_weighted;
    double built_m2 =
        is_weighted ? zf_weight_get(&w->shared_m2) : zf_exact_scaled(&w->totals[ZF_NUMBER_AREA].sum, 0);
    double n = is_weighted ? zf_weight_get(&w->shares) : (double)w->n;
    zf_value *v = w->zip_values;
    v[ZF_ZIP_PARTS] = zf_value_integer((int64_t)w->zone->n_parts);
    v[ZF_ZIP_AREA] = zf_value_real(area_m2);
    v[ZF_ZIP_BUILDINGS] = zf_value_integer((int64_t)count->buildings);
    v[ZF_ZIP_IMPORTANT] = zf_value_integer((int64_t)w->n);
    v[ZF_ZIP_CROSSING] = zf_value_integer((int64_t)count->crossing);
    v[ZF_ZIP_BUILT_AREA] = zf_value_real(built_m2);
    v[ZF_ZIP_COVERAGE] = zf_value_real(area_m2 > 0 ? built_m2 / area_m2 : NAN);
    v[ZF_ZIP_PER_KM2] = zf_value_real(area_m2 > 0 ? n / (area_m2 / 1e6) : NAN);
    return ZF_OK;
}

/* ---- index and analyses ---- */

/* From where the rows left them, (x, y, nothing), into the ZIP's metric frame. A ZIP without area has no
 * centre, and no buildings. */
zf_status zf_zip_place(zf_zip_work *w, double *all_xyz_m, size_t n_all, zf_error *error) {
    double xy[2 * CENTROIDS_AT_ONCE];
    if (n_all == 0)
        return ZF_OK;
    zf_status st = zf_metric_frame(w->metric, &w->zone->envelope, &w->frame, error);
    for (size_t first = 0; st == ZF_OK && first < n_all; first += CENTROIDS_AT_ONCE) {
        double *xyz_m = all_xyz_m + 3 * first;
        size_t n = n_all - first < CENTROIDS_AT_ONCE ? n_all - first : CENTROIDS_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            xy[2 * i] = xyz_m[3 * i];
            xy[2 * i + 1] = xyz_m[3 * i + 1];
        }
        st = zf_metric_to_frame(w->metric, &w->frame, xy, n, xyz_m, error);
    }
    return st;
}

static zf_status pack_points(zf_zip_work *w, zf_error *error) {
    zf_arena scratch;
    zf_arena_init(&scratch, w->loop->budget, ZF_MEMORY_INDEX, CHUNK_BYTES);
    zf_status st = zf_zip_place(w, w->xyz_m, w->n, error);
    if (st == ZF_OK)
        st = zf_points_build(w->xyz_m, w->n, &w->index_arena, &scratch, &w->points, error);
    zf_arena_release(&scratch);
    return st;
}

static zf_status build_indexes(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = plan->needs & ZF_NEEDS_POINTS ? pack_points(w, error) : ZF_OK;
    if (st == ZF_OK && plan->needs & ZF_NEEDS_FOOTPRINTS)
        st = zf_index_build(w->footprints.boxes, w->n, &w->index_arena, &w->boxes, error);
    if (st == ZF_OK && w->n_others > 0)
        st = zf_zip_halo_index(w, error);
    return st;
}

static zf_status run_analysis(zf_zip_work *w, size_t number, size_t *zip_column, size_t *building_column,
                              zf_error *error) {
    const zf_analysis_job *job = &w->loop->plan->analyses[number];
    const zf_analysis *analysis = job->analysis;
    void **columns = w->analysis_columns + *building_column;
    zf_arena scratch;
    zf_arena_init(&scratch, w->loop->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_analysis_input input = {.n = w->n,
                               .n_others = zf_analysis_job_halo_m(job) >= 0 ? w->n_others : 0,
                               .area_m2 = w->area_m2,
                               .perimeter_m = w->perimeter_m,
                               .points = w->points,
                               .footprints = &w->footprints,
                               .boxes = w->boxes,
                               .other_points = w->other_points,
                               .other_boxes = w->other_boxes,
                               .fids = w->fid,
                               .numbers = w->numbers,
                               .arena = &scratch,
                               .callbacks = w->loop->callbacks};
    zf_analysis_output output = {w->zip_values + *zip_column, columns, &w->tables[number]};
    zf_status st = ZF_OK;
    for (size_t c = 0; c < analysis->n_building_columns; c++) {
        size_t cell_bytes = zf_analysis_cell_bytes(analysis->building_cells[c]);
        columns[c] = NULL;
        if (st == ZF_OK && zf_plan_has_analysis_columns(w->loop->plan))
            st = zf_arena_alloc(&w->arena, w->n, cell_bytes, &columns[c], error);
    }
    if (st == ZF_OK)
        st = analysis->run(job, &input, &output, error);
    note_live(w);
    zf_arena_release(&scratch);
    *zip_column += analysis->n_zip_columns;
    *building_column += analysis->n_building_columns;
    return st == ZF_OK ? st : zf_error_within(error, st, "analysis %s", analysis->name);
}

static zf_status run_analyses(zf_zip_work *w, size_t *zip_column, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    size_t n_columns = 0, building_column = 0;
    if (plan->n_analyses == 0)
        return ZF_OK;
    for (size_t i = 0; i < plan->n_analyses; i++)
        n_columns += plan->analyses[i].analysis->n_building_columns;
    zf_status st =
        zf_arena_take(&w->arena, n_columns, sizeof *w->analysis_columns, &w->analysis_columns, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arena, plan->n_analyses, sizeof *w->tables, &w->tables, error);
    for (size_t i = 0; st == ZF_OK && i < plan->n_analyses; i++)
        w->tables[i] = (zf_analysis_rows){.arena = &w->arena, .temp_dir = w->loop->options->temp_dir};
    if (st == ZF_OK)
        st = build_indexes(w, error);
    if (st == ZF_OK && plan->needs & ZF_NEEDS_PERIMETER)
        st = zone_perimeter(w, &w->perimeter_m, error);
    for (size_t i = 0; st == ZF_OK && i < plan->n_analyses; i++)
        st = run_analysis(w, i, zip_column, &building_column, error);
    zf_arena_release(&w->index_arena);
    zf_arena_release(&w->points_arena);
    w->points = w->other_points = NULL;
    w->footprints = (zf_footprints){0};
    w->boxes = w->other_boxes = NULL;
    w->xyz_m = w->other_xyz_m = NULL;
    w->numbers = NULL;
    return st;
}

/* ---- writing ---- */

static zf_status write_zip(zf_zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    zf_zip_line line = {w->zone->rank, w->zone->zip, loop->plan->zip_columns, w->zip_values,
                        loop->plan->n_zip_columns};
    zf_status st =
        zf_output_write_zip(loop->sink, w->zone->rank, w->zone->zip, w->zip_values, w->polygon, error);
    if (st == ZF_OK && loop->zip_done != NULL)
        st = loop->zip_done(loop->zip_user, &line, error);
    return st;
}

static zf_status write_rows(zf_zip_work *w, const zf_analysis_job *job, size_t table, zf_analysis_rows *rows,
                            zf_error *error) {
    const zf_analysis_cell *kinds = job->analysis->table_cells;
    size_t n_columns = job->analysis->n_table_columns;
    zf_value *values = NULL;
    double *cells = NULL;
    zf_status st = zf_arena_take(&w->arena, n_columns, sizeof *values, &values, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arena, n_columns, sizeof *cells, &cells, error);
    for (size_t row = 0; st == ZF_OK && row < rows->n; row++) {
        zf_bytes polygon = {NULL, 0};
        st = zf_analysis_rows_next(job, rows, cells, &polygon, error);
        for (size_t c = 0; st == ZF_OK && c < n_columns; c++) {
            bool is_row = kinds != NULL && kinds[c] == ZF_CELL_ROW;
            values[c] = is_row ? zf_value_integer(w->fid[(size_t)cells[c]]) : zf_value_real(cells[c]);
        }
        if (st == ZF_OK)
            st = zf_output_write_further(w->loop->sink, table, w->zone->rank, w->zone->zip, values, polygon,
                                       error);
    }
    return st;
}

static zf_status write_tables(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = ZF_OK;
    for (size_t i = 0, table = 0; st == ZF_OK && i < plan->n_analyses; i++)
        if (plan->analyses[i].analysis->table != NULL)
            st = write_rows(w, &plan->analyses[i], table++, &w->tables[i], error);
    return st;
}

static zf_value cell_value(const zf_zip_work *w, zf_analysis_cell cell, const void *column, size_t row) {
    if (cell == ZF_CELL_NUMBER)
        return zf_value_real(((const double *)column)[row]);
    if (cell == ZF_CELL_COUNT)
        return zf_value_integer(((const uint32_t *)column)[row]);
    uint32_t other = ((const uint32_t *)column)[row];
    return other == ZF_NO_ROW ? zf_value_null() : zf_value_integer(w->fid[other]);
}

static void fill_analysis_values(const zf_zip_work *w, size_t row, zf_value *values) {
    const zf_plan *plan = w->loop->plan;
    size_t column = 0;
    if (!zf_plan_has_analysis_columns(plan))
        return;
    for (size_t i = 0; i < plan->n_analyses; i++)
        for (size_t c = 0; c < plan->analyses[i].analysis->n_building_columns; c++, column++)
            values[plan->n_constant + plan->n_carried + column] = cell_value(
                w, plan->analyses[i].analysis->building_cells[c], w->analysis_columns[column], row);
}

/* What the user's SELECTs see of a building. */
static zf_status add_to_questions(zf_zip_work *w, int64_t fid, const zf_value *payload, zf_value *asked,
                                  zf_bytes wkb, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    for (size_t i = 0; i < plan->n_asked; i++)
        asked[i] = plan->asked[i] == ZF_SCOPE_FID ? zf_value_integer(fid) : payload[plan->asked_at[i]];
    return zf_questions_add(plan->questions, asked, wkb, error);
}

/* payload: the carried values, then others that are only asked for. */
static zf_status write_building(zf_zip_work *w, size_t number, int64_t fid, const zf_value *payload,
                                zf_value *values, zf_bytes wkb, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    if (w->loop->options->buildings_out == ZF_BUILDINGS_NONE)
        return ZF_OK;
    if (plan->n_carried > 0)
        memcpy(values + plan->n_constant, payload, plan->n_carried * sizeof *values);
    fill_analysis_values(w, number, values);
    return zf_output_write_building(w->loop->sink, w->zone->rank, w->zone->zip, fid, values, wkb, error);
}

static zf_status write_buildings(zf_zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    const zf_plan *plan = loop->plan;
    zf_value *values = NULL, *payload = NULL, *asked = NULL;
    zf_gather_row row;
    if ((loop->options->buildings_out == ZF_BUILDINGS_NONE && plan->questions == NULL) || w->n == 0)
        return ZF_OK;
    zf_status st = zf_arena_take(&w->arena, plan->n_building_columns, sizeof *values, &values, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arena, plan->n_payload, sizeof *payload, &payload, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arena, plan->n_asked, sizeof *asked, &asked, error);
    if (st == ZF_OK && plan->n_constant > 0)
        values[0] = zf_value_real(1); /* its share */
    for (size_t i = 0; st == ZF_OK; i++) {
        zf_bytes wkb = {NULL, 0};
        st = zf_gather_next(loop->gather, w->zone->rank, &row, error);
        if (st != ZF_OK)
            break;
        zf_payload_read(row.payload, plan->n_payload, payload, &wkb);
        st = write_building(w, i, row.fid, payload, values, wkb, error);
        if (st == ZF_OK && plan->questions != NULL)
            st = add_to_questions(w, row.fid, payload, asked, wkb, error);
    }
    return st == ZF_DONE ? ZF_OK : st;
}

/* ZIPs without buildings are asked, too. */
static zf_status ask_questions(const zf_zip_work *w, zf_error *error) {
    zf_questions *questions = w->loop->plan->questions;
    return questions == NULL ? ZF_OK : zf_questions_ask(questions, w->zone->rank, w->zone->zip, error);
}

static zf_status at_zip(const zf_zip_work *w, zf_status st, zf_error *error) {
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", w->zone->zip);
}

/* ---- loading ---- */

static bool has_fids(const zf_plan *plan) {
    return zf_plan_has_analysis_columns(plan) || plan->needs & ZF_NEEDS_FIDS || plan->has_halo;
}

static bool is_kept(const zf_plan *plan, size_t number) {
    return plan->is_kept != NULL && plan->is_kept[number];
}

static const zf_halo_count *halo_count(const zf_zip_loop *loop, size_t zone, const zf_halo_count *none) {
    return loop->halo_counts != NULL ? &loop->halo_counts[zone] : none;
}

/* Empty where the ZIP has no area, and no buildings. */
static zf_status take_footprints(zf_zip_work *w, size_t n, zf_error *error) {
    const zf_zip_count *count = &w->loop->zip_counts[w->zone->rank - 1];
    const zf_halo_count none = {0}, *halo = halo_count(w->loop, w->zone->rank - 1, &none);
    size_t n_others = w->loop->plan->halo_needs & ZF_NEEDS_FOOTPRINTS ? halo->n : 0;
    zf_status st = n > 0 ? zf_metric_frame(w->metric, &w->zone->envelope, &w->frame, error) : ZF_OK;
    if (st == ZF_OK)
        st = zf_footprints_create(&w->points_arena, n + n_others, (size_t)(count->n_rings + halo->n_rings),
                                  (size_t)(count->n_points + halo->n_points), &w->footprints, error);
    if (st == ZF_OK && w->loop->plan->needs & ZF_NEEDS_CRS)
        st = zf_footprints_keep_crs(&w->footprints, &w->points_arena, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arena, w->loop->plan->n_payload, sizeof *w->carried, &w->carried, error);
    return st;
}

zf_status zf_zip_add_footprint(zf_zip_work *w, zf_bytes bytes, zf_error *error) {
    zf_wkb wkb;
    if (bytes.bytes == NULL || zf_wkb_open(bytes.bytes, bytes.n, &wkb) > ZF_WKB_EMPTY)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD,
                            "a gathered building has lost its footprint");
    return zf_footprints_add(&w->footprints, w->metric, &w->frame, &wkb, error);
}

static zf_status take_footprint(zf_zip_work *w, const zf_gather_row *row, zf_error *error) {
    zf_bytes bytes;
    zf_payload_read(row->payload, w->loop->plan->n_payload, w->carried, &bytes);
    return zf_zip_add_footprint(w, bytes, error);
}

static zf_status take_columns(zf_zip_work *w, size_t n, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = ZF_OK;
    if (has_fids(plan))
        st = zf_arena_take(&w->arena, n + zf_zip_halo_rows(w), sizeof *w->fid, &w->fid, error);
    if (st == ZF_OK && plan->needs & ZF_NEEDS_POINTS)
        st = zf_arena_take(&w->points_arena, zf_points_room(n), 3 * sizeof *w->xyz_m, &w->xyz_m, error);
    if (st == ZF_OK && plan->needs & ZF_NEEDS_FOOTPRINTS)
        st = take_footprints(w, n, error);
    if (st == ZF_OK && plan->has_halo)
        st = zf_zip_halo_begin(w, n, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->points_arena, plan->n_numbers, sizeof *w->numbers, &w->numbers, error);
    for (size_t c = 0; st == ZF_OK && c < plan->n_numbers; c++)
        if (plan->is_column[c])
            st = zf_arena_take(is_kept(plan, c) ? &w->points_arena : &w->columns_arena, n,
                               sizeof **w->numbers, &w->numbers[c], error);
    return st;
}

static zf_status take_row(void *user, const zf_gather_row *row, zf_error *error) {
    zf_zip_work *w = user;
    zf_status st = zf_zip_fields_take(w, row, error);
    if (st == ZF_OK && w->carried != NULL)
        st = take_footprint(w, row, error);
    if (w->fid != NULL)
        w->fid[w->n] = row->fid;
    if (w->ordinal != NULL)
        w->ordinal[w->n] = row->ordinal;
    if (w->xyz_m != NULL) {
        w->xyz_m[3 * w->n] = row->numbers[ZF_NUMBER_CENTROID_X];
        w->xyz_m[3 * w->n + 1] = row->numbers[ZF_NUMBER_CENTROID_Y];
    }
    w->n++;
    return st;
}

static zf_status load_rows(zf_zip_work *w, zf_error *error) {
    zf_gather *gather = w->loop->gather;
    zf_status st = take_columns(w, zf_gather_rows(gather, w->zone->rank), error);
    if (st == ZF_OK)
        st = zf_gather_visit(gather, w->zone->rank, take_row, w, error);
    return st == ZF_OK && w->loop->plan->has_halo ? zf_zip_halo_load(w, error) : st;
}

zf_status zf_zip_load(zf_zip_work *work, const zf_zip_loop *loop, const zf_zone *zone, zf_metric *metric,
                      zf_error *error) {
    *work = (zf_zip_work){.loop = loop, .zone = zone, .metric = metric};
    if (loop->timeline != NULL) {
        work->live_before_bytes = zf_process_live_bytes();
        zf_budget_reset_peak(loop->budget);
    }
    zf_arena_init(&work->arena, loop->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_arena_init(&work->columns_arena, loop->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_arena_init(&work->points_arena, loop->budget, ZF_MEMORY_ANALYSIS, CHUNK_BYTES);
    zf_arena_init(&work->index_arena, loop->budget, ZF_MEMORY_INDEX, CHUNK_BYTES);
    zf_status st = zf_catalogue_wkb(loop->catalogue, zone->rank - 1, &work->arena, &work->polygon, error);
    if (st == ZF_OK)
        st = zf_zip_fields_begin(work, error);
    if (st == ZF_OK)
        st = loop->plan->has_rows ? load_rows(work, error) : zf_zip_fields_fold(work, error);
    note_live(work);
    return at_zip(work, st, error);
}

/* ---- forecast ---- */

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t statistics_bytes(const zf_plan *plan, size_t n) {
    size_t columns = 0, scratch = 0;
    for (size_t c = 0; c < plan->n_numbers; c++)
        columns += plan->is_column[c] && !is_kept(plan, c) ? n * sizeof(double) : 0;
    for (size_t i = 0; i < plan->n_requests; i++)
        if (zf_field_type_is_number(plan->requests[i].type))
            scratch = larger(scratch,
                             (plan->is_weighted ? 2 : 1) * zf_stats_scratch_bytes(n, plan->requests[i].stats,
                                                                                  plan->requests[i].n_stats));
    return columns + scratch;
}

static size_t kept_bytes(const zf_plan *plan, size_t n, const zf_zip_count *count,
                         const zf_halo_count *halo) {
    size_t n_others = plan->halo_needs & ZF_NEEDS_FOOTPRINTS ? (size_t)halo->n : 0;
    size_t n_points = (size_t)(count->n_points + halo->n_points);
    size_t kept = plan->needs & ZF_NEEDS_POINTS ? 3 * zf_points_room(n) * sizeof(double) : 0;
    if (plan->halo_needs & ZF_NEEDS_POINTS)
        kept += 3 * zf_points_room((size_t)halo->n) * sizeof(double);
    if (plan->has_halo)
        kept += n * sizeof(uint64_t);
    if (plan->needs & ZF_NEEDS_FOOTPRINTS)
        kept += zf_footprints_bytes(n + n_others, (size_t)(count->n_rings + halo->n_rings), n_points);
    if (plan->needs & ZF_NEEDS_CRS)
        kept += 2 * n_points * sizeof(double);
    for (size_t c = 0; c < plan->n_numbers; c++)
        kept += is_kept(plan, c) ? n * sizeof(double) : 0;
    return kept;
}

static size_t indexes_bytes(unsigned needs, size_t n) {
    size_t points = needs & ZF_NEEDS_POINTS ? zf_points_bytes(n) : 0;
    return points + (needs & ZF_NEEDS_FOOTPRINTS ? zf_index_bytes(n) : 0);
}

/* Results of the analyses before it stay while one runs. */
static size_t analyses_bytes(const zf_plan *plan, size_t n, size_t n_others) {
    bool has_columns = zf_plan_has_analysis_columns(plan);
    size_t results = 0, most = 0;
    for (size_t i = 0; i < plan->n_analyses; i++) {
        const zf_analysis_job *job = &plan->analyses[i];
        const zf_analysis *analysis = job->analysis;
        for (size_t c = 0; has_columns && c < analysis->n_building_columns; c++)
            results += n * zf_analysis_cell_bytes(analysis->building_cells[c]);
        results += analysis->table != NULL ? ZF_ANALYSIS_ROWS_BYTES : 0;
        size_t n_seen = zf_analysis_job_halo_m(job) >= 0 ? n + n_others : n;
        most = larger(most, results + analysis->scratch_bytes(job, n_seen, has_columns));
    }
    return most + indexes_bytes(plan->needs, n) + indexes_bytes(plan->halo_needs, n_others);
}

/* The index of boxes is built beside that of points. */
static size_t building_bytes(unsigned needs, size_t n) {
    size_t points = needs & ZF_NEEDS_POINTS ? zf_points_bytes(n) : 0;
    size_t most = needs & ZF_NEEDS_POINTS ? zf_points_build_bytes(n) : 0;
    return needs & ZF_NEEDS_FOOTPRINTS ? larger(most, points + zf_index_build_bytes(n)) : most;
}

size_t zf_zip_forecast_bytes(const zf_plan *plan, size_t n, const zf_zip_count *count,
                             const zf_halo_count *halo) {
    const zf_halo_count none = {0};
    const zf_halo_count *others = halo != NULL ? halo : &none;
    size_t n_others = (size_t)others->n, fids = has_fids(plan) ? (n + n_others) * sizeof(int64_t) : 0;
    if (!plan->has_rows)
        return 0;
    size_t most = statistics_bytes(plan, n);
    most = larger(most, building_bytes(plan->needs, n));
    most = larger(most, indexes_bytes(plan->needs, n) + building_bytes(plan->halo_needs, n_others));
    if (plan->n_analyses > 0)
        most = larger(most, analyses_bytes(plan, n, n_others));
    return fids + kept_bytes(plan, n, count, others) + most;
}

/* ---- one ZIP's life ---- */

zf_status zf_zip_analyse(zf_zip_work *work, zf_error *error) {
    size_t column = ZF_ZIP_FIXED;
    zf_status st = zf_arena_take(&work->arena, work->loop->plan->n_zip_columns, sizeof *work->zip_values,
                                 &work->zip_values, error);
    if (st == ZF_OK)
        st = fill_fixed(work, error);
    if (st == ZF_OK)
        st = zf_zip_fields_evaluate(work, &column, error);
    if (st == ZF_OK)
        st = run_analyses(work, &column, error);
    note_live(work);
    return at_zip(work, st, error);
}

zf_status zf_zip_write(zf_zip_work *work, zf_error *error) {
    const zf_zip_loop *loop = work->loop;
    zf_status st = write_zip(work, error);
    if (st == ZF_OK)
        st = write_tables(work, error);
    if (st == ZF_OK)
        st = write_buildings(work, error);
    if (st == ZF_OK)
        st = ask_questions(work, error);
    note_live(work);
    zf_zip_release(work);
    if (st != ZF_OK || loop->timeline == NULL)
        return at_zip(work, st, error);
    zf_timeline_entry entry = {work->zone->rank, work->zone->zip, work->live_before_bytes,
                               work->live_peak_bytes, zf_process_live_bytes()};
    return zf_timeline_write(loop->timeline, &entry, error);
}

void zf_zip_release(zf_zip_work *work) {
    for (size_t i = 0; work->tables != NULL && i < work->loop->plan->n_analyses; i++)
        zf_analysis_rows_close(&work->tables[i]);
    work->tables = NULL;
    zf_zip_fields_release(work);
    zf_arena_release(&work->index_arena);
    zf_arena_release(&work->points_arena);
    zf_arena_release(&work->columns_arena);
    zf_arena_release(&work->arena);
}
