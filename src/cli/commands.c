/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <string.h>

static const zf_cli_command commands[] = {
    {&zf_cli_run_table, zf_cli_run},         {&zf_cli_plan_table, zf_cli_plan},
    {&zf_cli_inspect_table, zf_cli_inspect}, {&zf_cli_show_table, zf_cli_show},
    {&zf_cli_why_table, zf_cli_why},         {&zf_cli_export_table, zf_cli_export},
    {&zf_cli_verify_table, zf_cli_verify},   {&zf_cli_diff_table, zf_cli_diff},
    {&zf_cli_replay_table, zf_cli_replay},   {&zf_cli_archive_table, zf_cli_archive},
    {&zf_cli_help_table, zf_cli_help},
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

const zf_cli_command *zf_cli_commands(size_t *out_n) {
    *out_n = N_COMMANDS;
    return commands;
}

const zf_cli_command *zf_cli_command_by_name(const char *name) {
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].table->command, name) == 0)
            return &commands[i];
    return NULL;
}

const zf_option *zf_cli_option_of_parameter(const char *name, size_t n) {
    for (size_t c = 0; c < N_COMMANDS; c++)
        for (size_t i = 0; i < commands[c].table->n_options; i++)
            if (zf_option_is_parameter(&commands[c].table->options[i], name, n))
                return &commands[c].table->options[i];
    return NULL;
}

zf_status zf_cli_unknown_command(const char *name, zf_error *error) {
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].table->command;
    const char *near = zf_string_nearest(name, names, N_COMMANDS);
    if (strcmp(name, "version") == 0)
        near = "--version";
    if (near != NULL)
        return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
                            "unknown command '%.200s'; did you mean '%s'?", name, near);
    if (name[0] == '-')
        return zf_error_set(
            error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD,
            "unknown option '%.200s'; options come after the command, as in 'zonefold run %.200s'", name,
            name);
    return zf_error_set(error, ZF_E_USAGE, ZF_DOMAIN_ZONEFOLD, "unknown command '%.200s'", name);
}

int zf_cli_perform(const zf_option_table *table, int argc, char *const *argv, void *target,
                   zf_cli_work *work) {
    zf_error error = ZF_ERROR_INIT;
    zf_options_parsed parsed = {0};
    zf_text help = {0};
    int exit_status = 0;
    zf_status status = zf_options_parse(table, argc, argv, target, &parsed, &error);
    if (status == ZF_OK && parsed.wants_help) {
        zf_options_append_help(table, false, &help);
        status = zf_cli_put(&help, &error);
    } else if (status == ZF_OK) {
        status = work(target, &parsed.operands, &exit_status, &error);
    }
    zf_text_deinit(&help);
    zf_options_deinit(table, target, &parsed);
    return status == ZF_OK ? exit_status : zf_cli_fail(status, &error, table->command);
}
