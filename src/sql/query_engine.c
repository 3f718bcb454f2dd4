/* SPDX-License-Identifier: MIT */
/* The engine of user queries: the table `building`, and the run over one ZIP. */
#include "sql/query_engine.h"

#include <stdlib.h>
#include <string.h>

/* ---- the temporary database ---- */

/* The same for the connection's last error. */
static zf_status failed(const zf_query_engine *q, const char *what, zf_error *error) {
    return zf_query_engine_failed(q, sqlite3_errcode(q->sandbox.db.handle), what, error);
}

static zf_status run(const zf_query_engine *q, const char *sql, const char *what, zf_error *error) {
    return sqlite3_exec(q->sandbox.db.handle, sql, NULL, NULL, NULL) == SQLITE_OK ? ZF_OK
                                                                                  : failed(q, what, error);
}

/* The declared types, which query_results.c reads; INTEGER is that of rowid. */
static const char *type_word(zf_field_type type) {
    switch (type) {
    case ZF_FIELD_INTEGER:
        return "BIGINT";
    case ZF_FIELD_BOOLEAN:
        return "INT";
    case ZF_FIELD_REAL:
        return "REAL";
    case ZF_FIELD_BLOB:
        return "BLOB";
    default:
        return "TEXT";
    }
}

static zf_status create_building(const zf_query_engine *q, zf_error *error) {
    zf_text sql = {0};
    size_t n = 0;
    zf_text_append(&sql, "CREATE TABLE building(");
    for (size_t c = 0; c < q->columns.n; c++) {
        if (q->columns.is_hidden[c])
            continue;
        zf_text_append_identifier(&sql, q->columns.items[c].name);
        zf_text_append_format(&sql, " %s,", type_word(q->columns.items[c].type));
        n++;
    }
    zf_text_append_format(&sql, ZF_GEOMETRY_COLUMN " %s)", q->geometry_type);
    const size_t most = (size_t)sqlite3_limit(q->sandbox.db.handle, SQLITE_LIMIT_COLUMN, -1);
    zf_status status = ZF_OK;
    if (sql.is_failed)
        status = zf_error_memory(error, sql.n, "an SQL statement");
    else if (n + 1 > most)
        status =
            zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_SQLITE,
                         "`analysis_sqls`: the building layer has %zu fields and measures, and SQLite allows "
                         "%zu columns",
                         n, most);
    else
        status = run(q, sql.bytes, "create the table building", error);
    zf_text_deinit(&sql);
    return status;
}

/* Lists what stands in the database before building does: tables, views and modules, SpatiaLite's too. */
static zf_status list_tables(zf_query_engine *q, zf_error *error) {
    static const char sql[] = "SELECT name FROM pragma_module_list UNION SELECT tbl_name FROM sqlite_master "
                              "UNION SELECT name FROM sqlite_master WHERE type='view' ORDER BY 1";
    sqlite3_stmt *names = NULL;
    const int code = sqlite3_prepare_v2(q->sandbox.db.handle, sql, -1, &names, NULL);
    zf_status status = code == SQLITE_OK ? ZF_OK : failed(q, "list tables", error);
    while (status == ZF_OK && sqlite3_step(names) == SQLITE_ROW) {
        char **grown = realloc(q->tables, (q->n_tables + 1) * sizeof *grown);
        if (grown != NULL) {
            q->tables = grown;
            q->tables[q->n_tables] = zf_string_copy((const char *)sqlite3_column_text(names, 0));
        }
        if (grown == NULL || q->tables[q->n_tables] == NULL)
            status = zf_error_memory(error, 1, "the names of tables");
        else
            q->n_tables++;
    }
    sqlite3_finalize(names);
    return status;
}

/* ---- what a query may read ---- */

static bool is_table(const zf_query_engine *q, const char *name) {
    if (sqlite3_strnicmp(name, "sqlite_", 7) == 0 || sqlite3_strnicmp(name, "pragma_", 7) == 0)
        return true;
    for (size_t i = 0; i < q->n_tables; i++)
        if (zf_string_equal_nocase(name, q->tables[i]))
            return true;
    return false;
}

/* Judges the reading of a column, and notes its use. A name without a column is a table of which only the
 * rows are counted, or one that the text itself makes by WITH. */
static int judge_read(void *user, const char *table, const char *column) {
    zf_query_engine *q = user;
    const bool has_column = column != NULL && column[0] != '\0';
    if (table == NULL)
        return zf_sandbox_refuse(&q->sandbox, NULL, "it reads something else than the table building");
    if (!zf_string_equal_nocase(table, "building")) {
        if (!has_column && !is_table(q, table))
            return SQLITE_OK;
        return zf_sandbox_refuse(&q->sandbox, table,
                                 "it reads the table %s: building is the only table there is", table);
    }
    if (has_column && zf_string_equal_nocase(column, ZF_GEOMETRY_COLUMN))
        q->use_geometry = true;
    for (size_t c = 0; has_column && c < q->columns.n; c++)
        if (!q->columns.is_hidden[c] && zf_string_equal_nocase(q->columns.items[c].name, column))
            q->columns.is_used[c] = true;
    return SQLITE_OK; /* another name is ROWID: the place of the building in its ZIP */
}

/* ---- opening and closing ---- */

static zf_status copy_columns(zf_query_engine *q, const zf_query_engine_options *options, zf_error *error) {
    zf_status status = zf_sql_columns_init(&q->columns, options->n_columns, error);
    for (size_t c = 0; status == ZF_OK && c < options->n_columns; c++) {
        const zf_column *column = &options->columns[c];
        status = zf_sql_columns_add(&q->columns, column->name, column->type, error);
        q->columns.is_hidden[c] |=
            column->type == ZF_FIELD_UNSUPPORTED || zf_string_equal_nocase(column->name, ZF_GEOMETRY_COLUMN);
    }
    return status;
}

static zf_status copy_texts(zf_query_engine *q, const zf_query_engine_options *options, zf_error *error) {
    q->statements = calloc(options->n_queries + 1, sizeof *q->statements);
    if (q->statements == NULL)
        return zf_error_memory(error, options->n_queries * sizeof *q->statements, "queries");
    for (size_t k = 0; k < options->n_queries; k++) {
        zf_query_statement *s = &q->statements[q->n++];
        s->name = zf_string_copy(options->queries[k].name);
        s->path = zf_string_copy(options->queries[k].path);
        s->sql = zf_string_copy(options->queries[k].sql);
        if (s->name == NULL || s->path == NULL || s->sql == NULL)
            return zf_error_memory(error, strlen(options->queries[k].sql), "a query");
    }
    return ZF_OK;
}

static zf_status check_name(const zf_query_engine *q, size_t k, bool is_taken, zf_error *error) {
    const char *name = q->statements[k].name;
    if (zf_string_equal_nocase(name, "building") || is_taken || sqlite3_strnicmp(name, "sqlite_", 7) == 0 ||
        sqlite3_strnicmp(name, "idx_", 4) == 0 ||
        (sqlite3_strnicmp(name, "pragma_", 7) != 0 && is_table(q, name)))
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "`analysis_sqls` '%s': zonefold, SpatiaLite or SQLite has a table of that name; choose another",
            name);
    for (size_t i = 0; i < k; i++)
        if (zf_string_equal_nocase(q->statements[i].name, name))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "`analysis_sqls` '%s': the name is given twice; choose another", name);
    return ZF_OK;
}

/* Tells whoever waits which query is next. */
static void note_query(const zf_query_engine *q, size_t k) {
    if (q->at != NULL)
        q->at(q->at_user, k);
}

static zf_status open_all(zf_query_engine *q, const zf_query_engine_options *options, zf_error *error) {
    q->sandbox.judge_read = judge_read;
    q->sandbox.user = q;
    zf_status status = copy_columns(q, options, error);
    if (status == ZF_OK)
        status = copy_texts(q, options, error);
    if (status == ZF_OK)
        status = zf_sandbox_open(&q->sandbox, &zf_policy_query, q->directory.directory, error);
    if (status == ZF_OK)
        status = list_tables(q, error);
    if (status == ZF_OK)
        status = create_building(q, error);
    if (status != ZF_OK)
        return status;
    zf_sandbox_harden(&q->sandbox);
    for (size_t k = 0; status == ZF_OK && k < q->n; k++) {
        note_query(q, k);
        status = check_name(q, k, options->queries[k].is_taken, error);
        if (status == ZF_OK)
            status = zf_query_compile(q, &q->statements[k], error);
        if (status == ZF_OK)
            status = zf_query_result_describe(q, &q->statements[k], error);
    }
    return status == ZF_E_USAGE ? zf_error_parameter(error, status, "analysis_sqls") : status;
}

zf_status zf_query_engine_open(const zf_query_engine_options *options, zf_query_engine **out,
                               zf_error *error) {
    zf_query_engine *q = calloc(1, sizeof *q);
    if (q == NULL)
        return zf_error_memory(error, sizeof *q, "queries");
    zf_temp_file_init(&q->directory, options->temp_dir, "results of queries");
    if (options->callbacks != NULL)
        q->sandbox.callbacks = *options->callbacks;
    q->geometry_type = options->geometry_type;
    q->at = options->at;
    q->at_user = options->at_user;
    zf_status status = open_all(q, options, error);
    if (status != ZF_OK) {
        zf_query_engine_close(q);
        return status;
    }
    *out = q;
    return ZF_OK;
}

void zf_query_engine_close(zf_query_engine *q) {
    if (q == NULL)
        return;
    for (size_t k = 0; k < q->n; k++) {
        zf_query_statement *s = &q->statements[k];
        sqlite3_finalize(s->select);
        sqlite3_finalize(s->store);
        zf_query_result_deinit(s);
        free(s->name);
        free(s->path);
        free(s->sql);
    }
    free(q->statements);
    sqlite3_finalize(q->insert);
    if (zf_sandbox_close(&q->sandbox) != ZF_OK)
        zf_log(&q->sandbox.callbacks, ZF_LOG_WARNING,
               "the temporary database of `analysis_sqls` could not be closed");
    zf_sql_columns_deinit(&q->columns);
    for (size_t i = 0; i < q->n_tables; i++)
        free(q->tables[i]);
    free(q->tables);
    zf_spatialite_blob_deinit(&q->blob);
    free(q);
}

/* ---- running over a ZIP ---- */

static zf_status prepare_insert(zf_query_engine *q, zf_error *error) {
    zf_text sql = {0};
    size_t n = 0;
    zf_text_append(&sql, "INSERT INTO building(");
    for (size_t c = 0; c < q->columns.n; c++) {
        if (!q->columns.is_used[c])
            continue;
        zf_text_append_identifier(&sql, q->columns.items[c].name);
        zf_text_append(&sql, ",");
        n++;
    }
    zf_text_append(&sql, ZF_GEOMETRY_COLUMN ") VALUES(");
    for (size_t i = 0; i <= n; i++)
        zf_text_append(&sql, i == 0 ? "?" : ",?");
    zf_text_append(&sql, ")");
    zf_status status = ZF_OK;
    if (sql.is_failed)
        status = zf_error_memory(error, sql.n, "an SQL statement");
    else if (sqlite3_prepare_v3(q->sandbox.db.handle, sql.bytes, -1, SQLITE_PREPARE_PERSISTENT, &q->insert,
                                NULL) != SQLITE_OK)
        status = failed(q, "prepare the table building", error);
    zf_text_deinit(&sql);
    return status;
}

zf_status zf_query_engine_start(zf_query_engine *q, const zf_crs_info *crs, zf_error *error) {
    zf_status status = zf_temp_file_open(&q->directory, error); /* fails at once where it is not writable */
    zf_temp_file_deinit(&q->directory);
    if (status == ZF_OK)
        status = zf_srs_add_info(&q->sandbox.db, crs, &q->srid, error);
    for (size_t k = 0; status == ZF_OK && k < q->n; k++)
        status = zf_query_result_create(q, k, error);
    if (status == ZF_OK)
        status = prepare_insert(q, error);
    if (status == ZF_OK)
        status = run(q, "PRAGMA cache_size=-2048", "prepare the table building", error);
    const int result = status == ZF_OK ? sqlite3_db_cacheflush(q->sandbox.db.handle) : SQLITE_OK;
    if (result != SQLITE_OK) /* the code is in no errcode */
        status = zf_query_engine_failed(q, result, "prepare the table building", error);
    return status;
}

static int bind_value(sqlite3_stmt *statement, int at, const zf_value *value) {
    const zf_bytes *bytes = &value->as.bytes;
    switch (value->kind) {
    case ZF_VALUE_INTEGER:
        return sqlite3_bind_int64(statement, at, value->as.integer);
    case ZF_VALUE_REAL:
        return sqlite3_bind_double(statement, at, value->as.real);
    case ZF_VALUE_TEXT:
        return sqlite3_bind_text64(statement, at, (const char *)bytes->bytes, bytes->n, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case ZF_VALUE_BLOB:
        return bytes->bytes == NULL || bytes->n > 0
                   ? sqlite3_bind_blob64(statement, at, bytes->bytes, bytes->n, SQLITE_STATIC)
                   : sqlite3_bind_zeroblob(statement, at, 0);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

zf_status zf_query_engine_add_building(zf_query_engine *q, const zf_value *values, zf_bytes wkb,
                                       zf_error *error) {
    zf_envelope envelope;
    int code = SQLITE_OK, at = 1;
    zf_status status = ZF_OK;
    q->has_buildings = true;
    for (size_t c = 0; code == SQLITE_OK && c < q->columns.n; c++)
        if (q->columns.is_used[c])
            code = bind_value(q->insert, at++, values++);
    if (q->use_geometry && wkb.bytes != NULL) {
        const bool is_single = strcmp(q->geometry_type, "MULTIPOINT") != 0;
        unsigned type;
        status = zf_spatialite_blob_any(&q->blob, q->srid, wkb, is_single, &envelope, &type, error);
        if (status == ZF_OK && q->blob.n > 0 && code == SQLITE_OK)
            code = sqlite3_bind_blob64(q->insert, at, q->blob.bytes, q->blob.n, SQLITE_STATIC);
    }
    if (status == ZF_OK && (code != SQLITE_OK || sqlite3_step(q->insert) != SQLITE_DONE))
        status = failed(q, "fill the table building", error);
    sqlite3_reset(q->insert);
    sqlite3_clear_bindings(q->insert);
    return status;
}

static zf_status run_one(zf_query_engine *q, zf_query_statement *s, uint32_t rank, const char *zip,
                         zf_error *error) {
    zf_status status = ZF_OK;
    int code = SQLITE_ROW;
    zf_sandbox_begin(&q->sandbox);
    while (status == ZF_OK && code == SQLITE_ROW) {
        code = zf_sandbox_step(&q->sandbox, s->select);
        if (code == SQLITE_ROW)
            status = zf_query_result_store(q, s, rank, zip, error);
    }
    if (status == ZF_OK && (code != SQLITE_DONE || zf_sandbox_refusal(&q->sandbox) != NULL))
        status = zf_query_run_failed(q, s, error);
    sqlite3_reset(s->select);
    return status;
}

zf_status zf_query_engine_run(zf_query_engine *q, uint32_t rank, const char *zip, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t k = 0; status == ZF_OK && k < q->n; k++) {
        note_query(q, k);
        status = run_one(q, &q->statements[k], rank, zip, error);
    }
    if (status == ZF_OK && q->has_buildings)
        status = run(q, "DELETE FROM building", "empty the table building", error);
    q->has_buildings = false;
    return status;
}
