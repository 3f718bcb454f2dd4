/* SPDX-License-Identifier: MIT */
#include "stream/reading.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct zf_stream {
    zf_stream_context context;
    zf_gather *rows;             /**< NULL when totals are taken instead */
    zf_gather *groups;           /**< NULL when there are no groups */
    zf_gather *split_notes;      /**< NULL when one pass is enough */
    zf_gather *others;           /**< NULL when no analysis looks beyond its ZIP */
    zf_totals *totals;           /**< n_threads; NULL when rows are gathered */
    const zf_totals **totals_of; /**< n_threads, for the result */
    zf_lane *lanes;              /**< n_threads, of the current reading */
    zf_tally tally;              /**< of the reading that assigns */
    zf_tally halo_tally;         /**< of the reading for the buildings near ZIPs */
};

static void settle_first_pass(const zf_stream_context *c) {
    zf_catalogue_first_pass(c->catalogue, c->shares->grid_bytes, c->shares->other_bytes, c->expected);
}

/* ---- opening ---- */

/** Totals take the place of rows where the plan allows it and they fit into the rows' share of memory. */
static zf_status open_totals(zf_stream *s, zf_error *error) {
    const zf_stream_context *c = &s->context;
    const size_t n = c->n_threads, n_zips = zf_catalogue_count(c->catalogue);
    if (c->plan->needs_rows || !zf_totals_fit(n_zips, c->plan->layout.n_numbers, n, c->shares->gather_bytes))
        return ZF_OK;
    s->totals = calloc(n, sizeof *s->totals);
    s->totals_of = calloc(n, sizeof *s->totals_of);
    if (s->totals == NULL || s->totals_of == NULL)
        return zf_error_memory(error, n * sizeof *s->totals, "totals");
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        st = zf_totals_init(&s->totals[i], c->budget, n_zips, &c->plan->layout, error);
        s->totals_of[i] = &s->totals[i];
    }
    return st;
}

static zf_status open_gathers(zf_stream *s, zf_error *error) {
    const zf_stream_context *c = &s->context;
    const char *temp_dir = c->options->temp_dir;
    zf_gather_options options = {.n_cells = zf_layout_n_cells(&c->plan->layout),
                                 .n_texts = c->plan->layout.n_texts,
                                 .share_bytes = c->shares->gather_bytes,
                                 .n_writers = c->n_threads,
                                 .temp_dir = temp_dir,
                                 .visits_payloads = (c->plan->analyses.needs & ZF_NEEDS_FOOTPRINTS) != 0};
    zf_status st = s->totals == NULL ? zf_gather_create(&options, c->budget, &s->rows, error) : ZF_OK;
    if (st == ZF_OK && c->plan->groups.n_fields > 0)
        st = zf_group_rows_create(&c->plan->groups, c->n_threads, c->shares->group_bytes, temp_dir, c->budget,
                                  &s->groups, error);
    if (st == ZF_OK && !zf_catalogue_is_one_pass(c->catalogue))
        st = zf_split_create(c->n_threads, c->shares->gather_bytes / 4, temp_dir, c->budget, &s->split_notes,
                             error);
    if (st == ZF_OK && c->plan->analyses.halo.is_needed)
        st = zf_emit_halo_gather(c->plan, c->n_threads, c->shares->halo_bytes, temp_dir, c->budget,
                                 &s->others, error);
    return st;
}

static zf_emit_options emit_options(const zf_stream *s, zf_lane *lane) {
    const zf_stream_context *c = &s->context;
    return (zf_emit_options){.plan = c->plan,
                             .has_footprints = zf_plan_has_footprints(c->plan, c->options),
                             .budget = c->budget,
                             .tally = &lane->tally};
}

/** Opens the lanes of the reading that assigns: they emit rows, or add up totals. */
static zf_status open_assigning_lanes(zf_stream *s, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < s->context.n_threads; i++) {
        zf_lane *lane = &s->lanes[i];
        st = zf_lane_open(lane, &s->context, i, false, error);
        if (st != ZF_OK)
            return st;
        lane->look = zf_assign_building;
        zf_emit_options options = emit_options(s, lane);
        st = s->totals != NULL ? zf_emit_totals_open(&options, &s->totals[i], &lane->emitter, error)
                               : zf_emit_rows_open(&options, s->rows, &lane->emitter, error);
        if (st == ZF_OK && s->groups != NULL)
            st = zf_group_writer_open(&s->context.plan->groups, s->groups, s->context.budget, &lane->groups, error);
        if (st == ZF_OK && s->split_notes != NULL)
            st = zf_gather_writer_open(s->split_notes, &lane->split_notes, error);
    }
    return st;
}

/** Opens the lanes of the reading for the buildings near ZIPs. */
static zf_status open_halo_lanes(zf_stream *s, const zf_halo *halo, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < s->context.n_threads; i++) {
        zf_lane *lane = &s->lanes[i];
        st = zf_lane_open(lane, &s->context, i, true, error);
        if (st != ZF_OK)
            return st;
        lane->look = zf_near_building;
        lane->halo = halo;
        zf_emit_options options = emit_options(s, lane);
        st = zf_emit_halo_open(&options, s->others, &lane->emitter, error);
    }
    return st;
}

static void close_lanes(zf_stream *s) {
    for (size_t i = 0; s->lanes != NULL && i < s->context.n_threads; i++)
        zf_lane_close(&s->lanes[i]);
}

zf_status zf_stream_open(const zf_stream_context *context, zf_stream **out, zf_error *error) {
    const size_t n_zips = zf_catalogue_count(context->catalogue);
    zf_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return zf_error_memory(error, sizeof *s, "threads");
    s->context = *context;
    s->lanes = calloc(context->n_threads, sizeof *s->lanes);
    zf_status st =
        s->lanes != NULL ? ZF_OK : zf_error_memory(error, context->n_threads * sizeof *s->lanes, "threads");
    settle_first_pass(context);
    if (st == ZF_OK)
        st = zf_tally_init(&s->tally, n_zips, zf_plan_n_conditions(context->plan),
                           context->plan->analyses.halo.is_needed, false, error);
    if (st == ZF_OK)
        st = zf_unread_init(&s->tally.unread, context->plan->expressions.n, error);
    if (st == ZF_OK)
        st = open_totals(s, error);
    if (st == ZF_OK)
        st = open_gathers(s, error);
    if (st == ZF_OK)
        st = open_assigning_lanes(s, error);
    if (st == ZF_OK)
        *out = s;
    else
        zf_stream_close(s);
    return st;
}

void zf_stream_close(zf_stream *stream) {
    if (stream == NULL)
        return;
    close_lanes(stream);
    free(stream->lanes);
    for (size_t i = 0; stream->totals != NULL && i < stream->context.n_threads; i++)
        zf_totals_deinit(&stream->totals[i]);
    free(stream->totals);
    free(stream->totals_of);
    zf_gather_destroy(stream->others);
    zf_gather_destroy(stream->split_notes);
    zf_gather_destroy(stream->groups);
    zf_gather_destroy(stream->rows);
    zf_tally_deinit(&stream->halo_tally);
    zf_tally_deinit(&stream->tally);
    free(stream);
}

/* ---- buildings near ZIPs ---- */

/** How far from each ZIP a building matters to it. A building of the ZIP has a point in it, or on its border,
 * and no point farther from that than its envelope is wide and high. */
static void fill_margins(const zf_stream *s, zf_halo *halo) {
    zf_metric *metric = s->context.metrics[0];
    halo->half_turn = zf_metric_half_turn(metric);
    for (size_t i = 0; i < s->tally.n_zips; i++) {
        const zf_overhang *overhang = &s->tally.overhangs[i];
        zf_margin *m = &halo->margins[i];
        *m = (zf_margin){-1, -1};
        if (!overhang->has_own)
            continue;
        zf_metric_margin(metric, &zf_catalogue_zone(s->context.catalogue, i)->envelope,
                         s->context.plan->analyses.halo.metres, &m->x, &m->y);
        m->x += overhang->x;
        m->y += overhang->y;
        halo->most.x = fmax(halo->most.x, m->x);
        halo->most.y = fmax(halo->most.y, m->y);
    }
}

static void warn_of_invalid(const zf_stream *s) {
    if (s->halo_tally.n_invalid_others > 0)
        zf_log(s->context.callbacks, ZF_LOG_WARNING,
               "%" PRIu64 " buildings outside of all ZIPs, but near enough to one to be a neighbour, are not "
               "valid: %s",
               s->halo_tally.n_invalid_others,
               s->context.options->on_invalid == ZF_INVALID_SKIP ? "they are left out" : "repaired");
}

/**
 * Reads the buildings again, for those near each ZIP that are not of it: how far from a ZIP its own buildings
 * reach is known only when all have been assigned. What comes near a ZIP's cells, widened by as much, is
 * gathered for it; its own buildings among them are left out when the ZIP is loaded.
 */
static zf_status read_halo(zf_stream *s, zf_error *error) {
    const size_t n_zips = s->tally.n_zips;
    zf_halo halo = {.margins = calloc(n_zips + 1, sizeof *halo.margins)};
    if (halo.margins == NULL)
        return zf_error_memory(error, n_zips * sizeof *halo.margins, "the surroundings of the ZIPs");
    fill_margins(s, &halo);
    zf_log(s->context.callbacks, ZF_LOG_INFO, "reading the buildings again, for those near ZIPs of others");
    settle_first_pass(&s->context);
    zf_status st =
        zf_tally_init(&s->halo_tally, n_zips, zf_plan_n_conditions(s->context.plan), true, true, error);
    if (st == ZF_OK)
        st = open_halo_lanes(s, &halo, error);
    const zf_reading reading = {&s->context, s->lanes, halo.most};
    if (st == ZF_OK)
        st = zf_reading_run(&reading, &s->halo_tally, error);
    if (st == ZF_OK)
        warn_of_invalid(s);
    close_lanes(s);
    free(halo.margins);
    return st == ZF_OK ? zf_gather_seal(s->others, error) : st;
}

/* ---- all of it ---- */

static zf_status assign(zf_stream *s, zf_error *error) {
    const zf_reading reading = {.context = &s->context, .lanes = s->lanes};
    zf_status st = zf_reading_run(&reading, &s->tally, error);
    close_lanes(s);
    if (st == ZF_OK && s->split_notes != NULL)
        st = zf_split_count(s->split_notes, &s->tally, error);
    return st;
}

zf_status zf_stream_read(zf_stream *stream, zf_stream_result *out_result, zf_error *error) {
    zf_status st = assign(stream, error);
    if (st == ZF_OK && stream->others != NULL)
        st = read_halo(stream, error);
    zf_catalogue_end_passes(stream->context.catalogue);
    if (st == ZF_OK && stream->rows != NULL)
        st = zf_gather_seal(stream->rows, error);
    if (st == ZF_OK && stream->groups != NULL)
        st = zf_gather_seal(stream->groups, error);
    *out_result = (zf_stream_result){.tally = &stream->tally,
                                     .rows = stream->rows,
                                     .totals = stream->totals_of,
                                     .n_totals = stream->totals != NULL ? stream->context.n_threads : 0,
                                     .groups = stream->groups,
                                     .others = stream->others,
                                     .other_counts = stream->halo_tally.others};
    return st;
}
