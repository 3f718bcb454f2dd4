/* SPDX-License-Identifier: MIT */
#include "cli/diff_report.h"
#include "cli/recorded_job.h"
#include "cli/terminal.h"
#include "os/temp_directory.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_WITH_FINDINGS = 1, MAX_THREADS = 256 };

typedef struct replay_target {
    const char *inputs, *output, *temp_dir;
    size_t memory_bytes, n_threads;
    zf_cli_format format;
    bool is_quiet;
} replay_target;

#define AT(member) offsetof(replay_target, member)

static const zf_option options[] = {
    {.group = "Options",
     .name = "inputs",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "DIR",
     .offset = AT(inputs),
     .help =
         "Where the input files are, in DIR or below, whatever they are called now: they are known by size "
         "and SHA-256. Default: the directory of the result."},
    {.group = "Options",
     .name = "output",
     .short_name = 'o',
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "FILE",
     .offset = AT(output),
     .help = "Keep the new result here; the file must not exist. Default: it is temporary."},
    {.group = "Options",
     .name = "memory",
     .kind = ZF_OPTION_SIZE,
     .value = "SIZE",
     .offset = AT(memory_bytes),
     .help = "As of 'zonefold run'. It does not change the result."},
    {.group = "Options",
     .name = "temp-dir",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "DIR",
     .offset = AT(temp_dir),
     .help = "Directory for temporary files, the new result among them. Default: TMPDIR, else /tmp."},
    {.group = "Options",
     .name = "threads",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = MAX_THREADS,
     .offset = AT(n_threads),
     .help = "As of 'zonefold run'. It does not change the result."},
    {.group = "Options",
     .name = "format",
     .kind = ZF_OPTION_CHOICE,
     .choice = zf_cli_format_name,
     .offset = AT(format),
     .help = "Form of the answer on standard output. Default: text."},
    {.group = "Options",
     .name = "quiet",
     .short_name = 'q',
     .kind = ZF_OPTION_FLAG,
     .offset = AT(is_quiet),
     .help = "Nothing on standard error but warnings and errors."},
    {.group = "Options",
     .name = "help",
     .short_name = 'h',
     .kind = ZF_OPTION_HELP,
     .help = "Show this help."},
};

const zf_option_table zf_cli_replay_table = {
    .command = "replay",
    .page = "zonefold-replay",
    .summary = "run the recorded job of a result again and compare",
    .usage = "zonefold replay RESULT [OPTION]...",
    .description =
        "Finds the input files of a result by their SHA-256, runs the job that the result records again, and "
        "compares the contents as 'zonefold diff' does. Versions of zonefold and its libraries, and PROJ's "
        "grids, that have changed are told, but are no difference. Exit status 1 when anything differs, 3 "
        "when an input is not found.",
    .examples = "zonefold replay result.sqlite\n"
                "zonefold replay result.sqlite --inputs . --output again.sqlite",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

/** What a replay holds; its end gives all of it back. */
typedef struct replay {
    const replay_target *target;
    const char *result;
    char *inputs;
    char *output;
    zf_terminal terminal;
    zf_callbacks callbacks;
    zf_recorded recorded;
    zf_temp_directory directory;
    zf_diff_report report;
    zf_difference difference;
    uint64_t n_explaining[ZF_DIFFERENCE_KINDS]; /**< rows of run_info that say with what, and differ */
    zf_text crs; /**< those of them that speak of PROJ's operation and its grids */
} replay;

/* ---- running it ---- */

static zf_status lay_out(replay *r, zf_error *error) {
    zf_recorded_job job = {0};
    zf_status status = zf_recorded_job_make(&r->recorded, &job, error);
    for (size_t i = 0; status == ZF_OK && i < job.n; i++) {
        const zf_job_part *part = &job.parts[i];
        status = part->input != NULL
                     ? zf_temp_directory_link(&r->directory, part->path, part->input->found, error)
                     : zf_temp_directory_write(&r->directory, part->path, part->sql, error);
    }
    if (status == ZF_OK)
        status = zf_temp_directory_write(&r->directory, "job.yaml", job.job.bytes, error);
    zf_recorded_job_deinit(&job);
    return status;
}

static zf_status run_job(replay *r, const zf_cli_run_target *parsed, zf_error *error) {
    zf_run_options run = zf_cli_run_target_options(parsed);
    run.output = r->output;
    run.overwrite = false;
    run.memory_bytes = r->target->memory_bytes;
    run.n_threads = r->target->n_threads;
    run.temp_dir = r->target->temp_dir;
    return zf_pipeline_run(&run, &r->callbacks, NULL, NULL, NULL, error);
}

/* What was a run once can be no slip of the command line. */
static zf_status blame_record(const replay *r, zf_status status, zf_error *error) {
    if (status == ZF_E_USAGE) {
        error->status = status = ZF_E_INPUT;
        zf_error_within(error, status,
                        "the recorded job is none that zonefold can run (it was written by zonefold %s)",
                        zf_recorded_writer(&r->recorded));
    }
    return zf_error_within(error, status, "cannot replay '%.200s'", r->result);
}

static zf_status run_again(replay *r, zf_error *error) {
    zf_cli_run_target target = {0};
    zf_options_parsed parsed = {0};
    char *job = NULL;
    if (asprintf(&job, "%s/job.yaml", r->directory.path) < 0)
        return zf_error_memory(error, strlen(r->directory.path), "a path");
    char with_job[] = "--job", with_output[] = "--output";
    char *const words[] = {with_job, job, with_output, r->output};
    zf_status status =
        zf_options_parse(&zf_cli_run_table, sizeof words / sizeof *words, words, &target, &parsed, error);
    if (status == ZF_OK)
        status = run_job(r, &target, error);
    if (status != ZF_OK)
        status = blame_record(r, status, error);
    zf_options_deinit(&zf_cli_run_table, &target, &parsed);
    free(job);
    return status;
}

/* ---- comparing ---- */

static bool is_text(const zf_value *value, const char *text) {
    return value->kind == ZF_VALUE_TEXT && value->as.bytes.n == strlen(text) &&
           memcmp(value->as.bytes.bytes, text, value->as.bytes.n) == 0;
}

static bool is_version(const replay *r, const zf_value *key) {
    for (size_t i = 0; i < r->recorded.n_versions; i++)
        if (is_text(key, r->recorded.versions[i].name))
            return true;
    return false;
}

static bool has_changed(const zf_recorded_version *version) {
    return version->recorded == NULL || strcmp(version->recorded, version->now) != 0;
}

static bool is_another_proj(const replay *r) {
    for (size_t i = 0; i < r->recorded.n_versions; i++)
        if (strcmp(r->recorded.versions[i].name, "PROJ") == 0)
            return has_changed(&r->recorded.versions[i]);
    return false;
}

/* What grids PROJ has is a matter of the machine, and what it calls an operation one of its version; another
 * operation of the same version is a difference. Where coordinates moved otherwise, the tables differ. */
static const char *crs_key(const replay *r, const zf_value *key) {
    static const char *const keys[] = {"crs_grids", "crs_better", "crs_operation"};
    const size_t n = sizeof keys / sizeof *keys - (is_another_proj(r) ? 0 : 1);
    for (size_t i = 0; i < n; i++)
        if (is_text(key, keys[i]))
            return keys[i];
    return NULL;
}

static void append_json_text(const zf_value *value, zf_text *out) {
    zf_text copy = {0};
    if (value != NULL && value->kind == ZF_VALUE_TEXT)
        zf_text_append_n(&copy, (const char *)value->as.bytes.bytes, value->as.bytes.n);
    if (copy.bytes != NULL)
        zf_text_append_json(out, copy.bytes);
    else
        zf_text_append(out, "null");
    out->is_failed |= copy.is_failed;
    zf_text_deinit(&copy);
}

static void append_printable_text(const zf_value *value, zf_text *out) {
    char text[512];
    if (value != NULL && value->kind == ZF_VALUE_TEXT)
        zf_text_append(
            out, zf_cli_printable((const char *)value->as.bytes.bytes, value->as.bytes.n, text, sizeof text));
    else
        zf_text_append(out, "not recorded");
}

static void note_crs(replay *r, const char *key, const zf_row_difference *row) {
    const zf_value *then = row->n_changed > 0 ? &row->changed[0].a : NULL,
                   *now = row->n_changed > 0 ? &row->changed[0].b : NULL;
    zf_text *out = &r->crs;
    if (r->report.is_json) {
        zf_text_append_format(out, "%s\"%s\": [", out->n > 0 ? ", " : "", key);
        append_json_text(then, out);
        zf_text_append(out, ", ");
        append_json_text(now, out);
        zf_text_append(out, "]");
    } else if (row->n_changed == 0) {
        zf_text_append_format(out, "%s: not recorded %s\n", key, row->kind == ZF_ONLY_IN_A ? "now" : "then");
    } else {
        zf_text_append_format(out, "%s: ", key);
        append_printable_text(then, out);
        zf_text_append(out, " then, ");
        append_printable_text(now, out);
        zf_text_append(out, " now\n");
    }
}

static zf_status take_row(void *user, const zf_row_difference *row, zf_error *error) {
    replay *r = user;
    const bool is_info = strcmp(row->table, "run_info") == 0 && row->n_key == 1;
    const char *key = is_info ? crs_key(r, &row->key[0]) : NULL;
    if (key == NULL && !(is_info && is_version(r, &row->key[0])))
        return zf_diff_report_row(&r->report, row, error);
    if (key != NULL)
        note_crs(r, key, row);
    r->n_explaining[row->kind]++;
    return r->crs.is_failed ? zf_error_memory(error, r->crs.n, "the list of differences") : ZF_OK;
}

/* Other versions and grids explain what differs, and are no difference of their own. */
static void leave_out_explaining(replay *r) {
    for (size_t i = 0; i < r->difference.n_tables; i++) {
        zf_table_difference *table = &r->difference.tables[i];
        if (strcmp(table->name, "run_info") != 0)
            continue;
        for (int kind = 0; kind < ZF_DIFFERENCE_KINDS; kind++)
            table->n[kind] -= r->n_explaining[kind];
        for (size_t c = 0; c < table->n_columns; c++)
            if (strcmp(table->columns[c].name, "value") == 0)
                table->columns[c].n -= r->n_explaining[ZF_CHANGED];
    }
}

static void append_text(const replay *r, bool differs, zf_text *out) {
    char name[512], recorded[64];
    zf_cli_printable(r->result, strlen(r->result), name, sizeof name);
    if (differs)
        zf_diff_report_append_tables(&r->report, &r->difference, out);
    for (size_t i = 0; i < r->recorded.n_versions; i++) {
        const zf_recorded_version *version = &r->recorded.versions[i];
        const char *then = version->recorded != NULL ? version->recorded : "not recorded";
        if (has_changed(version))
            zf_text_append_format(out, "%s: %s then, %s now\n", version->name,
                                  zf_cli_printable(then, strlen(then), recorded, sizeof recorded),
                                  version->now);
    }
    zf_text_append(out, r->crs.bytes != NULL ? r->crs.bytes : "");
    zf_text_append_format(out, differs ? "%s and its replay differ\n" : "%s: the same content\n", name);
}

static void append_json(const replay *r, bool differs, zf_text *out) {
    zf_text_append(out, "{\n  \"a\": ");
    zf_text_append_json(out, r->result);
    zf_text_append(out, ",\n  \"b\": ");
    if (r->target->output != NULL)
        zf_text_append_json(out, r->target->output);
    else
        zf_text_append(out, "null");
    zf_text_append_format(out, ",\n  \"is_same\": %s,\n  \"versions\": {", differs ? "false" : "true");
    for (size_t i = 0; i < r->recorded.n_versions; i++) {
        const zf_recorded_version *version = &r->recorded.versions[i];
        zf_text_append(out, i > 0 ? ", " : "");
        zf_text_append_json(out, version->name);
        zf_text_append(out, ": [");
        if (version->recorded != NULL)
            zf_text_append_json(out, version->recorded);
        else
            zf_text_append(out, "null");
        zf_text_append(out, ", ");
        zf_text_append_json(out, version->now);
        zf_text_append(out, "]");
    }
    zf_text_append_format(out, "},\n  \"crs\": {%s", r->crs.bytes != NULL ? r->crs.bytes : "");
    zf_text_append(out, "},\n  \"tables\": [");
    zf_diff_report_append_tables(&r->report, &r->difference, out);
    zf_text_append(out, "\n  ]\n}\n");
}

static zf_status compare(replay *r, zf_text *out, int *out_exit, zf_error *error) {
    zf_status status = zf_diff(r->result, r->output, &r->callbacks, take_row, r, &r->difference, error);
    if (status != ZF_OK)
        return status;
    leave_out_explaining(r);
    bool differs = zf_difference_is_any(&r->difference);
    if (r->target->format == ZF_CLI_JSON)
        append_json(r, differs, out);
    else
        append_text(r, differs, out);
    zf_difference_deinit(&r->difference);
    *out_exit = differs ? EXIT_WITH_FINDINGS : 0;
    return ZF_OK;
}

/* ---- the command ---- */

static zf_status find_inputs(replay *r, zf_error *error) {
    r->inputs =
        r->target->inputs != NULL ? zf_string_copy(r->target->inputs) : zf_recorded_directory(r->result);
    if (r->inputs == NULL)
        return zf_error_memory(error, strlen(r->result), "a path");
    zf_status status = zf_recorded_find(&r->recorded, r->inputs, &r->callbacks, error);
    if (status == ZF_OK && r->recorded.n_missing > 0)
        status = zf_recorded_missing(&r->recorded, r->result, r->inputs, error);
    return status;
}

static zf_status name_output(replay *r, zf_error *error) {
    if (r->target->output != NULL)
        r->output = zf_string_copy(r->target->output);
    else if (asprintf(&r->output, "%s/result.sqlite", r->directory.path) < 0)
        r->output = NULL;
    return r->output != NULL ? ZF_OK : zf_error_memory(error, strlen(r->directory.path), "a path");
}

/* The directory comes first: its coming takes away what killed replays left, links to inputs among it, which
 * must not be found as inputs. */
static zf_status replay_it(replay *r, zf_text *out, int *out_exit, zf_error *error) {
    zf_status status = zf_temp_directory_create(r->target->temp_dir, &r->directory, error);
    if (status == ZF_OK)
        status = find_inputs(r, error);
    if (status == ZF_OK)
        status = lay_out(r, error);
    if (status == ZF_OK)
        status = name_output(r, error);
    if (status == ZF_OK)
        status = run_again(r, error);
    if (status == ZF_OK)
        status = compare(r, out, out_exit, error);
    zf_temp_directory_remove(&r->directory);
    return status;
}

static int replay_result(const replay_target *target, const char *result) {
    zf_error error = ZF_ERROR_INIT;
    zf_text out = {0};
    int exit_status = 0;
    replay *r = calloc(1, sizeof *r);
    if (r == NULL)
        return zf_cli_fail(zf_error_memory(&error, sizeof *r, "a replay"), &error, "replay");
    r->target = target;
    r->result = result;
    r->report.is_json = target->format == ZF_CLI_JSON;
    r->report.n_rows = ZF_DIFF_ROWS_BY_DEFAULT;
    zf_terminal_init(&r->terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    r->callbacks = zf_terminal_callbacks(&r->terminal);
    zf_status status = zf_recorded_read(result, &r->callbacks, &r->recorded, &error);
    if (status == ZF_OK)
        status = replay_it(r, &out, &exit_status, &error);
    zf_terminal_clear(&r->terminal);
    if (status == ZF_OK)
        status = zf_cli_put(&out, &error);
    if (status != ZF_OK)
        exit_status = zf_cli_fail(status, &error, zf_cli_replay_table.command);
    if (r->inputs != NULL && r->recorded.n_missing > 0 && status == ZF_E_INPUT &&
        error.domain == ZF_DOMAIN_ZONEFOLD)
        zf_recorded_say_missing(&r->recorded, r->inputs);
    zf_diff_report_deinit(&r->report);
    zf_recorded_deinit(&r->recorded);
    zf_text_deinit(&r->crs);
    zf_text_deinit(&out);
    free(r->inputs);
    free(r->output);
    free(r);
    return exit_status;
}

static zf_status work(void *target, const zf_option_list *operands, int *out_exit, zf_error *error) {
    (void)error; /* told already */
    *out_exit = replay_result(target, operands->items[0]);
    return ZF_OK;
}

int zf_cli_replay(int argc, char *const *argv) {
    replay_target target = {0};
    return zf_cli_perform(&zf_cli_replay_table, argc, argv, &target, work);
}
