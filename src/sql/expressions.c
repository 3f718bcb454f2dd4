/* SPDX-License-Identifier: MIT */
#include "sql/expressions_internal.h"
#include "sql/tokens.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PARENTHESES = 1000 }; /* SQLite's limit for expressions; newer versions nest without end */

/* ---- the texts ---- */

/*
 * What is wrong with a text that should be one self-contained expression; NULL: nothing. The expression
 * stands in parentheses in a statement of ours and must not close them: `1) OR (1` would be another condition
 * than the one that was given.
 */
static const char *find_problem(const char *text, size_t *out_at) {
    size_t at = 0, depth = 0, opened_at = 0;
    bool is_empty = true;
    for (zf_token t; (t = zf_token_next(text, &at)).kind != ZF_TOKEN_END; is_empty = false) {
        *out_at = (size_t)(t.text - text);
        if (!t.is_closed && t.kind == ZF_TOKEN_COMMENT)
            return "a comment is not closed";
        if (!t.is_closed && t.kind == ZF_TOKEN_NAME)
            return "a quoted name is not closed";
        if (!t.is_closed) {
            *out_at += t.kind == ZF_TOKEN_BLOB; /* the quote of x'...' */
            return "a text in single quotes is not closed";
        }
        if (zf_token_is_sign(&t, ";"))
            return "there must be one expression, without a semicolon";
        if (zf_token_is_sign(&t, ")") && depth-- == 0)
            return "a parenthesis is closed that was not opened";
        if (zf_token_is_sign(&t, "(")) {
            opened_at = depth == 0 ? *out_at : opened_at;
            if (++depth > MAX_PARENTHESES)
                return "parentheses are nested too deeply";
        }
    }
    *out_at = opened_at;
    if (depth > 0)
        return "a parenthesis is not closed";
    *out_at = 0;
    return is_empty ? "it is empty" : NULL;
}

static zf_status add_expression(zf_expressions *e, const char *parameter, const char *name, const char *text,
                                size_t column, zf_error *error) {
    zf_expression *one = &e->items[e->n++];
    zf_text label = {0};
    zf_text_append_format(&label, "`%s`%s%s", parameter, name != NULL ? " " : "", name != NULL ? name : "");
    *one = (zf_expression){.text = zf_string_copy(text),
                           .label = label.is_failed ? NULL : zf_string_copy(label.bytes),
                           .column = column,
                           .is_rule = column == e->columns.n};
    zf_text_deinit(&label);
    if (one->text == NULL || one->label == NULL)
        return zf_error_memory(error, strlen(text), "an expression");
    size_t at = 0;
    const char *problem = find_problem(one->text, &at);
    return problem == NULL
               ? ZF_OK
               : zf_error_parameter(error, zf_expression_text_failed(one, problem, at, error), parameter);
}

/* Copies columns and expressions, and finds the types of the computed columns. */
static zf_status copy_options(zf_expressions *e, const zf_expressions_options *options, zf_error *error) {
    const size_t n = options->n_computes + (options->where != NULL) + options->n_rules;
    e->n_given = options->n_columns;
    e->items = calloc(n + 1, sizeof *e->items);
    if (e->items == NULL)
        return zf_error_memory(error, n * sizeof *e->items, "expressions");
    zf_status st = zf_sql_columns_init(&e->columns, e->n_given + options->n_computes, error);
    for (size_t c = 0; st == ZF_OK && c < e->n_given; c++)
        st = zf_sql_columns_add(&e->columns, options->columns[c].name, options->columns[c].type, error);
    for (size_t k = 0; st == ZF_OK && k < options->n_computes; k++)
        st = zf_sql_columns_add(&e->columns, options->computes[k].name, ZF_FIELD_TEXT, error);
    for (size_t k = 0; st == ZF_OK && k < options->n_computes; k++) {
        const zf_named_expression *named = &options->computes[k];
        const size_t column = e->n_given + k;
        st = add_expression(e, options->computes_parameter != NULL ? options->computes_parameter : "computes", named->name, named->text, column, error);
        if (st == ZF_OK)
            st = zf_expression_type(&e->columns, column, named->text, &e->columns.items[column].type, error);
    }
    if (st == ZF_OK && options->where != NULL)
        st = add_expression(e, "where", NULL, options->where, e->columns.n, error);
    for (size_t i = 0; st == ZF_OK && i < options->n_rules; i++)
        st = add_expression(e, "rules", options->rules[i].name, options->rules[i].text, e->columns.n, error);
    return st;
}

/* ---- the policy's view of columns ---- */

/* Judges the reading of a column, and notes its use. SQLite gives the name as it was declared; ROWID is its
 * word for a row number, even beside a column `rowid`. */
static int judge_read(void *user, const char *table, const char *name) {
    zf_expressions *e = user;
    zf_sandbox *sandbox = &e->sandbox;
    if (name == NULL || name[0] == '\0')
        return SQLITE_OK;
    if (table == NULL || strcmp(table, "building") != 0)
        return zf_sandbox_refuse(sandbox, NULL,
                                 "it reads a table: an expression sees one %s and nothing else", e->row_name);
    for (size_t c = 0; c < e->columns.n; c++) {
        if (e->columns.is_hidden[c] || strcmp(e->columns.items[c].name, name) != 0)
            continue;
        if (c == e->current->column)
            return zf_sandbox_refuse(sandbox, NULL, "it reads %s, which is what it computes", name);
        if (c > e->current->column)
            return zf_sandbox_refuse(sandbox, NULL,
                                     "%s is computed later: columns are computed in the order given", name);
        if (e->columns.items[c].type == ZF_FIELD_UNSUPPORTED)
            return zf_sandbox_refuse(
                sandbox, NULL,
                "the column %s is a list, which expressions cannot use: read it as a text (GeoJSON: "
                "`buildings_open_options` ARRAY_AS_STRING=YES), or write it into a text field",
                name);
        e->columns.is_used[c] = true;
        return SQLITE_OK;
    }
    return zf_sandbox_refuse(sandbox, NULL, "no such column: %s",
                             name[0] == '\x01' ? "a name with control characters" : name);
}

/* ---- what number() and metres() read ---- */

/* Lists the columns of one expression for messages, and adds them to those of all. */
static zf_status list_number_names(zf_expressions *e, zf_expression *one, const bool *is_read,
                                   zf_error *error) {
    zf_text names = {0};
    for (size_t c = 0; c < e->columns.n; c++) {
        if (!is_read[c])
            continue;
        zf_text_append_format(&names, "%s'%s'", names.n > 0 ? ", " : "", e->columns.items[c].name);
        e->columns.is_number_text[c] = true;
    }
    one->number_names = names.n > 0 ? zf_string_copy(names.bytes) : NULL;
    const bool is_failed = names.is_failed || (names.n > 0 && one->number_names == NULL);
    zf_text_deinit(&names);
    return is_failed ? zf_error_memory(error, 0, "the columns of number()") : ZF_OK;
}

/* Finds the columns that number() and metres() read, and what computed ones among them are made of. */
static zf_status find_number_columns(zf_expressions *e, zf_error *error) {
    zf_status st = ZF_OK;
    bool *is_read = calloc(e->columns.n + 1, sizeof *is_read);
    if (is_read == NULL)
        return zf_error_memory(error, e->columns.n, "the columns of number()");
    for (size_t i = 0; st == ZF_OK && i < e->n; i++) {
        memset(is_read, 0, e->columns.n * sizeof *is_read);
        st = zf_expression_find_number_calls(&e->columns, e->items[i].column, e->items[i].text, is_read,
                                             error);
        if (st == ZF_OK)
            st = list_number_names(e, &e->items[i], is_read, error);
    }
    for (size_t c = e->columns.n; st == ZF_OK && c > e->n_given;
         c--) /* expression k computes column n_given + k */
        if (e->columns.is_number_text[c - 1])
            st = zf_expression_find_columns(&e->columns, c - 1, e->items[c - 1 - e->n_given].text,
                                            e->columns.is_number_text, error);
    free(is_read);
    return st;
}

/* ---- creating and destroying ---- */

static zf_status compile(zf_expressions *e, zf_error *error) {
    e->sandbox.own_function = "zf_keep";
    e->sandbox.judge_read = judge_read;
    e->sandbox.user = e;
    zf_status st = zf_sandbox_open(&e->sandbox, &zf_policy_expression, NULL, error);
    if (st == ZF_OK)
        st = zf_expression_register(e, error);
    if (st == ZF_OK)
        st = zf_number_functions_register(&e->numbers, e->sandbox.db.handle, error);
    if (st == ZF_OK)
        zf_sandbox_harden(&e->sandbox);
    for (size_t i = 0; st == ZF_OK && i < e->n; i++)
        st = zf_expression_compile(e, &e->items[i], error);
    for (size_t i = 0; st == ZF_OK && i < e->n; i++)
        st = zf_expression_find_text_comparisons(&e->columns, e->items[i].column, e->items[i].text,
                                                 e->columns.is_text_compared, error);
    return st == ZF_OK ? find_number_columns(e, error) : st;
}

zf_status zf_expressions_create(const zf_expressions_options *options, const zf_callbacks *callbacks,
                                zf_expressions **out, zf_error *error) {
    zf_expressions *e = calloc(1, sizeof *e);
    if (e == NULL)
        return zf_error_memory(error, sizeof *e, "expressions");
    if (callbacks != NULL)
        e->sandbox.callbacks = *callbacks;
    e->row_name = options->row_name != NULL ? options->row_name : "building";
    e->numbers.decimal_sign = options->decimal_sign == ',' ? ',' : '.';
    zf_status st = copy_options(e, options, error);
    if (st == ZF_OK && e->n > 0)
        st = compile(e, error);
    if (st != ZF_OK) {
        zf_expressions_destroy(e);
        return st;
    }
    *out = e;
    return ZF_OK;
}

void zf_expressions_destroy(zf_expressions *e) {
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->n; i++) {
        sqlite3_finalize(e->items[i].statement);
        free(e->items[i].label);
        free(e->items[i].text);
        free(e->items[i].number_names);
    }
    free(e->items);
    (void)zf_sandbox_close(&e->sandbox);
    zf_sql_columns_deinit(&e->columns);
    free(e);
}

bool zf_expressions_use(const zf_expressions *e, size_t column) {
    return column < e->columns.n && e->columns.is_used[column];
}

bool zf_expressions_compare_text(const zf_expressions *e, size_t column) {
    return column < e->columns.n && e->columns.is_text_compared[column];
}

bool zf_expressions_read_number(const zf_expressions *e, size_t column) {
    return column < e->columns.n && e->columns.is_number_text[column];
}

size_t zf_expressions_count(const zf_expressions *e) {
    return e->n;
}

const char *zf_expressions_number_names(const zf_expressions *e, size_t i) {
    return e->items[i].number_names;
}

zf_field_type zf_expressions_type(const zf_expressions *e, size_t k) {
    return e->columns.items[e->n_given + k].type;
}

/* ---- running ---- */

static zf_status take_values(zf_expressions *e, const zf_expression_rows *rows, zf_error *error) {
    const size_t n_computed = e->columns.n - e->n_given;
    size_t n = 0;
    e->n_rows = rows->n;
    if (n_computed == 0)
        return ZF_OK;
    if (!zf_size_mul(n_computed, rows->n, &n))
        return zf_error_memory(error, SIZE_MAX, "computed values");
    return zf_arena_take(rows->arena, n, sizeof *e->values, &e->values, error);
}

zf_status zf_expressions_run(zf_expressions *e, const zf_expression_rows *rows, uint8_t *out_passes,
                             zf_error *error) {
    if (rows->n > 0)
        memset(out_passes, 1, rows->n);
    if (e->n == 0)
        return ZF_OK;
    zf_status st = zf_check_cancelled(&e->sandbox.callbacks, error);
    if (st == ZF_OK)
        st = take_values(e, rows, error);
    for (size_t i = 0, n_rules = 0; st == ZF_OK && i < e->n; i++) {
        const zf_expression *one = &e->items[i];
        st = zf_expression_run(e, one, rows, one->is_rule ? out_passes : NULL, error);
        if (st == ZF_OK && one->is_rule && rows->after_rule != NULL)
            rows->after_rule(rows->user, n_rules++, out_passes);
    }
    return st;
}

size_t zf_expressions_failed_row(const zf_expressions *e) {
    return e->table.row;
}
