/* SPDX-License-Identifier: MIT */
/* Runs the recorded job of a result again, over the inputs where they are now, and compares the results. */
#include "zonefold/replay.h"
#include "memory/report_arena.h"
#include "os/temp_directory.h"
#include "provenance/job_files.h"
#include "provenance/result_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CRS_CHANGES = 3 };

/** State of a replay. */
typedef struct replay {
    const zf_replay_options *options;
    const zf_callbacks *callbacks;
    zf_row_differs *differs; /**< nullable */
    void *user;
    zf_replay_report *out;
    zf_arena *arena; /**< the report's */
    char *output;    /**< of the new result */
    zf_recorded recorded;
    zf_temp_directory directory;
    uint64_t n_explained[ZF_DIFFERENCE_KINDS]; /**< rows of run_info that differ by versions and grids */
} replay;

/* ---- running it ---- */

/** Links the inputs into the temporary directory, and writes the SQL of the queries there. */
static zf_status lay_out(replay *r, const zf_recorded_job *files, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < files->n; i++) {
        const zf_job_part *part = &files->parts[i];
        status = part->input != NULL
                     ? zf_temp_directory_link(&r->directory, part->path, part->input->found, error)
                     : zf_temp_directory_write(&r->directory, part->path, part->sql, error);
    }
    return status;
}

/** Turns a usage error of the recorded job into ZF_E_INPUT: the record is wrong, not the caller. */
static zf_status blame_record(const replay *r, zf_status status, zf_error *error) {
    if (status == ZF_E_USAGE) {
        status = ZF_E_INPUT;
        if (error != NULL)
            error->status = status;
        zf_error_within(error, status, "the recorded job cannot be run (it was written by zonefold %s)",
                        zf_recorded_writer(&r->recorded));
    }
    return zf_error_within(error, status, "cannot replay '%.200s'", r->options->result);
}

/** Runs the recorded job with the limits of the replay. */
static zf_status run_job(replay *r, const zf_recorded_job *files, zf_error *error) {
    zf_job *job = NULL;
    zf_status status = zf_recorded_job_options(&r->recorded, files, r->directory.path, &job, error);
    if (status == ZF_OK) {
        zf_run_options *run = zf_job_options(job);
        run->output = r->output;
        run->memory_bytes = r->options->memory_bytes;
        run->n_threads = r->options->n_threads;
        run->temp_dir = r->options->temp_dir;
        status = zf_run(run, r->callbacks, NULL, NULL, NULL, error);
    }
    zf_job_destroy(job);
    return status == ZF_OK ? ZF_OK : blame_record(r, status, error);
}

/** Lays out the files of the job and runs it. */
static zf_status run_again(replay *r, zf_error *error) {
    zf_recorded_job files = {0};
    zf_status status = zf_recorded_job_make(&r->recorded, &files, error);
    if (status == ZF_OK)
        status = lay_out(r, &files, error);
    if (status == ZF_OK)
        status = run_job(r, &files, error);
    zf_recorded_job_deinit(&files);
    return status;
}

/* ---- comparing ---- */

/** Whether a value is this text. */
static bool is_text(const zf_value *value, const char *text) {
    return value->kind == ZF_VALUE_TEXT && value->as.bytes.n == strlen(text) &&
           memcmp(value->as.bytes.bytes, text, value->as.bytes.n) == 0;
}

/** Whether a key of run_info is the name of a library. */
static bool is_version(const replay *r, const zf_value *key) {
    for (size_t i = 0; i < r->recorded.n_versions; i++)
        if (is_text(key, r->recorded.versions[i].name))
            return true;
    return false;
}

/** Whether the result was made with another version of PROJ. */
static bool is_another_proj(const replay *r) {
    for (size_t i = 0; i < r->recorded.n_versions; i++) {
        const zf_recorded_version *version = &r->recorded.versions[i];
        if (strcmp(version->name, "PROJ") == 0)
            return version->recorded == NULL || strcmp(version->recorded, version->now) != 0;
    }
    return false;
}

/** The key of a row of run_info if PROJ's grids or version explain a difference in it; else NULL. The machine
 * decides which grids are installed, and the version of PROJ how an operation is named; another operation of
 * the same version is a difference. If coordinates have moved, the tables differ too. */
static const char *crs_key(const replay *r, const zf_value *key) {
    static const char *const keys[] = {"crs_grids", "crs_better", "crs_operation"};
    const size_t n = sizeof keys / sizeof *keys - (is_another_proj(r) ? 0 : 1);
    for (size_t i = 0; i < n; i++)
        if (is_text(key, keys[i]))
            return keys[i];
    return NULL;
}

/** Copies a text into the report's arena. */
static zf_status copy_text(replay *r, const char *text, size_t n, const char **out, zf_error *error) {
    char *copy = NULL;
    zf_status status = zf_arena_copy(r->arena, text, n, &copy, error);
    *out = copy;
    return status;
}

/** Copies a value if it is a text. */
static zf_status copy_value(replay *r, const zf_value *value, const char **out, zf_error *error) {
    return value->kind == ZF_VALUE_TEXT
               ? copy_text(r, (const char *)value->as.bytes.bytes, value->as.bytes.n, out, error)
               : ZF_OK;
}

/** Adds a row of run_info that grids or the version of PROJ explain to the report. */
static zf_status note_crs(replay *r, const char *key, const zf_row_difference *row, zf_error *error) {
    zf_status status = ZF_OK;
    if (r->out->crs == NULL) {
        void *room = NULL;
        status = zf_arena_alloc(r->arena, MAX_CRS_CHANGES, sizeof *r->out->crs, &room, error);
        r->out->crs = room;
    }
    if (status != ZF_OK || r->out->n_crs == MAX_CRS_CHANGES)
        return status;
    zf_crs_change change = {.key = key, .kind = row->kind};
    if (row->n_changed > 0)
        status = copy_value(r, &row->changed[0].a, &change.then, error);
    if (status == ZF_OK && row->n_changed > 0)
        status = copy_value(r, &row->changed[0].b, &change.now, error);
    ((zf_crs_change *)r->out->crs)[r->out->n_crs++] = change;
    return status;
}

/** Counts the rows that versions and grids explain; passes the others to the caller. */
static zf_status take_row(void *user, const zf_row_difference *row, zf_error *error) {
    replay *r = user;
    const bool is_info = strcmp(row->table, "run_info") == 0 && row->n_key == 1;
    const char *key = is_info ? crs_key(r, &row->key[0]) : NULL;
    if (key == NULL && !(is_info && is_version(r, &row->key[0])))
        return r->differs != NULL ? r->differs(r->user, row, error) : ZF_OK;
    r->n_explained[row->kind]++;
    return key != NULL ? note_crs(r, key, row, error) : ZF_OK;
}

/** Subtracts the explained rows of run_info from the difference. */
static void leave_out_explained(replay *r) {
    zf_difference *difference = &r->out->difference;
    for (size_t i = 0; i < difference->n_tables; i++) {
        zf_table_difference *table = &difference->tables[i];
        if (strcmp(table->name, "run_info") != 0)
            continue;
        for (int kind = 0; kind < ZF_DIFFERENCE_KINDS; kind++)
            table->n[kind] -= r->n_explained[kind];
        for (size_t c = 0; c < table->n_columns; c++)
            if (strcmp(table->columns[c].name, "value") == 0)
                table->columns[c].n -= r->n_explained[ZF_CHANGED];
    }
}

/** Compares the new result with the old one. */
static zf_status compare(replay *r, zf_error *error) {
    const zf_diff_options options = {r->options->result, r->output};
    zf_status status = zf_diff(&options, r->callbacks, take_row, r, &r->out->difference, error);
    if (status != ZF_OK)
        return status;
    leave_out_explained(r);
    r->out->is_same = !zf_difference_is_any(&r->out->difference);
    return ZF_OK;
}

/* ---- all of it ---- */

/** Copies the versions into the report. */
static zf_status report_versions(replay *r, zf_error *error) {
    zf_version_change *versions = NULL;
    const size_t n = r->recorded.n_versions;
    zf_status status = zf_arena_take(r->arena, n, sizeof *versions, &versions, error);
    for (size_t i = 0; status == ZF_OK && i < n; i++) {
        const zf_recorded_version *version = &r->recorded.versions[i];
        versions[i] = (zf_version_change){.name = version->name, .now = version->now};
        if (version->recorded != NULL)
            status = copy_text(r, version->recorded, strlen(version->recorded), &versions[i].recorded, error);
    }
    r->out->versions = versions;
    r->out->n_versions = status == ZF_OK ? n : 0;
    return status;
}

/** Takes the caller's path for the new result, or one in the temporary directory. */
static zf_status name_output(replay *r, zf_error *error) {
    if (r->options->output != NULL)
        r->output = zf_string_copy(r->options->output);
    else if (asprintf(&r->output, "%s/result.sqlite", r->directory.path) < 0)
        r->output = NULL;
    return r->output != NULL ? ZF_OK : zf_error_memory(error, strlen(r->directory.path), "a path");
}

/** Reads the record, finds the inputs, runs the job and compares. The temporary directory is created before
 * the search: this removes what killed replays have left, and their links to inputs must not be found. */
static zf_status replay_result(replay *r, zf_error *error) {
    zf_status status = zf_recorded_read(r->options->result, r->callbacks, &r->recorded, error);
    if (status == ZF_OK)
        status = report_versions(r, error);
    if (status == ZF_OK)
        status = zf_temp_directory_create(r->options->temp_dir, &r->directory, error);
    if (status == ZF_OK)
        status = zf_recorded_find_all(&r->recorded, r->options->result, r->options->inputs, r->callbacks,
                                      r->arena, &r->out->missing, error);
    if (status == ZF_OK)
        status = name_output(r, error);
    if (status == ZF_OK)
        status = run_again(r, error);
    if (status == ZF_OK)
        status = compare(r, error);
    zf_temp_directory_remove(&r->directory);
    zf_recorded_deinit(&r->recorded);
    free(r->output);
    return status;
}

zf_status zf_replay(const zf_replay_options *options, const zf_callbacks *callbacks, zf_row_differs *differs,
                    void *user, zf_replay_report *out, zf_error *error) {
    *out = (zf_replay_report){0};
    zf_status status = zf_require(options->result, "result", error);
    if (status == ZF_OK)
        status = zf_report_arena_create(&out->storage, error);
    if (status != ZF_OK)
        return status;
    replay r = {.options = options,
                .callbacks = callbacks,
                .differs = differs,
                .user = user,
                .out = out,
                .arena = out->storage};
    return replay_result(&r, error);
}

void zf_replay_report_deinit(zf_replay_report *report) {
    zf_difference_deinit(&report->difference);
    zf_report_arena_destroy(report->storage);
    *report = (zf_replay_report){0};
}
