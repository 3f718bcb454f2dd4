/* SPDX-License-Identifier: MIT */
/* One expression: its statement, the values it reads and the values it returns. */
#include "sql/expressions_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- the table building ---- */

static const char *affinity(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
    case ZF_FIELD_BOOLEAN:
        return "INTEGER";
    case ZF_FIELD_REAL:
        return "REAL";
    case ZF_FIELD_TEXT:
    case ZF_FIELD_DATE:
    case ZF_FIELD_TIME:
    case ZF_FIELD_DATETIME:
        return "TEXT";
    default:
        return "BLOB";
    }
}

/* A hidden column keeps its number under a name that differs from all others; judge_read refuses that name.
 */
static void declare_column(const void *user, size_t c, zf_text *sql) {
    const zf_sql_columns *columns = &((const zf_expressions *)user)->columns;
    if (columns->is_hidden[c])
        zf_text_append_format(sql, "\"\x01%zu\"", c);
    else
        zf_text_append_identifier(sql, columns->items[c].name);
    zf_text_append_format(sql, " %s", affinity(columns->items[c].type));
}

/* Returns a column's value in a row. Texts are copied: the caller may format two columns of a row into one
 * buffer, and `a || b` holds both. */
static void give_value(const void *user, size_t row, size_t c, sqlite3_context *context) {
    const zf_expressions *e = user;
    zf_value value = zf_value_null();
    if (c < e->n_given)
        value = e->scan.rows->value(e->scan.rows->user, row, c);
    else if (!e->scan.is_trial)
        value = zf_expressions_value(e, row, c - e->n_given);
    const char *bytes = (const char *)value.as.bytes.bytes;
    switch (value.kind) {
    case ZF_VALUE_INTEGER:
        sqlite3_result_int64(context, value.as.integer);
        break;
    case ZF_VALUE_REAL:
        sqlite3_result_double(context, value.as.real);
        break;
    case ZF_VALUE_TEXT:
        sqlite3_result_text64(context, bytes, value.as.bytes.n, SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    case ZF_VALUE_BLOB:
        sqlite3_result_blob64(context, bytes, value.as.bytes.n, SQLITE_TRANSIENT);
        break;
    default:
        sqlite3_result_null(context);
    }
}

/* ---- storing results ---- */

/* Converts a result to the column's type by the rules of zf_expressions_type; false: it cannot be. */
static bool convert(sqlite3_value *result, zf_field_type type, zf_value *out) {
    int kind = sqlite3_value_type(result);
    *out = zf_value_null();
    if (kind == SQLITE_NULL)
        return true;
    switch (type) {
    case ZF_FIELD_INTEGER:
        *out = zf_value_integer(sqlite3_value_int64(result));
        return kind == SQLITE_INTEGER;
    case ZF_FIELD_REAL:
        *out = zf_value_real(sqlite3_value_double(result));
        return kind == SQLITE_INTEGER || kind == SQLITE_FLOAT;
    case ZF_FIELD_TEXT:
        if (kind == SQLITE_BLOB)
            return false;
        out->kind = ZF_VALUE_TEXT;
        out->as.bytes.bytes = sqlite3_value_text(result);
        return true;
    default:
        if (kind != SQLITE_BLOB)
            return false;
        out->kind = ZF_VALUE_BLOB;
        out->as.bytes.bytes = sqlite3_value_blob(result); /* NULL for an empty one */
        return true;
    }
}

static void refuse_type(zf_expressions *e, zf_field_type type, sqlite3_context *context,
                        sqlite3_value *result) {
    static const char *const kinds[] = {
        [SQLITE_INTEGER] = "an integer", [SQLITE_FLOAT] = "a number that is no 64-bit integer",
        [SQLITE_TEXT] = "a text",        [SQLITE_BLOB] = "a blob",
        [SQLITE_NULL] = "NULL",
    };
    const int kind = sqlite3_value_type(result);
    (void)zf_sandbox_refuse(
        &e->sandbox, NULL, "it gives %s, and by its form its column is of the type %s: write CAST(... AS %s)",
        kinds[kind], zf_field_type_name(type), kind == SQLITE_FLOAT ? "REAL" : "TEXT");
    sqlite3_result_error(context, "a value of another type than its column", -1);
}

/* Copies a text or blob to the arena; SQLite's bytes live until the function returns. */
static zf_status keep_bytes(zf_expressions *e, sqlite3_value *result, zf_value *value) {
    char *copy = NULL;
    size_t n = (size_t)sqlite3_value_bytes(result);
    const void *bytes = value->as.bytes.bytes;
    if (bytes == NULL && (n > 0 || value->kind == ZF_VALUE_TEXT))
        return zf_error_memory(e->scan.error, n, "a computed value");
    zf_status st =
        zf_arena_copy(e->scan.rows->arena, bytes != NULL ? bytes : (const void *)"", n, &copy, e->scan.error);
    if (st == ZF_OK)
        value->as.bytes = (zf_bytes){(const uint8_t *)copy, n};
    return st;
}

static void keep_computed(zf_expressions *e, sqlite3_context *context, sqlite3_value *result) {
    const size_t column = e->current->column;
    const zf_field_type type = e->columns.items[column].type;
    zf_value *value = &e->values[(column - e->n_given) * e->n_rows + e->table.row];
    if (!convert(result, type, value)) {
        refuse_type(e, type, context, result);
        return;
    }
    if (value->kind == ZF_VALUE_TEXT || value->kind == ZF_VALUE_BLOB)
        e->scan.status = keep_bytes(e, result, value);
    if (e->scan.status != ZF_OK)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_int(context, 0);
}

/* zf_keep: false to SQLite, so that the scan goes on to the last row within one step. */
static void keep(sqlite3_context *context, int n_arguments, sqlite3_value **arguments) {
    zf_expressions *e = sqlite3_user_data(context);
    (void)n_arguments;
    if (e->numbers.has_unread && !e->scan.is_trial && e->scan.rows->unread != NULL)
        e->scan.rows->unread(e->scan.rows->user, e->table.row, (size_t)(e->current - e->items),
                             e->numbers.example);
    e->numbers.has_unread = false;
    if (e->current->is_rule) {
        e->scan.passes[e->table.row] = (uint8_t)(sqlite3_value_int(arguments[0]) != 0);
        sqlite3_result_int(context, 0);
    } else if (!e->scan.is_trial) {
        keep_computed(e, context, arguments[0]);
    }
}

/* SQLite connects a virtual table when a statement first names it, and asks the authorizer about that: so a
 * statement names it before there is one. */
zf_status zf_expression_register(zf_expressions *e, zf_error *error) {
    sqlite3 *db = e->sandbox.db.handle;
    sqlite3_stmt *statement = NULL;
    e->table =
        (zf_row_table){.n_columns = e->columns.n, .declare = declare_column, .give = give_value, .user = e};
    int code = zf_row_table_register(&e->table, db, "building");
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, "SELECT 1 FROM building", -1, &statement, NULL);
    sqlite3_finalize(statement);
    /* zf_keep is not deterministic: SQLite would call it once for an expression without columns */
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(db, "zf_keep", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, e, keep, NULL,
                                          NULL, NULL);
    if (code == SQLITE_OK)
        return ZF_OK;
    if (code == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "the table of expressions");
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_SQLITE,
                        "cannot make the %zu columns known to expressions: %s", e->columns.n,
                        sqlite3_errmsg(db));
}

/* ---- running ---- */

/* Evaluates the expression on all rows in one step. Returns SQLite's code. */
static int scan_rows(zf_expressions *e, const zf_expression *expression, const zf_expression_scan *scan) {
    e->current = expression;
    e->scan = *scan;
    e->numbers.has_unread = false;
    e->table.n_rows = scan->rows->n;
    e->table.selected = scan->passes;
    zf_sandbox_begin(&e->sandbox);
    const int result = zf_sandbox_step(&e->sandbox, expression->statement);
    e->scan.rows = NULL;
    e->scan.error = NULL;
    e->table.selected = NULL;
    return result;
}

zf_status zf_expression_run(zf_expressions *e, const zf_expression *expression,
                            const zf_expression_rows *rows, uint8_t *passes, zf_error *error) {
    const zf_expression_scan scan = {.rows = rows, .passes = passes, .error = error};
    const int result = scan_rows(e, expression, &scan);
    zf_status st = e->scan.status;
    if (st == ZF_OK && (result != SQLITE_DONE || e->sandbox.vfs.has_refused_time))
        st = zf_expression_run_failed(e, expression, result, error);
    sqlite3_reset(expression->statement);
    return st;
}

/* ---- compiling ---- */

static zf_status prepare(zf_expressions *e, zf_expression *expression, zf_error *error) {
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
    e->current = expression;
    const int result = zf_sandbox_prepare(&e->sandbox, sql.bytes, &expression->statement, NULL);
    zf_text_deinit(&sql);
    return result == SQLITE_OK ? ZF_OK : zf_expression_compile_failed(e, expression, result, error);
}

static zf_status refuse_parameters(const zf_expression *expression, zf_error *error) {
    int n = sqlite3_bind_parameter_count(expression->statement);
    if (n == 0)
        return ZF_OK;
    const char *name = sqlite3_bind_parameter_name(expression->statement, n);
    return zf_expression_refuse(
        expression, error,
        "it has a parameter (%s), and there is nothing to fill it with: write the value itself",
        name == NULL ? "?" : name);
}

static zf_value no_value(void *user, size_t row, size_t column) {
    (void)user, (void)row, (void)column;
    return zf_value_null();
}

/* Evaluates the expression on a row of NULLs. One that asks for the clock mostly does so for any row, and is
 * better refused before the first building is read. */
static zf_status try_out(zf_expressions *e, const zf_expression *expression, zf_error *error) {
    uint8_t passes = 1;
    const zf_expression_rows rows = {.n = 1, .value = no_value};
    const zf_expression_scan scan = {
        .rows = &rows, .passes = expression->is_rule ? &passes : NULL, .is_trial = true};
    const int result = scan_rows(e, expression, &scan);
    const bool is_refused =
        zf_sandbox_refusal(&e->sandbox) != NULL || e->sandbox.is_cancelled || result == SQLITE_NOMEM;
    zf_status st = is_refused ? zf_expression_run_failed(e, expression, result, error) : ZF_OK;
    sqlite3_reset(expression->statement);
    return st;
}

zf_status zf_expression_compile(zf_expressions *e, zf_expression *expression, zf_error *error) {
    zf_status st = prepare(e, expression, error);
    if (st == ZF_OK)
        st = refuse_parameters(expression, error);
    return st == ZF_OK ? try_out(e, expression, error) : st;
}

zf_value zf_expressions_value(const zf_expressions *e, size_t row, size_t k) {
    return e->values[k * e->n_rows + row];
}
