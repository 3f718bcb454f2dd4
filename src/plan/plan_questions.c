/* SPDX-License-Identifier: MIT */
/* --analysis-sql: the files are read, and their SELECTs say which columns of the scope they need. */
#include "plan/plan_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

static zf_status read_file(zf_plan *p, zf_question *question, zf_error *error) {
    zf_arena scratch;
    void *bytes = NULL;
    char *text = NULL;
    size_t n = 0;
    int fd = open(question->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse_errno(question, errno, error);
    zf_arena_init(&scratch, p->arena.budget, ZF_MEMORY_RECORD, 4096);
    zf_status st = zf_arena_alloc(&scratch, MAX_FILE_BYTES + 1, 1, &bytes, error);
    if (st == ZF_OK)
        st = read_all(question, fd, bytes, &n, error);
    (void)close(fd);
    if (st == ZF_OK && memchr(bytes, '\0', n) != NULL)
        st = refuse_file(question, "it holds bytes of zero, and is no text", error);
    if (st == ZF_OK)
        st = zf_arena_copy(&p->arena, bytes, n, &text, error);
    if (st == ZF_OK && !zf_text_is_utf8(text))
        st = refuse_file(question, "it is not UTF-8", error);
    zf_arena_release(&scratch);
    question->sql = text;
    return st;
}

static zf_status take_question(zf_plan *p, const char *option, zf_error *error) {
    zf_select_named named;
    zf_question *question = &p->question_texts[p->n_questions];
    zf_status st = zf_plan_parse_named(p, "analysis-sql", "NAME=FILE.sql, e.g. by_use=by_use.sql", option,
                                       &named, error);
    if (st != ZF_OK)
        return st;
    *question = (zf_question){.name = named.name, .path = named.text};
    p->n_questions++;
    if (strlen(named.name) > MAX_NAME_BYTES)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "--analysis-sql '%s': the name is longer than %d bytes; choose another",
                            named.name, MAX_NAME_BYTES);
    return read_file(p, question, error);
}

static zf_status check_tables(const zf_plan *p, zf_error *error) {
    for (size_t k = 0; k < p->n_questions; k++)
        for (size_t i = 0; i < p->n_analyses; i++) {
            const zf_analysis_job *job = &p->analyses[i];
            zf_text table = {0};
            if (job->analysis->table == NULL)
                continue;
            zf_analysis_job_name(job, job->analysis->table, &table);
            bool is_taken =
                table.bytes != NULL && zf_string_equal_nocase(table.bytes, p->question_texts[k].name);
            zf_text_deinit(&table);
            if (is_taken)
                return zf_error_set(
                    error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                    "--analysis-sql '%s': --analysis %s has a table of that name; choose another",
                    p->question_texts[k].name, job->analysis->name);
        }
    return ZF_OK;
}

static void warn_of_footprints(const zf_plan *p, const zf_callbacks *callbacks) {
    for (size_t i = ZF_SCOPE_FIELDS; p->asks_footprints && i < p->first_computed; i++)
        if (zf_string_equal_nocase(p->scope[i].name, "geom"))
            zf_log(
                callbacks, ZF_LOG_WARNING,
                "in --analysis-sql 'geom' means the footprint, not the building layer's field of that name");
}

static zf_status note_columns(zf_plan *p, zf_error *error) {
    zf_status st = zf_plan_take(p, p->n_scope, sizeof *p->asked, &p->asked, error);
    for (size_t i = 0; st == ZF_OK && i < p->n_scope; i++)
        if (zf_questions_use(p->questions, i)) {
            p->asked[p->n_asked++] = i;
            p->is_used[i] = true;
        }
    p->asks_footprints = zf_questions_use_geometry(p->questions);
    return st;
}

zf_status zf_plan_read_questions(zf_plan *p, const zf_run_options *options, const zf_callbacks *callbacks,
                                 zf_error *error) {
    const size_t n = options->n_analysis_sqls;
    if (n == 0)
        return ZF_OK;
    zf_status st = zf_plan_take(p, n, sizeof *p->question_texts, &p->question_texts, error);
    for (size_t i = 0; st == ZF_OK && i < n; i++)
        st = take_question(p, options->analysis_sqls[i], error);
    if (st == ZF_OK)
        st = check_tables(p, error);
    zf_questions_options questions = {.columns = p->scope,
                                      .n_columns = p->n_scope,
                                      .questions = p->question_texts,
                                      .n_questions = p->n_questions,
                                      .temp_dir = options->temp_dir,
                                      .callbacks = callbacks,
                                      .budget = p->arena.budget};
    if (st == ZF_OK)
        st = zf_questions_open(&questions, &p->questions, error);
    if (st == ZF_OK)
        st = note_columns(p, error);
    if (st == ZF_OK)
        warn_of_footprints(p, callbacks);
    return st;
}

zf_status zf_plan_list_payload(zf_plan *p, zf_error *error) {
    zf_status st = zf_plan_take(p, p->n_carried + p->n_asked, sizeof *p->payload, &p->payload, error);
    if (st == ZF_OK)
        st = zf_plan_take(p, p->n_asked, sizeof *p->asked_at, &p->asked_at, error);
    if (st != ZF_OK)
        return st;
    for (size_t i = 0; i < p->n_carried; i++)
        p->payload[p->n_payload++] = p->carried[i];
    for (size_t i = 0; i < p->n_asked; i++) {
        size_t at = 0;
        if (p->asked[i] == ZF_SCOPE_FID) /* travels anyway */
            continue;
        while (at < p->n_payload && p->payload[at] != p->asked[i])
            at++;
        p->asked_at[i] = at;
        if (at == p->n_payload)
            p->payload[p->n_payload++] = p->asked[i];
    }
    return ZF_OK;
}
