/* SPDX-License-Identifier: MIT */
/* The parent's side of user queries: hands everything to the child process, and waits for its replies. */
#include "sql/queries.h"

#include "os/temp_file.h"
#include "sql/query_process.h"

#include <stdlib.h>
#include <string.h>

enum { MIB = 1 << 20, DEFAULT_MIB = 256, BASE_MIB = 16, SHARED_MIB = 32, LEAST_MIB = 48 };

/** A query, as the child has described it. */
typedef struct described_query {
    char *name, *path;
    const char **names; /**< n_columns, owned */
    zf_query_column *columns;
    size_t n_columns;
} described_query;

struct zf_queries {
    zf_query_process *process, *own_process; /**< own_process: NULL where it is borrowed */
    zf_callbacks callbacks;
    zf_budget *budget;
    size_t charged_bytes;
    described_query *queries;
    size_t n, at; /**< at: the query that was compiled or run last */
    size_t *used; /**< columns of building that some query reads */
    size_t n_used;
    bool use_geometry;
    zf_value *values; /**< n_used + 1, of a building */
};

/* ---- the process ---- */

/* A quarter of the memory, and what libraries take beside it. Where the limit is small, they are not counted:
 * else nothing would be left. */
size_t zf_queries_bytes(size_t memory_bytes) {
    const size_t most = memory_bytes > 0 ? memory_bytes : (size_t)DEFAULT_MIB * MIB, small = (size_t)64 * MIB;
    const size_t base = most <= small ? 0 : (most - small) / 2, most_base = (size_t)BASE_MIB * MIB;
    return most / 4 + (base < most_base ? base : most_base);
}

/* What the process may hold: besides, the pages that it shares with its parent. */
static size_t process_bytes(size_t memory_bytes) {
    const size_t bytes = zf_queries_bytes(memory_bytes) + (size_t)SHARED_MIB * MIB,
                 least = (size_t)LEAST_MIB * MIB;
    return bytes > least ? bytes : least;
}

zf_status zf_query_process_start(size_t memory_bytes, const zf_callbacks *callbacks, zf_query_process **out,
                                 zf_error *error) {
    zf_query_process *process = calloc(1, sizeof *process);
    *out = NULL;
    if (process == NULL)
        return zf_error_memory(error, sizeof *process, "queries");
    process->peer = (zf_peer){
        .limit_bytes = process_bytes(memory_bytes), .callbacks = callbacks, .what = "`analysis_sqls`"};
    process->messages.peer = &process->peer;
    const zf_status status = zf_peer_start(&process->peer, zf_query_server, error);
    if (status == ZF_OK)
        *out = process;
    else
        free(process);
    return status;
}

void zf_query_process_end(zf_query_process *process) {
    if (process == NULL)
        return;
    zf_queries_close(process->checked);
    zf_peer_end(&process->peer);
    zf_messages_deinit(&process->messages);
    free(process);
}

/* ---- messages ---- */

/* Says in which query the process ended; between two queries, that it was the queries' process. */
static zf_status within_query(const zf_queries *q, zf_status status, zf_error *error) {
    const bool has_ended = !q->process->peer.is_connected && status != ZF_E_CANCELLED;
    if (!has_ended)
        return status;
    if (q->at >= q->n)
        return zf_error_within(error, zf_error_parameter(error, status, "analysis_sqls"), "`analysis_sqls`");
    const described_query *query = &q->queries[q->at];
    return zf_error_within(error, zf_error_parameter(error, status, "analysis_sqls"),
                           "`analysis_sqls` %s: %s", query->name, query->path);
}

/* Takes messages until there is one for the caller. ZF_DONE: DONE has come, and the child's status was ZF_OK.
 */
static zf_status next_reply(zf_queries *q, zf_error *error) {
    zf_messages *m = &q->process->messages;
    for (;;) {
        const zf_status status = zf_messages_receive(m, error);
        if (status != ZF_OK)
            return within_query(q, status, error);
        if (m->type == ZF_MESSAGE_LOG)
            zf_log(&q->callbacks, (zf_log_level)m->values[0].as.integer, "%s",
                   zf_message_string(&m->values[1]));
        else if (m->type == ZF_MESSAGE_AT)
            q->at = (size_t)m->values[0].as.integer;
        else
            break;
    }
    if (m->type != ZF_MESSAGE_DONE)
        return ZF_OK;
    const zf_status status = (zf_status)m->values[0].as.integer;
    if (status != ZF_OK && error != NULL)
        memcpy(error, m->values[1].as.bytes.bytes, sizeof *error);
    return status == ZF_OK ? ZF_DONE : status;
}

static zf_status request(zf_queries *q, zf_message_type type, const zf_value *values, size_t n,
                         zf_error *error) {
    zf_messages *m = &q->process->messages;
    q->at = SIZE_MAX;
    zf_status status = zf_messages_send(m, type, values, n, error);
    if (status == ZF_OK)
        status = zf_messages_flush(m, error);
    return status == ZF_OK ? ZF_OK : within_query(q, status, error);
}

/* A request whose reply is nothing but its status. */
static zf_status ask(zf_queries *q, zf_message_type type, const zf_value *values, size_t n, zf_error *error) {
    zf_status status = request(q, type, values, n, error);
    while (status == ZF_OK)
        status = next_reply(q, error);
    return status == ZF_DONE ? ZF_OK : status;
}

/* ---- opening and closing ---- */

static zf_status send_open(zf_queries *q, const zf_queries_options *options, zf_error *error) {
    const size_t n_values = 3 + 2 * options->n_columns + 4 * options->n_queries;
    zf_value *values = calloc(n_values, sizeof *values);
    zf_temp_file directory;
    size_t n = 0;
    if (values == NULL)
        return zf_error_memory(error, n_values * sizeof *values, "queries");
    zf_temp_file_init(&directory, options->temp_dir, "results of queries");
    values[n++] = zf_message_text(directory.directory);
    values[n++] = zf_message_text(options->geometry_type);
    values[n++] = zf_value_integer((int64_t)options->n_columns);
    for (size_t c = 0; c < options->n_columns; c++) {
        values[n++] = zf_message_text(options->columns[c].name);
        values[n++] = zf_value_integer(options->columns[c].type);
    }
    for (size_t k = 0; k < options->n_queries; k++) {
        const zf_query *query = &options->queries[k];
        values[n++] = zf_message_text(query->name);
        values[n++] = zf_message_text(query->path);
        values[n++] = zf_message_text(query->sql);
        values[n++] = zf_value_integer(options->is_table_name != NULL && options->is_table_name(query->name));
    }
    const zf_status status = request(q, ZF_MESSAGE_OPEN, values, n, error);
    free(values);
    return status;
}

/* INFO: whether geom is read, then the numbers of the columns that are. */
static zf_status take_used(zf_queries *q, zf_error *error) {
    const zf_messages *m = &q->process->messages;
    q->n_used = m->n - 1;
    q->used = calloc(m->n, sizeof *q->used);
    q->values = calloc(m->n, sizeof *q->values);
    if (q->used == NULL || q->values == NULL)
        return zf_error_memory(error, m->n * sizeof *q->values, "queries");
    q->use_geometry = m->values[0].as.integer != 0;
    for (size_t i = 0; i < q->n_used; i++)
        q->used[i] = (size_t)m->values[i + 1].as.integer;
    return ZF_OK;
}

static zf_status take_names(zf_queries *q, described_query *query, zf_error *error) {
    const zf_messages *m = &q->process->messages;
    query->names = calloc(m->n + 1, sizeof *query->names);
    query->columns = calloc(m->n + 1, sizeof *query->columns);
    if (query->names == NULL || query->columns == NULL)
        return zf_error_memory(error, m->n * sizeof *query->columns, "the columns of a query");
    for (size_t i = 0; i < m->n; i++) {
        query->names[i] = zf_string_copy(zf_message_string(&m->values[i]));
        query->n_columns++;
        if (query->names[i] == NULL)
            return zf_error_memory(error, 1, "the columns of a query");
    }
    return ZF_OK;
}

/* Takes the replies to OPEN. */
static zf_status take_info(zf_queries *q, zf_error *error) {
    size_t k = 0;
    zf_status status = ZF_OK;
    while (status == ZF_OK) {
        status = next_reply(q, error);
        if (status != ZF_OK)
            break;
        if (q->process->messages.type == ZF_MESSAGE_INFO)
            status = take_used(q, error);
        else if (k < q->n)
            status = take_names(q, &q->queries[k++], error);
    }
    return status == ZF_DONE ? ZF_OK : status;
}

static zf_status copy_texts(zf_queries *q, const zf_queries_options *options, zf_error *error) {
    q->queries = calloc(options->n_queries + 1, sizeof *q->queries);
    if (q->queries == NULL)
        return zf_error_memory(error, options->n_queries * sizeof *q->queries, "queries");
    q->n = options->n_queries;
    for (size_t k = 0; k < q->n; k++) {
        q->queries[k].name = zf_string_copy(options->queries[k].name);
        q->queries[k].path = zf_string_copy(options->queries[k].path);
        if (q->queries[k].name == NULL || q->queries[k].path == NULL)
            return zf_error_memory(error, strlen(options->queries[k].path), "a query");
    }
    return ZF_OK;
}

static size_t limit_bytes(const zf_queries *q) {
    return q->budget != NULL ? q->budget->limit_bytes : 0;
}

static zf_status charge(zf_queries *q, zf_error *error) {
    const size_t n_bytes = zf_queries_bytes(limit_bytes(q));
    const zf_status status = zf_memory_charge(q->budget, ZF_MEMORY_OUTPUT, n_bytes, error);
    if (status == ZF_OK)
        q->charged_bytes = n_bytes;
    return status;
}

static void discharge(zf_queries *q) {
    zf_memory_discharge(q->budget, ZF_MEMORY_OUTPUT, q->charged_bytes);
    q->charged_bytes = 0;
}

static zf_status open_all(zf_queries *q, const zf_queries_options *options, zf_error *error) {
    zf_status status = charge(q, error);
    if (status == ZF_OK)
        status = copy_texts(q, options, error);
    if (status == ZF_OK && q->process == NULL) {
        status = zf_query_process_start(limit_bytes(q), &q->callbacks, &q->own_process, error);
        q->process = q->own_process;
    }
    if (status != ZF_OK)
        return status;
    q->process->messages.budget = options->budget;
    status = send_open(q, options, error);
    return status == ZF_OK ? take_info(q, error) : status;
}

static zf_status open_new(const zf_queries_options *options, zf_queries **out, zf_error *error) {
    zf_queries *q = calloc(1, sizeof *q);
    if (q == NULL)
        return zf_error_memory(error, sizeof *q, "queries");
    if (options->callbacks != NULL)
        q->callbacks = *options->callbacks;
    q->budget = options->budget;
    q->process = options->process;
    const zf_status status = open_all(q, options, error);
    if (status != ZF_OK)
        zf_queries_close(q);
    else
        *out = q;
    return status;
}

/* SpatiaLite's metadata take longer to create than most runs' queries to answer, so what was checked is kept. */
zf_status zf_queries_open(const zf_queries_options *options, zf_queries **out, zf_error *error) {
    zf_queries *checked = options->process != NULL ? options->process->checked : NULL;
    if (checked == NULL)
        return open_new(options, out, error);
    const zf_status status = charge(checked, error);
    if (status == ZF_OK) {
        options->process->checked = NULL;
        *out = checked;
    }
    return status;
}

static void deinit_query(described_query *query) {
    for (size_t i = 0; i < query->n_columns; i++)
        free((char *)query->names[i]);
    free(query->names);
    free(query->columns);
    free(query->name);
    free(query->path);
}

void zf_queries_close(zf_queries *q) {
    if (q == NULL)
        return;
    if (q->process != NULL)
        zf_messages_deinit(&q->process->messages);
    zf_query_process_end(q->own_process);
    for (size_t k = 0; k < q->n; k++)
        deinit_query(&q->queries[k]);
    free(q->queries);
    free(q->used);
    free(q->values);
    discharge(q);
    free(q);
}

/* Copies to the arena what a plan needs. */
static zf_status describe(const zf_queries *q, zf_arena *arena, zf_queries_info *out, zf_error *error) {
    *out = (zf_queries_info){.use_geometry = q->use_geometry, .n_used = q->n_used};
    zf_status status = zf_arena_take(arena, q->n_used, sizeof *out->used, &out->used, error);
    if (status == ZF_OK && q->n_used > 0)
        memcpy(out->used, q->used, q->n_used * sizeof *out->used);
    if (status == ZF_OK)
        status = zf_arena_take(arena, q->n, sizeof *out->results, &out->results, error);
    for (size_t k = 0; status == ZF_OK && k < q->n; k++) {
        zf_query_columns *to = &out->results[k];
        to->n = q->queries[k].n_columns;
        status = zf_arena_take(arena, to->n, sizeof *to->names, &to->names, error);
        for (size_t i = 0; status == ZF_OK && i < to->n; i++) {
            const char *from = q->queries[k].names[i];
            char *name = NULL;
            status = zf_arena_copy(arena, from, strlen(from), &name, error);
            to->names[i] = name;
        }
    }
    return status;
}

zf_status zf_queries_check(const zf_queries_options *options, zf_arena *arena, zf_queries_info *out,
                           zf_error *error) {
    zf_queries *queries = NULL;
    zf_status status = open_new(options, &queries, error);
    if (status == ZF_OK)
        status = describe(queries, arena, out, error);
    if (status != ZF_OK || options->process == NULL) {
        zf_queries_close(queries);
        return status;
    }
    discharge(queries);
    options->process->checked = queries;
    return ZF_OK;
}

size_t zf_queries_count(const zf_queries *q) {
    return q != NULL ? q->n : 0;
}

const char *zf_queries_name(const zf_queries *q, size_t k) {
    return q->queries[k].name;
}

size_t zf_queries_n_columns(const zf_queries *q, size_t k) {
    return q->queries[k].n_columns;
}

/* ---- running over a ZIP ---- */

zf_status zf_queries_start(zf_queries *q, const zf_crs *crs, zf_error *error) {
    const zf_crs_info none = {0}, *info = crs != NULL ? zf_crs_get_info(crs) : &none;
    const zf_value values[] = {zf_value_integer(crs != NULL),    zf_message_text(info->name),
                               zf_message_text(info->auth_name), zf_message_text(info->auth_code),
                               zf_message_text(info->wkt),       zf_message_text(info->wkt1),
                               zf_message_text(info->proj4)};
    return ask(q, ZF_MESSAGE_START, values, sizeof values / sizeof *values, error);
}

zf_status zf_queries_add_building(zf_queries *q, const zf_value *values, zf_bytes wkb, zf_error *error) {
    if (q->n_used > 0)
        memcpy(q->values, values, q->n_used * sizeof *values);
    q->values[q->n_used] =
        q->use_geometry && wkb.bytes != NULL ? zf_message_blob(wkb.bytes, wkb.n) : zf_value_null();
    return zf_messages_send(&q->process->messages, ZF_MESSAGE_ADD, q->values, q->n_used + 1, error);
}

zf_status zf_queries_run(zf_queries *q, uint32_t rank, const char *zip, zf_error *error) {
    const zf_value values[] = {zf_value_integer(rank), zf_message_text(zip)};
    return ask(q, ZF_MESSAGE_RUN, values, 2, error);
}

/* ---- results ---- */

zf_status zf_queries_result_columns(zf_queries *q, size_t k, const zf_query_column **out, zf_error *error) {
    const zf_value number = zf_value_integer((int64_t)k);
    described_query *query = &q->queries[k];
    zf_status status = request(q, ZF_MESSAGE_COLUMNS, &number, 1, error);
    for (size_t i = 0; status == ZF_OK; i++) {
        status = next_reply(q, error);
        if (status != ZF_OK || i >= query->n_columns)
            continue;
        memcpy(&query->columns[i], q->process->messages.values[0].as.bytes.bytes, sizeof query->columns[i]);
        query->columns[i].name = query->names[i];
    }
    *out = query->columns;
    return status == ZF_DONE ? ZF_OK : status;
}

zf_status zf_query_rows_begin(zf_queries *q, size_t k, zf_error *error) {
    const zf_value number = zf_value_integer((int64_t)k);
    return request(q, ZF_MESSAGE_ROWS, &number, 1, error);
}

zf_status zf_query_rows_next(zf_queries *q, zf_value *out_values, zf_error *error) {
    const zf_status status = next_reply(q, error);
    const zf_messages *m = &q->process->messages;
    if (status == ZF_OK && m->n > 0)
        memcpy(out_values, m->values, m->n * sizeof *out_values);
    return status;
}
