/* SPDX-License-Identifier: MIT */
/* The fields of one ZIP of which statistics are asked: what is taken of them row by row, and what comes of
 * it. */
#include "perzip/zips.h"

#include <string.h>

/* Of its texts, of their lengths, and of those that are missing. */
static zf_status take_weights(zf_zip_work *w, zf_running_text *text, zf_error *error) {
    enum { N_WEIGHTS = 3 };
    zf_status st = zf_arena_take(&w->arena, N_WEIGHTS, sizeof *text->weights, &text->weights, error);
    if (st == ZF_OK)
        memset(text->weights, 0, N_WEIGHTS * sizeof *text->weights);
    return st;
}

static zf_status take_totals(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = zf_arena_take(&w->arena, plan->n_numbers, sizeof *w->totals, &w->totals, error);
    if (st == ZF_OK)
        memset(w->totals, 0, plan->n_numbers * sizeof *w->totals);
    if (st == ZF_OK)
        st = zf_arena_take(&w->arena, plan->n_texts, sizeof *w->texts, &w->texts, error);
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++)
        if (!zf_field_type_is_number(plan->requests[i].type))
            w->texts[plan->requests[i].slot] = (zf_running_text){.wants = plan->requests[i].sources};
    for (size_t i = 0; st == ZF_OK && plan->is_weighted && i < plan->n_texts; i++)
        st = take_weights(w, &w->texts[i], error);
    return st;
}

static zf_status take_notes(zf_zip_work *w, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_field_notes *notes = NULL;
    if (!plan->has_notes)
        return ZF_OK;
    zf_status st = zf_arena_take(&w->arena, plan->n_requests, sizeof *notes, &notes, error);
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++) {
        bool is_number = zf_field_type_is_number(plan->requests[i].type);
        zf_class_kind kind = plan->requests[i].has_rest ? ZF_CLASS_WHOLE : ZF_CLASS_REAL;
        notes[i].places = (zf_places){.n = 0};
        zf_classes_init(&notes[i].classes, is_number ? kind : ZF_CLASS_TEXT, plan->is_weighted,
                        w->loop->budget);
    }
    w->notes = notes;
    return st;
}

zf_status zf_zip_fields_begin(zf_zip_work *w, zf_error *error) {
    zf_status st = take_totals(w, error);
    return st == ZF_OK ? take_notes(w, error) : st;
}

static zf_status take_numbers(zf_zip_work *w, const double *numbers, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < plan->n_numbers; c++) {
        if (plan->is_column[c])
            w->numbers[c][w->n] = numbers[c];
        if (plan->is_rest[c + 1])
            st = zf_running_take_whole(&w->totals[c], &numbers[c], &w->arena, error);
        else if (plan->is_added[c])
            st = zf_running_take(&w->totals[c], numbers[c], &w->arena, error);
    }
    return st;
}

static double weight_of(const zf_plan *plan, const zf_gather_row *row) {
    return plan->is_weighted ? row->numbers[plan->weight_slot] : 1;
}

static zf_status take_texts(zf_zip_work *w, const zf_gather_row *row, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = ZF_OK;
    for (size_t c = 0; st == ZF_OK && c < plan->n_texts; c++)
        st = zf_running_text_add(&w->texts[c], row->texts[c], weight_of(plan, row), &w->arena, error);
    return st;
}

static zf_status note_class(zf_classes *classes, const zf_plan *plan, const zf_stat_request *r,
                            const zf_gather_row *row, zf_error *error) {
    double weight = weight_of(plan, row);
    if (classes->kind == ZF_CLASS_TEXT)
        return zf_classes_add_text(classes, row->texts[r->slot], weight, error);
    double rest = r->has_rest ? row->numbers[r->slot + 1] : 0.0;
    return zf_classes_add_number(classes, row->numbers[r->slot], rest, weight, error);
}

static zf_status note_row(zf_zip_work *w, const zf_gather_row *row, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++) {
        const zf_stat_request *r = &plan->requests[i];
        if (r->sources & ZF_FROM_PLACES && zf_field_type_is_number(r->type)) {
            zf_placed placed = {row->numbers[r->slot], r->has_rest ? row->numbers[r->slot + 1] : 0.0,
                                row->fid};
            zf_places_add(&w->notes[i].places, &placed);
        }
        if (r->sources & ZF_FROM_CLASSES)
            st = note_class(&w->notes[i].classes, plan, r, row, error);
    }
    return st == ZF_OK ? st : zf_error_within(error, st, "the different values of a field");
}

static void take_shares(zf_zip_work *w, const double *numbers) {
    double share = numbers[w->loop->plan->weight_slot];
    zf_weight_add(&w->shares, share);
    zf_weight_add(&w->shared_m2, share * numbers[ZF_NUMBER_AREA]);
}

zf_status zf_zip_fields_take(zf_zip_work *w, const zf_gather_row *row, zf_error *error) {
    zf_status st = take_numbers(w, row->numbers, error);
    if (st == ZF_OK)
        st = take_texts(w, row, error);
    if (w->loop->plan->is_weighted)
        take_shares(w, row->numbers);
    return st == ZF_OK && w->notes != NULL ? note_row(w, row, error) : st;
}

static void merge_totals(const zf_plan *plan, zf_running *into, const zf_running *from) {
    for (size_t c = 0; c < plan->n_numbers; c++) {
        if (!plan->is_rest[c + 1]) {
            zf_running_merge(&into[c], &from[c]);
        } else {
            zf_running_merge_wholes(&into[c], &into[c + 1], &from[c], &from[c + 1]);
            c++;
        }
    }
}

zf_status zf_zip_fields_fold(zf_zip_work *w, zf_error *error) {
    const zf_zip_loop *loop = w->loop;
    size_t n_columns = loop->plan->n_numbers;
    zf_exact_wide *wide = NULL;
    zf_status st = zf_arena_take(&w->arena, n_columns, sizeof *wide, &wide, error);
    for (size_t c = 0; st == ZF_OK && c < n_columns; c++)
        zf_exact_widen(&w->totals[c].sum, &wide[c]);
    for (size_t i = 0; st == ZF_OK && i < loop->n_workers; i++) {
        const zf_zip_totals *part = loop->workers[i].totals.zips[w->zone->rank - 1];
        if (part == NULL)
            continue;
        w->n += (size_t)part->n_rows;
        merge_totals(loop->plan, w->totals, part->columns);
    }
    return st;
}

static zf_field_facts facts_of(const zf_zip_work *w, size_t request) {
    const zf_plan *plan = w->loop->plan;
    const zf_stat_request *r = &plan->requests[request];
    const zf_field_notes *notes = w->notes != NULL ? &w->notes[request] : NULL;
    bool is_number = zf_field_type_is_number(r->type);
    zf_field_facts facts = {.type = r->type, .n_rows = w->n};
    facts.column = is_number && plan->is_column[r->slot] ? w->numbers[r->slot] : NULL;
    facts.weights = facts.column != NULL && plan->is_weighted ? w->numbers[plan->weight_slot] : NULL;
    facts.running = is_number ? &w->totals[r->slot] : NULL;
    facts.rests = is_number && r->has_rest ? &w->totals[r->slot + 1] : NULL;
    facts.texts = is_number ? NULL : &w->texts[r->slot];
    facts.places = is_number && notes != NULL ? &notes->places : NULL;
    facts.classes = notes != NULL ? &notes->classes : NULL;
    return facts;
}

zf_status zf_zip_fields_evaluate(zf_zip_work *w, size_t *column, zf_error *error) {
    const zf_plan *plan = w->loop->plan;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < plan->n_requests; i++) {
        const zf_stat_request *r = &plan->requests[i];
        zf_field_facts facts = facts_of(w, i);
        st = zf_stats_of_field(&facts, r->stats, r->n_stats, &w->columns_arena, &w->arena,
                               w->zip_values + *column, error);
        *column += r->n_stats;
    }
    zf_zip_fields_release(w);
    zf_arena_release(&w->columns_arena);
    return st;
}

void zf_zip_fields_release(zf_zip_work *w) {
    for (size_t i = 0; w->notes != NULL && i < w->loop->plan->n_requests; i++)
        zf_classes_deinit(&w->notes[i].classes);
    w->notes = NULL;
}

size_t zf_zip_classes_bytes(const zf_zip_work *work) {
    size_t n = 0;
    for (size_t i = 0; work->notes != NULL && i < work->loop->plan->n_requests; i++)
        n += zf_classes_bytes(&work->notes[i].classes);
    return n;
}
