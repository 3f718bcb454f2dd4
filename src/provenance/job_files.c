/* SPDX-License-Identifier: MIT */
/* Lays out the recorded job of a result as files, and as options of a run over these files. */
#include "provenance/job_files.h"
#include "os/archive_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_of(const zf_recorded_file *file, const char *role) {
    return strcmp(file->role, role) == 0;
}

/** Whether an input is a directory: none of its files has its name. A path into an archive is a file. */
static bool is_directory(const zf_recorded *recorded, const char *role) {
    const char *name = zf_recorded_value(recorded, role);
    if (zf_archive_path_is_one(name))
        return false;
    for (size_t i = 0; i < recorded->n_files; i++)
        if (is_of(&recorded->files[i], role) && strcmp(recorded->files[i].name, name) == 0)
            return false;
    return true;
}

/** The name under which a file or its directory lies directly in the directory of the inputs. */
static const char *top_name(const zf_recorded *recorded, const zf_recorded_file *file) {
    return is_directory(recorded, file->role) ? zf_recorded_value(recorded, file->role) : file->name;
}

static bool is_same_file(const zf_recorded *recorded, const zf_recorded_file *a, const zf_recorded_file *b) {
    return strcmp(a->sha256, b->sha256) == 0 && strcmp(a->name, b->name) == 0 &&
           is_directory(recorded, a->role) == is_directory(recorded, b->role);
}

/** Whether different files of the two inputs would have the same path. */
static bool would_collide(const zf_recorded *recorded) {
    for (size_t i = 0; i < recorded->n_files; i++)
        for (size_t k = 0; k < recorded->n_files; k++) {
            const zf_recorded_file *a = &recorded->files[i], *b = &recorded->files[k];
            if (is_of(a, "zips") && is_of(b, "buildings") &&
                strcmp(top_name(recorded, a), top_name(recorded, b)) == 0 && !is_same_file(recorded, a, b))
                return true;
        }
    return false;
}

static void append_place(const char *role, bool is_apart, zf_text *out) {
    zf_text_append_format(out, is_apart ? "inputs/%s/" : "inputs/", role);
}

/** Appends the path of an input below a directory ("" or one that ends with a slash). The prefix of a path
 * into an archive, such as /vsizip/, stays in front. */
static void append_input_path(const char *directory, const char *role, const char *value, bool is_apart,
                              zf_text *out) {
    zf_archive_path parts;
    const bool is_inside = zf_archive_path_split_name(value, &parts);
    const size_t n_front = is_inside ? parts.archive_from : 0;
    zf_text_append_n(out, value, n_front);
    zf_text_append(out, directory);
    append_place(role, is_apart, out);
    zf_text_append(out, value + n_front);
}

/** Whether the job has a file of this path. */
static bool has_part(const zf_recorded_job *job, const char *path) {
    for (size_t i = 0; i < job->n; i++)
        if (strcmp(job->parts[i].path, path) == 0)
            return true;
    return false;
}

/** Adds a part unless it is there already: both layers may be in one file. Takes the bytes of the path. */
static zf_status add_part(zf_recorded_job *job, zf_text *path, zf_job_part part, zf_error *error) {
    if (path->is_failed)
        return zf_error_memory(error, path->n, "a path");
    if (has_part(job, path->bytes))
        return ZF_OK;
    part.path = path->bytes;
    *path = (zf_text){0};
    job->parts[job->n++] = part;
    return ZF_OK;
}

/** Adds a file of an input. */
static zf_status add_input(const zf_recorded *recorded, const zf_recorded_file *file, bool is_apart,
                           zf_recorded_job *job, zf_error *error) {
    zf_text path = {0};
    append_place(file->role, is_apart, &path);
    if (is_directory(recorded, file->role))
        zf_text_append_format(&path, "%s/", zf_recorded_value(recorded, file->role));
    zf_text_append(&path, file->name);
    zf_status status = add_part(job, &path, (zf_job_part){.input = file}, error);
    zf_text_deinit(&path);
    return status;
}

/** Appends the path of a query: its number, and its name if it consists of letters and digits. */
static void append_query_path(const char *name, size_t number, zf_text *out) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    bool is_plain = name[strspn(name, plain)] == '\0';
    zf_text_append_format(out, "questions/%zu%s%s.sql", number, is_plain ? "_" : "", is_plain ? name : "");
}

/** Adds the SQL of a query. */
static zf_status add_query_file(const zf_recorded_query *query, size_t number, zf_recorded_job *job,
                                zf_error *error) {
    zf_text path = {0};
    append_query_path(query->name, number, &path);
    zf_status status = add_part(job, &path, (zf_job_part){.sql = query->sql}, error);
    zf_text_deinit(&path);
    return status;
}

/* ---- the job file ---- */

static bool is_input(const zf_recorded_option *option) {
    return strcmp(option->key, "zips") == 0 || strcmp(option->key, "buildings") == 0;
}

/** Appends an option as YAML; paths of inputs are those in the directory of the job. */
static void append_option(const zf_recorded_option *option, bool is_apart, zf_text *out) {
    zf_text path = {0};
    zf_text_append_format(out, "%s:", option->key);
    if (option->is_flag) {
        zf_text_append(out, " true\n");
    } else if (option->is_list) {
        for (size_t i = 0; i < option->n_values; i++) {
            zf_text_append(out, "\n  - ");
            zf_text_append_yaml(out, option->values[i]);
        }
        zf_text_append(out, "\n");
    } else {
        if (is_input(option))
            append_input_path("", option->key, option->values[0], is_apart, &path);
        else
            zf_text_append(&path, option->values[0]);
        zf_text_append(out, " ");
        zf_text_append_yaml(out, path.bytes != NULL ? path.bytes : "");
        zf_text_append(out, "\n");
    }
    out->is_failed |= path.is_failed;
    zf_text_deinit(&path);
}

/** Appends the queries as YAML, each as NAME=FILE. */
static void append_queries(const zf_recorded *recorded, zf_text *out) {
    if (recorded->n_queries > 0)
        zf_text_append(out, "analysis-sql:\n");
    for (size_t i = 0; i < recorded->n_queries; i++) {
        zf_text value = {0};
        zf_text_append_identifier(&value, recorded->queries[i].name);
        zf_text_append(&value, "=");
        append_query_path(recorded->queries[i].name, i + 1, &value);
        zf_text_append(out, "  - ");
        zf_text_append_yaml(out, value.bytes != NULL ? value.bytes : "");
        zf_text_append(out, "\n");
        out->is_failed |= value.is_failed;
        zf_text_deinit(&value);
    }
}

zf_status zf_recorded_job_make(const zf_recorded *recorded, zf_recorded_job *out, zf_error *error) {
    const bool is_apart = would_collide(recorded);
    size_t n = recorded->n_files + recorded->n_queries;
    zf_status status = ZF_OK;
    *out = (zf_recorded_job){.parts = calloc(n + 1, sizeof *out->parts), .is_apart = is_apart};
    if (out->parts == NULL)
        return zf_error_memory(error, n * sizeof *out->parts, "the files of a job");
    for (size_t i = 0; status == ZF_OK && i < recorded->n_files; i++)
        status = add_input(recorded, &recorded->files[i], is_apart, out, error);
    for (size_t i = 0; status == ZF_OK && i < recorded->n_queries; i++)
        status = add_query_file(&recorded->queries[i], i + 1, out, error);
    zf_text_append(&out->job, "# zonefold run --job THIS_FILE --output RESULT\n");
    for (size_t i = 0; i < recorded->n_options; i++)
        append_option(&recorded->options[i], is_apart, &out->job);
    append_queries(recorded, &out->job);
    if (status == ZF_OK && out->job.is_failed)
        status = zf_error_memory(error, out->job.n, "the job");
    if (status != ZF_OK)
        zf_recorded_job_deinit(out);
    return status;
}

void zf_recorded_job_deinit(zf_recorded_job *job) {
    for (size_t i = 0; i < job->n; i++)
        free(job->parts[i].path);
    free(job->parts);
    zf_text_deinit(&job->job);
    *job = (zf_recorded_job){0};
}

/* ---- as options of a run ---- */

/** Adds a formatted value of an option. */
ZF_PRINTF(4, 5)
static zf_status add_value(zf_job *job, const char *key, zf_error *error, const char *format, ...) {
    char *value = NULL;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&value, format, arguments);
    va_end(arguments);
    if (n < 0)
        return zf_error_memory(error, 0, "an option of the job");
    zf_status status = zf_job_add(job, key, value, error);
    free(value);
    return status;
}

/** Adds the path of an input to the options of a run. */
static zf_status add_input_option(const zf_recorded_option *option, bool is_apart, const char *directory,
                                  zf_job *job, zf_error *error) {
    zf_text base = {0}, path = {0};
    zf_text_append_format(&base, "%s/", directory);
    if (!base.is_failed)
        append_input_path(base.bytes, option->key, option->values[0], is_apart, &path);
    zf_status status = base.is_failed || path.is_failed ? zf_error_memory(error, path.n, "a path")
                                                        : zf_job_add(job, option->key, path.bytes, error);
    zf_text_deinit(&base);
    zf_text_deinit(&path);
    return status;
}

/** Adds an option of the record to the options of a run. */
static zf_status add_option(const zf_recorded_option *option, bool is_apart, const char *directory,
                            zf_job *job, zf_error *error) {
    zf_status status = ZF_OK;
    if (option->is_flag)
        return zf_job_add(job, option->key, "true", error);
    if (is_input(option))
        return add_input_option(option, is_apart, directory, job, error);
    for (size_t i = 0; status == ZF_OK && i < option->n_values; i++)
        status =
            option->values[i] != NULL && option->values[i][0] != '\0'
                ? zf_job_add(job, option->key, option->values[i], error)
                : zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "'%s' has an empty value", option->key);
    return status;
}

/** Adds a query to the options of a run. */
static zf_status add_query(const zf_recorded_query *query, size_t number, const char *directory, zf_job *job,
                           zf_error *error) {
    zf_text name = {0}, path = {0};
    zf_text_append_identifier(&name, query->name);
    append_query_path(query->name, number, &path);
    zf_status status = name.is_failed || path.is_failed ? zf_error_memory(error, path.n, "a path")
                                                        : add_value(job, "analysis-sql", error, "%s=%s/%s",
                                                                    name.bytes, directory, path.bytes);
    zf_text_deinit(&name);
    zf_text_deinit(&path);
    return status;
}

zf_status zf_recorded_job_options(const zf_recorded *recorded, const zf_recorded_job *files,
                                  const char *directory, zf_job **out, zf_error *error) {
    zf_status status = zf_job_create(out, error);
    for (size_t i = 0; status == ZF_OK && i < recorded->n_options; i++)
        status = add_option(&recorded->options[i], files->is_apart, directory, *out, error);
    for (size_t i = 0; status == ZF_OK && i < recorded->n_queries; i++)
        status = add_query(&recorded->queries[i], i + 1, directory, *out, error);
    return status;
}

/* ---- finding the inputs ---- */

/** The directory of a file; "." when its path names none. */
static zf_status directory_of(const char *path, zf_arena *arena, const char **out, zf_error *error) {
    const char *slash = strrchr(path, '/');
    char *copy = NULL;
    const char *from = slash == NULL ? "." : slash == path ? "/" : path;
    zf_status status =
        zf_arena_copy(arena, from, from == path ? (size_t)(slash - path) : strlen(from), &copy, error);
    *out = copy;
    return status;
}

/** Copies a text into the arena. */
static zf_status copy_text(const char *text, zf_arena *arena, const char **out, zf_error *error) {
    char *copy = NULL;
    zf_status status = zf_arena_copy(arena, text, strlen(text), &copy, error);
    *out = copy;
    return status;
}

/** Lists the input files that were not found. */
static zf_status list_missing(const zf_recorded *recorded, const char *directory, zf_arena *arena,
                              zf_missing_inputs *out, zf_error *error) {
    zf_missing_input *items = NULL;
    *out = (zf_missing_inputs){.directory = directory,
                               .n_examined = recorded->n_looked_at,
                               .is_cut = recorded->is_cut,
                               .has_unreadable = recorded->has_unreadable};
    zf_status status = zf_arena_take(arena, recorded->n_missing, sizeof *items, &items, error);
    out->items = items;
    for (size_t i = 0; status == ZF_OK && i < recorded->n_files; i++) {
        const zf_recorded_file *file = &recorded->files[i];
        if (file->found != NULL)
            continue;
        zf_missing_input *item = &items[out->n];
        item->n_bytes = file->n_bytes;
        status = copy_text(file->role, arena, &item->role, error);
        if (status == ZF_OK)
            status = copy_text(file->name, arena, &item->name, error);
        if (status == ZF_OK)
            status = copy_text(file->sha256, arena, &item->sha256, error);
        out->n += status == ZF_OK;
    }
    return status;
}

zf_status zf_recorded_find_all(zf_recorded *recorded, const char *result, const char *directory,
                               const zf_callbacks *callbacks, zf_arena *arena, zf_missing_inputs *out_missing,
                               zf_error *error) {
    zf_status status = directory != NULL ? copy_text(directory, arena, &directory, error)
                                         : directory_of(result, arena, &directory, error);
    if (status == ZF_OK)
        status = zf_recorded_find(recorded, directory, callbacks, error);
    if (status != ZF_OK || recorded->n_missing == 0)
        return status;
    status = list_missing(recorded, directory, arena, out_missing, error);
    if (status != ZF_OK)
        return status;
    status = zf_error_set(error, ZF_E_INPUT, ZF_DOMAIN_ZONEFOLD,
                          "%zu of the %zu input files of the result were not found in the directory "
                          "'%.300s' or below; give the directory that holds them with `inputs`",
                          recorded->n_missing, recorded->n_files, directory);
    zf_error_parameter(error, status, "inputs");
    return zf_error_at(error, status, result, NULL, ZF_NO_FID);
}
