/* SPDX-License-Identifier: MIT */
/* Reads the record of a run from its result: versions, job and input files. */
#include "provenance/recorded.h"
#include "os/archive_path.h"
#include "plan/job.h"
#include "provenance/result_internal.h"

#include "zonefold/version.h"

#include <string.h>

static const char queries_key[] = "analysis-sql";

/** State of the reading. */
typedef struct record_reading {
    zf_reader reader;
    zf_recorded *out;
    zf_error *error;
} record_reading;

/** Fails with ZF_E_INPUT: the record is not as zonefold writes it. */
static zf_status refuse(record_reading *r, const char *table, const char *what) {
    zf_status status = zf_error_set(r->error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                                    "the record of the run cannot be used: %s", what);
    return zf_error_at(r->error, status, r->reader.path, table, ZF_NO_FID);
}

/** Copies a text of the current row into the record's arena; NULL stays NULL. */
static zf_status take_text(record_reading *r, sqlite3_stmt *row, int i, const char **out) {
    const char *text = (const char *)sqlite3_column_text(row, i);
    size_t n = (size_t)sqlite3_column_bytes(row, i);
    char *copy = NULL;
    *out = NULL;
    if (text == NULL)
        return ZF_OK;
    if (strlen(text) != n)
        return refuse(r, NULL, "a text in it contains a NUL byte");
    zf_status status = zf_arena_copy(&r->out->arena, text, n, &copy, r->error);
    *out = copy;
    return status;
}

static bool is_file_name(const char *name) {
    return name != NULL && *name != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

/** Whether a name is that of an input: a file without directories, or a path into an archive. */
static bool is_input_name(const char *name) {
    zf_archive_path parts;
    return is_file_name(name) || (name != NULL && zf_archive_path_split_name(name, &parts));
}

/* ---- versions ---- */

/** Reads the recorded version of a library. */
static zf_status read_version(record_reading *r, const char *name, const char *now) {
    sqlite3_stmt *row = NULL;
    zf_recorded_version *version = &r->out->versions[r->out->n_versions++];
    *version = (zf_recorded_version){.name = name, .now = now};
    zf_status status =
        zf_reader_prepare(&r->reader, &row, r->error, "SELECT value FROM run_info WHERE key=%Q", name);
    if (status == ZF_OK)
        status = zf_reader_step(&r->reader, row, r->error);
    if (status == ZF_OK)
        status = take_text(r, row, 0, &version->recorded);
    sqlite3_finalize(row);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Reads the versions of zonefold and of all libraries. */
static zf_status read_versions(record_reading *r) {
    size_t n = 0;
    const zf_library_version *libraries = zf_library_versions(&n);
    zf_status status =
        zf_arena_take(&r->out->arena, n + 1, sizeof *r->out->versions, &r->out->versions, r->error);
    if (status == ZF_OK)
        status = read_version(r, "zonefold", zf_version());
    for (size_t i = 0; status == ZF_OK && i < n; i++)
        status = read_version(r, libraries[i].name, libraries[i].version);
    return status;
}

/* ---- the job ---- */

/** Refuses an option that this version does not know, and names the version that wrote it. */
static zf_status refuse_key(record_reading *r, const char *key) {
    zf_status status = zf_error_set(r->error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                                    "the recorded job has the option '%.200s', which zonefold %s does not "
                                    "know: the result was written by "
                                    "another version, zonefold %s; use that one",
                                    key, zf_version(), zf_recorded_writer(r->out));
    return zf_error_at(r->error, status, r->reader.path, "run_info", ZF_NO_FID);
}

/** Counts the elements of a JSON array or object. */
static zf_status count_elements(record_reading *r, const char *json, size_t *out) {
    int64_t n = 0;
    zf_status status = zf_reader_ask(&r->reader, &n, r->error, "SELECT count(*) FROM json_each(%Q)",
                                     json != NULL ? json : "[]");
    *out = (size_t)n;
    return status;
}

/** Reads an option that is a list of texts. */
static zf_status read_list(record_reading *r, const char *json, zf_recorded_option *option) {
    size_t n = 0;
    sqlite3_stmt *elements = NULL;
    zf_status status = count_elements(r, json, &n);
    if (status == ZF_OK)
        status = zf_arena_take(&r->out->arena, n, sizeof *option->values, &option->values, r->error);
    if (status == ZF_OK)
        status = zf_reader_prepare(&r->reader, &elements, r->error,
                                   "SELECT type, atom FROM json_each(%Q) ORDER BY id", json);
    while (status == ZF_OK && option->n_values < n &&
           (status = zf_reader_step(&r->reader, elements, r->error)) == ZF_OK)
        status = strcmp((const char *)sqlite3_column_text(elements, 0), "text") == 0
                     ? take_text(r, elements, 1, &option->values[option->n_values++])
                     : refuse(r, "run_info", "a list of the job has an element that is not a text");
    sqlite3_finalize(elements);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Reads the queries: a list of objects with name and sql. */
static zf_status read_queries(record_reading *r, const char *json) {
    size_t n = 0;
    sqlite3_stmt *rows = NULL;
    zf_recorded *out = r->out;
    zf_status status = count_elements(r, json, &n);
    if (status == ZF_OK)
        status = zf_arena_take(&out->arena, n, sizeof *out->queries, &out->queries, r->error);
    if (status == ZF_OK)
        status = zf_reader_prepare(&r->reader, &rows, r->error,
                                   "SELECT json_extract(value,'$.name'), json_extract(value,'$.sql') FROM "
                                   "json_each(%Q) ORDER BY id",
                                   json);
    while (status == ZF_OK && out->n_queries < n &&
           (status = zf_reader_step(&r->reader, rows, r->error)) == ZF_OK) {
        zf_recorded_query *query = &out->queries[out->n_queries++];
        status = take_text(r, rows, 0, &query->name);
        if (status == ZF_OK)
            status = take_text(r, rows, 1, &query->sql);
        if (status == ZF_OK && (query->name == NULL || query->sql == NULL))
            status = refuse(r, "run_info", "a query of analysis-sql has no name or no SQL");
    }
    sqlite3_finalize(rows);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Reads an option that is one text. */
static zf_status read_scalar(record_reading *r, sqlite3_stmt *row, zf_recorded_option *option) {
    zf_status status = zf_arena_take(&r->out->arena, 1, sizeof *option->values, &option->values, r->error);
    option->n_values = 1;
    return status == ZF_OK ? take_text(r, row, 2, &option->values[0]) : status;
}

/** Whether the option has been read already. */
static bool has_option(const zf_recorded *recorded, const char *key) {
    if (strcmp(key, queries_key) == 0)
        return recorded->n_queries > 0;
    for (size_t i = 0; i < recorded->n_options; i++)
        if (strcmp(recorded->options[i].key, key) == 0)
            return true;
    return false;
}

/** Reads one option. The columns of the row are key, type, atom, value. */
static zf_status read_option(record_reading *r, sqlite3_stmt *row) {
    zf_recorded_option option = {0};
    const char *type = (const char *)sqlite3_column_text(row, 1);
    zf_status status = take_text(r, row, 0, &option.key);
    if (status != ZF_OK)
        return status;
    if (option.key == NULL || !zf_job_is_key(option.key))
        return refuse_key(r, option.key != NULL ? option.key : "");
    if (has_option(r->out, option.key))
        return refuse(r, "run_info", "the job has an option twice");
    option.is_list = strcmp(type, "array") == 0;
    option.is_flag = strcmp(type, "true") == 0;
    const char *json = option.is_list ? (const char *)sqlite3_column_text(row, 3) : NULL;
    if (strcmp(option.key, queries_key) == 0)
        return json != NULL ? read_queries(r, json)
                            : refuse(r, "run_info", "analysis-sql is not a list of queries");
    if (option.is_list)
        status = read_list(r, json, &option);
    else if (strcmp(type, "text") == 0)
        status = read_scalar(r, row, &option);
    else if (!option.is_flag)
        status = refuse(r, "run_info", "an option of the job is neither a text, nor a list, nor true");
    r->out->options[r->out->n_options++] = option;
    return status;
}

/** Reads all options of the job. */
static zf_status read_options(record_reading *r) {
    size_t n = 0;
    sqlite3_stmt *rows = NULL;
    zf_recorded *out = r->out;
    zf_status status = count_elements(r, out->job, &n);
    if (status == ZF_OK)
        status = zf_arena_take(&out->arena, n, sizeof *out->options, &out->options, r->error);
    if (status == ZF_OK)
        status = zf_reader_prepare(&r->reader, &rows, r->error,
                                   "SELECT key, type, atom, value FROM json_each(%Q) ORDER BY id", out->job);
    while (status == ZF_OK && out->n_options < n &&
           (status = zf_reader_step(&r->reader, rows, r->error)) == ZF_OK)
        status = read_option(r, rows);
    sqlite3_finalize(rows);
    return status == ZF_DONE ? ZF_OK : status;
}

/** Reads the job, and checks that it names both inputs. */
static zf_status read_job(record_reading *r) {
    sqlite3_stmt *row = NULL;
    zf_status status =
        zf_reader_prepare(&r->reader, &row, r->error, "SELECT value FROM run_info WHERE key='job'");
    if (status == ZF_OK)
        status = zf_reader_step(&r->reader, row, r->error);
    if (status == ZF_OK)
        status = take_text(r, row, 0, &r->out->job);
    sqlite3_finalize(row);
    if (status == ZF_DONE || (status == ZF_OK && r->out->job == NULL))
        return refuse(r, "run_info", "there is no job in it");
    if (status == ZF_OK)
        status = read_options(r);
    if (status == ZF_OK && (!is_input_name(zf_recorded_value(r->out, "zips")) ||
                            !is_input_name(zf_recorded_value(r->out, "buildings"))))
        status = refuse(r, "run_info", "the job does not name a file for zips and for buildings");
    return status;
}

/* ---- the inputs ---- */

/** Whether a text is a SHA-256 in hexadecimal. */
static bool is_hash(const char *text) {
    return text != NULL && strlen(text) == ZF_SHA256_HEX_BYTES - 1 &&
           strspn(text, "0123456789abcdef") == ZF_SHA256_HEX_BYTES - 1;
}

/** Reads a row of run_input. */
static zf_status read_file(record_reading *r, sqlite3_stmt *row) {
    zf_recorded_file *file = &r->out->files[r->out->n_files++];
    *file = (zf_recorded_file){.n_bytes = (uint64_t)sqlite3_column_int64(row, 2)};
    zf_status status = take_text(r, row, 0, &file->role);
    if (status == ZF_OK)
        status = take_text(r, row, 1, &file->name);
    if (status == ZF_OK)
        status = take_text(r, row, 3, &file->sha256);
    if (status != ZF_OK)
        return status;
    bool has_role =
        file->role != NULL && (strcmp(file->role, "zips") == 0 || strcmp(file->role, "buildings") == 0);
    return has_role && is_file_name(file->name) && is_hash(file->sha256)
               ? ZF_OK
               : refuse(r, "run_input", "a row has no role, file name or SHA-256");
}

/** Reads all rows of run_input. */
static zf_status read_files(record_reading *r) {
    int64_t n = 0;
    sqlite3_stmt *rows = NULL;
    zf_recorded *out = r->out;
    zf_status status = zf_reader_ask(&r->reader, &n, r->error, "SELECT count(*) FROM run_input");
    if (status == ZF_OK)
        status = zf_arena_take(&out->arena, (size_t)n, sizeof *out->files, &out->files, r->error);
    if (status == ZF_OK)
        status = zf_reader_prepare(&r->reader, &rows, r->error,
                                   "SELECT role, file, bytes, sha256 FROM run_input ORDER BY rowid");
    while (status == ZF_OK && out->n_files < (size_t)n &&
           (status = zf_reader_step(&r->reader, rows, r->error)) == ZF_OK)
        status = read_file(r, rows);
    sqlite3_finalize(rows);
    if (status == ZF_OK || status == ZF_DONE)
        status = out->n_files > 0 ? ZF_OK : refuse(r, "run_input", "it has no rows");
    out->n_missing = out->n_files;
    return status;
}

/* ---- all of it ---- */

zf_status zf_recorded_read(const char *path, const zf_callbacks *callbacks, zf_recorded *out,
                           zf_error *error) {
    record_reading r = {.out = out, .error = error};
    *out = (zf_recorded){0};
    zf_arena_init(&out->arena, NULL, ZF_MEMORY_RECORD, 4096);
    zf_status status = zf_reader_open(path, callbacks, &r.reader, error);
    if (status != ZF_OK)
        return status;
    status = read_versions(&r);
    if (status == ZF_OK)
        status = read_job(&r);
    if (status == ZF_OK)
        status = read_files(&r);
    zf_reader_close(&r.reader);
    if (status != ZF_OK)
        zf_recorded_deinit(out);
    return status;
}

void zf_recorded_deinit(zf_recorded *recorded) {
    zf_arena_release(&recorded->arena);
    *recorded = (zf_recorded){0};
}

const char *zf_recorded_value(const zf_recorded *recorded, const char *key) {
    for (size_t i = 0; i < recorded->n_options; i++)
        if (strcmp(recorded->options[i].key, key) == 0 && !recorded->options[i].is_list &&
            recorded->options[i].n_values == 1)
            return recorded->options[i].values[0];
    return NULL;
}

const char *zf_recorded_writer(const zf_recorded *recorded) {
    const char *version = recorded->n_versions > 0 ? recorded->versions[0].recorded : NULL;
    return version != NULL ? version : "of an unknown version";
}
