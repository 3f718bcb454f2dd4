/* SPDX-License-Identifier: MIT */
/* Finds the inputs of a result and one building in them, and has its story told. */
#include "zonefold/why.h"
#include "memory/report_arena.h"
#include "os/temp_directory.h"
#include "provenance/job_files.h"
#include "provenance/result_internal.h"
#include "provenance/why_internal.h"
#include "zonefold/describe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** State of the search. */
typedef struct search {
    const zf_why_options *options;
    const zf_callbacks *callbacks;
    zf_why_report *out;
    zf_arena *arena; /**< the report's */
    zf_recorded recorded;
    zf_temp_directory directory;
    zf_why_tools tools;
    int64_t fid;       /**< without `where` */
    const char *value; /**< that the field has; NULL: by fid */
    int *fields;       /**< those of the plan, and that of `where` */
    size_t n_fields;
} search;

const char *zf_why_relation_name(zf_why_relation relation) {
    static const char *const names[ZF_WHY_RELATIONS] = {"assigned", "crossing", "apart"};
    return (unsigned)relation < ZF_WHY_RELATIONS ? names[relation] : "unknown";
}

const char *zf_why_truth_name(zf_why_truth truth) {
    static const char *const names[ZF_WHY_TRUTHS] = {"true", "false", "NULL"};
    return (unsigned)truth < ZF_WHY_TRUTHS ? names[truth] : "unknown";
}

/* ---- which building ---- */

/* A usage error that names the parameter. */
static zf_status usage(const char *parameter, const char *text, zf_error *error) {
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "%s", text);
    return zf_error_parameter(error, ZF_E_USAGE, parameter);
}

/* `fid` as a number, and `where` taken apart at its first '='. */
static zf_status parse_options(search *s, zf_error *error) {
    char *end = NULL;
    const zf_why_options *o = s->options;
    zf_status status = zf_require(o->result, "result", error);
    if (status != ZF_OK)
        return status;
    if ((o->fid == NULL) == (o->where == NULL))
        return usage("fid", "one building is asked for, with `fid` or `where`", error);
    if (o->where != NULL) {
        const char *sign = strchr(o->where, '=');
        s->value = sign != NULL ? sign + 1 : NULL;
        return sign != NULL && sign > o->where
                   ? ZF_OK
                   : usage("where", "`where` takes a field and its value, such as name=Town Hall", error);
    }
    errno = 0;
    s->fid = strtoll(o->fid, &end, 10);
    return errno == 0 && end != o->fid && *end == '\0'
               ? ZF_OK
               : usage("fid", "`fid` takes a feature id, a whole number", error);
}

/* The field of `where` in the layer; the error names the layer's fields. */
static zf_status find_field(const search *s, int *out, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(s->tools.inputs.buildings);
    const size_t n = (size_t)(s->value - 1 - s->options->where);
    const char **names = calloc(info->n_fields + 1, sizeof *names);
    char *name = strndup(s->options->where, n);
    zf_text all = {0};
    zf_status status = ZF_OK;
    if (name == NULL || names == NULL) {
        status = zf_error_memory(error, n, "the name of a field");
    } else if ((*out = zf_source_field_by_name(s->tools.inputs.buildings, zf_name_unquote(name))) < 0) {
        for (size_t i = 0; i < info->n_fields; i++) {
            names[i] = info->fields[i].name;
            zf_text_append_format(&all, "%s%s", i > 0 ? ", " : "", names[i]);
        }
        const char *near = zf_string_nearest(name, names, info->n_fields);
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                     "the building layer has no field '%.200s' of `where`%s%s%s; fields: %.600s", name,
                     near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                     near != NULL ? "'?" : "", all.bytes != NULL ? all.bytes : "none");
        status = zf_error_parameter(error, ZF_E_USAGE, "where");
    }
    zf_text_deinit(&all);
    free(names);
    free(name);
    return status;
}

/* The plan's fields, and after them that of `where`. */
static zf_status choose_fields(search *s, zf_error *error) {
    const zf_plan_reading *reading = &s->tools.plan.reading;
    s->fields = calloc(reading->n_fields + 1, sizeof *s->fields);
    if (s->fields == NULL)
        return zf_error_memory(error, reading->n_fields * sizeof *s->fields, "the fields to read");
    if (reading->n_fields > 0)
        memcpy(s->fields, reading->fields, reading->n_fields * sizeof *s->fields);
    s->n_fields = reading->n_fields;
    return s->value != NULL ? find_field(s, &s->fields[s->n_fields++], error) : ZF_OK;
}

/* Whether the value of the field is that of `where`, as text. */
static bool has_value(const search *s, const zf_batch *batch, size_t row) {
    char scratch[ZF_VALUE_SCRATCH_BYTES];
    zf_text text = {0};
    const zf_value value = zf_batch_value(batch, s->n_fields - 1, row, scratch);
    if (value.kind == ZF_VALUE_TEXT)
        return value.as.bytes.n == strlen(s->value) &&
               memcmp(value.as.bytes.bytes, s->value, value.as.bytes.n) == 0;
    if (value.kind == ZF_VALUE_INTEGER)
        zf_text_append_format(&text, "%" PRId64, value.as.integer);
    else if (value.kind == ZF_VALUE_REAL)
        zf_text_append_json_number(&text, value.as.real);
    const bool is_so =
        text.bytes != NULL && (strcmp(text.bytes, s->value) == 0 ||
                               (value.kind == ZF_VALUE_REAL && strtod(s->value, NULL) == value.as.real));
    zf_text_deinit(&text);
    return is_so;
}

/* ---- reading ---- */

/* Looks for the building in a batch; the first that is found is told of. */
static zf_status search_batch(search *s, zf_batch *batch, zf_error *error) {
    zf_lane *lane = &s->tools.lane;
    zf_status status = ZF_OK;
    for (size_t row = 0; status == ZF_OK && row < zf_batch_count(batch); row++) {
        const int64_t fid = zf_batch_fid(batch, row);
        if (s->value != NULL ? !has_value(s, batch, row) : fid != s->fid)
            continue;
        if (s->out->n_found++ > 0)
            continue;
        s->out->fid = fid;
        zf_arena_mark mark = zf_arena_get_mark(&lane->kept.arena);
        status = zf_kept_list_begin(&lane->kept, batch, 0, error);
        if (status == ZF_OK)
            status = zf_why_tell(&s->tools, row, s->arena, s->out, error);
        zf_arena_rewind(&lane->kept.arena, mark);
    }
    return status;
}

/* Reads the buildings to the end: how many match is part of the report. */
static zf_status read_buildings(search *s, zf_error *error) {
    zf_batch *batch = NULL;
    const zf_source_query query = {.fields = s->fields,
                                   .n_fields = s->n_fields,
                                   .wants_geometry = true,
                                   .batch_rows = s->tools.context.batch_rows};
    zf_status status = zf_source_start(s->tools.inputs.buildings, &query, error);
    while (status == ZF_OK && (status = zf_source_next(s->tools.inputs.buildings, &batch, error)) == ZF_OK) {
        status = zf_check_cancelled(s->callbacks, error);
        if (status == ZF_OK)
            status = search_batch(s, batch, error);
        zf_batch_release(batch);
    }
    return status == ZF_DONE ? ZF_OK : status;
}

/* The error where no building matches. */
static zf_status not_found(const search *s, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(s->tools.inputs.buildings);
    if (s->value != NULL)
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "no building of layer '%.100s' has %.300s",
                     info->layer, s->options->where);
    else
        zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                     "layer '%.100s' has no building with fid %" PRId64, info->layer, s->fid);
    return zf_error_parameter(error, ZF_E_USAGE, s->value != NULL ? "where" : "fid");
}

/* What the report says of the layer and the rule. */
static zf_status describe(search *s, zf_error *error) {
    const zf_source_info *info = zf_source_get_info(s->tools.inputs.buildings);
    const char *slash = strrchr(info->path, '/');
    zf_status status = zf_why_copy(s->arena, slash != NULL ? slash + 1 : info->path, &s->out->file, error);
    if (status == ZF_OK)
        status = zf_why_copy(s->arena, info->layer, &s->out->layer, error);
    s->out->rule = zf_assign_rule_name(s->tools.options->assign);
    return status;
}

/* Opens what the recorded run had, and looks for the building. */
static zf_status look(search *s, const zf_run_options *run, zf_error *error) {
    zf_status status = zf_why_tools_open(&s->tools, run, s->callbacks, error);
    if (status == ZF_OK)
        status = describe(s, error);
    if (status == ZF_OK)
        status = choose_fields(s, error);
    if (status == ZF_OK)
        status = read_buildings(s, error);
    if (status == ZF_OK && s->out->n_found == 0)
        status = not_found(s, error);
    free(s->fields);
    zf_why_tools_close(&s->tools);
    return status;
}

/* ---- the recorded job ---- */

/* Links the inputs into the temporary directory, and writes the SQL of the queries there. */
static zf_status lay_out(search *s, const zf_recorded_job *files, zf_error *error) {
    zf_status status = ZF_OK;
    for (size_t i = 0; status == ZF_OK && i < files->n; i++) {
        const zf_job_part *part = &files->parts[i];
        status = part->input != NULL
                     ? zf_temp_directory_link(&s->directory, part->path, part->input->found, error)
                     : zf_temp_directory_write(&s->directory, part->path, part->sql, error);
    }
    return status;
}

/* Turns the recorded job into options over the inputs that were found, and runs the search with them. */
static zf_status use_job(search *s, zf_error *error) {
    zf_recorded_job files = {0};
    zf_job *job = NULL;
    zf_status status = zf_recorded_job_make(&s->recorded, &files, error);
    if (status == ZF_OK)
        status = lay_out(s, &files, error);
    if (status == ZF_OK)
        status = zf_recorded_job_options(&s->recorded, &files, s->directory.path, &job, error);
    if (status == ZF_OK) {
        zf_run_options *run = zf_job_options(job);
        run->memory_bytes = s->options->memory_bytes;
        run->temp_dir = s->options->temp_dir;
        status = look(s, run, error);
    }
    zf_job_destroy(job);
    zf_recorded_job_deinit(&files);
    return status;
}

zf_status zf_why(const zf_why_options *options, const zf_callbacks *callbacks, zf_why_report *out,
                 zf_error *error) {
    search s = {.options = options, .callbacks = callbacks, .out = out};
    *out = (zf_why_report){0};
    zf_status status = parse_options(&s, error);
    if (status == ZF_OK)
        status = zf_report_arena_create(&out->storage, error);
    if (status != ZF_OK)
        return status;
    s.arena = out->storage;
    status = zf_recorded_read(options->result, callbacks, &s.recorded, error);
    if (status == ZF_OK)
        status = zf_temp_directory_create(options->temp_dir, &s.directory, error);
    if (status == ZF_OK)
        status = zf_recorded_find_all(&s.recorded, options->result, options->inputs, callbacks, s.arena,
                                      &out->missing, error);
    if (status == ZF_OK)
        status = use_job(&s, error);
    zf_temp_directory_remove(&s.directory);
    zf_recorded_deinit(&s.recorded);
    return status;
}

void zf_why_report_deinit(zf_why_report *report) {
    zf_report_arena_destroy(report->storage);
    *report = (zf_why_report){0};
}
