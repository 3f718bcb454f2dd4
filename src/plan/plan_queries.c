/* SPDX-License-Identifier: MIT */
/* The user's queries: their files are read, and their SELECTs say which columns of the scope they need. */
#include "plan/plan_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE_BYTES = 1 << 20, MAX_NAME_BYTES = 60 };

static zf_status refuse_file(const zf_question *question, const char *what, zf_error *error) {
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "--analysis-sql %s: cannot read the file '%s': %s", question->name, question->path,
                        what);
}

static zf_status refuse_errno(const zf_question *question, int cause, zf_error *error) {
    char words[128];
    return refuse_file(question, strerror_r(cause, words, sizeof words), error);
}

/* All of it, and a byte more where it is too long. */
static zf_status read_all(const zf_question *question, int fd, char *bytes, size_t *out_n, zf_error *error) {
    *out_n = 0;
    while (*out_n <= MAX_FILE_BYTES) {
        ssize_t n = read(fd, bytes + *out_n, MAX_FILE_BYTES + 1 - *out_n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse_errno(question, errno, error);
        if (n == 0)
            return ZF_OK;
        *out_n += (size_t)n;
    }
    return refuse_file(question, "it is longer than 1 MiB", error);
}

static zf_status read_file(zf_question *question, zf_arena *arena, zf_error *error) {
    zf_arena scratch;
    void *bytes = NULL;
    char *text = NULL;
    size_t n = 0;
    int fd = open(question->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse_errno(question, errno, error);
    zf_arena_init(&scratch, arena->budget, ZF_MEMORY_RECORD, 4096);
    zf_status st = zf_arena_alloc(&scratch, MAX_FILE_BYTES + 1, 1, &bytes, error);
    if (st == ZF_OK)
        st = read_all(question, fd, bytes, &n, error);
    (void)close(fd);
    if (st == ZF_OK && memchr(bytes, '\0', n) != NULL)
        st = refuse_file(question, "it holds bytes of zero, and is no text", error);
    if (st == ZF_OK)
        st = zf_arena_copy(arena, bytes, n, &text, error);
    if (st == ZF_OK && !zf_text_is_utf8(text))
        st = refuse_file(question, "it is not UTF-8", error);
    zf_arena_release(&scratch);
    question->sql = text;
    return st;
}

static zf_status read_option(const char *option, zf_arena *arena, zf_plan_queries *out, zf_error *error) {
    zf_select_named named;
    zf_question *question = &out->texts[out->n];
    zf_status st = zf_plan_parse_named(arena, "--analysis-sql", "NAME=FILE.sql, e.g. by_use=by_use.sql",
                                       option, &named, error);
    if (st != ZF_OK)
        return st;
    *question = (zf_question){.name = named.name, .path = named.text};
    out->n++;
    if (strlen(named.name) > MAX_NAME_BYTES)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "--analysis-sql '%s': the name is longer than %d bytes; choose another",
                            named.name, MAX_NAME_BYTES);
    return read_file(question, arena, error);
}

/* ZF_E_USAGE when an analysis has a table of a query's name. */
static zf_status check_tables(const zf_plan_queries *queries, const zf_plan_analyses *analyses,
                              zf_error *error) {
    for (size_t k = 0; k < queries->n; k++)
        for (size_t i = 0; i < analyses->n; i++) {
            const zf_analysis_job *job = &analyses->jobs[i];
            zf_text table = {0};
            if (job->analysis->table == NULL)
                continue;
            zf_analysis_job_name(job, job->analysis->table, &table);
            bool is_taken =
                table.bytes != NULL && zf_string_equal_nocase(table.bytes, queries->texts[k].name);
            zf_text_deinit(&table);
            if (is_taken)
                return zf_error_set(
                    error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                    "--analysis-sql '%s': --analysis %s has a table of that name; choose another",
                    queries->texts[k].name, job->analysis->name);
        }
    return ZF_OK;
}

static zf_status open_queries(const zf_scope *scope, const zf_plan_queries *queries, const char *temp_dir,
                              const zf_callbacks *callbacks, zf_budget *budget, zf_questions **out,
                              zf_error *error) {
    zf_column *columns = malloc(scope->n * sizeof *columns);
    if (columns == NULL)
        return zf_error_memory(error, scope->n * sizeof *columns, "the columns of queries");
    zf_scope_list(scope, columns);
    zf_questions_options options = {.columns = columns,
                                    .n_columns = scope->n,
                                    .questions = queries->texts,
                                    .n_questions = queries->n,
                                    .temp_dir = temp_dir,
                                    .callbacks = callbacks,
                                    .budget = budget};
    zf_status st = zf_questions_open(&options, out, error);
    free(columns);
    return st;
}

/* The columns that the queries read, which are then in use. */
static zf_status note_columns(const zf_questions *open, zf_arena *arena, zf_scope *scope,
                              zf_plan_queries *out, zf_error *error) {
    zf_status st = zf_plan_take(arena, scope->n, sizeof *out->columns, &out->columns, error);
    for (size_t i = 0; st == ZF_OK && i < scope->n; i++)
        if (zf_questions_use(open, i)) {
            out->columns[out->n_columns++] = i;
            scope->columns[i].is_used = true;
        }
    out->has_footprints = zf_questions_use_geometry(open);
    return st;
}

static zf_status note_results(const zf_questions *open, zf_arena *arena, zf_plan_queries *out,
                              zf_error *error) {
    zf_status st = zf_plan_take(arena, out->n, sizeof *out->results, &out->results, error);
    for (size_t k = 0; st == ZF_OK && k < out->n; k++) {
        zf_query_columns *result = &out->results[k];
        const size_t n = zf_questions_n_columns(open, k);
        st = zf_plan_take(arena, n, sizeof *result->names, &result->names, error);
        for (; st == ZF_OK && result->n < n; result->n++) {
            const char *name = zf_questions_column(open, k, result->n);
            char *copy = NULL;
            st = zf_arena_copy(arena, name, strlen(name), &copy, error);
            result->names[result->n] = copy;
        }
    }
    return st;
}

static void warn_of_footprints(const zf_scope *scope, const zf_callbacks *callbacks) {
    for (size_t i = 0; i < scope->n; i++)
        if (scope->columns[i].kind == ZF_SCOPE_KIND_FIELD &&
            zf_string_equal_nocase(scope->columns[i].column.name, "geom"))
            zf_log(
                callbacks, ZF_LOG_WARNING,
                "in --analysis-sql 'geom' means the footprint, not the building layer's field of that name");
}

zf_status zf_plan_make_queries(const zf_run_options *options, const zf_plan_analyses *analyses,
                               const zf_callbacks *callbacks, zf_arena *arena, zf_scope *scope,
                               zf_plan_queries *out, zf_error *error) {
    const size_t n = options->n_analysis_sqls;
    zf_questions *open = NULL;
    *out = (zf_plan_queries){.n = 0};
    if (n == 0)
        return ZF_OK;
    zf_status st = zf_plan_take(arena, n, sizeof *out->texts, &out->texts, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = read_option(options->analysis_sqls[i], arena, out, error);
    if (st == ZF_OK)
        st = check_tables(out, analyses, error);
    if (st == ZF_OK)
        st = open_queries(scope, out, options->temp_dir, callbacks, arena->budget, &open, error);
    if (st == ZF_OK)
        st = note_columns(open, arena, scope, out, error);
    if (st == ZF_OK)
        st = note_results(open, arena, out, error);
    if (st == ZF_OK && out->has_footprints)
        warn_of_footprints(scope, callbacks);
    zf_questions_close(open);
    return st;
}

zf_status zf_plan_open_queries(const zf_plan *plan, const zf_run_options *options,
                               const zf_callbacks *callbacks, zf_budget *budget, zf_questions **out,
                               zf_error *error) {
    *out = NULL;
    if (plan->queries.n == 0)
        return ZF_OK;
    return open_queries(&plan->scope, &plan->queries, options->temp_dir, callbacks, budget, out, error);
}
