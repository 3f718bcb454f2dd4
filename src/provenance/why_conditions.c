/* SPDX-License-Identifier: MIT */
/* Each condition for one building: what it is, and the values that it reads. */
#include "provenance/why_internal.h"

#include <string.h>

/** Where the values of the columns come from while an expression runs. */
typedef struct value_source {
    const zf_selection *selection;
    const zf_kept *kept;
    char scratch[ZF_VALUE_SCRATCH_BYTES];
} value_source;

/* A column of the building, for zf_expressions_run. */
static zf_value get_value(void *user, size_t row, size_t column) {
    value_source *source = user;
    (void)row;
    return zf_selection_value(source->selection, source->kept, column, source->scratch);
}

/* Copies the bytes of a text or blob into the arena: the scratch buffer is used again. */
static zf_status copy_value(zf_arena *arena, zf_value *value, zf_error *error) {
    char *bytes = NULL;
    if (value->kind != ZF_VALUE_TEXT && value->kind != ZF_VALUE_BLOB)
        return ZF_OK;
    zf_status status = zf_arena_copy(arena, value->as.bytes.bytes, value->as.bytes.n, &bytes, error);
    value->as.bytes.bytes = (const uint8_t *)bytes;
    return status;
}

/* Notes name and value of a column. */
static zf_status note_value(value_source *source, size_t column, zf_arena *arena, zf_why_value *out,
                            zf_error *error) {
    const zf_scope_column *named = &source->selection->plan->scope.columns[column];
    *out = (zf_why_value){NULL, zf_selection_value(source->selection, source->kept, column, source->scratch)};
    zf_status status = copy_value(arena, &out->value, error);
    return status == ZF_OK ? zf_why_copy(arena, named->column.name, &out->column, error) : status;
}

/* A condition over all columns of the scope, computed ones among them. */
static zf_status compile(const zf_why_tools *t, const char *where, zf_arena *arena, zf_expressions **out,
                         zf_error *error) {
    zf_column *columns = NULL;
    const zf_scope *scope = &t->plan.scope;
    zf_status status = zf_arena_take(arena, scope->n, sizeof *columns, &columns, error);
    if (status != ZF_OK)
        return status;
    zf_scope_list(scope, columns);
    const zf_expressions_options options = {.columns = columns,
                                            .n_columns = scope->n,
                                            .where = where,
                                            .decimal_sign = t->plan.expressions.decimal_sign};
    return zf_expressions_create(&options, &t->guard.callbacks, out, error);
}

/* Whether the condition is true for the building. */
static zf_status run(zf_expressions *condition, value_source *source, zf_arena *arena, bool *out,
                     zf_error *error) {
    uint8_t is_passed = 0;
    const zf_expression_rows rows = {.n = 1, .value = get_value, .user = source, .arena = arena};
    zf_status status = zf_expressions_run(condition, &rows, &is_passed, error);
    *out = is_passed != 0;
    return status;
}

/* The values that a condition reads. */
static zf_status list_values(zf_expressions *condition, value_source *source, zf_arena *arena,
                             zf_why_condition *out, zf_error *error) {
    const zf_scope *scope = &source->selection->plan->scope;
    zf_why_value *values = NULL;
    zf_status status = zf_arena_take(arena, scope->n, sizeof *values, &values, error);
    for (size_t c = 0; status == ZF_OK && c < scope->n; c++)
        if (zf_expressions_use(condition, c) && !scope->columns[c].is_hidden)
            status = note_value(source, c, arena, &values[out->n_values++], error);
    out->values = values;
    return status;
}

/* Whether the condition is NULL. A line end keeps a comment at its end from hiding what follows. */
static zf_status is_null(const zf_why_tools *t, const char *text, value_source *source, zf_arena *arena,
                         bool *out, zf_error *error) {
    zf_text sql = {0};
    zf_expressions *condition = NULL;
    zf_text_append_format(&sql, "(%s\n) IS NULL", text);
    zf_status status = sql.is_failed ? zf_error_memory(error, sql.n, "an SQL statement")
                                     : compile(t, sql.bytes, arena, &condition, error);
    if (status == ZF_OK)
        status = run(condition, source, arena, out, error);
    zf_expressions_destroy(condition);
    zf_text_deinit(&sql);
    return status;
}

/* Tells of one condition: its name, text and values, and whether it is true, false or NULL. */
static zf_status judge_condition(const zf_why_tools *t, const char *name, const char *text,
                                 value_source *source, zf_arena *arena, zf_why_condition *out,
                                 zf_error *error) {
    zf_expressions *condition = NULL;
    bool is_true = false, is_unknown = false;
    *out = (zf_why_condition){0};
    zf_status status = zf_why_copy(arena, name, &out->name, error);
    if (status == ZF_OK)
        status = zf_why_copy(arena, text, &out->text, error);
    if (status == ZF_OK)
        status = compile(t, text, arena, &condition, error);
    if (status == ZF_OK)
        status = list_values(condition, source, arena, out, error);
    if (status == ZF_OK)
        status = run(condition, source, arena, &is_true, error);
    if (status == ZF_OK && !is_true)
        status = is_null(t, text, source, arena, &is_unknown, error);
    out->truth = is_true ? ZF_WHY_TRUE : is_unknown ? ZF_WHY_NULL : ZF_WHY_FALSE;
    zf_expressions_destroy(condition);
    return status;
}

/* Notes the computed columns with their values. */
static zf_status list_computed(value_source *source, zf_arena *arena, zf_why_judgement *out,
                               zf_error *error) {
    const zf_scope *scope = &source->selection->plan->scope;
    zf_why_value *values = NULL;
    zf_status status = zf_arena_take(arena, scope->n, sizeof *values, &values, error);
    for (size_t c = 0; status == ZF_OK && c < scope->n; c++)
        if (scope->columns[c].kind == ZF_SCOPE_KIND_COMPUTED)
            status = note_value(source, c, arena, &values[out->n_computed++], error);
    out->computed = values;
    return status;
}

zf_status zf_why_judge(zf_why_tools *t, size_t i, zf_arena *arena, zf_why_judgement *out, zf_error *error) {
    const zf_plan_expressions *planned = &t->plan.expressions;
    const size_t n = zf_plan_n_conditions(&t->plan), n_where = planned->where != NULL;
    const zf_kept *failed = NULL;
    zf_why_condition *conditions = NULL;
    value_source source = {.selection = &t->lane.selection, .kept = &t->lane.kept.items[i]};
    zf_status status = zf_selection_run(&t->lane.selection, i, 1, &failed, error);
    out->is_important = t->lane.selection.is_selected[0] != 0;
    if (status == ZF_OK)
        status = list_computed(&source, arena, out, error);
    if (status == ZF_OK)
        status = zf_arena_take(arena, n, sizeof *conditions, &conditions, error);
    for (size_t c = 0; status == ZF_OK && c < n; c++)
        status = judge_condition(t, zf_plan_condition_name(&t->plan, c),
                                 c < n_where ? planned->where : planned->rules[c - n_where].text, &source,
                                 arena, &conditions[c], error);
    out->conditions = conditions;
    out->n_conditions = status == ZF_OK ? n : 0;
    return status;
}
