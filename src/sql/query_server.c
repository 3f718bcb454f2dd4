/* SPDX-License-Identifier: MIT */
/* The child's side: takes the messages of queries.c and hands them to the engine. */
#include "guard/sqlite_guard.h"
#include "sql/query_engine.h"
#include "sql/query_process.h"

#include <stdlib.h>
#include <string.h>

/** What the child has. */
typedef struct server {
    zf_messages messages;
    zf_callbacks callbacks;
    zf_query_engine *engine;
    char *directory, *geometry_type;
    zf_status failure; /**< of a building; told with the next reply */
    zf_error error;
    bool is_over; /**< the parent has closed the pipe */
} server;

static void reply(server *s, zf_message_type type, const zf_value *values, size_t n) {
    if (!s->is_over && zf_messages_send(&s->messages, type, values, n, NULL) != ZF_OK)
        s->is_over = true;
}

static void reply_now(server *s, zf_message_type type, const zf_value *values, size_t n) {
    reply(s, type, values, n);
    if (!s->is_over && zf_messages_flush(&s->messages, NULL) != ZF_OK)
        s->is_over = true;
}

static void send_log(void *user, zf_log_level level, const char *text) {
    const zf_value values[] = {zf_value_integer(level), zf_message_text(text)};
    reply(user, ZF_MESSAGE_LOG, values, 2);
}

/* At once: the child may not live to the end of the query. */
static void send_at(void *user, size_t k) {
    const zf_value number = zf_value_integer((int64_t)k);
    reply_now(user, ZF_MESSAGE_AT, &number, 1);
}

static void finish(server *s, zf_status status) {
    const zf_value values[] = {zf_value_integer(status), zf_message_blob(&s->error, sizeof s->error)};
    reply_now(s, ZF_MESSAGE_DONE, values, 2);
    s->failure = ZF_OK;
    s->error = (zf_error)ZF_ERROR_INIT;
}

/* ---- opening ---- */

/* The columns that the queries read, then the names of each query's columns. */
static zf_status send_info(server *s) {
    const zf_query_engine *engine = s->engine;
    zf_value *values = calloc(engine->columns.n + 1, sizeof *values);
    size_t n = 0;
    if (values == NULL)
        return zf_error_memory(&s->error, engine->columns.n * sizeof *values, "queries");
    values[n++] = zf_value_integer(engine->use_geometry);
    for (size_t c = 0; c < engine->columns.n; c++)
        if (engine->columns.is_used[c])
            values[n++] = zf_value_integer((int64_t)c);
    reply(s, ZF_MESSAGE_INFO, values, n);
    free(values);
    for (size_t k = 0; k < engine->n; k++) {
        const zf_query_statement *statement = &engine->statements[k];
        zf_value *names = calloc(statement->n_columns + 1, sizeof *names);
        if (names == NULL)
            return zf_error_memory(&s->error, statement->n_columns * sizeof *names, "queries");
        for (size_t i = 0; i < statement->n_columns; i++)
            names[i] = zf_message_text(statement->columns[i].name);
        reply(s, ZF_MESSAGE_ROW, names, statement->n_columns);
        free(names);
    }
    return ZF_OK;
}

/* Values: directory, type of geom, n columns, (name, type) of each; then (name, path, SQL, is_taken) of each query. */
static zf_status open_engine(server *s, const zf_value *values, size_t n) {
    enum { FIRST = 3, PER_COLUMN = 2, PER_QUERY = 4 };
    const size_t n_columns = (size_t)values[2].as.integer,
                 n_queries = (n - FIRST - PER_COLUMN * n_columns) / PER_QUERY;
    zf_column *columns = calloc(n_columns + 1, sizeof *columns);
    zf_query *queries = calloc(n_queries + 1, sizeof *queries);
    const char *type = zf_message_string(&values[1]);
    s->directory = zf_string_copy(zf_message_string(&values[0]));
    s->geometry_type = zf_string_copy(type != NULL ? type : "MULTIPOLYGON");
    zf_status status = ZF_OK;
    if (columns == NULL || queries == NULL || s->directory == NULL || s->geometry_type == NULL)
        status = zf_error_memory(&s->error, n * sizeof *values, "queries");
    for (size_t c = 0; status == ZF_OK && c < n_columns; c++) {
        const zf_value *one = &values[FIRST + PER_COLUMN * c];
        columns[c] = (zf_column){zf_message_string(one), (zf_field_type)one[1].as.integer};
    }
    for (size_t k = 0; status == ZF_OK && k < n_queries; k++) {
        const zf_value *one = &values[FIRST + PER_COLUMN * n_columns + PER_QUERY * k];
        queries[k] = (zf_query){.name = zf_message_string(&one[0]),
                                .path = zf_message_string(&one[1]),
                                .sql = zf_message_string(&one[2]),
                                .is_taken = one[3].as.integer != 0};
    }
    const zf_query_engine_options options = {.columns = columns,
                                             .n_columns = n_columns,
                                             .geometry_type = s->geometry_type,
                                             .queries = queries,
                                             .n_queries = n_queries,
                                             .temp_dir = s->directory,
                                             .callbacks = &s->callbacks,
                                             .at = send_at,
                                             .at_user = s};
    if (status == ZF_OK)
        status = zf_query_engine_open(&options, &s->engine, &s->error);
    free(columns);
    free(queries);
    return status == ZF_OK ? send_info(s) : status;
}

static void close_engine(server *s) {
    zf_query_engine_close(s->engine);
    s->engine = NULL;
    free(s->directory);
    free(s->geometry_type);
    s->directory = s->geometry_type = NULL;
}

/* ---- running ---- */

/* Values: whether there is a CRS, and its texts. */
static zf_status start(server *s, const zf_value *values) {
    const zf_crs_info crs = {.name = zf_message_string(&values[1]),
                             .auth_name = zf_message_string(&values[2]),
                             .auth_code = zf_message_string(&values[3]),
                             .wkt = zf_message_string(&values[4]),
                             .wkt1 = zf_message_string(&values[5]),
                             .proj4 = zf_message_string(&values[6])};
    return zf_query_engine_start(s->engine, values[0].as.integer != 0 ? &crs : NULL, &s->error);
}

/* After a failure the others are not looked at. */
static void add(server *s, const zf_value *values, size_t n) {
    if (s->failure != ZF_OK)
        return;
    const zf_value *wkb = &values[n - 1];
    const zf_bytes bytes = wkb->kind == ZF_VALUE_BLOB ? wkb->as.bytes : (zf_bytes){NULL, 0};
    s->failure = zf_query_engine_add_building(s->engine, values, bytes, &s->error);
}

static zf_status run(server *s, const zf_value *values) {
    const char *zip = zf_message_string(&values[1]);
    return s->failure != ZF_OK
               ? s->failure
               : zf_query_engine_run(s->engine, (uint32_t)values[0].as.integer, zip, &s->error);
}

/* ---- results ---- */

static void send_columns(server *s, size_t k) {
    for (size_t i = 0; i < s->engine->statements[k].n_columns; i++) {
        const zf_query_column column = zf_query_engine_result_column(s->engine, k, i);
        const zf_value value = zf_message_blob(&column, sizeof column);
        reply(s, ZF_MESSAGE_ROW, &value, 1);
    }
}

static zf_status send_rows(server *s, size_t k) {
    const size_t n = s->engine->statements[k].n_columns + 2; /* rank and ZIP */
    zf_query_engine_rows *rows = NULL;
    zf_value *values = calloc(n, sizeof *values);
    if (values == NULL)
        return zf_error_memory(&s->error, n * sizeof *values, "the result of a query");
    zf_status status = zf_query_engine_rows_open(s->engine, k, &rows, &s->error);
    while (status == ZF_OK && !s->is_over) {
        status = zf_query_engine_rows_next(rows, values, &s->error);
        if (status == ZF_OK)
            reply(s, ZF_MESSAGE_ROW, values, n);
    }
    zf_query_engine_rows_close(rows);
    free(values);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- messages ---- */

static void serve_one(server *s) {
    const zf_value *values = s->messages.values;
    switch (s->messages.type) {
    case ZF_MESSAGE_OPEN:
        finish(s, open_engine(s, values, s->messages.n));
        return;
    case ZF_MESSAGE_START:
        finish(s, start(s, values));
        return;
    case ZF_MESSAGE_ADD:
        add(s, values, s->messages.n);
        return;
    case ZF_MESSAGE_RUN:
        finish(s, run(s, values));
        return;
    case ZF_MESSAGE_COLUMNS:
        send_columns(s, (size_t)values[0].as.integer);
        finish(s, ZF_OK);
        return;
    case ZF_MESSAGE_ROWS:
        finish(s, send_rows(s, (size_t)values[0].as.integer));
        return;
    default:
        s->is_over = true;
    }
}

void zf_query_server(zf_peer *parent) {
    zf_sqlite_limit_lift(); /* a function of SpatiaLite's would turn it into NULL */
    server s = {.messages = {.peer = parent}, .error = ZF_ERROR_INIT};
    s.callbacks = (zf_callbacks){.log = send_log, .user = &s};
    while (!s.is_over) {
        if (zf_messages_receive(&s.messages, NULL) != ZF_OK)
            break;
        serve_one(&s);
    }
    close_engine(&s);
    zf_messages_deinit(&s.messages);
}
