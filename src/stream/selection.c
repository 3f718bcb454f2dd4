/* SPDX-License-Identifier: MIT */
#include "stream/selection.h"

zf_status zf_selection_init(zf_selection *selection, const zf_plan *plan, const zf_callbacks *callbacks,
                            zf_kept_list *kept, uint64_t *n_passed, zf_error *error) {
    *selection = (zf_selection){.plan = plan, .kept = kept, .n_passed = n_passed};
    return zf_plan_compile(plan, callbacks, &selection->expressions, error);
}

void zf_selection_deinit(zf_selection *selection) {
    zf_expressions_destroy(selection->expressions);
    selection->expressions = NULL;
}

zf_value zf_selection_value(const zf_selection *s, const zf_kept *kept, size_t number, char *scratch) {
    const zf_scope_column *column = &s->plan->scope.columns[number];
    switch (column->kind) {
    case ZF_SCOPE_KIND_FID:
        return zf_value_integer(zf_batch_fid(s->kept->batch, kept->row));
    case ZF_SCOPE_KIND_COMPUTED:
        return zf_expressions_value(s->expressions, (size_t)(kept - s->kept->items) - s->first,
                                    column->number);
    case ZF_SCOPE_KIND_FIELD:
        return zf_batch_value(s->kept->batch, column->batch_column, kept->row, scratch);
    default:
        return column->column.type == ZF_FIELD_INTEGER
                   ? zf_value_integer((int64_t)kept->measures[column->number])
                   : zf_value_real(kept->measures[column->number]);
    }
}

void zf_selection_cells(const zf_selection *s, const zf_row_layout *layout, const zf_kept *kept, zf_cell *out) {
    for (size_t i = layout->n_numbers; i < zf_layout_n_cells(layout); i++)
        out[i].bits = 0;
    for (size_t i = 0; i < layout->n_numbers; i++) {
        const zf_scope_column *column = &s->plan->scope.columns[layout->slots[i].column];
        if (column->kind == ZF_SCOPE_KIND_MEASURE) {
            out[i].real = kept->measures[column->number];
        } else {
            char scratch[ZF_VALUE_SCRATCH_BYTES];
            zf_value value = zf_selection_value(s, kept, layout->slots[i].column, scratch);
            zf_layout_put(layout, out, i, &value);
        }
    }
}
/** The source of column values while the expressions run. */
typedef struct column_source {
    const zf_selection *selection;
    char scratch[ZF_VALUE_SCRATCH_BYTES];
} column_source;

static zf_value get_value(void *user, size_t row, size_t column) {
    column_source *source = user;
    const zf_selection *s = source->selection;
    return zf_selection_value(s, &s->kept->items[s->first + row], column, source->scratch);
}

static void count_passed(void *user, size_t condition, const uint8_t *is_passed) {
    const zf_selection *s = ((column_source *)user)->selection;
    for (size_t i = 0; i < s->n; i++)
        s->n_passed[condition] += is_passed[i] ? s->kept->items[s->first + i].n_zones : 0;
}

static void note_unread(void *user, size_t row, size_t expression, const char *example) {
    const zf_selection *s = ((column_source *)user)->selection;
    const zf_kept *kept = &s->kept->items[s->first + row];
    if (s->unread != NULL && expression < s->unread->n)
        zf_unread_add(&s->unread->items[expression], kept->n_zones, zf_batch_fid(s->kept->batch, kept->row), example);
}

zf_status zf_selection_run(zf_selection *selection, size_t first, size_t n, const zf_kept **out_failed,
                           zf_error *error) {
    selection->first = first;
    selection->n = n;
    column_source source = {.selection = selection};
    zf_expression_rows rows = {.n = n,
                               .value = get_value,
                               .user = &source,
                               .arena = &selection->kept->arena,
                               .after_rule = count_passed,
                               .unread = note_unread};
    zf_status st = zf_expressions_run(selection->expressions, &rows, selection->is_selected, error);
    size_t failed = zf_expressions_failed_row(selection->expressions);
    *out_failed = st == ZF_E_USAGE && failed < n ? &selection->kept->items[first + failed] : NULL;
    return st;
}
