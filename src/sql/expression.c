/* SPDX-License-Identifier: MIT */
/* One expression: its statement, and what becomes of its answers. */
#include "expressions_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- answers ---- */

/* The value as the column's type holds it, by the rules of zf_expressions_type; false: it cannot. */
static bool convert(sqlite3_value *answer, zf_field_type type, zf_value *out) {
    int kind = sqlite3_value_type(answer);
    *out = zf_value_null();
    if (kind == SQLITE_NULL)
        return true;
    switch (type) {
    case ZF_FIELD_INTEGER:
        *out = zf_value_integer(sqlite3_value_int64(answer));
        return kind == SQLITE_INTEGER;
    case ZF_FIELD_REAL:
        *out = zf_value_real(sqlite3_value_double(answer));
        return kind == SQLITE_INTEGER || kind == SQLITE_FLOAT;
    case ZF_FIELD_TEXT:
        if (kind == SQLITE_BLOB)
            return false;
        out->kind = ZF_VALUE_TEXT;
        out->as.bytes.bytes = sqlite3_value_text(answer);
        return true;
    default:
        if (kind != SQLITE_BLOB)
            return false;
        out->kind = ZF_VALUE_BLOB;
        out->as.bytes.bytes = sqlite3_value_blob(answer); /* NULL for an empty one */
        return true;
    }
}

static void refuse_answer(zf_expressions *select, sqlite3_context *context, sqlite3_value *answer) {
    static const char *const kinds[] = {
        [SQLITE_INTEGER] = "an integer", [SQLITE_FLOAT] = "a number that is no 64-bit integer",
        [SQLITE_TEXT] = "a text",        [SQLITE_BLOB] = "a blob",
        [SQLITE_NULL] = "NULL",
    };
    zf_field_type type = select->columns[select->current->column].type;
    snprintf(select->refusal, sizeof select->refusal,
             "it gives %s, and by its form its column is of the type %s: write CAST(... AS %s)",
             kinds[sqlite3_value_type(answer)], zf_field_type_name(type),
             sqlite3_value_type(answer) == SQLITE_FLOAT ? "REAL" : "TEXT");
    sqlite3_result_error(context, "a value of another type than its column", -1);
}

/* SQLite's bytes live until the function returns. */
static zf_status keep_bytes(zf_expressions *select, sqlite3_value *answer, zf_value *value) {
    char *copy = NULL;
    size_t n = (size_t)sqlite3_value_bytes(answer);
    const void *bytes = value->as.bytes.bytes;
    if (bytes == NULL && (n > 0 || value->kind == ZF_VALUE_TEXT))
        return zf_error_memory(select->error, n, "a computed value");
    zf_status st =
        zf_arena_copy(select->rows->arena, bytes != NULL ? bytes : (const void *)"", n, &copy, select->error);
    if (st == ZF_OK)
        value->as.bytes = (zf_bytes){(const uint8_t *)copy, n};
    return st;
}

static void keep_computed(zf_expressions *select, sqlite3_context *context, sqlite3_value *answer) {
    size_t k = select->current->column - select->n_given;
    zf_value *value = &select->values[k * select->n_rows + select->row];
    if (!convert(answer, select->columns[select->current->column].type, value)) {
        refuse_answer(select, context, answer);
        return;
    }
    if (value->kind == ZF_VALUE_TEXT || value->kind == ZF_VALUE_BLOB)
        select->storing = keep_bytes(select, answer, value);
    if (select->storing != ZF_OK)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_int(context, 0);
}

/* False to SQLite, so that the scan goes on to the last row within one step. */
static void keep(sqlite3_context *context, int n_arguments, sqlite3_value **arguments) {
    zf_expressions *select = sqlite3_user_data(context);
    (void)n_arguments;
    if (select->current->is_rule) {
        select->passes[select->row] = (uint8_t)(sqlite3_value_int(arguments[0]) != 0);
        sqlite3_result_int(context, 0);
    } else if (select->values != NULL) {
        keep_computed(select, context, arguments[0]);
    }
}

zf_status zf_expression_register(zf_expressions *select, zf_error *error) {
    /* Not deterministic, for SQLite would else call it once for an expression without columns. */
    if (sqlite3_create_function_v2(select->db, "zf_keep", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, select, keep,
                                   NULL, NULL, NULL) != SQLITE_OK)
        return zf_error_memory(error, 0, "the functions of an expression");
    return ZF_OK;
}

/* ---- running ---- */

static int scan_rows(zf_expressions *select, const zf_expression *expression, const zf_expression_rows *rows,
                     uint8_t *passes) {
    select->current = expression;
    select->rows = rows;
    select->passes = passes;
    select->is_cancelled = false;
    select->storing = ZF_OK;
    select->vfs.was_asked = false;
    select->refusal[0] = '\0';
    int result = sqlite3_step(expression->statement);
    select->rows = NULL;
    select->passes = NULL;
    return result;
}

zf_status zf_expression_run(zf_expressions *select, const zf_expression *expression,
                            const zf_expression_rows *rows, uint8_t *passes, zf_error *error) {
    zf_status st = ZF_OK;
    select->error = error;
    int result = scan_rows(select, expression, rows, passes);
    select->error = NULL;
    if (select->storing != ZF_OK)
        st = select->storing;
    else if (result != SQLITE_DONE || select->vfs.was_asked)
        st = zf_explain_run(select, expression, result, error);
    sqlite3_reset(expression->statement);
    return st;
}

/* ---- compiling ---- */

static zf_status prepare(zf_expressions *select, zf_expression *expression, zf_error *error) {
    zf_text sql = {0};
    zf_text_append(&sql, "SELECT 1 FROM building WHERE zf_keep(");
    zf_text_append(&sql, expression->is_rule ? "CASE WHEN (" : "(");
    expression->sql_at = sql.n;
    zf_text_append(&sql, expression->text);
    zf_text_append(&sql, expression->is_rule ? "\n) THEN 1 END)" : "\n))");
    if (sql.is_failed) {
        zf_text_deinit(&sql);
        return zf_error_memory(error, strlen(expression->text), "the statement of an expression");
    }
    select->current = expression;
    select->n_selects = select->n_keeps = 0;
    select->refusal[0] = '\0';
    int result = sqlite3_prepare_v3(select->db, sql.bytes, -1, SQLITE_PREPARE_PERSISTENT,
                                    &expression->statement, NULL);
    zf_text_deinit(&sql);
    return result == SQLITE_OK ? ZF_OK : zf_explain_compile(select, expression, result, error);
}

static zf_status refuse_parameters(const zf_expression *expression, zf_error *error) {
    int n = sqlite3_bind_parameter_count(expression->statement);
    if (n == 0)
        return ZF_OK;
    const char *name = sqlite3_bind_parameter_name(expression->statement, n);
    return zf_explain(expression, error,
                      "it has a parameter (%s), and there is nothing to fill it with: write the value itself",
                      name == NULL ? "?" : name);
}

static zf_value no_value(void *user, size_t row, size_t column) {
    (void)user, (void)row, (void)column;
    return zf_value_null();
}

/* A row of NULLs: an expression that asks for the clock mostly does so for any row, and is better refused
 * before the first is read. */
static zf_status try_out(zf_expressions *select, const zf_expression *expression, zf_error *error) {
    uint8_t passes = 1;
    const zf_expression_rows rows = {.n = 1, .value = no_value};
    int result = scan_rows(select, expression, &rows, expression->is_rule ? &passes : NULL);
    bool is_refused =
        select->vfs.was_asked || select->refusal[0] != '\0' || select->is_cancelled || result == SQLITE_NOMEM;
    zf_status st = is_refused ? zf_explain_run(select, expression, result, error) : ZF_OK;
    sqlite3_reset(expression->statement);
    return st;
}

zf_status zf_expression_compile(zf_expressions *select, zf_expression *expression, zf_error *error) {
    zf_status st = prepare(select, expression, error);
    if (st == ZF_OK)
        st = refuse_parameters(expression, error);
    if (st == ZF_OK && select->uses_dates)
        st = zf_dates_open(&select->dates, error);
    return st == ZF_OK ? try_out(select, expression, error) : st;
}
