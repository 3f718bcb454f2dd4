/* SPDX-License-Identifier: MIT */
#include "cli/forecast_report.h"
#include "cli/terminal.h"

static zf_status plan(const zf_cli_run_target *target, zf_error *error) {
    const zf_run_options options = zf_cli_run_target_options(target);
    zf_terminal terminal;
    zf_terminal_init(&terminal, target->is_quiet, target->verbosity, target->progress);
    const zf_callbacks callbacks = zf_terminal_callbacks(&terminal);
    zf_forecast forecast;
    zf_text text = {0};
    zf_status status = zf_forecast_make(&options, &callbacks, &forecast, error);
    zf_terminal_clear(&terminal);
    if (status != ZF_OK)
        return status;
    if (target->format == ZF_CLI_JSON)
        zf_forecast_json(&forecast, &options, &text);
    else
        zf_forecast_text(&forecast, &options, &text);
    zf_forecast_deinit(&forecast);
    status = zf_cli_put(&text, error);
    zf_text_deinit(&text);
    return status;
}

int zf_cli_plan(int argc, char *const *argv) {
    zf_error error = ZF_ERROR_INIT;
    zf_cli_run_target target = {0};
    zf_options_parsed parsed = {0};
    zf_text help = {0};
    zf_status status = zf_options_parse(&zf_cli_plan_table, argc, argv, &target, &parsed, &error);
    if (status == ZF_OK && parsed.wants_help) {
        zf_options_append_help(&zf_cli_plan_table, &help);
        status = zf_cli_put(&help, &error);
    } else if (status == ZF_OK) {
        status = zf_cli_write_job(&target, &error);
        if (status == ZF_OK)
            status = plan(&target, &error);
    }
    zf_text_deinit(&help);
    zf_options_deinit(&zf_cli_plan_table, &target, &parsed);
    return status == ZF_OK ? 0 : zf_cli_fail(status, &error, zf_cli_plan_table.command);
}
