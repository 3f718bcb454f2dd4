/* SPDX-License-Identifier: MIT */
/* The options that shape the result: by name, and as canonical JSON. */
#include "plan/job.h"
#include "analysis/analysis.h"
#include "os/archive_path.h"
#include "zonefold/job.h"

#include <stdlib.h>
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

/* ---- the options ---- */

/** How an option is stored and written. */
typedef enum job_kind {
    JOB_FILE,     /**< const char *; written without its directories */
    JOB_TEXT,     /**< const char * */
    JOB_FLAG,     /**< bool */
    JOB_CHOICE,   /**< an enum; written by its name, but for the first */
    JOB_LIST,     /**< const char *const * and a size_t */
    JOB_ANALYSES, /**< likewise; written in their one way of writing */
    JOB_QUERIES,  /**< likewise; written with their SQL */
} job_kind;

typedef struct job_option {
    const char *key;
    job_kind kind;
    size_t offset;              /**< in zf_run_options */
    size_t n_offset;            /**< of the number of elements of a list */
    const char *(*name)(int i); /**< of a choice: the i-th; "unknown" after the last */
} job_option;

static const char *assign_rule(int i) {
    return zf_assign_rule_name((zf_assign_rule)i);
}

static const char *measure_mode(int i) {
    return zf_measure_mode_name((zf_measure_mode)i);
}

static const char *buildings_out(int i) {
    return zf_buildings_out_name((zf_buildings_out)i);
}

static const char *on_invalid(int i) {
    return zf_on_invalid_name((zf_on_invalid)i);
}

#define AT(member)   offsetof(zf_run_options, member)
#define LIST(member) AT(member), AT(n_##member)

/* In the order in which they are written. */
static const job_option options_of_job[] = {
    {"zips", JOB_FILE, AT(zips), 0, NULL},
    {"zips-layer", JOB_TEXT, AT(zips_layer), 0, NULL},
    {"zip-field", JOB_TEXT, AT(zip_field), 0, NULL},
    {"zip-where", JOB_TEXT, AT(zip_where), 0, NULL},
    {"order-by", JOB_TEXT, AT(order_by), 0, NULL},
    {"zip-fields", JOB_LIST, LIST(zip_fields), NULL},
    {"combine", JOB_FLAG, AT(combine), 0, NULL},
    {"buildings", JOB_FILE, AT(buildings), 0, NULL},
    {"buildings-layer", JOB_TEXT, AT(buildings_layer), 0, NULL},
    {"zips-crs", JOB_TEXT, AT(zips_crs), 0, NULL},
    {"buildings-crs", JOB_TEXT, AT(buildings_crs), 0, NULL},
    {"encoding", JOB_TEXT, AT(encoding), 0, NULL},
    {"zips-encoding", JOB_TEXT, AT(zips_encoding), 0, NULL},
    {"buildings-encoding", JOB_TEXT, AT(buildings_encoding), 0, NULL},
    {"zips-open-option", JOB_LIST, LIST(zips_open_options), NULL},
    {"buildings-open-option", JOB_LIST, LIST(buildings_open_options), NULL},
    {"assign", JOB_CHOICE, AT(assign), 0, assign_rule},
    {"compute", JOB_LIST, LIST(computes), NULL},
    {"where", JOB_TEXT, AT(where), 0, NULL},
    {"rule", JOB_LIST, LIST(rules), NULL},
    {"stat", JOB_LIST, LIST(stats), NULL},
    {"analysis", JOB_ANALYSES, LIST(analyses), NULL},
    {"analysis-sql", JOB_QUERIES, LIST(analysis_sqls), NULL},
    {"top", JOB_LIST, LIST(tops), NULL},
    {"by", JOB_LIST, LIST(by), NULL},
    {"zip-compute", JOB_LIST, LIST(zip_computes), NULL},
    {"measure", JOB_CHOICE, AT(measure), 0, measure_mode},
    {"fields", JOB_LIST, LIST(fields), NULL},
    {"map-by", JOB_TEXT, AT(map_by), 0, NULL},
    {"title", JOB_TEXT, AT(title), 0, NULL},
    {"buildings-out", JOB_CHOICE, AT(buildings_out), 0, buildings_out},
    {"on-invalid", JOB_CHOICE, AT(on_invalid), 0, on_invalid},
};
enum { N_OPTIONS = sizeof options_of_job / sizeof *options_of_job };

const char *zf_job_key(size_t i) {
    return i < N_OPTIONS ? options_of_job[i].key : NULL;
}

static const job_option *option_of_key(const char *key) {
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (strcmp(options_of_job[i].key, key) == 0)
            return &options_of_job[i];
    return NULL;
}

bool zf_job_is_key(const char *key) {
    return option_of_key(key) != NULL;
}

/* ---- as JSON ---- */

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

/* The system and the inner path of a path into an archive, and of the archive its last part. */
static bool append_archive(const char *path, zf_text *out) {
    zf_archive_path parts;
    if (!zf_archive_path_split(path, &parts) || path[parts.inner_from] == '\0')
        return false;
    size_t end = parts.archive_from + parts.n_archive, start = end;
    while (start > parts.archive_from && path[start - 1] != '/')
        start--;
    const bool has_braces = path[parts.n_system] == '{';
    zf_text_append_n(out, path, parts.n_system);
    zf_text_append(out, has_braces ? "{" : "");
    zf_text_append_n(out, path + start, end - start);
    zf_text_append_format(out, "%s/%s", has_braces ? "}" : "", path + parts.inner_from);
    return true;
}

/* Last part of the path; a directory may be written with slashes at its end (file geodatabases). */
static void append_last_part(const char *path, zf_text *out) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    zf_text_append_n(out, path + start, end - start);
}

static void add_file(zf_text *out, const char *key, const char *path) {
    zf_text name = {0};
    if (path == NULL)
        return;
    if (!append_archive(path, &name))
        append_last_part(path, &name);
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

static void add_queries(zf_text *out, const zf_query *queries, size_t n) {
    if (n == 0)
        return;
    add_key(out, "analysis-sql");
    zf_text_append(out, "[");
    for (size_t i = 0; i < n; i++) {
        zf_text_append(out, i == 0 ? "{" : ",{");
        add_string(out, "name", queries[i].name);
        add_string(out, "sql", queries[i].sql);
        zf_text_append(out, "}");
    }
    zf_text_append(out, "]");
}

/* The option as the next member of the object, unless it has its default. */
static void add_option(zf_text *out, const job_option *option, const zf_run_options *options,
                       const zf_query *queries, size_t n_queries) {
    const char *member = (const char *)options + option->offset, *text = NULL;
    const char *const *items = NULL;
    size_t n = 0;
    int choice = 0;
    switch (option->kind) {
    case JOB_FILE:
    case JOB_TEXT:
        memcpy(&text, member, sizeof text);
        if (option->kind == JOB_FILE)
            add_file(out, option->key, text);
        else
            add_string(out, option->key, text);
        return;
    case JOB_FLAG:
        if (*(const bool *)member) {
            add_key(out, option->key);
            zf_text_append(out, "true");
        }
        return;
    case JOB_CHOICE:
        memcpy(&choice, member, sizeof choice);
        add_string(out, option->key, choice != 0 ? option->name(choice) : NULL);
        return;
    case JOB_LIST:
        memcpy(&items, member, sizeof items);
        memcpy(&n, (const char *)options + option->n_offset, sizeof n);
        add_list(out, option->key, items, n);
        return;
    case JOB_ANALYSES:
        add_analyses(out, options);
        return;
    case JOB_QUERIES:
        add_queries(out, queries, n_queries);
        return;
    }
}

void zf_job_to_json(const zf_run_options *options, const zf_query *queries, size_t n_queries, zf_text *out) {
    zf_text json = {0};
    zf_text_append(&json, "{");
    for (size_t i = 0; i < N_OPTIONS; i++)
        add_option(&json, &options_of_job[i], options, queries, n_queries);
    zf_text_append(&json, "}");
    if (json.bytes != NULL)
        zf_text_append_n(out, json.bytes, json.n);
    out->is_failed = out->is_failed || json.is_failed;
    zf_text_deinit(&json);
}

/* ---- options that own their values ---- */

struct zf_job {
    zf_arena arena;
    zf_run_options options;
};

zf_status zf_job_create(zf_job **out, zf_error *error) {
    zf_job *job = calloc(1, sizeof *job);
    *out = job;
    if (job == NULL)
        return zf_error_memory(error, sizeof *job, "a job");
    zf_arena_init(&job->arena, NULL, ZF_MEMORY_RECORD, 1024);
    return ZF_OK;
}

void zf_job_destroy(zf_job *job) {
    if (job != NULL)
        zf_arena_release(&job->arena);
    free(job);
}

zf_run_options *zf_job_options(zf_job *job) {
    return &job->options;
}

static zf_status set_choice(const job_option *option, const char *value, void *member, zf_error *error) {
    char parameter[ZF_ERROR_PARAMETER_BYTES] = "";
    for (int i = 0; strcmp(option->name(i), "unknown") != 0; i++)
        if (strcmp(option->name(i), value) == 0) {
            memcpy(member, &i, sizeof i);
            return ZF_OK;
        }
    for (size_t i = 0; option->key[i] != '\0' && i + 1 < sizeof parameter; i++)
        parameter[i] = option->key[i] == '-' ? '_' : option->key[i];
    zf_text names = {0};
    for (int i = 0; strcmp(option->name(i), "unknown") != 0; i++)
        zf_text_append_format(&names, "%s%s", i > 0 ? ", " : "", option->name(i));
    zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`%s` takes one of %s, not '%.200s'", parameter,
                 names.bytes != NULL ? names.bytes : "its names", value);
    zf_text_deinit(&names);
    return zf_error_parameter(error, ZF_E_USAGE, parameter);
}

/* Arrays of sizes 1, 2, 4, 8, ...: a larger one is taken when n is a power of two or 0. */
static zf_status append_element(zf_job *job, const job_option *option, const char *value, zf_error *error) {
    const char **items = NULL;
    size_t n = 0;
    char *members = (char *)&job->options;
    memcpy(&items, members + option->offset, sizeof items);
    memcpy(&n, members + option->n_offset, sizeof n);
    if ((n & (n - 1)) == 0) {
        const char **more = NULL;
        zf_status status = zf_arena_take(&job->arena, n == 0 ? 1 : 2 * n, sizeof *more, &more, error);
        if (status != ZF_OK)
            return status;
        if (n > 0)
            memcpy(more, items, n * sizeof *items);
        items = more;
    }
    items[n++] = value;
    memcpy(members + option->offset, &items, sizeof items);
    memcpy(members + option->n_offset, &n, sizeof n);
    return ZF_OK;
}

zf_status zf_job_add(zf_job *job, const char *key, const char *value, zf_error *error) {
    const job_option *option = option_of_key(key);
    if (option == NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "a job has no option '%.200s'", key);
    char *copy = NULL, *member = (char *)&job->options + option->offset;
    zf_status status = zf_arena_copy(&job->arena, value, strlen(value), &copy, error);
    if (status != ZF_OK)
        return status;
    switch (option->kind) {
    case JOB_FILE:
    case JOB_TEXT:
        memcpy(member, &copy, sizeof copy);
        return ZF_OK;
    case JOB_FLAG:
        if (strcmp(value, "true") != 0)
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "`%s` takes no '%.200s'", key, value);
        *(bool *)member = true;
        return ZF_OK;
    case JOB_CHOICE:
        return set_choice(option, value, member, error);
    case JOB_LIST:
    case JOB_ANALYSES:
    case JOB_QUERIES:
        break;
    }
    return append_element(job, option, copy, error);
}
