/* SPDX-License-Identifier: MIT */
/* The user's queries: their files are read, and their SELECTs say which columns of the scope they need. */
#include "os/file.h"
#include "plan/plan_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE_BYTES = 1 << 20, MAX_NAME_BYTES = 60, MAX_TOP = 1000000 };

static zf_status refuse_file(const zf_query *query, const char *what, zf_error *error) {
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                        "`analysis_sqls` %s: cannot read the file '%s': %s", query->name, query->path, what);
}

static zf_status refuse_errno(const zf_query *query, int cause, zf_error *error) {
    char words[128];
    return refuse_file(query, strerror_r(cause, words, sizeof words), error);
}

/* All of it, and a byte more where it is too long. */
static zf_status read_all(const zf_query *query, int fd, char *bytes, size_t *out_n, zf_error *error) {
    *out_n = 0;
    while (*out_n <= MAX_FILE_BYTES) {
        ptrdiff_t n = zf_file_read(fd, bytes + *out_n, MAX_FILE_BYTES + 1 - *out_n);
        if (n < 0)
            return refuse_errno(query, errno, error);
        if (n == 0)
            return ZF_OK;
        *out_n += (size_t)n;
    }
    return refuse_file(query, "it is longer than 1 MiB", error);
}

static zf_status read_file(zf_query *query, zf_arena *arena, zf_error *error) {
    zf_arena scratch;
    void *bytes = NULL;
    char *text = NULL;
    size_t n = 0;
    int fd = zf_file_open(query->path);
    if (fd < 0)
        return refuse_errno(query, errno, error);
    zf_arena_init(&scratch, arena->budget, ZF_MEMORY_RECORD, 4096);
    zf_status st = zf_arena_alloc(&scratch, MAX_FILE_BYTES + 1, 1, &bytes, error);
    if (st == ZF_OK)
        st = read_all(query, fd, bytes, &n, error);
    (void)zf_file_close(fd);
    if (st == ZF_OK && memchr(bytes, '\0', n) != NULL)
        st = refuse_file(query, "it holds bytes of zero, and is no text", error);
    if (st == ZF_OK)
        st = zf_arena_copy(arena, bytes, n, &text, error);
    if (st == ZF_OK && !zf_text_is_utf8(text))
        st = refuse_file(query, "it is not UTF-8", error);
    zf_arena_release(&scratch);
    query->sql = text;
    return st;
}

bool zf_query_is_sql(const char *text) {
    static const char *const words[] = {"select", "with"};
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const size_t n = strlen(words[i]);
        if (strncasecmp(text, words[i], n) == 0 && text[n] != '\0' && strchr(" \t\r\n*('\"-[`", text[n]) != NULL)
            return true;
    }
    return false;
}

/** Takes the SQL of an option that holds it itself. */
static zf_status take_sql(zf_query *query, const char *sql, zf_error *error) {
    query->path = "its SQL";
    query->sql = sql;
    if (strlen(sql) > MAX_FILE_BYTES)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`analysis_sqls` %s: the SQL is longer than 1 MiB", query->name);
    return zf_text_is_utf8(sql) ? ZF_OK
                                : zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                               "`analysis_sqls` %s: the SQL is not UTF-8", query->name);
}

static zf_status read_option(const char *option, zf_arena *arena, zf_plan_queries *out, zf_error *error) {
    zf_named_expression named;
    zf_query *query = &out->texts[out->n];
    zf_status st = zf_plan_parse_named(arena, "`analysis_sqls`", "NAME=FILE.sql or NAME=SELECT ..., e.g. by_use=by_use.sql",
                                       option, &named, error);
    if (st != ZF_OK)
        return st;
    *query = (zf_query){.name = named.name, .path = named.text};
    out->n++;
    if (strlen(named.name) > MAX_NAME_BYTES)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`analysis_sqls` '%s': the name is longer than %d bytes; choose another",
                            named.name, MAX_NAME_BYTES);
    return zf_query_is_sql(named.text) ? take_sql(query, named.text, error) : read_file(query, arena, error);
}

/** Takes "N:MEASURE" apart; the measure is then in use. */
static zf_status parse_top(const char *option, zf_arena *arena, zf_scope *scope, unsigned long *out_n,
                           size_t *out_column, zf_error *error) {
    char *end = NULL, *name = NULL;
    errno = 0;
    *out_n = option[0] >= '0' && option[0] <= '9' ? strtoul(option, &end, 10) : 0;
    if (*out_n == 0 || errno != 0 || *out_n > MAX_TOP || *end != ':' || end[1] == '\0')
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`tops` '%s': expected N:MEASURE with N from 1 to %d, e.g. 10:area_m2", option, MAX_TOP);
    zf_status st = zf_arena_copy(arena, end + 1, strlen(end + 1), &name, error);
    if (st == ZF_OK)
        st = zf_scope_use(scope, "`tops`", zf_name_unquote(name), out_column, error);
    if (st != ZF_OK)
        return st;
    const zf_column *column = &scope->columns[*out_column].column;
    if (column->type == ZF_FIELD_TEXT)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`tops` %s: the field is a text; if its texts are numbers: `computes` h='number(\"%s\")' "
                            "(metres() for lengths with units), and `tops` %lu:h",
                            option, column->name, *out_n);
    if (!zf_field_type_is_number(column->type) || zf_string_equal_nocase(column->name, "geom"))
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "`tops` %s: '%s' is no number; name a measure, a field of numbers or a computed column",
                            option, column->name);
    return ZF_OK;
}

/** The SELECT of one of `tops`. Only the rows that it returns carry their footprints. */
static void append_top_sql(zf_text *sql, const char *measure, unsigned long n) {
    zf_text name = {0};
    zf_text_append_identifier(&name, measure);
    zf_text_append_format(sql,
                          "SELECT row_number() OVER (ORDER BY %s DESC, fid, rowid) AS \"rank\", fid, %s AS \"value\", "
                          "geom FROM building WHERE rowid IN (SELECT rowid FROM building WHERE %s IS NOT NULL ORDER BY "
                          "%s DESC, fid, rowid LIMIT %lu) ORDER BY 1",
                          name.bytes != NULL ? name.bytes : "", name.bytes != NULL ? name.bytes : "",
                          name.bytes != NULL ? name.bytes : "", name.bytes != NULL ? name.bytes : "", n);
    sql->is_failed = sql->is_failed || name.is_failed;
    zf_text_deinit(&name);
}

/** Adds the query of one of `tops`. */
static zf_status add_top(const char *option, zf_arena *arena, zf_scope *scope, zf_plan_queries *out,
                         zf_error *error) {
    unsigned long n = 0;
    size_t column = 0;
    zf_text name = {0}, sql = {0};
    char *kept_name = NULL, *kept_sql = NULL;
    zf_status st = parse_top(option, arena, scope, &n, &column, error);
    if (st != ZF_OK)
        return st;
    const char *measure = scope->columns[column].column.name;
    zf_text_append_format(&name, "top_%s", measure);
    append_top_sql(&sql, measure, n);
    if (name.is_failed || sql.is_failed)
        st = zf_error_memory(error, sql.n, "the SQL of `tops`");
    else if (name.n > MAX_NAME_BYTES)
        st = zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                          "`tops` %s: the table's name, %s, is longer than %d bytes; compute a column of a shorter name "
                          "with `computes`",
                          option, name.bytes, MAX_NAME_BYTES);
    if (st == ZF_OK)
        st = zf_arena_copy(arena, name.bytes, name.n, &kept_name, error);
    if (st == ZF_OK)
        st = zf_arena_copy(arena, sql.bytes, sql.n, &kept_sql, error);
    zf_text_deinit(&sql);
    zf_text_deinit(&name);
    for (size_t k = 0; st == ZF_OK && k < out->n; k++)
        if (zf_string_equal_nocase(out->texts[k].name, kept_name))
            return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                                "`tops` %s: the result has a table %s already; choose another measure or name", option,
                                kept_name);
    if (st == ZF_OK)
        out->texts[out->n++] = (zf_query){.name = kept_name, .path = "`tops`", .sql = kept_sql};
    return st;
}

/* ZF_E_USAGE when an analysis has a table of a query's name. */
static zf_status check_tables(const zf_plan_queries *queries, const zf_plan_analyses *analyses,
                              zf_error *error) {
    for (size_t k = 0; k < queries->n; k++)
        for (size_t i = 0; i < analyses->n; i++) {
            const zf_analysis_job *job = &analyses->jobs[i];
            zf_text table = {0};
            if (job->analysis->table.name == NULL)
                continue;
            zf_analysis_job_name(job, job->analysis->table.name, &table);
            bool is_taken =
                table.bytes != NULL && zf_string_equal_nocase(table.bytes, queries->texts[k].name);
            zf_text_deinit(&table);
            if (is_taken)
                return zf_error_set(
                    error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                    "`analysis_sqls` '%s': `analyses` %s has a table of that name; choose another",
                    queries->texts[k].name, job->analysis->name);
        }
    return ZF_OK;
}

/* Lists the columns of building, to be freed, and fills in the options of the queries. */
static zf_status make_options(const zf_scope *scope, const zf_plan_queries *queries, const char *temp_dir,
                              const zf_callbacks *callbacks, zf_budget *budget, zf_queries_options *out,
                              zf_column **out_columns, zf_error *error) {
    const size_t n = scope->n + scope->n_zip_columns;
    *out_columns = malloc(n * sizeof **out_columns);
    if (*out_columns == NULL)
        return zf_error_memory(error, n * sizeof **out_columns, "the columns of queries");
    zf_scope_list(scope, *out_columns);
    for (size_t k = 0; k < scope->n_zip_columns; k++)
        (*out_columns)[scope->n + k] = scope->zip_columns[k];
    *out = (zf_queries_options){.columns = *out_columns,
                                .n_columns = n,
                                .geometry_type = queries->geometry_type,
                                .queries = queries->texts,
                                .n_queries = queries->n,
                                .is_table_name = zf_output_has_table,
                                .temp_dir = temp_dir,
                                .callbacks = callbacks,
                                .budget = budget,
                                .process = queries->process};
    return ZF_OK;
}

/* Checks the queries. The columns that they read are then in use. */
static zf_status check(const zf_run_options *options, const zf_callbacks *callbacks, zf_arena *arena,
                       zf_scope *scope, zf_plan_queries *out, zf_error *error) {
    zf_column *columns = NULL;
    zf_queries_options queries;
    zf_queries_info info = {.n_used = 0};
    zf_status st =
        make_options(scope, out, options->temp_dir, callbacks, arena->budget, &queries, &columns, error);
    if (st == ZF_OK)
        st = zf_queries_check(&queries, arena, &info, error);
    free(columns);
    out->results = info.results;
    out->columns = info.used;
    out->n_columns = info.n_used;
    out->has_footprints = info.use_geometry;
    for (size_t i = 0; st == ZF_OK && i < info.n_used; i++)
        if (info.used[i] < scope->n)
            scope->columns[info.used[i]].is_used = true;
    return st;
}

static void warn_of_footprints(const zf_scope *scope, const zf_callbacks *callbacks) {
    for (size_t i = 0; i < scope->n; i++)
        if (scope->columns[i].kind == ZF_SCOPE_KIND_FIELD &&
            zf_string_equal_nocase(scope->columns[i].column.name, "geom"))
            zf_log(
                callbacks, ZF_LOG_WARNING,
                "in `analysis_sqls` 'geom' means the footprint, not the building layer's field of that name");
}

zf_status zf_plan_make_queries(const zf_run_options *options, const zf_plan_analyses *analyses,
                               const zf_callbacks *callbacks, zf_arena *arena, zf_scope *scope,
                               zf_plan_queries *out, zf_error *error) {
    const size_t n_own = options->n_analysis_sqls, n = n_own + options->n_tops;
    out->n = 0;
    if (n == 0)
        return ZF_OK;
    zf_status st = zf_plan_take(arena, n, sizeof *out->texts, &out->texts, error);
    for (size_t i = 0; st == ZF_OK && i < n_own; i++)
        st = read_option(options->analysis_sqls[i], arena, out, error);
    out->n_own = out->n;
    for (size_t i = 0; st == ZF_OK && i < options->n_tops; i++)
        st = add_top(options->tops[i], arena, scope, out, error);
    if (st == ZF_OK)
        st = check_tables(out, analyses, error);
    if (st == ZF_OK)
        st = check(options, callbacks, arena, scope, out, error);
    if (st == ZF_OK && out->has_footprints)
        warn_of_footprints(scope, callbacks);
    return st;
}

zf_status zf_plan_open_queries(const zf_plan *plan, const zf_run_options *options,
                               const zf_callbacks *callbacks, zf_budget *budget, zf_queries **out,
                               zf_error *error) {
    *out = NULL;
    if (plan->queries.n == 0)
        return ZF_OK;
    zf_column *columns = NULL;
    zf_queries_options queries;
    zf_status st = make_options(&plan->scope, &plan->queries, options->temp_dir, callbacks, budget, &queries,
                                &columns, error);
    if (st == ZF_OK)
        st = zf_queries_open(&queries, out, error);
    free(columns);
    return st;
}
