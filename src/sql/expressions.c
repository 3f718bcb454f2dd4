/* SPDX-License-Identifier: MIT */
#include "expressions_internal.h"

#include <stdlib.h>
#include <string.h>

enum { INSTRUCTIONS_BETWEEN_QUESTIONS = 20000 };

static zf_status copy_column(zf_expressions *select, const char *name, zf_field_type type, zf_error *error) {
    size_t c = select->n_columns;
    select->columns[c] = (zf_column){zf_string_copy(name), type};
    if (select->columns[c].name == NULL)
        return zf_error_memory(error, strlen(name), "the columns of an expression");
    select->n_columns++;
    select->is_hidden[c] = name[0] == '\0';
    for (size_t earlier = 0; earlier < c && !select->is_hidden[c]; earlier++)
        select->is_hidden[c] = zf_string_equal_nocase(select->columns[earlier].name, name);
    return ZF_OK;
}

static zf_status copy_columns(zf_expressions *select, const zf_expressions_options *options,
                              zf_error *error) {
    size_t n = options->n_columns + options->n_computes;
    zf_status st = ZF_OK;
    select->columns = calloc(n + 1, sizeof *select->columns);
    select->is_used = calloc(n + 1, sizeof *select->is_used);
    select->is_hidden = calloc(n + 1, sizeof *select->is_hidden);
    if (select->columns == NULL || select->is_used == NULL || select->is_hidden == NULL)
        return zf_error_memory(error, n * sizeof(zf_column), "the columns of an expression");
    select->n_given = options->n_columns;
    for (size_t c = 0; st == ZF_OK && c < options->n_columns; c++)
        st = copy_column(select, options->columns[c].name, options->columns[c].type, error);
    for (size_t k = 0; st == ZF_OK && k < options->n_computes; k++)
        st = copy_column(select, options->computes[k].name, ZF_FIELD_TEXT, error);
    return st;
}

static zf_status copy_expression(zf_expressions *select, const char *option, const char *name,
                                 const char *text, zf_error *error) {
    zf_expression *e = &select->expressions[select->n_expressions++];
    zf_text label = {0};
    zf_text_append(&label, option);
    if (name != NULL)
        zf_text_append_format(&label, " %s", name);
    e->text = zf_string_copy(text);
    e->option = label.is_failed ? NULL : zf_string_copy(label.bytes);
    zf_text_deinit(&label);
    if (e->text == NULL || e->option == NULL)
        return zf_error_memory(error, strlen(text), "an expression");
    size_t at = 0;
    const char *problem = zf_expression_scan(e->text, &at);
    return problem == NULL ? ZF_OK : zf_explain_scan(e, problem, at, error);
}

static zf_status copy_computes(zf_expressions *select, const zf_expressions_options *options,
                               zf_error *error) {
    zf_status st = ZF_OK;
    for (size_t k = 0; st == ZF_OK && k < options->n_computes; k++) {
        const zf_named_expression *named = &options->computes[k];
        size_t column = select->n_given + k;
        st = copy_expression(select, "--compute", named->name, named->text, error);
        select->expressions[k].column = column;
        if (st == ZF_OK)
            st = zf_expression_type(select, column, named->text, &select->columns[column].type, error);
    }
    return st;
}

static zf_status copy_conditions(zf_expressions *select, const zf_expressions_options *options,
                                 zf_error *error) {
    size_t first = select->n_expressions;
    zf_status st = ZF_OK;
    if (options->where != NULL)
        st = copy_expression(select, "--where", NULL, options->where, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_rules; i++)
        st = copy_expression(select, "--rule", options->rules[i].name, options->rules[i].text, error);
    for (size_t i = first; i < select->n_expressions; i++) {
        select->expressions[i].is_rule = true;
        select->expressions[i].column = select->n_columns;
    }
    return st;
}

static zf_status copy_expressions(zf_expressions *select, const zf_expressions_options *options,
                                  zf_error *error) {
    size_t n = options->n_computes + (options->where != NULL) + options->n_rules;
    select->expressions = calloc(n + 1, sizeof *select->expressions);
    if (select->expressions == NULL)
        return zf_error_memory(error, n * sizeof *select->expressions, "expressions");
    zf_status st = copy_computes(select, options, error);
    return st == ZF_OK ? copy_conditions(select, options, error) : st;
}

static int ask_whether_cancelled(void *user) {
    zf_expressions *select = user;
    if (zf_check_cancelled(&select->callbacks, NULL) == ZF_OK)
        return 0;
    select->is_cancelled = true;
    return 1;
}

static zf_status connect(zf_expressions *select, zf_error *error) {
    zf_status st = zf_timeless_vfs_register(&select->vfs, error);
    if (st == ZF_OK)
        st = zf_connection_open(&select->vfs, &select->db, error);
    if (st == ZF_OK)
        st = zf_rows_register(select, error);
    select->dates =
        (zf_dates){.vfs = &select->vfs, .refusal = select->refusal, .n_refusal = sizeof select->refusal};
    if (st == ZF_OK)
        st = zf_dates_register(&select->dates, select->db, error);
    if (st == ZF_OK)
        st = zf_search_register(select->db, error);
    if (st == ZF_OK)
        st = zf_expression_register(select, error);
    if (st != ZF_OK)
        return st;
    sqlite3_set_authorizer(select->db, zf_guard, select);
    sqlite3_progress_handler(select->db, INSTRUCTIONS_BETWEEN_QUESTIONS, ask_whether_cancelled, select);
    return ZF_OK;
}

static zf_status compile(zf_expressions *select, zf_error *error) {
    zf_status st = connect(select, error);
    for (size_t i = 0; st == ZF_OK && i < select->n_expressions; i++)
        st = zf_expression_compile(select, &select->expressions[i], error);
    return st;
}

zf_status zf_expressions_create(const zf_expressions_options *options, const zf_callbacks *callbacks,
                                zf_expressions **out, zf_error *error) {
    zf_expressions *select = calloc(1, sizeof *select);
    if (select == NULL)
        return zf_error_memory(error, sizeof *select, "an expression");
    if (callbacks != NULL)
        select->callbacks = *callbacks;
    zf_status st = copy_columns(select, options, error);
    if (st == ZF_OK)
        st = copy_expressions(select, options, error);
    if (st == ZF_OK && select->n_expressions > 0)
        st = compile(select, error);
    if (st != ZF_OK) {
        zf_expressions_destroy(select);
        return st;
    }
    *out = select;
    return ZF_OK;
}

static void destroy_expressions(zf_expressions *select) {
    for (size_t i = 0; i < select->n_expressions; i++) {
        sqlite3_finalize(select->expressions[i].statement);
        free(select->expressions[i].option);
        free(select->expressions[i].text);
    }
    free(select->expressions);
}

void zf_expressions_destroy(zf_expressions *select) {
    if (select == NULL)
        return;
    destroy_expressions(select);
    zf_dates_close(&select->dates);
    sqlite3_close(select->db);
    zf_timeless_vfs_unregister(&select->vfs);
    for (size_t c = 0; c < select->n_columns; c++)
        free((char *)(uintptr_t)select->columns[c].name);
    free(select->columns);
    free(select->is_used);
    free(select->is_hidden);
    free(select);
}

bool zf_expressions_use(const zf_expressions *select, size_t column) {
    return column < select->n_columns && select->is_used[column];
}

bool zf_expressions_are_empty(const zf_expressions *select) {
    return select->n_expressions == 0;
}

zf_field_type zf_expressions_type(const zf_expressions *select, size_t k) {
    return select->columns[select->n_given + k].type;
}

static zf_status take_values(zf_expressions *select, const zf_expression_rows *rows, zf_error *error) {
    size_t n_computed = select->n_columns - select->n_given, n = 0;
    select->n_rows = rows->n;
    if (n_computed == 0)
        return ZF_OK;
    if (!zf_size_mul(n_computed, rows->n, &n))
        return zf_error_memory(error, SIZE_MAX, "computed values");
    return zf_arena_take(rows->arena, n, sizeof *select->values, &select->values, error);
}

zf_status zf_expressions_run(zf_expressions *select, const zf_expression_rows *rows, uint8_t *out_passes,
                             zf_error *error) {
    if (rows->n > 0)
        memset(out_passes, 1, rows->n);
    if (zf_expressions_are_empty(select))
        return ZF_OK;
    zf_status st = zf_check_cancelled(&select->callbacks, error);
    if (st == ZF_OK)
        st = take_values(select, rows, error);
    for (size_t i = 0, n_rules = 0; st == ZF_OK && i < select->n_expressions; i++) {
        const zf_expression *e = &select->expressions[i];
        st = zf_expression_run(select, e, rows, e->is_rule ? out_passes : NULL, error);
        if (st == ZF_OK && e->is_rule && rows->after_rule != NULL)
            rows->after_rule(rows->user, n_rules++, out_passes);
    }
    return st;
}

size_t zf_expressions_failed_row(const zf_expressions *select) {
    return select->row;
}

zf_value zf_expressions_value(const zf_expressions *select, size_t row, size_t k) {
    return select->values[k * select->n_rows + row];
}
