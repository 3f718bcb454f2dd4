/* SPDX-License-Identifier: MIT */
/* What is collected row by row, and the values that are taken from it. */
#include "perzip/collect.h"

#include <string.h>

zf_status zf_collected_take_columns(const zf_collecting *task, size_t n_rows, zf_collected *c,
                                    zf_error *error) {
    const zf_row_layout *layout = task->layout;
    zf_arena *kept = task->analyses != NULL ? task->analyses : task->columns;
    zf_status st = zf_arena_take(kept, layout->n_numbers, sizeof *c->numbers, &c->numbers, error);
    for (size_t i = 0; st == ZF_OK && i < layout->n_numbers; i++) {
        zf_arena *arena = layout->slots[i].uses & ZF_USED_BY_ANALYSIS ? kept : task->columns;
        c->numbers[i] = NULL;
        if (layout->slots[i].uses & ZF_USED_AS_COLUMN)
            st = zf_arena_take(arena, n_rows, sizeof **c->numbers, &c->numbers[i], error);
    }
    return st;
}

/** Takes the totals of numbers and texts. */
static zf_status take_totals(const zf_collecting *task, zf_collected *c, zf_error *error) {
    enum { N_WEIGHTS = 3 }; /* of texts, of their lengths, of missing ones */
    const zf_plan_statistics *statistics = task->statistics;
    const zf_row_layout *layout = task->layout;
    zf_arena *arena = task->result;
    zf_status st = zf_arena_take(arena, layout->n_numbers, sizeof *c->totals, &c->totals, error);
    if (st == ZF_OK)
        memset(c->totals, 0, layout->n_numbers * sizeof *c->totals);
    if (st == ZF_OK)
        st = zf_arena_take(arena, layout->n_texts, sizeof *c->texts, &c->texts, error);
    for (size_t i = 0; st == ZF_OK && i < statistics->n; i++)
        if (!zf_field_type_is_number(statistics->requests[i].type))
            c->texts[statistics->requests[i].slot - layout->n_numbers] = (zf_running_text){
                .type = statistics->requests[i].type, .wants = statistics->requests[i].sources};
    for (size_t i = 0; st == ZF_OK && statistics->is_weighted && i < layout->n_texts; i++) {
        st = zf_arena_take(arena, N_WEIGHTS, sizeof *c->texts[i].weights, &c->texts[i].weights, error);
        if (st == ZF_OK)
            memset(c->texts[i].weights, 0, N_WEIGHTS * sizeof *c->texts[i].weights);
    }
    return st;
}

/** Prepares the tables of distinct values, and the order statistics. */
static zf_status take_fields(const zf_collecting *task, zf_collected *c, zf_error *error) {
    static const zf_class_kind kinds[] = {
        [ZF_SLOT_REAL] = ZF_CLASS_REAL, [ZF_SLOT_INTEGER] = ZF_CLASS_INTEGER, [ZF_SLOT_TEXT] = ZF_CLASS_TEXT};
    const zf_plan_statistics *statistics = task->statistics;
    zf_field_values *fields = NULL;
    if ((statistics->sources & (ZF_FROM_ORDER | ZF_FROM_CLASSES)) == 0)
        return ZF_OK;
    zf_status st = zf_arena_take(task->result, statistics->n, sizeof *fields, &fields, error);
    for (size_t i = 0; st == ZF_OK && i < statistics->n; i++) {
        const zf_slot *slot = &task->layout->slots[statistics->requests[i].slot];
        fields[i].order = (zf_order_stats){.n = 0};
        zf_class_kind kind =
            zf_field_type_is_instant(statistics->requests[i].type) ? ZF_CLASS_INTEGER : kinds[slot->kind];
        zf_classes_init(&fields[i].classes, kind, statistics->is_weighted, task->budget);
    }
    c->fields = fields;
    return st;
}

zf_status zf_collected_begin(const zf_collecting *task, zf_collected *c, zf_error *error) {
    *c = (zf_collected){.numbers = c->numbers};
    zf_status st = take_totals(task, c, error);
    return st == ZF_OK ? take_fields(task, c, error) : st;
}

static zf_status add_numbers(const zf_collecting *task, zf_collected *c, const zf_cell *cells,
                             zf_error *error) {
    const zf_row_layout *layout = task->layout;
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < layout->n_numbers; i++) {
        if (layout->slots[i].uses & ZF_USED_AS_COLUMN)
            c->numbers[i][c->n] = zf_layout_number(layout, cells, i);
        if (layout->slots[i].uses & ZF_USED_AS_TOTAL)
            st = zf_total_add(&c->totals[i], layout, cells, i, task->result, error);
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

zf_status zf_collected_add(const zf_collecting *task, zf_collected *c, const zf_gather_row *row,
                           zf_error *error) {
    const zf_plan_statistics *statistics = task->statistics;
    const zf_row_layout *layout = task->layout;
    double weight = statistics->is_weighted ? row->cells[layout->weight].real : 1;
    zf_status st = add_numbers(task, c, row->cells, error);
    for (size_t i = 0; st == ZF_OK && i < layout->n_texts; i++)
        st = zf_running_text_add(&c->texts[i], row->texts[i], weight, task->result, error);
    if (statistics->is_weighted) {
        zf_wide_sum_add(&c->shares, weight);
        zf_wide_sum_add(&c->shared_m2, weight * row->cells[ZF_SLOT_AREA].real);
    }
    for (size_t i = 0; st == ZF_OK && c->fields != NULL && i < statistics->n; i++)
        st = add_to_field(&c->fields[i], layout, &statistics->requests[i], row, weight, error);
    c->n++;
    return st;
}

/** What the statistics of a request are taken from. */
static zf_field_facts facts_of(const zf_collecting *task, const zf_collected *c, size_t request) {
    const zf_row_layout *layout = task->layout;
    const zf_stat_request *r = &task->statistics->requests[request];
    const zf_field_values *field = c->fields != NULL ? &c->fields[request] : NULL;
    bool is_number = zf_field_type_is_number(r->type);
    zf_field_facts facts = {.type = r->type, .n_rows = c->n};
    const zf_slot *slot = &layout->slots[r->slot];
    facts.column = slot->uses & ZF_USED_AS_COLUMN ? c->numbers[r->slot] : NULL;
    facts.weights = facts.column != NULL && task->statistics->is_weighted ? c->numbers[layout->weight] : NULL;
    facts.running = slot->kind == ZF_SLOT_REAL ? &c->totals[r->slot].reals : NULL;
    facts.integers = slot->kind == ZF_SLOT_INTEGER ? &c->totals[r->slot].integers : NULL;
    facts.texts = is_number ? NULL : &c->texts[r->slot - layout->n_numbers];
    facts.order = is_number && field != NULL ? &field->order : NULL;
    facts.classes = field != NULL ? &field->classes : NULL;
    return facts;
}

zf_status zf_collected_evaluate(const zf_collecting *task, zf_collected *c, zf_value *out, zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t i = 0; st == ZF_OK && i < task->statistics->n; i++) {
        const zf_stat_request *r = &task->statistics->requests[i];
        zf_field_facts facts = facts_of(task, c, i);
        st = zf_stats_of_field(&facts, r->stats, r->n_stats, task->columns, task->result, out, error);
        out += r->n_stats;
    }
    zf_collected_release(task, c);
    return st;
}

void zf_collected_release(const zf_collecting *task, zf_collected *c) {
    for (size_t i = 0; c->fields != NULL && i < task->statistics->n; i++)
        zf_classes_deinit(&c->fields[i].classes);
    c->fields = NULL;
}

size_t zf_collected_classes_bytes(const zf_collecting *task, const zf_collected *c) {
    size_t n = 0;
    for (size_t i = 0; c->fields != NULL && i < task->statistics->n; i++)
        n += zf_classes_bytes(&c->fields[i].classes);
    return n;
}
