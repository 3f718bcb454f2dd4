/* SPDX-License-Identifier: MIT */
#include "stream/lane.h"

#include <math.h>

static zf_status open_tools(zf_lane *lane, zf_error *error) {
    const zf_stream_context *c = lane->context;
    zf_status st =
        zf_selection_init(&lane->selection, c->plan, c->callbacks, &lane->kept, lane->tally.n_passed, error);
    if (st == ZF_OK)
        st = zf_geos_create(&lane->geos, error);
    if (st == ZF_OK)
        st = zf_assigner_create(c->catalogue, c->options->assign, lane->geos, c->budget, &lane->assigner,
                                error);
    if (st == ZF_OK)
        zf_assigner_watch(lane->assigner, c->callbacks);
    lane->examiner = (zf_examiner){.policy = c->options->on_invalid,
                                   .takes_paths = zf_source_get_info(c->buildings)->may_hold_paths,
                                   .geos = lane->geos,
                                   .metric = lane->metric,
                                   .arena = &lane->kept.arena};
    return st;
}

zf_status zf_lane_open(zf_lane *lane, const zf_stream_context *context, size_t number, bool has_others,
                       zf_error *error) {
    const double half_turn = zf_crs_half_turn(context->crs);
    *lane = (zf_lane){.context = context,
                      .metric = context->metrics[number],
                      .half_turn = half_turn > 0 ? half_turn : INFINITY};
    zf_status st = zf_tally_init(&lane->tally, zf_catalogue_count(context->catalogue),
                                 zf_plan_n_conditions(context->plan), context->plan->analyses.halo.is_needed,
                                 has_others, error);
    if (st != ZF_OK)
        return st;
    zf_kept_list_init(&lane->kept, context->budget);
    st = zf_unread_init(&lane->tally.unread, context->plan->expressions.n, error);
    if (st == ZF_OK)
        st = open_tools(lane, error);
    lane->selection.unread = &lane->tally.unread;
    if (st != ZF_OK)
        zf_lane_close(lane);
    return st;
}

void zf_lane_close(zf_lane *lane) {
    if (lane->context == NULL)
        return;
    if (lane->emitter != NULL)
        lane->emitter->class->close(lane->emitter);
    zf_group_writer_close(lane->groups);
    zf_gather_writer_abandon(lane->split_notes);
    zf_assigner_destroy(lane->assigner);
    zf_geos_destroy(lane->geos);
    zf_selection_deinit(&lane->selection);
    zf_kept_list_deinit(&lane->kept);
    zf_tally_deinit(&lane->tally);
    lane->context = NULL;
}

/** Selects n kept buildings from `first` on, and emits those that pass all conditions; all of them to the groups. */
static zf_status select_and_emit(zf_lane *lane, size_t first, size_t n, zf_error *error) {
    const zf_kept *failed = NULL;
    zf_arena_mark mark = zf_arena_get_mark(&lane->kept.arena);
    zf_status st = zf_selection_run(&lane->selection, first, n, &failed, error);
    if (failed != NULL)
        st = zf_building_at(lane, st, failed->row, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++) {
        const zf_kept *kept = &lane->kept.items[first + i];
        const bool is_important = lane->selection.is_selected[i];
        if (lane->groups != NULL)
            st = zf_group_writer_add(lane->groups, &lane->selection, kept, is_important, error);
        if (st != ZF_OK || !is_important)
            continue;
        lane->tally.counts.important += kept->n_zones;
        st = lane->emitter->class->emit(lane->emitter, &lane->selection, kept, error);
    }
    zf_arena_rewind(&lane->kept.arena, mark);
    return st;
}

zf_status zf_lane_process(zf_lane *lane, zf_batch *batch, uint64_t first_ordinal, zf_error *error) {
    const size_t n_rows = zf_batch_count(batch);
    zf_arena_mark mark = zf_arena_get_mark(&lane->kept.arena);
    zf_status st = zf_kept_list_begin(&lane->kept, batch, first_ordinal, error);
    for (size_t row = 0; st == ZF_OK && row < n_rows; row++)
        st = lane->look(lane, row, error);
    for (size_t first = 0; st == ZF_OK && first < lane->kept.n; first += ZF_SELECTED_AT_ONCE) {
        size_t n_left = lane->kept.n - first;
        st = select_and_emit(lane, first, n_left < ZF_SELECTED_AT_ONCE ? n_left : ZF_SELECTED_AT_ONCE, error);
    }
    zf_arena_rewind(&lane->kept.arena, mark);
    return st;
}

void zf_lane_next_pass(zf_lane *lane) {
    lane->pass_no++;
    zf_assigner_next_pass(lane->assigner);
}

zf_status zf_lane_finish(zf_lane *lane, zf_error *error) {
    zf_gather_writer *notes = lane->split_notes;
    lane->split_notes = NULL;
    zf_status st = lane->emitter->class->finish(lane->emitter, error);
    zf_status st_notes = zf_gather_writer_close(notes, st == ZF_OK ? error : NULL);
    if (st == ZF_OK)
        st = st_notes;
    return st == ZF_OK && lane->groups != NULL ? zf_group_writer_finish(lane->groups, error) : st;
}
