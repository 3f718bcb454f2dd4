/* SPDX-License-Identifier: MIT */
/* The options that shape the result, as canonical JSON. */
#include "plan/job.h"
#include "analysis/analysis.h"

#include <string.h>

static const char *pick(const char *const *names, size_t n, size_t value) {
    return value < n ? names[value] : "unknown";
}

const char *zf_assign_rule_name(zf_assign_rule rule) {
    static const char *const names[ZF_ASSIGN_END] = {"within",      "covered-by", "intersects", "centroid",
                                                     "inner-point", "largest",    "share"};
    return pick(names, ZF_ASSIGN_END, (size_t)rule);
}

const char *zf_measure_mode_name(zf_measure_mode mode) {
    static const char *const names[ZF_MEASURE_END] = {"auto", "geodesic", "planar"};
    return pick(names, ZF_MEASURE_END, (size_t)mode);
}

const char *zf_on_invalid_name(zf_on_invalid policy) {
    static const char *const names[ZF_INVALID_END] = {"repair", "skip", "fail"};
    return pick(names, ZF_INVALID_END, (size_t)policy);
}

const char *zf_buildings_out_name(zf_buildings_out what) {
    static const char *const names[ZF_BUILDINGS_END] = {"geometry", "attributes", "ids", "none"};
    return pick(names, ZF_BUILDINGS_END, (size_t)what);
}

bool zf_job_is_key(const char *key) {
    static const char *const keys[] = {
        "zips",      "zips-layer",      "zip-field",     "zip-where",     "order-by", "combine",
        "buildings", "buildings-layer", "zips-crs",      "buildings-crs", "encoding", "assign",
        "compute",   "where",           "rule",          "stat",          "analysis", "analysis-sql",
        "measure",   "fields",          "buildings-out", "on-invalid",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static void add_key(zf_text *out, const char *key) {
    if (out->n > 0 && out->bytes[out->n - 1] != '{')
        zf_text_append(out, ",");
    zf_text_append_json(out, key);
    zf_text_append(out, ":");
}

static void add_string(zf_text *out, const char *key, const char *value) {
    if (value == NULL)
        return;
    add_key(out, key);
    zf_text_append_json(out, value);
}

/* Last part of the path; a directory may be written with slashes at its end (file geodatabases). */
static void add_file(zf_text *out, const char *key, const char *path) {
    zf_text name = {0};
    if (path == NULL)
        return;
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    zf_text_append_n(&name, path + start, end - start);
    out->is_failed = out->is_failed || name.is_failed;
    add_string(out, key, name.bytes != NULL ? name.bytes : "");
    zf_text_deinit(&name);
}

static void add_list(zf_text *out, const char *key, const char *const *items, size_t n) {
    if (n == 0)
        return;
    add_key(out, key);
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, i == 0 ? "[" : ",");
        zf_text_append_json(out, items[i]);
    }
    zf_text_append(out, "]");
}

/* Each in its one way of writing; what is no analysis, as it is. */
static void add_analyses(zf_text *out, const zf_run_options *options) {
    zf_arena arena;
    if (options->n_analyses == 0)
        return;
    add_key(out, "analysis");
    zf_arena_init(&arena, NULL, ZF_MEMORY_RECORD, 1024);
    for (size_t i = 0; i < options->n_analyses; i++) {
        zf_analysis_job job;
        zf_text text = {0};
        if (zf_analysis_job_parse(options->analyses[i], &arena, &job, NULL) == ZF_OK)
            zf_analysis_job_write(&job, &text);
        else
            zf_text_append(&text, options->analyses[i]);
        zf_text_append(out, i == 0 ? "[" : ",");
        zf_text_append_json(out, text.bytes != NULL ? text.bytes : "");
        out->is_failed = out->is_failed || text.is_failed;
        zf_text_deinit(&text);
    }
    zf_arena_release(&arena);
    zf_text_append(out, "]");
}

static void add_questions(zf_text *out, const zf_query *questions, size_t n) {
    if (n == 0)
        return;
    add_key(out, "analysis-sql");
    zf_text_append(out, "[");
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, i == 0 ? "{" : ",{");
        add_string(out, "name", questions[i].name);
        add_string(out, "sql", questions[i].sql);
        zf_text_append(out, "}");
    }
    zf_text_append(out, "]");
}

static void add_layers(zf_text *out, const zf_run_options *options) {
    add_file(out, "zips", options->zips);
    add_string(out, "zips-layer", options->zips_layer);
    add_string(out, "zip-field", options->zip_field);
    add_string(out, "zip-where", options->zip_where);
    add_string(out, "order-by", options->order_by);
    if (options->combine) {
        add_key(out, "combine");
        zf_text_append(out, "true");
    }
    add_file(out, "buildings", options->buildings);
    add_string(out, "buildings-layer", options->buildings_layer);
    add_string(out, "zips-crs", options->zips_crs);
    add_string(out, "buildings-crs", options->buildings_crs);
    add_string(out, "encoding", options->encoding);
}

void zf_job_to_json(const zf_run_options *options, const zf_query *questions, size_t n_questions,
                    zf_text *out) {
    zf_text json = {0};
    zf_text_append(&json, "{");
    add_layers(&json, options);
    add_string(&json, "assign",
               options->assign != ZF_ASSIGN_WITHIN ? zf_assign_rule_name(options->assign) : NULL);
    add_list(&json, "compute", options->computes, options->n_computes);
    add_string(&json, "where", options->where);
    add_list(&json, "rule", options->rules, options->n_rules);
    add_list(&json, "stat", options->stats, options->n_stats);
    add_analyses(&json, options);
    add_questions(&json, questions, n_questions);
    add_string(&json, "measure",
               options->measure != ZF_MEASURE_AUTO ? zf_measure_mode_name(options->measure) : NULL);
    add_list(&json, "fields", options->fields, options->n_fields);
    add_string(&json, "buildings-out",
               options->buildings_out != ZF_BUILDINGS_GEOMETRY ? zf_buildings_out_name(options->buildings_out)
                                                               : NULL);
    add_string(&json, "on-invalid",
               options->on_invalid != ZF_INVALID_REPAIR ? zf_on_invalid_name(options->on_invalid) : NULL);
    zf_text_append(&json, "}");
    if (json.bytes != NULL)
        zf_text_append_n(out, json.bytes, json.n);
    out->is_failed = out->is_failed || json.is_failed;
    zf_text_deinit(&json);
}
