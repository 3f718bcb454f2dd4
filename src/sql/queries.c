/* SPDX-License-Identifier: MIT */
/* The user's SELECTs, the table `building`, and one ZIP's asking. */
#include "sql/queries_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- what the user may speak of ---- */

static zf_status copy_columns(zf_queries *q, const zf_queries_options *options, zf_error *error) {
    const size_t n = options->n_columns;
    q->columns = calloc(n + 1, sizeof *q->columns);
    q->is_used = calloc(n + 1, sizeof *q->is_used);
    q->is_hidden = calloc(n + 1, sizeof *q->is_hidden);
    if (q->columns == NULL || q->is_used == NULL || q->is_hidden == NULL)
        return zf_error_memory(error, n * sizeof *q->columns, "the columns of building");
    for (size_t c = 0; c < n; c++) {
        const zf_column *column = &options->columns[c];
        q->columns[c] = (zf_column){zf_string_copy(column->name), column->type};
        if (q->columns[c].name == NULL)
            return zf_error_memory(error, 1, "the columns of building");
        q->n_columns++;
        q->is_hidden[c] = column->name[0] == '\0' || column->type == ZF_FIELD_UNSUPPORTED ||
                          zf_string_equal_nocase(column->name, ZF_GEOMETRY_COLUMN);
        for (size_t before = 0; before < c && !q->is_hidden[c]; before++)
            q->is_hidden[c] = zf_string_equal_nocase(q->columns[before].name, column->name);
    }
    return ZF_OK;
}

/* answer.c knows the types by these words; INTEGER is that of rowid. */
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

static zf_status create_building(zf_queries *q, zf_error *error) {
    zf_text sql = {0};
    size_t n = 0;
    zf_text_append(&sql, "CREATE TABLE building(");
    for (size_t c = 0; c < q->n_columns; c++) {
        if (q->is_hidden[c])
            continue;
        zf_text_append_identifier(&sql, q->columns[c].name);
        zf_text_append_format(&sql, " %s,", type_word(q->columns[c].type));
        n++;
    }
    zf_text_append(&sql, ZF_GEOMETRY_COLUMN " MULTIPOLYGON)");
    const size_t most = (size_t)sqlite3_limit(q->db.handle, SQLITE_LIMIT_COLUMN, -1);
    zf_status status = ZF_OK;
    if (sql.is_failed)
        status = zf_error_memory(error, sql.n, "an SQL statement");
    else if (n + 1 > most)
        status =
            zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_SQLITE,
                         "--analysis-sql: the building layer has %zu fields and measures, and SQLite allows "
                         "%zu columns",
                         n, most);
    else
        status = zf_query_run(q, sql.bytes, error);
    zf_text_deinit(&sql);
    return status;
}

/* Before there is a table of answers, and with SpatiaLite's own. */
static zf_status list_tables(zf_queries *q, zf_error *error) {
    sqlite3_stmt *names = NULL;
    int code =
        sqlite3_prepare_v2(q->db.handle,
                           "SELECT name FROM pragma_module_list UNION SELECT tbl_name FROM sqlite_master "
                           "WHERE tbl_name<>'building' UNION SELECT name FROM sqlite_master WHERE "
                           "type='view' ORDER BY 1",
                           -1, &names, NULL);
    zf_status status = ZF_OK;
    while (status == ZF_OK && code == SQLITE_OK && sqlite3_step(names) == SQLITE_ROW) {
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
    if (code != SQLITE_OK)
        status = zf_query_storage_failed(q, sqlite3_errcode(q->db.handle), "list tables", error);
    sqlite3_finalize(names);
    return status;
}

/* ---- opening ---- */

static zf_status copy_texts(zf_queries *q, const zf_queries_options *options, zf_error *error) {
    q->statements = calloc(options->n_queries + 1, sizeof *q->statements);
    if (q->statements == NULL)
        return zf_error_memory(error, options->n_queries * sizeof *q->statements, "SQL texts");
    for (size_t k = 0; k < options->n_queries; k++) {
        zf_query_statement *s = &q->statements[k];
        q->n_statements++;
        s->name = zf_string_copy(options->queries[k].name);
        s->path = zf_string_copy(options->queries[k].path);
        s->sql = zf_string_copy(options->queries[k].sql);
        if (s->name == NULL || s->path == NULL || s->sql == NULL)
            return zf_error_memory(error, strlen(options->queries[k].sql), "an SQL text");
    }
    return ZF_OK;
}

static zf_status check_name(const zf_queries *q, size_t k, zf_error *error) {
    const char *name = q->statements[k].name;
    bool is_taken = zf_string_equal_nocase(name, "building") ||
                    (q->is_table_name != NULL && q->is_table_name(name)) ||
                    sqlite3_strnicmp(name, "sqlite_", 7) == 0 || sqlite3_strnicmp(name, "idx_", 4) == 0;
    for (size_t i = 0; i < q->n_tables; i++)
        is_taken = is_taken || zf_string_equal_nocase(q->tables[i], name);
    if (is_taken)
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "--analysis-sql '%s': zonefold, SpatiaLite or SQLite has a table of that name; choose "
            "another",
            name);
    for (size_t i = 0; i < k; i++)
        if (zf_string_equal_nocase(q->statements[i].name, name))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "--analysis-sql '%s': the name is given twice; choose another", name);
    return ZF_OK;
}

static zf_status make(zf_queries *q, const zf_queries_options *options, zf_error *error) {
    zf_status status = zf_memory_charge(q->budget, ZF_MEMORY_SINK, ZF_QUERIES_BYTES, error);
    if (status != ZF_OK)
        return status;
    q->charged_bytes = ZF_QUERIES_BYTES;
    status = copy_columns(q, options, error);
    if (status == ZF_OK)
        status = copy_texts(q, options, error);
    if (status == ZF_OK)
        status = zf_query_connect(q, error);
    if (status == ZF_OK)
        status = list_tables(q, error);
    if (status == ZF_OK)
        status = create_building(q, error);
    if (status != ZF_OK)
        return status;
    zf_query_harden(q);
    for (size_t k = 0; status == ZF_OK && k < q->n_statements; k++) {
        status = check_name(q, k, error);
        if (status == ZF_OK)
            status = zf_query_compile(q, &q->statements[k], error);
        if (status == ZF_OK)
            status = zf_query_result_describe(q, &q->statements[k], error);
    }
    return status;
}

zf_status zf_queries_open(const zf_queries_options *options, zf_queries **out, zf_error *error) {
    zf_queries *q = calloc(1, sizeof *q);
    if (q == NULL)
        return zf_error_memory(error, sizeof *q, "SQL texts");
    zf_temp_file_init(&q->directory, options->temp_dir, "answers to SQL texts");
    if (options->callbacks != NULL)
        q->callbacks = *options->callbacks;
    q->budget = options->budget;
    q->is_table_name = options->is_table_name;
    zf_status status = make(q, options, error);
    if (status != ZF_OK) {
        zf_queries_close(q);
        return status;
    }
    *out = q;
    return ZF_OK;
}

void zf_queries_close(zf_queries *q) {
    if (q == NULL)
        return;
    for (size_t k = 0; k < q->n_statements; k++) {
        zf_query_statement *s = &q->statements[k];
        sqlite3_finalize(s->select);
        sqlite3_finalize(s->keep);
        zf_query_result_deinit(s);
        free(s->name);
        free(s->path);
        free(s->sql);
    }
    free(q->statements);
    sqlite3_finalize(q->insert);
    zf_dates_close(&q->dates);
    if (zf_database_close(&q->db, NULL) != ZF_OK)
        zf_log(&q->callbacks, ZF_LOG_WARNING, "the temporary database of --analysis-sql could not be closed");
    zf_timeless_vfs_unregister(&q->vfs);
    for (size_t c = 0; c < q->n_columns; c++)
        free((char *)(uintptr_t)q->columns[c].name);
    for (size_t i = 0; i < q->n_tables; i++)
        free(q->tables[i]);
    free(q->columns);
    free(q->is_used);
    free(q->is_hidden);
    free(q->tables);
    zf_spatialite_blob_deinit(&q->blob);
    zf_memory_discharge(q->budget, ZF_MEMORY_SINK, q->charged_bytes);
    free(q);
}

/* Copies to the arena what a plan needs. */
static zf_status describe(const zf_queries *q, zf_arena *arena, zf_queries_info *out, zf_error *error) {
    *out = (zf_queries_info){.use_geometry = q->uses_geometry};
    zf_status status = zf_arena_take(arena, q->n_columns, sizeof *out->used, &out->used, error);
    for (size_t c = 0; status == ZF_OK && c < q->n_columns; c++)
        if (q->is_used[c])
            out->used[out->n_used++] = c;
    if (status == ZF_OK)
        status = zf_arena_take(arena, q->n_statements, sizeof *out->results, &out->results, error);
    for (size_t k = 0; status == ZF_OK && k < q->n_statements; k++) {
        const zf_query_statement *s = &q->statements[k];
        zf_query_columns *to = &out->results[k];
        to->n = s->n_columns;
        status = zf_arena_take(arena, to->n, sizeof *to->names, &to->names, error);
        for (size_t i = 0; status == ZF_OK && i < to->n; i++) {
            char *name = NULL;
            status = zf_arena_copy(arena, s->columns[i].name, strlen(s->columns[i].name), &name, error);
            to->names[i] = name;
        }
    }
    return status;
}

zf_status zf_queries_check(const zf_queries_options *options, zf_arena *arena, zf_queries_info *out,
                           zf_error *error) {
    zf_queries *queries = NULL;
    zf_status status = zf_queries_open(options, &queries, error);
    if (status == ZF_OK)
        status = describe(queries, arena, out, error);
    zf_queries_close(queries);
    return status;
}

bool zf_queries_use(const zf_queries *q, size_t column) {
    return q->is_used[column];
}

bool zf_queries_use_geometry(const zf_queries *q) {
    return q->uses_geometry;
}

size_t zf_queries_count(const zf_queries *q) {
    return q != NULL ? q->n_statements : 0;
}

const char *zf_queries_name(const zf_queries *q, size_t k) {
    return q->statements[k].name;
}

size_t zf_queries_n_columns(const zf_queries *q, size_t k) {
    return q->statements[k].n_columns;
}

const char *zf_queries_column(const zf_queries *q, size_t k, size_t i) {
    return q->statements[k].columns[i].name;
}

/* ---- asking ---- */

static zf_status prepare_insert(zf_queries *q, zf_error *error) {
    zf_text sql = {0};
    size_t n = 0;
    zf_text_append(&sql, "INSERT INTO building(");
    for (size_t c = 0; c < q->n_columns; c++) {
        if (!q->is_used[c])
            continue;
        zf_text_append(&sql, n++ > 0 ? "," : "");
        zf_text_append_identifier(&sql, q->columns[c].name);
    }
    zf_text_append(&sql, n > 0 ? "," ZF_GEOMETRY_COLUMN ") VALUES(" : ZF_GEOMETRY_COLUMN ") VALUES(");
    for (size_t i = 0; i <= n; i++)
        zf_text_append(&sql, i == 0 ? "?" : ",?");
    zf_text_append(&sql, ")");
    zf_status status = ZF_OK;
    if (sql.is_failed)
        status = zf_error_memory(error, sql.n, "an SQL statement");
    else if (sqlite3_prepare_v3(q->db.handle, sql.bytes, -1, SQLITE_PREPARE_PERSISTENT, &q->insert, NULL) !=
             SQLITE_OK)
        status =
            zf_query_storage_failed(q, sqlite3_errcode(q->db.handle), "prepare the table building", error);
    zf_text_deinit(&sql);
    return status;
}

zf_status zf_queries_start(zf_queries *q, const zf_crs *crs, zf_error *error) {
    zf_status status = zf_temp_file_open(&q->directory, error); /* that it can be written is found out now */
    zf_temp_file_deinit(&q->directory);
    if (status == ZF_OK)
        status = zf_srs_add_crs(&q->db, crs, &q->srid, error);
    for (size_t k = 0; status == ZF_OK && k < q->n_statements; k++)
        status = zf_query_result_begin(q, k, error);
    if (status == ZF_OK)
        status = prepare_insert(q, error);
    if (status == ZF_OK)
        status = zf_query_run(q, "PRAGMA cache_size=-2048", error);
    const int result = status == ZF_OK ? sqlite3_db_cacheflush(q->db.handle) : SQLITE_OK;
    if (result != SQLITE_OK) /* tells its caller only, not the connection */
        status = zf_query_storage_failed(q, result, "prepare the table building", error);
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

zf_status zf_queries_add_building(zf_queries *q, const zf_value *values, zf_bytes wkb, zf_error *error) {
    zf_envelope envelope;
    int code = SQLITE_OK, at = 1;
    zf_status status = ZF_OK;
    q->is_filled = true;
    for (size_t c = 0; code == SQLITE_OK && c < q->n_columns; c++)
        if (q->is_used[c])
            code = bind_value(q->insert, at++, values++);
    if (q->uses_geometry && wkb.bytes != NULL)
        status = zf_spatialite_blob_polygons(&q->blob, q->srid, wkb, &envelope, error);
    if (q->uses_geometry && wkb.bytes != NULL && status == ZF_OK && q->blob.n > 0 && code == SQLITE_OK)
        code = sqlite3_bind_blob64(q->insert, at, q->blob.bytes, q->blob.n, SQLITE_STATIC);
    q->is_cancelled = false;
    if (status == ZF_OK && (code != SQLITE_OK || sqlite3_step(q->insert) != SQLITE_DONE))
        status = zf_query_storage_failed(q, sqlite3_errcode(q->db.handle), "fill the table building", error);
    sqlite3_reset(q->insert);
    sqlite3_clear_bindings(q->insert);
    return status;
}

static zf_status ask(zf_queries *q, zf_query_statement *s, uint32_t rank, const char *zip, zf_error *error) {
    zf_status status = ZF_OK;
    int code = SQLITE_ROW;
    q->refusal[0] = '\0';
    q->vfs.was_asked = q->is_cancelled = false;
    while (status == ZF_OK && code == SQLITE_ROW) {
        code = zf_query_step(q, s);
        if (code == SQLITE_ROW)
            status = zf_query_result_keep(q, s, rank, zip, error);
    }
    if (status == ZF_OK && (code != SQLITE_DONE || q->vfs.was_asked || q->refusal[0] != '\0'))
        status = zf_query_failed(q, s, error);
    sqlite3_reset(s->select);
    return status;
}

zf_status zf_queries_run(zf_queries *q, uint32_t rank, const char *zip, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t k = 0; status == ZF_OK && k < q->n_statements; k++)
        status = ask(q, &q->statements[k], rank, zip, error);
    if (status == ZF_OK && q->is_filled)
        status = zf_query_run(q, "DELETE FROM building", error);
    q->is_filled = false;
    return status;
}
