/* SPDX-License-Identifier: MIT */
#include "select_internal.h"

#include <stdlib.h>
#include <string.h>

enum { INSTRUCTIONS_BETWEEN_QUESTIONS = 20000 };

static zf_status copy_columns(zf_select *select, const zf_select_options *options, zf_error *error) {
    select->columns = calloc(options->n_columns + 1, sizeof *select->columns);
    select->is_used = calloc(options->n_columns + 1, sizeof *select->is_used);
    select->is_hidden = calloc(options->n_columns + 1, sizeof *select->is_hidden);
    if (select->columns == NULL || select->is_used == NULL || select->is_hidden == NULL)
        return zf_error_memory(error, options->n_columns * sizeof(zf_column), "the columns of an expression");
    for (size_t c = 0; c < options->n_columns; c++) {
        const char *name = options->columns[c].name;
        select->columns[c] = (zf_column){zf_string_copy(name), options->columns[c].type};
        select->n_columns = c + 1;
        if (select->columns[c].name == NULL)
            return zf_error_memory(error, strlen(name), "the columns of an expression");
        select->is_hidden[c] = name[0] == '\0';
        for (size_t earlier = 0; earlier < c && !select->is_hidden[c]; earlier++)
            select->is_hidden[c] = zf_string_equal_nocase(select->columns[earlier].name, name);
    }
    return ZF_OK;
}

static int ask_whether_cancelled(void *user) {
    zf_select *select = user;
    if (zf_check_cancelled(&select->callbacks, NULL) == ZF_OK)
        return 0;
    select->is_cancelled = true;
    return 1;
}

/* False to SQLite, so that the scan goes on to the last row within one step. */
static void keep(sqlite3_context *context, int n_arguments, sqlite3_value **arguments) {
    zf_select *select = sqlite3_user_data(context);
    (void)n_arguments;
    select->out_passes[select->row] = (uint8_t)(sqlite3_value_int(arguments[0]) != 0);
    sqlite3_result_int(context, 0);
}

static zf_status connect(zf_select *select, zf_error *error) {
    zf_status st = zf_timeless_vfs_register(&select->vfs, error);
    if (st == ZF_OK)
        st = zf_connection_open(select, &select->db, error);
    if (st == ZF_OK)
        st = zf_rows_register(select, error);
    if (st == ZF_OK)
        st = zf_dates_register(select, error);
    if (st != ZF_OK)
        return st;
    /* Not deterministic, for SQLite would else call it once for an expression without columns. */
    if (sqlite3_create_function_v2(select->db, "zf_keep", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, select, keep,
                                   NULL, NULL, NULL) != SQLITE_OK)
        return zf_error_memory(error, 0, "the functions of an expression");
    sqlite3_set_authorizer(select->db, zf_guard, select);
    sqlite3_progress_handler(select->db, INSTRUCTIONS_BETWEEN_QUESTIONS, ask_whether_cancelled, select);
    return ZF_OK;
}

static zf_status prepare(zf_select *select, zf_error *error) {
    zf_text sql = {0};
    zf_text_append(&sql, "SELECT 1 FROM building WHERE zf_keep(CASE WHEN (");
    select->where.sql_at = sql.n;
    zf_text_append(&sql, select->where.text);
    zf_text_append(&sql, "\n) THEN 1 END)");
    if (sql.is_failed) {
        zf_text_deinit(&sql);
        return zf_error_memory(error, strlen(select->where.text), "the statement of an expression");
    }
    int result =
        sqlite3_prepare_v3(select->db, sql.bytes, -1, SQLITE_PREPARE_PERSISTENT, &select->statement, NULL);
    zf_text_deinit(&sql);
    return result == SQLITE_OK ? ZF_OK : zf_explain_compile(select, &select->where, result, error);
}

static zf_status refuse_parameters(const zf_select *select, zf_error *error) {
    int n = sqlite3_bind_parameter_count(select->statement);
    if (n == 0)
        return ZF_OK;
    const char *name = sqlite3_bind_parameter_name(select->statement, n);
    return zf_explain(&select->where, error,
                      "it has a parameter (%s), and there is nothing to fill it with: write the value itself",
                      name == NULL ? "?" : name);
}

static int scan_rows(zf_select *select, const zf_select_rows *rows, uint8_t *out_passes) {
    select->rows = rows;
    select->out_passes = out_passes;
    select->is_cancelled = false;
    select->vfs.was_asked = false;
    select->refusal[0] = '\0';
    int result = sqlite3_step(select->statement);
    select->rows = NULL;
    return result;
}

static zf_value no_value(void *user, size_t row, size_t column) {
    (void)user, (void)row, (void)column;
    return zf_value_null();
}

/* A row of NULLs: an expression that asks for the clock mostly does so for any row, and is better refused
 * before the first is read. */
static zf_status try_out(zf_select *select, zf_error *error) {
    uint8_t passes = 0;
    const zf_select_rows rows = {1, no_value, NULL};
    int result = scan_rows(select, &rows, &passes);
    bool is_refused =
        select->vfs.was_asked || select->refusal[0] != '\0' || select->is_cancelled || result == SQLITE_NOMEM;
    zf_status st = is_refused ? zf_explain_run(select, &select->where, result, error) : ZF_OK;
    sqlite3_reset(select->statement);
    return st;
}

static zf_status compile(zf_select *select, zf_error *error) {
    size_t at = 0;
    const char *problem = zf_expression_scan(select->where.text, &at);
    if (problem != NULL)
        return zf_explain_scan(&select->where, problem, at, error);
    zf_status st = connect(select, error);
    if (st == ZF_OK)
        st = prepare(select, error);
    if (st == ZF_OK)
        st = refuse_parameters(select, error);
    if (st == ZF_OK)
        st = zf_dates_open(select, error);
    return st == ZF_OK ? try_out(select, error) : st;
}

zf_status zf_select_create(const zf_select_options *options, const zf_callbacks *callbacks, zf_select **out,
                           zf_error *error) {
    zf_select *select = calloc(1, sizeof *select);
    if (select == NULL)
        return zf_error_memory(error, sizeof *select, "an expression");
    if (callbacks != NULL)
        select->callbacks = *callbacks;
    zf_status st = copy_columns(select, options, error);
    if (st == ZF_OK && options->where != NULL) {
        select->where = (zf_expression){.option = "--where", .text = zf_string_copy(options->where)};
        st = select->where.text == NULL ? zf_error_memory(error, strlen(options->where), "an expression")
                                        : compile(select, error);
    }
    if (st != ZF_OK) {
        zf_select_destroy(select);
        return st;
    }
    *out = select;
    return ZF_OK;
}

void zf_select_destroy(zf_select *select) {
    if (select == NULL)
        return;
    sqlite3_finalize(select->statement);
    zf_dates_close(select);
    sqlite3_close(select->db);
    zf_timeless_vfs_unregister(&select->vfs);
    free(select->where.text);
    for (size_t c = 0; c < select->n_columns; c++)
        free((char *)(uintptr_t)select->columns[c].name);
    free(select->columns);
    free(select->is_used);
    free(select->is_hidden);
    free(select);
}

bool zf_select_uses(const zf_select *select, size_t column) {
    return column < select->n_columns && select->is_used[column];
}

bool zf_select_is_trivial(const zf_select *select) {
    return select->statement == NULL;
}

zf_status zf_select_run(zf_select *select, const zf_select_rows *rows, uint8_t *out_passes, zf_error *error) {
    if (zf_select_is_trivial(select)) {
        if (rows->n > 0)
            memset(out_passes, 1, rows->n);
        return ZF_OK;
    }
    zf_status st = zf_check_cancelled(&select->callbacks, error);
    if (st != ZF_OK)
        return st;
    int result = scan_rows(select, rows, out_passes);
    if (result != SQLITE_DONE || select->vfs.was_asked)
        st = zf_explain_run(select, &select->where, result, error);
    sqlite3_reset(select->statement);
    return st;
}

size_t zf_select_failed_row(const zf_select *select) {
    return select->row;
}
