/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "cli/diff_report.h"
#include "cli/missing_inputs.h"
#include "cli/terminal.h"
#include "zonefold/replay.h"

#include <string.h>

enum { MAX_THREADS = 256 };

typedef struct replay_target {
    const char *inputs, *output, *temp_dir;
    size_t memory_bytes, n_threads;
    zf_cli_format format;
    bool is_quiet;
} replay_target;

#define AT(member) offsetof(replay_target, member)

static const zf_option options[] = {
    ZF_OPTION_INPUTS_AT(AT(inputs)),
    {.group = "Options",
     .name = "output",
     .short_name = 'o',
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "FILE",
     .offset = AT(output),
     .help = "Keep the new result in this file, which must not exist. Default: the new result is "
             "temporary."},
    {.group = "Options",
     .name = "memory",
     .parameter = "memory_bytes",
     .kind = ZF_OPTION_SIZE,
     .value = "SIZE",
     .offset = AT(memory_bytes),
     .help = "As for 'zonefold run'. It does not change the result."},
    {.group = "Options",
     .name = "temp-dir",
     .kind = ZF_OPTION_TEXT,
     .hint = ZF_HINT_FILE,
     .value = "DIR",
     .offset = AT(temp_dir),
     .help = "Directory for temporary files, including the new result. Default: TMPDIR, else /tmp."},
    {.group = "Options",
     .name = "threads",
     .parameter = "n_threads",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = MAX_THREADS,
     .offset = AT(n_threads),
     .help = "As for 'zonefold run'. It does not change the result."},
    ZF_OPTION_FORMAT_AT(AT(format)),
    ZF_OPTION_QUIET_AT(AT(is_quiet), ZF_QUIET_MESSAGES),
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_replay_table = {
    .command = "replay",
    .page = "zonefold-replay",
    .summary = "repeat the recorded run of a result and compare",
    .usage = "zonefold replay RESULT [OPTION]...",
    .description = "Finds the input files of a result by their SHA-256, runs the recorded job again, and "
                   "compares the content of both results as 'zonefold diff' does. Changed versions of "
                   "zonefold, its libraries and PROJ's grids are reported, but do not count as differences. "
                   "The exit status is 1 if anything differs, and 3 if an input file is not found.",
    .examples = "zonefold replay result.sqlite\n"
                "zonefold replay result.sqlite --inputs . --output again.sqlite",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

static bool has_changed(const zf_version_change *version) {
    return version->recorded == NULL || strcmp(version->recorded, version->now) != 0;
}

static void append_printable(zf_text *out, const char *text) {
    char shown[512];
    zf_text_append(out, zf_cli_printable(text, strlen(text), shown, sizeof shown));
}

static void append_crs_text(const zf_crs_change *crs, zf_text *out) {
    if (crs->kind != ZF_CHANGED) {
        zf_text_append_format(out, "%s: not recorded %s\n", crs->key,
                              crs->kind == ZF_ONLY_IN_A ? "now" : "then");
        return;
    }
    zf_text_append_format(out, "%s: ", crs->key);
    append_printable(out, crs->then != NULL ? crs->then : "not recorded");
    zf_text_append(out, " then, ");
    append_printable(out, crs->now != NULL ? crs->now : "not recorded");
    zf_text_append(out, " now\n");
}

static void append_text(const char *result, const zf_replay_report *replayed, const zf_diff_report *rows,
                        zf_text *out) {
    if (!replayed->is_same)
        zf_diff_report_append_tables(rows, &replayed->difference, out);
    for (size_t i = 0; i < replayed->n_versions; i++) {
        const zf_version_change *version = &replayed->versions[i];
        if (!has_changed(version))
            continue;
        zf_text_append_format(out, "%s: ", version->name);
        append_printable(out, version->recorded != NULL ? version->recorded : "not recorded");
        zf_text_append_format(out, " then, %s now\n", version->now);
    }
    for (size_t i = 0; i < replayed->n_crs; i++)
        append_crs_text(&replayed->crs[i], out);
    append_printable(out, result);
    zf_text_append(out, replayed->is_same ? ": the same content\n" : " and its replay differ\n");
}

/* "NAME": [THEN, NOW] */
static void append_change(zf_text *out, size_t i, const char *name, const char *then, const char *now) {
    zf_text_append(out, i > 0 ? ", " : "");
    zf_text_append_json(out, name);
    zf_text_append(out, ": [");
    zf_text_append_json(out, then);
    zf_text_append(out, ", ");
    zf_text_append_json(out, now);
    zf_text_append(out, "]");
}

static void append_json(const char *result, const char *output, const zf_replay_report *replayed,
                        const zf_diff_report *rows, zf_text *out) {
    zf_text_append(out, "{\n  \"a\": ");
    zf_text_append_json(out, result);
    zf_text_append(out, ",\n  \"b\": ");
    zf_text_append_json(out, output);
    zf_text_append_format(out, ",\n  \"is_same\": %s,\n  \"versions\": {",
                          replayed->is_same ? "true" : "false");
    for (size_t i = 0; i < replayed->n_versions; i++)
        append_change(out, i, replayed->versions[i].name, replayed->versions[i].recorded,
                      replayed->versions[i].now);
    zf_text_append(out, "},\n  \"crs\": {");
    for (size_t i = 0; i < replayed->n_crs; i++)
        append_change(out, i, replayed->crs[i].key, replayed->crs[i].then, replayed->crs[i].now);
    zf_text_append(out, "},\n  \"tables\": [");
    zf_diff_report_append_tables(rows, &replayed->difference, out);
    zf_text_append(out, "\n  ]\n}\n");
}

static zf_status put_report(const replay_target *target, const char *result, const zf_replay_report *replayed,
                            const zf_diff_report *rows, zf_error *error) {
    zf_text out = {0};
    if (target->format == ZF_CLI_JSON)
        append_json(result, target->output, replayed, rows, &out);
    else
        append_text(result, replayed, rows, &out);
    zf_status status = zf_cli_put(&out, error);
    zf_text_deinit(&out);
    return status;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const replay_target *target = user;
    const zf_replay_options wanted = {.result = operands->items[0],
                                      .inputs = target->inputs,
                                      .output = target->output,
                                      .temp_dir = target->temp_dir,
                                      .memory_bytes = target->memory_bytes,
                                      .n_threads = target->n_threads};
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_diff_report rows = {.is_json = target->format == ZF_CLI_JSON, .n_rows = ZF_DIFF_ROWS_BY_DEFAULT};
    zf_replay_report replayed;
    zf_status status = zf_replay(&wanted, &callbacks, zf_diff_report_row, &rows, &replayed, error);
    zf_terminal_clear(&terminal);
    if (status == ZF_OK)
        status = put_report(target, wanted.result, &replayed, &rows, error);
    if (status == ZF_OK)
        *out_exit = replayed.is_same ? 0 : ZF_CLI_EXIT_FINDINGS;
    else
        status =
            zf_cli_report_missing(status, error, &replayed.missing, zf_cli_replay_table.command, out_exit);
    zf_diff_report_deinit(&rows);
    zf_replay_report_deinit(&replayed);
    return status;
}

int zf_cli_replay(int argc, char *const *argv) {
    replay_target target = {0};
    return zf_cli_perform(&zf_cli_replay_table, argc, argv, &target, work);
}
