/* SPDX-License-Identifier: MIT */
#include "cli/common_options.h"
#include "cli/diff_report.h"
#include "cli/terminal.h"

#include <string.h>

enum { MAX_ROWS = 1000000 };

typedef struct diff_target {
    zf_cli_format format;
    size_t n_rows;
    bool is_quiet;
} diff_target;

static const zf_option options[] = {
    {.group = "Options",
     .name = "rows",
     .kind = ZF_OPTION_NUMBER,
     .value = "N",
     .min = 1,
     .max = MAX_ROWS,
     .offset = offsetof(diff_target, n_rows),
     .help = "Number of rows of each table to list; all rows are counted. Default: 20."},
    ZF_OPTION_FORMAT_AT(offsetof(diff_target, format)),
    ZF_OPTION_QUIET_AT(offsetof(diff_target, is_quiet), ZF_QUIET_PROGRESS),
    ZF_OPTION_SHOW_HELP,
};

const zf_option_table zf_cli_diff_table = {
    .command = "diff",
    .page = "zonefold-diff",
    .summary = "list the differences between two result files",
    .usage = "zonefold diff A B [OPTION]...",
    .description = "Compares two result files table by table. Lists ZIPs and buildings that are only in one "
                   "of them, and those that changed, in which columns and by how much, and the versions, "
                   "options and inputs that explain the changes. The exit status is 1 if anything differs.",
    .examples = "zonefold diff before.sqlite after.sqlite\n"
                "zonefold diff --format json --rows 1000 before.sqlite after.sqlite",
    .operand = "RESULT",
    .operand_hint = ZF_HINT_FILE,
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

static void append_answer(const zf_difference *d, const char *a, const char *b, const zf_diff_report *report,
                          zf_text *out) {
    bool differs = zf_difference_is_any(d);
    if (report->is_json) {
        zf_text_append(out, "{\n  \"a\": ");
        zf_text_append_json(out, a);
        zf_text_append(out, ",\n  \"b\": ");
        zf_text_append_json(out, b);
        zf_text_append_format(out, ",\n  \"is_same\": %s,\n  \"tables\": [", differs ? "false" : "true");
    }
    zf_diff_report_append_tables(report, d, out);
    if (report->is_json)
        zf_text_append(out, "\n  ]\n}\n");
    else
        zf_text_append_format(out, "%s and %s %s\n", a, b, differs ? "differ" : "say the same");
}

/* The file's name without its directories. */
static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Calls the results by their files' names, or by their paths where both have one name. */
static void name_results(zf_diff_report *report, const char *a, const char *b) {
    const bool is_one_name = strcmp(name_of(a), name_of(b)) == 0;
    report->name_a = is_one_name ? a : name_of(a);
    report->name_b = is_one_name ? b : name_of(b);
}

static zf_status compare(const diff_target *target, const char *const *paths, int *out_exit,
                         zf_error *error) {
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, 0, ZF_CLI_PROGRESS_AUTO);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_diff_report report = {.is_json = target->format == ZF_CLI_JSON,
                             .n_rows = target->n_rows > 0 ? target->n_rows : ZF_DIFF_ROWS_BY_DEFAULT};
    zf_difference difference;
    zf_text text = {0};
    name_results(&report, paths[0], paths[1]);
    zf_status status = zf_diff(&(zf_diff_options){paths[0], paths[1]}, &callbacks, zf_diff_report_row,
                               &report, &difference, error);
    zf_terminal_clear(&terminal);
    if (status == ZF_OK) {
        append_answer(&difference, paths[0], paths[1], &report, &text);
        *out_exit = zf_difference_is_any(&difference) ? ZF_CLI_EXIT_FINDINGS : 0;
        zf_difference_deinit(&difference);
        status = zf_cli_put(&text, error);
    }
    zf_diff_report_deinit(&report);
    zf_text_deinit(&text);
    return status;
}

static zf_status work(void *target, const zf_option_list *operands, int *out_exit, zf_error *error) {
    return compare(target, operands->items, out_exit, error);
}

int zf_cli_diff(int argc, char *const *argv) {
    diff_target target = {0};
    return zf_cli_perform(&zf_cli_diff_table, argc, argv, &target, work);
}
