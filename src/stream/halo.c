/* SPDX-License-Identifier: MIT */
#include "stream/halo.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { CENTROID_X = 0, CENTROID_Y, N_CELLS };

static size_t n_cells(const zf_plan *plan) {
    return plan->analyses.halo.needs & ZF_NEEDS_POINTS ? N_CELLS : 0;
}

zf_status zf_halo_gather_create(const zf_plan *plan, size_t n_writers, size_t share_bytes,
                                const char *temp_dir, zf_budget *budget, zf_gather **out, zf_error *error) {
    zf_gather_options options = {.n_cells = n_cells(plan),
                                 .share_bytes = share_bytes,
                                 .n_writers = n_writers,
                                 .temp_dir = temp_dir,
                                 .visits_payloads = (plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS) != 0};
    return zf_gather_create(&options, budget, out, error);
}

/* ---- how far a ZIP's own buildings reach ---- */

zf_status zf_halo_note(zf_worker *worker, const zf_envelope *envelope, const zf_assignment *assignment,
                       zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < assignment->n_assigned; i++) {
        zf_halo_count *count = &worker->halo_counts[assignment->assigned[i]];
        bool is_inside = false;
        st = zf_assigner_is_inside(worker->assigner, assignment->assigned[i], envelope, &is_inside, error);
        count->has_own = true;
        if (is_inside)
            continue;
        count->overhang_x = fmax(count->overhang_x, envelope->max_x - envelope->min_x);
        count->overhang_y = fmax(count->overhang_y, envelope->max_y - envelope->min_y);
    }
    return st;
}

/* A building of the ZIP has a point in it, or on its border, and no point farther from that than its envelope
 * is wide and high. */
static void fill_margins(const zf_passes *p, const zf_halo_count *counts, zf_halo *halo) {
    zf_metric *metric = p->workers[0].metric;
    halo->half_turn = zf_metric_half_turn(metric);
    for (size_t i = 0; i < zf_catalogue_count(p->catalogue); i++) {
        zf_margin *m = &halo->margins[i];
        *m = (zf_margin){-1, -1};
        if (!counts[i].has_own)
            continue;
        zf_metric_margin(metric, &zf_catalogue_zone(p->catalogue, i)->envelope, p->plan->analyses.halo.metres,
                         &m->x, &m->y);
        m->x += counts[i].overhang_x;
        m->y += counts[i].overhang_y;
        halo->most.x = fmax(halo->most.x, m->x);
        halo->most.y = fmax(halo->most.y, m->y);
    }
}

/* ---- reading again ---- */

static void add_counts(const zf_passes *p, zf_halo_count *counts) {
    for (size_t w = 0; w < p->n_workers; w++)
        for (size_t i = 0; i < zf_catalogue_count(p->catalogue); i++) {
            const zf_halo_count *part = &p->workers[w].halo_counts[i];
            counts[i].has_own |= part->has_own;
            counts[i].overhang_x = fmax(counts[i].overhang_x, part->overhang_x);
            counts[i].overhang_y = fmax(counts[i].overhang_y, part->overhang_y);
            counts[i].n += part->n;
            counts[i].n_rings += part->n_rings;
            counts[i].n_points += part->n_points;
        }
}

static void start(const zf_passes *p, const zf_halo *halo) {
    for (size_t w = 0; w < p->n_workers; w++) {
        zf_worker *worker = &p->workers[w];
        worker->halo = halo;
        worker->pass = 0;
        worker->reach_x = worker->reach_y = 0;
        zf_assigner_next_pass(worker->assigner);
    }
}

static zf_status stop(const zf_passes *p, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t w = 0; w < p->n_workers; w++) {
        zf_worker *worker = &p->workers[w];
        zf_gather_writer *writer = worker->halo_writer;
        worker->halo = NULL;
        worker->halo_writer = NULL;
        if (st == ZF_OK)
            st = zf_gather_writer_close(writer, error);
        else
            zf_gather_writer_abandon(writer);
    }
    return st;
}

static void warn_of_invalid(const zf_passes *p) {
    uint64_t n = 0;
    for (size_t w = 0; w < p->n_workers; w++)
        n += p->workers[w].n_halo_invalid;
    if (n > 0)
        zf_log(p->callbacks, ZF_LOG_WARNING,
               "%" PRIu64 " buildings outside of all ZIPs, but near enough to one to be a neighbour, are not "
               "valid: %s",
               n, p->workers[0].options->on_invalid == ZF_INVALID_SKIP ? "they are left out" : "repaired");
}

zf_status zf_halo_read(const zf_passes *passes, zf_halo_count *out_counts, zf_error *error) {
    size_t n = zf_catalogue_count(passes->catalogue);
    zf_halo halo = {.margins = calloc(n + 1, sizeof *halo.margins)};
    if (halo.margins == NULL)
        return zf_error_memory(error, n * sizeof *halo.margins, "the surroundings of the ZIPs");
    add_counts(passes, out_counts); /* how far their own buildings reach */
    fill_margins(passes, out_counts, &halo);
    zf_log(passes->callbacks, ZF_LOG_INFO, "reading the buildings again, for those near ZIPs of others");
    zf_passes around = *passes;
    around.margin = halo.most;
    start(&around, &halo);
    zf_status st = zf_passes_read(&around, error);
    if (st == ZF_OK)
        st = stop(&around, error);
    if (st == ZF_OK) {
        add_counts(passes, out_counts); /* how many others there are */
        warn_of_invalid(passes);
    }
    free(halo.margins);
    return st;
}

/* ---- one building ---- */

zf_status zf_halo_examine(zf_worker *w, size_t row, uint64_t ordinal, zf_error *error) {
    zf_examined footprint;
    zf_assignment near;
    bool is_usable = false;
    zf_status st = zf_footprint_read_near(w, row, ordinal, &footprint, &near, &is_usable, error);
    if (st == ZF_OK && is_usable)
        st = zf_worker_keep(w, row, &footprint, &near, error);
    zf_examined_release(&w->examiner, &footprint);
    return st == ZF_OK ? st
                       : zf_error_at(error, st, w->layer->path, w->layer->layer, zf_batch_fid(w->batch, row));
}

static zf_status fill_payload(zf_worker *w, const zf_kept *kept, zf_error *error) {
    zf_wkb wkb;
    zf_payload_clear(&w->payload);
    if (!(w->plan->analyses.halo.needs & ZF_NEEDS_FOOTPRINTS))
        return ZF_OK;
    zf_status st = zf_worker_wkb(w, kept, &wkb, error);
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        zf_halo_count *count = &w->halo_counts[w->zones[kept->first_zone + i]];
        count->n_rings += wkb.n_rings;
        count->n_points += wkb.n_points;
    }
    return st == ZF_OK ? zf_payload_append_bytes(&w->payload, (zf_bytes){wkb.bytes, wkb.n_bytes}, error) : st;
}

zf_status zf_halo_append(zf_worker *w, const zf_kept *kept, uint64_t ordinal, zf_error *error) {
    const zf_cell cells[N_CELLS] = {[CENTROID_X] = {.real = kept->measures[ZF_MEASURE_CENTROID_X]},
                                    [CENTROID_Y] = {.real = kept->measures[ZF_MEASURE_CENTROID_Y]}};
    zf_status st = fill_payload(w, kept, error);
    zf_gather_row row = {.fid = zf_batch_fid(w->batch, kept->row),
                         .ordinal = ordinal,
                         .cells = cells,
                         .payload = {w->payload.bytes, w->payload.n}};
    for (size_t i = 0; st == ZF_OK && i < kept->n_zones; i++) {
        uint32_t zone = w->zones[kept->first_zone + i];
        w->halo_counts[zone].n++;
        row.rank = zone + 1;
        st = zf_gather_append(w->halo_writer, &row, error);
    }
    return st;
}
