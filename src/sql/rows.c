/* SPDX-License-Identifier: MIT */
/* The virtual table `building`: the rows lent for one run, seen by SQLite without a copy. */
#include "expressions_internal.h"

#include <limits.h>

typedef struct row_table {
    sqlite3_vtab base;
    zf_expressions *select;
} row_table;

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

/* A hidden column keeps its number but gets a name that differs from all others; the guard refuses it if
 * somebody hits upon it. */
static void declare_columns(const zf_expressions *select, zf_text *sql) {
    zf_text_append(sql, "CREATE TABLE building(");
    for (size_t c = 0; c < select->n_columns; c++) {
        if (c > 0)
            zf_text_append(sql, ",");
        if (select->is_hidden[c])
            zf_text_append_format(sql, "\"\x01%zu\"", c);
        else
            zf_text_append_identifier(sql, select->columns[c].name);
        zf_text_append_format(sql, " %s", affinity(select->columns[c].type));
    }
    if (select->n_columns == 0)
        zf_text_append(sql, "\"\x01\" BLOB");
    zf_text_append(sql, ")");
}

static int connect(sqlite3 *db, void *user, int n_arguments, const char *const *arguments, sqlite3_vtab **out,
                   char **out_error) {
    (void)n_arguments, (void)arguments, (void)out_error;
    zf_text sql = {0};
    declare_columns(user, &sql);
    int result = sql.is_failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, sql.bytes);
    zf_text_deinit(&sql);
    if (result != SQLITE_OK)
        return result;
    row_table *table = sqlite3_malloc64(sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    *table = (row_table){.select = user};
    *out = &table->base;
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

/* There is one cursor: the statement is ours and names the table once. Its position stands in the
 * zf_expressions, where zf_keep finds it. */
static zf_expressions *select_of(const sqlite3_vtab_cursor *cursor) {
    return ((row_table *)(void *)cursor->pVtab)->select;
}

static void skip_dropped(zf_expressions *select) {
    if (select->passes == NULL)
        return;
    while (select->row < select->rows->n && !select->passes[select->row])
        select->row++;
}

static int first(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int n_arguments,
                 sqlite3_value **arguments) {
    (void)plan, (void)plan_text, (void)n_arguments, (void)arguments;
    select_of(cursor)->row = 0;
    skip_dropped(select_of(cursor));
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *cursor) {
    select_of(cursor)->row++;
    skip_dropped(select_of(cursor));
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *cursor) {
    const zf_expressions *select = select_of(cursor);
    return select->row >= select->rows->n;
}

/* Texts are copied: a lender may format two columns of a row into one buffer, and `a || b` holds both. */
static void answer_bytes(sqlite3_context *context, const zf_value *value) {
    const char *bytes = (const char *)value->as.bytes.bytes;
    if (bytes == NULL)
        sqlite3_result_null(context);
    else if (value->kind == ZF_VALUE_TEXT)
        sqlite3_result_text64(context, bytes, value->as.bytes.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_result_blob64(context, bytes, value->as.bytes.n, SQLITE_TRANSIENT);
}

static zf_value value_of(const zf_expressions *select, size_t number) {
    if (number < select->n_given)
        return select->rows->value(select->rows->user, select->row, number);
    return select->values == NULL ? zf_value_null()
                                  : zf_expressions_value(select, select->row, number - select->n_given);
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int number) {
    const zf_value value = value_of(select_of(cursor), (size_t)number);
    switch (value.kind) {
    case ZF_VALUE_INTEGER:
        sqlite3_result_int64(context, value.as.integer);
        break;
    case ZF_VALUE_REAL:
        sqlite3_result_double(context, value.as.real);
        break;
    case ZF_VALUE_TEXT:
    case ZF_VALUE_BLOB:
        answer_bytes(context, &value);
        break;
    default:
        sqlite3_result_null(context);
    }
    return SQLITE_OK;
}

/* Row numbers of a batch are nobody's business: an answer must not depend on how buildings were put into
 * batches. */
static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out) {
    *out = 0;
    sqlite3_free(cursor->pVtab->zErrMsg);
    cursor->pVtab->zErrMsg = sqlite3_mprintf("rows have no rowid");
    return SQLITE_ERROR;
}

/* Eponymous only (no xCreate): there as soon as it is registered. */
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

/* SQLite connects the table when a statement first names it, and asks the guard about that, too: so before
 * there is one. */
static int name_once(sqlite3 *db) {
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, "SELECT 1 FROM building", -1, &statement, NULL);
    sqlite3_finalize(statement);
    return result;
}

zf_status zf_rows_register(zf_expressions *select, zf_error *error) {
    int result = sqlite3_create_module_v2(select->db, "building", &module, select, NULL);
    if (result == SQLITE_OK)
        result = name_once(select->db);
    if (result == SQLITE_OK)
        return ZF_OK;
    if (result == SQLITE_NOMEM)
        return zf_error_memory(error, 0, "the table of an expression");
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_SQLITE,
                        "cannot make the %zu columns known to expressions: %s", select->n_columns,
                        sqlite3_errmsg(select->db));
}
