/* SPDX-License-Identifier: MIT */
#include "sql/row_table.h"

typedef struct vtab {
    sqlite3_vtab base;
    zf_row_table *table;
} vtab;

static int connect(sqlite3 *db, void *user, int n_arguments, const char *const *arguments, sqlite3_vtab **out,
                   char **out_error) {
    (void)n_arguments, (void)arguments, (void)out_error;
    zf_row_table *table = user;
    zf_text sql = {0};
    zf_text_append(&sql, "CREATE TABLE rows(");
    for (size_t c = 0; c < table->n_columns; c++) {
        zf_text_append(&sql, c == 0 ? "" : ",");
        table->declare(table->user, c, &sql);
    }
    zf_text_append(&sql, table->n_columns == 0 ? "\"\x01\")" : ")");
    int code = sql.is_failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, sql.bytes);
    zf_text_deinit(&sql);
    vtab *made = code == SQLITE_OK ? sqlite3_malloc64(sizeof *made) : NULL;
    if (made == NULL)
        return code == SQLITE_OK ? SQLITE_NOMEM : code;
    *made = (vtab){.table = table};
    *out = &made->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base) {
    sqlite3_free(base);
    return SQLITE_OK;
}

static int choose_plan(sqlite3_vtab *base, sqlite3_index_info *info) {
    (void)base;
    info->estimatedCost = 1e6;
    info->estimatedRows = 1000000;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
    (void)base;
    *out = sqlite3_malloc64(sizeof **out);
    if (*out == NULL)
        return SQLITE_NOMEM;
    **out = (sqlite3_vtab_cursor){0};
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor) {
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static zf_row_table *table_of(const sqlite3_vtab_cursor *cursor) {
    return ((vtab *)(void *)cursor->pVtab)->table;
}

static void skip_unselected(zf_row_table *table) {
    while (table->selected != NULL && table->row < table->n_rows && !table->selected[table->row])
        table->row++;
}

static int first(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int n_arguments,
                 sqlite3_value **arguments) {
    (void)plan, (void)plan_text, (void)n_arguments, (void)arguments;
    table_of(cursor)->row = 0;
    skip_unselected(table_of(cursor));
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *cursor) {
    table_of(cursor)->row++;
    skip_unselected(table_of(cursor));
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *cursor) {
    const zf_row_table *table = table_of(cursor);
    return table->row >= table->n_rows;
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int number) {
    const zf_row_table *table = table_of(cursor);
    table->give(table->user, table->row, (size_t)number, context);
    return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out) {
    *out = (sqlite3_int64)table_of(cursor)->row;
    if (table_of(cursor)->has_rowid)
        return SQLITE_OK;
    sqlite3_free(cursor->pVtab->zErrMsg);
    cursor->pVtab->zErrMsg = sqlite3_mprintf("rows have no rowid");
    return SQLITE_ERROR;
}

/* Eponymous only (no xCreate): the table exists under the module's name, and in no file. */
static const sqlite3_module module = {
    .xConnect = connect,
    .xBestIndex = choose_plan,
    .xDisconnect = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = first,
    .xNext = next,
    .xEof = is_at_end,
    .xColumn = column,
    .xRowid = rowid,
};

int zf_row_table_register(zf_row_table *table, sqlite3 *db, const char *name) {
    return sqlite3_create_module_v2(db, name, &module, table, NULL);
}
