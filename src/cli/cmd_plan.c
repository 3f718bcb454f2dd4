/* SPDX-License-Identifier: MIT */
#include "cli/forecast_report.h"
#include "cli/terminal.h"

static zf_status plan(const zf_cli_run_target *target, zf_error *error) {
    const zf_run_options options = zf_cli_run_target_options(target);
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, target->verbosity, target->progress);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_plan_report report;
    zf_text text = {0};
    zf_status status = zf_plan_forecast(&options, &callbacks, &report, error);
    zf_terminal_clear(&terminal);
    if (status != ZF_OK)
        return status;
    if (target->format == ZF_CLI_JSON)
        zf_forecast_json(&report, &options, &text);
    else
        zf_forecast_text(&report, &options, &text);
    zf_plan_report_deinit(&report);
    status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    return status;
}

static zf_status work(void *user, const zf_option_list *operands, int *out_exit, zf_error *error) {
    const zf_cli_run_target *target = user;
    (void)operands, (void)out_exit;
    zf_status status = zf_cli_write_job(target, error);
    return status == ZF_OK ? plan(target, error) : status;
}

int zf_cli_plan(int argc, char *const *argv) {
    zf_cli_run_target target = {0};
    return zf_cli_perform(&zf_cli_plan_table, argc, argv, &target, work);
}
