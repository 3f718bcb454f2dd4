/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/summary.h"
#include "cli/terminal.h"
#include "zonefold/project.h"

#include <stdio.h>

/** Adds the line of a ZIP; called by zf_run. */
static zf_status add_line(void *user, const zf_zip_line *line, zf_error *error) {
    zf_summary *summary = user;
    summary->n_zips++;
    if (summary->format != ZF_CLI_JSON)
        return zf_summary_text_add(summary, line, error);
    zf_summary_json_add(summary, line);
    return summary->zips.is_failed ? zf_error_memory(error, summary->zips.n, "the summary") : ZF_OK;
}

/** Prints the summary of a successful run. */
static zf_status put_summary(zf_summary *summary, const char *output, const zf_run_report *report,
                             zf_error *error) {
    zf_text text = {0};
    if (summary->format == ZF_CLI_JSON)
        zf_summary_json_append(summary, output, report, &text);
    else
        zf_summary_text_append(summary, output, report, &text);
    zf_status status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the result '%s' is complete, but not its summary", output);
    return ZF_OK;
}

static zf_status write_project(const zf_project_options *project, zf_error *error) {
    zf_status status = zf_project_write(project, error);
    if (status != ZF_OK)
        return zf_error_within(error, status, "the result '%s' is complete, but not its project",
                               project->result);
    return ZF_OK;
}

/* What --strict makes of a run that is done: the exit status. */
static int judge(const zf_cli_run_target *target, const zf_run_report *report) {
    char number[32];
    if (!target->is_strict || report->rejected == 0)
        return 0;
    fprintf(stderr,
            "zonefold: --strict: %s feature%s repaired, skipped or unusable; the result is written, and its "
            "table rejected_feature says which and why\n",
            zf_format_grouped(report->rejected, number), report->rejected == 1 ? " was" : "s were");
    return ZF_CLI_EXIT_FINDINGS;
}

static zf_status run(const zf_cli_run_target *target, int *out_exit_status, zf_error *error) {
    const zf_run_options options = zf_cli_run_target_options(target);
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, target->verbosity, target->progress);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_summary summary = {.format = target->format,
                          .has_conditions = options.where != NULL || options.n_rules > 0};
    zf_run_report report = {0};
    const zf_project_options project = {options.output, options.overwrite};
    zf_status status = target->has_project ? zf_project_check(&project, error) : ZF_OK;
    if (status == ZF_OK)
        status = zf_run(&options, &callbacks, add_line, &summary, &report, error);
    if (status == ZF_OK && target->has_project)
        status = write_project(&project, error);
    zf_terminal_clear(&terminal);
    if (status == ZF_OK)
        status = put_summary(&summary, options.output, &report, error);
    if (status == ZF_OK)
        *out_exit_status = judge(target, &report);
    zf_run_report_deinit(&report);
    zf_summary_deinit(&summary);
    return status;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const zf_cli_run_target *target = user;
    (void)operands;
    if (target->is_quiet && target->verbosity > 0)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "--quiet and --verbose contradict each other");
    zf_status status = zf_cli_write_job(target, error);
    return status == ZF_OK ? run(target, out_exit, error) : status;
}

int zf_cli_run(int argc, char *const *argv) {
    zf_cli_run_target target = {0};
    return zf_cli_perform(&zf_cli_run_table, argc, argv, &target, work);
}
