/* SPDX-License-Identifier: MIT */
#include "pipeline/zips.h"

#include <math.h>
#include <string.h>

static void note_live(zf_zip_work *w) {
    if (w->loop->timeline == NULL)
        return;
    size_t live = zf_process_live_bytes();
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

static zf_status fill_fixed(zf_zip_work *w, zf_error *error) {
    const zf_zip_count *count = &w->loop->zip_counts[w->zone->rank - 1];
    double area_m2 = 0;
    zf_status st = zone_area(w, &area_m2, error);
    if (st != ZF_OK)
        return st;
    double built_m2 = zf_sum(w->rows.numbers[ZF_NUMBER_AREA], w->rows.n);
    zf_value *v = w->zip_values;
    v[ZF_ZIP_PARTS] = zf_value_integer((int64_t)w->zone->n_parts);
    v[ZF_ZIP_AREA] = zf_value_real(area_m2);
    v[ZF_ZIP_BUILDINGS] = zf_value_integer((int64_t)count->buildings);
    v[ZF_ZIP_IMPORTANT] = zf_value_integer((int64_t)w->rows.n);
    v[ZF_ZIP_CROSSING] = zf_value_integer((int64_t)count->crossing);
    v[ZF_ZIP_BUILT_AREA] = zf_value_real(built_m2);
    v[ZF_ZIP_COVERAGE] = zf_value_real(area_m2 > 0 ? built_m2 / area_m2 : NAN);
    v[ZF_ZIP_PER_KM2] = zf_value_real(area_m2 > 0 ? (double)w->rows.n / (area_m2 / 1e6) : NAN);
    return ZF_OK;
}

static zf_status fill_statistics(zf_zip_work *w, size_t *column, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    for (size_t i = 0; i < plan->n_requests; i++) {
        const zf_stat_request *r = &plan->requests[i];
        zf_value *out = w->zip_values + *column;
        *column += r->n_stats;
        if (!zf_field_type_is_number(r->type)) {
            zf_stats_of_texts(w->rows.texts[r->slot], w->rows.n, r->stats, r->n_stats, out);
            continue;
        }
        zf_status st = zf_stats_of_numbers(w->rows.numbers[r->slot], w->rows.n, r->stats, r->n_stats,
                                           &w->arena, out, error);
        if (st != ZF_OK)
            return st;
    }
    return ZF_OK;
}

/* ---- index and analyses ---- */

/** Centroids of the ZIP's buildings as n x 2. */
static void fill_centroids(const zf_zip_work *w, double *xy) {
    for (size_t i = 0; i < w->rows.n; i++) {
        xy[2 * i] = w->rows.numbers[ZF_NUMBER_CENTROID_X][i];
        xy[2 * i + 1] = w->rows.numbers[ZF_NUMBER_CENTROID_Y][i];
    }
}

/** Into the ZIP's metric frame. A ZIP without area has no centre, and no buildings. */
static zf_status place_centroids(zf_zip_work *w, double *xy, zf_error *error) {
    zf_frame frame;
    if (w->rows.n == 0)
        return ZF_OK;
    fill_centroids(w, xy);
    zf_status st = zf_metric_frame(w->metric, &w->zone->envelope, &frame, error);
    return st == ZF_OK ? zf_metric_to_frame(w->metric, &frame, xy, w->rows.n, w->xyz_m, error) : st;
}

static void fill_boxes(const zf_zip_work *w, zf_envelope *boxes) {
    for (size_t i = 0; i < w->rows.n; i++) {
        double x = w->xyz_m[3 * i], y = w->xyz_m[3 * i + 1];
        boxes[i] = (zf_envelope){x, y, x, y};
    }
}

static zf_status build_index(zf_zip_work *w, zf_error *error) {
    zf_arena scratch; /* the centroids as they came, then the boxes: nothing of it stays */
    void *xy = NULL, *boxes = NULL;
    zf_arena_init(&scratch, w->loop->budget, ZF_MEMORY_ANALYSIS, 64 * 1024);
    zf_arena_mark mark = zf_arena_get_mark(&scratch);
    zf_status st = zf_arena_take(&w->arena, 3 * w->rows.n, sizeof *w->xyz_m, &w->xyz_m, error);
    if (st == ZF_OK)
        st = zf_arena_alloc(&scratch, w->rows.n, 2 * sizeof(double), &xy, error);
    if (st == ZF_OK)
        st = place_centroids(w, xy, error);
    zf_arena_rewind(&scratch, mark);
    if (st == ZF_OK)
        st = zf_arena_alloc(&scratch, w->rows.n, sizeof(zf_envelope), &boxes, error);
    if (st == ZF_OK) {
        fill_boxes(w, boxes);
        st = zf_index_build(boxes, w->rows.n, &w->index_arena, &w->index, error);
    }
    zf_arena_release(&scratch);
    return st;
}

static zf_status run_analysis(zf_zip_work *w, const zf_analysis *analysis, size_t *zip_column,
                              size_t *building_column, zf_error *error) {
    size_t n = w->rows.n;
    double **columns = w->analysis_columns + *building_column;
    zf_analysis_input input = {n, w->rows.fid, w->xyz_m, w->index, &w->arena, w->loop->callbacks};
    zf_analysis_output output = {w->zip_values + *zip_column, columns};
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < analysis->n_building_columns; c++)
        st = zf_arena_take(&w->arena, n, sizeof **columns, &columns[c], error);
    if (st == ZF_OK)
        st = analysis->run(&input, &output, error);
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
        n_columns += plan->analyses[i]->n_building_columns;
    zf_status st =
        zf_arena_take(&w->arena, n_columns, sizeof *w->analysis_columns, &w->analysis_columns, error);
    if (st == ZF_OK)
        st = build_index(w, error);
    note_live(w);
    for (size_t i = 0; st == ZF_OK && i < plan->n_analyses; i++)
        st = run_analysis(w, plan->analyses[i], zip_column, &building_column, error);
    return st;
}

/* ---- writing ---- */

static zf_status write_zip(zf_zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    zf_zip_line line = {w->zone->rank, w->zone->zip, loop->plan->zip_columns, w->zip_values,
                        loop->plan->n_zip_columns};
    zf_status st =
        zf_sink_write_zip(loop->sink, w->zone->rank, w->zone->zip, w->zip_values, w->polygon, error);
    if (st == ZF_OK && loop->zip_done != NULL)
        st = loop->zip_done(loop->zip_user, &line, error);
    return st;
}

static void fill_analysis_values(const zf_zip_work *w, size_t row, zf_value *values) {
    const zf_plan *plan = w->loop->plan;
    for (size_t c = plan->n_carried; c < plan->n_building_columns; c++) {
        double number = w->analysis_columns[c - plan->n_carried][row];
        bool is_integer = plan->building_columns[c].type == ZF_FIELD_INTEGER;
        values[c] = is_integer && !isnan(number) ? zf_value_integer((int64_t)number) : zf_value_real(number);
    }
}

static zf_status write_buildings(zf_zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    const zf_plan *plan = loop->plan;
    zf_value *values = NULL;
    zf_gather_row row;
    if (loop->options->buildings_out == ZF_BUILDINGS_NONE || w->rows.n == 0)
        return ZF_OK;
    zf_status st = zf_arena_take(&w->arena, plan->n_building_columns, sizeof *values, &values, error);
    for (size_t i = 0; st == ZF_OK; i++) {
        zf_bytes wkb = {NULL, 0};
        st = zf_gather_next(loop->gather, w->zone->rank, &row, error);
        if (st != ZF_OK)
            break;
        zf_payload_read(row.payload, plan->n_carried, values, &wkb);
        fill_analysis_values(w, i, values);
        st = zf_sink_write_building(loop->sink, w->zone->rank, w->zone->zip, row.fid, values, wkb, error);
    }
    return st == ZF_DONE ? ZF_OK : st;
}

/* ---- one ZIP's life ---- */

static zf_status at_zip(const zf_zip_work *w, zf_status st, zf_error *error) {
    return st == ZF_OK ? st : zf_error_within(error, st, "ZIP '%s'", w->zone->zip);
}

zf_status zf_zip_load(zf_zip_work *work, const zf_zip_loop *loop, const zf_zone *zone, zf_metric *metric,
                      zf_error *error) {
    *work = (zf_zip_work){.loop = loop, .zone = zone, .metric = metric};
    if (loop->timeline != NULL)
        work->live_before_bytes = zf_process_live_bytes();
    zf_arena_init(&work->arena, loop->budget, ZF_MEMORY_ANALYSIS, 64 * 1024);
    zf_arena_init(&work->index_arena, loop->budget, ZF_MEMORY_INDEX, 64 * 1024);
    zf_status st = zf_catalogue_wkb(loop->catalogue, zone->rank - 1, &work->arena, &work->polygon, error);
    if (st == ZF_OK)
        st = zf_gather_load(loop->gather, zone->rank, &work->arena, &work->rows, error);
    note_live(work);
    return at_zip(work, st, error);
}

zf_status zf_zip_analyse(zf_zip_work *work, zf_error *error) {
    size_t column = ZF_ZIP_FIXED;
    zf_status st = zf_arena_take(&work->arena, work->loop->plan->n_zip_columns, sizeof *work->zip_values,
                                 &work->zip_values, error);
    if (st == ZF_OK)
        st = fill_fixed(work, error);
    if (st == ZF_OK)
        st = fill_statistics(work, &column, error);
    if (st == ZF_OK)
        st = run_analyses(work, &column, error);
    note_live(work);
    return at_zip(work, st, error);
}

zf_status zf_zip_write(zf_zip_work *work, zf_error *error) {
    const zf_zip_loop *loop = work->loop;
    zf_status st = write_zip(work, error);
    if (st == ZF_OK)
        st = write_buildings(work, error);
    note_live(work);
    zf_zip_release(work);
    if (st != ZF_OK || loop->timeline == NULL)
        return at_zip(work, st, error);
    zf_timeline_entry entry = {work->zone->rank, work->zone->zip, work->live_before_bytes,
                               work->live_peak_bytes, zf_process_live_bytes()};
    return zf_timeline_write(loop->timeline, &entry, error);
}

void zf_zip_release(zf_zip_work *work) {
    zf_arena_release(&work->index_arena);
    zf_arena_release(&work->arena);
}
