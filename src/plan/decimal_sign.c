/* SPDX-License-Identifier: MIT */
/* How the building layer writes the numbers in its texts. */
#include "base/quantity.h"
#include "plan/plan_internal.h"

/** What the texts have shown so far. */
typedef struct evidence {
    bool has_comma, has_point;
} evidence;

/** Looks at the texts of one batch, up to the first decimal point. */
static void look_at_batch(const zf_batch *batch, size_t n_columns, evidence *found) {
    for (size_t row = 0; row < zf_batch_count(batch); row++)
        for (size_t c = 0; c < n_columns && !found->has_point; c++) {
            char scratch[ZF_VALUE_SCRATCH_BYTES];
            const zf_value value = zf_batch_value(batch, c, row, scratch);
            if (value.kind != ZF_VALUE_TEXT)
                continue;
            const char sign =
                zf_quantity_decimal_sign((const char *)value.as.bytes.bytes, value.as.bytes.n);
            found->has_comma |= sign == ',';
            found->has_point |= sign == '.';
        }
}

/** Reads some fields of the layer, until a text has a decimal point. */
static zf_status look_at_texts(zf_source *buildings, const int *fields, size_t n, const zf_callbacks *callbacks,
                               evidence *found, zf_error *error) {
    const zf_source_query query = {.fields = fields, .n_fields = n};
    zf_batch *batch = NULL;
    zf_status st = zf_source_start(buildings, &query, error);
    while (st == ZF_OK && !found->has_point) {
        st = zf_check_cancelled(callbacks, error);
        if (st == ZF_OK)
            st = zf_source_next(buildings, &batch, error);
        if (st != ZF_OK)
            break;
        look_at_batch(batch, n, found);
        zf_batch_release(batch);
    }
    return st == ZF_DONE ? ZF_OK : st;
}

zf_status zf_plan_find_decimal_sign(zf_plan *plan, zf_source *buildings, const zf_callbacks *callbacks,
                                    zf_error *error) {
    const zf_scope *scope = &plan->scope;
    int *fields = NULL;
    size_t n = 0;
    evidence found = {false, false};
    zf_status st = zf_plan_take(&plan->arena, scope->n, sizeof *fields, &fields, error);
    for (size_t i = 0; st == ZF_OK && i < scope->n; i++) {
        const zf_scope_column *c = &scope->columns[i];
        if (c->is_number_text && c->kind == ZF_SCOPE_KIND_FIELD && c->column.type == ZF_FIELD_TEXT)
            fields[n++] = (int)c->number;
    }
    if (st != ZF_OK || n == 0)
        return st;
    zf_source_set_preview(buildings, true);
    st = look_at_texts(buildings, fields, n, callbacks, &found, error);
    zf_source_set_preview(buildings, false);
    plan->expressions.decimal_sign = found.has_comma && !found.has_point ? ',' : '.';
    if (st == ZF_OK && plan->expressions.decimal_sign == ',')
        zf_log(callbacks, ZF_LOG_INFO, "number() and metres() take a comma as the decimal sign: so the "
                                       "building layer writes its numbers");
    return st;
}
