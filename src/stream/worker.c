/* SPDX-License-Identifier: MIT */
#include "stream/halo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SELECTED_AT_ONCE = 512 };

static zf_status open_halo(zf_worker *worker, zf_gather *halo, zf_error *error) {
    size_t n = zf_catalogue_count(worker->catalogue);
    worker->halo_counts = calloc(n + 1, sizeof *worker->halo_counts);
    return worker->halo_counts != NULL ? zf_gather_writer_open(halo, &worker->halo_writer, error)
                                       : zf_error_memory(error, n * sizeof *worker->halo_counts, "a worker");
}

zf_status zf_worker_init(zf_worker *worker, zf_gather *gather, zf_gather *partials, zf_gather *halo,
                         zf_error *error) {
    const zf_plan *plan = worker->plan;
    const double half_turn = zf_crs_half_turn(worker->inputs->crs);
    worker->half_turn = half_turn > 0 ? half_turn : INFINITY;
    size_t n_zips = zf_catalogue_count(worker->catalogue);
    zf_arena_init(&worker->batch_arena, worker->budget, ZF_MEMORY_BATCH, 64 * 1024);
    zf_payload_init(&worker->payload, worker->budget);
    worker->zip_counts = calloc(n_zips + 1, sizeof *worker->zip_counts);
    worker->cells = calloc(zf_layout_n_cells(&plan->layout) + 1, sizeof *worker->cells);
    worker->texts = calloc(plan->layout.n_texts + 1, sizeof *worker->texts);
    worker->text_scratch = calloc(plan->layout.n_texts + 1, sizeof *worker->text_scratch);
    worker->passed = calloc(zf_plan_n_conditions(plan) + 1, sizeof *worker->passed);
    zf_status st = ZF_OK;
    if (worker->zip_counts == NULL || worker->cells == NULL || worker->texts == NULL ||
        worker->text_scratch == NULL || worker->passed == NULL)
        st = zf_error_memory(error, n_zips * sizeof *worker->zip_counts, "a worker");
    if (st == ZF_OK)
        st = zf_metric_create(worker->inputs->crs, worker->inputs->is_geodesic, &worker->metric, error);
    if (st == ZF_OK)
        st = zf_plan_compile(plan, worker->callbacks, &worker->select, error);
    if (st == ZF_OK)
        st = zf_geos_create(&worker->geos, error);
    if (st == ZF_OK)
        worker->examiner = (zf_examiner){.policy = worker->options->on_invalid,
                                         .geos = worker->geos,
                                         .metric = worker->metric,
                                         .arena = &worker->batch_arena};
    if (st == ZF_OK)
        st = zf_assigner_create(worker->catalogue, worker->options->assign, worker->geos, worker->budget,
                                &worker->assigner, error);
    if (st == ZF_OK && gather != NULL)
        st = zf_gather_writer_open(gather, &worker->writer, error);
    if (st == ZF_OK && gather == NULL)
        st = zf_totals_init(&worker->totals, worker->budget, n_zips, &plan->layout, error);
    if (st == ZF_OK && partials != NULL)
        st = zf_gather_writer_open(partials, &worker->partials, error);
    if (st == ZF_OK && halo != NULL)
        st = open_halo(worker, halo, error);
    if (st != ZF_OK)
        zf_worker_deinit(worker);
    return st;
}

void zf_worker_deinit(zf_worker *worker) {
    zf_gather_writer_abandon(worker->halo_writer);
    zf_gather_writer_abandon(worker->partials);
    zf_gather_writer_abandon(worker->writer);
    zf_totals_deinit(&worker->totals);
    zf_assigner_destroy(worker->assigner);
    zf_geos_destroy(worker->geos);
    zf_expressions_destroy(worker->select);
    zf_metric_destroy(worker->metric);
    zf_arena_release(&worker->batch_arena);
    zf_payload_deinit(&worker->payload);
    zf_memory_free(worker->budget, ZF_MEMORY_BATCH, worker->kept, worker->cap_kept * sizeof *worker->kept);
    zf_memory_free(worker->budget, ZF_MEMORY_BATCH, worker->passes, worker->cap_kept);
    zf_memory_free(worker->budget, ZF_MEMORY_BATCH, worker->zones, worker->cap_zones * sizeof *worker->zones);
    free(worker->zip_counts);
    free(worker->cells);
    free(worker->texts);
    free(worker->text_scratch);
    free(worker->passed);
    free(worker->halo_counts);
    *worker = (zf_worker){0};
}

/* ---- values ---- */

static zf_value kept_value(const zf_worker *w, const zf_kept *kept, size_t scope, char *scratch) {
    const zf_scope_column *column = &w->plan->scope.columns[scope];
    switch (column->kind) {
    case ZF_SCOPE_KIND_FID:
        return zf_value_integer(zf_batch_fid(w->batch, kept->row));
    case ZF_SCOPE_KIND_COMPUTED:
        return zf_expressions_value(w->select, (size_t)(kept - w->kept) - w->first_selected, column->number);
    case ZF_SCOPE_KIND_FIELD:
        return zf_batch_value(w->batch, column->batch_column, kept->row, scratch);
    default:
        return column->column.type == ZF_FIELD_INTEGER
                   ? zf_value_integer((int64_t)kept->measures[column->number])
                   : zf_value_real(kept->measures[column->number]);
    }
}

/** What the expressions ask while they run. */
typedef struct lender {
    zf_worker *worker;
    char scratch[ZF_VALUE_SCRATCH_BYTES];
} lender;

static zf_value lend_value(void *user, size_t row, size_t column) {
    lender *l = user;
    return kept_value(l->worker, &l->worker->kept[l->worker->first_selected + row], column, l->scratch);
}

static void count_passed(void *user, size_t rule, const uint8_t *passes) {
    zf_worker *w = ((lender *)user)->worker;
    const zf_kept *kept = w->kept + w->first_selected;
    if (w->halo != NULL)
        return;
    for (size_t i = 0; i < w->n_selected; i++)
        w->passed[rule] += passes[i] ? kept[i].n_zones : 0;
}

/* ---- a batch: which buildings are kept ---- */

static zf_status reserve_kept(zf_worker *w, size_t n, zf_error *error) {
    if (n <= w->cap_kept)
        return ZF_OK;
    void *kept = w->kept, *passes = w->passes;
    zf_status st = zf_memory_resize(w->budget, ZF_MEMORY_BATCH, &kept, w->cap_kept * sizeof *w->kept,
                                    n * sizeof *w->kept, error);
    if (st != ZF_OK)
        return st;
    w->kept = kept;
    st = zf_memory_resize(w->budget, ZF_MEMORY_BATCH, &passes, w->cap_kept, n, error);
    if (st != ZF_OK) { /* both sizes must stay equal: give the larger one back */
        zf_memory_free(w->budget, ZF_MEMORY_BATCH, w->kept, n * sizeof *w->kept);
        zf_memory_free(w->budget, ZF_MEMORY_BATCH, w->passes, w->cap_kept);
        w->kept = NULL;
        w->passes = NULL;
        w->cap_kept = 0;
        return st;
    }
    w->passes = passes;
    w->cap_kept = n;
    return ZF_OK;
}

/** Makes room for n more zone numbers. */
static zf_status grow_zones(zf_worker *w, size_t n, zf_error *error) {
    size_t cap = 2 * (w->n_zones + n);
    void *zones = w->zones;
    zf_status st = zf_memory_resize(w->budget, ZF_MEMORY_BATCH, &zones, w->cap_zones * sizeof *w->zones,
                                    cap * sizeof *w->zones, error);
    if (st != ZF_OK)
        return st;
    w->zones = zones;
    w->cap_zones = cap;
    return ZF_OK;
}

static zf_status count_assignment(zf_worker *w, const zf_assignment *a, size_t row, uint64_t ordinal,
                                  zf_error *error) {
    for (size_t i = 0; i < a->n_assigned; i++)
        w->zip_counts[a->assigned[i]].buildings++;
    for (size_t i = 0; i < a->n_crossing; i++)
        w->zip_counts[a->crossing[i]].crossing++;
    w->counts.assignments += a->n_assigned;
    if (w->is_partial)
        return zf_partials_append(w->partials, zf_batch_fid(w->batch, row), w->has_unique_fids ? 0 : ordinal,
                                  w->pass, a, error);
    zf_partials_count(&w->counts, a->n_assigned, a->n_crossing);
    return ZF_OK;
}

/** By shares a building is kept once for each of its ZIPs, as expressions may go by the share. n_kept of them
 * are there, and one that is measured. */
static zf_status keep_shares(zf_worker *w, const zf_assignment *a, zf_error *error) {
    size_t n_more = a->n_assigned - 1;
    zf_status st =
        w->cap_kept > w->n_kept + n_more ? ZF_OK : reserve_kept(w, 2 * (w->n_kept + n_more), error);
    for (size_t i = 0; st == ZF_OK && i < a->n_assigned; i++) {
        zf_kept *kept = &w->kept[w->n_kept + i];
        *kept = w->kept[w->n_kept];
        kept->first_zone = w->n_zones + i;
        kept->n_zones = 1;
        kept->measures[ZF_MEASURE_SHARE] = a->shares[i];
    }
    if (st == ZF_OK) {
        zf_areas_add(&w->areas, w->kept[w->n_kept].measures[ZF_MEASURE_AREA_M2], a);
        w->n_kept += n_more;
    }
    return st;
}

zf_status zf_worker_keep(zf_worker *w, size_t row, const zf_examined *f, const zf_assignment *a,
                         zf_error *error) {
    zf_status st = w->n_zones + a->n_assigned <= w->cap_zones ? ZF_OK : grow_zones(w, a->n_assigned, error);
    if (st == ZF_OK && w->n_kept == w->cap_kept) /* more than rows, by shares */
        st = reserve_kept(w, 2 * w->cap_kept, error);
    if (st != ZF_OK)
        return st;
    zf_kept *kept = &w->kept[w->n_kept]; /* of its measures only those that the plan wants are written */
    kept->row = row;
    kept->first_zone = w->n_zones;
    kept->n_zones = a->n_assigned;
    kept->repaired = f->repaired;
    for (size_t i = 0; i < a->n_assigned; i++)
        w->zones[w->n_zones + i] = a->assigned[i];
    st = zf_metric_measure(w->metric, &f->wkb, w->plan->reading.measures, kept->measures, error);
    if (st == ZF_OK && a->shares != NULL)
        st = keep_shares(w, a, error);
    if (st != ZF_OK)
        return st;
    w->n_zones += a->n_assigned;
    w->n_kept++;
    return ZF_OK;
}

static zf_status examine(zf_worker *w, size_t row, uint64_t ordinal, zf_error *error) {
    zf_examined footprint;
    zf_assignment assignment;
    bool is_usable = false;
    w->counts.buildings_read += w->pass == 0;
    zf_status st = zf_footprint_read(w, row, ordinal, &footprint, &is_usable, error);
    if (st == ZF_OK && is_usable) {
        zf_subject subject = {&footprint.wkb, footprint.geom, footprint.rest};
        st = zf_assigner_assign(w->assigner, &subject, &assignment, error);
        if (st == ZF_OK)
            st = count_assignment(w, &assignment, row, ordinal, error);
        if (st == ZF_OK && assignment.n_assigned > 0)
            st = zf_worker_keep(w, row, &footprint, &assignment, error);
        if (st == ZF_OK && assignment.n_assigned > 0 && w->halo_counts != NULL)
            st = zf_halo_note(w, &footprint.wkb.envelope, &assignment, error);
    }
    zf_examined_release(&w->examiner, &footprint);
    return st == ZF_OK ? st
                       : zf_error_at(error, st, w->layer->path, w->layer->layer, zf_batch_fid(w->batch, row));
}

/* ---- a batch: rows of the important ones ---- */

/* The cells and texts of a building's row. */
static void fill_columns(zf_worker *w, const zf_kept *kept) {
    const zf_row_layout *layout = &w->plan->layout;
    for (size_t i = layout->n_numbers; i < zf_layout_n_cells(layout); i++)
        w->cells[i].bits = 0;
    for (size_t i = 0; i < layout->n_numbers; i++) {
        const zf_scope_column *column = &w->plan->scope.columns[layout->slots[i].column];
        if (column->kind == ZF_SCOPE_KIND_MEASURE) {
            w->cells[i].real = kept->measures[column->number];
        } else {
            char scratch[ZF_VALUE_SCRATCH_BYTES];
            zf_value value = kept_value(w, kept, layout->slots[i].column, scratch);
            zf_layout_put(layout, w->cells, i, &value);
        }
    }
    for (size_t i = 0; i < layout->n_texts; i++) {
        size_t column = layout->slots[layout->n_numbers + i].column;
        zf_value value = kept_value(w, kept, column, w->text_scratch[i]);
        bool has = value.kind == ZF_VALUE_TEXT || value.kind == ZF_VALUE_BLOB;
        w->texts[i] = has ? value.as.bytes : (zf_bytes){NULL, 0};
    }
}

zf_status zf_worker_wkb(zf_worker *w, const zf_kept *kept, zf_wkb *out, zf_error *error) {
    zf_shape shape;
    if (kept->repaired.bytes != NULL &&
        zf_wkb_open(kept->repaired.bytes, kept->repaired.n, out) < ZF_WKB_OTHER)
        return ZF_OK;
    zf_status st = zf_batch_shape(w->batch, kept->row, &shape, error);
    *out = shape.wkb;
    return st;
}

/* How large the footprints of each ZIP are together. */
static zf_status count_footprint(zf_worker *w, const zf_kept *kept, zf_error *error) {
    zf_wkb wkb;
    zf_status st = zf_worker_wkb(w, kept, &wkb, error);
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        zf_zip_count *count = &w->zip_counts[w->zones[kept->first_zone + i]];
        count->n_rings += wkb.n_rings;
        count->n_points += wkb.n_points;
    }
    return st;
}

static zf_status fill_payload(zf_worker *w, const zf_kept *kept, zf_error *error) {
    zf_status st = ZF_OK;
    zf_payload_clear(&w->payload);
    for (size_t i = 0; st == ZF_OK && i < w->plan->layout.n_payload; i++) {
        char scratch[ZF_VALUE_SCRATCH_BYTES];
        zf_value value = kept_value(w, kept, w->plan->layout.payload[i], scratch);
        st = zf_payload_append_value(&w->payload, &value, error);
    }
    bool has_analyses = (w->plan->analyses.needs & ZF_NEEDS_FOOTPRINTS) != 0;
    if (st == ZF_OK && has_analyses)
        st = count_footprint(w, kept, error);
    if (st != ZF_OK || !zf_plan_has_footprints(w->plan, w->options))
        return st;
    if (kept->repaired.bytes != NULL)
        return zf_payload_append_bytes(&w->payload, kept->repaired, error);
    zf_shape shape;
    st = zf_batch_shape(w->batch, kept->row, &shape, error);
    zf_bytes wkb = {shape.wkb.bytes, shape.wkb.n_bytes};
    return st == ZF_OK ? zf_payload_append_bytes(&w->payload, wkb, error) : st;
}

static zf_status add_to_totals(zf_worker *w, const zf_kept *kept, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++)
        st = zf_totals_add(&w->totals, w->zones[kept->first_zone + i], w->cells, error);
    return st;
}

static zf_status append_rows(zf_worker *w, const zf_kept *kept, uint64_t first_ordinal, zf_error *error) {
    fill_columns(w, kept);
    w->counts.important += kept->n_zones;
    if (w->writer == NULL)
        return add_to_totals(w, kept, error);
    zf_status st = fill_payload(w, kept, error);
    zf_gather_row row = {.fid = zf_batch_fid(w->batch, kept->row),
                         .ordinal = first_ordinal + kept->row,
                         .cells = w->cells,
                         .texts = w->texts,
                         .payload = {w->payload.bytes, w->payload.n}};
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        row.rank = w->zones[kept->first_zone + i] + 1;
        st = zf_gather_append(w->writer, &row, error);
    }
    return st;
}

/** Puts n kept buildings from first on to the expressions. */
static zf_status select_kept(zf_worker *w, size_t first, size_t n, zf_error *error) {
    w->first_selected = first;
    w->n_selected = n;
    lender l = {.worker = w};
    zf_expression_rows rows = {n, lend_value, &l, &w->batch_arena, count_passed};
    zf_status st = zf_expressions_run(w->select, &rows, w->passes + first, error);
    size_t failed = zf_expressions_failed_row(w->select);
    if (st != ZF_E_USAGE || failed >= n)
        return st;
    return zf_error_at(error, st, w->layer->path, w->layer->layer,
                       zf_batch_fid(w->batch, w->kept[first + failed].row));
}

/** Some at a time: their computed values are held until their rows are written. */
static zf_status select_and_append(zf_worker *w, uint64_t first_ordinal, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t first = 0; st == ZF_OK && first < w->n_kept; first += SELECTED_AT_ONCE) {
        size_t n = w->n_kept - first < SELECTED_AT_ONCE ? w->n_kept - first : SELECTED_AT_ONCE;
        zf_arena_mark mark = zf_arena_get_mark(&w->batch_arena);
        st = select_kept(w, first, n, error);
        for (size_t i = first; st == ZF_OK && i < first + n; i++)
            if (w->passes[i])
                st = w->halo != NULL ? zf_halo_append(w, &w->kept[i], first_ordinal + w->kept[i].row, error)
                                     : append_rows(w, &w->kept[i], first_ordinal, error);
        zf_arena_rewind(&w->batch_arena, mark);
    }
    return st;
}

zf_status zf_worker_process(zf_worker *worker, zf_batch *batch, uint64_t first_ordinal, zf_error *error) {
    size_t n = zf_batch_count(batch);
    worker->batch = batch;
    worker->n_kept = worker->n_zones = 0;
    zf_arena_mark mark = zf_arena_get_mark(&worker->batch_arena);
    zf_status st = reserve_kept(worker, n, error);
    for (size_t row = 0; st == ZF_OK && worker->halo == NULL && row < n; row++)
        st = examine(worker, row, first_ordinal + row, error);
    for (size_t row = 0; st == ZF_OK && worker->halo != NULL && row < n; row++)
        st = zf_halo_examine(worker, row, first_ordinal + row, error);
    if (st == ZF_OK)
        st = select_and_append(worker, first_ordinal, error);
    zf_arena_rewind(&worker->batch_arena, mark);
    worker->batch = NULL;
    return st;
}

void zf_worker_next_pass(zf_worker *worker) {
    worker->pass++;
    zf_assigner_next_pass(worker->assigner);
}

zf_status zf_worker_finish(zf_worker *worker, zf_error *error) {
    zf_gather_writer *writer = worker->writer, *partials = worker->partials;
    worker->writer = worker->partials = NULL;
    zf_status st = zf_gather_writer_close(writer, error);
    zf_status st_partials = zf_gather_writer_close(partials, st == ZF_OK ? error : NULL);
    return st == ZF_OK ? st_partials : st;
}
