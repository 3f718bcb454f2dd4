/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "zonefold/version.h"

#include <string.h>

static const zf_option options[] = {
    {.group = "Options",
     .name = "help",
     .short_name = 'h',
     .kind = ZF_OPTION_HELP,
     .help = "Show this help."},
};

const zf_option_table zf_cli_help_table = {
    .command = "help",
    .page = "zonefold",
    .summary = "show the help of a command",
    .usage = "zonefold help [COMMAND]",
    .description = "Shows the help of a command. Without COMMAND, lists all commands.",
    .examples = "zonefold help\n"
                "zonefold help run",
    .operand = "COMMAND",
    .max_operands = 1,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
};

void zf_cli_append_overview(zf_text *out) {
    zf_text_append(out, "Usage: zonefold COMMAND [OPTION]...\n"
                        "       zonefold --version\n\n"
                        "Studies of buildings, ZIP by ZIP.\n\n"
                        "Commands:\n");
    size_t n;
    const zf_cli_command *commands = zf_cli_commands(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "  %-9s %s\n", commands[i].table->command, commands[i].table->summary);
    zf_text_append(out, "\nExamples:\n"
                        "  zonefold inspect buildings.gpkg\n");
    zf_text_append_format(out, "  %.*s\n", (int)strcspn(zf_cli_run_table.examples, "\n"),
                          zf_cli_run_table.examples);
    zf_text_append(out, "\nSee 'zonefold help COMMAND' for a command's options, and 'man zonefold-COMMAND' "
                        "for its full description.\n");
}

void zf_cli_append_versions(zf_text *out) {
    zf_text_append_format(out, "zonefold %s\n", zf_version());
    size_t n;
    const zf_library_version *libraries = zf_library_versions(&n);
    for (size_t i = 0; i < n; i++)
        zf_text_append_format(out, "%s %s\n", libraries[i].name, libraries[i].version);
}

int zf_cli_help(int argc, char *const *argv) {
    zf_error error = ZF_ERROR_INIT;
    zf_text text = {0};
    zf_options_parsed parsed = {0};
    int nothing = 0;
    zf_status status = zf_options_parse(&zf_cli_help_table, argc, argv, &nothing, &parsed, &error);
    const char *name = parsed.operands.n > 0 ? parsed.operands.items[0] : NULL;
    const zf_cli_command *command = name != NULL ? zf_cli_command_by_name(name) : NULL;
    if (status == ZF_OK && name != NULL && command == NULL && !parsed.wants_help)
        status = zf_cli_unknown_command(name, &error);
    if (status == ZF_OK) {
        if (parsed.wants_help)
            zf_options_append_help(&zf_cli_help_table, &text);
        else if (command != NULL)
            zf_options_append_help(command->table, &text);
        else
            zf_cli_append_overview(&text);
        status = zf_cli_put(&text, &error);
    }
    zf_text_deinit(&text);
    zf_options_deinit(&zf_cli_help_table, &nothing, &parsed);
    return status == ZF_OK ? 0 : zf_cli_fail(status, &error, NULL);
}
