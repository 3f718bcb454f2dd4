/* SPDX-License-Identifier: MIT */
#include "pipeline/zips.h"

#include <math.h>
#include <string.h>

/** One ZIP's work; everything it points to dies with the arena. */
typedef struct zip_work {
    const zf_zip_loop *loop;
    const zf_zone *zone;
    zf_arena *arena;
    zf_rows rows;
    zf_index *index;           /**< over the centroids; NULL without analyses */
    double *xyz_m;             /**< n x 3 */
    zf_value *zip_values;      /**< plan->n_zip_columns */
    double **analysis_columns; /**< of important_building, in the order of the plan */
    size_t live_peak_bytes;
} zip_work;

static zf_status take(zip_work *w, size_t n, size_t size, void *out, zf_error *error) {
    void *bytes = NULL;
    zf_status st = zf_arena_alloc(w->arena, n, size, &bytes, error);
    if (st == ZF_OK)
        memcpy(out, &bytes, sizeof bytes);
    return st;
}

static void note_live(zip_work *w) {
    if (w->loop->timeline == NULL)
        return;
    size_t live = zf_process_live_bytes();
    if (live > w->live_peak_bytes)
        w->live_peak_bytes = live;
}

/* ---- columns of zip_summary -------------------------------------------------------------------------------------- */

static void fill_fixed(zip_work *w) {
    const zf_zip_count *count = &w->loop->zip_counts[w->zone->rank - 1];
    double area_m2 = w->zone->area_m2;
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
}

static zf_status fill_statistics(zip_work *w, size_t *column, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    for (size_t i = 0; i < plan->n_requests; i++) {
        const zf_stat_request *r = &plan->requests[i];
        zf_value *out = w->zip_values + *column;
        *column += r->n_stats;
        if (!zf_field_type_is_number(r->type)) {
            zf_stats_of_texts(w->rows.texts[r->slot], w->rows.n, r->stats, r->n_stats, out);
            continue;
        }
        zf_status st = zf_stats_of_numbers(w->rows.numbers[r->slot], w->rows.n, r->stats, r->n_stats, w->arena, out, error);
        if (st != ZF_OK)
            return st;
    }
    return ZF_OK;
}

/* ---- index and analyses -------------------------------------------------------------------------------------------- */

static zf_status build_index(zip_work *w, zf_error *error) {
    size_t n = w->rows.n;
    double *xy = NULL;
    zf_envelope *boxes = NULL;
    zf_frame frame;
    zf_status st = take(w, 3 * n, sizeof *w->xyz_m, &w->xyz_m, error);
    zf_arena_mark mark = zf_arena_get_mark(w->arena);
    if (st == ZF_OK)
        st = take(w, 2 * n, sizeof *xy, &xy, error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < n; i++) {
        xy[2 * i] = w->rows.numbers[ZF_NUMBER_CENTROID_X][i];
        xy[2 * i + 1] = w->rows.numbers[ZF_NUMBER_CENTROID_Y][i];
    }
    if (n > 0) /* a ZIP without area has no centre, and no buildings */
        st = zf_metric_frame(w->loop->metric, &w->zone->envelope, &frame, error);
    if (st == ZF_OK && n > 0)
        st = zf_metric_to_frame(w->loop->metric, &frame, xy, n, w->xyz_m, error);
    zf_arena_rewind(w->arena, mark);
    if (st == ZF_OK)
        st = take(w, n, sizeof *boxes, &boxes, error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < n; i++) {
        double x = w->xyz_m[3 * i], y = w->xyz_m[3 * i + 1];
        boxes[i] = (zf_envelope){x, y, x, y};
    }
    return zf_index_build(boxes, n, w->arena, &w->index, error);
}

static zf_status run_analysis(zip_work *w, const zf_analysis *analysis, size_t *zip_column, size_t *building_column,
                              zf_error *error) {
    size_t n = w->rows.n;
    double **columns = w->analysis_columns + *building_column;
    zf_analysis_input input = {n, w->rows.fid, w->xyz_m, w->index, w->arena, w->loop->callbacks};
    zf_analysis_output output = {w->zip_values + *zip_column, columns};
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < analysis->n_building_columns; c++)
        st = take(w, n, sizeof **columns, &columns[c], error);
    if (st == ZF_OK)
        st = analysis->run(&input, &output, error);
    *zip_column += analysis->n_zip_columns;
    *building_column += analysis->n_building_columns;
    return st == ZF_OK ? st : zf_error_within(error, st, "analysis %s", analysis->name);
}

static zf_status run_analyses(zip_work *w, size_t *zip_column, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    size_t n_columns = 0, building_column = 0;
    if (plan->n_analyses == 0)
        return ZF_OK;
    for (size_t i = 0; i < plan->n_analyses; i++)
        n_columns += plan->analyses[i]->n_building_columns;
    zf_status st = take(w, n_columns, sizeof *w->analysis_columns, &w->analysis_columns, error);
    if (st == ZF_OK)
        st = build_index(w, error);
    note_live(w);
    for (size_t i = 0; st == ZF_OK && i < plan->n_analyses; i++)
        st = run_analysis(w, plan->analyses[i], zip_column, &building_column, error);
    return st;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static zf_status write_zip(zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    zf_zip_line line = {w->zone->rank, w->zone->zip, loop->plan->zip_columns, w->zip_values, loop->plan->n_zip_columns};
    zf_status st = zf_sink_write_zip(loop->sink, w->zone->rank, w->zone->zip, w->zip_values, w->zone->wkb, error);
    if (st == ZF_OK && loop->zip_done != NULL)
        st = loop->zip_done(loop->zip_user, &line, error);
    return st;
}

static void fill_analysis_values(const zip_work *w, size_t row, zf_value *values) {
    const zf_plan *plan = w->loop->plan;
    for (size_t c = plan->n_carried; c < plan->n_building_columns; c++) {
        double number = w->analysis_columns[c - plan->n_carried][row];
        bool is_integer = plan->building_columns[c].type == ZF_FIELD_INTEGER;
        values[c] = is_integer && !isnan(number) ? zf_value_integer((int64_t)number) : zf_value_real(number);
    }
}

static zf_status write_buildings(zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    const zf_plan *plan = loop->plan;
    zf_value *values = NULL;
    zf_gather_row row;
    if (loop->options->buildings_out == ZF_BUILDINGS_NONE || w->rows.n == 0)
        return ZF_OK;
    zf_status st = take(w, plan->n_building_columns, sizeof *values, &values, error);
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

/* ---- the loop --------------------------------------------------------------------------------------------------------- */

static zf_status work_on(zip_work *w, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    size_t column = ZF_ZIP_FIXED;
    zf_status st = zf_gather_load(w->loop->gather, w->zone->rank, w->arena, &w->rows, error);
    if (st == ZF_OK)
        st = take(w, plan->n_zip_columns, sizeof *w->zip_values, &w->zip_values, error);
    if (st != ZF_OK)
        return st;
    note_live(w);
    fill_fixed(w);
    st = fill_statistics(w, &column, error);
    if (st == ZF_OK)
        st = run_analyses(w, &column, error);
    note_live(w);
    if (st == ZF_OK)
        st = write_zip(w, error);
    if (st == ZF_OK)
        st = write_buildings(w, error);
    note_live(w);
    return st;
}

static zf_status do_zip(const zf_zip_loop *loop, const zf_zone *zone, zf_error *error) {
    zf_arena arena;
    zf_timeline_entry entry = {.rank = zone->rank, .zip = zone->zip};
    zip_work work = {.loop = loop, .zone = zone, .arena = &arena};
    if (loop->timeline != NULL)
        entry.live_before_bytes = zf_process_live_bytes();
    zf_arena_init(&arena, loop->budget, ZF_MEMORY_ANALYSIS, 256 * 1024);
    zf_status st = work_on(&work, error);
    zf_arena_release(&arena);
    if (st != ZF_OK)
        return zf_error_within(error, st, "ZIP '%s'", zone->zip);
    if (loop->timeline == NULL)
        return ZF_OK;
    entry.live_peak_bytes = work.live_peak_bytes;
    entry.live_after_bytes = zf_process_live_bytes();
    return zf_timeline_write(loop->timeline, &entry, error);
}

zf_status zf_zips_run(const zf_zip_loop *loop, zf_error *error) {
    size_t n = zf_catalogue_count(loop->catalogue);
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        st = zf_check_cancelled(loop->callbacks, error);
        if (st == ZF_OK)
            st = do_zip(loop, zf_catalogue_zone(loop->catalogue, i), error);
        zf_progress_report(loop->callbacks, "analyses", i + 1, n);
    }
    return st;
}
