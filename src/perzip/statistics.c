/* SPDX-License-Identifier: MIT */
/* The statistics of one ZIP: what is collected row by row, and the values that are taken from it. */
#include "perzip/zip.h"

#include <string.h>

static bool is_kept(const zf_plan *plan, size_t slot) {
    return plan->is_kept != NULL && plan->is_kept[slot];
}

/** Takes the columns of numbers that statistics or analyses need as a whole. */
static zf_status take_columns(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_zip_statistics *s = &w->statistics;
    zf_status st =
        zf_arena_take(&w->arenas.analyses, plan->n_numbers, sizeof *s->numbers, &s->numbers, error);
    for (size_t c = 0; st == ZF_OK && c < plan->n_numbers; c++) {
        zf_arena *arena = is_kept(plan, c) ? &w->arenas.analyses : &w->arenas.statistics;
        s->numbers[c] = NULL;
        if (plan->is_column[c])
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
    zf_status st = zf_arena_take(arena, plan->n_numbers, sizeof *s->totals, &s->totals, error);
    if (st == ZF_OK)
        memset(s->totals, 0, plan->n_numbers * sizeof *s->totals);
    if (st == ZF_OK)
        st = zf_arena_take(arena, plan->n_texts, sizeof *s->texts, &s->texts, error);
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++)
        if (!zf_field_type_is_number(plan->requests[i].type))
            s->texts[plan->requests[i].slot] = (zf_running_text){.wants = plan->requests[i].sources};
    for (size_t i = 0; st == ZF_OK && plan->is_weighted && i < plan->n_texts; i++) {
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
    if (!plan->has_notes)
        return ZF_OK;
    zf_status st = zf_arena_take(&w->arenas.result, plan->n_requests, sizeof *fields, &fields, error);
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++) {
        bool is_number = zf_field_type_is_number(plan->requests[i].type);
        zf_class_kind kind = plan->requests[i].has_rest ? ZF_CLASS_WHOLE : ZF_CLASS_REAL;
        fields[i].places = (zf_places){.n = 0};
        zf_classes_init(&fields[i].classes, is_number ? kind : ZF_CLASS_TEXT, plan->is_weighted,
                        w->perzip->budget);
    }
    w->statistics.fields = fields;
    return st;
}

zf_status zf_zip_statistics_begin(zf_zip_work *w, zf_error *error) {
    zf_status st = take_totals(w, error);
    if (st == ZF_OK)
        st = take_fields(w, error);
    return st == ZF_OK && w->perzip->plan->has_rows ? take_columns(w, error) : st;
}

static zf_status add_numbers(zf_zip_work *w, size_t row, const double *numbers, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_zip_statistics *s = &w->statistics;
    zf_arena *arena = &w->arenas.result;
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < plan->n_numbers; c++) {
        if (plan->is_column[c])
            s->numbers[c][row] = numbers[c];
        if (plan->is_rest[c + 1])
            st = zf_running_take_whole(&s->totals[c], &numbers[c], arena, error);
        else if (plan->is_added[c])
            st = zf_running_take(&s->totals[c], numbers[c], arena, error);
    }
    return st;
}

/** Adds the row to the order statistics and the distinct values of a field. */
static zf_status add_to_field(zf_field_values *field, const zf_stat_request *r, const zf_gather_row *row,
                              double weight, zf_error *error) {
    bool is_number = zf_field_type_is_number(r->type);
    double rest = is_number && r->has_rest ? row->numbers[r->slot + 1] : 0.0;
    if (r->sources & ZF_FROM_PLACES && is_number) {
        zf_placed placed = {row->numbers[r->slot], rest, row->fid};
        zf_places_add(&field->places, &placed);
    }
    if (!(r->sources & ZF_FROM_CLASSES))
        return ZF_OK;
    zf_status st = is_number
                       ? zf_classes_add_number(&field->classes, row->numbers[r->slot], rest, weight, error)
                       : zf_classes_add_text(&field->classes, row->texts[r->slot], weight, error);
    return st == ZF_OK ? st : zf_error_within(error, st, "the different values of a field");
}

zf_status zf_zip_statistics_add(zf_zip_work *w, size_t row, const zf_gather_row *values, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_zip_statistics *s = &w->statistics;
    double weight = plan->is_weighted ? values->numbers[plan->weight_slot] : 1;
    zf_status st = add_numbers(w, row, values->numbers, error);
    for (size_t c = 0; st == ZF_OK && c < plan->n_texts; c++)
        st = zf_running_text_add(&s->texts[c], values->texts[c], weight, &w->arenas.result, error);
    if (plan->is_weighted) {
        zf_weight_add(&s->shares, weight);
        zf_weight_add(&s->shared_m2, weight * values->numbers[ZF_NUMBER_AREA]);
    }
    for (size_t i = 0; st == ZF_OK && s->fields != NULL && i < plan->n_requests; i++)
        st = add_to_field(&s->fields[i], &plan->requests[i], values, weight, error);
    return st;
}

zf_status zf_zip_statistics_merge(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    const zf_perzip_input *in = &w->perzip->input;
    zf_running *totals = w->statistics.totals;
    zf_exact_wide *wide = NULL;
    zf_status st = zf_arena_take(&w->arenas.result, plan->n_numbers, sizeof *wide, &wide, error);
    for (size_t c = 0; st == ZF_OK && c < plan->n_numbers; c++)
        zf_exact_widen(&totals[c].sum, &wide[c]);
    for (size_t i = 0; st == ZF_OK && i < in->n_totals; i++) {
        const zf_zip_totals *part = in->totals[i]->zips[w->zone->rank - 1];
        if (part == NULL)
            continue;
        w->own.n += (size_t)part->n_rows;
        for (size_t c = 0; c < plan->n_numbers; c++) {
            if (!plan->is_rest[c + 1]) {
                zf_running_merge(&totals[c], &part->columns[c]);
            } else {
                zf_running_merge_wholes(&totals[c], &totals[c + 1], &part->columns[c], &part->columns[c + 1]);
                c++;
            }
        }
    }
    return st;
}

/** What the statistics of a request are taken from. */
static zf_field_facts facts_of(const zf_zip_work *w, size_t request) {
    const zf_plan *plan = w->perzip->plan;
    const zf_stat_request *r = &plan->requests[request];
    const zf_zip_statistics *s = &w->statistics;
    const zf_field_values *field = s->fields != NULL ? &s->fields[request] : NULL;
    bool is_number = zf_field_type_is_number(r->type);
    zf_field_facts facts = {.type = r->type, .n_rows = w->own.n};
    facts.column = is_number && plan->is_column[r->slot] ? s->numbers[r->slot] : NULL;
    facts.weights = facts.column != NULL && plan->is_weighted ? s->numbers[plan->weight_slot] : NULL;
    facts.running = is_number ? &s->totals[r->slot] : NULL;
    facts.rests = is_number && r->has_rest ? &s->totals[r->slot + 1] : NULL;
    facts.texts = is_number ? NULL : &s->texts[r->slot];
    facts.places = is_number && field != NULL ? &field->places : NULL;
    facts.classes = field != NULL ? &field->classes : NULL;
    return facts;
}

zf_status zf_zip_statistics_evaluate(zf_zip_work *w, size_t *column, zf_error *error) {
    const zf_plan *plan = w->perzip->plan;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++) {
        const zf_stat_request *r = &plan->requests[i];
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
    for (size_t i = 0; s->fields != NULL && i < w->perzip->plan->n_requests; i++)
        zf_classes_deinit(&s->fields[i].classes);
    s->fields = NULL;
}

size_t zf_zip_classes_bytes(const zf_zip_work *w) {
    size_t n = 0;
    for (size_t i = 0; w->statistics.fields != NULL && i < w->perzip->plan->n_requests; i++)
        n += zf_classes_bytes(&w->statistics.fields[i].classes);
    return n;
}
