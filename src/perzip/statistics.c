/* SPDX-License-Identifier: MIT */
/* The statistics of one ZIP: what is collected row by row, and the values that are taken from it. */
#include "perzip/zip.h"

#include <string.h>

static bool is_kept(const zf_plan *plan, size_t slot) {
    return (plan->layout.slots[slot].uses & ZF_USED_BY_ANALYSIS) != 0;
}

/** Takes the columns of numbers that statistics or analyses need as a whole. */
static zf_status take_columns(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_zip_statistics *s = &w->statistics;
    zf_status st =
        zf_arena_take(&w->arenas.analyses, plan->layout.n_numbers, sizeof *s->numbers, &s->numbers, error);
    for (size_t c = 0; st == ZF_OK && c < plan->layout.n_numbers; c++) {
        zf_arena *arena = is_kept(plan, c) ? &w->arenas.analyses : &w->arenas.statistics;
        s->numbers[c] = NULL;
        if (plan->layout.slots[c].uses & ZF_USED_AS_COLUMN)
            st = zf_arena_take(arena, w->size.n, sizeof **s->numbers, &s->numbers[c], error);
    }
    return st;
}

/** Takes the totals of numbers and texts. */
static zf_status take_totals(zf_zip_work *w, zf_error *error) {
    enum { N_WEIGHTS = 3 }; /* of texts, of their lengths, of missing ones */
    const zf_plan *plan = w->perzip->plan;
    zf_zip_statistics *s = &w->statistics;
    zf_arena *arena = &w->arenas.result;
    zf_status st = zf_arena_take(arena, plan->layout.n_numbers, sizeof *s->totals, &s->totals, error);
    if (st == ZF_OK)
        memset(s->totals, 0, plan->layout.n_numbers * sizeof *s->totals);
    if (st == ZF_OK)
        st = zf_arena_take(arena, plan->layout.n_texts, sizeof *s->texts, &s->texts, error);
    for (size_t i = 0; st == ZF_OK && i < plan->statistics.n; i++)
        if (!zf_field_type_is_number(plan->statistics.requests[i].type))
            s->texts[plan->statistics.requests[i].slot - plan->layout.n_numbers] = (zf_running_text){
                .type = plan->statistics.requests[i].type, .wants = plan->statistics.requests[i].sources};
    for (size_t i = 0; st == ZF_OK && plan->statistics.is_weighted && i < plan->layout.n_texts; i++) {
        st = zf_arena_take(arena, N_WEIGHTS, sizeof *s->texts[i].weights, &s->texts[i].weights, error);
        if (st == ZF_OK)
            memset(s->texts[i].weights, 0, N_WEIGHTS * sizeof *s->texts[i].weights);
    }
    return st;
}

/** Prepares the tables of distinct values, and the order statistics. */
static zf_status take_fields(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_field_values *fields = NULL;
    if (!zf_plan_needs_field_values(plan))
        return ZF_OK;
    zf_status st = zf_arena_take(&w->arenas.result, plan->statistics.n, sizeof *fields, &fields, error);
    for (size_t i = 0; st == ZF_OK && i < plan->statistics.n; i++) {
        static const zf_class_kind kinds[] = {[ZF_SLOT_REAL] = ZF_CLASS_REAL,
                                              [ZF_SLOT_INTEGER] = ZF_CLASS_INTEGER,
                                              [ZF_SLOT_TEXT] = ZF_CLASS_TEXT};
        const zf_slot *slot = &plan->layout.slots[plan->statistics.requests[i].slot];
        fields[i].order = (zf_order_stats){.n = 0};
        zf_class_kind kind = zf_field_type_is_instant(plan->statistics.requests[i].type) ? ZF_CLASS_INTEGER
                                                                                         : kinds[slot->kind];
        zf_classes_init(&fields[i].classes, kind, plan->statistics.is_weighted, w->perzip->budget);
    }
    w->statistics.fields = fields;
    return st;
}

zf_status zf_zip_statistics_begin(zf_zip_work *w, zf_error *error) {
    zf_status st = take_totals(w, error);
    if (st == ZF_OK)
        st = take_fields(w, error);
    return st == ZF_OK && w->perzip->input.rows != NULL ? take_columns(w, error) : st;
}

static zf_status add_numbers(zf_zip_work *w, size_t row, const zf_cell *cells, zf_error *error) {
    const zf_row_layout *layout = &w->perzip->plan->layout;
    zf_zip_statistics *s = &w->statistics;
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < layout->n_numbers; c++) {
        if (layout->slots[c].uses & ZF_USED_AS_COLUMN)
            s->numbers[c][row] = zf_layout_number(layout, cells, c);
        if (layout->slots[c].uses & ZF_USED_AS_TOTAL)
            st = zf_total_add(&s->totals[c], layout, cells, c, &w->arenas.result, error);
    }
    return st;
}

/** Adds a number that is not missing to the order statistics. */
static void add_to_order(zf_order_stats *stats, const zf_row_layout *layout, size_t slot,
                         const zf_gather_row *row) {
    if (layout->slots[slot].kind == ZF_SLOT_REAL)
        zf_order_stats_add_real(stats, row->cells[slot].real, row->fid);
    else if (!zf_layout_is_missing(layout, row->cells, slot))
        zf_order_stats_add_integer(stats, row->cells[slot].integer, row->fid);
}

/** Adds a value that is not missing to the distinct values. */
static zf_status add_to_classes(zf_classes *classes, const zf_row_layout *layout, size_t slot,
                                const zf_gather_row *row, double weight, zf_error *error) {
    switch (layout->slots[slot].kind) {
    case ZF_SLOT_TEXT:
        return zf_classes_add_text(classes, row->texts[slot - layout->n_numbers], weight, error);
    case ZF_SLOT_INTEGER:
        return zf_layout_is_missing(layout, row->cells, slot)
                   ? ZF_OK
                   : zf_classes_add_integer(classes, row->cells[slot].integer, weight, error);
    default:
        return zf_classes_add_number(classes, row->cells[slot].real, weight, error);
    }
}

/** Adds the instant of a date or time that is not missing to the distinct values. */
static zf_status add_instant(zf_classes *classes, zf_field_type type, zf_bytes text, double weight,
                             zf_error *error) {
    int64_t ms = 0;
    return zf_instant_read(type, text, &ms) ? zf_classes_add_integer(classes, ms, weight, error) : ZF_OK;
}

/** Adds the row to the order statistics and the distinct values of a field. */
static zf_status add_to_field(zf_field_values *field, const zf_row_layout *layout, const zf_stat_request *r,
                              const zf_gather_row *row, double weight, zf_error *error) {
    if (r->sources & ZF_FROM_ORDER && layout->slots[r->slot].kind != ZF_SLOT_TEXT)
        add_to_order(&field->order, layout, r->slot, row);
    if (!(r->sources & ZF_FROM_CLASSES))
        return ZF_OK;
    zf_status st =
        zf_field_type_is_instant(r->type)
            ? add_instant(&field->classes, r->type, row->texts[r->slot - layout->n_numbers], weight, error)
            : add_to_classes(&field->classes, layout, r->slot, row, weight, error);
    return st == ZF_OK ? st : zf_error_within(error, st, "the different values of a field");
}

zf_status zf_zip_statistics_add(zf_zip_work *w, size_t row, const zf_gather_row *values, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_zip_statistics *s = &w->statistics;
    double weight = plan->statistics.is_weighted ? values->cells[plan->layout.weight].real : 1;
    zf_status st = add_numbers(w, row, values->cells, error);
    for (size_t c = 0; st == ZF_OK && c < plan->layout.n_texts; c++)
        st = zf_running_text_add(&s->texts[c], values->texts[c], weight, &w->arenas.result, error);
    if (plan->statistics.is_weighted) {
        zf_wide_sum_add(&s->shares, weight);
        zf_wide_sum_add(&s->shared_m2, weight * values->cells[ZF_SLOT_AREA].real);
    }
    for (size_t i = 0; st == ZF_OK && s->fields != NULL && i < plan->statistics.n; i++)
        st = add_to_field(&s->fields[i], &plan->layout, &plan->statistics.requests[i], values, weight, error);
    return st;
}

zf_status zf_zip_statistics_merge(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    const zf_perzip_input *in = &w->perzip->input;
    const zf_row_layout *layout = &plan->layout;
    zf_total *totals = w->statistics.totals;
    zf_exact_wide *wide = NULL;
    zf_status st = zf_arena_take(&w->arenas.result, plan->layout.n_numbers, sizeof *wide, &wide, error);
    for (size_t c = 0; st == ZF_OK && c < plan->layout.n_numbers; c++)
        if (layout->slots[c].kind == ZF_SLOT_REAL)
            zf_exact_widen(&totals[c].reals.sum, &wide[c]);
    for (size_t i = 0; st == ZF_OK && i < in->n_totals; i++) {
        const zf_zip_totals *part = in->totals[i]->zips[w->zone->rank - 1];
        if (part == NULL)
            continue;
        w->own.n += (size_t)part->n_rows;
        for (size_t c = 0; c < layout->n_numbers; c++)
            if (layout->slots[c].kind == ZF_SLOT_REAL)
                zf_running_merge(&totals[c].reals, &part->columns[c].reals);
            else
                zf_running_integers_merge(&totals[c].integers, &part->columns[c].integers);
    }
    return st;
}

/** What the statistics of a request are taken from. */
static zf_field_facts facts_of(const zf_zip_work *w, size_t request) {
    const zf_plan *plan = w->perzip->plan;
    const zf_stat_request *r = &plan->statistics.requests[request];
    const zf_zip_statistics *s = &w->statistics;
    const zf_field_values *field = s->fields != NULL ? &s->fields[request] : NULL;
    bool is_number = zf_field_type_is_number(r->type);
    zf_field_facts facts = {.type = r->type, .n_rows = w->own.n};
    const zf_slot *slot = &plan->layout.slots[r->slot];
    facts.column = slot->uses & ZF_USED_AS_COLUMN ? s->numbers[r->slot] : NULL;
    facts.weights =
        facts.column != NULL && plan->statistics.is_weighted ? s->numbers[plan->layout.weight] : NULL;
    facts.running = slot->kind == ZF_SLOT_REAL ? &s->totals[r->slot].reals : NULL;
    facts.integers = slot->kind == ZF_SLOT_INTEGER ? &s->totals[r->slot].integers : NULL;
    facts.texts = is_number ? NULL : &s->texts[r->slot - plan->layout.n_numbers];
    facts.order = is_number && field != NULL ? &field->order : NULL;
    facts.classes = field != NULL ? &field->classes : NULL;
    return facts;
}

zf_status zf_zip_statistics_evaluate(zf_zip_work *w, size_t *column, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < plan->statistics.n; i++) {
        const zf_stat_request *r = &plan->statistics.requests[i];
        zf_field_facts facts = facts_of(w, i);
        st = zf_stats_of_field(&facts, r->stats, r->n_stats, &w->arenas.statistics, &w->arenas.result,
                               w->results.zip_values + *column, error);
        *column += r->n_stats;
    }
    zf_zip_statistics_release(w);
    zf_arena_release(&w->arenas.statistics);
    return st;
}

void zf_zip_statistics_release(zf_zip_work *w) {
    zf_zip_statistics *s = &w->statistics;
    for (size_t i = 0; s->fields != NULL && i < w->perzip->plan->statistics.n; i++)
        zf_classes_deinit(&s->fields[i].classes);
    s->fields = NULL;
}

size_t zf_zip_classes_bytes(const zf_zip_work *w) {
    size_t n = 0;
    for (size_t i = 0; w->statistics.fields != NULL && i < w->perzip->plan->statistics.n; i++)
        n += zf_classes_bytes(&w->statistics.fields[i].classes);
    return n;
}
