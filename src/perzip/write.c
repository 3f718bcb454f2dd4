/* SPDX-License-Identifier: MIT */
/* Writes one ZIP: its row of zip_summary, its buildings, the tables of the analyses; and asks the user
 * queries. */
#include "os/process.h"
#include "perzip/zip.h"
#include "stream/payload.h"

#include <string.h>

static zf_status write_summary(zf_zip_work *w, zf_error *error) {
    const zf_perzip_output *out = &w->perzip->output;
    const zf_plan *plan = w->perzip->plan;
    const zf_zip_results *r = &w->results;
    const zf_zip_line line = {.rank = w->zone->rank,
                              .zip = w->zone->zip,
                              .columns = plan->result.zip_columns,
                              .values = r->zip_values,
                              .n = plan->result.n_zip_columns,
                              .n_fixed = ZF_ZIP_FIXED,
                              .first_default = plan->result.first_default,
                              .n_default = plan->result.n_default};
    zf_status st =
        zf_output_write_zip(out->file, w->zone->rank, w->zone->zip, r->zip_values, r->polygon, error);
    return st == ZF_OK && out->zip_done != NULL ? out->zip_done(out->user, &line, error) : st;
}

/** Writes the rows of one analysis's table. */
static zf_status write_table(zf_zip_work *w, const zf_analysis_job *job, size_t table, zf_analysis_rows *rows,
                             zf_error *error) {
    const zf_result_column *columns = job->analysis->table.columns;
    size_t n_columns = job->analysis->table.n_columns;
    zf_value *values = NULL;
    double *cells = NULL;
    zf_status st = zf_arena_take(&w->arenas.result, n_columns, sizeof *values, &values, error);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arenas.result, n_columns, sizeof *cells, &cells, error);
    for (size_t row = 0; st == ZF_OK && row < rows->n; row++) {
        zf_bytes polygon = {NULL, 0};
        st = zf_analysis_rows_next(job, rows, cells, &polygon, error);
        for (size_t c = 0; st == ZF_OK && c < n_columns; c++) {
            bool is_row = columns[c].producer == ZF_CELL_ROW;
            values[c] = is_row ? zf_value_integer(w->fids[(size_t)cells[c]]) : zf_value_real(cells[c]);
        }
        if (st == ZF_OK)
            st = zf_output_write_analysis_row(w->perzip->output.file, table, w->zone->rank, w->zone->zip,
                                              values, polygon, error);
    }
    return st;
}

static zf_status write_tables(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_status st = ZF_OK;
    for (size_t i = 0, table = 0; st == ZF_OK && i < plan->analyses.n; i++)
        if (plan->analyses.jobs[i].analysis->table.name != NULL)
            st = write_table(w, &plan->analyses.jobs[i], table++, &w->results.tables[i], error);
    return st;
}

static zf_value cell_value(const zf_zip_work *w, zf_analysis_cell cell, const void *column, size_t row) {
    if (cell == ZF_CELL_NUMBER)
        return zf_value_real(((const double *)column)[row]);
    if (cell == ZF_CELL_COUNT)
        return zf_value_integer(((const uint32_t *)column)[row]);
    uint32_t other = ((const uint32_t *)column)[row];
    return other == ZF_NO_ROW ? zf_value_null() : zf_value_integer(w->fids[other]);
}

/** Buffers for the rows of important_building, and where they are read. */
typedef struct building_values {
    zf_value *columns; /**< plan->result.n_building_columns, as they are written */
    zf_value *payload; /**< plan->layout.n_payload: the carried columns, then those that only queries read */
    zf_value *queried; /**< plan->queries.n_columns, as the queries read them */
} building_values;

/** Writes building number `number` of the ZIP: the carried columns, then those of the analyses. */
static zf_status write_building(zf_zip_work *w, size_t number, const zf_gather_row *row, zf_bytes wkb,
                                const building_values *values, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    size_t column = plan->result.n_constant + plan->result.n_carried, analysis_column = 0;
    if (plan->result.n_carried > 0)
        memcpy(values->columns + plan->result.n_constant, values->payload,
               plan->result.n_carried * sizeof *values->payload);
    for (size_t i = 0; zf_plan_has_analysis_columns(plan) && i < plan->analyses.n; i++) {
        const zf_analysis *analysis = plan->analyses.jobs[i].analysis;
        for (size_t c = 0; c < analysis->n_building_columns; c++, analysis_column++)
            values->columns[column++] = cell_value(w, analysis->building_columns[c].producer,
                                                   w->results.building_columns[analysis_column], number);
    }
    return zf_output_write_building(w->perzip->output.file, w->zone->rank, w->zone->zip, row->fid,
                                    values->columns, wkb, error);
}

/** Hands the building to the user queries. */
static zf_status add_to_queries(const zf_zip_work *w, const zf_gather_row *row, zf_bytes wkb,
                                const building_values *values, zf_error *error) {
    const zf_plan_queries *queries = &w->perzip->plan->queries;
    const size_t n_scope = w->perzip->plan->scope.n;
    for (size_t i = 0; i < queries->n_columns; i++) {
        const size_t number = queries->columns[i];
        values->queried[i] = number == ZF_SCOPE_FID ? zf_value_integer(row->fid)
                             : number >= n_scope    ? w->zone->values[number - n_scope]
                                                    : values->payload[queries->payload_at[i]];
    }
    return zf_queries_add_building(w->perzip->output.queries, values->queried, wkb, error);
}

/** Reads the ZIP's rows once more, now with their payloads, for important_building and the user queries. */
static zf_status write_buildings(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_arena *arena = &w->arenas.result;
    building_values values = {NULL, NULL, NULL};
    bool has_buildings = w->perzip->options->buildings_out != ZF_BUILDINGS_NONE;
    if ((!has_buildings && w->perzip->output.queries == NULL) || w->own.n == 0)
        return ZF_OK;
    zf_status st =
        zf_arena_take(arena, plan->result.n_building_columns, sizeof *values.columns, &values.columns, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, plan->layout.n_payload, sizeof *values.payload, &values.payload, error);
    if (st == ZF_OK)
        st = zf_arena_take(arena, plan->queries.n_columns, sizeof *values.queried, &values.queried, error);
    if (st == ZF_OK && plan->result.n_constant > 0)
        values.columns[0] = zf_value_real(1); /* its share */
    for (size_t i = 0; st == ZF_OK; i++) {
        zf_gather_row row;
        zf_bytes wkb = {NULL, 0};
        st = zf_gather_next(w->perzip->input.rows, w->zone->rank, &row, error);
        if (st != ZF_OK)
            break;
        zf_payload_read(row.payload, plan->layout.n_payload, values.payload, &wkb);
        if (has_buildings)
            st = write_building(w, i, &row, wkb, &values, error);
        if (st == ZF_OK && w->perzip->output.queries != NULL)
            st = add_to_queries(w, &row, wkb, &values, error);
    }
    return st == ZF_DONE ? ZF_OK : st;
}

zf_status zf_zip_write(zf_zip_work *w, zf_error *error) {
    zf_queries *queries = w->perzip->output.queries;
    zf_timeline *timeline = w->perzip->output.timeline;
    zf_status st = zf_zip_evaluate(w, error);
    if (st == ZF_OK)
        st = write_summary(w, error);
    if (st == ZF_OK)
        st = write_tables(w, error);
    if (st == ZF_OK)
        st = zf_zip_write_groups(w, error);
    if (st == ZF_OK)
        st = write_buildings(w, error);
    if (st == ZF_OK && queries != NULL) /* of ZIPs without buildings, too */
        st = zf_queries_run(queries, w->zone->rank, w->zone->zip, error);
    zf_zip_sample_memory(w);
    zf_zip_release(w);
    if (st != ZF_OK || timeline == NULL)
        return zf_zip_within(w, st, error);
    zf_timeline_entry entry = {w->zone->rank, w->zone->zip, w->live_before_bytes, w->live_peak_bytes,
                               zf_process_live_bytes()};
    return zf_timeline_write(timeline, &entry, error);
}
